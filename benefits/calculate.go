package benefits

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/jingban/jingban/casework"
)

// Calculations are what playbooks may compute by name, under the rules of the
// region and the day that they give. A row of a contribution list has month
// (YYYYMM), arrived (yes or no) and, for transfers, base and booked in yuan.
func Calculations(rules Rules) []casework.Calculation {
	return []casework.Calculation{unemploymentClaim(rules), unemploymentStop(rules)}
}

// quantities makes inputs or outputs of one kind from "name 中文 / English" lines;
// a name that ends in "?" may be left out.
func quantities(kind casework.QuantityKind, lines ...string) []casework.Quantity {
	var all []casework.Quantity
	for _, line := range lines {
		name, titles, _ := strings.Cut(line, " ")
		zh, en, _ := strings.Cut(titles, " / ")
		name, optional := strings.CutSuffix(name, "?")
		all = append(all, casework.Quantity{Name: name, Zh: zh, En: en, Kind: kind, Optional: optional})
	}
	return all
}

// place is where and when a calculation's rules hold.
func place(rules Rules, given casework.Given, day string) (Region, casework.Date, error) {
	on, err := casework.ParseDate(given.Text(day))
	if err != nil {
		return Region{}, on, fmt.Errorf("input %s: %w", day, err)
	}
	return rules.In(given.Text("region"), on), on, nil
}

// contributions reads a contribution list.
func contributions(rows []map[string]string) ([]Contribution, error) {
	list := make([]Contribution, 0, len(rows))
	for i, row := range rows {
		c := Contribution{Arrived: row["arrived"] == "yes"}
		month, err := strconv.Atoi(strings.NewReplacer("-", "", ".", "", "年", "", "月", "").Replace(row["month"]))
		if err != nil || row["arrived"] != "yes" && row["arrived"] != "no" {
			return nil, fmt.Errorf("row %d of the contribution list: want month as YYYYMM and arrived yes or no", i+1)
		}
		c.Month = casework.Month(month)
		for column, into := range map[string]*casework.Fen{"base": &c.Base, "booked": &c.Booked} {
			if row[column] == "" {
				continue
			}
			if *into, err = casework.ParseFen(row[column]); err != nil {
				return nil, fmt.Errorf("row %d of the contribution list: its %s is no amount", i+1, column)
			}
		}
		list = append(list, c)
	}
	return list, nil
}

// computed gathers results and the lines of their derivations.
func computed(values map[string]any, derivations ...Derivation) casework.Computed {
	out := casework.Computed{Values: values}
	for _, d := range derivations {
		out.Lines = append(out.Lines, strings.Split(d.String(), "\n")...)
	}
	return out
}

// months lists months for a reader, "" for none.
func months(all []casework.Month) string {
	texts := make([]string, len(all))
	for i, m := range all {
		texts[i] = m.String()
	}
	return strings.Join(texts, " ")
}

// monthOf reads an input that may be left out.
func monthOf(given casework.Given, name string) (casework.Month, error) {
	if given.Text(name) == "" {
		return 0, nil
	}
	m, err := ParseMonth(given.Text(name))
	if err != nil {
		return 0, fmt.Errorf("input %s: %w", name, err)
	}
	return m, nil
}

