package materials

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jingban/jingban/casework"
)

// Title is a name in both languages.
type Title struct {
	Zh string `yaml:"zh"`
	En string `yaml:"en"`
}

// Type is how one kind of paper is recognised and read.
type Type struct {
	Type     string        `yaml:"type"`
	Title    Title         `yaml:"title"`
	From     casework.Date `yaml:"from"`
	To       casework.Date `yaml:"to"`
	Basis    string        `yaml:"basis"`
	Together []string      `yaml:"together"` // types that may share its page
	Shared   string        `yaml:"shared"`   // not asked for when data sharing has answered this
	Refuse   string        `yaml:"refuse"`   // rule broken by handing this in at all: it is never a material
	Picture  *PictureRule  `yaml:"picture"`  // a picture without text, recognised by its slot alone
	Need     float64       `yaml:"need"`     // weight of anchors a page must reach
	Anchors  []Anchor      `yaml:"anchors"`
	Ignore   []string      `yaml:"ignore"` // whole lines that say nothing
	Stops    []string      `yaml:"stops"`  // further labels, at which a value ends
	Seal     *SealRule     `yaml:"seal"`
	Printed  bool          `yaml:"printed"` // nobody fills it in: an absent value is a bad reading
	Common   bool          `yaml:"common"`  // it is nobody's own and lies in many cases by right: an employer's licence
	Alike    int           `yaml:"alike"`   // pictures of it that differ in no more bits of 255 are one picture; 0: two people's lie as near
	Fields   []FieldRule   `yaml:"fields"`
	Relates  []Relation    `yaml:"relates"` // between its own fields
	Checks   []string      `yaml:"checks"`

	labels []string        // all of Stops and Find, plain, the longest first
	free   map[string]bool // those of Find that people fill with sentences
	silent map[string]bool // Ignore, plain
}

// Anchor is a text or a pattern that speaks for a type, or against it when its
// weight is negative. It is looked for in the page without spaces; a title only
// in a short line in the upper part, because papers name other papers.
type Anchor struct {
	Text    string  `yaml:"text"`
	Title   string  `yaml:"title"`
	Pattern string  `yaml:"pattern"`
	Weight  float64 `yaml:"weight"`

	words []string       // any of them is a match
	room  int            // of a title: the characters its row may have
	match *regexp.Regexp // where it is more than words
}

// SealRule asks for a stamp.
type SealRule struct {
	Colour   string      `yaml:"colour"`
	Shapes   []string    `yaml:"shapes"`
	Issuer   string      `yaml:"issuer"`   // field whose value the ring must name, where the ring could be read
	Unless   []Condition `yaml:"unless"`   // not asked for when one of them holds
	Contains []string    `yaml:"contains"` // the ring holds one of these words: 户口专用章
	Basis    string      `yaml:"basis"`
}

// PictureRule is the size a picture must have.
type PictureRule struct {
	Width   int `yaml:"width"` // pixels
	Height  int `yaml:"height"`
	LeastKB int `yaml:"least_kb"` // of its file; 0: as few as it likes
	MostKB  int `yaml:"most_kb"`  // 0: as many
}

// Kind is what sort of value a field holds; it decides how the value is cut out
// of the text and how sure the reading must be.
type Kind string

// The kinds of values.
const (
	Text     Kind = "text"
	Name     Kind = "name"
	SexKind  Kind = "sex"
	Day      Kind = "date" // YYYY-MM-DD, or 长期
	IDNumber Kind = "id_number"
	Account  Kind = "account"
	Mobile   Kind = "mobile"
	Address  Kind = "address" // text that is masked

	CreditCode Kind = "uscc"
	Amount     Kind = "amount"    // figures; the value is yuan with two decimals
	Capitals   Kind = "capitals"  // 大写金额; the value is yuan with two decimals
	MonthKind  Kind = "month"     // YYYYMM
	Count      Kind = "count"     // a whole number
	Signature  Kind = "signature" // something stands there; nobody reads what
)

// FieldRule says where a field stands and what it looks like.
type FieldRule struct {
	Name     string      `yaml:"name"`
	Title    Title       `yaml:"title"`
	Kind     Kind        `yaml:"kind"`
	Required bool        `yaml:"required"`
	Present  bool        `yaml:"present"` // it must be there, though nothing rests on its exact words
	Unless   []Condition `yaml:"unless"`  // not asked for when one of them holds
	Person   string      `yaml:"person"`  // of a paper about two people: whose name or number it is
	Unique   bool        `yaml:"unique"`  // a number that one paper only has: nobody else's case may show it
	Part     int         `yaml:"part"`    // which date of several, from 1; 0 is 1
	Lines    int         `yaml:"lines"`   // a value may go on over so many lines; 0 is 1
	Find     []Find      `yaml:"find"`    // tried in order

	pattern *regexp.Regexp // of a value of its kind
}

