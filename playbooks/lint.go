package playbooks

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
	builtins "github.com/expr-lang/expr/builtin"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/types"

	"github.com/jingban/jingban/casework"
)

// Schema is what other rooms offer to playbooks.
type Schema struct {
	Documents map[string][]string // material type → field names
	Papers    []string            // names of papers; nil: not checked

	Calculations []casework.Calculation // what compute steps may call
}

// Lint reads a playbook and reports everything wrong with it, in the order of
// the file.
func Lint(name string, src []byte, schema Schema, systems map[string]System) Problems {
	d := &decoder{report: newReport(name, src)}
	pb := d.playbook(src)
	if d.found.Broken() {
		return d.problems()
	}
	l := &linter{report: d.report, pb: pb, schema: schema, systems: systems, used: map[string]bool{},
		later: map[string]bool{}, choices: map[string][]string{"verdict": verdictNames()}, effects: map[string]bool{}}
	l.playbook()
	return l.problems()
}

func verdictNames() []string {
	return []string{string(casework.AutoPass), string(casework.ReturnForCorrection), string(casework.ManualReview), string(casework.ProposeReject)}
}

// linter walks a playbook from top to bottom; env grows with each step.
type linter struct {
	*report
	pb      *Playbook
	schema  Schema
	systems map[string]System
	env     types.Map
	system  System              // of the page step at hand
	later   map[string]bool     // ids of this and later steps
	choices map[string][]string // "confirm.choice" → the values it can have
	used    map[string]bool     // material types
	effects map[string]bool     // system/action
}

// stage is the linter's view of one page.
type stage struct {
	env    types.Map
	system System
}

func (l *linter) playbook() {
	l.env = l.start()
	l.needed()
	l.check(l.pb.Key, l.env)
	for _, step := range l.pb.Steps {
		l.later[step.ID] = true
	}
	seen := map[string]bool{}
	for i := range l.pb.Steps {
		l.step(&l.pb.Steps[i], seen)
	}
	l.ending()
	for _, need := range l.pb.Needs {
		if !l.used[need.Type] {
			l.warnf(need.at, "unused_need", "needs: nothing uses %q", need.Type)
		}
	}
}

// start gives the types of what every expression sees.
func (l *linter) start() types.Map {
	text := types.Map{}
	for _, name := range []string{"name", "id_number", "mobile", "account", "month", "number", "received", "matter", "region"} {
		text[name] = types.String
	}
	docs := types.Map{}
	for _, need := range l.pb.Needs {
		fields := types.Map{"confidence": types.Float64, "file": types.String}
		for _, name := range l.schema.Documents[need.Type] {
			fields[name] = types.String
		}
		docs[need.Type] = fields
	}
	finding := types.Map{"rule": types.String, "severity": types.String, "material": types.String, "field": types.String}
	env := types.Map{}
	for name, function := range functions() {
		env[name] = types.TypeOf(function)
	}
	maps.Copy(env, types.Map{"case": text, "docs": docs, "shared": types.TypeOf(map[string]string{}), "verdict": types.String, "correction_text": types.String, "findings": types.Array(finding)})
	return env
}

// needed reports material types that do not exist, or are named twice.
func (l *linter) needed() {
	seen := map[string]bool{}
	for _, need := range l.pb.Needs {
		if _, known := l.schema.Documents[need.Type]; !known {
			l.errorf(need.at, "unknown_document", "needs: there is no material type %q", need.Type)
		}
		if seen[need.Type] {
			l.errorf(need.at, "duplicate_need", "needs: %q stands there twice", need.Type)
		}
		seen[need.Type] = true
	}
}

func (l *linter) needs(material string) bool {
	return slices.ContainsFunc(l.pb.Needs, func(n Need) bool { return n.Type == material })
}

func (l *linter) step(step *Step, seen map[string]bool) {
	_, taken := l.env[step.ID]
	switch {
	case seen[step.ID]:
		l.errorf(step.at, "duplicate_id", "step: the id %q stands there twice", step.ID)
	case taken || slices.Contains([]string{"page", "code", "row", itemName, FactsKey}, step.ID):
		l.errorf(step.at, "reserved_id", "step: %q has a meaning already", step.ID)
	case function(step.ID):
		l.warnf(step.at, "function_id", "step: %q is a function of expressions, which cannot see this step's results", step.ID)
	}
	if step.When != nil {
		l.check(step.When, l.env)
	}
	step.body.lint(l, step)
	seen[step.ID] = true
	delete(l.later, step.ID)
	gives := types.Map{}
	for name, zero := range step.body.gives(l.schema.Calculations) {
		gives[name] = typeOf(zero)
	}
	l.env[step.ID] = gives
	if ask, ok := step.body.(*askStep); ok {
		for _, c := range ask.choices {
			l.choices[step.ID+".choice"] = append(l.choices[step.ID+".choice"], c.Name)
		}
	}
}

// function says that expressions take the name for a function of their own.
func function(name string) bool {
	_, known := builtins.Index[name]
	return known
}

