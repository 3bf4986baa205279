package playbooks

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jingban/jingban/casework"
)

// reviewDue is how long a question waits before it escalates, where the
// playbook does not say: two working days of eight hours.
const reviewDue = 16 * time.Hour

// Runner carries playbooks out. It holds no state of its own: everything it
// must remember is in the journal. Pages and Papers may be nil for playbooks
// that use none.
type Runner struct {
	Journal  Journal // of this run, under its fencing number
	Pages    Pages
	Papers   Papers
	Systems  map[string]System
	EffectID func(system, action, key string) string // keyed hash
	Files    func(ctx context.Context, fileID string) (File, error)
	Now      func() time.Time

	// Archive gives the bytes of an earlier download by its hexadecimal SHA-256; nil
	// knows none.
	Archive func(ctx context.Context, sum string) ([]byte, error)

	// Stage says, before each commit, how far the run's version is trusted now;
	// nil is full.
	Stage func(ctx context.Context) (casework.Stage, error)

	// Halt is asked before each step and each click; a fault stops the turn there.
	// Nil never stops.
	Halt func(ctx context.Context) error

	// Seam, when set, is called at each place where a crash is worth a drill:
	// before_intent, after_intent, before_sent, after_sent, after_reply,
	// before_outcome, after_outcome.
	Seam func(name string)

	// Watch tells changed pages from approved ones; nil goes on whatever a page shows.
	Watch Watch

	// Funds compares what reconcile steps ask for; nil asks a person.
	Funds Funds

	// Persons searches what persons.search steps ask for; nil asks a person.
	Persons Persons

	// Cases finds and opens what case.find and case.open steps ask for; nil asks a person.
	Cases Cases

	// Calculations are what compute steps may call.
	Calculations []casework.Calculation

	// Calendar gives the working days that wait steps count; nil asks a person.
	Calendar func(ctx context.Context) (casework.Calendar, error)

	// Event says whether a case event that a wait step names has come since the
	// step began; nil never.
	Event func(ctx context.Context, name string, since time.Time) (bool, error)

	// Told, when set, is told each finished step and the values it gives; nil for
	// a step that was passed over. A step that is restored is told again.
	Told func(step Step, values map[string]any)
}

// Run takes the run as far as it can go: to its end, to a question, or to a
// Transient fault, which is returned. Steps that the journal knows as finished
// are not repeated. Decisions answer earlier reviews by their id; the key of the
// map is the caller's own affair.
func (r *Runner) Run(ctx context.Context, run casework.Run, pb *Playbook, snapshot casework.Snapshot, decisions map[string]casework.Decision) (Result, error) {
	t := r.turn(run, pb, snapshot, decisions)
	if err := t.remember(ctx); err != nil {
		return t.stopped(ctx, &Step{}, err)
	}
	for i := range pb.Steps {
		result, err := t.take(ctx, &pb.Steps[i])
		if err != nil {
			return t.stopped(ctx, &pb.Steps[i], err)
		}
		if result != nil {
			result.Kept = t.kept
			return *result, t.flush(ctx)
		}
	}
	return Result{State: casework.RunDone, End: "done", Kept: t.kept}, t.flush(ctx)
}

func (r *Runner) turn(run casework.Run, pb *Playbook, snapshot casework.Snapshot, decisions map[string]casework.Decision) *turn {
	t := &turn{Runner: r, run: run, pb: pb, snapshot: snapshot, decisions: decisions,
		past: map[string]*past{}, env: values(pb, snapshot, r.Calculations), kept: map[string]string{}}
	for _, step := range pb.Steps {
		t.past[step.ID] = &past{}
	}
	return t
}

// turn is one run between two parkings.
type turn struct {
	*Runner
	run       casework.Run
	pb        *Playbook
	snapshot  casework.Snapshot
	decisions map[string]casework.Decision
	past      map[string]*past // by step, and by step and row
	row       rowAtHand        // of a step that repeats
	env       map[string]any
	kept      map[string]string
	held      []casework.Entry // lines that travel with the next one; see waits
	earlier   map[string]bool  // effects that left us under an earlier version of the playbook

	changed     *PageChange // the page that stopped the turn
	changedShow string      // names it in the question's Show
}

// remember reads the journal from where the run was last begun anew.
func (t *turn) remember(ctx context.Context) error {
	entries, err := t.Journal.Entries(ctx)
	if err != nil {
		return err
	}
	for _, e := range t.renew(entries) {
		if t.byOperator(e) {
			continue
		}
		if t.past[e.Step] == nil {
			return casework.Fail("journal_mismatch", "the journal speaks of step %q, which playbook %s has not", e.Step, t.pb.Name)
		}
		if err := t.noted(e); err != nil {
			return casework.Fail("journal_unreadable", "%w", err)
		}
	}
	return nil
}

