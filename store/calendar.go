package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/jingban/jingban/casework"
)

// knownCalendar is the calendar of a set of years, kept until the set changes.
type knownCalendar struct {
	stamp    string // of the imported years
	calendar casework.Calendar
}

// Calendar gives the working days: the years of this release, each replaced by
// the one that the agency imported.
func (s *Store) Calendar(ctx context.Context) (casework.Calendar, error) {
	stamp, err := one(ctx, s.reader, scalar[string],
		"SELECT CAST(COUNT(*) AS TEXT) || '/' || CAST(COALESCE(SUM(imported_at), 0) AS TEXT) FROM calendar_years")
	if err != nil {
		return casework.Calendar{}, explain("calendar", err)
	}
	if known := s.calendar.Load(); known != nil && known.stamp == stamp {
		return known.calendar, nil
	}
	years, err := s.CalendarYears(ctx)
	if err != nil {
		return casework.Calendar{}, err
	}
	calendar, err := casework.NewCalendar(years...)
	if err != nil {
		return casework.Calendar{}, fmt.Errorf("calendar: %w", err)
	}
	s.calendar.Store(&knownCalendar{stamp: stamp, calendar: calendar})
	return calendar, nil
}

// CalendarYears gives the same as data, the earliest year first.
func (s *Store) CalendarYears(ctx context.Context) ([]casework.CalendarYear, error) {
	years, err := casework.EmbeddedYears()
	if err != nil {
		return nil, fmt.Errorf("calendar: %w", err)
	}
	imported, err := list(ctx, s.reader, func(r row) (y casework.CalendarYear, err error) {
		var text string
		if err = r.Scan(&text); err != nil {
			return y, err
		}
		return y, json.Unmarshal([]byte(text), &y)
	}, "SELECT data FROM calendar_years ORDER BY year")
	if err != nil {
		return nil, explain("calendar", err)
	}
	for _, y := range imported {
		years = slices.DeleteFunc(years, func(e casework.CalendarYear) bool { return e.Year == y.Year })
	}
	years = append(years, imported...)
	slices.SortFunc(years, func(a, b casework.CalendarYear) int { return a.Year - b.Year })
	return years, nil
}

// ImportCalendar keeps years, each in place of the one there was, sets the due
// dates that were open and moves those that the change moves. It gives the
// number of cases whose due date is another one now. ErrInvalid for a year that
// cannot be right; nothing is kept then.
func (s *Store) ImportCalendar(ctx context.Context, by casework.Actor, years []casework.CalendarYear) (cases int, err error) {
	for _, y := range years {
		if err := y.Check(); err != nil {
			return 0, fmt.Errorf("import the calendar: %w: %w", err, ErrInvalid)
		}
	}
	err = s.change(ctx, "import the calendar", func(t *tx) error {
		for _, y := range years {
			if err := t.importYear(ctx, by, y); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return s.renewDues(ctx)
}

func (t *tx) importYear(ctx context.Context, by casework.Actor, y casework.CalendarYear) error {
	text, err := jsonText(y)
	if err != nil {
		return err
	}
	_, err = t.update(ctx, `INSERT INTO calendar_years (year, data, imported_by, imported_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (year) DO UPDATE SET data = excluded.data, imported_by = excluded.imported_by,
		imported_at = CASE WHEN excluded.imported_at > calendar_years.imported_at THEN excluded.imported_at
			ELSE calendar_years.imported_at + 1 END`, y.Year, text, by.Name, micros(t.now))
	if err != nil {
		return err
	}
	name := fmt.Sprint(y.Year)
	if err := t.clear(ctx, "calendar", name, ""); err != nil {
		return err
	}
	return t.audit(ctx, by, "calendar.import", name, map[string]any{
		"document": y.Document, "holidays": len(y.Holidays), "make_up": len(y.MakeUp)})
}
