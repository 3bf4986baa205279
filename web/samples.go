package web

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/materials"
	"github.com/jingban/jingban/store"
)

// The sample audit (事后抽检): two people judge each drawn case blind, a third
// settles what differs. Whoever judges sees the papers and what the applicant
// stated, nothing of the machine's and nobody's name.

// sampleRow is one draw.
type sampleRow struct {
	ID, Drawn, Period, By string
	Size, From, Settled   int
}

type samplesView struct {
	Page
	Rows []sampleRow
}

func (s *Server) samplesPage(v *visit) (answer, error) {
	samples, err := s.cfg.Store.Samples(v.Context())
	if err != nil {
		return answer{}, fmt.Errorf("samples: %w", err)
	}
	p := s.page(v, s.words.text(v.lang, "nav.samples"), "samples")
	view := samplesView{Page: p}
	for _, one := range samples {
		view.Rows = append(view.Rows, rowOfSample(p, one))
	}
	return page("samples", view)
}

// sampleOut is one draw; its report stands in the answer for one.
type sampleOut struct {
	ID      string                 `json:"id"`
	Since   time.Time              `json:"since"`
	Until   time.Time              `json:"until"`
	From    int                    `json:"drawn_from"`
	Cases   int                    `json:"cases"`
	Settled int                    `json:"settled"`
	Report  *materials.AuditReport `json:"report,omitempty"`
}

func showSample(s store.Sample) sampleOut {
	return sampleOut{ID: s.ID, Since: s.Since, Until: s.Until, From: s.From, Cases: s.Size, Settled: s.Settled}
}

func (s *Server) apiSamples(v *visit) (answer, error) {
	samples, err := s.cfg.Store.Samples(v.Context())
	if err != nil {
		return answer{}, fmt.Errorf("samples: %w", err)
	}
	return listed(samples, "", showSample)
}

func (s *Server) apiSample(v *visit) (answer, error) {
	id := v.PathValue("id")
	sample, err := s.cfg.Store.Sample(v.Context(), id)
	if err != nil {
		return answer{}, fmt.Errorf("sample %s: %w", id, err)
	}
	cases, err := s.cfg.Store.SampleCases(v.Context(), id)
	if err != nil {
		return answer{}, fmt.Errorf("sample %s: %w", id, err)
	}
	out, report := showSample(sample), materials.Audit(store.AuditCases(cases))
	out.Report = &report
	return reply(out)
}

func rowOfSample(p Page, s store.Sample) sampleRow {
	period := casework.DateOf(s.Since).String() + " – " + casework.DateOf(s.Until.Add(-1)).String()
	return sampleRow{ID: s.ID, Drawn: p.Stamp(s.At), Period: period, By: s.By, Size: s.Size, From: s.From, Settled: s.Settled}
}

// figure is one rate of a report with its interval.
type figure struct {
	Label, Value, Counts, Interval string
}

// drawnRow is one case of a draw. What the machine said shows once it is settled.
type drawnRow struct {
	Place, Labels           int
	Stratum, Machine, Truth string
	State                   Pill
	Settled                 bool
}

type auditRow struct{ Rule, Text, Wrong, Missed string }

type sampleView struct {
	Page
	Sample  sampleRow
	Figures []figure
	Rules   []auditRow
	Places  []drawnRow
	Next    int // place that waits for who looks, 0 for none
	Small   bool
}

// enough is the size from which a month's sample counts (domain sheet 95 §5).
const enough = 200

