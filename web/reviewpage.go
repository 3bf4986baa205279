package web

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/store"
)

// reviewRow is one question in the inbox.
type reviewRow struct {
	ID, Number, Name, Matter string
	Role, Due, Left          string
	Reason                   sentences
	Verdict                  Pill
	State                    Pill
	Late                     bool
	Findings                 int
}

type inboxView struct {
	Page
	SignIns []signInRow
	Chips   []Chip
	Rows    []reviewRow
	Repays  []fundRepayRow // failed payments that wait for the business side
	Next    string
}

func (s *Server) inboxPage(v *visit) (answer, error) {
	f := reviewFilter(v)
	if len(f.States) == 0 {
		f.States = []casework.ReviewState{casework.ReviewOpen}
	}
	if f.Role == "" && v.may[mayDecide] && !v.URL.Query().Has("role") {
		f.Role = v.actor.Role
	}
	reviews, next, err := s.cfg.Store.Reviews(v.Context(), f)
	if err != nil {
		return answer{}, fmt.Errorf("reviews: %w", err)
	}
	n, err := s.cfg.Store.Numbers(v.Context())
	if err != nil {
		return answer{}, fmt.Errorf("numbers: %w", err)
	}
	p := s.page(v, s.words.text(v.lang, "nav.inbox"), "inbox")
	view := inboxView{Page: p, Chips: roleChips(p, n, f)}
	if view.SignIns, err = s.signInRows(v, p); err != nil {
		return answer{}, err
	}
	for _, r := range reviews {
		row, err := s.reviewRow(v, p, r)
		if err != nil {
			return answer{}, err
		}
		view.Rows = append(view.Rows, row)
	}
	if next != "" {
		q := v.URL.Query()
		q.Set("after", next)
		view.Next = "/inbox?" + q.Encode()
	}
	if v.may[mayReadFund] && f.Role != "operator" && slices.Contains(f.States, casework.ReviewOpen) {
		if view.Repays, err = s.waitingRepays(v, p); err != nil {
			return answer{}, err
		}
	}
	return page("inbox", view)
}

func roleChips(p Page, n store.Numbers, f store.ReviewFilter) []Chip {
	open := slices.Contains(f.States, casework.ReviewOpen)
	total := 0
	var chips []Chip
	for _, role := range []string{"clerk", "reviewer", "operator"} {
		total += n.WaitingPerson[role]
		chips = append(chips, Chip{Text: p.Word("role", role), Href: "/inbox?role=" + role, Count: strconv.Itoa(n.WaitingPerson[role]), Active: open && f.Role == role})
	}
	all := Chip{Text: p.T("filter.all"), Href: "/inbox?role=", Count: strconv.Itoa(total), Active: open && f.Role == ""}
	done := Chip{Text: p.Word("state.review", "decided"), Href: "/inbox?state=decided&role=", Active: !open}
	return append(append([]Chip{all}, chips...), done)
}

// fundFlow is the playbook whose runs work for a fund account.
const fundFlow = "fund_reconciliation"

// subject is what a question is about: a case, or what a run of a schedule works for.
type subject struct {
	casework.Case
	Name, Matter string
	Href         string
}

func (s *Server) subject(v *visit, p Page, r casework.Review) (subject, error) {
	if r.CaseID != "" {
		c, err := s.cfg.Store.Case(v.Context(), r.CaseID)
		if err != nil {
			return subject{}, fmt.Errorf("case of review %s: %w", r.ID, err)
		}
		return subject{Case: c, Name: casework.MaskName(c.Applicant.Name), Matter: s.matterTitle(p, c.Matter), Href: "/cases/" + c.ID}, nil
	}
	run, err := s.cfg.Store.Run(v.Context(), r.RunID)
	if err != nil {
		return subject{}, fmt.Errorf("run of review %s: %w", r.ID, err)
	}
	snapshot, err := s.frozen(v, r)
	if err != nil {
		return subject{}, err
	}
	out := subject{Case: casework.Case{Number: digest(run.ID)}, Name: snapshot.Shared["subject"], Matter: s.flowTitle(p, run.Playbook), Href: "/runs/" + run.ID}
	if run.Playbook == fundFlow {
		out.Href = "/fund/" + out.Name
	}
	return out, nil
}

