package web

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

// dryRow is one dry run in a list.
type dryRow struct {
	ID, RunID, Version, By, Reason, At string
	State                              Pill
}

func dryRowOf(p Page, d store.DryRun) dryRow {
	row := dryRow{ID: d.ID, RunID: d.RunID, Version: digest(d.Hash), By: d.By, Reason: d.Reason, At: p.Time(d.At), State: p.pill("state.dry", d.State)}
	if d.State == store.DryDone && !d.Good {
		row.State = Pill{Tone: "warn", Text: p.T("dry.differs")}
	}
	return row
}

// dryField is one line of the table: what would be written and what is there.
type dryField struct {
	Step, Label, Written, There string
	Same                        Pill
}

type dryView struct {
	Page
	Dry      dryRow
	Run      runRow
	Moving   bool
	Fault    sentences
	HasFault bool
	Step     string // the commit it stopped before
	End      string
	Fields   []dryField
	Found    []dryField
	Answer   Pill
	Notes    []string
	Shots    []shotRow
	Revealed bool
}

// orderDryRun has a worker drive the live page up to the commit and not further.
func (s *Server) orderDryRun(v *visit) (answer, error) {
	var in versionIn
	if err := v.read(&in); err != nil {
		return answer{}, err
	}
	reason, err := grounds(in.Reason)
	if err != nil {
		return answer{}, err
	}
	d, err := s.cfg.Store.OrderDryRun(v.Context(), v.actor, v.PathValue("id"), in.Version, reason)
	if err != nil {
		return answer{}, fmt.Errorf("dry run: %w", err)
	}
	return s.done(v, "flash.dry", "/runs/"+d.RunID+"/dry/"+d.ID, showDry(d, false))
}

// dry finds the dry run of an address under its own run.
func (s *Server) dry(v *visit) (store.DryRun, error) {
	d, err := s.cfg.Store.DryRun(v.Context(), v.PathValue("dry"))
	if err != nil {
		return d, fmt.Errorf("dry run: %w", err)
	}
	if d.RunID != v.PathValue("id") {
		return d, refuse(http.StatusNotFound, "not_found")
	}
	return d, nil
}

// dryPage shows the table. Its values are personal: whoever may reveal sees them,
// which is written down; others see which fields agree.
func (s *Server) dryPage(v *visit) (answer, error) {
	d, err := s.dry(v)
	if err != nil {
		return answer{}, err
	}
	run, err := s.cfg.Store.Run(v.Context(), d.RunID)
	if err != nil {
		return answer{}, fmt.Errorf("run: %w", err)
	}
	p := s.page(v, s.words.text(v.lang, "dry.title"), "runs")
	rows, err := s.runRows(v, p, []casework.Run{run})
	if err != nil {
		return answer{}, err
	}
	pb, err := s.flow(v.Context(), run.Playbook, d.Hash)
	if err != nil {
		return answer{}, err
	}
	view := dryView{Page: p, Dry: dryRowOf(p, d), Run: rows[0], Moving: d.State == store.DryWaiting || d.State == store.DryRunning,
		Step: stepTitle(p, pb, d.Report.Step), Revealed: v.may[mayReveal] && len(d.Report.Fields)+len(d.Report.Found)+len(d.Shots) > 0}
	if view.Revealed {
		if err := s.reveal(v, run.CaseID, "review"); err != nil {
			return answer{}, err
		}
	}
	name := func(step string) string { return stepTitle(p, pb, step) }
	s.fillDry(&view, d, name)
	return page("dryrun", view)
}

func (s *Server) fillDry(view *dryView, d store.DryRun, step func(string) string) {
	if d.Code != "" {
		view.Fault, view.HasFault = s.words.sentences(view.Lang, d.Code, nil), true
	}
	if d.Report.End != "" {
		view.End = s.endText(view.Page, d.Report.End)
	}
	view.Fields, view.Found = dryFields(view.Page, d.Report.Fields, view.Revealed, step), dryFields(view.Page, d.Report.Found, view.Revealed, step)
	view.Answer = view.pill("answer", d.Report.Answer)
	for _, note := range d.Report.Notes {
		view.Notes = append(view.Notes, view.T("dry.note", step(note.Step), view.Word("drynote", note.Code), note.What))
	}
	if !view.Revealed {
		return
	}
	for i, shot := range d.Shots {
		row := shotRow{Name: evidenceName(view.Page, casework.Evidence{Kind: shotKind(shot.MIME), Name: shot.Name}), Href: "/files/dry/" + d.ID + "/" + strconv.Itoa(i)}
		if shotKind(shot.MIME) == casework.Screenshot {
			view.Shots = append(view.Shots, row)
		}
	}
}

