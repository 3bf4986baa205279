package persons

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Flaw says what is wrong with an identifier. It holds no personal data.
type Flaw string

// The flaws, in the order in which they are reported.
const (
	Length    Flaw = "LENGTH"
	Charset   Flaw = "CHARSET"
	BirthDate Flaw = "BIRTH_DATE" // no such day, in the future, or older than 120 years
	Checksum  Flaw = "CHECKSUM"
	Region    Flaw = "REGION" // the province prefix does not exist
)

// Error gives the flaw's name.
func (f Flaw) Error() string { return string(f) }

// plain takes an identifier as people type it: half-width, upper case, without
// spaces and hyphens.
func plain(text string) string {
	text = strings.ToUpper(norm.NFKC.String(text))
	return strings.Map(func(r rune) rune {
		if r == '-' || isSpace(r) {
			return -1
		}
		return r
	}, text)
}

func isDigits(text string) bool {
	for _, r := range text {
		if r < '0' || r > '9' {
			return false
		}
	}
	return true
}
