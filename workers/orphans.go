package workers

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

// orphanCode is why such a run waits again, for people to see.
const orphanCode = "lease_lost"

// busy knows the runs, dry runs and canaries whose hints this worker is handling.
// Each is entered before it is claimed, so that what is held and not in here is
// an orphan.
type busy struct {
	mu   sync.Mutex
	runs map[string]int // two hints for one run may be handled at once
}

// enter notes a run, or a look, and gives the way to leave it.
func (b *busy) enter(runID string) (leave func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.runs == nil {
		b.runs = map[string]int{}
	}
	b.runs[runID]++
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.runs[runID]--; b.runs[runID] == 0 {
			delete(b.runs, runID)
		}
	}
}

func (b *busy) with(runID string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.runs[runID] > 0
}

// giveBackOrphans lets runs wait again that stand under this worker's name
// without being worked on. A turn ends without a word when the worker was frozen
// or the database was gone; the worker then beats again, so that its lease never
// expires and nobody else would ever take the run.
func (c *Crew) giveBackOrphans(ctx context.Context) error {
	held, err := c.Store.HeldBy(ctx, c.Name)
	if err != nil {
		return err
	}
	for _, lease := range held {
		if c.busy.with(lease.Run.ID) {
			continue
		}
		err := c.Store.Drop(ctx, lease, lease.Run.Target, orphanCode, time.Time{})
		if errors.Is(err, casework.ErrNotHolder) {
			continue // it was settled meanwhile
		}
		if err != nil {
			return fmt.Errorf("give back run %s: %w", lease.Run.ID, err)
		}
		c.Log.Warn("a run without a turn waits again", "run", lease.Run.ID, "fence", lease.Fence)
	}
	return c.endLooks(ctx)
}

// endLooks does the same for dry runs and canaries: the dry run ends with a
// reason, so that a person may order another, and the seat comes free.
func (c *Crew) endLooks(ctx context.Context) error {
	dry, err := c.Store.DryRunsOf(ctx, c.Name)
	if err != nil {
		return err
	}
	for _, d := range dry {
		if c.busy.with(d.ID) {
			continue
		}
		d.State, d.Code = store.DryFailed, orphanCode
		if err := c.ended(c.Store.EndDryRun(ctx, d, nil)); err != nil {
			return fmt.Errorf("give up dry run %s: %w", d.ID, err)
		}
		c.Log.Warn("a dry run without a turn was given up", "dry", d.ID)
	}
	seats, err := c.Store.LookSeats(ctx, c.Name)
	if err != nil {
		return err
	}
	for _, seat := range seats {
		if c.busy.with(seat.Holder) {
			continue
		}
		if err := c.Store.LeaveSeat(ctx, seat); err != nil {
			return fmt.Errorf("seat %d of %s: %w", seat.Number, seat.Target, err)
		}
		c.Log.Warn("a seat without a look is free again", "target", seat.Target, "seat", seat.Number)
	}
	return nil
}
