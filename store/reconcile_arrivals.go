package store

import (
	"context"
	"time"

	"github.com/jingban/jingban/casework"
)

// FundDay is one day of an account: whether its statement is expected, has come,
// and what the comparison found.
type FundDay struct {
	Day     casework.Date
	Working bool
	Arrived bool
	Due     time.Time   // by when the statement is there; zero for a day that expects none
	Result  *FundResult // nil: not compared
}

// Missing says that the statement should be there and is not.
func (d FundDay) Missing(now time.Time) bool {
	return !d.Due.IsZero() && !d.Arrived && now.After(d.Due)
}

// watchedDays is how far back a missing statement is looked for: a month and a
// bit, so that no month end slips through.
const watchedDays = 40

// FundCalendar gives the days of a period. A day of a year without calendar
// expects nothing.
func (s *Store) FundCalendar(ctx context.Context, a FundAccount, from, to casework.Date) ([]FundDay, error) {
	calendar, err := s.Calendar(ctx)
	if err != nil {
		return nil, err
	}
	files, err := s.FundFiles(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	results, err := s.FundDays(ctx, a.ID, from, to)
	if err != nil {
		return nil, err
	}
	byDay := map[casework.Date]*FundResult{}
	for i := range results {
		byDay[results[i].Day] = &results[i]
	}
	var days []FundDay
	for day := from; !to.Before(day); day = day.AddDays(1) {
		d := FundDay{Day: day, Result: byDay[day], Arrived: covered(files, day)}
		worked, err := calendar.WorkingDay(day)
		if d.Working = err == nil && worked; d.Working && !day.Before(a.Begins) {
			d.Due = dueFor(calendar, day, a.DueBy)
		}
		days = append(days, d)
	}
	return days, nil
}

func covered(files []FundFile, day casework.Date) bool {
	for _, f := range files {
		if f.Kind == FundBank && f.State == FundFileKept && !f.First.IsZero() && !day.Before(f.First) && !f.Last.Before(day) {
			return true
		}
	}
	return false
}

// dueFor is the hour of the next working day; zero when the calendar does not say.
func dueFor(calendar casework.Calendar, day casework.Date, hour string) time.Time {
	at, err := time.Parse("15:04", hour)
	if err != nil {
		return time.Time{}
	}
	for next := day.AddDays(1); ; next = next.AddDays(1) {
		worked, err := calendar.WorkingDay(next)
		if err != nil {
			return time.Time{}
		}
		if worked {
			return next.Time().Add(time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute)
		}
	}
}

// WatchFunds raises an alarm for every statement that should be there and is not,
// ends those that have come, and hints again at comparisons that nobody has done.
func (s *Store) WatchFunds(ctx context.Context) error {
	accounts, err := s.FundAccounts(ctx)
	if err != nil {
		return err
	}
	now := s.cfg.Now()
	today := casework.DateOf(now)
	for _, a := range accounts {
		days, err := s.FundCalendar(ctx, a, today.AddDays(-watchedDays), today.AddDays(-1))
		if err != nil {
			return err
		}
		var missing []string
		for _, d := range days {
			if d.Missing(now) {
				missing = append(missing, d.Day.String())
			}
		}
		if err := s.alarmArrivals(ctx, a, missing); err != nil {
			return err
		}
	}
	return s.rehintFunds(ctx)
}

func fundArrival(account, day string) string { return account + "/" + day }

// alarmArrivals has one alarm stand for each missing day.
func (s *Store) alarmArrivals(ctx context.Context, a FundAccount, missing []string) error {
	standing, err := list(ctx, s.reader, scalar[string], "SELECT subject FROM alerts WHERE kind = 'fund' AND code = 'statement_missing' AND cleared_at = 0")
	if err != nil {
		return explain("watch the funds", err)
	}
	want := map[string]string{}
	for _, day := range missing {
		want[fundArrival(a.Name, day)] = day
	}
	return s.change(ctx, "watch the funds", func(t *tx) error {
		for _, subject := range standing {
			if _, still := want[subject]; !still && len(subject) > len(a.Name) && subject[:len(a.Name)+1] == a.Name+"/" {
				if err := t.clear(ctx, "fund", subject, ""); err != nil {
					return err
				}
			}
		}
		for subject, day := range want {
			if err := t.raise(ctx, "fund", subject, "statement_missing", map[string]string{"account": a.Name, "day": day}); err != nil {
				return err
			}
		}
		return nil
	})
}

// rehintAfter is how long an ordered comparison may wait for its hint.
const rehintAfter = 5 * time.Minute

func (s *Store) rehintFunds(ctx context.Context) error {
	return s.change(ctx, "hint at reconciliations", func(t *tx) error {
		late, err := list(ctx, t, scalar[string], "SELECT id FROM fund_results WHERE state = 'ordered' AND hinted_at < $1 ORDER BY id LIMIT 20", micros(t.now.Add(-rehintAfter)))
		if err != nil {
			return err
		}
		for _, id := range late {
			if _, err := t.update(ctx, "UPDATE fund_results SET hinted_at = $1 WHERE id = $2", micros(t.now), id); err != nil {
				return err
			}
			if err := t.hint(ctx, taskReconcile, id); err != nil {
				return err
			}
		}
		return nil
	})
}
