package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jingban/jingban/casework"
)

// over are the states in which a limit runs no more.
const over = "('entered', 'done', 'cancelled')"

func pauseNoteOf(id string) string { return "clock_pauses/note/" + id }

// Clock gives the time limit of a case, or ErrNotFound.
func (s *Store) Clock(ctx context.Context, caseID string) (casework.Clock, error) {
	clock, err := s.clockOf(ctx, s.reader, caseID)
	return clock, explain("time limit", err)
}

func (s *Store) clockOf(ctx context.Context, q querier, caseID string) (casework.Clock, error) {
	clock, err := one(ctx, q, func(r row) (c casework.Clock, err error) {
		var received int64
		var due, matter, region string
		err = r.Scan(&received, &due, &c.Limit.Days, &c.Limit.Kind, &c.Limit.Document, &matter, &region)
		if err != nil {
			return c, err
		}
		c.Received = casework.DateOf(moment(received))
		if c.Limit.Days == 0 { // of before there were limits
			if c.Limit, err = s.limit(matter, region, c.Received); err != nil {
				return c, err
			}
		}
		c.Due, err = dueDate(due)
		return c, err
	}, `SELECT received_at, due, limit_days, limit_kind, limit_document, matter, region FROM cases WHERE id = $1 AND id <> ''`, caseID)
	if err != nil {
		return clock, err
	}
	clock.Pauses, err = list(ctx, q, s.scanPause,
		"SELECT id, reason, note, since, until FROM clock_pauses WHERE case_id = $1 ORDER BY id", caseID)
	return clock, err
}

func (s *Store) scanPause(r row) (p casework.Pause, err error) {
	var id, note, since, until string
	if err = r.Scan(&id, &p.Reason, &note, &since, &until); err != nil {
		return p, err
	}
	if p.Note, err = s.keys.openText(pauseNoteOf(id), note); err != nil {
		return p, err
	}
	return p, errors.Join(p.Since.UnmarshalText([]byte(since)), p.Until.UnmarshalText([]byte(until)))
}

// limit is what the dated parameters say about a matter.
func (s *Store) limit(matter, region string, received casework.Date) (casework.Limit, error) {
	return s.cfg.Params.For(region, received).Limit(matter)
}

// startClock gives a new case its limit and due date. A matter without limit
// keeps the date it came with.
func (s *Store) startClock(c *casework.Case, calendar casework.Calendar) (casework.Limit, error) {
	clock := casework.Clock{Received: casework.DateOf(c.ReceivedAt)}
	var err error
	if clock.Limit, err = s.limit(c.Matter, c.Region, clock.Received); err != nil || clock.Limit.Days == 0 {
		return clock.Limit, err
	}
	c.Due, err = clock.LastDay(calendar)
	if errors.Is(err, casework.ErrNoCalendar) {
		err = nil // open until the year is imported
	}
	return clock.Limit, err
}

// PauseClock stops the clock of a case that waits for somebody else, from the
// next day on. ErrConflict when it stands already or is over.
func (s *Store) PauseClock(ctx context.Context, by casework.Actor, caseID string, reason casework.PauseReason, note string) error {
	if reason != casework.PauseCitizen && reason != casework.PauseOffice {
		return fmt.Errorf("pause the clock: reason %q: want citizen or other_office: %w", reason, ErrInvalid)
	}
	return s.change(ctx, "pause the clock", func(t *tx) error {
		standing, err := one(ctx, t, scalar[int], "SELECT standing FROM cases WHERE id = $1 AND id <> ''", caseID)
		if err != nil {
			return err
		}
		if standing == 1 {
			return fmt.Errorf("the clock stands already: %w", ErrConflict)
		}
		paused, err := t.pauseClock(ctx, by, caseID, reason, note)
		if err == nil && !paused {
			return fmt.Errorf("the case is over: %w", ErrConflict)
		}
		return err
	})
}

