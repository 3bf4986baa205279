package link

import (
	"bytes"
	"fmt"
	"slices"
)

// Explanation is the field table of a found pair. Prior, Rarity and the weights of
// the fields add up to the pair's weight.
type Explanation struct {
	Fields        []Explained
	Prior, Rarity float64
}

// Explain gives the field tables of pairs of the last search, in their order, out
// of what was kept. It errs for a pair that the search did not find.
func (k Kept) Explain(c Config, pairs []FoundPair) (all []Explanation, err error) {
	err = guarded(func() (err error) {
		all, err = k.explain(c, pairs)
		return err
	})
	return all, err
}

func (k Kept) explain(c Config, pairs []FoundPair) ([]Explanation, error) {
	s, err := k.load()
	if err != nil {
		return nil, err
	}
	found, rest, err := k.findings(s.Findings)
	if err != nil {
		return nil, err
	}
	if err := rest(); err != nil {
		return nil, err
	}
	numbers := map[[2]string]couple{}
	for i, p := range found.pairs {
		numbers[[2]string{p.A, p.B}] = found.records[i]
	}
	var wanted []uint32
	for _, p := range pairs {
		at, found := numbers[[2]string{p.A, p.B}]
		if !found {
			return nil, fmt.Errorf("a pair is to be explained that the search did not find")
		}
		wanted = append(wanted, at.a, at.b)
	}
	t, place, err := k.brought(s, c, wanted)
	if err != nil {
		return nil, err
	}
	var all []Explanation
	for i, p := range pairs {
		all = append(all, t.explanation(s.Model, p, place[wanted[2*i]], place[wanted[2*i+1]]))
	}
	return all, nil
}

// brought is a table of some records, and where each stands in it.
func (k Kept) brought(s *state, c Config, numbers []uint32) (*table, map[uint32]uint32, error) {
	t := &table{stakes: make([]column, 2)}
	header, err := Header(Input{"kept header", bytes.NewReader(append(bytes.Clone(s.Header), '\n'))})
	if err != nil {
		return nil, nil, err
	}
	t.plan = newPlan(c, header)
	t.columns = make([]column, len(t.plan.fields))
	numbers = slices.Compact(slices.Sorted(slices.Values(numbers)))
	place := map[uint32]uint32{}
	start := uint32(0)
	for _, one := range s.Segments {
		var wanted []uint32
		for len(numbers) > 0 && numbers[0] < start+one.Rows {
			place[numbers[0]] = uint32(len(place))
			wanted, numbers = append(wanted, numbers[0]-start), numbers[1:]
		}
		if err := k.records(one, wanted, t); err != nil {
			return nil, nil, err
		}
		start += one.Rows
	}
	return t, place, nil
}

func (t *table) explanation(m Model, p FoundPair, a, b uint32) Explanation {
	e := Explanation{Prior: m.prior(), Rarity: p.Weight - m.prior()}
	for i, f := range m.Fields {
		l := p.pattern.level(i)
		e.Fields = append(e.Fields, Explained{f.Name, t.columns[i].at(a), t.columns[i].at(b), f.Levels[l], f.weight(l)})
		e.Rarity -= f.weight(l)
	}
	return e
}
