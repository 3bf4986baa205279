package playbooks

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/expr-lang/expr/types"

	"github.com/jingban/jingban/casework"
)

// Cases finds and opens cases for playbooks (implemented by workers over the store).
type Cases interface {
	// Find says how the case of an order stands, and changes nothing.
	Find(ctx context.Context, order CaseOrder) (number string, stand CaseStand, err error)

	// Open opens and submits the case of an order with its files, opens it once more
	// where it was returned and comes again, and otherwise leaves it alone: the stand
	// says which. Values that no case can have, and files that are not there, are
	// NeedsHuman.
	Open(ctx context.Context, order CaseOrder) (number string, stand CaseStand, err error)
}

// CaseStand is how the case of an order stands.
type CaseStand string

// The stands of a case. Find and Open give the same word where Open did what Find
// foretold.
const (
	CaseNew   CaseStand = "new"   // there was none
	CaseAgain CaseStand = "again" // it was over, and comes again
	CaseBusy  CaseStand = "busy"  // it comes again while it is still being dealt with: later
	CaseKnown CaseStand = "known" // it is the one that was opened before
)

// CaseOrder is one case that a case.open step asks for.
type CaseOrder struct {
	RunID  string
	Matter string
	Key    string            // in clear: what makes it the same case
	Again  string            // in clear: what tells one submission of it from the next; "" where a case comes once
	Values map[string]string // name, id_number, mobile, account, month, region; anything else is shared data
	Files  []CaseFile        // its materials, whose bytes are evidence of the run
}

// CaseFile is one material of a case.
type CaseFile struct {
	Name   string // as the system calls it, for people only
	SHA256 string // as download gives it
}

// caseRows are the rows of a table, each of which stands for a case.
type caseRows struct {
	matter string
	each   eachStep // rows and keys only
	again  *Expr    // nil: a case comes once
}

// caseOpenStep opens one case for each row of a table, once: a list read from a
// system becomes work. Carried out again, after a crash or next morning, it opens
// what is new and leaves the rest alone. A case that comes again after it was
// returned (again gives another text) is opened once more, with its files and with
// what was found before; there is never a second one.
type caseOpenStep struct {
	caseRows
	with  []argument
	files *Expr // nil: none
}

// caseFindStep says of each row whether there is a case for it, so that what is known
// need not be read again.
type caseFindStep struct{ caseRows }

func readCaseRows(d *decoder, kind string, own field, all map[string]field) caseRows {
	s := caseRows{matter: d.name(own, kind), each: eachStep{most: mostRows}}
	s.each.rows, s.each.by = &Expr{Source: "[]", want: aList, at: own.at}, &Expr{Source: `""`, want: aText, at: own.at}
	if f, ok := d.need(all, own.at, kind, "each"); ok {
		s.each.rows = d.expr(f, aList)
	}
	if f, ok := d.need(all, own.at, kind, "by"); ok {
		s.each.by = d.expr(f, aText)
	}
	if f, ok := all["most"]; ok {
		s.each.most = d.number(f, "most", 100_000)
	}
	s.again = d.optionalExpr(all, "again", aText)
	return s
}

func readCaseOpen(d *decoder, own field, all map[string]field) body {
	s := &caseOpenStep{caseRows: readCaseRows(d, "case.open", own, all), files: d.optionalExpr(all, "files", aList)}
	if f, ok := d.need(all, own.at, "case.open", "with"); ok {
		for _, p := range d.pairs(f.value, "with") {
			s.with = append(s.with, argument{name: p.key, value: d.expr(p, aText), at: p.at})
		}
	}
	return s
}

func readCaseFind(d *decoder, own field, all map[string]field) body {
	return &caseFindStep{readCaseRows(d, "case.find", own, all)}
}

// lintRows gives the stage on which the values of a row are linted.
func (s caseRows) lintRows(l *linter) types.Map {
	l.check(s.each.rows, l.env)
	env := maps.Clone(l.env)
	env["row"] = types.Map{types.Extra: types.String}
	l.check(s.each.by, env)
	l.check(s.again, env)
	for _, e := range []*Expr{s.each.by, s.again} {
		if e != nil && !e.names("row") {
			l.errorf(e.at, "row_not_asked", "by, again: want what tells one case, or one submission of it, from another, as in row.申请编号")
		}
	}
	return env
}

func (s *caseFindStep) lint(l *linter, _ *Step) { s.lintRows(l) }

func (s *caseOpenStep) lint(l *linter, _ *Step) {
	env := s.lintRows(l)
	l.check(s.files, l.env)
	for _, a := range s.with {
		l.check(a.value, env)
	}
}

func (s *caseFindStep) gives([]casework.Calculation) map[string]any {
	return map[string]any{"rows": []map[string]string{}, "fresh": []map[string]string{}}
}

func (s *caseOpenStep) gives([]casework.Calculation) map[string]any {
	return map[string]any{"opened": 0, "again": 0, "known": 0, "rows": []map[string]string{}}
}

