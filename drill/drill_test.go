package drill_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/jingban/jingban/drill"
)

// shortly drills a little, with real processes, and gives the report.
func shortly(t *testing.T, cfg drill.Config) drill.Report {
	t.Helper()
	requireReal(t)
	dir, err := binaries()
	if err != nil {
		t.Fatal(err)
	}
	var progress, report bytes.Buffer
	cfg.Program, cfg.Progress, cfg.Seed, cfg.Within = filepath.Join(dir, "jingban"), &progress, 7, 4*time.Minute
	found, err := drill.Run(t.Context(), cfg)
	found.Print(&report)
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, &report, &progress)
	}
	t.Logf("%s\n%s", &report, &progress)
	return found
}

func TestShortDrillOnSQLiteLosesDoublesAndMisstatesNothing(t *testing.T) {
	t.Parallel()
	r := shortly(t, drill.Config{Database: "sqlite", Faults: 6, Runs: 5})
	enough(t, r, 6)
}

func TestShortDrillOnPostgresLosesDoublesAndMisstatesNothing(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("initdb"); err != nil {
		if found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb"); err != nil || len(found) == 0 {
			if os.Getenv("REQUIRE_REAL") == "1" {
				t.Fatal("PostgreSQL is not installed")
			}
			t.Skip("PostgreSQL is not installed")
		}
	}
	r := shortly(t, drill.Config{Database: "postgres", Workers: 2, Faults: 8, Runs: 6})
	enough(t, r, 8)
}

// TestDrillWithoutTheGuardDoubles: a drill that finds nothing here would find
// nothing anywhere.
func TestDrillWithoutTheGuardDoubles(t *testing.T) {
	t.Parallel()
	r := shortly(t, drill.Config{Database: "sqlite", Faults: 2, Runs: 3, Unguarded: true})
	if r.Twice == 0 {
		t.Error("nothing was submitted twice")
	}
}

func enough(t *testing.T, r drill.Report, faults int) {
	t.Helper()
	if r.Faults < faults {
		t.Errorf("%d faults hit something, want %d", r.Faults, faults)
	}
	if r.Done+r.Failed+r.Reviews != r.Runs {
		t.Errorf("of %d runs %d are done, %d failed with a reason and %d before a person", r.Runs, r.Done, r.Failed, r.Reviews)
	}
	if r.Random*2 < r.Faults {
		t.Errorf("%d of %d faults are signals at random moments, want half", r.Random, r.Faults)
	}
}
