package sheets

import (
	"fmt"

	"github.com/xuri/excelize/v2"

	"github.com/jingban/jingban/ledger"
)

func readXLS(data []byte) ([]table, error) {
	t := table{name: "Sheet1"}
	err := ledger.Cells(data, func(line int, texts []string) {
		row := Row{Line: line}
		for _, text := range texts {
			row.Cells = append(row.Cells, Cell{Text: text, Raw: text})
		}
		t.rows = append(t.rows, row)
	})
	if err != nil {
		return nil, &Refusal{Code: "sheet_unreadable"}
	}
	return []table{t}, nil
}

// asXLSX writes the cells of an old workbook into a new one, as texts: of its
// formats and formulas nothing can be kept.
func asXLSX(data []byte) ([]byte, error) {
	tables, err := readXLS(data)
	if err != nil {
		return nil, err
	}
	f := excelize.NewFile()
	defer f.Close()
	for _, row := range tables[0].rows {
		for i, cell := range row.Cells {
			at, err := excelize.CoordinatesToCellName(i+1, row.Line)
			if err != nil {
				return nil, fmt.Errorf("sheet: %w", err)
			}
			if err := f.SetCellStr("Sheet1", at, cell.Text); err != nil {
				return nil, fmt.Errorf("sheet: %w", err)
			}
		}
	}
	out, err := f.WriteToBuffer()
	if err != nil {
		return nil, fmt.Errorf("sheet: %w", err)
	}
	return out.Bytes(), nil
}
