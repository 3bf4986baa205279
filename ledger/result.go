package ledger

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/jingban/jingban/casework"
)

// Result is what one reconciliation found. Rows are read with EachRow.
type Result struct {
	Rules      []string // name@version, in their order
	Until      Day
	Statements []*Statement
	Sides      [2]SideResult
	Payments   []PaymentOutcome
	Returns    []Returned
	Adjustment Adjustment

	Comparisons []Comparison
	HasBalance  bool // both sides state balances, so the Adjustment means something
	Invariants  []Invariant
	Forced      []Problem // what was wrong with files that were forced
	Differ      []RowResult
	MoreDiffer  int        // rows beyond maxDetails, in rows.csv only
	Questions   []Question // the same, as people are asked; the heaviest first
	References  pinnedRefs

	payments []*Payment
	paid     []string
	run      *run
	skipped  [5]casework.Fen // rows beyond maxDetails: net differences, then K1 to K4
	names    []uint32        // group → its number in the order of the rows, from 1 on
	groups   uint32          // how many there are
}

// pinnedRefs says how the books' references were found to belong together.
type pinnedRefs struct {
	Compared bool `json:"compared"`
	Agree    bool `json:"agree"` // both sides write the same ones: a difference contradicts
}

// SideResult sums one side.
type SideResult struct {
	Rows    int
	Total   casework.Fen
	Opening casework.Fen
	Closing casework.Fen
	Known   bool // the balances are known
	Count   [states]int
	Fen     [states]casework.Fen
}

// PaymentOutcome is a batch compared with the bank.
type PaymentOutcome struct {
	*Payment
	PaymentResult
	debits []casework.Fen
	group  uint32
}

// Returned is a payment that came back and must be paid again after the payee
// confirms the account (支付失败重新支付).
type Returned struct {
	Row    uint32 `json:"-"`
	Detail Detail `json:"-"`
	Batch  string `json:"batch"`
	Item   string `json:"item"`
}

// Invariant is a law that every result obeys. One that does not hold is a
// mistake of ours, never of the books.
type Invariant struct {
	Name string `json:"name"`
	Held bool   `json:"held"`
	Why  string `json:"why,omitempty"`
}

// RowResult is one row with its decision.
type RowResult struct {
	Side   Side
	File   string
	Line   int
	Fen    casework.Fen
	State  State
	Group  uint32 // 0: none
	Rule   string
	Reason string
	Zh     string
	En     string
	Age    int    // days open, for carried items
	Key    string // of a row that people look at: what it says, the same every night
	Detail Detail
}

// maxDetails bounds the rows whose texts are fetched for the reports.
const maxDetails = 50000

// conclude sums, checks and explains.
func (res *Result) conclude(job Job, r *run, loaders [2]*loader, keyer keyer) error {
	res.run = r
	res.References = pinnedRefs{r.pinned.Refs[0] >= 0, r.pinned.RefsAgree}
	res.comparePayments(r, keyer, job.Paid)
	res.numberGroups()
	for side, l := range loaders {
		if err := res.sumSide(side, l); err != nil {
			return err
		}
		for _, s := range l.sources {
			if s.statement != nil && !s.statement.Balanced {
				res.Forced = append(res.Forced, s.statement.Problems...)
			}
		}
	}
	if err := res.fetch(job, loaders); err != nil {
		return err
	}
	for i := range res.Payments {
		res.Payments[i].PaymentResult = res.Payments[i].Result(res.Payments[i].debits)
	}
	res.ask(job.Answers)
	res.paid = job.Paid
	res.adjust()
	return res.verify()
}

// numberGroups gives the groups numbers in the order of their first row, so that
// a result does not depend on who found them first.
func (res *Result) numberGroups() {
	most := uint32(0)
	for _, p := range res.run.piles {
		for i := range p.marks {
			most = max(most, p.marks[i].group())
		}
	}
	res.names = make([]uint32, most+1)
	for _, p := range res.run.piles {
		for i := range p.marks {
			if g := p.marks[i].group(); g != 0 && res.names[g] == 0 {
				res.groups++
				res.names[g] = res.groups
			}
		}
	}
}

