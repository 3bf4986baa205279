package workers

import (
	"context"
	"sync"
	"time"

	"github.com/jingban/jingban/casework"
)

// grace is how long the turns under way may go on when the worker is asked to
// stop. It beats on meanwhile.
const grace = 10 * time.Second

// turns are the runs this worker carries on right now, so that a person's order
// or a shutdown can end one: its context ends, the tab closes, and what was sent
// stays in the journal to be verified.
type turns struct {
	mu   sync.Mutex
	ends map[string]context.CancelCauseFunc // by run
	over *casework.Fault                    // set once nothing may begin any more
}

func newTurns() *turns { return &turns{ends: map[string]context.CancelCauseFunc{}} }

// begin gives the context of a turn and how to forget it.
func (t *turns) begin(ctx context.Context, runID string) (context.Context, context.CancelFunc) {
	held, end := context.WithCancelCause(ctx)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ends[runID] = end
	if t.over != nil {
		end(t.over)
	}
	return held, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		delete(t.ends, runID)
		end(context.Canceled)
	}
}

// end ends the turn of a run, if it is here.
func (t *turns) end(runID string, why *casework.Fault) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if end, ok := t.ends[runID]; ok {
		end(why)
	}
}

// endAll ends every turn, and those that still begin.
func (t *turns) endAll(why *casework.Fault) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.over = why
	for _, end := range t.ends {
		end(why)
	}
}

// obey ends the turns that people want ended; it is asked with every beat.
func (c *Crew) obey(ctx context.Context) {
	orders, err := c.Store.Orders(ctx, c.Name)
	if err != nil {
		if ctx.Err() == nil {
			c.Log.Warn("orders", "error", err)
		}
		return
	}
	for _, o := range orders {
		c.Log.Info("turn ended by order", "run", o.RunID, "code", o.Code)
		c.turns.end(o.RunID, casework.Retry(o.Code, "ended by an operator"))
	}
}
