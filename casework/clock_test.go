package casework_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/jingban/jingban/casework"
)

func days(n int) casework.Limit { return casework.Limit{Days: n, Kind: casework.WorkingDays} }

func TestLimitsComeFromTheDatedParameters(t *testing.T) {
	p, err := casework.LoadParams(folder("params/own.yaml", `params:
  - name: injury_decision.limit_days
    rows: [{region: "379900", from: 2020-01-01, value: "60", document: d}]
  - name: injury_decision.limit_kind
    rows: [{region: "379900", from: 2020-01-01, value: calendar, document: d}]
  - name: wrong.limit_days
    rows: [{region: "379900", from: 2020-01-01, value: "5", document: d}]
  - name: wrong.limit_kind
    rows: [{region: "379900", from: 2020-01-01, value: lunar, document: d}]
`))
	if err != nil {
		t.Fatal(err)
	}
	on := day(t, "2026-03-06")
	for _, tt := range []struct {
		matter, region string
		days           int
		kind           casework.LimitKind
	}{
		{"unemployment_claim", "379900", 10, casework.WorkingDays},
		{"unemployment_claim", "440106", 7, casework.WorkingDays},
		{"injury_decision", "379900", 60, casework.CalendarDays},
		{"injury_decision", "440106", 0, ""},
		{"nothing", "379900", 0, ""},
	} {
		got, err := p.For(tt.region, on).Limit(tt.matter)
		if err != nil || got.Days != tt.days || got.Kind != tt.kind {
			t.Errorf("%s in %s: %+v, %v; want %d %s days", tt.matter, tt.region, got, err, tt.days, tt.kind)
		}
	}
	if _, err := p.For("379900", on).Limit("wrong"); err == nil || !strings.Contains(err.Error(), "lunar") {
		t.Errorf("an unknown kind: %v", err)
	}
}

func TestClockCountsWithoutThePauses(t *testing.T) {
	c := calendar(t)
	pause := func(since, until string) casework.Pause {
		p := casework.Pause{Reason: casework.PauseCitizen, Since: day(t, since)}
		if until != "" {
			p.Until = day(t, until)
		}
		return p
	}
	for name, tt := range map[string]struct {
		received string
		limit    casework.Limit
		pauses   []casework.Pause
		want     string
	}{
		"no pause":                     {"2026-03-06", days(10), nil, "2026-03-20"},
		"over a weekend, 2 days":       {"2026-03-06", days(10), []casework.Pause{pause("2026-03-12", "2026-03-16")}, "2026-03-24"},
		"back on the same day":         {"2026-03-06", days(10), []casework.Pause{pause("2026-03-12", "2026-03-12")}, "2026-03-20"},
		"only a weekend":               {"2026-03-06", days(10), []casework.Pause{pause("2026-03-13", "2026-03-15")}, "2026-03-20"},
		"twice, the same day both":     {"2026-03-06", days(10), []casework.Pause{pause("2026-03-09", "2026-03-10"), pause("2026-03-10", "2026-03-11")}, "2026-03-24"},
		"over the long holiday":        {"2026-02-11", days(5), []casework.Pause{pause("2026-02-13", "2026-02-24")}, "2026-02-27"},
		"calendar days":                {"2026-03-06", casework.Limit{Days: 60, Kind: casework.CalendarDays}, nil, "2026-05-05"},
		"calendar days, 10 of them":    {"2026-03-06", casework.Limit{Days: 60, Kind: casework.CalendarDays}, []casework.Pause{pause("2026-03-10", "2026-03-20")}, "2026-05-15"},
		"calendar days know no border": {"2026-12-20", casework.Limit{Days: 60, Kind: casework.CalendarDays}, nil, "2027-02-18"},
	} {
		clock := casework.Clock{Received: day(t, tt.received), Limit: tt.limit, Pauses: tt.pauses}
		if got, err := clock.LastDay(c); err != nil || got != day(t, tt.want) {
			t.Errorf("%s: %s, %v; want %s", name, got, err, tt.want)
		}
	}
	standing := casework.Clock{Received: day(t, "2026-03-06"), Limit: days(10), Pauses: []casework.Pause{pause("2026-03-09", "")}}
	if _, err := standing.LastDay(c); !errors.Is(err, casework.ErrPaused) {
		t.Errorf("a standing clock: %v; want ErrPaused", err)
	}
	late := casework.Clock{Received: day(t, "2026-12-25"), Limit: days(10)}
	if _, err := late.LastDay(c); !errors.Is(err, casework.ErrNoCalendar) {
		t.Errorf("into an unknown year: %v; want ErrNoCalendar", err)
	}
}