// unemploymentClaim is the whole of an unemployment claim: paid months, term,
// standard, start and plan.
func unemploymentClaim(rules Rules) casework.Calculation {
	inputs := quantities(casework.TextQuantity, "region 地区 / region", "received 受理日期 / day received", "registered 失业登记日期 / day registered",
		"since? 上次领取后重新计算的起始月份 / first month after an earlier term")
	inputs = append(inputs, quantities(casework.RowsQuantity, "months 缴费明细 / contribution months")...)
	inputs = append(inputs, quantities(casework.WholeQuantity, "deemed? 视同缴费月数 / deemed months", "carry_over? 以前应领未领月数 / months carried over")...)
	outputs := quantities(casework.WholeQuantity, "paid 累计缴费月数 / paid months", "new_months 本次缴费享受月数 / months these give", "months 享受期限（月） / months of benefit")
	outputs = append(outputs, quantities(casework.MoneyQuantity, "monthly 月标准 / monthly amount", "total 全期金额 / whole amount")...)
	outputs = append(outputs, quantities(casework.TextQuantity, "first 首月 / first month", "last 末月 / last month", "capitals 全期金额大写 / amount in words", "scheme 期限办法 / scheme",
		"arrears 未到账月份 / months without money", "doubled 重复登记月份 / months listed twice", "odd 尚未到来或不存在的月份 / months that cannot be")...)
	outputs = append(outputs, quantities(casework.YesQuantity, "stale 参数可能过期 / parameters may be stale")...)
	return casework.Calculation{Name: "unemployment.claim", Zh: "失业保险金期限和金额", En: "unemployment benefit", Inputs: inputs, Outputs: outputs,
		Do: func(given casework.Given) (casework.Computed, error) { return claim(rules, given) }}
}

func claim(rules Rules, given casework.Given) (casework.Computed, error) {
	region, received, err := place(rules, given, "received")
	if err != nil {
		return casework.Computed{}, err
	}
	registered, err1 := casework.ParseDate(given.Text("registered"))
	since, err2 := monthOf(given, "since")
	list, err3 := contributions(given.Rows("months"))
	scheme, err4 := region.Scheme()
	terms, err5 := region.Standard()
	steps, err6 := region.Steps()
	if err := errors.Join(err1, err2, err3, err4, err5, err6); err != nil {
		return casework.Computed{}, err
	}
	paid := CountPaid(list, since, casework.MonthOf(received), given.Whole("deemed"))
	entitled := scheme.Entitle(paid.Paid, given.Whole("carry_over"))
	standard := terms.Standard()
	first := casework.MonthOf(registered)
	plan, err := steps.Plan(entitled.Months, standard.Monthly, first)
	if err != nil {
		return casework.Computed{}, err
	}
	values := map[string]any{"paid": paid.Paid, "new_months": entitled.New, "months": entitled.Months, "monthly": int(standard.Monthly), "total": int(plan.Total),
		"first": first.String(), "last": first.Add(entitled.Months - 1).String(), "capitals": casework.FormatCapitals(plan.Total), "scheme": scheme.Name,
		"arrears": months(paid.Arrears), "doubled": months(paid.Doubled), "odd": months(paid.Odd), "stale": standard.BelowSubsistence || standard.NotBelowWage}
	return computed(values, paid.Derivation(), entitled.Derivation(), standard.Derivation(), plan.Derivation()), nil
}

// unemploymentStop is the end of a term before its time.
func unemploymentStop(rules Rules) casework.Calculation {
	inputs := quantities(casework.TextQuantity, "region 地区 / region", "on 核查日期 / day of the check", "first 首月 / first month", "event 停发事由发生月份 / month of the event")
	inputs = append(inputs, quantities(casework.WholeQuantity, "months 享受期限（月） / months of benefit")...)
	outputs := quantities(casework.TextQuantity, "undue 停发起始月份 / first month not owed")
	outputs = append(outputs, quantities(casework.WholeQuantity, "owed 应发月数 / months owed", "carry_over 结转月数 / months carried over")...)
	return casework.Calculation{Name: "unemployment.stop", Zh: "停发失业保险金", En: "end of an unemployment benefit", Inputs: inputs, Outputs: outputs,
		Do: func(given casework.Given) (casework.Computed, error) {
			region, _, err := place(rules, given, "on")
			if err != nil {
				return casework.Computed{}, err
			}
			rule, err1 := region.Stop()
			first, err2 := ParseMonth(given.Text("first"))
			event, err3 := ParseMonth(given.Text("event"))
			if err := errors.Join(err1, err2, err3); err != nil {
				return casework.Computed{}, err
			}
			s, err := rule.Stop(first, given.Whole("months"), event)
			values := map[string]any{"undue": s.FirstUndue.String(), "owed": s.Owed, "carry_over": s.CarryOver}
			return computed(values, s.Derivation()), err
		}}
}
