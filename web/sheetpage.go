package web

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

// sheetMove stops a sheet or lets it go on.
type sheetMove func(ctx context.Context, by casework.Actor, id, reason string) error

// shownRows is how many rows a page of a sheet shows at once.
const shownRows = 100

type sheetCount struct {
	Tone, Text string
	N          int
}

type sheetLine struct {
	ID, Name, Flow, By, At string
	State                  Pill
	Tone                   string
	Rows                   int
	Percent                int
	Counts                 []sheetCount
}

type sheetsView struct {
	Page
	Rows   []sheetLine
	Flows  []Option
	Chosen string
	Limit  string
	Text   sentences
}

func (s *Server) sheetsPage(v *visit) (answer, error) {
	view, err := s.sheetsView(v)
	if err != nil {
		return answer{}, err
	}
	return page("sheets", view)
}

func (s *Server) sheetsView(v *visit) (sheetsView, error) {
	view := sheetsView{Page: s.page(v, s.words.text(v.lang, "nav.sheets"), "sheets"), Limit: sizeText(s.cfg.MaxUpload)}
	view.Path = "/sheets"
	all, err := s.cfg.Store.Sheets(v.Context(), 50)
	if err != nil {
		return view, fmt.Errorf("sheets: %w", err)
	}
	for _, sheet := range all {
		line, err := s.sheetLine(v, view.Page, sheet)
		if err != nil {
			return view, err
		}
		view.Rows = append(view.Rows, line)
	}
	for _, pb := range s.cfg.Library.Playbooks() {
		view.Flows = append(view.Flows, Option{Value: pb.Name, Text: s.flowTitle(view.Page, pb.Name)})
	}
	return view, nil
}

func (s *Server) sheetLine(v *visit, p Page, sheet store.Sheet) (sheetLine, error) {
	counts, err := s.cfg.Store.SheetCounts(v.Context(), sheet.ID)
	if err != nil {
		return sheetLine{}, fmt.Errorf("sheet: %w", err)
	}
	line := sheetLine{ID: sheet.ID, Name: maskDigits(sheet.Name), Flow: s.flowTitle(p, sheet.Playbook), By: sheet.By, At: p.Stamp(sheet.At),
		State: Pill{Tone: sheetTone(sheet.State), Text: p.Word("state.sheet", string(sheet.State))}}
	over := 0
	for _, stand := range store.SheetStands() {
		n := counts[stand]
		line.Rows += n
		if stand != store.RowWaiting && stand != store.RowWorking && stand != store.RowPerson {
			over += n
		}
		if n > 0 {
			line.Counts = append(line.Counts, sheetCount{Tone: standTone(stand), Text: p.Word("sheetstand", string(stand)), N: n})
		}
	}
	line.Tone, line.Percent = "ok", over*100/max(line.Rows, 1)
	return line, nil
}

func sheetTone(state store.SheetState) string {
	switch state {
	case store.SheetDone:
		return "ok"
	case store.SheetStopped:
		return "warn"
	}
	return "info"
}

func standTone(stand store.SheetStand) string {
	switch stand {
	case store.RowDone:
		return "ok"
	case store.RowReturned, store.RowPerson:
		return "warn"
	case store.RowWrong:
		return "bad"
	case store.RowWorking:
		return "info"
	}
	return "mute"
}

type sheetRowLine struct {
	Line                    int
	CaseID, Number, Outcome string
	Why                     []string
	Serial, At              string
	Tone                    string
}

type sheetView struct {
	Page
	Sheet   sheetLine
	Moving  bool
	Running bool
	Stopped bool
	XLS     bool
	Rows    []sheetRowLine
	Next    string
}

func (s *Server) sheetPage(v *visit) (answer, error) {
	sheet, err := s.cfg.Store.Sheet(v.Context(), v.PathValue("id"))
	if err != nil {
		return answer{}, fmt.Errorf("sheet: %w", err)
	}
	p := s.page(v, s.words.text(v.lang, "sheet.title"), "sheets")
	view := sheetView{Page: p, Running: sheet.State == store.SheetRunning, Stopped: sheet.State == store.SheetStopped, Moving: sheet.State != store.SheetDone, XLS: sheet.Format == "xls"}
	if view.Sheet, err = s.sheetLine(v, p, sheet); err != nil {
		return answer{}, err
	}
	after, _ := strconv.Atoi(v.URL.Query().Get("after")) // 0 begins at the top
	rows, err := s.cfg.Store.SheetRows(v.Context(), sheet.ID, after, shownRows+1)
	if err != nil {
		return answer{}, fmt.Errorf("sheet: %w", err)
	}
	if len(rows) > shownRows {
		rows = rows[:shownRows]
		view.Next = fmt.Sprintf("/sheets/%s?after=%d", sheet.ID, rows[shownRows-1].Line)
	}
	text := s.sheetText(v.lang)
	for _, row := range rows {
		result := text.Result(row)
		view.Rows = append(view.Rows, sheetRowLine{Line: row.Line, CaseID: row.CaseID, Number: row.Number, Outcome: result.Outcome, Why: strings.Split(result.Why, "\n"), Serial: result.Serial,
			At: p.Time(result.At), Tone: standTone(row.Stand())})
	}
	return page("worklist", view)
}
