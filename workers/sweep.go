package workers

import (
	"context"
	"time"
)

// sweep looks every second for what was lost: runs of dead workers, hints that
// never arrived, reviews past their due date. It also seals the audit trail, and
// once an hour removes the evidence whose keep-time is over.
func (c *Crew) sweep(ctx context.Context) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	var expired time.Time
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		swept, err := c.Store.Sweep(ctx)
		if err == nil {
			err = c.giveBackOrphans(ctx)
		}
		if err == nil {
			_, err = c.Store.SealAudit(ctx)
		}
		if err == nil && c.Now().Sub(expired) >= time.Hour {
			var more bool
			if _, more, err = c.Store.ExpireEvidence(ctx); !more {
				expired = c.Now()
			}
		}
		switch {
		case err != nil && ctx.Err() == nil:
			c.Log.Warn("sweep", "error", err)
		case swept.Expired > 0 || swept.Escalated > 0:
			c.Log.Info("sweep", "expired", swept.Expired, "hinted_again", swept.Rehinted, "escalated", swept.Escalated)
		}
	}
}
