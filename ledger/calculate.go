package ledger

import (
	"fmt"

	"github.com/jingban/jingban/casework"
)

// Calculations are what playbooks may ask of this room without any file.
//
//	fund.period   which days a reconciliation on the morning of a day is about
func Calculations(calendar casework.Calendar) []casework.Calculation {
	text := func(name, zh, en string) casework.Quantity {
		return casework.Quantity{Name: name, Zh: zh, En: en, Kind: casework.TextQuantity}
	}
	return []casework.Calculation{{
		Name: "fund.period", Zh: "对账期间", En: "period of a reconciliation",
		Inputs: []casework.Quantity{text("on", "对账当日", "the morning it is done"), {Name: "days", Zh: "重取天数", En: "days fetched again", Kind: casework.WholeQuantity, Optional: true}},
		Outputs: []casework.Quantity{text("until", "截止日期", "last day"), text("since", "起始日期", "first day fetched"), text("opened", "账簿年初", "first day of the year's books"),
			text("closing", "待结月末", "month end to be closed, or nothing")},
		Do: func(given casework.Given) (casework.Computed, error) { return period(calendar, given) },
	}}
}

// refetched is how many days a statement is fetched again, so that lines that
// came late are seen: what was exported twice is recognised.
const refetched = 40

// period: everything up to the day before, month ends as they pass.
func period(calendar casework.Calendar, given casework.Given) (casework.Computed, error) {
	on, err := casework.ParseDate(given.Text("on"))
	if err != nil {
		return casework.Computed{}, fmt.Errorf("fund.period: on: %w", err)
	}
	days := given.Whole("days")
	if days <= 0 {
		days = refetched
	}
	before, err := lastWorked(calendar, on)
	if err != nil {
		return casework.Computed{}, fmt.Errorf("fund.period: %w", err)
	}
	until := on.AddDays(-1)
	closing := ""
	if before.Month != on.Month { // the first working day of a month closes the one before
		closing = casework.Date{Year: on.Year, Month: on.Month, Day: 1}.AddDays(-1).String()
	}
	lines := []string{fmt.Sprintf("对账当日 %s，上一工作日 %s，对账截至 %s", on, before, until)}
	if closing != "" {
		lines = append(lines, "本日为月初首个工作日，须出具 "+closing+" 的余额调节表")
	}
	return casework.Computed{Lines: lines, Values: map[string]any{
		"until": until.String(), "since": until.AddDays(-days).String(), "opened": casework.Date{Year: until.Year, Month: 1, Day: 1}.String(), "closing": closing,
	}}, nil
}

// lastWorked is the working day before a day.
func lastWorked(calendar casework.Calendar, on casework.Date) (casework.Date, error) {
	for day := on.AddDays(-1); ; day = day.AddDays(-1) {
		worked, err := calendar.WorkingDay(day)
		if err != nil || worked {
			return day, err
		}
	}
}
