package workers

import (
	"context"
	"errors"
	"fmt"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

// dryRun carries out an ordered dry run. It uses a seat like a run, but holds no
// run and writes no journal; without a free seat it waits as a row.
func (c *Crew) dryRun(ctx context.Context, id string) error {
	defer c.busy.enter(id)()
	order, err := c.Store.ClaimDryRun(ctx, id, c.Name)
	if errors.Is(err, store.ErrHeld) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("claim dry run %s: %w", id, err)
	}
	held, release := c.heart.hold(ctx)
	defer release()
	report, shots, err := c.rehearse(held, order)
	order.Report = report
	settleCtx := context.WithoutCancel(ctx)
	switch fault := casework.AsFault(err); {
	case err == nil:
		order.State, order.Good = store.DryDone, report.Agrees()
	case fault.Code == "seat_busy" || held.Err() != nil:
		return c.ended(c.Store.PutOffDryRun(settleCtx, order))
	case fault.Code == "locks_on_open":
		order.State, order.Code = store.DryRefused, fault.Code
	default:
		order.State, order.Code = store.DryFailed, fault.Code
		c.Log.Warn("dry run", "dry", id, "run", order.RunID, "code", fault.Code, "error", err)
	}
	return c.ended(c.Store.EndDryRun(settleCtx, order, shots))
}

// ended passes over a dry run that was given up meanwhile.
func (c *Crew) ended(err error) error {
	if errors.Is(err, casework.ErrNotHolder) {
		return nil
	}
	return err
}

func (c *Crew) rehearse(ctx context.Context, order store.DryRun) (casework.DryReport, []casework.Shot, error) {
	playbook, err := c.shelf.playbook(ctx, order.Hash)
	if err != nil {
		return casework.DryReport{}, nil, err
	}
	return c.RehearseOn(ctx, order.RunID, playbook, visitor{crew: c, holder: order.ID})
}
