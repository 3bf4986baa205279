package playbooks

import (
	"context"
	"strings"
	"time"

	"github.com/jingban/jingban/casework"
)

// askStep parks the run until a person has chosen. A passed due date escalates,
// it never chooses.
type askStep struct {
	role    string
	show    []shown
	choices []casework.Choice
	due     time.Duration
}

type shown struct {
	material string
	at       place
}

func readAsk(d *decoder, own field, all map[string]field) body {
	s := &askStep{role: d.name(own, "ask"), due: reviewDue}
	if f, ok := all["show"]; ok {
		for _, n := range d.list(f, "show") {
			word := d.text(field{"show", placeOf(n), n}, "show")
			material, isDoc := strings.CutPrefix(word, "docs.")
			if !isDoc {
				d.errorf(placeOf(n), "bad_show", "show: want docs.<material type>")
			}
			s.show = append(s.show, shown{material, placeOf(n)})
		}
	}
	if f, ok := d.need(all, own.at, "ask", "choices"); ok {
		for _, c := range d.pairs(f.value, "choices") {
			s.choices = append(s.choices, casework.Choice{Name: d.choice(c), Zh: d.text(c, "choices")})
		}
	}
	if f, ok := all["due"]; ok {
		s.due = d.duration(f, "due")
	}
	return s
}

func (d *decoder) choice(f field) string {
	if f.key == "" || strings.ContainsAny(f.key, " \t\"'") {
		d.errorf(f.at, "bad_name", "choices: want a name without spaces")
	}
	return f.key
}

// duration reads a positive time like 16h or 90s.
func (d *decoder) duration(f field, what string) time.Duration {
	v, err := time.ParseDuration(d.text(f, what))
	if err != nil || v <= 0 {
		d.errorf(placeOf(f.value), "bad_duration", "%s: want a time like 16h, 5m or 90s", what)
		return 0
	}
	return v
}

func (s *askStep) lint(l *linter, _ *Step) {
	for _, show := range s.show {
		if !l.needs(show.material) {
			l.errorf(show.at, "unknown_document", "show: %q is not among the playbook's needs", show.material)
		}
		l.used[show.material] = true
	}
}

func (s *askStep) gives([]casework.Calculation) map[string]any {
	return map[string]any{"choice": "", "note": ""}
}

func (s *askStep) run(_ context.Context, t *turn, step *Step) (outcome, error) {
	if answer := t.of(step.ID).answer; answer != nil {
		return outcome{Values: map[string]any{"choice": answer.Choice, "note": answer.Note}, Edits: answer.Edits}, nil
	}
	var show []string
	for _, d := range s.show {
		show = append(show, d.material)
	}
	return outcome{}, &question{role: s.role, show: show, choices: s.choices, due: s.due}
}
