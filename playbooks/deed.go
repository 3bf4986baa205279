package playbooks

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"

	"github.com/jingban/jingban/casework"
)

const (
	// maxRounds bounds one turn: an attempt, its look, and once more after a void.
	maxRounds = 6

	// maxBlind is how often a look may fail for passing reasons before a person
	// is asked about the doubt.
	maxBlind = 3
)

// deed is one commit step at work. It asks the effect's state before each
// round, so a resumed run and a running one go the same way.
type deed struct {
	*turn
	step   *Step
	spec   *pageStep
	system System
	id     string // of the effect
	page   Page
	read   map[string]string // what stood on the page after the reply
}

func (d *deed) run(ctx context.Context) (outcome, error) {
	if d.spec.effect == "" || d.spec.verify == nil { // the linter's errors; a version older than it may have them
		return outcome{}, casework.AskPerson("commit_unproven", "step %s: a commit needs effect and verify", d.step.ID)
	}
	key, err := d.effectKey()
	if err != nil {
		return outcome{}, err
	}
	d.id = d.EffectID(d.system.Name, d.spec.effect, key)
	defer d.close()
	for range maxRounds {
		out, finished, err := d.round(ctx)
		if finished || err != nil {
			return out, err
		}
	}
	return outcome{}, casework.Retry("no_progress", "step %s: the effect did not move in %d rounds", d.step.ID, maxRounds)
}

// round does what the effect's state asks for.
func (d *deed) round(ctx context.Context) (outcome, bool, error) {
	effect, known, err := d.Journal.Effect(ctx, d.id)
	switch {
	case err != nil:
		return outcome{}, false, err
	case known && effect.State == casework.EffectOutcome:
		return d.take(effect)
	case known && effect.State == casework.EffectSent:
		return d.doubt(ctx, effect)
	}
	return d.unsent(ctx)
}

// unsent goes on where nothing has left yet, as far as the stage allows.
func (d *deed) unsent(ctx context.Context) (outcome, bool, error) {
	stage, err := d.stage(ctx)
	switch {
	case err != nil:
		return outcome{}, false, err
	case stage.Least(casework.StageShadow) == stage:
		return d.shadow(ctx)
	case d.answered(doneChoice):
		return d.byPerson(ctx)
	}
	if err := d.standing(ctx, d.spec); err != nil {
		return outcome{}, false, err
	}
	if err := d.renamed(); err != nil {
		return outcome{}, false, err
	}
	if d.spec.before && !d.mine().anyway {
		if out, finished, err := d.before(ctx); finished || err != nil {
			return out, finished, err
		}
	}
	return outcome{}, false, d.attempt(ctx)
}

func (d *deed) mine() *past { return d.of(d.step.ID) }

func (d *deed) answered(choice string) bool {
	answer := d.mine().answer
	return answer != nil && answer.Choice == choice
}

// take uses the outcome that another run (or this one, by another step) has
// brought about, if it wrote the same values.
func (d *deed) take(effect casework.Effect) (outcome, bool, error) {
	var theirs outcome
	if len(effect.Data) > 0 {
		if err := json.Unmarshal(effect.Data, &theirs); err != nil {
			return outcome{}, false, casework.AskPerson("effect_unreadable", "effect of step %s: %w", d.step.ID, err)
		}
	}
	same, err := d.same()
	if err != nil {
		return outcome{}, false, err
	}
	for label, value := range same {
		if plain(theirs.Same[label]) != plain(value) && !d.answered(doneChoice) {
			return outcome{}, false, operatorQuestion("same_key_other_values", "an earlier run wrote another "+label, doneChoice, stopChoice)
		}
	}
	out := keptOutcome(theirs.Kept)
	out.Same, out.By = theirs.Same, "other_run"
	return out, true, nil
}

// same gives the values that were to be written, by column.
func (d *deed) same() (map[string]string, error) {
	return d.spec.verify.values(d.visit(d.page, d.system).env)
}

// attempt fills the form and presses the button once. Until the guard has
// written sent, nothing has left and all of it may be repeated.
func (d *deed) attempt(ctx context.Context) error {
	v, err := d.prepare(ctx)
	if signedOut(err) { // nothing has left: sign in, and fill and read back the whole form once more
		d.close()
		v, err = d.prepare(ctx)
	}
	if err != nil {
		return err
	}
	order, err := d.spec.commit.order(v)
	if err != nil {
		return err
	}
	if order.Freed, err = d.freedSight(v); err != nil {
		return err
	}
	if err := d.freed(ctx, v); err != nil {
		return err
	}
	if err := d.halted(ctx); err != nil {
		return err
	}
	if err := d.claim(ctx); err != nil {
		return err
	}
	return d.click(ctx, v, order)
}

func (d *deed) open(ctx context.Context) (err error) {
	if d.page == nil {
		d.page, err = d.Pages.Page(ctx, d.system)
	}
	return err
}

func (d *deed) close() {
	if d.page != nil {
		_ = d.page.Close() // the tab is gone either way; the journal holds what counts
		d.page = nil
	}
}

