package playbooks

import (
	"context"
	"maps"

	"github.com/expr-lang/expr/types"

	"github.com/jingban/jingban/casework"
)

// Cases opens cases for playbooks (implemented by workers over the store).
type Cases interface {
	// Open opens and submits the case of an order, unless there is one of that matter
	// and key; fresh is false then. Values that no case can have are NeedsHuman.
	Open(ctx context.Context, order CaseOrder) (number string, fresh bool, err error)
}

// CaseOrder is one case that a case.open step asks for.
type CaseOrder struct {
	RunID  string
	Matter string
	Key    string            // in clear: what makes it the same case
	Values map[string]string // name, id_number, mobile, account, month, region; anything else is shared data
}

// caseOpenStep opens one case for each row of a table, once: a list read from a
// system becomes work. Carried out again, after a crash or next morning, it opens
// what is new and leaves the rest alone.
type caseOpenStep struct {
	matter string
	each   eachStep // rows and keys only
	with   []argument
	at     place
}

func readCaseOpen(d *decoder, own field, all map[string]field) body {
	s := &caseOpenStep{matter: d.name(own, "case.open"), each: eachStep{most: mostRows}, at: placeOf(own.value)}
	s.each.rows, s.each.by = &Expr{Source: "[]", want: aList, at: own.at}, &Expr{Source: `""`, want: aText, at: own.at}
	if f, ok := d.need(all, own.at, "case.open", "each"); ok {
		s.each.rows = d.expr(f, aList)
	}
	if f, ok := d.need(all, own.at, "case.open", "by"); ok {
		s.each.by = d.expr(f, aText)
	}
	if f, ok := all["most"]; ok {
		s.each.most = d.number(f, "most", 100_000)
	}
	if f, ok := d.need(all, own.at, "case.open", "with"); ok {
		for _, p := range d.pairs(f.value, "with") {
			s.with = append(s.with, argument{name: p.key, value: d.expr(p, aText), at: p.at})
		}
	}
	return s
}

func (s *caseOpenStep) lint(l *linter, _ *Step) {
	l.check(s.each.rows, l.env)
	env := maps.Clone(l.env)
	env["row"] = types.Map{types.Extra: types.String}
	l.check(s.each.by, env)
	if !s.each.by.names("row") {
		l.errorf(s.each.by.at, "row_not_asked", "by: want what tells one case from another, as in row.申请编号")
	}
	for _, a := range s.with {
		l.check(a.value, env)
	}
}

func (s *caseOpenStep) gives([]casework.Calculation) map[string]any {
	return map[string]any{"opened": 0, "known": 0, "rows": []map[string]string{}}
}

func (s *caseOpenStep) run(ctx context.Context, t *turn, step *Step) (outcome, error) {
	if t.Cases == nil {
		return outcome{}, casework.AskPerson("case_open", "step %s: no case can be opened here", step.ID)
	}
	rows, err := s.each.keyed(t.env)
	if err != nil {
		return outcome{}, err
	}
	env, opened := maps.Clone(t.env), 0
	numbers := []map[string]string{}
	for _, row := range rows {
		env["row"] = row.columns
		order := CaseOrder{RunID: t.run.ID, Matter: s.matter, Key: row.key, Values: map[string]string{}}
		for _, a := range s.with {
			if order.Values[a.name], err = a.value.text(env); err != nil {
				return outcome{}, err
			}
		}
		number, fresh, err := t.Cases.Open(ctx, order)
		if err != nil {
			return outcome{}, err
		}
		if fresh {
			opened++
		}
		numbers = append(numbers, map[string]string{"key": row.key, "number": number})
	}
	return outcome{Values: map[string]any{"opened": opened, "known": len(rows) - opened, "rows": numbers}}, nil
}

// explain says which cases are opened.
func (s *caseOpenStep) explain(t *explainer) []ExplainedPart {
	var with []string
	for _, a := range s.with {
		name := t.caseField(a.name)
		if name == "case."+a.name {
			name = t.word("shared", a.name)
		}
		with = append(with, t.say("%s：%s", "%s: %s", name, t.value(a.value)))
	}
	return []ExplainedPart{{PartDoes, t.say("为%s的每一行各开一个“%s”办件，按%s区分，同一件只开一次，最多 %d 行；不向任何系统写入：",
		"Opens one case of %[2]q for each row of %[1]s, told apart by %[3]s, each once, at most %[4]d rows; nothing is written anywhere:",
		t.value(s.each.rows), t.word("matter", s.matter), t.value(s.each.by), s.each.most), with}}
}
