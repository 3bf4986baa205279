// Package tasks says what the queues carry: one file per task with its name,
// payload, queue and options, and the private Redis they live in.
//
// A task is only a hint. SQL is the truth: every piece of work is a row there,
// the outbox writes a hint for it, and a lost, doubled or late hint changes
// nothing but the waiting time. So a payload holds one id and never anything
// personal, attempts are counted in SQL, and nothing relies on asynq's archive,
// scheduler, groups or unique locks (architecture §5 has the measurements).
package tasks

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/hibiken/asynq"
)

// Queues gives each queue its weight: work on a run that may already hold a
// person's lock goes before new readings.
func Queues() map[string]int {
	return map[string]int{QueueRuns: 6, QueueReading: 3}
}

// The queues.
const (
	QueueRuns    = "runs"
	QueueReading = "reading"
)

// Subject is the payload of every task: one id.
type Subject struct {
	ID string `json:"id"`
}

// kinds lists every task; one line per new task.
func kinds() map[string]kind {
	return map[string]kind{
		ReadMaterial: readMaterial(),
		StartRun:     startRun(),
		WorkRun:      workRun(),
		DryRun:       dryRun(),
		TryTarget:    tryTarget(),
		Reconcile:    reconcile(),

		SearchPersons: searchPersons(),
		Recalculate:   recalculate(),
	}
}

// kind is how one task travels.
type kind struct {
	queue   string
	timeout time.Duration // a guard against a lost handler only; our own deadlines are shorter
}

// New makes the task called name about the subject. The task's id is the
// outbox row's id, so that a hint sent twice is there once.
func New(name, hintID, subject string) (*asynq.Task, error) {
	k, ok := kinds()[name]
	if !ok {
		return nil, fmt.Errorf("task %q: no such task", name)
	}
	payload, err := json.Marshal(Subject{ID: subject})
	if err != nil {
		return nil, fmt.Errorf("task %s: %w", name, err)
	}
	return asynq.NewTask(name, payload,
		asynq.TaskID(hintID),
		asynq.Queue(k.queue),
		asynq.Timeout(k.timeout),
		asynq.MaxRetry(5), // a killed worker costs one; the sweep hints again anyway
	), nil
}

// SubjectOf reads a task's id.
func SubjectOf(task *asynq.Task) (string, error) {
	var s Subject
	if err := json.Unmarshal(task.Payload(), &s); err != nil {
		return "", fmt.Errorf("task %s: payload: %w", task.Type(), err)
	}
	return s.ID, nil
}
