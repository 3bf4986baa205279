package web

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/jingban/jingban/benefits"
	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

// setRow is one set in a list.
type setRow struct {
	ID, Document, Region, Kind, From, To string
	Author, Created, ReleasedBy, Edition string
	State                                Pill
	Retro                                bool
	Names                                string
}

func setRowOf(p Page, v store.ParamSet) setRow {
	row := setRow{ID: v.ID, Document: v.Document, Region: v.Region, Kind: p.Word("paramkind", string(v.Kind)), From: v.From.String(), To: v.To.String(),
		Author: v.Author, Created: p.Time(v.Created), ReleasedBy: v.ReleasedBy, State: p.pill("state.param", string(v.State)), Retro: v.Retro}
	if v.Edition > 0 {
		row.Edition = p.T("params.edition", v.Edition)
	}
	var names []string
	for _, name := range v.Names() {
		names = append(names, paramTitle(p, name))
	}
	row.Names = strings.Join(names, p.T("and"))
	switch v.State {
	case store.ParamReleased:
		row.State.Tone = "ok"
	case store.ParamDraft:
		row.State.Tone = "warn"
	}
	return row
}

// inForceRow is a parameter with the value that holds.
type inForceRow struct {
	Name, Title, Value string
	Region, From, To   string
	Document           string
	Elsewhere          bool   // the row is the province's or the country's
	Next               string // the day on which another value begins
	Kind               string
	History            []casework.Param // all rows of that place, the latest first
}

// inForce lists what holds in a region on a day, by kind.
func inForce(p Page, params casework.Params, region string, kind casework.ParamKind, on casework.Date) []inForceRow {
	var rows []inForceRow
	values := params.For(region, on)
	for _, k := range casework.ParamKinds() {
		if kind != "" && k != kind {
			continue
		}
		for _, name := range params.Names() {
			row, err := values.Row(name)
			if casework.KindOfParam(name) != k || err != nil {
				continue
			}
			r := inForceRow{Name: name, Title: paramTitle(p, name), Value: row.Value, Region: row.Region, From: row.From.String(), To: row.To.String(), Document: row.Document,
				Elsewhere: row.Region != region, Kind: p.Word("paramkind", string(k))}
			for _, other := range slices.Backward(params.Rows(name)) {
				if other.Region != row.Region {
					continue
				}
				r.History = append(r.History, other)
				if on.Before(other.From) {
					r.Next = other.From.String()
				}
			}
			rows = append(rows, r)
		}
	}
	return rows
}

type paramsView struct {
	Page
	Region  string
	Kind    casework.ParamKind
	On      string
	Edition int
	Chips   []Chip
	Sets    []setRow
	Rows    []inForceRow
}

func (s *Server) paramsPage(v *visit) (answer, error) {
	params, edition, err := s.params(v.Context())
	if err != nil {
		return answer{}, err
	}
	q := v.URL.Query()
	view := paramsView{Page: s.page(v, s.words.text(v.lang, "nav.params"), "params"), Region: cmp.Or(q.Get("region"), s.cfg.Region), Kind: casework.ParamKind(q.Get("kind")), Edition: edition}
	on, err := casework.ParseDate(q.Get("on"))
	if err != nil {
		on = casework.DateOf(s.cfg.Now())
	}
	view.On = on.String()
	sets, err := s.cfg.Store.ParamSets(v.Context(), store.ParamFilter{})
	if err != nil {
		return answer{}, fmt.Errorf("parameters: %w", err)
	}
	counts := map[casework.ParamKind]int{}
	for _, set := range sets {
		counts[set.Kind]++
		counts[""]++
		if view.Kind == "" || view.Kind == set.Kind {
			view.Sets = append(view.Sets, setRowOf(view.Page, set))
		}
	}
	for _, kind := range append([]casework.ParamKind{""}, casework.ParamKinds()...) {
		text := view.T("filter.all")
		if kind != "" {
			text = view.Word("paramkind", string(kind))
		}
		href := "/params?" + url.Values{"kind": {string(kind)}, "region": {view.Region}, "on": {view.On}}.Encode()
		view.Chips = append(view.Chips, Chip{Text: text, Href: href, Active: kind == view.Kind, Count: strconv.Itoa(counts[kind])})
	}
	view.Rows = inForce(view.Page, params, view.Region, view.Kind, on)
	return page("params", view)
}

