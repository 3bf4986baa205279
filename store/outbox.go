package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/jingban/jingban/casework"
)

// Hint is an outbox row: work that a task asks for.
type Hint struct {
	ID      string // = asynq TaskID
	Task    string // "read_material", "start_run", "work_run"
	Subject string // an id, nothing else
	At      time.Time
}

// The tasks the store asks for.
const (
	taskReadMaterial = "read_material"
	taskStartRun     = "start_run"
	taskWorkRun      = "work_run"
	taskDryRun       = "dry_run"
	taskTryTarget    = "try_target"
	taskReconcile    = "reconcile"

	taskSearchPersons = "search_persons"
	taskRecalculate   = "recalculate"
)

// hint asks for a task in the transaction of the change that leads to it.
func (t *tx) hint(ctx context.Context, task, subject string) error {
	t.woken = true
	return t.later(ctx, "INSERT INTO outbox (id, task, subject, at) VALUES ($1, $2, $3, $4)",
		casework.NewID(), task, subject, micros(t.now))
}

// Hints gives those not yet enqueued, the oldest first.
func (s *Store) Hints(ctx context.Context, limit int) ([]Hint, error) {
	hints, err := list(ctx, s.reader, func(r row) (h Hint, err error) {
		var at int64
		err = r.Scan(&h.ID, &h.Task, &h.Subject, &at)
		h.At = moment(at)
		return h, err
	}, "SELECT id, task, subject, at FROM outbox WHERE sent_at = 0 ORDER BY at, id LIMIT $1", limited(limit))
	return hints, explain("read the outbox", err)
}

// HintsSent marks hints as enqueued.
func (s *Store) HintsSent(ctx context.Context, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	return s.change(ctx, "mark the outbox", func(t *tx) error {
		var w where
		at := w.mark(micros(t.now))
		inMany(&w, "id", ids)
		_, err := t.update(ctx, "UPDATE outbox SET sent_at = "+at+w.String()+" AND sent_at = 0", w.values...)
		return err
	})
}

// Wake is signalled when a transaction wrote a hint or made a run ready for
// admission, in this process or, on PostgreSQL, in any other. Signals melt into
// one; a missed one costs no more than a poll.
func (s *Store) Wake() <-chan struct{} { return s.wake }

func (s *Store) signal() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

const wakeChannel = "jingban_wake"

// listen passes PostgreSQL's notifications on, and ours to it, until Close.
func (s *Store) listen() {
	ctx, stop := context.WithCancel(context.Background()) // ends with the Store, not with Open's caller
	s.stop = stop
	s.ended.Go(func() {
		for ctx.Err() == nil {
			s.hear(ctx)
			pause(ctx, time.Second)
		}
	})
	s.ended.Go(func() {
		for ctx.Err() == nil {
			select {
			case <-ctx.Done():
			case <-s.tell:
				s.speak(ctx)
			}
		}
	})
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// speakEvery lets the notifications of many commits melt into one. They are not
// part of the commits: PostgreSQL takes one lock for all that notify, and with it
// their syncs would queue.
const speakEvery = 5 * time.Millisecond

// speak wakes the other processes. A lost word costs them no more than a poll.
func (s *Store) speak(ctx context.Context) {
	pause(ctx, speakEvery)
	_, _ = s.pool.Exec(ctx, "SELECT pg_notify($1, '')", wakeChannel)
}

func (s *Store) tellOthers() {
	if !s.postgres {
		return
	}
	select {
	case s.tell <- struct{}{}:
	default:
	}
}

// hear listens until the connection breaks. The error is not worth a word: the
// relay polls too, and whoever needs the database will say that it is gone.
func (s *Store) hear(ctx context.Context) {
	conn, err := pgx.Connect(ctx, s.cfg.Database)
	if err != nil {
		return
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, "LISTEN "+wakeChannel); err != nil {
		return
	}
	s.signal() // something may have been said while nobody listened
	for {
		if _, err := conn.WaitForNotification(ctx); err != nil {
			return
		}
		s.signal()
	}
}