func shotKind(mime string) casework.EvidenceKind {
	if mime == "image/png" || mime == "image/jpeg" {
		return casework.Screenshot
	}
	return casework.DOM
}

func dryFields(p Page, fields []casework.DryField, full bool, step func(string) string) []dryField {
	var out []dryField
	for _, f := range fields {
		row := dryField{Step: step(f.Step), Label: f.Label, Written: "•••", There: "•••", Same: Pill{Tone: "ok", Text: p.T("dry.same")}}
		if !f.Same {
			row.Same = Pill{Tone: "bad", Text: p.T("dry.other")}
		}
		if full {
			row.Written, row.There = f.Written, f.There
		}
		out = append(out, row)
	}
	return out
}

// dryFile gives one picture of a dry run; pages of the foreign system are only
// ever saved.
func (s *Server) dryFile(v *visit) (answer, error) {
	d, err := s.cfg.Store.DryRun(v.Context(), v.PathValue("dry"))
	if err != nil {
		return answer{}, fmt.Errorf("dry run: %w", err)
	}
	n, err := strconv.Atoi(v.PathValue("n"))
	if err != nil || n < 0 || n >= len(d.Shots) {
		return answer{}, refuse(http.StatusNotFound, "not_found")
	}
	shot := d.Shots[n]
	data, err := s.cfg.Store.File(v.Context(), shot.SHA256)
	if err != nil {
		return answer{}, fmt.Errorf("file of dry run %s: %w", d.ID, err)
	}
	if err := s.noteLook(v, shot.SHA256, d.RunID); err != nil {
		return answer{}, err
	}
	a := answer{Status: http.StatusOK, File: data, MIME: shot.MIME}
	if shotKind(shot.MIME) != casework.Screenshot {
		a.MIME, a.Download = "application/octet-stream", shot.Name
	}
	return a, nil
}

// dryOut is a dry run as the API shows it. The report comes only with
// reveal=1 and a reason.
type dryOut struct {
	ID      string              `json:"id"`
	RunID   string              `json:"run_id"`
	Version string              `json:"version"`
	State   string              `json:"state"`
	Good    bool                `json:"good"`
	Code    string              `json:"code"`
	By      string              `json:"by"`
	Reason  string              `json:"reason"`
	At      time.Time           `json:"at"`
	EndedAt time.Time           `json:"ended_at"`
	Report  *casework.DryReport `json:"report,omitempty"`
}

func showDry(d store.DryRun, full bool) dryOut {
	out := dryOut{ID: d.ID, RunID: d.RunID, Version: d.Hash, State: d.State, Good: d.Good, Code: d.Code, By: d.By, Reason: d.Reason, At: d.At, EndedAt: d.Ended}
	if full {
		out.Report = &d.Report
	}
	return out
}

func (s *Server) apiDryRuns(v *visit) (answer, error) {
	all, err := s.cfg.Store.DryRuns(v.Context(), store.DryRunFilter{RunID: v.PathValue("id"), Limit: v.limit()})
	if err != nil {
		return answer{}, fmt.Errorf("dry runs: %w", err)
	}
	return listed(all, "", func(d store.DryRun) dryOut { return showDry(d, false) })
}

func (s *Server) apiDryRun(v *visit) (answer, error) {
	d, err := s.dry(v)
	if err != nil {
		return answer{}, err
	}
	run, err := s.cfg.Store.Run(v.Context(), d.RunID)
	if err != nil {
		return answer{}, fmt.Errorf("run: %w", err)
	}
	full, err := s.reveals(v, run.CaseID)
	if err != nil {
		return answer{}, err
	}
	return reply(showDry(d, full))
}
