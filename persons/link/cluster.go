package link

import (
	"cmp"
	"slices"
)

// Cluster is the records of one person, as far as pairs say so.
type Cluster struct {
	Records []uint32
	Zone    Zone // automatic only if automatic pairs alone hold it together
}

// set is a cluster while it grows.
type set struct {
	records []uint32
	review  bool
}

// cluster joins records by their pairs, the strongest first: automatic ones, then
// those for review. Two clusters with a vetoed pair between them are not joined,
// whether that pair was a candidate or not.
func (r *Result) cluster() {
	in := map[uint32]*set{}
	of := func(record uint32) *set {
		if in[record] == nil {
			in[record] = &set{records: []uint32{record}}
		}
		return in[record]
	}
	for _, p := range r.Pairs {
		if p.Decision.Zone == Veto {
			break
		}
		a, b := of(p.A), of(p.B)
		if a == b || r.apart(a, b, p) {
			continue
		}
		if len(a.records) < len(b.records) {
			a, b = b, a
		}
		a.records = append(a.records, b.records...)
		a.review = a.review || b.review || p.Decision.Zone == Review
		for _, record := range b.records {
			in[record] = a
		}
	}
	r.collect(in)
}

// throughCluster is the rule of a pair that two others imply.
const throughCluster = "through_cluster"

// addImplied lists the pairs that no rule found but that two others imply: a
// person looks at them, because all of a cluster is merged or none.
func (r *Result) addImplied() {
	type two struct{ a, b uint32 }
	known := map[two]bool{}
	for _, p := range r.Pairs {
		known[two{p.A, p.B}] = true
	}
	var implied []Pair
	for _, c := range r.Clusters {
		for i, a := range c.Records {
			for _, b := range c.Records[i+1:] {
				if known[two{a, b}] || r.table.files == 2 && (a >= r.table.first) == (b >= r.table.first) {
					continue
				}
				p := r.Why(a, b)
				p.Decision = Decision{Review, p.Decision.Level, throughCluster}
				implied = append(implied, p)
			}
		}
	}
	r.Summary.Zones[Review] += len(implied)
	r.Pairs = append(r.Pairs, implied...)
}

// apart reports whether two clusters must not be joined: a pair between them is
// vetoed, or, where weights decide, all pairs between them taken together speak
// against it although one of them speaks for it.
func (r *Result) apart(a, b *set, joining Pair) bool {
	sum := 0.0
	for _, x := range a.records {
		for _, y := range b.records {
			p := r.Why(min(x, y), max(x, y))
			if p.Decision.Zone == Veto && (p.A != joining.A || p.B != joining.B) {
				return true
			}
			sum += min(p.Weight, trusted)
		}
	}
	return sum < 0 && r.table.plan.config.weighs()
}

// trusted bounds what one pair counts when clusters are weighed against each
// other, in log2 odds: one very likely pair does not outweigh many unlikely ones.
const trusted = 20.0

func (r *Result) collect(in map[uint32]*set) {
	for record, s := range in {
		if s.records[0] != record || len(s.records) < 2 {
			continue
		}
		c := Cluster{slices.Sorted(slices.Values(s.records)), Automatic}
		if s.review {
			c.Zone = Review
		}
		r.Clusters = append(r.Clusters, c)
	}
	slices.SortFunc(r.Clusters, func(a, b Cluster) int { return cmp.Compare(a.Records[0], b.Records[0]) })
	r.Summary.Clusters = len(r.Clusters)
}
