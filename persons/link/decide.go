package link

import (
	"maps"
	"math"
	"slices"
)

// Decision is what became of a candidate.
type Decision struct {
	Zone  Zone // "" for a pair that nobody needs to see
	Level string
	Rule  string
}

// decide asks the rules in their order, then the weight.
func (p *plan) decide(of pattern, weight float64) Decision {
	chance := probability(weight)
	for i := range p.rules {
		if p.rules[i].fits(of, chance) {
			return Decision{p.rules[i].Zone, p.rules[i].Level, p.rules[i].Name}
		}
	}
	switch {
	case len(p.rules) > 0 && !p.config.weighs():
		return Decision{}
	case chance >= p.config.Automatic:
		return Decision{Automatic, "W", "weight"}
	case chance >= p.config.Review:
		return Decision{Review, "W", "weight"}
	}
	return Decision{}
}

// weighs reports whether pairs that no rule fits are decided by their weight: not
// where rules give zones other than a veto.
func (c Config) weighs() bool {
	for _, rule := range c.Rules {
		if rule.Zone != Veto {
			return false
		}
	}
	return true
}

func (r *plannedRule) fits(of pattern, chance float64) bool {
	for i, mask := range r.mask {
		if mask != 0 && mask>>of.level(i)&1 == 0 {
			return false
		}
	}
	return chance >= r.From && (r.AtMost == 0 || chance < r.AtMost)
}

// rarity is what a rare common value adds to a weight, and a frequent one takes
// from it: log2 of the average agreement by chance over that of this value.
func (t *table) rarity(of pattern, record uint32) float64 {
	const most = 5.0
	sum := 0.0
	for i := range t.plan.fields {
		if of.level(i) != same {
			continue
		}
		if chance, share := t.agreement(i, record); chance > 0 {
			sum += math.Log2(chance / share)
		}
	}
	return min(max(sum, -most), most)
}

// agreement gives how often two random records agree in a field, and the share
// of records that have this record's value; 0 where rarity does not count.
func (t *table) agreement(field int, record uint32) (chance, share float64) {
	if t.common != nil {
		return t.common.agreement(field, t.columns[field].at(record))
	}
	if t.often[field] == nil || t.chance[field] == 0 {
		return 0, 0
	}
	return t.chance[field], float64(t.often[field][record]) / float64(t.size())
}

// Common is how frequent the values of a population were when its model was
// learnt: what [Model] is to levels. Values not in it were there once or never.
type Common struct {
	Records int
	Chance  []float64  // per field, how often two random records agree; 0 where rarity does not count
	Values  [][]uint64 // per field the hashes of values that several had, sorted
	Often   [][]uint32 // how many had each of them
}

func (c *Common) agreement(field int, value string) (chance, share float64) {
	if c.Chance[field] == 0 {
		return 0, 0
	}
	often := uint32(1)
	if at, known := slices.BinarySearch(c.Values[field], hash(value)); known {
		often = c.Often[field][at]
	}
	return c.Chance[field], float64(often) / float64(c.Records)
}

// commons counts the values that several records have.
func (t *table) commons() *Common {
	c := &Common{Records: t.size(), Chance: t.chance, Values: make([][]uint64, len(t.columns)), Often: make([][]uint32, len(t.columns))}
	for i := range t.columns {
		if t.chance[i] == 0 {
			continue
		}
		several := map[uint64]uint32{}
		for record, n := range t.often[i] {
			if n > 1 {
				several[hash(t.columns[i].at(uint32(record)))] = n
			}
		}
		c.Values[i] = slices.Sorted(maps.Keys(several))
		for _, value := range c.Values[i] {
			c.Often[i] = append(c.Often[i], several[value])
		}
	}
	return c
}

// count fills how often each value occurs, for the fields whose comparator or
// configuration wants to know.
func (t *table) count() {
	t.often = make([][]uint32, len(t.columns))
	t.chance = make([]float64, len(t.columns))
	for i, f := range t.plan.fields {
		if !f.how.tf && f.field.Shared == 0 {
			continue
		}
		t.often[i] = t.columns[i].frequencies(t.sharers(f.field.SharedBy))
		if !f.how.tf {
			continue
		}
		n := float64(t.size())
		for _, often := range t.often[i] {
			t.chance[i] += float64(often) / n / n // Σ over records of f/n² is Σ over values of (f/n)²
		}
	}
}

// sharers is the field whose different values are counted, nil for records.
func (t *table) sharers(name string) *column {
	if i := t.plan.index(name); i >= 0 {
		return &t.columns[i]
	}
	return nil
}
