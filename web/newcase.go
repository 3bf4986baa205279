package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/jingban/jingban/casework"
)

// Option is one choice of a list.
type Option struct {
	Value, Text string
	Chosen      bool
}

type newCaseView struct {
	Page
	Matters       []Option
	In            caseIn
	Month         string
	Reason        string // shared leave_reason
	ReasonOptions []Option
	Wrong         map[string]string // field → what is wrong with it
	Text          sentences
}

func (s *Server) newCasePage(v *visit) (answer, error) {
	month := casework.MonthOf(casework.DateOf(s.cfg.Now()))
	return page("newcase", s.newCaseView(v, caseIn{Region: s.cfg.Region, Month: month}))
}

func (s *Server) newCaseView(v *visit, in caseIn) newCaseView {
	p := s.page(v, s.words.text(v.lang, "nav.new"), "new")
	view := newCaseView{Page: p, In: in, Reason: in.Shared["leave_reason"], Wrong: map[string]string{}}
	if m := int(in.Month); m > 0 {
		view.Month = fmt.Sprintf("%04d-%02d", m/100, m%100)
	}
	for _, m := range s.cfg.Matters {
		view.Matters = append(view.Matters, Option{Value: m.Name, Text: p.pick(m.TitleZh, m.TitleEn), Chosen: m.Name == in.Matter})
	}
	for _, code := range leaveReasons() {
		view.ReasonOptions = append(view.ReasonOptions, Option{Value: code, Text: p.Word("reason", code)})
	}
	return view
}

// leaveReasons are the codes of ending work that data sharing may deliver
// (domain/10-unemployment §1).
func leaveReasons() []string {
	return []string{"E01", "E02", "E03", "E04", "E05", "E06", "E07", "E08"}
}

func (s *Server) newCaseForm(v *visit) (answer, error) {
	f := v.form
	month, _ := strconv.Atoi(strings.ReplaceAll(f.Get("month"), "-", "")) // a wrong one is a mistake named below
	in := caseIn{
		Matter: f.Get("matter"), Region: f.Get("region"), Month: casework.Month(month),
		Applicant: casework.Person{
			Name: f.Get("name"), IDNumber: f.Get("id_number"), Mobile: f.Get("mobile"), Account: f.Get("account"), Address: f.Get("address"),
		},
	}
	if reason := strings.TrimSpace(f.Get("leave_reason")); reason != "" {
		in.Shared = map[string]string{"leave_reason": reason}
	}
	c, err := s.createCase(v.Context(), v.actor, in)
	if r, ok := errors.AsType[*refusal](err); ok {
		view := s.newCaseView(v, in)
		view.Path, view.Text = "/cases/new", s.words.sentences(v.lang, r.Code, map[string]string{"fields": view.fieldNames(r.Fields)})
		for _, field := range r.Fields {
			view.Wrong[field] = view.T("wrong." + field)
		}
		return answer{Status: r.Status, Template: "newcase", View: view}, nil
	}
	if err != nil {
		return answer{}, err
	}
	return redirect("/cases/" + c.ID + "/upload")
}

func (p Page) fieldNames(fields []string) string {
	var names []string
	for _, f := range fields {
		names = append(names, p.Word("form", f))
	}
	return strings.Join(names, p.T("list.comma"))
}

// slotRow is one kind of material on the upload page, with what was uploaded.
type slotRow struct {
	Type, Title, Note string
	Required          bool
	Files             []materialRow
}

type materialRow struct {
	ID, Name, Size string
	State          Pill
	Fault          sentences
	Bad            bool
	Seen           []seenRow // at the door
}

type uploadView struct {
	Page
	Case     caseRow
	Slots    []slotRow
	Other    []materialRow // uploaded without saying what they are
	Options  []Option
	Limit    string
	Open     bool     // takes files
	Submits  bool     // may be submitted
	Notes    []Notice // what became of each file of a form that was sent
	Uploaded int
	Retakes  int // pictures to be taken again
}

func (s *Server) uploadPage(v *visit) (answer, error) {
	view, err := s.uploadView(v)
	if err != nil {
		return answer{}, err
	}
	return page("upload", view)
}

// submits says that the applicant's side has the case.
func submits(c casework.Case) bool {
	return c.State == casework.CaseCreated || c.State == casework.CaseReturned
}

// takesUploads says that files may be added: before the case is submitted, and
// while a run of it waits for one.
func (s *Server) takesUploads(ctx context.Context, c casework.Case) (bool, error) {
	if submits(c) {
		return true, nil
	}
	waits, err := s.cfg.Store.AwaitsUpload(ctx, c.ID)
	if err != nil {
		return false, fmt.Errorf("uploads of case %s: %w", c.ID, err)
	}
	return waits, nil
}

