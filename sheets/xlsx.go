package sheets

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"
)

// unzipMost bounds what a workbook may unfold to: 50,000 rows of 60 columns are
// far below.
const unzipMost = 512 << 20

func openXLSX(data []byte) (*excelize.File, error) {
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{UnzipSizeLimit: unzipMost})
	if err != nil {
		return nil, &Refusal{Code: "sheet_unreadable"}
	}
	return f, nil
}

func readXLSX(data []byte) ([]table, error) {
	f, err := openXLSX(data)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var all []table
	for _, name := range f.GetSheetList() {
		t, err := worksheet(f, name)
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, nil
}

// worksheet reads one sheet twice in step: as people see it, and as it is stored.
func worksheet(f *excelize.File, name string) (table, error) {
	t := table{name: name}
	seen, err := f.Rows(name)
	if err != nil {
		return t, nil // a sheet of charts has no rows
	}
	defer seen.Close()
	stored, err := f.Rows(name)
	if err != nil {
		return t, fmt.Errorf("sheet: %w", err)
	}
	defer stored.Close()
	for line := 1; seen.Next() && stored.Next(); line++ {
		texts, err := seen.Columns()
		if err != nil {
			return t, &Refusal{Code: "sheet_unreadable", Line: line}
		}
		raws, err := stored.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return t, &Refusal{Code: "sheet_unreadable", Line: line}
		}
		if row := rowOf(f, name, line, texts, raws); len(row.Cells) > 0 {
			if t.rows = append(t.rows, row); len(t.rows) > Most+titleRows {
				return t, &Refusal{Code: "sheet_too_long"}
			}
		}
	}
	return t, nil
}

func rowOf(f *excelize.File, sheet string, line int, texts, raws []string) Row {
	row := Row{Line: line}
	for i, raw := range raws {
		cell := Cell{Raw: raw, Text: raw}
		if i < len(texts) {
			cell.Text = texts[i]
		}
		cell.Number = mayBeNumber(raw) && storedAsNumber(f, sheet, line, i)
		row.Cells = append(row.Cells, cell)
	}
	return row
}

// mayBeNumber spares the look at the cell's type for what is plainly text.
func mayBeNumber(raw string) bool {
	return raw != "" && strings.Trim(raw, "0123456789.+-Ee") == ""
}

func storedAsNumber(f *excelize.File, sheet string, line, column int) bool {
	at, err := excelize.CoordinatesToCellName(column+1, line)
	if err != nil {
		return false
	}
	kind, err := f.GetCellType(sheet, at)
	return err == nil && (kind == excelize.CellTypeNumber || kind == excelize.CellTypeUnset)
}

// writeXLSX puts the results beside what is there. The workbook is opened as it
// came: nothing else in it is touched.
func writeXLSX(data []byte, b *Book, heads [4]string, results map[int]Result) ([]byte, error) {
	f, err := openXLSX(data)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	first := firstFree(b, heads)
	style, err := f.NewStyle(&excelize.Style{NumFmt: 49, Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}}) // 49 is text
	if err != nil {
		return nil, fmt.Errorf("sheet: style: %w", err)
	}
	put := func(line int, texts [4]string) error {
		for i, text := range texts {
			at, err := excelize.CoordinatesToCellName(first+i+1, line)
			if err != nil {
				return fmt.Errorf("sheet: line %d: %w", line, err)
			}
			if err := f.SetCellStyle(b.Sheet, at, at, style); err != nil {
				return fmt.Errorf("sheet: line %d: %w", line, err)
			}
			if err := f.SetCellStr(b.Sheet, at, text); err != nil {
				return fmt.Errorf("sheet: line %d: %w", line, err)
			}
		}
		return nil
	}
	if err := put(b.HeadLine, heads); err != nil {
		return nil, err
	}
	for _, row := range b.Rows {
		if err := put(row.Line, results[row.Line].texts()); err != nil {
			return nil, err
		}
	}
	for i, wide := range []float64{14, 24, 48, 20} {
		name := ColumnName(first + i)
		if err := f.SetColWidth(b.Sheet, name, name, wide); err != nil {
			return nil, fmt.Errorf("sheet: width: %w", err)
		}
	}
	out, err := f.WriteToBuffer()
	if err != nil {
		return nil, fmt.Errorf("sheet: %w", err)
	}
	return out.Bytes(), nil
}
