package ledger

import (
	"runtime"
	"sync"
	"sync/atomic"

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
	piles  [2]*pile
	days   workdays
	pinned pinned
	groups atomic.Uint32
	rest   [2][]Row // rows not decided yet, in the order of their side
	index  index
	named  []namedDebit // bank debits that name a batch, where batches are given
}

// namedDebit is a bank debit that names a batch.
type namedDebit struct {
	batch uint32
	id    uint32
	fen   casework.Fen
}

// pinned is what was decided about the data as a whole. It is kept with the
// result, so that an incremental night decides alike.
type pinned struct {
	Refs        [2]int  // which reference of each side is compared: 0 Ref, 1 Alt
	RefsAgree   bool    // both sides write the same references: a difference contradicts
	Accounts    bool    // both sides write the same counterparty accounts
	Names       bool    // both sides write the same counterparty names
	RefShare    float64 // share of references of the smaller side found on the other
	windowFirst Day
	windowLast  Day
}

// near is the window of three working days.
func (r *run) near(a, b *Row) bool { return r.days.apart(a.Day, b.Day) <= windowDays }

// settle gives rows a state and a reason, and a group of their own.
func (r *run) settle(state State, why reason, bank, book []*Row) {
	group := uint32(0)
	if len(bank)+len(book) > 1 {
		group = r.groups.Add(1)
	}
	for side, rows := range [2][]*Row{bank, book} {
		m := &r.piles[side].marks
		for _, row := range rows {
			m.state[row.ID], m.reason[row.ID], m.group[row.ID] = state, why, group
		}
	}
}

func (r *run) undecided(side int, id uint32) bool { return r.piles[side].marks.state[id] == Undecided }

// keepUndecided drops the decided rows from what is left.
func (r *run) keepUndecided() {
	for side := range r.rest {
		kept := r.rest[side][:0]
		for _, row := range r.rest[side] {
			if r.undecided(side, row.ID) {
				kept = append(kept, row)
			}
		}
		r.rest[side] = kept
	}
}

// gather copies what is undecided out of the piles and lets go of the rest.
func (r *run) gather() {
	for side, p := range r.piles {
		n := 0
		for _, s := range p.marks.state {
			if s == Undecided {
				n++
			}
		}
		r.rest[side] = make([]Row, 0, n)
		p.each(func(id uint32, l *line) {
			if p.marks.state[id] == Undecided {
				r.rest[side] = append(r.rest[side], Row{*l, id})
			}
		})
		p.slim()
	}
}

// contradict reports whether two rows say of themselves that they are not the
// same event: both have a reference, the books share references, and they differ.
func (r *run) contradict(a, b *Row) bool {
	return r.pinned.RefsAgree && a.Ref != 0 && b.Ref != 0 && a.Ref != b.Ref
}

// keepDebits remembers the bank's debits that name a batch.
func (r *run) keepDebits() {
	r.piles[Bank].each(func(id uint32, l *line) {
		if l.Batch != 0 && l.Fen < 0 {
			r.named = append(r.named, namedDebit{l.Batch, id, -l.Fen})
		}
	})
}

// partitionRows is how many rows are joined at a time; they fit the second-level cache.
const partitionRows = 1 << 13

// partitions cuts both sides by their reference and gives each part to work, on
// all cores. Rows without a reference are left out. A row is read from memory
// once; the rest happens in the cache.
func (r *run) partitions(work func(x *index, bank, book []Row)) {
	total := r.piles[0].count + r.piles[1].count
	shift := 64
	for n := partitionRows; n < total && shift > 48; n *= 2 {
		shift--
	}
	parts := 1 << (64 - shift)
	var order [2][]uint32
	var starts [2][]int
	var count sync.WaitGroup
	for side := range 2 {
		count.Go(func() { order[side], starts[side] = scatter(r.piles[side], parts, shift) })
	}
	count.Wait()
	var next atomic.Int64
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			var x index
			var rows [2][]Row
			for part := int(next.Add(1)) - 1; part < parts; part = int(next.Add(1)) - 1 {
				for side, p := range r.piles {
					rows[side] = rows[side][:0]
					for _, id := range order[side][starts[side][part]:starts[side][part+1]] {
						rows[side] = append(rows[side], Row{*p.row(id), id})
					}
				}
				work(&x, rows[0], rows[1])
			}
		})
	}
	workers.Wait()
}

// scatter orders the rows that have a reference by the top bits of it.
func scatter(p *pile, parts, shift int) (order []uint32, starts []int) {
	starts = make([]int, parts+1)
	with := 0
	p.each(func(_ uint32, l *line) {
		if l.Ref != 0 {
			starts[l.Ref>>shift+1]++
			with++
		}
	})
	for i := range parts {
		starts[i+1] += starts[i]
	}
	order = make([]uint32, with)
	at := append([]int(nil), starts...)
	p.each(func(id uint32, l *line) {
		if l.Ref != 0 {
			order[at[l.Ref>>shift]] = id
			at[l.Ref>>shift]++
		}
	})
	return order, starts
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
	parent := make([]int, len(bank)+len(book))
	for i := range parent {
		parent[i] = i
	}
	find := func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	for i, a := range bank {
		for j, b := range book {
			if edge(a, b) {
				parent[find(i)] = find(len(bank) + j)
			}
		}
	}
	type piece struct{ bank, book []*Row }
	found := map[int]*piece{}
	var order []int
	for i := range parent {
		root := find(i)
		if found[root] == nil {
			found[root] = &piece{}
			order = append(order, root)
		}
		if i < len(bank) {
			found[root].bank = append(found[root].bank, bank[i])
		} else {
			found[root].book = append(found[root].book, book[i-len(bank)])
		}
	}
	for _, root := range order {
		if p := found[root]; len(p.bank) > 0 && len(p.book) > 0 {
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
