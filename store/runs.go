package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jingban/jingban/casework"
)

// live are the states of a run that is not over.
const live = "('waiting', 'running', 'parked')"

const runColumns = `id, case_id, playbook, version, run_key, state, step, ended, holder, fence, attempt, next_at, due,
	priority, created_at, updated_at, target`

func snapshotOf(runID string) string { return "runs/snapshot/" + runID }

func scanRun(r row) (run casework.Run, err error) {
	var due string
	var next, created, updated int64
	err = r.Scan(&run.ID, &run.CaseID, &run.Playbook, &run.Version, &run.Key, &run.State, &run.Step, &run.End, &run.Holder,
		&run.Fence, &run.Attempt, &next, &due, &run.Priority, &created, &updated, &run.Target)
	if err != nil {
		return run, err
	}
	run.NextAt, run.Created, run.Updated = moment(next), moment(created), moment(updated)
	run.Due, err = dueDate(due)
	return run, err
}

// runOf gives a run with its persons.
func runOf(ctx context.Context, q querier, id string) (casework.Run, error) {
	run, err := one(ctx, q, scanRun, "SELECT "+runColumns+" FROM runs WHERE id = $1", id)
	if err != nil {
		return run, err
	}
	run.Persons, err = personsOf(ctx, q, id)
	return run, err
}

func personsOf(ctx context.Context, q querier, id string) ([]string, error) {
	return list(ctx, q, scalar[string], "SELECT person FROM run_persons WHERE run_id = $1 ORDER BY person", id)
}

// StartRun, in one transaction, keeps the assessment, moves the case to
// data_checking and makes the run with its sealed snapshot. Started again for
// the same case and round of materials it gives the run there is. ErrDuplicate
// when another case has a live run for (playbook, key), ErrConflict when the
// case is not being checked or has unread materials.
func (s *Store) StartRun(ctx context.Context, by casework.Actor, run casework.Run, snapshot casework.Snapshot) (casework.Run, error) {
	fresh, id := casework.NewID(), ""
	err := s.change(ctx, "start a run", func(t *tx) error {
		// The update is the lock: two starts of one case follow each other.
		round, err := one(ctx, t, scalar[int64], "UPDATE cases SET updated_at = $1 WHERE id = $2 AND id <> '' RETURNING round",
			micros(t.now), run.CaseID)
		if err != nil {
			return err
		}
		there, err := list(ctx, t, scalar[string], "SELECT id FROM runs WHERE case_id = $1 AND round = $2", run.CaseID, round)
		if err != nil {
			return err
		}
		if len(there) > 0 {
			id = there[0]
			return nil
		}
		run.ID, id = fresh, fresh
		return t.startRun(ctx, by, run, round, snapshot)
	})
	if err != nil {
		return casework.Run{}, err
	}
	return s.Run(ctx, id)
}

func (t *tx) startRun(ctx context.Context, by casework.Actor, run casework.Run, round int64, snapshot casework.Snapshot) error {
	err := t.moveCase(ctx, run.CaseID, `UPDATE cases SET state = 'data_checking', verdict = $1, updated_at = $2
		WHERE id = $3 AND state = 'materials_checking'
		AND NOT EXISTS (SELECT 1 FROM materials m WHERE m.case_id = cases.id AND m.state = 'received')`,
		string(snapshot.Assessment.Verdict), micros(t.now), run.CaseID)
	if err != nil {
		return err
	}
	if err := t.insertAssessment(ctx, run.CaseID, round, snapshot.Assessment); err != nil {
		return err
	}
	if err := t.insertRun(ctx, run, round, snapshot); err != nil {
		return err
	}
	t.woken = true
	return t.audit(ctx, by, "run.start", run.CaseID, map[string]string{
		"run": run.ID, "playbook": run.Playbook, "version": run.Version, "verdict": string(snapshot.Assessment.Verdict)})
}

func (t *tx) insertRun(ctx context.Context, run casework.Run, round int64, snapshot casework.Snapshot) error {
	data, err := t.store.keys.sealJSON(snapshotOf(run.ID), snapshot)
	if err != nil {
		return err
	}
	if run.NextAt.IsZero() {
		run.NextAt = t.now
	}
	ceiling, err := t.ceiling(ctx, run.Version)
	if err != nil {
		return err
	}
	_, err = t.update(ctx, `INSERT INTO runs (id, case_id, round, playbook, version, run_key, snapshot, state, next_at, due,
		priority, created_at, updated_at, ceiling, target, rank, format, params)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 'waiting', $8, $9, $10, $11, $11, $12, $13, $14, $15, (SELECT edition FROM param_head WHERE id = 1))`,
		run.ID, run.CaseID, round, run.Playbook, run.Version, run.Key, data, micros(run.NextAt), dueText(run.Due),
		run.Priority, micros(t.now), string(ceiling), run.Target, rank(run.Due, t.now), JournalFormat)
	if err != nil {
		return err
	}
	for _, person := range run.Persons {
		if err := t.later(ctx, "INSERT INTO run_persons (run_id, person) VALUES ($1, $2) ON CONFLICT DO NOTHING", run.ID, person); err != nil {
			return err
		}
	}
	return nil
}

