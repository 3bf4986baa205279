package playbooks

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/jingban/jingban/casework"
)

// Playbook is one version of one playbook.
type Playbook struct {
	Name    string
	Version string // "sha256:…" of the text
	Title   Title
	Needs   []Need
	Key     *Expr // what "the same claim" means
	Steps   []Step
	Source  string

	exprs []*Expr
	at    place
}

// Need is a material type the playbook works with. An optional one ("type?")
// may be missing: its fields are then "" and its confidence is 0.
type Need struct {
	Type     string
	Optional bool

	at place
}

// Step is one step: common keys and the body of its kind.
type Step struct {
	ID    string
	Title Title  // what people read; empty where the playbook gives none
	Kind  string // "check", "ask", "decide", "paper", "compute", "case.open", "wait", "page" …, see kinds
	When  *Expr  // nil: always
	End   string // "" or how the run ends after this step

	body body
	at   place
}

// Parse reads a playbook. The problems hold errors when it cannot be read; they
// do not cover what Lint finds.
func Parse(name string, text []byte) (*Playbook, Problems) {
	d := &decoder{report: newReport(name, text)}
	pb := d.playbook(text)
	return pb, d.problems()
}

func version(text []byte) string {
	sum := sha256.Sum256(text)
	return "sha256:" + hex.EncodeToString(sum[:])
}

func (d *decoder) playbook(text []byte) *Playbook {
	pb := &Playbook{Version: version(text), Source: string(text)}
	root := d.document(text)
	if root == nil {
		return pb
	}
	at := placeOf(root)
	pb.at = at
	fields := d.record(root, "playbook", "playbook", "title", "needs", "key", "steps")
	if f, ok := d.need(fields, at, "playbook", "playbook"); ok {
		pb.Name = d.name(f, "playbook")
	}
	if f, ok := d.need(fields, at, "playbook", "title"); ok {
		pb.Title = d.title(f)
	}
	if f, ok := fields["needs"]; ok {
		pb.Needs = d.needs(f)
	}
	if f, ok := d.need(fields, at, "playbook", "key"); ok {
		pb.Key = d.expr(f, aText)
	}
	if f, ok := d.need(fields, at, "playbook", "steps"); ok {
		for _, n := range d.list(f, "steps") {
			pb.Steps = append(pb.Steps, d.step(n))
		}
	}
	pb.exprs = d.exprs
	return pb
}

// name reads an identifier, as other files and expressions use it.
func (d *decoder) name(f field, what string) string {
	s := d.text(f, what)
	if s != "" && !regexp.MustCompile(`^[a-z][a-z0-9_]*$`).MatchString(s) {
		d.errorf(placeOf(f.value), "bad_name", "%s: want a name of small letters, digits and underscores", what)
	}
	return s
}

func (d *decoder) title(f field) Title {
	fields := d.record(f.value, "title", "zh", "en")
	for _, key := range []string{"zh", "en"} {
		d.need(fields, f.at, "title", key)
	}
	return Title{Zh: d.optional(fields, "zh"), En: d.optional(fields, "en")}
}

func (d *decoder) needs(f field) []Need {
	var needs []Need
	for _, n := range d.list(f, "needs") {
		kind, optional := strings.CutSuffix(d.text(field{"needs", placeOf(n), n}, "needs"), "?")
		needs = append(needs, Need{kind, optional, placeOf(n)})
	}
	return needs
}

func (d *decoder) step(n ast.Node) Step {
	at := placeOf(n)
	step := Step{at: at}
	known := []string{"id", "title", "when", "end"}
	for _, k := range kinds() {
		known = append(known, k.name)
		known = append(known, k.keys...)
	}
	fields := d.record(n, "step", known...)
	if f, ok := d.need(fields, at, "step", "id"); ok {
		step.ID = d.name(f, "id")
		step.at = placeOf(f.value)
	}
	if f, ok := fields["title"]; ok {
		step.Title = d.title(f)
	}
	step.When = d.optionalExpr(fields, "when", aBool)
	if f, ok := fields["end"]; ok {
		step.End = d.name(f, "end")
	}
	d.body(&step, fields)
	return step
}

// body reads the part of the step that its kind owns.
func (d *decoder) body(step *Step, fields map[string]field) {
	for _, k := range kinds() {
		f, ok := fields[k.name]
		if !ok {
			continue
		}
		if step.body != nil {
			d.errorf(f.at, "two_kinds", "step: it is a %s already, it cannot be a %s too", step.Kind, k.name)
			continue
		}
		step.Kind = k.name
		step.body = k.read(d, f, fields)
		d.strangers(k, fields)
	}
	if step.body == nil {
		d.errorf(step.at, "no_kind", "step: want one of check, ask, decide, paper, compute, case.find, case.open, reconcile, persons.search, sheet.read, sheet.write, wait, page")
		step.body = &checkStep{}
	}
}

// strangers reports keys that belong to another kind of step.
func (d *decoder) strangers(own kind, fields map[string]field) {
	for _, other := range kinds() {
		for _, key := range other.keys {
			if f, ok := fields[key]; ok && !slices.Contains(own.keys, key) {
				d.errorf(f.at, "unknown_key", "%s: unknown key %q, it belongs to a %s", own.name, key, other.name)
			}
		}
	}
}

// KeyOf gives the business key of a case in clear: personal data, to be hashed
// with a key before it is stored.
func (pb *Playbook) KeyOf(snapshot casework.Snapshot) (string, error) {
	return pb.Key.text(values(pb, snapshot, nil))
}

// Systems names the legacy systems the playbook drives, in order of use.
func (pb *Playbook) Systems() []string {
	var names []string
	for _, step := range pb.Steps {
		if page := pageOf(step.body); page != nil && !slices.Contains(names, page.system) {
			names = append(names, page.system)
		}
	}
	return names
}

// Step finds a step by its id.
func (pb *Playbook) Step(id string) (Step, bool) {
	i := slices.IndexFunc(pb.Steps, func(s Step) bool { return s.ID == id })
	if i < 0 {
		return Step{}, false
	}
	return pb.Steps[i], true
}
