package benefits_test

import (
	"math/rand/v2"
	"testing"

	"github.com/jingban/jingban/benefits"
	"github.com/jingban/jingban/casework"
)

func rulesOf(tb testing.TB) benefits.Rules {
	tb.Helper()
	params, err := casework.LoadParams(nil)
	if err != nil {
		tb.Fatal(err)
	}
	rules, err := benefits.Load(params)
	if err != nil {
		tb.Fatal(err)
	}
	return rules
}

// sampleDay is a day on which every sample parameter holds.
func sampleDay() casework.Date { return casework.Date{Year: 2026, Month: 3, Day: 6} }

func TestNoSchemeExceedsTheCeilingForAnyLengthOfWork(t *testing.T) {
	rules := rulesOf(t)
	for _, name := range []string{"GD-2022", "CQ-2011", "ZZ-2019", "BJ", "NAT-MAX"} {
		scheme, err := rules.In("379900", sampleDay()).SchemeNamed(name)
		if err != nil {
			t.Fatal(err)
		}
		for paid := range 1200 {
			ceiling := 0
			switch {
			case paid >= 120:
				ceiling = 24
			case paid >= 60:
				ceiling = 18
			case paid >= 12:
				ceiling = 12
			}
			for _, carry := range []int{0, 1, 11, 24, 99} {
				e := scheme.Entitle(paid, carry)
				if e.New > ceiling || e.Months > 24 || e.Months < 0 || e.New < 0 {
					t.Fatalf("%s: %d paid and %d carried over give %d + … = %d", name, paid, carry, e.New, e.Months)
				}
			}
		}
	}
}

// A transfer cut at a year end gives what it gives in one piece: what the first
// part leaves as balance is what the second begins with.
func TestTransferCutAtAYearEndGivesTheSame(t *testing.T) {
	rnd := rand.New(rand.NewPCG(20261122, 7))
	terms, err := rulesOf(t).In("379900", sampleDay()).Transfer()
	if err != nil {
		t.Fatal(err)
	}
	for range 300 {
		first := 1998 + rnd.IntN(20)
		last := first + 2 + rnd.IntN(6)
		cut := first + 1 + rnd.IntN(last-first-1)
		var list []benefits.Contribution
		for year := first; year <= last; year++ {
			for month := 1; month <= 12; month++ {
				if rnd.IntN(6) > 0 {
					list = append(list, benefits.Contribution{Month: casework.Month(year*100 + month), Base: casework.Fen(100000 + rnd.IntN(2000000)), Arrived: rnd.IntN(9) > 0})
				}
			}
		}
		whole, err := terms.Transfer(list, 0, last)
		if err != nil {
			t.Fatal(err)
		}
		var before []benefits.Contribution
		for _, c := range list {
			if c.Month.Year() < cut {
				before = append(before, c)
			}
		}
		part, err := terms.Transfer(before, 0, cut)
		if err != nil {
			t.Fatal(err)
		}
		if whole.Total < 0 || whole.Account < 0 || whole.Pooled < 0 || whole.Total != whole.Account+whole.Pooled || whole.Account != whole.Balance+whole.Current {
			t.Fatalf("%+v", whole)
		}
		for _, row := range whole.Rows {
			if row.Year == cut-1 && len(before) > 0 && before[0].Month == list[0].Month && row.Closing != part.Balance {
				t.Errorf("%d–%d cut at %d: closing %s, on its own %s", first, last, cut, row.Closing, part.Balance)
			}
		}
		if sum := part.PooledBase; sum > whole.PooledBase {
			t.Errorf("a part pools more than the whole")
		}
	}
}

func TestAmountsAreNeverNegative(t *testing.T) {
	rnd := rand.New(rand.NewPCG(20261122, 8))
	region := rulesOf(t).In("379900", sampleDay())
	terms, err1 := region.Standard()
	steps, err2 := region.Steps()
	rule, err3 := region.Stop()
	if err1 != nil || err2 != nil || err3 != nil {
		t.Fatal(err1, err2, err3)
	}
	for range 2000 {
		terms.MinimumWage, terms.Subsistence = casework.Fen(rnd.IntN(1_000_000)), casework.Fen(rnd.IntN(300_000))
		standard := terms.Standard()
		first := casework.Month(202601).Add(rnd.IntN(60))
		plan, err := steps.Plan(rnd.IntN(25), standard.Monthly, first)
		if err != nil || plan.Total < 0 || standard.Monthly < 0 {
			t.Fatalf("%+v, %v", plan, err)
		}
		s, err := rule.Stop(first, len(plan.Months), first.Add(rnd.IntN(40)-10))
		if err != nil || s.Owed < 0 || s.CarryOver < 0 || s.Owed+s.CarryOver != len(plan.Months) {
			t.Fatalf("%+v, %v", s, err)
		}
	}
}

// BenchmarkClaims is a claim from its paid months to its plan, one after the
// other: ns/op below 2,000 is a million in two seconds.
func BenchmarkClaims(b *testing.B) {
	region := rulesOf(b).In("379900", sampleDay())
	scheme, err1 := region.Scheme()
	terms, err2 := region.Standard()
	steps, err3 := region.Steps()
	if err1 != nil || err2 != nil || err3 != nil {
		b.Fatal(err1, err2, err3)
	}
	i := 0
	for b.Loop() {
		i++
		e := scheme.Entitle(i%300, i%7)
		plan, err := steps.Plan(e.Months, terms.Standard().Monthly, 202603)
		if err != nil || plan.Total < 0 {
			b.Fatal(err)
		}
	}
}
