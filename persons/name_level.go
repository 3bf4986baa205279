package persons

import (
	"slices"

	"github.com/jingban/jingban/persons/han"
)

// NameLevel is how two names stand to each other. Only NamesSame may be accepted
// without a person (domain/00-overview §3).
type NameLevel uint8

// The levels, from the strongest on.
const (
	NamesMissing NameLevel = iota
	NamesSame              // equal after NormalName
	NamesVariant           // equal once traditional and variant characters are folded
	NamesSound             // other characters that sound alike: 伟 and 玮
	NamesSwapped           // the same characters in another order
	NamesLost              // a character is missing, a "?", or a private code point
	NamesNear              // one character is another one, the surname or another character agrees
	NamesDifferent
)

// longestName is the number of characters that are compared; the rest of a
// longer name must be equal byte for byte, or the names are different.
const longestName = 32

// CompareNames compares two names that [NormalName] has given.
func CompareNames(a, b string) NameLevel {
	switch {
	case a == "" || b == "":
		return NamesMissing
	case a == b:
		return NamesSame
	}
	var left, right [longestName]rune
	x, okX := folded(a, &left)
	y, okY := folded(b, &right)
	if !okX || !okY {
		return NamesDifferent
	}
	if slices.Equal(x, y) {
		return NamesVariant
	}
	return compareFolded(x, y)
}

func folded(name string, into *[longestName]rune) ([]rune, bool) {
	n := 0
	for _, r := range name {
		if n == longestName {
			return nil, false
		}
		into[n] = han.Fold(r)
		n++
	}
	return into[:n], true
}

func compareFolded(x, y []rune) NameLevel {
	if len(x) != len(y) {
		if lostOne(x, y) || lostOne(y, x) {
			return NamesLost
		}
		return NamesDifferent
	}
	differ, sound, unreadable := 0, 0, 0
	for i := range x {
		switch {
		case x[i] == y[i]:
		case illegible(x[i]) || illegible(y[i]):
			unreadable++
		case han.SoundOf(x[i]) != 0 && han.SoundOf(x[i]) == han.SoundOf(y[i]):
			sound++
		default:
			differ++
		}
	}
	switch {
	case differ == 0 && unreadable == 0:
		return NamesSound
	case differ == 0 && unreadable < len(x):
		return NamesLost
	case rearranged(x, y):
		return NamesSwapped
	case differ == 1 && len(x) > 1 && unreadable+sound < len(x)-1:
		return NamesNear
	}
	return NamesDifferent
}

// illegible marks the places where a system could not write a character.
func illegible(r rune) bool {
	return r == '?' || r == '*' || r == '□' || r == '〓' || r == '\uFFFD' || han.Private(r)
}

// lostOne reports whether short is long without one character. A surname alone
// is no name.
func lostOne(short, long []rune) bool {
	if len(short)+1 != len(long) || len(short) < 2 {
		return false
	}
	for i := range short {
		if short[i] != long[i] {
			return slices.Equal(short[i:], long[i+1:])
		}
	}
	return true
}

// rearranged reports whether both hold the same characters.
func rearranged(x, y []rune) bool {
	var left, right [longestName]rune
	a, b := left[:copy(left[:], x)], right[:copy(right[:], y)]
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

// NameSound is a name as it is heard, for finding names that sound alike; equal
// names and variants give equal sounds. Characters without a known sound stand
// for themselves. It is 0 only for an empty name.
func NameSound(name string) uint64 {
	const offset, prime = 14695981039346656037, 1099511628211 // FNV-1a
	if name == "" {
		return 0
	}
	hash := uint64(offset)
	for _, r := range name {
		r = han.Fold(r)
		code := uint64(r)
		if sound := han.SoundOf(r); sound != 0 {
			code = uint64(sound) << 32
		}
		hash = (hash ^ code) * prime
		hash ^= hash >> 29
	}
	return hash
}
