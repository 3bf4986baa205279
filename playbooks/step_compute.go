package playbooks

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/expr-lang/expr/types"

	"github.com/jingban/jingban/casework"
)

// computeStep calls a calculation by its name. What it gave is journalled: a
// resumed run does not compute again, whatever parameters hold by then. How it
// came about is kept with the run as calculation.txt.
type computeStep struct {
	name string
	with []argument
	at   place
}

// argument is one input and where it comes from.
type argument struct {
	name    string
	value   *Expr
	columns []argument // of a table: what each row of value becomes; "row" is the row
	at      place
}

// linesOutput is the output that every calculation has: how it came about.
const linesOutput = "lines"

func readCompute(d *decoder, own field, all map[string]field) body {
	s := &computeStep{name: d.text(own, "compute"), at: placeOf(own.value)}
	if f, ok := all["with"]; ok {
		for _, p := range d.pairs(f.value, "with") {
			s.with = append(s.with, d.argument(p))
		}
	}
	return s
}

// argument reads an expression, or {each: rows, column: expression, …}.
func (d *decoder) argument(p field) argument {
	a := argument{name: p.key, at: p.at}
	if _, plain := d.scalar(p.value); plain {
		a.value = d.expr(p, aValue)
		return a
	}
	for _, column := range d.pairs(p.value, "with") {
		if column.key == "each" {
			a.value = d.expr(column, aList)
			continue
		}
		a.columns = append(a.columns, argument{name: column.key, value: d.expr(column, aText), at: column.at})
	}
	if a.value == nil {
		d.errorf(p.at, "missing_key", "with: the key %q is missing", "each")
		a.value = &Expr{Source: "[]", want: aList, at: p.at}
	}
	return a
}

// find gives the calculation of a name.
func find(offered []casework.Calculation, name string) (casework.Calculation, bool) {
	i := slices.IndexFunc(offered, func(c casework.Calculation) bool { return c.Name == name })
	if i < 0 {
		return casework.Calculation{}, false
	}
	return offered[i], true
}

// sortOf is what an expression must give for a quantity.
func sortOf(kind casework.QuantityKind) sort {
	return sort(reflect.TypeOf(kind.Zero()).Kind())
}

func (s *computeStep) lint(l *linter, _ *Step) {
	c, known := find(l.schema.Calculations, s.name)
	if !known {
		var names []string
		for _, c := range l.schema.Calculations {
			names = append(names, c.Name)
		}
		l.errorf(s.at, "unknown_calculation", "compute: there is no calculation %q, want one of: %s", s.name, strings.Join(names, ", "))
		return
	}
	given := map[string]bool{}
	for _, a := range s.with {
		given[a.name] = true
		i := slices.IndexFunc(c.Inputs, func(q casework.Quantity) bool { return q.Name == a.name })
		if i < 0 {
			l.errorf(a.at, "unknown_input", "with: %s takes no %q, it takes: %s", s.name, a.name, strings.Join(quantityNames(c.Inputs), ", "))
			continue
		}
		e := *a.value
		e.want = sortOf(c.Inputs[i].Kind)
		l.check(&e, l.env)
		env := maps.Clone(l.env)
		env["row"] = types.Map{types.Extra: types.String}
		for _, column := range a.columns {
			l.check(column.value, env)
		}
	}
	for _, in := range c.Inputs {
		if !in.Optional && !given[in.Name] {
			l.errorf(s.at, "missing_input", "compute: %s needs %q under with", s.name, in.Name)
		}
	}
}

func quantityNames(all []casework.Quantity) []string {
	var names []string
	for _, q := range all {
		names = append(names, q.Name)
	}
	return names
}

func (s *computeStep) gives(offered []casework.Calculation) map[string]any {
	values := map[string]any{linesOutput: []string{}}
	c, _ := find(offered, s.name)
	for _, out := range c.Outputs {
		values[out.Name] = out.Kind.Zero()
	}
	return values
}

