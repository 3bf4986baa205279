package casework_test

import (
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
)

func TestLimitsShutOutsideTheHoursAndOnClosedDays(t *testing.T) {
	limits := casework.Limits{
		Hours:     []string{"工作日 8:30-17:00", "22:00-23:30"},
		Closed:    []casework.Closed{{From: day(t, "2026-03-10"), To: day(t, "2026-03-12"), Name: "封账"}},
		LastStart: 10,
	}
	if err := limits.Check(); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ at, want string }{
		{"2026-03-06 08:29", "closed_hours"},
		{"2026-03-06 08:30", ""},
		{"2026-03-06 16:50", ""},
		{"2026-03-06 16:51", "closed_hours"}, // less than ten minutes left
		{"2026-03-07 10:00", "closed_hours"}, // Saturday
		{"2026-03-07 22:15", ""},
		{"2026-03-10 10:00", "closed_days"},
		{"2026-03-12 22:15", "closed_days"},
		{"2026-03-13 10:00", ""},
		{"2031-03-13 10:00", "calendar_missing"},
	} {
		at, err := time.ParseInLocation("2006-01-02 15:04", tc.at, casework.China)
		if err != nil {
			t.Fatal(err)
		}
		if got := limits.Shut(at, calendar(t)); got != tc.want {
			t.Errorf("%s: shut = %q; want %q", tc.at, got, tc.want)
		}
	}
	if (casework.Limits{}).Shut(time.Now(), casework.Calendar{}) != "" {
		t.Error("no limits, and yet shut")
	}
}

func TestLimitsAreCheckedBeforeTheyAreSet(t *testing.T) {
	for _, bad := range []casework.Limits{
		{Seats: 100}, {PerDay: -1}, {PerMinute: -1}, {LastStart: -1}, {Hours: []string{"morning"}}, {Hours: []string{""}},
		{Closed: []casework.Closed{{From: day(t, "2026-03-10"), To: day(t, "2026-03-09")}}}, {Closed: []casework.Closed{{}}},
	} {
		if bad.Check() == nil {
			t.Errorf("%+v passed", bad)
		}
	}
}
