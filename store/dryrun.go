package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jingban/jingban/casework"
)

// DryRun is one order to drive the live page up to a commit and not further. It
// is carried out by a worker, on a seat like any other, and changes no run.
type DryRun struct {
	ID, RunID, Hash string
	By, Reason      string
	State           string // waiting, running, done, refused (the page locks or saves on opening), failed
	Good            bool   // every field was read back as written
	Code            string // why it was refused or failed
	Worker          string
	At, Ended       time.Time
	Report          casework.DryReport
	Shots           []DryShot
}

// DryShot is a file of evidence of a dry run; its bytes come by File.
type DryShot struct {
	Name   string `json:"name"`
	MIME   string `json:"mime"`
	SHA256 string `json:"sha256"`
}

// The states of a dry run.
const (
	DryWaiting = "waiting"
	DryRunning = "running"
	DryDone    = "done"
	DryRefused = "refused"
	DryFailed  = "failed"
)

const dryColumns = "id, run_id, hash, state, good, code, actor, reason, worker, report, shots, at, ended_at"

func dryReport(id string) string { return "dry_runs/report/" + id }
func dryReason(id string) string { return "dry_runs/reason/" + id }

func (s *Store) scanDryRun(r row) (d DryRun, err error) {
	var good, at, ended int64
	var reason, report, shots string
	err = r.Scan(&d.ID, &d.RunID, &d.Hash, &d.State, &good, &d.Code, &d.By, &reason, &d.Worker, &report, &shots, &at, &ended)
	if err != nil {
		return d, err
	}
	d.Good, d.At, d.Ended = good != 0, moment(at), moment(ended)
	if d.Reason, err = s.keys.openText(dryReason(d.ID), reason); err != nil {
		return d, err
	}
	if report != "" {
		if err = s.keys.openJSON(dryReport(d.ID), report, &d.Report); err != nil {
			return d, err
		}
	}
	return d, json.Unmarshal([]byte(shots), &d.Shots)
}

// OrderDryRun asks for a dry run with the values of a run, under its own
// version or another one of the same playbook, drafts included.
func (s *Store) OrderDryRun(ctx context.Context, by casework.Actor, runID, hash, reason string) (DryRun, error) {
	if err := wantReason("order a dry run", reason); err != nil {
		return DryRun{}, err
	}
	run, err := s.Run(ctx, runID)
	if err != nil {
		return DryRun{}, err
	}
	if hash == "" {
		hash = run.Version
	}
	v, err := s.Version(ctx, hash)
	if err != nil {
		return DryRun{}, err
	}
	if v.Playbook != run.Playbook {
		return DryRun{}, fmt.Errorf("order a dry run: the version is of playbook %s: %w", v.Playbook, ErrConflict)
	}
	id := casework.NewID()
	err = s.change(ctx, "order a dry run", func(t *tx) error {
		_, err := t.update(ctx, `INSERT INTO dry_runs (id, run_id, hash, state, actor, reason, at, hinted_at)
			VALUES ($1, $2, $3, 'waiting', $4, $5, $6, $6)`, id, runID, v.Hash, by.Name,
			t.store.keys.sealText(dryReason(id), reason), micros(t.now))
		if err != nil {
			return err
		}
		if err := t.hint(ctx, taskDryRun, id); err != nil {
			return err
		}
		return t.audit(ctx, by, "run.dry", run.CaseID, map[string]string{"run": runID, "version": v.Hash, "dry": id, "reason": reason})
	})
	if err != nil {
		return DryRun{}, err
	}
	return s.DryRun(ctx, id)
}

// DryRun gives one dry run, or ErrNotFound. Its report names a person.
func (s *Store) DryRun(ctx context.Context, id string) (DryRun, error) {
	d, err := one(ctx, s.reader, s.scanDryRun, "SELECT "+dryColumns+" FROM dry_runs WHERE id = $1", id)
	return d, explain("dry run", err)
}

// DryRunFilter narrows a list of dry runs; the zero value asks for all.
type DryRunFilter struct {
	RunID, Hash string
	Limit       int
}

