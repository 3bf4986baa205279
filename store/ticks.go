package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jingban/jingban/casework"
)

// Starter makes the run of a tick, with nothing stored yet. When it cannot, the
// code of its *casework.Fault says why the schedule stands still; the tick waits.
type Starter func(ctx context.Context, s casework.Schedule, at time.Time) (casework.Run, casework.Snapshot, error)

// Ticked counts what a pass did.
type Ticked struct{ Started, Skipped int }

// calendarMissing is the code of a schedule or due date that hangs on a year
// without calendar.
const calendarMissing = "calendar_missing"

// tickBatch bounds the transaction of a pass.
const tickBatch = 100

// Tick deals with every moment that came due since the last pass: one row each,
// and for those to be started the run in the same transaction, ready for
// admission. Any number of schedulers may call it at any time: the cursor is
// moved by a compare-and-set, and the row of a tick is there once. A schedule
// that cannot go on stands blocked, with an alert, and loses nothing. One
// schedule's trouble holds no other up.
func (s *Store) Tick(ctx context.Context, start Starter) (Ticked, error) {
	var ticked Ticked
	now, err := s.leaseClock(ctx, s.reader)
	if err != nil {
		return ticked, explain("tick", err)
	}
	calendar, err := s.Calendar(ctx)
	if err != nil {
		return ticked, err
	}
	active, err := list(ctx, s.reader, s.scanSchedule, "SELECT "+scheduleColumns+" FROM schedules WHERE paused = 0 ORDER BY id")
	if err != nil {
		return ticked, explain("tick", err)
	}
	var errs []error
	for _, v := range active {
		p := pass{store: s, start: start, now: now, calendar: calendar, schedule: v}
		if err := p.run(ctx); err != nil {
			errs = append(errs, fmt.Errorf("schedule %s: %w", v.Name, err))
		}
		ticked.Started += p.ticked.Started
		ticked.Skipped += p.ticked.Skipped
	}
	return ticked, errors.Join(errs...)
}

// pass is one look of one scheduler at one schedule.
type pass struct {
	store    *Store
	start    Starter
	now      time.Time
	calendar casework.Calendar
	schedule casework.Schedule
	ticked   Ticked
}

// due is one moment to be written down, with its run unless it is skipped.
type due struct {
	at       time.Time
	run      *casework.Run
	snapshot casework.Snapshot
}

func (p *pass) run(ctx context.Context) error {
	plan, err := p.schedule.Plan()
	if err != nil {
		return err
	}
	for more := true; more; {
		var passed []time.Time
		var end error
		passed, more, end = plan.Between(p.schedule.Cursor, p.now, tickBatch, p.calendar)
		blocked := ""
		if end != nil {
			if blocked = blockedBy(end); blocked == "" {
				return end
			}
		}
		moments, err := p.prepare(ctx, plan, passed, more)
		if err != nil {
			if moments, blocked, more = nil, blockedBy(err), false; blocked == "" {
				return err
			}
		}
		if len(moments) == 0 && blocked == p.schedule.Blocked {
			return nil
		}
		if ok, err := p.write(ctx, moments, blocked); err != nil || !ok {
			return err
		}
	}
	return nil
}

// blockedBy is the code of what a schedule waits for, "" when it is trouble of
// another kind.
func blockedBy(err error) string {
	switch {
	case errors.Is(err, casework.ErrNoCalendar):
		return calendarMissing
	case errors.Is(err, casework.ErrNever):
		return "never_due"
	}
	if fault, ok := errors.AsType[*casework.Fault](err); ok {
		return fault.Code
	}
	return ""
}

// prepare makes the runs of the moments that the catch-up policy starts. A late
// start waits for the open hours.
func (p *pass) prepare(ctx context.Context, plan casework.Plan, passed []time.Time, more bool) ([]due, error) {
	moments := make([]due, len(passed))
	for i, starts := range p.schedule.CatchUp.Choose(passed, more, p.now) {
		moments[i].at = passed[i]
		if !starts {
			continue
		}
		run, snapshot, err := p.start(ctx, p.schedule, passed[i])
		if err != nil {
			return nil, err
		}
		if run.NextAt, err = plan.Hours.Next(p.now, p.calendar); err != nil {
			return nil, err
		}
		run.ID = casework.NewID()
		moments[i].run, moments[i].snapshot = &run, snapshot
	}
	return moments, nil
}

// write commits the moments and moves the cursor; false when another scheduler
// or a person was faster.
func (p *pass) write(ctx context.Context, moments []due, blocked string) (written bool, err error) {
	seen := p.schedule.Cursor
	if n := len(moments); n > 0 {
		seen = moments[n-1].at
	}
	var done Ticked
	err = p.store.change(ctx, "tick", func(t *tx) error {
		done, written = Ticked{}, true
		err := t.must(ctx, ErrConflict, `UPDATE schedules SET seen_to = $1, blocked = $2
			WHERE id = $3 AND seen_to = $4 AND rev = $5 AND paused = 0`,
			micros(seen), blocked, p.schedule.ID, micros(p.schedule.Cursor), p.schedule.Rev)
		if errors.Is(err, ErrConflict) {
			written = false
			return nil
		}
		if err != nil {
			return err
		}
		if err := t.block(ctx, p.schedule, blocked); err != nil {
			return err
		}
		done, err = t.tick(ctx, p.schedule, moments)
		return err
	})
	p.schedule.Cursor, p.schedule.Blocked = seen, blocked
	p.ticked.Started += done.Started
	p.ticked.Skipped += done.Skipped
	return written, err
}

