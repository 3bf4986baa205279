package ledger

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// malformed is one bad file, the line at which it must be refused, and why.
type malformed struct {
	name string
	file string
	line int // 0: the file as a whole
	code string
}

const goodCSV = `交易日期,借方发生额,贷方发生额,余额,对方账号,对方户名,摘要,流水号
2026-03-02,,1000.00,1500.00,6217000000000000001,示例甲,转入,A1
2026-03-03,200.00,,1300.00,6217000000000000002,示例乙,付款,A2
2026-03-04,50.50,,1249.50,6217000000000000003,示例丙,付款,A3
2026-03-05,,0.50,1250.00,6217000000000000004,示例丁,结息,A4
`

const good940 = `:20:A
:25:123
:28C:1/1
:60F:C260301CNY500,00
:61:2603020302C1000,00NTRFA1//B1
:86:first
:61:2603030303D200,00NTRFA2//B2
:62F:C260304CNY1300,00
`

// replaceLine gives a text with one line replaced; an empty replacement drops it.
func replaceLine(text string, line int, by string) string {
	lines := strings.SplitAfter(text, "\n")
	if by == "" {
		return strings.Join(append(lines[:line-1:line-1], lines[line:]...), "")
	}
	lines[line-1] = by + "\n"
	return strings.Join(lines, "")
}

// badCells are contents no cell may have, by heading.
func badCells() map[string]map[string][]string {
	return map[string]map[string][]string{
		"交易日期":  {"date": {"2026-02-30", "2026-13-01", "20260231", "31.03.2026", "2026-3-", "March 3", "2026/0/5", "99999999", "2026-03-03 25:00:00", "2026-03-03 10:61:00", "2026年13月1日"}, "no_date": {""}},
		"借方发生额": {"amount": {"12.345", "1,23.00", "12..5", "abc", "1 2", "--5", "12.5.1", "0x10", "1,2345.00", "٣"}, "scientific": {"1.2E+5", "2e3"}, "too_large": {"99999999999999999.00"}},
		"余额":    {"amount": {"13OO.00", "1300,0"}, "scientific": {"1.3E3"}, "balance_break": {"1300.01", "1301.00", "-1300.00", "13000.00", "130.00", "3100.00"}},
		"对方账号":  {"scientific": {"6.22848E+18", "6.217E18", "6e+18"}},
		"流水号":   {"scientific": {"2.02603E+15"}},
	}
}

// malformedFiles is the table: more than a hundred, over all formats.
func malformedFiles() []malformed {
	return slices.Concat(badCSVCells(), badCSVLines(3), badCSVLines(4), badFiles(), changed("mt940", good940, bad940()), changed("camt", camtSample, badCamt()))
}

// badCSVCells are the good file with one bad cell in its third line each.
func badCSVCells() []malformed {
	var all []malformed
	header := strings.Split(strings.SplitN(goodCSV, "\n", 2)[0], ",")
	third := strings.Split(strings.Split(goodCSV, "\n")[2], ",")
	for i, heading := range header {
		for code, cells := range badCells()[heading] {
			for _, cell := range cells {
				row := append([]string(nil), third...)
				if row[i] = cell; strings.Contains(cell, ",") {
					row[i] = `"` + cell + `"`
				}
				all = append(all, malformed{heading + " " + cell, replaceLine(goodCSV, 3, strings.Join(row, ",")), 3, code})
			}
		}
	}
	return all
}

