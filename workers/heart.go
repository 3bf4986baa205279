package workers

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/jingban/jingban/casework"
)

// The lease in numbers (architecture §5.4). The store lets a lease end after 8 s.
const (
	beatEvery = 2 * time.Second
	stopAfter = 6 * time.Second
)

// heart renews the worker's lease and ends every held turn when it cannot.
type heart struct {
	worker string
	renew  func(ctx context.Context, worker string) error
	now    func() time.Time
	log    *slog.Logger
	after  func(ctx context.Context) // what else is done with every beat; may be nil

	mu     sync.Mutex
	last   time.Time // start of the last good beat, by the wall
	mono   time.Time // the same moment, monotonic
	life   context.Context
	cancel context.CancelCauseFunc
}

func newHeart(worker string, renew func(context.Context, string) error, now func() time.Time, log *slog.Logger) *heart {
	return &heart{worker: worker, renew: renew, now: now, log: log}
}

// run beats until ctx ends.
func (h *heart) run(ctx context.Context) error {
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
			h.stopIfLate()
			if err := h.beat(ctx); err != nil && ctx.Err() == nil {
				h.log.Warn("heartbeat", "error", err)
				h.stopIfLate()
			}
			if h.after != nil {
				h.after(ctx)
			}
		}
	}
}

// beat renews once. Its start counts, not its end: a slow answer gives no time.
func (h *heart) beat(ctx context.Context) error {
	wall, mono := h.now().Round(0), time.Now()
	ctx, cancel := context.WithTimeout(ctx, stopAfter)
	defer cancel()
	if err := h.renew(ctx, h.worker); err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.last, h.mono = wall, mono
	if h.life == nil || h.life.Err() != nil {
		h.life, h.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
	}
	return nil
}

// stopIfLate ends every held turn when the last good beat is too old by either
// clock: a frozen machine stops the monotonic one, a set clock the other.
func (h *heart) stopIfLate() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.now().Round(0).Sub(h.last) > stopAfter || time.Since(h.mono) > stopAfter {
		h.cancel(casework.ErrNotHolder)
	}
}

// hold gives a context for one turn: it ends with ctx, and with cause
// casework.ErrNotHolder when the lease can no longer be trusted.
func (h *heart) hold(ctx context.Context) (context.Context, context.CancelFunc) {
	h.mu.Lock()
	life := h.life
	h.mu.Unlock()
	held, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(life, func() { cancel(context.Cause(life)) })
	return held, func() { stop(); cancel(context.Canceled) }
}
