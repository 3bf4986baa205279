package sheets

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"github.com/jingban/jingban/casework"
)

const (
	zhang = "379901198503120017"
	li    = "379902199007154526"
)

func usual() casework.Case {
	return casework.Case{Matter: "unemployment_stop", Region: "379900", Month: 202603, ReceivedAt: time.Date(2026, 3, 6, 9, 0, 0, 0, casework.China)}
}

func inputs() []Input {
	name, _ := CaseInput("name")
	id, _ := CaseInput("id_number")
	month, _ := CaseInput("month")
	id.Required, month.Required = true, true
	return []Input{name, id, month, {Name: "shared.serial", Zh: "流水号（共享）", En: "Serial"}}
}

func keyOf(c casework.Case) (string, error) {
	return c.Applicant.IDNumber + "/" + c.Month.String(), nil
}

// workbook is an agency's list: a title above the heading, texts with leading
// zeros, an 18-digit text, a formula, a day with its format, and a second sheet.
func workbook(t *testing.T) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	must(f.SetSheetName("Sheet1", "三月"))
	must(f.SetCellStr("三月", "A1", "停发核查清单"))
	must(f.MergeCell("三月", "A1", "F1"))
	must(f.SetSheetRow("三月", "A3", &[]any{"序号", "姓 名*", "身份证号", "待遇月份", "金额", "流水号（共享）"}))
	money, err := f.NewStyle(&excelize.Style{NumFmt: 4, Font: &excelize.Font{Color: "C00000", Bold: true}})
	must(err)
	zeros := "000000"
	padded, err := f.NewStyle(&excelize.Style{CustomNumFmt: &zeros})
	must(err)
	for i, row := range [][]any{{1, "张明", zhang, "2026-03", 1760.5, 7}, {2, "李娜", li, "2026年3月", 1800, 12}, {3, "王五", zhang[:17] + "8", "2026-03", 1, 1}, {4, "", "", "三月", 1, 1}, {5, "张明", zhang, "202603", 1, 1}} {
		must(f.SetSheetRow("三月", fmt.Sprintf("A%d", 4+i), &row))
	}
	must(f.SetCellStr("三月", "A4", "0001"))
	must(f.SetCellStyle("三月", "E4", "E8", money))
	must(f.SetCellStyle("三月", "F4", "F8", padded))
	must(f.SetCellStr("三月", "A9", "合计"))
	must(f.SetCellFormula("三月", "E9", "SUM(E4:E8)"))
	_, err = f.NewSheet("说明")
	must(err)
	must(f.SetCellStr("说明", "A1", "姓名"))
	out, err := f.WriteToBuffer()
	must(err)
	return out.Bytes()
}

func TestRowsBecomeCasesAndMistakesNameTheirCell(t *testing.T) {
	b, err := Read(workbook(t), Knows(inputs()))
	if err != nil {
		t.Fatal(err)
	}
	if b.Sheet != "三月" || b.HeadLine != 3 || len(b.Rows) != 6 {
		t.Fatalf("sheet %q, heading in line %d, %d rows", b.Sheet, b.HeadLine, len(b.Rows))
	}
	plans := Plan(b, inputs(), usual(), keyOf) // the line of the sum is no row
	first := plans[0].Case
	if first.Applicant.IDNumber != zhang || first.Applicant.Name != "张明" || first.Month != 202603 || first.Shared["serial"] != "000007" || len(plans[0].Wrongs) > 0 {
		t.Errorf("the first row became %+v %v", first, plans[0].Wrongs)
	}
	var said []string
	for _, p := range plans {
		for _, w := range p.Wrongs {
			said = append(said, w.Say("zh", func(_, code string) string { return code + "{0}" }))
		}
	}
	want := []string{"第 6 行 C 列『身份证号』：id_checksum0", "第 7 行 C 列『身份证号』：missing0", "第 7 行 D 列『待遇月份』：month0", "第 8 行：twice4"}
	if !slices.Equal(said, want) {
		t.Errorf("said\n%s\nwant\n%s", strings.Join(said, "\n"), strings.Join(want, "\n"))
	}
}