// TestPauseMovesTheDueDateByItsWorkingDays is the rule itself, against the way
// of counting.
func TestPauseMovesTheDueDateByItsWorkingDays(t *testing.T) {
	c := calendar(t)
	for received := day(t, "2025-02-01"); received.Before(day(t, "2026-08-01")); received = received.AddDays(5) {
		for since := range 12 {
			for length := range 15 {
				p := casework.Pause{Since: received.AddDays(since)}
				p.Until = p.Since.AddDays(length)
				before, err := casework.Clock{Received: received, Limit: days(10)}.LastDay(c)
				if err != nil || !p.Since.Before(before) {
					continue
				}
				stood, err := c.WorkingDaysUntil(p.Since, p.Until)
				if err != nil {
					t.Fatal(err)
				}
				want, err := c.Due(before, stood)
				if err != nil {
					t.Fatal(err)
				}
				got, err := casework.Clock{Received: received, Limit: days(10), Pauses: []casework.Pause{p}}.LastDay(c)
				if err != nil || got != want {
					t.Fatalf("received %s, paused %s to %s: %s, %v; want %s", received, p.Since, p.Until, got, err, want)
				}
			}
		}
	}
}

func TestLeftIsNegativeWhenLate(t *testing.T) {
	c := calendar(t)
	clock := casework.Clock{Due: day(t, "2026-03-20")}
	for today, want := range map[string]int{"2026-03-16": 4, "2026-03-17": 3, "2026-03-20": 0, "2026-03-22": 0, "2026-03-23": -1} {
		if got, err := clock.Left(day(t, today), c); err != nil || got != want {
			t.Errorf("on %s: %d, %v; want %d", today, got, err, want)
		}
	}
	if _, err := (casework.Clock{}).Left(day(t, "2026-03-20"), c); !errors.Is(err, casework.ErrNoCalendar) {
		t.Errorf("an open due date: %v", err)
	}
}

func TestInjuryLimitMatchesTheWorkedExamples(t *testing.T) {
	seen := 0
	eachExample(t, "injury.time_limit", func(t *testing.T, inputs, expected json.RawMessage) {
		seen++
		var in struct{ Accident, Applied casework.Date }
		var want struct {
			Employer   casework.Date `json:"employer_deadline"`
			Individual casework.Date `json:"individual_deadline"`
			Accepted   bool
			Late       bool
			Costs      *casework.Date `json:"costs_borne_by_employer_until"`
		}
		if err := errors.Join(json.Unmarshal(inputs, &in), json.Unmarshal(expected, &want)); err != nil {
			t.Fatal(err)
		}
		if want.Costs == nil {
			want.Costs = &casework.Date{}
		}
		got := casework.LimitOfInjury(in.Accident, in.Applied)
		if !want.Employer.IsZero() && got.EmployerDeadline != want.Employer || !want.Individual.IsZero() && got.IndividualDeadline != want.Individual {
			t.Errorf("deadlines: %+v; want %+v", got, want)
		}
		if got.Accepted != want.Accepted || got.Late != want.Late || got.CostsUntil != *want.Costs {
			t.Errorf("%+v; want %+v until %s", got, want, want.Costs)
		}
	})
	if seen != 4 {
		t.Errorf("%d examples of injury.time_limit; want 4", seen)
	}
	if got := casework.LimitOfInjury(day(t, "2024-02-29"), day(t, "2025-02-28")); got.IndividualDeadline != day(t, "2025-02-28") || !got.Accepted {
		t.Errorf("a year after 29 February: %+v", got)
	}
}

func TestImportedYearIsChecked(t *testing.T) {
	good := "years:\n  2027:\n    document: d\n    holidays: [{name: 元旦, from: 2027-01-01, to: 2027-01-03}]\n    make_up: [2027-01-09]\n"
	years, err := casework.ParseCalendarYears("f.yaml", []byte(good))
	if err != nil || len(years) != 1 || years[0].Year != 2027 {
		t.Fatalf("%+v, %v", years, err)
	}
	if n, err := years[0].WorkingDays(); err != nil || n != 261 { // 261 weekdays, less a Friday, plus a Saturday
		t.Errorf("working days of 2027: %d, %v; want 261", n, err)
	}
	for change, want := range map[[2]string]string{
		{"document: d", "document: \"\""}:                             "document it comes from",
		{"[{name: 元旦, from: 2027-01-01, to: 2027-01-03}]", "[]"}:      "no holidays at all",
		{"to: 2027-01-03", "to: 2026-12-31"}:                          "in order",
		{"to: 2027-01-03", "to: 2027-03-03"}:                          "more than 31 days",
		{"[2027-01-09]", "[2027-01-08]"}:                              "no Saturday or Sunday",
		{"[2027-01-09]", "[2027-01-02]"}:                              "a day off (元旦)",
		{"[2027-01-09]", "[2027-01-09, 2027-01-09]"}:                  "twice",
		{"[2027-01-09]", "[2026-01-10]"}:                              "does not lie in 2027",
		{"03}]", "03}, {name: b, from: 2027-01-03, to: 2027-01-03}]"}: "belongs to 元旦 already",
		{good, "years: {}\n"}:                                         "holds no year",
	} {
		_, err := casework.ParseCalendarYears("f.yaml", []byte(strings.Replace(good, change[0], change[1], 1)))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "f.yaml") {
			t.Errorf("%s: error = %v; want f.yaml and %q", change[1], err, want)
		}
	}
	embedded, err := casework.EmbeddedYears()
	if err != nil || len(embedded) != 2 {
		t.Fatalf("%d embedded years, %v", len(embedded), err)
	}
	for _, y := range embedded {
		if err := y.Check(); err != nil {
			t.Error(err)
		}
	}
}
