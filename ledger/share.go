package ledger

import (
	"errors"
	"math/bits"
	"runtime"
	"sync"
	"sync/atomic"
)

// partitionRows is how many rows are joined at a time; they fit the second-level cache.
const partitionRows = 1 << 13

// worker is what one of the goroutines of share uses again and again.
type worker struct {
	index index
	rows  [2][]Row
}

// share lets all cores work on numbered parts.
func (r *run) share(parts int, work func(w *worker, part int) error) error {
	if r.workers == nil {
		r.workers = make([]worker, runtime.GOMAXPROCS(0))
	}
	var next atomic.Int64
	errs := make([]error, len(r.workers))
	var working sync.WaitGroup
	for i := range r.workers {
		working.Go(func() {
			for part := int(next.Add(1)) - 1; part < parts && errs[i] == nil; part = int(next.Add(1)) - 1 {
				errs[i] = work(&r.workers[i], part)
			}
		})
	}
	working.Wait()
	return errors.Join(errs...)
}

// parting gives the shift that leaves the number of the part of a 64-bit key, and
// how many parts there are.
func parting(rows int) (parts, shift int) {
	n := min(bits.Len(uint(rows/partitionRows)), 16)
	return 1 << n, 64 - n
}

// clusters gives each the rows of both sides that share a key, on all cores and
// in no order; see index.clusters. each gets copies and may only settle them.
func (r *run) clusters(bank, book *rest, key keyed, lonely bool, each func(bank, book []*Row)) {
	parts, shift := parting(bank.count() + book.count())
	spread := func(row *Row) uint64 { return key(row) * 0x9e3779b97f4a7c15 } // keys may be small numbers
	rows := [2]*rest{bank, book}
	var order [2][]uint32
	var starts [2][]int
	var count sync.WaitGroup
	for side, p := range r.piles {
		count.Go(func() {
			order[side], starts[side] = p.scatter(parts, shift, func(do func(at uint32, key uint64)) {
				rows[side].each(func(i uint32, row *Row) { do(i, spread(row)) })
			})
		})
	}
	count.Wait()
	_ = r.share(parts, func(w *worker, part int) error {
		for side := range 2 {
			w.rows[side] = w.rows[side][:0]
			for _, at := range order[side][starts[side][part]:starts[side][part+1]] {
				w.rows[side] = append(w.rows[side], *rows[side].at(at))
			}
		}
		w.index.clusters(w.rows[0], w.rows[1], key, lonely, each)
		return nil
	})
}

// scatter orders what has a key by the top bits of it; the order is valid until the
// next call.
func (p *pile) scatter(parts, shift int, each func(do func(at uint32, key uint64))) (order []uint32, starts []int) {
	starts = make([]int, parts+1)
	with := 0
	each(func(_ uint32, key uint64) {
		if key != 0 {
			starts[key>>shift+1]++
			with++
		}
	})
	for i := range parts {
		starts[i+1] += starts[i]
	}
	if cap(p.order) < with {
		p.order = make([]uint32, with)
	}
	order = p.order[:with]
	at := append([]int(nil), starts...)
	each(func(id uint32, key uint64) {
		if key != 0 {
			order[at[key>>shift]] = id
			at[key>>shift]++
		}
	})
	return order, starts
}

// hand gives the rows of one part of one side.
type hand func(part int, into []Row) ([]Row, error)

// hands cuts a pile into parts by the top bits of the reference.
func (p *pile) hands(parts, shift int) (hand, error) {
	if p.spill.lines > 0 {
		d, err := p.deal(parts, shift)
		return d.part, err
	}
	order, starts := p.scatter(parts, shift, func(do func(at uint32, key uint64)) {
		_ = p.each(func(id uint32, l *line) { do(id, l.Ref) }) // in memory there is nothing to fail
	})
	return func(part int, into []Row) ([]Row, error) {
		for _, id := range order[starts[part]:starts[part+1]] {
			if p.marks[id].state == Undecided { // to look now fetches what is written soon, which takes longest of all
				into = append(into, Row{*p.row(id), id})
			}
		}
		return into, nil
	}, nil
}

// partitions cuts both sides by their reference and gives each part to work, on
// all cores. Rows without a reference are left out. A row is read from memory
// once; the rest happens in the cache.
func (r *run) partitions(work func(x *index, bank, book []Row)) error {
	parts, shift := parting(r.piles[0].count + r.piles[1].count)
	var hands [2]hand
	var errs [2]error
	var cutting sync.WaitGroup
	for side, p := range r.piles {
		cutting.Go(func() { hands[side], errs[side] = p.hands(parts, shift) })
	}
	cutting.Wait()
	if err := errors.Join(errs[:]...); err != nil {
		return err
	}
	return r.share(parts, func(w *worker, part int) (err error) {
		for side := range 2 {
			if w.rows[side], err = hands[side](part, w.rows[side][:0]); err != nil {
				return err
			}
		}
		work(&w.index, w.rows[0], w.rows[1])
		return nil
	})
}
