package store

import (
	"context"

	"github.com/jingban/jingban/casework"
)

// HeldBy gives the runs that stand as held by a worker. It may hold rows that it
// does not know of: a claim whose answer was lost with the database, or a turn
// whose end could not be written.
func (s *Store) HeldBy(ctx context.Context, worker string) ([]Lease, error) {
	runs, err := list(ctx, s.reader, scanRun,
		"SELECT "+runColumns+" FROM runs WHERE state = '"+string(casework.RunRunning)+"' AND holder = $1", worker)
	leases := make([]Lease, len(runs))
	for i, run := range runs {
		leases[i] = Lease{Run: run, Worker: worker, Fence: run.Fence}
	}
	return leases, explain("list held runs", err)
}
