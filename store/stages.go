package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jingban/jingban/casework"
)

// VersionEvent is one thing that moved a version.
type VersionEvent struct {
	At       time.Time
	By       string
	From, To casework.Stage
	RunID    string // the run whose doubt put it back, "" when a person moved it
	Reason   string
}

// Release moves a draft to shadow. It needs a second person (ErrTwoPeople), a
// text without errors and a good dry run of this very version (ErrUnready).
func (s *Store) Release(ctx context.Context, by casework.Actor, hash, reason string) error {
	return s.moveVersion(ctx, by, "playbook.release", hash, reason, func(t *tx, v Version) (casework.Stage, error) {
		switch {
		case v.Stage != casework.StageDraft:
			return "", fmt.Errorf("the version is in stage %s already: %w", v.Stage, ErrConflict)
		case v.wrote(by):
			return "", fmt.Errorf("the author of a version does not release it: %w", ErrTwoPeople)
		case v.Errors > 0:
			return "", fmt.Errorf("the version has %d errors; correct them and save it anew: %w", v.Errors, ErrUnready)
		}
		dry, err := one(ctx, t, scalar[int], "SELECT COUNT(*) FROM dry_runs WHERE hash = $1 AND good = 1", v.Hash)
		if err == nil && dry == 0 {
			err = fmt.Errorf("no dry run of the version came out well; order one on a run of the playbook: %w", ErrUnready)
		}
		if err != nil {
			return "", err
		}
		_, err = t.update(ctx, "UPDATE playbook_stages SET released_at = $1, released_by = $2 WHERE hash = $3", micros(t.now), by.Name, v.Hash)
		return casework.StageShadow, err
	})
}

// Promote trusts a released version one stage further; never by its author.
func (s *Store) Promote(ctx context.Context, by casework.Actor, hash, reason string) error {
	return s.moveVersion(ctx, by, "playbook.promote", hash, reason, func(_ *tx, v Version) (casework.Stage, error) {
		switch {
		case v.Stage == casework.StageDraft || v.Stage == casework.StageFull || !v.Retired.IsZero():
			return "", fmt.Errorf("a version in stage %s is not moved up: %w", v.Stage, ErrConflict)
		case v.wrote(by):
			return "", fmt.Errorf("the author of a version does not move it up: %w", ErrTwoPeople)
		}
		return v.Stage.Next(), nil
	})
}

// Demote puts a released version back one stage, at once and also for its runs
// under way.
func (s *Store) Demote(ctx context.Context, by casework.Actor, hash, reason string) error {
	return s.moveVersion(ctx, by, "playbook.demote", hash, reason, func(_ *tx, v Version) (casework.Stage, error) {
		if v.Stage.Back() == v.Stage {
			return "", fmt.Errorf("a version in stage %s cannot go back: %w", v.Stage, ErrConflict)
		}
		return v.Stage.Back(), nil
	})
}

// Retire gives a version no new runs. Those under way keep it.
func (s *Store) Retire(ctx context.Context, by casework.Actor, hash, reason string) error {
	return s.moveVersion(ctx, by, "playbook.retire", hash, reason, func(t *tx, v Version) (casework.Stage, error) {
		return v.Stage, t.must(ctx, ErrConflict, "UPDATE playbook_stages SET retired_at = $1 WHERE hash = $2 AND retired_at = 0",
			micros(t.now), v.Hash)
	})
}

// SetQuota says how many runs a day a version below full takes, and that every
// so manieth of a limited one is supervised (0: none).
func (s *Store) SetQuota(ctx context.Context, by casework.Actor, hash string, daily, sample int, reason string) error {
	if daily < 1 || sample < 0 {
		return fmt.Errorf("set the quota: want at least one run a day: %w", ErrInvalid)
	}
	return s.moveVersion(ctx, by, "playbook.quota", hash, reason, func(t *tx, v Version) (casework.Stage, error) {
		_, err := t.update(ctx, "UPDATE playbook_stages SET daily = $1, sample = $2 WHERE hash = $3", daily, sample, v.Hash)
		return v.Stage, err
	})
}

// wrote says that the actor is the version's author.
func (v Version) wrote(by casework.Actor) bool {
	return by.Kind != casework.Human || by.ID == v.AuthorID || by.Name == v.Author
}

