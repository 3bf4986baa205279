package link

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// Job is one search: one file for its duplicates, or two for what they share.
type Job struct {
	Inputs []Input // one or two
	Config Config
	Model  *Model  // weights to use instead of learning them
	Common *Common // with Model: the frequencies it was learnt with, instead of those of the files
	stakes bool    // read months and money
}

// Pair is two records that somebody, or the machine, must decide on.
type Pair struct {
	A, B     uint32 // records, in the order of the files
	Decision Decision
	Weight   float64
	pattern  pattern
}

// Result is everything a search found.
type Result struct {
	Pairs    []Pair // automatic before review before veto, strongest first
	Clusters []Cluster
	Model    Model
	Summary  Summary
	table    *table
}

// Summary counts.
type Summary struct {
	Records    int          `json:"records"`
	Files      int          `json:"files"`
	Candidates int          `json:"candidates"`
	TooLarge   int          `json:"groups_too_large"` // groups that were not compared
	Zones      map[Zone]int `json:"zones"`
	Clusters   int          `json:"clusters"`
	Missing    []string     `json:"missing_fields,omitempty"` // optional fields no column was found for
}

// candidate is a pair before it is decided.
type candidate struct {
	a, b    uint32
	pattern pattern
}

// Run searches. It stops with the context's error between two passes.
func Run(ctx context.Context, job Job) (*Result, error) {
	t, err := load(job)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	t.count()
	if len(t.plan.blocks) == 0 {
		t.chooseBlocks()
	}
	if len(t.plan.blocks) == 0 {
		return nil, fmt.Errorf("no field tells records apart well enough to compare them; name blocks in the configuration")
	}
	r := &Result{table: t, Summary: Summary{Records: t.size(), Files: t.files, Zones: map[Zone]int{}, Missing: t.plan.empty}}
	var found []candidate
	counts := map[pattern]int{}
	r.Summary.TooLarge = t.candidates(func(a, b uint32) {
		p := t.compare(a, b)
		counts[p]++
		found = append(found, candidate{a, b, p})
	})
	r.Summary.Candidates = len(found)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if r.Model, err = t.model(job.Model, counts); err != nil {
		return nil, err
	}
	r.decide(found)
	r.cluster()
	r.addImplied()
	r.sort()
	return r, nil
}

func load(job Job) (*table, error) {
	if len(job.Inputs) == 0 || len(job.Inputs) > 2 {
		return nil, fmt.Errorf("want one file or two, got %d", len(job.Inputs))
	}
	t := &table{common: job.Common}
	if job.stakes {
		t.stakes = make([]column, 2)
	}
	for _, in := range job.Inputs {
		if err := t.read(in, job.Config); err != nil {
			return nil, err
		}
	}
	if t.size() < 2 {
		return nil, fmt.Errorf("%s: one record only", job.Inputs[0].Name)
	}
	return t, nil
}

// model learns, or takes the model that was given if it is of these fields.
func (t *table) model(given *Model, counts map[pattern]int) (Model, error) {
	if given == nil {
		return t.learn(counts), nil
	}
	same := len(given.Fields) == len(t.plan.fields)
	for i := range given.Fields {
		same = same && given.Fields[i].Name == t.plan.fields[i].name && slices.Equal(given.Fields[i].Levels, t.plan.fields[i].how.levels)
	}
	if !same {
		return Model{}, fmt.Errorf("the model is of other fields than the configuration")
	}
	return *given, nil
}

func (r *Result) decide(found []candidate) {
	weights := map[pattern]float64{}
	for _, c := range found {
		weight, known := weights[c.pattern]
		if !known {
			weight = r.Model.weight(c.pattern)
			weights[c.pattern] = weight
		}
		weight += r.table.rarity(c.pattern, c.a)
		d := r.table.plan.decide(c.pattern, weight)
		if d.Zone == "" || d.Zone == Veto && d.Level == silent {
			continue
		}
		r.Summary.Zones[d.Zone]++
		r.Pairs = append(r.Pairs, Pair{c.a, c.b, d, weight, c.pattern})
	}
	r.sort()
}

// sort brings the strongest of each zone first. Equal ones stand in the order of
// their names, so that the order of the file decides nothing.
func (r *Result) sort() {
	slices.SortFunc(r.Pairs, func(x, y Pair) int {
		if d := cmp.Or(cmp.Compare(x.Decision.Zone.rank(), y.Decision.Zone.rank()), cmp.Compare(y.Weight, x.Weight)); d != 0 {
			return d
		}
		xa, xb := r.ordered(x)
		ya, yb := r.ordered(y)
		return cmp.Or(cmp.Compare(xa, ya), cmp.Compare(xb, yb), cmp.Compare(x.A, y.A), cmp.Compare(x.B, y.B))
	})
}

// ordered gives a pair's names, the smaller first.
func (r *Result) ordered(p Pair) (a, b string) {
	if a, b = r.Name(p.A), r.Name(p.B); a > b {
		return b, a
	}
	return a, b
}

// silent is the level of vetoes nobody needs to read: nothing spoke for the pair.
const silent = "-"

// Explained is what one field says about a pair.
type Explained struct {
	Field  string  `json:"field"`
	A      string  `json:"a"` // as it was compared
	B      string  `json:"b"`
	Level  string  `json:"level"`
	Weight float64 `json:"weight"`
}

// Explain gives a pair's field table. The weights, the model's prior and the
// rarity add up to the pair's weight.
func (r *Result) Explain(p Pair) (fields []Explained, prior, rarity float64) {
	for i, f := range r.Model.Fields {
		l := p.pattern.level(i)
		fields = append(fields, Explained{f.Name, r.table.columns[i].at(p.A), r.table.columns[i].at(p.B), f.Levels[l], f.weight(l)})
	}
	return fields, r.Model.prior(), r.table.rarity(p.pattern, p.A)
}

// Why compares any two records of the search, candidates or not: the answer to
// "why was this pair not found?".
func (r *Result) Why(a, b uint32) Pair {
	p := r.table.compare(a, b)
	weight := r.Model.weight(p) + r.table.rarity(p, a)
	return Pair{a, b, r.table.plan.decide(p, weight), weight, p}
}

// Name is what the file calls a record: its id, or its row without one.
func (r *Result) Name(record uint32) string { return r.table.names.at(record) }

// Replay decides again from a stored field table and weight: the levels by field
// name. It gives what the search gave, whatever has happened to the files since.
func Replay(c Config, levels map[string]string, weight float64) (Decision, error) {
	p := newPlan(c, nil)
	var of pattern
	for i, f := range p.fields {
		l := slices.Index(f.how.levels, levels[f.name])
		if l < 0 {
			return Decision{}, fmt.Errorf("field %s: %q is no level of %s", f.name, levels[f.name], f.field.Compare)
		}
		of = of.with(i, level(l))
	}
	return p.decide(of, weight), nil
}
