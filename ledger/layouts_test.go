package ledger

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew") //nolint:gochecknoglobals // a test flag

// layouts are the statements of the banks of the domain sheet, two lines each.
func layouts() map[string]string {
	return map[string]string{
		"ccb": "账号,账户名称,交易时间,借方发生额（支取）,贷方发生额（收入）,余额,币种,对方户名,对方账号,对方开户机构,记账日期,摘要,备注,账户明细编号-交易流水号,企业流水号,凭证种类,凭证号\n" +
			"6217000000000000019\t,示例社保中心,20260331 23:50:02,0.00,\"1,234.50\",\"2,234.50\",人民币元,示例甲,'6217000000000000027,示例支行,20260401,转入,附言一,0001-S1,QY01,电子,P1\n" +
			"6217000000000000019\t,示例社保中心,20260401 24:00:00,34.50,0.00,\"2,200.00\",人民币元,示例乙,=\"6217000000000000035\",示例支行,20260401,手续费,,0001-S2,,,\n",
		"icbc": "凭证号,本方账号,对方账号,交易时间,借/贷,借方发生额,贷方发生额,对方行号,摘要,用途,对方单位名称,余额,个性化信息\n" +
			"V1,0200000000000000001,6222000000000000011,2026-03-31 09:00:00,贷,,100.00,102,转账,缴费,示例单位,600.00,\nV2,0200000000000000001,6222000000000000029,2026-03-31 09:00:00,借,50.00,,102,付款,待遇,示例丙,550.00,\n",
		"abc": "交易时间,收入金额,支出金额,账户余额,手续费总额,交易方式,交易行名,交易类别,对方省市,对方账号,对方户名,交易用途,交易说明,交易摘要,交易附言\n" +
			"2026-03-31 10:00:00,,12.00,88.00,0.00,网银,示例行,转账,示例省,6228480000000000011,示例丁,待遇,,付款,D001\n2026-03-30 10:00:00,100.00,,100.00,0.00,网银,示例行,转账,示例省,6228480000000000029,示例戊,,,收款,\n",
		"abc-date": "交易日期,时间戳,收入金额,支出金额,本次余额,对方账号,对方户名,交易摘要\n20260330,10.00.00,100.00,,100.00,6228480000000000029,示例戊,收款\n20260331,11.00.00,,１２．００,88.00,6228480000000000011,示例丁,付款\n",
		"psbc":     "交易日期,交易时间,借方金额,贷方金额,余额,对方账号,对方户名,对方行名,摘要,附言,流水号\n2026/3/31,10:00:01,5.00,,95.00,6210000000000000011,示例己,示例行,付款,,L1\n2026/3/31,10:00:01,5.00,,90.00,6210000000000000011,示例己,示例行,付款,,L2\n",
		"rural":    "示例农商银行对账单\n账号：3799000000000000001,户名：示例社保中心\n日期|借贷标志|交易金额|余额|对方户名|摘要\n20260331|D|10.00|90.00|示例庚|付款\n20260331|C|¥5.00|95.00|示例辛|收款\n本页小计|||95.00||\n",
		"reversed": "日期,收支,金额,余额,摘要\n46112,支出,10.00,90.00,付款\n46111,收入,100.00,100.00,收款\n",
		"empty":    "交易日期,借方发生额,贷方发生额,余额\n期初余额,,,100.00\n期末余额,,,100.00\n",
	}
}

func TestBankLayoutsReadAsTheGoldenFilesSay(t *testing.T) {
	for name, text := range layouts() {
		t.Run(name, func(t *testing.T) {
			st, rows, err := readAll(t, input(name, []byte(text)), Bank)
			if err != nil {
				t.Fatal(err)
			}
			var got bytes.Buffer
			encoder := json.NewEncoder(&got)
			encoder.SetIndent("", " ")
			encoder.SetEscapeHTML(false)
			if err := encoder.Encode(map[string]any{"statement": st, "rows": rows}); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("testdata", "layout-"+name+".golden")
			if *update {
				if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.Bytes(), want) {
				t.Errorf("differs from %s:\n%s", path, got.String())
			}
		})
	}
}

func TestReportsNameEveryDifference(t *testing.T) {
	res := fe1(t, "2026-04-02")
	var page, rows, daily, table, paper bytes.Buffer
	for _, err := range []error{res.WriteDailyHTML(&paper), res.WriteAdjustmentHTML(&paper), res.WriteHTML(&page), res.WriteRows(&rows), res.WriteDailyXLSX(&daily), res.WriteAdjustmentXLSX(&table)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{"1,241,830.00", "1,240,127.50", "手续费", "代发退回 D003 户名不符", "支付失败重新支付", "出纳"} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	for _, want := range []string{"银行存款余额调节表", "1,241,830.00", "2026年4月2日", "会计：<td>出纳：<td>复核：<td>日期：", "31至90日", "1 笔 1,732.50", "支付失败重新支付", `<td class="k">银行`} {
		if !strings.Contains(paper.String(), want) {
			t.Errorf("the papers do not say %q", want)
		}
	}
	for name, book := range map[string][]byte{"daily": daily.Bytes(), "table": table.Bytes()} {
		texts := sheetTexts(t, book)
		if want := map[string]string{"daily": "退票：已付款项退回", "table": "银行已付、单位未付"}[name]; !strings.Contains(texts, want) {
			t.Errorf("%s lacks %q", name, want)
		}
	}
}
