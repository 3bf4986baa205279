package benefits

import (
	"fmt"
	"slices"
	"strings"

	"github.com/jingban/jingban/casework"
)

// transferReceipt finds the money of a letter among the bank's receipts. A row has
// serial, day, payer, amount and remark; it is the letter's when its remark names
// the letter, or when the sending agency names the person.
func transferReceipt() casework.Calculation {
	inputs := quantities(casework.TextQuantity, "letter 联系函编号 / letter", "name 姓名 / name", "id_number 公民身份号码 / ID number", "agency 转出地社保机构 / sending agency")
	inputs = append(inputs, quantities(casework.MoneyQuantity, "total 信息表转移基金总额 / total of the form")...)
	inputs = append(inputs, quantities(casework.RowsQuantity, "receipts 到账记录 / receipts")...)
	outputs := quantities(casework.TextQuantity, "state 匹配结果 / result", "serial 到账流水号 / serial number", "day 到账日期 / day")
	outputs = append(outputs, quantities(casework.MoneyQuantity, "amount 到账金额 / amount")...)
	outputs = append(outputs, quantities(casework.WholeQuantity, "found 到账笔数 / receipts found")...)
	return casework.Calculation{Name: "transfer.receipt", Zh: "到账与信息表核对", En: "money against the form", Inputs: inputs, Outputs: outputs, Do: matchReceipt}
}

func matchReceipt(given casework.Given) (casework.Computed, error) {
	d := Derivation{Title: "到账与信息表核对"}
	total := casework.Fen(given.Whole("total"))
	d.add(Given, "信息表转移基金总额%s元", total)
	values := map[string]any{"state": "none", "serial": "", "day": "", "amount": 0, "found": 0}
	var sum casework.Fen
	for i, row := range given.Rows("receipts") {
		remark := row["remark"]
		byPerson := row["payer"] == given.Text("agency") && (strings.Contains(remark, given.Text("id_number")) || strings.Contains(remark, given.Text("name")))
		if given.Text("letter") == "" || !strings.Contains(remark, given.Text("letter")) && !byPerson {
			continue
		}
		amount, err := casework.ParseFen(row["amount"])
		if err != nil {
			return casework.Computed{}, fmt.Errorf("row %d of the receipts: its amount is none", i+1)
		}
		sum += amount
		values["found"], values["serial"], values["day"], values["amount"] = values["found"].(int)+1, row["serial"], row["day"], int(amount)
		d.add(Step, "%s到账%s元，流水号%s", row["day"], amount, row["serial"])
	}
	switch {
	case values["found"] == 0:
		d.add(Doubt, "未找到该联系函的到账记录")
	case values["found"].(int) > 1:
		values["state"] = "several"
		d.add(Doubt, "同一联系函到账%d笔，合计%s元，须人工核对是否重复划款", values["found"], sum)
	case sum != total:
		values["state"] = "differs"
		d.add(Doubt, "到账金额与信息表相差%s元，不予登帐", max(sum-total, total-sum))
	default:
		values["state"] = "match"
		d.add(Result, "金额相符，可以登帐")
	}
	return computed(values, d), nil
}

// sameColumns are what two systems must agree on, row by row.
func sameColumns() []struct {
	name, zh string
	amount   bool
} {
	return []struct {
		name, zh string
		amount   bool
	}{{"first", "开始年月", false}, {"last", "终止年月", false}, {"months", "月数", false}, {"base", "月缴费基数", true}, {"principal", "当年记账金额", true}, {"interest", "当年记账利息", true}, {"total", "转移基金总额", true},
		{"own", "个人账户转移额", true}, {"pooled", "统筹基金转移额", true}}
}

// transferSame compares what two systems hold of one transfer: rows with year,
// first, last, months, base, principal and interest, and heads with months, own,
// pooled and total. Rows are told apart by their first month.
func transferSame() casework.Calculation {
	inputs := quantities(casework.RowsQuantity, "theirs 信息表 / the form", "ours 业务系统 / the pension system")
	outputs := quantities(casework.YesQuantity, "agrees 一致 / agree")
	outputs = append(outputs, quantities(casework.TextQuantity, "differences 差异 / differences")...)
	outputs = append(outputs, quantities(casework.WholeQuantity, "rows 行数 / rows")...)
	return casework.Calculation{Name: "transfer.same", Zh: "两个系统核对", En: "two systems compared", Inputs: inputs, Outputs: outputs,
		Do: func(given casework.Given) (casework.Computed, error) {
			theirs, ours := ordered(given.Rows("theirs")), ordered(given.Rows("ours"))
			var differences []string
			if len(theirs) != len(ours) {
				differences = append(differences, fmt.Sprintf("信息表%d行，业务系统%d行", len(theirs), len(ours)))
			}
			for i := range min(len(theirs), len(ours)) {
				differences = append(differences, differing(theirs[i], ours[i])...)
			}
			d := Derivation{Title: "两个系统核对"}
			for _, text := range differences {
				d.add(Doubt, "%s", text)
			}
			if len(differences) == 0 {
				d.add(Result, "%d行逐项一致", len(ours))
			}
			return computed(map[string]any{"agrees": len(differences) == 0, "differences": strings.Join(differences, "；"), "rows": len(ours)}, d), nil
		}}
}

func ordered(rows []map[string]string) []map[string]string {
	return slices.SortedStableFunc(slices.Values(rows), func(a, b map[string]string) int { return strings.Compare(a["first"], b["first"]) })
}

func differing(theirs, ours map[string]string) []string {
	var found []string
	for _, c := range sameColumns() {
		a, b := theirs[c.name], ours[c.name]
		if c.amount {
			a, b = amountText(a), amountText(b)
		}
		if a != b {
			found = append(found, fmt.Sprintf("%s：%s信息表为%s，业务系统为%s", theirs["first"], c.zh, a, b))
		}
	}
	return found
}

// amountText writes an amount in one way, and what is none as it stands.
func amountText(text string) string {
	if v, err := casework.ParseFen(text); err == nil {
		return v.String()
	}
	return text
}
