package materials

import (
	"fmt"
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

// reasonOf finds the reason a text or a code stands for.
func (c *Catalog) reasonOf(text string) (reason, bool) {
	said := plain(text)
	for _, r := range c.reasons {
		if said == r.Code {
			return r, true
		}
	}
	for _, r := range c.reasons {
		for _, word := range r.Words {
			if strings.Contains(said, plain(word)) {
				return r, true
			}
		}
	}
	return reason{}, false
}
