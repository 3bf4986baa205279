package main

import (
	"github.com/jingban/jingban/benefits"
	"github.com/jingban/jingban/casework"
)

func disability(r benefits.Region, in struct {
	Grade   int           `json:"grade"`
	Mean12  casework.Fen  `json:"avg12_wage_fen"`
	Local   casework.Fen  `json:"local_avg_wage_fen"`
	Minimum casework.Fen  `json:"min_wage_fen"`
	Care    benefits.Care `json:"care"`
}) (values, explained, error) {
	terms, err := r.Disability()
	if err != nil {
		return nil, nil, err
	}
	d, err := terms.Disability(in.Grade, in.Care, benefits.Wages{Mean12: in.Mean12, Local: in.Local, Minimum: in.Minimum})
	if err != nil {
		return nil, nil, err
	}
	got := values{"base_wage": d.Base, "lump": d.Lump}
	if d.Allowance > 0 {
		payer := "employer"
		if d.ByFund {
			payer = "fund"
		}
		got["allowance"], got["allowance_paid"], got["payer"] = d.Allowance, d.Paid, payer
	}
	if d.CareFee > 0 {
		got["care"] = d.CareFee
	}
	return got, d, nil
}

func death(r benefits.Region, in struct {
	Local      casework.Fen `json:"local_avg_wage_fen"`
	Income     int64        `json:"national_disposable_income_yuan"`
	Base       casework.Fen `json:"base_wage_fen"`
	Dependants []struct {
		Kind string `json:"kind"`
		Lone bool   `json:"orphan_or_lone_elder"`
	} `json:"dependants"`
}) (values, explained, error) {
	terms, err := r.Death()
	if err != nil {
		return nil, nil, err
	}
	var dependants []benefits.Dependant
	for _, one := range in.Dependants {
		dependants = append(dependants, benefits.Dependant{Spouse: one.Kind == "spouse", Lone: one.Lone})
	}
	d, err := terms.Death(in.Local, casework.Fen(in.Income*100), in.Base, dependants)
	return values{"funeral": d.Funeral, "lump": d.Lump, "dependants_raw": d.Raw, "dependants": d.Monthly, "dependants_total": d.Total}, d, err
}

func injuryTimeLimit(_ benefits.Region, in struct {
	Accident  casework.Date `json:"accident"`
	Applied   casework.Date `json:"applied"`
	Applicant string        `json:"applicant"`
}) (values, explained, error) {
	t := benefits.InjuryTimeOf(in.Accident, in.Applied)
	got := values{"accepted": t.Limit.Accepted, "late": t.Limit.Late, "costs_borne_by_employer_until": nil}
	if !t.Limit.CostsUntil.IsZero() {
		got["costs_borne_by_employer_until"] = t.Limit.CostsUntil
	}
	if in.Applicant == "employer" {
		got["employer_deadline"] = t.Limit.EmployerDeadline
	} else {
		got["individual_deadline"] = t.Limit.IndividualDeadline
	}
	return got, t, nil
}
