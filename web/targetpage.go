package web

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

// seatRow is one seat of a target, drawn as a square.
type seatRow struct {
	Number int
	Taken  bool
	Text   string // who sits there since when
	Href   string
}

// closedRow is one span of closed days that is not over.
type closedRow struct {
	From, To, Name string
	Now            bool
}

type targetRow struct {
	Name, Title string
	State       Pill
	Why         string // why nothing is started now
	Reason      string // the fault behind it
	Until       string
	Seats       []seatRow
	Taken       int
	Total       int
	Quota       meter
	Waiting     int
	Hours       []string
	Closed      []closedRow
	PerMinute   int
	LastStart   int
	Canary      Pill
	Killed      bool
	CanResume   bool
	Account     accountRow
}

type accountRow struct {
	Name, Responsible, Approval, Scope string
	Expires                            string
	ExpiresTone                        string
	Password                           Pill
	Age                                meter // days of the password used up
	HasAge                             bool
	PendingBy                          string
	In                                 accountIn // as it stands, for the form
}

type killRow struct{ Scope, Name, By, Reason, At string }

type targetsView struct {
	Page
	Targets   []targetRow
	Kills     []killRow
	Playbooks []Option // that may be switched off
	KilledAll bool
}

func (s *Server) targetsPage(v *visit) (answer, error) {
	ctx := v.Context()
	targets, err := s.cfg.Store.Targets(ctx)
	if err != nil {
		return answer{}, fmt.Errorf("targets: %w", err)
	}
	accounts, err := s.cfg.Store.Accounts(ctx)
	if err != nil {
		return answer{}, fmt.Errorf("accounts: %w", err)
	}
	kills, err := s.cfg.Store.Kills(ctx)
	if err != nil {
		return answer{}, fmt.Errorf("kill switches: %w", err)
	}
	view := targetsView{Page: s.page(v, s.words.text(v.lang, "nav.targets"), "targets")}
	for _, t := range targets {
		view.Targets = append(view.Targets, s.targetRow(view.Page, t, accounts))
	}
	for _, k := range kills {
		view.KilledAll = view.KilledAll || k.Scope == "all"
		view.Kills = append(view.Kills, killRow{Scope: k.Scope, Name: s.scopeName(view.Page, k.Scope), By: k.By, Reason: k.Reason, At: view.Time(k.At)})
	}
	for _, pb := range s.cfg.Library.Playbooks() {
		view.Playbooks = append(view.Playbooks, Option{Value: "playbook:" + pb.Name, Text: s.flowTitle(view.Page, pb.Name)})
	}
	return page("targets", view)
}

func (s *Server) scopeName(p Page, scope string) string {
	kind, name, _ := strings.Cut(scope, ":")
	switch kind {
	case "target":
		return s.targetTitle(p, name)
	case "playbook":
		return s.flowTitle(p, name)
	}
	return p.T("kill.all")
}

// targetTitle names a foreign system as its file does.
func (s *Server) targetTitle(p Page, name string) string {
	system := s.cfg.Library.Systems()[name]
	return cmp.Or(p.pick(system.Title.Zh, system.Title.En), name)
}

func (s *Server) targetRow(p Page, t store.Target, accounts []store.Account) targetRow {
	today := casework.DateOf(s.cfg.Now())
	row := targetRow{
		Name: t.Name, Title: s.targetTitle(p, t.Name), State: p.pill("state.target", string(t.State)), Taken: t.SeatsTaken, Total: t.Limits.SeatCount(),
		Quota: meterOf(t.UsedToday, t.Limits.PerDay), Waiting: t.Waiting, Hours: t.Limits.Hours, PerMinute: t.Limits.PerMinute, LastStart: t.Limits.LastStart,
		Killed: t.Killed, CanResume: t.State == store.TargetStopped || t.State == store.TargetPaused,
	}
	if t.State == store.TargetOpen {
		row.State.Tone = "ok"
	}
	if t.Killed {
		row.State = Pill{Tone: "bad", Text: p.Word("why", "killed")}
	} else if t.Why != "" {
		row.Why = p.Word("why", t.Why)
	}
	if t.Reason != "" && t.State != store.TargetOpen {
		row.Reason = s.endText(p, t.Reason)
	}
	if t.State == store.TargetPaused {
		row.Until = p.Time(t.Until)
	}
	if t.Limits.Canary && t.Why != "canary_due" {
		row.Canary = Pill{Tone: "warn", Text: p.T("canary.due")}
		if t.CanaryDay == today {
			row.Canary = Pill{Tone: "ok", Text: p.T("canary.done")}
		}
	}
	for _, seat := range t.Seats {
		row.Seats = append(row.Seats, seatRowOf(p, seat))
	}
	for _, c := range t.Limits.Closed {
		if !c.To.Before(today) {
			row.Closed = append(row.Closed, closedRow{c.From.String(), c.To.String(), c.Name, !today.Before(c.From)})
		}
	}
	if i := slices.IndexFunc(accounts, func(a store.Account) bool { return a.Name == t.Account }); i >= 0 {
		row.Account = accountRowOf(p, accounts[i], today)
	}
	return row
}