// paramField is one input of the draft form.
type paramField struct {
	Name, Title, Value, Was string
	Form                    string // how it is written
	Source                  string // where the value in force comes from
	Wrong                   string
}

type paramEditView struct {
	Page
	In      paramIn
	Kinds   []Option
	Fields  []paramField
	Scheme  bool // a new scheme can be named
	NewName string
	NewText string
	Wrong   map[string]string
	General []string
	Start   string
	Refused sentences
}

// newParamsPage is the form of a draft. It starts from the values in force in a
// region on a day, or from what another set says.
func (s *Server) newParamsPage(v *visit) (answer, error) {
	q := v.URL.Query()
	in := paramIn{Region: cmp.Or(q.Get("region"), s.cfg.Region), Kind: casework.ParamKind(cmp.Or(q.Get("kind"), string(casework.WageParams))), Values: map[string]string{}}
	if from, err := casework.ParseDate(q.Get("from")); err == nil {
		in.From = from
	}
	if start := q.Get("start"); start != "" {
		set, err := s.cfg.Store.ParamSet(v.Context(), start)
		if err != nil {
			return answer{}, fmt.Errorf("parameters: %w", err)
		}
		in = showParams(set).paramIn
	}
	view, err := s.paramEdit(v, in)
	if err != nil {
		return answer{}, err
	}
	view.Start = q.Get("start")
	return page("paramedit", view)
}

// paramEdit lays the form out.
func (s *Server) paramEdit(v *visit, in paramIn) (paramEditView, error) {
	params, _, err := s.params(v.Context())
	if err != nil {
		return paramEditView{}, err
	}
	view := paramEditView{Page: s.page(v, s.words.text(v.lang, "params.new"), "params"), In: in, Wrong: map[string]string{}, Scheme: in.Kind == casework.UnemploymentParams}
	view.Path = "/params/new"
	for _, kind := range casework.ParamKinds() {
		view.Kinds = append(view.Kinds, Option{Value: string(kind), Text: view.Word("paramkind", string(kind)), Chosen: kind == in.Kind})
	}
	on := in.From
	if on.IsZero() {
		on = casework.DateOf(s.cfg.Now())
	}
	values := params.For(in.Region, on)
	for _, name := range params.Names() {
		if casework.KindOfParam(name) != in.Kind || benefits.Form(name) == "" {
			continue
		}
		f := paramField{Name: name, Title: paramTitle(view.Page, name), Form: view.Word("paramform", benefits.Form(name)), Source: view.T("params.none")}
		if row, err := values.Row(name); err == nil {
			f.Was, f.Value, f.Source = row.Value, row.Value, row.Region+" · "+row.From.String()+" · "+row.Document
		}
		if given, ok := in.Values[name]; ok {
			f.Value = given
		}
		view.Fields = append(view.Fields, f)
	}
	for _, name := range in.set().Names() { // a scheme that is new
		if !slices.ContainsFunc(view.Fields, func(f paramField) bool { return f.Name == name }) {
			view.NewName, view.NewText = strings.TrimPrefix(name, schemePrefix), in.Values[name]
		}
	}
	return view, nil
}

const schemePrefix = "unemployment_benefit.scheme."

// paramForm reads what the form says. Only what differs from the value that was
// shown belongs to the set, so that a value of the country goes on to hold.
func paramForm(v *visit) (in paramIn, wrong map[string]string) {
	wrong = map[string]string{}
	in = paramIn{Region: strings.TrimSpace(v.form.Get("region")), Kind: casework.ParamKind(v.form.Get("kind")), Document: strings.TrimSpace(v.form.Get("document")),
		Note: strings.TrimSpace(v.form.Get("note")), Values: map[string]string{}}
	for name, into := range map[string]*casework.Date{"from": &in.From, "to": &in.To} {
		if into.UnmarshalText([]byte(strings.TrimSpace(v.form.Get(name)))) != nil {
			wrong[name] = "params.wrong.day"
		}
	}
	for field := range v.form {
		name, ok := strings.CutPrefix(field, "value:")
		value := strings.TrimSpace(v.form.Get(field))
		if ok && value != strings.TrimSpace(v.form.Get("was:"+name)) {
			in.Values[name] = value
		}
	}
	if name := strings.TrimSpace(v.form.Get("scheme_name")); name != "" {
		in.Values[schemePrefix+name] = strings.TrimSpace(v.form.Get("scheme_bands"))
	}
	return in, wrong
}

