package link

import (
	"strings"

	"github.com/xrash/smetrics"
	"golang.org/x/text/unicode/norm"

	"github.com/jingban/jingban/persons"
)

// The levels of codes. A value that more records share than a person can explain
// is evidence of a household or an office, not of a person: it is "shared".
func codeLevels() []string {
	return []string{"missing", "same", "slip", "shared", "near", "different"}
}

const (
	codeSlip level = iota + 2
	codeShared
	codeNear
	codeDifferent
)

// codeText keeps letters and digits, upper case and half-width.
func codeText(text string) string {
	if plainCode(text) {
		return text
	}
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '.' || r == '/' {
			return -1
		}
		return r
	}, strings.ToUpper(norm.NFKC.String(strings.TrimSpace(text))))
}

func plainCode(text string) bool {
	for i := range len(text) {
		if c := text[i]; (c < '0' || c > '9') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return true
}

// phoneDigits keeps digits and drops a country or trunk prefix.
func phoneDigits(text string) string {
	code := codeText(text)
	if plainCode(code) && len(code) <= 11 {
		return code
	}
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, code)
	if len(digits) == 13 && strings.HasPrefix(digits, "86") {
		return digits[2:]
	}
	return digits
}

func compareCodes(a, b string) level {
	switch {
	case a == "" || b == "":
		return 0
	case a == b:
		return same
	case persons.OneSlip(a, b) && len(a)+len(b) > 2:
		return codeSlip
	case len(a) > 5 && len(b) > 5 && nearCode(a, b):
		return codeNear
	}
	return codeDifferent
}

// nearCode reports whether two slips make one code of the other.
func nearCode(a, b string) bool {
	if len(a) > len(b)+2 || len(b) > len(a)+2 {
		return false
	}
	equal := 0
	for i := range min(len(a), len(b)) {
		if a[i] == b[i] {
			equal++
		}
	}
	if equal+2 >= len(a) && len(a) == len(b) {
		return true
	}
	return len(a) != len(b) && smetrics.WagnerFischer(a, b, 1, 1, 1) <= 2
}

func compareEmails(a, b string) level {
	found := compareCodes(a, b)
	if found != codeDifferent {
		return found
	}
	left, _, okLeft := strings.Cut(a, "@")
	right, _, okRight := strings.Cut(b, "@")
	if okLeft && okRight && left == right && len(left) > 2 {
		return codeNear
	}
	return found
}

func codeKeys() map[string]key {
	return map[string]key{
		"head": of(func(code string) string { return code[:(len(code)+1)/2] }),
		"tail": of(func(code string) string { return code[len(code)/2:] }),
	}
}
