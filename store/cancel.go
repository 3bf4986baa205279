package store

import (
	"context"
	"time"

	"github.com/jingban/jingban/casework"
)

// JournalFormat is the newest format of journal lines this binary writes and
// understands. A run whose lines are newer is left to a newer release beside it.
const JournalFormat = 1

// CancelRun ends a live run for good. One that waits or is parked is withdrawn at
// once; one that runs is marked, and its worker closes the tab within a beat. An
// effect in doubt is never cancelled: ErrConflict, or, for a run that runs, a
// question to an operator. ErrConflict when the run is over.
func (s *Store) CancelRun(ctx context.Context, by casework.Actor, runID, reason string) (casework.Run, error) {
	if err := wantReason("cancel the run", reason); err != nil {
		return casework.Run{}, err
	}
	actor, err := jsonText(by)
	if err != nil {
		return casework.Run{}, err
	}
	var marked []string
	err = s.change(ctx, "cancel the run", func(t *tx) error {
		marked, err = list(ctx, t, scalar[string], `UPDATE runs SET cancel_at = $1, cancel_by = $2
			WHERE id = $3 AND state = 'running' RETURNING case_id`, micros(t.now), actor, runID)
		if err != nil || len(marked) == 0 {
			return err
		}
		return t.audit(ctx, by, "run.cancel", marked[0], map[string]string{"run": runID, "reason": reason})
	})
	if err == nil && len(marked) == 0 {
		err = s.WithdrawRun(ctx, by, runID, reason)
	}
	if err != nil {
		return casework.Run{}, err
	}
	return s.Run(ctx, runID)
}

// Drop ends the turn of a held run without a result: it waits again for the
// target, no failure counted. A run that is marked for cancelling ends with it.
// Code is for people to see, "" for a run that only needs a seat.
func (s *Store) Drop(ctx context.Context, lease Lease, target, code string, next time.Time) error {
	return s.change(ctx, "drop the turn", func(t *tx) error {
		if err := t.hold(ctx, lease); err != nil {
			return err
		}
		failures := "failures"
		if casework.Waits(code) {
			failures = "0" // its look worked
		}
		_, err := t.update(ctx, `UPDATE runs SET state = 'waiting', ended = $1, target = $2, next_at = $3, holder = '',
			failures = `+failures+` WHERE id = $4`, code, target, micros(next), lease.Run.ID)
		if err != nil {
			return err
		}
		if err := t.wakeIfRead(ctx, lease, code); err != nil {
			return err
		}
		if err := t.giveBack(ctx, lease.Run.ID); err != nil {
			return err
		}
		_, err = t.finishCancel(ctx, lease.Run.ID)
		return err
	})
}

// wakeIfRead lets a run that waits for an upload look again at once when one was
// read during its turn, when nobody could wake it.
func (t *tx) wakeIfRead(ctx context.Context, lease Lease, code string) error {
	if code != casework.WaitingMaterial {
		return nil
	}
	_, err := t.update(ctx, `UPDATE runs SET next_at = $1 WHERE id = $2
		AND EXISTS (SELECT 1 FROM materials m WHERE m.case_id = runs.case_id AND m.read_at >= $3)`,
		micros(t.now), lease.Run.ID, micros(lease.Run.Updated))
	return err
}

// giveBack frees the seat of a run, and its persons unless an effect is in doubt.
func (t *tx) giveBack(ctx context.Context, runID string) error {
	t.woken = true
	if err := t.freeSeats(ctx, runID); err != nil {
		return err
	}
	return t.freePersons(ctx, runID)
}

// finishCancel withdraws a run that is marked and no longer runs, or asks an
// operator when one of its effects is in doubt.
func (t *tx) finishCancel(ctx context.Context, runID string) (bool, error) {
	const marked = " WHERE id = $2 AND cancel_at > 0 AND state IN ('waiting', 'parked')"
	doubtful, err := t.doubtful(ctx, runID)
	if err != nil {
		return false, err
	}
	if doubtful {
		n, err := t.update(ctx, "UPDATE runs SET cancel_at = 0, updated_at = $1"+marked, micros(t.now), runID)
		if err != nil || n == 0 {
			return false, err
		}
		return true, t.setAside(ctx, robot("cancel"), runID, "cancel_in_doubt")
	}
	cases, err := list(ctx, t, scalar[string], `UPDATE runs SET state = 'withdrawn', ended = 'withdrawn', ended_at = $1,
		admitted = 0, updated_at = $1`+marked+" RETURNING case_id", micros(t.now), runID)
	if err != nil || len(cases) == 0 {
		return false, err
	}
	if err := t.letGo(ctx, runID); err != nil {
		return false, err
	}
	_, err = t.update(ctx, "UPDATE cases SET state = 'failed', outcome = 'withdrawn', updated_at = $1 WHERE id = $2 AND id <> ''",
		micros(t.now), cases[0])
	if err != nil {
		return false, err
	}
	return true, t.audit(ctx, robot("cancel"), "run.withdraw", cases[0], map[string]string{"run": runID})
}

// setAside parks a run that nobody else holds and asks an operator about it. Its
// journal and evidence stay with it.
func (t *tx) setAside(ctx context.Context, by casework.Actor, runID, code string) error {
	run, err := runOf(ctx, t, runID)
	if err != nil {
		return err
	}
	_, err = t.update(ctx, `UPDATE runs SET state = 'parked', holder = '', admitted = 0, crashes = 0, failures = 0, ended = $1, updated_at = $2 WHERE id = $3`,
		code, micros(t.now), runID)
	if err != nil {
		return err
	}
	if err := t.letGo(ctx, runID); err != nil {
		return err
	}
	err = t.insertReview(ctx, casework.Review{RunID: runID, CaseID: run.CaseID, Step: run.Step, Role: "operator", Reason: code,
		Due: t.now.Add(24 * time.Hour), Choices: []casework.Choice{{Name: "retry", Zh: "已核实，继续办理"}}})
	if err != nil {
		return err
	}
	return t.audit(ctx, by, "run.set_aside", run.CaseID, map[string]string{"run": runID, "reason": code, "step": run.Step})
}

// marked finds cancelled runs whose worker died or parked them meanwhile.
func marked() sweeping {
	return sweeping{
		find:   "SELECT id FROM runs WHERE cancel_at > 0 AND state IN ('waiting', 'parked')",
		handle: func(ctx context.Context, t *tx, id string) (bool, error) { return t.finishCancel(ctx, id) },
	}
}
