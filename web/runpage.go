package web

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

// runRow is one run in a list.
type runRow struct {
	ID, Number, CaseID, Playbook, Step string
	State, End                         Pill
	Attempt                            int
	NextAt, Updated, Due               string
	Moving                             bool // waits or runs: the page looks again by itself
}

type runsView struct {
	Page
	Chips []Chip
	Rows  []runRow
	Next  string
}

func (s *Server) runsPage(v *visit) (answer, error) {
	runs, next, err := s.cfg.Store.Runs(v.Context(), s.runFilter(v))
	if err != nil {
		return answer{}, fmt.Errorf("runs: %w", err)
	}
	n, err := s.cfg.Store.Numbers(v.Context())
	if err != nil {
		return answer{}, fmt.Errorf("numbers: %w", err)
	}
	p := s.page(v, s.words.text(v.lang, "nav.runs"), "runs")
	view := runsView{Page: p, Chips: runChips(p, n, v.URL.Query().Get("state"))}
	for _, r := range runs {
		c, err := s.cfg.Store.Case(v.Context(), r.CaseID)
		if err != nil {
			return answer{}, fmt.Errorf("case of run %s: %w", r.ID, err)
		}
		view.Rows = append(view.Rows, s.runRow(p, r, c.Number))
	}
	if next != "" {
		q := v.URL.Query()
		q.Set("after", next)
		view.Next = "/runs?" + q.Encode()
	}
	return page("runs", view)
}

func runChips(p Page, n store.Numbers, state string) []Chip {
	total := 0
	var chips []Chip
	for _, name := range []casework.RunState{casework.RunWaiting, casework.RunRunning, casework.RunParked, casework.RunDone, casework.RunFailed, casework.RunWithdrawn} {
		total += n.RunsByState[name]
		chips = append(chips, Chip{Text: p.Word("state.run", string(name)), Href: "/runs?state=" + string(name), Count: strconv.Itoa(n.RunsByState[name]), Active: state == string(name)})
	}
	return append([]Chip{{Text: p.T("filter.all"), Href: "/runs", Count: strconv.Itoa(total), Active: state == ""}}, chips...)
}

func (s *Server) runRow(p Page, r casework.Run, number string) runRow {
	row := runRow{
		ID: r.ID, Number: number, CaseID: r.CaseID, Playbook: s.matterTitle(p, r.Playbook), Step: stepTitle(p, s.flow(r.Playbook, r.Version), r.Step),
		State: p.pill("state.run", string(r.State)), Attempt: r.Attempt, Updated: p.Time(r.Updated), Due: p.Day(r.Due),
		Moving: r.State == casework.RunWaiting || r.State == casework.RunRunning,
	}
	if r.End != "" {
		row.End = Pill{Tone: tone(r.End), Text: s.endText(p, r.End)}
		if r.State == casework.RunFailed {
			row.End.Tone = "bad"
		}
	}
	if r.State == casework.RunWaiting && r.NextAt.After(s.cfg.Now()) {
		row.NextAt = p.Time(r.NextAt)
	}
	return row
}

// endText names how a run ended: an end of the playbook or a fault.
func (s *Server) endText(p Page, end string) string {
	if _, known := s.words["zh"]["outcome."+end]; known {
		return p.Word("outcome", end)
	}
	return strings.TrimRight(s.words.sentences(p.Lang, end, nil).What, "。.")
}

func (s *Server) runsOf(v *visit, caseID string) ([]casework.Run, error) {
	runs, _, err := s.cfg.Store.Runs(v.Context(), store.RunFilter{CaseID: caseID})
	if err != nil {
		return nil, fmt.Errorf("runs of case %s: %w", caseID, err)
	}
	return runs, nil
}

type runView struct {
	Page
	Run         runRow
	Version     string
	Created     string
	Fault       sentences
	HasFault    bool
	Steps       []stepRow
	CanRetry    bool
	CanWithdraw bool
	Review      string
}

func (s *Server) runPage(v *visit) (answer, error) {
	story, err := s.runStory(v.Context(), v.PathValue("id"))
	if err != nil {
		return answer{}, err
	}
	r := story.Run
	c, err := s.cfg.Store.Case(v.Context(), r.CaseID)
	if err != nil {
		return answer{}, fmt.Errorf("case of run %s: %w", r.ID, err)
	}
	p := s.page(v, s.words.text(v.lang, "run.title", c.Number), "runs")
	view := runView{
		Page: p, Run: s.runRow(p, r, c.Number), Version: r.Version, Created: p.Stamp(r.Created), Steps: steps(p, story),
		CanRetry:    v.may[mayRetryRun] && r.State == casework.RunFailed,
		CanWithdraw: v.may[mayWithdraw] && r.Live() && r.State != casework.RunRunning,
	}
	if r.End != "" && r.State == casework.RunFailed {
		view.Fault, view.HasFault = s.words.sentences(p.Lang, r.End, nil), true
	}
	if view.Review, err = s.openReview(v, r.CaseID); err != nil {
		return answer{}, err
	}
	return page("run", view)
}

func (s *Server) retryForm(v *visit) (answer, error) {
	r, err := s.retryRun(v.Context(), v.actor, v.PathValue("id"))
	if err != nil {
		return answer{}, err
	}
	s.flash(v, "ok", "flash.retried")
	return redirect("/runs/" + r.ID)
}

func (s *Server) withdrawForm(v *visit) (answer, error) {
	r, err := s.withdrawRun(v.Context(), v.actor, v.PathValue("id"), v.form.Get("reason"))
	if err != nil {
		return answer{}, err
	}
	s.flash(v, "ok", "flash.withdrawn")
	return redirect("/runs/" + r.ID)
}