// pauseClock stops a running clock; false when it stands or is over.
func (t *tx) pauseClock(ctx context.Context, by casework.Actor, caseID string, reason casework.PauseReason, note string) (bool, error) {
	n, err := t.update(ctx, "UPDATE cases SET standing = 1 WHERE id = $1 AND id <> '' AND standing = 0 AND state NOT IN "+over, caseID)
	if err != nil || n == 0 {
		return false, err
	}
	id := casework.NewID()
	_, err = t.update(ctx, "INSERT INTO clock_pauses (id, case_id, reason, note, since) VALUES ($1, $2, $3, $4, $5)",
		id, caseID, string(reason), t.store.keys.sealText(pauseNoteOf(id), note), casework.DateOf(t.now).String())
	if err != nil {
		return false, err
	}
	if err := t.clear(ctx, "clock", caseID, ""); err != nil {
		return false, err
	}
	return true, t.audit(ctx, by, "clock.pause", caseID, map[string]string{"reason": string(reason), "note": note})
}

// ResumeClock lets a standing clock go on from the next day; the due date moves
// by the days that it stood. ErrConflict when it does not stand.
func (s *Store) ResumeClock(ctx context.Context, by casework.Actor, caseID string) error {
	calendar, err := s.Calendar(ctx)
	if err != nil {
		return err
	}
	return s.change(ctx, "resume the clock", func(t *tx) error {
		standing, err := one(ctx, t, scalar[int], "SELECT standing FROM cases WHERE id = $1 AND id <> ''", caseID)
		if err != nil {
			return err
		}
		if standing == 0 {
			return fmt.Errorf("the clock runs: %w", ErrConflict)
		}
		return t.resumeClock(ctx, by, caseID, "", calendar)
	})
}

// resumeClock ends the standing pause, if it has the reason, or any for "".
func (t *tx) resumeClock(ctx context.Context, by casework.Actor, caseID string, reason casework.PauseReason, calendar casework.Calendar) error {
	n, err := t.update(ctx, `UPDATE clock_pauses SET until = $1 WHERE case_id = $2 AND until = '' AND (reason = $3 OR $3 = '')`,
		casework.DateOf(t.now).String(), caseID, string(reason))
	if err != nil || n == 0 {
		return err
	}
	if err := t.must(ctx, ErrNotFound, "UPDATE cases SET standing = 0 WHERE id = $1", caseID); err != nil {
		return err
	}
	if err := t.audit(ctx, by, "clock.resume", caseID, nil); err != nil {
		return err
	}
	_, err = t.renewDue(ctx, by, caseID, calendar)
	return err
}

// renewDue computes a due date anew and moves that of the live run with it.
func (t *tx) renewDue(ctx context.Context, by casework.Actor, caseID string, calendar casework.Calendar) (moved bool, err error) {
	clock, err := t.store.clockOf(ctx, t, caseID)
	if err != nil {
		return false, err
	}
	day, err := clock.LastDay(calendar)
	if errors.Is(err, casework.ErrPaused) || clock.Limit.Days == 0 {
		_, err := t.update(ctx, "UPDATE cases SET due_stale = 0 WHERE id = $1", caseID)
		return false, err
	}
	if err != nil && !errors.Is(err, casework.ErrNoCalendar) {
		return false, err
	}
	_, err = t.update(ctx, "UPDATE runs SET due = $1, rank = $2 WHERE case_id = $3 AND state IN "+live, dueText(day), rank(day, t.now), caseID)
	if err != nil {
		return false, err
	}
	_, err = t.update(ctx, `UPDATE cases SET due = $1, limit_days = $2, limit_kind = $3, limit_document = $4, due_stale = 0
		WHERE id = $5`, dueText(day), clock.Limit.Days, string(clock.Limit.Kind), clock.Limit.Document, caseID)
	if err != nil || day == clock.Due {
		return false, err
	}
	return true, t.audit(ctx, by, "clock.due", caseID, map[string]string{"from": clock.Due.String(), "to": day.String()})
}