func (s *Server) uploadView(v *visit) (uploadView, error) {
	c, err := s.cfg.Store.Case(v.Context(), v.PathValue("id"))
	if err != nil {
		return uploadView{}, fmt.Errorf("case: %w", err)
	}
	materials, err := s.cfg.Store.Materials(v.Context(), c.ID)
	if err != nil {
		return uploadView{}, fmt.Errorf("materials of case %s: %w", c.ID, err)
	}
	p := s.page(v, s.words.text(v.lang, "upload.title"), "cases")
	view := uploadView{
		Page: p, Case: s.caseRow(p, c), Limit: sizeText(s.cfg.MaxUpload), Uploaded: len(materials),
		Submits: submits(c),
	}
	if view.Open, err = s.takesUploads(v.Context(), c); err != nil {
		return uploadView{}, err
	}
	matter, _ := s.matter(c.Matter)
	rows := make([]materialRow, len(materials))
	for i, m := range materials {
		if rows[i], err = s.materialRow(v.Context(), p, m); err != nil {
			return uploadView{}, err
		}
		if rows[i].retake() {
			view.Retakes++
		}
	}
	for _, slot := range matter.Materials {
		row := slotRow{Type: slot.Type, Title: p.pick(slot.Zh, slot.En), Note: slot.Note, Required: slot.Required}
		for i, m := range materials {
			if m.Slot == slot.Type {
				row.Files = append(row.Files, rows[i])
			}
		}
		view.Slots = append(view.Slots, row)
		view.Options = append(view.Options, Option{Value: slot.Type, Text: row.Title})
	}
	for i, m := range materials {
		if !slices.ContainsFunc(matter.Materials, func(slot Slot) bool { return slot.Type == m.Slot }) {
			view.Other = append(view.Other, rows[i])
		}
	}
	return view, nil
}

func (s *Server) materialRow(ctx context.Context, p Page, m casework.Material) (materialRow, error) {
	row := materialRow{ID: m.ID, Name: maskDigits(m.FileName), Size: sizeText(m.Bytes), State: p.pill("state.material", string(m.State))}
	if m.Fault != "" {
		row.Fault, row.Bad = s.words.sentences(p.Lang, m.Fault, nil), true
	}
	notes, err := s.doorNotes(ctx, m)
	for _, n := range notes {
		row.Seen = append(row.Seen, seenRow{Tone: n.tone(), Text: s.words.sentences(p.Lang, n.Code, n.Detail)})
	}
	return row, err
}

// uploadForm takes several files in; each one that is refused says why, and the
// others are kept.
func (s *Server) uploadForm(v *visit) (answer, error) {
	if len(v.files) == 0 {
		return answer{}, refuse(http.StatusUnprocessableEntity, "file_missing")
	}
	var notes []Notice
	for _, part := range v.files {
		_, err := s.addMaterial(v.Context(), v.actor, v.PathValue("id"), part)
		r := asRefusal(err)
		switch {
		case err == nil:
			continue
		case r.Status == http.StatusNotFound || r.Status >= http.StatusInternalServerError:
			return answer{}, err
		}
		text := s.words.sentences(v.lang, r.Code, r.Detail)
		notes = append(notes, Notice{Tone: "bad", Text: maskDigits(fileName(part.Name)) + "：" + text.What + text.Why + text.Do})
	}
	if len(notes) == 0 {
		return redirect("/cases/" + v.PathValue("id") + "/upload")
	}
	view, err := s.uploadView(v)
	if err != nil {
		return answer{}, err
	}
	view.Notes, view.Path = notes, "/cases/"+v.PathValue("id")+"/upload"
	return answer{Status: http.StatusUnprocessableEntity, Template: "upload", View: view}, nil
}

func (s *Server) submitForm(v *visit) (answer, error) {
	c, err := s.submitCase(v.Context(), v.actor, v.PathValue("id"))
	if err != nil {
		return answer{}, err
	}
	s.flash(v, "ok", "flash.submitted")
	return redirect("/cases/" + c.ID)
}

func (s *Server) cancelForm(v *visit) (answer, error) {
	c, err := s.cancelCase(v.Context(), v.actor, v.PathValue("id"), v.form.Get("reason"))
	if err != nil {
		return answer{}, err
	}
	s.flash(v, "ok", "flash.cancelled")
	return redirect("/cases/" + c.ID)
}
