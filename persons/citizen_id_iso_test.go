package persons_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/persons"
)

// TestExactlyOneCheckCharacterPassesAndItObeysISO7064 judges the check digit by
// the standard's other form: Σ aᵢ·2^(18−i) ≡ 1 (mod 11), X counting as 10. All
// eleven characters must come up, so that no entry of a table goes untested.
func TestExactlyOneCheckCharacterPassesAndItObeysISO7064(t *testing.T) {
	on := casework.Date{Year: 2026, Month: time.November, Day: 22}
	seen := map[rune]bool{}
	for serial := range 60 {
		body := fmt.Sprintf("37990119850312%03d", serial+1)
		var passed []rune
		for _, c := range "0123456789X" {
			if _, err := persons.ParseCitizenID(body+string(c), on); err == nil {
				passed = append(passed, c)
			}
		}
		if len(passed) != 1 || remainder(body+string(passed)) != 1 {
			t.Fatalf("%s: %q pass, remainder %d", body, string(passed), remainder(body+string(passed)))
		}
		seen[passed[0]] = true
	}
	if len(seen) != 11 {
		t.Errorf("only %d of the 11 check characters came up", len(seen))
	}
}

func remainder(number string) int {
	sum := 0
	for _, c := range number {
		sum = (sum*2 + strings.IndexRune("0123456789X", c)) % 11
	}
	return sum
}
