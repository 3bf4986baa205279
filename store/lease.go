package store

import (
	"context"
	"errors"
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
	return s.change(ctx, "renew the lease", func(t *tx) error { return t.beat(ctx, worker) })
}

func (t *tx) beat(ctx context.Context, worker string) error {
	expires, values := t.leaseEnd()
	return t.later(ctx, "INSERT INTO workers (worker, expires_at) VALUES ($1, "+expires+`)
		ON CONFLICT (worker) DO UPDATE SET expires_at = excluded.expires_at`, append([]any{worker}, values...)...)
}

// leaseEnd is when a lease taken now ends, by the clock that judges leases.
func (t *tx) leaseEnd() (expression string, values []any) {
	switch {
	case t.store.cfg.LeaseNow != nil:
		return "$2", []any{micros(t.store.cfg.LeaseNow().Add(leaseFor))}
	case t.store.postgres:
		return serverMicros + " + $2", []any{leaseFor.Microseconds()}
	}
	return "$2", []any{micros(t.store.cfg.Now().Add(leaseFor))}
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
	run, err := one(ctx, t, scanRun, `UPDATE runs SET state = 'running', holder = $1, fence = fence + 1, attempt = attempt + 1,
		admitted = 0, ended = '', updated_at = $2 WHERE id = $3 AND state = 'waiting' AND admitted = 1 AND format <= $4
		RETURNING `+runColumns, worker, micros(t.now), runID, JournalFormat)
	if errors.Is(err, ErrNotFound) {
		return Lease{}, t.heldAs(ctx, runID)
	}
	if err != nil {
		return Lease{}, err
	}
	if run.Persons, err = personsOf(ctx, t, runID); err != nil {
		return Lease{}, err
	}
	seat, err := t.seated(ctx, run, worker)
	if err != nil {
		return Lease{}, err
	}
	return Lease{Run: run, Worker: worker, Fence: run.Fence, Seat: seat}, t.beat(ctx, worker)
}

// hold proves that the lease still stands and locks the run until the end of
// the transaction; ErrNotHolder otherwise. Every write of a holder begins here.
func (t *tx) hold(ctx context.Context, lease Lease) error {
	return t.must(ctx, casework.ErrNotHolder, `UPDATE runs SET updated_at = $1
		WHERE id = $2 AND fence = $3 AND holder = $4 AND state = 'running'`,
		micros(t.now), lease.Run.ID, lease.Fence, lease.Worker)
}

// heldAs says why a run can't be claimed.
func (t *tx) heldAs(ctx context.Context, runID string) error {
	state, err := one(ctx, t, scalar[string], "SELECT state FROM runs WHERE id = $1", runID)
	if err != nil {
		return err
	}
	return fmt.Errorf("the run is %s: %w", state, ErrHeld)
}