// Find is one way to find a value. Exactly one of its keys is set.
type Find struct {
	RightOf []string `yaml:"right_of"` // behind the label: in the same line or the next ones of the row
	Cell    []string `yaml:"cell"`     // only the cell right of the label
	Below   []string `yaml:"below"`    // under the label
	Pattern string   `yaml:"pattern"`  // group "value", over the rows without spaces
	Part    int      `yaml:"part"`     // overrides the field's

	match *regexp.Regexp
}

func (f Find) labels() []string {
	return append(append(append([]string{}, f.RightOf...), f.Cell...), f.Below...)
}

// prepare compiles what is written as text and checks it. The place of a mistake
// is a YAML path below the file's root.
func (t *Type) prepare() (place string, err error) {
	switch {
	case t.Type == "":
		return "$", fmt.Errorf("type: it needs a name")
	case t.Title.Zh == "" || t.Title.En == "":
		return "$.type", fmt.Errorf("type %s: it needs a title in zh and en", t.Type)
	case t.Basis == "":
		return "$.type", fmt.Errorf("type %s: it needs its legal basis", t.Type)
	case t.Picture == nil && (t.Need <= 0 || len(t.Anchors) == 0):
		return "$.type", fmt.Errorf("type %s: it needs anchors and a weight above 0 to reach", t.Type)
	}
	for i := range t.Anchors {
		if err := t.Anchors[i].prepare(); err != nil {
			return fmt.Sprintf("$.anchors[%d]", i), err
		}
	}
	if place, err := t.prepareFields(); err != nil {
		return place, err
	}
	for i := range t.Relates {
		if err := t.Relates[i].prepare(t.knows); err != nil {
			return fmt.Sprintf("$.relates[%d]", i), err
		}
	}
	for i, name := range t.Checks {
		if _, ok := documentChecks()[name]; !ok {
			return fmt.Sprintf("$.checks[%d]", i), fmt.Errorf("check %q does not exist", name)
		}
	}
	t.labels, t.free, t.silent = allLabels(t), freeLabels(t), map[string]bool{}
	for _, s := range t.Ignore {
		t.silent[plain(s)] = true
	}
	return "", nil
}

func (a *Anchor) prepare() error {
	given := 0
	for _, text := range []string{a.Text, a.Title, a.Pattern} {
		if text != "" {
			given++
		}
	}
	switch {
	case given != 1:
		return fmt.Errorf("anchor: want exactly one of text, title and pattern")
	case a.Pattern == "":
		a.words = []string{plain(a.Text + a.Title)}
		a.room = utf8.RuneCountInString(a.words[0]) + titleLength
		return nil
	case !strings.ContainsAny(a.Pattern, `\.+*?()[]{}^$`):
		a.words = strings.Split(a.Pattern, "|") // far faster than an expression
		return nil
	}
	var err error
	if a.match, err = regexp.Compile(a.Pattern); err != nil {
		return fmt.Errorf("anchor: %w", err)
	}
	return nil
}

func (a Anchor) matches(text string) bool {
	if a.match != nil {
		return a.match.MatchString(text)
	}
	return slices.ContainsFunc(a.words, func(w string) bool { return strings.Contains(text, w) })
}

func (t *Type) prepareFields() (place string, err error) {
	seen := map[string]bool{}
	for i := range t.Fields {
		f := &t.Fields[i]
		place := fmt.Sprintf("$.fields[%d].name", i)
		switch {
		case f.Name == "" || seen[f.Name]:
			return place, fmt.Errorf("field %q: want a name that comes once", f.Name)
		case !knownKind(f.Kind):
			return place, fmt.Errorf("field %s: kind %q does not exist", f.Name, f.Kind)
		case f.Title.Zh == "" || f.Title.En == "" || len(f.Find) == 0:
			return place, fmt.Errorf("field %s: it needs a title in zh and en and a way to find it", f.Name)
		}
		seen[f.Name], f.pattern = true, regexp.MustCompile(patternFor(f.Kind))
		for j := range f.Find {
			if err := f.Find[j].prepare(); err != nil {
				return fmt.Sprintf("$.fields[%d].find[%d]", i, j), fmt.Errorf("field %s: %w", f.Name, err)
			}
		}
	}
	return "", nil
}