// of is what the journal says about a step, or about its row at hand.
func (t *turn) of(step string) *past { return t.pastOf(step, t.row.item) }

func (t *turn) pastOf(step, item string) *past {
	key := step
	if item != "" {
		key += "\x00" + item
	}
	if t.past[key] == nil {
		t.past[key] = &past{voided: t.past[step].voided}
	}
	return t.past[key]
}

// noted takes one more journal line in.
func (t *turn) noted(e casework.Entry) error { return t.pastOf(e.Step, e.Item).note(e) }

// take carries out one step, or restores it. A result ends the turn.
func (t *turn) take(ctx context.Context, step *Step) (*Result, error) {
	p := t.of(step.ID)
	if result, err := t.finish(ctx, step, p); result != nil || err != nil {
		return result, err
	}
	return t.restore(step, *p.done), nil
}

// finish carries out what is left of a step, or of its row at hand.
func (t *turn) finish(ctx context.Context, step *Step, p *past) (*Result, error) {
	if p.done != nil {
		return nil, nil
	}
	if err := t.halted(ctx); err != nil {
		return nil, err
	}
	out, result, err := t.work(ctx, step, p)
	if err != nil || result != nil {
		return result, err
	}
	if p.done == nil { // a commit has written its outcome with its effect
		return nil, t.append(ctx, step, casework.Happened, out)
	}
	return nil, nil
}

// work finds out what the step needs now.
func (t *turn) work(ctx context.Context, step *Step, p *past) (outcome, *Result, error) {
	if !p.begun && step.When != nil {
		holds, err := step.When.bool(t.env)
		if err != nil {
			return outcome{}, nil, err
		}
		if !holds {
			return outcome{Skipped: true}, nil, nil
		}
	}
	if result, err := t.hear(ctx, step, p); result != nil || err != nil {
		return outcome{}, result, err
	}
	if !p.begun || p.attempt != t.run.Attempt { // whoever takes a step over says so first
		if err := t.append(ctx, step, casework.Begun, began{}); err != nil {
			return outcome{}, nil, err
		}
	}
	if out, ok := t.byHand(step, p); ok {
		return out, nil, nil
	}
	if !isCheck(step) {
		if err := t.flush(ctx); err != nil {
			return outcome{}, nil, err
		}
	}
	out, err := step.body.run(ctx, t, step)
	if ended, ok := errors.AsType[*over](err); ok {
		return outcome{}, ended.result, nil
	}
	return out, nil, err
}

// hear takes a person's answer to the open question of the step. Without one
// the run stays parked on the same question.
func (t *turn) hear(ctx context.Context, step *Step, p *past) (*Result, error) {
	if review := p.asked; review != nil {
		answer := t.decided(review)
		if answer == nil {
			return &Result{State: casework.RunParked, Step: step.ID, Review: review}, nil
		}
		if err := t.append(ctx, step, casework.Begun, began{answer}); err != nil {
			return nil, err
		}
	}
	if p.answer != nil && p.answer.Choice == stopChoice && !isAsk(step) {
		return &Result{State: casework.RunFailed, Step: step.ID, End: "stopped"}, nil
	}
	return nil, nil
}

// decided finds the decision on a review. One that names no offered choice is
// no decision.
func (t *turn) decided(review *casework.Review) *given {
	for _, d := range t.decisions {
		offered := slices.ContainsFunc(review.Choices, func(c casework.Choice) bool { return c.Name == d.Choice })
		if d.ReviewID == review.ID && offered {
			return &given{Review: d.ReviewID, Choice: d.Choice, Edits: d.Edits, Note: d.Note, By: d.By.ID}
		}
	}
	return nil
}

// byHand finishes a step that a person says was done by hand. A commit is not
// finished here: its effect must be taken first.
func (t *turn) byHand(step *Step, p *past) (outcome, bool) {
	if p.answer == nil || p.answer.Choice != doneChoice || isAsk(step) || commits(step) {
		return outcome{}, false
	}
	out := keptOutcome(p.answer.keptOf(step.body))
	out.By = "person"
	return out, true
}

