package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"
)

// How much one group commit may carry: a transaction never holds the database
// for long, however many wait.
const (
	groupMost = 256
	groupFor  = 100 * time.Millisecond
)

// statementsMost bounds the prepared statements of the writing connection; the
// few texts beyond it are prepared each time.
const statementsMost = 400

// group is the single writer of SQLite. Changes that wait at the same time share
// one BEGIN IMMEDIATE … COMMIT, and so one sync of the disk:
//
//	queue the change; wait for the turn or for the answer
//	who has the turn:  BEGIN IMMEDIATE
//	                   each waiting change: SAVEPOINT, work, RELEASE | ROLLBACK TO
//	                   COMMIT, answer all of them, give the turn on
//
// A change that fails spoils no other. A caller who goes away while its change
// runs interrupts nothing: SQLite would roll the whole batch back.
type group struct {
	link *prepared
	turn chan struct{} // holds one token: the right to write

	mu    sync.Mutex
	queue []*waiting
}

// waiting is one change on its way through a group commit.
type waiting struct {
	ctx      context.Context //nolint:containedctx // lives as long as the call that waits for it
	tx       *tx
	work     func(*tx) error
	err      error
	panicked any
	done     chan struct{}
}

// newGroup takes the writing connection for good.
func newGroup(ctx context.Context, writer *sql.DB) (*group, error) {
	conn, err := writer.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return &group{link: &prepared{conn: conn, ready: map[string]*sql.Stmt{}}, turn: make(chan struct{}, 1)}, nil
}

// do runs work in the next group commit. When it returns without an error the
// change is on the disk.
func (g *group) do(ctx context.Context, t *tx, work func(*tx) error) error {
	t.link = g.link
	w := &waiting{ctx: ctx, tx: t, work: work, done: make(chan struct{})}
	g.mu.Lock()
	g.queue = append(g.queue, w)
	g.mu.Unlock()
	gone := ctx.Done()
	for {
		select {
		case <-w.done:
			if w.panicked != nil {
				panic(w.panicked)
			}
			return w.err
		case g.turn <- struct{}{}:
			g.commit(context.WithoutCancel(ctx))
			<-g.turn
		case <-gone:
			if g.leave(w) {
				return ctx.Err()
			}
			gone = nil // under way: its answer is near
		}
	}
}

// leave takes a change out of the queue, unless its turn has come.
func (g *group) leave(w *waiting) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i := range g.queue {
		if g.queue[i] == w {
			g.queue = append(g.queue[:i], g.queue[i+1:]...)
			return true
		}
	}
	return false
}

func (g *group) next() *waiting {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.queue) == 0 {
		return nil
	}
	w := g.queue[0]
	g.queue = g.queue[1:]
	return w
}

// commit carries what waits in one transaction and answers it.
func (g *group) commit(ctx context.Context) {
	first := g.next()
	if first == nil {
		return
	}
	batch, err := g.transact(ctx, first)
	for _, w := range batch {
		if w.err == nil {
			w.err = err
		}
		close(w.done)
	}
}

func (g *group) transact(ctx context.Context, first *waiting) (batch []*waiting, err error) {
	batch = []*waiting{first}
	if err := g.link.later(ctx, "BEGIN IMMEDIATE"); err != nil {
		return batch, err
	}
	defer func() {
		if err != nil {
			// SQLite may have rolled back by itself: then there is nothing to undo.
			_ = g.link.later(ctx, "ROLLBACK")
		}
	}()
	began := time.Now()
	for w := first; ; {
		if err := g.carry(ctx, w); err != nil {
			return batch, err
		}
		if len(batch) == groupMost || time.Since(began) > groupFor {
			break
		}
		if w = g.next(); w == nil {
			break
		}
		batch = append(batch, w)
	}
	return batch, g.link.later(ctx, "COMMIT")
}

// carry runs one change behind a savepoint. Its error is the transaction's; the
// change's own is kept with it.
func (g *group) carry(ctx context.Context, w *waiting) error {
	if w.err = w.ctx.Err(); w.err != nil {
		return nil
	}
	if err := g.link.later(ctx, "SAVEPOINT change"); err != nil {
		return err
	}
	if w.err = w.try(); w.err != nil {
		if err := g.link.later(ctx, "ROLLBACK TO change"); err != nil {
			return errors.Join(w.err, err)
		}
	}
	return g.link.later(ctx, "RELEASE change")
}

// try runs the work; a panic is handed to the caller it belongs to.
func (w *waiting) try() (err error) {
	defer func() {
		if w.panicked = recover(); w.panicked != nil {
			err = fmt.Errorf("panic: %v", w.panicked)
		}
	}()
	return w.work(w.tx)
}

// close gives the connection back.
func (g *group) close() error { return g.link.close() }

// prepared is one connection that prepares each statement once. Its statements
// can't be cancelled.
type prepared struct {
	conn  *sql.Conn
	ready map[string]*sql.Stmt
}

// of gives the statement of a text, nil when there are too many already.
func (p *prepared) of(ctx context.Context, query string) (*sql.Stmt, error) {
	if stmt := p.ready[query]; stmt != nil || len(p.ready) >= statementsMost {
		return stmt, nil
	}
	stmt, err := p.conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	p.ready[query] = stmt
	return stmt, nil
}

// exec implements link.
func (p *prepared) exec(ctx context.Context, text string, args ...any) (int64, error) {
	ctx = context.WithoutCancel(ctx)
	stmt, err := p.of(ctx, text)
	if err != nil {
		return 0, err
	}
	var result sql.Result
	if stmt == nil {
		result, err = p.conn.ExecContext(ctx, text, args...)
	} else {
		result, err = stmt.ExecContext(ctx, args...)
	}
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// later implements link: here a statement costs no journey, so it runs at once.
func (p *prepared) later(ctx context.Context, text string, args ...any) error {
	_, err := p.exec(ctx, text, args...)
	return err
}

// query implements querier.
func (p *prepared) query(ctx context.Context, text string, args ...any) (rows, error) {
	ctx = context.WithoutCancel(ctx)
	stmt, err := p.of(ctx, text)
	if err != nil {
		return nil, err
	}
	if stmt == nil {
		return p.conn.QueryContext(ctx, text, args...)
	}
	return stmt.QueryContext(ctx, args...)
}

func (p *prepared) close() error {
	var errs []error
	for _, stmt := range p.ready {
		errs = append(errs, stmt.Close())
	}
	return errors.Join(append(errs, p.conn.Close())...)
}