// renewMost bounds the transaction that renews due dates.
const renewMost = 100

// renewDues marks what a changed calendar may move, and once a day what is still
// open, and then computes every marked due date anew. It gives the number of
// those that are another day now.
func (s *Store) renewDues(ctx context.Context) (moved int, err error) {
	calendar, err := s.Calendar(ctx)
	if err != nil {
		return 0, err
	}
	if err := s.markStale(ctx); err != nil {
		return 0, err
	}
	for after := ""; ; {
		stale, err := list(ctx, s.reader, scalar[string],
			"SELECT id FROM cases WHERE due_stale = 1 AND id > $1 ORDER BY id LIMIT $2", after, renewMost)
		if err != nil || len(stale) == 0 {
			return moved, explain("renew due dates", err)
		}
		after = stale[len(stale)-1]
		n, err := s.renewSome(ctx, stale, calendar)
		moved += n
		if err != nil {
			return moved, err
		}
	}
}

func (s *Store) renewSome(ctx context.Context, ids []string, calendar casework.Calendar) (moved int, err error) {
	err = s.change(ctx, "renew due dates", func(t *tx) error {
		moved = 0
		for _, id := range ids {
			ok, err := t.renewDue(ctx, scheduler(), id, calendar)
			if err != nil {
				return err
			}
			if ok {
				moved++
			}
		}
		return nil
	})
	return moved, err
}

// calendarSeen is the setting that says under which calendar, and on which day,
// the due dates were looked at last.
const calendarSeen = "calendar.seen"

func (s *Store) markStale(ctx context.Context) error {
	years, err := s.CalendarYears(ctx)
	if err != nil {
		return err
	}
	text, err := json.Marshal(years)
	if err != nil {
		return fmt.Errorf("calendar: %w", err)
	}
	sum := sha256.Sum256(text)
	hash, day := hex.EncodeToString(sum[:]), casework.DateOf(s.cfg.Now()).String()
	seen, err := list(ctx, s.reader, scalar[string], "SELECT value FROM settings WHERE name = $1", calendarSeen)
	if err != nil || len(seen) > 0 && seen[0] == hash+" "+day {
		return explain("renew due dates", err)
	}
	which := " AND due = '" + noDue + "'"
	if len(seen) > 0 && !strings.HasPrefix(seen[0], hash) {
		which = " AND (due = '" + noDue + "' OR limit_kind = 'working')"
	}
	return s.change(ctx, "renew due dates", func(t *tx) error {
		_, err := t.update(ctx, "UPDATE cases SET due_stale = 1 WHERE id <> '' AND due_stale = 0 AND state NOT IN "+over+which)
		if err != nil {
			return err
		}
		_, err = t.update(ctx, `INSERT INTO settings (name, value) VALUES ($1, $2)
			ON CONFLICT (name) DO UPDATE SET value = excluded.value`, calendarSeen, hash+" "+day)
		return err
	})
}

// WatchClocks sets due dates that a calendar makes known, and raises and clears
// the alerts about time limits and missing calendar years. Any number of
// processes may call it; finding nothing it writes nothing.
func (s *Store) WatchClocks(ctx context.Context) error {
	if _, err := s.renewDues(ctx); err != nil {
		return err
	}
	calendar, err := s.Calendar(ctx)
	if err != nil {
		return err
	}
	today := casework.DateOf(s.cfg.Now())
	return errors.Join(s.watchCalendar(ctx, calendar, today), s.watchDues(ctx, calendar, today))
}

