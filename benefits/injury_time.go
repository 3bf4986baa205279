package benefits

import "github.com/jingban/jingban/casework"

// InjuryTime is whether an application for an injury decision came in time.
type InjuryTime struct {
	Accident casework.Date
	Applied  casework.Date
	Limit    casework.InjuryLimit
}

// InjuryTimeOf judges an application by 工伤保险条例 article 17.
func InjuryTimeOf(accident, applied casework.Date) InjuryTime {
	return InjuryTime{accident, applied, casework.LimitOfInjury(accident, applied)}
}

// Derivation explains the judgment.
func (t InjuryTime) Derivation() Derivation {
	l := t.Limit
	d := Derivation{Title: "工伤认定申请时限"}
	d.add(Given, "事故%s，申请%s", t.Accident, t.Applied)
	d.add(Step, "事故当日不计入：用人单位应在%s前申请，职工、近亲属或工会应在%s前申请", l.EmployerDeadline, l.IndividualDeadline)
	if !l.CostsUntil.IsZero() {
		d.add(Step, "用人单位逾期，%s以前发生的费用由用人单位负担", l.CostsUntil)
	}
	d.add(Result, "在一年以内：%s；超过三十日：%s", yesNo(l.Accepted), yesNo(l.Late))
	d.basis("《工伤保险条例》第十七条")
	return d
}
