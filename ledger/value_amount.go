package ledger

import (
	"bytes"
	"encoding/binary"
	"strings"

	"github.com/jingban/jingban/casework"
)

// maxFen is a bound no account of a fund reaches; beyond it a digit is wrong.
const maxFen = 1e16

// parseFen reads an amount cell. Empty (also "-" and "--") is not an amount:
// given is false. The code names what is wrong, "" for nothing.
func parseFen(cell []byte) (fen casework.Fen, given bool, code string) {
	if fen, ok := plainFen(cell); ok {
		return fen, true, ""
	}
	var v int64
	decimals := -1
	negative := false
	for i, c := range cell {
		switch {
		case c >= '0' && c <= '9':
			if v = v*10 + int64(c-'0'); v > maxFen {
				return 0, true, "too_large"
			}
			if decimals >= 0 {
				decimals++
			}
		case c == '.' && decimals < 0 && i > 0:
			decimals = 0
		case c == '-' && i == 0 && len(cell) > 1:
			negative = true
		default:
			return parseOddFen(cell)
		}
	}
	if len(cell) == 0 {
		return 0, false, ""
	}
	switch decimals {
	case -1:
		v *= 100
	case 1:
		v *= 10
	case 2:
	default:
		return parseOddFen(cell)
	}
	if v > maxFen {
		return 0, true, "too_large"
	}
	if negative {
		v = -v
	}
	return casework.Fen(v), true, ""
}

// plainFen reads 1234.56 with up to thirteen digits before the point, which is how
// nearly every amount is written.
func plainFen(cell []byte) (casework.Fen, bool) {
	n := len(cell)
	if n < 4 || n > 16 || cell[n-3] != '.' {
		return 0, false
	}
	var v int64
	for _, c := range cell[:n-3] {
		if c -= '0'; c > 9 {
			return 0, false
		}
		v = v*10 + int64(c)
	}
	tens, ones := cell[n-2]-'0', cell[n-1]-'0'
	return casework.Fen(v*100 + int64(tens)*10 + int64(ones)), tens <= 9 && ones <= 9
}

// parseOddFen reads what people and old systems write: thousands separators,
// full-width digits, currency signs, accounting brackets, trailing zeros.
func parseOddFen(cell []byte) (casework.Fen, bool, string) {
	text := strings.TrimSpace(narrow(string(cell)))
	switch text {
	case "", "-", "--", "—", "——":
		return 0, false, ""
	}
	if isScientific(text) {
		return 0, true, "scientific"
	}
	negative := false
	if inner, ok := strings.CutPrefix(text, "("); ok && strings.HasSuffix(inner, ")") {
		text, negative = strings.TrimSuffix(inner, ")"), true
	}
	text = strings.TrimSpace(strings.NewReplacer("¥", "", "￥", "", "CNY", "", "RMB", "", "元", "").Replace(text))
	if rest, ok := strings.CutPrefix(text, "-"); ok && !negative {
		text, negative = strings.TrimSpace(rest), true
	} else if rest, ok := strings.CutPrefix(text, "+"); ok {
		text = rest
	}
	yuan, cents, pointed := strings.Cut(text, ".")
	yuan, ok := ungroup(yuan)
	cents = strings.TrimRight(cents, "0")
	if !ok || len(cents) > 2 || pointed && strings.HasSuffix(text, ".") || !digits(cents) {
		return 0, true, "amount"
	}
	if len(yuan) > 15 {
		return 0, true, "too_large"
	}
	var v int64
	for _, c := range yuan + (cents + "00")[:2] {
		v = v*10 + int64(c-'0')
	}
	if v > maxFen {
		return 0, true, "too_large"
	}
	if negative {
		v = -v
	}
	return casework.Fen(v), true, ""
}

// ungroup removes thousands separators and refuses groups that are not of three.
func ungroup(yuan string) (string, bool) {
	groups := strings.Split(strings.ReplaceAll(yuan, "，", ","), ",")
	for i, g := range groups {
		if len(groups) > 1 && (i > 0 && len(g) != 3 || i == 0 && (len(g) == 0 || len(g) > 3)) {
			return "", false
		}
	}
	joined := strings.Join(groups, "")
	return joined, joined != "" && digits(joined)
}

func digits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return true
}

// isScientific recognises 6.22848E+18, which has lost digits.
func isScientific(text string) bool {
	mantissa, exponent, ok := strings.Cut(strings.ToUpper(text), "E")
	exponent = strings.TrimLeft(exponent, "+-")
	mantissa = strings.TrimLeft(mantissa, "+-")
	return ok && exponent != "" && digits(exponent) && mantissa != "" && digits(strings.Replace(mantissa, ".", "", 1))
}

// endsInExponent is the quick look before isScientific reads all of a number of
// more than four bytes: an exponent has a sign and three digits at most, so that
// an e is among the four bytes before the last.
func endsInExponent(text []byte) bool {
	x := binary.LittleEndian.Uint32(text[len(text)-5:]) | 0x20202020 ^ 0x65656565
	return (x-0x01010101)&^x&0x80808080 != 0
}

// narrow turns full-width ASCII and the ideographic space into their narrow forms.
func narrow(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '！' && r <= '～':
			return r - 0xFEE0
		case r == '　' || r == '\u00a0':
			return ' '
		case r == '−':
			return '-'
		}
		return r
	}, text)
}

// clean removes what exports put around a value to keep its digits: spaces,
// tabs, a leading apostrophe, ="…".
func clean(cell []byte) []byte {
	n := len(cell)
	if n == 0 || !padded(cell[0]) && !padded(cell[n-1]) {
		return cell
	}
	return cleanPadded(cell)
}

// trimBlank is bytes.Trim for blanks, without making a set of them each time.
func trimBlank(cell []byte) []byte {
	for len(cell) > 0 && isBlank(cell[len(cell)-1]) {
		cell = cell[:len(cell)-1]
	}
	for len(cell) > 0 && isBlank(cell[0]) {
		cell = cell[1:]
	}
	return cell
}

func isBlank(c byte) bool { return c == ' ' || c-'\t' <= '\r'-'\t' }

// padded says that a value beginning or ending with this byte may need cleaning:
// blanks, an apostrophe, =, a quote, or the bytes of a wide blank (E3 80 80, C2
// A0, EF BB BF). GB18030 text may be looked at in vain, never cut.
func padded(c byte) bool {
	if c > '\'' && c < 0x80 { // digits and letters, nearly always
		return c == '='
	}
	if c > 0xe3 { // most Chinese characters begin so
		return c == 0xef
	}
	return c <= ' ' || c == '\'' || c == '"' || c == 0x80 || c == 0xa0 || c == 0xe3 || c == 0xc2
}

func cleanPadded(cell []byte) []byte {
	cell = trimBlank(cell)
	if n := len(cell); n == 0 || !padded(cell[0]) && !padded(cell[n-1]) {
		return cell
	}
	for _, wide := range [...]string{"　", "\ufeff", "\u00a0"} {
		for bytes.HasPrefix(cell, []byte(wide)) {
			cell = cell[len(wide):]
		}
		for bytes.HasSuffix(cell, []byte(wide)) {
			cell = cell[:len(cell)-len(wide)]
		}
	}
	if len(cell) >= 3 && cell[0] == '=' && cell[1] == '"' && cell[len(cell)-1] == '"' {
		cell = cell[2 : len(cell)-1]
	}
	if len(cell) > 0 && cell[0] == '\'' {
		cell = cell[1:]
	}
	return trimBlank(cell)
}
