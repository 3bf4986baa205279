package playbooks

import (
	"context"
	"errors"
	"time"

	"github.com/jingban/jingban/casework"
)

// doubt ends "sent without outcome", by a look or by a person's word, also where
// another run sent and is over. It never clicks.
func (d *deed) doubt(ctx context.Context, effect casework.Effect) (outcome, bool, error) {
	own := effect.RunID == d.turn.run.ID
	switch {
	case d.answered(happenedChoice) || d.answered(doneChoice):
		return d.finish(ctx, own, d.personOutcome())
	case d.spec.verify.person && d.answered(absentChoice):
		return outcome{}, false, d.void(ctx, true) // here the person is the look
	case d.spec.verify.person:
		return outcome{}, false, doubtQuestion("verify_person", "the system has no page to verify with")
	}
	saw, err := d.look(ctx)
	if err != nil {
		return outcome{}, false, d.blindly(ctx, err)
	}
	if err := d.shoot(ctx, "verified"); err != nil {
		return outcome{}, false, err
	}
	if err := d.append(ctx, d.step, casework.Verified, looked{Answer: saw.answer, Rows: saw.rows, Read: d.read}); err != nil {
		return outcome{}, false, err
	}
	switch saw.answer {
	case happened:
		return d.found(ctx, own, saw, "robot")
	case absent:
		return outcome{}, false, d.gone(ctx, own)
	}
	return outcome{}, false, doubtQuestion(string(saw.answer), "the look did not settle it")
}

// look verifies on a freshly opened page.
func (d *deed) look(ctx context.Context) (sighting, error) {
	if err := d.open(ctx); err != nil {
		return sighting{}, err
	}
	v := d.visit(d.page, d.system)
	saw, err := d.spec.verify.look(ctx, v)
	if err != nil {
		return sighting{}, d.stuck(ctx, d.page, d.step, err)
	}
	if v.fallback {
		return sighting{}, casework.AskPerson("locator_fallback", "verify: an element was found only by a fallback")
	}
	return saw, nil
}

// blindly handles a look that saw nothing: for passing reasons it is repeated a
// few times, otherwise a person is asked. After sent nothing fails for good.
func (d *deed) blindly(ctx context.Context, err error) error {
	if errors.Is(err, ErrNotHolder) || ctx.Err() != nil {
		return err
	}
	fault := casework.AsFault(err)
	if PutOff(fault.Code) {
		return err
	}
	if err := d.append(ctx, d.step, casework.Verified, looked{Error: fault.Code, Read: d.read}); err != nil {
		return err
	}
	if isFault(err) && fault.Kind == casework.Transient && d.mine().blind() < maxBlind {
		return fault
	}
	return doubtQuestion(fault.Code, fault.Error())
}

// found finishes a commit whose record was seen.
func (d *deed) found(ctx context.Context, own bool, saw sighting, by string) (outcome, bool, error) {
	kept := map[string]string{}
	for _, k := range d.spec.keep {
		value, err := d.keep(k, saw)
		if err != nil {
			return outcome{}, false, d.unkept(by, casework.AsFault(err))
		}
		kept[k.name] = value
	}
	out := keptOutcome(kept)
	out.By = by
	return d.finish(ctx, own, out)
}

// unkept asks about a record that was found and cannot be kept.
func (d *deed) unkept(by string, fault *casework.Fault) error {
	if by == "person" {
		return retryQuestion(fault) // nothing of ours was sent
	}
	return doubtQuestion(fault.Code, fault.Error())
}

// keep takes a value from the record that verify saw, and holds it against what
// the page answered.
func (d *deed) keep(k keeping, saw sighting) (string, error) {
	read := d.mine().read[k.name]
	if k.or == nil {
		return read, nil
	}
	value, err := k.or.text(saw.env)
	if err != nil {
		return "", err
	}
	if read != "" && value != "" && plain(read) != plain(value) {
		return "", casework.AskPerson("kept_differs", "%s on the page is not the one of the record", k.name)
	}
	if value == "" {
		return read, nil
	}
	return value, nil
}

// gone handles a record that is absent after sent.
func (d *deed) gone(ctx context.Context, own bool) error {
	p := d.mine()
	switch {
	case d.answered(absentChoice):
		return d.void(ctx, true)
	case !own || d.system.Settles == 0:
		return doubtQuestion("absent_after_sent", "the record is not there")
	}
	age, err := d.absentFor(ctx)
	if err != nil {
		return err
	}
	if rest := d.system.Settles - age; rest > 0 {
		return &casework.Fault{Kind: casework.Transient, Code: "settling", After: rest}
	}
	if p.voided > 0 {
		return doubtQuestion("absent_again", "the record is not there after a second commit")
	}
	return d.void(ctx, false)
}

// absentFor is how long the looks since sent have said absent, this one
// included. Only the journal's own times count: two workers' clocks may be
// minutes apart, and a wait that ends early submits twice.
func (d *deed) absentFor(ctx context.Context) (time.Duration, error) {
	entries, err := d.Journal.Entries(ctx)
	if err != nil {
		return 0, err
	}
	var first, last time.Time
	for _, e := range entries {
		var l looked
		switch {
		case e.Step != d.step.ID || e.Item != d.row.item:
		case e.Kind == casework.Sent:
			first = time.Time{}
		case e.Kind == casework.Verified:
			if err := decodeData(e, &l); err != nil {
				return 0, casework.AskPerson("journal_unreadable", "%w", err)
			}
			if l.Answer != absent || l.Before {
				continue
			}
			if first.IsZero() {
				first = e.At
			}
			last = e.At
		}
	}
	return last.Sub(first), nil
}

// void frees the effect, so that the next round may click again. The journal
// refuses it while another run that clicked is alive: only that run's journal
// shows that no later click followed.
func (d *deed) void(ctx context.Context, person bool) error {
	e, err := d.entry(d.step, casework.Verified, d.id, looked{Answer: absent, Void: true, Person: person})
	if err != nil {
		return err
	}
	if err := d.advance(ctx, casework.EffectVoid, e); err != nil {
		return err
	}
	d.close() // a gate lets the same request pass again only on a page handed out anew
	return nil
}

// byPerson takes the effect for a change that a person made by hand.
func (d *deed) byPerson(ctx context.Context) (outcome, bool, error) {
	if err := d.claim(ctx); err != nil {
		return outcome{}, false, err
	}
	return d.finish(ctx, true, d.personOutcome())
}

func (d *deed) personOutcome() outcome {
	out := keptOutcome(d.mine().answer.keptOf(d.spec))
	out.By = "person"
	return out
}

// finish writes the outcome with the effect. The effect of another run that is
// alive is left to that run: this one only notes what it found.
func (d *deed) finish(ctx context.Context, own bool, out outcome) (outcome, bool, error) {
	same, err := d.same()
	if err != nil {
		return outcome{}, false, err
	}
	if out.Same = same; !own {
		out.By = "other_run"
	}
	e, err := d.entry(d.step, casework.Happened, d.id, out)
	if err != nil {
		return outcome{}, false, err
	}
	d.seam("before_outcome")
	if err := d.advance(ctx, casework.EffectOutcome, e); err != nil && (own || errors.Is(err, ErrNotHolder)) {
		return outcome{}, false, err
	}
	d.seam("after_outcome")
	return out, true, nil
}
