package ledger

import (
	"errors"

	"github.com/jingban/jingban/casework"
)

// The windows of the rules.
const (
	windowDays   = 3  // working days between the books, pass 2 of the scheme
	reversalDays = 5  // calendar days between a line and its reversal
	returnDays   = 30 // calendar days until a returned payment comes back
	farDays      = 62 // beyond two months equal data are another event
)

// run is one reconciliation at work: two piles, what is left of them, and the
// decisions made so far.
type run struct {
	piles   [2]*pile
	days    workdays
	pinned  pinned
	rest    [2]rest
	workers []worker           // one for each core
	named   []namedDebit       // bank debits that name a batch, where batches are given
	apart   map[standing][]int // rows that a person keeps apart → the answers that say so
	failed  error              // of what is kept outside of memory
}

// namedDebit is a bank debit that names a batch.
type namedDebit struct {
	batch uint32
	id    uint32
	fen   casework.Fen
}

// pinned is what was decided about the data as a whole.
type pinned struct {
	Refs      [2]int // which reference of each side is compared: 0 Ref, 1 Alt
	RefsAgree bool   // both sides write the same references: a difference contradicts
	Accounts  bool   // both sides write the same counterparty accounts
	Names     bool   // both sides write the same counterparty names
}

// near is the window of three working days.
func (r *run) near(a, b *Row) bool { return r.days.apart(a.Day, b.Day) <= windowDays }

// settle gives rows a state and a reason, and a group of their own. It is the
// only place where rows are put together; what a person has refused stays undecided.
func (r *run) settle(state State, why reason, bank, book []*Row) {
	if r.refused(bank, book) {
		return
	}
	m := mark{state: state, reason: why}
	if len(bank)+len(book) > 1 {
		m.join(r.group(bank, book))
	}
	r.piles[Bank].settle(bank, m)
	r.piles[Book].settle(book, m)
}

// group names a group after its first row: a counter that all cores share would
// cost more than the rule that found it.
func (r *run) group(bank, book []*Row) uint32 {
	if len(bank) > 0 {
		return bank[0].ID + 1
	}
	return uint32(r.piles[Bank].count) + book[0].ID + 1
}

func (r *run) undecided(side int, id uint32) bool { return r.piles[side].marks[id].state == Undecided }

// keepUndecided drops the decided rows from what is left.
func (r *run) keepUndecided() {
	for side := range r.rest {
		r.rest[side].keep(func(row *Row) bool { return r.undecided(side, row.ID) })
	}
}

// gather copies what is undecided out of the piles and lets go of the rest.
func (r *run) gather() error {
	var errs [2]error
	for side, p := range r.piles {
		errs[side] = p.slim(func(id uint32, l *line) {
			if p.marks[id].state == Undecided {
				r.rest[side].add(Row{*l, id})
			}
		})
	}
	return errors.Join(errs[:]...)
}

// contradict reports whether two rows say of themselves that they are not the
// same event: both have a reference, the books share references, and they differ.
func (r *run) contradict(a, b *Row) bool {
	return r.pinned.RefsAgree && a.Ref != 0 && b.Ref != 0 && a.Ref != b.Ref
}

// keepDebits remembers the bank's debits that name a batch.
func (r *run) keepDebits() error {
	return r.piles[Bank].each(func(id uint32, l *line) {
		if l.Batch != 0 && l.Fen < 0 {
			r.named = append(r.named, namedDebit{l.Batch, id, -l.Fen})
		}
	})
}

// pieces falls rows apart into those that an edge connects. One piece with one
// row of each side is a proven pair; others are not.
func pieces(bank, book []*Row, edge func(a, b *Row) bool, each func(bank, book []*Row)) {
	if len(bank) == 1 && len(book) == 1 {
		if edge(bank[0], book[0]) {
			each(bank, book)
		}
		return
	}
	if len(bank)*len(book) > 1<<18 {
		each(bank, book) // interchangeable by the thousand: nothing may be asserted
		return
	}
	var parent []int // made for the first edge: most rows of one key have none
	find := func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	for i, a := range bank {
		for j, b := range book {
			if !edge(a, b) {
				continue
			}
			for at := len(parent); at < len(bank)+len(book); at++ {
				parent = append(parent, at)
			}
			parent[find(i)] = find(len(bank) + j)
		}
	}
	found := make([]struct{ bank, book []*Row }, len(parent))
	for i := range parent {
		if root := find(i); i < len(bank) {
			found[root].bank = append(found[root].bank, bank[i])
		} else {
			found[root].book = append(found[root].book, book[i-len(bank)])
		}
	}
	for _, p := range found {
		if len(p.bank) > 0 && len(p.book) > 0 {
			each(p.bank, p.book)
		}
	}
}

func sum(rows []*Row) casework.Fen {
	var total casework.Fen
	for _, row := range rows {
		total += row.Fen
	}
	return total
}

func abs(f casework.Fen) casework.Fen {
	if f < 0 {
		return -f
	}
	return f
}
