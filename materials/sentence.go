package materials

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/jingban/jingban/casework"
)

// sentence is what a rule says, with places in braces for values (see placeholders);
// personal values arrive masked. Our own lie in sentences/, a file each for uploaded
// files, single values, single documents, and what compares documents.
type sentence struct {
	Severity casework.Severity `yaml:"severity"` // of a sure reading; a doubtful one is never more than WARN
	Zh       string            `yaml:"zh"`       // for the citizen, as fix: short, plain, no codes
	En       string            `yaml:"en"`
	Basis    string            `yaml:"basis"`
	Fix      string            `yaml:"fix"`
	Doubt    bool              `yaml:"doubt"`  // it only asks for a person's look and accuses no paper of a fault
	Ground   bool              `yaml:"ground"` // a condition of the law fails: a person signs a refusal
}

// words fills a sentence: by the name in braces, in both languages.
type words map[string]Title

// same gives a word that is written alike in both languages.
func same(text string) Title { return Title{Zh: text, En: text} }

func placeholders() []string {
	return []string{"material", "field", "fields", "found", "expected", "places", "reason", "looks_like", "other"}
}

func (c *Catalog) addSentences(file string, text []byte) error {
	var f struct {
		Rules    map[string]sentence `yaml:"rules"`
		Pictures map[string]Title    `yaml:"pictures"`
	}
	if err := casework.DecodeYAML(file, text, &f); err != nil {
		return err
	}
	for rule, s := range f.Rules {
		if err := s.check(); err != nil {
			return fmt.Errorf("%s: rule %s: %w", casework.PlaceInYAML(file, text, "$.rules."+rule), rule, err)
		}
		c.sentences[rule] = s
	}
	for code, title := range f.Pictures {
		c.pictures[code] = title
	}
	return nil
}

func (s sentence) check() error {
	switch s.Severity {
	case casework.Block, casework.Warn, casework.Info:
	default:
		return fmt.Errorf("severity %q: want BLOCK, WARN or INFO", s.Severity)
	}
	if s.Zh == "" || s.En == "" || s.Basis == "" || s.Fix == "" {
		return fmt.Errorf("it needs zh, en, basis and fix")
	}
	for _, m := range regexp.MustCompile(`\{([^}]*)\}`).FindAllStringSubmatch(s.Zh+s.En+s.Fix, -1) {
		if !slices.Contains(placeholders(), m[1]) {
			return fmt.Errorf("{%s} is nothing that can be filled in", m[1])
		}
	}
	return nil
}

// say puts the rule's sentences into a finding. What the finding already has
// (severity, basis) stays.
func (c *Catalog) say(f casework.Finding, w words) casework.Finding {
	s := c.sentences[f.Rule]
	if f.Severity == "" {
		f.Severity = s.Severity
	}
	if f.Basis == "" {
		f.Basis = s.Basis
	}
	f.Found, f.Expected = w["found"].Zh, w["expected"].Zh
	f.Zh, f.Fix, f.En = fill(s.Zh, w, zh), fill(s.Fix, w, zh), fill(s.En, w, en)
	return f
}

func zh(t Title) string { return t.Zh }
func en(t Title) string { return t.En }

func fill(text string, w words, lang func(Title) string) string {
	var pairs []string
	for name, title := range w {
		pairs = append(pairs, "{"+name+"}", lang(title))
	}
	return begun(strings.NewReplacer(pairs...).Replace(text))
}

// begun begins a sentence with a capital, where its script has capitals.
func begun(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}

// list joins names as each language does.
func list(titles []Title) Title {
	var z, e []string
	for _, t := range titles {
		if !slices.Contains(z, t.Zh) {
			z, e = append(z, t.Zh), append(e, t.En)
		}
	}
	return Title{Zh: strings.Join(z, "、"), En: strings.Join(e, ", ")}
}
