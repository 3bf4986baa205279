package benefits_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/jingban/jingban/benefits"
	"github.com/jingban/jingban/casework"
)

func baseMonths(first casework.Month, n int, base string) []map[string]string {
	rows := paidMonths(first, n)
	for _, row := range rows {
		row["base"] = base
	}
	return rows
}

// The acceptance example TE-1. Its crediting rates are those of the parameters.
func TestTransferOfTheAcceptanceExample(t *testing.T) {
	list := append(append(baseMonths(202001, 12, "5,000.00"), baseMonths(202101, 12, "5500")...), baseMonths(202201, 3, "6000.00")...)
	out := compute(t, "transfer.amount", casework.Given{"region": "379900", "on": "2022-04-15", "months": list})
	equal(t, out.Values, map[string]any{"before": 0, "balance": 1076000, "current": 144000, "account": 1220000, "pooled": 1728000, "total": 2948000, "capitals": "贰万玖仟肆佰捌拾元整", "counted": 27, "arrears": ""})
	want := [][]string{
		{"2020", "202001", "202012", "12", "5000.00", "4800.00", "157.04", "4957.04"},
		{"2021", "202101", "202112", "12", "5500.00", "5280.00", "522.96", "10760.00"},
		{"2022", "202201", "202203", "3", "6000.00", "1440.00", "0.00", ""},
	}
	var got [][]string
	for _, row := range out.Values["rows"].([]map[string]string) {
		got = append(got, []string{row["year"], row["first"], row["last"], row["months"], row["base"], row["principal"], row["interest"], row["closing"]})
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("rows %v\nwant %v", got, want)
	}
	if text := strings.Join(out.Lines, "\n"); !strings.Contains(text, "转移基金总额⑥ = 12200.00 + 17280.00 = 29480.00元") {
		t.Errorf("derivation:\n%s", text)
	}
}

func TestFormRowsBreakAtGapsAndAtAChangeOfBaseOrShare(t *testing.T) {
	var list []benefits.Contribution
	add := func(first casework.Month, n int, base casework.Fen, arrived bool) {
		for i := range n {
			list = append(list, benefits.Contribution{Month: first.Add(i), Base: base, Arrived: arrived})
		}
	}
	add(200501, 4, 100000, true)
	add(200505, 1, 100000, false) // without money: a gap
	add(200506, 7, 100000, true)
	add(200601, 6, 100000, true) // another share
	add(200607, 6, 120000, true)
	add(200701, 2, 120000, true)
	terms, err := rulesOf(t).In("379900", sampleDay()).Transfer()
	if err != nil {
		t.Fatal(err)
	}
	out, err := terms.Transfer(list, 0, 2007)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	var principal casework.Fen
	counted := 0
	for _, row := range out.FormRows(list) {
		got = append(got, fmt.Sprintf("%s–%s %d %v", row.First, row.Last, row.Months, row.Closed))
		principal += row.Principal
		counted += row.Months
	}
	want := []string{"200501–200504 4 false", "200506–200512 7 true", "200601–200606 6 false", "200607–200612 6 true", "200701–200702 2 false"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%v\nwant %v", got, want)
	}
	sum := out.Current
	for _, year := range out.Rows {
		sum += year.Principal
	}
	if principal != sum || counted != out.Months {
		t.Errorf("the rows hold %s in %d months, the account %s in %d", principal, counted, sum, out.Months)
	}
}
