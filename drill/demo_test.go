package drill_test

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jingban/jingban/fixtures/materials"
)

// The demo's own seed, and another one for check.
const (
	demoSeed  = 20260306
	checkSeed = 11
)

// demoDay is the day the demo's claims are made for.
func demoDay() time.Time { return time.Now() }

// TestDemoHandlesTwelveClaims runs the main job the way a newcomer does.
func TestDemoHandlesTwelveClaims(t *testing.T) {
	requireReal(t)
	dir, err := binaries()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.MkdirTemp("", "jbd") // short: a unix socket lies in it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(data) })
	cmd := exec.CommandContext(t.Context(), filepath.Join(dir, "jingban"), "--data", data, "--listen", "127.0.0.1:0", "demo", "--once")
	var complaints strings.Builder
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("demo: %v\n%s\n%s", err, out, &complaints)
	}
	const summary = "claims 12 · submitted 6 · returned 6 · lost 0 · submitted twice 0\n"
	if !strings.HasSuffix(string(out), summary) {
		t.Errorf("demo ends with\n%s\nwant %s", out, summary)
	}
	assertNoPersonalData(t, filepath.Join(data, "demo"), complaints.String())
}

// assertNoPersonalData looks for the fictional persons' numbers in every byte
// that Jingban left behind, logs included.
func assertNoPersonalData(t *testing.T, folder, log string) {
	t.Helper()
	claims, err := materials.Claims(demoSeed, demoDay())
	if err != nil {
		t.Fatal(err)
	}
	files := 0
	err = filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files++
		for _, c := range claims {
			for _, secret := range []string{c.Applicant.IDNumber, c.Applicant.Account, c.Applicant.Mobile} {
				if strings.Contains(string(text), secret) || strings.Contains(log, secret) {
					t.Errorf("%s or the log holds a full number of %s in clear", path, c.Name)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 50 {
		t.Errorf("only %d files were searched", files)
	}
}

// TestCheckFindsThePlantedDefectsAndNoOther checks the demo's files on the
// command line.
func TestCheckFindsThePlantedDefectsAndNoOther(t *testing.T) {
	requireReal(t)
	dir, err := binaries()
	if err != nil {
		t.Fatal(err)
	}
	claims, err := materials.Claims(checkSeed, demoDay())
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), filepath.Join(dir, "jingban"), "export", "--seed", strconv.Itoa(checkSeed), folder).CombinedOutput(); err != nil {
		t.Fatalf("export: %v\n%s", err, out)
	}
	cases, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil || len(cases) != len(claims) {
		t.Fatalf("%d folders, %v", len(cases), err)
	}
	for i, path := range cases {
		t.Run(filepath.Base(path), func(t *testing.T) {
			var want []string
			if rule := claims[i].ExpectRule; rule != "" {
				want = []string{rule}
			}
			rules, status := check(t, dir, path)
			if !slices.Equal(rules, want) {
				t.Errorf("found %v, want %v", rules, want)
			}
			if wantStatus := min(len(want), 1); status != wantStatus {
				t.Errorf("exit status %d, want %d", status, wantStatus)
			}
		})
	}
}

// check runs `jingban check` and gives the rules found and the exit status.
func check(t *testing.T, dir, path string) ([]string, int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), filepath.Join(dir, "jingban"), "check", path, "--matter", "unemployment_claim", "--json")
	out, err := cmd.Output()
	status := 0
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		status = exit.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	var answer struct {
		Findings []struct{ Rule string }
	}
	if err := json.Unmarshal(out, &answer); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	var rules []string
	for _, f := range answer.Findings {
		rules = append(rules, f.Rule)
	}
	return rules, status
}
