package benefits

import (
	"strings"
	"testing"

	"github.com/jingban/jingban/casework"
)

// payer gives a Payer under the program's parameters and the sets laid over them.
func payer(t *testing.T, sets ...casework.ParamSet) *Payer {
	t.Helper()
	params, err := casework.LoadParams(nil)
	if err != nil {
		t.Fatal(err)
	}
	if params, err = params.With(sets...); err != nil {
		t.Fatal(err)
	}
	rules, err := Load(params)
	if err != nil {
		t.Fatal(err)
	}
	return NewPayer(rules)
}

func wageSet(from casework.Date, wage string) casework.ParamSet {
	return casework.ParamSet{Region: "379900", Kind: casework.WageParams, From: from, Document: "海人社发〔2026〕18号", Values: map[string]string{"wage.minimum": wage}}
}

// ue1 is the award of the acceptance example UE-1: 84 months, 16 months of benefit.
func ue1() Award {
	return Award{Region: "379900", Received: casework.Date{Year: 2026, Month: 3, Day: 6}, Paid: 84, First: 202603}
}

func TestPayerLaysOutTheAwardAsItWasGranted(t *testing.T) {
	months, err := payer(t).Months(ue1())
	if err != nil || len(months) != 16 || months[0] != (MonthAmount{202603, 176000}) || months[15] != (MonthAmount{202706, 176000}) {
		t.Fatalf("%v, %v", months, err)
	}
}

