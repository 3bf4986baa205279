package casework_test

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/jingban/jingban/casework"
)

func calendar(t *testing.T) casework.Calendar {
	t.Helper()
	c, err := casework.LoadCalendar(nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCalendarHas248WorkingDaysIn2025AndIn2026(t *testing.T) {
	c := calendar(t)
	for _, year := range []int{2025, 2026} {
		n := 0
		for d := (casework.Date{Year: year, Month: 1, Day: 1}); d.Year == year; d = d.AddDays(1) {
			worked, err := c.WorkingDay(d)
			if err != nil {
				t.Fatal(err)
			}
			if worked {
				n++
			}
		}
		if n != 248 {
			t.Errorf("working days in %d = %d; want 248", year, n)
		}
	}
}

func TestDueMatchesTheWorkedExamples(t *testing.T) {
	seen := 0
	eachExample(t, "common.work_days", func(t *testing.T, inputs, expected json.RawMessage) {
		seen++
		dueExample(t, inputs, expected)
	})
	if seen != 3 {
		t.Errorf("%d examples of common.work_days; want 3", seen)
	}
}

// eachExample runs a test for every worked example of a module.
func eachExample(t *testing.T, module string, test func(t *testing.T, inputs, expected json.RawMessage)) {
	t.Helper()
	text, err := os.ReadFile("testdata/worked-examples.json")
	if err != nil {
		t.Fatal(err)
	}
	var sheet struct {
		Examples []struct {
			ID, Module string
			Inputs     json.RawMessage
			Expected   json.RawMessage
		}
	}
	if err := json.Unmarshal(text, &sheet); err != nil {
		t.Fatal(err)
	}
	for _, example := range sheet.Examples {
		if example.Module == module {
			t.Run(example.ID, func(t *testing.T) { test(t, example.Inputs, example.Expected) })
		}
	}
}

// dueExample reads the example's own list of days as the whole calendar.
func dueExample(t *testing.T, inputs, expected json.RawMessage) {
	var in struct {
		Received casework.Date
		Limit    int
		Holidays []casework.Date
		MakeUp   []casework.Date `json:"make_up_days"`
	}
	var want struct{ Due casework.Date }
	if err := errors.Join(json.Unmarshal(inputs, &in), json.Unmarshal(expected, &want)); err != nil {
		t.Fatal(err)
	}
	c := casework.Calendar{Years: map[int]bool{2026: true}, Holidays: map[casework.Date]bool{}, MakeUp: map[casework.Date]bool{}}
	for _, d := range in.Holidays {
		c.Holidays[d] = true
	}
	for _, d := range in.MakeUp {
		c.MakeUp[d] = true
	}
	if got, err := (casework.Clock{Received: in.Received, Limit: days(in.Limit)}).LastDay(c); err != nil || got != want.Due {
		t.Errorf("the clock's last day = %s, %v; want %s", got, err, want.Due)
	}
	got, err := c.Due(in.Received, in.Limit)
	if err != nil || got != want.Due {
		t.Fatalf("due = %s, %v; want %s", got, err, want.Due)
	}
}

func TestDueInAnUnknownYearIsOpen(t *testing.T) {
	c := calendar(t)
	if _, err := c.Due(day(t, "2026-12-25"), 10); !errors.Is(err, casework.ErrNoCalendar) {
		t.Errorf("due over the end of 2026: error = %v; want ErrNoCalendar", err)
	}
	if _, err := c.WorkingDaysUntil(day(t, "2026-12-30"), day(t, "2027-01-04")); !errors.Is(err, casework.ErrNoCalendar) {
		t.Errorf("days into 2027: error = %v; want ErrNoCalendar", err)
	}
	if _, err := c.WorkingDaysUntil(day(t, "2027-01-04"), day(t, "2026-12-30")); !errors.Is(err, casework.ErrNoCalendar) {
		t.Errorf("days back from 2027: error = %v; want ErrNoCalendar", err)
	}
}

func TestWorkingDaysUntilIsTheInverseOfDue(t *testing.T) {
	c := calendar(t)
	for d := day(t, "2025-01-01"); d.Before(day(t, "2026-10-01")); d = d.AddDays(7) {
		for _, n := range []int{0, 1, 5, 10, 20} {
			due, err := c.Due(d, n)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := c.WorkingDaysUntil(d, due); err != nil || got != n {
				t.Fatalf("from %s to %s = %d, %v; want %d", d, due, got, err, n)
			}
			if back, err := c.WorkingDaysUntil(due, d); err != nil || back != -n {
				t.Fatalf("back from %s to %s = %d, %v; want %d", due, d, back, err, -n)
			}
		}
	}
}

func TestAgencyAddsAYearAndLocalDays(t *testing.T) {
	c, err := casework.LoadCalendar(folder("params/calendar.yaml", `years:
  2026:
    document: 广西
    holidays: [{name: 三月三, from: 2026-04-19, to: 2026-04-22}]
  2027:
    document: test
    holidays: []
`))
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{"2026-04-21": false, "2026-04-23": true, "2026-10-01": false, "2027-01-04": true} {
		if got, err := c.WorkingDay(day(t, text)); err != nil || got != want {
			t.Errorf("%s worked = %v, %v; want %v", text, got, err, want)
		}
	}
	if without, err := casework.LoadCalendar(folder("other.yaml", "a: 1")); err != nil || len(without.Years) != 2 {
		t.Errorf("a folder without calendar: %v, %v", without.Years, err)
	}
}

func TestLoadCalendarNamesTheMistake(t *testing.T) {
	for text, want := range map[string]string{
		"years:\n  2027:\n    holidays: [{name: x, from: 2026-12-31, to: 2027-01-01}]\n": "params/calendar.yaml:",
		"years:\n  2027:\n    holidays: [{name: x, from: 2027-01-02, to: 2027-01-01}]\n": "in order",
		"years:\n  2027:\n    make_up: [2026-01-01]\n":                                   "does not lie in 2027",
		"year:\n  2027: {}\n": "calendar.yaml:1:1: unknown field",
	} {
		if _, err := casework.LoadCalendar(folder("params/calendar.yaml", text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error = %v; want it to hold %q", err, want)
		}
	}
}
