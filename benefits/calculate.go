package benefits

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/jingban/jingban/casework"
)

// Calculations are what playbooks may compute by name, under the rules of the
// region and the day that they give. A row of a contribution list has month
// (YYYYMM), arrived (yes or no) and, for transfers, base and booked in yuan; a row
// of earlier terms has first (YYYYMM), months, drawn and state (open, ended, void).
func Calculations(rules Rules) []casework.Calculation {
	return append([]casework.Calculation{unemploymentClaim(rules), unemploymentStop(rules), unemploymentRecalculation(), lumpSum(rules), jobSubsidy(rules), retirementReached(rules)}, transferCalculations(rules)...)
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

// past is what earlier terms mean for a new one.
type past struct {
	since casework.Month // of the last term that was drawn: months before it are used up
	left  int            // its months that were not drawn
	open  int            // terms that have not ended
}

// earlier reads earlier terms. One that was never drawn uses nothing up.
func earlier(rows []map[string]string) (past, error) {
	var p past
	for i, row := range rows {
		first, err := ParseMonth(row["first"])
		granted, drawn := count(row["months"]), count(row["drawn"])
		if err != nil || granted < 0 || drawn < 0 || drawn > granted {
			return p, fmt.Errorf("row %d of the earlier terms: want first as YYYYMM, months, and drawn up to months", i+1)
		}
		switch {
		case row["state"] == "open":
			p.open++
		case row["state"] != "ended" && row["state"] != "void":
			return p, fmt.Errorf("row %d of the earlier terms: want open, ended or void", i+1)
		case row["state"] == "ended" && drawn > 0 && first >= p.since:
			p.since, p.left = first, granted-drawn
		}
	}
	return p, nil
}

// unemploymentClaim is the whole of an unemployment claim: paid months, term,
// standard, start and plan.
func unemploymentClaim(rules Rules) casework.Calculation {
	inputs := quantities(casework.TextQuantity, "region 地区 / region", "received 受理日期 / day received", "registered 失业登记日期 / day registered")
	inputs = append(inputs, quantities(casework.RowsQuantity, "months 缴费明细 / contribution months", "terms? 以前的核定记录 / earlier terms")...)
	inputs = append(inputs, quantities(casework.WholeQuantity, "deemed? 视同缴费月数 / deemed months")...)
	outputs := quantities(casework.WholeQuantity, "paid 累计缴费月数 / paid months", "new_months 本次缴费享受月数 / months these give", "carry_over 以前应领未领月数 / months carried over", "open 未结束的核定记录 / open terms", "months 享受期限（月） / months of benefit")
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
	before, err2 := earlier(given.Rows("terms"))
	list, err3 := contributions(given.Rows("months"))
	scheme, err4 := region.Scheme()
	terms, err5 := region.Standard()
	steps, err6 := region.Steps()
	if err := errors.Join(err1, err2, err3, err4, err5, err6); err != nil {
		return casework.Computed{}, err
	}
	paid := CountPaid(list, before.since, casework.MonthOf(received), given.Whole("deemed"))
	entitled := scheme.Entitle(paid.Paid, before.left)
	standard := terms.Standard()
	first := casework.MonthOf(registered)
	plan, err := steps.Plan(entitled.Months, standard.Monthly, first)
	if err != nil {
		return casework.Computed{}, err
	}
	values := map[string]any{"paid": paid.Paid, "new_months": entitled.New, "carry_over": before.left, "open": before.open, "months": entitled.Months, "monthly": int(standard.Monthly), "total": int(plan.Total),
		"first": first.String(), "last": first.Add(entitled.Months - 1).String(), "capitals": casework.FormatCapitals(plan.Total), "scheme": scheme.Name,
		"arrears": months(paid.Arrears), "doubled": months(paid.Doubled), "odd": months(paid.Odd), "stale": standard.BelowSubsistence || standard.NotBelowWage}
	return computed(values, paid.Derivation(), entitled.Derivation(), standard.Derivation(), plan.Derivation()), nil
}

// unemploymentStop is the end of a term before its time, or its interruption.
func unemploymentStop(rules Rules) casework.Calculation {
	inputs := quantities(casework.TextQuantity, "region 地区 / region", "on 核查日期 / day of the check", "first 首月 / first month", "event 停发事由发生月份 / month of the event", "cause? 停发事由 / cause")
	inputs = append(inputs, quantities(casework.WholeQuantity, "months 享受期限（月） / months of benefit")...)
	outputs := quantities(casework.TextQuantity, "undue 停发起始月份 / first month not owed", "basis 停发依据 / clause")
	outputs = append(outputs, quantities(casework.WholeQuantity, "owed 应发月数 / months owed", "carry_over 结转月数 / months carried over")...)
	outputs = append(outputs, quantities(casework.YesQuantity, "suspended 只是暂停 / only interrupted", "unclear 事由须由人判断 / a person judges the cause")...)
	return casework.Calculation{Name: "unemployment.stop", Zh: "停发失业保险金", En: "end of an unemployment benefit", Inputs: inputs, Outputs: outputs,
		Do: func(given casework.Given) (casework.Computed, error) { return stop(rules, given) }}
}

func stop(rules Rules, given casework.Given) (casework.Computed, error) {
	region, _, err := place(rules, given, "on")
	if err != nil {
		return casework.Computed{}, err
	}
	rule, err1 := region.Stop()
	first, err2 := ParseMonth(given.Text("first"))
	event, err3 := ParseMonth(given.Text("event"))
	suspended, prison, err4 := region.Prison()
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return casework.Computed{}, err
	}
	s, err := rule.Stop(first, given.Whole("months"), event)
	cause := Cause(cmp.Or(given.Text("cause"), string(Reemployed)))
	basis := cause.Basis()
	if cause == InPrison {
		basis = prison
	}
	values := map[string]any{"undue": s.FirstUndue.String(), "owed": s.Owed, "carry_over": s.CarryOver, "basis": basis,
		"suspended": cause == InPrison && suspended, "unclear": basis == "" || event < first}
	return computed(values, s.Derivation()), err
}

