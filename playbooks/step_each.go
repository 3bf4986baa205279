package playbooks

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/expr-lang/expr/types"

	"github.com/jingban/jingban/casework"
)

// eachStep is a page step that is carried out once for each row of a table. Every
// row is journalled under a name of its own, so that a resumed run goes on at the
// row where it stopped, and a commit of a row has an effect of its own: the
// playbook's key and the row's. A row that asks a person stops there; the rows
// before it are done and stay done.
type eachStep struct {
	page  *pageStep
	rows  *Expr
	by    *Expr // what tells one row from another
	most  int
	leave bool // a row that would ask a person is left out
}

// mostRows is how many rows a step takes where the playbook does not say: more
// is more likely a wrong table than a long day.
const mostRows = 1000

// readEach makes the step of a page step that has the key each.
func readEach(d *decoder, page *pageStep, own field, all map[string]field) body {
	s := &eachStep{page: page, rows: d.expr(own, aList), most: mostRows}
	if f, ok := d.need(all, own.at, "each", "by"); ok {
		s.by = d.expr(f, aText)
	}
	if f, ok := all["most"]; ok {
		s.most = d.number(f, "most", 100_000)
	}
	if f, ok := all["stuck"]; ok {
		s.leave = true
		if word := d.text(f, "stuck"); word != "leave" {
			d.errorf(placeOf(f.value), "bad_stuck", "stuck: want the word leave, or leave it out")
		}
		if page.commit != nil {
			d.errorf(f.at, "stuck_with_commit", "stuck: a row that changes a system is never left out by itself")
		}
	}
	return s
}

func (s *eachStep) lint(l *linter, step *Step) {
	l.check(s.rows, l.env)
	outer := l.env
	l.env = maps.Clone(outer)
	l.env["row"] = types.Map{types.Extra: types.String}
	l.check(s.by, l.env)
	if !s.by.names("row") {
		l.errorf(s.by.at, "row_not_asked", "by: want what tells one row from another, as in row.月份")
	}
	s.page.lint(l, step)
	for _, k := range s.page.keep {
		if slices.Contains([]string{"count", "rows", "left"}, k.name) && k.rows != "" {
			l.errorf(k.at, "name_taken", "keep: the name %q has a meaning already", k.name)
		}
	}
	l.env = outer
}

// gives names the rows, and each table that is kept: those of all rows, one below
// the other.
func (s *eachStep) gives([]casework.Calculation) map[string]any {
	names := map[string]any{"count": 0, "rows": []map[string]string{}, "left": []map[string]string{}}
	for _, k := range s.page.keep {
		if k.rows != "" {
			names[k.name] = []map[string]string{}
		}
	}
	return names
}

func (s *eachStep) run(ctx context.Context, t *turn, step *Step) (outcome, error) {
	rows, err := s.keyed(t.env)
	if err != nil {
		return outcome{}, err
	}
	one := &Step{ID: step.ID, Title: step.Title, Kind: step.Kind, body: s.page, at: step.at}
	values := s.gives(nil)
	kept, left := []map[string]string{}, []map[string]string{}
	for _, row := range rows {
		t.row = row.bound(t, step)
		t.env["row"] = row.columns
		p := t.of(step.ID)
		result, err := t.finish(ctx, one, p)
		if s.leave && isFault(err) && casework.AsFault(err).Kind == casework.NeedsHuman {
			left = append(left, map[string]string{"key": row.key, "code": casework.AsFault(err).Code})
			continue
		}
		if err != nil {
			return outcome{}, err // the row stays at hand: it is the row that asks
		}
		if result != nil {
			return outcome{}, &over{result}
		}
		kept = append(kept, withKey(row.key, p.done.Kept))
		if err := s.below(values, row.key, p.done.Values); err != nil {
			return outcome{}, err
		}
	}
	t.row = rowAtHand{}
	delete(t.env, "row")
	values["count"], values["rows"], values["left"] = len(kept), kept, left
	return outcome{Values: values}, nil
}