// block tells people that a schedule stands still, or that it goes on.
func (t *tx) block(ctx context.Context, v casework.Schedule, blocked string) error {
	if blocked == v.Blocked {
		return nil
	}
	if err := t.clear(ctx, "schedule", v.ID, blocked); err != nil || blocked == "" {
		return err
	}
	return t.raise(ctx, "schedule", v.ID, blocked, map[string]string{"schedule": v.Name, "playbook": v.Playbook})
}

func (t *tx) tick(ctx context.Context, v casework.Schedule, moments []due) (done Ticked, err error) {
	for _, m := range moments {
		fresh, err := t.insertTick(ctx, v, m)
		if err != nil {
			return done, err
		}
		switch {
		case !fresh:
		case m.run == nil:
			done.Skipped++
		default:
			done.Started++
			if err := t.startScheduled(ctx, v, m); err != nil {
				return done, err
			}
		}
	}
	if done.Skipped > 0 {
		return done, t.audit(ctx, scheduler(), "schedule.skip", v.ID, map[string]string{"count": strconv.Itoa(done.Skipped),
			"from": moments[0].at.Format(time.RFC3339), "to": moments[len(moments)-1].at.Format(time.RFC3339), "catch_up": string(v.CatchUp)})
	}
	return done, nil
}

func scheduler() casework.Actor {
	return casework.Actor{Kind: casework.Robot, ID: "scheduler", Name: "scheduler", Role: "robot"}
}

// insertTick writes the one row of a moment; false when it is there already.
func (t *tx) insertTick(ctx context.Context, v casework.Schedule, m due) (fresh bool, err error) {
	state, runID, reason := casework.TickSkipped, "", string(v.CatchUp)
	if m.run != nil {
		state, runID, reason = casework.TickStarted, m.run.ID, ""
	}
	n, err := t.update(ctx, `INSERT INTO ticks (schedule_id, at, state, run_id, reason, decided_at)
		VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (schedule_id, at) DO NOTHING`,
		v.ID, micros(m.at), string(state), runID, reason, micros(t.now))
	return n == 1, err
}

// startScheduled makes the run of a tick. It belongs to no case: its rounds are
// counted over all schedules.
func (t *tx) startScheduled(ctx context.Context, v casework.Schedule, m due) error {
	round, err := one(ctx, t, scalar[int64], `INSERT INTO counters (name, value) VALUES ('rounds/scheduled', 1)
		ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING value`)
	if err != nil {
		return err
	}
	run := *m.run
	run.CaseID = ""
	if err := t.insertRun(ctx, run, round, m.snapshot); err != nil {
		return err
	}
	t.woken = true
	return t.audit(ctx, scheduler(), "schedule.tick", v.ID, map[string]string{
		"run": run.ID, "at": m.at.Format(time.RFC3339), "playbook": run.Playbook, "version": run.Version})
}

// TickFilter narrows a list of ticks; the zero value asks for all.
type TickFilter struct {
	ScheduleID string
	RunID      string
	After      string
	Limit      int
}

// Ticks gives a page of ticks, the newest first, and the cursor of the next.
func (s *Store) Ticks(ctx context.Context, f TickFilter) (ticks []casework.Tick, next string, err error) {
	var w where
	w.equal("schedule_id", f.ScheduleID)
	w.equal("run_id", f.RunID)
	if f.After != "" {
		text, id, _ := strings.Cut(f.After, "~")
		at, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, "", fmt.Errorf("list ticks: cursor: %w", ErrInvalid)
		}
		w.add("(at < ? OR at = ? AND schedule_id < ?)", at, at, id)
	}
	limit := limited(f.Limit)
	ticks, err = list(ctx, s.reader, scanTick, "SELECT schedule_id, at, state, run_id, reason, decided_at FROM ticks"+w.String()+
		" ORDER BY at DESC, schedule_id DESC LIMIT "+w.mark(limit+1), w.values...)
	if err != nil {
		return nil, "", explain("list ticks", err)
	}
	ticks, next = pageOf(ticks, limit, func(v casework.Tick) string {
		return strconv.FormatInt(micros(v.At), 10) + "~" + v.ScheduleID
	})
	return ticks, next, nil
}

func scanTick(r row) (v casework.Tick, err error) {
	var at, decided int64
	err = r.Scan(&v.ScheduleID, &at, &v.State, &v.RunID, &v.Reason, &decided)
	v.At, v.Decided = moment(at), moment(decided)
	return v, err
}
