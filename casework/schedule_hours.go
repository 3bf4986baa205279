package casework

import (
	"fmt"
	"strings"
	"time"
)

// Hours are the hours of the day in which a schedule may start work, from the
// first to the last minute inclusive; the last before the first means over
// midnight. The zero value is always open.
type Hours struct {
	from, to int // minutes after midnight
	limited  bool
	working  bool // on working days only, judged by the day of the moment
}

// ParseHours reads "" (always), "8:30-17:00", "22:00-6:00" or "工作日 8:30-17:00".
// The error is a *RuleError.
func ParseHours(text string) (Hours, error) {
	if strings.TrimSpace(text) == "" {
		return Hours{}, nil
	}
	p := phrase{rest: compact(text)}
	h := Hours{limited: true}
	h.working = p.cut("每个工作日", "工作日", "workdays")
	var fromOK, toOK bool
	h.from, fromOK = p.timeOfDay()
	dash := p.cut("-", "–", "—", "~", "到", "至")
	h.to, toOK = p.timeOfDay()
	if !fromOK || !dash || !toOK || p.rest != "" {
		return Hours{}, &RuleError{Rule: text, Zh: "看不懂开放时间；例如：8:30-17:00，工作日 8:30-17:00，22:00-6:00",
			En: "these open hours are not understood; for example: 8:30-17:00, 工作日 8:30-17:00 (working days only), 22:00-6:00"}
	}
	return h, nil
}

// String writes the hours as ParseHours reads them.
func (h Hours) String() string {
	if !h.limited {
		return ""
	}
	span := fmt.Sprintf("%d:%02d-%d:%02d", h.from/60, h.from%60, h.to/60, h.to%60)
	if h.working {
		return "工作日 " + span
	}
	return span
}

func (h Hours) open(minute int) bool {
	if h.from <= h.to {
		return minute >= h.from && minute <= h.to
	}
	return minute >= h.from || minute <= h.to
}

// Next gives the first open moment that is not before at; ErrNoCalendar when it
// hangs on a year that is not known.
func (h Hours) Next(at time.Time, c Calendar) (time.Time, error) {
	if !h.limited {
		return at, nil
	}
	for day := DateOf(at); ; day = day.AddDays(1) {
		if h.working {
			worked, err := c.WorkingDay(day)
			if err != nil {
				return time.Time{}, err
			}
			if !worked {
				continue
			}
		}
		if open, ok := h.within(day, at); ok {
			return open, nil
		}
	}
}

// within gives the first open moment of a day that is not before at.
func (h Hours) within(day Date, at time.Time) (time.Time, bool) {
	midnight := day.Time()
	if at.Before(midnight) {
		at = midnight
	}
	if h.open(int(at.Sub(midnight) / time.Minute)) {
		return at, true
	}
	open := midnight.Add(time.Duration(h.from) * time.Minute)
	return open, !open.Before(at)
}
