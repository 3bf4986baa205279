package playbooks

import (
	"fmt"
	"slices"
	"strings"

	"github.com/jingban/jingban/casework"
)

// renew gives the journal from where the run was last begun anew, with another
// version for instance. Of what came before, only the effects count: step names
// may have changed. An effect freed by the runner before is not freed by itself
// again.
func (t *turn) renew(entries []casework.Entry) []casework.Entry {
	start := 0
	for i, e := range entries {
		if e.Kind == casework.Rewound && e.Step == "" {
			start = i + 1
		}
	}
	voided := 0
	t.earlier = map[string]bool{}
	for _, e := range entries[:start] {
		var l looked
		if e.Kind == casework.Verified && decodeData(e, &l) == nil && l.Void && !l.Person {
			voided++
		}
		if e.Effect != "" && (e.Kind == casework.Sent || e.Kind == casework.Happened) {
			t.earlier[e.Effect] = true
		}
	}
	for _, p := range t.past {
		p.voided = voided
	}
	return entries[start:]
}

// byOperator takes in a line that an operator wrote while nobody held the run.
// One that names no step of the playbook, or skips a question to a person,
// changes nothing.
func (t *turn) byOperator(e casework.Entry) bool {
	at := slices.IndexFunc(t.pb.Steps, func(s Step) bool { return s.ID == e.Step })
	switch {
	case e.Kind == casework.Rewound && at >= 0:
		for _, step := range t.pb.Steps[at:] {
			t.rewind(step.ID)
		}
	case e.Kind == casework.Skipped && at >= 0 && t.pb.Skippable(e.Step) == nil:
		if p := t.past[e.Step]; p.done == nil {
			p.done, p.asked, p.answer = &outcome{Skipped: true, By: "person"}, nil, nil
		}
	}
	return e.Kind == casework.Rewound || e.Kind == casework.Skipped
}

// rewind goes for the step and its rows.
func (t *turn) rewind(step string) {
	for key, p := range t.past {
		if own, _, _ := strings.Cut(key, "\x00"); own == step {
			p.rewind()
		}
	}
}

// rewind forgets what the step came to. What was seen of its effect stays.
func (p *past) rewind() {
	*p = past{looks: p.looks, read: p.read, voided: p.voided}
}

// Skippable says why a step may not be skipped: a question to a person is a
// gate, and nobody opens it but by answering.
func (pb *Playbook) Skippable(id string) error {
	step, ok := pb.Step(id)
	if !ok {
		return fmt.Errorf("playbook %s has no step %q", pb.Name, id)
	}
	if isAsk(&step) {
		return fmt.Errorf("step %s of playbook %s asks a person: it is answered, not skipped", id, pb.Name)
	}
	return nil
}

// renamed stops a version that would not recognise what an earlier one of the
// same run sent: another key, system or effect name makes another effect.
func (d *deed) renamed() error {
	if len(d.earlier) == 0 {
		return nil
	}
	known := map[string]bool{}
	key, err := d.pb.Key.text(d.env)
	if err != nil {
		return err
	}
	for _, step := range d.pb.Steps {
		page := pageOf(step.body)
		if page == nil || page.commit == nil {
			continue
		}
		known[d.EffectID(page.system, page.effect, key)] = true
		if each, ok := step.body.(*eachStep); ok {
			rows, err := each.keyed(d.env)
			if err != nil {
				return err
			}
			for _, row := range rows {
				known[d.EffectID(page.system, page.effect, key+rowSeparator+row.key)] = true
			}
		}
	}
	for id := range d.earlier {
		if !known[id] {
			return casework.AskPerson("effect_renamed", "step %s: an earlier version of the playbook sent a change under another name", d.step.ID)
		}
	}
	return nil
}
