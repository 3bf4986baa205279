package sheets

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"golang.org/x/text/width"
)

// Format is the kind of file.
type Format string

// The formats.
const (
	XLSX Format = "xlsx"
	XLS  Format = "xls"
	CSV  Format = "csv"
)

// Most bounds the rows of one sheet: a longer list is cut by people, who can
// still look through it.
const Most = 50_000

// titleRows is how far down the heading is looked for.
const titleRows = 20

// Refusal says why a file is no work list. Code has sentences in web/locale.
type Refusal struct {
	Code string // sheet_unreadable, sheet_heading, sheet_empty, sheet_too_long
	Line int
}

// Error names the code.
func (r *Refusal) Error() string { return r.Code }

// Cell is what stands in a cell.
type Cell struct {
	Text   string // as people see it
	Raw    string // as it is stored; for numbers and days without their format
	Number bool   // stored as a number, not as a text
}

// Row is one row below the heading.
type Row struct {
	Line  int // as the spreadsheet counts, from 1
	Cells []Cell
}

// Book is a sheet as it came.
type Book struct {
	Format   Format
	Sheet    string // name of the worksheet
	Head     []string
	HeadLine int
	Rows     []Row
}

// FormatOf tells a file by its first bytes, never by its name.
func FormatOf(data []byte) Format {
	switch {
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		return XLSX
	case bytes.HasPrefix(data, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")), bytes.HasPrefix(data, []byte{0x09, 0x08}):
		return XLS
	}
	return CSV
}

// Read reads the sheet whose heading has most of the names; of several sheets the
// first such. *Refusal when no row names one.
func Read(data []byte, known func(title string) bool) (*Book, error) {
	format := FormatOf(data)
	tables, err := tablesOf(format, data)
	if err != nil {
		return nil, err
	}
	var best *Book
	most := 0
	for _, t := range tables {
		if at, n := headingOf(t.rows, known); n > most {
			best, most = bookOf(format, t, at), n
		}
	}
	switch {
	case best == nil:
		return nil, &Refusal{Code: "sheet_heading"}
	case len(best.Rows) == 0:
		return nil, &Refusal{Code: "sheet_empty", Line: best.HeadLine}
	case len(best.Rows) > Most:
		return nil, &Refusal{Code: "sheet_too_long"}
	}
	return best, nil
}

// table is one worksheet with all its rows that hold something.
type table struct {
	name string
	rows []Row
}

func tablesOf(format Format, data []byte) ([]table, error) {
	switch format {
	case XLSX:
		return readXLSX(data)
	case XLS:
		return readXLS(data)
	}
	return readCSV(data)
}

// headingOf finds the row with most known names among the first ones.
func headingOf(rows []Row, known func(string) bool) (at, most int) {
	for i, row := range rows[:min(len(rows), titleRows)] {
		n := 0
		for _, cell := range row.Cells {
			if known(cell.Text) {
				n++
			}
		}
		if n > most {
			at, most = i, n
		}
	}
	return at, most
}

// bookOf drops what stands above the heading, and the columns of an earlier
// result: a workbook that went back and comes again is read as it was.
func bookOf(format Format, t table, at int) *Book {
	b := &Book{Format: format, Sheet: t.name, HeadLine: t.rows[at].Line}
	for _, cell := range t.rows[at].Cells {
		b.Head = append(b.Head, cell.Text)
	}
	for _, row := range t.rows[at+1:] {
		if slices.ContainsFunc(row.Cells, func(c Cell) bool { return strings.TrimSpace(c.Text) != "" }) {
			b.Rows = append(b.Rows, row)
		}
	}
	return b
}

// plain makes titles comparable: widths, spaces, colons and asterisks aside.
func plain(title string) string {
	title = width.Fold.String(strings.ToLower(title))
	return strings.NewReplacer(" ", "", "\u00a0", "", "\t", "", "\n", "", "\r", "", ":", "", "*", "").Replace(title)
}

// ColumnName is what spreadsheets call a column: 0 is A, 26 is AA.
func ColumnName(column int) string {
	name := ""
	for n := column + 1; n > 0; n = (n - 1) / 26 {
		name = string(rune('A'+(n-1)%26)) + name
	}
	return name
}

// at gives a cell of a row; one that is not there is empty.
func (r Row) at(column int) Cell {
	if column < 0 || column >= len(r.Cells) {
		return Cell{}
	}
	c := r.Cells[column]
	c.Text = strings.TrimSpace(c.Text)
	c.Raw = cmp.Or(strings.TrimSpace(c.Raw), c.Text)
	return c
}