// badCSVLines are the good file with one of its lines spoilt.
func badCSVLines(line int) []malformed {
	good := strings.Split(goodCSV, "\n")[line-1]
	paid := "付款,A" + fmt.Sprint(line-1)
	all := []malformed{
		{fmt.Sprint("line missing ", line), replaceLine(goodCSV, line, ""), line, "balance_break"},
		{fmt.Sprint("line doubled with another serial ", line), strings.Replace(goodCSV, good, good+"\n"+good+"X", 1), line + 1, "balance_break"},
		{fmt.Sprint("field too many ", line), replaceLine(goodCSV, line, good+",x"), line, "field_count"},
		{fmt.Sprint("NUL ", line), strings.Replace(goodCSV, "A"+fmt.Sprint(line-1), "A\x00", 1), line, "control"},
		{fmt.Sprint("open quote ", line), strings.Replace(goodCSV, paid, `"`+paid, 1), line, "quote"},
		{fmt.Sprint("text after quote ", line), strings.Replace(goodCSV, paid, `"付款"x,A`+fmt.Sprint(line-1), 1), line, "quote"},
		{fmt.Sprint("damaged bytes ", line), strings.Replace(goodCSV, paid, "付\xe6\x9d,A"+fmt.Sprint(line-1), 1), line, "encoding"},
	}
	for n := 2; n <= 7; n++ {
		all = append(all, malformed{fmt.Sprint("line ", line, " cut after field ", n), replaceLine(goodCSV, line, strings.Join(strings.Split(good, ",")[:n], ",")), line, "field_count"})
	}
	return all
}

