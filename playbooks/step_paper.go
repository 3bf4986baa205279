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
	with  []argument // what it states beside the facts of the case
	at    place
}

// FactsKey is where Papers.Make finds the texts of with, a map[string]string,
// among what it is given extra.
const FactsKey = "with"

func readPaper(d *decoder, own field, all map[string]field) body {
	s := &paperStep{paper: d.name(own, "paper"), at: placeOf(own.value)}
	if f, ok := all["with"]; ok {
		for _, p := range d.pairs(f.value, "with") {
			s.with = append(s.with, argument{name: p.key, value: d.expr(p, aText), at: p.at})
		}
	}
	return s
}

func (s *paperStep) lint(l *linter, _ *Step) {
	if l.schema.Papers != nil && !slices.Contains(l.schema.Papers, s.paper) {
		l.errorf(s.at, "unknown_paper", "paper: there is no paper %q, want one of: %s", s.paper, strings.Join(l.schema.Papers, ", "))
	}
	for _, a := range s.with {
		l.check(a.value, l.env)
	}
}

func (s *paperStep) gives([]casework.Calculation) map[string]any { return map[string]any{} }

// run makes the paper again after a crash: two equal drafts in the evidence do
// no harm, a missing one would.
func (s *paperStep) run(ctx context.Context, t *turn, step *Step) (outcome, error) {
	extra, facts := t.results(), map[string]string{}
	for _, a := range s.with {
		text, err := a.value.text(t.env)
		if err != nil {
			return outcome{}, err
		}
		facts[a.name] = text
	}
	extra[FactsKey] = facts
	shots, err := t.Papers.Make(ctx, s.paper, t.snapshot, extra)
	if err != nil {
		return outcome{}, err
	}
	return outcome{}, t.Journal.Keep(ctx, step.ID, t.run.Attempt, shots)
}
