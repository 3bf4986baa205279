package benefits

import (
	"errors"
	"fmt"
	"slices"

	"github.com/jingban/jingban/casework"
)

// lumpSum is what those who found work before the term was used up may take at once,
// where the region has it. Whether they may is answered condition by condition; the
// amount is that of a person who may.
func lumpSum(rules Rules) casework.Calculation {
	inputs := quantities(casework.TextQuantity, "region 地区 / region", "on 受理日期 / day received", "undue 停发起始年月 / first month not owed",
		"contract_start 合同起始日 / contract begins", "contract_end? 合同终止日，无固定期限的留空 / contract ends, empty: it does not")
	inputs = append(inputs, quantities(casework.RowsQuantity, "months 缴费明细 / contribution months")...)
	inputs = append(inputs, quantities(casework.WholeQuantity, "remaining 尚未领取月数 / months not drawn")...)
	inputs = append(inputs, quantities(casework.MoneyQuantity, "monthly 月标准 / monthly amount")...)
	outputs := quantities(casework.YesQuantity, "offered 本地区有此待遇 / the region has it", "long_enough 合同期限符合 / the contract is long enough", "insured_enough 缴费月数符合 / enough months were paid")
	outputs = append(outputs, quantities(casework.WholeQuantity, "insured 就业后缴费月数 / months paid since", "months 一次性发放月数 / months paid at once", "carry_over 结转月数 / months carried over")...)
	outputs = append(outputs, quantities(casework.MoneyQuantity, "amount 金额 / amount")...)
	outputs = append(outputs, quantities(casework.TextQuantity, "capitals 金额大写 / amount in words", "doubled 重复登记月份 / months listed twice", "odd 尚未到来或不存在的月份 / months that cannot be")...)
	return casework.Calculation{Name: "unemployment.lump_sum", Zh: "就业后一次性领取失业保险金", En: "lump sum on re-employment", Inputs: inputs, Outputs: outputs,
		Do: func(given casework.Given) (casework.Computed, error) { return lump(rules, given) }}
}

func lump(rules Rules, given casework.Given) (casework.Computed, error) {
	region, on, err := place(rules, given, "on")
	if err != nil {
		return casework.Computed{}, err
	}
	if !region.HasLump() {
		return computed(map[string]any{"offered": false}), nil
	}
	terms, err1 := region.Lump()
	list, err2 := contributions(given.Rows("months"))
	undue, err3 := ParseMonth(given.Text("undue"))
	begins, err4 := casework.ParseDate(given.Text("contract_start"))
	enough, err5 := runs(begins, given.Text("contract_end"), terms.Contract)
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		return casework.Computed{}, err
	}
	paid := CountPaid(list, undue, casework.MonthOf(on), 0)
	l := terms.Lump(given.Whole("remaining"), casework.Fen(given.Whole("monthly")))
	d := l.Derivation()
	d.add(Given, "新劳动合同自%s起，须不少于%d个月；就业后已缴费%d个月，须满%d个月", begins, terms.Contract, paid.Paid, terms.Insured)
	return computed(map[string]any{"offered": true, "long_enough": enough, "insured_enough": paid.Paid >= terms.Insured, "insured": paid.Paid, "months": l.Months, "carry_over": l.CarryOver,
		"amount": int(l.Amount), "capitals": casework.FormatCapitals(l.Amount), "doubled": months(paid.Doubled), "odd": months(paid.Odd)}, d), nil
}

// runs says whether a contract runs for so many months; one without an end does.
func runs(begins casework.Date, end string, least int) (bool, error) {
	if end == "" {
		return true, nil
	}
	ends, err := casework.ParseDate(end)
	if err != nil {
		return false, fmt.Errorf("input contract_end: %w", err)
	}
	last := begins.Time().AddDate(0, least, -1)
	return !ends.Time().Before(last), nil
}

// jobSubsidy is what those who draw a benefit get for looking for work, where the
// region has it.
func jobSubsidy(rules Rules) casework.Calculation {
	inputs := quantities(casework.TextQuantity, "region 地区 / region", "on 受理日期 / day received", "first 待遇首月 / first month of the benefit")
	inputs = append(inputs, quantities(casework.RowsQuantity, "months 缴费明细 / contribution months")...)
	inputs = append(inputs, quantities(casework.WholeQuantity, "remaining 尚未领取月数 / months not drawn")...)
	outputs := quantities(casework.YesQuantity, "offered 本地区有此待遇 / the region has it")
	outputs = append(outputs, quantities(casework.WholeQuantity, "counted 计算平均数的月数 / months of the mean", "months 发放月数 / months it is paid")...)
	outputs = append(outputs, quantities(casework.MoneyQuantity, "monthly 月标准 / monthly amount", "amount 合计金额 / whole amount")...)
	outputs = append(outputs, quantities(casework.TextQuantity, "capitals 合计金额大写 / amount in words", "doubled 重复登记月份 / months listed twice", "odd 尚未到来或不存在的月份 / months that cannot be")...)
	return casework.Calculation{Name: "unemployment.job_subsidy", Zh: "求职补贴", En: "subsidy while looking for work", Inputs: inputs, Outputs: outputs,
		Do: func(given casework.Given) (casework.Computed, error) { return subsidy(rules, given) }}
}

func subsidy(rules Rules, given casework.Given) (casework.Computed, error) {
	region, on, err := place(rules, given, "on")
	if err != nil {
		return casework.Computed{}, err
	}
	if !region.HasSubsidy() {
		return computed(map[string]any{"offered": false}), nil
	}
	terms, err1 := region.Subsidy()
	list, err2 := contributions(given.Rows("months"))
	first, err3 := ParseMonth(given.Text("first"))
	if err := errors.Join(err1, err2, err3); err != nil {
		return casework.Computed{}, err
	}
	paid := CountPaid(list, 0, casework.MonthOf(on), 0)
	s, err := terms.Subsidy(lastWages(list, first, terms.Of))
	if err != nil {
		return casework.Computed{}, err
	}
	n := min(terms.Months, given.Whole("remaining"))
	amount := s.Monthly * casework.Fen(n)
	d := s.Derivation()
	d.add(Step, "尚未领取%d个月，发放%d个月，%d × %s = %s元", given.Whole("remaining"), n, n, s.Monthly, amount)
	return computed(map[string]any{"offered": true, "counted": len(s.Wages), "months": n, "monthly": int(s.Monthly), "amount": int(amount), "capitals": casework.FormatCapitals(amount),
		"doubled": months(paid.Doubled), "odd": months(paid.Odd)}, d), nil
}

// lastWages are the contribution wages of the last months with money before the
// benefit began, newest first, each month once.
func lastWages(list []Contribution, first casework.Month, most int) []casework.Fen {
	sorted := slices.SortedFunc(slices.Values(list), func(a, b Contribution) int { return int(b.Month) - int(a.Month) })
	var wages []casework.Fen
	var last casework.Month
	for _, c := range sorted {
		if !c.Arrived || c.Month >= first || c.Month == last || len(wages) == most {
			continue
		}
		wages, last = append(wages, c.Base), c.Month
	}
	return wages
}
