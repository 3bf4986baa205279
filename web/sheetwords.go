package web

import (
	"strconv"
	"strings"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/sheets"
	"github.com/jingban/jingban/store"
)

// SheetText says in one language what becomes of the rows of a sheet, for pages and
// for those who stand at a terminal.
type SheetText struct {
	lang  string
	words catalogue
}

// NewSheetText gives the texts of a language, "zh" or "en".
func NewSheetText(lang string) (SheetText, error) {
	words, err := readCatalogue()
	return SheetText{lang, words}, err
}

// Inputs are the columns that a playbook asks for.
func (x SheetText) Inputs(pb *playbooks.Playbook) []sheets.Input {
	return pb.Inputs(func(lang, name string) string { return x.words[lang]["shared."+name] })
}

// Read turns a file into the rows of a work list for a playbook, each with its papers
// (see [sheets.Attach]). *sheets.Refusal for a file that is none.
func (x SheetText) Read(pb *playbooks.Playbook, data []byte, region string, now time.Time, papers func(sheets.Planned) ([]casework.Material, string)) (*sheets.Book, []sheets.Planned, error) {
	inputs := x.Inputs(pb)
	b, err := sheets.Read(data, sheets.Knows(inputs))
	if err != nil {
		return nil, nil, err
	}
	usual := casework.Case{Matter: pb.Name, Region: region, Month: casework.MonthOf(casework.DateOf(now)), ReceivedAt: now}
	rows := sheets.Plan(b, inputs, usual, func(c casework.Case) (string, error) {
		return pb.KeyOf(casework.Snapshot{Matter: c.Matter, Region: c.Region, Applicant: c.Applicant, Month: c.Month, Received: casework.DateOf(c.ReceivedAt), Shared: c.Shared})
	})
	sheets.Attach(rows, papers)
	return b, rows, nil
}

// Write gives the file back with what became of each row.
func (x SheetText) Write(pb *playbooks.Playbook, data []byte, rows []store.SheetRow) ([]byte, sheets.Format, error) {
	b, err := sheets.Read(data, sheets.Knows(x.Inputs(pb)))
	if err != nil {
		return nil, "", err
	}
	results := map[int]sheets.Result{}
	for _, row := range rows {
		results[row.Line] = x.Result(row)
	}
	return sheets.Write(data, b, sheets.Heads(), results)
}

// Result says what became of a row.
func (x SheetText) Result(r store.SheetRow) sheets.Result {
	stand := r.Stand()
	out := sheets.Result{Outcome: x.word("sheetstand", string(stand)), Serial: r.Receipt}
	switch stand {
	case store.RowWrong:
		out.Why = x.Wrongs(r.Wrongs)
		return out
	case store.RowWaiting:
		return out
	case store.RowDone:
		out.Outcome += x.text("list.colon") + x.word("outcome", r.Outcome)
	case store.RowPerson:
		out.Why = x.why(r)
	case store.RowReturned:
		out.Why = x.word("outcome", r.Outcome)
	}
	out.At = r.At
	return out
}

// why says what a person is needed for.
func (x SheetText) why(r store.SheetRow) string {
	code := r.Asked
	switch {
	case code == "-":
		return x.text("sheet.asked")
	case code == "":
		code = r.End
	}
	s := x.words.sentences(x.lang, code, nil)
	return x.joined(s.What, s.Do)
}

// joined puts sentences side by side: Chinese ones need no space.
func (x SheetText) joined(parts ...string) string {
	if x.lang == "en" {
		return strings.Join(parts, " ")
	}
	return strings.Join(parts, "")
}

// Wrongs says what is wrong with the cells of a row.
func (x SheetText) Wrongs(all []sheets.Wrong) string {
	var said []string
	for _, w := range all {
		said = append(said, w.Say(x.lang, x.word))
	}
	return strings.Join(said, "\n")
}

// Template is the workbook that a playbook's list is written into.
func (x SheetText) Template(pb *playbooks.Playbook) ([]byte, error) {
	title := pb.Title.Zh
	if x.lang == "en" {
		title = pb.Title.En
	}
	g := sheets.Guide{Title: title, List: x.text("sheet.list"), Help: x.text("sheet.help"), English: x.lang == "en", Yes: x.text("sheet.yes"), No: x.text("sheet.no"),
		How: func(name string) string {
			if how, ok := x.words[x.lang]["sheethow."+name]; ok {
				return how
			}
			return x.text("sheethow.other")
		}}
	for i := range g.Columns {
		g.Columns[i] = x.text("sheet.help.head" + strconv.Itoa(i))
	}
	for i := range 5 {
		g.Lines = append(g.Lines, x.text("sheet.help.line"+strconv.Itoa(i)))
	}
	return sheets.Template(x.Inputs(pb), g)
}

func (x SheetText) text(key string) string { return x.words.text(x.lang, key) }

func (x SheetText) word(family, value string) string { return x.words.word(x.lang, family, value) }
