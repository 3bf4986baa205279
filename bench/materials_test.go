package bench_test

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jingban/jingban/bench"
	"github.com/jingban/jingban/casework"
	fixtures "github.com/jingban/jingban/fixtures/materials"
)

// TestRulesFindWhatWasPlantedAndLetCleanCasesPass judges the rules alone, on
// perfect readings. Its seed is the one rules were written with.
func TestRulesFindWhatWasPlantedAndLetCleanCasesPass(t *testing.T) {
	result, err := bench.Materials(t.Context(), bench.MaterialsOptions{Cases: 240, Seed: 1, Today: time.Date(2026, 3, 6, 9, 0, 0, 0, casework.China)})
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