func (res *Result) sumSide(side int, l *loader) error {
	p := res.run.piles[side]
	s := &res.Sides[side]
	s.Rows = p.count + len(p.extra)
	err := p.eachFen(func(id uint32, fen casework.Fen) {
		state := p.marks[id].state
		s.Count[state]++
		s.Fen[state] += fen
	})
	s.Total = p.total
	twice := s.Fen[Rejected] // in the pile, but not in the account
	for _, x := range p.extra {
		s.Count[Rejected]++
		s.Fen[Rejected] += x.fen
		s.Total += x.fen
	}
	if s.Opening, s.Known = l.balances(); s.Known {
		s.Closing = s.Opening + p.total - p.before - twice
	}
	return err
}

// result gives the decision of one row.
func (res *Result) result(side int, id uint32, fen casework.Fen, table *[reasons]because) RowResult {
	p := res.run.piles[side]
	file, line := p.place(id)
	m := &p.marks[id]
	why := table[m.reason]
	return RowResult{
		Side: Side(side), File: p.files[file], Line: line, Fen: fen, State: m.state,
		Group: res.names[m.group()], Rule: why.rule, Reason: why.code, Zh: why.zh, En: why.en,
	}
}

// EachRow gives every input row once: bank, ledger, batches, each in the order
// of its files, rejected lines after the rows of their side. Details are empty.
func (res *Result) EachRow(do func(RowResult) error) error {
	table := reasonTable()
	for side, p := range res.run.piles {
		var failed error
		err := p.eachFen(func(id uint32, fen casework.Fen) {
			if failed == nil {
				failed = do(res.result(side, id, fen, &table))
			}
		})
		if err := errors.Join(failed, err); err != nil {
			return err
		}
		for _, x := range p.extra {
			why := table[x.reason]
			row := RowResult{Side: Side(side), File: p.files[x.file], Line: x.line, Fen: x.fen, State: Rejected, Rule: why.rule, Reason: why.code, Zh: why.zh, En: why.en}
			if err := do(row); err != nil {
				return err
			}
		}
	}
	for _, p := range res.Payments {
		for _, item := range p.Items {
			if err := do(p.row(item, &table, res.names)); err != nil {
				return err
			}
		}
	}
	return nil
}

// row is the decision of one item: grouped with the bank's debits when they agree.
func (p PaymentOutcome) row(item PaymentItem, table *[reasons]because, names []uint32) RowResult {
	row := RowResult{Side: Batch, File: p.File, Line: item.Line, Fen: -item.Fen, State: Grouped, Group: names[p.group]}
	why := table[whyPaid]
	switch {
	case item.Result && !item.Paid:
		row.State, row.Group, why = OpenK4, 0, table[whyPaidNot]
	case !p.DebitMatches && len(p.debits) == 0:
		row.State, row.Group, why = OpenK4, 0, table[whyPaidNot]
	case !p.DebitMatches:
		row.State, why = Proposed, table[whyPaidNot]
	}
	row.Rule, row.Reason, row.Zh, row.En = why.rule, why.code, why.zh, why.en
	return row
}

// wantedRow is a row whose texts are fetched. Several rows may stand in one line
// of a file, as in XML without line ends; nth tells them apart.
type wantedRow struct {
	line, nth int
	id        uint32
	fen       casework.Fen
	settled   bool // by a person
}

