package playbooks

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/jingban/jingban/casework"
)

// Dry carries a playbook out on the live pages up to its first commit and no
// further: the form is filled, read back, photographed and left. Nothing is
// written to a journal and no effect is touched. A question is answered as the
// decisions say, or else by its first choice; no paper is made. The report
// holds personal data.
//
// Faults: locks_on_open (Permanent) where opening the page would already change
// something, leave_unverified (NeedsHuman) where the page was left and did not
// prove it, and those of Page.
func (r *Runner) Dry(ctx context.Context, run casework.Run, pb *Playbook, snapshot casework.Snapshot, decisions map[string]casework.Decision) (casework.DryReport, []Shot, error) {
	notes := &scratch{}
	own := *r
	own.Journal, own.Halt, own.Stage = notes, nil, nil
	d := &rehearsal{turn: own.turn(run, pb, snapshot, decisions)}
	for i := range pb.Steps {
		over, err := d.step(ctx, &pb.Steps[i])
		if over || err != nil {
			return d.report, notes.shots, err
		}
	}
	d.report.End = "done"
	return d.report, notes.shots, nil
}

// rehearsal is a turn that only pretends.
type rehearsal struct {
	*turn
	report casework.DryReport
}

// step says that the rehearsal is over: at a commit, or at an end.
func (d *rehearsal) step(ctx context.Context, step *Step) (over bool, err error) {
	out := outcome{Skipped: true}
	holds := true
	if step.When != nil {
		if holds, err = step.When.bool(d.env); err != nil {
			return true, err
		}
	}
	if holds {
		page := pageOf(step.body)
		rows, err := d.first(step)
		if err != nil {
			return true, err
		}
		if page != nil && page.commit != nil && rows > 0 {
			return true, d.form(ctx, step, page)
		}
		if out, err = d.pretend(ctx, step); err != nil {
			return true, err
		}
	}
	d.past[step.ID].done = &out
	result := d.restore(step, out)
	if result != nil {
		d.report.End = result.End
	}
	return result != nil, nil
}

// first takes the first row of a commit that repeats, and says how many there
// are; any other step counts as one row.
func (d *rehearsal) first(step *Step) (int, error) {
	each, ok := step.body.(*eachStep)
	if !ok || each.page.commit == nil {
		return 1, nil
	}
	rows, err := each.keyed(d.env)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	d.note(step, "first_row_of", strconv.Itoa(len(rows)))
	d.row, d.env["row"] = rows[0].bound(d.turn, step), rows[0].columns
	return len(rows), nil
}

// pretend gives the outcome of a step without a commit.
func (d *rehearsal) pretend(ctx context.Context, step *Step) (outcome, error) {
	switch body := step.body.(type) {
	case *askStep:
		return d.assume(step, body), nil
	case *paperStep:
		d.note(step, "paper_left_out", body.paper)
		return outcome{}, nil
	case *waitStep:
		d.note(step, "wait_left_out", "")
		return outcome{}, nil
	case *reconcileStep:
		d.note(step, "fund_left_out", "")
		return outcome{}, nil
	case *personsSearchStep:
		d.note(step, "search_left_out", "")
		return outcome{}, nil
	case *caseOpenStep:
		d.note(step, "case_left_out", body.matter)
		return outcome{}, nil
	case *caseFindStep:
		d.note(step, "case_left_out", body.matter)
		return outcome{}, nil
	case *byHandStep:
		d.note(step, "by_hand_left_out", body.system)
		return outcome{}, nil
	}
	if page := pageOf(step.body); page != nil {
		locks, err := d.Systems[page.system].Locks.of(page.system, page.do)
		if err != nil {
			return outcome{}, err
		}
		if len(locks) > 0 {
			return outcome{}, casework.Fail("locks_on_open", "step %s looks at a page that locks or saves on opening", step.ID)
		}
	}
	out, err := step.body.run(ctx, d.turn, step)
	if q, ok := errors.AsType[*question](err); ok {
		err = casework.AskPerson(q.reason, "step %s would ask a person: %s", step.ID, q.cause)
	}
	return out, err
}

