package sheets

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/persons"
)

// Wrong is what is wrong with a cell. It names the cell and never its value.
type Wrong struct {
	Line   int    `json:"line"`
	Column int    `json:"column"` // from 0; -1 for a column that is not there
	Title  string `json:"title"`
	En     string `json:"en,omitempty"` // title of a column that is not there
	Code   string `json:"code"`         // has words in web/locale: sheetwrong.<code>
	Of     int    `json:"of,omitempty"` // the other line, for "twice"
}

// Say gives the place and what is wrong in one sentence: 第 7 行 C 列『身份证号』：…
func (w Wrong) Say(lang string, word func(family, value string) string) string {
	text := strings.ReplaceAll(word("sheetwrong", w.Code), "{0}", strconv.Itoa(w.Of))
	switch {
	case lang == "en" && w.Title == "":
		return fmt.Sprintf("row %d: %s", w.Line, text)
	case w.Title == "":
		return fmt.Sprintf("第 %d 行：%s", w.Line, text)
	case lang == "en" && w.Column < 0:
		return fmt.Sprintf("row %d, “%s”: %s", w.Line, w.En, text)
	case lang == "en":
		return fmt.Sprintf("row %d, column %s “%s”: %s", w.Line, ColumnName(w.Column), w.Title, text)
	case w.Column < 0:
		return fmt.Sprintf("第 %d 行『%s』：%s", w.Line, w.Title, text)
	}
	return fmt.Sprintf("第 %d 行 %s 列『%s』：%s", w.Line, ColumnName(w.Column), w.Title, text)
}

// Planned is a row as a case, or with what is wrong.
type Planned struct {
	Line   int
	Case   casework.Case
	Key    string // what "the same" means to the playbook, in clear: to be hashed
	Folder string // of its papers, as the row says; "" where it does not
	Papers []casework.Material
	Wrongs []Wrong
}

// Attach gives each row its papers. What find does not find is wrong, by its code; a
// nil find finds nothing, so that a row that speaks of papers never begins without.
func Attach(rows []Planned, find func(Planned) (found []casework.Material, wrong string)) {
	for i := range rows {
		p := &rows[i]
		if len(p.Wrongs) > 0 || find == nil && p.Folder == "" {
			continue
		}
		wrong := "papers_missing"
		if find != nil {
			p.Papers, wrong = find(*p)
		}
		if wrong != "" {
			p.Wrongs = []Wrong{{Line: p.Line, Column: -1, Code: wrong}}
		}
	}
}

// Plan turns the rows into cases; one that says nothing of what is asked is left
// out. What a row does not say is taken from usual: its
// matter, region, month and day of receipt. key gives the playbook's key of a case;
// a row with the key of an earlier one is wrong.
func Plan(b *Book, inputs []Input, usual casework.Case, key func(casework.Case) (string, error)) []Planned {
	at, seen := b.columns(inputs), map[string]int{}
	all := make([]Planned, 0, len(b.Rows))
	for _, row := range b.Rows {
		if !row.says(at) {
			continue
		}
		p := b.planned(row, inputs, at, usual)
		if len(p.Wrongs) == 0 {
			p.once(key, seen)
		}
		all = append(all, p)
	}
	return all
}

func (b *Book) planned(row Row, inputs []Input, at map[string]int, usual casework.Case) Planned {
	p := Planned{Line: row.Line, Case: usual}
	p.Case.Shared = map[string]string{}
	maps.Copy(p.Case.Shared, usual.Shared)
	for _, in := range inputs {
		column := at[in.Name]
		cell := row.at(column)
		if cell.Text == "" {
			if in.Required {
				p.Wrongs = append(p.Wrongs, Wrong{Line: row.Line, Column: column, Title: b.title(in, column), En: in.En, Code: "missing"})
			}
			continue
		}
		value, month, code := read(in.Name, cell, usual.ReceivedAt)
		if code != "" {
			p.Wrongs = append(p.Wrongs, Wrong{Line: row.Line, Column: column, Title: b.title(in, column), Code: code})
			continue
		}
		if in.Name == papers {
			p.Folder = value
			continue
		}
		put(&p.Case, in.Name, value, month)
	}
	return p
}

// says reports whether a row says anything that is asked: the line of a sum below
// the list does not.
func (r Row) says(at map[string]int) bool {
	for _, column := range at {
		if r.at(column).Text != "" {
			return true
		}
	}
	return false
}

