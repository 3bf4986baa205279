package persons

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// NormalName gives a name as names are compared and stored: NFKC, without any
// spaces, with one kind of middle dot. Rare characters and private-use code
// points stay as they are: many a legacy system writes names with them.
func NormalName(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case isSpace(r):
			return -1
		case strings.ContainsRune("·•・.‧∙⋅●", r):
			return '·'
		}
		return r
	}, norm.NFKC.String(name))
}

// SameName reports whether two names are equal after [NormalName]. It is the
// only rule by which names may be accepted as equal without a person.
func SameName(a, b string) bool { return NormalName(a) == NormalName(b) }

// NearName reports whether two different names of the same length differ in one
// character only: likely enough a misreading that a person has to look, never
// enough to accept.
func NearName(a, b string) bool { return OneOff(NormalName(a), NormalName(b)) }

// OneOff reports whether two texts of the same length differ in exactly one character.
func OneOff(a, b string) bool {
	left, right := []rune(a), []rune(b)
	if len(left) != len(right) {
		return false
	}
	differing := 0
	for i := range left {
		if left[i] != right[i] {
			differing++
		}
	}
	return differing == 1
}

// isSpace counts the invisible joiners and marks among the spaces.
func isSpace(r rune) bool {
	return unicode.IsSpace(r) || r == '\u200b' || r == '\u200c' || r == '\u200d' || r == '\ufeff' || r == '\u2060'
}
