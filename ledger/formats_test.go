package ledger

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
	textunicode "golang.org/x/text/encoding/unicode"
)

// sheetRows is one statement that every table format can hold.
func sheetRows() [][]string {
	return [][]string{
		{"账号：6217000000000000001", "", "", "", "", ""},
		{"交易日期", "借方发生额", "贷方发生额", "余额", "对方户名", "流水号"},
		{"20260330", "", "1,200,000.00", "1250000.00", "市财政局社保专户", "S0001"},
		{"2026-03-31", "9872.50", "", "1240127.50", "待清算代发户", "S0002"},
		{"2026/3/31", "（30.00）", "", "1240157.50", "", "S0003"},
		{"合计", "9842.50", "1200000.00", "", "", ""},
	}
}

func asCSV(rows [][]string, delimiter string) string {
	var b strings.Builder
	for _, row := range rows {
		for i, cell := range row {
			if strings.Contains(cell, delimiter) {
				cell = `"` + cell + `"`
			}
			if i > 0 {
				b.WriteString(delimiter)
			}
			b.WriteString(cell)
		}
		b.WriteString("\r\n")
	}
	return b.String()
}

func asXLSX(t *testing.T, rows [][]string) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for i, row := range rows {
		for j, text := range row {
			name, err := excelize.CoordinatesToCellName(j+1, i+1)
			if err != nil {
				t.Fatal(err)
			}
			var value any = text
			if text == "9872.50" {
				value = 9872.5 // numbers stand beside texts
			}
			if text == "2026-03-31" {
				value = 46112 // and days as serial numbers
			}
			if err := f.SetCellValue("Sheet1", name, value); err != nil {
				t.Fatal(err)
			}
		}
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func asHTML(rows [][]string) string {
	var b strings.Builder
	b.WriteString("<html><body><table border=1>\n")
	for i, row := range rows {
		b.WriteString("<tr>")
		if i == 0 {
			fmt.Fprintf(&b, `<td colspan="6">%s</td>`, row[0])
		} else {
			for _, cell := range row {
				fmt.Fprintf(&b, "<td style='mso-number-format:\"\\@\"'>%s&nbsp;</td>", cell)
			}
		}
		b.WriteString("</tr>\n")
	}
	b.WriteString("</table></body></html>")
	return b.String()
}

// asBIFF8 writes a bare BIFF8 stream with shared strings, one of them cut by a
// CONTINUE record.
func asBIFF8(rows [][]string) []byte {
	var out bytes.Buffer
	record := func(kind int, body []byte) {
		binary.Write(&out, binary.LittleEndian, []uint16{uint16(kind), uint16(len(body))})
		out.Write(body)
	}
	le := func(values ...uint16) []byte {
		var b []byte
		for _, v := range values {
			b = binary.LittleEndian.AppendUint16(b, v)
		}
		return b
	}
	record(biffBOF, le(0x0600, 0x0005, 0, 0, 0, 0, 0, 0))
	var sst []byte
	count := uint32(0)
	for _, row := range rows {
		for _, cell := range row {
			units := utf16.Encode([]rune(cell))
			sst = append(append(sst, le(uint16(len(units)))...), 1)
			sst = append(sst, le(units...)...)
			count++
		}
	}
	head := binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, count), count)
	cut := 3 + 2*5 // inside the first string
	record(biffSST, append(head, sst[:cut]...))
	record(biffContinue, append([]byte{1}, sst[cut:]...))
	record(biffEOF, nil)
	record(biffBOF, le(0x0600, 0x0010, 0, 0, 0, 0, 0, 0))
	i := uint32(0)
	for r, row := range rows {
		for c, cell := range row {
			if cell == "9872.50" { // an RK number, times 100
				body := append(le(uint16(r), uint16(c), 0), binary.LittleEndian.AppendUint32(nil, 987250<<2|3)...)
				record(biffRK, body)
			} else {
				record(biffLabelSST, append(le(uint16(r), uint16(c), 0), binary.LittleEndian.AppendUint32(nil, i)...))
			}
			i++
		}
	}
	record(biffEOF, nil)
	return out.Bytes()
}

func TestEveryTableFormatSaysTheSame(t *testing.T) {
	rows := sheetRows()
	text := asCSV(rows, ",")
	gbk, err := simplifiedchinese.GB18030.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	pipes, err := simplifiedchinese.GBK.NewEncoder().String(asCSV(rows, "|"))
	if err != nil {
		t.Fatal(err)
	}
	wide, err := textunicode.UTF16(textunicode.LittleEndian, textunicode.UseBOM).NewEncoder().String(asCSV(rows, "\t"))
	if err != nil {
		t.Fatal(err)
	}
	page, err := simplifiedchinese.GBK.NewEncoder().String(asHTML(rows))
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string][]byte{
		"csv utf-8": []byte(text), "csv bom": []byte("\ufeff" + text), "csv gb18030": []byte(gbk), "txt pipes gbk": []byte(pipes), "xls that is utf-16 tab text": []byte(wide),
		"xls that is html": []byte(asHTML(rows)), "xls that is gbk html": []byte(page), "xlsx": asXLSX(t, rows), "xls biff8": asBIFF8(rows),
	} {
		t.Run(name, func(t *testing.T) {
			st, details, err := readAll(t, input("s", file), Bank)
			if err != nil {
				t.Fatal(err)
			}
			if st.Opening != 5000000 || st.Closing != 124015750 || st.SumIn != 120000000 || st.SumOut != 984250 || st.Entries != 3 || !st.Balanced {
				t.Fatalf("got %+v", st)
			}
			if d := details[1]; d.Fen != -987250 || d.Day.String() != "2026-03-31" || d.Party != "待清算代发户" || d.Serial != "S0002" || d.Line != 4 && !strings.Contains(name, "html") { // a page has its own lines
				t.Errorf("second %+v", d)
			}
			if details[2].Fen != 3000 {
				t.Errorf("red amount in brackets: %+v", details[2])
			}
		})
	}
}

// sheetTexts reads all cells of a workbook with another reader than ours.
func sheetTexts(t *testing.T, book []byte) string {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(book))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var b strings.Builder
	for _, sheet := range f.GetSheetList() {
		rows, err := f.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			b.WriteString(strings.Join(row, "|") + "\n")
		}
	}
	return b.String()
}
