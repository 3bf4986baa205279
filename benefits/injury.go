package benefits

import (
	"fmt"
	"slices"

	"github.com/jingban/jingban/casework"
)

// DisabilityTerms are the numbers of 工伤保险条例 articles 34 to 37 and 64.
type DisabilityTerms struct {
	LumpMonths []int  // of the base wage, by grade from 1
	Allowance  []Rate // of the base wage, by grade from 1; higher grades have none
	FundPays   int    // up to this grade the fund pays the allowance
	Care       []Rate // of the local average wage: full, most, partial
	Lowest     Rate   // of the local average wage, for the base wage
	Highest    Rate
	Document   string
}

// Care is how much of daily life needs another's hand (生活自理障碍).
type Care string

// The levels; the empty one is no care.
const (
	FullCare    Care = "full"    // 完全不能自理
	MostCare    Care = "most"    // 大部分不能自理
	PartialCare Care = "partial" // 部分不能自理
)

// Wages are the figures of one injured person and place.
type Wages struct {
	Mean12  casework.Fen // mean contribution wage of the 12 months before the accident
	Local   casework.Fen // average wage of the place
	Minimum casework.Fen
}

// Disability is what grade and care bring.
type Disability struct {
	Terms     DisabilityTerms
	Wages     Wages
	Grade     int
	CareLevel Care
	Base      casework.Fen // 本人工资: Mean12 within its bounds
	Lump      casework.Fen
	Allowance casework.Fen // 0: the grade has none
	Paid      casework.Fen // the allowance, topped up to the minimum wage
	ByFund    bool         // else the employer pays the allowance
	CareFee   casework.Fen // 0: none
}

// Disability computes the benefits of a grade. A wage of 0 and a grade or care
// that does not exist are errors: a person has to look.
func (t DisabilityTerms) Disability(grade int, care Care, w Wages) (Disability, error) {
	d := Disability{Terms: t, Wages: w, Grade: grade, CareLevel: care}
	if grade < 1 || grade > len(t.LumpMonths) {
		return d, fmt.Errorf("grade %d: want 1 to %d", grade, len(t.LumpMonths))
	}
	if w.Mean12 <= 0 || w.Local <= 0 || w.Minimum < 0 {
		return d, fmt.Errorf("wage %s, local %s: want both above 0", w.Mean12, w.Local)
	}
	d.Base = min(max(w.Mean12, share(w.Local, t.Lowest, 1)), share(w.Local, t.Highest, 1))
	d.Lump = d.Base * casework.Fen(t.LumpMonths[grade-1])
	if grade <= len(t.Allowance) {
		d.Allowance = share(d.Base, t.Allowance[grade-1], 1)
		d.Paid = max(d.Allowance, w.Minimum)
		d.ByFund = grade <= t.FundPays
	}
	if care == "" {
		return d, nil
	}
	rate, ok := t.careRate(care)
	if !ok {
		return d, fmt.Errorf("care %q: want full, most or partial", care)
	}
	d.CareFee = share(w.Local, rate, 1)
	return d, nil
}

func (t DisabilityTerms) careRate(care Care) (Rate, bool) {
	for i, level := range []Care{FullCare, MostCare, PartialCare} {
		if level == care {
			return t.Care[i], true
		}
	}
	return 0, false
}

// Derivation explains the benefits.
func (d Disability) Derivation() Derivation {
	out := Derivation{Title: "工伤伤残待遇"}
	t, w := d.Terms, d.Wages
	out.add(Given, "%d级伤残；前12个月平均缴费工资%s元，当地平均工资%s元，最低工资%s元", d.Grade, w.Mean12, w.Local, w.Minimum)
	out.add(Step, "本人工资在当地平均工资%s（%s元）至%s（%s元）之间，为%s元", t.Lowest, share(w.Local, t.Lowest, 1), t.Highest, share(w.Local, t.Highest, 1), d.Base)
	out.add(Result, "一次性伤残补助金：%s × %d = %s元", d.Base, t.LumpMonths[d.Grade-1], d.Lump)
	if d.Allowance > 0 {
		payer := "用人单位"
		if d.ByFund {
			payer = "工伤保险基金"
		}
		out.add(Step, "伤残津贴：%s × %s = %s元，不低于最低工资%s元", d.Base, t.Allowance[d.Grade-1], d.Allowance, w.Minimum)
		out.add(Result, "伤残津贴每月%s元，由%s支付", d.Paid, payer)
	}
	if rate, ok := t.careRate(d.CareLevel); ok {
		out.add(Result, "生活护理费每月：%s × %s = %s元", w.Local, rate, d.CareFee)
	}
	out.basis(t.Document)
	return out
}

