package materials_test

import (
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/materials"
)

// TestAnInformationFormIsHeldAgainstItself spoils TE-1's form one by one.
func TestAnInformationFormIsHeldAgainstItself(t *testing.T) {
	row := func(year, first, last, months, base, principal, interest, closing string) map[string]string {
		return map[string]string{"place": "宁川市", "year": year, "first": first, "last": last, "months": months, "base": base, "share": "8%", "principal": principal, "interest": interest, "closing": closing}
	}
	given := func() casework.Given {
		return casework.Given{"region": "379900", "months": 27, "before": 0, "balance": 1076000, "current": 144000, "account": 1220000, "pooled": 1728000, "total": 2948000, "rows": []map[string]string{
			row("2020", "202001", "202012", "12", "5,000.00", "4,800.00", "157.04", "4957.04"),
			row("2021", "202101", "202112", "12", "5,500.00", "5,280.00", "522.96", "10760.00"),
			row("2022", "202201", "202203", "3", "6,000.00", "1,440.00", "0.00", ""),
		}}
	}
	calculation := materials.Calculations(catalog(t).Params())[0]
	for want, spoil := range map[string]func(casework.Given){
		"":                             func(casework.Given) {},
		"ACCOUNT_NE_SUM":               func(g casework.Given) { g["balance"] = 1076001 },
		"TOTAL_NE_ACCOUNT_PLUS_POOLED": func(g casework.Given) { g["total"] = 2948001 },
		"MONTHS_NE_SUM":                func(g casework.Given) { g["months"] = 28 },
		"CLOSING_CHAIN":                func(g casework.Given) { g.Rows("rows")[1]["interest"] = "522.95" },
		"RATIO_UNEXPECTED":             func(g casework.Given) { g.Rows("rows")[2]["share"] = "11%" },
		"OVERLAP_202112 MONTHS_NE_SUM": func(g casework.Given) { g.Rows("rows")[2]["first"], g.Rows("rows")[2]["months"] = "202112", "4" },
	} {
		g := given()
		spoil(g)
		out, err := calculation.Do(g)
		if err != nil {
			t.Fatal(err)
		}
		if err := calculation.Check(out.Values); err != nil {
			t.Error(err)
		}
		if out.Values["findings"] != want || out.Values["right"] != (want == "") || out.Values["rounding"] != (want == "CLOSING_CHAIN") {
			t.Errorf("want %q: %v", want, out.Values)
		}
	}
	g := given()
	g.Rows("rows")[0]["closing"] = "4957.14" // ten cents are no rounding
	if out, err := calculation.Do(g); err != nil || out.Values["rounding"] != false || out.Values["right"] != false {
		t.Errorf("%v, %v", out.Values, err)
	}
	g.Rows("rows")[0]["base"] = "five"
	if _, err := calculation.Do(g); err == nil {
		t.Error("a base that is no amount was taken")
	}
}
