package bench

import (
	"context"
	"os"
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/ocr"
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
	report, err := Browser(t.Context(), BrowserOptions{Seed: 1, Scale: 0.02, Dir: dir, Parts: []string{"forms", "throughput", "memory", "drift"}})
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
	if f := d.Fakes; f.Wrong != 0 || f.Unproven != 0 || f.DoneShare < 0.75 || f.Done+f.Stopped != f.Mutations || len(f.Systems) != 4 {
		t.Errorf("drift of the fake systems %+v", f)
	}
}

// TestDrawnTextsAreFoundAndTwinsAreNot proves on a page of each kind that the real
// reader leads clicks to the one place, and to none where there are two.
func TestDrawnTextsAreFoundAndTwinsAreNot(t *testing.T) {
	dir, err := os.MkdirTemp("", "jingban-bench-browser-") // another user must be able to enter it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	pool := ocr.NewPool(ocr.Config{Child: builtReader(t), Models: modelsFolder(t), Workers: 1, Timeout: patience, TempDir: os.TempDir()})
	t.Cleanup(func() { pool.Close() })
	read := func(ctx context.Context, png []byte) (casework.Reading, error) {
		got, err := pool.Read(ctx, png, ocr.Options{})
		if err != nil {
			return casework.Reading{}, err
		}
		return got.Pages[0], nil
	}
	report, err := Browser(t.Context(), BrowserOptions{Seed: 1, Scale: 0.025, Dir: dir, Parts: []string{"sight"}, Sight: read})
	if err != nil {
		if casework.AsFault(err).Code == "chromium_missing" && os.Getenv("REQUIRE_REAL") != "1" {
			t.Skip(err)
		}
		t.Fatal(err)
	}
	s := report.Sight
	t.Logf("%+v", s)
	if s.Wrong != 0 || s.AmbiguousNo != 0 || s.RightShare < 0.95 || s.Right+s.Ambiguous != s.Pages || s.ReadAgain != 0 {
		t.Errorf("%+v", s)
	}
}
