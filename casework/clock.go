package casework

import (
	"errors"
	"fmt"
)

// LimitKind says which days a limit counts.
type LimitKind string

// The kinds of days.
const (
	WorkingDays  LimitKind = "working"  // 工作日
	CalendarDays LimitKind = "calendar" // 日, weekends and holidays count
)

// Limit is the time the law gives the agency for a matter, counted from the day
// after receipt. The zero value is no limit.
type Limit struct {
	Days     int
	Kind     LimitKind
	Document string
}

// Limit gives the limit of a matter: <matter>.limit_days, and <matter>.limit_kind
// where it is not working days. No limit is no error.
func (v ParamValues) Limit(matter string) (Limit, error) {
	row, ok := v.rows[matter+".limit_days"]
	if !ok {
		return Limit{}, nil
	}
	days, err := v.Int(matter + ".limit_days")
	if err != nil {
		return Limit{}, err
	}
	limit := Limit{Days: days, Kind: WorkingDays, Document: row.Document}
	if kind, ok := v.rows[matter+".limit_kind"]; ok {
		limit.Kind = LimitKind(kind.Value)
	}
	if limit.Kind != WorkingDays && limit.Kind != CalendarDays || days < 1 {
		return Limit{}, fmt.Errorf("the limit of %s is %d %q days: want a positive number of working or calendar days", matter, days, limit.Kind)
	}
	return limit, nil
}

// PauseReason says whom a standing clock waits for.
type PauseReason string

// The reasons to pause.
const (
	PauseCitizen PauseReason = "citizen"      // the citizen completes the materials (补正)
	PauseOffice  PauseReason = "other_office" // another office's finding is awaited
)

// Pause is one stretch in which the clock stood still: the days after Since up
// to and including Until do not count. The day something leaves the agency still
// counts, the day it comes back is a day of receipt and does not.
type Pause struct {
	Reason PauseReason
	Note   string
	Since  Date
	Until  Date // zero: it still stands
}

func (p Pause) covers(d Date) bool {
	return p.Since.Before(d) && (p.Until.IsZero() || !p.Until.Before(d))
}

// Clock is the time limit of one case.
type Clock struct {
	Received Date
	Limit    Limit
	Pauses   []Pause // in order, at most the last still stands
	Due      Date    // as it was computed last; zero: open
}

// ErrPaused says that a clock stands still and has no due date until it goes on.
var ErrPaused = errors.New("the clock is paused")

// Paused gives the pause that still stands.
func (c Clock) Paused() (Pause, bool) {
	if n := len(c.Pauses); n > 0 && c.Pauses[n-1].Until.IsZero() {
		return c.Pauses[n-1], true
	}
	return Pause{}, false
}

// LastDay counts the limit's days from the day after receipt, without those of
// the pauses. It returns ErrPaused while the clock stands, and ErrNoCalendar when
// it runs into a year that is not known; a limit in calendar days never does.
func (c Clock) LastDay(cal Calendar) (Date, error) {
	if _, standing := c.Paused(); standing {
		return Date{}, ErrPaused
	}
	day := c.Received
	for left := c.Limit.Days; left > 0; {
		day = day.AddDays(1)
		counts, err := c.counts(day, cal)
		if err != nil {
			return Date{}, err
		}
		if counts {
			left--
		}
	}
	return day, nil
}

func (c Clock) counts(day Date, cal Calendar) (bool, error) {
	for _, p := range c.Pauses {
		if p.covers(day) {
			return false, nil
		}
	}
	if c.Limit.Kind == CalendarDays {
		return true, nil
	}
	return cal.WorkingDay(day)
}

// Left counts the working days after today up to and including the due date; it
// is negative when the due date has passed. ErrNoCalendar when one of the two
// lies in a year that is not known, or the due date is open.
func (c Clock) Left(today Date, cal Calendar) (int, error) {
	if c.Due.IsZero() {
		return 0, ErrNoCalendar
	}
	return cal.WorkingDaysUntil(today, c.Due)
}
