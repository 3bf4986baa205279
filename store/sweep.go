package store

import (
	"context"
	"time"

	"github.com/jingban/jingban/casework"
)

// How long work may lie before it is hinted again, and what is thrown away.
const (
	unclaimedFor = 10 * time.Second
	unreadFor    = 60 * time.Second
	keepHints    = 24 * time.Hour
	keepRequests = 24 * time.Hour
)

// Swept counts what a sweep found.
type Swept struct{ Expired, Rehinted, Escalated int }

// Sweep runs every second. Runs of expired workers wait again for the next fence:
// admitted and hinted anew where they need no target, in the queue for a seat
// where they do, one after another where they are suspects, and set aside where
// they have killed many workers (lost.go). Runs admitted but unclaimed for 10 s,
// materials unread for 60 s and submitted cases without a run for 60 s are
// hinted again by a new outbox row, unless their last hint has not even been
// enqueued. Overdue reviews are marked escalated, never chosen. Finding nothing,
// it writes nothing.
func (s *Store) Sweep(ctx context.Context) (swept Swept, err error) {
	now, err := s.leaseClock(ctx, s.reader)
	if err != nil {
		return swept, explain("sweep", err)
	}
	if swept.Expired, err = s.sweepLost(ctx, now); err != nil {
		return swept, err
	}
	for _, part := range []sweeping{unclaimed(now), s.unread(), s.unstarted(), undried(now), abandoned(now), marked(), forsaken(now), s.unsearched(), s.unrecalculated()} {
		n, err := s.sweepEach(ctx, part)
		swept.Rehinted += n
		if err != nil {
			return swept, err
		}
	}
	if swept.Escalated, err = s.sweepEach(ctx, s.overdue()); err != nil {
		return swept, err
	}
	if err := s.watchAccounts(ctx); err != nil {
		return swept, err
	}
	return swept, s.tidy(ctx)
}

// sweeping finds rows and handles each by a compare-and-set of its own, so that
// several sweepers do no harm. Handled is false when another was faster.
type sweeping struct {
	find   string
	values []any
	handle func(ctx context.Context, t *tx, id string) (handled bool, err error)
}

// sweepMost bounds the transaction of a sweep.
const sweepMost = 100

func (s *Store) sweepEach(ctx context.Context, part sweeping) (handled int, err error) {
	var w where
	w.values = part.values
	found, err := list(ctx, s.reader, scalar[string], part.find+" LIMIT "+w.mark(sweepMost), w.values...)
	if err != nil || len(found) == 0 {
		return 0, explain("sweep", err)
	}
	err = s.change(ctx, "sweep", func(t *tx) error {
		handled = 0
		for _, id := range found {
			ok, err := part.handle(ctx, t, id)
			if err != nil {
				return err
			}
			if ok {
				handled++
			}
		}
		return nil
	})
	return handled, err
}

// unsent says that the last hint about a row still stands in the outbox: the
// queue is down, and more hints would only pile up.
const unsent = "EXISTS (SELECT 1 FROM outbox o WHERE o.sent_at = 0 AND o.subject = "

// unheard are a table's rows in a condition whose last hint is that old; each is
// hinted anew if it is still so.
func unheard(task, table, condition string, now time.Time, age time.Duration) sweeping {
	before := micros(now.Add(-age))
	update := "UPDATE " + table + " SET hinted_at = $1 WHERE id = $2 AND " + condition + " AND hinted_at <= $3"
	return sweeping{
		find:   "SELECT id FROM " + table + " WHERE " + condition + " AND hinted_at <= $1 AND NOT " + unsent + table + ".id)",
		values: []any{before},
		handle: func(ctx context.Context, t *tx, id string) (bool, error) {
			n, err := t.update(ctx, update, micros(now), id, before)
			if err != nil || n == 0 {
				return false, err
			}
			return true, t.hint(ctx, task, id)
		},
	}
}

func unclaimed(now time.Time) sweeping {
	return unheard(taskWorkRun, "runs", "state = 'waiting' AND admitted = 1", now, unclaimedFor)
}

func (s *Store) unread() sweeping {
	return unheard(taskReadMaterial, "materials", "state = 'received'", s.cfg.Now(), unreadFor)
}

func (s *Store) unrecalculated() sweeping {
	return unheard(taskRecalculate, "param_sets", "state = 'released' AND retro = 1 AND recalculated_at = 0", s.cfg.Now(), rehintAfter)
}

func (s *Store) unsearched() sweeping {
	return unheard(taskSearchPersons, "person_searches", "state = 'ordered' AND run_id = ''", s.cfg.Now(), rehintAfter)
}

func (s *Store) unstarted() sweeping {
	return unheard(taskStartRun, "cases", `state = 'materials_checking'
		AND NOT EXISTS (SELECT 1 FROM materials m WHERE m.case_id = cases.id AND m.state = 'received')`, s.cfg.Now(), unreadFor)
}

func (s *Store) overdue() sweeping {
	now := micros(s.cfg.Now())
	const late = "state = 'open' AND escalated_at = 0 AND due > 0 AND due <= $1"
	return sweeping{
		find:   "SELECT id FROM reviews WHERE " + late,
		values: []any{now},
		handle: func(ctx context.Context, t *tx, id string) (bool, error) {
			caseOf, err := list(ctx, t, scalar[string],
				"UPDATE reviews SET escalated_at = $1 WHERE id = $2 AND "+late+" RETURNING case_id", now, id)
			if err != nil || len(caseOf) == 0 {
				return false, err
			}
			by := casework.Actor{Kind: casework.Robot, ID: "sweep", Name: "sweep", Role: "robot"}
			return true, t.audit(ctx, by, "review.escalate", caseOf[0], map[string]string{"review": id})
		},
	}
}

// tidy throws away what has done its duty.
func (s *Store) tidy(ctx context.Context) error {
	now := s.cfg.Now()
	old := map[string]int64{
		"outbox WHERE sent_at > 0 AND sent_at <= ": micros(now.Add(-keepHints)),
		"requests WHERE at <= ":                    micros(now.Add(-keepRequests)),
		"sessions WHERE expires_at <= ":            micros(now),
	}
	for rows, before := range old {
		there, err := list(ctx, s.reader, scalar[int], "SELECT 1 FROM "+rows+"$1 LIMIT 1", before)
		if err != nil {
			return explain("tidy", err)
		}
		if len(there) == 0 {
			continue
		}
		err = s.change(ctx, "tidy", func(t *tx) error {
			_, err := t.update(ctx, "DELETE FROM "+rows+"$1", before)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
