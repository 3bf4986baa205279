package ledger

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/jingban/jingban/casework"
)

// Ruling is what a person said of a Question. It is given back to every later
// run, where the same rows are the same question.
type Ruling string

// The rulings.
const (
	Unruled   Ruling = ""
	Accepted  Ruling = "accepted"  // these rows belong together
	Refused   Ruling = "refused"   // they do not: each stays open on its own
	Explained Ruling = "explained" // an open item whose reason is known; it stays open
)

// Answer is a Ruling with the rows it is about. Rows are found again by what they
// say, so that an answer holds in every night and in the books that follow.
type Answer struct {
	Question string // its key
	Ruling   Ruling
	Rows     []AnsweredRow
}

// AnsweredRow is one row of an Answer.
type AnsweredRow struct {
	Key  string
	Side Side
	Fen  casework.Fen
}

// Answered is the question with a ruling, as later runs take it.
func (q Question) Answered(ruling Ruling) Answer {
	a := Answer{Question: q.Key, Ruling: ruling}
	for _, row := range q.Rows {
		a.Rows = append(a.Rows, AnsweredRow{row.Key, row.Side, row.Fen})
	}
	return a
}

// about says that the answer decides which rows may stand together.
func (a Answer) about() bool {
	return len(a.Rows) > 1 && (a.Ruling == Accepted || a.Ruling == Refused)
}

// recall finds the rows of answers while the files of a side are read. Only rows
// of an answered amount are looked at.
type recall struct {
	side   Side
	fens   map[casework.Fen]bool
	wanted map[string][]int // key of a row → answers that speak of it
	twins  map[string]int
	found  map[int][]uint32 // answer → rows of this side
}

func newRecall(side Side, answers []Answer) *recall {
	c := &recall{side: side, fens: map[casework.Fen]bool{}, wanted: map[string][]int{}, twins: map[string]int{}, found: map[int][]uint32{}}
	for i, a := range answers {
		for _, row := range a.Rows {
			if a.about() && row.Side == side {
				c.fens[row.Fen], c.wanted[row.Key] = true, append(c.wanted[row.Key], i)
			}
		}
	}
	return c
}

// see looks at a row that was stored under an ID. Rows that say the same are
// numbered, as ask numbers them.
func (c *recall) see(d Detail, id uint32) {
	who := identity(c.side, d)
	c.twins[who]++
	for _, answer := range c.wanted[rowKey(who, c.twins[who])] {
		c.found[answer] = append(c.found[answer], id)
	}
}

// standing names a row of either side.
type standing struct {
	side Side
	id   uint32
}

// heed puts the rows of accepted answers together before any rule sees them, and
// remembers the rows that refused ones keep apart. An answer of which rows are
// missing puts nothing together: the rest is asked about anew.
func (r *run) heed(answers []Answer, recalls [2]*recall) {
	for i, a := range answers {
		var rows [2][]*Row
		for side := range rows {
			for _, id := range recalls[side].found[i] {
				if r.undecided(side, id) {
					rows[side] = append(rows[side], &Row{ID: id})
				}
			}
		}
		switch {
		case a.Ruling == Accepted && len(rows[0])+len(rows[1]) == len(a.Rows) && a.about():
			r.settle(a.state(), whyAccepted, rows[0], rows[1])
		case a.Ruling == Refused && len(rows[0])+len(rows[1]) > 1:
			r.keepApart(i, rows)
		}
	}
}

// state is what accepted rows are to each other.
func (a Answer) state() State {
	var net casework.Fen
	var count [2]int
	for _, row := range a.Rows {
		net += pick(row.Side == Bank, row.Fen, -row.Fen)
		count[row.Side]++
	}
	switch {
	case net != 0:
		return MatchedWithDifference
	case count == [2]int{1, 1}:
		return Matched
	}
	return Grouped
}

func (r *run) keepApart(answer int, rows [2][]*Row) {
	if r.apart == nil {
		r.apart = map[standing][]int{}
	}
	for side := range rows {
		for _, row := range rows[side] {
			at := standing{Side(side), row.ID}
			r.apart[at] = append(r.apart[at], answer)
		}
	}
}

// refused says that a person has kept two of the rows apart.
func (r *run) refused(bank, book []*Row) bool {
	if len(r.apart) == 0 {
		return false
	}
	seen := map[int]bool{}
	for side, rows := range [2][]*Row{bank, book} {
		for _, row := range rows {
			for _, answer := range r.apart[standing{Side(side), row.ID}] {
				if seen[answer] {
					return true
				}
				seen[answer] = true
			}
		}
	}
	return false
}

// byRefusal looks for other partners of rows that a person has kept apart: it
// runs the rules again without those of one side, then without those of the other.
func (r *run) byRefusal() {
	if len(r.apart) == 0 {
		return
	}
	for _, side := range []Side{Book, Bank} {
		var hidden []Row
		r.rest[side].keep(func(row *Row) bool {
			_, kept := r.apart[standing{side, row.ID}]
			if kept {
				hidden = append(hidden, *row)
			}
			return !kept
		})
		for _, each := range rulesInOrder() {
			if !each.once {
				each.pass(r)
			}
		}
		all := r.rest[side].list(hidden)
		slices.SortFunc(all, func(a, b Row) int { return cmp.Compare(a.ID, b.ID) })
		r.rest[side] = rest{}
		for _, row := range all {
			r.rest[side].add(row)
		}
	}
}

// askAgain shows the refused answers whose rows all stand open, so that they can
// be taken back. Each row is asked about on its own as well.
func (res *Result) askAgain(answers []Answer) {
	at := map[string]*RowResult{}
	for i := range res.Differ {
		at[res.Differ[i].Key] = &res.Differ[i]
	}
	for _, a := range answers {
		q := Question{Key: a.Question, State: Proposed, Reason: reasonTable()[whyRefused].code, Rule: reasonTable()[whyRefused].rule, Zh: reasonTable()[whyRefused].zh, En: reasonTable()[whyRefused].en}
		for _, row := range a.Rows {
			if now := at[row.Key]; now != nil && now.State.open() {
				q.Rows = append(q.Rows, *now)
			}
		}
		if a.Ruling == Refused && a.about() && len(q.Rows) == len(a.Rows) {
			res.Questions = append(res.Questions, q)
		}
	}
}

// rowKey is the key of the nth of the rows that say the same.
func rowKey(who string, nth int) string { return digest(fmt.Sprintf("%s\x1f%d", who, nth)) }
