package materials

import (
	"cmp"
	"math"
	"slices"

	"github.com/jingban/jingban/casework"
)

// The sample audit (事后抽检): what people find who look at drawn cases without
// knowing the machine's verdict. 误判率 is wrong blocks over blocks, 漏判率 missed
// faults over the faults there are, 准确率 verdicts equal to the people's over
// those the machine gave (domain sheet 95 §5).

// Interval95 is the normal quantile of a two-sided 95 % interval.
const interval95 = 1.959963984540054

// Wilson gives the 95 % score interval of a share p among n; all of 0 to 1 for n 0.
func Wilson(p, n float64) (low, high float64) {
	if n <= 0 {
		return 0, 1
	}
	z2 := interval95 * interval95
	middle := (p + z2/(2*n)) / (1 + z2/n)
	half := interval95 / (1 + z2/n) * math.Sqrt(p*(1-p)/n+z2/(4*n*n))
	return max(0, middle-half), min(1, middle+half)
}

// Allocate says how many of each stratum are drawn for a sample of n: as many as
// its share, the rest to the largest remainders, and one at least of each while
// n lasts. The smallest strata come first, so that none is forgotten.
func Allocate(sizes map[string]int, n int) map[string]int {
	names, total := make([]string, 0, len(sizes)), 0
	for name, size := range sizes {
		if size > 0 {
			names, total = append(names, name), total+size
		}
	}
	n = min(n, total)
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(sizes[a], sizes[b]), cmp.Compare(a, b)) })
	take, left := map[string]int{}, n
	for _, name := range names {
		if left > 0 {
			take[name], left = 1, left-1
		}
	}
	for ; left > 0; left-- {
		best, lack := "", math.Inf(-1)
		for _, name := range names {
			short := float64(n)*float64(sizes[name])/float64(total) - float64(take[name])
			if take[name] < sizes[name] && short > lack {
				best, lack = name, short
			}
		}
		take[best]++
	}
	return take
}

// AuditCase is one drawn case: what the machine said, and what is true by the
// people who looked.
type AuditCase struct {
	Stratum string
	Weight  float64 // cases it stands for: its stratum's size over what was drawn of it
	Machine casework.Verdict
	Blocks  []string // rules the machine would have sent the citizen home for
	Raised  []string // rules it let a person look at
	Settled bool     // two agree, or a third has settled it
	Truth   casework.Verdict
	Faults  []string // rules that are broken indeed
}

// Share is a part of a whole with its interval. The share is weighted by strata,
// the interval counts as many as the weighted ones are worth.
type Share struct {
	Part  int     `json:"part"`
	Of    int     `json:"of"`
	Value float64 `json:"share"`
	Low   float64 `json:"low_95"`
	High  float64 `json:"high_95"`

	weight, weightOf, squares float64
}

func (s *Share) count(weight float64, met bool) {
	s.Of++
	s.weightOf += weight
	s.squares += weight * weight
	if met {
		s.Part++
		s.weight += weight
	}
}

func (s *Share) settle() {
	if s.Of > 0 {
		s.Value = s.weight / s.weightOf
		s.Low, s.High = Wilson(s.Value, s.weightOf*s.weightOf/s.squares)
		return
	}
	s.Low, s.High = Wilson(0, 0)
}

// RuleAudit is what the sample says of one rule.
type RuleAudit struct {
	Rule   string `json:"rule"`
	Blocks Share  `json:"wrong_blocks"`
	Faults Share  `json:"missed_faults"`
}

// AuditReport is what a sample says of the rules.
type AuditReport struct {
	Sampled     int         `json:"sampled"`
	Settled     int         `json:"settled"`
	Accuracy    Share       `json:"verdicts_equal"` // of those the machine decided alone
	WrongBlocks Share       `json:"wrong_blocks"`   // 误判率
	Missed      Share       `json:"missed_faults"`  // 漏判率
	WrongPassed Share       `json:"wrongly_passed"` // of those it passed
	Rules       []RuleAudit `json:"rules"`
}

// Audit counts the settled cases of a sample.
func Audit(cases []AuditCase) AuditReport {
	report, rules := AuditReport{Sampled: len(cases)}, map[string]*RuleAudit{}
	of := func(rule string) *RuleAudit {
		if rules[rule] == nil {
			rules[rule] = &RuleAudit{Rule: rule}
		}
		return rules[rule]
	}
	for _, c := range cases {
		if !c.Settled {
			continue
		}
		report.Settled++
		if c.Machine != casework.ManualReview {
			report.Accuracy.count(c.Weight, c.Machine == c.Truth)
		}
		if c.Machine == casework.AutoPass {
			report.WrongPassed.count(c.Weight, c.Truth != casework.AutoPass)
		}
		for _, rule := range c.Blocks {
			wrong := !slices.Contains(c.Faults, rule)
			report.WrongBlocks.count(c.Weight, wrong)
			of(rule).Blocks.count(c.Weight, wrong)
		}
		for _, rule := range c.Faults {
			missed := !slices.Contains(c.Blocks, rule) && !slices.Contains(c.Raised, rule)
			report.Missed.count(c.Weight, missed)
			of(rule).Faults.count(c.Weight, missed)
		}
	}
	for _, s := range []*Share{&report.Accuracy, &report.WrongBlocks, &report.Missed, &report.WrongPassed} {
		s.settle()
	}
	for _, r := range rules {
		r.Blocks.settle()
		r.Faults.settle()
		report.Rules = append(report.Rules, *r)
	}
	slices.SortFunc(report.Rules, func(a, b RuleAudit) int { return cmp.Compare(a.Rule, b.Rule) })
	return report
}
