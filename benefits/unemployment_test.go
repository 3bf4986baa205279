package benefits_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/jingban/jingban/benefits"
	"github.com/jingban/jingban/casework"
)

func schemes() []string { return []string{"GD-2022", "CQ-2011", "ZZ-2019", "BJ", "NAT-MAX"} }

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// months lists a stretch of paid months, both included.
func months(from, to casework.Month, base casework.Fen) []benefits.Contribution {
	var list []benefits.Contribution
	for m := from; m <= to; m = m.Add(1) {
		list = append(list, benefits.Contribution{Month: m, Base: base, Arrived: true})
	}
	return list
}

// ceiling is article 46 of 社会保险法, written once more.
func ceiling(paid int) int {
	switch {
	case paid < 12:
		return 0
	case paid < 60:
		return 12
	case paid < 120:
		return 18
	}
	return 24
}

func TestSchemesStayUnderTheCeilingAndNeverFall(t *testing.T) {
	r := region(t, "379900")
	for _, name := range schemes() {
		s := must[benefits.Scheme](t)(r.SchemeNamed(name))
		for paid := -1; paid <= 600; paid++ {
			for _, carry := range []int{-3, 0, 1, 11, 24, 99} {
				e := s.Entitle(paid, carry)
				switch {
				case e.New > ceiling(paid) || e.New < 0 || e.Months > 24 || e.Months < e.New:
					t.Fatalf("%s: %d paid, %d carried: %d new, %d months", name, paid, carry, e.New, e.Months)
				case e.Months < s.Entitle(paid-1, carry).Months || e.Months < s.Entitle(paid, carry-1).Months:
					t.Fatalf("%s: fewer months for %d paid and %d carried than for one less", name, paid, carry)
				}
			}
		}
	}
}

func TestUE1IsComputedToTheFen(t *testing.T) {
	r := region(t, "379901")
	paid := benefits.CountPaid(months(201903, 202602, 500000), 0, 202602, 0)
	e := must[benefits.Scheme](t)(r.Scheme()).Entitle(paid.Paid, 0)
	if paid.Paid != 84 || e.Months != 16 || e.Scheme.Name != "CQ-2011" {
		t.Fatalf("%d paid, %d months by %s; want 84, 16, CQ-2011", paid.Paid, e.Months, e.Scheme.Name)
	}
	start := must[benefits.Start](t)(must[benefits.StartRule](t)(r.Start()).Start(day(t, "2026-03-05"), day(t, "2026-03-06"), day(t, "2026-03-12"), casework.Calendar{}))
	standard := must[benefits.StandardTerms](t)(r.Standard()).Standard()
	plan := must[benefits.Schedule](t)(must[benefits.Steps](t)(r.Steps()).Plan(e.Months, standard.Monthly, start.First))
	if start.First != 202603 || standard.Monthly != 176000 || standard.BelowSubsistence || standard.NotBelowWage {
		t.Errorf("start %+v, standard %+v", start, standard)
	}
	if plan.Total != 2816000 || plan.Months[15].Month != 202706 || !strings.Contains(plan.Derivation().String(), "贰万捌仟壹佰陆拾元整") {
		t.Errorf("plan %+v\n%s", plan, plan.Derivation())
	}
}

func TestUE4StopsTheMonthAfterAndCarriesTheRestOver(t *testing.T) {
	rule := must[benefits.StopRule](t)(region(t, "379901").Stop())
	s := must[benefits.Stopped](t)(rule.Stop(202603, 16, 202605))
	if s.FirstUndue != 202606 || s.Owed != 3 || s.CarryOver != 13 {
		t.Errorf("%+v\n%s", s, s.Derivation())
	}
	same := must[benefits.StopRule](t)(benefits.ParseStopRule("same"))
	if s := must[benefits.Stopped](t)(same.Stop(202603, 16, 202605)); s.FirstUndue != 202605 || s.CarryOver != 14 {
		t.Errorf("policy same: %+v", s)
	}
}

