package web

import (
	"encoding/json"
	"fmt"
	"strings"
)

// catalogue holds the sentences by language and key. Chinese is written first;
// a test keeps both complete.
type catalogue map[string]map[string]string

func readCatalogue() (catalogue, error) {
	all := catalogue{}
	for _, lang := range []string{"zh", "en"} {
		data, err := assets.ReadFile("locale/" + lang + ".json")
		if err != nil {
			return nil, fmt.Errorf("sentences: %w", err)
		}
		words := map[string]string{}
		if err := json.Unmarshal(data, &words); err != nil {
			return nil, fmt.Errorf("sentences of %s: %w", lang, err)
		}
		all[lang] = words
	}
	return all, nil
}

// text gives the sentence with {0}, {1}… filled in. A key that is missing shows
// itself, so that it is seen.
func (c catalogue) text(lang, key string, args ...any) string {
	text, ok := c[lang][key]
	if !ok {
		return key
	}
	for i, arg := range args {
		text = strings.ReplaceAll(text, fmt.Sprintf("{%d}", i), fmt.Sprint(arg))
	}
	return text
}

// word gives the name of a value, "state.case.created", or the value itself when
// the catalogue does not know it: values come from playbooks and systems, too.
func (c catalogue) word(lang, family, value string) string {
	if text, ok := c[lang][family+"."+value]; ok {
		return text
	}
	return value
}

// sentences say what happened, why, and what to do.
type sentences struct{ What, Why, Do string }

// sentences gives those of a fault or refusal. One that has none reads as an
// unknown fault that shows its code.
func (c catalogue) sentences(lang, code string, detail map[string]string) sentences {
	key := code
	if _, ok := c[lang]["fault."+code+".what"]; !ok {
		key = "unknown"
	}
	fill := func(part string) string {
		text := strings.ReplaceAll(c.text(lang, "fault."+key+"."+part), "{code}", code)
		for name, value := range detail {
			text = strings.ReplaceAll(text, "{"+name+"}", value)
		}
		return text
	}
	return sentences{What: fill("what"), Why: fill("why"), Do: fill("do")}
}

// Sentences says in a language, "zh" or "en", what a fault is, why, and what to
// do, for those who stand at a terminal. A sentence that wants a detail of the fault
// is left out. Known is false for a code without sentences.
func Sentences(lang, code string) (text string, known bool) {
	words, err := readCatalogue()
	if err != nil {
		return "", false // embedded: cannot happen
	}
	if _, known = words[lang]["fault."+code+".what"]; !known {
		return "", false
	}
	told := words.sentences(lang, code, nil)
	for _, sentence := range []string{told.What, told.Why, told.Do} {
		if !strings.Contains(sentence, "{") {
			text += sentence
		}
	}
	return text, true
}

// Word names a value of a family in a language, "zh" or "en": a role, a verdict,
// an outcome. It is "" for what has no name.
func Word(lang, family, value string) string {
	words, err := readCatalogue()
	if err != nil {
		return "" // embedded: cannot happen
	}
	return words[lang][family+"."+value]
}
