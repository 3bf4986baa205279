package ledger

import (
	"github.com/jingban/jingban/casework"
)

// workdays counts working days by table, so that a distance is one subtraction.
// Days of a year whose holiday notice is not imported count as calendar days:
// nothing is guessed, the window is only narrower.
type workdays struct {
	first Day
	upTo  []uint16
}

func newWorkdays(calendar casework.Calendar, first, last Day) workdays {
	if last < first || first == 0 {
		return workdays{first: first, upTo: []uint16{0}}
	}
	w := workdays{first: first, upTo: make([]uint16, int(last-first)+1)}
	n := uint16(0)
	for i := range w.upTo {
		worked, err := calendar.WorkingDay((first + Day(i)).Date())
		if i > 0 && (worked || err != nil) {
			n++
		}
		w.upTo[i] = n
	}
	return w
}

// apart is the number of working days between two days.
func (w workdays) apart(a, b Day) int {
	x, y := w.at(a), w.at(b)
	if x > y {
		return x - y
	}
	return y - x
}

func (w workdays) at(d Day) int {
	i := int(d) - int(w.first)
	return int(w.upTo[min(max(i, 0), len(w.upTo)-1)])
}

// calendarDays is the distance in calendar days.
func calendarDays(a, b Day) int {
	if a > b {
		return int(a - b)
	}
	return int(b - a)
}
