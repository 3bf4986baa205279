package materials_test

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/materials"
)

// Figures by hand from the formula (z = 1.96): 8 of 10, 0 of 20, 200 of 200.
func TestWilson(t *testing.T) {
	for _, c := range []struct{ p, n, low, high float64 }{{0.8, 10, 0.4902, 0.9433}, {0, 20, 0, 0.1611}, {1, 200, 0.9812, 1}, {0, 0, 0, 1}} {
		if low, high := materials.Wilson(c.p, c.n); math.Abs(low-c.low) > 1e-4 || math.Abs(high-c.high) > 1e-4 {
			t.Errorf("%v of %v: %.4f to %.4f, want %.4f to %.4f", c.p, c.n, low, high, c.low, c.high)
		}
	}
}

func TestAllocateFollowsTheSharesAndForgetsNoStratum(t *testing.T) {
	for _, c := range []struct {
		sizes map[string]int
		n     int
		want  map[string]int
	}{
		{map[string]int{"a": 80, "b": 15, "c": 5}, 20, map[string]int{"a": 16, "b": 3, "c": 1}},
		{map[string]int{"a": 980, "b": 15, "c": 5}, 20, map[string]int{"a": 18, "b": 1, "c": 1}},
		{map[string]int{"a": 3, "b": 2}, 99, map[string]int{"a": 3, "b": 2}},
		{map[string]int{"a": 30, "b": 20, "c": 0}, 1, map[string]int{"b": 1}},
		{map[string]int{}, 5, map[string]int{}},
	} {
		if got := materials.Allocate(c.sizes, c.n); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%d of %v: %v, want %v", c.n, c.sizes, got, c.want)
		}
	}
}

func TestAuditCountsWrongBlocksAndMissedFaults(t *testing.T) {
	r := materials.Audit([]materials.AuditCase{
		{Weight: 9, Machine: casework.AutoPass, Settled: true, Truth: casework.AutoPass},
		{Weight: 9, Machine: casework.AutoPass, Settled: true, Truth: back, Faults: []string{"seal_missing"}},
		{Weight: 1, Machine: back, Blocks: []string{"id_expired", "name_mismatch"}, Settled: true, Truth: back, Faults: []string{"id_expired"}},
		{Weight: 1, Machine: review, Raised: []string{"seal_mismatch"}, Settled: true, Truth: back, Faults: []string{"seal_mismatch"}},
		{Weight: 1, Machine: back, Blocks: []string{"id_expired"}}, // two still differ
	})
	if r.Sampled != 5 || r.Settled != 4 {
		t.Errorf("sampled %d, settled %d", r.Sampled, r.Settled)
	}
	share := func(what string, s materials.Share, part, of int, value float64) {
		if s.Part != part || s.Of != of || math.Abs(s.Value-value) > 1e-9 || s.Low > s.Value || s.High < s.Value {
			t.Errorf("%s: %+v, want %d of %d = %.4f", what, s, part, of, value)
		}
	}
	share("accuracy, without what the machine left to people", r.Accuracy, 2, 3, 10.0/19)
	share("wrong blocks", r.WrongBlocks, 1, 2, 0.5)
	share("missed faults, weighted by strata", r.Missed, 1, 3, 9.0/11)
	share("wrongly passed", r.WrongPassed, 1, 2, 0.5)
	if len(r.Rules) != 4 || r.Rules[0].Rule != "id_expired" || r.Rules[2].Rule != "seal_mismatch" || r.Rules[2].Faults.Part != 0 || r.Rules[3].Faults.Part != 1 {
		t.Errorf("by rule: %+v", r.Rules)
	}
	if s := materials.Audit(nil); s.Accuracy.Of != 0 || s.Accuracy.Low != 0 || s.Accuracy.High != 1 {
		t.Errorf("nothing sampled says nothing: %+v", s.Accuracy)
	}
}

func TestRulesAreListedWithoutHoles(t *testing.T) {
	rules := catalog(t).Rules()
	if len(rules) < 80 {
		t.Fatalf("%d rules", len(rules))
	}
	for _, r := range rules {
		if r.Title.Zh == "" || r.Title.En == "" || r.Basis == "" || r.Severity == "" || strings.ContainsAny(r.Title.Zh+r.Title.En, "{}") {
			t.Errorf("%+v", r)
		}
		if first := r.Title.En[0]; first >= 'a' && first <= 'z' {
			t.Errorf("%s begins small: %s", r.Name, r.Title.En)
		}
	}
}