// below puts the tables that a row has kept below those of the rows before it.
func (s *eachStep) below(tables map[string]any, key string, kept map[string]any) error {
	for _, k := range s.page.keep {
		if k.rows == "" {
			continue
		}
		table, err := like([]map[string]string{}, kept[k.name])
		if err != nil {
			return casework.AskPerson("expression", "what a row kept as %q is no table", k.name)
		}
		all := tables[k.name].([]map[string]string)
		for _, row := range table.([]map[string]string) {
			all = append(all, withKey(key, row))
		}
		tables[k.name] = all
	}
	return nil
}

// withKey is what a finished row leaves for later steps.
func withKey(key string, kept map[string]string) map[string]string {
	row := maps.Clone(kept)
	if row == nil {
		row = map[string]string{}
	}
	row["key"] = key
	return row
}

// keyedRow is one row with what tells it from the others.
type keyedRow struct {
	key     string
	columns map[string]string
	number  int // from 1
	of      int
}

// rowsOf gives the rows of a table.
func rowsOf(e *Expr, env map[string]any) ([]map[string]string, error) {
	value, err := e.value(env)
	if err != nil {
		return nil, err
	}
	table, err := like([]map[string]string{}, value)
	if err != nil {
		return nil, casework.AskPerson("expression", "expression %q does not give rows", e.Source)
	}
	return table.([]map[string]string), nil
}

// withRow is what an expression sees that speaks of one row.
func withRow(env map[string]any, row map[string]string) map[string]any {
	env = maps.Clone(env)
	env["row"] = row
	return env
}

// keyed gives the rows, each with its key. Two rows of one key ask a person: one
// of them would never be done.
func (s *eachStep) keyed(env map[string]any) ([]keyedRow, error) {
	all, err := rowsOf(s.rows, env)
	if err != nil {
		return nil, err
	}
	if len(all) > s.most {
		return nil, casework.AskPerson("too_many_rows", "the table has %d rows, the step takes %d", len(all), s.most)
	}
	seen := map[string]int{}
	var rows []keyedRow
	for i, columns := range all {
		for _, used := range s.by.columns() {
			if used.list == "row" && columns[used.column] == "" {
				return nil, casework.AskPerson("column_missing", "row %d has nothing in the column %q, which tells it from the others", i+1, used.column)
			}
		}
		key, err := s.by.text(withRow(env, columns))
		if err != nil {
			return nil, err
		}
		if first := seen[key]; first > 0 || key == "" {
			return nil, casework.AskPerson("row_twice", "row %d has no key of its own (row %d has the same)", i+1, first)
		}
		seen[key] = i + 1
		rows = append(rows, keyedRow{key, columns, i + 1, len(all)})
	}
	return rows, nil
}

// rowAtHand is the row a turn works on; the zero value is none.
type rowAtHand struct {
	key    string // in clear
	item   string // in the journal: a keyed hash
	number int
	of     int
}

func (k keyedRow) bound(t *turn, step *Step) rowAtHand {
	return rowAtHand{key: k.key, item: t.EffectID("row", step.ID, k.key), number: k.number, of: k.of}
}

// String says which row it is, without what it holds.
func (r rowAtHand) String() string { return fmt.Sprintf("row %d of %d", r.number, r.of) }

// over ends a turn from within a step.
type over struct{ result *Result }

// Error says how the turn ends.
func (o *over) Error() string { return "the turn ends: " + string(o.result.State) }

// rowSeparator stands between the playbook's key and the row's; no key typed by
// a person holds it.
const rowSeparator = "\x1f"

// effectKey is the business key of a change: the playbook's, and the row's.
func (t *turn) effectKey() (string, error) {
	key, err := t.pb.Key.text(t.env)
	if err != nil || t.row.item == "" {
		return key, err
	}
	return key + rowSeparator + t.row.key, nil
}

// explain says what is done for each row.
func (s *eachStep) explain(t *explainer) []ExplainedPart {
	each := t.say("对%s的每一行各做一遍，按%s区分，一行只办一次，最多 %d 行；中断后从停下的那一行继续",
		"Once for each row of %s, told apart by %s: each row once, at most %d rows; after a stop it goes on at the row", t.value(s.rows), t.value(s.by), s.most)
	if s.leave {
		each += t.say("；遇到需要人看的一行先留下，不耽误其余各行", "; a row that needs a person is left and keeps the others from nothing")
	}
	return append([]ExplainedPart{{PartDoes, each, nil}}, t.page(s.page)...)
}
