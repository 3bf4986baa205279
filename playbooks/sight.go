package playbooks

import (
	"context"

	"github.com/jingban/jingban/casework"
)

// foundBySight is the code of the fault, and of the question, about a committing step
// of which something stands in a picture only.
const foundBySight = "found_by_sight"

// onlyByFallback stops a commit before which an element was found only by a fallback.
// What was found by sight a person may free, the rest not.
func (d *deed) onlyByFallback(ctx context.Context, v *visit) error {
	if len(v.sight) > 0 {
		return d.askSight(ctx, v)
	}
	return d.stuck(ctx, d.page, d.step, casework.AskPerson("locator_fallback", "step %s: an element was found only by a fallback", d.step.ID))
}

// askSight shows a person the page and the place that was found in it, before the
// click. The answer counts for exactly the form that was shown.
func (d *deed) askSight(ctx context.Context, v *visit) error {
	written, err := v.written()
	if err != nil {
		return err
	}
	if err := d.shoot(ctx, "by_sight", written); err != nil {
		return err
	}
	form, err := v.digest()
	if err != nil {
		return err
	}
	q := operatorQuestion(foundBySight, "something of a commit stands in a picture only", freeChoice, retryChoice, doneChoice, stopChoice)
	q.show, q.shown = []string{evidencePrefix + "by_sight.png", evidencePrefix + "sight_1.png", evidencePrefix + "values.json"}, form
	return q
}

// freedSight says that a person has seen this very form and freed what was found in it
// by sight.
func (d *deed) freedSight(v *visit) (bool, error) {
	if !d.answered(freeChoice) || d.mine().reason != foundBySight {
		return false, nil
	}
	form, err := v.digest()
	return err == nil && d.mine().shown == form, err
}
