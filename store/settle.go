package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jingban/jingban/casework"
)

// receiptLabel is the value that a playbook keeps as the case's receipt.
const receiptLabel = "受理编号"

// Settle ends the turn of a held run: done, failed or parked. The case follows:
// end "submitted" → entered with its receipt, "returned" → returned, its clock
// paused, any other end → done, failed → failed. Parked writes the review. The
// persons come free unless an effect is in doubt; a run in doubt doesn't fail but
// asks an operator. casework.ErrNotHolder when the lease is lost.
func (s *Store) Settle(ctx context.Context, lease Lease, result casework.Result) error {
	return s.change(ctx, "settle the run", func(t *tx) error {
		switch result.State {
		case casework.RunDone:
			return t.end(ctx, lease, result)
		case casework.RunFailed:
			return t.fail(ctx, lease, result)
		case casework.RunParked:
			return t.park(ctx, lease, result)
		}
		return fmt.Errorf("a run settles as done, failed or parked, not %q: %w", result.State, ErrInvalid)
	})
}

// fail closes a run that can't go on, unless one of its effects is in doubt: what
// a failed run has sent nobody would look for.
func (t *tx) fail(ctx context.Context, lease Lease, result casework.Result) error {
	doubtful, err := t.doubtful(ctx, lease.Run.ID)
	if err != nil {
		return err
	}
	if !doubtful {
		return t.end(ctx, lease, result)
	}
	if err := t.hold(ctx, lease); err != nil {
		return err
	}
	return t.setAside(ctx, robot(lease.Worker), lease.Run.ID, result.End)
}

// end closes the run and moves its case.
func (t *tx) end(ctx context.Context, lease Lease, result casework.Result) error {
	err := t.must(ctx, casework.ErrNotHolder, `UPDATE runs SET state = $1, step = $2, ended = $3, ended_at = $4, updated_at = $4,
		holder = '' WHERE id = $5 AND fence = $6 AND holder = $7 AND state = 'running'`,
		string(result.State), result.Step, result.End, micros(t.now), lease.Run.ID, lease.Fence, lease.Worker)
	if err != nil {
		return err
	}
	if err := t.letGo(ctx, lease.Run.ID); err != nil {
		return err
	}
	err = t.later(ctx, "UPDATE cases SET state = $1, outcome = $2, receipt = $3, updated_at = $4 WHERE id = $5 AND id <> ''",
		string(caseAfter(result)), result.End, result.Kept[receiptLabel], micros(t.now), lease.Run.CaseID)
	if err != nil {
		return err
	}
	if caseAfter(result) == casework.CaseReturned {
		_, err := t.pauseClock(ctx, robot(lease.Worker), lease.Run.CaseID, casework.PauseCitizen, "")
		if err != nil {
			return err
		}
	}
	return t.audit(ctx, robot(lease.Worker), "run."+string(result.State), lease.Run.CaseID, map[string]string{
		"run": lease.Run.ID, "step": result.Step, "end": result.End, "receipt": result.Kept[receiptLabel]})
}

func caseAfter(result casework.Result) casework.CaseState {
	switch {
	case result.State == casework.RunFailed:
		return casework.CaseFailed
	case result.End == "submitted":
		return casework.CaseEntered
	case result.End == "returned":
		return casework.CaseReturned
	}
	return casework.CaseDone
}

func robot(worker string) casework.Actor {
	return casework.Actor{Kind: casework.Robot, ID: worker, Name: worker, Role: "robot"}
}

// park asks a person and gives the run's place free.
func (t *tx) park(ctx context.Context, lease Lease, result casework.Result) error {
	if result.Review == nil {
		return fmt.Errorf("a parked run needs a review: %w", ErrInvalid)
	}
	err := t.must(ctx, casework.ErrNotHolder, `UPDATE runs SET state = 'parked', step = $1, failures = 0, updated_at = $2, holder = '',
		target = CASE WHEN EXISTS (SELECT 1 FROM effects e WHERE e.run_id = runs.id AND e.state = 'sent') THEN target ELSE '' END
		WHERE id = $3 AND fence = $4 AND holder = $5 AND state = 'running'`,
		result.Step, micros(t.now), lease.Run.ID, lease.Fence, lease.Worker)
	if err != nil {
		return err
	}
	if err := t.letGo(ctx, lease.Run.ID); err != nil {
		return err
	}
	review := *result.Review
	review.RunID, review.CaseID = lease.Run.ID, lease.Run.CaseID
	if review.Step == "" {
		review.Step = result.Step
	}
	if err := t.insertReview(ctx, review); err != nil {
		return err
	}
	if err := t.releaseApproved(ctx, robot(lease.Worker), review); err != nil {
		return err
	}
	if discredits(review.Reason) {
		if err := t.discredit(ctx, robot(lease.Worker), review); err != nil {
			return err
		}
	}
	return t.audit(ctx, robot(lease.Worker), "run.park", lease.Run.CaseID, map[string]string{
		"run": lease.Run.ID, "step": review.Step, "role": review.Role, "reason": review.Reason})
}

// Later puts a held run back to waiting until next, with the fault code for
// people to see. At maxAttempts in a row without a person's help it is set aside
// with its evidence, and an operator is asked: what failed may be this machine.
func (s *Store) Later(ctx context.Context, lease Lease, next time.Time, faultCode string, maxAttempts int) error {
	return s.change(ctx, "put the run off", func(t *tx) error {
		failures, err := t.failures(ctx, lease)
		if err != nil {
			return err
		}
		if failures >= maxAttempts {
			return t.setAside(ctx, robot(lease.Worker), lease.Run.ID, faultCode)
		}
		_, err = t.update(ctx, `UPDATE runs SET state = 'waiting', ended = $1, next_at = $2, holder = '' WHERE id = $3`,
			faultCode, micros(next), lease.Run.ID)
		if err != nil {
			return err
		}
		return t.giveBack(ctx, lease.Run.ID)
	})
}

// failures counts one more under the lease.
func (t *tx) failures(ctx context.Context, lease Lease) (int, error) {
	if err := t.hold(ctx, lease); err != nil {
		return 0, err
	}
	return one(ctx, t, scalar[int], "UPDATE runs SET failures = failures + 1 WHERE id = $1 RETURNING failures", lease.Run.ID)
}
