package workers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/store"
)

// workRun carries one admitted run on until it is done, parked or must wait. A
// second hint for a run that is held already is a no-op.
func (c *Crew) workRun(ctx context.Context, runID string) error {
	defer c.busy.enter(runID)()
	lease, err := c.Store.Claim(ctx, runID, c.Name)
	if errors.Is(err, store.ErrHeld) || errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("claim run %s: %w", runID, err)
	}
	held, release := c.heart.hold(ctx)
	defer release()
	held, forget := c.turns.begin(held, runID)
	defer forget()
	c.seam(ctx, runID, "claimed")
	result, err := c.turn(held, lease)
	c.seam(ctx, runID, "before_settle")
	cause := context.Cause(held)
	if _, ordered := errors.AsType[*casework.Fault](cause); errors.Is(cause, casework.ErrNotHolder) || ordered && err != nil {
		err = cause
	}
	return c.settle(ctx, lease, result, err)
}

// turn runs the playbook from where its journal ends.
func (c *Crew) turn(ctx context.Context, lease store.Lease) (casework.Result, error) {
	run := lease.Run
	playbook, err := c.shelf.playbook(ctx, run.Version)
	if err != nil {
		return casework.Result{}, err
	}
	snapshot, err := c.Store.Snapshot(ctx, run.ID)
	if err != nil {
		return casework.Result{}, fmt.Errorf("snapshot: %w", err)
	}
	decisions, err := c.Store.Decisions(ctx, run.ID)
	if err != nil {
		return casework.Result{}, fmt.Errorf("decisions: %w", err)
	}
	systems, err := c.systems(ctx)
	if err != nil {
		return casework.Result{}, err
	}
	offers, err := c.calculations(ctx, run.ID)
	if err != nil {
		return casework.Result{}, fmt.Errorf("calculations: %w", err)
	}
	runner := playbooks.Runner{
		Journal:  c.journal(lease),
		Pages:    pages{crew: c, seat: lease.Seat},
		Papers:   printery{crew: c},
		Watch:    watch{crew: c},
		Funds:    funds{crew: c},
		Persons:  insured{crew: c},
		Cases:    cases{crew: c},
		Systems:  systems,
		EffectID: func(system, action, key string) string { return c.Store.Hash("effect", system, action, key) },
		Files:    c.file,
		Archive:  c.archived,
		Now:      c.Now,
		Stage:    func(ctx context.Context) (casework.Stage, error) { return c.Store.RunStage(ctx, run.ID) },
		Halt:     func(ctx context.Context) error { return c.halt(ctx, run.ID) },
		Seam:     func(name string) { c.seam(ctx, run.ID, name) },

		Calculations: offers,
		Calendar:     c.Store.Calendar,
		Event: func(ctx context.Context, name string, since time.Time) (bool, error) {
			return c.event(ctx, run.CaseID, name, since)
		},
	}
	return runner.Run(ctx, run, playbook, snapshot, decisions)
}

// halt stops the turn of a run that an operator has paused.
func (c *Crew) halt(ctx context.Context, runID string) error {
	paused, err := c.Store.Paused(ctx, runID)
	if err == nil && paused[runID] {
		err = casework.Retry("paused", "an operator paused the run")
	}
	return err
}

// event says whether a case event has come since a wait began. An upload has come
// when nothing of the case is left to be read.
func (c *Crew) event(ctx context.Context, caseID, name string, since time.Time) (bool, error) {
	if name != playbooks.MaterialEvent {
		return false, nil
	}
	materials, err := c.Store.Materials(ctx, caseID)
	unread := func(m casework.Material) bool { return m.State == casework.MaterialReceived }
	fresh := func(m casework.Material) bool { return m.UploadedAt.After(since) }
	return slices.ContainsFunc(materials, fresh) && !slices.ContainsFunc(materials, unread), err
}

func (c *Crew) journal(lease store.Lease) playbooks.Journal {
	if c.Journal != nil {
		return c.Journal(c.Store.Journal(lease))
	}
	return c.Store.Journal(lease)
}

func (c *Crew) seam(ctx context.Context, run, name string) {
	if c.Seam != nil {
		c.Seam(ctx, run, name)
	}
}

// file fetches a material for an upload field of a legacy system.
func (c *Crew) file(ctx context.Context, id string) (playbooks.File, error) {
	material, err := c.Store.Material(ctx, id)
	if err != nil {
		return playbooks.File{}, fmt.Errorf("material %s: %w", id, err)
	}
	data, err := c.Store.File(ctx, material.SHA256)
	if err != nil {
		return playbooks.File{}, fmt.Errorf("material %s: bytes: %w", id, err)
	}
	return playbooks.File{Name: material.FileName, MIME: material.MIME, Data: data}, nil
}

// archived gives what an earlier step of a run downloaded; the evidence has its bytes.
func (c *Crew) archived(ctx context.Context, sum string) ([]byte, error) {
	data, err := c.Store.File(ctx, sum)
	if errors.Is(err, store.ErrNotFound) {
		return nil, casework.AskPerson("sheet_missing", "the downloaded file is not in the archive")
	}
	return data, err
}
