package benefits

import (
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"strings"

	"github.com/jingban/jingban/casework"
)

// Rate is a share or an interest rate in millionths: 0.0604 is 60400.
type Rate int64

const (
	whole    Rate = 1_000_000
	maxRate  Rate = 100 * whole
	decimals      = 6
)

// ParseRate reads a decimal number from 0 to 100 with at most six decimals.
func ParseRate(text string) (Rate, error) {
	units, parts, point := strings.Cut(text, ".")
	bad := fmt.Errorf("rate %q: want a decimal number with at most %d decimals, like 0.0604", text, decimals)
	if units == "" || len(parts) > decimals || point && parts == "" || strings.ContainsAny(text, "+-_") {
		return 0, bad
	}
	v, err := strconv.ParseInt(units+(parts + "000000")[:decimals], 10, 64)
	if err != nil || Rate(v) > maxRate {
		return 0, bad
	}
	return Rate(v), nil
}

// Percent is n per cent.
func Percent(n int) Rate { return Rate(n) * (whole / 100) }

// String writes the rate as people read it: 6.04%.
func (r Rate) String() string {
	return trimmed(fmt.Sprintf("%d.%04d", r/10_000, r%10_000), 0) + "%"
}

// trimmed cuts zeros at the end, but leaves so many decimals.
func trimmed(text string, keep int) string {
	point := strings.IndexByte(text, '.')
	for len(text) > point+1+keep && text[len(text)-1] == '0' {
		text = text[:len(text)-1]
	}
	return strings.TrimSuffix(text, ".")
}

// exact writes amount × rate in yuan with every decimal it has.
func exact(f casework.Fen, r Rate) string {
	if f < 0 {
		return "-" + exact(-max(f, -math.MaxInt64), r)
	}
	yuan, rest := mulDiv(f, r, 100*int64(whole))
	return trimmed(fmt.Sprintf("%d.%08d", yuan, rest), 2)
}

// mulDiv is a × r ÷ divisor and what remains, for amounts that are not negative.
// A quotient beyond every fund is the greatest amount there is.
func mulDiv(a casework.Fen, r Rate, divisor int64) (quotient casework.Fen, rest int64) {
	hi, lo := bits.Mul64(uint64(a), uint64(r))
	if hi >= uint64(divisor)/2 {
		return math.MaxInt64 - 1, 0
	}
	q, left := bits.Div64(hi, lo, uint64(divisor))
	return casework.Fen(q), int64(left)
}

// share is amount × rate ÷ parts, rounded half up to fen.
func share(f casework.Fen, r Rate, parts int64) casework.Fen {
	return ToFen.share(f, r, parts)
}

// Rounding is how a region rounds a final item.
type Rounding string

// The roundings. ToFen is the rule, the others are local customs.
const (
	ToFen  Rounding = "fen"       // 四舍五入到分
	JiaoUp Rounding = "jiao_up"   // 见分进角: any fen left makes a full jiao
	YuanUp Rounding = "yuan_up"   // 见角进元: any jiao or fen left makes a full yuan
	ToYuan Rounding = "yuan_half" // 四舍五入到元
)

// Zh says how it is rounded.
func (r Rounding) Zh() string {
	return map[Rounding]string{ToFen: "四舍五入到分", JiaoUp: "见分进角", YuanUp: "见角进元", ToYuan: "四舍五入到元"}[r]
}

// unit is the number of fen a rounding leaves whole, and whether it goes up.
func (r Rounding) unit() (fen int64, up bool) {
	switch r {
	case JiaoUp:
		return 10, true
	case YuanUp:
		return 100, true
	case ToYuan:
		return 100, false
	default:
		return 1, false
	}
}

// share rounds amount × rate ÷ parts once. The customs that go up look at the
// fen that are written, so they take the amount in fen, half up, first.
func (r Rounding) share(f casework.Fen, rate Rate, parts int64) casework.Fen {
	if f < 0 {
		return -r.share(-max(f, -math.MaxInt64), rate, parts)
	}
	unit, up := r.unit()
	if up {
		return (ToFen.share(f, rate, parts) + casework.Fen(unit) - 1) / casework.Fen(unit) * casework.Fen(unit)
	}
	divisor := parts * int64(whole) * unit
	quotient, rest := mulDiv(f, rate, divisor)
	if rest >= divisor-rest {
		quotient++
	}
	return quotient * casework.Fen(unit)
}

func parseRounding(text string) (Rounding, error) {
	if r := Rounding(text); r.Zh() != "" {
		return r, nil
	}
	return "", fmt.Errorf("rounding %q: want fen, jiao_up, yuan_up or yuan_half", text)
}