func TestLaterMonthsFollowTheWageOfTheirTime(t *testing.T) {
	r, err := Recalculate(payer(t), payer(t, wageSet(casework.Date{Year: 2026, Month: 6, Day: 1}, "2300.00")), ue1(), 202606, "海人社发〔2026〕18号")
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Changes) != 13 || r.Changes[0] != (MonthChange{202606, 176000, 184000}) || r.Monthly() != 8000 {
		t.Fatalf("%+v", r)
	}
	if owed, overpaid := r.Owed(202608); owed != 24000 || overpaid != 0 {
		t.Errorf("owed %d, overpaid %d", owed, overpaid)
	}
	text := r.Derivation(202608).String()
	for _, want := range []string{"202606：应为1840.00元 − 原为1760.00元 = 80.00元", "至202608应补发240.00元，多发0.00元", "海人社发〔2026〕18号"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

func TestWageFromTheMiddleOfAMonthCountsFromTheNext(t *testing.T) {
	r, err := Recalculate(payer(t), payer(t, wageSet(casework.Date{Year: 2026, Month: 6, Day: 15}, "2100.00")), ue1(), 202606, "x")
	if err != nil || len(r.Changes) != 12 || r.Changes[0] != (MonthChange{202607, 176000, 168000}) {
		t.Fatalf("%+v, %v", r, err)
	}
	if owed, overpaid := r.Owed(202607); owed != 0 || overpaid != 8000 {
		t.Errorf("owed %d, overpaid %d", owed, overpaid)
	}
}

func TestSecondSetCountsOnlyWhatItAdds(t *testing.T) {
	june := wageSet(casework.Date{Year: 2026, Month: 6, Day: 1}, "2300.00")
	again := wageSet(casework.Date{Year: 2026, Month: 6, Day: 1}, "2400.00")
	r, err := Recalculate(payer(t, june), payer(t, june, again), ue1(), 202606, "x")
	if err != nil || r.Changes[0] != (MonthChange{202606, 184000, 192000}) {
		t.Fatalf("%+v, %v", r, err)
	}
}

func TestStoppedMonthsAreNotRecalculated(t *testing.T) {
	a := ue1()
	a.Undue = 202608
	r, err := Recalculate(payer(t), payer(t, wageSet(casework.Date{Year: 2026, Month: 6, Day: 1}, "2300.00")), a, 202606, "x")
	if err != nil || len(r.Changes) != 2 {
		t.Fatalf("%+v, %v", r, err)
	}
}

// The term follows the day of the claim: a scheme that begins later leaves it alone,
// one that is valid from before makes it longer or shorter.
func TestSchemeChangesTheTermOfLaterClaimsOnly(t *testing.T) {
	scheme := casework.ParamSet{Region: "379900", Kind: casework.UnemploymentParams, From: casework.Date{Year: 2026, Month: 4, Day: 1}, Document: "x", Values: map[string]string{"unemployment_benefit.scheme": "NAT-MAX"}}
	if r, err := Recalculate(payer(t), payer(t, scheme), ue1(), 202604, "x"); err != nil || len(r.Changes) != 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	scheme.From.Month = 3
	r, err := Recalculate(payer(t), payer(t, scheme), ue1(), 202603, "x")
	if err != nil || len(r.Changes) != 2 || r.Changes[0] != (MonthChange{202707, 0, 176000}) {
		t.Fatalf("%+v, %v", r, err)
	}
}

func TestPlanOfARecalculationTravelsAsText(t *testing.T) {
	r := Recalculation{Changes: []MonthChange{{202606, 176000, 184000}, {202607, 176005, 0}}}
	got, err := ParsePlan(r.Plan())
	if err != nil || len(got) != 2 || got[0] != r.Changes[0] || got[1] != r.Changes[1] {
		t.Fatalf("%q: %+v, %v", r.Plan(), got, err)
	}
	for _, bad := range []string{"", "202606 1.00", "202613 1.00 2.00", "202606 1.00 x", "202606 -1.00 2.00", "202607 1.00 2.00; 202606 1.00 2.00"} {
		if _, err := ParsePlan(bad); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

func TestRecalculationIsSetOutForAPerson(t *testing.T) {
	out, err := unemploymentRecalculation().Do(casework.Given{"plan": "202606 1760.00 1840.00; 202607 1760.00 1700.00", "until": "202607", "document": "海人社发〔2026〕18号"})
	if err != nil || out.Values["owed"] != 8000 || out.Values["overpaid"] != 6000 || out.Values["months"] != 2 {
		t.Fatalf("%+v, %v", out, err)
	}
	if err := unemploymentRecalculation().Check(out.Values); err != nil {
		t.Error(err)
	}
	if table := out.Values["table"].([]map[string]string); table[1]["差额"] != "-60.00" {
		t.Errorf("%v", table)
	}
}

// Every parameter that a set may change has a check and a form.
func TestEveryParameterOfASetIsChecked(t *testing.T) {
	params, err := casework.LoadParams(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range params.Names() {
		if (casework.KindOfParam(name) != "") != (Form(name) != "") {
			t.Errorf("%s: kind %q, form %q", name, casework.KindOfParam(name), Form(name))
		}
	}
}

func TestSetAboveTheCeilingIsRefusedInChinese(t *testing.T) {
	params, err := casework.LoadParams(nil)
	if err != nil {
		t.Fatal(err)
	}
	params, err = params.With(casework.ParamSet{Region: "379900", Kind: casework.UnemploymentParams, From: casework.Date{Year: 2026, Month: 7, Day: 1}, Document: "x",
		Values: map[string]string{"unemployment_benefit.scheme.CQ-2011": "12: 3; 24: 13"}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = Load(params)
	wrongs := Wrongs(err)
	if len(wrongs) != 1 || wrongs[0].Row.Region != "379900" {
		t.Fatalf("%v", err)
	}
	if r, ok := wrongs[0].Err.(*Refused); !ok || !strings.Contains(r.Zh, "缴费24个月给13个月，超过全国上限12个月") || !strings.Contains(r.En, "13 months for 24 paid months") {
		t.Errorf("%+v", wrongs[0].Err)
	}
}

func TestNoRegionRaisesTheNationalCeiling(t *testing.T) {
	params, err := casework.LoadParams(nil)
	if err != nil {
		t.Fatal(err)
	}
	params, err = params.With(casework.ParamSet{Region: "379900", Kind: casework.UnemploymentParams, From: casework.Date{Year: 2026, Month: 7, Day: 1}, Document: "x",
		Values: map[string]string{"unemployment_benefit.ceiling": "12: 36"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Load(params); err == nil || !strings.Contains(err.Error(), "cannot set its own") {
		t.Errorf("%v", err)
	}
}
