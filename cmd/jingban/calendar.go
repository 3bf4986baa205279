package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

// calendarCommand keeps the working-day calendar.
type calendarCommand struct {
	Show   calendarShow   `cmd:"" help:"List the years that are known, or the days of one."`
	Import calendarImport `cmd:"" help:"Bring in the notice of a year, written as casework/params/calendar.yaml is; open due dates are set at once."`
}

type calendarShow struct {
	Year int `arg:"" optional:""`
}

// Run prints one year a line, or the days off and the make-up days of one.
func (c calendarShow) Run(ctx context.Context, term console, cfg *Config) error {
	return withBooks(ctx, term, cfg, func(s *store.Store) error {
		years, err := s.CalendarYears(ctx)
		if err != nil {
			return err
		}
		shown := false
		for _, y := range years {
			if c.Year != 0 && y.Year != c.Year {
				continue
			}
			shown = true
			if err := showYear(term, y, c.Year != 0); err != nil {
				return err
			}
		}
		if !shown {
			return fmt.Errorf("%d: %w", c.Year, casework.ErrNoCalendar)
		}
		return nil
	})
}

func showYear(term console, y casework.CalendarYear, days bool) error {
	worked, err := y.WorkingDays()
	if err != nil {
		return err
	}
	fmt.Fprintf(term.out, "%d  %s  %s\n", y.Year, fmt.Sprintf(term.say("%d 个工作日", "%d working days"), worked), y.Document)
	if !days {
		return nil
	}
	for _, h := range y.Holidays {
		fmt.Fprintf(term.out, "  %s  %s – %s  %s\n", term.say("放假", "off   "), h.From, h.To, h.Name)
	}
	for _, d := range y.MakeUp {
		fmt.Fprintf(term.out, "  %s  %s\n", term.say("上班", "worked"), d)
	}
	return nil
}

type calendarImport struct {
	File string `arg:"" type:"existingfile"`
}

// Run keeps the years of the file.
func (c calendarImport) Run(ctx context.Context, term console, cfg *Config) error {
	text, err := os.ReadFile(c.File)
	if err != nil {
		return fmt.Errorf("calendar: %w", err)
	}
	years, err := casework.ParseCalendarYears(filepath.Base(c.File), text)
	if err != nil {
		return err
	}
	return withBooks(ctx, term, cfg, func(s *store.Store) error {
		moved, err := s.ImportCalendar(ctx, atTerminal(), years)
		if err != nil {
			return err
		}
		for _, y := range years {
			if err := showYear(term, y, false); err != nil {
				return err
			}
		}
		fmt.Fprintf(term.out, term.say("%d 件的办理期限已更新\n", "%d due dates set or moved\n"), moved)
		return nil
	})
}
