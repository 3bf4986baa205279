package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/jingban/jingban/benefits"
	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

// Tried is how worked examples came out, and what differs with its derivation.
type Tried struct {
	Passed, Failed, Unknown int
	Report                  string
}

// paramIn is a draft as the API takes it; the form has the same fields, and a
// value:<name> for each parameter.
type paramIn struct {
	Region   string             `json:"region"`
	Kind     casework.ParamKind `json:"kind"`
	From     casework.Date      `json:"from"`
	To       casework.Date      `json:"to"` // last day, where the notice names one
	Document string             `json:"document"`
	Note     string             `json:"note,omitempty"`
	Values   map[string]string  `json:"values"` // what changes, by the parameter's name
}

func (in paramIn) set() casework.ParamSet {
	return casework.ParamSet{Region: in.Region, Kind: in.Kind, From: in.From, To: in.To, Document: in.Document, Values: in.Values}
}

// paramOut is a set as the API shows it.
type paramOut struct {
	ID         string           `json:"id"`
	State      store.ParamState `json:"state"`
	Edition    int              `json:"edition"`
	Author     string           `json:"author"`
	CreatedAt  time.Time        `json:"created_at"`
	ReleasedAt time.Time        `json:"released_at"`
	ReleasedBy string           `json:"released_by"`
	Scan       bool             `json:"scan"`
	Retro      bool             `json:"retro"` // valid from a day before its release
	paramIn
}

func showParams(v store.ParamSet) paramOut {
	return paramOut{ID: v.ID, State: v.State, Edition: v.Edition, Author: v.Author, CreatedAt: v.Created, ReleasedAt: v.Released, ReleasedBy: v.ReleasedBy,
		Scan: v.Scan.SHA256 != "", Retro: v.Retro,
		paramIn: paramIn{Region: v.Region, Kind: v.Kind, From: v.From, To: v.To, Document: v.Document, Note: v.Note, Values: v.Values}}
}

// releaseIn is the input of a release.
type releaseIn struct {
	Reason    string `json:"reason"`
	Knowingly bool   `json:"knowingly"` // although worked examples differ
}

// trialOut is an evaluation of examples as the API shows it.
type trialOut struct {
	Passed  int    `json:"passed"`
	Failed  int    `json:"failed"`
	Unknown int    `json:"unknown"`
	Report  string `json:"report"`
}

// editions gives the parameters as they stand and their edition.
func (s *Server) params(ctx context.Context) (casework.Params, int, error) {
	if s.cfg.Editions == nil {
		return casework.Params{}, 0, refuse(http.StatusNotFound, "not_found")
	}
	edition, err := s.cfg.Store.Edition(ctx)
	if err != nil {
		return casework.Params{}, 0, err
	}
	params, err := s.cfg.Editions.At(ctx, edition)
	return params, edition, err
}

// paramMistakes is what is wrong with a draft, by the field of the form, and what
// has no field of its own.
type paramMistakes struct {
	Fields  map[string]string
	General []string
}

func (m paramMistakes) none() bool { return len(m.Fields)+len(m.General) == 0 }

// refusal lists the mistakes for a program.
func (m paramMistakes) refusal() *refusal {
	r := refuse(http.StatusUnprocessableEntity, "params_invalid")
	for name, text := range m.Fields {
		r.Fields = append(r.Fields, name+": "+text)
	}
	slices.Sort(r.Fields)
	r.Fields = append(r.Fields, m.General...)
	return r
}

var regionCode = regexp.MustCompile(`^\d{6}$`)

