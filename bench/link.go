package bench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/jingban/jingban/fixtures/people"
	"github.com/jingban/jingban/persons/link"
)

// LinkOptions says what is measured.
type LinkOptions struct {
	Persons int    // records
	Seed    uint64 // of the population
	Growth  bool   // a tenth and five times as many records as well
	English bool   // search sets of English persons as well
	Night   bool   // search by night as well: one row in a hundred new
	Dir     string // scratch folder
}

// LinkScore judges pairs by who the records really are.
type LinkScore struct {
	TruePairs       int                `json:"true_pairs"`
	FalseAutomatic  int                `json:"false_automatic"`
	AutomaticRecall float64            `json:"automatic_recall"`
	Recall          float64            `json:"recall"` // automatic and review
	ReviewLoad      float64            `json:"review_pairs_per_true_pair"`
	ReviewPrecision float64            `json:"review_precision"`
	VetoedTrue      int                `json:"vetoed_true_pairs"`
	ByKind          map[string]KindHit `json:"by_kind"`
	FalseReview     map[string]int     `json:"false_review_by_rule"`
}

// KindHit is what became of the true pairs of one kind of error.
type KindHit struct {
	Pairs     int `json:"pairs"`
	Automatic int `json:"automatic"`
	Review    int `json:"review"`
}

// LinkMeasure is one population and its search.
type LinkMeasure struct {
	Records         int          `json:"records"`
	Shares          PeopleShares `json:"shares"`
	Bytes           int64        `json:"bytes"`
	Candidates      int          `json:"candidates"`
	Search          Measure      `json:"search"` // from opening the file to the written pairs
	CPUPerMillion   float64      `json:"cpu_seconds_per_million"`
	Score           LinkScore    `json:"score"`
	Model           link.Model   `json:"model"`
	ClusterMistakes int          `json:"clusters_of_several_persons_automatic"`
}

// PeopleShares is what the population is made of, as shares of its records.
type PeopleShares struct {
	TruePairs   float64 `json:"true_pairs"`
	Twins       float64 `json:"twins"`
	Namesakes   float64 `json:"namesakes_sharing_employer"`
	SameNumber  float64 `json:"same_number_two_persons"`
	Sons        float64 `json:"sons"`
	Reissued    float64 `json:"reissued"`
	ThreeOfAKin int     `json:"persons_with_three_numbers"`
}

// LinkReport is everything that was measured.
type LinkReport struct {
	Seed   uint64        `json:"seed"`
	Cores  int           `json:"cores"`
	Main   LinkMeasure   `json:"main"`
	Sizes  []LinkMeasure `json:"sizes,omitempty"`
	Growth []float64     `json:"growth_over_linear,omitempty"` // CPU per record against the next smaller size

	English     []EnglishScore `json:"english,omitempty"`
	Incremental *NightMeasure  `json:"incremental,omitempty"`
}

// Link makes a population, searches it and judges the result.
func Link(ctx context.Context, o LinkOptions) (*LinkReport, error) {
	r := &LinkReport{Seed: o.Seed, Cores: runtime.GOMAXPROCS(0)}
	sizes := []int{o.Persons}
	if o.Growth {
		sizes = []int{o.Persons / 10, o.Persons, o.Persons * 5}
	}
	for _, size := range sizes {
		m, err := linkOnce(ctx, size, o)
		if err != nil {
			return nil, err
		}
		if size == o.Persons {
			r.Main = m
		}
		if o.Growth {
			r.Sizes = append(r.Sizes, m)
		}
	}
	for i := 1; i < len(r.Sizes); i++ {
		r.Growth = append(r.Growth, r.Sizes[i].CPUPerMillion/r.Sizes[i-1].CPUPerMillion)
	}
	if o.Night {
		m, err := linkNight(ctx, o)
		if err != nil {
			return nil, err
		}
		r.Incremental = &m
	}
	if !o.English {
		return r, nil
	}
	var err error
	r.English, err = EnglishSets(ctx, o.Seed)
	return r, err
}

func linkOnce(ctx context.Context, size int, o LinkOptions) (LinkMeasure, error) {
	m := LinkMeasure{Records: size}
	path := filepath.Join(o.Dir, "persons.csv")
	truth, err := population(path, size, o.Seed, &m)
	if err != nil {
		return m, err
	}
	defer os.Remove(path)
	config, err := link.Insured()
	if err != nil {
		return m, err
	}
	var found *link.Result
	m.Search, err = measure(func() error {
		found, err = searchFile(ctx, path, config, filepath.Join(o.Dir, "pairs.csv"))
		return err
	})
	if err != nil {
		return m, fmt.Errorf("search: %w", err)
	}
	m.Candidates, m.Model = found.Summary.Candidates, found.Model
	m.CPUPerMillion = m.Search.CPUSeconds / float64(size) * 1e6
	m.Score = truth.score(found)
	m.ClusterMistakes = truth.mixedClusters(found)
	return m, nil
}

