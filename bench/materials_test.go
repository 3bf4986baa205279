package bench_test

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jingban/jingban/bench"
	"github.com/jingban/jingban/casework"
	fixtures "github.com/jingban/jingban/fixtures/materials"
	"github.com/jingban/jingban/materials"
)

// TestRulesFindWhatWasPlantedAndLetCleanCasesPass judges the rules alone, on
// perfect readings. Its seed is the one rules were written with.
func TestRulesFindWhatWasPlantedAndLetCleanCasesPass(t *testing.T) {
	result, err := bench.Materials(t.Context(), bench.MaterialsOptions{Cases: 400, Seed: 1, Today: time.Date(2026, 3, 6, 9, 0, 0, 0, casework.China)})
	if err != nil {
		t.Fatal(err)
	}
	s := result.Score
	if s.FoundShare < 0.99 || s.CleanBlocked > 0 || s.WrongPassed > 0 || s.CleanPassShare < 0.95 || s.ClassifiedOK < 0.995 || s.RetakeAsked != s.RetakePlanted {
		t.Errorf("found %d of %d, clean blocked %d, clean passed %d of %d, wrong passed %d, classified %d of %d, retakes %d of %d\n%v\n%v",
			s.Found, s.Planted, s.CleanBlocked, s.CleanPassed, s.CleanCases, s.WrongPassed, s.Classified, s.Papers, s.RetakeAsked, s.RetakePlanted, s.Misses, s.Excess)
	}
	if missed := len(fixtures.DefectNames()) - result.Kinds; missed > 0 {
		t.Errorf("%d kinds of defects were never planted", missed)
	}
}

// unplanted are the rules no paper can break, with the reason.
func unplanted() map[string]string {
	return map[string]string{
		"picture_unread":  "the machine's own failure, whatever the paper",
		"engine_fallback": "the machine's own state: models that are not installed",
		"sum_wrong":       "the usual sentence of a sum; every sum on a paper of ours has its own",
		"file_light":      "of a file's bytes and told only; a drawing has as many as it needs",
	}
}

// TestEveryRuleOfTheCatalogueIsPlanted holds a kind of defect against every rule.
func TestEveryRuleOfTheCatalogueIsPlanted(t *testing.T) {
	catalog, err := materials.Load()
	if err != nil {
		t.Fatal(err)
	}
	planted, except := fixtures.DefectRules(), unplanted()
	for _, rule := range catalog.Rules() {
		_, excepted := except[rule.Name]
		if found := slices.Contains(planted, rule.Name); found == excepted {
			t.Errorf("rule %s: planted %v, excepted %v", rule.Name, found, excepted)
		}
		delete(except, rule.Name)
	}
	if len(except) > 0 {
		t.Errorf("exceptions for rules that are not there: %v", except)
	}
}

// TestAnInterruptedCheckOfMaterialsReadsNothingTwice also says that the same
// readings give the same figures.
func TestAnInterruptedCheckOfMaterialsReadsNothingTwice(t *testing.T) {
	var read atomic.Int32
	options := bench.MaterialsOptions{
		Cases: 1, Seed: 1, Today: time.Date(2026, 3, 6, 9, 0, 0, 0, casework.China), Journal: filepath.Join(t.TempDir(), "read.jsonl"),
		Read: func(context.Context, []byte) ([]casework.Reading, error) {
			read.Add(1)
			return []casework.Reading{{Page: 1, Width: 100, Height: 100, Engine: "scripted"}}, nil
		},
	}
	first, err := bench.Materials(t.Context(), options)
	if err != nil || read.Load() == 0 || first.Engine != "scripted" {
		t.Fatalf("read %d papers by %q, %v", read.Load(), first.Engine, err)
	}
	cut(t, options.Journal)
	before := read.Load()
	again, err := bench.Materials(t.Context(), options)
	if err != nil || read.Load() != before {
		t.Errorf("%d papers were read again, %v", read.Load()-before, err)
	}
	if !reflect.DeepEqual(first.Score, again.Score) {
		t.Errorf("first %+v, then %+v", first.Score, again.Score)
	}
}

// cut leaves half a line behind the last whole one, as a killed run does.
func cut(t *testing.T, journal string) {
	t.Helper()
	file, err := os.OpenFile(journal, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.WriteString(`{"print":"ab`); err != nil {
		t.Fatal(err)
	}
}