func (s *computeStep) run(ctx context.Context, t *turn, step *Step) (outcome, error) {
	c, ok := find(t.Calculations, s.name)
	if !ok {
		return outcome{}, casework.AskPerson("calculation", "there is no calculation %q", s.name)
	}
	given, err := s.given(c, t.env)
	if err != nil {
		return outcome{}, err
	}
	out, err := c.Do(given)
	if err != nil && !isFault(err) {
		err = casework.AskPerson("calculation", "calculation %s: %w", s.name, err)
	}
	if err == nil {
		err = c.Check(out.Values)
	}
	if err != nil {
		return outcome{}, err
	}
	values := map[string]any{linesOutput: append([]string{}, out.Lines...)}
	for name, value := range out.Values {
		values[name] = value
	}
	shot := Shot{Kind: casework.Paper, Name: "calculation.txt", MIME: "text/plain; charset=utf-8", Data: []byte(strings.Join(out.Lines, "\n") + "\n")}
	return outcome{Values: values}, t.Journal.Keep(ctx, step.ID, t.run.Attempt, casework.InArchive([]Shot{shot}))
}

// given evaluates the arguments.
func (s *computeStep) given(c casework.Calculation, env map[string]any) (casework.Given, error) {
	given := casework.Given{}
	for _, a := range s.with {
		i := slices.IndexFunc(c.Inputs, func(q casework.Quantity) bool { return q.Name == a.name })
		if i < 0 {
			return nil, casework.AskPerson("calculation", "calculation %s takes no %q", s.name, a.name)
		}
		kind := c.Inputs[i].Kind
		e := *a.value
		e.want = sortOf(kind)
		value, err := e.value(env)
		if err != nil {
			return nil, err
		}
		if value, err = like(kind.Zero(), value); err != nil {
			return nil, casework.AskPerson("expression", "expression %q does not give %s", a.value.Source, kind)
		}
		if given[a.name], err = a.shaped(value, env); err != nil {
			return nil, err
		}
	}
	return given, nil
}

// shaped gives the rows the columns that the calculation knows.
func (a argument) shaped(value any, env map[string]any) (any, error) {
	rows, table := value.([]map[string]string)
	if !table || len(a.columns) == 0 {
		return value, nil
	}
	env = maps.Clone(env)
	shaped := make([]map[string]string, len(rows))
	for i, row := range rows {
		env["row"], shaped[i] = row, map[string]string{}
		for _, column := range a.columns {
			text, err := column.value.text(env)
			if err != nil {
				return nil, err
			}
			shaped[i][column.name] = text
		}
	}
	return shaped, nil
}

// explain says what is computed, from what.
func (s *computeStep) explain(t *explainer) []ExplainedPart {
	c, known := find(t.names.Calculations, s.name)
	title := s.name
	if known {
		title = t.either(c.Zh, c.En)
	}
	var from, out []string
	for _, a := range s.with {
		name := a.name
		if i := slices.IndexFunc(c.Inputs, func(q casework.Quantity) bool { return q.Name == a.name }); i >= 0 {
			name = t.either(c.Inputs[i].Zh, c.Inputs[i].En)
		}
		from = append(from, t.say("%s：%s", "%s: %s", name, t.value(a.value))+t.columns(a))
	}
	for _, q := range c.Outputs {
		out = append(out, t.either(q.Zh, q.En))
	}
	parts := []ExplainedPart{{PartDoes, t.say("计算%s，不打开任何系统：", "Computes %s, without opening any system:", t.quoted(title)), from}}
	if len(out) > 0 {
		parts = append(parts, ExplainedPart{PartKeeps, t.say("得出%s；计算过程逐行存入本次办理的证据", "Gives %s; each line of the calculation is kept with the run", t.list(out)), nil})
	}
	return parts
}

// Computing gives the steps that call a calculation, in order.
func (pb *Playbook) Computing(calculation string) []string {
	var steps []string
	for _, step := range pb.Steps {
		if s, ok := step.body.(*computeStep); ok && s.name == calculation {
			steps = append(steps, step.ID)
		}
	}
	return steps
}

// columns says what the rows of a table become.
func (t *explainer) columns(a argument) string {
	if len(a.columns) == 0 {
		return ""
	}
	var words []string
	for _, column := range a.columns {
		words = append(words, t.value(column.value))
	}
	return t.say("，每行取%s", ", of each row %s", strings.Join(words, t.say("；", "; ")))
}

// rowsType is what a table is to expressions.
func rowsType() types.Type { return types.Array(types.Map{types.Extra: types.String}) }
