package web

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

// caseIn is the body of POST /api/v1/cases.
type caseIn struct {
	Matter    string            `json:"matter"`
	Region    string            `json:"region,omitempty"`
	Applicant casework.Person   `json:"applicant"`
	Month     casework.Month    `json:"month"`
	Shared    map[string]string `json:"shared,omitempty"`
}

type nothingIn struct{}

type reasonIn struct {
	Reason string `json:"reason"`
}

type searchIn struct {
	Text  string `json:"text"`
	After string `json:"after,omitempty"`
}

// caseOut is a case as the API shows it.
type caseOut struct {
	ID         string             `json:"id"`
	Number     string             `json:"number"`
	Matter     string             `json:"matter"`
	Region     string             `json:"region"`
	Applicant  casework.Person    `json:"applicant"`
	Masked     bool               `json:"masked"`
	Month      casework.Month     `json:"month"`
	Shared     map[string]string  `json:"shared"`
	State      casework.CaseState `json:"state"`
	Outcome    string             `json:"outcome"`
	Verdict    casework.Verdict   `json:"verdict"`
	Receipt    string             `json:"receipt"`
	ReceivedAt time.Time          `json:"received_at"`
	Due        casework.Date      `json:"due"`
	UpdatedAt  time.Time          `json:"updated_at"`
	URL        string             `json:"url"`
}

type caseWithMaterials struct {
	caseOut
	Materials []materialOut `json:"materials"`
}

// listOut is one page of a list; Next is "" on the last.
type listOut[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next"`
}

func listed[From, To any](items []From, next string, show func(From) To) (answer, error) {
	out := listOut[To]{Items: make([]To, 0, len(items)), Next: next}
	for _, item := range items {
		out.Items = append(out.Items, show(item))
	}
	return reply(out)
}

func maskPerson(p casework.Person) casework.Person {
	return casework.Person{
		Name: casework.MaskName(p.Name), IDNumber: casework.MaskID(p.IDNumber), Mobile: casework.MaskMobile(p.Mobile),
		Account: casework.MaskAccount(p.Account), Address: casework.MaskAddress(p.Address),
	}
}

func showCase(c casework.Case) caseOut {
	out := caseOut{
		ID: c.ID, Number: c.Number, Matter: c.Matter, Region: c.Region, Applicant: maskPerson(c.Applicant), Masked: true,
		Month: c.Month, Shared: c.Shared, State: c.State, Outcome: c.Outcome, Verdict: c.Verdict, Receipt: c.Receipt,
		ReceivedAt: c.ReceivedAt, Due: c.Due, UpdatedAt: c.UpdatedAt, URL: "/cases/" + c.ID,
	}
	if out.Shared == nil {
		out.Shared = map[string]string{}
	}
	return out
}

// digits reports whether the text is made of that many digits.
func digits(text string, least, most int) bool {
	other := func(r rune) bool { return r < '0' || r > '9' }
	return len(text) >= least && len(text) <= most && !strings.ContainsFunc(text, other)
}

// idShape reports whether the text looks like an ID number. The check digit is
// not judged here: a wrong one is a finding, which the citizen must be told about.
func idShape(text string) bool {
	return digits(strings.TrimSuffix(text, "X"), 17, 18) && len(text) == 18
}

// mistakes names the fields of a new case that cannot be right, by locale key.
func (in caseIn) mistakes() []string {
	var out []string
	check := func(ok bool, field string) {
		if !ok {
			out = append(out, field)
		}
	}
	p := in.Applicant
	check(p.Name != "" && len([]rune(p.Name)) <= 60, "name")
	check(idShape(p.IDNumber), "id_number")
	check(p.Mobile == "" || digits(p.Mobile, 11, 11), "mobile")
	check(p.Account == "" || digits(p.Account, 8, 32), "account")
	check(len([]rune(p.Address)) <= 200, "address")
	check(digits(in.Region, 6, 6), "region")
	month := int(in.Month)
	check(month/100 >= 1990 && month/100 <= 2100 && month%100 >= 1 && month%100 <= 12, "month")
	return out
}

func (in caseIn) tidy(region string) caseIn {
	p := &in.Applicant
	for _, field := range []*string{&p.Name, &p.IDNumber, &p.Mobile, &p.Account, &p.Address, &in.Region} {
		*field = strings.TrimSpace(*field)
	}
	p.IDNumber = strings.ToUpper(p.IDNumber)
	p.Account = strings.ReplaceAll(p.Account, " ", "")
	if in.Region == "" {
		in.Region = region
	}
	return in
}

// createCase is the use case behind the form and POST /api/v1/cases.
func (s *Server) createCase(ctx context.Context, by casework.Actor, in caseIn) (casework.Case, error) {
	in = in.tidy(s.cfg.Region)
	if _, ok := s.matter(in.Matter); !ok {
		return casework.Case{}, refuse(http.StatusUnprocessableEntity, "matter_unknown")
	}
	if wrong := in.mistakes(); len(wrong) > 0 {
		r := refuse(http.StatusUnprocessableEntity, "input_invalid").with("fields", strings.Join(wrong, ", "))
		r.Fields = wrong
		return casework.Case{}, r
	}
	received := s.cfg.Now()
	c, err := s.cfg.Store.NewCase(ctx, by, casework.Case{
		Matter: in.Matter, Region: in.Region, Applicant: in.Applicant, Month: in.Month, Shared: in.Shared,
		ReceivedAt: received, Due: s.cfg.DueDays(in.Matter, casework.DateOf(received)),
	})
	if err != nil {
		return c, fmt.Errorf("new case: %w", err)
	}
	return c, nil
}

func (s *Server) matter(name string) (Matter, bool) {
	for _, m := range s.cfg.Matters {
		if m.Name == name {
			return m, true
		}
	}
	return Matter{}, false
}

