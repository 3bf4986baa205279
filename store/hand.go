package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/jingban/jingban/casework"
)

// The operator's hand: what a person may do to a run. Each needs a reason and
// is audited. Only a run that nobody holds is rewound or given another version;
// the journal is continued, never changed.

func wantReason(what, reason string) error {
	if strings.TrimSpace(reason) == "" {
		return fmt.Errorf("%s: no reason was given: %w", what, ErrInvalid)
	}
	return nil
}

// PauseRun keeps a live run where it is. A waiting one is not admitted, a
// running one stops before its next step or click, and the answer to a parked
// one is kept. ErrConflict when it is paused already or over.
func (s *Store) PauseRun(ctx context.Context, by casework.Actor, runID, reason string) error {
	if err := wantReason("pause the run", reason); err != nil {
		return err
	}
	return s.change(ctx, "pause the run", func(t *tx) error {
		caseID, err := t.moveRun(ctx, runID, `UPDATE runs SET paused = 1, updated_at = $1,
			admitted = CASE WHEN state = 'waiting' THEN 0 ELSE admitted END
			WHERE id = $2 AND paused = 0 AND state IN `+live+` RETURNING case_id`, micros(t.now), runID)
		if err != nil {
			return err
		}
		waiting, err := one(ctx, t, scalar[int], "SELECT COUNT(*) FROM runs WHERE id = $1 AND state = 'waiting'", runID)
		if err != nil {
			return err
		}
		if waiting > 0 {
			if err := t.letGo(ctx, runID); err != nil {
				return err
			}
		}
		return t.audit(ctx, by, "run.pause", caseID, map[string]string{"run": runID, "reason": reason})
	})
}

// ResumeRun lets a paused run go on. ErrConflict when it is not paused.
func (s *Store) ResumeRun(ctx context.Context, by casework.Actor, runID, reason string) error {
	if err := wantReason("resume the run", reason); err != nil {
		return err
	}
	return s.change(ctx, "resume the run", func(t *tx) error {
		caseID, err := t.moveRun(ctx, runID, `UPDATE runs SET paused = 0, failures = 0, updated_at = $1,
			next_at = CASE WHEN state = 'waiting' AND ended = 'paused' THEN $1 ELSE next_at END
			WHERE id = $2 AND paused = 1 RETURNING case_id`, micros(t.now), runID)
		if err != nil {
			return err
		}
		t.woken = true
		return t.audit(ctx, by, "run.resume", caseID, map[string]string{"run": runID, "reason": reason})
	})
}

// Paused says which of the runs are paused.
func (s *Store) Paused(ctx context.Context, runIDs ...string) (map[string]bool, error) {
	paused := make(map[string]bool, len(runIDs))
	if len(runIDs) == 0 {
		return paused, nil
	}
	var w where
	in(&w, "id", runIDs)
	found, err := list(ctx, s.reader, scalar[string], "SELECT id FROM runs"+w.String()+" AND paused = 1", w.values...)
	for _, id := range found {
		paused[id] = true
	}
	return paused, explain("paused runs", err)
}

// RetryFrom lets a run that nobody holds do a step and all after it anew; step
// "" leaves it where it stands. Effects that have happened are taken, not
// repeated. ErrConflict when it is running or over, ErrDuplicate when another
// run for the same claim is live by now.
func (s *Store) RetryFrom(ctx context.Context, by casework.Actor, runID, step, reason string) error {
	if err := wantReason("retry the run", reason); err != nil {
		return err
	}
	return s.change(ctx, "retry the run", func(t *tx) error {
		caseID, err := t.reopen(ctx, runID)
		if err != nil {
			return err
		}
		if step != "" {
			if err := t.byHand(ctx, runID, casework.Rewound, step, map[string]string{"by": by.ID}); err != nil {
				return err
			}
		}
		return t.audit(ctx, by, "run.retry", caseID, map[string]string{"run": runID, "step": step, "reason": reason})
	})
}