func (f *Find) prepare() error {
	ways := 0
	for _, set := range []bool{len(f.RightOf) > 0, len(f.Cell) > 0, len(f.Below) > 0, f.Pattern != ""} {
		if set {
			ways++
		}
	}
	if ways != 1 {
		return fmt.Errorf("find: want exactly one of right_of, cell, below, pattern")
	}
	if f.Pattern == "" {
		return nil
	}
	match, err := regexp.Compile(f.Pattern)
	if err != nil {
		return fmt.Errorf("find: %w", err)
	}
	if match.SubexpIndex("value") < 0 {
		return fmt.Errorf("find: the pattern needs a group (?P<value>…)")
	}
	f.match = match
	return nil
}

func knownKind(k Kind) bool {
	switch k {
	case Text, Name, SexKind, Day, IDNumber, Account, Mobile, Address, CreditCode, Amount, Capitals, MonthKind, Count, Signature:
		return true
	}
	return false
}

func (t *Type) field(name string) FieldRule {
	for _, f := range t.Fields {
		if f.Name == name {
			return f
		}
	}
	return FieldRule{Name: name}
}

// knows says that a type has a field.
func (t *Type) knows(ref string) bool {
	return slices.ContainsFunc(t.Fields, func(f FieldRule) bool { return f.Name == ref })
}

// Requirement is one material a matter asks for.
type Requirement struct {
	Type         string      `yaml:"type"`
	Or           []string    `yaml:"or"` // other types that do as well
	Required     bool        `yaml:"required"`
	RequiredIf   []Condition `yaml:"required_if"`   // required when one of them holds
	UnlessShared string      `yaml:"unless_shared"` // not asked for when shared data holds this
	Basis        string      `yaml:"basis"`
}

// Condition holds when what is known of a case is one of the words.
type Condition struct {
	Fact string   `yaml:"fact"` // "shared.transfer_kind" or "injury_application.applicant_kind"
	Is   []string `yaml:"is"`   // nothing: any word at all
}

// types gives the type and those that do as well.
func (r Requirement) types() []string { return append([]string{r.Type}, r.Or...) }

// Matter is a request a citizen can make: what it asks for and which checks
// compare the materials.
type Matter struct {
	Matter    string        `yaml:"matter"`
	Title     Title         `yaml:"title"`
	Region    string        `yaml:"region"` // six digits; "" is the whole country
	From      casework.Date `yaml:"from"`
	To        casework.Date `yaml:"to"`
	Basis     string        `yaml:"basis"`
	Called    []string      `yaml:"called"` // what an authorisation calls it; the title always counts
	Materials []Requirement `yaml:"materials"`
	Checks    []string      `yaml:"checks"`
	Relates   []Relation    `yaml:"relates"` // between fields of different materials
}

func (m *Matter) prepare(known func(name string) bool, field func(ref string) bool) (place string, err error) {
	if !validRegion(m.Region) {
		return "$.region", fmt.Errorf("matter %s: region %q: want six digits", m.Matter, m.Region)
	}
	if m.Matter == "" || m.Title.Zh == "" || m.Title.En == "" || m.Basis == "" {
		return "$.matter", fmt.Errorf("matter %q: it needs a name, a title in zh and en and its legal basis", m.Matter)
	}
	for i, r := range m.Materials {
		for _, name := range r.types() {
			if !known(name) {
				return fmt.Sprintf("$.materials[%d].type", i), fmt.Errorf("matter %s: type %q does not exist", m.Matter, name)
			}
		}
		if r.Basis == "" {
			return fmt.Sprintf("$.materials[%d].type", i), fmt.Errorf("matter %s: %s needs its legal basis", m.Matter, r.Type)
		}
	}
	for i := range m.Relates {
		if err := m.Relates[i].prepare(field); err != nil {
			return fmt.Sprintf("$.relates[%d]", i), fmt.Errorf("matter %s: %w", m.Matter, err)
		}
	}
	for i, name := range m.Checks {
		if _, ok := caseChecks()[name]; !ok {
			return fmt.Sprintf("$.checks[%d]", i), fmt.Errorf("check %q does not exist", name)
		}
	}
	return "", nil
}
