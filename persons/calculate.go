package persons

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jingban/jingban/casework"
)

// Calculations are what playbooks may compute by name: the proposal of a merge,
// whether a system's preview agrees with it, and whether what the system holds
// afterwards does. Tables come as systems show them, columns by their headings.
func Calculations() []casework.Calculation {
	return []casework.Calculation{mergeCalculation(), previewCalculation(), mergedCalculation()}
}

func quantity(name, zh, en string, kind casework.QuantityKind) casework.Quantity {
	return casework.Quantity{Name: name, Zh: zh, En: en, Kind: kind}
}

func mergeCalculation() casework.Calculation {
	rows, text := casework.RowsQuantity, casework.TextQuantity
	return casework.Calculation{
		Name: "persons.merge", Zh: "合并方案", En: "merge proposal",
		Inputs: []casework.Quantity{
			quantity("level", "匹配级别", "match level", text),
			quantity("a", "甲号基本信息", "first number", rows), quantity("a_months", "甲号缴费明细", "its months", rows), quantity("a_benefits", "甲号待遇", "its benefits", rows),
			quantity("b", "乙号基本信息", "second number", rows), quantity("b_months", "乙号缴费明细", "its months", rows), quantity("b_benefits", "乙号待遇", "its benefits", rows),
		},
		Outputs: []casework.Quantity{
			quantity("main", "主号", "surviving number", text), quantity("sub", "副号", "folded number", text),
			quantity("refused", "不能合并", "no merge", casework.YesQuantity), quantity("refusal", "不能合并的原因", "why not", text),
			quantity("reasons", "须人工逐项核对的原因", "why a person looks", text),
			quantity("refund", "应退本息", "refund", casework.MoneyQuantity), quantity("balance", "合并后账户余额", "balance afterwards", casework.MoneyQuantity),
			quantity("overlap", "重复月数", "overlapping months", casework.WholeQuantity),
			quantity("counts", "月数", "months", rows), quantity("preview", "预览表", "preview", rows),
			quantity("moved", "转入的缴费记录", "rows that move", rows),
			quantity("table", "合并前后", "before and after, a line each", text), quantity("refunds", "重复月份", "doubled months, a line each", text),
			quantity("capitals", "应退大写", "refund in capitals", text),
		},
		Do: computeMerge,
	}
}

func computeMerge(given casework.Given) (casework.Computed, error) {
	a, err := recordOf(given, "a")
	if err != nil {
		return casework.Computed{}, err
	}
	b, err := recordOf(given, "b")
	if err != nil {
		return casework.Computed{}, err
	}
	p, err := Propose(a, b, given.Text("level"), UsualPolicy())
	if err != nil {
		return casework.Computed{}, err
	}
	counts, preview, moved, lines := []map[string]string{}, []map[string]string{}, []map[string]string{}, []string{}
	var table, refunds []string // as papers take them
	for _, c := range p.Counts {
		counts = append(counts, countRow(c))
	}
	for _, line := range p.Preview() {
		preview = append(preview, map[string]string{"项目": line.Label, "主号": line.Main, "副号": line.Sub, "合并后": line.After})
		lines = append(lines, fmt.Sprintf("%s：主号 %s，副号 %s，合并后 %s", line.Label, line.Main, line.Sub, line.After))
		table = append(table, strings.Join([]string{line.Label, line.Main, line.Sub, line.After}, "|"))
	}
	for _, row := range p.Moved {
		moved = append(moved, movedRow(row, "转入"))
	}
	for _, row := range p.WriteOff {
		moved = append(moved, movedRow(row, "应收核销"))
	}
	for _, o := range p.Overlaps {
		lines = append(lines, fmt.Sprintf("%s %s 重复：保留 %s 的记录（%s），退 %s 元", o.Dropped.Insurance.Zh(), o.Dropped.Month, o.Kept.FromPersonNo, choiceZh(o.By), o.Refund))
		moved = append(moved, movedRow(o.Dropped, "重复，退费"))
		refunds = append(refunds, strings.Join([]string{o.Dropped.Insurance.Zh(), fmt.Sprint(o.Dropped.Month), o.Kept.FromPersonNo, o.Dropped.FromPersonNo, o.Refund.String()}, "|"))
	}
	return casework.Computed{Lines: lines, Values: map[string]any{
		"main": p.Main.PersonNo, "sub": p.Sub.PersonNo, "refused": len(p.Refused) > 0, "refusal": joinReasons(p.Refused), "reasons": joinReasons(p.Human),
		"refund": int(p.Refund), "balance": int(p.Balance), "overlap": len(p.Overlaps), "counts": counts, "preview": preview,
		"moved": moved, "table": strings.Join(table, "\n"), "refunds": strings.Join(refunds, "\n"), "capitals": casework.FormatCapitals(p.Refund),
	}}, nil
}

// choiceZh is the rule that chose between two rows, as clerks call it.
func choiceZh(by string) string {
	return map[string]string{string(EmployerRow): "单位缴费优先", string(HigherBase): "基数高者优先", string(EarlierReceived): "到账早者优先",
		string(MainNumber): "主号优先", "employee_over_resident": "职工养老优先"}[by]
}