// judgeParams says what is wrong with a draft laid over the given parameters.
func judgeParams(p Page, base casework.Params, set casework.ParamSet) (casework.Params, paramMistakes) {
	m := paramMistakes{Fields: map[string]string{}}
	if !regionCode.MatchString(set.Region) {
		m.Fields["region"] = p.T("params.wrong.region")
	}
	if !slices.Contains(casework.ParamKinds(), set.Kind) {
		m.Fields["kind"] = p.T("params.wrong.kind")
	}
	if set.From.IsZero() {
		m.Fields["from"] = p.T("params.wrong.from")
	} else if !set.To.IsZero() && set.To.Before(set.From) {
		m.Fields["to"] = p.T("params.wrong.to")
	}
	if doc := strings.TrimSpace(set.Document); doc == "" || len(doc) > 300 {
		m.Fields["document"] = p.T("params.wrong.document")
	}
	if len(set.Values) == 0 {
		m.General = append(m.General, p.T("params.wrong.nothing"))
	}
	for _, name := range set.Names() {
		if casework.KindOfParam(name) != set.Kind || benefits.Form(name) == "" {
			m.General = append(m.General, p.T("params.wrong.unknown", name))
		} else if set.Values[name] == "" {
			m.Fields["value:"+name] = p.T("params.wrong.empty")
		}
	}
	if !m.none() {
		return base, m
	}
	changed, err := base.With(set)
	if err != nil {
		m.General = append(m.General, err.Error())
		return base, m
	}
	m.weigh(p, changed, set)
	return changed, m
}

// weigh asks the rules about every value. A mistake that shows in another row than
// the draft's own is one without a field: a ceiling below a scheme in force, say.
func (m *paramMistakes) weigh(p Page, changed casework.Params, set casework.ParamSet) {
	rules, err := benefits.Load(changed)
	for _, w := range benefits.Wrongs(err) {
		text := p.T("params.wrong.form", p.Word("paramform", benefits.Form(w.Name)))
		if r, ok := errors.AsType[*benefits.Refused](w); ok {
			text = p.pick(r.Zh, r.En)
		}
		if _, ours := set.Values[w.Name]; ours && w.Row.Region == set.Region && w.Row.From == set.From {
			m.Fields["value:"+w.Name] = text
		} else {
			m.General = append(m.General, paramTitle(p, w.Name)+" "+w.Row.Region+" "+w.Row.From.String()+": "+text)
		}
	}
	if terms, err := rules.In(set.Region, set.From).Standard(); err == nil && m.none() && terms.Standard().NotBelowWage {
		m.General = append(m.General, p.T("params.wrong.standard", terms.Standard().Monthly.String(), terms.MinimumWage.String()))
	}
}

// paramTitle names a parameter for people.
func paramTitle(p Page, name string) string {
	if scheme, ok := strings.CutPrefix(name, "unemployment_benefit.scheme."); ok {
		return p.T("params.bands", scheme)
	}
	return p.Word("param", name)
}

// saveParams is the use case behind the form and POST /api/v1/params.
func (s *Server) saveParams(v *visit, p Page, in paramIn) (store.ParamSet, paramMistakes, error) {
	base, _, err := s.params(v.Context())
	if err != nil {
		return store.ParamSet{}, paramMistakes{}, err
	}
	in.Document = strings.TrimSpace(in.Document)
	if _, m := judgeParams(p, base, in.set()); !m.none() {
		return store.ParamSet{}, m, nil
	}
	saved, err := s.cfg.Store.SaveParams(v.Context(), v.actor, store.ParamSet{ParamSet: in.set(), Note: in.Note})
	if err != nil {
		return saved, paramMistakes{}, fmt.Errorf("parameters: %w", err)
	}
	return saved, paramMistakes{}, nil
}

func (s *Server) apiSaveParams(v *visit) (answer, error) {
	var in paramIn
	if err := v.decode(&in); err != nil {
		return answer{}, err
	}
	saved, m, err := s.saveParams(v, s.page(v, "", "params"), in)
	if err != nil {
		return answer{}, err
	}
	if !m.none() {
		return answer{}, m.refusal()
	}
	return answer{Status: http.StatusCreated, JSON: showParams(saved), Location: "/api/v1/params/" + saved.ID}, nil
}

// apiParams lists sets.
func (s *Server) apiParams(v *visit) (answer, error) {
	q := v.URL.Query()
	all, err := s.cfg.Store.ParamSets(v.Context(), store.ParamFilter{Region: q.Get("region"), Kind: casework.ParamKind(q.Get("kind")), States: list[store.ParamState](q.Get("state"))})
	if err != nil {
		return answer{}, fmt.Errorf("parameters: %w", err)
	}
	return listed(all, "", showParams)
}