func (s *Server) reviewRow(v *visit, p Page, r casework.Review) (reviewRow, error) {
	c, err := s.subject(v, p, r)
	if err != nil {
		return reviewRow{}, err
	}
	found, err := s.assessment(v, c.ID)
	if err != nil {
		return reviewRow{}, err
	}
	left := r.Due.Sub(s.cfg.Now())
	row := reviewRow{
		ID: r.ID, Number: c.Number, Name: c.Name, Matter: c.Matter,
		Role: p.Word("role", r.Role), Due: p.Time(r.Due), Late: left < 0 && !r.Due.IsZero(),
		Reason: s.reviewReason(p, r), State: p.pill("state.review", string(r.State)), Findings: len(found.Findings),
	}
	if c.ID != "" {
		row.Verdict = p.pill("verdict", string(c.Verdict))
	}
	if !r.Due.IsZero() {
		row.Left = span(p, max(left, -left))
	}
	return row, nil
}

// reviewReason says why a person is asked: a planned question, or a fault.
func (s *Server) reviewReason(p Page, r casework.Review) sentences {
	if r.Reason == "" {
		return sentences{What: p.T("review.planned"), Why: p.T("review.planned.why"), Do: p.T("review.planned.do")}
	}
	return s.words.sentences(p.Lang, r.Reason, nil)
}

// choiceButton is one answer with its number on the keyboard.
type choiceButton struct {
	Name, Text, Tone string
	Key              int
}

type reviewView struct {
	Page
	dossier
	ID       string
	Case     caseRow // zero for a run without a case
	About    subject
	Person   casework.Person
	Reason   sentences
	Planned  bool
	State    Pill
	Step     string
	Due      string
	Left     string
	Late     bool
	Run      string
	Choices  []choiceButton
	Choice   string // once decided
	By       string
	At       time.Time
	CanAct   bool
	Exhibits exhibits
	Repair   string       // where the page is repaired that stopped the run
	Merge    mergeTable   // of a question about a merge
	Recount  recountTable // of a question about a recalculation
	Revealed bool
	Receipts []playbooks.Receipt // numbers that the answer "done" must give
	System   string              // where they come from
	NextID   string              // the next question of the same inbox
	PrevID   string
}

func (s *Server) reviewPage(v *visit) (answer, error) {
	r, err := s.cfg.Store.Review(v.Context(), v.PathValue("id"))
	if err != nil {
		return answer{}, fmt.Errorf("review: %w", err)
	}
	view, err := s.reviewView(v, r)
	if err != nil {
		return answer{}, err
	}
	snapshot, err := s.frozen(v, r)
	if err != nil {
		return answer{}, err
	}
	c, found := view.About.Case, snapshot.Assessment
	if view.Revealed {
		if err := s.reveal(v, cmp.Or(c.ID, r.RunID), "review"); err != nil {
			return answer{}, err
		}
		view.Person = c.Applicant
		if view.Exhibits, err = s.exhibits(v, view.Page, r); err != nil {
			return answer{}, err
		}
	} else {
		found = s.maskAssessment(found)
	}
	if view.dossier, err = s.dossier(v.Context(), view.Page, c, found); err != nil {
		return answer{}, err
	}
	if view.Earlier, err = s.earlier(v.Context(), view.Page, c.ID, found, view.Revealed); err != nil {
		return answer{}, err
	}
	return page("review", view)
}

// frozen gives the snapshot the run works with; the question is about that, not
// about a newer reading.
func (s *Server) frozen(v *visit, r casework.Review) (casework.Snapshot, error) {
	snapshot, err := s.cfg.Store.Snapshot(v.Context(), r.RunID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return snapshot, fmt.Errorf("snapshot of run %s: %w", r.RunID, err)
	}
	return snapshot, nil
}

