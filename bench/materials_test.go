package bench_test

import (
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
