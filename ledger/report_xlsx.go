package ledger

import (
	"fmt"
	"io"

	"github.com/xuri/excelize/v2"

	"github.com/jingban/jingban/casework"
)

// paper is a workbook being written: rows of one sheet, from the top.
type paper struct {
	file  *excelize.File
	sheet string
	row   int
	err   error
	style map[string]int
}

func newPaper(sheet string) *paper {
	p := &paper{file: excelize.NewFile(), sheet: sheet, style: map[string]int{}}
	p.err = p.file.SetSheetName("Sheet1", sheet)
	border := []excelize.Border{{Type: "left", Style: 1}, {Type: "right", Style: 1}, {Type: "top", Style: 1}, {Type: "bottom", Style: 1}}
	yuan := "#,##0.00"
	for name, style := range map[string]*excelize.Style{
		"title": {Font: &excelize.Font{Bold: true, Size: 16}, Alignment: &excelize.Alignment{Horizontal: "center"}},
		"head":  {Font: &excelize.Font{Bold: true}, Border: border, Alignment: &excelize.Alignment{Horizontal: "center", WrapText: true}},
		"cell":  {Border: border, Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}},
		"yuan":  {Border: border, CustomNumFmt: &yuan},
		"alarm": {Font: &excelize.Font{Bold: true, Color: "C00000"}},
	} {
		id, err := p.file.NewStyle(style)
		p.style[name] = id
		p.note(err)
	}
	return p
}

func (p *paper) note(err error) {
	if p.err == nil {
		p.err = err
	}
}

// add begins a new sheet.
func (p *paper) add(sheet string) {
	_, err := p.file.NewSheet(sheet)
	p.note(err)
	p.sheet, p.row = sheet, 0
}

// yuan is an amount on its way into a cell. A spreadsheet's numbers are binary;
// up to fifteen digits they show every fen.
type yuan casework.Fen

// line writes one row of cells in one style.
func (p *paper) line(style string, cells ...any) {
	p.row++
	for i, value := range cells {
		name, err := excelize.CoordinatesToCellName(i+1, p.row)
		p.note(err)
		use := style
		if fen, ok := value.(yuan); ok {
			value = float64(fen) / 100
			if use = style; style == "cell" {
				use = "yuan"
			}
		}
		p.note(p.file.SetCellValue(p.sheet, name, value))
		if id, ok := p.style[use]; ok && value != nil {
			p.note(p.file.SetCellStyle(p.sheet, name, name, id))
		}
	}
}

// across merges the last row from its first to its last column.
func (p *paper) across(columns int) {
	last, err := excelize.CoordinatesToCellName(columns, p.row)
	p.note(err)
	p.note(p.file.MergeCell(p.sheet, fmt.Sprintf("A%d", p.row), last))
}

func (p *paper) widths(widths ...float64) {
	for i, w := range widths {
		name, err := excelize.ColumnNumberToName(i + 1)
		p.note(err)
		p.note(p.file.SetColWidth(p.sheet, name, name, w))
	}
}

func (p *paper) write(out io.Writer) error {
	defer p.file.Close()
	if p.err != nil {
		return p.err
	}
	return p.file.Write(out)
}

// alarms puts what was forced on top, so that nobody overlooks it.
func (res *Result) alarms(p *paper) {
	if len(res.Forced) == 0 {
		return
	}
	p.line("alarm", fmt.Sprintf("【强制对账】输入文件有 %d 处问题，以下结果不可直接用于记账：", len(res.Forced)))
	for i, problem := range res.Forced {
		if i == 20 {
			p.line("alarm", "……其余见 summary.json")
			break
		}
		p.line("alarm", problem.Text(true))
	}
}

// WriteAdjustmentXLSX writes the 银行存款余额调节表: our books on the left, the
// bank on the right, the items below, and the line to sign.
func (res *Result) WriteAdjustmentXLSX(out io.Writer) error {
	p := newPaper("余额调节表")
	a := res.Adjustment
	res.alarms(p)
	p.line("title", "银行存款余额调节表")
	p.across(8)
	p.line("", "单位名称："+a.Unit, nil, nil, "开户行："+a.BankOf)
	p.line("", "账号："+a.Account, nil, nil, a.Day.Date().Time().Format("2006年1月2日"), nil, nil, nil, "单位：元")
	p.line("head", "日期", "凭证号", "银行存款日记账", "金额", "日期", "凭证号", "银行对账单", "金额")
	p.line("cell", "", "", "银行存款日记账余额", yuan(a.Book), "", "", "银行对账单余额", yuan(a.Bank))
	p.halves("加：银行已收、单位未收", a.K1, "加：单位已收、银行未收", a.K3)
	p.halves("减：银行已付、单位未付", a.K2, "减：单位已付、银行未付", a.K4)
	p.line("cell", "", "", "调节后余额", yuan(a.AdjustedBook()), "", "", "调节后余额", yuan(a.AdjustedBank()))
	if !a.Balanced() {
		p.line("alarm", "调节后余额不相等，差额 "+a.Difference().String()+" 元，须继续查明。")
		for _, clue := range a.Clues() {
			p.line("alarm", clue)
		}
	}
	if !res.HasBalance {
		p.line("alarm", "输入文件未列余额，本表仅列示未达账项。")
	}
	p.line("", "会计：", nil, "出纳：", nil, "复核：", nil, "日期：")
	p.line("", "本表只说明差异，不作为记账凭证。出纳不得编制本表。")
	p.widths(12, 16, 36, 18, 12, 16, 36, 18)
	return p.write(out)
}