func TestStopBeforeOrAfterTheTermOwesNothingOrAll(t *testing.T) {
	rule := must[benefits.StopRule](t)(benefits.ParseStopRule("next"))
	if s := must[benefits.Stopped](t)(rule.Stop(202603, 16, 202512)); s.Owed != 0 || s.CarryOver != 16 {
		t.Errorf("before: %+v", s)
	}
	if s := must[benefits.Stopped](t)(rule.Stop(202603, 16, 202912)); s.Owed != 16 || s.CarryOver != 0 {
		t.Errorf("after: %+v", s)
	}
	if _, err := rule.Stop(202613, 16, 202605); err == nil {
		t.Error("a term from a month that does not exist")
	}
	if _, err := benefits.ParseStopRule("last"); err == nil {
		t.Error("a reading nobody knows")
	}
}

func TestOverpaidCountsUndueMonthsInOrder(t *testing.T) {
	rule := must[benefits.StopRule](t)(benefits.ParseStopRule("next"))
	paid := []benefits.MonthAmount{{Month: 202606, Amount: 100}, {Month: 202604, Amount: 0}, {Month: 202605, Amount: 70}, {Month: 202603, Amount: 100}}
	o := must[benefits.Overpayment](t)(rule.Overpaid(paid, 202603))
	if o.Amount != 170 || len(o.Undue) != 2 || o.Undue[0].Month != 202605 {
		t.Errorf("%+v", o)
	}
	if _, err := rule.Overpaid(paid, 202600); err == nil {
		t.Error("an event in a month that does not exist")
	}
}

func TestGuangdongCountsALateClaimFromItsOwnDay(t *testing.T) {
	c := must[casework.Calendar](t)(casework.LoadCalendar(nil))
	rule := must[benefits.StartRule](t)(region(t, "440106").Start())
	for _, tc := range []struct {
		registered, claimed, decided, from string
		first, paidIn                      casework.Month
		together                           int
	}{
		{"2026-03-20", "2026-03-31", "2026-04-07", "2026-03-20", 202603, 202605, 3}, // the seventh working day
		{"2026-03-20", "2026-04-01", "2026-04-07", "2026-04-01", 202604, 202605, 2},
	} {
		s := must[benefits.Start](t)(rule.Start(day(t, tc.registered), day(t, tc.claimed), day(t, tc.decided), c))
		if s.From != day(t, tc.from) || s.First != tc.first || s.PaidIn != tc.paidIn || s.Together != tc.together {
			t.Errorf("claimed %s: %s", tc.claimed, s.Derivation())
		}
	}
	if _, err := rule.Start(day(t, "2026-03-20"), day(t, "2026-03-20"), day(t, "2026-03-19"), c); err == nil {
		t.Error("decided before it was claimed")
	}
	if _, err := rule.Start(day(t, "2031-03-20"), day(t, "2031-03-20"), day(t, "2031-04-19"), c); err == nil {
		t.Error("a deadline in a year without a calendar")
	}
}

func TestCountPaidCountsAMonthOnceAndOnlyWithItsMoney(t *testing.T) {
	list := months(202401, 202412, 500000)
	list = append(list, list[3], benefits.Contribution{Month: 202501}, benefits.Contribution{Month: 202701, Arrived: true}, benefits.Contribution{Month: 202413, Arrived: true})
	p := benefits.CountPaid(list, 202403, 202602, 6)
	if p.Paid != 10+6 || !slices.Equal(p.Doubled, []casework.Month{202404}) || !slices.Equal(p.Arrears, []casework.Month{202501}) || !slices.Equal(p.Odd, []casework.Month{202413, 202701}) {
		t.Errorf("%+v", p)
	}
	for _, want := range []string{"重复登记，只计一次：[202404]", "未到账，不计入：[202501]", "累计缴费16个月"} {
		if !strings.Contains(p.Derivation().String(), want) {
			t.Errorf("derivation lacks %q:\n%s", want, p.Derivation())
		}
	}
}

func TestSplittingAPeriodChangesNoCount(t *testing.T) {
	all := months(201807, 202506, 500000)
	for cut := range len(all) {
		a, b := benefits.CountPaid(all[:cut], 0, 202512, 0), benefits.CountPaid(all[cut:], 0, 202512, 0)
		if a.Paid+b.Paid != len(all) {
			t.Fatalf("cut at %s: %d + %d", all[cut].Month, a.Paid, b.Paid)
		}
	}
}

