package drill

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
	"syscall"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // database/sql driver "pgx"

	"github.com/jingban/jingban/children"
)

// layPostgres makes a private cluster that answers on a unix socket only, and
// starts it. It is durable: a killed server must keep what it has committed.
func (s *site) layPostgres(ctx, life context.Context) error {
	programs, err := postgresPrograms()
	if err != nil {
		return err
	}
	as, err := postgresUser()
	if err != nil {
		return err
	}
	folder := s.at("pg")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	init := exec.CommandContext(ctx, filepath.Join(programs, "initdb"), "-D", filepath.Join(folder, "data"),
		"-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C")
	init.Dir = folder
	if as != nil {
		if err := os.Chown(folder, int(as.UID), int(as.GID)); err != nil {
			return err
		}
		init.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: as.UID, Gid: as.GID}}
	}
	if out, err := init.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	s.postgres = &daemon{name: "postgres", log: s.at("postgres.log"), spec: children.Spec{
		Name: "postgres", Path: filepath.Join(programs, "postgres"), Dir: folder, User: as,
		Args: []string{"-D", filepath.Join(folder, "data"), "-k", folder, "-c", "listen_addresses=",
			"-c", "max_connections=200", "-c", "shared_buffers=32MB"},
		Env: []string{"PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8"},
	}}
	s.living.Go(func() {
		if err := s.postgres.run(life); err != nil {
			fmt.Fprintln(s.cfg.Progress, "drill:", err)
		}
	})
	s.database = "postgres:///postgres?" + url.Values{"host": {folder}, "user": {"postgres"}, "sslmode": {"disable"}}.Encode()
	return awaitPostgres(ctx, s.database)
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

// postgresPrograms finds the folder of initdb and postgres: in PATH, or where
// Debian keeps them.
func postgresPrograms() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path), nil
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		return "", errors.New("initdb not found: apt-get install postgresql, or drill with --db sqlite")
	}
	return filepath.Dir(found[len(found)-1]), nil
}

// postgresUser is whom root's server runs as, because it refuses root.
func postgresUser() (*children.User, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("PostgreSQL refuses root: %w", err)
	}
	uid, err := strconv.ParseUint(account.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(account.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &children.User{UID: uint32(uid), GID: uint32(gid)}, nil
}