func TestWorkbookComesBackWithItsOriginalsUntouched(t *testing.T) {
	data := workbook(t)
	b, err := Read(data, Knows(inputs()))
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 3, 6, 1, 30, 0, 0, time.UTC)
	out, format, err := Write(data, b, Heads(), map[int]Result{4: {"已办结", "SYJ20260306000001", "", at}, 6: {"未办理", "", "第 6 行 C 列", time.Time{}}})
	if err != nil || format != XLSX {
		t.Fatalf("%s, %v", format, err)
	}
	same(t, data, out)
	f, err := excelize.OpenReader(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for cell, want := range map[string]string{"G3": "结果", "H3": "业务流水号", "I3": "失败原因", "J3": "时间", "G4": "已办结", "H4": "SYJ20260306000001", "J4": "2026-03-06 09:30:00", "I6": "第 6 行 C 列", "G5": ""} {
		if got, _ := f.GetCellValue("三月", cell); got != want {
			t.Errorf("%s is %q, want %q", cell, got, want)
		}
	}
	again, err := Read(out, Knows(inputs()))
	if err != nil {
		t.Fatal(err)
	}
	if twice, _, err := Write(out, again, Heads(), nil); err != nil {
		t.Error(err)
	} else if b, err := Read(twice, Knows(inputs())); err != nil || len(b.Head) != 10 {
		t.Errorf("written twice there are the columns %v, %v", b.Head, err)
	}
}

// same compares every cell of the original in value, formula, format and kind.
func same(t *testing.T, before, after []byte) {
	t.Helper()
	a, err := excelize.OpenReader(bytes.NewReader(before))
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	b, err := excelize.OpenReader(bytes.NewReader(after))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	show := func(f *excelize.File, sheet, cell string) string {
		raw, _ := f.GetCellValue(sheet, cell, excelize.Options{RawCellValue: true})
		seen, _ := f.GetCellValue(sheet, cell)
		formula, _ := f.GetCellFormula(sheet, cell)
		kind, _ := f.GetCellType(sheet, cell)
		id, _ := f.GetCellStyle(sheet, cell)
		style, _ := f.GetStyle(id)
		return fmt.Sprint(raw, "|", seen, "|", formula, "|", kind, "|", style.NumFmt, style.Font.Color, style.Font.Bold)
	}
	for _, sheet := range a.GetSheetList() {
		for line := 1; line <= 9; line++ {
			for column := range 6 {
				cell := fmt.Sprintf("%s%d", ColumnName(column), line)
				if x, y := show(a, sheet, cell), show(b, sheet, cell); x != y {
					t.Errorf("%s!%s was %s, is %s", sheet, cell, x, y)
				}
			}
		}
	}
	if merged, _ := b.GetMergeCells("三月"); len(merged) != 1 {
		t.Error("the merged title is gone")
	}
}

func TestTextTablesComeBackByteForByteWithFourFieldsMore(t *testing.T) {
	gbk := func(s string) string { out, _ := simplifiedchinese.GB18030.NewEncoder().String(s); return out }
	wide := func(s string) string {
		out, _ := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(s)
		return out
	}
	plainText := "姓名,身份证号,待遇月份,备注\r\n张明," + zhang + ",202603,0012\r\n\r\n李娜,=\"" + li + "\",2026-03\r\n"
	quoted := "\"姓名\";\"身份证号\";\"待遇月份\"\n\"张\"\"明\";\"" + zhang + "\";\"2026-03\"\n"
	for name, tc := range map[string]struct {
		file, want string
	}{
		"gbk, short and empty lines": {gbk(plainText), gbk("姓名,身份证号,待遇月份,备注,结果,业务流水号,失败原因,时间\r\n张明," + zhang + ",202603,0012,已办结,00012,\"甲,乙\",\r\n\r\n李娜,=\"" + li + "\",2026-03,,,,,\r\n")},
		"bom":                        {"\ufeff" + plainText, "\ufeff" + "姓名,身份证号,待遇月份,备注,结果,业务流水号,失败原因,时间\r\n张明," + zhang + ",202603,0012,已办结,00012,\"甲,乙\",\r\n\r\n李娜,=\"" + li + "\",2026-03,,,,,\r\n"},
		"quoted, no tabs":            {quoted, "\"姓名\";\"身份证号\";\"待遇月份\";\"结果\";\"业务流水号\";\"失败原因\";\"时间\"\n\"张\"\"明\";\"" + zhang + "\";\"2026-03\";\"已办结\";\"00012\";\"甲,乙\";\"\"\n"},
		"utf-16 from a spreadsheet":  {wide("姓名\t身份证号\t待遇月份\r\n张明\t" + zhang + "\t202603\r\n"), wide("姓名\t身份证号\t待遇月份\t结果\t业务流水号\t失败原因\t时间\r\n张明\t" + zhang + "\t202603\t已办结\t00012\t甲,乙\t\r\n")},
	} {
		t.Run(name, func(t *testing.T) {
			b, err := Read([]byte(tc.file), Knows(inputs()))
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range Plan(b, inputs(), usual(), keyOf) {
				if len(p.Wrongs) > 0 {
					t.Errorf("wrong: %+v", p.Wrongs)
				}
			}
			out, format, err := Write([]byte(tc.file), b, Heads(), map[int]Result{2: {"已办结", "00012", "甲,乙", time.Time{}}})
			if err != nil || format != CSV || string(out) != tc.want {
				t.Errorf("%s %v\n%q\nwant\n%q", format, err, out, tc.want)
			}
		})
	}
}

