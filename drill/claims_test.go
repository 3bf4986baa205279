package drill_test

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestClaimsAreTimedFromTheirUploadToTheirOutcome runs the measurement on two claims,
// one after the other and at once.
func TestClaimsAreTimedFromTheirUploadToTheirOutcome(t *testing.T) {
	requireReal(t)
	dir, err := binaries()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), filepath.Join(dir, "jingban"), "--data", t.TempDir(), "bench", "claims", "--claims", "2", "--seats", "2", "--json")
	var complaints strings.Builder
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("bench claims: %v\n%s", err, &complaints)
	}
	var times struct {
		P50     float64 `json:"robot_seconds_p50"`
		Slowest float64 `json:"robot_seconds_slowest"`
		Entered int     `json:"entered"`
		Wrong   int     `json:"lost_or_twice"`
		Rates   []struct {
			Seats  int     `json:"seats"`
			AnHour float64 `json:"an_hour"`
		} `json:"claims_an_hour"`
	}
	if err := json.Unmarshal(out, &times); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	if times.Entered != 4 || times.Wrong != 0 || times.P50 <= 0 || times.P50 > times.Slowest || len(times.Rates) != 1 || times.Rates[0].Seats != 2 || times.Rates[0].AnHour <= 0 {
		t.Errorf("%+v", times)
	}
}
