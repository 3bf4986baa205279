package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jingban/jingban/casework"
)

// PersonMerge is a number folded into another. While it stands, the folded number
// points to the surviving one; nothing is ever deleted.
type PersonMerge struct {
	ID        string
	RunID     string // of the playbook that merged
	Main, Sub string // 个人编号; sealed
	Serial    string // 业务流水号; sealed
	Before    string // SHA-256 of the file: what the system held of both before
	After     string
	At        time.Time
	UndoRun   string // of the playbook that took it back
	Restored  string // SHA-256 of what the system held afterwards
	Undone    time.Time
}

// Exact reports whether a merge that was taken back left everything as it was,
// byte for byte.
func (m PersonMerge) Exact() bool { return !m.Undone.IsZero() && m.Restored == m.Before }

// mergeNumbers is the sealed part.
type mergeNumbers struct{ Main, Sub, Serial string }

const mergeColumns = "id, run_id, shown, before, after, at, undo_run, restored, undone_at"

func mergeShownOf(id string) string { return "person_merges/shown/" + id }

func (s *Store) scanMerge(r row) (m PersonMerge, err error) {
	var shown string
	var at, undone int64
	if err = r.Scan(&m.ID, &m.RunID, &shown, &m.Before, &m.After, &at, &m.UndoRun, &m.Restored, &undone); err != nil {
		return m, err
	}
	m.At = moment(at)
	if undone != 0 {
		m.Undone = moment(undone)
	}
	var numbers mergeNumbers
	err = s.keys.openJSON(mergeShownOf(m.ID), shown, &numbers)
	m.Main, m.Sub, m.Serial = numbers.Main, numbers.Sub, numbers.Serial
	return m, err
}

func (s *Store) personHash(no string) string { return s.keys.hash("person number", no) }

// NoteMerge writes a merge that a run has carried out; a second time for the same
// run it changes nothing. ErrConflict when the folded number points elsewhere.
func (s *Store) NoteMerge(ctx context.Context, by casework.Actor, m PersonMerge) error {
	m.ID = casework.NewID()
	shown, err := s.keys.sealJSON(mergeShownOf(m.ID), mergeNumbers{m.Main, m.Sub, m.Serial})
	if err != nil {
		return err
	}
	return s.change(ctx, "note a merge", func(t *tx) error {
		noted, err := one(ctx, t, scalar[int], "SELECT COUNT(*) FROM person_merges WHERE run_id = $1", m.RunID)
		if err != nil || noted > 0 {
			return err
		}
		live, err := one(ctx, t, scalar[int], "SELECT COUNT(*) FROM person_merges WHERE sub = $1 AND undone_at = 0", s.personHash(m.Sub))
		if err != nil {
			return err
		}
		if live > 0 {
			return fmt.Errorf("the number is folded already: %w", ErrConflict)
		}
		_, err = t.update(ctx, `INSERT INTO person_merges (id, run_id, main, sub, shown, before, after, at, undo_run, restored, undone_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', '', 0)`,
			m.ID, m.RunID, s.personHash(m.Main), s.personHash(m.Sub), shown, m.Before, m.After, micros(t.now))
		if err != nil {
			return err
		}
		return t.audit(ctx, by, "persons.merge", m.RunID, map[string]string{"before": m.Before, "after": m.After})
	})
}

// NoteUndo writes that a run has taken the live merge of a number back, and what
// the system holds now. What is not as it was raises an alert.
func (s *Store) NoteUndo(ctx context.Context, by casework.Actor, sub, runID, restored string) error {
	return s.change(ctx, "note that a merge was taken back", func(t *tx) error {
		noted, err := one(ctx, t, scalar[int], "SELECT COUNT(*) FROM person_merges WHERE undo_run = $1", runID)
		if err != nil || noted > 0 {
			return err
		}
		m, err := one(ctx, t, s.scanMerge, "SELECT "+mergeColumns+" FROM person_merges WHERE sub = $1 AND undone_at = 0", s.personHash(sub))
		if err != nil {
			return err
		}
		if _, err = t.update(ctx, "UPDATE person_merges SET undo_run = $1, restored = $2, undone_at = $3 WHERE id = $4", runID, restored, micros(t.now), m.ID); err != nil {
			return err
		}
		if restored != m.Before {
			if err := t.raise(ctx, "persons", m.ID, "undo_differs", map[string]string{"run": runID}); err != nil {
				return err
			}
		}
		return t.audit(ctx, by, "persons.unmerge", runID, map[string]string{"before": m.Before, "restored": restored})
	})
}

// LiveMerge gives the merge by which a number is folded, or ErrNotFound.
func (s *Store) LiveMerge(ctx context.Context, sub string) (PersonMerge, error) {
	m, err := one(ctx, s.reader, s.scanMerge, "SELECT "+mergeColumns+" FROM person_merges WHERE sub = $1 AND undone_at = 0", s.personHash(sub))
	return m, explain("merge", err)
}

// MergeOfRun gives the merge that a run carried out, or ErrNotFound.
func (s *Store) MergeOfRun(ctx context.Context, runID string) (PersonMerge, error) {
	m, err := one(ctx, s.reader, s.scanMerge, "SELECT "+mergeColumns+" FROM person_merges WHERE run_id = $1", runID)
	return m, explain("merge", err)
}

// PersonMerges gives the newest merges.
func (s *Store) PersonMerges(ctx context.Context, limit int) ([]PersonMerge, error) {
	all, err := list(ctx, s.reader, s.scanMerge, "SELECT "+mergeColumns+" FROM person_merges ORDER BY id DESC LIMIT $1", limit)
	return all, explain("list merges", err)
}

// longestLineage ends a chain of pointers that would go round.
const longestLineage = 100

// Lineage gives the number under which a number's records stand today, and all
// numbers that were folded into that one, in the order of their digits.
func (s *Store) Lineage(ctx context.Context, no string) (main string, folded []string, err error) {
	main = no
	for range longestLineage {
		up, err := list(ctx, s.reader, s.scanMerge, "SELECT "+mergeColumns+" FROM person_merges WHERE sub = $1 AND undone_at = 0", s.personHash(main))
		if err != nil {
			return "", nil, explain("lineage", err)
		}
		if len(up) == 0 {
			break
		}
		main = up[0].Main
	}
	for look := []string{main}; len(look) > 0 && len(folded) < longestLineage; look = look[1:] {
		down, err := list(ctx, s.reader, s.scanMerge, "SELECT "+mergeColumns+" FROM person_merges WHERE main = $1 AND undone_at = 0 ORDER BY id", s.personHash(look[0]))
		if err != nil {
			return "", nil, explain("lineage", err)
		}
		for _, m := range down {
			folded, look = append(folded, m.Sub), append(look, m.Sub)
		}
	}
	slices.Sort(folded)
	return main, folded, nil
}
