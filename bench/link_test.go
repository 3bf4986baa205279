package bench

import "testing"

func TestNobodyIsTakenForAnotherInASmallPopulation(t *testing.T) {
	r, err := Link(t.Context(), LinkOptions{Persons: 40_000, Seed: 4, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	s := r.Main.Score
	if s.FalseAutomatic != 0 || r.Main.ClusterMistakes != 0 || s.Recall < 0.995 || s.AutomaticRecall < 0.6 || s.ReviewLoad > 0.42 {
		t.Errorf("%+v", s)
	}
	if s.TruePairs < 1000 || s.ByKind["wrong_digit"].Pairs == 0 {
		t.Errorf("the population is not what was asked for: %+v", s)
	}
}

func TestEnglishPersonsAreFoundFromTheColumnNamesAlone(t *testing.T) {
	s, err := English(t.Context(), "two files", EnglishOptions{Originals: 1500, Duplicates: 1500, PerRecord: 1, Changes: 5, PerField: 2, TwoFiles: true, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	if s.F1 < 0.99 || s.TruePairs != 1500 || s.AutomaticP < 0.995 {
		t.Errorf("%+v", s)
	}
}

func TestANightFindsWhatAFullSearchFindsForAFractionOfIt(t *testing.T) {
	r, err := Link(t.Context(), LinkOptions{Persons: 20_000, Seed: 4, Night: true, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if n := r.Incremental; !n.Same || n.Added == 0 || n.Gone == 0 || n.CPUShare > 0.5 {
		t.Errorf("%+v", n)
	}
}
