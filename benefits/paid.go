package benefits

import (
	"slices"

	"github.com/jingban/jingban/casework"
)

// Contribution is one month of an insurance as a legacy system lists it.
type Contribution struct {
	Month   casework.Month
	Base    casework.Fen // contribution wage (缴费基数)
	Booked  casework.Fen // what was credited to the account; 0: not on record
	Arrived bool         // 到账标志
}

// PaidMonths are the months that count towards a benefit.
type PaidMonths struct {
	Since   casework.Month   // only months from here on count; 0: all
	Deemed  int              // 视同缴费 months
	Paid    int              // distinct months with money, and the deemed ones
	Arrears []casework.Month // without money: do not count
	Doubled []casework.Month // listed more than once: count once
	Odd     []casework.Month // in the future or no month at all: do not count
}

// CountPaid counts the months of a contribution list. A month counts once and
// only with its money; since is the first month after an earlier term that was
// drawn, through the last month that can be paid by now. A person has to look
// wherever Doubled or Odd hold anything.
func CountPaid(list []Contribution, since, through casework.Month, deemed int) PaidMonths {
	p := PaidMonths{Since: since, Deemed: max(deemed, 0)}
	times, arrived := map[casework.Month]int{}, map[casework.Month]bool{}
	for _, c := range list {
		times[c.Month]++
		arrived[c.Month] = arrived[c.Month] || c.Arrived
	}
	for month, n := range times {
		switch {
		case !month.Valid() || month > through:
			p.Odd = append(p.Odd, month)
			continue
		case month < since:
			continue
		case arrived[month]:
			p.Paid++
		default:
			p.Arrears = append(p.Arrears, month)
		}
		if n > 1 {
			p.Doubled = append(p.Doubled, month)
		}
	}
	for _, months := range [][]casework.Month{p.Arrears, p.Doubled, p.Odd} {
		slices.Sort(months)
	}
	p.Paid += p.Deemed
	return p
}

// Derivation explains the count.
func (p PaidMonths) Derivation() Derivation {
	d := Derivation{Title: "累计缴费月数"}
	if p.Since > 0 {
		d.add(Given, "上次领取失业保险金后重新计算，自%s起", p.Since)
	}
	d.add(Step, "费款已到账的不同月份%d个月，视同缴费%d个月", p.Paid-p.Deemed, p.Deemed)
	for _, doubt := range []struct {
		months []casework.Month
		text   string
	}{{p.Arrears, "未到账，不计入"}, {p.Doubled, "重复登记，只计一次"}, {p.Odd, "月份尚未到来或不存在，不计入"}} {
		if len(doubt.months) > 0 {
			d.add(Doubt, "%s：%v", doubt.text, doubt.months)
		}
	}
	d.add(Result, "累计缴费%d个月", p.Paid)
	d.basis("《中华人民共和国社会保险法》第四十六条")
	return d
}
