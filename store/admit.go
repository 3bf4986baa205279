package store

import (
	"context"
	"errors"
	"time"
)

// Admit takes the next waiting runs (due to be tried, persons free, not admitted
// yet) in the order due date, priority, age. It locks the persons of each, all
// or none, and writes one work_run hint each, so that at most limit runs are
// admitted or running. It returns how many it took.
func (s *Store) Admit(ctx context.Context, limit int) (admitted int, err error) {
	now, err := s.leaseClock(ctx, s.reader)
	if err != nil {
		return 0, explain("admit runs", err)
	}
	next, err := candidates(ctx, s.reader, now, 1)
	if err != nil || len(next) == 0 {
		return 0, explain("admit runs", err)
	}
	err = s.change(ctx, "admit runs", func(t *tx) error {
		admitted, err = t.admit(ctx, limit)
		return err
	})
	return admitted, err
}

// candidates gives the runs that may be admitted now.
func candidates(ctx context.Context, q querier, now time.Time, limit int) ([]string, error) {
	return list(ctx, q, scalar[string], `SELECT id FROM runs r
		WHERE r.state = 'waiting' AND r.admitted = 0 AND r.paused = 0 AND r.next_at <= $1 AND NOT EXISTS (
			SELECT 1 FROM run_persons p JOIN person_locks l ON l.person = p.person WHERE p.run_id = r.id AND l.run_id <> r.id)
		ORDER BY r.due, r.priority DESC, r.created_at, r.id LIMIT $2`, micros(now), limit)
}

func (t *tx) admit(ctx context.Context, limit int) (admitted int, err error) {
	if err := t.must(ctx, ErrNotFound, "UPDATE latches SET at = $1 WHERE name = 'admit'", micros(t.now)); err != nil {
		return 0, err
	}
	under, err := one(ctx, t, scalar[int], `SELECT COUNT(*) FROM runs
		WHERE state = 'running' OR (state = 'waiting' AND admitted = 1)`)
	if err != nil || under >= limit {
		return 0, err
	}
	now, err := t.store.leaseClock(ctx, t)
	if err != nil {
		return 0, err
	}
	// Two candidates may want the same person: look at some more than there is room for.
	next, err := candidates(ctx, t, now, 4*(limit-under))
	if err != nil {
		return 0, err
	}
	for _, id := range next {
		if under+admitted == limit {
			break
		}
		err := t.admitOne(ctx, id, now)
		if errors.Is(err, ErrHeld) {
			continue
		}
		if err != nil {
			return 0, err
		}
		admitted++
	}
	return admitted, nil
}

// admitOne locks the persons of a run and hints it; ErrHeld, having changed
// nothing, when one of them is taken or the run has moved on.
func (t *tx) admitOne(ctx context.Context, id string, now time.Time) error {
	taken, err := one(ctx, t, scalar[int64], `SELECT COUNT(*) FROM run_persons p
		JOIN person_locks l ON l.person = p.person WHERE p.run_id = $1 AND l.run_id <> $1`, id)
	if err != nil {
		return err
	}
	if taken > 0 {
		return ErrHeld
	}
	err = t.must(ctx, ErrHeld, `UPDATE runs SET admitted = 1, hinted_at = $1 WHERE id = $2 AND state = 'waiting' AND admitted = 0 AND paused = 0`,
		micros(now), id)
	if err != nil {
		return err
	}
	_, err = t.update(ctx, `INSERT INTO person_locks (person, run_id)
		SELECT person, run_id FROM run_persons WHERE run_id = $1 ON CONFLICT (person) DO NOTHING`, id)
	if err != nil {
		return err
	}
	return t.hint(ctx, taskWorkRun, id)
}

// doubtful says that an effect of the run was sent and has no outcome.
func (t *tx) doubtful(ctx context.Context, runID string) (bool, error) {
	n, err := one(ctx, t, scalar[int64], "SELECT COUNT(*) FROM effects WHERE run_id = $1 AND state = 'sent'", runID)
	return n > 0, err
}

// freePersons gives the persons of a run free, unless an effect is in doubt:
// nobody else may touch them before it is cleared up.
func (t *tx) freePersons(ctx context.Context, runID string) error {
	_, err := t.update(ctx, `DELETE FROM person_locks WHERE run_id = $1
		AND NOT EXISTS (SELECT 1 FROM effects WHERE run_id = $1 AND state = 'sent')`, runID)
	return err
}

// letGo ends what a run holds when it is over: its open review and its persons.
func (t *tx) letGo(ctx context.Context, runID string) error {
	_, err := t.update(ctx, "UPDATE reviews SET state = 'superseded' WHERE run_id = $1 AND state = 'open'", runID)
	if err != nil {
		return err
	}
	if err := t.freePersons(ctx, runID); err != nil {
		return err
	}
	t.woken = true // the next run of the person may be admitted
	return nil
}
