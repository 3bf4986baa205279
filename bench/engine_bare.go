package bench

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"
)

// The bare journal is what group commit allows: the lines of the same runs, each
// durable before the next, written by the shortest program that can do it. It
// has no fence, no sealing, no outbox, no admission, no audit and one index a
// table; nobody could work with it, and nothing that keeps a journal is faster.
//
//	a run                 = five points, one after the other
//	a point on PostgreSQL = BEGIN, UPDATE run, INSERT lines, COMMIT in one journey
//	a point on SQLite     = the same two statements, in the one transaction of all
//	                        the points that wait at the same moment
const (
	bareTables = `CREATE TABLE run (id TEXT PRIMARY KEY, seq BIGINT NOT NULL, state TEXT NOT NULL);
		CREATE TABLE line (run TEXT NOT NULL, seq BIGINT NOT NULL, kind TEXT NOT NULL, data TEXT NOT NULL, PRIMARY KEY (run, seq))`
	bareRun  = "INSERT INTO run (id, seq, state) VALUES ($1, 0, 'waiting')"
	bareMove = "UPDATE run SET seq = $1, state = $2 WHERE id = $3"
	bareLine = "INSERT INTO line (run, seq, kind, data) VALUES ($1, $2, $3, $4)"
)

// points are the lines of a run that become durable together.
func points() [][]string {
	return [][]string{{"begun", "happened", "begun"}, {"intent"}, {"sent"}, {"happened"}, {"end"}}
}

// point is one durable moment of one run.
type point struct {
	run   string
	seq   int // of its first line
	lines []string
}

// bareJournal measures it.
func (b *engineBench) bareJournal(ctx context.Context) error {
	address, err := b.fresh(ctx)
	if err != nil {
		return err
	}
	write, closeAll, err := openBare(ctx, address, b.Runs)
	if err != nil {
		return err
	}
	began := time.Now()
	var all errgroup.Group
	next := make(chan string)
	all.Go(func() error {
		defer close(next)
		for i := range b.Runs {
			next <- fmt.Sprint("bare-", i)
		}
		return nil
	})
	for range b.InFlight {
		all.Go(func() (err error) {
			for id := range next { // drained also after an error, so that nobody hangs
				if err == nil {
					err = writeRun(ctx, write, id)
				}
			}
			return err
		})
	}
	err = all.Wait()
	b.figures.BareRuns = float64(b.Runs) / time.Since(began).Seconds()
	return errors.Join(err, closeAll())
}

func writeRun(ctx context.Context, write func(context.Context, point) error, id string) error {
	seq := 1
	for _, lines := range points() {
		if err := write(ctx, point{id, seq, lines}); err != nil {
			return err
		}
		seq += len(lines)
	}
	return nil
}

// openBare makes the tables and the runs, and gives what writes a point.
func openBare(ctx context.Context, address string, runs int) (write func(context.Context, point) error, closeAll func() error, err error) {
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		return openBareSQLite(ctx, path, runs)
	}
	cfg, err := pgxpool.ParseConfig(address)
	if err != nil {
		return nil, nil, err
	}
	cfg.MaxConns = 24 // as the store
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, nil, err
	}
	closeAll = func() error { pool.Close(); return nil }
	if _, err := pool.Exec(ctx, bareTables); err != nil {
		return nil, nil, errors.Join(err, closeAll())
	}
	batch := new(pgx.Batch)
	for i := range runs {
		batch.Queue(bareRun, fmt.Sprint("bare-", i))
	}
	if err := pool.SendBatch(ctx, batch).Close(); err != nil {
		return nil, nil, errors.Join(err, closeAll())
	}
	return func(ctx context.Context, p point) error {
		batch := new(pgx.Batch)
		batch.Queue("BEGIN")
		batch.Queue(bareMove, p.seq, p.lines[len(p.lines)-1], p.run)
		for i, kind := range p.lines {
			batch.Queue(bareLine, p.run, p.seq+i, kind, benchData)
		}
		batch.Queue("COMMIT")
		return pool.SendBatch(ctx, batch).Close()
	}, closeAll, nil
}

// openBareSQLite shares commits with a lock and a list: whoever comes first
// writes what everybody has put down meanwhile.
func openBareSQLite(ctx context.Context, path string, runs int) (func(context.Context, point) error, func() error, error) {
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=wal_autocheckpoint(8000)&_txlock=immediate")
	if err != nil {
		return nil, nil, err
	}
	db.SetMaxOpenConns(1)
	s := &bareSQLite{db: db}
	if err := s.prepare(ctx, runs); err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return s.write, func() error { return errors.Join(s.move.Close(), s.line.Close(), db.Close()) }, nil
}

type bareSQLite struct {
	db         *sql.DB
	move, line *sql.Stmt
	turn       sync.Mutex
	mu         sync.Mutex
	waiting    []bareWaiting
}

type bareWaiting struct {
	point point
	done  chan error
}

func (s *bareSQLite) prepare(ctx context.Context, runs int) (err error) {
	if _, err = s.db.ExecContext(ctx, bareTables); err != nil {
		return err
	}
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	for i := range runs {
		if _, err := tx.ExecContext(ctx, bareRun, fmt.Sprint("bare-", i)); err != nil {
			return errors.Join(err, tx.Rollback())
		}
	}
	if err = tx.Commit(); err != nil {
		return err
	}
	if s.move, err = s.db.PrepareContext(ctx, bareMove); err != nil {
		return err
	}
	s.line, err = s.db.PrepareContext(ctx, bareLine)
	return err
}

func (s *bareSQLite) write(ctx context.Context, p point) error {
	mine := bareWaiting{p, make(chan error, 1)}
	s.mu.Lock()
	s.waiting = append(s.waiting, mine)
	s.mu.Unlock()
	s.turn.Lock()
	s.mu.Lock()
	batch := s.waiting
	s.waiting = nil
	s.mu.Unlock()
	err := s.commit(ctx, batch)
	s.turn.Unlock()
	for _, w := range batch {
		w.done <- err
	}
	return <-mine.done
}

func (s *bareSQLite) commit(ctx context.Context, batch []bareWaiting) error {
	if len(batch) == 0 {
		return nil // somebody else has written it
	}
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	move, line := tx.StmtContext(ctx, s.move), tx.StmtContext(ctx, s.line)
	for _, w := range batch {
		if _, err := move.ExecContext(ctx, w.point.seq, w.point.lines[len(w.point.lines)-1], w.point.run); err != nil {
			return errors.Join(err, tx.Rollback())
		}
		for i, kind := range w.point.lines {
			if _, err := line.ExecContext(ctx, w.point.run, w.point.seq+i, kind, benchData); err != nil {
				return errors.Join(err, tx.Rollback())
			}
		}
	}
	return tx.Commit()
}