func (s *Server) apiParamSet(v *visit) (answer, error) {
	set, err := s.cfg.Store.ParamSet(v.Context(), v.PathValue("id"))
	if err != nil {
		return answer{}, fmt.Errorf("parameters: %w", err)
	}
	return reply(showParams(set))
}

// scanOf takes the one file of an upload that may be the scan of a notice; none is
// no mistake.
func scanOf(v *visit) (Upload, string, error) {
	if len(v.files) == 0 {
		return Upload{}, "", nil
	}
	file := v.files[0]
	if len(file.Data) == 0 {
		return file, "", refuse(http.StatusUnprocessableEntity, "file_empty")
	}
	kind := casework.FileKind(file.Data)
	if kind != "application/pdf" && !strings.HasPrefix(kind, "image/") {
		return file, "", refuse(http.StatusUnsupportedMediaType, "file_type")
	}
	return file, kind, nil
}

func (s *Server) attachScan(v *visit) (answer, error) {
	file, kind, err := scanOf(v)
	if err != nil {
		return answer{}, err
	}
	if kind == "" {
		return answer{}, refuse(http.StatusUnprocessableEntity, "file_missing")
	}
	id := v.PathValue("id")
	if err := s.cfg.Store.AttachScan(v.Context(), v.actor, id, fileName(file.Name), kind, file.Data); err != nil {
		return answer{}, fmt.Errorf("parameters: %w", err)
	}
	return s.done(v, "flash.params_scan", "/params/"+id, acknowledgedOut{ID: id})
}

// paramScan shows the notice: its first page, or with original=1 the file.
func (s *Server) paramScan(v *visit) (answer, error) {
	set, err := s.cfg.Store.ParamSet(v.Context(), v.PathValue("id"))
	if err != nil {
		return answer{}, fmt.Errorf("parameters: %w", err)
	}
	if set.Scan.SHA256 == "" {
		return answer{}, refuse(http.StatusNotFound, "not_found")
	}
	data, err := s.cfg.Store.File(v.Context(), set.Scan.SHA256)
	if err != nil {
		return answer{}, fmt.Errorf("scan of the notice: %w", err)
	}
	if v.URL.Query().Get("original") == "1" {
		_, kind, _ := strings.Cut(set.Scan.MIME, "/")
		return answer{Status: http.StatusOK, File: data, MIME: set.Scan.MIME, Download: "notice-" + set.ID + "." + kind}, nil
	}
	return s.picture(v.Context(), casework.Material{ID: set.ID, MIME: set.Scan.MIME}, data, 1, defaultSide)
}

// tryParams evaluates worked examples under a draft: those of the file that came
// along, else the program's own.
func (s *Server) tryParams(v *visit) (answer, error) {
	if err := v.need(mayWriteParam); err != nil && !v.may[mayReleaseParam] {
		return answer{}, err
	}
	set, err := s.cfg.Store.ParamSet(v.Context(), v.PathValue("id"))
	if err != nil {
		return answer{}, fmt.Errorf("parameters: %w", err)
	}
	base, edition, err := s.params(v.Context())
	if err != nil {
		return answer{}, err
	}
	changed, m := judgeParams(s.page(v, "", "params"), base, set.ParamSet)
	if !m.none() {
		return answer{}, m.refusal()
	}
	rules, err := benefits.Load(changed)
	if err != nil {
		return answer{}, fmt.Errorf("parameters: %w", err)
	}
	if s.cfg.Examples == nil {
		return answer{}, refuse(http.StatusNotFound, "not_found")
	}
	trial := store.ParamTrial{Edition: edition}
	var file []byte
	if len(v.files) > 0 {
		file, trial.Name = v.files[0].Data, fileName(v.files[0].Name)
	}
	tried, err := s.cfg.Examples(rules, set.Region, set.From, file)
	if err != nil {
		r := refuse(http.StatusUnprocessableEntity, "examples_unreadable")
		r.Fields = []string{err.Error()}
		return answer{}, r
	}
	trial.Passed, trial.Failed, trial.Unknown, trial.Report = tried.Passed, tried.Failed, tried.Unknown, tried.Report
	if err := s.cfg.Store.NoteTrial(v.Context(), v.actor, set.ID, trial); err != nil {
		return answer{}, fmt.Errorf("parameters: %w", err)
	}
	return s.done(v, "flash.params_tried", "/params/"+set.ID+"#examples", trialOut{Passed: tried.Passed, Failed: tried.Failed, Unknown: tried.Unknown, Report: tried.Report})
}

