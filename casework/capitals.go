package casework

import (
	"fmt"
	"strings"
)

// The characters of an amount in capitals (大写金额).
const (
	capitalDigits = "零壹贰叁肆伍陆柒捌玖"
	maxCapitals   = Fen(1_000_000_000_000_00) // 万亿元: beyond it no form is written
)

// FormatCapitals writes an amount in capitals as our own papers do, the canonical
// form of 支付结算办法: 168032 is 壹仟陆佰捌拾元叁角贰分. A negative amount begins
// with 负. Amounts of 万亿元 and more have no form and give "".
func FormatCapitals(f Fen) string {
	switch {
	case f <= -maxCapitals || f >= maxCapitals:
		return ""
	case f < 0:
		return "负" + FormatCapitals(-f)
	case f == 0:
		return "零元整"
	}
	yuan, jiao, fen := int64(f)/100, int64(f)/10%10, int64(f)%10
	text := ""
	if yuan > 0 {
		text = capitalYuan(yuan) + "元"
	}
	if jiao > 0 {
		text += capital(jiao) + "角"
	}
	switch {
	case fen == 0:
		return text + "整"
	case jiao == 0 && yuan > 0:
		text += "零"
	}
	return text + capital(fen) + "分"
}

func capital(digit int64) string { return string([]rune(capitalDigits)[digit]) }

// capitalYuan writes whole yuan in groups of four digits; several zeros in a row
// are one 零, and zeros at the end of a group that is followed by nothing are none.
func capitalYuan(yuan int64) string {
	text, gap := "", false
	for i, unit := range []string{"亿", "万", ""} {
		group := yuan / []int64{1_0000_0000, 1_0000, 1}[i] % 1_0000
		if group == 0 {
			gap = text != ""
			continue
		}
		if text != "" && (gap || group < 1000) {
			text += "零"
		}
		text, gap = text+capitalGroup(group)+unit, false
	}
	return text
}

func capitalGroup(group int64) string {
	text, gap := "", false
	for i, unit := range []string{"仟", "佰", "拾", ""} {
		digit := group / []int64{1000, 100, 10, 1}[i] % 10
		if digit == 0 {
			gap = text != ""
			continue
		}
		if gap {
			text += "零"
		}
		text, gap = text+capital(digit)+unit, false
	}
	return text
}

// ParseCapitals reads an amount in capitals. What people write differently and
// means the same is read alike: 圆 for 元, 正 for 整, a 零 before 角 or 万, 人民币
// before it, 拾 for 壹拾, simple numerals. Two written amounts are compared by
// what this gives, never as texts. Anything else is an error.
func ParseCapitals(text string) (Fen, error) {
	plain := strings.TrimPrefix(capitalVariants().Replace(strings.TrimSpace(text)), "人民币")
	digits, negative := strings.CutPrefix(plain, "负")
	f, ok := parseCapitals(digits)
	if !ok {
		return 0, fmt.Errorf("amount in capitals of %d characters: want a form like 壹仟零伍元贰角整", len([]rune(text)))
	}
	if negative {
		f = -f
	}
	return f, nil
}

func capitalVariants() *strings.Replacer {
	return strings.NewReplacer("圆", "元", "正", "整", "：", "", ":", "", " ", "", "　", "",
		"〇", "零", "一", "壹", "二", "贰", "两", "贰", "貳", "贰", "三", "叁", "參", "叁", "四", "肆", "五", "伍",
		"六", "陆", "陸", "陆", "七", "柒", "八", "捌", "九", "玖", "十", "拾", "百", "佰", "千", "仟", "萬", "万", "億", "亿")
}

// parseCapitals reads 元 and what follows; the whole is right when its canonical
// form says the same, so that 壹佰贰仟 or 壹分伍角 is refused.
func parseCapitals(text string) (Fen, bool) {
	rest, ok := text, true
	yuan := int64(0)
	if whole, after, has := strings.Cut(text, "元"); has {
		if yuan, ok = parseYuan(whole); !ok {
			return 0, false
		}
		rest = after
	}
	rest = strings.TrimSuffix(rest, "整")
	jiao, rest, ok := parseUnit(rest, "角")
	if !ok {
		return 0, false
	}
	fen, rest, ok := parseUnit(rest, "分")
	f := Fen(yuan*100 + jiao*10 + fen)
	return f, ok && rest == "" && withoutFiller(FormatCapitals(f)) == withoutFiller(text)
}

// withoutFiller leaves out what may be written or not.
func withoutFiller(text string) string {
	text = strings.TrimSuffix(text, "整")
	if rest, short := strings.CutPrefix(text, "拾"); short {
		text = "壹拾" + rest
	}
	if text != "零元" {
		text = strings.NewReplacer("零角", "", "零分", "", "零", "").Replace(text)
	}
	return text
}

// parseUnit reads "叁角", with any 零 before it. No such unit is 0.
func parseUnit(text, unit string) (value int64, rest string, ok bool) {
	head, rest, has := strings.Cut(text, unit)
	if !has {
		return 0, text, true
	}
	digit := capitalValue(strings.TrimLeft(head, "零"))
	if strings.Trim(head, "零") == "" && head != "" {
		digit = 0
	}
	return digit, rest, digit >= 0
}

func capitalValue(text string) int64 {
	for i, r := range []rune(capitalDigits) {
		if text == string(r) {
			return int64(i)
		}
	}
	return -1
}

// parseYuan reads digits and units from left to right: a unit of the group
// multiplies the digit before it, 万 and 亿 the whole group.
func parseYuan(text string) (int64, bool) {
	var total, group, digit int64
	waiting := false
	for i, r := range []rune(text) {
		if value := capitalValue(string(r)); value >= 0 {
			if waiting && digit > 0 {
				return 0, false
			}
			digit, waiting = value, true
			continue
		}
		switch r {
		case '仟', '佰', '拾':
			if r == '拾' && i == 0 {
				digit = 1
			}
			group, digit, waiting = group+digit*map[rune]int64{'仟': 1000, '佰': 100, '拾': 10}[r], 0, false
		case '万', '亿':
			total, group, digit, waiting = total+(group+digit)*map[rune]int64{'万': 1_0000, '亿': 1_0000_0000}[r], 0, 0, false
		default:
			return 0, false
		}
		if total >= int64(maxCapitals)/100 || group >= 1_0000 {
			return 0, false
		}
	}
	return total + group + digit, text != ""
}