// orders gives an order for each row, without values, and the row.
func (s caseRows) orders(t *turn, step *Step) ([]CaseOrder, []keyedRow, error) {
	if t.Cases == nil {
		return nil, nil, casework.AskPerson("case_open", "step %s: no case can be opened here", step.ID)
	}
	rows, err := s.each.keyed(t.env)
	if err != nil {
		return nil, nil, err
	}
	env := maps.Clone(t.env)
	var orders []CaseOrder
	for _, row := range rows {
		order := CaseOrder{RunID: t.run.ID, Matter: s.matter, Key: row.key, Values: map[string]string{}}
		env["row"] = row.columns
		if s.again != nil {
			if order.Again, err = s.again.text(env); err != nil {
				return nil, nil, err
			}
			if order.Again == "" {
				return nil, nil, casework.AskPerson("column_missing", "row %d says nothing that tells its submissions apart", row.number)
			}
		}
		orders = append(orders, order)
	}
	return orders, rows, nil
}

func (s *caseFindStep) run(ctx context.Context, t *turn, step *Step) (outcome, error) {
	orders, rows, err := s.orders(t, step)
	if err != nil {
		return outcome{}, err
	}
	found, fresh := []map[string]string{}, []map[string]string{}
	for i, order := range orders {
		number, stand, err := t.Cases.Find(ctx, order)
		if err != nil {
			return outcome{}, err
		}
		row := withKey(order.Key, rows[i].columns)
		row["number"], row["stand"] = number, string(stand)
		if found = append(found, row); stand == CaseNew || stand == CaseAgain {
			fresh = append(fresh, row)
		}
	}
	return outcome{Values: map[string]any{"rows": found, "fresh": fresh}}, nil
}

func (s *caseOpenStep) run(ctx context.Context, t *turn, step *Step) (outcome, error) {
	orders, rows, err := s.orders(t, step)
	if err != nil {
		return outcome{}, err
	}
	files, err := s.filesBy(t.env)
	if err != nil {
		return outcome{}, err
	}
	env, counts := maps.Clone(t.env), map[CaseStand]int{}
	numbers := []map[string]string{}
	for i, order := range orders {
		env["row"] = rows[i].columns
		for _, a := range s.with {
			if order.Values[a.name], err = a.value.text(env); err != nil {
				return outcome{}, err
			}
		}
		order.Files = files[order.Key]
		number, stand, err := t.Cases.Open(ctx, order)
		if err != nil {
			return outcome{}, err
		}
		counts[stand]++
		numbers = append(numbers, map[string]string{"key": order.Key, "number": number, "stand": string(stand)})
	}
	return outcome{Values: map[string]any{"opened": counts[CaseNew], "again": counts[CaseAgain], "known": counts[CaseKnown] + counts[CaseBusy], "rows": numbers}}, nil
}

// filesBy gives the files of each row by its key. A row of files without a hash is
// a page that was read in another way than its playbook thinks.
func (s *caseOpenStep) filesBy(env map[string]any) (map[string][]CaseFile, error) {
	if s.files == nil {
		return nil, nil
	}
	value, err := s.files.value(env)
	if err != nil {
		return nil, err
	}
	table, err := like([]map[string]string{}, value)
	if err != nil {
		return nil, casework.AskPerson("expression", "expression %q does not give files", s.files.Source)
	}
	files := map[string][]CaseFile{}
	for i, row := range table.([]map[string]string) {
		file := CaseFile{Name: row["name"], SHA256: row["sha256"]}
		if file.SHA256 == "" || row["key"] == "" {
			return nil, casework.AskPerson("case_file_missing", "row %d of the files has no file or no key", i+1)
		}
		if !slices.Contains(files[row["key"]], file) {
			files[row["key"]] = append(files[row["key"]], file)
		}
	}
	return files, nil
}

// explain says that our own books are looked into.
func (s *caseFindStep) explain(t *explainer) []ExplainedPart {
	return []ExplainedPart{{PartDoes, t.say("查本系统中%s的每一行有没有“%s”办件，按%s区分；只查看，不改动", "Looks for the case of %[2]q of each row of %[1]s, told apart by %[3]s, in our own books; it only looks",
		t.value(s.each.rows), t.word("matter", s.matter), t.value(s.each.by)), s.comesAgain(t)}}
}

// comesAgain says what tells a submission from the next.
func (s caseRows) comesAgain(t *explainer) []string {
	if s.again == nil {
		return nil
	}
	return []string{t.say("%s与上次不同的，是同一件再次提交", "Where %s is not what it was before, the same case comes again", t.value(s.again))}
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
	parts := []ExplainedPart{{PartDoes, t.say("为%s的每一行各开一个“%s”办件，按%s区分，同一件只开一次，最多 %d 行；不向任何系统写入：",
		"Opens one case of %[2]q for each row of %[1]s, told apart by %[3]s, each once, at most %[4]d rows; nothing is written anywhere:",
		t.value(s.each.rows), t.word("matter", s.matter), t.value(s.each.by), s.each.most), with}}
	if again := s.comesAgain(t); again != nil {
		parts[0].More = append(parts[0].More, again[0]+t.say("：重新打开原办件，保留上一轮的核验意见，不另开新件", ": it is opened once more, with what was found before, and never a second one"))
	}
	if s.files != nil {
		parts[0].More = append(parts[0].More, t.say("连同下载的文件（%s）一并存入，按普通材料识读、分类、核验", "With the files that were downloaded (%s), which are read, told apart and checked like any uploaded ones", strings.TrimSpace(t.value(s.files))))
	}
	return parts
}