// undatedFor is how long a run without a due date stands back behind the dated
// ones: it must not starve behind those that come after it.
const undatedFor = 30 // days

// rank orders waiting runs: the due day, or one that stands in for it.
func rank(due casework.Date, created time.Time) string {
	if due.IsZero() {
		due = casework.DateOf(created).AddDays(undatedFor)
	}
	return due.String()
}

// RunFilter narrows a list of runs; the zero value asks for all.
type RunFilter struct {
	States   []casework.RunState
	Playbook string
	Target   string // the system that the next step works on, "" for all
	CaseID   string
	End      string
	Since    time.Time // updated since
	After    string
	Limit    int
}

// Run gives one run with its persons, or ErrNotFound.
func (s *Store) Run(ctx context.Context, id string) (casework.Run, error) {
	run, err := runOf(ctx, s.reader, id)
	return run, explain("run", err)
}

// Runs gives a page of runs, the newest first, without their persons.
func (s *Store) Runs(ctx context.Context, f RunFilter) (runs []casework.Run, next string, err error) {
	var w where
	in(&w, "state", f.States)
	w.equal("playbook", f.Playbook)
	w.equal("target", f.Target)
	w.equal("case_id", f.CaseID)
	w.equal("ended", f.End)
	if !f.Since.IsZero() {
		w.add("updated_at >= ?", micros(f.Since))
	}
	if f.After != "" {
		w.add("id < ?", f.After)
	}
	limit := limited(f.Limit)
	runs, err = list(ctx, s.reader, scanRun,
		"SELECT "+runColumns+" FROM runs"+w.String()+" ORDER BY id DESC LIMIT "+w.mark(limit+1), w.values...)
	if err != nil {
		return nil, "", explain("list runs", err)
	}
	runs, next = pageOf(runs, limit, func(r casework.Run) string { return r.ID })
	return runs, next, nil
}

// Snapshot gives the values a run works with.
func (s *Store) Snapshot(ctx context.Context, runID string) (snapshot casework.Snapshot, err error) {
	sealed, err := one(ctx, s.reader, scalar[string], "SELECT snapshot FROM runs WHERE id = $1", runID)
	if err == nil {
		err = s.keys.openJSON(snapshotOf(runID), sealed, &snapshot)
	}
	return snapshot, explain("snapshot", err)
}

// RetryRun lets a failed run go on: failed → waiting. ErrConflict when it has
// not failed or its case was cancelled, ErrDuplicate when another run for the
// same claim is live by now.
func (s *Store) RetryRun(ctx context.Context, by casework.Actor, runID string) error {
	return s.change(ctx, "retry the run", func(t *tx) error {
		caseID, err := t.moveRun(ctx, runID, `UPDATE runs SET state = 'waiting', ended = '', ended_at = 0, failures = 0,
			admitted = 0, next_at = $1, updated_at = $1 WHERE id = $2 AND state = 'failed' RETURNING case_id`, micros(t.now), runID)
		if err != nil {
			return err
		}
		err = t.moveCase(ctx, caseID, `UPDATE cases SET state = 'data_checking', outcome = '', updated_at = $1
			WHERE id = $2 AND state = 'failed'`, micros(t.now), caseID)
		if err != nil {
			return err
		}
		t.woken = true
		return t.audit(ctx, by, "run.retry", caseID, map[string]string{"run": runID})
	})
}

// WithdrawRun ends a run that is live and not running; a person takes the case
// over. ErrConflict when it is running or over, or while one of its effects is
// in doubt: a withdrawn run could never find out what became of it.
func (s *Store) WithdrawRun(ctx context.Context, by casework.Actor, runID, reason string) error {
	return s.change(ctx, "withdraw the run", func(t *tx) error {
		caseID, err := t.moveRun(ctx, runID, `UPDATE runs SET state = 'withdrawn', ended = 'withdrawn', ended_at = $1,
			admitted = 0, updated_at = $1 WHERE id = $2 AND state IN ('waiting', 'parked') RETURNING case_id`, micros(t.now), runID)
		if err != nil {
			return err
		}
		doubtful, err := t.doubtful(ctx, runID)
		if err != nil {
			return err
		}
		if doubtful {
			return fmt.Errorf("a submission of the run is in doubt and must be verified first: %w", ErrConflict)
		}
		if err := t.letGo(ctx, runID); err != nil {
			return err
		}
		_, err = t.update(ctx, "UPDATE cases SET state = 'failed', outcome = 'withdrawn', updated_at = $1 WHERE id = $2 AND id <> ''",
			micros(t.now), caseID)
		if err != nil {
			return err
		}
		return t.audit(ctx, by, "run.withdraw", caseID, map[string]string{"run": runID, "reason": reason})
	})
}

// moveRun runs an update of one run that asks for its state and gives its case.
func (t *tx) moveRun(ctx context.Context, id, query string, args ...any) (caseID string, err error) {
	moved, err := list(ctx, t, scalar[string], query, args...)
	if err != nil {
		return "", err
	}
	if len(moved) > 0 {
		return moved[0], nil
	}
	state, err := one(ctx, t, scalar[string], "SELECT state FROM runs WHERE id = $1", id)
	if err != nil {
		return "", err
	}
	return "", fmt.Errorf("the run is %s: %w", state, ErrConflict)
}
