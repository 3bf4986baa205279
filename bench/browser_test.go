package bench

import (
	"os"
	"testing"

	"github.com/jingban/jingban/casework"
)

// TestBrowserBenchAtASmallScale proves that the figures come from forms that were
// really entered, and that changed pages never lead to a wrong record.
func TestBrowserBenchAtASmallScale(t *testing.T) {
	dir, err := os.MkdirTemp("", "jingban-bench-browser-") // another user must be able to enter it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	report, err := Browser(t.Context(), BrowserOptions{Seed: 1, Scale: 0.02, Dir: dir})
	if err != nil {
		if casework.AsFault(err).Code == "chromium_missing" && os.Getenv("REQUIRE_REAL") != "1" {
			t.Skip(err)
		}
		t.Fatal(err)
	}
	for _, d := range report.Drivers {
		t.Logf("%+v", d)
		if d.Verified != d.Forms || d.Forms == 0 || d.WallP50 <= 0 || d.CPU <= 0 {
			t.Errorf("%+v", d)
		}
	}
	t.Logf("%+v %+v %+v", report.Throughput, report.Memory, report.Drift)
	if report.Memory.Zombies != 0 || report.Memory.EndMiB == 0 {
		t.Errorf("memory %+v", report.Memory)
	}
	d := report.Drift
	if d.Wrong != 0 || d.DoneShare < 0.9 || d.Done+d.Stopped != d.Mutations {
		t.Errorf("drift %+v", d)
	}
}
