package materials

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/jingban/jingban/casework"
)

// TransferYear is one row of part two of the 信息表: what was credited in a year,
// or in a part of it, at one place.
type TransferYear struct {
	Region   string // 行政区划, six digits; "" where the row prints none
	Place    string // 地区名称
	Year     int
	From, To casework.Month
	Months   int
	Base     casework.Fen // 月缴费基数
	Ratio    int          // 划入账户比例, in 1/100 of a percent
	Credit   casework.Fen // 当年记账金额
	Interest casework.Fen // 当年记账利息
	Closing  casework.Fen // 年末累计储存额
}

// RowFault is one broken rule of a row, by the codes of the domain sheet:
// MONTHS_NE_RANGE, OVERLAP_<YYYYMM>, CLOSING_CHAIN, BASE_RANGE, RATIO_UNEXPECTED;
// or of all rows together (Row -1), MONTHS_NE_SUM.
type RowFault struct {
	Row  int // from 0
	Code string
}

// Credited shares of the wage, in 1/100 of a percent: 11 % until 2005-12, 8 % from
// 2006-01 (the domain sheet, 国办发〔2009〕66号).
const (
	oldRatio = 11_00
	newRatio = 8_00
	newFrom  = casework.Month(200601)
)

// CheckTransferYears looks at the rows of a 信息表. months is the count stated in
// part one, 0 when it is not known; limit gives the highest monthly base of a row's
// year and place, false when it is not known.
func CheckTransferYears(rows []TransferYear, months int, limit func(TransferYear) (casework.Fen, bool)) []RowFault {
	var faults []RowFault
	sum := 0
	for i, r := range rows {
		sum += r.Months
		add := func(code string) { faults = append(faults, RowFault{i, code}) }
		if r.From.Until(r.To)+1 != r.Months {
			add("MONTHS_NE_RANGE")
		}
		if month, twice := overlap(rows[:i], r); twice {
			add("OVERLAP_" + month.String())
		}
		if i > 0 && rows[i-1].Closing+r.Credit+r.Interest != r.Closing {
			add("CLOSING_CHAIN")
		}
		if top, known := limit(r); r.Base < 0 || known && r.Base > top {
			add("BASE_RANGE")
		}
		if want := ratioOf(r.To); r.Ratio != want {
			add("RATIO_UNEXPECTED")
		}
	}
	if months > 0 && sum != months {
		faults = append(faults, RowFault{-1, "MONTHS_NE_SUM"})
	}
	return faults
}

func ratioOf(month casework.Month) int {
	if month < newFrom {
		return oldRatio
	}
	return newRatio
}

// overlap gives the first month that an earlier row of the same place holds too.
func overlap(before []TransferYear, r TransferYear) (casework.Month, bool) {
	for _, b := range before {
		if b.Place == r.Place && b.From <= r.To && r.From <= b.To {
			return max(b.From, r.From), true
		}
	}
	return 0, false
}

// yearPattern is a row as it is read: the cells apart by spaces.
const yearPattern = `^(?:(\d{6}) )?(\p{Han}{2,12})? ?((?:19|20)\d{2}) ((?:19|20)\d{4}) ((?:19|20)\d{4}) (\d{1,2}) ([\d,]+\.\d{2}) (?:\d{1,2}(?:\.\d+)?%? )?(\d{1,2}(?:\.\d+)?)%? (?:\d{1,2}(?:\.\d+)?%? )?([\d,]+\.\d{2}) ([\d,]+\.\d{2}) ([\d,]+\.\d{2})`

// transferYears reads the rows of a page; whole is false when a row begins like a
// year and could not be read to its end.
func transferYears(lines []string) (rows []TransferYear, whole bool) {
	pattern, begins := regexp.MustCompile(yearPattern), regexp.MustCompile(`^(?:\d{6} )?(?:\p{Han}{2,12} )?(?:19|20)\d{2} (?:19|20)\d{4}`)
	whole = true
	for _, line := range lines {
		m := pattern.FindStringSubmatch(line)
		if m == nil {
			whole = whole && !begins.MatchString(line)
			continue
		}
		rows = append(rows, yearOf(m))
	}
	return rows, whole
}

// yearOf takes the groups of a row apart; the pattern has seen that they are numbers.
func yearOf(m []string) TransferYear {
	n := func(i int) int { v, _ := strconv.Atoi(m[i]); return v }
	fen := func(i int) casework.Fen { v, _ := casework.ParseFen(m[i]); return v }
	ratio, _ := casework.ParseFen(m[8]) // a percentage has two decimals like an amount
	return TransferYear{
		Region: m[1], Place: m[2], Year: n(3), From: casework.Month(n(4)), To: casework.Month(n(5)), Months: n(6),
		Base: fen(7), Ratio: int(ratio), Credit: fen(9), Interest: fen(10), Closing: fen(11),
	}
}

// checkTransferYears names the faults of all rows in one finding.
func checkTransferYears(d *desk, p *paper) {
	rows, whole := transferYears(p.lines)
	if !whole {
		d.add(at("transfer_rows_unclear", p, ""), nil)
		return
	}
	months, _ := strconv.Atoi(p.Fields["months"].Value)
	if d.reported[p.Type+".months"] || len(rows) == 0 {
		months = 0
	}
	var said []Title
	for _, f := range CheckTransferYears(rows, months, d.highestBase) {
		said = append(said, sayRow(f, rows))
	}
	if len(said) > 0 {
		d.add(at("transfer_rows_wrong", p, ""), words{"reason": list(said)})
	}
}

// highestBase is the most of a year's average wage that counts (300 %), where the
// wage of the row's place is known. A row without a code is of the agency's place:
// the tables we check are our own before they leave.
func (d *desk) highestBase(r TransferYear) (casework.Fen, bool) {
	return highestBase(d.params, d.in.Region, r)
}

func highestBase(params casework.Params, own string, r TransferYear) (casework.Fen, bool) {
	values := params.For(cmp.Or(r.Region, own), casework.Date{Year: r.Year, Month: 12, Day: 31})
	wage, err := values.Fen("wage.average")
	if err != nil {
		return 0, false
	}
	percent, err := values.Int("contribution.highest_percent")
	return wage * casework.Fen(percent) / 100, err == nil
}

func sayRow(f RowFault, rows []TransferYear) Title {
	if f.Row < 0 {
		return Title{Zh: "各行月数之和与总月数不等", En: "the rows' months do not add up (" + f.Code + ")"}
	}
	code, detail, _ := strings.Cut(f.Code, "_2")
	zh := map[string]string{
		"MONTHS_NE_RANGE": "月数与起止年月不符", "OVERLAP": "年月重复", "CLOSING_CHAIN": "年末累计储存额前后不接",
		"BASE_RANGE": "缴费基数超出范围", "RATIO_UNEXPECTED": "划入账户比例异常",
	}[code]
	if detail != "" {
		zh += "（2" + detail + "）"
	}
	return Title{Zh: fmt.Sprintf("%d年%s", rows[f.Row].Year, zh), En: fmt.Sprintf("%d: %s", rows[f.Row].Year, f.Code)}
}
