package sheets

import (
	"slices"
	"strconv"
)

// LineTitle is under what name Table gives the line of a row, as the spreadsheet
// counts.
const LineTitle = "行"

// Table reads the sheet whose heading has the titles and gives its rows, texts by
// the titles asked for and the line of each. Rows that say nothing of these are left
// out. *Refusal also for a title that is missing and for a number whose digits the
// spreadsheet has cut.
func Table(data []byte, titles []string) (*Book, []map[string]string, error) {
	known := func(title string) bool {
		return slices.ContainsFunc(titles, func(want string) bool { return plain(want) == plain(title) })
	}
	b, err := Read(data, known)
	if err != nil {
		return nil, nil, err
	}
	at := map[string]int{}
	for _, title := range titles {
		column := slices.IndexFunc(b.Head, func(head string) bool { return plain(head) == plain(title) })
		if column < 0 {
			return nil, nil, &Refusal{Code: "sheet_heading", Line: b.HeadLine}
		}
		at[title] = column
	}
	var rows []map[string]string
	for _, row := range b.Rows {
		if !row.says(at) {
			continue
		}
		texts := map[string]string{LineTitle: strconv.Itoa(row.Line)}
		for title, column := range at {
			cell := row.at(column)
			if lost(cell) {
				return nil, nil, &Refusal{Code: "sheet_number", Line: row.Line}
			}
			texts[title] = cell.Text
		}
		rows = append(rows, texts)
	}
	if len(rows) == 0 {
		return nil, nil, &Refusal{Code: "sheet_empty", Line: b.HeadLine}
	}
	return b, rows, nil
}
