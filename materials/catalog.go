package materials

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"hash"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/jingban/jingban/casework"
)

//go:embed types/*.yaml matters/*.yaml sentences/*.yaml reasons.yaml bins.yaml
var ours embed.FS

// Catalog holds the types, matters, sentences and parameters the checks work
// with. It is never changed after Load and safe for concurrent use.
type Catalog struct {
	types     map[string][]*Type // versions by their first day
	matters   map[string][]*Matter
	sentences map[string]sentence
	pictures  map[string]Title // why a picture cannot be used, by code
	reasons   []reason
	bins      map[string][]*issue // by prefix
	params    casework.Params
	pages     *regexp.Regexp // page numbers as papers print them
	hash      string
}

// Load reads the embedded catalogue and then the agency's folders in order. A
// later type, matter or sentence replaces the earlier one of the same name.
// The parameters are ours and the last folder's. Errors name file and line.
func Load(fsys ...fs.FS) (*Catalog, error) {
	c := &Catalog{types: map[string][]*Type{}, matters: map[string][]*Matter{}, sentences: map[string]sentence{}, pictures: map[string]Title{}, bins: map[string][]*issue{}, pages: regexp.MustCompile(pagePattern)}
	sum := sha256.New()
	for _, source := range append([]fs.FS{ours}, fsys...) {
		if err := c.add(source, sum); err != nil {
			return nil, err
		}
	}
	if err := c.checkRules(); err != nil {
		return nil, err
	}
	var agency fs.FS
	if len(fsys) > 0 {
		agency = fsys[len(fsys)-1]
	}
	params, err := casework.LoadParams(agency)
	if err != nil {
		return nil, err
	}
	sum.Write([]byte(params.Hash()))
	c.params, c.hash = params, "sha256:"+hex.EncodeToString(sum.Sum(nil))
	return c, nil
}

// LoadTrying reads the embedded catalogue and one more type, and gives that type's
// name: what somebody who writes a type tries it with.
func LoadTrying(file string, text []byte) (*Catalog, string, error) {
	c, err := Load()
	if err != nil {
		return nil, "", err
	}
	if err := c.addType(file, text); err != nil {
		return nil, "", err
	}
	var t Type
	if err := casework.DecodeYAML(file, text, &t); err != nil {
		return nil, "", err
	}
	return c, t.Type, c.checkRules()
}

// checkRules refuses types and matters that name a rule without a sentence.
func (c *Catalog) checkRules() error {
	known := func(owner string, rules ...string) error {
		for _, rule := range rules {
			if _, ok := c.sentences[rule]; rule != "" && !ok {
				return fmt.Errorf("%s: rule %q has no sentence", owner, rule)
			}
		}
		return nil
	}
	for name, versions := range c.types {
		for _, t := range versions {
			if err := known("type "+name, append(rulesOf(t.Relates), t.Refuse)...); err != nil {
				return err
			}
		}
	}
	for name, versions := range c.matters {
		for _, m := range versions {
			if err := known("matter "+name, rulesOf(m.Relates)...); err != nil {
				return err
			}
		}
	}
	return nil
}

func rulesOf(relations []Relation) []string {
	var rules []string
	for _, r := range relations {
		rules = append(rules, r.Rule)
	}
	return rules
}

