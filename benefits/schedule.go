package benefits

import (
	"fmt"
	"strings"

	"github.com/jingban/jingban/casework"
)

// Steps say which share of the standard each benefit month gets, by its number.
type Steps struct {
	Ranges   []StepRange
	Rounding Rounding
	Document string
}

// StepRange is a stretch of benefit months, both included.
type StepRange struct {
	First, Last int
	Share       Rate
}

// ParseSteps reads "1-12: 1; 13-24: 0.80". The months must begin with 1 and
// follow each other without a gap; no share is above 1.
func ParseSteps(text string) ([]StepRange, error) {
	var ranges []StepRange
	for part := range strings.SplitSeq(text, ";") {
		months, rate, _ := strings.Cut(strings.TrimSpace(part), ":")
		first, last, _ := strings.Cut(months, "-")
		r := StepRange{First: count(first), Last: count(last)}
		var err error
		if r.Share, err = ParseRate(strings.TrimSpace(rate)); err != nil {
			return nil, fmt.Errorf("step %q: %w", part, err)
		}
		next := 1
		if n := len(ranges); n > 0 {
			next = ranges[n-1].Last + 1
		}
		if r.First != next || r.Last < r.First || r.Share > whole {
			return nil, fmt.Errorf("step %q: want months from %d on and a share up to 1", part, next)
		}
		ranges = append(ranges, r)
	}
	return ranges, nil
}

// MonthAmount is the money of one month.
type MonthAmount struct {
	Month  casework.Month
	Amount casework.Fen
}

// Schedule is the plan of a term, one amount for each month.
type Schedule struct {
	Steps    Steps
	Standard casework.Fen
	Months   []MonthAmount
	Total    casework.Fen
}

// Plan lays out a term of n months from the first on. A month beyond the last
// step is an error: such a term has no rule.
func (s Steps) Plan(n int, standard casework.Fen, first casework.Month) (Schedule, error) {
	plan := Schedule{Steps: s, Standard: standard}
	if n < 0 || n > longest || standard < 0 || !first.Valid() {
		return plan, fmt.Errorf("schedule of %d months from %s: want a term and its first month", n, first)
	}
	plan.Months = make([]MonthAmount, 0, n)
	month := first
	for _, r := range s.Ranges {
		if r.First != len(plan.Months)+1 {
			break
		}
		amount := s.Rounding.share(standard, r.Share, 1)
		for number := r.First; number <= min(r.Last, n); number++ {
			plan.Months = append(plan.Months, MonthAmount{month, amount})
			plan.Total += amount
			month = month.Add(1)
		}
	}
	if covered := len(plan.Months); covered < n {
		return plan, fmt.Errorf("benefit month %d has no step (%s)", covered+1, s.Document)
	}
	return plan, nil
}

// Derivation explains the plan.
func (s Schedule) Derivation() Derivation {
	d := Derivation{Title: "失业保险金发放计划"}
	d.add(Given, "月标准%s元，期限%d个月", s.Standard, len(s.Months))
	for _, r := range s.Steps.Ranges {
		last := min(r.Last, len(s.Months))
		if r.First > last {
			break
		}
		amount := s.Months[r.First-1].Amount
		d.add(Step, "第%d至%d个月（%s至%s）：%s × %s，每月%s元，%d个月共%s元", r.First, last, s.Months[r.First-1].Month, s.Months[last-1].Month,
			s.Standard, r.Share, amount, last-r.First+1, amount*casework.Fen(last-r.First+1))
	}
	d.add(Result, "合计%s元（%s）", s.Total, casework.FormatCapitals(s.Total))
	d.basis(s.Steps.Document)
	return d
}
