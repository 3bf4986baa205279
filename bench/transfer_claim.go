package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jingban/jingban/casework"
	legacy "github.com/jingban/jingban/fixtures/legacy/benefits"
	"github.com/jingban/jingban/fixtures/legacy/pension"
)

// claimant is one who claims an unemployment benefit.
type claimant struct {
	id       string
	paid     int // months with their money, one after the other up to last month
	arrears  int // of them without money
	spoil    []legacy.Contribution
	earlier  []legacy.Award
	months   int // what the oracle grants
	first    string
	entered  bool
	existing int
}

type claimBranch struct {
	name string
	end  string
	make func(s *transferSite, rnd *rand.Rand, p *claimant, c *transferCase)
}

func claimBranches() []claimBranch {
	submitted := func(name string, paid func(*rand.Rand) int) claimBranch {
		return claimBranch{name, "submitted", func(_ *transferSite, rnd *rand.Rand, p *claimant, _ *transferCase) { p.paid = paid(rnd) }}
	}
	return []claimBranch{
		submitted("first band", func(r *rand.Rand) int { return 12 + r.IntN(48) }),
		submitted("second band", func(r *rand.Rand) int { return 60 + r.IntN(24) }),
		submitted("third band", func(r *rand.Rand) int { return 84 + r.IntN(90) }),
		submitted("the ceiling", func(r *rand.Rand) int { return 180 + r.IntN(60) }),
		{"less than a year", "refused", func(_ *transferSite, rnd *rand.Rand, p *claimant, _ *transferCase) { p.paid = rnd.IntN(12) }},
		{"months without money", "submitted", func(_ *transferSite, rnd *rand.Rand, p *claimant, _ *transferCase) { p.arrears = 1 + rnd.IntN(5) }},
		{"carried over", "submitted", func(s *transferSite, rnd *rand.Rand, p *claimant, _ *transferCase) {
			first := s.now().AddDate(-3, 0, 0).Format("200601")
			p.paid, p.earlier = 60, []legacy.Award{{First: first, Last: first, Months: 12, Drawn: 4 + rnd.IntN(5), Status: legacy.AwardStopped}}
		}},
		{"month twice", "manual", func(s *transferSite, _ *rand.Rand, p *claimant, _ *transferCase) {
			p.spoil = append(p.spoil, p.month(monthBack(s, 3)))
		}},
		{"month ahead", "manual", func(s *transferSite, _ *rand.Rand, p *claimant, _ *transferCase) {
			p.spoil = append(p.spoil, p.month(monthBack(s, -4)))
		}},
		{"open award", "manual", func(s *transferSite, _ *rand.Rand, p *claimant, _ *transferCase) {
			p.earlier = []legacy.Award{{First: monthBack(s, 2), Last: monthBack(s, -8), Months: 10, Drawn: 2, Status: legacy.AwardRunning}}
		}},
		{"own resignation", "refused", func(_ *transferSite, _ *rand.Rand, _ *claimant, c *transferCase) {
			c.snapshot.Shared["leave_reason"] = "V01"
		}},
		{"reviewer disagrees", "manual", func(_ *transferSite, _ *rand.Rand, _ *claimant, c *transferCase) {
			c.snapshot.Shared["leave_reason"], c.answers["refuse"] = "V01", "manual"
		}},
		{"draws a pension", "refused", func(_ *transferSite, _ *rand.Rand, _ *claimant, c *transferCase) {
			c.snapshot.Shared["pension"] = "yes"
		}},
		{"unknown reason", "manual", func(_ *transferSite, _ *rand.Rand, _ *claimant, c *transferCase) {
			c.snapshot.Shared["leave_reason"], c.answers["confirm"] = "X77", "manual"
		}},
		{"not registered", "returned", func(_ *transferSite, _ *rand.Rand, _ *claimant, c *transferCase) {
			delete(c.snapshot.Shared, "registered_on")
		}},
		{"no wish to work", "returned", func(_ *transferSite, _ *rand.Rand, _ *claimant, c *transferCase) {
			c.snapshot.Shared["job_wish"] = "no"
		}},
		{"claims elsewhere, settled", "submitted", func(_ *transferSite, _ *rand.Rand, _ *claimant, c *transferCase) {
			c.snapshot.Shared["elsewhere"] = "yes"
		}},
		{"doubtful papers", "submitted", func(_ *transferSite, _ *rand.Rand, _ *claimant, c *transferCase) {
			c.snapshot.Assessment.Verdict = casework.ManualReview
		}},
		{"to be corrected", "returned", func(_ *transferSite, _ *rand.Rand, _ *claimant, c *transferCase) {
			c.snapshot.Assessment.Verdict = casework.ReturnForCorrection
			c.snapshot.Assessment.Findings = []casework.Finding{{Rule: "material_missing", Severity: casework.Block, Zh: "缺少失业保险金申领表。", En: "The claim form is missing.", Fix: "请补交。", Basis: "《失业保险条例》第十六条"}}
		}},
	}
}