func seatRowOf(p Page, seat store.Seat) seatRow {
	row := seatRow{Number: seat.Number, Taken: seat.Holder != "", Text: p.T("seat.free", seat.Number)}
	if row.Taken {
		row.Text = p.T("seat.taken", seat.Number, p.Time(seat.TakenAt))
		if len(seat.Holder) == len(casework.NewID()) { // a run; else a look or a dry run
			row.Href = "/runs/" + seat.Holder
		}
	}
	return row
}

func accountRowOf(p Page, a store.Account, today casework.Date) accountRow {
	row := accountRow{
		Name: a.Name, Responsible: a.Responsible, Approval: a.Approval, Scope: a.Scope, Expires: a.Expires.String(), PendingBy: a.PendingBy,
		In: accountIn{a.Responsible, a.Approval, a.Scope, a.Expires, a.PasswordSet, a.PasswordDays},
	}
	switch {
	case a.Expires.IsZero():
		row.Expires = p.T("account.unlimited")
	case a.Expires.Before(today):
		row.ExpiresTone = "late"
	}
	switch {
	case a.PasswordDays <= 0 || a.PasswordSet.IsZero():
		row.Password = Pill{Tone: "mute", Text: p.T("password.ageless")}
	default:
		row.HasAge = true
		row.Age = meterOf(a.PasswordDays-a.PasswordLeft, a.PasswordDays)
		row.Password = Pill{Tone: "ok", Text: p.T("password.left", a.PasswordLeft)}
		switch {
		case a.PasswordLeft < 0:
			row.Password = Pill{Tone: "bad", Text: p.T("password.over")}
		case a.PasswordLeft <= 3:
			row.Password.Tone = "bad"
		case a.PasswordLeft <= 14:
			row.Password.Tone = "warn"
		}
	}
	return row
}

// limitsForm is the form of a target's limits, as it was typed.
type limitsForm struct {
	From, Seats, PerMinute, PerDay, LastStart, Pause string
	Hours, Closed                                    string // one a line
	Canary                                           bool
}

type limitsRow struct {
	From, By, At string
	Text         string
}

type targetView struct {
	Page
	Target  targetRow
	Form    limitsForm
	Wrong   map[string]string
	Text    sentences
	History []limitsRow
	Today   string
	Changed []changedPage // pages that are not as they were approved
}

func (s *Server) targetPage(v *visit) (answer, error) {
	view, err := s.targetView(v)
	if err != nil {
		return answer{}, err
	}
	return page("target", view)
}

func (s *Server) targetView(v *visit) (targetView, error) {
	t, err := s.cfg.Store.Target(v.Context(), v.PathValue("name"))
	if err != nil {
		return targetView{}, fmt.Errorf("target: %w", err)
	}
	accounts, err := s.cfg.Store.Accounts(v.Context())
	if err != nil {
		return targetView{}, fmt.Errorf("accounts: %w", err)
	}
	dated, err := s.cfg.Store.TargetLimits(v.Context(), t.Name)
	if err != nil {
		return targetView{}, fmt.Errorf("limits of target %s: %w", t.Name, err)
	}
	p := s.page(v, "", "targets")
	view := targetView{Page: p, Target: s.targetRow(p, t, accounts), Form: limitsFormOf(t.Limits, casework.DateOf(s.cfg.Now())), Wrong: map[string]string{}, Today: casework.DateOf(s.cfg.Now()).String()}
	if view.Changed, err = s.changedPages(v, p, t.Name); err != nil {
		return view, err
	}
	view.Title, view.Path = view.Target.Title, "/targets/"+t.Name
	for _, d := range dated {
		from := p.T("limits.shipped")
		if !d.From.IsZero() {
			from = d.From.String()
		}
		view.History = append(view.History, limitsRow{From: from, By: d.By, At: p.Time(d.At), Text: limitsText(p, d.Limits)})
	}
	return view, nil
}

