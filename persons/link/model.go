package link

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"
)

// Model is what the weights come from. It is kept with the pairs, so that every
// weight can be computed again.
type Model struct {
	Fields     []FieldModel `json:"fields"`
	Prior      float64      `json:"prior"`      // share of matches among candidates
	Candidates int          `json:"candidates"` // pairs it was learnt from
	Rounds     int          `json:"rounds"`
	Supported  float64      `json:"supported"` // matches that agreement beyond chance supports
	Refused    bool         `json:"refused"`   // the learnt weights claimed far more and were refused
}

// FieldModel holds, per level, how often it occurs among matches and among others.
type FieldModel struct {
	Name   string    `json:"name"`
	Levels []string  `json:"levels"`
	Match  []float64 `json:"match"`
	Other  []float64 `json:"other"`
}

// weight is log2 of how much more often matches show a level than others do. A
// missing value says nothing.
func (f FieldModel) weight(l level) float64 {
	if l == 0 {
		return 0
	}
	return math.Log2(f.Match[l] / f.Other[l])
}

// Weight is log2 of the odds that a pattern is a match, and the part of each field.
func (m Model) weight(p pattern) float64 {
	sum := m.prior()
	for i, f := range m.Fields {
		sum += f.weight(p.level(i))
	}
	return sum
}

func (m Model) prior() float64 { return math.Log2(m.Prior / (1 - m.Prior)) }

func probability(weight float64) float64 { return 1 / (1 + math.Exp2(-weight)) }

// counted is a pattern and how many candidates show it.
type counted struct {
	pattern pattern
	pairs   float64
}

// sorted makes learning independent of the order of a map.
func sorted(counts map[pattern]int) []counted {
	var list []counted
	for _, p := range slices.Sorted(maps.Keys(counts)) {
		list = append(list, counted{p, float64(counts[p])})
	}
	return list
}

// learn estimates a model from patterns without labels. It starts from what
// random pairs show and from how people err, lets matches and others both move,
// and refuses a result that claims many more matches than the start supports.
func (t *table) learn(counts map[pattern]int) Model {
	list := sorted(counts)
	start := t.startModel(list)
	learnt := start
	for learnt.Rounds < 200 {
		next := learnt.round(list, start)
		moved := math.Abs(next.Prior - learnt.Prior)
		learnt = next
		if moved < 1e-7 && learnt.Rounds > 5 {
			break
		}
	}
	total := float64(start.Candidates)
	if learnt.Prior*total > 1.5*start.Supported+20 || learnt.Prior*total < start.Supported/3 {
		start.Refused, start.Rounds = true, learnt.Rounds
		return start
	}
	return learnt
}

// startModel takes the others from random pairs and the matches from experience.
// Its prior is the share of candidates whose agreement cannot be chance.
func (t *table) startModel(list []counted) Model {
	m := Model{Prior: 0.5}
	random := t.randomPatterns()
	for i, f := range t.plan.fields {
		m.Fields = append(m.Fields, FieldModel{f.name, f.how.levels, expected(f.how.levels), shares(random, i, len(f.how.levels))})
	}
	for _, c := range list {
		m.Candidates += int(c.pairs)
	}
	chance := math.Log2(max(1, t.possiblePairs()/float64(t.size())))
	for _, c := range list {
		m.Supported += c.pairs * probability(m.weight(c.pattern)-chance)
	}
	m.Prior = min(max(m.Supported/float64(max(m.Candidates, 1)), 1e-6), 0.999)
	return m
}

func (t *table) possiblePairs() float64 {
	n := float64(t.size())
	if t.files == 2 {
		return float64(t.first) * (n - float64(t.first))
	}
	return n * (n - 1) / 2
}

// randomPatterns compares random pairs with a fixed seed, so that a run repeats.
func (t *table) randomPatterns() map[pattern]int {
	tries := min(100_000, 50*t.size())
	rnd := rand.New(rand.NewPCG(1, 2))
	n := uint32(t.size())
	found := map[pattern]int{}
	for range tries {
		a, b := rnd.Uint32N(n), rnd.Uint32N(n)
		if t.files == 2 {
			a, b = rnd.Uint32N(t.first), t.first+rnd.Uint32N(n-t.first)
		}
		if a != b {
			found[t.compare(a, b)]++
		}
	}
	return found
}

// expected is how matches err before anything is known: nine in ten agree, the
// rest falls off by the order of the levels.
func expected(levels []string) []float64 {
	share := make([]float64, len(levels))
	left, sum := 0.85, 0.0
	for l := 1; l < len(levels); l++ {
		share[l] = left
		sum += left
		left = 0.05
	}
	for l := range share {
		share[l] /= sum
	}
	return share
}

// shares counts a field's levels among non-missing ones, with a little of each.
func shares(counts map[pattern]int, field, levels int) []float64 {
	const little = 0.5
	share := make([]float64, levels)
	sum := 0.0
	for p, n := range counts {
		if l := p.level(field); l > 0 {
			share[l] += float64(n)
		}
	}
	for l := 1; l < levels; l++ {
		share[l] += little
		sum += share[l]
	}
	for l := range share {
		share[l] /= sum
	}
	return share
}

// round is one step of expectation maximisation. The start stays in sight with
// the weight of a few pairs, so that a level nobody shows keeps a sane weight.
func (m Model) round(list []counted, start Model) Model {
	const matchPull, otherPull = 10.0, 10.0
	next := m
	next.Rounds++
	next.Fields = make([]FieldModel, len(m.Fields))
	for i, f := range start.Fields {
		next.Fields[i] = FieldModel{f.Name, f.Levels, scaled(f.Match, matchPull), scaled(f.Other, otherPull)}
	}
	matches, total := 0.0, 0.0
	for _, c := range list {
		p := probability(m.weight(c.pattern))
		matches += p * c.pairs
		total += c.pairs
		for i := range next.Fields {
			l := c.pattern.level(i)
			next.Fields[i].Match[l] += p * c.pairs
			next.Fields[i].Other[l] += (1 - p) * c.pairs
		}
	}
	for i := range next.Fields {
		normalise(next.Fields[i].Match)
		normalise(next.Fields[i].Other)
	}
	next.Prior = min(max(matches/max(total, 1), 1e-6), 0.999)
	return next
}

func scaled(share []float64, by float64) []float64 {
	out := slices.Clone(share)
	for i := range out {
		out[i] *= by
	}
	return out
}

// normalise makes shares of counts, without the missing.
func normalise(counts []float64) {
	counts[0] = 0
	sum := 0.0
	for _, n := range counts {
		sum += n
	}
	for i := range counts {
		counts[i] /= sum
	}
}