// movedRow is a row of contributions and what becomes of it.
func movedRow(row MovedRow, what string) map[string]string {
	return map[string]string{"险种": row.Insurance.Zh(), "费款所属期": fmt.Sprint(row.Month), "缴费基数": row.Base.String(), "原个人编号": row.FromPersonNo,
		"原参保关系": row.Relation, "处理": what}
}

func joinReasons(reasons []Reason) string {
	var words []string
	for _, r := range reasons {
		words = append(words, string(r))
	}
	return strings.Join(words, " ")
}

// countRow is a check sum as the systems show it.
func countRow(c MonthCount) map[string]string {
	return map[string]string{"险种类型": columnName(c.Insurance), "主号月数": strconv.Itoa(c.Main), "副号月数": strconv.Itoa(c.Sub),
		"重复月数": strconv.Itoa(c.Overlap), "合并后月数": strconv.Itoa(c.Kept)}
}

// columnName is an insurance as the grids of systems call it.
func columnName(i Insurance) string {
	return map[Insurance]string{Pension: "企业养老", Resident: "居民养老", Unemployment: "失业", Injury: "工伤"}[i]
}

// recordOf reads what a system shows of one number.
func recordOf(given casework.Given, which string) (Record, error) {
	basic := given.Rows(which)
	if len(basic) != 1 {
		return Record{}, casework.AskPerson("person_unclear", "number %s: %d rows of basic data; want one", which, len(basic))
	}
	row := basic[0]
	no := func(err error) (Record, error) {
		return Record{}, casework.AskPerson("person_unclear", "number %s: %w", which, err)
	}
	r := Record{PersonNo: row["编号"], Name: row["姓名"], Number: row["证件号码"], Verified: row["核验"] == "是", Sex: map[string]Sex{"男": Male, "女": Female}[row["性别"]],
		Drawing: row["待遇"] == "是", Dead: row["死亡"] == "是", ActiveCard: row["社保卡"] == "是", Active: row["参保状态"] == "正常参保", Province: row["户籍"],
		Frozen: row["冻结"] == "是", Objected: row["异议"] == "是", OpenCase: row["在途业务"] != "否" || row["合并至"] != ""}
	var err error
	if r.Birth, err = casework.ParseDate(row["出生日期"]); err != nil {
		return no(err)
	}
	if r.FirstInsured, err = monthOrNone(row["首次参保"]); err != nil {
		return no(err)
	}
	if r.DeemedMonths, err = strconv.Atoi(row["视同月数"]); err != nil {
		return no(err)
	}
	if r.SpecialWork, err = strconv.Atoi(row["特殊工种"]); err != nil {
		return no(err)
	}
	if r.Balance, err = casework.ParseFen(row["账户余额"]); err != nil {
		return no(err)
	}
	for _, line := range given.Rows(which + "_benefits") {
		month, err := parseMonth(line["待遇月份"])
		if err != nil {
			return no(err)
		}
		r.Benefits = append(r.Benefits, month)
	}
	r.Rows, err = paidRows(given.Rows(which + "_months"))
	if err != nil {
		return no(err)
	}
	return r, nil
}

func monthOrNone(text string) (casework.Month, error) {
	if text == "" {
		return 0, nil
	}
	return parseMonth(text)
}

// parseMonth reads YYYYMM.
func parseMonth(text string) (casework.Month, error) {
	n, err := strconv.Atoi(text)
	if m := casework.Month(n); err == nil && len(text) == 6 && m.Valid() {
		return m, nil
	}
	return 0, fmt.Errorf("a month that is not YYYYMM")
}

