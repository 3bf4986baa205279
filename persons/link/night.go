package link

import (
	"bytes"
	"context"
	"fmt"
	"slices"
)

// Night searches an export of which an earlier one was searched before: rows that
// are the same are not read again. It finds what [Kept.Again] would: the same
// pairs with the same weights, and the same clusters. ErrFull when it cannot.
//
// A changed row is one that went and one that came. The pairs of rows that came
// are decided, those of rows that went are dropped. Three things reach further:
// a mobile or account that becomes "shared", or no longer is, changes the pairs
// of all who have it; a block's group that becomes too large, or no longer is,
// the pairs in it; and a cluster is formed anew when one of its pairs changed.
func (k Kept) Night(ctx context.Context, in Input, c Config) (found *Found, err error) {
	err = guarded(func() (err error) {
		found, err = k.night(ctx, in, c)
		return err
	})
	return found, err
}

func (k Kept) night(ctx context.Context, in Input, c Config) (*Found, error) {
	if err := nightly(c); err != nil {
		return nil, err
	}
	s, err := k.load()
	if err != nil {
		return nil, err
	}
	if s.Config != sumOf(c) {
		return nil, fmt.Errorf("the configuration changed: %w", ErrFull)
	}
	change, err := k.compareRows(s, in)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	n := &night{k: k, s: s, place: map[uint32]uint32{}}
	defer n.close()
	for _, step := range []func() error{func() error { return n.start(in, c, change) }, n.search, n.regroup, func() error { return n.keep(change) }} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	f := n.now.found(s, change.live)
	f.Added, f.Gone = len(change.rows), len(change.gone)
	return f, nil
}

// night is the work of one.
type night struct {
	k      Kept
	s      *state
	now    *findings    // first those of the night before
	rest   func() error // brings their pairs and clusters
	t      *table       // the records at hand
	marks  [][]uint64   // per index the hash of each record at hand; 0 for those that went
	number []uint32     // of each record at hand, through all segments
	place  map[uint32]uint32
	first  uint32     // number of the first row that came
	known  []fate     // of every record, by number
	before []couple   // records of the pairs that joined clusters the night before
	found  []keptPair // tonight
	keys   []*searcher
	came   [][]entry // per index, of the rows that came: sorted once for writing and for asking
}

// fate is what is known of a record tonight.
type fate uint8

const (
	gone   fate = 1 << iota // its row is not in the export
	went                    // and was there the night before
	fresh                   // its pairs are decided anew
	asked                   // its neighbours are all at hand
	linked                  // its cluster is formed anew although it did not change
)

func (n *night) is(number uint32, what fate) bool { return n.known[number]&what != 0 }

func (n *night) close() {
	for _, f := range n.keys {
		_ = f.Close() // it was only read
	}
}

func (n *night) start(in Input, c Config, change *change) (err error) {
	n.first = n.s.records()
	n.known = make([]fate, int(n.first)+len(change.rows))
	n.fates(change)
	if n.now, n.rest, err = n.k.findings(n.s.Findings); err != nil {
		return err
	}
	common, err := n.k.common(n.s.Common)
	if err != nil {
		return err
	}
	n.t = &table{common: common, stakes: make([]column, 2)}
	header := append(bytes.Clone(n.s.Header), '\n')
	if err := n.t.readRows(Input{in.Name, bytes.NewReader(append(header, change.text...))}, c); err != nil {
		return err
	}
	if n.t.size() != len(change.rows) {
		return fmt.Errorf("%s: %d rows came, %d records were read", in.Name, len(change.rows), n.t.size())
	}
	n.marks = make([][]uint64, len(n.t.plan.indexes()))
	for i := range uint32(n.t.size()) {
		n.number = append(n.number, n.first+i)
		n.place[n.first+i] = i
	}
	n.mark(0)
	for _, hashes := range n.marks {
		n.came = append(n.came, hashed(hashes))
	}
	return n.add(change)
}

// fates says of every record whether it is there.
func (n *night) fates(change *change) {
	for i := range n.known {
		n.known[i] = gone
	}
	for _, s := range change.order.spans {
		clear(n.known[s.first : s.first+s.rows])
	}
	for _, number := range change.gone {
		n.known[number] = gone | went
	}
	for i := range change.rows {
		n.known[int(n.first)+i] = fresh | asked
	}
}

