package drill

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/children"
	"github.com/jingban/jingban/fixtures/legacy/benefits"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/store"
	"github.com/jingban/jingban/tasks"
	"github.com/jingban/jingban/web"
)

// site is everything a drill works on: processes, databases, the fake legacy
// system, and the drill's own view into the store.
type site struct {
	*hub
	cfg      Config
	dir      string
	database string // address as the store takes it
	store    *store.Store
	library  playbooks.Library
	legacy   *fakeSystem
	broker   tasks.Broker
	redisPid string // pid file of the redis-server
	postgres *daemon
	workers  []*daemon
	pages    *daemon
	person   Client // the clerk
	password string
	claims   []claim

	stop   context.CancelFunc
	living sync.WaitGroup
}

// openSite builds everything that does not run yet.
func openSite(ctx context.Context, cfg Config) (*site, error) {
	s := &site{cfg: cfg, dir: cfg.Folder, password: "Drill-" + casework.NewID()[28:] + "!"}
	life, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	if err := s.build(ctx, life); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *site) build(ctx, life context.Context) error {
	if s.dir == "" {
		dir, err := os.MkdirTemp("/tmp", "jbdrill-") // short: unix sockets lie in it
		if err != nil {
			return err
		}
		s.dir = dir
	}
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return err
	}
	if err := os.Chmod(s.dir, 0o755); err != nil { // PostgreSQL's user must walk through
		return err
	}
	var err error
	if s.hub, err = listenHub(ctx, s.at("seams.sock")); err != nil {
		return fmt.Errorf("seams: %w", err)
	}
	s.living.Go(func() { s.hub.run(life) })
	if s.library, err = s.layPlaybooks(); err != nil {
		return err
	}
	if s.legacy, err = openFakeSystem(ctx, s.at("legacy")); err != nil {
		return err
	}
	if err := s.lay(ctx, life); err != nil {
		return err
	}
	return s.furnish(ctx)
}

func (s *site) at(parts ...string) string { return filepath.Join(append([]string{s.dir}, parts...)...) }

// layPlaybooks writes the drill's system file: the built-in one with more seats,
// a short pause after faults, and a settling time, so that absence can be believed
// without a person.
func (s *site) layPlaybooks() (playbooks.Library, error) {
	text, err := playbooks.BuiltinFile("systems/benefits.yaml")
	if err != nil {
		return playbooks.Library{}, err
	}
	own := strings.Replace(string(text), "seats: 1\n", "seats: 8\nsettles: 60s\nlimits: {pause: 5s}\n", 1)
	if err := os.MkdirAll(s.at("playbooks", "systems"), 0o755); err != nil {
		return playbooks.Library{}, err
	}
	if err := os.WriteFile(s.at("playbooks", "systems", "benefits.yaml"), []byte(own), 0o644); err != nil {
		return playbooks.Library{}, err
	}
	return playbooks.Load(s.at("playbooks"))
}

// lay prepares database, broker and the list of processes.
func (s *site) lay(ctx, life context.Context) error {
	key := make([]byte, 32)
	rand.Read(key) // never fails (crypto/rand)
	if err := os.WriteFile(s.at("master.key"), []byte(base64.StdEncoding.EncodeToString(key)+"\n"), 0o600); err != nil {
		return err
	}
	listen, err := freeAddress(ctx)
	if err != nil {
		return err
	}
	s.person.Base = "http://" + listen
	files := s.at("w1", "files")
	if s.cfg.Database == "postgres" {
		files = s.at("files")
		err = s.layShared(ctx, life, listen)
	} else {
		err = s.layLocal(listen)
	}
	if err != nil {
		return err
	}
	if err := os.MkdirAll(files, 0o700); err != nil {
		return err
	}
	s.store, err = store.Open(ctx, store.Config{Database: s.database, Files: files, MasterKey: key, Now: time.Now})
	return err
}

// layLocal is one process over SQLite with its private Redis.
func (s *site) layLocal(listen string) error {
	if err := os.MkdirAll(s.at("w1", "run"), 0o700); err != nil {
		return err
	}
	s.database = "sqlite:" + s.at("w1", "jingban.db")
	s.redisPid = s.at("w1", "run", "redis.pid")
	s.broker = tasks.Redis{Socket: s.at("w1", "run", "redis.sock")}.Broker()
	s.workers = []*daemon{s.jingban("w1", "--listen", listen, "serve")}
	s.pages = s.workers[0]
	return nil
}