// searchFile is what the command does: open, search, write.
func searchFile(ctx context.Context, path string, config link.Config, out string) (*link.Result, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	found, err := link.Run(ctx, link.Job{Inputs: []link.Input{{Name: filepath.Base(path), Data: f}}, Config: config})
	if err != nil {
		return nil, err
	}
	pairs, err := os.Create(out)
	if err != nil {
		return nil, err
	}
	defer pairs.Close()
	return found, found.WritePairs(pairs)
}

// identities is who each record really is, by its place in the file.
type identities struct {
	person []int32
	kind   []people.Kind
	groups map[int32][]uint32 // persons with several records
}

func population(path string, size int, seed uint64, m *LinkMeasure) (*identities, error) {
	entries := people.Population(size, seed)
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := people.WritePopulation(f, entries); err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	m.Bytes = info.Size()
	truth := identify(entries)
	m.Shares = truth.shares()
	return truth, nil
}

func identify(entries []people.Entry) *identities {
	truth := &identities{groups: map[int32][]uint32{}}
	first := make([]int32, len(entries))
	for i, e := range entries {
		truth.person, truth.kind = append(truth.person, e.Person), append(truth.kind, e.Kind)
		switch before := first[e.Person]; {
		case before == 0:
			first[e.Person] = int32(i) + 1
		case truth.groups[e.Person] == nil:
			truth.groups[e.Person] = []uint32{uint32(before - 1), uint32(i)}
		default:
			truth.groups[e.Person] = append(truth.groups[e.Person], uint32(i))
		}
	}
	return truth
}

func (t *identities) truePairs() int {
	n := 0
	for _, group := range t.groups {
		n += len(group) * (len(group) - 1) / 2
	}
	return n
}

func (t *identities) shares() PeopleShares {
	var count [people.Son + 1]float64
	for _, kind := range t.kind {
		count[kind] += 1 / float64(len(t.kind))
	}
	s := PeopleShares{TruePairs: float64(t.truePairs()) / float64(len(t.kind)), Twins: 2 * count[people.Twin], Namesakes: count[people.Namesake],
		SameNumber: 2 * count[people.SameNumber], Sons: count[people.Son], Reissued: count[people.Reissued]}
	for _, group := range t.groups {
		if len(group) == 3 {
			s.ThreeOfAKin++
		}
	}
	return s
}

// kindOf names a true pair by its later record; two later records are a kind of
// their own.
func (t *identities) kindOf(a, b uint32) string {
	second := func(k people.Kind) bool { return k >= people.OldNumber && k <= people.Reissued }
	switch x, y := t.kind[a], t.kind[b]; {
	case second(x) && second(y):
		return "two_later_records"
	case second(x):
		return x.String()
	default:
		return y.String()
	}
}

func (t *identities) score(found *link.Result) LinkScore {
	s := LinkScore{TruePairs: t.truePairs(), ByKind: map[string]KindHit{}, FalseReview: map[string]int{}}
	for _, group := range t.groups {
		for i, a := range group {
			for _, b := range group[i+1:] {
				hit := s.ByKind[t.kindOf(a, b)]
				hit.Pairs++
				s.ByKind[t.kindOf(a, b)] = hit
			}
		}
	}
	automatic, review, trueReview := 0, 0, 0
	for _, p := range found.Pairs {
		right := t.person[p.A] == t.person[p.B]
		hit := s.ByKind[t.kindOf(p.A, p.B)]
		switch {
		case p.Decision.Zone == link.Veto && right:
			s.VetoedTrue++
		case p.Decision.Zone == link.Automatic && right:
			automatic++
			hit.Automatic++
		case p.Decision.Zone == link.Automatic:
			s.FalseAutomatic++
		case p.Decision.Zone == link.Review:
			review++
			if right {
				trueReview++
				hit.Review++
			} else {
				s.FalseReview[p.Decision.Rule]++
			}
		}
		if right {
			s.ByKind[t.kindOf(p.A, p.B)] = hit
		}
	}
	all := float64(max(s.TruePairs, 1))
	s.AutomaticRecall, s.Recall = float64(automatic)/all, float64(automatic+trueReview)/all
	s.ReviewLoad, s.ReviewPrecision = float64(review)/all, float64(trueReview)/float64(max(review, 1))
	return s
}

// mixedClusters counts the automatic clusters that hold more than one person.
func (t *identities) mixedClusters(found *link.Result) int {
	mixed := 0
	for _, c := range found.Clusters {
		for _, record := range c.Records[1:] {
			if c.Zone == link.Automatic && t.person[record] != t.person[c.Records[0]] {
				mixed++
				break
			}
		}
	}
	return mixed
}