// CaseOf fills a case from values by the names of inputs; an empty one is left as it
// is usually. wrong names the value that no case can have, and why.
func CaseOf(usual casework.Case, values map[string]string) (c casework.Case, wrong string) {
	c = usual
	c.Shared = map[string]string{}
	maps.Copy(c.Shared, usual.Shared)
	for name, text := range values {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		value, month, code := read(name, Cell{Text: text, Raw: text}, usual.ReceivedAt)
		if code != "" {
			return c, name + ": " + code
		}
		put(&c, name, value, month)
	}
	return c, ""
}

// title is what the sheet calls an input.
func (b *Book) title(in Input, column int) string {
	if column >= 0 {
		return strings.TrimSpace(b.Head[column])
	}
	return in.Zh
}

func (p *Planned) once(key func(casework.Case) (string, error), seen map[string]int) {
	k, err := key(p.Case)
	switch earlier := seen[k]; {
	case err != nil:
		p.Wrongs = []Wrong{{Line: p.Line, Column: -1, Title: "", Code: "no_key"}}
	case earlier > 0:
		p.Wrongs = []Wrong{{Line: p.Line, Column: -1, Title: "", Code: "twice", Of: earlier}}
	default:
		seen[k], p.Key = p.Line, k
	}
}

// spreadsheetDigits is how many digits of a number a spreadsheet keeps.
const spreadsheetDigits = 15

// read judges one cell. The code is empty when it is fine.
func read(name string, cell Cell, on time.Time) (value string, month casework.Month, code string) {
	if lost(cell) {
		return "", 0, "long_number"
	}
	value = cell.Text
	switch name {
	case "id_number":
		id, err := persons.ParseCitizenID(value, casework.DateOf(on))
		if err != nil {
			return "", 0, flaw(err)
		}
		value = id.Number
	case "mobile":
		if !persons.ValidMobile(value) {
			return "", 0, "mobile"
		}
	case "account":
		value = strings.ReplaceAll(value, " ", "")
		if !regexp.MustCompile(`^[0-9]{8,32}$`).MatchString(value) {
			return "", 0, "account"
		}
	case "region":
		if !regexp.MustCompile(`^[0-9]{6}$`).MatchString(value) {
			return "", 0, "region"
		}
	case "month":
		if month = monthOf(cell); month == 0 {
			return "", 0, "month"
		}
	case "name":
		if len([]rune(value)) > 60 {
			return "", 0, "name"
		}
	}
	if len([]rune(value)) > 500 {
		return "", 0, "too_long"
	}
	return value, month, ""
}

// flaw says what is wrong with an ID number.
func flaw(err error) string {
	switch {
	case errors.Is(err, persons.Length):
		return "id_length"
	case errors.Is(err, persons.Checksum):
		return "id_checksum"
	}
	return "id_number"
}

// lost says that a cell holds a number whose digits the spreadsheet has cut.
func lost(cell Cell) bool {
	digits := 0
	for _, r := range cell.Raw {
		if r >= '0' && r <= '9' {
			digits++
		}
	}
	if cell.Number {
		return digits > spreadsheetDigits
	}
	return regexp.MustCompile(`^[0-9](\.[0-9]+)?[eE]\+[0-9]+$`).MatchString(cell.Text)
}

// monthOf reads 202603, 2026-03, 2026年3月, 2026/3/1 and a day as the spreadsheet
// stores it; 0 for anything else.
func monthOf(cell Cell) casework.Month {
	if serial, err := strconv.ParseFloat(cell.Raw, 64); err == nil && cell.Number && serial > 20000 && serial < 80000 {
		if day, err := excelize.ExcelDateToTime(serial, false); err == nil {
			return casework.Month(day.Year()*100 + int(day.Month()))
		}
	}
	parts := regexp.MustCompile(`^(\d{4})[-年/.]?(\d{1,2})(?:[-月/.].*)?$`).FindStringSubmatch(cell.Text)
	if parts == nil {
		return 0
	}
	year, _ := strconv.Atoi(parts[1]) // digits by the pattern
	month, _ := strconv.Atoi(parts[2])
	if year < 1990 || year > 2100 || month < 1 || month > 12 {
		return 0
	}
	return casework.Month(year*100 + month)
}
