package materials

import (
	"fmt"
	"slices"
	"strings"

	"github.com/jingban/jingban/casework"
)

// reason is one way employment can end and the words it is told by.
type reason struct {
	Code        string   `yaml:"code"`
	Involuntary string   `yaml:"involuntary"` // "yes", "no", or "person": somebody has to judge
	Zh          string   `yaml:"zh"`
	Basis       string   `yaml:"basis"`
	Words       []string `yaml:"words"`
}

// addReasons replaces the whole list: its order matters.
func (c *Catalog) addReasons(file string, text []byte) error {
	var f struct {
		Reasons []reason `yaml:"reasons"`
	}
	if err := casework.DecodeYAML(file, text, &f); err != nil {
		return err
	}
	for i, r := range f.Reasons {
		known := r.Involuntary == "yes" || r.Involuntary == "no" || r.Involuntary == "person"
		if r.Code == "" || r.Zh == "" || !known {
			place := casework.PlaceInYAML(file, text, fmt.Sprintf("$.reasons[%d].code", i))
			return fmt.Errorf("%s: reason %q: it needs code, zh and involuntary: yes, no or person", place, r.Code)
		}
	}
	c.reasons = f.Reasons
	return nil
}

// reasonOf finds the reason a text or a code stands for. Where one word says that
// it was the employee's will and another that it was not, a person judges.
func (c *Catalog) reasonOf(text string) (reason, bool) {
	said := plain(text)
	for _, r := range c.reasons {
		if said == r.Code {
			return r, true
		}
	}
	var told []reason
	for _, r := range c.reasons {
		if slices.ContainsFunc(r.Words, func(word string) bool { return affirmed(said, plain(word)) }) {
			told = append(told, r)
		}
	}
	if len(told) == 0 {
		return reason{}, false
	}
	first := told[0]
	if slices.ContainsFunc(told, func(r reason) bool { return r.Involuntary != first.Involuntary }) {
		first.Involuntary = "person"
	}
	return first, true
}

// affirmed says that a text holds a word without 非, 不 or 未 before it.
func affirmed(text, word string) bool {
	for from := 0; ; {
		at := strings.Index(text[from:], word)
		if at < 0 {
			return false
		}
		before := []rune(text[:from+at])
		near := string(before[max(0, len(before)-3):])
		if !strings.ContainsAny(near, "非不未无") {
			return true
		}
		from += at + len(word)
	}
}
