package store

import (
	"context"
	"time"
)

// A run that kills its worker each time is poison: it is set aside, with its
// evidence, before it has killed them all. Deaths are evidence against a run
// only as far as they say anything about it (docs/decisions/2026-11-22-poison.md):
//
//   - finishing a step forgives all deaths before it (Journal.append);
//   - a worker that beats again was frozen or cut off, not killed: its loss is
//     taken back when the run is lost the next time;
//   - of several runs that one worker held, only those are blamed that have the
//     most deaths already, and from the third death on such suspects come back
//     one after another, so that the next death tells which of them it was.
const (
	poisonAfter  = 5                // deaths without a finished step
	suspectAfter = 3                // deaths from which on a run comes back alone
	suspectApart = 15 * time.Second // enough for a killer to kill again
)

// forgotten is the condition that no worker of that name renews its lease.
const forgotten = "NOT EXISTS (SELECT 1 FROM workers w WHERE w.worker = runs.holder AND w.expires_at > $1)"

// sweepLost lets the runs of dead workers wait again and gives their number.
func (s *Store) sweepLost(ctx context.Context, now time.Time) (lost int, err error) {
	dead, err := list(ctx, s.reader, scalar[string], "SELECT DISTINCT holder FROM runs WHERE state = 'running' AND "+forgotten+" LIMIT $2",
		micros(now), sweepMost)
	if err != nil || len(dead) == 0 {
		return 0, explain("sweep", err)
	}
	err = s.change(ctx, "sweep", func(t *tx) error {
		lost = 0
		for _, worker := range dead {
			n, err := t.bury(ctx, worker, now)
			if err != nil {
				return err
			}
			lost += n
		}
		return nil
	})
	return lost, err
}

// orphaned is a run whose worker is dead, with the deaths that count against it.
type orphaned struct {
	id, target string
	crashes    int
}

// bury takes what a dead worker held. Several sweepers do no harm: each run is
// taken once.
func (t *tx) bury(ctx context.Context, worker string, now time.Time) (lost int, err error) {
	held, err := list(ctx, t, func(r row) (o orphaned, err error) { return o, r.Scan(&o.id, &o.target, &o.crashes) },
		`SELECT id, target, CASE WHEN crashes > 0 AND EXISTS (SELECT 1 FROM workers w
			WHERE w.worker = runs.lost_to AND w.expires_at > runs.lost_at) THEN crashes - 1 ELSE crashes END
		FROM runs WHERE state = 'running' AND holder = $2 AND `+forgotten+" ORDER BY id", micros(now), worker)
	if err != nil {
		return 0, err
	}
	most := 0
	for _, o := range held {
		most = max(most, o.crashes)
	}
	for _, o := range held {
		blamed := ""
		if o.crashes == most {
			o.crashes, blamed = o.crashes+1, worker
		}
		n, err := t.update(ctx, `UPDATE runs SET state = 'waiting', holder = '', ended = 'worker_lost', crashes = $3, lost_to = $5,
			lost_at = $1, admitted = CASE WHEN target = '' THEN 1 ELSE 0 END, hinted_at = $1
			WHERE id = $4 AND state = 'running' AND holder = $2 AND `+forgotten, micros(now), worker, o.crashes, o.id, blamed)
		if err != nil {
			return 0, err
		}
		if n == 0 {
			continue
		}
		lost++
		if err := t.recover(ctx, o, now); err != nil {
			return 0, err
		}
	}
	return lost, nil
}

// recover brings a run back whose worker was lost.
func (t *tx) recover(ctx context.Context, o orphaned, now time.Time) error {
	switch {
	case o.crashes >= poisonAfter:
		return t.setAside(ctx, robot("sweep"), o.id, "killed_worker")
	case o.crashes >= suspectAfter:
		return t.queueAlone(ctx, o.id, now)
	case o.target == "":
		return t.hint(ctx, taskWorkRun, o.id)
	}
	return t.giveBack(ctx, o.id) // it may be closed by now; admission decides
}

// queueAlone lets a suspect come back after those before it.
func (t *tx) queueAlone(ctx context.Context, runID string, now time.Time) error {
	last, err := one(ctx, t, scalar[int64], `SELECT COALESCE(MAX(next_at), 0) FROM runs
		WHERE crashes >= $1 AND id <> $2 AND (state = 'running' OR state = 'waiting' AND ended = 'worker_lost')`, suspectAfter, runID)
	if err != nil {
		return err
	}
	next := max(micros(now), last+suspectApart.Microseconds())
	if _, err := t.update(ctx, "UPDATE runs SET admitted = 0, next_at = $1 WHERE id = $2", next, runID); err != nil {
		return err
	}
	return t.giveBack(ctx, runID)
}
