package link

import (
	"maps"
	"slices"

	"github.com/cespare/xxhash/v2"
)

// Level is the index of a level in its comparator's list; 0 is always "missing".
type level = uint8

// comparator is one way to look at a column.
type comparator struct {
	levels  []string // [0] missing, then from the strongest on; the last is no agreement at all
	normal  func(string) string
	compare func(a, b string) level
	keys    map[string]key // other things to block by than the value
	tf      bool           // a rare value is worth more than a frequent one
}

// key is what two values must have in common to be compared; 0 is nothing.
type key func(string) uint64

// of hashes a part of the value.
func of(part func(string) string) key { return func(value string) uint64 { return hash(part(value)) } }

// hash gives 0 for the empty text only.
func hash(text string) uint64 {
	if text == "" {
		return 0
	}
	return max(xxhash.Sum64String(text), 1)
}

// comparators is the whole list: one line each.
func comparators() map[string]comparator {
	return map[string]comparator{
		"name":           {levels: nameLevels(), normal: latin, compare: compareLatin, keys: latinKeys(), tf: true},
		"text":           {levels: textLevels(), normal: latin, compare: compareText, keys: latinKeys(), tf: true},
		"exact":          {levels: plainLevels(), normal: latin, compare: compareExact, tf: true},
		"sex":            {levels: plainLevels(), normal: sexOf, compare: compareExact},
		"date":           {levels: dateLevels(), normal: dateDigits, compare: compareDates, keys: dateKeys()},
		"number":         {levels: codeLevels(), normal: codeText, compare: compareCodes, tf: true},
		"code":           {levels: codeLevels(), normal: codeText, compare: compareCodes, keys: codeKeys(), tf: true},
		"postcode":       {levels: codeLevels(), normal: codeText, compare: compareCodes, keys: codeKeys(), tf: true},
		"phone":          {levels: codeLevels(), normal: phoneDigits, compare: compareCodes, keys: codeKeys()},
		"email":          {levels: codeLevels(), normal: latinCode, compare: compareEmails},
		"citizen_number": {levels: numberLevels(), normal: numberKey, compare: compareNumbers, keys: numberKeys()},
		"chinese_name":   {levels: chineseLevels(), normal: chineseName, compare: compareChinese, keys: chineseKeys(), tf: true},
	}
}

// comparatorNames lists what a configuration may say.
func comparatorNames() []string { return slices.Sorted(maps.Keys(comparators())) }

// same is the level of equal values in every comparator.
const same level = 1

func plainLevels() []string { return []string{"missing", "same", "different"} }

func compareExact(a, b string) level {
	switch {
	case a == "" || b == "":
		return 0
	case a == b:
		return same
	}
	return 2
}
