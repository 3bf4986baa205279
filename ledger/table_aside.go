package ledger

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/jingban/jingban/casework"
)

func itoa(n int) string { return strconv.Itoa(n) }

// totals are the words that begin a total or a stated balance.
func totals() []string {
	return []string{
		"合计", "总计", "小计", "本页小计", "本页合计", "本月合计", "本日合计", "本期合计", "本年累计", "累计", "期初余额", "上期余额", "上年结转", "上页结转",
		"承前页", "过次页", "期末余额", "借方合计", "贷方合计", "收入合计", "支出合计", "借方笔数", "贷方笔数", "总笔数", "合计笔数", "total", "subtotal", "opening balance", "closing balance",
	}
}

// remarks are the words that begin a line of words without money.
func remarks() []string {
	return []string{"制表", "打印", "说明", "注：", "注:", "以上", "账号", "户名", "币种", "开户", "第", "共", "温馨提示", "***", "---", "===", "end of"}
}

// aside reports whether a line is a total, a stated balance, a repeated heading
// or a remark, and keeps what it states. Only the first filled cell decides, or
// the summary of a line without a day: a payee may be called 第一医院.
func (t *table) aside(cells [][]byte, line int) bool {
	texts := make([]string, len(cells))
	first, filled := "", 0
	for i, cell := range cells {
		text, ok := t.decode.text(clean(cell))
		if !ok {
			return false
		}
		texts[i] = strings.TrimSpace(narrow(string(text)))
		if texts[i] == "" {
			continue
		}
		if filled++; first == "" {
			first = texts[i]
		}
	}
	if t.repeatsHeading(texts) {
		return true
	}
	day, summary := t.column(Date).index, t.column(Summary).index
	total := begins(first, totals())
	if !total && summary >= 0 && summary < len(texts) && day < len(texts) && (day < 0 || texts[day] == "") {
		total = begins(texts[summary], totals())
	}
	if total || filled <= 2 && begins(first, remarks()) {
		t.stated(texts, line)
		return true
	}
	return false
}

func begins(text string, words []string) bool {
	text = strings.ToLower(strings.ReplaceAll(text, " ", ""))
	for _, word := range words {
		if strings.HasPrefix(text, strings.ReplaceAll(word, " ", "")) {
			return true
		}
	}
	return false
}

func (t *table) repeatsHeading(texts []string) bool {
	if len(t.bound.columns) == 0 {
		return false
	}
	for _, c := range t.bound.columns {
		if c.index >= len(texts) || plain(texts[c.index]) != plain(c.title) {
			return false
		}
	}
	return true
}

// title keeps what a line above the heading states.
func (t *table) title(texts []string, line int) { t.stated(texts, line) }

// stated keeps opening, closing, totals and counts that a line names, as
// "label：value" in one cell or as label and value in two.
func (t *table) stated(texts []string, line int) {
	for i, text := range texts {
		label, value := labelled(texts, i, text)
		switch {
		case label == "":
		case strings.HasPrefix(label, "期初余额") || strings.HasPrefix(label, "上期余额") || strings.HasPrefix(label, "上年结转") || label == "opening" || label == "openingbalance":
			t.keep(&t.scale.opening, t.valueOr(value, texts), line)
		case strings.HasPrefix(label, "期末余额") || label == "closing" || label == "closingbalance":
			t.keep(&t.scale.closing, t.valueOr(value, texts), line)
		case strings.HasPrefix(label, "借方合计") || strings.HasPrefix(label, "支出合计"):
			t.keep(pick(t.side == Book && strings.HasPrefix(label, "借"), &t.scale.totalIn, &t.scale.totalOut), value, line)
		case strings.HasPrefix(label, "贷方合计") || strings.HasPrefix(label, "收入合计"):
			t.keep(pick(t.side == Book && strings.HasPrefix(label, "贷"), &t.scale.totalOut, &t.scale.totalIn), value, line)
		case label == "总笔数" || label == "合计笔数":
			if n, err := strconv.Atoi(strings.TrimSuffix(value, "笔")); err == nil {
				t.scale.count = stated{true, line, casework.Fen(n)}
			}
		case label == "合计" || label == "总计" || label == "total" || label == "本期合计":
			t.total(texts, line)
		case label == "币种" && value != "":
			t.scale.statement.Currency = currencyCode(value)
		case label == "账号" && value != "":
			t.scale.statement.Account = value
		}
	}
}

// labelled cuts a cell into label and value; a bare label takes the next filled cell.
func labelled(texts []string, i int, text string) (label, value string) {
	label, value, ok := strings.Cut(strings.Replace(text, "：", ":", 1), ":")
	label = plain(label)
	if value = strings.TrimSpace(value); ok && value != "" {
		return label, value
	}
	for _, next := range texts[i+1:] {
		if next != "" {
			return label, next
		}
	}
	return label, ""
}

// valueOr prefers the balance column of the line where there is one.
func (t *table) valueOr(value string, texts []string) string {
	if c := t.column(Balance); c.index >= 0 && c.index < len(texts) && texts[c.index] != "" {
		return texts[c.index]
	}
	return value
}

func (t *table) keep(into *stated, value string, line int) {
	fen, has, code := parseFen([]byte(value))
	if code == "" && has {
		*into = stated{true, line, fen}
	}
}

// total keeps the sums of a 合计 line. Several such lines are page or month
// totals and are not compared.
func (t *table) total(texts []string, line int) {
	if t.totals++; t.totals > 1 {
		t.scale.totalIn, t.scale.totalOut, t.scale.total = stated{}, stated{}, stated{}
		return
	}
	for _, c := range t.bound.columns {
		if c.index >= len(texts) {
			continue
		}
		switch c.role {
		case In:
			t.keep(&t.scale.totalIn, texts[c.index], line)
		case Out:
			t.keep(&t.scale.totalOut, texts[c.index], line)
		case Amount:
			t.keep(&t.scale.total, texts[c.index], line)
		}
	}
}

// currencyCode maps what banks print to the ISO code.
func currencyCode(text string) string {
	text = strings.ToUpper(strings.TrimSpace(text))
	switch text {
	case "人民币", "RMB", "人民币元", "156", "01":
		return "CNY"
	}
	return text
}

// rememberCurrency checks that a file keeps to one currency.
func (s *scale) rememberCurrency(line int, text []byte) {
	if len(text) == 0 || bytes.Equal(text, s.lastCurrency) {
		return
	}
	s.lastCurrency = bytes.Clone(text)
	code := currencyCode(string(text))
	if s.statement.Currency == "" {
		s.statement.Currency = code
	} else if s.statement.Currency != code {
		s.add(line, 0, "", "currency", code)
	}
}
