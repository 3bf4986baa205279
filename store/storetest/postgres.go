// Package storetest holds the contract of package store as one suite that runs
// on every database, and the real databases it runs on.
//
// [Postgres] starts one throw-away PostgreSQL cluster per test binary (unix
// socket only, as user postgres, in a temporary folder) and gives every test a
// database of its own. The cluster ends when the test binary does, however it
// does: a guarding shell waits for the binary's end of a pipe to close.
package storetest

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // database/sql driver "pgx"

	"github.com/jingban/jingban/casework"
)

// cluster is the PostgreSQL of this test binary.
type cluster struct {
	socket   string // folder
	lifeline io.Closer
	err      error
}

// start runs once per binary; a test binary has no other place for it.
var start = sync.OnceValue(startCluster)

// Postgres gives the address of an empty database that is dropped when the test
// ends. Without PostgreSQL it skips the test, or fails it under REQUIRE_REAL=1.
func Postgres(t testing.TB) string {
	t.Helper()
	c := start()
	if c.err != nil {
		missing(t, c.err)
	}
	admin, err := sql.Open("pgx", c.url("postgres"))
	if err != nil {
		t.Fatalf("postgres: %v", err)
	}
	name := "t" + strings.ReplaceAll(casework.NewID(), "-", "")
	if _, err := admin.ExecContext(t.Context(), "CREATE DATABASE "+name+""); err != nil {
		t.Fatalf("postgres: make a database: %v", err)
	}
	t.Cleanup(func() {
		if _, err := admin.ExecContext(context.WithoutCancel(t.Context()), "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("postgres: drop the database: %v", err)
		}
		if err := admin.Close(); err != nil {
			t.Errorf("postgres: %v", err)
		}
	})
	return c.url(name)
}

func missing(t testing.TB, err error) {
	t.Helper()
	if os.Getenv("REQUIRE_REAL") == "1" {
		t.Fatalf("PostgreSQL: %v", err)
	}
	t.Skipf("PostgreSQL: %v", err)
}

func (c cluster) url(database string) string {
	return "postgres:///" + database + "?" + url.Values{"host": {c.socket}, "user": {"postgres"}, "sslmode": {"disable"}}.Encode()
}

// guard waits for the lifeline to close, then ends the cluster and removes it.
const guard = `"$1/initdb" -D "$2/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >"$2/initdb.log" 2>&1 || exit 1
"$1/postgres" -D "$2/data" -k "$2" -c listen_addresses= -c max_connections=200 -c fsync=off -c shared_buffers=16MB >"$2/postgres.log" 2>&1 &
echo started
cat >/dev/null
kill -INT $!
wait $!
rm -rf "$2"`

func startCluster() cluster {
	programs, err := programs()
	if err != nil {
		return cluster{err: err}
	}
	folder, err := os.MkdirTemp("/tmp", "jbpg") // a socket path has 107 bytes at most
	if err != nil {
		return cluster{err: err}
	}
	command := exec.Command("/bin/sh", "-c", guard, "guard", programs, folder)
	command.Dir = folder
	if err := asPostgres(command, folder); err != nil {
		return cluster{err: err}
	}
	lifeline, err := command.StdinPipe()
	if err != nil {
		return cluster{err: err}
	}
	started, err := command.StdoutPipe()
	if err != nil {
		return cluster{err: err}
	}
	if err := command.Start(); err != nil {
		return cluster{err: err}
	}
	if _, err := io.ReadFull(started, make([]byte, len("started"))); err != nil {
		log, _ := os.ReadFile(filepath.Join(folder, "initdb.log"))
		return cluster{err: fmt.Errorf("initdb: %w: %s", err, log)}
	}
	c := cluster{socket: folder, lifeline: lifeline}
	c.err = c.await()
	return c
}

// await asks until the server answers.
func (c cluster) await() error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	db, err := sql.Open("pgx", c.url("postgres"))
	if err != nil {
		return err
	}
	defer db.Close()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if err = db.PingContext(ctx); err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-tick.C:
		}
	}
}

// programs finds the folder of initdb and postgres: in PATH, or where Debian
// keeps them.
func programs() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path), nil
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		return "", fmt.Errorf("initdb not found; install postgresql: %w", exec.ErrNotFound)
	}
	return filepath.Dir(found[len(found)-1]), nil
}

// asPostgres makes root's command run as user postgres, because the server
// refuses root.
func asPostgres(command *exec.Cmd, folder string) error {
	if os.Getuid() != 0 {
		return nil
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		return err
	}
	return become(command, account, folder)
}