func paidRows(lines []map[string]string) ([]PaidRow, error) {
	var rows []PaidRow
	for _, line := range lines {
		row := PaidRow{Relation: line["参保关系"], Employer: line["单位缴费"] == "是", Cancelled: line["状态"] != "正常"}
		i := slices.IndexFunc([]Insurance{Pension, Resident, Unemployment, Injury}, func(i Insurance) bool { return columnName(i) == line["险种"] })
		if i < 0 {
			return nil, fmt.Errorf("an insurance that is not known")
		}
		row.Insurance = []Insurance{Pension, Resident, Unemployment, Injury}[i]
		var err error
		if row.Month, err = parseMonth(line["费款所属期"]); err != nil {
			return nil, err
		}
		if row.Received, err = monthOrNone(line["到账年月"]); err != nil {
			return nil, err
		}
		for column, into := range map[string]*casework.Fen{"缴费基数": &row.Base, "个人缴费": &row.Personal, "利息": &row.Interest} {
			if *into, err = casework.ParseFen(line[column]); err != nil {
				return nil, err
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func previewCalculation() casework.Calculation {
	rows, money := casework.RowsQuantity, casework.MoneyQuantity
	return casework.Calculation{
		Name: "persons.merge_preview", Zh: "核对系统预览", En: "compare the system's preview",
		Inputs: []casework.Quantity{
			quantity("ours", "本方案月数", "our months", rows), quantity("theirs", "系统预览月数", "the system's months", rows),
			quantity("balance", "本方案余额", "our balance", money), quantity("their_balance", "系统余额", "the system's balance", money),
			quantity("refund", "本方案应退", "our refund", money), quantity("their_refund", "系统应退", "the system's refund", money),
		},
		Outputs: []casework.Quantity{quantity("agrees", "一致", "agrees", casework.YesQuantity), quantity("difference", "差异", "difference", casework.TextQuantity)},
		Do: func(given casework.Given) (casework.Computed, error) {
			var found []string
			for _, m := range []struct{ zh, ours, theirs string }{{"合并后账户余额", "balance", "their_balance"}, {"应退本息", "refund", "their_refund"}} {
				if given.Whole(m.ours) != given.Whole(m.theirs) {
					found = append(found, fmt.Sprintf("%s：测算 %s，系统 %s", m.zh, casework.Fen(given.Whole(m.ours)), casework.Fen(given.Whole(m.theirs))))
				}
			}
			found = append(found, differentCounts(given.Rows("ours"), given.Rows("theirs"))...)
			return agreed(found), nil
		},
	}
}

func agreed(found []string) casework.Computed {
	lines := found
	if len(found) == 0 {
		lines = []string{"与测算一致"}
	}
	return casework.Computed{Values: map[string]any{"agrees": len(found) == 0, "difference": strings.Join(found, "；")}, Lines: lines}
}

func differentCounts(ours, theirs []map[string]string) []string {
	var found []string
	byInsurance := func(rows []map[string]string) map[string]map[string]string {
		of := map[string]map[string]string{}
		for _, row := range rows {
			if row["合并后月数"] != "0" || row["主号月数"] != "0" || row["副号月数"] != "0" {
				of[row["险种类型"]] = row
			}
		}
		return of
	}
	a, b := byInsurance(ours), byInsurance(theirs)
	for _, i := range []Insurance{Pension, Resident, Unemployment, Injury} {
		for _, column := range []string{"主号月数", "副号月数", "重复月数", "合并后月数"} {
			if x, y := a[columnName(i)][column], b[columnName(i)][column]; x != y {
				found = append(found, fmt.Sprintf("%s%s：测算 %s，系统 %s", i.Zh(), column, x, y))
			}
		}
	}
	return found
}

func mergedCalculation() casework.Calculation {
	rows := casework.RowsQuantity
	return casework.Calculation{
		Name: "persons.merged", Zh: "核对合并结果", En: "check what the merge left",
		Inputs: []casework.Quantity{
			quantity("counts", "方案月数", "proposed months", rows), quantity("balance", "方案余额", "proposed balance", casework.MoneyQuantity),
			quantity("main", "主号基本信息", "surviving number", rows), quantity("main_months", "主号缴费明细", "its months", rows),
			quantity("sub", "副号基本信息", "folded number", rows), quantity("sub_months", "副号缴费明细", "its months", rows),
		},
		Outputs: []casework.Quantity{quantity("agrees", "一致", "agrees", casework.YesQuantity), quantity("difference", "差异", "difference", casework.TextQuantity)},
		Do:      computeMerged,
	}
}

func computeMerged(given casework.Given) (casework.Computed, error) {
	main, sub := given.Rows("main"), given.Rows("sub")
	if len(main) != 1 || len(sub) != 1 {
		return casework.Computed{}, casework.AskPerson("person_unclear", "want one row of basic data of each number")
	}
	var found []string
	if sub[0]["合并至"] != main[0]["编号"] {
		found = append(found, "副号没有指向主号")
	}
	balance, err := casework.ParseFen(main[0]["账户余额"])
	if err != nil {
		return casework.Computed{}, casework.AskPerson("person_unclear", "balance: %w", err)
	}
	if int(balance) != given.Whole("balance") {
		found = append(found, fmt.Sprintf("账户余额：测算 %s，系统 %s", casework.Fen(given.Whole("balance")), balance))
	}
	kept, err := paidRows(given.Rows("main_months"))
	if err != nil {
		return casework.Computed{}, casework.AskPerson("person_unclear", "months: %w", err)
	}
	left, err := paidRows(given.Rows("sub_months"))
	if err != nil {
		return casework.Computed{}, casework.AskPerson("person_unclear", "months: %w", err)
	}
	for _, row := range given.Rows("counts") {
		for _, i := range []Insurance{Pension, Resident, Unemployment, Injury} {
			if n := (Record{Rows: kept}).months(i); columnName(i) == row["险种类型"] && strconv.Itoa(n) != row["合并后月数"] {
				found = append(found, fmt.Sprintf("%s：测算 %s 个月，系统 %d 个月", i.Zh(), row["合并后月数"], n))
			}
		}
	}
	if n := (Record{Rows: left}).paidMonths(); n > 0 {
		found = append(found, fmt.Sprintf("副号仍有 %d 个到账月份", n))
	}
	return agreed(found), nil
}
