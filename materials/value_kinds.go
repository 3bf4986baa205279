package materials

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/jingban/jingban/casework"
)

// patternFor is what a value of any kind looks like inside the text found for it.
func patternFor(kind Kind) string {
	switch kind {
	case CreditCode:
		return `[0-9A-Z]{15,20}`
	case Amount:
		return `-?\d[\d,，]*(?:\.\d{1,2})?`
	case Capitals:
		return `负?[零〇壹贰貳叁參肆伍陆陸柒捌玖拾佰仟万萬亿億一二三四五六七八九十百千两元圆角分整正]{2,}`
	case MonthKind:
		return `(?:19|20)\d{2}[年./-]?(?:1[0-2]|0?[1-9])月?`
	case Count:
		return `\d{1,4}`
	case Signature:
		return `[\p{L}\p{Co}][\p{L}\p{M}\p{Co}·]*`
	}
	return patternOf(kind)
}

// normalValue gives a value of the kinds above as it is compared, "" where the
// text is none. Capitals and figures of one amount give the same value.
func normalValue(kind Kind, text string) string {
	switch kind {
	case Amount:
		if fen, err := casework.ParseFen(strings.NewReplacer(",", "", "，", "").Replace(text)); err == nil {
			return fen.String()
		}
		return ""
	case Capitals:
		if fen, err := casework.ParseCapitals(text); err == nil {
			return fen.String()
		}
		return ""
	case MonthKind:
		return monthValue(text)
	}
	return text
}

// monthValue writes 2026年3月, 2026.03 and 202603 as 202603.
func monthValue(text string) string {
	digits := strings.FieldsFunc(text, func(r rune) bool { return r < '0' || r > '9' })
	if len(digits) == 1 && len(digits[0]) >= 5 {
		digits = []string{digits[0][:4], digits[0][4:]}
	}
	if len(digits) != 2 {
		return ""
	}
	month, err := strconv.Atoi(digits[1])
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%s%02d", digits[0], month)
}

// monthOf gives the month of a value that is a month or a day.
func monthOf(value string) (casework.Month, bool) {
	if d, err := casework.ParseDate(value); err == nil {
		return casework.MonthOf(d), true
	}
	n, err := strconv.Atoi(value)
	return casework.Month(n), err == nil && casework.Month(n).Valid()
}