// DryRuns gives dry runs, the newest first.
func (s *Store) DryRuns(ctx context.Context, f DryRunFilter) ([]DryRun, error) {
	var w where
	w.equal("run_id", f.RunID)
	w.equal("hash", f.Hash)
	all, err := list(ctx, s.reader, s.scanDryRun, "SELECT "+dryColumns+" FROM dry_runs"+w.String()+
		" ORDER BY id DESC LIMIT "+w.mark(limited(f.Limit)), w.values...)
	return all, explain("list dry runs", err)
}

// ClaimDryRun takes a waiting dry run for the worker; ErrHeld when it is not
// waiting.
func (s *Store) ClaimDryRun(ctx context.Context, id, worker string) (DryRun, error) {
	err := s.change(ctx, "claim the dry run", func(t *tx) error {
		return t.must(ctx, ErrHeld, "UPDATE dry_runs SET state = 'running', worker = $1 WHERE id = $2 AND state = 'waiting'", worker, id)
	})
	if err != nil {
		return DryRun{}, err
	}
	return s.DryRun(ctx, id)
}

// EndDryRun keeps what a dry run came to: its State, Good, Code and Report, and
// its evidence. ErrNotHolder when it was given up meanwhile.
func (s *Store) EndDryRun(ctx context.Context, d DryRun, shots []casework.Shot) error {
	for _, shot := range shots {
		sum, err := s.PutFile(ctx, shot.Data)
		if err != nil {
			return err
		}
		d.Shots = append(d.Shots, DryShot{Name: shot.Name, MIME: shot.MIME, SHA256: sum})
	}
	files, err := jsonText(append([]DryShot{}, d.Shots...))
	if err != nil {
		return err
	}
	report, err := s.keys.sealJSON(dryReport(d.ID), d.Report)
	if err != nil {
		return err
	}
	good := 0
	if d.Good && d.State == DryDone {
		good = 1
	}
	return s.change(ctx, "end the dry run", func(t *tx) error {
		return t.must(ctx, casework.ErrNotHolder, `UPDATE dry_runs SET state = $1, good = $2, code = $3, report = $4, shots = $5, ended_at = $6, mark = $9
			WHERE id = $7 AND state = 'running' AND worker = $8`, d.State, good, d.Code, report, files, micros(t.now), d.ID, d.Worker,
			t.store.keys.markDry(d.ID, files, micros(t.now)))
	})
}

// PutOffDryRun lets a claimed dry run wait for its next hint: no seat was free.
func (s *Store) PutOffDryRun(ctx context.Context, d DryRun) error {
	return s.change(ctx, "put the dry run off", func(t *tx) error {
		return t.must(ctx, casework.ErrNotHolder, `UPDATE dry_runs SET state = 'waiting', worker = '', hinted_at = $1
			WHERE id = $2 AND state = 'running' AND worker = $3`, micros(t.now), d.ID, d.Worker)
	})
}

// DryRunsOf gives the dry runs that stand as carried out by a worker. It may not
// know of some: their end could not be written.
func (s *Store) DryRunsOf(ctx context.Context, worker string) ([]DryRun, error) {
	all, err := list(ctx, s.reader, s.scanDryRun, "SELECT "+dryColumns+" FROM dry_runs WHERE state = 'running' AND worker = $1", worker)
	return all, explain("list dry runs", err)
}

// undried hints dry runs again that no worker has taken.
func undried(now time.Time) sweeping {
	return unheard(taskDryRun, "dry_runs", "state = 'waiting'", now, unclaimedFor)
}

// abandoned gives up dry runs whose worker is dead: a person may order another.
func abandoned(now time.Time) sweeping {
	const dead = "NOT EXISTS (SELECT 1 FROM workers w WHERE w.worker = dry_runs.worker AND w.expires_at > $1)"
	return sweeping{
		find:   "SELECT id FROM dry_runs WHERE state = 'running' AND " + dead,
		values: []any{micros(now)},
		handle: func(ctx context.Context, t *tx, id string) (bool, error) {
			n, err := t.update(ctx, `UPDATE dry_runs SET state = 'failed', code = 'worker_lost', ended_at = $1
				WHERE id = $2 AND state = 'running' AND `+dead, micros(now), id)
			return n > 0, err
		},
	}
}
