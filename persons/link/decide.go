package link

import "math"

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
		if of.level(i) == same && t.chance[i] > 0 && t.often[i] != nil {
			share := float64(t.often[i][record]) / float64(t.size())
			sum += math.Log2(t.chance[i] / share)
		}
	}
	return min(max(sum, -most), most)
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
