package benefits

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/jingban/jingban/casework"
)

// transferCalculations are what transfers of a pension relation compute besides
// the money: which way it goes, what the history is worth, who gets what.
func transferCalculations(rules Rules) []casework.Calculation {
	return []casework.Calculation{transferAmount(rules), transferKind(rules), transferAccount(rules), transferPlace(rules), transferHistory(rules),
		transferDuplicate(rules), transferReceipt(), transferSame()}
}

// kindName is what people and systems call a kind of transfer, and whether the
// flow for it is this one.
type kindName struct {
	zh      string
	handled bool
}

func transferKinds() map[string]kindName {
	return map[string]kindName{
		"CROSS_PROVINCE": {"跨省转移", true}, "INTRA_PROVINCE": {"省内转移", true}, "TEMP_ACCOUNT": {"临时缴费账户转移", true},
		"SYSTEM_SWITCH_RESIDENT": {"城乡养老保险制度衔接", false}, "SYSTEM_SWITCH_CIVIL": {"机关事业单位转移", false}, "MILITARY": {"军人养老保险转移", false},
	}
}

// parseFollows reads whether funds follow the person.
func parseFollows(text string) (string, error) {
	if !slices.Contains([]string{"yes", "no", "account"}, text) {
		return "", fmt.Errorf("%q: want yes, no or account", text)
	}
	return text, nil
}

// transferKind says what a kind of transfer means in a region on a day.
func transferKind(rules Rules) casework.Calculation {
	inputs := quantities(casework.TextQuantity, "region 地区 / region", "on 申请日期 / day of the application", "kind 转移类型 / kind of transfer")
	outputs := quantities(casework.TextQuantity, "word 转移类型名称 / name of the kind", "follows 资金划转范围 / what moves")
	outputs = append(outputs, quantities(casework.YesQuantity, "handled 可由本流程办理 / handled here", "funds 资金随同转移 / funds move")...)
	return casework.Calculation{Name: "transfer.kind", Zh: "转移类型", En: "kind of a pension transfer", Inputs: inputs, Outputs: outputs,
		Do: func(given casework.Given) (casework.Computed, error) {
			region, on, err := place(rules, given, "on")
			if err != nil {
				return casework.Computed{}, err
			}
			kind, known := transferKinds()[given.Text("kind")]
			if !known {
				d := Derivation{Title: "转移类型"}
				d.add(Doubt, "转移类型不在目录中，转人工")
				return computed(map[string]any{}, d), nil
			}
			follows, row, err := value(region, paramFundsFollow+given.Text("kind"), parseFollows)
			if err != nil {
				return casework.Computed{}, err
			}
			d := Derivation{Title: "转移类型"}
			d.add(Given, "%s申请，%s", on, kind.zh)
			d.add(Result, "%s", map[string]string{"yes": "个人账户和统筹基金随同转移", "no": "只归集缴费记录，不划转资金", "account": "只转移个人账户"}[follows])
			d.basis(row.Document)
			return computed(map[string]any{"word": kind.zh, "follows": follows, "handled": kind.handled, "funds": follows != "no"}, d), nil
		}}
}

// transferAccount is how a new relation is held.
func transferAccount(rules Rules) casework.Calculation {
	inputs := quantities(casework.TextQuantity, "region 地区 / region", "on 建立关系日期 / day it is opened", "sex 性别 / sex", "birth 出生日期 / date of birth", "home 户籍省份 / home province", "province 参保省份 / province")
	inputs = append(inputs, quantities(casework.YesQuantity, "had_general? 当地已有一般账户 / had a general account there")...)
	outputs := quantities(casework.TextQuantity, "kind 账户类别代码 / kind of account", "word 账户类别 / account")
	outputs = append(outputs, quantities(casework.WholeQuantity, "age 周岁 / full years")...)
	return casework.Calculation{Name: "transfer.account", Zh: "账户类别", En: "general or temporary account", Inputs: inputs, Outputs: outputs,
		Do: func(given casework.Given) (casework.Computed, error) {
			region, on, err := place(rules, given, "on")
			if err != nil {
				return casework.Computed{}, err
			}
			terms, err1 := region.Account()
			birth, err2 := casework.ParseDate(given.Text("birth"))
			if err := errors.Join(err1, err2); err != nil {
				return casework.Computed{}, err
			}
			sex := map[string]string{"男": "M", "女": "F"}[given.Text("sex")]
			a, err := terms.Account(NewRelation{Sex: sex, Birth: birth, Established: on, Home: given.Text("home"), Province: given.Text("province"), HadGeneral: given.Yes("had_general")})
			word := map[AccountKind]string{General: "一般账户", Temporary: "临时缴费账户"}[a.Kind]
			return computed(map[string]any{"kind": string(a.Kind), "word": word, "age": a.Age}, a.Derivation()), err
		}}
}

