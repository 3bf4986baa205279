package workers

import (
	"context"
	"fmt"
)

// admit lets the store pick the next runs. Only twice as many as there are slots
// are ever hinted; everything else waits as a row, so that due-date order is
// never lost inside Redis.
func (c *Crew) admit(ctx context.Context) error {
	if _, err := c.Store.Admit(ctx, 2*c.Slots); err != nil {
		return fmt.Errorf("admit runs: %w", err)
	}
	return nil
}
