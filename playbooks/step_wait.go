package playbooks

import (
	"context"
	"errors"
	"maps"
	"regexp"
	"strconv"
	"time"

	"github.com/jingban/jingban/casework"
)

// waitStep lets time pass: a span, or until a date. It ends early when the case
// event has come, or when a look at a page finds what is waited for. Meanwhile
// the run is a row: it holds no worker, no page and no person.
type waitStep struct {
	span   span  // how long at most
	until  *Expr // instead of span: a date
	from   *Expr // the day from which the span counts; nil: when the step began
	event  string
	look   *pageStep
	found  *Expr // over what look keeps
	every  time.Duration
	remind []reminder
	at     place
}

// reminder is a paper that is made when some of the time has passed.
type reminder struct {
	after span
	paper *paperStep
}

// lookEvery is how often a wait looks where the playbook does not say.
const lookEvery = 4 * time.Hour

// MaterialEvent is the one case event there is: an upload since the wait began.
const MaterialEvent = "material"

// span is a length of time as agencies count it: working days, calendar days, or
// hours and minutes.
type span struct {
	working, days int
	clock         time.Duration
}

func (d *decoder) span(f field, what string) span {
	text := d.text(f, what)
	m := regexp.MustCompile(`^([1-9]\d{0,3}) (working )?days?$`).FindStringSubmatch(text)
	if m == nil {
		if v, err := time.ParseDuration(text); err == nil && v > 0 {
			return span{clock: v}
		}
		d.errorf(placeOf(f.value), "bad_span", "%s: want a time like 15 working days, 3 days or 4h", what)
		return span{}
	}
	n, _ := strconv.Atoi(m[1]) // four digits
	if m[2] != "" {
		return span{working: n}
	}
	return span{days: n}
}

// end is the moment the span is over; days end with the day.
func (s span) end(ctx context.Context, t *turn, start time.Time) (time.Time, error) {
	day := casework.DateOf(start)
	switch {
	case s.working > 0:
		if t.Calendar == nil {
			return time.Time{}, casework.AskPerson("no_calendar", "there is no calendar of working days")
		}
		calendar, err := t.Calendar(ctx)
		if err != nil {
			return time.Time{}, err
		}
		last, err := calendar.Due(day, s.working)
		if err != nil {
			return time.Time{}, casework.AskPerson("no_calendar", "the end of %d working days: %w", s.working, err)
		}
		return last.AddDays(1).Time(), nil
	case s.days > 0:
		return day.AddDays(s.days + 1).Time(), nil
	}
	return start.Add(s.clock), nil
}

func readWaitStep(d *decoder, own field, all map[string]field) body {
	s := &waitStep{every: lookEvery, at: own.at, from: d.optionalExpr(all, "from", aText), event: d.optional(all, "event"), found: d.optionalExpr(all, "found", aBool)}
	if _, ok := d.scalar(own.value); ok {
		s.span = d.span(own, "wait")
	} else {
		fields := d.record(own.value, "wait", "until")
		if f, ok := d.need(fields, own.at, "wait", "until"); ok {
			s.until = d.expr(f, aText)
		}
	}
	if f, ok := all["look"]; ok {
		fields := d.record(f.value, "look", "page", "do", "keep")
		if page, ok := d.need(fields, f.at, "look", "page"); ok {
			s.look = readPageStep(d, page, fields)
		}
		d.need(all, f.at, "wait", "found")
	}
	if f, ok := all["every"]; ok {
		s.every = d.duration(f, "every")
	}
	if f, ok := all["remind"]; ok {
		for _, n := range d.list(f, "remind") {
			fields := d.record(n, "remind", "after", "paper", "with")
			after, timed := d.need(fields, placeOf(n), "remind", "after")
			paper, named := d.need(fields, placeOf(n), "remind", "paper")
			if timed && named {
				s.remind = append(s.remind, reminder{d.span(after, "after"), readPaper(d, paper, fields).(*paperStep)})
			}
		}
	}
	return s
}

func (s *waitStep) lint(l *linter, step *Step) {
	l.check(s.until, l.env)
	l.check(s.from, l.env)
	if s.event != "" && s.event != MaterialEvent {
		l.errorf(s.at, "unknown_event", "wait: there is no case event %q, want: %s", s.event, MaterialEvent)
	}
	for _, r := range s.remind {
		r.paper.lint(l, step)
	}
	if s.found != nil && s.look == nil {
		l.errorf(s.at, "found_without_look", "wait: found speaks of what look keeps, and there is no look")
	}
	if s.look == nil {
		return
	}
	if s.look.commit != nil {
		l.errorf(s.look.at, "look_commits", "look: it is repeated, so it only looks")
		return
	}
	s.look.lint(l, step)
	env := maps.Clone(l.env)
	for name, zero := range s.look.gives(nil) {
		env[name] = typeOf(zero)
	}
	l.check(s.found, env)
}

// gives what the look kept, and whether the time ran out first.
func (s *waitStep) gives([]casework.Calculation) map[string]any {
	values := map[string]any{}
	if s.look != nil {
		values = s.look.gives(nil)
	}
	values["passed"] = false
	return values
}

