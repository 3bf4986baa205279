package ledger

import (
	_ "embed"
	"html/template"
	"io"

	"github.com/jingban/jingban/casework"
)

//go:embed report.html
var reportPage string

// page is what report.html sees.
type page struct {
	*Result
	Day    string
	Lines  []pageState
	Halves [][2]AdjustmentLine // K1 beside K3, then K2 beside K4
	Second int                 // where the second pair begins
}

type pageState struct {
	Title      string
	Bank, Book stateSum
}

// WriteHTML writes states, 余额调节表 and differences as one page without links.
func (res *Result) WriteHTML(out io.Writer) error {
	t, err := template.New("report").Funcs(template.FuncMap{
		"yuan":   func(f casework.Fen) string { return grouped(f) },
		"state":  func(s State) string { return s.Title(true) },
		"text":   func(p Problem) string { return p.Text(true) },
		"amount": func(l AdjustmentLine) string { return pick(l.Summary == "" && l.Fen == 0, "", grouped(l.Fen)) },
		"before": func(i, n int) bool { return i == n },
	}).Parse(reportPage)
	if err != nil {
		return err
	}
	p := page{Result: res, Day: res.lastDay().String()}
	for s := range states {
		bank, book := res.Sides[0], res.Sides[1]
		if bank.Count[s]+book.Count[s] > 0 {
			p.Lines = append(p.Lines, pageState{s.Title(true), stateSum{bank.Count[s], bank.Fen[s]}, stateSum{book.Count[s], book.Fen[s]}})
		}
	}
	a := res.Adjustment
	p.Halves = beside(a.K1, a.K3)
	p.Second = len(p.Halves)
	p.Halves = append(p.Halves, beside(a.K2, a.K4)...)
	return t.Execute(out, p)
}

func beside(left, right []AdjustmentLine) [][2]AdjustmentLine {
	pairs := make([][2]AdjustmentLine, max(len(left), len(right)))
	for i := range pairs {
		if i < len(left) {
			pairs[i][0] = left[i]
		}
		if i < len(right) {
			pairs[i][1] = right[i]
		}
	}
	return pairs
}

// grouped writes yuan with thousands separators.
func grouped(f casework.Fen) string {
	text := abs(f).String()
	whole, cents := text[:len(text)-3], text[len(text)-3:]
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	return pick(f < 0, "-", "") + whole + cents
}
