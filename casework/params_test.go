package casework_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/jingban/jingban/casework"
)

func day(t *testing.T, text string) casework.Date {
	t.Helper()
	d, err := casework.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func folder(file, text string) fstest.MapFS {
	return fstest.MapFS{file: {Data: []byte(text)}}
}

func TestParamsFallBackFromCityToProvinceToCountry(t *testing.T) {
	params, err := casework.LoadParams(nil)
	if err != nil {
		t.Fatal(err)
	}
	on := day(t, "2026-03-06")
	for region, want := range map[string]int{"440106": 7, "440100": 7, "440000": 7, "379901": 10, "000000": 10, "": 10, "x": 10} {
		got, err := params.For(region, on).Int("unemployment_claim.limit_days")
		if err != nil || got != want {
			t.Errorf("limit in %q = %d, %v; want %d", region, got, err, want)
		}
	}
}

func TestParamsOfADayBeforeTheFirstRowAreMissing(t *testing.T) {
	params, err := casework.LoadParams(nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = params.For("379900", day(t, "2023-11-30")).Int("unemployment_claim.limit_days")
	if err == nil || !strings.Contains(err.Error(), "379900") {
		t.Fatalf("error = %v; want one that names the region", err)
	}
}

func TestAgencyFolderOverridesAndAddsParameters(t *testing.T) {
	agency := folder("params/ours.yaml", `params:
  - name: unemployment_claim.limit_days
    rows:
      - {region: "000000", from: 2023-12-01, value: "9", document: ours}
      - {region: "379900", from: 2026-01-01, to: 2026-06-30, value: "5", document: ours}
  - name: wage.minimum
    rows:
      - {region: "379900", from: 2025-01-01, value: "2,200.00", document: ours}
      - {region: "379900", from: 2026-05-01, value: "2300", document: ours}
`)
	params, err := casework.LoadParams(agency)
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		region, on string
		days       int
		wage       casework.Fen
	}{
		{"379900", "2025-12-31", 9, 220000},
		{"379900", "2026-03-06", 5, 220000},
		{"379900", "2026-06-30", 5, 230000},
		{"379900", "2026-07-01", 9, 230000},
	}
	for _, c := range cases {
		values := params.For(c.region, day(t, c.on))
		days, err := values.Int("unemployment_claim.limit_days")
		if err != nil || days != c.days {
			t.Errorf("limit on %s = %d, %v; want %d", c.on, days, err, c.days)
		}
		if wage, err := values.Fen("wage.minimum"); err != nil || wage != c.wage {
			t.Errorf("wage on %s = %d, %v; want %d", c.on, wage, err, c.wage)
		}
	}
	plain, err := casework.LoadParams(nil)
	if err != nil || plain.Hash() == params.Hash() {
		t.Errorf("the agency's rows do not change the hash (%v)", err)
	}
}

func TestParamValuesRefuseTheWrongKind(t *testing.T) {
	agency := folder("params/ours.yaml", `params:
  - name: odd
    rows: [{region: "000000", from: 2025-01-01, value: "1.5", document: ours}]
`)
	params, err := casework.LoadParams(agency)
	if err != nil {
		t.Fatal(err)
	}
	values := params.For("379900", day(t, "2026-01-01"))
	if _, err := values.Int("odd"); err == nil {
		t.Error("1.5 passed as a whole number")
	}
	if _, err := values.Ratio("odd"); err == nil {
		t.Error("1.5 passed as a ratio")
	}
	if _, err := values.Bool("odd"); err == nil {
		t.Error("1.5 passed as a switch")
	}
	if text, err := values.Text("odd"); err != nil || text != "1.5" {
		t.Errorf("text = %q, %v", text, err)
	}
}

func TestLoadParamsNamesFileAndLineOfAMistake(t *testing.T) {
	const head = "params:\n  - name: a\n    rows:\n"
	cases := map[string]struct{ text, want string }{
		"unknown key":      {"params:\n  - nam: a\n", "params/p.yaml:2:5: unknown field"},
		"doubled key":      {"params: []\nparams: []\n", "params/p.yaml:2"},
		"bad region":       {head + `      - {region: "37", from: 2025-01-01, value: "1", document: d}`, "params/p.yaml:4: parameter \"a\": region \"37\""},
		"no such day":      {head + `      - {region: "370000", from: 2025-02-30, value: "1", document: d}`, "2025-02-30"},
		"no first day":     {head + `      - {region: "370000", value: "1", document: d}`, "first day"},
		"no value":         {head + `      - {region: "370000", from: 2025-01-01, document: d}`, "no value"},
		"no document":      {head + `      - {region: "370000", from: 2025-01-01, value: "1"}`, "document"},
		"ends too early":   {head + `      - {region: "370000", from: 2025-01-01, to: 2024-01-01, value: "1", document: d}`, "before it begins"},
		"two on one day":   {head + strings.Repeat("      - {region: \"370000\", from: 2025-01-01, value: \"1\", document: d}\n", 2), "two rows"},
		"not YAML":         {"params: [", "params/p.yaml:1"},
		"empty":            {"", "params/p.yaml:1: the file is empty"},
		"second document":  {"params: []\n---\nparams: []\n", "exactly one"},
		"nameless":         {"params:\n  - rows:\n      - {region: \"370000\", from: 2025-01-01, value: \"1\", document: d}\n", "no name"},
		"a list, not text": {"- 1\n", "params/p.yaml:1"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := casework.LoadParams(folder("params/p.yaml", c.text))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("error = %v; want it to hold %q", err, c.want)
			}
		})
	}
}

func FuzzLoadParamsNeverPanics(f *testing.F) {
	f.Add("params:\n  - name: a\n    rows:\n      - {region: \"370000\", from: 2025-01-01, value: \"1\", document: d}\n")
	f.Add("params: [")
	f.Add("years: {2025: {}}")
	f.Fuzz(func(t *testing.T, text string) {
		params, err := casework.LoadParams(folder("params/p.yaml", text))
		if err == nil && params.Hash() == "" {
			t.Error("parameters without a hash")
		}
	})
}