// moveVersion decides under the lock of the version's row, writes the event and
// the audit row. The new stage may be the old one.
func (s *Store) moveVersion(ctx context.Context, by casework.Actor, action, hash, reason string,
	decide func(*tx, Version) (casework.Stage, error)) error {
	if strings.TrimSpace(reason) == "" {
		return fmt.Errorf("%s: no reason was given: %w", action, ErrInvalid)
	}
	known, err := s.Version(ctx, hash)
	if err != nil {
		return err
	}
	return s.change(ctx, action, func(t *tx) error {
		v, err := t.lockVersion(ctx, known.Hash)
		if err != nil {
			return err
		}
		to, err := decide(t, v)
		if err != nil {
			return err
		}
		return t.stageTo(ctx, by, action, v, to, casework.NewID(), "", reason)
	})
}

func (t *tx) lockVersion(ctx context.Context, hash string) (Version, error) {
	if err := t.must(ctx, ErrNotFound, "UPDATE playbook_stages SET since = since WHERE hash = $1", hash); err != nil {
		return Version{}, err
	}
	return one(ctx, t, func(r row) (Version, error) { return t.store.scanVersion(r) },
		"SELECT "+versionColumns+versionTables+" WHERE v.hash = $1", hash)
}

// stageTo writes the event once under its id and moves the version.
func (t *tx) stageTo(ctx context.Context, by casework.Actor, action string, v Version, to casework.Stage, id, runID, reason string) error {
	n, err := t.update(ctx, `INSERT INTO playbook_events (id, hash, at, actor, from_stage, to_stage, run_id, reason)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING`, id, v.Hash, micros(t.now), by.Name,
		string(v.Stage), string(to), runID, t.store.keys.sealText(eventReason(id), reason))
	if err != nil || n == 0 {
		return err
	}
	if to != v.Stage {
		_, err = t.update(ctx, "UPDATE playbook_stages SET stage = $1, since = $2 WHERE hash = $3", string(to), micros(t.now), v.Hash)
		if err != nil {
			return err
		}
	}
	return t.audit(ctx, by, action, v.Playbook, map[string]string{
		"version": v.Hash, "from": string(v.Stage), "to": string(to), "run": runID, "reason": reason})
}

// VersionEvents gives everything that moved a version, the newest first.
func (s *Store) VersionEvents(ctx context.Context, hash string) ([]VersionEvent, error) {
	all, err := list(ctx, s.reader, func(r row) (e VersionEvent, err error) {
		var id, reason string
		var at int64
		if err = r.Scan(&id, &at, &e.By, &e.From, &e.To, &e.RunID, &reason); err != nil {
			return e, err
		}
		e.At = moment(at)
		e.Reason, err = s.keys.openText(eventReason(id), reason)
		return e, err
	}, "SELECT id, at, actor, from_stage, to_stage, run_id, reason FROM playbook_events WHERE hash = $1 ORDER BY at DESC, id DESC", hash)
	return all, explain("list what moved a version", err)
}

// discredits says that a question throws doubt on the playbook itself: a look
// that settled nothing, or one that found other values than ours.
func discredits(reason string) bool {
	switch reason {
	case "verify_unclear", "verify_incomplete", "record_differs", "several_records", "kept_differs", "absent_again", "shadow_differs":
		return true
	}
	return false
}

// discredit puts the version of a run back one stage because of a review, once.
func (t *tx) discredit(ctx context.Context, by casework.Actor, review casework.Review) error {
	hash, err := one(ctx, t, scalar[string], "SELECT version FROM runs WHERE id = $1", review.RunID)
	if err != nil {
		return err
	}
	v, err := t.lockVersion(ctx, hash)
	if errors.Is(err, ErrNotFound) {
		return nil // a version from before versions were kept
	}
	if err != nil {
		return err
	}
	reason := review.Reason
	if reason == supervised {
		reason = "commit_refused"
	}
	return t.stageTo(ctx, by, "playbook.put_back", v, v.Stage.Back(), review.ID, review.RunID, reason)
}

// supervised is the reason of the review that shows a filled page; to stop
// there is to disagree with the playbook.
const supervised = "supervised"
