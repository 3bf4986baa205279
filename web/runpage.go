package web

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
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
	Paused                             bool
}

type runsView struct {
	Page
	Chips  []Chip
	Facets []facetView
	Rows   []runRow
	Next   string
}

// facetView is a row of filters by one property.
type facetView struct {
	Name  string
	Chips []Chip
}

func (s *Server) runsPage(v *visit) (answer, error) {
	filter := s.runFilter(v)
	runs, next, err := s.cfg.Store.Runs(v.Context(), filter)
	if err != nil {
		return answer{}, fmt.Errorf("runs: %w", err)
	}
	n, err := s.cfg.Store.Numbers(v.Context())
	if err != nil {
		return answer{}, fmt.Errorf("numbers: %w", err)
	}
	facets, err := s.cfg.Store.Facets(v.Context(), filter)
	if err != nil {
		return answer{}, fmt.Errorf("facets: %w", err)
	}
	p := s.page(v, s.words.text(v.lang, "nav.runs"), "runs")
	view := runsView{Page: p, Chips: runChips(p, n, v.URL.Query()), Facets: s.runFacets(p, facets, v.URL.Query())}
	if view.Rows, err = s.runRows(v, p, runs); err != nil {
		return answer{}, err
	}
	if next != "" {
		q := v.URL.Query()
		q.Set("after", next)
		view.Next = "/runs?" + q.Encode()
	}
	return page("runs", view)
}

// runChips count by state; each keeps how else the list is narrowed.
func runChips(p Page, n store.Numbers, q url.Values) []Chip {
	total, state := 0, q.Get("state")
	var chips []Chip
	for _, name := range []casework.RunState{casework.RunWaiting, casework.RunRunning, casework.RunParked, casework.RunDone, casework.RunFailed, casework.RunWithdrawn} {
		total += n.RunsByState[name]
		chips = append(chips, Chip{Text: p.Word("state.run", string(name)), Href: narrowedBy(q, "state", string(name)), Count: strconv.Itoa(n.RunsByState[name]), Active: state == string(name)})
	}
	return append([]Chip{{Text: p.T("filter.all"), Href: narrowedBy(q, "state", ""), Count: strconv.Itoa(total), Active: state == ""}}, chips...)
}

// runFacets are the filters by playbook and by system, with their counts. One
// with nothing to choose is left out.
func (s *Server) runFacets(p Page, f store.Facets, q url.Values) []facetView {
	var out []facetView
	for _, facet := range []struct {
		name, title string
		named       func(Page, string) string
		counts      map[string]int
	}{{"playbook", p.T("run.playbook"), s.flowTitle, f.Playbooks}, {"target", p.T("run.target"), s.targetTitle, f.Targets}} {
		chosen := q.Get(facet.name)
		if len(facet.counts) == 0 && chosen == "" {
			continue
		}
		if _, ok := facet.counts[chosen]; !ok && chosen != "" {
			facet.counts[chosen] = 0
		}
		view := facetView{Name: facet.title}
		for _, value := range slices.Sorted(maps.Keys(facet.counts)) {
			chip := Chip{Text: facet.named(p, value), Href: narrowedBy(q, facet.name, value), Count: strconv.Itoa(facet.counts[value]), Active: value == chosen}
			if chip.Active {
				chip.Href = narrowedBy(q, facet.name, "") // a second click widens again
			}
			view.Chips = append(view.Chips, chip)
		}
		out = append(out, view)
	}
	return out
}

// narrowedBy is the address of the list with one filter set, or taken away by "".
func narrowedBy(q url.Values, name, value string) string {
	q = maps.Clone(q)
	q.Del("after")
	q.Del(name)
	if value != "" {
		q.Set(name, value)
	}
	if len(q) == 0 {
		return "/runs"
	}
	return "/runs?" + q.Encode()
}

// runRows shows runs with the number of their case; a run of a schedule has none.
func (s *Server) runRows(v *visit, p Page, runs []casework.Run) ([]runRow, error) {
	ids := make([]string, len(runs))
	for i, r := range runs {
		ids[i] = r.ID
	}
	paused, err := s.cfg.Store.Paused(v.Context(), ids...)
	if err != nil {
		return nil, fmt.Errorf("paused runs: %w", err)
	}
	rows := make([]runRow, len(runs))
	for i, r := range runs {
		pb, err := s.flow(v.Context(), r.Playbook, r.Version)
		if err != nil {
			return nil, err
		}
		rows[i] = s.runRow(p, r)
		rows[i].Step, rows[i].Paused = stepTitle(p, pb, r.Step), paused[r.ID]
		if r.CaseID == "" {
			rows[i].Number = digest(r.ID)
			continue
		}
		c, err := s.cfg.Store.Case(v.Context(), r.CaseID)
		if err != nil {
			return nil, fmt.Errorf("case of run %s: %w", r.ID, err)
		}
		rows[i].Number = c.Number
	}
	return rows, nil
}

func (s *Server) runRow(p Page, r casework.Run) runRow {
	row := runRow{
		ID: r.ID, CaseID: r.CaseID, Playbook: s.flowTitle(p, r.Playbook),
		State: p.pill("state.run", string(r.State)), Attempt: r.Attempt, Updated: p.Time(r.Updated), Due: p.Day(r.Due),
		Moving: r.State == casework.RunWaiting || r.State == casework.RunRunning,
	}
	if r.CaseID == "" {
		row.Due = "—"
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
	Run      runRow
	Version  string
	Stage    Pill
	Created  string
	Fault    sentences
	HasFault bool
	Steps    []stepRow
	Hand     handView
	Dry      []dryRow
	Review   string
}

func (s *Server) runPage(v *visit) (answer, error) {
	story, err := s.runStory(v.Context(), v.PathValue("id"))
	if err != nil {
		return answer{}, err
	}
	p := s.page(v, s.words.text(v.lang, "run.word"), "runs")
	rows, err := s.runRows(v, p, []casework.Run{story.Run})
	if err != nil {
		return answer{}, err
	}
	r := story.Run
	view := runView{Page: p, Run: rows[0], Version: r.Version, Created: p.Stamp(r.Created), Steps: steps(p, story)}
	view.Title = s.words.text(v.lang, "run.title", view.Run.Number)
	if r.End != "" && r.State == casework.RunFailed {
		view.Fault, view.HasFault = s.words.sentences(p.Lang, r.End, nil), true
	}
	return s.runActions(v, view, story)
}

// runActions adds what may be done to the run now.
func (s *Server) runActions(v *visit, view runView, story runStory) (answer, error) {
	stage, err := s.cfg.Store.RunStage(v.Context(), story.Run.ID)
	if err != nil {
		return answer{}, fmt.Errorf("stage: %w", err)
	}
	view.Stage = view.pill("stage", string(stage))
	if view.Hand, err = s.hand(v, view.Page, story, view.Run.Paused); err != nil {
		return answer{}, err
	}
	dry, err := s.cfg.Store.DryRuns(v.Context(), store.DryRunFilter{RunID: story.Run.ID})
	if err != nil {
		return answer{}, fmt.Errorf("dry runs: %w", err)
	}
	for _, d := range dry {
		view.Dry = append(view.Dry, dryRowOf(view.Page, d))
	}
	if story.Run.CaseID != "" {
		if view.Review, err = s.openReview(v, story.Run.CaseID); err != nil {
			return answer{}, err
		}
	}
	return page("run", view)
}