func (p *paper) halves(leftTitle string, left []AdjustmentLine, rightTitle string, right []AdjustmentLine) {
	p.line("head", "", "", leftTitle, yuan(total(left)), "", "", rightTitle, yuan(total(right)))
	for i := range max(len(left), len(right)) {
		cells := append(half(left, i), half(right, i)...)
		p.line("cell", cells...)
	}
}

func half(lines []AdjustmentLine, i int) []any {
	if i >= len(lines) {
		return []any{"", "", "", ""}
	}
	l := lines[i]
	return []any{l.Day.String(), l.Voucher, l.Summary, yuan(l.Fen)}
}

// WriteDailyXLSX writes the 对账日报: the states, the differences with their
// reasons, proposed vouchers, and the payments to make again.
func (res *Result) WriteDailyXLSX(out io.Writer) error {
	p := newPaper("对账日报")
	res.alarms(p)
	p.line("title", "对账日报 "+res.lastDay().String())
	p.across(5)
	p.line("head", "状态", "银行笔数", "银行金额", "账面笔数", "账面金额")
	for state := range states {
		if res.Sides[0].Count[state]+res.Sides[1].Count[state] > 0 {
			p.line("cell", state.Title(true), res.Sides[0].Count[state], yuan(res.Sides[0].Fen[state]), res.Sides[1].Count[state], yuan(res.Sides[1].Fen[state]))
		}
	}
	p.line("head", "合计", res.Sides[0].Rows, yuan(res.Sides[0].Total), res.Sides[1].Rows, yuan(res.Sides[1].Total))
	p.row++
	for _, law := range res.Invariants {
		p.line("", pick(law.Held, "✓ ", "✗ ")+law.Name+" "+law.Why)
	}
	p.widths(28, 14, 20, 14, 20)
	p.add("差异清单")
	p.line("head", "方", "文件", "行", "日期", "金额", "对方户名", "摘要", "参考号", "状态", "组", "原因", "未达天数")
	for _, r := range res.Differ {
		age := any("")
		if r.State.open() || r.Age > 0 {
			age = max(int(res.lastDay())-int(r.Detail.Day), 0)
		}
		p.line("cell", r.Side.String(), r.File, r.Line, r.Detail.Day.String(), yuan(r.Fen), r.Detail.Party, r.Detail.Summary, firstOf(r.Detail.Serial, r.Detail.Client, r.Detail.Voucher),
			r.State.Title(true), groupText(r.Group), r.Zh, age)
	}
	if res.MoreDiffer > 0 {
		p.line("alarm", fmt.Sprintf("另有 %d 行，见 rows.csv", res.MoreDiffer))
	}
	p.widths(8, 20, 8, 12, 16, 20, 28, 20, 22, 8, 40, 10)
	res.vouchers(p)
	p.add("支付失败重新支付")
	p.line("head", "退回日期", "金额", "批次号", "明细", "户名", "原因")
	for _, again := range res.PayAgain() {
		p.line("cell", again.Day, yuan(again.Fen), again.Batch, again.Item, again.Name, again.Why)
	}
	p.widths(12, 16, 18, 12, 20, 40)
	return p.write(out)
}

// vouchers lists the proposed entries.
func (res *Result) vouchers(p *paper) {
	p.add("建议凭证（不入账）")
	p.line("alarm", "建议，仅供会计参考；系统不入账。请凭银行单据编制凭证。")
	p.line("head", "日期", "摘要", "借方科目", "贷方科目", "金额", "依据", "标记")
	for _, v := range res.Vouchers() {
		p.line("cell", v.Day, v.Summary, v.Debit, v.Credit, yuan(v.Fen), v.Zh, "建议")
	}
	p.widths(12, 30, 24, 24, 16, 40, 8)
}

func groupText(group uint32) string {
	if group == 0 {
		return ""
	}
	return fmt.Sprint(group)
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
