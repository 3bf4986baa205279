package store

import (
	"cmp"
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// postgresConns lets as many changes wait for the disk at once as PostgreSQL can
// join in one sync; three workers stay below its default of 100 connections.
const postgresConns = 24

// openPool connects to PostgreSQL when it is first asked.
func openPool(ctx context.Context, address string) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(address)
	if err != nil {
		return nil, err
	}
	cfg.MaxConns = postgresConns
	return pgxpool.NewWithConfig(ctx, cfg)
}

// shared asks on any free connection of PostgreSQL.
type shared struct{ *pgxpool.Pool }

func (s shared) query(ctx context.Context, text string, args ...any) (rows, error) {
	found, err := s.Query(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	return answer{found, func() error { return nil }}, nil
}

// answer is pgx's rows as database/sql has them.
type answer struct {
	pgx.Rows
	end func() error
}

// Close ends the answer and gives its error.
func (a answer) Close() error {
	a.Rows.Close()
	if err := a.Err(); err != nil {
		_ = a.end() // it tells the same error
		return err
	}
	return a.end()
}

// pipeline is a transaction of PostgreSQL that saves journeys: BEGIN and every
// statement that nobody waits for travel with the next one that somebody does.
//
//	later(INSERT)                    kept
//	query(UPDATE … RETURNING)   →    BEGIN, INSERT, UPDATE
//	later(INSERT)                    kept
//	commit                      →    INSERT, COMMIT
//
// After an error the server skips what came behind it, COMMIT included. The error
// may come before BEGIN has travelled, though, when a statement can't be parsed:
// so the error is remembered, and nothing travels after it.
type pipeline struct {
	conn   *pgx.Conn
	kept   *pgx.Batch
	failed error
}

func newPipeline(conn *pgx.Conn) *pipeline {
	p := &pipeline{conn: conn, kept: new(pgx.Batch)}
	p.kept.Queue("BEGIN")
	return p
}

// later implements link.
func (p *pipeline) later(_ context.Context, text string, args ...any) error {
	p.kept.Queue(text, args...)
	return nil
}

// exec implements link.
func (p *pipeline) exec(ctx context.Context, text string, args ...any) (int64, error) {
	results, err := p.send(ctx, text, args)
	if err != nil {
		return 0, err
	}
	tag, err := results.Exec()
	return tag.RowsAffected(), p.end(results, err)
}

// query implements querier.
func (p *pipeline) query(ctx context.Context, text string, args ...any) (rows, error) {
	results, err := p.send(ctx, text, args)
	if err != nil {
		return nil, err
	}
	found, err := results.Query()
	if err != nil {
		return nil, p.end(results, err)
	}
	return answer{found, func() error { return p.end(results, nil) }}, nil
}

// end closes the results and remembers their error, or the one that was met before.
func (p *pipeline) end(results pgx.BatchResults, met error) error {
	err := cmp.Or(met, results.Close())
	p.failed = cmp.Or(p.failed, err)
	return err
}

// send lets everything that is kept travel with the statement, and stands before
// the statement's own result.
func (p *pipeline) send(ctx context.Context, text string, args []any) (pgx.BatchResults, error) {
	if p.failed != nil {
		return nil, p.failed
	}
	batch := p.kept
	p.kept = new(pgx.Batch)
	batch.Queue(text, args...)
	results := p.conn.SendBatch(ctx, batch)
	for range batch.Len() - 1 {
		if _, err := results.Exec(); err != nil {
			return nil, p.end(results, err)
		}
	}
	return results, nil
}

// commit makes the transaction durable, unless a statement had failed.
func (p *pipeline) commit(ctx context.Context) error {
	_, err := p.exec(ctx, "COMMIT")
	return err
}

// rollbackWithin bounds the undoing of a change; a connection that takes longer
// is given up, and the server undoes it then.
const rollbackWithin = 5 * time.Second

// rollback undoes the transaction, also for a caller who has gone away.
func (p *pipeline) rollback(ctx context.Context) {
	if p.conn.IsClosed() || p.conn.PgConn().TxStatus() == 'I' {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackWithin)
	defer cancel()
	_, _ = p.conn.Exec(ctx, "ROLLBACK") // otherwise the pool closes the connection, which undoes it too
}
