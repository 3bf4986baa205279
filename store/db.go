package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite" // database/sql driver "sqlite"

	"github.com/jingban/jingban/casework"
)

// The errors callers ask for with errors.Is.
var (
	ErrNotFound  = errors.New("not found")
	ErrConflict  = errors.New("changed by somebody else meanwhile") // compare-and-set lost
	ErrDuplicate = errors.New("exists already")                     // e.g. one live run per (playbook, key)
	ErrHeld      = errors.New("held by another worker")
	ErrInvalid   = errors.New("not acceptable") // e.g. a choice that was not offered
	ErrNewer     = errors.New("the database was written by a newer release")
	ErrTampered  = errors.New("the audit trail was tampered with")
)

// Config says where the store lives. Database is "sqlite:<path>" or
// "postgres://…".
type Config struct {
	Database  string
	Files     string          // folder of sealed, content-addressed files
	MasterKey []byte          // 32 bytes
	Params    casework.Params // time limits; without them a case keeps the due date it came with
	Now       func() time.Time
	// LeaseNow judges leases, admission and the sweep. Nil, as in production,
	// means the database server's clock on PostgreSQL and Now on SQLite.
	LeaseNow func() time.Time
}

// Store is the open database and its files. It is safe for concurrent use.
type Store struct {
	cfg      Config
	postgres bool
	writer   *sql.DB // SQLite: one connection, every transaction BEGIN IMMEDIATE; PostgreSQL: for migrations
	reader   querier
	readers  *sql.DB       // SQLite: what the reader asks
	pool     *pgxpool.Pool // PostgreSQL; nil on SQLite
	group    *group        // SQLite: shares commits; nil on PostgreSQL
	keys     keys
	files    *os.Root
	wake     chan struct{}
	calendar atomic.Pointer[knownCalendar]
	tell     chan struct{}      // PostgreSQL: other processes are to be woken
	stop     context.CancelFunc // ends listener and teller
	ended    sync.WaitGroup     // both of them
}

var _ io.Closer = (*Store)(nil)

// Open opens the database, brings its schema up to date and opens the files.
// It returns ErrNewer when the schema is newer than this binary, and ErrInvalid
// for a wrong master key.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	k, err := newKeys(cfg.MasterKey)
	if err != nil {
		return nil, err
	}
	s := &Store{cfg: cfg, keys: k, wake: make(chan struct{}, 1), tell: make(chan struct{}, 1)}
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Store) open(ctx context.Context) (err error) {
	if s.files, err = openFiles(s.cfg.Files); err != nil {
		return err
	}
	if err = s.connect(ctx); err != nil {
		return err
	}
	if err = s.migrate(ctx); err != nil {
		return explain("open the database", err)
	}
	if !s.postgres {
		if s.group, err = newGroup(ctx, s.writer); err != nil {
			return explain("open the database", err)
		}
	}
	if err = s.proveKey(ctx); err != nil {
		return err
	}
	if err = s.rememberChained(ctx); err != nil {
		return err
	}
	if s.postgres {
		s.listen()
	}
	return nil
}

func (s *Store) connect(ctx context.Context) (err error) {
	if path, ok := strings.CutPrefix(s.cfg.Database, "sqlite:"); ok {
		return s.connectSQLite(path)
	}
	if !strings.HasPrefix(s.cfg.Database, "postgres://") && !strings.HasPrefix(s.cfg.Database, "postgresql://") {
		return fmt.Errorf("database address: want sqlite:<path> or postgres://…: %w", ErrInvalid)
	}
	s.postgres = true
	if s.pool, err = openPool(context.WithoutCancel(ctx), s.cfg.Database); err != nil {
		return fmt.Errorf("open the database: %w", err)
	}
	s.reader, s.writer = shared{s.pool}, stdlib.OpenDBFromPool(s.pool)
	return nil
}

// connectSQLite makes the file with mode 0600 first; SQLite gives its WAL the
// same mode. A commit is on the disk before it returns (synchronous=FULL). The WAL
// is copied back every 32 MB, not every 4: each copying costs two more syncs.
func (s *Store) connectSQLite(path string) (err error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return explain("open the database", err)
	}
	if err = file.Close(); err != nil {
		return explain("open the database", err)
	}
	dsn := "file:" + (&url.URL{Path: path}).EscapedPath() +
		"?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_pragma=wal_autocheckpoint(8000)"
	if s.writer, err = sql.Open("sqlite", dsn+"&_txlock=immediate"); err != nil {
		return explain("open the database", err)
	}
	s.writer.SetMaxOpenConns(1)
	if s.readers, err = sql.Open("sqlite", dsn+"&_pragma=query_only(1)"); err != nil {
		return explain("open the database", err)
	}
	s.readers.SetMaxOpenConns(8)
	s.readers.SetMaxIdleConns(8)
	s.reader = pool{s.readers}
	return nil
}

// Close ends the listener and closes database and files.
func (s *Store) Close() error {
	var errs []error
	if s.stop != nil {
		s.stop()
		s.ended.Wait()
	}
	if s.group != nil {
		errs = append(errs, s.group.close())
	}
	for _, db := range []*sql.DB{s.readers, s.writer} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if s.pool != nil {
		s.pool.Close()
	}
	if s.files != nil {
		errs = append(errs, s.files.Close())
	}
	return errors.Join(errs...)
}

// Ping asks whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	_, err := one(ctx, s.reader, scalar[int], "SELECT 1")
	return explain("ask the database", err)
}

// tx is one write transaction.
type tx struct {
	link
	store *Store
	now   time.Time
	woken bool // the commit makes work for the relay or for admission
}

// tries is how often a transaction that PostgreSQL ended because of another
// one is run again.
const tries = 4

// change runs work in one durable write transaction. It is the only way to
// write; on SQLite the changes that wait at the same time share a commit. Work
// may run more than once and must not keep anything from a run that failed.
func (s *Store) change(ctx context.Context, what string, work func(*tx) error) error {
	for try := 1; ; try++ {
		err := s.commit(ctx, work)
		if err == nil || try == tries || !losesToAnother(err) {
			return explain(what, err)
		}
	}
}

func (s *Store) commit(ctx context.Context, work func(*tx) error) (err error) {
	t := &tx{store: s, now: s.cfg.Now().UTC()}
	if s.group != nil {
		err = s.group.do(ctx, t, work)
	} else {
		err = s.commitAlone(ctx, t, work)
	}
	if err == nil && t.woken {
		s.signal()
		s.tellOthers()
	}
	return err
}

// commitAlone gives the change a transaction of its own; PostgreSQL joins the
// syncs of those that commit at the same time.
func (s *Store) commitAlone(ctx context.Context, t *tx, work func(*tx) error) error {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release() // closes a connection whose transaction is not over
	p := newPipeline(conn.Conn())
	t.link = p
	if err := work(t); err != nil {
		p.rollback(ctx)
		return err
	}
	if err := p.commit(ctx); err != nil {
		p.rollback(ctx)
		return err
	}
	return nil
}

// serverMicros is PostgreSQL's own clock.
const serverMicros = "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)"

// leaseClock gives the moment by which leases are judged.
func (s *Store) leaseClock(ctx context.Context, q querier) (time.Time, error) {
	if s.cfg.LeaseNow != nil {
		return s.cfg.LeaseNow().UTC(), nil
	}
	if !s.postgres {
		return s.cfg.Now().UTC(), nil
	}
	at, err := one(ctx, q, scalar[int64], "SELECT "+serverMicros)
	return moment(at), err
}
