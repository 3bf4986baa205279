package playbooks

import (
	"context"

	"github.com/jingban/jingban/casework"
)

// before looks whether somebody has made the change already, by hand for
// instance. It comes before intent, so it proves nothing about a click of ours;
// what it finds is taken only when the values agree.
func (d *deed) before(ctx context.Context) (outcome, bool, error) {
	saw, err := d.glance(ctx)
	if err != nil {
		return outcome{}, false, err
	}
	switch saw.answer {
	case absent:
		return outcome{}, false, nil
	case happened:
		return d.others(ctx, saw)
	case unclear:
		return outcome{}, false, operatorQuestion("before_unclear", "there are records of the same key", retryChoice, anywayChoice, doneChoice, stopChoice)
	case incomplete:
		return outcome{}, false, operatorQuestion("before_unclear", "the page did not prove that it showed everything", retryChoice, doneChoice, stopChoice)
	}
	return outcome{}, false, operatorQuestion("entered_already", "there is a record of the same key: "+string(saw.answer), retryChoice, doneChoice, stopChoice)
}

// glance looks while nothing has been sent, and writes down what it saw.
func (d *deed) glance(ctx context.Context) (sighting, error) {
	saw, err := d.look(ctx)
	if err != nil {
		return sighting{}, err
	}
	if err := d.shoot(ctx, "looked_before"); err != nil {
		return sighting{}, err
	}
	return saw, d.append(ctx, d.step, casework.Verified, looked{Answer: saw.answer, Rows: saw.rows, Before: true})
}

// others takes the change that somebody else has made: the effect is ours from
// intent to outcome, without sent.
func (d *deed) others(ctx context.Context, saw sighting) (outcome, bool, error) {
	if err := d.claim(ctx); err != nil {
		return outcome{}, false, err
	}
	return d.found(ctx, true, saw, "person")
}
