package ledger

import (
	"bytes"
	"errors"
	"fmt"
)

// ErrNoCells is a file that holds no table we can read.
var ErrNoCells = errors.New("no readable table")

// Cells runs through the first sheet of a BIFF workbook (.xls) as it is: one call
// for each row that holds something, with the row's number, from 1.
func Cells(data []byte, row func(line int, cells []string)) error {
	in := Input{Name: "xls", Size: int64(len(data)), Data: bytes.NewReader(data)}
	t := newTable(in, Options{})
	t.rows = func(cells [][]byte, line int) {
		texts := make([]string, len(cells))
		for i, cell := range cells {
			texts[i] = string(cell)
		}
		row(line, texts)
	}
	err := readXLS(in, t)
	if bad, ok := errors.AsType[*lineError](err); ok {
		return fmt.Errorf("line %d: %s: %w", bad.line, bad.code, ErrNoCells)
	}
	return err
}