func TestAPlanIsTheSameWhereverItsYearEnds(t *testing.T) {
	steps := benefits.Steps{Ranges: must[[]benefits.StepRange](t)(benefits.ParseSteps("1-12: 1; 13-24: 0.80"))}
	long := must[benefits.Schedule](t)(steps.Plan(24, 182001, 202603))
	var total casework.Fen
	for n := range 25 {
		short := must[benefits.Schedule](t)(steps.Plan(n, 182001, 202603))
		if !slices.Equal(short.Months, long.Months[:n]) || short.Total != total {
			t.Fatalf("the first %d months of a longer term differ", n)
		}
		if n < 24 {
			total += long.Months[n].Amount
		}
	}
	if _, err := steps.Plan(25, 182001, 202603); err == nil {
		t.Error("a month that no step knows was paid")
	}
	gap := benefits.Steps{Ranges: []benefits.StepRange{{First: 1, Last: 6, Share: benefits.Percent(100)}, {First: 8, Last: 24, Share: benefits.Percent(80)}}}
	if _, err := gap.Plan(9, 1000, 202601); err == nil || !strings.Contains(err.Error(), "month 7") {
		t.Errorf("a gap between steps: %v", err)
	}
}

func TestRoundingIsOnceAndAsTheRegionWants(t *testing.T) {
	for _, tc := range []struct {
		wage     casework.Fen
		rounding benefits.Rounding
		want     casework.Fen
	}{
		{219333, benefits.ToFen, 197400}, {219333, "", 197400},
		{219315, benefits.ToFen, 197384}, // 1973.835: half up
		{219335, benefits.JiaoUp, 197410}, {219300, benefits.JiaoUp, 197370},
		{219335, benefits.YuanUp, 197500}, {220000, benefits.YuanUp, 198000},
		{219333, benefits.ToYuan, 197400}, {219388, benefits.ToYuan, 197400}, {219389, benefits.ToYuan, 197500},
	} {
		s := benefits.StandardTerms{MinimumWage: tc.wage, Ratio: benefits.Percent(90), Rounding: tc.rounding}.Standard()
		if s.Monthly != tc.want {
			t.Errorf("90%% of %s by %q = %s; want %s", tc.wage, tc.rounding, s.Monthly, tc.want)
		}
	}
}

func TestStandardFlagsAnAmountThatIsNotBelowTheMinimumWage(t *testing.T) {
	s := benefits.StandardTerms{MinimumWage: 200000, Ratio: benefits.Percent(80), Subsistence: 210000}.Standard()
	if s.Monthly != 210000 || !s.BelowSubsistence || !s.NotBelowWage || !strings.Contains(s.Derivation().String(), "请核对参数") {
		t.Errorf("%+v\n%s", s, s.Derivation())
	}
}

func TestAmountsAreNeverNegativeAndMoreWageIsNeverLess(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	lump := must[benefits.LumpTerms](t)(region(t, "440000").Lump())
	for range 20_000 {
		terms := benefits.StandardTerms{MinimumWage: casework.Fen(rng.Int64N(1e6)), Ratio: benefits.Rate(rng.Int64N(1e6)), Subsistence: casework.Fen(rng.Int64N(2e5))}
		s := terms.Standard()
		terms.MinimumWage++
		if s.Monthly < 0 || s.Monthly < s.Terms.Subsistence || terms.Standard().Monthly < s.Monthly {
			t.Fatalf("%+v", s)
		}
		n := rng.IntN(24)
		l := lump.Lump(n, s.Monthly)
		if l.Months+l.CarryOver != n || l.CarryOver < 0 || l.Amount != casework.Fen(l.Months)*s.Monthly {
			t.Fatalf("%+v", l)
		}
	}
}

