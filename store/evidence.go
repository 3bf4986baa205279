package store

import (
	"context"

	"github.com/jingban/jingban/casework"
)

// Evidence gives what was kept of a run, in order; its bytes come by File.
func (s *Store) Evidence(ctx context.Context, runID string) ([]casework.Evidence, error) {
	all, err := list(ctx, s.reader, func(r row) (e casework.Evidence, err error) {
		var at int64
		err = r.Scan(&e.ID, &e.RunID, &e.Step, &e.Attempt, &e.Kind, &e.Name, &e.MIME, &e.SHA256, &e.Bytes, &at)
		e.At = moment(at)
		return e, err
	}, "SELECT id, run_id, step, attempt, kind, name, mime, sha256, bytes, at FROM evidence WHERE run_id = $1 ORDER BY at, id", runID)
	return all, explain("list evidence", err)
}