// newParamsForm keeps a draft, with the scan if it came along.
func (s *Server) newParamsForm(v *visit) (answer, error) {
	in, wrong := paramForm(v)
	view, err := s.paramEdit(v, in)
	if err != nil {
		return answer{}, err
	}
	for i, f := range view.Fields {
		view.Fields[i].Was = v.form.Get("was:" + f.Name)
	}
	scan, kind, err := scanOf(v)
	if r, ok := errors.AsType[*refusal](err); ok {
		view.Wrong["scan"] = s.words.sentences(v.lang, r.Code, r.Detail).What
	}
	for field, key := range wrong {
		view.Wrong[field] = view.T(key)
	}
	if len(view.Wrong) > 0 {
		return answer{Status: http.StatusUnprocessableEntity, Template: "paramedit", View: view}, nil
	}
	saved, m, err := s.saveParams(v, view.Page, in)
	if err != nil {
		return answer{}, err
	}
	if !m.none() {
		view.Wrong, view.General = m.Fields, m.General
		for i, f := range view.Fields {
			view.Fields[i].Wrong = m.Fields["value:"+f.Name]
		}
		if view.NewName != "" {
			view.Wrong["scheme"] = m.Fields["value:"+schemePrefix+view.NewName]
		}
		return answer{Status: http.StatusUnprocessableEntity, Template: "paramedit", View: view}, nil
	}
	if kind != "" {
		if err := s.cfg.Store.AttachScan(v.Context(), v.actor, saved.ID, fileName(scan.Name), kind, scan.Data); err != nil {
			return answer{}, fmt.Errorf("parameters: %w", err)
		}
	}
	s.flash(v, "ok", "flash.params_draft")
	return redirect("/params/" + saved.ID)
}

// changeRow is one value of a set beside the one it replaces.
type changeRow struct {
	Title, Before, After, Source string
}

type paramTrialRow struct {
	At, By, Name, Report    string
	Passed, Failed, Unknown int
	Stale                   bool
	Tone                    string
}

type recalcRow struct {
	Number, Href           string
	State                  Pill
	Monthly, Owed, Overpay string
	Failed                 bool
}

type paramSetView struct {
	Page
	Set     setRow
	Note    string
	Hash    string
	Scan    string // file name, "" for none
	IsPDF   bool
	Changes []changeRow
	Weighed bool // it fits what is in force, so that its effect can be told
	Effect  effect
	Broken  paramMistakes // it no longer fits what is in force
	Trials  []paramTrialRow
	Recalcs []recalcRow
	Recalc  struct {
		Retro, Done    bool
		Count          int
		Owed, Overpaid casework.Fen
	}
	Events []eventRow
	// What the person may do now.
	CanWrite, CanTry, CanRelease, CanRefuse, CanWithdraw bool
	Alone                                                bool // they wrote it
	Missing                                              []string
	Differs                                              int // examples that differ in the last evaluation
	Any                                                  bool
}

func (s *Server) paramSetPage(v *visit) (answer, error) {
	set, err := s.cfg.Store.ParamSet(v.Context(), v.PathValue("id"))
	if err != nil {
		return answer{}, fmt.Errorf("parameters: %w", err)
	}
	p := s.page(v, set.Document, "params")
	view := paramSetView{Page: p, Set: setRowOf(p, set), Note: set.Note, Hash: set.Hash, Scan: set.Scan.Name, IsPDF: set.Scan.MIME == "application/pdf"}
	if set.Scan.SHA256 != "" && view.Scan == "" {
		view.Scan = p.T("params.scan")
	}
	edition, err := s.paramEffect(v, &view, set)
	if err != nil {
		return answer{}, err
	}
	if err := s.paramPast(v, &view, set, edition); err != nil {
		return answer{}, err
	}
	view.actions(v, set, casework.DateOf(s.cfg.Now()))
	return page("paramset", view)
}