// prepare carries out the acts before the commit and keeps what stood there.
func (d *deed) prepare(ctx context.Context) (*visit, error) {
	if err := d.open(ctx); err != nil {
		return nil, err
	}
	v := d.visit(d.page, d.system)
	if err := v.all(ctx, d.spec.do); err != nil {
		return nil, d.stuck(ctx, d.page, d.step, err)
	}
	if freed, err := d.freedSight(v); err != nil || v.fallback && !(freed && len(v.sight) > 0) {
		return nil, errors.Join(err, d.onlyByFallback(ctx, v))
	}
	shots, err := d.page.Shoot(ctx, "before_commit")
	if err != nil {
		return nil, err
	}
	written, err := v.written()
	if err != nil {
		return nil, err
	}
	return v, d.Journal.Keep(ctx, d.step.ID, d.turn.run.Attempt, casework.InArchive(append(shots, written)))
}

// claim writes the intent.
func (d *deed) claim(ctx context.Context) error {
	d.seam("before_intent")
	intent, err := d.entry(d.step, casework.Intent, d.id, struct{}{})
	if err != nil {
		return err
	}
	run := d.turn.run.ID
	effect, err := d.Journal.Claim(ctx, casework.Effect{ID: d.id, System: d.system.Name, Action: d.spec.effect,
		RunID: run, Step: d.step.ID, State: casework.EffectIntent}, intent)
	if err != nil {
		return err
	}
	if effect.State != casework.EffectIntent || effect.RunID != run {
		return casework.Retry("effect_busy", "step %s: another run is at the same change", d.step.ID)
	}
	d.seam("after_intent")
	return nil
}

// click presses the button and makes sure that the journal says sent whenever
// something may have left.
func (d *deed) click(ctx context.Context, v *visit, order Commit) error {
	w := &watch{deed: d}
	seen, err := d.page.Commit(ctx, order, w.pass)
	sent, refused := w.close()
	d.seam("after_reply")
	switch {
	case refused != nil:
		return refused
	case sent:
	case isFault(err) && casework.AsFault(err).Code == foundBySight:
		return d.askSight(ctx, v)
	case isFault(err):
		return err // the page says why it did not click
	default:
		// No request was seen at the gate, and nothing says why: that is doubt too.
		if err := d.sent(ctx, Request{}); err != nil {
			return err
		}
	}
	if err != nil {
		return ctx.Err() // the reply was lost: the next round looks
	}
	return d.reply(ctx, v, seen)
}

// sent writes down that the first changing request is about to leave.
func (d *deed) sent(ctx context.Context, req Request) error {
	e, err := d.entry(d.step, casework.Sent, d.id, map[string]string{"method": req.Method, "path": req.Path, "body": req.BodyHash})
	if err != nil {
		return err
	}
	return d.advance(ctx, casework.EffectSent, e)
}

// reply keeps what the page answered. Nothing here may fail the step: only a
// look tells what became of the commit.
func (d *deed) reply(ctx context.Context, v *visit, seen Seen) error {
	d.read = map[string]string{}
	for _, k := range d.spec.keep {
		if k.target == nil {
			continue
		}
		if read, err := v.act(ctx, Act{Verb: Read, At: v.locate(k.target.Locator), Want: "text"}); err == nil {
			d.read[k.name] = read.Text
		}
	}
	dialogs := Shot{Kind: casework.Dialog, Name: "dialogs.txt", MIME: "text/plain; charset=utf-8", Data: []byte(strings.Join(seen.Dialogs, "\n"))}
	return d.shoot(ctx, "after_commit", dialogs)
}

// shoot keeps a picture where there is one to be had.
func (d *deed) shoot(ctx context.Context, name string, more ...Shot) error {
	shots, err := d.page.Shoot(ctx, name)
	if err != nil {
		shots = nil // a missing picture must not keep the truth out of the journal
	}
	if shots = append(shots, more...); len(shots) == 0 {
		return ctx.Err()
	}
	return d.Journal.Keep(ctx, d.step.ID, d.turn.run.Attempt, casework.InArchive(shots))
}

// watch stands at the gate during one commit: it lets one request pass, after
// sent is written, and none once Commit has returned.
type watch struct {
	deed *deed

	mu      sync.Mutex
	sent    bool
	refused error // sent could not be written
	closed  bool
}

// pass is the Guard of the commit.
func (w *watch) pass(ctx context.Context, req Request) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.sent || w.closed || w.refused != nil {
		return casework.AskPerson("second_request", "one commit lets one changing request pass")
	}
	w.deed.seam("before_sent")
	if w.refused = w.deed.sent(ctx, req); w.refused != nil {
		return w.refused
	}
	w.sent = true
	w.deed.seam("after_sent")
	return nil
}

func (w *watch) close() (sent bool, refused error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	return w.sent, w.refused
}

func isFault(err error) bool {
	_, ok := errors.AsType[*casework.Fault](err)
	return ok
}
