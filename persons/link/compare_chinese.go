package link

import (
	"strings"
	"unicode/utf8"

	"github.com/jingban/jingban/persons"
)

// numberLevels follow persons.NumberLevel.
func numberLevels() []string {
	return []string{"missing", "same", "upgraded", "doubtful", "slip", "near", "neighbour", "other", "unlike"}
}

func numberKey(text string) string {
	if len(text) == 18 && plainCode(text) {
		return text // as most are; what it is worth is asked when it is compared
	}
	return persons.ReadNumber(text).Key()
}

func compareNumbers(a, b string) level {
	if a == "" || b == "" {
		return 0
	}
	return level(persons.CompareNumbers(persons.NumberOfKey(a), persons.NumberOfKey(b)))
}

func numberKeys() map[string]key {
	return map[string]key{"whole": of(wholeNumber), "region": of(numberRegion), "tail": of(numberTail), "start": of(numberStart)}
}

// wholeNumber is the same for a number and its 15-digit form.
func wholeNumber(key string) string { return key[:min(len(key), 18)] }

// shortNumber is below what can be a number with a digit lost.
const shortNumber = 14

func numberRegion(key string) string {
	if len(key) < shortNumber {
		return ""
	}
	return key[:6]
}

// numberStart is place, year and month of birth.
func numberStart(key string) string {
	if len(key) < shortNumber {
		return ""
	}
	return key[:12]
}

func numberTail(key string) string {
	if len(key) < shortNumber {
		return ""
	}
	key = strings.TrimSuffix(key, "o") // an upgraded number
	return key[len(key)-4:]
}

// chineseLevels follow persons.NameLevel.
func chineseLevels() []string {
	return []string{"missing", "same", "variant", "sound", "swapped", "lost", "near", "different"}
}

func chineseName(text string) string {
	for _, r := range text {
		if r < '一' || r > '鿿' {
			return persons.NormalName(text)
		}
	}
	return text // nothing but common characters, as most names
}

func compareChinese(a, b string) level { return level(persons.CompareNames(a, b)) }

func chineseKeys() map[string]key {
	return map[string]key{"sound": persons.NameSound, "start": func(name string) uint64 {
		_, size := utf8.DecodeRuneInString(name)
		return persons.NameSound(name[:size])
	}}
}
