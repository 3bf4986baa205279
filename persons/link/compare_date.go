package link

import (
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/jingban/jingban/persons"
)

// The levels of dates. Swapped is day and month exchanged; slip one component
// wrong or one slip of the fingers; year only the year right.
func dateLevels() []string {
	return []string{"missing", "same", "swapped", "slip", "year", "different"}
}

const (
	dateSwapped level = iota + 2
	dateSlip
	dateYear
	dateDifferent
)

// dateDigits gives YYYYMMDD for what people and systems write: with any or no
// separator, year first or last (then the day comes first, unless it cannot).
// Text that is no date stays as its digits, to be compared all the same.
func dateDigits(text string) string {
	if len(text) == 8 && digitsOnly(text) {
		return text
	}
	if len(text) == 10 && text[4] == '-' && text[7] == '-' && digitsOnly(text[:4]) && digitsOnly(text[5:7]) && digitsOnly(text[8:]) {
		return text[:4] + text[5:7] + text[8:]
	}
	var part [3]string
	n := 0
	parts := strings.FieldsFuncSeq(norm.NFKC.String(text), func(r rune) bool { return r < '0' || r > '9' })
	for p := range parts {
		if n < 3 {
			part[n] = p
		}
		n++
	}
	switch {
	case n == 1 || n == 0:
		return part[0]
	case n >= 3 && len(part[0]) == 4:
		return part[0] + pad(part[1]) + pad(part[2])
	case n >= 3 && len(part[2]) == 4 && pad(part[1]) > "12":
		return part[2] + pad(part[0]) + pad(part[1])
	case n >= 3 && len(part[2]) == 4:
		return part[2] + pad(part[1]) + pad(part[0])
	}
	return part[0] + part[1] + part[2]
}

func pad(part string) string {
	if len(part) == 1 {
		return "0" + part
	}
	return part
}

func digitsOnly(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return true
}

func compareDates(a, b string) level {
	switch {
	case a == "" || b == "":
		return 0
	case a == b:
		return same
	case len(a) != 8 || len(b) != 8:
		if persons.OneSlip(a, b) {
			return dateSlip
		}
		return dateDifferent
	case a[:4] == b[:4] && a[4:6] == b[6:] && a[6:] == b[4:6]:
		return dateSwapped
	}
	equal := 0
	for _, part := range [3][2]int{{0, 4}, {4, 6}, {6, 8}} {
		if a[part[0]:part[1]] == b[part[0]:part[1]] {
			equal++
		}
	}
	switch {
	case equal == 2 || persons.OneSlip(a, b):
		return dateSlip
	case a[:4] == b[:4]:
		return dateYear
	}
	return dateDifferent
}

func dateKeys() map[string]key {
	return map[string]key{
		"year":     of(func(date string) string { return date[:min(4, len(date))] }),
		"monthday": of(func(date string) string { return date[min(4, len(date)):] }),
	}
}