func (c *Catalog) add(source fs.FS, sum hash.Hash) error {
	steps := []struct {
		folder string
		load   func(file string, text []byte) error
	}{
		{".", c.addTable},
		{"sentences", c.addSentences},
		{"types", c.addType},
		{"matters", c.addMatter},
	}
	for _, step := range steps {
		err := casework.EachYAML(source, step.folder, func(file string, text []byte) error {
			fmt.Fprintf(sum, "%s %d\n", file, len(text))
			sum.Write(text)
			return step.load(file, text)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// addTable reads the single files of a folder.
func (c *Catalog) addTable(file string, text []byte) error {
	switch file {
	case "sentences.yaml":
		return c.addSentences(file, text)
	case "reasons.yaml":
		return c.addReasons(file, text)
	case "bins.yaml":
		return c.addBINs(file, text)
	}
	return fmt.Errorf("%s: want sentences.yaml, reasons.yaml, bins.yaml or the folders sentences, types, matters, params", file)
}

func (c *Catalog) addType(file string, text []byte) error {
	t := new(Type)
	if err := casework.DecodeYAML(file, text, t); err != nil {
		return err
	}
	if place, err := t.prepare(); err != nil {
		return fmt.Errorf("%s: %w", casework.PlaceInYAML(file, text, place), err)
	}
	c.types[t.Type] = withVersion(c.types[t.Type], t)
	return nil
}

func (c *Catalog) addMatter(file string, text []byte) error {
	m := new(Matter)
	if err := casework.DecodeYAML(file, text, m); err != nil {
		return err
	}
	if place, err := m.prepare(func(name string) bool { return len(c.types[name]) > 0 }, c.knowsRef); err != nil {
		return fmt.Errorf("%s: %w", casework.PlaceInYAML(file, text, place), err)
	}
	c.matters[m.Matter] = withVersion(c.matters[m.Matter], m)
	return nil
}

// knowsRef says that "type.field" is there in some version of the type.
func (c *Catalog) knowsRef(ref string) bool {
	kind, field, _ := strings.Cut(ref, ".")
	return slices.ContainsFunc(c.types[kind], func(t *Type) bool { return t.knows(field) })
}

// Schema gives the field names of every type, for the playbook linter.
func (c *Catalog) Schema() map[string][]string {
	schema := map[string][]string{}
	for name, versions := range c.types {
		schema[name] = nil
		for _, t := range versions {
			for _, f := range t.Fields {
				if !slices.Contains(schema[name], f.Name) {
					schema[name] = append(schema[name], f.Name)
				}
			}
		}
	}
	return schema
}

// dated is data that holds from a day on; the last day is open when it is zero.
type dated interface {
	comparable
	span() (from, to casework.Date)
	place() string // region it holds in; "" is the whole country
}

func (t *Type) span() (from, to casework.Date)   { return t.From, t.To }
func (m *Matter) span() (from, to casework.Date) { return m.From, m.To }

func (t *Type) place() string   { return "" }
func (m *Matter) place() string { return m.Region }

// withVersion adds a version; one of the same place that begins on the same day
// is replaced.
func withVersion[T dated](versions []T, v T) []T {
	begin, _ := v.span()
	same := func(other T) bool { from, _ := other.span(); return from == begin && other.place() == v.place() }
	return append(slices.DeleteFunc(slices.Clone(versions), same), v)
}

// inForce gives the version that holds on a day, the newest for the zero day,
// and the zero T when none does.
func inForce[T dated](versions []T, on casework.Date) T {
	var best, none T
	for _, v := range versions {
		from, to := v.span()
		if !on.IsZero() && (on.Before(from) || !to.IsZero() && to.Before(on)) {
			continue
		}
		if best == none {
			best = v
		} else if since, _ := best.span(); since.Before(from) {
			best = v
		}
	}
	return best
}

// typesOn gives every type in force on a day.
func (c *Catalog) typesOn(on casework.Date) map[string]*Type {
	types := map[string]*Type{}
	for name, versions := range c.types {
		if t := inForce(versions, on); t != nil {
			types[name] = t
		}
	}
	return types
}

// Title gives the name of a type or a matter in both languages; a name nobody
// knows is its own title.
func (c *Catalog) Title(name string) Title {
	if t := inForce(c.types[name], casework.Date{}); t != nil {
		return t.Title
	}
	if m, ok := c.Matter(name); ok {
		return m.Title
	}
	return Title{Zh: name, En: name}
}

// Matter gives the newest version of a matter, the country's where it has one.
func (c *Catalog) Matter(name string) (Matter, bool) {
	m := c.matterOn(name, "", casework.Date{})
	if m == nil {
		m = inForce(c.matters[name], casework.Date{})
	}
	if m == nil {
		return Matter{}, false
	}
	return *m, true
}

// Matters names every matter, sorted.
func (c *Catalog) Matters() []string { return slices.Sorted(maps.Keys(c.matters)) }

// matterOn gives the list that holds in a region on a day: the city's own, else
// the province's, else the country's.
func (c *Catalog) matterOn(name, region string, on casework.Date) *Matter {
	for _, place := range placesOf(region) {
		here := slices.DeleteFunc(slices.Clone(c.matters[name]), func(m *Matter) bool { return m.Region != place })
		if m := inForce(here, on); m != nil {
			return m
		}
	}
	return nil
}

// placesOf lists a region and what it lies in, the country ("") last.
func placesOf(region string) []string {
	if len(region) != 6 {
		return []string{""}
	}
	return []string{region, region[:4] + "00", region[:2] + "0000", ""}
}

func validRegion(code string) bool {
	_, err := strconv.ParseUint(code, 10, 32)
	return code == "" || err == nil && len(code) == 6
}

// Fields gives the fields of a type's newest version in the order of the paper,
// with their titles and kinds; none for a type nobody knows.
func (c *Catalog) Fields(kind string) []FieldRule {
	if t := inForce(c.types[kind], casework.Date{}); t != nil {
		return slices.Clone(t.Fields)
	}
	return nil
}

// Portrait says that a type is a picture of a face: what is asked of a paper's
// picture is not asked of it.
func (c *Catalog) Portrait(kind string) bool {
	t := inForce(c.types[kind], casework.Date{})
	return t != nil && t.Picture != nil
}

// Params gives the parameters the catalogue was loaded with.
func (c *Catalog) Params() casework.Params { return c.params }