func TestNumbersThatASpreadsheetHasCutAreRefused(t *testing.T) {
	f := excelize.NewFile()
	defer f.Close()
	for at, v := range map[string]any{"A1": "姓名", "B1": "身份证号", "C1": "待遇月份", "A2": "张明", "C2": "202603", "A3": "李娜", "C3": 46082} {
		if err := f.SetCellValue("Sheet1", at, v); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.SetCellValue("Sheet1", "B2", 379901198503120017); err != nil {
		t.Fatal(err)
	}
	if err := f.SetCellStr("Sheet1", "B3", li); err != nil {
		t.Fatal(err)
	}
	out, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"number cell": out.Bytes(), "saved as text": []byte("姓名,身份证号,待遇月份\n张明,3.79901E+17,202603\n李娜," + li + ",2026/3/1\n")} {
		b, err := Read(data, Knows(inputs()))
		if err != nil {
			t.Fatal(err)
		}
		plans := Plan(b, inputs(), usual(), keyOf)
		if len(plans[0].Wrongs) != 1 || plans[0].Wrongs[0].Code != "long_number" {
			t.Errorf("%s: %+v", name, plans[0].Wrongs)
		}
		if len(plans[1].Wrongs) > 0 || plans[1].Case.Month != 202603 {
			t.Errorf("%s: %+v, month %v", name, plans[1].Wrongs, plans[1].Case.Month)
		}
	}
}

func TestFilesThatAreNoWorkListSayWhy(t *testing.T) {
	for name, tc := range map[string]struct{ data, code string }{
		"a picture":     {"\x89PNG\r\n\x1a\n\x00\x00", "sheet_unreadable"},
		"no heading":    {"甲,乙\n1,2\n", "sheet_heading"},
		"heading only":  {"姓名,身份证号\n", "sheet_empty"},
		"a broken zip":  {"PK\x03\x04xxxx", "sheet_unreadable"},
		"a broken book": {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1abcdefgh", "sheet_unreadable"},
		"nothing":       {"", "sheet_heading"},
	} {
		_, err := Read([]byte(tc.data), Knows(inputs()))
		if r, ok := errors.AsType[*Refusal](err); !ok || r.Code != tc.code {
			t.Errorf("%s: %v, want %s", name, err, tc.code)
		}
	}
}

func TestTemplateIsReadAsItsOwnList(t *testing.T) {
	g := Guide{Title: "停发核查", List: "清单", Help: "填写说明", Columns: [4]string{"栏目", "必填", "怎么填", "名称"}, Yes: "必填", No: "选填", How: func(string) string { return "" }}
	data, err := Template(inputs(), g)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Read(data, Knows(inputs()))
	if r, ok := errors.AsType[*Refusal](err); !ok || r.Code != "sheet_empty" || r.Line != 1 {
		t.Errorf("an empty template gives %v", err)
	}
}

func TestARowThatSpeaksOfPapersNeverBeginsWithoutThem(t *testing.T) {
	rows := []Planned{{Line: 2, Folder: "zhang"}, {Line: 3}}
	Attach(rows, nil)
	if len(rows[0].Wrongs) != 1 || rows[0].Wrongs[0].Code != "papers_missing" || rows[0].Wrongs[0].Line != 2 {
		t.Errorf("the row is %+v", rows[0])
	}
	if len(rows[1].Wrongs) > 0 {
		t.Errorf("a row without papers is wrong: %+v", rows[1].Wrongs)
	}
}