func (s *Server) samplePage(v *visit) (answer, error) {
	id := v.PathValue("id")
	sample, err := s.cfg.Store.Sample(v.Context(), id)
	if err != nil {
		return answer{}, fmt.Errorf("sample %s: %w", id, err)
	}
	cases, err := s.cfg.Store.SampleCases(v.Context(), id)
	if err != nil {
		return answer{}, fmt.Errorf("sample %s: %w", id, err)
	}
	report := materials.Audit(store.AuditCases(cases))
	p := s.page(v, s.words.text(v.lang, "nav.samples"), "samples")
	view := sampleView{Page: p, Sample: rowOfSample(p, sample), Figures: figures(p, report), Small: report.Settled < enough}
	known := s.rules()
	for _, r := range report.Rules {
		row := auditRow{Rule: r.Rule, Text: r.Rule, Wrong: rateText(r.Blocks), Missed: rateText(r.Faults)}
		if k, ok := known[r.Rule]; ok {
			row.Text = p.pick(k.Title.Zh, k.Title.En)
		}
		view.Rules = append(view.Rules, row)
	}
	for _, c := range cases {
		view.Places = append(view.Places, s.drawnRow(p, c))
	}
	if p.May(mayLabel) {
		view.Next = nextFor(cases, v.actor.ID, 0)
	}
	return page("sample", view)
}

// nextFor gives the first place after one that a person can speak of, 0 for none.
func nextFor(cases []store.SampleCase, person string, after int) int {
	waits := func(c store.SampleCase) bool { return c.State() != store.SampleSettled && !c.LabelledBy(person) }
	for _, later := range []bool{true, false} {
		i := slices.IndexFunc(cases, func(c store.SampleCase) bool { return waits(c) && (c.Place > after) == later })
		if i >= 0 {
			return cases[i].Place
		}
	}
	return 0
}

func (s *Server) drawnRow(p Page, c store.SampleCase) drawnRow {
	row := drawnRow{Place: c.Place, Labels: len(c.Labels), State: p.pill("state.sample", string(c.State()))}
	truth, settled := c.Truth()
	if !settled {
		return row
	}
	row.Settled, row.Stratum = true, s.matterTitle(p, c.Matter())
	row.Machine, row.Truth = p.Word("verdict", string(c.Verdict)), p.Word("verdict", string(truth.Verdict))
	return row
}

func figures(p Page, r materials.AuditReport) []figure {
	var out []figure
	for _, f := range []struct {
		label string
		share materials.Share
	}{{"sample.accuracy", r.Accuracy}, {"sample.wrong", r.WrongBlocks}, {"sample.missed", r.Missed}, {"sample.passed", r.WrongPassed}} {
		one := figure{Label: p.T(f.label), Value: "—", Interval: p.T("sample.nothing.yet"), Counts: p.T("sample.counts", f.share.Part, f.share.Of)}
		if f.share.Of > 0 {
			one.Value = fmt.Sprintf("%.1f%%", 100*f.share.Value)
			one.Interval = p.T("sample.interval", fmt.Sprintf("%.1f", 100*f.share.Low), fmt.Sprintf("%.1f", 100*f.share.High))
		}
		out = append(out, one)
	}
	return out
}

func rateText(s materials.Share) string {
	if s.Of == 0 {
		return "—"
	}
	return fmt.Sprintf("%d / %d (%.1f–%.1f%%)", s.Part, s.Of, 100*s.Low, 100*s.High)
}

// faultChoice is one rule that may be broken.
type faultChoice struct{ Rule, Text string }

// opinion is what one of two said, without a name.
type opinion struct {
	Verdict string
	Faults  []string
}

type drawnView struct {
	Page
	ID       string
	Place    int
	Matter   string
	Person   casework.Person
	Sheets   []sheet
	Verdicts []Chip // Href holds the value
	Faults   []faultChoice
	Opinions []opinion // of a case to be settled
	CanLabel bool
}

