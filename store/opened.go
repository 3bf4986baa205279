package store

import (
	"context"

	"github.com/jingban/jingban/casework"
)

// OpenCase opens a case and submits it, once for a key (a keyed hash): asked again
// it gives the case there is, with fresh false. runID is who asks, for the audit.
func (s *Store) OpenCase(ctx context.Context, by casework.Actor, key, runID string, c casework.Case) (number string, fresh bool, err error) {
	calendar, err := s.Calendar(ctx)
	if err != nil {
		return "", false, err
	}
	err = s.change(ctx, "open a case", func(t *tx) error {
		fresh = false
		known, err := list(ctx, t, scalar[string], "SELECT c.number FROM opened_cases o JOIN cases c ON c.id = o.case_id WHERE o.key = $1", key)
		if err != nil {
			return err
		}
		if len(known) > 0 {
			number = known[0]
			return nil
		}
		id, err := t.openSubmitted(ctx, by, c, calendar, map[string]any{"run": runID})
		if err != nil {
			return err
		}
		fresh = true
		if number, err = one(ctx, t, scalar[string], "SELECT number FROM cases WHERE id = $1", id); err != nil {
			return err
		}
		return t.must(ctx, ErrConflict, "INSERT INTO opened_cases (key, case_id) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING", key, id)
	})
	return number, fresh, err
}