// monthBack is the month so many before this one.
func monthBack(s *transferSite, n int) string {
	now := casework.DateOf(s.now())
	return casework.MonthOf(now).Add(-n).String()
}

func (p *claimant) month(month string) legacy.Contribution {
	return legacy.Contribution{IDNumber: p.id, Insurance: "失业保险", Month: month, Base: 520000, Arrived: "已到账", Employer: "海州示例机械有限公司"}
}

// claims makes a claim.
func (s *transferSite) claims(rnd *rand.Rand, i int, b claimBranch) *transferCase {
	who := s.somebody(rnd, 100_000+i, 1980+rnd.IntN(15))
	p := &claimant{id: who.IDNumber, paid: 24 + rnd.IntN(30)}
	c := &transferCase{number: fmt.Sprintf("SY%07d", i), branch: "claim: " + b.name, playbook: "unemployment_award", end: b.end, fault: "none",
		answers: map[string]string{"stuck": "manual", "refuse": "refuse", "confirm": "go", "back": "returned"}}
	c.snapshot = s.claimSnapshot(c.number, who)
	b.make(s, rnd, p, c)
	p.first, p.entered, p.existing = monthBack(s, 0), b.end == "submitted", len(p.earlier)
	p.months = granted(p.paid-p.arrears, 0)
	if b.name == "carried over" {
		e := p.earlier[0]
		p.months = granted(monthsSince(s, e.First), e.Months-e.Drawn)
	}
	c.plant = func(ctx context.Context, s *transferSite, _ *transferCase) error { return p.plant(ctx, s) }
	c.desks = func(context.Context, *transferSite, *transferCase) error { return nil }
	c.judge = func(ctx context.Context, s *transferSite, _ *transferCase) (mistake, error) { return p.judge(ctx, s) }
	return c
}

// plainClaim is a claim of the usual kind, for the throughput.
func (s *transferSite) plainClaim(i int) *transferCase {
	return s.claims(rand.New(rand.NewPCG(uint64(i), 1)), i, claimBranches()[0])
}

func (s *transferSite) claimSnapshot(number string, who pension.Person) casework.Snapshot {
	snapshot := s.snapshot(number, who, nil)
	snapshot.Matter = "unemployment_award"
	snapshot.Shared = map[string]string{"leave_reason": "E01", "registered_on": casework.DateOf(s.now()).String(), "job_wish": "yes", "benefit_account": "yes"}
	return snapshot
}

func (p *claimant) plant(ctx context.Context, s *transferSite) error {
	var all []legacy.Contribution
	for n := p.paid; n > 0; n-- {
		m := p.month(monthBack(s, n))
		if n <= p.arrears {
			m.Arrived = "未到账"
		}
		all = append(all, m)
	}
	if err := s.benefits.AddContributions(ctx, append(all, p.spoil...)...); err != nil {
		return err
	}
	for _, a := range p.earlier {
		a.IDNumber = p.id
		if _, err := s.benefits.AddAward(ctx, a); err != nil {
			return err
		}
	}
	return nil
}

// granted is the oracle: 3 months a full year up to five years, then 15, from seven
// years 16 and one more a full year, with what is left of an earlier term at most 24.
func granted(paid, left int) int {
	months := 0
	for year := 1; year*12 <= paid; year++ {
		switch {
		case year <= 4:
			months += 3
		case year == 5:
			months = 15
		case year == 7:
			months = 16
		case year > 7:
			months++
		}
	}
	return min(months+left, 24)
}

// monthsSince counts the months from one through the last.
func monthsSince(s *transferSite, first string) int {
	then, err := time.Parse("200601", first)
	if err != nil {
		return 0
	}
	now := s.now()
	return (now.Year()-then.Year())*12 + int(now.Month()) - int(then.Month())
}

// judge holds the awards against the oracle.
func (p *claimant) judge(ctx context.Context, s *transferSite) (m mistake, err error) {
	all, err := s.benefits.Awards(ctx)
	if err != nil {
		return m, err
	}
	var mine []legacy.Award
	for _, a := range all {
		if a.IDNumber == p.id {
			mine = append(mine, a)
		}
	}
	m.count("awards", len(mine), p.existing+count1(p.entered))
	if !p.entered || len(mine) != p.existing+1 {
		return m, nil
	}
	a := mine[len(mine)-1]
	m.same("the months granted", a.Months, p.months)
	m.same("the first month", a.First, p.first)
	m.same("the monthly amount", a.Monthly, int64(176000))
	m.same("the state", a.Status, legacy.AwardToReview)
	return m, nil
}