// layShared is several workers and one web process over PostgreSQL and Redis.
func (s *site) layShared(ctx, life context.Context, listen string) error {
	if err := s.layPostgres(ctx, life); err != nil {
		return err
	}
	if err := os.MkdirAll(s.at("redis"), 0o700); err != nil {
		return err
	}
	redis := tasks.Redis{Folder: s.at("redis"), Socket: s.at("redis.sock"), Pids: s.dir}
	s.redisPid, s.broker = s.at("redis.pid"), redis.Broker()
	ready := make(chan struct{})
	failed := make(chan error, 1)
	s.living.Go(func() { failed <- redis.Run(life, ready) })
	select {
	case <-ready:
	case err := <-failed:
		return fmt.Errorf("redis: %w", err)
	}
	shared := []string{"--database", s.database, "--redis", string(s.broker), "--files", s.at("files")}
	for i := range max(s.cfg.Workers, 1) {
		s.workers = append(s.workers, s.jingban("w"+strconv.Itoa(i+1), append(shared, "work")...))
	}
	s.pages = s.jingban("web", append(shared, "--listen", listen, "web")...)
	return nil
}

// jingban is one process of the product.
func (s *site) jingban(name string, args ...string) *daemon {
	args = append([]string{"--data", s.at(name), "--log", "info"}, args...)
	return &daemon{name: name, log: s.at(name + ".log"), spec: children.Spec{
		Name: name, Path: s.cfg.Program, Args: args,
		Env: []string{
			"PATH=" + os.Getenv("PATH"), "HOME=" + s.dir, "LANG=C.UTF-8", "TMPDIR=/tmp",
			"JINGBAN_MASTER_KEY_FILE=" + s.at("master.key"),
			"JINGBAN_PLAYBOOKS=" + s.at("playbooks"), "JINGBAN_DRILL_SEAMS=" + s.at("seams.sock"),
			"JINGBAN_FIRST_STAGE=full", // the fake system is what the playbook was written for
		},
	}}
}

// furnish adds the clerk, the robot's account and the claims.
func (s *site) furnish(ctx context.Context) error {
	hash, err := web.HashPassword(s.password)
	if err != nil {
		return err
	}
	if _, err := s.store.AddUser(ctx, driller(), store.User{Login: "clerk", Name: "clerk", Role: "clerk", PasswordHash: hash}); err != nil {
		return fmt.Errorf("add the clerk: %w", err)
	}
	for name, value := range map[string]string{
		"systems.benefits.url":              s.legacy.url(),
		"systems.benefits.account.login":    benefits.DefaultAccount,
		"systems.benefits.account.password": benefits.DefaultPassword,
	} {
		if err := s.store.SetSecret(ctx, driller(), name, value); err != nil {
			return err
		}
	}
	s.claims, err = s.seedClaims(ctx)
	return err
}

// driller is the drill in the audit trail.
func driller() casework.Actor {
	return casework.Actor{Kind: casework.Human, ID: "drill", Name: "drill", Role: "admin", From: "console"}
}

// start lets the processes run; they live until close.
func (s *site) start(ctx context.Context) error {
	life, stop := context.WithCancel(context.WithoutCancel(ctx))
	before := s.stop
	s.stop = func() { stop(); before() }
	all := s.workers
	if s.pages != s.workers[0] {
		all = append(all[:len(all):len(all)], s.pages)
	}
	for _, one := range all {
		s.living.Go(func() {
			if err := one.run(life); err != nil {
				fmt.Fprintln(s.cfg.Progress, "drill:", err)
			}
		})
	}
	return nil
}

// close ends everything. The folder stays when it was named, or when the drill
// found something.
func (s *site) close() error {
	s.stop()
	s.living.Wait()
	var errs []error
	if s.store != nil {
		errs = append(errs, s.store.Close())
	}
	if s.legacy != nil {
		errs = append(errs, s.legacy.close())
	}
	return errors.Join(errs...)
}

func freeAddress(ctx context.Context) (string, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}
