package main

import (
	"strings"
	"testing"

	"github.com/jingban/jingban/benefits"
	"github.com/jingban/jingban/casework"
)

const workedExamples = "../../casework/testdata/worked-examples.json"

func TestWorkedExamplesAreEqual(t *testing.T) {
	list, err := readExamples(workedExamples)
	if err != nil {
		t.Fatal(err)
	}
	rules, on, err := examplesCommand{On: "2026-03-06"}.rules()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, e := range list {
		m, ok := moduleOf(e.Module)
		if !ok {
			t.Errorf("%s: nobody computes %s", e.ID, e.Module)
			continue
		}
		seen[m.name]++
		region := m.region
		if region == "" {
			region = defaultRegion
		}
		t.Run(e.ID, func(t *testing.T) {
			if o := e.evaluate(m, rules.In(region, on)); !o.fine() {
				t.Errorf("%v %v\n%s", o.err, o.differences, o.derivation)
			} else if !strings.Contains(o.derivation, "：") {
				t.Errorf("nothing is explained: %s", o.derivation)
			}
		})
	}
	for _, m := range modules() {
		if seen[m.name] == 0 {
			t.Errorf("no example of %s", m.name)
		}
	}
}

// FuzzExampleInputsNeverPanic: whatever an agency writes into the file is a
// difference or an error.
func FuzzExampleInputsNeverPanic(f *testing.F) {
	list, err := readExamples(workedExamples)
	if err != nil {
		f.Fatal(err)
	}
	for _, e := range list {
		f.Add(e.Module, string(e.Inputs))
	}
	f.Add("unemployment.standard", `{"min_wage_fen":-9223372036854775808,"ratio":"100","dibao_fen":1}`)
	f.Add("unemployment.older_extension", `{"last_entitled_month":202512,"sex":"M","original_age":60,"birth_month":0}`)
	f.Add("injury.disability", `{"grade":1,"avg12_wage_fen":9223372036854775807,"local_avg_wage_fen":9223372036854775807,"min_wage_fen":1,"care":"full"}`)
	params, err := casework.LoadParams(nil)
	if err != nil {
		f.Fatal(err)
	}
	rules, err := benefits.Load(params)
	if err != nil {
		f.Fatal(err)
	}
	region := rules.In(defaultRegion, casework.Date{Year: 2026, Month: 3, Day: 6})
	f.Fuzz(func(t *testing.T, name, inputs string) {
		m, ok := moduleOf(name)
		if !ok || len(inputs) > 4096 {
			return
		}
		if _, how, err := m.compute(region, []byte(inputs)); err == nil && how.Derivation().Title == "" {
			t.Errorf("%s %s: a result without a derivation", name, inputs)
		}
	})
}

func TestExamplesOfTheProgramAreEqualOnItsOwnParameters(t *testing.T) {
	params, err := casework.LoadParams(nil)
	if err != nil {
		t.Fatal(err)
	}
	params, err = params.With(casework.ParamSet{Region: defaultRegion, Kind: casework.UnemploymentParams, From: casework.Date{Year: 2026, Month: 7, Day: 1}, Document: "x",
		Values: map[string]string{"unemployment_benefit.scheme.CQ-2011": "12: 3 +3/12 max 12; 60: 14; 84: 16 +1/12 max 24"}})
	if err != nil {
		t.Fatal(err)
	}
	rules, err := benefits.Load(params)
	if err != nil {
		t.Fatal(err)
	}
	before, err := tryExamples(rules, defaultRegion, casework.Date{Year: 2026, Month: 6, Day: 30}, nil)
	if err != nil || before.Failed != 0 || before.Unknown != 0 || before.Passed < 100 || before.Report != "" {
		t.Errorf("%+v, %v", before, err)
	}
	after, err := tryExamples(rules, defaultRegion, casework.Date{Year: 2026, Month: 7, Day: 1}, nil)
	if err != nil || after.Failed != 2 || !strings.Contains(after.Report, "U-M12") || !strings.Contains(after.Report, "entitled_months: 14 ≠ 15") || !strings.Contains(after.Report, "依据") {
		t.Errorf("%+v, %v", after, err)
	}
	if _, err := tryExamples(rules, defaultRegion, casework.Date{Year: 2026, Month: 7, Day: 1}, []byte(`{"examples":[]}`)); err == nil {
		t.Error("a file without examples was taken")
	}
}
