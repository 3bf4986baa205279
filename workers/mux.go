package workers

import (
	"context"

	"github.com/hibiken/asynq"

	"github.com/jingban/jingban/tasks"
)

// mux lists who does what: one line per task.
func (c *Crew) mux() *asynq.ServeMux {
	mux := asynq.NewServeMux()
	mux.HandleFunc(tasks.ReadMaterial, c.about(c.readMaterial))
	mux.HandleFunc(tasks.StartRun, c.about(c.startRun))
	mux.HandleFunc(tasks.WorkRun, c.about(c.workRun))
	mux.HandleFunc(tasks.DryRun, c.about(c.dryRun))
	mux.HandleFunc(tasks.TryTarget, c.about(c.tryTarget))
	mux.HandleFunc(tasks.Reconcile, c.about(c.reconcile))
	mux.HandleFunc(tasks.SearchPersons, c.about(c.searchPersons))
	mux.HandleFunc(tasks.Recalculate, c.about(c.recalculate))
	return mux
}

// about unpacks the task's subject. A payload that can't be read is dropped:
// the sweep hints again whatever is still to be done.
func (c *Crew) about(do func(ctx context.Context, id string) error) func(context.Context, *asynq.Task) error {
	return func(ctx context.Context, task *asynq.Task) error {
		id, err := tasks.SubjectOf(task)
		if err != nil {
			c.Log.Warn("hint dropped", "error", err)
			return nil
		}
		return do(ctx, id)
	}
}
