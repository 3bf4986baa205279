package playbooks

import (
	"context"
	"slices"
	"strings"

	"github.com/jingban/jingban/casework"
)

// paperStep makes one document and keeps it as evidence of the run.
type paperStep struct {
	paper string
	at    place
}

func readPaper(d *decoder, own field, _ map[string]field) body {
	return &paperStep{paper: d.name(own, "paper"), at: placeOf(own.value)}
}

func (s *paperStep) lint(l *linter, _ *Step) {
	if l.schema.Papers != nil && !slices.Contains(l.schema.Papers, s.paper) {
		l.errorf(s.at, "unknown_paper", "paper: there is no paper %q, want one of: %s", s.paper, strings.Join(l.schema.Papers, ", "))
	}
}

func (s *paperStep) gives([]casework.Calculation) map[string]any { return map[string]any{} }

// run makes the paper again after a crash: two equal drafts in the evidence do
// no harm, a missing one would.
func (s *paperStep) run(ctx context.Context, t *turn, step *Step) (outcome, error) {
	shots, err := t.Papers.Make(ctx, s.paper, t.snapshot, t.results())
	if err != nil {
		return outcome{}, err
	}
	return outcome{}, t.Journal.Keep(ctx, step.ID, t.run.Attempt, shots)
}
