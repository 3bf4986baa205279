package playbooks

import (
	"context"
	"errors"
	"slices"

	"github.com/jingban/jingban/casework"
)

// Evidence is taken where it costs a change nothing: after the last value was
// read back and before intent, after the reply, and after a look. Between intent
// and click nothing stands in the way. What shows a commit belongs to the
// archive, any other page is kept for a year.

// filled keeps what a step that only looks has entered, before it clicks.
func (v *visit) filled(ctx context.Context, step *Step) error {
	shots, err := v.page.Shoot(ctx, "filled")
	if err != nil {
		return err
	}
	written, err := v.written()
	if err != nil {
		return err
	}
	return v.turn.Journal.Keep(ctx, step.ID, v.turn.run.Attempt, append(shots, written))
}

// clicks says that one of the lines clicks.
func clicks(lines []line) bool {
	return slices.ContainsFunc(lines, func(l line) bool { return l.verb.name == Click })
}

// stuck photographs a page that a person will be asked about, and gives the
// fault back. A page that is slow or gone is not waited for again, and a picture
// that fails hides no fault.
func (t *turn) stuck(ctx context.Context, page Page, step *Step, err error) error {
	if !isFault(err) || casework.AsFault(err).Kind != casework.NeedsHuman || ctx.Err() != nil {
		return err
	}
	shots, shootErr := page.Shoot(ctx, "stopped")
	if shootErr != nil {
		return err
	}
	if keepErr := t.Journal.Keep(ctx, step.ID, t.run.Attempt, shots); errors.Is(keepErr, ErrNotHolder) {
		return keepErr
	}
	return err
}