// paramEffect fills in what changes: against the parameters as they stand for a
// draft, against the edition before it for a set that was released.
func (s *Server) paramEffect(v *visit, view *paramSetView, set store.ParamSet) (edition int, err error) {
	before, edition, err := s.params(v.Context())
	if err != nil {
		return 0, err
	}
	from := edition + 1
	if set.Edition > 0 {
		if before, err = s.cfg.Editions.At(v.Context(), set.Edition-1); err != nil {
			return 0, err
		}
		from = set.Edition
	}
	after, m := judgeParams(view.Page, before, set.ParamSet)
	view.Broken = m
	values := before.For(set.Region, set.From)
	for _, name := range set.Names() {
		row := changeRow{Title: paramTitle(view.Page, name), After: set.Values[name], Source: view.T("params.none")}
		if was, err := values.Row(name); err == nil {
			row.Before, row.Source = was.Value, was.Region+" · "+was.From.String()+" · "+was.Document
		}
		view.Changes = append(view.Changes, row)
	}
	if view.Weighed = m.none(); view.Weighed {
		view.Effect, err = s.effectOf(v.Context(), view.Page, set, before, after, from)
	}
	return edition, err
}

// paramPast adds the evaluations, the recalculations and what happened.
func (s *Server) paramPast(v *visit, view *paramSetView, set store.ParamSet, edition int) error {
	trials, err := s.cfg.Store.ParamTrials(v.Context(), set.ID)
	if err != nil {
		return fmt.Errorf("parameters: %w", err)
	}
	for i, t := range trials {
		row := paramTrialRow{At: view.Time(t.At), By: t.By, Name: cmp.Or(t.Name, view.T("params.examples.own")), Report: t.Report, Passed: t.Passed, Failed: t.Failed, Unknown: t.Unknown,
			Stale: set.State == store.ParamDraft && t.Edition != edition, Tone: "ok"}
		if t.Failed > 0 || t.Passed == 0 {
			row.Tone = "bad"
		}
		if i == 0 {
			view.Differs = t.Failed
		}
		view.Trials = append(view.Trials, row)
	}
	if set.State == store.ParamDraft {
		if set.Scan.SHA256 == "" {
			view.Missing = append(view.Missing, view.T("params.missing.scan"))
		}
		if len(trials) == 0 || view.Trials[0].Stale || trials[0].Passed+trials[0].Failed == 0 {
			view.Missing = append(view.Missing, view.T("params.missing.examples"))
		}
	}
	recalcs, err := s.cfg.Store.Recalculations(v.Context(), set.ID)
	if err != nil {
		return fmt.Errorf("parameters: %w", err)
	}
	view.Recalc.Retro, view.Recalc.Done, view.Recalc.Count = set.Retro, !set.Recalculated.IsZero(), len(recalcs)
	for i, r := range recalcs {
		view.Recalc.Owed, view.Recalc.Overpaid = view.Recalc.Owed+r.Owed, view.Recalc.Overpaid+r.Overpaid
		if i >= effectShown {
			continue
		}
		row := recalcRow{Number: r.Number, Href: "/cases/" + r.CaseID, Monthly: signed(r.Monthly), Owed: r.Owed.String(), Overpay: r.Overpaid.String(), Failed: r.Number == ""}
		row.State = view.pill("state.case", string(r.State))
		if r.Outcome != "" {
			row.State = view.pill("outcome", r.Outcome)
		}
		view.Recalcs = append(view.Recalcs, row)
	}
	events, err := s.cfg.Store.ParamEvents(v.Context(), set.ID)
	if err != nil {
		return fmt.Errorf("parameters: %w", err)
	}
	for _, e := range events {
		view.Events = append(view.Events, eventRow{At: view.Time(e.At), By: e.By, To: view.Word("paramaction", e.Action), Reason: e.Reason})
	}
	return nil
}

func (view *paramSetView) actions(v *visit, set store.ParamSet, today casework.Date) {
	draft, wrote := set.State == store.ParamDraft, v.actor.ID == set.AuthorID || v.actor.Name == set.Author
	release := v.may[mayReleaseParam]
	view.CanWrite = v.may[mayWriteParam]
	view.CanTry = draft && (release || view.CanWrite) && view.Broken.none()
	view.CanRelease = draft && release && !wrote && len(view.Missing) == 0 && view.Broken.none()
	view.CanRefuse = draft && release && !wrote
	view.CanWithdraw = draft && (release || view.CanWrite) || set.State == store.ParamReleased && release && !wrote && today.Before(set.From)
	view.Alone = draft && release && wrote
	view.Any = view.CanRelease || view.CanRefuse || view.CanWithdraw || view.Alone || draft && release
}
