package store

import (
	"context"
	"errors"

	"github.com/jingban/jingban/casework"
)

// OpenCase opens a case and submits it, once for a key (a keyed hash): asked again
// it gives the case there is, with fresh false. runID is who asks, for the audit.
func (s *Store) OpenCase(ctx context.Context, by casework.Actor, key, runID string, c casework.Case) (number string, fresh bool, err error) {
	calendar, err := s.Calendar(ctx)
	if err != nil {
		return "", false, err
	}
	open := func(t *tx) error {
		number, fresh, err = t.openOnce(ctx, by, key, runID, c, calendar)
		return err
	}
	if err = s.change(ctx, "open a case", open); errors.Is(err, ErrConflict) {
		err = s.change(ctx, "open a case", open) // another was faster: now its case is there
	}
	return number, fresh, err
}

// openOnce gives the case of the key, or opens it. ErrConflict when another opened
// one meanwhile: nothing of this one stays.
func (t *tx) openOnce(ctx context.Context, by casework.Actor, key, runID string, c casework.Case, calendar casework.Calendar) (number string, fresh bool, err error) {
	known, err := list(ctx, t, scalar[string], "SELECT c.number FROM opened_cases o JOIN cases c ON c.id = o.case_id WHERE o.key = $1", key)
	if err != nil {
		return "", false, err
	}
	if len(known) > 0 {
		return known[0], false, nil
	}
	id, err := t.openSubmitted(ctx, by, c, calendar, map[string]any{"run": runID})
	if err != nil {
		return "", false, err
	}
	if number, err = one(ctx, t, scalar[string], "SELECT number FROM cases WHERE id = $1", id); err != nil {
		return "", false, err
	}
	return number, true, t.must(ctx, ErrConflict, "INSERT INTO opened_cases (key, case_id) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING", key, id)
}
