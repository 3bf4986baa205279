package benefits

import (
	"strconv"

	"github.com/jingban/jingban/casework"
)

// transferAmount is the money that follows a person, with the rows of the form
// that goes with it.
func transferAmount(rules Rules) casework.Calculation {
	inputs := quantities(casework.TextQuantity, "region 地区 / region", "on 转移日期 / day of the transfer")
	inputs = append(inputs, quantities(casework.RowsQuantity, "months 缴费明细 / contribution months")...)
	inputs = append(inputs, quantities(casework.MoneyQuantity, "pre1998? 1998年1月1日前账户中个人缴费累计储存额 / personal contributions before 1998")...)
	outputs := quantities(casework.MoneyQuantity, "before ①1998年前累计储存额 / before 1998", "balance ②至上年末累计储存额 / balance of last year", "current ③当年记入本金 / principal of this year",
		"account ④个人账户转移额 / account", "pooled ⑤统筹基金转移额 / pooled", "total ⑥转移基金总额 / total", "not_moved 超比例不转移 / not moved", "raised 补足 / raised by")
	outputs = append(outputs, quantities(casework.TextQuantity, "capitals 转移基金总额大写 / total in words", "account_capitals 个人账户转移额大写 / account in words", "arrears 未到账月份 / months without money")...)
	outputs = append(outputs, quantities(casework.WholeQuantity, "counted 实际缴费月数 / months that count")...)
	outputs = append(outputs, quantities(casework.RowsQuantity, "rows 历年记账信息 / yearly rows")...)
	return casework.Calculation{Name: "transfer.amount", Zh: "养老保险关系转移金额", En: "money of a pension transfer", Inputs: inputs, Outputs: outputs,
		Do: func(given casework.Given) (casework.Computed, error) { return transferred(rules, given) }}
}

func transferred(rules Rules, given casework.Given) (casework.Computed, error) {
	region, on, err := place(rules, given, "on")
	if err != nil {
		return casework.Computed{}, err
	}
	list, err := contributions(given.Rows("months"))
	if err != nil {
		return casework.Computed{}, err
	}
	terms, err := region.Transfer()
	if err != nil {
		return casework.Computed{}, err
	}
	out, err := terms.Transfer(list, casework.Fen(given.Whole("pre1998")), on.Year)
	if err != nil {
		return casework.Computed{}, err
	}
	values := map[string]any{"before": int(out.Pre1998), "balance": int(out.Balance), "current": int(out.Current), "account": int(out.Account), "pooled": int(out.Pooled), "total": int(out.Total),
		"not_moved": int(out.NotMoved), "raised": int(out.RaisedBy), "capitals": casework.FormatCapitals(out.Total), "account_capitals": casework.FormatCapitals(out.Account), "arrears": months(out.Arrears), "counted": out.Months, "rows": formRows(out.FormRows(list))}
	return computed(values, out.Derivation()), nil
}

// formRows writes the rows as the form's page takes them.
func formRows(rows []FormRow) []map[string]string {
	texts := make([]map[string]string, len(rows))
	for i, r := range rows {
		texts[i] = map[string]string{"year": strconv.Itoa(r.Year), "first": r.First.String(), "last": r.Last.String(), "months": strconv.Itoa(r.Months), "base": r.Base.String(),
			"share": r.Share.String(), "principal": r.Principal.String(), "interest": r.Interest.String(), "closing": ""}
		if r.Closed {
			texts[i]["closing"] = r.Closing.String()
		}
	}
	return texts
}
