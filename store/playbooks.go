package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jingban/jingban/casework"
)

// The refusals of a release.
var (
	ErrTwoPeople = errors.New("it needs a second person")
	ErrUnready   = errors.New("not ready")
)

// The quota of a version below full, until somebody sets another: few enough
// that a person can look at each.
const (
	firstDaily  = 20
	firstSample = 5
)

// Version is one immutable text of a playbook and how far it is trusted.
type Version struct {
	Hash     string // "sha256:…" of the text
	Playbook string
	Text     string // only from Version
	AuthorID string
	Author   string
	Note     string // what is new, in the author's words
	Created  time.Time
	Errors   int // of the linter when it was saved; a version with errors is never released
	Warnings int

	Stage      casework.Stage
	Since      time.Time // in this stage since
	Released   time.Time
	ReleasedBy string
	Retired    time.Time // takes no new runs since then
	Daily      int       // below full: runs a day, as long as an older full version takes the rest
	Sample     int       // limited: every so manieth run is supervised, 0 for none
	Taken      int       // runs begun today
}

const versionColumns = `v.hash, v.playbook, v.author_id, v.author, v.note, v.errors, v.warnings, v.created_at,
	s.stage, s.since, s.released_at, s.released_by, s.retired_at, s.daily, s.sample, s.day, s.taken`

const versionTables = " FROM playbook_versions v JOIN playbook_stages s ON s.hash = v.hash"

func versionNote(hash string) string { return "playbook_versions/note/" + hash }
func eventReason(id string) string   { return "playbook_events/reason/" + id }

func (s *Store) scanVersion(r row, more ...any) (v Version, err error) {
	var created, since, released, retired int64
	var note, day string
	err = r.Scan(append([]any{&v.Hash, &v.Playbook, &v.AuthorID, &v.Author, &note, &v.Errors, &v.Warnings, &created,
		&v.Stage, &since, &released, &v.ReleasedBy, &retired, &v.Daily, &v.Sample, &day, &v.Taken}, more...)...)
	if err != nil {
		return v, err
	}
	v.Created, v.Since, v.Released, v.Retired = moment(created), moment(since), moment(released), moment(retired)
	if day != today(s.cfg.Now()) {
		v.Taken = 0
	}
	v.Note, err = s.keys.openText(versionNote(v.Hash), note)
	return v, err
}

func today(now time.Time) string { return casework.DateOf(now).String() }

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// SaveVersion keeps a text as a draft. The same text again gives the version
// there is, with what the linter says of it now. The linter's counts are the
// caller's.
func (s *Store) SaveVersion(ctx context.Context, by casework.Actor, v Version) (Version, error) {
	return s.saveVersion(ctx, by, v, casework.StageDraft)
}

// ImportVersion keeps a text that comes with the program. The first version of
// a playbook starts at the given stage; a later one is a draft like any other,
// because it was never tried on this agency's systems.
func (s *Store) ImportVersion(ctx context.Context, v Version, first casework.Stage) (Version, error) {
	by := casework.Actor{Kind: casework.Robot, ID: "program", Name: "program", Role: "robot"}
	return s.saveVersion(ctx, by, v, first)
}

func (s *Store) saveVersion(ctx context.Context, by casework.Actor, v Version, first casework.Stage) (Version, error) {
	if v.Playbook == "" || v.Text == "" {
		return Version{}, fmt.Errorf("save the playbook: no name or no text: %w", ErrInvalid)
	}
	v.Hash, v.AuthorID, v.Author = hashOf(v.Text), by.ID, by.Name
	if old, err := s.Version(ctx, v.Hash); err == nil {
		return s.linted(ctx, by, old, v)
	} else if !errors.Is(err, ErrNotFound) {
		return old, err
	}
	err := s.change(ctx, "save the playbook", func(t *tx) error { return t.insertVersion(ctx, by, v, first) })
	if err != nil && !errors.Is(err, ErrDuplicate) {
		return Version{}, err
	}
	return s.Version(ctx, v.Hash)
}

