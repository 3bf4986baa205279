package casework

import (
	"fmt"
	"strconv"
	"strings"
)

// Fen is an amount of money in 分, 1/100 yuan. No float ever touches an amount.
type Fen int64

// String formats the amount in yuan with two decimals: 123456 is "1234.56".
func (f Fen) String() string {
	sign, v := "", uint64(f)
	if f < 0 {
		sign, v = "-", -uint64(f)
	}
	return fmt.Sprintf("%s%d.%02d", sign, v/100, v%100)
}

// ParseFen reads yuan as people and legacy systems write them: "1,234.5",
// "￥1234.50", "-3". More than two decimals or anything else is an error.
func ParseFen(text string) (Fen, error) {
	t := strings.NewReplacer(",", "", "，", "", "¥", "", "￥", "", "元", "", " ", "").Replace(strings.TrimSpace(text))
	digits, negative := strings.CutPrefix(t, "-")
	yuan, cents, hasPoint := strings.Cut(digits, ".")
	if yuan == "" || len(cents) > 2 || hasPoint && cents == "" || strings.ContainsAny(digits, "+-") {
		return 0, fmt.Errorf("amount %q: want yuan with at most two decimals, like 1234.56", text)
	}
	v, err := strconv.ParseInt(yuan+(cents + "00")[:2], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("amount %q: want yuan with at most two decimals, like 1234.56", text)
	}
	if negative {
		v = -v
	}
	return Fen(v), nil
}