// transferPlace is where the pension will be drawn. A row has province, months and
// temporary (yes or no), oldest first.
func transferPlace(rules Rules) casework.Calculation {
	inputs := quantities(casework.TextQuantity, "region 地区 / region", "on 判定日期 / day", "home 户籍省份 / home province", "current 现参保省份 / current province")
	inputs = append(inputs, quantities(casework.RowsQuantity, "relations 历次参保关系 / relations")...)
	outputs := quantities(casework.TextQuantity, "province 待遇领取地 / where the pension is drawn", "rule 判定规则 / rule")
	return casework.Calculation{Name: "transfer.place", Zh: "待遇领取地", En: "where a pension is drawn", Inputs: inputs, Outputs: outputs,
		Do: func(given casework.Given) (casework.Computed, error) {
			region, _, err := place(rules, given, "on")
			if err != nil {
				return casework.Computed{}, err
			}
			terms, err := region.Place()
			if err != nil {
				return casework.Computed{}, err
			}
			var relations []Relation
			for i, row := range given.Rows("relations") {
				n := count(row["months"])
				if n < 0 || row["province"] == "" {
					return casework.Computed{}, fmt.Errorf("row %d of the relations: want province and months", i+1)
				}
				relations = append(relations, Relation{Province: row["province"], Months: n, Temporary: row["temporary"] == "yes"})
			}
			p := terms.Place(given.Text("home"), given.Text("current"), relations)
			return computed(map[string]any{"province": p.Province, "rule": p.Rule}, p.Derivation()), nil
		}}
}

// transferHistory is what a list of contribution months is worth: whether it holds
// together, what is missing, and whether many months were paid in one go. A row
// has month, arrived, and received (YYYY-MM-DD).
func transferHistory(rules Rules) casework.Calculation {
	inputs := quantities(casework.TextQuantity, "region 地区 / region", "on 核查日期 / day")
	inputs = append(inputs, quantities(casework.RowsQuantity, "months 缴费明细 / contribution months")...)
	inputs = append(inputs, quantities(casework.YesQuantity, "legal? 有缴费当时的法律文书 / legal documents", "undertaking? 有书面承诺 / undertaking")...)
	outputs := quantities(casework.TextQuantity, "first 首月 / first month", "last 末月 / last month", "arrears 未到账月份 / months without money", "doubled 重复登记月份 / months listed twice", "odd 尚未到来或不存在的月份 / months that cannot be", "paid_on 一次性缴费日期 / day of the largest payment")
	outputs = append(outputs, quantities(casework.WholeQuantity, "counted 实际缴费月数 / months that count", "at_once 一次缴费月数 / months paid at once")...)
	outputs = append(outputs, quantities(casework.YesQuantity, "blocked 一次性缴费缺少材料 / blocked for want of documents")...)
	return casework.Calculation{Name: "transfer.history", Zh: "缴费记录核查", En: "check of a contribution history", Inputs: inputs, Outputs: outputs,
		Do: func(given casework.Given) (casework.Computed, error) { return history(rules, given) }}
}