func (s *Server) apiNewCase(v *visit) (answer, error) {
	var in caseIn
	if err := v.decode(&in); err != nil {
		return answer{}, err
	}
	c, err := s.createCase(v.Context(), v.actor, in)
	if err != nil {
		return answer{}, err
	}
	return answer{Status: http.StatusCreated, JSON: showCase(c), Location: apiPrefix + "cases/" + c.ID}, nil
}

// caseFilter reads the filter of a list from the address. It never holds
// personal data: only a case number may be searched this way.
func (s *Server) caseFilter(v *visit) store.CaseFilter {
	q := v.URL.Query()
	f := store.CaseFilter{
		States: list[casework.CaseState](q.Get("state")), Matter: q.Get("matter"), Verdict: casework.Verdict(q.Get("verdict")),
		Outcome: q.Get("outcome"), Text: q.Get("number"), After: q.Get("after"), Limit: v.limit(),
	}
	today := casework.DateOf(s.cfg.Now())
	if q.Get("late") == "1" {
		f.DueBy = today.AddDays(-1)
	}
	if q.Get("soon") == "1" {
		f.DueBy = today.AddDays(3)
	}
	if q.Get("today") == "1" {
		f.Since = today.Time()
	}
	return f
}

func (s *Server) apiCases(v *visit) (answer, error) {
	cases, next, err := s.cfg.Store.Cases(v.Context(), s.caseFilter(v))
	if err != nil {
		return answer{}, fmt.Errorf("cases: %w", err)
	}
	return listed(cases, next, showCase)
}

func (s *Server) apiSearch(v *visit) (answer, error) {
	var in searchIn
	if err := v.decode(&in); err != nil {
		return answer{}, err
	}
	f := store.CaseFilter{Text: strings.TrimSpace(in.Text), After: in.After, Limit: v.limit()}
	cases, next, err := s.cfg.Store.Cases(v.Context(), f)
	if err != nil {
		return answer{}, fmt.Errorf("cases: %w", err)
	}
	return listed(cases, next, showCase)
}

func (s *Server) apiCase(v *visit) (answer, error) {
	c, err := s.cfg.Store.Case(v.Context(), v.PathValue("id"))
	if err != nil {
		return answer{}, fmt.Errorf("case: %w", err)
	}
	materials, err := s.cfg.Store.Materials(v.Context(), c.ID)
	if err != nil {
		return answer{}, fmt.Errorf("materials of case %s: %w", c.ID, err)
	}
	out := caseWithMaterials{caseOut: showCase(c), Materials: []materialOut{}}
	for _, m := range materials {
		out.Materials = append(out.Materials, showMaterial(m))
	}
	full, err := s.reveals(v, c.ID)
	if err != nil {
		return answer{}, err
	}
	if full {
		out.Applicant, out.Masked = c.Applicant, false
	}
	return reply(out)
}

// revealReasons are the only reasons that may stand in an address.
const revealReasons = "review,correction,complaint,audit"

// reveals reports whether ?reveal=1 was asked for and is allowed; it is written
// to the audit trail before anything is shown.
func (s *Server) reveals(v *visit, object string) (bool, error) {
	q := v.URL.Query()
	if q.Get("reveal") != "1" {
		return false, nil
	}
	if !strings.Contains(","+revealReasons+",", ","+q.Get("reason")+",") {
		return false, refuse(http.StatusBadRequest, "reason_missing").with("reasons", revealReasons)
	}
	return true, s.reveal(v, object, q.Get("reason"))
}

func (s *Server) reveal(v *visit, object, reason string) error {
	if err := v.need(mayReveal); err != nil {
		return err
	}
	if err := s.cfg.Store.Note(v.Context(), v.actor, "personal_data.reveal", object, `{"reason":"`+reason+`"}`); err != nil {
		return fmt.Errorf("audit of reveal: %w", err)
	}
	return nil
}

// noteLook writes down who looked at a picture. The object is the file, so that
// the trail of a case stays readable.
func (s *Server) noteLook(v *visit, file, owner string) error {
	if err := s.cfg.Store.Note(v.Context(), v.actor, "personal_data.picture", file, `{"of":"`+owner+`"}`); err != nil {
		return fmt.Errorf("audit of a picture: %w", err)
	}
	return nil
}

// submitCase closes the uploads and gives the case back as it is then.
func (s *Server) submitCase(ctx context.Context, by casework.Actor, id string) (casework.Case, error) {
	if err := s.cfg.Store.SubmitCase(ctx, by, id); err != nil {
		return casework.Case{}, fmt.Errorf("submit case: %w", closed(err))
	}
	return s.cfg.Store.Case(ctx, id)
}

func (s *Server) cancelCase(ctx context.Context, by casework.Actor, id, reason string) (casework.Case, error) {
	if reason = strings.TrimSpace(reason); reason == "" {
		return casework.Case{}, refuse(http.StatusUnprocessableEntity, "reason_empty")
	}
	if err := s.cfg.Store.CancelCase(ctx, by, id, reason); err != nil {
		return casework.Case{}, fmt.Errorf("cancel case: %w", err)
	}
	return s.cfg.Store.Case(ctx, id)
}

func (s *Server) apiSubmit(v *visit) (answer, error) {
	c, err := s.submitCase(v.Context(), v.actor, v.PathValue("id"))
	if err != nil {
		return answer{}, err
	}
	return reply(showCase(c))
}

func (s *Server) apiCancel(v *visit) (answer, error) {
	var in reasonIn
	if err := v.decode(&in); err != nil {
		return answer{}, err
	}
	c, err := s.cancelCase(v.Context(), v.actor, v.PathValue("id"), in.Reason)
	if err != nil {
		return answer{}, err
	}
	return reply(showCase(c))
}
