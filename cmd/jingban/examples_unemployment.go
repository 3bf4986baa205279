package main

import (
	"fmt"

	"github.com/jingban/jingban/benefits"
	"github.com/jingban/jingban/casework"
)

func unemploymentMonths(r benefits.Region, in struct {
	Scheme    string `json:"scheme"`
	Paid      int    `json:"paid_months"`
	CarryOver int    `json:"carry_over_months"`
}) (values, explained, error) {
	scheme, err := r.SchemeNamed(in.Scheme)
	if err != nil {
		return nil, nil, err
	}
	e := scheme.Entitle(in.Paid, in.CarryOver)
	return values{"entitled_months": e.Months, "new_part": e.New}, e, nil
}

func unemploymentStandard(r benefits.Region, in struct {
	MinimumWage casework.Fen `json:"min_wage_fen"`
	Ratio       string       `json:"ratio"`
	Subsistence casework.Fen `json:"dibao_fen"`
}) (values, explained, error) {
	ratio, err := benefits.ParseRate(in.Ratio)
	if err != nil {
		return nil, nil, err
	}
	rounding, err := r.Rounding()
	s := benefits.StandardTerms{MinimumWage: in.MinimumWage, Ratio: ratio, Subsistence: in.Subsistence, Rounding: rounding}.Standard()
	return values{"monthly_fen": s.Monthly, "below_dibao_flag": s.BelowSubsistence}, s, err
}

func unemploymentSchedule(r benefits.Region, in struct {
	Months   int            `json:"entitled_months"`
	Standard casework.Fen   `json:"standard_fen"`
	Steps    [][3]int       `json:"steps"` // first month, last month, per cent
	First    casework.Month `json:"first_month"`
}) (values, explained, error) {
	rounding, err := r.Rounding()
	if err != nil {
		return nil, nil, err
	}
	steps := benefits.Steps{Rounding: rounding}
	for _, s := range in.Steps {
		steps.Ranges = append(steps.Ranges, benefits.StepRange{First: s[0], Last: s[1], Share: benefits.Percent(s[2])})
	}
	plan, err := steps.Plan(in.Months, in.Standard, in.First)
	got := values{"total_fen": plan.Total}
	for i, m := range plan.Months {
		pair := []any{m.Month, m.Amount}
		got[fmt.Sprintf("month%d", i+1)], got["last"] = pair, pair
	}
	return got, plan, err
}

func overpayment(_ benefits.Region, in struct {
	Paid   [][2]int64         `json:"paid"` // month, fen
	Event  string             `json:"event"`
	Month  casework.Month     `json:"event_month"`
	Policy benefits.StopMonth `json:"policy"`
}) (values, explained, error) {
	rule, err := benefits.ParseStopRule(string(in.Policy))
	if err != nil {
		return nil, nil, err
	}
	var paid []benefits.MonthAmount
	for _, p := range in.Paid {
		paid = append(paid, benefits.MonthAmount{Month: casework.Month(p[0]), Amount: casework.Fen(p[1])})
	}
	o, err := rule.Overpaid(paid, in.Month)
	return values{"first_undue_month": o.FirstUndue, "months": len(o.Undue), "amount_fen": o.Amount}, o, err
}

func reemploymentLump(r benefits.Region, in struct {
	Remaining int          `json:"remaining_months"`
	Monthly   casework.Fen `json:"monthly_fen"`
}) (values, explained, error) {
	terms, err := r.Lump()
	l := terms.Lump(in.Remaining, in.Monthly)
	return values{"paid_months": l.Months, "amount_fen": l.Amount, "carry_over_months": l.CarryOver}, l, err
}

func jobSeekSubsidy(r benefits.Region, in struct {
	Wages []casework.Fen `json:"contribution_wages_fen"`
}) (values, explained, error) {
	terms, err := r.Subsidy()
	if err != nil {
		return nil, nil, err
	}
	s, err := terms.Subsidy(in.Wages)
	return values{"monthly_fen": s.Monthly, "max_months": terms.Months}, s, err
}

// born are the inputs of everything about retirement.
type born struct {
	Sex         string         `json:"sex"`
	OriginalAge int            `json:"original_age"`
	Birth       casework.Month `json:"birth_month"`
}

func retirementMonth(r benefits.Region, in born) (values, explained, error) {
	terms, err := r.Retirement(in.Sex, in.OriginalAge)
	if err != nil {
		return nil, nil, err
	}
	m, err := terms.Of(in.Birth)
	return values{"delay_months": m.Delay, "retirement_month": m.Month, "age_months": m.Age}, m, err
}

func minimumMonths(r benefits.Region, in struct {
	Year int `json:"retirement_year"`
}) (values, explained, error) {
	m, err := r.MinimumMonths(in.Year)
	return values{"min_months": m.Months}, m, err
}

func olderExtension(r benefits.Region, in struct {
	Last casework.Month `json:"last_entitled_month"`
	born
}) (values, explained, error) {
	terms, err := r.Older(in.Sex, in.OriginalAge)
	if err != nil {
		return nil, nil, err
	}
	e, err := terms.Extend(in.Last, in.Birth)
	got := values{"retirement_month": e.Retirement.Month, "gap_months": e.Gap, "extend": e.Extend, "extended_until": nil, "extra_months": e.Extra}
	if e.Extend {
		got["extended_until"] = e.Until
	}
	return got, e, err
}
