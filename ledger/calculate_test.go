package ledger

import (
	"testing"

	"github.com/jingban/jingban/casework"
)

func TestPeriodOfAMorning(t *testing.T) {
	calculations := Calculations(calendarForTest(t))
	for on, want := range map[string][2]string{
		"2026-03-31": {"2026-03-30", ""},
		"2026-04-01": {"2026-03-31", "2026-03-31"}, // a Wednesday
		"2026-04-02": {"2026-04-01", ""},
		"2026-03-02": {"2026-03-01", "2026-02-28"}, // a Monday after a month that ended on a Saturday
	} {
		out, err := calculations[0].Do(casework.Given{"on": on})
		if err != nil {
			t.Fatal(err)
		}
		if got := [2]string{out.Values["until"].(string), out.Values["closing"].(string)}; got != want {
			t.Errorf("on %s: %v, want %v", on, got, want)
		}
		if err := calculations[0].Check(out.Values); err != nil {
			t.Error(err)
		}
	}
	if _, err := calculations[0].Do(casework.Given{"on": "31.03.2026"}); err == nil {
		t.Error("a day of another form was taken")
	}
}
