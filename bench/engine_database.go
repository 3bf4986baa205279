package bench

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
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
	programs, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil || len(programs) == 0 {
		return "", nil, errors.New("initdb not found: apt-get install postgresql, or give --postgres URL")
	}
	folder, err := os.MkdirTemp("", "jbp") // short: a unix socket lies in it
	if err != nil {
		return "", nil, err
	}
	as, err := postgresUser(folder)
	if err != nil {
		return "", nil, errors.Join(err, os.RemoveAll(folder))
	}
	path := programs[len(programs)-1]
	initdb := exec.CommandContext(ctx, filepath.Join(path, "initdb"), "-D", filepath.Join(folder, "data"), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C")
	initdb.Dir = folder
	if as != nil {
		initdb.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: as.UID, Gid: as.GID}}
	}
	if out, err := initdb.CombinedOutput(); err != nil {
		return "", nil, errors.Join(fmt.Errorf("initdb: %w: %s", err, out), os.RemoveAll(folder))
	}
	child, err := children.Start(children.Spec{Name: "postgres", Path: filepath.Join(path, "postgres"), Dir: folder, User: as,
		Args: []string{"-D", filepath.Join(folder, "data"), "-k", folder, "-c", "listen_addresses=", "-c", "shared_buffers=128MB"},
		Env:  []string{"PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8"}})
	if err != nil {
		return "", nil, errors.Join(fmt.Errorf("start postgres: %w", err), os.RemoveAll(folder))
	}
	stop := func() { _ = errors.Join(child.Stop(10*time.Second), os.RemoveAll(folder)) }
	address := "postgres:///postgres?" + url.Values{"host": {folder}, "user": {"postgres"}, "sslmode": {"disable"}}.Encode()
	if err := awaitPostgres(ctx, address); err != nil {
		stop()
		return "", nil, err
	}
	return address, stop, nil
}

func awaitPostgres(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	db, err := sql.Open("pgx", address)
	if err != nil {
		return err
	}
	defer db.Close()
	for {
		if err = db.PingContext(ctx); err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("PostgreSQL does not answer: %w", err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// postgresUser is whom root's server runs as, because it refuses root; the folder
// is handed to it.
func postgresUser(folder string) (*children.User, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("PostgreSQL refuses root: %w", err)
	}
	uid, err1 := strconv.ParseUint(account.Uid, 10, 32)
	gid, err2 := strconv.ParseUint(account.Gid, 10, 32)
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	return &children.User{UID: uint32(uid), GID: uint32(gid)}, os.Chown(folder, int(uid), int(gid))
}