// fetch reads the texts of the rows that people will look at, and ties returned
// payments to their batch items.
func (res *Result) fetch(job Job, loaders [2]*loader) error {
	table := reasonTable()
	var details [2][][]Detail
	var wanted [2][][]wantedRow
	var errs [2]error
	var reading sync.WaitGroup
	for side, l := range loaders {
		if wanted[side], errs[side] = res.wanted(Side(side)); errs[side] != nil {
			return errs[side]
		}
		details[side] = make([][]Detail, len(wanted[side]))
		reading.Go(func() {
			for file, rows := range wanted[side] {
				if details[side][file], errs[side] = res.texts(job, l, file, rows); errs[side] != nil {
					return
				}
			}
		})
	}
	reading.Wait()
	if err := errors.Join(errs[:]...); err != nil {
		return err
	}
	for side := range loaders {
		for file, rows := range wanted[side] {
			if side == 0 {
				res.matchReturns(details[side][file], rows)
			}
			for i, w := range rows {
				row := res.result(side, w.id, w.fen, &table)
				row.Detail = details[side][file][i]
				row.Age = max(int(res.lastDay())-int(row.Detail.Day), 0)
				res.Differ = append(res.Differ, row)
			}
		}
	}
	slices.SortStableFunc(res.Differ, func(a, b RowResult) int {
		return cmp.Or(cmp.Compare(a.State, b.State), cmp.Compare(a.Group, b.Group), cmp.Compare(a.Side, b.Side), cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return nil
}

// wanted lists the rows of a side to fetch, by file and in the order of the file.
func (res *Result) wanted(side Side) ([][]wantedRow, error) {
	p := res.run.piles[side]
	list := make([][]wantedRow, len(p.files))
	n := 0
	err := p.eachFen(func(id uint32, fen casework.Fen) {
		state, accepted := p.marks[id].state, p.marks[id].reason == whyAccepted
		if (state == Matched || state == Grouped) && !accepted {
			return
		}
		if n++; n > maxDetails {
			res.MoreDiffer++
			res.skip(side, state, fen)
			return
		}
		file, line := p.place(id)
		w := wantedRow{line: line, id: id, fen: fen, settled: accepted}
		if before := len(list[file]) - 1; before >= 0 && list[file][before].line == line {
			w.nth = list[file][before].nth + int(id-list[file][before].id)
		} else {
			w.nth = p.nth(id, file, line)
		}
		list[file] = append(list[file], w)
	})
	return list, err
}

// skip counts a row whose texts are not fetched into the lines of the table that
// stand for all such rows.
func (res *Result) skip(side Side, state State, fen casework.Fen) {
	switch state {
	case Rejected:
		return
	case MatchedWithDifference, Ambiguous:
		res.skipped[0] += pick(side == Bank, fen, -fen)
		return
	}
	res.skipped[openAs(side, fen >= 0)-OpenK1+1] += abs(fen)
}

func (res *Result) lastDay() Day {
	if res.Until != 0 {
		return res.Until
	}
	last := Day(0)
	for _, s := range res.Statements {
		last = max(last, s.Last)
	}
	return last
}

// texts reads the details of rows of one file, in their order.
func (res *Result) texts(job Job, l *loader, file int, rows []wantedRow) ([]Detail, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	details := make([]Detail, len(rows))
	if l.sources[file].carried {
		for i, w := range rows {
			details[i] = job.Carried[w.line-1].detail()
		}
		return details, nil
	}
	s := l.sources[file]
	asked, at, line, nth := 0, 0, 0, 0
	wanted := func(line int) bool { // lines never go back
		for asked < len(rows) && rows[asked].line < line {
			asked++
		}
		return asked < len(rows) && rows[asked].line == line
	}
	_, err := Read(s.in, Options{Side: l.side, Layout: s.layout, Force: true, Wanted: wanted}, func(e *Entry) error {
		if !l.within(e) {
			return nil
		}
		if nth++; e.Line != line {
			line, nth = e.Line, 0
		}
		for at < len(rows) && rows[at].line < line {
			at++
		}
		if at < len(rows) && rows[at].line == line && rows[at].nth == nth {
			details[at] = e.detail()
			at++
		}
		return nil
	})
	return details, err
}

// adjust draws up the table. Rows that only a person can settle stand in it as
// the open items they still are; a matched pair with a difference stands in it
// with the difference, as a correction of our books.
func (res *Result) adjust() {
	res.HasBalance = res.Sides[0].Known && res.Sides[1].Known
	a := &res.Adjustment
	a.Bank, a.Book, a.Day = res.Sides[0].Closing, res.Sides[1].Closing, res.lastDay()
	differences := map[uint32]*AdjustmentLine{}
	for _, row := range res.Differ {
		if row.State == Rejected || row.State == Matched || row.State == Grouped {
			continue // no money, or settled by a person
		}
		line := AdjustmentLine{Day: row.Detail.Day, Voucher: cmp.Or(row.Detail.Voucher, row.Detail.Serial), Summary: cmp.Or(row.Detail.Summary, row.Zh), Fen: row.Fen, Age: row.Age}
		if row.State == MatchedWithDifference || row.State == Ambiguous {
			if row.Side == Book {
				line.Fen = -line.Fen
			}
			if d := differences[row.Group]; d != nil {
				d.Fen += line.Fen
			} else {
				line.Summary = row.Zh
				differences[row.Group] = &line
			}
			continue
		}
		a.put(openAs(row.Side, row.Fen >= 0), line)
	}
	for i, fen := range res.skipped {
		if kind := pick(i > 0, OpenK1+State(i-1), openAs(Bank, fen > 0)); fen != 0 {
			a.put(kind, AdjustmentLine{Day: a.Day, Summary: "其余各笔合计", Fen: fen})
		}
	}
	for _, group := range slices.Sorted(maps.Keys(differences)) {
		if d := differences[group]; d.Fen != 0 {
			a.put(openAs(Bank, d.Fen > 0), *d)
		}
	}
}

func (a *Adjustment) put(kind State, line AdjustmentLine) {
	line.Fen = abs(line.Fen)
	switch kind {
	case OpenK1:
		a.K1 = append(a.K1, line)
	case OpenK2:
		a.K2 = append(a.K2, line)
	case OpenK3:
		a.K3 = append(a.K3, line)
	default:
		a.K4 = append(a.K4, line)
	}
}

// verify checks the laws of every result.
func (res *Result) verify() error {
	for side, s := range res.Sides {
		rows, fen := 0, casework.Fen(0)
		for state := range s.Count {
			rows += s.Count[state]
			fen += s.Fen[state]
		}
		name := Side(side).String()
		res.law("each "+name+" row has exactly one state", rows == s.Rows && s.Count[Undecided] == 0, fmt.Sprintf("%d of %d rows", rows, s.Rows))
		res.law("the sums of the "+name+" states equal the total of its files", fen == s.Total, fen.String()+" ≠ "+s.Total.String())
	}
	agree, err := res.groupsAgree()
	res.law("automatic groups have equal sums on both sides", agree, "a group differs")
	if res.HasBalance && res.MoreDiffer == 0 {
		// What the day's rows do not explain was there before them: the opening
		// balances differ by what earlier nights left open, or by a mistake.
		before := res.Sides[0].Opening - res.Sides[1].Opening - (res.run.piles[0].before - res.run.piles[1].before)
		res.law("adjusted balances differ only by what the opening balances do", res.Adjustment.Difference() == before, res.Adjustment.Difference().String()+" ≠ "+before.String())
	}
	return err
}

func (res *Result) law(name string, held bool, why string) {
	res.Invariants = append(res.Invariants, Invariant{Name: name, Held: held, Why: pick(held, "", why)})
}

// groupsAgree: bank rows of a matched, grouped or ambiguous group sum up to its
// book rows; a reversal sums up to nothing on its one side.
func (res *Result) groupsAgree() (bool, error) {
	net := make([]casework.Fen, res.groups+1)
	var errs [2]error
	for side, p := range res.run.piles {
		errs[side] = p.eachFen(func(id uint32, fen casework.Fen) {
			if m := &p.marks[id]; m.state == Matched || m.state == Grouped || m.state == Ambiguous {
				net[res.names[m.group()]] += pick(side == 0, fen, -fen)
			}
		})
	}
	return !slices.ContainsFunc(net[1:], func(f casework.Fen) bool { return f != 0 }), errors.Join(errs[:]...)
}

// Balanced says that nothing is left to look at: every row is matched or grouped,
// or a person has put it together with others of the same sum, and the adjusted
// balances agree.
func (res *Result) Balanced() bool {
	if res.MoreDiffer > 0 || slices.ContainsFunc(res.Questions, func(q Question) bool { return !q.settled() }) {
		return false
	}
	for _, p := range res.Payments {
		if !p.DebitMatches {
			return false
		}
	}
	for _, c := range res.Comparisons {
		if !c.Balanced {
			return false
		}
	}
	return len(res.Forced) == 0 && (!res.HasBalance || res.Adjustment.Balanced())
}