// DeathTerms are the numbers of 工伤保险条例 article 39.
type DeathTerms struct {
	FuneralMonths int  // of the local average wage
	Years         int  // of the nation's disposable income
	Spouse        Rate // of the base wage, monthly
	Other         Rate
	Lone          Rate // more for an orphan or a lone elder
	Document      string
}

// Dependant is one 供养亲属.
type Dependant struct {
	Spouse bool
	Lone   bool // orphan or lone elder
}

// Death is what an injury's death brings. Shares of several dependants that had
// to be cut are only proposed.
type Death struct {
	Terms      DeathTerms
	Local      casework.Fen
	Income     casework.Fen // disposable income a head of the year before the injury
	Base       casework.Fen // 本人工资
	Dependants []Dependant
	Funeral    casework.Fen
	Lump       casework.Fen
	Raw        []casework.Fen // each dependant's share
	Monthly    []casework.Fen // the same, together at most the base wage
	Total      casework.Fen   // of Monthly
}

// Death computes the benefits. Shares above the wage are cut in proportion, to
// whole fen, and the rest goes to the first.
func (t DeathTerms) Death(local, income, base casework.Fen, dependants []Dependant) (Death, error) {
	d := Death{Terms: t, Local: local, Income: income, Base: base, Dependants: dependants}
	if local <= 0 || income <= 0 || base <= 0 {
		return d, fmt.Errorf("local wage %s, income %s, base wage %s: want all above 0", local, income, base)
	}
	d.Funeral = local * casework.Fen(t.FuneralMonths)
	d.Lump = income * casework.Fen(t.Years)
	var raw casework.Fen
	for _, one := range dependants {
		amount := share(base, t.rate(one), 1)
		d.Raw = append(d.Raw, amount)
		raw += amount
	}
	d.Monthly, d.Total = append(d.Monthly, d.Raw...), raw
	if raw > base {
		d.cut(raw)
	}
	return d, nil
}

func (t DeathTerms) rate(one Dependant) Rate {
	rate := t.Other
	if one.Spouse {
		rate = t.Spouse
	}
	if one.Lone {
		rate += t.Lone
	}
	return rate
}

func (d *Death) cut(raw casework.Fen) {
	left := d.Base
	for i, amount := range d.Raw {
		d.Monthly[i], _ = mulDiv(amount, Rate(d.Base), int64(raw))
		left -= d.Monthly[i]
	}
	d.Monthly[0] += left
	d.Total = d.Base
}

// Derivation explains the benefits.
func (d Death) Derivation() Derivation {
	t := d.Terms
	out := Derivation{Title: "因工死亡待遇"}
	out.add(Given, "当地平均工资%s元，上一年度全国城镇居民人均可支配收入%s元，本人工资%s元", d.Local, d.Income, d.Base)
	out.add(Result, "丧葬补助金：%s × %d = %s元", d.Local, t.FuneralMonths, d.Funeral)
	out.add(Result, "一次性工亡补助金：%s × %d = %s元（%s）", d.Income, t.Years, d.Lump, casework.FormatCapitals(d.Lump))
	for i, one := range d.Dependants {
		out.add(Step, "供养亲属%d：%s × %s = %s元", i+1, d.Base, t.rate(one), d.Raw[i])
		if d.Monthly[i] != d.Raw[i] {
			out.add(Step, "合计超过本人工资：%s × %s ÷ 合计，取整到分，余数归第一人，为%s元", d.Raw[i], d.Base, d.Monthly[i])
		}
	}
	if !slices.Equal(d.Raw, d.Monthly) {
		out.add(Doubt, "按比例核减须由人工确认")
	}
	out.add(Result, "供养亲属抚恤金每月共%s元", d.Total)
	out.basis(t.Document)
	return out
}
