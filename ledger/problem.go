package ledger

import (
	"fmt"
	"strings"
)

// Problem is one thing wrong with a file, with its place and how to put it right.
type Problem struct {
	File   string `json:"file"`
	Line   int    `json:"line,omitempty"`   // 1-based; 0 for the file as a whole
	Column int    `json:"column,omitempty"` // 1-based; 0 for the whole line
	Header string `json:"header,omitempty"` // heading of the column
	Code   string `json:"code"`
	Found  string `json:"found"`
	Want   string `json:"expected"`
	Hint   string `json:"hint"`
	zhWant string
	zhHint string
	Warn   bool `json:"warning,omitempty"` // does not make the file unusable
}

// Text is the problem as one line for people.
func (p Problem) Text(chinese bool) string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d", p.Line)
	}
	if p.Column > 0 {
		fmt.Fprintf(&b, ":%d", p.Column)
	}
	heading := ""
	if p.Header != "" {
		heading = " [" + p.Header + "]"
	}
	if chinese {
		fmt.Fprintf(&b, "%s: 读到 %s，应为%s。%s", heading, p.Found, p.zhWant, p.zhHint)
		return b.String()
	}
	fmt.Fprintf(&b, "%s: found %s, want %s (%s)", heading, p.Found, p.Want, p.Hint)
	return b.String()
}

// Refusal is the error of a file that can't be trusted. Nothing of it may be used.
type Refusal struct {
	File     string
	Problems []Problem // in the order of the file; at most maxProblems
	More     int       // how many more there were
}

// Error names the file and its first problem.
func (r *Refusal) Error() string {
	if len(r.Problems) == 0 {
		return r.File + ": refused"
	}
	text := r.Problems[0].Text(false)
	if more := len(r.Problems) - 1 + r.More; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// maxProblems bounds what is kept of a file that is wrong in every line.
const maxProblems = 200

// problems collects what is wrong with one file.
type problems struct {
	file string
	list []Problem
	more int
}

func (p *problems) add(line, column int, header, code, found string) {
	if len(p.list) >= maxProblems {
		p.more++
		return
	}
	w := wording(code)
	p.list = append(p.list, Problem{
		File: p.file, Line: line, Column: column, Header: header, Code: code, Found: clip(found),
		Want: w.want, Hint: w.hint, zhWant: w.zhWant, zhHint: w.zhHint, Warn: w.warn,
	})
}

// fatal reports whether any problem makes the file unusable.
func (p *problems) fatal() bool {
	for _, each := range p.list {
		if !each.Warn {
			return true
		}
	}
	return false
}

func (p *problems) refusal() error {
	return &Refusal{File: p.file, Problems: p.list, More: p.more}
}

// clip keeps a found value short and without control characters.
func clip(text string) string {
	clean := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, text)
	if runes := []rune(clean); len(runes) > 60 {
		clean = string(runes[:60]) + "…"
	}
	return `"` + clean + `"`
}

type words struct {
	want, hint, zhWant, zhHint string
	warn                       bool
}

// wording holds the sentences of every problem code.
func wording(code string) words {
	if w, ok := wordings()[code]; ok {
		return w
	}
	panic("ledger: no wording for problem " + code)
}

