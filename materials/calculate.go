package materials

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/jingban/jingban/casework"
)

// Calculations are what playbooks may compute of documents that came as data:
//
//	transfer.form   whether an information form (信息表) adds up, with the codes of its faults
func Calculations(params casework.Params) []casework.Calculation {
	money := []casework.Quantity{}
	for _, line := range []string{"before ①1998年前累计储存额 / before 1998", "balance ②至上年末储存额 / balance of last year", "current ③当年记账本金 / principal of this year",
		"account ④个人账户转移额 / account", "pooled ⑤统筹基金转移额 / pooled", "total ⑥转移基金总额 / total"} {
		money = append(money, quantity(casework.MoneyQuantity, line))
	}
	return []casework.Calculation{{
		Name: "transfer.form", Zh: "信息表核对", En: "check of an information form",
		Inputs:  append(money, quantity(casework.TextQuantity, "region 地区 / region"), quantity(casework.WholeQuantity, "months 实际缴费月数 / months"), quantity(casework.RowsQuantity, "rows 历年记账信息 / yearly rows")),
		Outputs: []casework.Quantity{quantity(casework.TextQuantity, "findings 差错代码 / findings"), quantity(casework.YesQuantity, "right 各项相符 / adds up"), quantity(casework.YesQuantity, "rounding 差额在分位以内 / rounding only")},
		Do:      func(given casework.Given) (casework.Computed, error) { return checkForm(params, given) },
	}}
}

func quantity(kind casework.QuantityKind, line string) casework.Quantity {
	name, titles, _ := strings.Cut(line, " ")
	zh, en, _ := strings.Cut(titles, " / ")
	return casework.Quantity{Name: name, Zh: zh, En: en, Kind: kind}
}

// checkForm holds part one against itself and the rows of part two.
func checkForm(params casework.Params, given casework.Given) (casework.Computed, error) {
	rows, err := formYears(given.Rows("rows"))
	if err != nil {
		return casework.Computed{}, err
	}
	var codes, lines []string
	add := func(code, zh string) { codes, lines = append(codes, code), append(lines, "  "+code+" "+zh) }
	fen := func(name string) casework.Fen { return casework.Fen(given.Whole(name)) }
	if sum := fen("before") + fen("balance") + fen("current"); sum != fen("account") {
		add("ACCOUNT_NE_SUM", fmt.Sprintf("①＋②＋③＝%s元，④为%s元", sum, fen("account")))
	}
	if sum := fen("account") + fen("pooled"); sum != fen("total") {
		add("TOTAL_NE_ACCOUNT_PLUS_POOLED", fmt.Sprintf("④＋⑤＝%s元，⑥为%s元", sum, fen("total")))
	}
	rounding := len(codes) == 0
	limit := func(r TransferYear) (casework.Fen, bool) { return highestBase(params, given.Text("region"), r) }
	for _, f := range CheckTransferYears(rows, given.Whole("months"), limit) {
		rounding = rounding && f.Code == "CLOSING_CHAIN" && offByOne(rows, f.Row)
		add(f.Code, sayRow(f, rows).Zh)
	}
	title := []string{"信息表核对", fmt.Sprintf("  %d行，实际缴费%d个月，转移基金总额%s元", len(rows), given.Whole("months"), fen("total"))}
	if len(codes) == 0 {
		lines = []string{"  各项相符"}
	}
	return casework.Computed{Values: map[string]any{"findings": strings.Join(codes, " "), "right": len(codes) == 0, "rounding": len(codes) > 0 && rounding}, Lines: append(title, lines...)}, nil
}

// offByOne says that a closing balance is one fen from the sum, as rounding leaves it.
func offByOne(rows []TransferYear, i int) bool {
	off := rows[i-1].Closing + rows[i].Credit + rows[i].Interest - rows[i].Closing
	return off == 1 || off == -1
}

// formYears reads rows as a page shows them: place, year, first, last, months,
// base, share, principal, interest, closing. A row that closes no year carries the
// balance on.
func formYears(texts []map[string]string) ([]TransferYear, error) {
	var rows []TransferYear
	var carried casework.Fen
	for i, t := range texts {
		r := TransferYear{Place: t["place"]}
		for column, into := range map[string]*int{"year": &r.Year, "months": &r.Months, "first": (*int)(&r.From), "last": (*int)(&r.To)} {
			n, err := strconv.Atoi(t[column])
			if err != nil {
				return nil, fmt.Errorf("row %d of the form: its %s is no number", i+1, column)
			}
			*into = n
		}
		for column, into := range map[string]*casework.Fen{"base": &r.Base, "principal": &r.Credit, "interest": &r.Interest} {
			v, err := casework.ParseFen(t[column])
			if err != nil {
				return nil, fmt.Errorf("row %d of the form: its %s is no amount", i+1, column)
			}
			*into = v
		}
		ratio, err := casework.ParseFen(strings.TrimSuffix(t["share"], "%")) // a percentage has two decimals like an amount
		if err != nil {
			return nil, fmt.Errorf("row %d of the form: its share is none", i+1)
		}
		r.Ratio, r.Closing = int(ratio), carried+r.Credit+r.Interest
		if closing, err := casework.ParseFen(t["closing"]); err == nil {
			r.Closing = closing
		}
		carried = r.Closing
		rows = append(rows, r)
	}
	return rows, nil
}
