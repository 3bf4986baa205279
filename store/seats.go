package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jingban/jingban/casework"
)

// Seat is one signed-in session that a target allows us. Who takes it gets a new
// fence; only that number gives it back.
type Seat struct {
	Target  string
	Number  int
	Holder  string // a run's id, or who else looks in; "" when free
	Worker  string // whose browser is, or was last, signed in there
	Fence   int64
	TakenAt time.Time
	Before  string // the worker signed in there before; only for who takes the seat
}

const seatColumns = "target, number, holder, worker, fence, taken_at"

func scanSeat(r row) (s Seat, err error) {
	var at int64
	err = r.Scan(&s.Target, &s.Number, &s.Holder, &s.Worker, &s.Fence, &at)
	s.TakenAt = moment(at)
	return s, err
}

func (s *Store) seatsOf(ctx context.Context, target string) ([]Seat, error) {
	return list(ctx, s.reader, scanSeat, "SELECT "+seatColumns+" FROM seats WHERE target = $1 ORDER BY number", target)
}

// takeSeat takes the lowest free seat, which is the likeliest to be signed in
// still; its worker is the one that had it before. ErrHeld when none is free.
func (t *tx) takeSeat(ctx context.Context, g *gate, holder string) (Seat, error) {
	seat, err := one(ctx, t, scanSeat, `UPDATE seats SET holder = $1, fence = fence + 1, taken_at = $2
		WHERE target = $3 AND holder = '' AND number = (SELECT MIN(f.number) FROM seats f
			WHERE f.target = $3 AND f.holder = '' AND f.number <= $4) RETURNING `+seatColumns,
		holder, micros(t.now), g.name, g.Limits.SeatCount())
	if errors.Is(err, ErrNotFound) {
		return seat, ErrHeld
	}
	return seat, err
}

// freeSeats gives back what a run or another holder has.
func (t *tx) freeSeats(ctx context.Context, holder string) error {
	return t.later(ctx, "UPDATE seats SET holder = '', taken_at = 0 WHERE holder = $1", holder)
}

// TakeSeat takes a seat for a look that is no run: a canary, a dry run. Such a
// look uses seats, windows and switches as runs do, but waits for no canary and no
// sign-in and may probe. ErrHeld when the target lets nothing through now, ErrNotFound when
// there is none of that name. The seat comes free with LeaveSeat, or by the sweep
// once its worker is dead.
func (s *Store) TakeSeat(ctx context.Context, target, holder, worker string) (seat Seat, err error) {
	err = s.change(ctx, "take a seat", func(t *tx) error {
		if err := t.must(ctx, ErrNotFound, "UPDATE latches SET at = $1 WHERE name = 'admit'", micros(t.now)); err != nil {
			return err
		}
		now, err := s.leaseClock(ctx, t)
		if err != nil {
			return err
		}
		gates, err := s.gates(ctx, t, now)
		if err != nil {
			return err
		}
		for _, g := range gates {
			if g.name == target {
				seat, err = t.sitDown(ctx, &g, holder, worker)
				return err
			}
		}
		return ErrNotFound
	})
	return seat, err
}

func (t *tx) sitDown(ctx context.Context, g *gate, holder, worker string) (Seat, error) {
	if g.why != "" && g.why != canaryDue && g.why != signInDue || g.free <= 0 {
		return Seat{}, fmt.Errorf("target %s: %s: %w", g.name, g.why, ErrHeld)
	}
	seat, err := t.takeSeat(ctx, g, holder)
	if err != nil {
		return Seat{}, err
	}
	seat.Before, seat.Worker = seat.Worker, worker
	_, err = t.update(ctx, "UPDATE seats SET worker = $1 WHERE target = $2 AND number = $3", worker, seat.Target, seat.Number)
	return seat, err
}

// LeaveSeat gives a seat back; an old fence gives nothing back.
func (s *Store) LeaveSeat(ctx context.Context, seat Seat) error {
	return s.change(ctx, "leave the seat", func(t *tx) error {
		_, err := t.update(ctx, "UPDATE seats SET holder = '', taken_at = 0 WHERE target = $1 AND number = $2 AND fence = $3",
			seat.Target, seat.Number, seat.Fence)
		t.woken = true
		return err
	})
}

// LookSeats gives the seats that a worker's looks hold, those of no run.
func (s *Store) LookSeats(ctx context.Context, worker string) ([]Seat, error) {
	all, err := list(ctx, s.reader, scanSeat, "SELECT "+seatColumns+` FROM seats WHERE holder <> '' AND worker = $1
		AND NOT EXISTS (SELECT 1 FROM runs r WHERE r.id = seats.holder AND r.state IN `+live+")", worker)
	return all, explain("list the seats of looks", err)
}

// seated gives the seat of a run that is being claimed and notes whose browser
// signs in there.
func (t *tx) seated(ctx context.Context, run casework.Run, worker string) (Seat, error) {
	if run.Target == "" {
		return Seat{}, nil
	}
	seat, err := one(ctx, t, scanSeat, "SELECT "+seatColumns+" FROM seats WHERE holder = $1", run.ID)
	if errors.Is(err, ErrNotFound) {
		return Seat{}, nil
	}
	if err != nil {
		return Seat{}, err
	}
	seat.Before, seat.Worker = seat.Worker, worker
	_, err = t.update(ctx, "UPDATE seats SET worker = $1 WHERE holder = $2", worker, run.ID)
	return seat, err
}

// Pace reserves the next moment at which a page of the target may be asked for,
// and says how long the caller must wait for it: requests are spread evenly, so
// that no minute holds more than the limit. A moment further away than within is
// not reserved, lest those who come back later find it used up.
func (s *Store) Pace(ctx context.Context, target string, perMinute int, within time.Duration) (wait time.Duration, reserved bool, err error) {
	err = s.change(ctx, "pace "+target, func(t *tx) error {
		now, err := s.leaseClock(ctx, t)
		if err != nil {
			return err
		}
		// The update is the lock: two askers follow each other.
		last, err := one(ctx, t, scalar[int64], "UPDATE targets SET paced_at = paced_at WHERE name = $1 RETURNING paced_at", target)
		if err != nil {
			return err
		}
		step := int64(time.Minute/time.Microsecond) / int64(max(perMinute, 1))
		next := max(last+step, micros(now))
		wait = moment(next).Sub(now)
		if reserved = wait <= within; !reserved {
			return nil
		}
		_, err = t.update(ctx, "UPDATE targets SET paced_at = $1 WHERE name = $2", next, target)
		return err
	})
	return wait, reserved, err
}

// forsaken frees seats that a look held whose worker is dead; the seats of runs
// come free with the runs.
func forsaken(now time.Time) sweeping {
	const left = `holder <> '' AND NOT EXISTS (SELECT 1 FROM runs r WHERE r.id = seats.holder AND r.state IN ` + live + `)
		AND NOT EXISTS (SELECT 1 FROM workers w WHERE w.worker = seats.worker AND w.expires_at > $1)`
	return sweeping{
		find:   "SELECT holder FROM seats WHERE " + left,
		values: []any{micros(now)},
		handle: func(ctx context.Context, t *tx, holder string) (bool, error) {
			n, err := t.update(ctx, "UPDATE seats SET holder = '', taken_at = 0 WHERE "+left+" AND holder = $2", micros(now), holder)
			t.woken = true
			return n > 0, err
		},
	}
}