// releaseParams puts a draft in force. What it says is asked about once more: other
// sets may have come in between.
func (s *Server) releaseParams(v *visit) (answer, error) {
	var in releaseIn
	if err := v.read(&in); err != nil {
		return answer{}, err
	}
	set, err := s.cfg.Store.ParamSet(v.Context(), v.PathValue("id"))
	if err != nil {
		return answer{}, fmt.Errorf("parameters: %w", err)
	}
	base, _, err := s.params(v.Context())
	if err != nil {
		return answer{}, err
	}
	if _, m := judgeParams(s.page(v, "", "params"), base, set.ParamSet); set.State == store.ParamDraft && !m.none() {
		return answer{}, m.refusal()
	}
	return s.moveParams(v, "flash.params_released", in.Reason, func(ctx context.Context, by casework.Actor, id, reason string) error {
		return s.cfg.Store.ReleaseParams(ctx, by, id, reason, in.Knowingly)
	})
}

func (s *Server) refuseParams(v *visit) (answer, error) {
	return s.movingParams(v, "flash.params_refused", s.cfg.Store.RefuseParams)
}

// withdrawParams is for whoever may write or release.
func (s *Server) withdrawParams(v *visit) (answer, error) {
	set, err := s.cfg.Store.ParamSet(v.Context(), v.PathValue("id"))
	if err != nil {
		return answer{}, fmt.Errorf("parameters: %w", err)
	}
	need := mayReleaseParam
	if set.State == store.ParamDraft && v.may[mayWriteParam] {
		need = mayWriteParam
	}
	if err := v.need(need); err != nil {
		return answer{}, err
	}
	return s.movingParams(v, "flash.params_withdrawn", s.cfg.Store.WithdrawParams)
}

type paramMove func(ctx context.Context, by casework.Actor, id, reason string) error

func (s *Server) movingParams(v *visit, flash string, move paramMove) (answer, error) {
	var in reasonIn
	if err := v.read(&in); err != nil {
		return answer{}, err
	}
	return s.moveParams(v, flash, in.Reason, move)
}

func (s *Server) moveParams(v *visit, flash, reason string, move paramMove) (answer, error) {
	reason, err := grounds(reason)
	if err != nil {
		return answer{}, err
	}
	id := v.PathValue("id")
	if err := move(v.Context(), v.actor, id, reason); err != nil {
		return answer{}, paramRefusal(err)
	}
	set, err := s.cfg.Store.ParamSet(v.Context(), id)
	if err != nil {
		return answer{}, fmt.Errorf("parameters: %w", err)
	}
	return s.done(v, flash, "/params/"+id, showParams(set))
}

// paramRefusal says which part of a release is missing.
func paramRefusal(err error) error {
	for _, known := range []struct {
		err  error
		code *refusal
	}{
		{store.ErrNoScan, refuse(http.StatusConflict, "params_no_scan")},
		{store.ErrUntried, refuse(http.StatusConflict, "params_untried")},
		{store.ErrDiffers, refuse(http.StatusConflict, "params_differ")},
	} {
		if errors.Is(err, known.err) {
			return known.code
		}
	}
	if errors.Is(err, store.ErrConflict) && !errors.Is(err, store.ErrTwoPeople) {
		return refuse(http.StatusConflict, "params_moved")
	}
	return fmt.Errorf("parameters: %w", err)
}
