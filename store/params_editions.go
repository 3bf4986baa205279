package store

import (
	"context"
	"fmt"
	"sync"

	"github.com/jingban/jingban/casework"
)

// Edition numbers the parameters as they stand: it grows with each release and each
// withdrawal. 0 are those that came with the program and the agency's files.
func (s *Store) Edition(ctx context.Context) (int, error) {
	n, err := one(ctx, s.reader, scalar[int], "SELECT edition FROM param_head WHERE id = 1")
	return n, explain("edition of the parameters", err)
}

// RunEdition is the edition that a run began with, and keeps.
func (s *Store) RunEdition(ctx context.Context, runID string) (int, error) {
	n, err := one(ctx, s.reader, scalar[int], "SELECT params FROM runs WHERE id = $1", runID)
	return n, explain("edition of the run", err)
}

// setsOf gives the sets that an edition holds, in the order of their release.
func (s *Store) setsOf(ctx context.Context, edition int) ([]casework.ParamSet, error) {
	return list(ctx, s.reader, func(r row) (casework.ParamSet, error) {
		v, err := s.scanParams(r)
		return v.ParamSet, err
	}, "SELECT "+paramColumns+" FROM param_sets WHERE edition BETWEEN 1 AND $1 AND (ended = 0 OR ended > $1) ORDER BY edition", edition)
}

// Editions gives the parameters of each edition. An edition never changes, so each
// is put together once. It is safe for concurrent use.
type Editions struct {
	store *Store
	base  casework.Params

	mu    sync.Mutex
	known map[int]casework.Params
}

// Editions lays the released sets over the parameters that came with the program.
func (s *Store) Editions(base casework.Params) *Editions {
	return &Editions{store: s, base: base, known: map[int]casework.Params{0: base}}
}

// At gives the parameters of an edition.
func (e *Editions) At(ctx context.Context, edition int) (casework.Params, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if p, ok := e.known[edition]; ok {
		return p, nil
	}
	sets, err := e.store.setsOf(ctx, edition)
	if err != nil {
		return casework.Params{}, explain("parameters", err)
	}
	p, err := e.base.With(sets...)
	if err != nil {
		return casework.Params{}, fmt.Errorf("parameters of edition %d: %w", edition, err)
	}
	e.known[edition] = p
	return p, nil
}
