package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

// Chip is one filter with how many it would show.
type Chip struct {
	Text, Href, Count string
	Active            bool
}

// caseRow is one case in a list, masked.
type caseRow struct {
	ID, Number, Name, IDNumber, Matter string
	State, Verdict                     Pill
	Receipt, Due, Updated              string
	Late                               bool
}

type casesView struct {
	Page
	Chips    []Chip
	Rows     []caseRow
	Next     string // address of the next page
	Search   string // what was searched for, only when it was a case number
	Searched bool
	Active   []string // what else narrows the list, in words
}

func (s *Server) casesPage(v *visit) (answer, error) {
	cases, next, err := s.cfg.Store.Cases(v.Context(), s.caseFilter(v))
	if err != nil {
		return answer{}, fmt.Errorf("cases: %w", err)
	}
	view, err := s.caseList(v, cases)
	if err != nil {
		return answer{}, err
	}
	q := v.URL.Query()
	view.Search, view.Searched = q.Get("number"), q.Get("number") != ""
	if next != "" {
		q.Set("after", next)
		view.Next = "/cases?" + q.Encode()
	}
	view.Active = narrowed(view.Page, q)
	return page("cases", view)
}

// searchPage looks for a number, a full ID number or a name. It is a POST and is
// answered at once: what was searched for may never be in an address.
func (s *Server) searchPage(v *visit) (answer, error) {
	text := strings.TrimSpace(v.form.Get("text"))
	if text == "" {
		return redirect("/cases")
	}
	cases, _, err := s.cfg.Store.Cases(v.Context(), store.CaseFilter{Text: text, Limit: 100})
	if err != nil {
		return answer{}, fmt.Errorf("cases: %w", err)
	}
	if len(cases) == 1 {
		return redirect("/cases/" + cases[0].ID)
	}
	view, err := s.caseList(v, cases)
	if err != nil {
		return answer{}, err
	}
	view.Searched, view.Path = true, "/cases"
	return page("cases", view)
}

func (s *Server) caseList(v *visit, cases []casework.Case) (casesView, error) {
	n, err := s.cfg.Store.Numbers(v.Context())
	if err != nil {
		return casesView{}, fmt.Errorf("numbers: %w", err)
	}
	p := s.page(v, s.words.text(v.lang, "nav.cases"), "cases")
	view := casesView{Page: p, Rows: make([]caseRow, 0, len(cases))}
	for _, c := range cases {
		view.Rows = append(view.Rows, s.caseRow(p, c))
	}
	total, state := 0, v.URL.Query().Get("state")
	var chips []Chip
	for _, name := range caseStates() {
		count := n.CasesByState[name]
		total += count
		chips = append(chips, Chip{Text: p.Word("state.case", string(name)), Href: "/cases?state=" + string(name), Count: strconv.Itoa(count), Active: state == string(name)})
	}
	all := Chip{Text: p.T("filter.all"), Href: "/cases", Count: strconv.Itoa(total), Active: v.URL.RawQuery == "" && v.Method == http.MethodGet}
	view.Chips = append([]Chip{all}, chips...)
	return view, nil
}

func (s *Server) caseRow(p Page, c casework.Case) caseRow {
	over := c.State == casework.CaseEntered || c.State == casework.CaseDone || c.State == casework.CaseCancelled
	return caseRow{
		ID: c.ID, Number: c.Number, Name: casework.MaskName(c.Applicant.Name), IDNumber: casework.MaskID(c.Applicant.IDNumber),
		Matter: s.matterTitle(p, c.Matter), State: p.pill("state.case", string(c.State)), Verdict: p.pill("verdict", string(c.Verdict)),
		Receipt: c.Receipt, Due: p.Day(c.Due), Updated: p.Time(c.UpdatedAt),
		Late: !over && !c.Due.IsZero() && c.Due.Before(casework.DateOf(p.now)),
	}
}

func (s *Server) matterTitle(p Page, name string) string {
	m, ok := s.matter(name)
	if !ok {
		return name
	}
	return p.pick(m.TitleZh, m.TitleEn)
}

// narrowed names the filters that no chip shows.
func narrowed(p Page, q url.Values) []string {
	var out []string
	for _, name := range []string{"today", "late", "soon"} {
		if q.Get(name) == "1" {
			out = append(out, p.T("filter."+name))
		}
	}
	if verdict := q.Get("verdict"); verdict != "" {
		out = append(out, p.Word("verdict", verdict))
	}
	if outcome := q.Get("outcome"); outcome != "" {
		out = append(out, p.Word("outcome", outcome))
	}
	return out
}
