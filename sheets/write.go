package sheets

import (
	"slices"
	"time"

	"github.com/jingban/jingban/casework"
)

// Heads are the titles of the four columns. They are Chinese in every language, so
// that a file that comes again is known.
func Heads() [4]string { return [4]string{"结果", "业务流水号", "失败原因", "时间"} }

// Result is what became of a row.
type Result struct {
	Outcome string // 结果
	Serial  string // 业务流水号
	Why     string // 失败原因
	At      time.Time
}

func (r Result) texts() [4]string {
	at := ""
	if !r.At.IsZero() {
		at = r.At.In(casework.China).Format(time.DateTime)
	}
	return [4]string{r.Outcome, r.Serial, r.Why, at}
}

// Write gives the file back with the results by line beside its cells. The format
// it comes in is the one that was sent, except XLS, which comes as XLSX.
func Write(data []byte, b *Book, heads [4]string, results map[int]Result) ([]byte, Format, error) {
	switch b.Format {
	case CSV:
		out, err := writeCSV(data, b, heads, results)
		return out, CSV, err
	case XLS:
		var err error
		if data, err = asXLSX(data); err != nil {
			return nil, XLSX, err
		}
		b = &Book{Format: XLSX, Sheet: "Sheet1", Head: b.Head, HeadLine: b.HeadLine, Rows: b.Rows}
	}
	out, err := writeXLSX(data, b, heads, results)
	return out, XLSX, err
}

// firstFree is the first column behind everything that stands in the sheet; where
// an earlier result stands, that one, so that it is written anew.
func firstFree(b *Book, heads [4]string) int {
	for at := range b.Head {
		if at+4 <= len(b.Head) && slices.Equal(b.Head[at:at+4], heads[:]) {
			return at
		}
	}
	wide := len(b.Head)
	for _, row := range b.Rows {
		wide = max(wide, len(row.Cells))
	}
	return wide
}
