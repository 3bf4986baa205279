package web

import (
	"bytes"
	"cmp"
	"context"
	_ "embed" // the trace's template
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

// A trace is one run as one HTML file: its timeline, pictures, values, journal
// and manifest. It needs no network and no script: pictures are inside, the
// language is switched by style sheet, and its policy forbids everything else,
// so that nothing a foreign page wrote can run or call home.

//go:embed trace.html
var traceText string

// both is a text in the two languages of a trace.
type both struct{ Zh, En string }

// traceView is what the template shows.
type traceView struct {
	Title, State, End both
	Tone              string
	Facts             []traceFact
	Kept              []traceFact
	Whole             bool
	Files             both
	Flaws             []both
	Marks             []traceMark
	Lanes             []traceLane
	Width, Height     int
	Steps             []traceStep
	Lines             []traceLine
}

type traceFact struct {
	Name  both
	Value string
}

// traceStep is one step with what it left behind.
type traceStep struct {
	Anchor  string
	Name    both
	State   both
	Tone    string
	When    string
	Entries []traceEntry
	Shots   []traceShot
	Values  []traceValue
	Dialogs []traceDialog
	Calls   []traceCall
	Failed  both // "" when no request failed
	Sources []traceShot
	Papers  []traceShot
	Gone    []traceShot
	Broken  []traceShot
}

type traceEntry struct {
	Seq        int64
	At, Tone   string
	Kind, Note both
	Data       string
}

type traceShot struct {
	Anchor, At, File string
	Name             both
	URL              template.URL // data: of a picture or paper
	Text             string
	Note             both
}

type traceValue struct {
	Label, Written, Read string
	Same, Upload         bool
}

type traceDialog struct {
	Kind, Text string
	Accepted   bool
	Known      bool // whether it was accepted is on record
}

type traceCall struct {
	At, Method, Where, Note string
	Status                  int
	Millis                  int64
	Bad                     bool
}

type traceLine struct {
	Seq             int64
	Step, File, SHA string
	Class           both
	Size, Link      string
	Removed         bool
}

// Trace writes a run as one self-contained HTML file. It holds personal data in
// full: the caller has proven that the reader may see it, and written that down.
func (s *Server) Trace(ctx context.Context, runID string) ([]byte, error) {
	story, err := s.runStory(ctx, runID)
	if err != nil {
		return nil, err
	}
	t := &tracer{server: s, story: story}
	if err := t.tell(ctx); err != nil {
		return nil, err
	}
	parsed, err := template.New("trace").Funcs(template.FuncMap{"say": t.say}).Parse(traceText)
	if err != nil {
		return nil, fmt.Errorf("template of the trace: %w", err)
	}
	var out bytes.Buffer
	if err := parsed.Execute(&out, t.view); err != nil {
		return nil, fmt.Errorf("trace of run %s: %w", runID, err)
	}
	return out.Bytes(), nil
}

// tracePage hands the trace out for saving.
func (s *Server) tracePage(v *visit) (answer, error) {
	run, err := s.cfg.Store.Run(v.Context(), v.PathValue("id"))
	if err != nil {
		return answer{}, fmt.Errorf("run: %w", err)
	}
	if err := s.noteLook(v, "trace", run.ID); err != nil {
		return answer{}, err
	}
	data, err := s.Trace(v.Context(), run.ID)
	if err != nil {
		return answer{}, err
	}
	return answer{Status: http.StatusOK, File: data, MIME: "text/html; charset=utf-8", Download: "run-" + digest(run.ID) + ".html"}, nil
}

// tracer gathers one run.
type tracer struct {
	server *Server
	story  runStory
	view   traceView
	steps  map[string]int
	people map[string]string // id → name of staff who answered
}

func (t *tracer) say(key string, args ...any) both {
	return both{t.server.words.text("zh", key, args...), t.server.words.text("en", key, args...)}
}

func (t *tracer) word(family, value string) both {
	return both{t.server.words.word("zh", family, value), t.server.words.word("en", family, value)}
}

// each gives a text that is made by a page of each language.
func (t *tracer) each(text func(Page) string) both {
	page := func(lang string) Page { return Page{Lang: lang, words: t.server.words, now: t.server.cfg.Now()} }
	return both{text(page("zh")), text(page("en"))}
}

func clock(at time.Time) string {
	if at.IsZero() {
		return "—"
	}
	return at.In(casework.China).Format("15:04:05.000")
}

func stamp(at time.Time) string { return at.In(casework.China).Format("2006-01-02 15:04:05") }

func (t *tracer) tell(ctx context.Context) error {
	if err := t.head(ctx); err != nil {
		return err
	}
	t.steps = map[string]int{}
	if err := t.staff(ctx); err != nil {
		return err
	}
	if t.story.Playbook != nil {
		for _, step := range t.story.Playbook.Steps {
			t.step(step.ID)
		}
	}
	for _, e := range t.story.Entries {
		t.entry(e)
	}
	for _, e := range t.story.Evidence {
		if err := t.evidence(ctx, e); err != nil {
			return err
		}
	}
	t.view.Steps = slices.DeleteFunc(t.view.Steps, func(s traceStep) bool { return s.When == "" && len(s.Shots) == 0 })
	t.timeline()
	return nil
}

// head says which run it is, and whether its evidence is whole.
func (t *tracer) head(ctx context.Context) error {
	r := t.story.Run
	number := digest(r.ID)
	if r.CaseID != "" {
		c, err := t.server.cfg.Store.Case(ctx, r.CaseID)
		if err != nil {
			return fmt.Errorf("case of run %s: %w", r.ID, err)
		}
		number = c.Number
	}
	v := &t.view
	v.Title = t.each(func(p Page) string { return t.server.flowTitle(p, r.Playbook) })
	v.State, v.Tone = t.word("state.run", string(r.State)), tone(string(r.State))
	if r.End != "" {
		v.End = t.each(func(p Page) string { return t.server.endText(p, r.End) })
	}
	for _, f := range [][2]string{{"case", number}, {"run", r.ID}, {"version", r.Version}, {"began", stamp(r.Created)}, {"ended", stamp(r.Updated)},
		{"attempts", fmt.Sprint(r.Attempt)}, {"made", stamp(t.server.cfg.Now())}} {
		v.Facts = append(v.Facts, traceFact{t.say("trace." + f[0]), f[1]})
	}
	report, err := t.server.cfg.Store.VerifyRun(ctx, r.ID, func(f store.Flaw) {
		flaw := t.say("flaw."+f.Code, f.Seq)
		if f.Name != "" {
			flaw = both{flaw.Zh + "：" + f.Name, flaw.En + ": " + f.Name}
		}
		v.Flaws = append(v.Flaws, flaw)
	})
	v.Whole, v.Files = report.Flaws == 0, t.say("trace.whole", report.Files)
	return err
}

// staff finds the names of those who may have answered.
func (t *tracer) staff(ctx context.Context) error {
	users, err := t.server.cfg.Store.Users(ctx)
	t.people = map[string]string{}
	for _, u := range users {
		t.people[u.ID] = u.Name
	}
	return err
}

func (t *tracer) step(id string) *traceStep {
	i, ok := t.steps[id]
	if !ok {
		name := t.each(func(p Page) string { return cmp.Or(stepTitle(p, t.story.Playbook, id), p.T("run.whole")) })
		i = len(t.view.Steps)
		t.view.Steps = append(t.view.Steps, traceStep{Anchor: anchorOf(i), Name: name})
		t.steps[id] = i
	}
	return &t.view.Steps[i]
}

func anchorOf(step int) string { return fmt.Sprintf("step%d", step+1) }

// entry adds one journal line to its step.
func (t *tracer) entry(e casework.Entry) {
	step, kind := t.step(e.Step), string(e.Kind)
	if passedOver(e) {
		kind = string(casework.Skipped)
	}
	if step.When == "" {
		step.When = stamp(e.At)
	}
	step.State, step.Tone = t.word("entry", kind), tone(kind)
	var data bytes.Buffer
	if json.Indent(&data, e.Data, "", "  ") != nil || data.String() == "{}" || data.String() == "null" {
		data.Reset()
	}
	step.Entries = append(step.Entries, traceEntry{Seq: e.Seq, At: clock(e.At), Tone: tone(kind), Kind: t.word("entry", kind), Note: t.note(e), Data: data.String()})
	t.keeps(e)
}

// lineData is what journal lines of any kind may say.
type lineData struct {
	Method, Path string
	Answer       json.RawMessage
	Rows         int
	Error        string
	Skipped      bool
	Kept         map[string]string
	Review       *struct{ Role, Reason string }
}

// note says in words what the line's data says.
func (t *tracer) note(e casework.Entry) both {
	var d lineData
	if json.Unmarshal(e.Data, &d) != nil {
		return both{}
	}
	var choice struct{ Choice, By string }
	switch {
	case e.Kind == casework.Parked && d.Review != nil:
		role, reason := t.word("role", d.Review.Role), t.each(func(p Page) string { return p.words.sentences(p.Lang, d.Review.Reason, nil).What })
		if d.Review.Reason != "" {
			role = both{role.Zh + "，" + reason.Zh, role.En + ", " + reason.En}
		}
		return both{t.say("trace.asked", role.Zh).Zh, t.say("trace.asked", role.En).En}
	case e.Kind == casework.Begun && json.Unmarshal(d.Answer, &choice) == nil && choice.Choice != "":
		name, by := t.word("choice", choice.Choice), cmp.Or(t.people[choice.By], choice.By)
		return both{t.say("trace.answered", by, name.Zh).Zh, t.say("trace.answered", by, name.En).En}
	case e.Kind == casework.Verified && d.Error != "":
		return t.say("trace.lookfailed", d.Error)
	case e.Kind == casework.Verified:
		answer := t.word("answer", strings.Trim(string(d.Answer), `"`))
		return both{t.say("trace.looked", answer.Zh, d.Rows).Zh, t.say("trace.looked", answer.En, d.Rows).En}
	case e.Kind == casework.Sent && d.Method != "":
		return t.say("trace.left", d.Method, d.Path)
	case d.Skipped:
		return t.say("trace.skipped")
	}
	return both{}
}

// keeps shows what a step has kept from the pages.
func (t *tracer) keeps(e casework.Entry) {
	var d lineData
	if e.Kind != casework.Happened || json.Unmarshal(e.Data, &d) != nil {
		return
	}
	for name, value := range d.Kept {
		t.view.Kept = append(t.view.Kept, traceFact{both{name, name}, value})
	}
	slices.SortStableFunc(t.view.Kept, func(a, b traceFact) int { return cmp.Compare(a.Name.Zh, b.Name.Zh) })
}

// evidence adds one file to its step and to the manifest.
func (t *tracer) evidence(ctx context.Context, e casework.Evidence) error {
	step := t.step(e.Step)
	t.view.Lines = append(t.view.Lines, traceLine{Seq: e.Seq, Step: e.Step, File: e.Name, SHA: e.SHA256, Class: t.word("keep", string(e.Class)),
		Size: kilobytes(e.Bytes), Link: e.Link, Removed: !e.Removed.IsZero()})
	shot := traceShot{Anchor: fmt.Sprintf("file%d", e.Seq), At: clock(e.At), File: e.Name, Name: t.each(func(p Page) string { return evidenceName(p, e) })}
	if !e.Removed.IsZero() {
		shot.Note = t.say("trace.gone", stamp(e.Removed))
		step.Gone = append(step.Gone, shot)
		return nil
	}
	data, err := t.server.cfg.Store.File(ctx, e.SHA256)
	if ctx.Err() != nil {
		return fmt.Errorf("file of evidence %s: %w", e.ID, err)
	}
	if err != nil { // said in the head, too: a trace of what is left is worth more than none
		shot.Note = t.say("flaw." + store.FlawFileChanged)
		step.Broken = append(step.Broken, shot)
		return nil
	}
	t.show(step, shot, e, data)
	return nil
}

func (t *tracer) show(step *traceStep, shot traceShot, e casework.Evidence, data []byte) {
	inline := template.URL("data:" + strings.Split(e.MIME, ";")[0] + ";base64," + base64.StdEncoding.EncodeToString(data)) //nolint:gosec // base64 of our own file
	switch {
	case e.Kind == casework.Screenshot && strings.HasPrefix(e.MIME, "image/"):
		shot.URL = inline
		step.Shots = append(step.Shots, shot)
	case e.Kind == casework.Values && step.values(data):
	case e.Kind == casework.Requests && step.calls(data):
		if bad := len(step.Calls) - len(slices.DeleteFunc(slices.Clone(step.Calls), func(c traceCall) bool { return c.Bad })); bad > 0 {
			step.Failed = t.say("trace.failures", bad)
		}
	case e.Kind == casework.Dialog && step.dialogs(e.MIME, data):
	case e.Kind == casework.DOM:
		shot.Text = string(data)
		step.Sources = append(step.Sources, shot)
	default:
		shot.URL = inline
		step.Papers = append(step.Papers, shot)
	}
}

// values takes what was written and read back; the last of several lists holds.
func (s *traceStep) values(data []byte) bool {
	var all []struct {
		Label    string `json:"label"`
		Written  string `json:"written"`
		ReadBack string `json:"read_back"`
	}
	if json.Unmarshal(data, &all) != nil {
		return false
	}
	s.Values = nil
	for _, v := range all {
		upload := v.ReadBack == "" && strings.HasPrefix(v.Written, "file ")
		s.Values = append(s.Values, traceValue{Label: v.Label, Written: v.Written, Read: v.ReadBack, Same: plainText(v.Written) == plainText(v.ReadBack), Upload: upload})
	}
	return true
}

func plainText(s string) string { return strings.Join(strings.Fields(s), "") }

// calls takes the requests; each list of a step holds those before it, too.
func (s *traceStep) calls(data []byte) bool {
	var all []struct {
		At         time.Time `json:"at"`
		Method     string    `json:"method"`
		Host, Path string
		Status     int
		Millis     int64 `json:"ms"`
		Note       string
	}
	if json.Unmarshal(data, &all) != nil {
		return false
	}
	s.Calls = nil
	for _, c := range all {
		s.Calls = append(s.Calls, traceCall{At: clock(c.At), Method: c.Method, Where: c.Host + c.Path, Note: c.Note, Status: c.Status, Millis: c.Millis,
			Bad: c.Status >= 400 || c.Status == 0})
	}
	return true
}

// dialogs takes the boxes that came up: a JSON list by kind, or the bare texts.
func (s *traceStep) dialogs(mime string, data []byte) bool {
	if !strings.HasPrefix(mime, "application/json") {
		if text := strings.TrimSpace(string(data)); text != "" && len(s.Dialogs) == 0 {
			s.Dialogs = append(s.Dialogs, traceDialog{Text: text})
		}
		return true
	}
	var all []traceDialog
	if json.Unmarshal(data, &all) != nil {
		return false
	}
	s.Dialogs = nil
	for _, d := range all {
		d.Known = true
		s.Dialogs = append(s.Dialogs, d)
	}
	return true
}

func kilobytes(n int64) string { return fmt.Sprintf("%.1f KB", float64(n)/1000) }
