package bench

import (
	"github.com/jingban/jingban/fixtures/ledgers"
	"github.com/jingban/jingban/ledger"
)

// Score compares a result with the truth of a generated year.
type Score struct {
	Breaks         int                       `json:"breaks"`
	Found          int                       `json:"found"`
	FoundShare     float64                   `json:"found_share"`
	Flagged        int                       `json:"flagged_groups"`
	Precise        int                       `json:"flagged_rightly"`
	PreciseShare   float64                   `json:"precise_share"`
	FalseAutomatic int                       `json:"false_automatic_groups"`
	AmbiguousShare float64                   `json:"ambiguous_share"`
	ByKind         map[ledgers.Kind][2]int   `json:"found_of_planted_by_kind"`
	Examples       map[string]map[string]int `json:"reasons_by_kind"`
}

// groupTruth is what the rows of one group really are.
type groupTruth struct {
	event     int32
	mixed     bool // rows of several events
	automatic bool
	flagged   bool
	broken    bool
}

// score: a break is found when one of its rows is anything but quietly matched;
// a flag is right when a break touches it; an automatic match is false when its
// rows belong to different events.
func score(found *ledger.Result, truth *ledgers.Truth) (Score, error) {
	s := Score{Breaks: len(truth.Breaks), ByKind: map[ledgers.Kind][2]int{}, Examples: map[string]map[string]int{}}
	seen := make([]bool, len(truth.Breaks))
	groups := map[uint32]*groupTruth{}
	rows, ambiguous, lone := 0, 0, uint32(1<<31)
	err := found.EachRow(func(r ledger.RowResult) error {
		lines := truth.Bank
		if r.Side == ledger.Book {
			lines = truth.Book
		}
		line := lines[r.Line-2]
		if rows++; r.State == ledger.Ambiguous {
			ambiguous++
		}
		if line.Break != 0 {
			kind := string(truth.Breaks[line.Break-1].Kind)
			if s.Examples[kind] == nil {
				s.Examples[kind] = map[string]int{}
			}
			s.Examples[kind][r.State.String()+"/"+r.Reason]++
			seen[line.Break-1] = seen[line.Break-1] || r.State != ledger.Matched
		}
		group := r.Group
		if group == 0 {
			lone++
			group = lone
		}
		g := groups[group]
		if g == nil {
			g = &groupTruth{event: line.Event}
			groups[group] = g
		}
		g.mixed = g.mixed || g.event != line.Event
		g.automatic = g.automatic || r.State == ledger.Matched || r.State == ledger.Grouped
		g.flagged = g.flagged || r.State != ledger.Matched && r.State != ledger.Grouped && r.State != ledger.Ambiguous
		g.broken = g.broken || line.Break != 0
		return nil
	})
	for i, b := range truth.Breaks {
		count := s.ByKind[b.Kind]
		count[1]++
		if seen[i] {
			count[0]++
			s.Found++
		}
		s.ByKind[b.Kind] = count
	}
	for _, g := range groups {
		if g.automatic && g.mixed {
			s.FalseAutomatic++
		}
		if g.flagged {
			s.Flagged++
			if g.broken {
				s.Precise++
			}
		}
	}
	s.FoundShare, s.PreciseShare = share(s.Found, s.Breaks), share(s.Precise, s.Flagged)
	s.AmbiguousShare = share(ambiguous, rows)
	return s, err
}

func share(part, whole int) float64 {
	if whole == 0 {
		return 1
	}
	return float64(part) / float64(whole)
}
