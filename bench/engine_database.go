package bench

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // database/sql driver "pgx"

	"github.com/jingban/jingban/children"
)

// fresh gives the address of an empty database.
func (b *engineBench) fresh(ctx context.Context) (string, error) {
	b.opened++
	if b.DB == "sqlite" {
		return b.current(), nil
	}
	db, err := sql.Open("pgx", b.address)
	if err != nil {
		return "", err
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, fmt.Sprintf("CREATE DATABASE bench%d", b.opened)); err != nil {
		return "", fmt.Errorf("make a database: %w", err)
	}
	return b.current(), nil
}

// current is the address of the database made last.
func (b *engineBench) current() string {
	if b.DB == "sqlite" {
		return fmt.Sprintf("sqlite:%s-%d", b.address, b.opened)
	}
	return strings.Replace(b.address, "/postgres?", fmt.Sprintf("/bench%d?", b.opened), 1)
}

// database says where fresh databases are made, and how to end what was started.
func (o EngineOptions) database(ctx context.Context) (address string, stop func(), err error) {
	switch {
	case o.DB == "sqlite":
		return filepath.Join(o.Dir, "engine.db"), func() {}, nil
	case o.Postgres != "":
		return o.Postgres, func() {}, nil
	}
	return startPostgres(ctx)
}

// startPostgres starts a private cluster as shipped: a commit is on the disk
// before it returns.
func startPostgres(ctx context.Context) (string, func(), error) {
	folder, err := os.MkdirTemp("", "jbp") // short: a unix socket lies in it
	if err != nil {
		return "", nil, err
	}
	server, err := children.LayPostgres(ctx, folder)
	if err != nil {
		return "", nil, errors.Join(fmt.Errorf("%w, or give --postgres URL", err), os.RemoveAll(folder))
	}
	child, err := children.Start(server.Spec("shared_buffers=128MB"))
	if err != nil {
		return "", nil, errors.Join(err, os.RemoveAll(folder))
	}
	stop := func() { _ = errors.Join(child.Stop(10*time.Second), os.RemoveAll(folder)) }
	if err := server.Await(ctx); err != nil {
		stop()
		return "", nil, err
	}
	return server.Address("postgres"), stop, nil
}
