package materials

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/jingban/jingban/casework"
)

// Rule is one thing that can be found, as people choose it from a list.
type Rule struct {
	Name     string
	Severity casework.Severity // of a sure reading
	Title    Title             // its sentence with general words where values stand
	Basis    string
	Doubt    bool // it only asks for a person's look
}

// Rules gives every rule that has a sentence, by name.
func (c *Catalog) Rules() []Rule {
	hole, who := regexp.MustCompile(`\{[^}]*\}`), regexp.MustCompile(`[，；]由工作人员[^，；。]*|; a person [^.;]*`)
	open := func(text string, general ...string) string {
		return begun(hole.ReplaceAllString(strings.NewReplacer(general...).Replace(who.ReplaceAllString(text, "")), "…"))
	}
	var all []Rule
	for _, name := range slices.Sorted(maps.Keys(c.sentences)) {
		s := c.sentences[name]
		all = append(all, Rule{Name: name, Severity: s.Severity, Title: Title{
			Zh: open(s.Zh, "{material}", "材料", "{places}", "材料", "{field}", "某项", "{fields}", "某项"),
			En: open(s.En, "{material}", "a paper", "{places}", "a paper", "{field}", "value", "{fields}", "a value"),
		}, Basis: s.Basis, Doubt: s.Doubt})
	}
	return all
}

// Hash names the version of types, lists, sentences and parameters; every
// assessment carries it.
func (c *Catalog) Hash() string { return c.hash }

// Numbered is a value that one paper only has.
type Numbered struct {
	Ref   string // "death_certificate.certificate_number", as [Input].Elsewhere wants it
	Value string
}

// Unique gives the numbers of an assessment's papers that no other person's case
// may show, in the order of their types. A doubtful reading is none.
func (c *Catalog) Unique(a casework.Assessment) []Numbered {
	var all []Numbered
	for _, kind := range slices.Sorted(maps.Keys(a.Documents)) {
		for _, rule := range c.Fields(kind) {
			f := a.Documents[kind].Fields[rule.Name]
			if rule.Unique && f.Value != "" && f.Status != casework.FieldDoubtful {
				all = append(all, Numbered{kind + "." + rule.Name, plain(f.Value)})
			}
		}
	}
	return all
}
