package main

import (
	"context"
	"fmt"

	"github.com/jingban/jingban/casework"
)

// aRun is the run that a command is about, and who asks for it.
type aRun struct {
	ID string `arg:"" name:"run"`
	doer
}

// change opens the books, proves who asks and makes one change.
func (r aRun) change(ctx context.Context, term console, cfg *Config, permission string, work func(*house, casework.Actor) error) error {
	h, err := openBooks(ctx, cfg, term.err)
	if err != nil {
		return err
	}
	defer h.Close()
	by, err := r.actor(ctx, term, h, permission)
	if err != nil {
		return err
	}
	if err := work(h, by); err != nil {
		return err
	}
	run, err := h.store.Run(ctx, r.ID)
	if err != nil {
		return err
	}
	paused, err := h.store.Paused(ctx, r.ID)
	if err != nil {
		return err
	}
	fmt.Fprintln(term.out, run.ID, stateOf(run, paused[r.ID]))
	return nil
}

type runPause struct{ aRun }

// Run pauses.
func (r runPause) Run(ctx context.Context, term console, cfg *Config) error {
	return r.change(ctx, term, cfg, "run.control", func(h *house, by casework.Actor) error {
		return h.store.PauseRun(ctx, by, r.ID, r.Why)
	})
}

type runResume struct{ aRun }

// Run resumes.
func (r runResume) Run(ctx context.Context, term console, cfg *Config) error {
	return r.change(ctx, term, cfg, "run.control", func(h *house, by casework.Actor) error {
		return h.store.ResumeRun(ctx, by, r.ID, r.Why)
	})
}

type runRetry struct {
	aRun
	From string `help:"Do this step and all after it anew." placeholder:"STEP" xor:"how"`
	With string `help:"Do everything anew with this playbook version; what has happened is known by its effect." placeholder:"HASH" xor:"how"`
}

// Run lets the run go on.
func (r runRetry) Run(ctx context.Context, term console, cfg *Config) error {
	return r.change(ctx, term, cfg, "run.control", func(h *house, by casework.Actor) error {
		if r.With != "" {
			return h.store.Rerun(ctx, by, r.ID, r.With, r.Why)
		}
		if r.From != "" {
			pb, err := h.playbookOf(ctx, r.ID)
			if err != nil {
				return err
			}
			if _, ok := pb.Step(r.From); !ok {
				return fmt.Errorf("playbook %s has no step %q", pb.Name, r.From)
			}
		}
		return h.store.RetryFrom(ctx, by, r.ID, r.From, r.Why)
	})
}

type runSkip struct {
	aRun
	Step string `arg:""`
}

// Run passes over a step.
func (r runSkip) Run(ctx context.Context, term console, cfg *Config) error {
	return r.change(ctx, term, cfg, "run.control", func(h *house, by casework.Actor) error {
		pb, err := h.playbookOf(ctx, r.ID)
		if err != nil {
			return err
		}
		if err := pb.Skippable(r.Step); err != nil {
			return err
		}
		return h.store.SkipStep(ctx, by, r.ID, r.Step, r.Why)
	})
}

type runCancel struct{ aRun }

// Run cancels.
func (r runCancel) Run(ctx context.Context, term console, cfg *Config) error {
	return r.change(ctx, term, cfg, "run.cancel", func(h *house, by casework.Actor) error {
		_, err := h.store.CancelRun(ctx, by, r.ID, r.Why)
		return err
	})
}
