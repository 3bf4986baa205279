package playbooks

import (
	"context"

	"github.com/jingban/jingban/casework"
)

// checkStep looks at conditions. It ends nothing by itself: later steps ask for
// its .passed, or for the codes in .failed.
type checkStep struct{ rules []checkRule }

type checkRule struct {
	that *Expr
	code string // the code in .failed when the condition does not hold
}

func readCheck(d *decoder, own field, _ map[string]field) body {
	s := &checkStep{}
	for _, n := range d.list(own, "check") {
		fields := d.record(n, "check", "that", "else")
		rule := checkRule{}
		if f, ok := d.need(fields, placeOf(n), "check", "that"); ok {
			rule.that = d.expr(f, aBool)
		}
		if f, ok := d.need(fields, placeOf(n), "check", "else"); ok {
			rule.code = d.name(f, "else")
		}
		s.rules = append(s.rules, rule)
	}
	return s
}

func (s *checkStep) lint(l *linter, _ *Step) {
	for _, rule := range s.rules {
		l.check(rule.that, l.env)
	}
}

func (s *checkStep) gives([]casework.Calculation) map[string]any {
	return map[string]any{"passed": false, "failed": []string{}}
}

func (s *checkStep) run(_ context.Context, t *turn, _ *Step) (outcome, error) {
	failed := []string{}
	for _, rule := range s.rules {
		holds, err := rule.that.bool(t.env)
		if err != nil {
			return outcome{}, err
		}
		if !holds {
			failed = append(failed, rule.code)
		}
	}
	return outcome{Values: map[string]any{"passed": len(failed) == 0, "failed": failed}}, nil
}
