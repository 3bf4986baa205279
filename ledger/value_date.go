package ledger

import (
	"bytes"
	"strings"
	"time"
)

// parseDay reads a date cell: 2026-03-31, 2026/3/31, 2026.03.31, 20260331,
// 2026年3月31日, each with or without a time (24:00:00 included), or a
// spreadsheet's serial number. It reports the time's text, if any.
func parseDay(cell []byte) (day Day, clock []byte, ok bool) {
	n := 0
	for n < len(cell) && cell[n] >= '0' && cell[n] <= '9' {
		n++
	}
	switch {
	case n == 4 && len(cell) > 4:
		return parseSplitDay(cell)
	case n == 8 || n == 14 && len(cell) == 14:
		if clock = cell[8:]; n == 14 {
			return makeDay(number(cell[:4]), number(cell[4:6]), number(cell[6:8]), clock, validCompactTime(clock))
		}
		clock = bytes.TrimLeft(clock, " T")
		return makeDay(number(cell[:4]), number(cell[4:6]), number(cell[6:8]), clock, validTime(clock))
	case n == 5 && (len(cell) == 5 || cell[5] == '.'):
		return excelDay(cell)
	}
	if bytes.IndexByte(cell, 0xEF) >= 0 { // full-width digits begin with this byte
		if narrowed := narrow(string(cell)); narrowed != string(cell) {
			return parseDay([]byte(narrowed))
		}
	}
	return 0, nil, false
}

func parseSplitDay(cell []byte) (Day, []byte, bool) {
	rest := cell[4:]
	var parts [2]int
	separator := rest[0]
	for i := range parts {
		var width int
		switch {
		case separator < 0x80 && len(rest) > 0 && rest[0] == separator && (separator == '-' || separator == '/' || separator == '.'):
			width = 1
		case bytes.HasPrefix(rest, [][]byte{[]byte("年"), []byte("月")}[i]):
			width = 3
		default:
			return 0, nil, false
		}
		rest = rest[width:]
		n := 0
		for n < len(rest) && n < 2 && rest[n] >= '0' && rest[n] <= '9' {
			n++
		}
		if n == 0 {
			return 0, nil, false
		}
		parts[i], rest = number(rest[:n]), rest[n:]
	}
	rest = bytes.TrimPrefix(rest, []byte("日"))
	if len(rest) > 0 && rest[0] != ' ' && rest[0] != 'T' && separator < 0x80 {
		return 0, nil, false
	}
	clock := bytes.TrimLeft(rest, " T")
	return makeDay(number(cell[:4]), parts[0], parts[1], clock, validTime(clock))
}

// excelDay reads a serial number: days since 1899-12-30. Serials below 1970 or
// beyond 2119 are no bank's days.
func excelDay(cell []byte) (Day, []byte, bool) {
	whole, fraction, _ := bytes.Cut(cell, []byte("."))
	serial := number(whole)
	if serial < 25570 || serial > 80000 || !digits(string(fraction)) {
		return 0, nil, false
	}
	return Day(serial - 25569), nil, true
}

func makeDay(year, month, day int, clock []byte, ok bool) (Day, []byte, bool) {
	if !ok || year < 1970 || year > 2148 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return 0, nil, false
	}
	// Days from civil: the year begins in March, so that the leap day is its last.
	y, m := year, month
	if m <= 2 {
		y, m = y-1, m+12
	}
	n := 365*y + y/4 - y/100 + y/400 + (153*(m-3)+2)/5 + day - 1 - 719468
	return Day(n), clock, n > 0
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// validTime accepts "", H:MM, HH:MM:SS with fractions and zone, 24:00:00, and
// the Chinese 时分秒.
func validTime(clock []byte) bool {
	if len(clock) == 0 {
		return true
	}
	if len(clock) == 8 && clock[2] == ':' && clock[5] == ':' {
		return inClock(number(clock[:2]), number(clock[3:5]), number(clock[6:]))
	}
	text := strings.NewReplacer("时", ":", "分", ":", "秒", "", "Z", "").Replace(string(clock))
	for _, layout := range []string{"15:04", "15:04:", "15:04:05", "15:04:05.999999999", "15:04:05-07:00", "15:04:05.999999999-07:00", "15.04.05", "-07:00"} {
		if _, err := time.Parse(layout, text); err == nil {
			return true
		}
	}
	if len(text) == 6 && digits(text) {
		return validCompactTime([]byte(text))
	}
	return text == "24:00" || strings.HasPrefix(text, "24:00:00")
}

func validCompactTime(clock []byte) bool {
	return len(clock) == 6 && inClock(number(clock[:2]), number(clock[2:4]), number(clock[4:]))
}

func inClock(h, m, s int) bool {
	return h >= 0 && m >= 0 && s >= 0 && (h < 24 && m < 60 && s <= 60 || h == 24 && m == 0 && s == 0)
}

// number reads decimal digits; anything else gives -1.
func number(text []byte) int {
	n := 0
	for _, c := range text {
		if c < '0' || c > '9' {
			return -1
		}
		n = n*10 + int(c-'0')
	}
	return n
}