func limitsText(p Page, l casework.Limits) string {
	parts := []string{p.T("limits.seats", l.SeatCount())}
	if l.PerDay > 0 {
		parts = append(parts, p.T("limits.day", l.PerDay))
	}
	if l.PerMinute > 0 {
		parts = append(parts, p.T("limits.minute", l.PerMinute))
	}
	if l.LastStart > 0 {
		parts = append(parts, p.T("limits.laststart", l.LastStart))
	}
	if l.Pause > 0 {
		parts = append(parts, p.T("limits.pause", l.Pause))
	}
	if l.Canary {
		parts = append(parts, p.T("limits.canary"))
	}
	parts = append(parts, l.Hours...)
	for _, c := range l.Closed {
		parts = append(parts, c.Name+" "+c.From.String()+"–"+c.To.String())
	}
	return strings.Join(parts, " · ")
}

func limitsFormOf(l casework.Limits, today casework.Date) limitsForm {
	f := limitsForm{
		From: today.String(), Seats: strconv.Itoa(l.SeatCount()), PerMinute: strconv.Itoa(l.PerMinute), PerDay: strconv.Itoa(l.PerDay),
		LastStart: strconv.Itoa(l.LastStart), Pause: strconv.Itoa(l.Pause), Hours: strings.Join(l.Hours, "\n"), Canary: l.Canary,
	}
	for _, c := range l.Closed {
		f.Closed += strings.TrimSpace(c.From.String()+" "+c.To.String()+" "+c.Name) + "\n"
	}
	return f
}

// targetForm takes new limits; what is wrong stands beside its field.
func (s *Server) targetForm(v *visit) (answer, error) {
	in, form, err := limitsOfForm(v)
	if err == nil {
		err = s.setTarget(v, in)
	}
	if r, ok := errors.AsType[*refusal](err); ok {
		view, err := s.targetView(v)
		if err != nil {
			return answer{}, err
		}
		view.Form, view.Text = form, s.words.sentences(v.lang, r.Code, map[string]string{"fields": view.fieldNames(r.Fields)})
		for _, field := range r.Fields {
			view.Wrong[field] = view.T("wrong." + field)
		}
		return answer{Status: r.Status, Template: "target", View: view}, nil
	}
	if err != nil {
		return answer{}, err
	}
	s.flash(v, "ok", "flash.limits")
	return redirect("/targets/" + v.PathValue("name"))
}

func limitsOfForm(v *visit) (limitsIn, limitsForm, error) {
	f := v.form
	form := limitsForm{From: f.Get("from"), Seats: f.Get("seats"), PerMinute: f.Get("per_minute"), PerDay: f.Get("per_day"), LastStart: f.Get("last_start"), Pause: f.Get("pause"),
		Hours: f.Get("hours"), Closed: f.Get("closed"), Canary: f.Get("canary") != ""}
	in := limitsIn{Limits: casework.Limits{Canary: form.Canary, Hours: textLines(form.Hours)}}
	var wrong []string
	number := func(text, field string, into *int) {
		n, err := strconv.Atoi(cmp.Or(strings.TrimSpace(text), "0"))
		if *into = n; err != nil {
			wrong = append(wrong, field)
		}
	}
	number(form.Seats, "seats", &in.Limits.Seats)
	number(form.PerMinute, "per_minute", &in.Limits.PerMinute)
	number(form.PerDay, "per_day", &in.Limits.PerDay)
	number(form.LastStart, "last_start", &in.Limits.LastStart)
	number(form.Pause, "pause", &in.Limits.Pause)
	if in.From.UnmarshalText([]byte(form.From)) != nil {
		wrong = append(wrong, "from")
	}
	for _, line := range textLines(form.Closed) {
		closed, ok := closedOf(line)
		if !ok {
			wrong = append(wrong, "closed")
		}
		in.Limits.Closed = append(in.Limits.Closed, closed)
	}
	if len(wrong) > 0 {
		r := refuse(http.StatusUnprocessableEntity, "input_invalid")
		r.Fields = wrong
		return in, form, r
	}
	return in, form, nil
}

func textLines(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// closedOf reads "2026-11-30 2026-12-02 年末封账"; one day stands for both.
func closedOf(line string) (casework.Closed, bool) {
	words := strings.Fields(line)
	from, err := casework.ParseDate(words[0])
	if err != nil {
		return casework.Closed{}, false
	}
	closed := casework.Closed{From: from, To: from}
	if len(words) > 1 {
		if to, err := casework.ParseDate(words[1]); err == nil {
			closed.To, words = to, words[1:]
		}
	}
	closed.Name = strings.Join(words[1:], " ")
	return closed, true
}
