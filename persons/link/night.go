package link

import (
	"bytes"
	"context"
	"fmt"
	"maps"
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
func (k Kept) Night(ctx context.Context, in Input, c Config) (*Found, error) {
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
	n, err := k.startNight(s, in, c, change)
	if err != nil {
		return nil, err
	}
	if err := n.search(); err != nil {
		return nil, err
	}
	if err := n.regroup(); err != nil {
		return nil, err
	}
	if err := n.keep(); err != nil {
		return nil, err
	}
	f := s.found(change.live)
	f.Added, f.Gone = len(change.rows), len(change.gone)
	return f, nil
}

// night is the work of one.
type night struct {
	k      Kept
	s      *state
	t      *table     // the records at hand
	marks  [][]uint64 // per index the hash of each record at hand; 0 for those that went
	number []uint32   // of each record at hand, through all segments
	place  map[uint32]uint32
	first  uint32          // number of the first row that came
	asked  map[uint32]bool // records whose neighbours are all at hand
	gone   map[uint32]bool // rows that went, tonight or before
	went   map[uint32]bool // tonight
	fresh  map[uint32]bool // records whose pairs are decided anew
	pairs  []keptPair      // that stand, in order
	found  []keptPair      // tonight
	added  segment         // of the rows that came; no name without any
}

func (k Kept) startNight(s *state, in Input, c Config, change *change) (*night, error) {
	n := &night{k: k, s: s, place: map[uint32]uint32{}, asked: map[uint32]bool{}, gone: map[uint32]bool{}, fresh: map[uint32]bool{}, went: map[uint32]bool{}}
	for _, one := range s.Segments {
		n.first += one.Rows
	}
	for _, record := range s.Gone {
		n.gone[record] = true
	}
	for _, record := range change.gone {
		n.gone[record], n.went[record] = true, true
	}
	n.t = &table{common: &s.Common, stakes: make([]column, 2)}
	header := append(bytes.Clone(s.Header), '\n')
	if err := n.t.readRows(Input{in.Name, bytes.NewReader(append(header, change.text...))}, c); err != nil {
		return nil, err
	}
	if n.t.size() != len(change.rows) {
		return nil, fmt.Errorf("%s: %d rows came, %d records were read", in.Name, len(change.rows), n.t.size())
	}
	n.marks = make([][]uint64, len(n.t.plan.indexes()))
	for i := range uint32(n.t.size()) {
		n.number = append(n.number, n.first+i)
		n.place[n.first+i] = i
		n.fresh[n.first+i] = true
	}
	n.mark(0)
	return n, n.keepRows(change)
}

// keepRows writes the rows that came, while they alone are at hand.
func (n *night) keepRows(change *change) error {
	if len(change.rows) == 0 {
		return nil
	}
	name := "s" + sumOf([]any{change.rows, n.first})[:16]
	one, err := n.k.keepSegment(name, n.t, change.rows, func(i int) []uint64 { return n.marks[i] })
	n.added = one
	return err
}

// mark computes the hashes of the records at hand from one on.
func (n *night) mark(from int) {
	for i, index := range n.t.plan.indexes() {
		for record := from; record < n.t.size(); record++ {
			n.marks[i] = append(n.marks[i], n.t.hashOf(index, uint32(record)))
		}
	}
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
	numbers = slices.DeleteFunc(slices.Clone(numbers), func(number uint32) bool { return n.asked[number] })
	if err := n.take(slices.Clone(numbers)); err != nil || len(numbers) == 0 {
		return err
	}
	var found []uint32
	for i := from; i < len(n.marks); i++ {
		start := uint32(0)
		queries := n.queries(numbers, i)
		for _, one := range n.s.Segments {
			err := n.k.find(one, i, queries, func(record uint32) {
				if number := start + record; !n.gone[number] || n.went[number] {
					found = append(found, number)
				}
			})
			if err != nil {
				return err
			}
			start += one.Rows
		}
	}
	for _, number := range numbers {
		n.asked[number] = from == 0
	}
	return n.take(found)
}

func (n *night) queries(numbers []uint32, index int) []uint32 {
	queries := make([]uint32, 0, len(numbers))
	for _, number := range numbers {
		if h := n.marks[index][n.place[number]]; h != 0 {
			queries = append(queries, uint32(h>>32))
		}
	}
	slices.Sort(queries)
	return slices.Compact(queries)
}

// search decides the pairs of the rows that came and of those they reach.
func (n *night) search() error {
	reach := slices.Clone(n.number)
	for number := range n.went {
		if _, crowded := slices.BinarySearch(n.s.Crowded, number); crowded {
			reach = append(reach, number)
		}
	}
	if err := n.ask(reach, 0); err != nil {
		return err
	}
	reached := n.reached()
	for _, number := range reached {
		n.fresh[number] = true
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
		if n.fresh[n.number[a]] || n.fresh[n.number[b]] {
			found = append(found, candidate{a, b, n.t.compare(a, b)})
		}
	})
	r.decide(found)
	n.collect(r)
	return nil
}

func (n *night) result() *Result {
	return &Result{table: n.t, Model: n.s.Model, Summary: Summary{Zones: map[Zone]int{}}}
}

// collect keeps the old pairs that stand and adds the new ones.
func (n *night) collect(r *Result) {
	n.pairs = make([]keptPair, 0, n.s.Pairs.size())
	for i := range n.s.Pairs.size() {
		if p := n.s.Pairs.at(i); !n.changed(p.a) && !n.changed(p.b) {
			n.pairs = append(n.pairs, p)
		}
	}
	for _, p := range r.Pairs {
		n.found = append(n.found, n.t.keep(p, n.number))
	}
}

func (n *night) changed(number uint32) bool { return n.fresh[number] || n.gone[number] }

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
				if !n.gone[n.number[e.record]] {
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
					n.s.Crowded = append(n.s.Crowded, n.number[e.record])
				}
			}
		})
	}
	slices.Sort(n.s.Crowded)
	n.s.Crowded = slices.Compact(n.s.Crowded)
	slices.Sort(found)
	return slices.Compact(found)
}

// forget takes the rows that went out of all groups.
func (n *night) forget() {
	for record, number := range n.number {
		if n.gone[number] {
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
func (n *night) keep() error {
	s := n.s
	if n.added.Name != "" {
		s.Segments = append(s.Segments, n.added)
	}
	s.Gone = slices.AppendSeq(s.Gone, maps.Keys(n.went))
	slices.Sort(s.Gone)
	s.Pairs = n.merged()
	return n.k.save(s)
}

// merged joins the pairs that stand, which are in order, and those found tonight.
func (n *night) merged() keptPairs {
	slices.SortFunc(n.found, keptPair.before)
	all := keptPairs{}
	all.grow(len(n.pairs) + len(n.found))
	next := 0
	for _, p := range n.pairs {
		for ; next < len(n.found) && n.found[next].before(p) < 0; next++ {
			all.add(n.found[next])
		}
		all.add(p)
	}
	for _, p := range n.found[next:] {
		all.add(p)
	}
	return all
}
