package web

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jingban/jingban/casework"
)

// moment is one line of the timeline.
type moment struct {
	At         time.Time
	Text, Who  string
	Tone, Href string
}

// paperLink is a document we made for the citizen.
type paperLink struct{ Name, Href, At string }

type caseView struct {
	Page
	dossier
	Case     caseRow
	Person   casework.Person // masked unless Revealed
	Shared   []Option
	Revealed bool
	Region   string
	Month    string
	Received string
	Outcome  Pill
	Runs     []runRow
	Moments  []moment
	Papers   []paperLink
	Open     bool // takes uploads
	Over     bool
	Pending  bool // still being read and checked: the page looks again by itself
	Review   string
	Clock    clockView
}

func (s *Server) casePage(v *visit) (answer, error) { return s.showCasePage(v, false) }

// revealPage shows the full values. It is a POST with a reason, and written to
// the audit trail before anything is shown.
func (s *Server) revealPage(v *visit) (answer, error) {
	reason := v.form.Get("reason")
	if !slices.Contains(strings.Split(revealReasons, ","), reason) {
		return answer{}, refuse(400, "reason_missing").with("reasons", revealReasons)
	}
	if err := s.reveal(v, v.PathValue("id"), reason); err != nil {
		return answer{}, err
	}
	return s.showCasePage(v, true)
}

func (s *Server) showCasePage(v *visit, full bool) (answer, error) {
	c, err := s.cfg.Store.Case(v.Context(), v.PathValue("id"))
	if err != nil {
		return answer{}, fmt.Errorf("case: %w", err)
	}
	found, err := s.assessment(v, c.ID)
	if err != nil {
		return answer{}, err
	}
	view := s.caseView(v, c, full)
	if view.Open, err = s.takesUploads(v.Context(), c); err != nil {
		return answer{}, err
	}
	if !full {
		found = s.maskAssessment(found)
	}
	if view.dossier, err = s.dossier(v.Context(), view.Page, c, found); err != nil {
		return answer{}, err
	}
	if view.Earlier, err = s.earlier(v.Context(), view.Page, c.ID, found, full); err != nil {
		return answer{}, err
	}
	if err := s.addHistory(v, &view, c); err != nil {
		return answer{}, err
	}
	return page("case", view)
}

func (s *Server) caseView(v *visit, c casework.Case, full bool) caseView {
	p := s.page(v, c.Number, "cases")
	p.Path = "/cases/" + c.ID
	view := caseView{
		Page: p, Case: s.caseRow(p, c), Person: maskPerson(c.Applicant), Revealed: full, Region: c.Region,
		Month: c.Month.String(), Received: p.Stamp(c.ReceivedAt), Outcome: p.pill("outcome", c.Outcome),
		Over:    c.State == casework.CaseEntered || c.State == casework.CaseDone || c.State == casework.CaseCancelled,
		Pending: c.State == casework.CaseMaterialsChecking,
	}
	if view.Outcome.Text == view.Case.State.Text {
		view.Outcome = Pill{} // said already
	}
	if full {
		view.Person = c.Applicant
	}
	for name, value := range c.Shared {
		view.Shared = append(view.Shared, Option{Text: p.Word("shared", name), Value: p.Word("reason", value)})
	}
	slices.SortFunc(view.Shared, func(a, b Option) int { return strings.Compare(a.Text, b.Text) })
	return view
}

// addHistory adds what happened: the audit trail, the runs, the papers and the
// time limit.
func (s *Server) addHistory(v *visit, view *caseView, c casework.Case) error {
	ctx, id := v.Context(), c.ID
	runs, err := s.runsOf(v, id)
	if err != nil {
		return err
	}
	if view.Runs, err = s.runRows(v, view.Page, runs); err != nil {
		return err
	}
	for _, r := range runs {
		evidence, err := s.cfg.Store.Evidence(ctx, r.ID)
		if err != nil {
			return fmt.Errorf("evidence of run %s: %w", r.ID, err)
		}
		for _, e := range evidence {
			if e.Kind == casework.Paper {
				view.Papers = append(view.Papers, paperLink{Name: evidenceName(view.Page, e), Href: "/files/runs/" + r.ID + "/" + e.ID, At: view.Time(e.At)})
			}
		}
	}
	rows, err := s.cfg.Store.Audit(ctx, id, 50)
	if err != nil {
		return fmt.Errorf("audit of case %s: %w", id, err)
	}
	for _, row := range rows {
		view.Moments = append(view.Moments, moment{At: row.At, Text: view.Word("action", row.Action), Who: row.Actor, Tone: "mute"})
	}
	slices.SortStableFunc(view.Moments, func(a, b moment) int { return b.At.Compare(a.At) })
	if view.Review, err = s.openReview(v, id); err != nil {
		return err
	}
	view.Clock, err = s.clockView(v, view.Page, c, view.Over)
	view.Case.Late = view.Case.Late && !view.Clock.Standing
	return err
}