// add writes the rows that came, while they alone are at hand, and opens the
// indexes of those that were there.
func (n *night) add(change *change) error {
	for _, one := range n.s.Segments {
		f, err := n.k.searcher(one)
		if err != nil {
			return err
		}
		n.keys = append(n.keys, f)
	}
	if len(change.rows) == 0 {
		return nil
	}
	one, err := n.k.keepSegment(n.t, n.first, change.rows, func(i int) []entry { return n.came[i] })
	n.s.Segments = append(n.s.Segments, one)
	return err
}

// mark computes the hashes of the records at hand from one on.
func (n *night) mark(from int) {
	n.t.parts = nil
	for i, index := range n.t.plan.indexes() {
		n.marks[i] = append(n.marks[i], n.t.hashesFrom(index, from)...)
	}
	n.t.parts = nil
}

// take brings records to hand.
func (n *night) take(numbers []uint32) error {
	slices.Sort(numbers)
	numbers = slices.DeleteFunc(slices.Compact(numbers), func(number uint32) bool { _, has := n.place[number]; return has })
	before := n.t.size()
	start := uint32(0)
	for _, one := range n.s.Segments {
		var wanted []uint32
		for len(numbers) > 0 && numbers[0] < start+one.Rows {
			n.place[numbers[0]] = uint32(len(n.number))
			n.number = append(n.number, numbers[0])
			wanted, numbers = append(wanted, numbers[0]-start), numbers[1:]
		}
		if err := n.k.records(one, wanted, n.t); err != nil {
			return err
		}
		start += one.Rows
	}
	n.mark(before)
	return nil
}

// ask brings to hand all records that share a value of an index with one of
// these, from an index on.
func (n *night) ask(numbers []uint32, from int) error {
	numbers = slices.DeleteFunc(slices.Clone(numbers), func(number uint32) bool { return n.is(number, asked) })
	if err := n.take(slices.Clone(numbers)); err != nil || len(numbers) == 0 {
		return err
	}
	if from == 0 {
		for _, number := range numbers {
			n.known[number] |= asked
		}
	}
	hashes := make([]uint64, len(numbers))
	return n.find(from, func(index int) []entry {
		for i, number := range numbers {
			hashes[i] = n.marks[index][n.place[number]]
		}
		return hashed(hashes)
	})
}

// find brings to hand what the segments hold under the hashes of entries, from an
// index on.
func (n *night) find(from int, entries func(index int) []entry) error {
	var found []uint32
	for i := from; i < len(n.marks); i++ {
		queries := queriesOf(entries(i))
		for which, keys := range n.keys {
			err := keys.find(n.s.Segments[which].Indexes[i], queries, func(number uint32) {
				if !n.is(number, gone) || n.is(number, went) {
					found = append(found, number)
				}
			})
			if err != nil {
				return err
			}
		}
	}
	return n.take(found)
}

// queriesOf lists the hashes of entries, which are sorted, once each.
func queriesOf(entries []entry) []uint32 {
	queries := make([]uint32, 0, len(entries))
	for i, e := range entries {
		if i == 0 || e.hash != entries[i-1].hash {
			queries = append(queries, e.hash)
		}
	}
	return queries
}

// search decides the pairs of the rows that came and of those they reach.
func (n *night) search() error {
	if err := n.find(0, func(index int) []entry { return n.came[index] }); err != nil {
		return err
	}
	var reach []uint32
	for _, number := range n.now.crowded {
		if n.is(number, went) {
			reach = append(reach, number)
		}
	}
	if err := n.ask(reach, 0); err != nil {
		return err
	}
	reached := n.reached()
	for _, number := range reached {
		n.known[number] |= fresh
	}
	if err := n.ask(reached, 0); err != nil {
		return err
	}
	n.forget()
	n.t.often = n.frequencies()
	r := n.result()
	var found []candidate
	n.t.kept = n.marks
	n.t.candidates(func(a, b uint32) {
		if n.is(n.number[a], fresh) || n.is(n.number[b], fresh) {
			found = append(found, candidate{a, b, n.t.compare(a, b)})
		}
	})
	r.decide(found)
	return n.collect(r)
}