// retirementReached is when a person reaches the age: the earliest and the latest
// month, where the post, which the citizen's number does not tell, matters.
func retirementReached(rules Rules) casework.Calculation {
	inputs := quantities(casework.TextQuantity, "region 地区 / region", "on 判定日期 / day", "id_number 公民身份号码 / ID number")
	outputs := quantities(casework.TextQuantity, "earliest 最早退休月份 / earliest month", "latest 最晚退休月份 / latest month")
	outputs = append(outputs, quantities(casework.YesQuantity, "reached 已达退休年龄 / age reached", "unclear 是否达龄须看岗位 / depends on the post")...)
	return casework.Calculation{Name: "retirement.reached", Zh: "法定退休年龄", En: "retirement age", Inputs: inputs, Outputs: outputs,
		Do: func(given casework.Given) (casework.Computed, error) { return reached(rules, given) }}
}

func reached(rules Rules, given casework.Given) (casework.Computed, error) {
	region, on, err := place(rules, given, "on")
	if err != nil {
		return casework.Computed{}, err
	}
	number := given.Text("id_number")
	if len(number) != 18 {
		return casework.Computed{}, errors.New("the ID number has not 18 characters")
	}
	birth, err := ParseMonth(number[6:12])
	if err != nil {
		return casework.Computed{}, errors.New("the ID number holds no month of birth")
	}
	sex, ages := "F", []int{50, 55}
	if number[16]%2 == 1 {
		sex, ages = "M", []int{60}
	}
	var results []Retirement
	var derivations []Derivation
	for _, age := range ages {
		terms, err := region.Retirement(sex, age)
		if err != nil {
			return casework.Computed{}, err
		}
		r, err := terms.Of(birth)
		if err != nil {
			return casework.Computed{}, err
		}
		results, derivations = append(results, r), append(derivations, r.Derivation())
	}
	first, last, now := results[0].Month, results[len(results)-1].Month, casework.MonthOf(on)
	return computed(map[string]any{"earliest": first.String(), "latest": last.String(), "reached": now >= last, "unclear": now >= first && now < last}, derivations...), nil
}