// assume answers a question as it was answered before, or by its first choice.
func (d *rehearsal) assume(step *Step, ask *askStep) outcome {
	if decision, ok := d.decisions[step.ID]; ok {
		return outcome{Values: map[string]any{"choice": decision.Choice}, Edits: decision.Edits}
	}
	choice := ""
	if len(ask.choices) > 0 {
		choice = ask.choices[0].Name
	}
	d.note(step, "answer_assumed", choice)
	return outcome{Values: map[string]any{"choice": choice}}
}

func (d *rehearsal) note(step *Step, code, what string) {
	d.report.Notes = append(d.report.Notes, casework.DryNote{Step: step.ID, Code: code, What: what})
}

// form fills the form of a commit, leaves it, and looks what is there already.
func (d *rehearsal) form(ctx context.Context, step *Step, spec *pageStep) error {
	d.report.Step = step.ID
	system, ok := d.Systems[spec.system]
	if !ok {
		return casework.Fail("unknown_system", "there is no system %q", spec.system)
	}
	locks, err := system.Locks.of(system.Name, spec.do)
	if err != nil {
		return err
	}
	page, err := d.Pages.Page(ctx, system)
	if err != nil {
		return err
	}
	defer page.Close()
	deed := &deed{turn: d.turn, step: step, spec: spec, system: system, page: page}
	for _, lock := range locks { // prove the way out before anything is entered
		v := d.visit(page, system)
		if _, err := v.act(ctx, Act{Verb: Open, Menu: lock.Menu}); err != nil {
			return err
		}
		if err := lock.out(ctx, v); err != nil {
			return err
		}
	}
	fillErr := d.fill(ctx, deed)
	for _, lock := range locks {
		if err := lock.out(ctx, d.visit(page, system)); err != nil {
			return err
		}
	}
	if fillErr != nil {
		return fillErr
	}
	return d.found(ctx, deed)
}

// fill takes down what the form held after it was filled.
func (d *rehearsal) fill(ctx context.Context, deed *deed) error {
	v, err := deed.prepare(ctx)
	if err != nil {
		return err
	}
	for _, w := range v.wrote {
		d.report.Fields = append(d.report.Fields, casework.DryField{Step: d.report.Step, Label: w.Label, Written: w.Written,
			There: w.ReadBack, Same: w.file || plain(w.Written) == plain(w.ReadBack)})
	}
	return nil
}

// found opens the query page, which also leaves the form, and sets its record
// beside what would be written.
func (d *rehearsal) found(ctx context.Context, deed *deed) error {
	if deed.spec.verify.person {
		d.report.Answer = "verify_person"
		return nil
	}
	if locks, err := deed.system.Locks.of(deed.system.Name, deed.spec.verify.do); err != nil || len(locks) > 0 {
		d.report.Answer = "locks_on_open"
		return nil
	}
	saw, err := deed.look(ctx)
	if err != nil {
		return err
	}
	d.report.Answer = string(saw.answer)
	same, err := deed.same()
	if err != nil {
		return err
	}
	for _, f := range deed.spec.verify.same {
		if there, ok := saw.row[f.label]; ok {
			d.report.Found = append(d.report.Found, casework.DryField{Step: d.report.Step, Label: f.label, Written: same[f.label],
				There: strings.TrimSpace(there), Same: plain(same[f.label]) == plain(there)})
		}
	}
	return deed.shoot(ctx, "looked_after")
}

// scratch is the journal of a dry run: it keeps the pictures and refuses every
// effect, so that no mistake in this file could send anything.
type scratch struct{ shots []Shot }

func (s *scratch) Entries(context.Context) ([]casework.Entry, error) { return nil, nil }
func (s *scratch) Append(context.Context, ...casework.Entry) error   { return nil }
func (s *scratch) Effect(context.Context, string) (casework.Effect, bool, error) {
	return casework.Effect{}, false, nil
}

func (s *scratch) Claim(context.Context, casework.Effect, casework.Entry) (casework.Effect, error) {
	return casework.Effect{}, casework.Fail("dry_run", "a dry run claims no effect")
}

func (s *scratch) Advance(context.Context, casework.EffectState, casework.Entry) error {
	return casework.Fail("dry_run", "a dry run sends nothing")
}

func (s *scratch) Keep(_ context.Context, _ string, _ int, shots []Shot) error {
	s.shots = append(s.shots, shots...)
	return nil
}
