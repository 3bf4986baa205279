package casework

import (
	"errors"
	"fmt"
	"time"
)

// ErrNever says that a rule and its open hours have no moment in common.
var ErrNever = errors.New("it never comes due")

// CatchUp says what becomes of the moments that passed while nobody watched:
// the machine was off, the database away, the calendar not imported.
type CatchUp string

// The ways to catch up. Every moment that passed is kept as a tick in any case.
const (
	CatchUpOnce CatchUp = "run_once" // the last one is started, late; the others are skipped
	CatchUpAll  CatchUp = "run_all"  // each is started, late
	CatchUpSkip CatchUp = "skip"     // none is started
)

// Known says that the policy is one of the three.
func (c CatchUp) Known() bool { return c == CatchUpOnce || c == CatchUpAll || c == CatchUpSkip }

// OnTime is how late a tick may be started and still counts as on time: a
// restart or a failing-over database is no downtime worth a policy.
const OnTime = 10 * time.Minute

// Choose says for each passed moment, the oldest first, whether it is started.
// More says that later ones have passed too.
func (c CatchUp) Choose(passed []time.Time, more bool, now time.Time) []bool {
	start := make([]bool, len(passed))
	for i, at := range passed {
		switch c {
		case CatchUpAll:
			start[i] = true
		case CatchUpSkip:
			start[i] = now.Sub(at) <= OnTime
		default:
			start[i] = i == len(passed)-1 && !more
		}
	}
	return start
}

// Schedule starts a playbook again and again. Its subject is the batch the
// playbook works on ("2026 企业养老对账"), "" where the playbook needs none.
type Schedule struct {
	ID          string
	Name        string // what commands call it, "month_end"
	Title       string // what people call it
	Rule        string // see ParseRule
	Hours       string // see ParseHours
	Playbook    string
	Subject     string
	CatchUp     CatchUp
	Paused      bool
	PauseReason string
	Cursor      time.Time // ticks up to this moment are dealt with
	Blocked     string    // "" or the code of why it stands still: "calendar_missing"
	Rev         int64     // grows with every change by a person
	Created     time.Time
	Updated     time.Time
}

// TickState is what became of a tick.
type TickState string

// The states of a tick.
const (
	TickStarted TickState = "started"
	TickSkipped TickState = "skipped"
)

// Tick is one moment of a schedule. There is at most one per schedule and
// moment, for ever.
type Tick struct {
	ScheduleID string
	At         time.Time
	State      TickState
	RunID      string // of the run that was started
	Reason     string // why it was skipped: the catch-up policy
	Decided    time.Time
}

// Plan is a schedule's rule and open hours, understood.
type Plan struct {
	Rule  Rule
	Hours Hours
}

// Plan reads rule and hours; the error is a *RuleError.
func (s Schedule) Plan() (Plan, error) {
	rule, err := ParseRule(s.Rule)
	if err != nil {
		return Plan{}, err
	}
	hours, err := ParseHours(s.Hours)
	return Plan{Rule: rule, Hours: hours}, err
}

// mostJumps bounds the search for a moment within the open hours: more than two
// years of closed days in a row are no schedule.
const mostJumps = 800

// Next gives the first moment after the given one at which the rule comes due
// within the open hours. It returns ErrNoCalendar when that cannot be known yet,
// and ErrNever.
func (p Plan) Next(after time.Time, c Calendar) (time.Time, error) {
	for range mostJumps {
		at, err := p.Rule.Next(after, c)
		if err != nil {
			return time.Time{}, err
		}
		open, err := p.Hours.Next(at, c)
		if err != nil || open.Equal(at) {
			return at, err
		}
		after = open.Add(-1)
	}
	return time.Time{}, fmt.Errorf("%s within %s: %w", p.Rule, p.Hours, ErrNever)
}

// Between gives the moments after one and up to another, at most limit, and
// whether there are more. With an error they are those before it.
func (p Plan) Between(after, upTo time.Time, limit int, c Calendar) (moments []time.Time, more bool, err error) {
	for {
		next, err := p.Next(after, c)
		if err != nil || next.After(upTo) {
			return moments, false, err
		}
		if len(moments) == limit {
			return moments, true, nil
		}
		moments = append(moments, next)
		after = next
	}
}

// Preview gives the next n moments; with fewer the error says why they end.
func (s Schedule) Preview(after time.Time, n int, c Calendar) (moments []time.Time, err error) {
	plan, err := s.Plan()
	if err != nil {
		return nil, err
	}
	for len(moments) < n {
		next, err := plan.Next(after, c)
		if err != nil {
			return moments, err
		}
		moments = append(moments, next)
		after = next
	}
	return moments, nil
}

// Check says what is wrong with a schedule that a person wrote: a name, rule,
// hours or policy that is not understood, or a rule that never comes due.
func (s Schedule) Check(now time.Time, c Calendar) error {
	switch {
	case s.Name == "":
		return errors.New("schedule: it needs a name")
	case s.Playbook == "":
		return fmt.Errorf("schedule %s: it needs a playbook", s.Name)
	case !s.CatchUp.Known():
		return fmt.Errorf("schedule %s: catch-up %q: want run_once, run_all or skip", s.Name, s.CatchUp)
	}
	plan, err := s.Plan()
	if err != nil {
		return fmt.Errorf("schedule %s: %w", s.Name, err)
	}
	plan.Hours.working = false // a year without calendar must not hide that the clock times never meet
	if _, err := plan.Next(now, c); err != nil && !errors.Is(err, ErrNoCalendar) {
		return fmt.Errorf("schedule %s: %w", s.Name, err)
	}
	return nil
}