// watchCalendar asks for next year's calendar from 1 November on, and for this
// year's at any time.
func (s *Store) watchCalendar(ctx context.Context, calendar casework.Calendar, today casework.Date) error {
	wanted := []int{today.Year}
	if today.Month >= time.November {
		wanted = append(wanted, today.Year+1)
	}
	for _, year := range wanted {
		name := strconv.Itoa(year)
		standing, err := s.standing(ctx, "calendar", name)
		if err != nil {
			return err
		}
		switch {
		case calendar.Years[year] && len(standing) > 0:
			err = s.Clear(ctx, "calendar", name)
		case !calendar.Years[year] && len(standing) == 0:
			err = s.Raise(ctx, "calendar", name, calendarMissing, map[string]string{"year": name})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// standing gives the codes of the alerts that stand about a subject.
func (s *Store) standing(ctx context.Context, kind, subject string) ([]string, error) {
	codes, err := list(ctx, s.reader, scalar[string],
		"SELECT code FROM alerts WHERE kind = $1 AND subject = $2 AND cleared_at = 0", kind, subject)
	return codes, explain("alerts", err)
}

// The codes of the alerts about time limits, and the working days left at which
// they begin.
const (
	dueIn3  = "due_in_3"
	dueIn1  = "due_in_1"
	overdue = "overdue"
)

// horizon is the last day that lies within n working days after today. Where
// the calendar is not known the warning comes by calendar days, early rather
// than late.
func horizon(calendar casework.Calendar, today casework.Date, n int) casework.Date {
	beyond, err := calendar.Due(today, n+1)
	if err != nil {
		return today.AddDays(n)
	}
	return beyond.AddDays(-1)
}

// warned is the code that a running limit deserves by its due date.
const warned = "CASE WHEN c.due < $1 THEN '" + overdue + "' WHEN c.due <= $2 THEN '" + dueIn1 + "' ELSE '" + dueIn3 + "' END"

// watchDues raises one alert a case, the most pressing, and clears what holds no
// longer.
func (s *Store) watchDues(ctx context.Context, calendar casework.Calendar, today casework.Date) error {
	one, three := horizon(calendar, today, 1).String(), horizon(calendar, today, 3).String()
	const running = "c.id <> '' AND c.standing = 0 AND c.state IN " + ours + " AND c.due <= $3"
	type late struct{ id, number, due, code string }
	for {
		found, err := list(ctx, s.reader, func(r row) (l late, err error) { return l, r.Scan(&l.id, &l.number, &l.due, &l.code) },
			"SELECT c.id, c.number, c.due, "+warned+` FROM cases c WHERE `+running+` AND NOT EXISTS (SELECT 1 FROM alerts a
			WHERE a.kind = 'clock' AND a.subject = c.id AND a.cleared_at = 0 AND a.code = `+warned+") ORDER BY c.id LIMIT $4",
			today.String(), one, three, renewMost)
		if err != nil {
			return explain("watch the clocks", err)
		}
		if len(found) == 0 {
			break
		}
		err = s.change(ctx, "watch the clocks", func(t *tx) error {
			for _, l := range found {
				if err := t.clear(ctx, "clock", l.id, l.code); err != nil {
					return err
				}
				if err := t.raise(ctx, "clock", l.id, l.code, map[string]string{"number": l.number, "due": l.due}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return s.clearDues(ctx, running, today.String(), one, three)
}

func (s *Store) clearDues(ctx context.Context, running string, days ...any) error {
	stale := `kind = 'clock' AND cleared_at = 0 AND NOT EXISTS (SELECT 1 FROM cases c
		WHERE c.id = alerts.subject AND ` + running + " AND alerts.code = " + warned + ")"
	there, err := list(ctx, s.reader, scalar[int], "SELECT 1 FROM alerts WHERE "+stale+" LIMIT 1", days...)
	if err != nil || len(there) == 0 {
		return explain("watch the clocks", err)
	}
	return s.change(ctx, "watch the clocks", func(t *tx) error {
		_, err := t.update(ctx, "UPDATE alerts SET cleared_at = $4 WHERE "+stale, append(days, micros(t.now))...)
		return err
	})
}