// badFiles are bad as a whole.
func badFiles() []malformed {
	return []malformed{
		{"both sides", strings.Replace(goodCSV, "200.00,,", "200.00,200.00,", 1), 3, "two_amounts"},
		{"no amount", strings.Replace(goodCSV, "200.00,,1300.00", ",,1300.00", 1), 3, "no_amount"},
		{"empty", "", 0, "empty"},
		{"blank", "\r\n\r\n   \r\n", 0, "empty"},
		{"no heading", strings.SplitN(goodCSV, "\n", 2)[1], 1, "no_header"},
		{"no amount column", "交易日期,摘要\n2026-03-02,x\n", 1, "no_header"},
		{"two balances", strings.Replace(goodCSV, "对方账号", "账户余额", 1), 1, "ambiguous_header"},
		{"a picture", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", 0, "unknown_format"},
		{"a PDF", "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\x01\x02", 0, "unknown_format"},
		{"opening does not fit", "期初余额：400.00\n" + goodCSV, 1, "opening"},
		{"closing does not fit", goodCSV + "期末余额,,,1300.00,,,,\n", 6, "closing"},
		{"total does not fit", goodCSV + "合计,250.50,1000.00,,,,,\n", 6, "total"},
		{"count does not fit", goodCSV + "总笔数：5\n", 6, "count"},
		{"two currencies", "交易日期,借方发生额,贷方发生额,币种\n2026-03-02,,1.00,人民币\n2026-03-02,,1.00,USD\n", 3, "currency"},
		{"direction", "交易日期,借贷标志,交易金额\n2026-03-02,贷,1.00\n2026-03-02,?,1.00\n", 3, "direction"},
		{"direction missing", "交易日期,借贷标志,交易金额\n2026-03-02,,1.00\n", 2, "direction"},
		{"xlsx cut off", "PK\x03\x04abcdef", 0, "record"},
		{"xls cut off", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1abc", 0, "record"},
		{"html cut off", "<html><table><tr><td>交易日期</td><td>收入金额</td></tr>\n<tr><td>2026-03-01</td><td>1.0", 2, "record"},
		{"html with a bad day", "<html><table><tr><td>交易日期</td><td>收入金额</td></tr>\n<tr><td>2026-02-31</td><td>1.00</td></tr></table>", 2, "date"},
	}
}

// change spoils a good file in one place.
type change struct {
	from, to string
	line     int
	code     string
}

func changed(name, good string, changes []change) (all []malformed) {
	for i, c := range changes {
		all = append(all, malformed{fmt.Sprint(name, " ", i), strings.Replace(good, c.from, c.to, 1), c.line, c.code})
	}
	return all
}

func bad940() []change {
	return []change{
		{"C260301CNY500,00", "X260301CNY500,00", 4, "record"},
		{"C260301CNY500,00", "C261301CNY500,00", 4, "date"},
		{"C260301CNY500,00", "C260301CNY500,001", 4, "amount"},
		{"C260301CNY500,00", "C260301CN500,00", 4, "record"},
		{"C260301CNY500,00", "C260301CNY400,00", 4, "gap"},
		{":61:2603020302C", ":61:2604310302C", 5, "date"},
		{":61:2603020302C", ":61:2603021302C", 5, "date"},
		{":61:2603020302C", ":61:260302K", 5, "record"},
		{"C1000,00NTRF", "C1000,005NTRF", 5, "amount"},
		{"C1000,00NTRF", "C1.000,00NTRF", 5, "amount"},
		{"C1000,00NTRF", "CNTRF", 5, "record"},
		{"D200,00", "C200,00", 7, "gap_entry"},
		{"C1000,00", "C100,00", 4, "gap"},
		{":62F:C260304CNY1300,00\n", "", 7, "missing_field"},
		{":60F:C260301CNY500,00\n", "", 4, "missing_field"},
		{"62F:C260304CNY", "62F:C260304USD", 8, "currency"},
		{"62F:C260304CNY1300,00", "62F:C260304CNY1300.0.0", 8, "amount"},
	}
}

func badCamt() []change {
	return []change{
		{"</Document>", "", 14, "record"},
		{"1200.00000", "1200.001", 12, "amount"},
		{"1200.00000", "1,200.00", 12, "amount"},
		{"1200.00000", "", 12, "amount"},
		{"DBIT</CdtDbtInd><Sts><Cd>BOOK", "XXXX</CdtDbtInd><Sts><Cd>BOOK", 12, "direction"},
		{"2026-03-31T10:00:00+02:00", "2026-02-31T10:00:00+02:00", 12, "date"},
		{"<BookgDt><DtTm>2026-03-31T10:00:00+02:00</DtTm></BookgDt>", "", 12, "no_date"},
		{"<Cd>OPBD</Cd>", "<Cd>FWAV</Cd>", 14, "missing_field"},
		{"<Cd>CLBD</Cd>", "<Cd>FWAV</Cd>", 14, "missing_field"},
		{">1337<", ">1338<", 4, "gap"},
		{`<Amt Ccy="CHF">1200`, `<Amt Ccy="EUR">1200`, 12, "currency"},
		{"</Stmt>", "", 14, "record"},
	}
}

func TestMalformedStatementsAreRefusedWithLineAndReason(t *testing.T) {
	for _, text := range []string{goodCSV, good940, camtSample} {
		if _, _, err := readAll(t, input("good", []byte(text)), Bank); err != nil {
			t.Fatalf("the good file is refused: %v", err)
		}
	}
	table := malformedFiles()
	if len(table) < 100 {
		t.Fatalf("only %d files", len(table))
	}
	for _, bad := range table {
		t.Run(bad.name, func(t *testing.T) {
			_, _, err := readAll(t, input("f", []byte(bad.file)), Bank)
			refusal, ok := errors.AsType[*Refusal](err)
			if !ok {
				t.Fatalf("not refused: %v", err)
			}
			for _, p := range refusal.Problems {
				if p.Line == bad.line && p.Code == bad.code && p.Found != "" && p.Want != "" && p.Hint != "" && p.zhWant != "" {
					return
				}
			}
			t.Errorf("want %s in line %d, got %v", bad.code, bad.line, err)
		})
	}
}

func TestRefusedFileLeavesNothingBehind(t *testing.T) {
	bad := replaceLine(goodCSV, 3, "")
	res, err := Reconcile(t.Context(), Job{Bank: []Input{input("bad.csv", []byte(bad))}, Book: []Input{input("good.csv", []byte(goodCSV))}, Calendar: calendarForTest(t)})
	if _, ok := errors.AsType[*Unusable](err); !ok || res.run != nil {
		t.Errorf("got %v", err)
	}
}

func TestForceGoesOnAndSaysSoOnEveryLine(t *testing.T) {
	bad := strings.Replace(strings.Replace(goodCSV, "1300.00", "1310.00", 1), "2026-03-05", "2026-03-55", 1)
	res, err := Reconcile(t.Context(), Job{Force: true, Bank: []Input{input("bad.csv", []byte(bad))}, Book: []Input{testFile(t, "fe1-journal.csv")}, Calendar: calendarForTest(t)})
	if err != nil {
		t.Fatal(err)
	}
	lines := map[int]bool{}
	for _, p := range res.Forced {
		lines[p.Line] = true
	}
	if !lines[3] || !lines[5] || res.Balanced() || rowsOf(t, res)[Bank][5].State != Rejected {
		t.Errorf("forced %+v", res.Forced)
	}
}