func (s *Server) drawnPage(v *visit) (answer, error) {
	drawn, err := s.drawn(v)
	if err != nil {
		return answer{}, err
	}
	c, err := s.cfg.Store.Case(v.Context(), drawn.CaseID)
	if err != nil {
		return answer{}, fmt.Errorf("drawn case: %w", err)
	}
	if err := s.reveal(v, c.ID, "audit"); err != nil {
		return answer{}, err
	}
	p := s.page(v, s.words.text(v.lang, "drawn.title", drawn.Place), "samples")
	view := drawnView{Page: p, ID: drawn.SampleID, Place: drawn.Place, Matter: s.matterTitle(p, c.Matter), Person: c.Applicant,
		CanLabel: drawn.State() != store.SampleSettled && !drawn.LabelledBy(v.actor.ID), Faults: s.faultChoices(p)}
	papers, err := s.dossier(v.Context(), p, c, casework.Assessment{}) // nothing of the machine's
	if err != nil {
		return answer{}, err
	}
	for _, sheet := range papers.Sheets {
		sheet.Quality, sheet.State, sheet.Marks = nil, Pill{}, nil
		view.Sheets = append(view.Sheets, sheet)
	}
	for _, verdict := range []casework.Verdict{casework.AutoPass, casework.ReturnForCorrection, casework.ProposeReject} {
		view.Verdicts = append(view.Verdicts, Chip{Text: p.Word("verdict", string(verdict)), Href: string(verdict)})
	}
	if drawn.State() == store.SampleDiffers && view.CanLabel {
		view.Opinions = s.opinions(p, drawn)
	}
	return page("drawn", view)
}

// opinions gives what two people said, in an order that tells nothing.
func (s *Server) opinions(p Page, c store.SampleCase) []opinion {
	known := s.rules()
	var out []opinion
	for _, l := range c.Labels {
		one := opinion{Verdict: p.Word("verdict", string(l.Verdict))}
		for _, rule := range l.Faults {
			one.Faults = append(one.Faults, p.pick(known[rule].Title.Zh, known[rule].Title.En))
		}
		out = append(out, one)
	}
	return out
}

// drawn finds the place that an address names.
func (s *Server) drawn(v *visit) (store.SampleCase, error) {
	place, err := strconv.Atoi(v.PathValue("place"))
	if err != nil {
		return store.SampleCase{}, store.ErrNotFound
	}
	cases, err := s.cfg.Store.SampleCases(v.Context(), v.PathValue("id"))
	if err != nil {
		return store.SampleCase{}, fmt.Errorf("sample: %w", err)
	}
	i := slices.IndexFunc(cases, func(c store.SampleCase) bool { return c.Place == place })
	if i < 0 {
		return store.SampleCase{}, store.ErrNotFound
	}
	return cases[i], nil
}

// faultChoices are the rules people can judge by the papers: those that accuse
// one of something.
func (s *Server) faultChoices(p Page) []faultChoice {
	if s.cfg.Catalog == nil {
		return nil
	}
	var out []faultChoice
	for _, r := range s.cfg.Catalog.Rules() {
		if !r.Doubt && r.Severity != casework.Info {
			out = append(out, faultChoice{r.Name, p.pick(r.Title.Zh, r.Title.En)})
		}
	}
	return out
}

func (s *Server) labelForm(v *visit) (answer, error) {
	place, err := strconv.Atoi(v.PathValue("place"))
	if err != nil {
		return answer{}, store.ErrNotFound
	}
	id, known := v.PathValue("id"), s.rules()
	label := store.SampleLabel{Verdict: casework.Verdict(v.form.Get("verdict"))}
	for _, rule := range v.form["fault"] {
		if _, ok := known[rule]; !ok {
			return answer{}, refuse(http.StatusUnprocessableEntity, "input_invalid").with("fields", "fault")
		}
		label.Faults = append(label.Faults, rule)
	}
	if err := s.cfg.Store.LabelSample(v.Context(), v.actor, id, place, label); err != nil && !errors.Is(err, store.ErrConflict) {
		return answer{}, fmt.Errorf("label of sample %s: %w", id, err)
	} else if err != nil {
		return answer{}, refuse(http.StatusConflict, "already_judged")
	}
	cases, err := s.cfg.Store.SampleCases(v.Context(), id)
	if err != nil {
		return answer{}, fmt.Errorf("sample %s: %w", id, err)
	}
	s.flash(v, "ok", "flash.labelled")
	if next := nextFor(cases, v.actor.ID, place); next > 0 {
		return redirect(fmt.Sprintf("/samples/%s/%d", id, next))
	}
	return redirect("/samples/" + id)
}
