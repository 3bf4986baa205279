package web

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/sheets"
	"github.com/jingban/jingban/store"
)

// sheetIn describes the parts of the multipart body of an upload.
type sheetIn struct {
	Playbook string `json:"playbook"`
	File     []byte `json:"file"`
}

type sheetOut struct {
	ID       string                   `json:"id"`
	Playbook string                   `json:"playbook"`
	Name     string                   `json:"name"` // long digit runs are masked
	Format   sheets.Format            `json:"format"`
	State    store.SheetState         `json:"state"`
	By       string                   `json:"by"`
	At       time.Time                `json:"at"`
	Done     time.Time                `json:"done_at"`
	Rows     map[store.SheetStand]int `json:"rows"`
}

func (s *Server) showSheet(v *visit, sheet store.Sheet) (sheetOut, error) {
	counts, err := s.cfg.Store.SheetCounts(v.Context(), sheet.ID)
	return sheetOut{ID: sheet.ID, Playbook: sheet.Playbook, Name: maskDigits(sheet.Name), Format: sheet.Format, State: sheet.State, By: sheet.By, At: sheet.At, Done: sheet.Done, Rows: counts}, err
}

func (s *Server) sheetText(lang string) SheetText { return SheetText{lang, s.words} }

// sheetFlow gives the playbook that sheets are taken for.
func (s *Server) sheetFlow(name string) (*playbooks.Playbook, error) {
	pb, ok := s.cfg.Library.Playbook(name)
	if !ok {
		return nil, refuse(http.StatusUnprocessableEntity, "playbook_unknown")
	}
	return pb, nil
}

// takeSheet is the use case behind the form and POST /api/v1/sheets. The same file
// for the same playbook gives the sheet there is.
func (s *Server) takeSheet(v *visit) (sheet store.Sheet, known bool, err error) {
	pb, err := s.sheetFlow(v.form.Get("playbook"))
	if err != nil {
		return sheet, false, err
	}
	if len(v.files) == 0 {
		return sheet, false, refuse(http.StatusUnprocessableEntity, "file_missing")
	}
	file := v.files[0]
	b, rows, err := s.sheetText(v.lang).Read(pb, file.Data, s.cfg.Region, s.cfg.Now(), nil)
	if r, ok := errors.AsType[*sheets.Refusal](err); ok {
		return sheet, false, refuse(http.StatusUnprocessableEntity, r.Code).with("line", strconv.Itoa(r.Line)).with("most", strconv.Itoa(sheets.Most))
	}
	if err != nil {
		return sheet, false, fmt.Errorf("sheet: %w", err)
	}
	sheet, err = s.cfg.Store.TakeSheet(v.Context(), v.actor, store.Sheet{Playbook: pb.Name, Name: fileName(file.Name), Format: b.Format}, file.Data, rows)
	if known = errors.Is(err, store.ErrDuplicate); known {
		err = nil
	}
	return sheet, known, err
}

func (s *Server) sheetUpload(v *visit) (answer, error) {
	sheet, known, err := s.takeSheet(v)
	if v.api && err == nil {
		out, err := s.showSheet(v, sheet)
		return answer{Status: http.StatusCreated, JSON: out, Location: "/api/v1/sheets/" + sheet.ID}, err
	}
	if r := asRefusal(err); err != nil && !v.api && r.Status < http.StatusInternalServerError {
		view, err := s.sheetsView(v)
		view.Chosen, view.Text = v.form.Get("playbook"), s.words.sentences(v.lang, r.Code, r.Detail)
		return answer{Status: r.Status, Template: "sheets", View: view}, err
	}
	if err != nil {
		return answer{}, err
	}
	if known {
		s.flash(v, "warn", "flash.sheet_known")
	} else {
		s.flash(v, "ok", "flash.sheet")
	}
	return redirect("/sheets/" + sheet.ID)
}

func (s *Server) stopSheet(v *visit) (answer, error) {
	return s.moveSheet(v, "flash.sheet_stopped", s.cfg.Store.StopSheet)
}

func (s *Server) continueSheet(v *visit) (answer, error) {
	return s.moveSheet(v, "flash.sheet_continued", s.cfg.Store.ContinueSheet)
}

func (s *Server) moveSheet(v *visit, flash string, move sheetMove) (answer, error) {
	var in reasonIn
	if err := v.read(&in); err != nil {
		return answer{}, err
	}
	reason, err := grounds(in.Reason)
	if err != nil {
		return answer{}, err
	}
	id := v.PathValue("id")
	if err := move(v.Context(), v.actor, id, reason); err != nil {
		return answer{}, fmt.Errorf("sheet: %w", err)
	}
	return s.done(v, flash, "/sheets/"+id, acknowledgedOut{ID: id})
}

func (s *Server) apiSheet(v *visit) (answer, error) {
	sheet, err := s.cfg.Store.Sheet(v.Context(), v.PathValue("id"))
	if err != nil {
		return answer{}, fmt.Errorf("sheet: %w", err)
	}
	out, err := s.showSheet(v, sheet)
	if err != nil {
		return answer{}, err
	}
	return reply(out)
}

// sheetFile gives the file back with what has become of each row up to now.
func (s *Server) sheetFile(v *visit) (answer, error) {
	sheet, err := s.cfg.Store.Sheet(v.Context(), v.PathValue("id"))
	if err != nil {
		return answer{}, fmt.Errorf("sheet: %w", err)
	}
	pb, err := s.sheetFlow(sheet.Playbook)
	if err != nil {
		return answer{}, err
	}
	data, err := s.cfg.Store.File(v.Context(), sheet.SHA256)
	if err != nil {
		return answer{}, fmt.Errorf("sheet: %w", err)
	}
	rows, err := s.cfg.Store.SheetRows(v.Context(), sheet.ID, 0, sheets.Most)
	if err != nil {
		return answer{}, fmt.Errorf("sheet: %w", err)
	}
	out, format, err := s.sheetText(v.lang).Write(pb, data, rows)
	if err != nil {
		return answer{}, fmt.Errorf("sheet: %w", err)
	}
	if err := s.noteLook(v, sheet.SHA256, sheet.ID); err != nil {
		return answer{}, err
	}
	return download(out, format, sheet.Playbook+"_"+casework.DateOf(s.cfg.Now()).String()), nil
}

func (s *Server) sheetTemplate(v *visit) (answer, error) {
	pb, err := s.sheetFlow(v.PathValue("playbook"))
	if err != nil {
		return answer{}, err
	}
	out, err := s.sheetText(v.lang).Template(pb)
	if err != nil {
		return answer{}, err
	}
	return download(out, sheets.XLSX, pb.Name+"_template"), nil
}

func download(data []byte, format sheets.Format, name string) answer {
	mime := "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	if format == sheets.CSV {
		mime = "text/csv"
	}
	return answer{Status: http.StatusOK, File: data, MIME: mime, Download: name + "." + string(format)}
}