func (n *night) result() *Result {
	return &Result{table: n.t, Model: n.s.Model, Summary: Summary{Zones: map[Zone]int{}}}
}

// collect keeps the old pairs that stand and adds the new ones.
func (n *night) collect(r *Result) error {
	if err := n.rest(); err != nil {
		return err
	}
	for i := range n.now.pairs {
		if n.now.pairs[i].joins() {
			n.before = append(n.before, n.now.records[i])
		}
	}
	n.now.drop(func(_ *FoundPair, of couple) bool { return n.is(of.a, fresh|gone) || n.is(of.b, fresh|gone) })
	for _, p := range r.Pairs {
		n.found = append(n.found, n.t.keep(p, n.number))
	}
	return nil
}

// reached gives the records whose pairs change although their row did not.
func (n *night) reached() []uint32 {
	var found []uint32
	for i, index := range n.t.plan.indexes() {
		limit := n.t.limit(i, index)
		groups(n.marks[i], func(group []entry) {
			var before, after []entry
			for _, e := range group {
				if n.number[e.record] < n.first {
					before = append(before, e)
				}
				if !n.is(n.number[e.record], gone) {
					after = append(after, e)
				}
			}
			if len(before) == len(group) && len(after) == len(group) {
				return
			}
			was, is := n.t.many(i, index, before) > limit, n.t.many(i, index, after) > limit
			for _, e := range after {
				if was != is {
					found = append(found, n.number[e.record])
				}
				if is {
					n.now.crowded = append(n.now.crowded, n.number[e.record])
				}
			}
		})
	}
	slices.Sort(n.now.crowded)
	n.now.crowded = slices.Compact(n.now.crowded)
	slices.Sort(found)
	return slices.Compact(found)
}

// forget takes the rows that went out of all groups.
func (n *night) forget() {
	for record, number := range n.number {
		if n.is(number, gone) {
			for i := range n.marks {
				n.marks[i][record] = 0
			}
		}
	}
}

// frequencies counts the sharers of each value, for the records at hand: right
// for those that were asked for and for who shares a value with them.
func (n *night) frequencies() [][]uint32 {
	often := make([][]uint32, len(n.t.columns))
	for i, index := range n.t.plan.indexes() {
		if i < len(n.t.plan.blocks) {
			continue
		}
		counts := make([]uint32, n.t.size())
		for record, h := range n.marks[i] {
			if h != 0 {
				counts[record] = 1
			}
		}
		groups(n.marks[i], func(group []entry) {
			many := uint32(n.t.many(i, index, group))
			for _, e := range group {
				counts[e.record] = many
			}
		})
		often[index[0].field] = counts
	}
	return often
}

// keep writes the new state.
func (n *night) keep(change *change) error {
	slices.SortFunc(n.found, func(p, q keptPair) int { return p.before(&q.FoundPair) })
	n.now.add(n.found)
	return n.k.save(n.s, &change.order, n.now)
}

// drop takes pairs out.
func (f *findings) drop(out func(*FoundPair, couple) bool) {
	kept := 0
	for i := range f.pairs {
		if out(&f.pairs[i], f.records[i]) {
			continue
		}
		if kept < i {
			f.pairs[kept], f.records[kept] = f.pairs[i], f.records[i]
		}
		kept++
	}
	f.pairs, f.records = f.pairs[:kept], f.records[:kept]
}

// add puts pairs, in order, among those that are in order, from behind.
func (f *findings) add(more []keptPair) {
	left := len(f.pairs)
	f.pairs, f.records = slices.Grow(f.pairs, len(more))[:left+len(more)], slices.Grow(f.records, len(more))[:left+len(more)]
	for at := len(f.pairs) - 1; len(more) > 0; at-- {
		last := &more[len(more)-1]
		if left > 0 && last.before(&f.pairs[left-1]) < 0 {
			left--
			f.pairs[at], f.records[at] = f.pairs[left], f.records[left]
			continue
		}
		f.pairs[at], f.records[at] = last.FoundPair, last.couple
		more = more[:len(more)-1]
	}
}
