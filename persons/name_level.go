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
	NamesNear              // half of the characters agree or sound alike, wherever they stand
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
	n, characters := 0, han.Read()
	for _, r := range name {
		if n == longestName {
			return nil, false
		}
		into[n] = characters.Fold(r)
		n++
	}
	return into[:n], true
}

func compareFolded(x, y []rune) NameLevel {
	switch {
	case len(x) == len(y):
		if level := compareInPlace(x, y); level != NamesDifferent {
			return level
		}
	case lostOne(x, y) || lostOne(y, x):
		return NamesLost
	}
	if 2*inCommon(x, y) >= max(len(x), len(y)) {
		return NamesNear
	}
	return NamesDifferent
}

// compareInPlace looks at names of the same length, character by character.
func compareInPlace(x, y []rune) NameLevel {
	differ, unreadable := 0, 0
	for i := range x {
		switch {
		case alike(x[i], y[i]):
		case illegible(x[i]) || illegible(y[i]):
			unreadable++
		default:
			differ++
		}
	}
	switch {
	case differ == 0 && unreadable == 0:
		return NamesSound
	case differ == 0 && unreadable < len(x):
		return NamesLost
	case inCommon(x, y) == len(x):
		return NamesSwapped
	}
	return NamesDifferent
}

// alike reports whether two characters are the same or are heard as the same.
func alike(x, y rune) bool {
	if x == y {
		return true
	}
	characters := han.Read()
	sound := characters.SoundOf(x)
	return sound != 0 && sound == characters.SoundOf(y)
}

// inCommon counts the characters of x that y has too, each of y's used once.
func inCommon(x, y []rune) int {
	var used [longestName]bool
	found := 0
	for _, r := range x {
		for i, other := range y {
			if !used[i] && alike(r, other) {
				used[i] = true
				found++
				break
			}
		}
	}
	return found
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

// NameSound is a name as it is heard, for finding names that sound alike; equal
// names and variants give equal sounds. Characters without a known sound stand
// for themselves. It is 0 only for an empty name.
func NameSound(name string) uint64 {
	const offset, prime = 14695981039346656037, 1099511628211 // FNV-1a
	if name == "" {
		return 0
	}
	hash, characters := uint64(offset), han.Read()
	for _, r := range name {
		r = characters.Fold(r)
		code := uint64(r)
		if sound := characters.SoundOf(r); sound != 0 {
			code = uint64(sound) << 32
		}
		hash = (hash ^ code) * prime
		hash ^= hash >> 29
	}
	return hash
}
