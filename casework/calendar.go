package casework

import (
	"errors"
	"fmt"
	"time"
)

// ErrNoCalendar says that a day lies in a year whose holiday notice has not
// been imported. Such a year is never guessed as Monday to Friday.
var ErrNoCalendar = errors.New("the working-day calendar of that year is not imported")

// Calendar knows the working days: Monday to Friday, less the public holidays,
// plus the make-up days (调休上班) of the State Council's yearly notice.
type Calendar struct {
	Years    map[int]bool  // years that are known
	Holidays map[Date]bool // days off
	MakeUp   map[Date]bool // Saturdays and Sundays worked
}

// startsAfter says that the first known year lies after the given one.
func (c Calendar) startsAfter(year int) bool {
	for known := range c.Years {
		if known <= year {
			return false
		}
	}
	return true
}

// WorkingDay reports whether d is worked. It returns ErrNoCalendar for a year
// that is not known.
func (c Calendar) WorkingDay(d Date) (bool, error) {
	if !c.Years[d.Year] {
		return false, fmt.Errorf("%d: %w", d.Year, ErrNoCalendar)
	}
	if c.MakeUp[d] {
		return true, nil
	}
	weekday := d.Time().Weekday()
	return weekday != time.Saturday && weekday != time.Sunday && !c.Holidays[d], nil
}

// Due gives the last day of a limit of n working days, counted from the day
// after receipt. It returns ErrNoCalendar when the limit runs into an unknown
// year; the due date is then shown as open.
func (c Calendar) Due(received Date, n int) (Date, error) {
	d := received
	for n > 0 {
		d = d.AddDays(1)
		worked, err := c.WorkingDay(d)
		if err != nil {
			return Date{}, err
		}
		if worked {
			n--
		}
	}
	return d, nil
}

// WorkingDaysUntil counts the working days after from, up to and including to.
// It is negative when to lies before from.
func (c Calendar) WorkingDaysUntil(from, to Date) (int, error) {
	if to.Before(from) {
		n, err := c.WorkingDaysUntil(to, from)
		return -n, err
	}
	n := 0
	for d := from; d.Before(to); {
		d = d.AddDays(1)
		worked, err := c.WorkingDay(d)
		if err != nil {
			return 0, err
		}
		if worked {
			n++
		}
	}
	return n, nil
}