// linted notes what the linter says now of a version that is kept: what a text
// may name, a calculation for instance, comes and goes with releases.
func (s *Store) linted(ctx context.Context, by casework.Actor, old, now Version) (Version, error) {
	if old.Errors == now.Errors && old.Warnings == now.Warnings {
		return old, nil
	}
	old.Errors, old.Warnings = now.Errors, now.Warnings
	return old, s.change(ctx, "lint the playbook", func(t *tx) error {
		_, err := t.update(ctx, "UPDATE playbook_versions SET errors = $1, warnings = $2 WHERE hash = $3", old.Errors, old.Warnings, old.Hash)
		if err != nil {
			return err
		}
		return t.audit(ctx, by, "playbook.lint", old.Playbook, map[string]any{"version": old.Hash, "stage": old.Stage, "errors": old.Errors})
	})
}

func (t *tx) insertVersion(ctx context.Context, by casework.Actor, v Version, first casework.Stage) error {
	others, err := one(ctx, t, scalar[int64], "SELECT COUNT(*) FROM playbook_versions WHERE playbook = $1", v.Playbook)
	if err != nil {
		return err
	}
	if others > 0 || v.Errors > 0 {
		first = casework.StageDraft
	}
	_, err = t.update(ctx, `INSERT INTO playbook_versions (hash, playbook, text, author_id, author, note, errors, warnings, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, v.Hash, v.Playbook, v.Text, v.AuthorID, v.Author,
		t.store.keys.sealText(versionNote(v.Hash), v.Note), v.Errors, v.Warnings, micros(t.now))
	if err != nil {
		return err
	}
	released := int64(0)
	if first != casework.StageDraft {
		released = micros(t.now)
	}
	_, err = t.update(ctx, `INSERT INTO playbook_stages (hash, stage, since, released_at, released_by, daily, sample)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`, v.Hash, string(first), micros(t.now), released, "", firstDaily, firstSample)
	if err != nil {
		return err
	}
	return t.audit(ctx, by, "playbook.save", v.Playbook, map[string]any{"version": v.Hash, "stage": first, "errors": v.Errors})
}

// Version gives one version with its text, by its hash or by at least 8 digits
// of it; ErrNotFound when there is none or several. A text that no longer fits
// its hash is refused with ErrTampered.
func (s *Store) Version(ctx context.Context, hash string) (v Version, err error) {
	digits := strings.TrimPrefix(hash, "sha256:")
	if _, err := hex.DecodeString(digits[:len(digits)/2*2]); err != nil || len(digits) < 8 {
		return v, fmt.Errorf("playbook version %q: want at least 8 digits of its hash: %w", hash, ErrNotFound)
	}
	found, err := list(ctx, s.reader, func(r row) (v Version, err error) {
		var text string
		v, err = s.scanVersion(r, &text)
		v.Text = text
		return v, err
	}, "SELECT "+versionColumns+", v.text"+versionTables+" WHERE v.hash LIKE $1 LIMIT 2", "sha256:"+strings.ToLower(digits)+"%")
	switch {
	case err != nil:
		return v, explain("playbook version", err)
	case len(found) != 1:
		return v, fmt.Errorf("playbook version %q: %w", hash, ErrNotFound)
	case hashOf(found[0].Text) != found[0].Hash:
		return v, fmt.Errorf("playbook version %s: %w", hash, ErrTampered)
	}
	return found[0], nil
}

// Versions gives the versions of one playbook, or of all for "", the newest
// first, without their texts.
func (s *Store) Versions(ctx context.Context, playbook string) ([]Version, error) {
	var w where
	w.equal("v.playbook", playbook)
	all, err := list(ctx, s.reader, func(r row) (Version, error) { return s.scanVersion(r) },
		"SELECT "+versionColumns+versionTables+w.String()+" ORDER BY v.playbook, v.created_at DESC, v.hash", w.values...)
	return all, explain("list playbook versions", err)
}

// VersionNumbers counts the runs of a version since it stands in its stage.
type VersionNumbers struct{ Live, Parked, Done, Failed int }

// VersionNumbers counts what the stage of a version rests on.
func (s *Store) VersionNumbers(ctx context.Context, hash string) (VersionNumbers, error) {
	n, err := one(ctx, s.reader, func(r row) (n VersionNumbers, err error) {
		return n, r.Scan(&n.Live, &n.Parked, &n.Done, &n.Failed)
	}, `SELECT COALESCE(SUM(CASE WHEN r.state IN ('waiting', 'running') THEN 1 ELSE 0 END), 0),
		COALESCE(SUM(CASE WHEN r.state = 'parked' THEN 1 ELSE 0 END), 0),
		COALESCE(SUM(CASE WHEN r.state = 'done' THEN 1 ELSE 0 END), 0),
		COALESCE(SUM(CASE WHEN r.state IN ('failed', 'withdrawn') THEN 1 ELSE 0 END), 0)
		FROM runs r JOIN playbook_stages s ON s.hash = r.version WHERE r.version = $1 AND r.created_at >= s.since`, hash)
	return n, explain("count the runs of a version", err)
}

// PickVersion gives the version that takes the next run of a playbook: the one
// released last whose stage has room for it today. When none has room the one
// released last takes it all the same, and its stage then sees to it that a
// person looks. ErrNotFound when none was released.
func (s *Store) PickVersion(ctx context.Context, playbook string) (Version, error) {
	released, err := list(ctx, s.reader, func(r row) (v Version, err error) {
		var text string
		v, err = s.scanVersion(r, &text)
		v.Text = text
		return v, err
	}, "SELECT "+versionColumns+", v.text"+versionTables+`
		WHERE v.playbook = $1 AND s.stage <> 'draft' AND s.retired_at = 0 ORDER BY s.released_at DESC, v.hash`, playbook)
	if err != nil {
		return Version{}, explain("pick a playbook version", err)
	}
	for _, v := range released {
		if v.Stage == casework.StageFull || v.Taken < v.Daily {
			return v, nil
		}
	}
	if len(released) == 0 {
		return Version{}, fmt.Errorf("no version of playbook %s is released: %w", playbook, ErrNotFound)
	}
	return released[0], nil
}

// ceiling counts a new run of the version and says what it may ever do: what
// the stage of its version allows, and less where the day's quota is used up or
// the run belongs to the sample. A version that is not kept here is supervised.
func (t *tx) ceiling(ctx context.Context, hash string) (casework.Stage, error) {
	stage, err := one(ctx, t, scalar[casework.Stage], "SELECT stage FROM playbook_stages WHERE hash = $1", hash)
	if errors.Is(err, ErrNotFound) {
		return casework.StageSupervised, nil
	}
	if err != nil || stage == casework.StageFull {
		return stage, err
	}
	type quota struct {
		stage                casework.Stage
		taken, daily, sample int
	}
	q, err := one(ctx, t, func(r row) (q quota, err error) { return q, r.Scan(&q.stage, &q.taken, &q.daily, &q.sample) },
		`UPDATE playbook_stages SET taken = CASE WHEN day = $1 THEN taken + 1 ELSE 1 END, day = $1
		WHERE hash = $2 RETURNING stage, taken, daily, sample`, today(t.now), hash)
	if err != nil {
		return "", err
	}
	if q.stage == casework.StageLimited && (q.taken > q.daily || q.sample > 0 && q.taken%q.sample == 0) {
		return casework.StageSupervised, nil
	}
	return q.stage, nil
}

// RunStage says what a run may do now: what it might when it began, or less
// where its version was put back since.
func (s *Store) RunStage(ctx context.Context, runID string) (casework.Stage, error) {
	type pair struct{ ceiling, now casework.Stage }
	p, err := one(ctx, s.reader, func(r row) (p pair, err error) { return p, r.Scan(&p.ceiling, &p.now) },
		`SELECT r.ceiling, COALESCE(s.stage, 'supervised') FROM runs r LEFT JOIN playbook_stages s ON s.hash = r.version
		WHERE r.id = $1`, runID)
	return p.ceiling.Least(p.now), explain("stage of the run", err)
}
