package workers

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/store"
)

// maxAttempts sets a run aside that failed so often for reasons that should
// have passed; it stays as a row with its evidence.
const maxAttempts = 8

// settle is the only place that turns what became of a turn into what happens
// next. It errs only when SQL is unreachable; the lease then ends by itself and
// the sweep brings the run back.
func (c *Crew) settle(ctx context.Context, lease store.Lease, result casework.Result, turnErr error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	err := c.settleTurn(ctx, lease, result, turnErr)
	if errors.Is(err, casework.ErrNotHolder) {
		c.Log.Warn("turn ended without the lease", "run", lease.Run.ID, "fence", lease.Fence)
		return nil
	}
	if err != nil {
		return fmt.Errorf("settle run %s: %w", lease.Run.ID, err)
	}
	return nil
}

func (c *Crew) settleTurn(ctx context.Context, lease store.Lease, result casework.Result, turnErr error) error {
	if turnErr == nil {
		if err := errors.Join(c.noteLineage(ctx, lease.Run, result), c.noteAwards(ctx, lease.Run, result)); err != nil {
			return c.settleTurn(ctx, lease, casework.Result{}, err)
		}
		if err := c.Store.Settle(ctx, lease, result); err != nil || lease.Seat.Target == "" {
			return err
		}
		return c.Store.TargetWorked(ctx, lease.Seat.Target)
	}
	if errors.Is(turnErr, casework.ErrNotHolder) {
		return casework.ErrNotHolder
	}
	fault := casework.AsFault(turnErr)
	if errors.Is(turnErr, context.Canceled) {
		fault = casework.Retry("worker_stopped", "the worker was stopped")
	}
	if needs, ok := errors.AsType[needsSeat](turnErr); ok {
		return c.Store.Drop(ctx, lease, string(needs), "", time.Time{})
	}
	c.Log.Warn("turn", "run", lease.Run.ID, "attempt", lease.Run.Attempt, "kind", fault.Kind, "code", fault.Code, "error", turnErr)
	if lease.Seat.Target != "" && (stops(fault) || targetsOwn(fault.Code)) {
		if err := c.blame(ctx, lease.Seat.Target, fault); err != nil {
			return err
		}
	}
	if playbooks.PutOff(fault.Code) {
		var next time.Time // at once
		if fault.After > 0 {
			next = c.Now().Add(fault.After)
		}
		return c.Store.Drop(ctx, lease, lease.Run.Target, fault.Code, next)
	}
	switch fault.Kind {
	case casework.Permanent:
		return c.Store.Settle(ctx, lease, casework.Result{State: casework.RunFailed, End: fault.Code})
	case casework.NeedsHuman:
		return c.Store.Settle(ctx, lease, casework.Result{State: casework.RunParked, Review: trouble(fault, c.Now())})
	default:
		return c.Store.Later(ctx, lease, c.Now().Add(wait(fault, lease.Run.Attempt)), fault.Code, maxAttempts)
	}
}

// wait grows with the attempts: 2 s, 4 s, 8 s … up to 5 minutes, and is never
// shorter than the fault asks for.
func wait(fault *casework.Fault, attempt int) time.Duration {
	grown := min(2*time.Second<<min(max(attempt-1, 0), 8), 5*time.Minute)
	return max(grown, fault.After)
}

// trouble is the question an operator is asked about a fault outside any step.
// The way to stop such a run is to withdraw it.
func trouble(fault *casework.Fault, now time.Time) *casework.Review {
	return &casework.Review{
		ID: casework.NewID(), Role: "operator", Reason: fault.Code, Due: now.Add(24 * time.Hour),
		Choices: []casework.Choice{{Name: "retry", Zh: "问题已解决，重试"}},
	}
}
