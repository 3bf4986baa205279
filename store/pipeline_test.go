package store

import (
	"errors"
	"os"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/jingban/jingban/children"
)

// TestACommitBehindAnErrorNobodyMindedIsNoCommit makes both errors that a COMMIT
// could hide: one before BEGIN has travelled, and one after it, to which the
// server answers ROLLBACK, a success to the protocol.
func TestACommitBehindAnErrorNobodyMindedIsNoCommit(t *testing.T) {
	conn := privateConn(t)
	for name, statement := range map[string]string{"not parsed": "INSERT INTO nowhere VALUES (1)", "not possible": "SELECT 1/(SELECT 0)"} {
		p := newPipeline(conn)
		if err := p.later(t.Context(), "CREATE TABLE kept (n INT)"); err != nil {
			t.Fatal(err)
		}
		if _, err := p.exec(t.Context(), statement); err == nil {
			t.Fatalf("%s: no error", name)
		}
		if _, ok := errors.AsType[*pgconn.PgError](p.commit(t.Context())); !ok {
			t.Errorf("%s: the commit hides the error", name)
		}
		p.rollback(t.Context())
		var there bool
		if err := conn.QueryRow(t.Context(), "SELECT to_regclass('kept') IS NOT NULL").Scan(&there); err != nil || there {
			t.Errorf("%s: kept is there: %v, %v", name, there, err)
		}
	}
}

// privateConn speaks to a PostgreSQL of its own.
func privateConn(t *testing.T) *pgx.Conn {
	t.Helper()
	folder, err := os.MkdirTemp("/tmp", "jbc") // the socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	server, err := children.LayPostgres(t.Context(), folder)
	if err != nil {
		if os.Getenv("REQUIRE_REAL") == "1" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	child, err := children.Start(server.Spec("shared_buffers=16MB"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { child.Stop(0) })
	if err := server.Await(t.Context()); err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), server.Address("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	return conn
}
