package children_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"testing"

	"github.com/jingban/jingban/children"
)

// TestAPostgresThatWasKilledKeepsWhatItCommitted lays a cluster, writes, kills the
// server and asks the next one.
func TestAPostgresThatWasKilledKeepsWhatItCommitted(t *testing.T) {
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
	run := func(statement string) string {
		t.Helper()
		child := up(t, server)
		out, err := exec.CommandContext(t.Context(), "psql", "-At", "-c", statement, server.Address("postgres")).CombinedOutput()
		if err := errors.Join(err, child.Stop(0)); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return string(out)
	}
	run("CREATE TABLE kept AS SELECT 42 AS answer")
	if got := run("SELECT answer FROM kept"); got != "42\n" {
		t.Errorf("the next server says %q", got)
	}
}

// up starts the server, again where it ends at once: what a killed one left
// behind lives a moment longer, and holds its memory.
func up(t *testing.T, server children.Postgres) *children.Child {
	t.Helper()
	for {
		child, err := children.Start(server.Spec("shared_buffers=16MB"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { child.Stop(0) })
		answers := make(chan error, 1)
		ctx, giveUp := context.WithCancel(t.Context())
		go func() { answers <- server.Await(ctx) }()
		select {
		case err := <-answers:
			giveUp()
			if err != nil {
				t.Fatal(err)
			}
			return child
		case <-child.Done():
			giveUp()
			if t.Context().Err() != nil {
				t.Fatal(child.Err())
			}
		}
	}
}