func (s *Server) reviewView(v *visit, r casework.Review) (reviewView, error) {
	p := s.page(v, "", "inbox")
	about, err := s.subject(v, p, r)
	if err != nil {
		return reviewView{}, err
	}
	c := about.Case
	p.Title = c.Number
	left := r.Due.Sub(s.cfg.Now())
	view := reviewView{
		Page: p, ID: r.ID, About: about, Person: maskPerson(c.Applicant), Reason: s.reviewReason(p, r), Planned: r.Reason == "",
		State: p.pill("state.review", string(r.State)), Due: p.Time(r.Due), Late: left < 0 && !r.Due.IsZero(), Left: span(p, max(left, -left)),
		Run: r.RunID, Repair: repairOf(r), By: r.By, At: r.Decided, Revealed: v.may[mayReveal] && r.State == casework.ReviewOpen,
		CanAct: v.may[mayDecide] && r.State == casework.ReviewOpen && r.Role == v.actor.Role,
	}
	if c.ID != "" {
		view.Case = s.caseRow(p, c)
	}
	for i, choice := range r.Choices {
		button := choiceButton{Name: choice.Name, Text: p.pick(choice.Zh, s.words["en"]["choice."+choice.Name]), Key: i + 1, Tone: choiceTone(i, choice.Name)}
		if choice.Name == r.Choice {
			view.Choice = button.Text
		}
		view.Choices = append(view.Choices, button)
	}
	if r.State != casework.ReviewOpen {
		view.Left = ""
	}
	run, err := s.cfg.Store.Run(v.Context(), r.RunID)
	if err != nil {
		return view, fmt.Errorf("run of review %s: %w", r.ID, err)
	}
	pb, err := s.flow(v.Context(), run.Playbook, run.Version)
	if err != nil {
		return view, err
	}
	view.Step = stepTitle(p, pb, r.Step)
	if step, ok := pb.Step(r.Step); ok {
		view.Receipts = step.Receipts()
		title := s.cfg.Library.Systems()[step.ByHand()].Title
		view.System = cmp.Or(p.pick(title.Zh, title.En), step.ByHand())
	}
	if view.Merge, err = s.mergeTable(v, p, run); err != nil {
		return view, err
	}
	if !view.Revealed {
		view.Merge = view.Merge.masked()
	}
	if view.Recount, err = s.recountTable(v, run, c); err != nil {
		return view, err
	}
	others, _, err := s.cfg.Store.Reviews(v.Context(), store.ReviewFilter{Role: r.Role, States: []casework.ReviewState{casework.ReviewOpen}, Limit: 200})
	if err != nil {
		return view, fmt.Errorf("reviews: %w", err)
	}
	if i := slices.IndexFunc(others, func(o casework.Review) bool { return o.ID == r.ID }); i >= 0 {
		if i > 0 {
			view.PrevID = others[i-1].ID
		}
		if i+1 < len(others) {
			view.NextID = others[i+1].ID
		}
	}
	return view, nil
}

func choiceTone(i int, name string) string {
	switch {
	case i == 0:
		return "main"
	case strings.Contains(name, "return"), strings.Contains(name, "reject"):
		return "warn"
	}
	return "plain"
}

// decisionForm takes the buttons of the review page. A field counts as edited
// when its value differs from the one that was shown, or when it is handwriting
// and was accepted: then a person has read it.
func (s *Server) decisionForm(v *visit) (answer, error) {
	in := decisionIn{Choice: v.form.Get("choice"), Note: v.form.Get("note"), Edits: map[string]string{}}
	for name := range v.form {
		field, isField := strings.CutPrefix(name, "field:")
		value := strings.TrimSpace(v.form.Get(name))
		if isField && value != v.form.Get("was:"+field) {
			in.Edits[field] = value
		}
		if receipt, ok := strings.CutPrefix(name, "receipt:"); ok && in.Choice == "done" {
			in.Edits[playbooks.ReceiptEdit+receipt] = value
		}
		if accepted, ok := strings.CutPrefix(name, "accept:"); ok && v.may[mayReveal] && v.form.Has("field:"+accepted) {
			in.Edits[accepted] = strings.TrimSpace(v.form.Get("field:" + accepted))
		}
	}
	r, err := s.decide(v.Context(), v.actor, v.PathValue("id"), in)
	if err != nil {
		return answer{}, err
	}
	s.flash(v, "ok", "flash.decided")
	next, _, err := s.cfg.Store.Reviews(v.Context(), store.ReviewFilter{Role: r.Role, States: []casework.ReviewState{casework.ReviewOpen}, Limit: 1})
	if err != nil {
		return answer{}, fmt.Errorf("reviews: %w", err)
	}
	if len(next) == 1 && v.form.Get("then") == "next" {
		return redirect("/reviews/" + next[0].ID)
	}
	return redirect("/inbox")
}

// openReview finds the question a case is waiting for, "" when there is none.
func (s *Server) openReview(v *visit, caseID string) (string, error) {
	reviews, _, err := s.cfg.Store.Reviews(v.Context(), store.ReviewFilter{CaseID: caseID, States: []casework.ReviewState{casework.ReviewOpen}, Limit: 1})
	if err != nil {
		return "", fmt.Errorf("reviews of case %s: %w", caseID, err)
	}
	if len(reviews) == 0 {
		return "", nil
	}
	return reviews[0].ID, nil
}