// keptOf takes the values the person gave for the step's kept names.
func (g *given) keptOf(b body) map[string]string {
	kept := map[string]string{}
	for name := range b.gives(nil) {
		if value, ok := g.Edits[name]; ok {
			kept[name] = value
		}
		if value, ok := g.Edits[ReceiptEdit+name]; ok {
			kept[name] = strings.TrimSpace(value)
		}
	}
	return kept
}

// restore makes a finished step's results visible and ends the run where the
// step says so.
func (t *turn) restore(step *Step, out outcome) *Result {
	if out.Skipped {
		t.tell(step, nil)
		return nil
	}
	if len(out.Edits) > 0 {
		t.snapshot = edited(t.snapshot, out.Edits)
		fresh := values(t.pb, t.snapshot, t.Calculations)
		t.env["case"], t.env["docs"] = fresh["case"], fresh["docs"]
	}
	results := typed(step.body.gives(t.Calculations), out.Values)
	t.env[step.ID] = results
	maps.Copy(t.kept, out.Kept)
	t.tell(step, results)
	if step.End == "" {
		return nil
	}
	return &Result{State: casework.RunDone, Step: step.ID, End: step.End}
}

// results gives the finished steps' values by step id, for papers.
func (t *turn) results() map[string]any {
	results := map[string]any{}
	for _, step := range t.pb.Steps {
		if p := t.past[step.ID]; p.done != nil && !p.done.Skipped {
			results[step.ID] = t.env[step.ID]
		}
	}
	return results
}

// stopped turns an error into what the caller must know.
func (t *turn) stopped(ctx context.Context, step *Step, err error) (Result, error) {
	if errors.Is(err, ErrNotHolder) || ctx.Err() != nil {
		return Result{}, err
	}
	if q, ok := errors.AsType[*question](err); ok {
		return t.park(ctx, step, q)
	}
	switch fault := casework.AsFault(err); fault.Kind {
	case casework.NeedsHuman:
		if _, each := step.body.(*eachStep); each && commits(step) { // done by hand is said of a row, which has an effect to take
			return t.park(ctx, step, operatorQuestion(fault.Code, fault.Error(), retryChoice, stopChoice))
		}
		return t.park(ctx, step, retryQuestion(fault))
	case casework.Permanent:
		return Result{State: casework.RunFailed, Step: step.ID, End: fault.Code, Kept: t.kept}, t.flush(ctx)
	default:
		return Result{}, errors.Join(fault, t.flush(ctx))
	}
}

// append writes a line that belongs to no effect and remembers it.
func (t *turn) append(ctx context.Context, step *Step, kind casework.EntryKind, data any) error {
	e, err := t.entry(step, kind, "", data)
	if err != nil {
		return err
	}
	t.held = append(t.held, e)
	if !waits(step, kind) {
		if err := t.flush(ctx); err != nil {
			return err
		}
	}
	return t.noted(e)
}

// waits says that a line may be lost: a check touches nothing, and whoever takes
// the run over would make the same line again.
func waits(step *Step, kind casework.EntryKind) bool {
	return isCheck(step) && (kind == casework.Begun || kind == casework.Happened)
}

func isCheck(step *Step) bool {
	_, ok := step.body.(*checkStep)
	return ok
}

// flush writes the lines that wait.
func (t *turn) flush(ctx context.Context) error {
	if len(t.held) == 0 {
		return nil
	}
	lines := t.held
	t.held = nil
	return t.Journal.Append(ctx, lines...)
}

// advance moves the effect, writes the line with it and remembers it.
func (t *turn) advance(ctx context.Context, to casework.EffectState, e casework.Entry) error {
	if err := t.Journal.Advance(ctx, to, e); err != nil {
		return err
	}
	return t.noted(e)
}

func (t *turn) entry(step *Step, kind casework.EntryKind, effect string, data any) (casework.Entry, error) {
	text, err := raw(data)
	if err != nil {
		return casework.Entry{}, fmt.Errorf("journal line %s of step %s: %w", kind, step.ID, err)
	}
	return casework.Entry{RunID: t.run.ID, Step: step.ID, Item: t.row.item, Attempt: t.run.Attempt, Effect: effect, Kind: kind, At: t.Now().UTC(), Data: text}, nil
}

func (t *turn) halted(ctx context.Context) error {
	if t.Halt == nil {
		return nil
	}
	return t.Halt(ctx)
}

func (t *turn) seam(name string) {
	if t.Seam != nil {
		t.Seam(name)
	}
}

func (t *turn) tell(step *Step, values map[string]any) {
	if t.Told != nil {
		t.Told(*step, values)
	}
}

func isAsk(step *Step) bool {
	_, ok := step.body.(*askStep)
	return ok
}
