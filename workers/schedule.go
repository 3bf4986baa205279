package workers

import (
	"context"
	"errors"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

// How often the scheduler looks. Every worker is a scheduler: the store sees to
// it that a tick is there once.
const (
	tickEvery  = time.Second
	watchEvery = time.Minute
)

// schedule starts what schedules ask for, and watches the time limits.
func (c *Crew) schedule(ctx context.Context) error {
	ticker := time.NewTicker(tickEvery)
	defer ticker.Stop()
	var watched time.Time
	for {
		ticked, err := c.Store.Tick(ctx, c.scheduled)
		if now := c.Now(); err == nil && (watched.IsZero() || now.Sub(watched) >= watchEvery) {
			if err = errors.Join(c.Store.WatchClocks(ctx), c.gatherFunds(ctx), c.gatherPersons(ctx), c.Store.WatchFunds(ctx)); err == nil {
				watched = now
			}
		}
		if err == nil {
			_, err = c.Store.FeedSheets(ctx, c.actor())
		}
		switch {
		case err != nil && ctx.Err() == nil:
			c.Log.Warn("schedule", "error", err)
		case ticked.Started > 0 || ticked.Skipped > 0:
			c.Log.Info("schedule", "started", ticked.Started, "skipped", ticked.Skipped)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}

// scheduled makes the run of a tick: of the version that takes the next run, due
// on its day, and never beside another run of the same schedule.
func (c *Crew) scheduled(ctx context.Context, s casework.Schedule, at time.Time) (casework.Run, casework.Snapshot, error) {
	playbook, err := c.pick(ctx, s.Playbook)
	if errors.Is(err, store.ErrNotFound) {
		err = casework.AskPerson("playbook_unknown", "schedule %s: no version of playbook %s is released", s.Name, s.Playbook)
	}
	if err != nil {
		return casework.Run{}, casework.Snapshot{}, err
	}
	day := casework.DateOf(at)
	moment := at.UTC().Format(time.RFC3339)
	shared := map[string]string{"subject": s.Subject, "schedule": s.Name, "tick": moment, "day": day.String()}
	if err := c.aboutFund(ctx, s.Subject, shared); err != nil {
		return casework.Run{}, casework.Snapshot{}, err
	}
	return casework.Run{
			Playbook: playbook.Name, Version: playbook.Version, Due: day,
			Key:     c.Store.Hash("key", playbook.Name, s.ID, moment),
			Persons: []string{c.Store.Hash("schedule", s.ID)},
		}, casework.Snapshot{
			Matter: playbook.Name, Month: casework.MonthOf(day), Received: day,
			Shared: shared,
		}, nil
}
