package link

import (
	"encoding/csv"
	"fmt"
	"io"

	"github.com/xuri/excelize/v2"
)

// Sheet gives the first sheet of an XLSX workbook as CSV, row by row. Cells come
// as they are stored: numbers of persons have to be texts, as exports write them.
// Close ends it early.
func Sheet(book io.Reader) (io.ReadCloser, error) {
	file, err := excelize.OpenReader(book, excelize.Options{RawCellValue: true})
	if err != nil {
		return nil, fmt.Errorf("no XLSX workbook: %w", err)
	}
	names := file.GetSheetList()
	if len(names) == 0 {
		return nil, fmt.Errorf("the workbook has no sheet")
	}
	rows, err := file.Rows(names[0])
	if err != nil {
		return nil, fmt.Errorf("sheet: %w", err)
	}
	out, in := io.Pipe()
	go func() {
		err := copyRows(rows, in)
		_ = rows.Close()
		_ = file.Close()
		in.CloseWithError(err)
	}()
	return out, nil
}

// copyRows writes rows as wide as the header: a sheet leaves empty cells at the
// end of a row out.
func copyRows(rows *excelize.Rows, into io.Writer) error {
	w := csv.NewWriter(into)
	wide := 0
	for rows.Next() {
		cells, err := rows.Columns()
		if err != nil {
			return fmt.Errorf("sheet: %w", err)
		}
		if wide == 0 {
			wide = len(cells)
		}
		if len(cells) == 0 {
			continue
		}
		if err := w.Write(append(cells, make([]string, max(wide-len(cells), 0))...)); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}
