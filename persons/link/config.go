package link

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jingban/jingban/casework"
)

// Config says what to compare. Every part but Fields can be left out: records
// are then named by their row, blocks are chosen by the data, and the weight
// alone decides.
type Config struct {
	ID        string           `yaml:"id"` // column that names a record
	Fields    map[string]Field `yaml:"fields"`
	Blocks    []Block          `yaml:"blocks"`
	Rules     []Rule           `yaml:"rules"`
	Automatic float64          `yaml:"automatic"` // probability from which a pair is automatic, 0.995 when left out
	Review    float64          `yaml:"review"`    // probability from which a person looks, 0.5 when left out
	Months    List             `yaml:"months"`    // column of paid months: what a record is worth, for the review queue
	Money     List             `yaml:"money"`     // column of an amount in yuan: likewise
}

// Field is one thing to compare. Its key in the configuration is the column's
// name, unless Column says otherwise.
type Field struct {
	Compare  string `yaml:"compare"`
	Column   List   `yaml:"column"`    // the first of these the file has
	Swap     string `yaml:"swap"`      // the field this one may have been exchanged with
	Shared   int    `yaml:"shared"`    // a value of more records than this is "shared", no longer "same"
	SharedBy string `yaml:"shared_by"` // count different values of this field, not records
	Optional bool   `yaml:"optional"`  // the file may lack the column: always missing then
}

// Block names the fields that must agree, each as "field" or "field:part".
type Block []string

// Rule is one line of the decision table. The first rule that fits decides.
type Rule struct {
	Name   string          `yaml:"rule"`
	Zone   Zone            `yaml:"zone"`
	Level  string          `yaml:"level"`
	When   map[string]List `yaml:"when"`  // field → the levels that fit; "!x" is every level but x
	AtMost float64         `yaml:"below"` // the probability must be lower
	From   float64         `yaml:"from"`  // the probability must be at least this
}

// Zone is what becomes of a pair.
type Zone string

// The zones. A pair of no zone is not written.
const (
	Automatic Zone = "automatic"
	Review    Zone = "review"
	Veto      Zone = "veto"
)

// rank orders the zones as results list them.
func (z Zone) rank() int { return slices.Index([]Zone{Automatic, Review, Veto}, z) }

// List is one text or several.
type List []string

// UnmarshalYAML takes "a" for ["a"].
func (l *List) UnmarshalYAML(decode func(any) error) error {
	var one string
	if decode(&one) == nil {
		*l = List{one}
		return nil
	}
	var many []string
	if err := decode(&many); err != nil {
		return err
	}
	*l = many
	return nil
}

// ReadConfig decodes and checks a fields.yaml. Errors begin with file, line and
// column where there is one.
func ReadConfig(file string, text []byte) (Config, error) {
	var c Config
	if err := casework.DecodeYAML(file, text, &c); err != nil {
		return Config{}, err
	}
	if err := c.check(); err != nil {
		return Config{}, fmt.Errorf("%s: %w", file, err)
	}
	return c, nil
}

// maxFields is how many levels fit into a pattern.
const maxFields = 16

func (c *Config) check() error {
	if len(c.Fields) == 0 || len(c.Fields) > maxFields {
		return fmt.Errorf("fields: want 1 to %d of them, found %d", maxFields, len(c.Fields))
	}
	for name, field := range c.Fields {
		if _, known := comparators()[field.Compare]; !known {
			return fmt.Errorf("fields.%s.compare: %q is none of %s", name, field.Compare, strings.Join(comparatorNames(), ", "))
		}
		if err := c.checkSwap(name, field); err != nil {
			return err
		}
	}
	for i, block := range c.Blocks {
		for _, part := range block {
			if err := c.checkPart(part); err != nil {
				return fmt.Errorf("blocks[%d]: %w", i, err)
			}
		}
	}
	for i, rule := range c.Rules {
		if err := c.checkRule(rule); err != nil {
			return fmt.Errorf("rules[%d] %s: %w", i, rule.Name, err)
		}
	}
	return c.checkThresholds()
}

func (c *Config) checkThresholds() error {
	if c.Automatic == 0 {
		c.Automatic = 0.995
	}
	if c.Review == 0 {
		c.Review = 0.5
	}
	if c.Review < 0 || c.Review > c.Automatic || c.Automatic >= 1 {
		return fmt.Errorf("review %g, automatic %g: want 0 < review ≤ automatic < 1", c.Review, c.Automatic)
	}
	return nil
}

func (c *Config) checkSwap(name string, field Field) error {
	if _, ok := c.Fields[field.SharedBy]; field.SharedBy != "" && !ok {
		return fmt.Errorf("fields.%s.shared_by: no field %q", name, field.SharedBy)
	}
	if field.Swap == "" {
		return nil
	}
	other, ok := c.Fields[field.Swap]
	if !ok || other.Compare != "name" || field.Compare != "name" {
		return fmt.Errorf("fields.%s.swap: %q is no field that is compared as a name", name, field.Swap)
	}
	return nil
}

func (c *Config) checkPart(part string) error {
	name, which, has := strings.Cut(part, ":")
	field, ok := c.Fields[name]
	if !ok {
		return fmt.Errorf("%q is no field; want one of %s", name, strings.Join(slices.Sorted(maps.Keys(c.Fields)), ", "))
	}
	if keys := comparators()[field.Compare].keys; has && keys[which] == nil {
		return fmt.Errorf("%q: a %s can be cut into %s", part, field.Compare, strings.Join(slices.Sorted(maps.Keys(keys)), ", "))
	}
	return nil
}

func (c *Config) checkRule(rule Rule) error {
	if !slices.Contains([]Zone{Automatic, Review, Veto}, rule.Zone) {
		return fmt.Errorf("zone %q: want automatic, review or veto", rule.Zone)
	}
	for name, wanted := range rule.When {
		field, ok := c.Fields[name]
		if !ok {
			return fmt.Errorf("when.%s: no such field", name)
		}
		if _, err := levelMask(field.Compare, wanted); err != nil {
			return fmt.Errorf("when.%s: %w", name, err)
		}
	}
	return nil
}

// levelMask gives the set of levels as bits.
func levelMask(comparator string, wanted []string) (uint16, error) {
	levels := comparators()[comparator].levels
	var mask uint16
	for _, want := range wanted {
		name, not := strings.CutPrefix(want, "!")
		i := slices.Index(levels, name)
		switch {
		case i < 0:
			return 0, fmt.Errorf("%q is no level of %s; want one of %s", want, comparator, strings.Join(levels, ", "))
		case not:
			mask |= (1<<len(levels) - 1) &^ (1 << i)
		default:
			mask |= 1 << i
		}
	}
	return mask, nil
}
