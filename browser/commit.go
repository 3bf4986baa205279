package browser

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
)

// defaultWithin is how long a commit waits for its answer when the order names
// no time.
const defaultWithin = 30 * time.Second

// afterDialog is how long a page may still send something after a message box
// that is not the expected one.
const afterDialog = time.Second

// Commit clicks the one irreversible button, at most once. A Fault means that
// nothing was sent, except what the guard noted before it was held back: then,
// and when the answer is missing, the error is a plain one and means doubt.
// Seen.Saved is false when the system answered without the text for "saved".
func (t *Tab) Commit(ctx context.Context, c playbooks.Commit, guard playbooks.Guard) (playbooks.Seen, error) {
	within := c.Within
	if within <= 0 {
		within = defaultWithin
	}
	limited, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	t.fresh, t.acted = false, time.Now()
	t.seat.dialogs.arm(policy{})
	before := t.mark()
	at := commitAt(c)
	to, fallback, err := t.aim(limited, at, nil)
	if err == nil && fallback && !c.Freed {
		_ = t.rest(limited, to) // nothing is clicked: the watch over the aim must end
		err = casework.AskPerson("found_by_sight", "%s stands in a picture only; what is found by sight never commits by itself", describe(at))
	}
	if err != nil {
		return t.conclude(ctx, playbooks.Seen{}, err, before)
	}
	return t.commit(ctx, limited, c, guard, to, before)
}

func (t *Tab) commit(ctx, limited context.Context, c playbooks.Commit, guard playbooks.Guard, to point, before mark) (playbooks.Seen, error) {
	w, err := t.seat.gate.arm(limited, guard)
	if err != nil {
		return playbooks.Seen{}, err
	}
	t.seat.dialogs.arm(policy{confirm: c.Confirm, answer: c.Answer})
	clicked := t.tap(limited, to, describe(commitAt(c)))
	if clicked == nil {
		t.await(limited, w, c, before)
	}
	end := t.seat.gate.shut(w)
	t.seat.dialogs.arm(policy{})
	asked := t.seat.gate.asked(w.clicked)
	seen := t.outcome(ctx, c, before)
	return seen, t.judge(ctx, end, asked, clicked, seen, before)
}

// await waits until the click's consequences are known: an answer and a settled
// page, a refusal, or the certainty that nothing more will come.
func (t *Tab) await(ctx context.Context, w *window, c playbooks.Commit, before mark) {
	for {
		s := w.state()
		if s.at == refused || s.at == lost {
			return
		}
		list, _, stir := t.seat.dialogs.since(before.dialogs)
		if s.at == answered {
			if t.savedAlready(ctx, c, before) {
				return
			}
			// A script may say "saved" a moment after the answer.
			text, err := t.settle(ctx)
			list, _, _ = t.seat.dialogs.since(before.dialogs)
			if err != nil || c.Saved == "" || says(text+"\n"+join(texts(list)), []string{c.Saved}) || time.Since(w.clicked) > clickAge {
				return
			}
		}
		if s.at == waiting && (w.fresh() != nil || t.stuck(list, w)) {
			return
		}
		if waitEither(ctx, s.moved, stir, 2*still) != nil {
			return
		}
	}
}

// savedAlready says that the page stands complete and says "saved": its load
// handlers have run, nothing is under way, and nothing else is worth waiting for.
func (t *Tab) savedAlready(ctx context.Context, c playbooks.Commit, before mark) bool {
	busy, _ := t.seat.state()
	if busy || !t.calm() || c.Saved == "" {
		return false
	}
	text, ready, err := t.text(ctx)
	list, _, _ := t.seat.dialogs.since(before.dialogs)
	if still, _ := t.seat.state(); err != nil || !ready || still || !t.calm() {
		return false
	}
	return says(text+"\n"+join(texts(list)), []string{c.Saved})
}

// commitAt is where the commit's button or link stands.
func commitAt(c playbooks.Commit) playbooks.Locator {
	return playbooks.Locator{Button: c.Button, Link: c.Link, Near: c.Near, Row: c.Row, Alias: c.Alias, AliasOf: c.AliasOf}
}

// stuck says that a message box has ended the click before anything was sent:
// a check of the page failed, or it asked something unexpected.
func (t *Tab) stuck(list []dialog, w *window) bool {
	if len(list) == 0 || list[len(list)-1].Accepted && list[len(list)-1].Kind != "alert" {
		return false
	}
	busy, touched, _ := t.seat.gate.traffic()
	return !busy && time.Since(touched) > afterDialog && time.Since(w.clicked) > afterDialog
}

// outcome gathers what stands on the page and what came up.
func (t *Tab) outcome(ctx context.Context, c playbooks.Commit, before mark) playbooks.Seen {
	// The order may be over; what is there to see is still worth seeing.
	seen := playbooks.Seen{Page: t.glance(context.WithoutCancel(ctx))}
	list, _, _ := t.seat.dialogs.since(before.dialogs)
	seen.Dialogs = texts(list)
	seen.Saved = c.Saved != "" && says(seen.Page+"\n"+join(seen.Dialogs), []string{c.Saved})
	return seen
}

// judge turns the window's end into the answer to the runner. Where no changing
// request came, but the page asked for anything after the click, that may have
// been the change: some old pages save by a script's GET.
func (t *Tab) judge(ctx context.Context, end state, asked bool, clicked error, seen playbooks.Seen, before mark) error {
	switch {
	case end.at == answered:
		return t.afterAnswer(seen, before)
	case end.left:
		return errors.New("a changing request has left and its answer is not known")
	case end.recorded:
		return fmt.Errorf("noted as sent: %w", end.err)
	case end.err != nil:
		return t.keep(end.err)
	case asked:
		return errors.New("no changing request left, but the page asked for something after the click")
	}
	list, _, _ := t.seat.dialogs.since(before.dialogs)
	if len(list) > 0 {
		return casework.AskPerson("dialog_unexpected", "a message box came up and nothing was sent")
	}
	if state := t.looks(seen, before); state != nil {
		return state
	}
	if clicked != nil {
		return t.classify(ctx, clicked)
	}
	return casework.Retry("timeout", "the click sent nothing")
}

// afterAnswer looks for signs that the answer says something else than yes or
// no. They mean doubt, never "again".
func (t *Tab) afterAnswer(seen playbooks.Seen, before mark) error {
	list, _, _ := t.seat.dialogs.since(before.dialogs)
	for _, d := range list {
		if d.unexpected() {
			return fmt.Errorf("after the request had left, the page asked a %s that was denied", d.Kind)
		}
	}
	if state := t.looks(seen, before); state != nil && !seen.Saved {
		return fmt.Errorf("after the request had left: %s", casework.AsFault(state).Code)
	}
	return nil
}

// keep gives the guard's or the gate's own error, made a Fault where it is none;
// the guard's cause stays visible to errors.Is.
func (t *Tab) keep(err error) error {
	if _, ok := errors.AsType[*casework.Fault](err); ok {
		return err
	}
	return casework.Retry("held_back", "nothing was sent: %w", err)
}
