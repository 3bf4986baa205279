package workers

import (
	"context"
	"fmt"
	"sync"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
)

// Rehearse carries a dry run out in this process, in a browser that somebody
// watches, beside the service's own workers: with the values of a run and any
// playbook, also one that is still being written. It uses a seat of each target
// as every look does, and beats meanwhile so that the seat stays its own. The
// crew needs Name, Store, Browser, Library, Now and Log; it is not to be Run.
func (c *Crew) Rehearse(ctx context.Context, runID string, pb *playbooks.Playbook) (casework.DryReport, []casework.Shot, error) {
	var report casework.DryReport
	var shots []casework.Shot
	err := c.alive(ctx, func(held context.Context) (err error) {
		report, shots, err = c.RehearseOn(held, runID, pb, visitor{crew: c, holder: "watched " + casework.NewID()})
		return err
	})
	return report, shots, err
}

// alive beats while the work is done, so that its seats stay its own.
func (c *Crew) alive(ctx context.Context, work func(held context.Context) error) error {
	c.heart = newHeart(c.Name, c.Store.Beat, c.Now, c.Log)
	if err := c.heart.beat(ctx); err != nil {
		return fmt.Errorf("worker %s: first heartbeat: %w", c.Name, err)
	}
	beating, stop := context.WithCancel(context.WithoutCancel(ctx))
	var pulse sync.WaitGroup
	pulse.Go(func() { _ = c.heart.run(beating) }) // it ends with its context only
	defer pulse.Wait()
	defer stop()
	held, release := c.heart.hold(ctx)
	defer release()
	return work(held)
}

// RehearseOn carries a dry run out on the given pages, with the values of a run.
// The crew needs Store, Library and Now.
func (c *Crew) RehearseOn(ctx context.Context, runID string, pb *playbooks.Playbook, pages playbooks.Pages) (casework.DryReport, []casework.Shot, error) {
	var none casework.DryReport
	run, err := c.Store.Run(ctx, runID)
	if err != nil {
		return none, nil, fmt.Errorf("run: %w", err)
	}
	snapshot, err := c.Store.Snapshot(ctx, run.ID)
	if err != nil {
		return none, nil, fmt.Errorf("snapshot: %w", err)
	}
	decisions, err := c.Store.Decisions(ctx, run.ID)
	if err != nil {
		return none, nil, fmt.Errorf("decisions: %w", err)
	}
	systems, err := c.systems(ctx)
	if err != nil {
		return none, nil, err
	}
	offers, err := c.calculations(ctx, run.ID)
	if err != nil {
		return none, nil, fmt.Errorf("calculations: %w", err)
	}
	runner := playbooks.Runner{
		Pages:    pages,
		Systems:  systems,
		EffectID: func(system, action, key string) string { return c.Store.Hash("effect", system, action, key) },
		Files:    c.file,
		Archive:  c.archived,
		Now:      c.Now,

		Calculations: offers,
		Calendar:     c.Store.Calendar,
	}
	return runner.Dry(ctx, run, pb, snapshot, decisions)
}