// ending reports steps that are never reached and a run that ends without a
// word.
func (l *linter) ending() {
	for i, step := range l.pb.Steps {
		last := i == len(l.pb.Steps)-1
		if step.End != "" && step.When == nil && !last {
			l.errorf(l.pb.Steps[i+1].at, "unreachable", "step: the run always ends at %q before", step.ID)
			return
		}
		if last && (step.End == "" || step.When != nil) {
			l.warnf(step.at, "no_end", "step: the run can end after it without saying how; the end is then \"done\"")
		}
	}
}

// check reports what is wrong with an expression, under the mistake.
func (l *linter) check(e *Expr, env types.Map) {
	if e == nil {
		return
	}
	for _, used := range e.documents() {
		l.used[used[0]] = true
	}
	if err := e.check(env); err != nil {
		code, message := l.explain(e, err)
		l.errorf(e.place(err), code, "%s", message)
		return
	}
	l.values(e)
	l.lists(e)
}

// lists reports code lists that the system at hand has not.
func (l *linter) lists(e *Expr) {
	e.walk(func(n ast.Node) {
		call, ok := n.(*ast.CallNode)
		if !ok || dotted(call.Callee) != "code" || len(call.Arguments) == 0 {
			return
		}
		for _, list := range words(call.Arguments[0]) {
			if _, known := l.system.Codes[list.Value]; !known {
				l.errorf(e.place(&file.Error{Location: list.Location(), Line: 1, Column: list.Location().From}), "unknown_list",
					"the system %s has no code list %q", l.system.Name, list.Value)
			}
		}
	})
}

// explain gives the checker's message a code, and more help where it can.
func (l *linter) explain(e *Expr, err *file.Error) (code, message string) {
	message = err.Message
	name, isName := strings.CutPrefix(message, "unknown name ")
	field, isField := strings.CutPrefix(message, "unknown field ")
	switch {
	case isName && l.later[name]:
		return "later_step", fmt.Sprintf("the step %q comes later, its result is not known here", name)
	case isName && slices.Contains([]string{"now", "date", "duration", "timezone"}, name):
		return "no_clock", name + ": expressions have no clock, a replayed run must come to the same answer"
	case isName:
		return "unknown_name", message
	case isField && l.undocumented(e, field):
		return "unknown_document", fmt.Sprintf("there is no document %q among the playbook's needs", field)
	case isField:
		return "unknown_field", message + l.fields(e, field)
	case strings.HasPrefix(message, "expected bool"):
		return "not_bool", "a condition must be true or false: " + message
	case strings.HasPrefix(message, "expected string"):
		return "not_text", "a value must be a text: " + message
	}
	return "expression", message
}

// undocumented says that name stands for a material type which is not needed.
func (l *linter) undocumented(e *Expr, name string) bool {
	found := false
	e.walk(func(n ast.Node) { found = found || dotted(n) == "docs."+name })
	return found && !l.needs(name)
}

// fields names the fields of the document that has no field of that name.
func (l *linter) fields(e *Expr, field string) string {
	for _, used := range e.documents() {
		if names := l.schema.Documents[used[0]]; used[1] == field && len(names) > 0 {
			return fmt.Sprintf(", %s has: %s", used[0], strings.Join(names, ", "))
		}
	}
	return ""
}

// values reports comparisons with a word that cannot occur.
func (l *linter) values(e *Expr) {
	e.walk(func(n ast.Node) {
		compare, ok := n.(*ast.BinaryNode)
		if !ok {
			return
		}
		for _, side := range [][2]ast.Node{{compare.Left, compare.Right}, {compare.Right, compare.Left}} {
			known, limited := l.choices[dotted(side[0])]
			if !limited {
				continue
			}
			for _, word := range words(side[1]) {
				if !slices.Contains(known, word.Value) {
					at := word.Location()
					l.errorf(e.place(&file.Error{Line: 1, Column: at.From}), "unknown_choice",
						"%s is never %q, it is one of: %s", dotted(side[0]), word.Value, strings.Join(known, ", "))
				}
			}
		}
	})
}

// words gives the text constants of a node: itself, or the items of its list.
func words(n ast.Node) []*ast.StringNode {
	switch n := n.(type) {
	case *ast.StringNode:
		return []*ast.StringNode{n}
	case *ast.ArrayNode:
		var all []*ast.StringNode
		for _, item := range n.Nodes {
			all = append(all, words(item)...)
		}
		return all
	}
	return nil
}

// stage begins a page: the run's values and the system's code lists.
func (l *linter) stage(system System) *stage {
	l.system = system
	env := maps.Clone(l.env)
	env["code"] = types.TypeOf(system.code)
	return &stage{env: env, system: system}
}

// lines lints actions; a page must be opened first, and verify only looks.
func (l *linter) lines(lines []line, s *stage, at place, looksOnly bool) {
	if len(lines) == 0 || lines[0].verb.name != Open {
		l.errorf(at, "no_open", "do: it must begin with open, a resumed run stands on no page")
	}
	for _, line := range lines {
		if looksOnly && !line.verb.looks {
			l.errorf(line.at, "verify_changes", "verify only looks: it may open, fill, click and read, not %s", line.verb.name)
		}
		line.action.lint(l, s)
	}
}
