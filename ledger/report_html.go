package ledger

import (
	"embed"
	"fmt"
	"html/template"
	"io"

	"github.com/jingban/jingban/casework"
)

//go:embed report.html paper.html adjustment.html
var reportPages embed.FS

// maxPrinted bounds the differences on paper: some thirty pages.
const maxPrinted = 1000

// page is what the templates see.
type page struct {
	*Result
	Kind  string // of paper.html: daily or adjustment
	Title string
	AsOf  Day
	Day   string
	Lines []pageState
	Ages  []pageAge
	First []RowResult // the differences that are printed
	Left  int         // and how many are not
}

type pageState struct {
	Title      string
	Bank, Book stateSum
}

// pageAge sums the open items of one kind by age: up to WarnAfter days, up to
// EscalateAfter, and older.
type pageAge struct {
	Title string
	Sums  [3]stateSum
}

// WriteHTML writes states, 余额调节表 and differences as one page without links.
func (res *Result) WriteHTML(out io.Writer) error {
	return res.render(out, "report.html", "", "对账结果")
}

// WriteDailyHTML writes the 对账日报 for A4, to be printed.
func (res *Result) WriteDailyHTML(out io.Writer) error {
	return res.render(out, "paper.html", "daily", "对账日报")
}

// WriteAdjustmentHTML writes the 银行存款余额调节表 for A4, to be printed and signed.
func (res *Result) WriteAdjustmentHTML(out io.Writer) error {
	return res.render(out, "paper.html", "adjustment", "银行存款余额调节表")
}

func (res *Result) render(out io.Writer, name, kind, title string) error {
	t, err := template.New(name).Funcs(template.FuncMap{
		"yuan":    grouped,
		"side":    func(s Side) string { return [...]string{"银行", "账面", "批次"}[s] },
		"state":   func(s State) string { return s.Title(true) },
		"text":    func(p Problem) string { return p.Text(true) },
		"amount":  func(l AdjustmentLine) string { return pick(l.Summary == "" && l.Fen == 0, "", grouped(l.Fen)) },
		"beside":  beside,
		"chinese": chineseDay,
	}).ParseFS(reportPages, name, "adjustment.html")
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	p := page{Result: res, Kind: kind, Title: title, AsOf: res.lastDay(), Day: res.lastDay().String(), Ages: res.ages()}
	p.First, p.Left = res.Differ, res.MoreDiffer
	if len(p.First) > maxPrinted && kind != "" {
		p.First, p.Left = p.First[:maxPrinted], p.Left+len(p.First)-maxPrinted
	}
	for s := range states {
		bank, book := res.Sides[0], res.Sides[1]
		if bank.Count[s]+book.Count[s] > 0 {
			p.Lines = append(p.Lines, pageState{s.Title(true), stateSum{bank.Count[s], bank.Fen[s]}, stateSum{book.Count[s], book.Fen[s]}})
		}
	}
	return t.Execute(out, p)
}

// ages sums the open items by kind and age.
func (res *Result) ages() []pageAge {
	ages := make([]pageAge, 4)
	for i := range ages {
		ages[i].Title = (OpenK1 + State(i)).Title(true)
	}
	for _, row := range res.Differ {
		if !row.State.open() {
			continue
		}
		old := max(int(res.lastDay())-int(row.Detail.Day), 0)
		sum := &ages[row.State-OpenK1].Sums[pick(old > EscalateAfter, 2, pick(old > WarnAfter, 1, 0))]
		sum.Rows++
		sum.Fen += abs(row.Fen)
	}
	return ages
}

func chineseDay(d Day) string {
	date := d.Date()
	return pick(d == 0, "", fmt.Sprintf("%d年%d月%d日", date.Year, date.Month, date.Day))
}

// beside puts two lists into the halves of a table, one line at least.
func beside(left, right []AdjustmentLine) [][2]AdjustmentLine {
	pairs := make([][2]AdjustmentLine, max(len(left), len(right), 1))
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
