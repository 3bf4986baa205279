package ledger

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/jingban/jingban/casework"
)

// Comparison compares totals of another house with our books, key by key. Where
// B compares rows, these compare sums:
//
//	A 业务–财务       拨付通知单 or 征集单 with the vouchers, by document, insurance and period
//	D 财务–财政       the finance bureau's statement, by month
//	E 社–税–库        receipts of tax or treasury, by day and insurance; what a day leaves
//	                  open is carried on and must be nothing at the end of the month
type Comparison struct {
	Name     string      `json:"comparison"` // A, D or E
	Balanced bool        `json:"balanced"`
	Compared int         `json:"keys"`
	Differ   []TotalLine `json:"differences"`
}

// TotalLine is one key whose sums differ. A line of 0 says that the key is missing there.
type TotalLine struct {
	Key       string       `json:"key"`
	Other     casework.Fen `json:"other_fen"`
	Book      casework.Fen `json:"ledger_fen"`
	OtherLine int          `json:"other_line"` // first line of the key
	BookLine  int          `json:"ledger_line"`
	Carried   casework.Fen `json:"carried_fen"` // E: what is open up to this day of the month
}

// keyParts are the roles by which a comparison is keyed; Date stands for the
// month in D and for the day in E.
func keyParts(name string) []Role {
	return map[string][]Role{"A": {Client, Insurance, Period}, "D": {Date}, "E": {Date, Insurance}}[name]
}

// totalSum is the sum of one key in one house.
type totalSum struct {
	line int
	fen  casework.Fen
}

// totalReader sums the entries of files by key.
type totalReader struct {
	name  string
	parts []Role // those that the files of both houses have
	from  Day
	until Day
	sums  map[string]*totalSum
}

// compareTotals compares the files of another house with the journals. The key
// is made of what both houses write.
func compareTotals(name string, other []Input, job Job) (Comparison, []*Refusal, error) {
	c := Comparison{Name: name, Balanced: true, Differ: []TotalLine{}}
	parts := keyParts(name)
	readers := [2]*totalReader{}
	for range 2 { // first what each house writes, then by what both write
		seen := map[Role]int{}
		var refused []*Refusal
		for house, files := range [2][]Input{other, job.Book} {
			readers[house] = &totalReader{name: name, parts: parts, from: job.From, until: job.Until, sums: map[string]*totalSum{}}
			has, bad, err := readers[house].read(files, pick(house == 0, Batch, Book), job)
			if err != nil {
				return c, nil, err
			}
			refused = append(refused, bad...)
			for _, r := range has {
				seen[r]++
			}
		}
		if len(refused) > 0 {
			return c, refused, nil
		}
		both := slices.DeleteFunc(slices.Clone(parts), func(r Role) bool { return seen[r] < 2 })
		if len(both) == len(parts) {
			break
		}
		if parts = both; len(parts) == 0 {
			p := problems{file: other[0].Name}
			p.add(0, 0, "", "no_key", name)
			refusal, _ := errors.AsType[*Refusal](p.refusal())
			return c, []*Refusal{refusal}, nil
		}
	}
	c.compare(readers[0].sums, readers[1].sums, monthUnderWay(job.Until))
	return c, nil, nil
}

// read sums the files of one house and gives the parts of the key they all write.
func (t *totalReader) read(files []Input, side Side, job Job) (has []Role, refused []*Refusal, err error) {
	has = slices.Clone(t.parts)
	for _, in := range files {
		written := map[Role]bool{}
		layout := pick(side == Book, job.BookLayout, Layout{})
		_, err := Read(in, Options{Side: side, Layout: layout, Force: job.Force}, func(e *Entry) error {
			t.add(e, side, written)
			return nil
		})
		if refusal, ok := errors.AsType[*Refusal](err); ok {
			refused = append(refused, refusal)
		} else if err != nil {
			return nil, nil, err
		}
		has = slices.DeleteFunc(has, func(r Role) bool { return !written[r] })
	}
	return has, refused, nil
}

func (t *totalReader) add(e *Entry, side Side, written map[Role]bool) {
	if e.Day != 0 && e.Day < t.from {
		return // of closed books
	}
	var key []string
	for _, r := range t.parts {
		text := e.Text(r)
		if r == Date {
			if text = e.Day.String(); e.Day == 0 || t.until != 0 && e.Day > t.until {
				return
			}
			text = text[:pick(t.name == "D", len("2026-03"), len(text))]
		}
		written[r] = written[r] || text != ""
		key = append(key, text)
	}
	if len(key) == 0 || key[0] == "" {
		return // a line of another house's business, or of none
	}
	joined := strings.Join(key, " ")
	if t.sums[joined] == nil {
		t.sums[joined] = &totalSum{line: e.Line}
	}
	t.sums[joined].fen += pick(side == Batch, -e.Fen, e.Fen)
}

// monthUnderWay is the month of a day that does not end it, "" otherwise: its sums
// are not final yet.
func monthUnderWay(until Day) string {
	if until == 0 || (until+1).Date().Month != until.Date().Month {
		return ""
	}
	return until.String()[:len("2026-03")]
}

// compare lists the keys that differ. Another house may write payments without
// their sign. Of a month that is under way E shows what is carried on and D says
// nothing: only the end of the month has to be zero.
func (c *Comparison) compare(other, book map[string]*totalSum, underWay string) {
	keys := maps.Clone(other)
	maps.Copy(keys, book)
	if c.Name == "D" {
		delete(keys, underWay)
	}
	c.Compared = len(keys)
	carried, month := casework.Fen(0), ""
	endMonth := func() { c.Balanced = c.Balanced && (carried == 0 || month == underWay) }
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		a, b := cmp.Or(other[key], &totalSum{}), cmp.Or(book[key], &totalSum{})
		line := TotalLine{Key: key, Other: abs(a.fen), Book: abs(b.fen), OtherLine: a.line, BookLine: b.line}
		if c.Name == "E" {
			if month != key[:len("2026-03")] {
				endMonth()
				month, carried = key[:len("2026-03")], 0
			}
			carried += line.Other - line.Book
			line.Carried = carried
		}
		if line.Other != line.Book {
			c.Differ = append(c.Differ, line)
		}
	}
	endMonth()
	c.Balanced = c.Balanced && (c.Name == "E" || len(c.Differ) == 0)
}
