package benefits_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jingban/jingban/benefits"
	"github.com/jingban/jingban/casework"
)

func calculation(t *testing.T, name string) casework.Calculation {
	t.Helper()
	params, err := casework.LoadParams(nil)
	if err != nil {
		t.Fatal(err)
	}
	rules, err := benefits.Load(params)
	if err != nil {
		t.Fatal(err)
	}
	all := benefits.Calculations(rules)
	i := slices.IndexFunc(all, func(c casework.Calculation) bool { return c.Name == name })
	if i < 0 {
		t.Fatalf("no calculation %s", name)
	}
	return all[i]
}

func compute(t *testing.T, name string, given casework.Given) casework.Computed {
	t.Helper()
	c := calculation(t, name)
	out, err := c.Do(given)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Check(out.Values); err != nil {
		t.Error(err)
	}
	return out
}

func equal(t *testing.T, got, want map[string]any) {
	t.Helper()
	for name, value := range want {
		if got[name] != value {
			t.Errorf("%s: %v, want %v", name, got[name], value)
		}
	}
}

// paidMonths lists n months with their money.
func paidMonths(first casework.Month, n int) []map[string]string {
	var rows []map[string]string
	for i := range n {
		rows = append(rows, map[string]string{"month": first.Add(i).String(), "arrived": "yes"})
	}
	return rows
}

func claimGiven(rows []map[string]string) casework.Given {
	return casework.Given{"region": "379900", "received": "2026-03-06", "registered": "2026-03-05", "months": rows}
}

func TestClaimOfTheAcceptanceExample(t *testing.T) {
	out := compute(t, "unemployment.claim", claimGiven(paidMonths(201903, 84)))
	equal(t, out.Values, map[string]any{"paid": 84, "months": 16, "first": "202603", "last": "202706", "monthly": 176000, "total": 2816000,
		"capitals": "贰万捌仟壹佰陆拾元整", "scheme": "CQ-2011", "doubled": "", "odd": "", "stale": false})
	if text := strings.Join(out.Lines, "\n"); !strings.Contains(text, "累计缴费84个月") || !strings.Contains(text, "《重庆市失业保险条例》第二十四条") {
		t.Errorf("derivation:\n%s", text)
	}
}

func TestClaimNamesWhatIsWrongInTheList(t *testing.T) {
	rows := append(paidMonths(201903, 84), map[string]string{"month": "202501", "arrived": "yes"}, map[string]string{"month": "202612", "arrived": "yes"}, map[string]string{"month": "201902", "arrived": "no"})
	out := compute(t, "unemployment.claim", claimGiven(rows))
	equal(t, out.Values, map[string]any{"paid": 84, "doubled": "202501", "odd": "202612", "arrears": "201902"})
}

func TestClaimRefusesAListItCannotRead(t *testing.T) {
	for _, row := range []map[string]string{{"month": "2026", "arrived": "maybe"}, {"month": "", "arrived": "yes"}, {"month": "202601", "arrived": "yes", "base": "x"}} {
		if _, err := calculation(t, "unemployment.claim").Do(claimGiven([]map[string]string{row})); err == nil {
			t.Errorf("%v was taken", row)
		}
	}
	for name := range map[string]bool{"region": true, "received": true, "registered": true} {
		given := claimGiven(paidMonths(201903, 84))
		given[name] = ""
		if _, err := calculation(t, "unemployment.claim").Do(given); err == nil {
			t.Errorf("computed without %s", name)
		}
	}
}

func TestEarlierTermsUseMonthsUpAndLeaveTheirRest(t *testing.T) {
	for name, c := range map[string]struct {
		first, months, drawn, state string
		want                        map[string]any
	}{
		"drawn in part": {"202302", "9", "4", "ended", map[string]any{"paid": 37, "carry_over": 5, "new_months": 9, "months": 14, "open": 0}},
		"never drawn":   {"202302", "9", "0", "ended", map[string]any{"paid": 84, "carry_over": 0, "months": 16}},
		"void":          {"202302", "9", "4", "void", map[string]any{"paid": 84, "carry_over": 0}},
		"still open":    {"202603", "9", "0", "open", map[string]any{"paid": 84, "open": 1}},
	} {
		given := claimGiven(paidMonths(201903, 84))
		given["terms"] = []map[string]string{{"first": c.first, "months": c.months, "drawn": c.drawn, "state": c.state}}
		t.Run(name, func(t *testing.T) { equal(t, compute(t, "unemployment.claim", given).Values, c.want) })
	}
}

func TestRetirementOfAWomanDependsOnHerPost(t *testing.T) {
	for number, want := range map[string]map[string]any{
		"379901198503120017": {"reached": false, "unclear": false, "earliest": "204803", "latest": "204803"},
		"379901197403120025": {"reached": false, "unclear": true},
		"379901196503120039": {"reached": true, "unclear": false},
	} {
		equal(t, compute(t, "retirement.reached", casework.Given{"region": "379900", "on": "2026-03-06", "id_number": number}).Values, want)
	}
}

func TestStopOfTheAcceptanceExample(t *testing.T) {
	out := compute(t, "unemployment.stop", casework.Given{"region": "379900", "on": "2026-06-10", "first": "202603", "months": 16, "event": "202605"})
	equal(t, out.Values, map[string]any{"undue": "202606", "owed": 3, "carry_over": 13})
}

func TestEveryQuantityHasATitleInBothLanguages(t *testing.T) {
	for _, name := range []string{"unemployment.claim", "unemployment.stop", "retirement.reached", "transfer.amount"} {
		c := calculation(t, name)
		for _, q := range append(slices.Clone(c.Inputs), c.Outputs...) {
			if q.Zh == "" || q.En == "" || q.Name == "" {
				t.Errorf("%s: %s", name, fmt.Sprint(q))
			}
		}
	}
}