func (s *waitStep) run(ctx context.Context, t *turn, step *Step) (outcome, error) {
	start, end, err := s.bounds(ctx, t, step)
	if err != nil {
		return outcome{}, err
	}
	out, come, err := s.come(ctx, t, step)
	blind := passing(err) // the system may be down for days: reminders do not wait for it, the end does
	if come || err != nil && !blind {
		return out, err
	}
	now := t.Now()
	next := end
	if s.look != nil || s.event != "" {
		next = earlier(next, now.Add(s.every))
	}
	for i, r := range s.remind {
		at, err := r.after.end(ctx, t, start)
		if err != nil {
			return outcome{}, err
		}
		if at.After(now) {
			next = earlier(next, at)
		} else if err := s.send(ctx, t, step, i); err != nil {
			return outcome{}, err
		}
	}
	switch {
	case blind:
		return outcome{}, err // also when the time is over: nobody saw that it did not come
	case !now.Before(end):
		out.Values["passed"] = true
		return out, nil
	}
	return outcome{}, &casework.Fault{Kind: casework.Transient, Code: s.code(), After: next.Sub(now)}
}

// code says that the run waits, and for what.
func (s *waitStep) code() string {
	if s.event == MaterialEvent {
		return casework.WaitingMaterial
	}
	return casework.Waiting
}

// passing says that a look saw nothing for a reason that should pass.
func passing(err error) bool {
	fault, ok := errors.AsType[*casework.Fault](err)
	return ok && fault.Kind == casework.Transient && !PutOff(fault.Code)
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// bounds are when the time began to run and when it is over.
func (s *waitStep) bounds(ctx context.Context, t *turn, step *Step) (start, end time.Time, err error) {
	start = t.of(step.ID).since
	if s.from != nil {
		if start, err = dayOf(s.from, t.env); err != nil {
			return start, end, err
		}
	}
	if s.until != nil {
		end, err = dayOf(s.until, t.env)
		return start, end, err
	}
	end, err = s.span.end(ctx, t, start)
	return start, end, err
}

// dayOf reads a date from an expression.
func dayOf(e *Expr, env map[string]any) (time.Time, error) {
	text, err := e.text(env)
	if err != nil {
		return time.Time{}, err
	}
	day, err := casework.ParseDate(text)
	if err != nil {
		return time.Time{}, casework.AskPerson("expression", "expression %q gives no date", e.Source)
	}
	return day.Time(), nil
}

// come says whether what is waited for is there. What the look kept comes along
// either way.
func (s *waitStep) come(ctx context.Context, t *turn, step *Step) (outcome, bool, error) {
	out := outcome{Values: map[string]any{"passed": false}}
	if s.event != "" && t.Event != nil {
		if happened, err := t.Event(ctx, s.event, t.of(step.ID).since); err != nil || happened {
			return out, happened, err
		}
	}
	if s.look == nil {
		return out, false, nil
	}
	seen, err := s.look.run(ctx, t, step)
	if err != nil {
		return out, false, err
	}
	out = seen
	out.Values["passed"] = false
	env := maps.Clone(t.env)
	maps.Copy(env, typed(s.look.gives(nil), out.Values))
	found, err := s.found.bool(env)
	return out, found, err
}

// send makes one reminder, once.
func (s *waitStep) send(ctx context.Context, t *turn, step *Step, i int) error {
	t.row = rowAtHand{item: "remind " + strconv.Itoa(i+1)}
	defer func() { t.row = rowAtHand{} }()
	if t.of(step.ID).done != nil {
		return nil
	}
	out, err := s.remind[i].paper.run(ctx, t, step)
	if err != nil {
		return err
	}
	return t.append(ctx, step, casework.Happened, out)
}

// explain says how long is waited, for what, and who is reminded.
func (s *waitStep) explain(t *explainer) []ExplainedPart {
	how := t.spanOf(s.span)
	if s.until != nil {
		how = t.say("到%s", "until %s", t.value(s.until))
	}
	if s.from != nil {
		how = t.say("自%s起%s", "%[2]s from %[1]s", t.value(s.from), how)
	}
	parts := []ExplainedPart{{PartDoes, t.say("等候%s，期间不占用系统和人员", "Waits %s; nothing and nobody is held meanwhile", how), nil}}
	if s.event != "" {
		parts = append(parts, ExplainedPart{PartDoes, t.say("一有%s就继续", "Goes on as soon as there is %s", t.quoted(t.word("event", s.event))), nil})
	}
	if s.look != nil {
		parts = append(parts, ExplainedPart{PartDoes, t.say("每 %s看一次，%s就继续；每次：", "Looks every %s and goes on if %s; each time:", t.span(s.every), t.lookedFor(s)), t.lines(s.look.do, false)})
	}
	for _, r := range s.remind {
		parts = append(parts, ExplainedPart{PartDoes, t.say("满%s仍未等到，生成%s", "After %s it makes %s", t.spanOf(r.after), t.quoted(t.word("paper", r.paper.paper))), nil})
	}
	return parts
}

// lookedFor says when a look has found it, with the names the look keeps.
func (t *explainer) lookedFor(s *waitStep) string {
	for _, k := range s.look.keep {
		t.reads[k.name] = k.name
	}
	return t.value(s.found)
}

func (t *explainer) spanOf(s span) string {
	switch {
	case s.working > 0:
		return t.say(" %d 个工作日", "%d working days", s.working)
	case s.days > 0:
		return t.say(" %d 日", "%d days", s.days)
	}
	return " " + t.span(s.clock)
}
