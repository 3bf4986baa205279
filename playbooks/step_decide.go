package playbooks

import (
	"context"

	"github.com/jingban/jingban/casework"
)

// decideStep is a decision table: the first row whose condition holds wins. The
// last row has none, so that there always is an outcome.
type decideStep struct {
	rows []decision
	at   place
}

// decision is one row of the table.
type decision struct {
	when    *Expr // nil: always
	outcome string
	ground  string // code of the rule, "" for none
	at      place
}

func readDecide(d *decoder, own field, _ map[string]field) body {
	s := &decideStep{at: own.at}
	nodes := d.list(own, "decide")
	for i, n := range nodes {
		fields := d.record(n, "decide", "when", "outcome", "ground")
		row := decision{at: placeOf(n), when: d.optionalExpr(fields, "when", aBool), ground: d.optional(fields, "ground")}
		if f, ok := d.need(fields, row.at, "decide", "outcome"); ok {
			row.outcome = d.text(f, "outcome")
		}
		if last := i == len(nodes)-1; last != (row.when == nil) {
			d.errorf(row.at, "no_else", "decide: exactly the last row has no when")
		}
		s.rows = append(s.rows, row)
	}
	return s
}

func (s *decideStep) lint(l *linter, step *Step) {
	for _, row := range s.rows {
		l.check(row.when, l.env)
		l.choices[step.ID+".outcome"] = append(l.choices[step.ID+".outcome"], row.outcome)
	}
}

func (s *decideStep) gives([]casework.Calculation) map[string]any {
	return map[string]any{"outcome": "", "ground": ""}
}

func (s *decideStep) run(_ context.Context, t *turn, _ *Step) (outcome, error) {
	for _, row := range s.rows {
		holds := true
		if row.when != nil {
			var err error
			if holds, err = row.when.bool(t.env); err != nil {
				return outcome{}, err
			}
		}
		if holds {
			return outcome{Values: map[string]any{"outcome": row.outcome, "ground": row.ground}}, nil
		}
	}
	return outcome{}, casework.AskPerson("undecided", "no row of the decision table holds")
}

// explain says the rows in their order.
func (s *decideStep) explain(t *explainer) []ExplainedPart {
	var rows []string
	for _, row := range s.rows {
		outcome := t.quoted(t.word("verdict", row.outcome))
		if row.ground != "" {
			outcome += t.say("（%s）", " (%s)", row.ground)
		}
		if row.when == nil {
			rows = append(rows, t.say("其余：%s", "Otherwise: %s", outcome))
			continue
		}
		rows = append(rows, t.say("%s：%s", "%s: %s", t.value(row.when), outcome))
	}
	return []ExplainedPart{{PartDoes, t.say("按下表判定，从上往下，第一条成立的算数：", "Decides by this table, from the top; the first row that holds counts:"), rows}}
}
