package casework

import (
	"cmp"
	"errors"
	"fmt"
	"time"
)

// Limits say how a foreign system (a target) may be used: its owner's terms. The
// zero value is one seat around the clock.
type Limits struct {
	Seats     int      `json:"seats"`      // signed-in sessions at once; 0 counts as 1
	PerMinute int      `json:"per_minute"` // pages asked for a minute, over all seats; 0: no limit
	PerDay    int      `json:"per_day"`    // runs a calendar day and robot account; 0: no limit
	Hours     []string `json:"hours,omitempty"`
	Closed    []Closed `json:"closed,omitempty"`
	Canary    bool     `json:"canary"`     // look before the first run of the day
	LastStart int      `json:"last_start"` // minutes: nothing is started so shortly before closing
	// Pause is how many seconds the target is left in peace after three faults in
	// a row, doubled with each fault of a later try; 0 counts as 60.
	Pause int `json:"pause,omitempty"`
}

// Closed are days on which nothing is entered, both included: 封账, 月结.
type Closed struct {
	From Date   `json:"from"`
	To   Date   `json:"to"`
	Name string `json:"name"`
}

// Check says what is wrong with the limits, for the person who sets them.
func (l Limits) Check() error {
	var errs []error
	if l.Seats < 0 || l.Seats > 99 {
		errs = append(errs, errors.New("seats: want 1 to 99"))
	}
	if l.PerMinute < 0 || l.PerDay < 0 || l.LastStart < 0 || l.LastStart > 24*60 {
		errs = append(errs, errors.New("per_minute, per_day and last_start must not be negative"))
	}
	if l.Pause < 0 || l.Pause > 24*60*60 {
		errs = append(errs, errors.New("pause: want 0 to 86400 seconds"))
	}
	for _, text := range l.Hours {
		if _, err := ParseHours(text); err != nil || text == "" {
			errs = append(errs, fmt.Errorf("hours %q: want a form like 8:30-17:00 or 工作日 8:30-17:00", text))
		}
	}
	for _, c := range l.Closed {
		if c.From.IsZero() || c.To.IsZero() || c.To.Before(c.From) {
			errs = append(errs, fmt.Errorf("closed %q: want a first and a last day in order", c.Name))
		}
	}
	return errors.Join(errs...)
}

// SeatCount is the number of seats, at least 1.
func (l Limits) SeatCount() int { return max(l.Seats, 1) }

// FirstPause is how long the first pause lasts.
func (l Limits) FirstPause() time.Duration {
	return time.Duration(cmp.Or(l.Pause, 60)) * time.Second
}

// Shut says why nothing may be started at the moment: "closed_days",
// "closed_hours", "calendar_missing", or "" when it may.
func (l Limits) Shut(at time.Time, c Calendar) string {
	for _, moment := range []time.Time{at, at.Add(time.Duration(l.LastStart) * time.Minute)} {
		if why := l.shutAt(moment, c); why != "" {
			return why
		}
	}
	return ""
}

func (l Limits) shutAt(at time.Time, c Calendar) string {
	day := DateOf(at)
	for _, closed := range l.Closed {
		if !day.Before(closed.From) && !closed.To.Before(day) {
			return "closed_days"
		}
	}
	why := "closed_hours"
	for _, text := range l.Hours {
		hours, err := ParseHours(text)
		if err != nil {
			continue
		}
		open, err := hours.Next(at, c)
		if errors.Is(err, ErrNoCalendar) {
			why = "calendar_missing"
		}
		if err == nil && open.Equal(at) {
			return ""
		}
	}
	if len(l.Hours) == 0 {
		return ""
	}
	return why
}
