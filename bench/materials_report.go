package bench

import (
	"fmt"
	"io"
	"maps"
	"slices"
)

// Print writes the figures for people, the misses by rule and one by one.
func (r MaterialsResult) Print(w io.Writer) error {
	s := r.Score
	fmt.Fprintf(w, "%d cases, %d papers, %d matters, %d kinds of defects, seed %d, commit %s\n%s\n", r.Cases, r.Papers, r.Matters, r.Kinds, r.Seed, r.Commit, r.Machine)
	fmt.Fprintf(w, "defects found %d of %d = %.4f; retakes rightly asked %d of %d\n", s.Found, s.Planted, s.FoundShare, s.RetakeAsked, s.RetakePlanted)
	fmt.Fprintf(w, "clean cases wrongly blocked %d of %d = %.4f; wrong cases passed %d\n", s.CleanBlocked, s.CleanCases, s.BlockedShare, s.WrongPassed)
	fmt.Fprintf(w, "clean cases passed without a person %d of %d = %.4f; lightly damaged %d of %d = %.4f\n",
		s.CleanPassed, s.CleanCases, s.CleanPassShare, s.LightPassed, s.LightCases, s.LightPassShare)
	for _, condition := range slices.Sorted(maps.Keys(s.ByCondition)) {
		fmt.Fprintf(w, "  %s: %d of %d\n", condition, s.ByCondition[condition][0], s.ByCondition[condition][1])
	}
	fmt.Fprintf(w, "classified %d of %d = %.4f; rules %.2f CPU ms a case, the slowest %.2f for %d papers\n",
		s.Classified, s.Papers, s.ClassifiedOK, r.RulesMS, r.Slowest, r.SlowestOf)
	for _, rule := range s.Worst() {
		fmt.Fprintf(w, "missed by rule: %s, %d of %d\n", rule, s.ByRule[rule][1]-s.ByRule[rule][0], s.ByRule[rule][1])
	}
	for _, rule := range slices.Sorted(maps.Keys(s.Blocked)) {
		fmt.Fprintf(w, "blocked clean cases: %s, %d findings\n", rule, s.Blocked[rule])
	}
	for _, miss := range s.Misses {
		fmt.Fprintln(w, "  "+miss)
	}
	_, err := fmt.Fprintf(w, "%d pictures the engine refused\n", len(r.Failures))
	return err
}