func wordings() map[string]words {
	return map[string]words{
		"empty":             {want: "a file with lines", hint: "export the file again", zhWant: "有内容的文件", zhHint: "请重新导出文件"},
		"unknown_format":    {want: "CSV, TXT, XLSX, XLS, MT940 or camt.053", hint: "export as one of these", zhWant: "CSV、TXT、XLSX、XLS、MT940 或 camt.053", zhHint: "请以上述格式之一导出"},
		"no_header":         {want: "a heading row with a date and an amount column", hint: "keep the bank's heading row, or give a layout with --layout", zhWant: "含日期列和金额列的表头行", zhHint: "请保留银行原表头，或用 --layout 指定列"},
		"ambiguous_header":  {want: "one column for each meaning", hint: "give a layout with --layout", zhWant: "每个含义只有一列", zhHint: "请用 --layout 指定列"},
		"field_count":       {want: "as many fields as the heading row", hint: "a field holds the delimiter, or the line is cut off: export again", zhWant: "与表头相同的列数", zhHint: "字段中含有分隔符，或该行被截断：请重新导出"},
		"quote":             {want: "a closing quote", hint: "the file is cut off or a quote is missing: export again", zhWant: "成对的引号", zhHint: "文件被截断或缺少引号：请重新导出"},
		"encoding":          {want: "UTF-8 or GB18030", hint: "the bytes are damaged: transfer the file again in binary mode", zhWant: "UTF-8 或 GB18030 编码", zhHint: "字节已损坏：请以二进制方式重新传输"},
		"control":           {want: "text without NUL bytes", hint: "the file is damaged: transfer it again", zhWant: "不含空字节的文本", zhHint: "文件已损坏：请重新传输"},
		"date":              {want: "an existing day like 2026-03-31 or 20260331", hint: "correct the cell in the source system and export again", zhWant: "存在的日期，如 2026-03-31 或 20260331", zhHint: "请在来源系统更正后重新导出"},
		"value_day":         {want: "an existing value day", hint: "some banks count 30 days in February; the booking day was taken", zhWant: "存在的起息日", zhHint: "部分银行按每月30天计息，已取记账日", warn: true},
		"no_date":           {want: "a date", hint: "a row of money needs its day", zhWant: "日期", zhHint: "有金额的行必须有日期"},
		"amount":            {want: "yuan with at most two decimals, like 1,234.50", hint: "correct the cell and export again", zhWant: "最多两位小数的金额，如 1,234.50", zhHint: "请更正后重新导出"},
		"scientific":        {want: "all digits of the number", hint: "a spreadsheet has rounded it: export again and do not open the file in between", zhWant: "完整的数字", zhHint: "数字已被表格软件改成科学计数：请重新导出，中途不要用表格软件打开保存"},
		"no_amount":         {want: "an amount", hint: "a dated row needs an amount, 0.00 if it is nothing", zhWant: "金额", zhHint: "有日期的行必须有金额，无发生额写 0.00"},
		"two_amounts":       {want: "an amount on one side only", hint: "debit and credit are both filled: split the row", zhWant: "只在借贷一方有金额", zhHint: "借方和贷方同时有数：请拆成两行"},
		"direction":         {want: "借/贷, D/C, 1/2 or 收入/支出", hint: "correct the direction mark", zhWant: "借/贷、D/C、1/2 或 收入/支出", zhHint: "请更正借贷标志"},
		"too_large":         {want: "less than 100,000,000,000,000.00", hint: "a digit too many?", zhWant: "小于一百万亿元的金额", zhHint: "是否多了数位？"},
		"balance_break":     {want: "the previous balance ± this amount", hint: "a line is missing, doubled or changed here: export again", zhWant: "上一行余额加减本行金额", zhHint: "此处缺行、重行或被改动：请重新导出"},
		"gap":               {want: "opening + in − out = closing", hint: "the file is incomplete or changed: export again", zhWant: "期初＋收入－支出＝期末", zhHint: "文件不完整或被改动：请重新导出"},
		"gap_entry":         {want: "opening + in − out = closing", hint: "this one entry explains the gap: it is doubled, missing its partner or on the wrong side", zhWant: "期初＋收入－支出＝期末", zhHint: "差额恰由此笔说明：重复、缺失或方向相反"},
		"opening":           {want: "the stated opening balance before the first line", hint: "lines are missing at the beginning", zhWant: "首行之前等于所列期初余额", zhHint: "文件开头缺行"},
		"closing":           {want: "the stated closing balance after the last line", hint: "lines are missing at the end", zhWant: "末行之后等于所列期末余额", zhHint: "文件结尾缺行"},
		"total":             {want: "the sum of the lines above", hint: "a line is missing or changed: export again", zhWant: "上面各行之和", zhHint: "缺行或被改动：请重新导出"},
		"count":             {want: "the number of lines stated", hint: "lines are missing or doubled: export again", zhWant: "所列的笔数", zhHint: "缺行或重行：请重新导出"},
		"total_warning":     {want: "the sum of the entries", hint: "the bank's own summary differs; the balances hold", zhWant: "各笔之和", zhHint: "银行汇总数不符，但余额相符", warn: true},
		"changed":           {want: "the same amount as in the earlier export", hint: "one of the two exports was changed: ask the bank", zhWant: "与前一次导出相同的金额", zhHint: "两次导出金额不同，其中之一被改动：请向银行核实"},
		"signature":         {want: "a signature of this file by the bank's key", hint: "the file was changed, or signed with another key, or its .sig is missing: fetch both again", zhWant: "银行密钥对本文件的有效签名", zhHint: "文件被改动、密钥不符或缺少 .sig 签名文件：请重新获取"},
		"serial_gap":        {want: "the number after the one before", hint: "a line may have been taken away here: ask the bank for this number", zhWant: "连续的流水号", zhHint: "此处流水号不连续，可能缺行：请向银行核实", warn: true},
		"no_key":            {want: "a key that the journals write as well: document number, insurance or period", hint: "export both with the document number", zhWant: "与日记账共有的关键字：单据号、险种或期号", zhHint: "请在两方导出中都包含单据号"},
		"statement_gap":     {want: "the closing balance of the statement before", hint: "a statement in between is missing", zhWant: "上一份对账单的期末余额", zhHint: "中间缺少对账单", warn: true},
		"record":            {want: "a field of this format", hint: "the file is damaged or cut off: export again", zhWant: "符合格式的字段", zhHint: "文件损坏或被截断：请重新导出"},
		"missing_field":     {want: "this field", hint: "the file is cut off: export again", zhWant: "该字段", zhHint: "文件被截断：请重新导出"},
		"currency":          {want: "one currency in one statement", hint: "split the file by currency", zhWant: "一份对账单只有一种币种", zhHint: "请按币种拆分文件"},
		"batch_item_twice":  {want: "each item once", hint: "remove the double item", zhWant: "每笔明细只出现一次", zhHint: "请删除重复明细"},
		"batch_payee_twice": {want: "each account once in a batch", hint: "the same payee twice in one batch: a person decides", zhWant: "同一批次每个账号只出现一次", zhHint: "同一批次重复收款人：须人工确认", warn: true},
		"batch_no_result":   {want: "a result for every item", hint: "ask the bank for the complete result file", zhWant: "每笔明细都有处理结果", zhHint: "请向银行索取完整回盘文件"},
		"batch_status":      {want: "a success or failure mark", hint: "see the bank's list of marks", zhWant: "成功或失败标志", zhHint: "请核对银行处理标志"},
		"too_long":          {want: "a line of at most 1 MiB", hint: "this is no statement", zhWant: "不超过 1 MiB 的行", zhHint: "这不是对账单"},
	}
}
