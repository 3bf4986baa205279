package benefits_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/jingban/jingban/benefits"
	"github.com/jingban/jingban/casework"
)

func transferTerms(t testing.TB) benefits.TransferTerms {
	t.Helper()
	return must[benefits.TransferTerms](t)(region(t, "379900").Transfer())
}

func TestTE1IsComputedToTheFenWithPublishedRates(t *testing.T) {
	list := slices.Concat(months(202001, 202012, 500000), months(202101, 202112, 550000), months(202201, 202203, 600000))
	rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	out := must[benefits.Transfer](t)(transferTerms(t).Transfer(list, 0, 2022))
	if out.Balance != 1076000 || out.Current != 144000 || out.Account != 1220000 || out.Pooled != 1728000 || out.Total != 2948000 {
		t.Errorf("%+v", out)
	}
	text := out.Derivation().String()
	for _, want := range []string{"29480.00元（贰万玖仟肆佰捌拾元整）", "月积数31200.00 × 6.04% ÷ 12 = 157.04", "各月按8%记入", "国办发〔2009〕66号第四条"} {
		if !strings.Contains(text, want) {
			t.Errorf("derivation lacks %q:\n%s", want, text)
		}
	}
}

func TestAYearWithoutPublishedRateGetsNoInterest(t *testing.T) {
	out := must[benefits.Transfer](t)(transferTerms(t).Transfer(months(202401, 202612, 500000), 0, 2026))
	last := out.Rows[len(out.Rows)-1]
	if last.Year != 2025 || !last.Pending || last.OnOpening != 0 || last.OnNew != 0 || last.Closing != last.Opening+480000 {
		t.Errorf("%+v", last)
	}
	if !strings.Contains(out.Derivation().String(), "利率未公布，暂不计息") {
		t.Errorf("%s", out.Derivation())
	}
}

func TestTransferLeavesArrearsOutAndSaysSo(t *testing.T) {
	list := months(202601, 202606, 500000)
	list[2].Arrived = false
	given := slices.Clone(list)
	out := must[benefits.Transfer](t)(transferTerms(t).Transfer(list, 0, 2026))
	if out.Months != 5 || out.Current != 200000 || out.Pooled != 300000 || !slices.Equal(out.Arrears, []casework.Month{202603}) {
		t.Errorf("%+v", out)
	}
	if !slices.Equal(list, given) {
		t.Error("the caller's list was changed")
	}
}

func TestTransferKeepsTheExcessAndMakesUpTheShortfall(t *testing.T) {
	list := months(202601, 202602, 500000)
	list[0].Booked, list[1].Booked = 55000, 30000 // 11 % and 6 % on record, 8 % is due
	out := must[benefits.Transfer](t)(transferTerms(t).Transfer(list, 0, 2026))
	if out.Current != 80000 || out.NotMoved != 15000 || out.RaisedBy != 10000 {
		t.Errorf("%+v", out)
	}
}

