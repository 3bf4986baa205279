package benefits_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/jingban/jingban/benefits"
	"github.com/jingban/jingban/casework"
)

// rules loads the embedded parameters, with an agency's text put beside them.
func rules(t testing.TB, agency string) (benefits.Rules, error) {
	t.Helper()
	params, err := casework.LoadParams(fstest.MapFS{"params/ours.yaml": {Data: []byte(agency)}})
	if err != nil {
		t.Fatal(err)
	}
	return benefits.Load(params)
}

const nothing = "params: []\n"

func day(t testing.TB, text string) casework.Date {
	t.Helper()
	d, err := casework.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// region gives the embedded rules of a region on the day of the samples.
func region(t testing.TB, code string) benefits.Region {
	t.Helper()
	r, err := rules(t, nothing)
	if err != nil {
		t.Fatal(err)
	}
	return r.In(code, day(t, "2026-03-06"))
}

func TestLoadRefusesASetThatCantBeRight(t *testing.T) {
	const row = `params:
  - name: unemployment_benefit.%s
    rows: [{region: "370000", from: 2026-01-01, value: "%s", document: 鲁人社字〔2026〕1号}]
`
	for name, c := range map[string]struct{ param, value, want string }{
		"above the ceiling in one month": {"scheme.SD", "12: 12; 59: 13; 60: 18; 120: 24", "59 paid months, above the national ceiling of 12"},
		"below the first year":           {"scheme.SD", "11: 1; 12: 12", "11 paid months"},
		"above 24 in the end":            {"scheme.SD", "12: 1; 120: 24 +1/12 max 30", "no"},
		"less for more months":           {"scheme.SD", "12: 6; 24: 3", "it gives less for 24"},
		"not a scheme":                   {"scheme.SD", "twelve", "band"},
		"a scheme that is not there":     {"scheme", "XX-2030", "unemployment_benefit.scheme.XX-2030"},
		"the whole minimum wage":         {"ratio", "1.00", "below the minimum wage"},
		"a share above 1":                {"steps", "1-12: 1.2", "share up to 1"},
		"steps with a gap":               {"steps", "1-12: 1; 14-24: 0.8", "from 13 on"},
		"an unknown rounding":            {"rounding", "up", "jiao_up"},
		"an unknown stop month":          {"stop_month", "previous", "next or same"},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(strings.Replace(row, "%s", c.param, 1), "%s", c.value, 1)
			_, err := rules(t, text)
			if c.want == "no" {
				if err != nil {
					t.Fatalf("refused although the cap holds: %v", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "鲁人社字〔2026〕1号") {
				t.Fatalf("error = %v; want %q and the document", err, c.want)
			}
		})
	}
}

func TestLoadComparesASchemeWithALaterCeiling(t *testing.T) {
	_, err := rules(t, `params:
  - name: unemployment_benefit.ceiling
    rows: [{region: "000000", from: 2027-01-01, value: "12: 12; 60: 15; 120: 24", document: 2027年新法}]
`)
	if err == nil || !strings.Contains(err.Error(), "2027年新法") || !strings.Contains(err.Error(), "NAT-MAX") {
		t.Fatalf("error = %v; want one about the scheme that is still in force in 2027", err)
	}
}

func TestARegionWithoutAValueErrsInsteadOfGuessing(t *testing.T) {
	r := region(t, "620000")
	if _, err := r.Scheme(); err == nil || !strings.Contains(err.Error(), "620000") {
		t.Errorf("scheme: %v", err)
	}
	if _, err := r.Standard(); err == nil {
		t.Error("a standard without a minimum wage")
	}
	if _, err := r.Retirement("F", 45); err == nil {
		t.Error("a retirement rule nobody wrote")
	}
	if _, err := r.NationalIncome(day(t, "2027-01-10")); err == nil {
		t.Error("an income of 2026 that nobody has published")
	}
	if income, err := r.NationalIncome(day(t, "2026-01-10")); err != nil || income != 5650200 {
		t.Errorf("income for an injury in 2026 = %s, %v", income, err)
	}
}
