package workers

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hibiken/asynq"

	"github.com/jingban/jingban/store"
	"github.com/jingban/jingban/tasks"
)

// relayBatch is how many hints one round enqueues.
const relayBatch = 200

// dispatch admits waiting runs and hands hints to the broker, whenever the store
// says that there is something and at least every quarter of a second.
func (c *Crew) dispatch(ctx context.Context) error {
	options, err := c.Broker.Options()
	if err != nil {
		return err
	}
	client := asynq.NewClient(options)
	defer client.Close()
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for {
		if err := c.dispatchOnce(ctx, client); err != nil && ctx.Err() == nil {
			c.Log.Warn("dispatch", "error", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		case <-c.Store.Wake():
		}
	}
}

func (c *Crew) dispatchOnce(ctx context.Context, client *asynq.Client) error {
	if err := c.admit(ctx); err != nil {
		return err
	}
	hints, err := c.Store.Hints(ctx, relayBatch)
	if err != nil {
		return fmt.Errorf("read the outbox: %w", err)
	}
	sent, err := relay(ctx, client, hints)
	if len(sent) > 0 {
		if markErr := c.Store.HintsSent(ctx, sent); markErr != nil {
			return errors.Join(err, fmt.Errorf("mark hints: %w", markErr))
		}
	}
	return err
}

// relay enqueues hints in order and gives the ids that are in the queue now. A
// hint that is there already counts as sent.
func relay(ctx context.Context, client *asynq.Client, hints []store.Hint) ([]string, error) {
	var sent []string
	for _, hint := range hints {
		task, err := tasks.New(hint.Task, hint.ID, hint.Subject)
		if err != nil {
			return sent, err
		}
		if _, err := client.EnqueueContext(ctx, task); err != nil && !errors.Is(err, asynq.ErrTaskIDConflict) {
			return sent, fmt.Errorf("enqueue %s: %w", hint.Task, err)
		}
		sent = append(sent, hint.ID)
	}
	return sent, nil
}