func TestTransferRefusesMonthsThatContradict(t *testing.T) {
	good := months(202601, 202603, 500000)
	for name, list := range map[string][]benefits.Contribution{
		"twice":             append(slices.Clone(good), good[0]),
		"before 1998":       append(slices.Clone(good), benefits.Contribution{Month: 199712, Arrived: true}),
		"after the year":    append(slices.Clone(good), benefits.Contribution{Month: 202701, Arrived: true}),
		"no month":          append(slices.Clone(good), benefits.Contribution{Month: 202600, Arrived: true}),
		"a negative amount": append(slices.Clone(good), benefits.Contribution{Month: 202604, Base: -1, Arrived: true}),
	} {
		if _, err := transferTerms(t).Transfer(list, 0, 2026); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := transferTerms(t).Transfer(good, -1, 2026); err == nil {
		t.Error("a negative figure before 1998 was accepted")
	}
	if out, err := transferTerms(t).Transfer(nil, 135742, 2026); err != nil || out.Total != 135742 {
		t.Errorf("nothing since 1998: %+v, %v", out, err)
	}
}

// TestSplittingAtAYearEndMovesOnlyInterest: principal and pooled money of two
// halves are those of the whole, whatever the year end between them.
func TestSplittingAtAYearEndMovesOnlyInterest(t *testing.T) {
	terms := transferTerms(t)
	rng := rand.New(rand.NewPCG(1, 2))
	list := months(200301, 202612, 0)
	for i := range list {
		list[i].Base = casework.Fen(rng.Int64N(3_000_000))
	}
	principal := func(out benefits.Transfer) casework.Fen {
		sum := out.Current
		for _, row := range out.Rows {
			sum += row.Principal
		}
		return sum
	}
	all := must[benefits.Transfer](t)(terms.Transfer(list, 0, 2026))
	for cut := 12; cut < len(list); cut += 12 {
		a := must[benefits.Transfer](t)(terms.Transfer(list[:cut], 0, 2026))
		b := must[benefits.Transfer](t)(terms.Transfer(list[cut:], 0, 2026))
		pooled := a.Pooled + b.Pooled - all.Pooled
		if principal(a)+principal(b) != principal(all) || a.PooledBase+b.PooledBase != all.PooledBase || pooled < -1 || pooled > 1 {
			t.Fatalf("cut at %s: principal %s + %s ≠ %s, pooled off by %s", list[cut].Month, principal(a), principal(b), principal(all), pooled)
		}
	}
}

func TestTransferGrowsWithEveryMonthAndAddsUp(t *testing.T) {
	terms := transferTerms(t)
	list := months(201501, 202606, 512345)
	var before casework.Fen
	for n := range len(list) + 1 {
		out := must[benefits.Transfer](t)(terms.Transfer(list[:n], 4711, 2026))
		if out.Total < before || out.Total != out.Account+out.Pooled || out.Account != out.Pre1998+out.Balance+out.Current {
			t.Fatalf("%d months: %+v", n, out)
		}
		before = out.Total
		for i, row := range out.Rows {
			if i > 0 && row.Opening != out.Rows[i-1].Closing || row.OnOpening < 0 || row.OnNew < 0 {
				t.Fatalf("%d months: row %+v does not continue the year before", n, row)
			}
		}
	}
}

func TestPlaceAddsSeparateStaysUpAndForgetsTemporaryOnes(t *testing.T) {
	terms := must[benefits.PlaceTerms](t)(region(t, "379900").Place())
	two := []benefits.Relation{{Province: "江苏", Months: 70}, {Province: "广东", Months: 130}, {Province: "江苏", Months: 50}, {Province: "广东", Months: 200, Temporary: true}}
	if p := terms.Place("山东", "江苏", two); p.Province != "江苏" || p.Rule != "R2" {
		t.Errorf("%s", p.Derivation())
	}
	if p := terms.Place("山东", "浙江", two); p.Province != "江苏" || p.Rule != "R3" {
		t.Errorf("the latest place is not the one of the last stay: %s", p.Derivation())
	}
}

func TestAccountRefusesWhatItCantJudge(t *testing.T) {
	terms := must[benefits.AccountTerms](t)(region(t, "379900").Account())
	in := benefits.NewRelation{Sex: "M", Birth: day(t, "1970-06-15"), Established: day(t, "2020-06-15"), Home: "山东", Province: "江苏"}
	if a := must[benefits.Account](t)(terms.Account(in)); a.Kind != benefits.Temporary {
		t.Errorf("%s", a.Derivation())
	}
	in.Sex = "X"
	if _, err := terms.Account(in); err == nil {
		t.Error("an unknown sex")
	}
	in.Sex, in.Established = "M", day(t, "1960-01-01")
	if _, err := terms.Account(in); err == nil {
		t.Error("a relation before birth")
	}
}

func TestManyMonthsPaidAtOnceNeedTheirDocument(t *testing.T) {
	terms := must[benefits.BackPaymentTerms](t)(region(t, "379900").BackPayment())
	stretch := func(n int) (list []casework.Month) {
		for i := range n {
			list = append(list, casework.Month(201001).Add(i))
		}
		return list
	}
	for name, tc := range map[string]struct {
		receipts []benefits.Receipt
		proof    benefits.BackPaymentProof
		blocked  bool
	}{
		"35 months":                     {[]benefits.Receipt{{Day: day(t, "2020-05-01"), Months: stretch(35)}}, benefits.BackPaymentProof{}, false},
		"36 months":                     {[]benefits.Receipt{{Day: day(t, "2020-05-01"), Months: stretch(36)}}, benefits.BackPaymentProof{}, true},
		"36 months in two receipts":     {[]benefits.Receipt{{Day: day(t, "2020-05-01"), Months: stretch(20)}, {Day: day(t, "2020-05-01"), Months: stretch(36)[20:]}}, benefits.BackPaymentProof{}, true},
		"20 months twice":               {[]benefits.Receipt{{Day: day(t, "2020-05-01"), Months: stretch(20)}, {Day: day(t, "2020-05-01"), Months: stretch(20)}}, benefits.BackPaymentProof{}, false},
		"with a judgment":               {[]benefits.Receipt{{Day: day(t, "2020-05-01"), Months: stretch(40)}}, benefits.BackPaymentProof{Legal: true}, false},
		"an undertaking is not enough":  {[]benefits.Receipt{{Day: day(t, "2020-05-01"), Months: stretch(40)}}, benefits.BackPaymentProof{Undertaking: true}, true},
		"an undertaking for an old one": {[]benefits.Receipt{{Day: day(t, "2015-05-01"), Months: stretch(40)}}, benefits.BackPaymentProof{Undertaking: true}, false},
		"one good, one bad":             {[]benefits.Receipt{{Day: day(t, "2015-05-01"), Months: stretch(60)}, {Day: day(t, "2020-05-01"), Months: stretch(36)}}, benefits.BackPaymentProof{Undertaking: true}, true},
		"nothing":                       {nil, benefits.BackPaymentProof{}, false},
	} {
		if b := terms.BackPayment(tc.receipts, tc.proof); b.Blocked != tc.blocked {
			t.Errorf("%s:\n%s", name, b.Derivation())
		}
	}
}

func TestInjuryBenefitsKeepTheirBounds(t *testing.T) {
	r := region(t, "379900")
	terms := must[benefits.DisabilityTerms](t)(r.Disability())
	if _, err := terms.Disability(11, "", benefits.Wages{Mean12: 1, Local: 1}); err == nil {
		t.Error("grade 11")
	}
	if _, err := terms.Disability(1, "some", benefits.Wages{Mean12: 1, Local: 1}); err == nil {
		t.Error("a care level nobody knows")
	}
	if _, err := terms.Disability(1, "", benefits.Wages{Local: 720000}); err == nil {
		t.Error("no wage")
	}
	death := must[benefits.DeathTerms](t)(r.Death())
	for n := range 9 {
		d := must[benefits.Death](t)(death.Death(720000, 5418800, 680001, make([]benefits.Dependant, n)))
		var sum casework.Fen
		for _, one := range d.Monthly {
			sum += one
		}
		if sum != d.Total || d.Total > d.Base {
			t.Errorf("%d dependants: %v is %s, above %s", n, d.Monthly, sum, d.Base)
		}
	}
	if _, err := death.Death(720000, 0, 680000, nil); err == nil {
		t.Error("no income")
	}
}
