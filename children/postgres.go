package children

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"time"
)

// Postgres is a private PostgreSQL that answers on a unix socket in its folder
// only, to whoever may reach it there. It is durable, as shipped: a commit is on
// the disk before it returns.
type Postgres struct {
	folder                string
	initdb, server, ready string // its programs
	user                  *User
}

// LayPostgres makes a fresh cluster in a folder, which must be absolute and short:
// a socket's path has 107 bytes at most. As root it runs as user postgres, because
// the server refuses root. It errs when PostgreSQL is not installed.
func LayPostgres(ctx context.Context, folder string) (Postgres, error) {
	p := Postgres{folder: folder}
	var err error
	for name, path := range map[string]*string{"initdb": &p.initdb, "postgres": &p.server, "pg_isready": &p.ready} {
		if *path, err = postgresProgram(name); err != nil {
			return p, err
		}
	}
	if p.user, err = postgresUser(); err != nil {
		return p, err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return p, err
	}
	if as := p.user; as != nil {
		if err := os.Chown(folder, int(as.UID), int(as.GID)); err != nil {
			return p, err
		}
	}
	return p, p.init(ctx)
}

func (p Postgres) init(ctx context.Context) error {
	var said bytes.Buffer
	child, err := Start(p.program(&said, p.initdb, "-D", p.data(), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"))
	if err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return errors.Join(ctx.Err(), child.Stop(0))
	case <-child.Done():
	}
	if err := child.Err(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, said.String())
	}
	return nil
}

func (p Postgres) data() string { return filepath.Join(p.folder, "data") }

func (p Postgres) program(said *bytes.Buffer, path string, args ...string) Spec {
	spec := Spec{Name: filepath.Base(path), Path: path, Dir: p.folder, User: p.user, Args: args,
		Env: []string{"PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8"}}
	if said != nil {
		spec.Stdout, spec.Stderr = said, said
	}
	return spec
}

// Spec says how the server is started, with settings like "max_connections=200".
func (p Postgres) Spec(settings ...string) Spec {
	args := []string{"-D", p.data(), "-k", p.folder, "-c", "listen_addresses="}
	for _, s := range settings {
		args = append(args, "-c", s)
	}
	return p.program(nil, p.server, args...)
}

// Address is the data source of one of its databases.
func (p Postgres) Address(database string) string {
	return "postgres:///" + database + "?" + url.Values{"host": {p.folder}, "user": {"postgres"}, "sslmode": {"disable"}}.Encode()
}

// postgresWithin is how long a fresh server may take until it answers.
const postgresWithin = 30 * time.Second

// Await waits until the server takes connections.
func (p Postgres) Await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, postgresWithin)
	defer cancel()
	for {
		out, err := exec.CommandContext(ctx, p.ready, "-h", p.folder, "-U", "postgres", "-d", "postgres").CombinedOutput()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("PostgreSQL does not answer: %w: %s", ctx.Err(), out)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// postgresProgram finds a program of PostgreSQL: in PATH, or where Debian keeps
// them.
func postgresProgram(name string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if err != nil || len(found) == 0 {
		return "", fmt.Errorf("%s not found: apt-get install postgresql", name)
	}
	return found[len(found)-1], nil
}

func postgresUser() (*User, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("PostgreSQL refuses root: %w", err)
	}
	uid, err := strconv.ParseUint(account.Uid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("user postgres: %w", err)
	}
	gid, err := strconv.ParseUint(account.Gid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("user postgres: %w", err)
	}
	return &User{UID: uint32(uid), GID: uint32(gid)}, nil
}