func history(rules Rules, given casework.Given) (casework.Computed, error) {
	region, on, err := place(rules, given, "on")
	if err != nil {
		return casework.Computed{}, err
	}
	list, err1 := contributions(given.Rows("months"))
	receipts, err2 := received(given.Rows("months"))
	terms, err3 := region.BackPayment()
	if err := errors.Join(err1, err2, err3); err != nil {
		return casework.Computed{}, err
	}
	paid := CountPaid(list, 0, casework.MonthOf(on), 0)
	back := terms.BackPayment(receipts, BackPaymentProof{Legal: given.Yes("legal"), Undertaking: given.Yes("undertaking")})
	values := map[string]any{"counted": paid.Paid, "arrears": months(paid.Arrears), "doubled": months(paid.Doubled), "odd": months(paid.Odd), "blocked": back.Blocked, "at_once": back.Months, "first": "", "last": "", "paid_on": ""}
	if back.Months > 0 {
		values["paid_on"] = back.Day.String()
	}
	for _, c := range list {
		if text := c.Month.String(); c.Arrived && (values["first"] == "" || text < values["first"].(string)) {
			values["first"] = text
		}
		if text := c.Month.String(); c.Arrived && text > values["last"].(string) {
			values["last"] = text
		}
	}
	return computed(values, paid.Derivation(), back.Derivation()), nil
}

// received gathers the days on which money came.
func received(rows []map[string]string) ([]Receipt, error) {
	byDay := map[string][]casework.Month{}
	for i, row := range rows {
		if row["received"] == "" {
			continue
		}
		month, err := strconv.Atoi(row["month"])
		if err != nil {
			return nil, fmt.Errorf("row %d of the contribution list: want month as YYYYMM", i+1)
		}
		byDay[row["received"]] = append(byDay[row["received"]], casework.Month(month))
	}
	var receipts []Receipt
	for _, day := range slices.Sorted(maps.Keys(byDay)) {
		on, err := casework.ParseDate(day)
		if err != nil {
			return nil, errors.New("a day of receipt in the contribution list is no date")
		}
		receipts = append(receipts, Receipt{Day: on, Months: byDay[day]})
	}
	return receipts, nil
}

// transferDuplicate is the overlap of our months with those of a form. A row of
// ours has month and principal in yuan; a row of the form first, months and
// principal.
func transferDuplicate(rules Rules) casework.Calculation {
	inputs := quantities(casework.TextQuantity, "region 地区 / region", "on 核查日期 / day")
	inputs = append(inputs, quantities(casework.RowsQuantity, "ours 本地缴费明细 / our months", "theirs 转入各行 / rows of the form")...)
	outputs := quantities(casework.TextQuantity, "overlap 重复月份 / overlapping months")
	outputs = append(outputs, quantities(casework.WholeQuantity, "count 重复月数 / number of them", "counted 合并后月数 / months counted")...)
	outputs = append(outputs, quantities(casework.MoneyQuantity, "refund 拟退个人账户本金 / principal to refund")...)
	return casework.Calculation{Name: "transfer.duplicate", Zh: "重复缴费", En: "months paid in two places", Inputs: inputs, Outputs: outputs,
		Do: func(given casework.Given) (casework.Computed, error) {
			region, _, err := place(rules, given, "on")
			if err != nil {
				return casework.Computed{}, err
			}
			terms, err1 := region.Duplicate()
			ours, err2 := spread(given.Rows("ours"))
			theirs, err3 := spread(given.Rows("theirs"))
			if err := errors.Join(err1, err2, err3); err != nil {
				return casework.Computed{}, err
			}
			d, err := terms.Duplicate(ours, theirs)
			return computed(map[string]any{"overlap": months(d.Overlap), "count": len(d.Overlap), "counted": d.Counted, "refund": int(d.Refund)}, d.Derivation()), err
		}}
}

// spread lays rows out month by month; the principal of a row is that of its
// months in equal parts, the last one taking what is left.
func spread(rows []map[string]string) (map[casework.Month]casework.Fen, error) {
	each := map[casework.Month]casework.Fen{}
	for i, row := range rows {
		n := 1
		if row["months"] != "" {
			n = count(row["months"])
		}
		first, err := ParseMonth(row["month"])
		if err != nil || n < 1 {
			return nil, fmt.Errorf("row %d: want month as YYYYMM and a number of months", i+1)
		}
		principal, err := casework.ParseFen(strings.ReplaceAll(row["principal"], ",", ""))
		if err != nil {
			return nil, fmt.Errorf("row %d: its principal is no amount", i+1)
		}
		for k := range n {
			part := principal / casework.Fen(n)
			if k == n-1 {
				part = principal - part*casework.Fen(n-1)
			}
			each[first.Add(k)] += part
		}
	}
	return each, nil
}
