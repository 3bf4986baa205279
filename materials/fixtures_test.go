package materials_test

import (
	"context"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	fixtures "github.com/jingban/jingban/fixtures/materials"
	"github.com/jingban/jingban/materials"
	"github.com/jingban/jingban/ocr"
)

var (
	everyClaim = flag.Bool("claims.all", false, "read all twelve drawn claims, not a few: minutes instead of seconds")
	seed       = flag.Uint64("claims.seed", 20260306, "seed of the drawn claims")
)

// TestDrawnClaimsAreJudgedRight reads drawn pictures with the real engine: fine
// claims hold nothing against the citizen, the others exactly their defect. The
// seed is not the demo's.
func TestDrawnClaimsAreJudgedRight(t *testing.T) {
	if testing.Short() {
		t.Skip("reads pictures")
	}
	pool := enginePool(t)
	today := time.Date(2026, 3, 6, 10, 0, 0, 0, casework.China)
	claims, err := fixtures.Claims(*seed, today)
	if err != nil {
		t.Fatal(err)
	}
	c := catalog(t)
	few := []string{"fine_turned", "defect_blurred", "defect_other_name"}
	for _, claim := range claims {
		if !*everyClaim && !slices.Contains(few, claim.Name) {
			continue
		}
		t.Run(claim.Name, func(t *testing.T) {
			a := c.Assess(readClaim(t, pool, claim, today))
			judge(t, claim, a)
		})
	}
}

// judge compares an assessment with what was planted.
func judge(t *testing.T, claim fixtures.Claim, a casework.Assessment) {
	var blocks []string
	for _, f := range a.Findings {
		if f.Severity == casework.Block {
			blocks = append(blocks, f.Rule)
		} else {
			t.Logf("a person looks at %s %s.%s: found %s, expected %s", f.Rule, f.Material, f.Field, f.Found, f.Expected)
		}
	}
	var want []string
	if claim.ExpectRule != "" {
		want = []string{claim.ExpectRule}
	}
	if !slices.Equal(blocks, want) {
		t.Errorf("blocking rules %v; want %v\n%s", blocks, want, rules(a))
	}
	if claim.Defect == "" && a.Verdict == casework.ReturnForCorrection {
		t.Errorf("a fine claim is sent back")
	}
}

func readClaim(t *testing.T, pool *ocr.Pool, claim fixtures.Claim, today time.Time) materials.Input {
	who := claim.Applicant
	in := materials.Input{
		Matter: "unemployment_claim", Region: "379900", Received: casework.DateOf(today), Shared: claim.Shared,
		Applicant: casework.Person{Name: who.Name, IDNumber: who.IDNumber, Mobile: who.Mobile, Account: who.Account, Address: who.Address},
	}
	for _, f := range claim.Files {
		result, err := pool.Read(t.Context(), f.Data, ocr.Options{})
		file := materials.File{ID: f.FileName, Slot: f.Slot, FileName: f.FileName, Readings: result.Pages}
		if err != nil {
			file.Fault = casework.AsFault(err).Code
		}
		in.Files = append(in.Files, file)
	}
	return in
}

// enginePool builds the OCR child and starts a pool of it.
func enginePool(t *testing.T) *ocr.Pool {
	t.Helper()
	models := modelFolder()
	if models == "" {
		if os.Getenv("REQUIRE_REAL") == "1" {
			t.Fatal("the OCR models are missing; run make setup")
		}
		t.Skip("the OCR models are missing; run make setup")
	}
	child := filepath.Join(t.TempDir(), "jingban-ocr")
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", child, "../cmd/jingban-ocr").CombinedOutput(); err != nil {
		t.Fatalf("build the OCR child: %v\n%s", err, out)
	}
	pool := ocr.NewPool(ocr.Config{Child: child, Models: models, TempDir: t.TempDir()})
	t.Cleanup(func() {
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
	})
	return pool
}

// modelFolder is $JINGBAN_MODELS, else .cache/models above the working directory.
func modelFolder() string {
	if dir := os.Getenv("JINGBAN_MODELS"); dir != "" {
		return dir
	}
	dir, err := os.Getwd()
	for err == nil && dir != filepath.Dir(dir) {
		candidate := filepath.Join(dir, ".cache", "models")
		if _, err := os.Stat(filepath.Join(candidate, "ppocr_keys_v1.txt")); err == nil {
			return candidate
		}
		dir = filepath.Dir(dir)
	}
	return ""
}