func TestSubsidyRefusesWagesItHasNoRuleFor(t *testing.T) {
	terms := must[benefits.SubsidyTerms](t)(region(t, "440106").Subsidy())
	for name, wages := range map[string][]casework.Fen{"none": nil, "thirteen": make([]casework.Fen, 13), "negative": {-1}} {
		if _, err := terms.Subsidy(wages); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if s, err := terms.Subsidy([]casework.Fen{500000, 300000}); err != nil || s.Monthly != 60000 {
		t.Errorf("two months: %s, %v", s.Monthly, err)
	}
}

func TestOlderExtensionEndsAtItsThreshold(t *testing.T) {
	terms := must[benefits.OlderTerms](t)(region(t, "379900").Older("M", 60))
	for _, tc := range []struct {
		last   casework.Month
		extend bool
	}{{202504, false}, {202505, true}, {202604, true}, {202605, false}, {202606, false}} {
		e := must[benefits.Extension](t)(terms.Extend(tc.last, 196601)) // retires 202605
		if e.Extend != tc.extend {
			t.Errorf("term until %s:\n%s", tc.last, e.Derivation())
		}
	}
	if _, err := terms.Extend(202505, 196613); err == nil {
		t.Error("a month of birth that does not exist")
	}
	if _, err := terms.Extend(0, 196601); err == nil {
		t.Error("no last month")
	}
}

func TestDerivationCanBeReadAsText(t *testing.T) {
	e := must[benefits.Scheme](t)(region(t, "440106").Scheme()).Entitle(54, 2)
	const want = `失业保险金享受期限
  已知：累计缴费54个月；以前应领未领2个月
  已知：期限办法GD-2022
  计算：累计缴费满48个月的，4个月，以后每满6个月增加1个月，本档最长24个月
  计算：(54 − 48) ÷ 6 取整 = 1，4 + 1 × 1 = 5，本次为5个月
  计算：5 + 2 = 7个月，最长不超过24个月
  结论：享受期限7个月
  依据：《广东省失业保险条例》第十七条
  依据：《中华人民共和国社会保险法》第四十六条`
	if got := e.Derivation().String(); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// BenchmarkBenefit is one claim's arithmetic: count, term, amount and plan total.
func BenchmarkBenefit(b *testing.B) {
	r := region(b, "379900")
	scheme := must[benefits.Scheme](b)(r.Scheme())
	terms := must[benefits.StandardTerms](b)(r.Standard())
	steps := must[benefits.Steps](b)(r.Steps())
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		e := scheme.Entitle(i%240, i%13)
		if _, err := steps.Plan(e.Months, terms.Standard().Monthly, 202603); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDerivation(b *testing.B) {
	e := must[benefits.Scheme](b)(region(b, "379900").Scheme()).Entitle(84, 0)
	for b.Loop() {
		_ = e.Derivation()
	}
}

func FuzzParsersReadWhatTheyWriteOrRefuse(f *testing.F) {
	for _, seed := range []string{"12: 3 +3/12 max 12; 60: 15", "1-12: 1; 13-24: 0.80", "196501 /4 max 36", "0.0604", "202603", "", ";", "12:", "1-1: 1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if bands, err := benefits.ParseBands(text); err == nil {
			s := benefits.Scheme{Bands: bands, Cap: 24}
			for _, paid := range []int{0, 12, 60, 9999} {
				if m := s.Months(paid); m < 0 || m > 24 {
					t.Errorf("%q gives %d months", text, m)
				}
			}
		}
		if ranges, err := benefits.ParseSteps(text); err == nil {
			if _, err := (benefits.Steps{Ranges: ranges}).Plan(ranges[0].Last, 1000, 202601); err != nil && ranges[0].Last < 1000 {
				t.Errorf("%q: %v", text, err)
			}
		}
		if m, err := benefits.ParseMonth(text); err == nil && m.String() != text {
			t.Errorf("%q reads as %s", text, m)
		}
		if r, err := benefits.ParseRate(text); err == nil && r < 0 {
			t.Errorf("%q is negative", text)
		}
		if d, err := benefits.ParseDelay(text); err == nil {
			if r, err := (benefits.RetirementTerms{OriginalAge: 60, Delay: d}).Of(197001); err != nil || r.Delay < 0 || r.Delay > d.Max {
				t.Errorf("%q: %+v, %v", text, r, err)
			}
		}
	})
}
