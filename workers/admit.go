package workers

import (
	"context"
	"fmt"
)

// admit lets the store pick the next runs. Only twice as many as there are slots
// in all living workers are ever hinted; everything else waits as a row, so that due-date order is
// never lost inside Redis.
func (c *Crew) admit(ctx context.Context) error {
	workers, err := c.Store.Workers(ctx)
	if err != nil {
		return fmt.Errorf("admit runs: %w", err)
	}
	if _, err := c.Store.Admit(ctx, 2*c.Slots*max(workers, 1)); err != nil {
		return fmt.Errorf("admit runs: %w", err)
	}
	return nil
}
