package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jingban/jingban/casework"
)

// leaseFor is how long a worker that says nothing keeps its runs. It renews
// every 2 s and stops itself 6 s after its last good renewal.
const leaseFor = 8 * time.Second

// Lease says that a worker holds a run.
type Lease struct {
	Run    casework.Run
	Worker string
	Fence  int64
	Seat   Seat // on Run.Target; zero when the run has none
}

// Beat renews the worker's lease by the clock of the database. Worker names one
// process: a restarted worker takes a new name, so that the runs of the old one
// come free.
func (s *Store) Beat(ctx context.Context, worker string) error {
	return s.change(ctx, "renew the lease", func(t *tx) error {
		now, err := s.leaseClock(ctx, t)
		if err != nil {
			return err
		}
		return t.beat(ctx, worker, now)
	})
}

func (t *tx) beat(ctx context.Context, worker string, now time.Time) error {
	_, err := t.update(ctx, `INSERT INTO workers (worker, expires_at) VALUES ($1, $2)
		ON CONFLICT (worker) DO UPDATE SET expires_at = excluded.expires_at`, worker, micros(now.Add(leaseFor)))
	return err
}

// Workers counts those whose lease has not ended.
func (s *Store) Workers(ctx context.Context) (int, error) {
	now, err := s.leaseClock(ctx, s.reader)
	if err != nil {
		return 0, explain("count the workers", err)
	}
	n, err := one(ctx, s.reader, scalar[int], "SELECT COUNT(*) FROM workers WHERE expires_at > $1", micros(now))
	return n, explain("count the workers", err)
}

// Claim takes an admitted run for the worker: waiting → running, fence+1,
// attempt+1, and renews the worker's lease. ErrHeld when it is held, parked,
// over or not admitted, or when its journal is of a newer format: a second hint is
// a no-op.
func (s *Store) Claim(ctx context.Context, runID, worker string) (lease Lease, err error) {
	if worker == "" {
		return Lease{}, fmt.Errorf("claim the run: no worker name: %w", ErrInvalid)
	}
	err = s.change(ctx, "claim the run", func(t *tx) error {
		lease, err = t.claim(ctx, runID, worker)
		return err
	})
	return lease, err
}

func (t *tx) claim(ctx context.Context, runID, worker string) (Lease, error) {
	now, err := t.store.leaseClock(ctx, t)
	if err != nil {
		return Lease{}, err
	}
	n, err := t.update(ctx, `UPDATE runs SET state = 'running', holder = $1, fence = fence + 1, attempt = attempt + 1,
		admitted = 0, ended = '', updated_at = $2 WHERE id = $3 AND state = 'waiting' AND admitted = 1 AND format <= $4`,
		worker, micros(t.now), runID, JournalFormat)
	if err != nil {
		return Lease{}, err
	}
	run, err := runOf(ctx, t, runID)
	if err != nil {
		return Lease{}, err
	}
	if n == 0 {
		return Lease{}, fmt.Errorf("the run is %s: %w", run.State, ErrHeld)
	}
	seat, err := t.seated(ctx, run, worker)
	if err != nil {
		return Lease{}, err
	}
	return Lease{Run: run, Worker: worker, Fence: run.Fence, Seat: seat}, t.beat(ctx, worker, now)
}

// hold proves that the lease still stands and locks the run until the end of
// the transaction; ErrNotHolder otherwise. Every write of a holder begins here.
func (t *tx) hold(ctx context.Context, lease Lease) error {
	return t.must(ctx, casework.ErrNotHolder, `UPDATE runs SET updated_at = $1
		WHERE id = $2 AND fence = $3 AND holder = $4 AND state = 'running'`,
		micros(t.now), lease.Run.ID, lease.Fence, lease.Worker)
}