// Rerun gives a run that nobody holds another version of its playbook, and
// everything is done anew with it: what an earlier version brought about is
// known by its effects, never by the names of steps. The version must be
// released and not retired (ErrUnready).
func (s *Store) Rerun(ctx context.Context, by casework.Actor, runID, hash, reason string) error {
	if err := wantReason("re-run", reason); err != nil {
		return err
	}
	v, err := s.Version(ctx, hash)
	if err != nil {
		return err
	}
	if v.Stage == casework.StageDraft || !v.Retired.IsZero() {
		return fmt.Errorf("re-run: version %s is not released: %w", v.Hash, ErrUnready)
	}
	return s.change(ctx, "re-run", func(t *tx) error {
		caseID, err := t.reopen(ctx, runID)
		if err != nil {
			return err
		}
		ceiling, err := t.ceiling(ctx, v.Hash)
		if err != nil {
			return err
		}
		was, err := one(ctx, t, scalar[string], "SELECT version FROM runs WHERE id = $1", runID)
		if err != nil {
			return err
		}
		err = t.must(ctx, fmt.Errorf("the version is of playbook %s: %w", v.Playbook, ErrConflict),
			"UPDATE runs SET version = $1, ceiling = $2, step = '' WHERE id = $3 AND playbook = $4", v.Hash, string(ceiling), runID, v.Playbook)
		if err != nil {
			return err
		}
		if err := t.byHand(ctx, runID, casework.Rewound, "", map[string]string{"by": by.ID, "version": v.Hash}); err != nil {
			return err
		}
		return t.audit(ctx, by, "run.rerun", caseID, map[string]string{"run": runID, "from": was, "to": v.Hash, "reason": reason})
	})
}

// SkipStep lets a run that nobody holds pass over a step. ErrConflict while the
// step's change is in doubt. The runner skips no question to a person.
func (s *Store) SkipStep(ctx context.Context, by casework.Actor, runID, step, reason string) error {
	if err := wantReason("skip the step", reason); err != nil {
		return err
	}
	if step == "" {
		return fmt.Errorf("skip the step: no step was named: %w", ErrInvalid)
	}
	return s.change(ctx, "skip the step", func(t *tx) error {
		caseID, err := t.reopen(ctx, runID)
		if err != nil {
			return err
		}
		doubt, err := one(ctx, t, scalar[int], "SELECT COUNT(*) FROM effects WHERE run_id = $1 AND step = $2 AND state = 'sent'", runID, step)
		if err != nil {
			return err
		}
		if doubt > 0 {
			return fmt.Errorf("a submission of step %s is in doubt and must be verified first: %w", step, ErrConflict)
		}
		if err := t.byHand(ctx, runID, casework.Skipped, step, map[string]string{"by": by.ID}); err != nil {
			return err
		}
		return t.audit(ctx, by, "run.skip", caseID, map[string]string{"run": runID, "step": step, "reason": reason})
	})
}

// reopen makes a failed, parked or waiting run wait for its next turn, without
// its open question and its place in the queue.
func (t *tx) reopen(ctx context.Context, runID string) (caseID string, err error) {
	caseID, err = t.moveRun(ctx, runID, `UPDATE runs SET state = 'waiting', ended = '', ended_at = 0, failures = 0, admitted = 0,
		next_at = $1, updated_at = $1 WHERE id = $2 AND state IN ('waiting', 'parked', 'failed') RETURNING case_id`,
		micros(t.now), runID)
	if err != nil {
		return "", err
	}
	if err := t.letGo(ctx, runID); err != nil {
		return "", err
	}
	if caseID == "" {
		return "", nil
	}
	_, err = t.update(ctx, "UPDATE cases SET state = 'data_checking', outcome = '', updated_at = $1 WHERE id = $2 AND state = 'failed'",
		micros(t.now), caseID)
	return caseID, err
}

// byHand adds an operator's line to the journal of a run that nobody holds.
func (t *tx) byHand(ctx context.Context, runID string, kind casework.EntryKind, step string, detail map[string]string) error {
	data, err := json.Marshal(detail)
	if err != nil {
		return err
	}
	type place struct{ seq, attempt, fence int64 }
	at, err := one(ctx, t, func(r row) (p place, err error) { return p, r.Scan(&p.seq, &p.attempt, &p.fence) },
		"UPDATE runs SET seq = seq + 1 WHERE id = $1 AND state = 'waiting' RETURNING seq, attempt, fence", runID)
	if err != nil {
		return err
	}
	_, err = t.update(ctx, `INSERT INTO entries (run_id, seq, step, item, attempt, fence, effect, kind, at, data)
		VALUES ($1, $2, $3, '', $4, $5, '', $6, $7, $8)`, runID, at.seq, step, at.attempt, at.fence, string(kind),
		micros(t.now), t.store.keys.sealText(entryOf(runID, at.seq), string(data)))
	return err
}
