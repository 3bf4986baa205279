package benefits

import "github.com/jingban/jingban/casework"

// StandardTerms are the numbers a benefit month's amount comes from.
type StandardTerms struct {
	MinimumWage casework.Fen // of the month that is paid
	Ratio       Rate
	Subsistence casework.Fen // 城市居民最低生活保障标准
	Rounding    Rounding
	Document    string // of the ratio
	WageFrom    string // document of the minimum wage
}

// Standard is the amount of one benefit month.
type Standard struct {
	Terms   StandardTerms
	Monthly casework.Fen
	// BelowSubsistence says that the floor held: a parameter is probably stale.
	BelowSubsistence bool
	// NotBelowWage says that the amount is not below the minimum wage, as the law
	// wants it: a parameter is wrong.
	NotBelowWage bool
}

// Standard computes the amount: a share of the minimum wage, at least the
// subsistence level.
func (t StandardTerms) Standard() Standard {
	s := Standard{Terms: t, Monthly: t.Rounding.share(t.MinimumWage, t.Ratio, 1)}
	if s.Monthly < t.Subsistence {
		s.Monthly, s.BelowSubsistence = t.Subsistence, true
	}
	s.NotBelowWage = s.Monthly >= t.MinimumWage
	return s
}

// Derivation explains the amount.
func (s Standard) Derivation() Derivation {
	t := s.Terms
	d := Derivation{Title: "失业保险金月标准"}
	d.add(Given, "最低工资标准%s元；比例%s；城市低保标准%s元", t.MinimumWage, t.Ratio, t.Subsistence)
	d.add(Step, "%s × %s = %s，%s为%s元", t.MinimumWage, t.Ratio, exact(t.MinimumWage, t.Ratio), t.Rounding.Zh(), t.Rounding.share(t.MinimumWage, t.Ratio, 1))
	if s.BelowSubsistence {
		d.add(Step, "低于城市低保标准，按低保标准%s元发放", t.Subsistence)
		d.add(Doubt, "比例或最低工资标准可能已过期，请核对参数")
	}
	if s.NotBelowWage {
		d.add(Doubt, "不低于最低工资标准，与法定要求不符，请核对参数")
	}
	d.add(Result, "每月%s元", s.Monthly)
	d.basis("《中华人民共和国社会保险法》第四十七条", t.Document, t.WageFrom)
	return d
}
