package link

import (
	"strings"
	"unicode"

	"github.com/xrash/smetrics"
	"golang.org/x/text/unicode/norm"

	"github.com/jingban/jingban/persons"
)

// The levels of names: near is what a slip or an ending makes of a name, close
// what sounds like it or begins alike. Winkler's similarity runs from 0 to 1; at
// .92 hardly two different names stand, at .84 nicknames and misspellings begin.
const (
	nearSimilarity  = 0.92
	closeSimilarity = 0.84
)

func nameLevels() []string {
	return []string{"missing", "same", "near", "swapped", "close", "different"}
}

func textLevels() []string {
	return []string{"missing", "same", "near", "reordered", "close", "different"}
}

const (
	nameNear level = iota + 2
	nameSwapped
	nameClose
	nameDifferent
)

// latin takes a text without case, accents, punctuation and double spaces.
func latin(text string) string {
	if plainASCII(text) {
		return text
	}
	var out strings.Builder
	gap := false
	for _, r := range norm.NFKD.String(text) {
		switch {
		case unicode.Is(unicode.Mn, r) || r == '\'' || r == '.':
			continue
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if gap && out.Len() > 0 {
				out.WriteByte(' ')
			}
			gap = false
			out.WriteRune(unicode.ToLower(r))
		default:
			gap = true
		}
	}
	return out.String()
}

// plainASCII reports whether latin would change nothing.
func plainASCII(text string) bool {
	for i := range len(text) {
		c := text[i]
		if c == ' ' && i > 0 && i+1 < len(text) && text[i+1] != ' ' {
			continue
		}
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

func latinCode(text string) string { return strings.ToLower(strings.Join(strings.Fields(text), "")) }

func compareLatin(a, b string) level {
	if a > b {
		a, b = b, a // Winkler's similarity depends on the order in rare cases
	}
	switch {
	case a == "" || b == "":
		return 0
	case a == b:
		return same
	case persons.OneSlip(a, b) && len(a)+len(b) > 5:
		return nameNear
	}
	switch similarity := smetrics.JaroWinkler(a, b, 0.7, 4); {
	case similarity >= nearSimilarity || joined(a, b):
		return nameNear
	case similarity >= closeSimilarity || similarity > 0.6 && sound(a) == sound(b):
		return nameClose
	}
	return nameDifferent
}

// joined reports whether only the spaces differ: "mac donald" and "macdonald".
func joined(a, b string) bool {
	return (strings.Contains(a, " ") || strings.Contains(b, " ")) && strings.ReplaceAll(a, " ", "") == strings.ReplaceAll(b, " ", "")
}

// compareText compares texts of several words: those of an address, or a whole
// name. Words that are all there in another order are reordered.
func compareText(a, b string) level {
	found := compareLatin(a, b)
	if found < nameClose || !strings.Contains(a, " ") && !strings.Contains(b, " ") {
		return found
	}
	shared, words := sharedWords(a, b)
	switch {
	case shared == words && strings.Count(a, " ") == strings.Count(b, " "):
		return nameSwapped // "reordered" here
	case shared*2 >= words:
		return nameClose
	}
	return found
}

// sharedWords counts the words of the shorter text that the longer one has too.
func sharedWords(a, b string) (shared, words int) {
	if strings.Count(a, " ") > strings.Count(b, " ") {
		a, b = b, a
	}
	for word := range strings.SplitSeq(a, " ") {
		words++
		if at := strings.Index(" "+b+" ", " "+word+" "); at >= 0 {
			shared++
		}
	}
	return shared, words
}

func latinKeys() map[string]key {
	return map[string]key{"sound": of(sound), "start": of(start)}
}

// sound is the Soundex of the first word, or the word itself when it has no Latin letters.
func sound(text string) string {
	word, _, _ := strings.Cut(text, " ")
	if word == "" || word[0] < 'a' || word[0] > 'z' {
		return word
	}
	return smetrics.Soundex(word)
}

// start is the first three letters.
func start(text string) string {
	n := 0
	for i := range text {
		if n == 3 {
			return text[:i]
		}
		n++
	}
	return text
}

func sexOf(text string) string {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "男", "男性", "m", "male", "1":
		return "m"
	case "女", "女性", "f", "female", "2":
		return "f"
	}
	return ""
}
