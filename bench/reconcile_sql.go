package bench

import (
	"context"
	"database/sql"
	"fmt"
	"hash/maphash"
	"path/filepath"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // registers the PostgreSQL driver
	_ "modernc.org/sqlite"             // registers the SQLite driver

	"github.com/jingban/jingban/ledger"
)

// SQLMeasure is a database doing the first five passes of the same work.
type SQLMeasure struct {
	Engine  string  `json:"engine"`
	Load    float64 `json:"load_seconds"`   // parsing, inserting, indexes
	Passes  float64 `json:"passes_seconds"` // the five statements
	Matched int64   `json:"matched"`
	Slower  float64 `json:"passes_times_ours_in_all"` // passes over our whole run, reading included
}

// passes are the first five rules as SQL over integer keys.
func passes() []string {
	const open = " AND NOT EXISTS (SELECT 1 FROM hit WHERE hit.b = b.id) AND NOT EXISTS (SELECT 1 FROM hit2 WHERE hit2.l = l.id)"
	both := func(query string) []string {
		return []string{"DELETE FROM fresh", "INSERT INTO fresh " + query, "INSERT INTO hit SELECT DISTINCT b FROM fresh", "INSERT INTO hit2 SELECT DISTINCT l FROM fresh"}
	}
	var all []string
	for _, query := range []string{
		"SELECT b.id, l.id FROM bank b JOIN book l ON l.ref = b.ref WHERE b.ref <> 0 AND l.fen = b.fen AND l.day = b.day",
		"SELECT b.id, l.id FROM bank b JOIN book l ON l.ref = b.ref WHERE b.ref <> 0 AND l.fen = b.fen AND abs(l.day - b.day) <= 5" + open,
		"SELECT b.id, l.id FROM bank b JOIN book l ON l.ref = b.ref WHERE b.ref <> 0" + open,
		"SELECT b.id, l.id FROM bank b JOIN book l ON l.account = b.account AND l.fen = b.fen WHERE b.account <> 0 AND abs(l.day - b.day) <= 5" + open,
		"SELECT b.id, l.id FROM bank b JOIN book l ON l.batch = b.batch WHERE b.batch <> 0 AND (SELECT sum(fen) FROM bank x WHERE x.batch = b.batch) = l.fen" + open,
	} {
		all = append(all, both(query)...)
	}
	return all
}

// engine is a database that does the same work.
type engine struct{ name, driver, source string }

func (r *Reconciliation) compareSQL(ctx context.Context, o ReconcileOptions, inputs []ledger.Input) error {
	if !o.SQL {
		r.Skipped = append(r.Skipped, "SQLite, PostgreSQL: --no-sql")
		return nil
	}
	engines := []engine{{"sqlite", "sqlite", "file:" + filepath.Join(o.Dir, "bench.db") + "?_pragma=journal_mode(off)&_pragma=synchronous(off)&_pragma=cache_size(-400000)&_pragma=temp_store(memory)"}}
	source := o.Postgres
	if source == "" {
		private, stop, err := startPostgres(ctx)
		if err != nil {
			r.Skipped = append(r.Skipped, "PostgreSQL: "+err.Error())
		} else {
			defer stop()
			source = private
		}
	}
	if source != "" {
		engines = append(engines, engine{"postgres", "pgx", source})
	}
	for _, e := range engines {
		m, err := e.measure(ctx, inputs)
		if err != nil {
			return fmt.Errorf("%s: %w", e.name, err)
		}
		m.Engine = e.name
		m.Slower = m.Passes / r.All.Seconds
		r.SQL = append(r.SQL, m)
	}
	return nil
}

// prepare gives the engine the memory it may use, and the tables. PostgreSQL's
// are temporary: they are not logged.
func (e engine) prepare(ctx context.Context, db *sql.DB) error {
	statements, temporary := []string{}, ""
	if e.driver == "pgx" {
		statements, temporary = []string{"SET work_mem = '512MB'", "SET temp_buffers = '512MB'", "SET maintenance_work_mem = '256MB'"}, "TEMP "
	}
	for _, table := range []string{
		"bank (id BIGINT PRIMARY KEY, day BIGINT, fen BIGINT, ref BIGINT, account BIGINT, batch BIGINT)",
		"book (id BIGINT PRIMARY KEY, day BIGINT, fen BIGINT, ref BIGINT, account BIGINT, batch BIGINT)",
		"hit (b BIGINT PRIMARY KEY)", "hit2 (l BIGINT PRIMARY KEY)", "fresh (b BIGINT, l BIGINT)",
	} {
		statements = append(statements, "CREATE "+temporary+"TABLE "+table)
	}
	return execute(ctx, db, statements)
}

func execute(ctx context.Context, db *sql.DB, statements []string) error {
	for _, statement := range statements {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

// measure loads both files and runs the passes. Values of the integer keys differ
// from run to run, their equality does not.
func (e engine) measure(ctx context.Context, inputs []ledger.Input) (SQLMeasure, error) {
	var m SQLMeasure
	db, err := sql.Open(e.driver, e.source)
	if err != nil {
		return m, err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	started := time.Now()
	if err := e.prepare(ctx, db); err != nil {
		return m, err
	}
	seed := maphash.MakeSeed()
	for i, table := range []string{"bank", "book"} {
		if err := insert(ctx, db, table, inputs[i], ledger.Side(i), seed); err != nil {
			return m, err
		}
	}
	if err := execute(ctx, db, []string{"CREATE INDEX i1 ON bank (ref)", "CREATE INDEX i2 ON book (ref)", "CREATE INDEX i3 ON book (account, fen)",
		"CREATE INDEX i4 ON bank (batch)", "CREATE INDEX i5 ON book (batch)", "ANALYZE"}); err != nil {
		return m, err
	}
	m.Load = time.Since(started).Seconds()
	started = time.Now()
	if err := execute(ctx, db, passes()); err != nil {
		return m, err
	}
	m.Passes = time.Since(started).Seconds()
	return m, db.QueryRowContext(ctx, "SELECT count(*) FROM hit").Scan(&m.Matched)
}

// insert loads one file in one transaction, 500 rows to a statement.
func insert(ctx context.Context, db *sql.DB, table string, in ledger.Input, side ledger.Side, seed maphash.Seed) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it has nothing to do
	key := func(text string) int64 {
		if text == "" {
			return 0
		}
		return int64(maphash.String(seed, text) >> 1)
	}
	var values []int64
	flush := func() error {
		query := []byte("INSERT INTO " + table + " VALUES ")
		for i := 0; i < len(values); i += 6 {
			query = fmt.Appendf(query, "(%d,%d,%d,%d,%d,%d),", values[i], values[i+1], values[i+2], values[i+3], values[i+4], values[i+5])
		}
		values = values[:0]
		_, err := tx.ExecContext(ctx, string(query[:len(query)-1]))
		return err
	}
	id := int64(0)
	_, err = ledger.Read(in, ledger.Options{Side: side, Force: true}, func(e *ledger.Entry) error {
		id++
		values = append(values, id, int64(e.Day), int64(e.Fen), key(e.Text(ledger.Client)), key(e.Text(ledger.Account)), key(e.Text(ledger.BatchNo)))
		if len(values) == 3000 {
			return flush()
		}
		return nil
	})
	if err == nil && len(values) > 0 {
		err = flush()
	}
	if err != nil {
		return err
	}
	return tx.Commit()
}
