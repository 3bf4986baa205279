package playbooks

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/jingban/jingban/casework"
)

// evidencePrefix marks what a question shows beside materials: the newest file
// of that name among the evidence of its run and step.
const evidencePrefix = "evidence:"

func (d *deed) stage(ctx context.Context) (casework.Stage, error) {
	if d.Stage == nil {
		return casework.StageFull, nil
	}
	return d.Stage(ctx)
}

// freed lets a supervised commit pass only when a person has freed exactly what
// stands on the page now. It asks the stage again: a version may have been put
// back while the form was filled.
func (d *deed) freed(ctx context.Context, v *visit) error {
	stage, err := d.stage(ctx)
	if err != nil || stage.Least(casework.StageSupervised) != stage {
		return err
	}
	form, err := v.digest()
	if err != nil {
		return err
	}
	reason := "supervised"
	if d.answered(freeChoice) {
		if d.mine().shown == form && stage == casework.StageSupervised {
			return nil
		}
		reason = "supervised_changed"
	}
	q := operatorQuestion(reason, "the filled page waits for a person", freeChoice, stopChoice)
	q.show, q.shown = []string{evidencePrefix + "before_commit.png", evidencePrefix + "values.json"}, form
	return q
}

// digest stands for everything written so far and what the page gave back.
func (v *visit) digest() (string, error) {
	data, err := json.Marshal(v.wrote)
	sum := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(sum[:]), err
}

// shadow writes nothing: a person enters, and what verify then reads is held
// against what the playbook would have written.
func (d *deed) shadow(ctx context.Context) (outcome, bool, error) {
	said := d.answered(doneChoice)
	if said && (d.spec.verify.person || d.mine().reason != "shadow_enter") {
		return d.byPerson(ctx) // there is nothing to compare with, or the person has seen what differs
	}
	if !d.spec.verify.person {
		saw, err := d.glance(ctx)
		if err != nil {
			return outcome{}, false, err
		}
		switch saw.answer {
		case happened:
			return d.others(ctx, saw)
		case differs:
			return outcome{}, false, operatorQuestion("shadow_differs", "a person entered other values", retryChoice, doneChoice, stopChoice)
		case absent:
		default:
			return outcome{}, false, operatorQuestion(string(saw.answer), "the look did not settle it", retryChoice, doneChoice, stopChoice)
		}
	}
	if err := d.compute(ctx); err != nil {
		return outcome{}, false, err
	}
	q := operatorQuestion("shadow_enter", "the playbook is in its shadow stage", doneChoice, stopChoice)
	q.role, q.show = "clerk", []string{evidencePrefix + "values.json"}
	return outcome{}, false, q
}

// compute keeps what would be written. A value that only the page could tell is
// left out.
func (d *deed) compute(ctx context.Context) error {
	v := d.visit(nil, d.system)
	for _, l := range d.spec.do {
		fill, ok := l.action.(*fillVerb)
		if !ok {
			continue
		}
		for _, f := range fill.values {
			if text, err := f.value.text(v.env); err == nil && text != "" {
				v.wrote = append(v.wrote, writing{Label: f.label, Written: text})
			}
		}
	}
	values, err := v.written()
	if err != nil {
		return err
	}
	return d.Journal.Keep(ctx, d.step.ID, d.turn.run.Attempt, casework.InArchive([]Shot{values}))
}
