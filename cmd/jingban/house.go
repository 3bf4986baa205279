package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/children"
	"github.com/jingban/jingban/drill"
	"github.com/jingban/jingban/materials"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/store"
	"github.com/jingban/jingban/tasks"
	"github.com/jingban/jingban/web"
	"github.com/jingban/jingban/workers"
)

// house is the rooms of one process put together.
type house struct {
	cfg      *Config
	log      *slog.Logger
	folder   *folder
	store    *store.Store
	broker   tasks.Broker
	redis    *tasks.Redis // nil in shared mode
	catalog  *materials.Catalog
	library  playbooks.Library
	editions *store.Editions
	reader   *reader
	browsing *browsing
	now      func() time.Time
	drilled  *drill.Hook // nil outside a drill
}

// openHouse checks the configuration, takes the data folder, ends what a killed
// predecessor left behind and opens the database. Nothing runs yet.
func openHouse(ctx context.Context, cfg *Config, errOut io.Writer) (*house, error) {
	if err := cfg.settle(); err != nil {
		return nil, err
	}
	h := &house{cfg: cfg, log: cfg.logger(errOut), now: time.Now}
	if err := h.open(ctx); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	return h, nil
}

// openBooks opens the database alone, beside a running process: for commands
// that add people or secrets.
func openBooks(ctx context.Context, cfg *Config, errOut io.Writer) (*house, error) {
	if err := cfg.settle(); err != nil {
		return nil, err
	}
	h := &house{cfg: cfg, log: cfg.logger(errOut), now: time.Now, folder: &folder{path: cfg.Data}}
	if err := h.folder.make(); err != nil {
		return nil, err
	}
	return h, h.openStore(ctx)
}

func (h *house) open(ctx context.Context) error {
	var err error
	if h.folder, err = openFolder(h.cfg.Data, !h.cfg.shared()); err != nil {
		return err
	}
	if err := h.endLeftovers(); err != nil {
		return err
	}
	if h.catalog, err = materials.Load(); err != nil {
		return fmt.Errorf("material types: %w", err)
	}
	if h.library, err = playbooks.Load(h.cfg.Playbooks); err != nil {
		return fmt.Errorf("playbooks: %w", err)
	}
	if err := h.attachDrill(ctx); err != nil {
		return err
	}
	offers, err := calculations()
	if err != nil {
		return err
	}
	h.library = h.library.Offering(offers)
	if err := h.openStore(ctx); err != nil {
		return err
	}
	h.editions = h.store.Editions(h.catalog.Params())
	if h.reader, err = newReader(h.cfg, h.folder); err != nil {
		return err
	}
	h.browsing = newBrowsing(h.cfg, h.folder, h.log, h.now)
	h.browsing.sight = h.reader.Sight
	return h.openBroker(ctx)
}

func (h *house) endLeftovers() error {
	left, err := children.Sweep(h.folder.at("run"))
	if err != nil {
		return fmt.Errorf("leftover processes: %w", err)
	}
	if len(left) > 0 {
		h.log.Warn("ended processes that a killed predecessor left behind", "count", len(left))
	}
	return nil
}

func (h *house) openStore(ctx context.Context) error {
	key, err := h.cfg.masterKey()
	if err != nil {
		return err
	}
	database, files := h.cfg.Database, h.cfg.Files
	if database == "" {
		database = "sqlite:" + h.folder.at("jingban.db")
	}
	if files == "" {
		files = h.folder.at("files")
	}
	params, err := casework.LoadParams(nil)
	if err != nil {
		return fmt.Errorf("parameters: %w", err)
	}
	h.store, err = store.Open(ctx, store.Config{Database: database, Files: files, MasterKey: key, Params: params, Now: h.now})
	return err
}

func (h *house) openBroker(ctx context.Context) error {
	if h.cfg.Redis != "" {
		h.broker = tasks.Broker(h.cfg.Redis)
		return h.broker.Check(ctx)
	}
	h.redis = &tasks.Redis{Folder: h.folder.at("redis"), Socket: h.folder.at("run", "redis.sock"), Pids: h.folder.at("run"), Log: io.Discard}
	h.broker = h.redis.Broker()
	return nil
}

// Close gives everything back, in the reverse order.
func (h *house) Close() error {
	var errs []error
	if h.browsing != nil {
		errs = append(errs, h.browsing.Close())
	}
	if h.reader != nil {
		errs = append(errs, h.reader.Close())
	}
	if h.store != nil {
		errs = append(errs, h.store.Close())
	}
	if h.folder != nil {
		errs = append(errs, h.folder.Close())
	}
	return errors.Join(errs...)
}

// run starts the parts that were asked for and waits for all of them. Redis
// comes first and goes last: it is started under a context of its own.
func (h *house) run(ctx context.Context, parts ...func(context.Context) error) error {
	redisCtx, stopRedis := context.WithCancel(context.WithoutCancel(ctx))
	redisDone := make(chan error, 1)
	if h.redis != nil {
		ready := make(chan struct{})
		go func() { redisDone <- h.redis.Run(redisCtx, ready) }()
		select {
		case <-ready:
		case err := <-redisDone:
			stopRedis()
			return err
		case <-ctx.Done():
		}
	} else {
		close(redisDone)
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, part := range parts {
		group.Go(func() error { return part(ctx) })
	}
	err := group.Wait()
	stopRedis()
	return errors.Join(err, <-redisDone)
}

// work is the worker part.
func (h *house) work(ctx context.Context) error {
	agency, err := h.cfg.office()
	if err != nil {
		return err
	}
	if h.cfg.Office == "" {
		h.log.Warn("papers name a sample agency: name yours with --office")
	}
	crew := &workers.Crew{
		Params: &workers.Parameters{Editions: h.editions, Offers: calculationsWith},
		Name:   workerName(), Slots: 4, Store: h.store, Broker: h.broker,
		Reader: h.reader, Door: h.reader, Browser: h.browsing, Catalog: h.catalog, Library: h.library, Schema: h.schema(), Stage: casework.Stage(h.cfg.FirstStage),
		Agency: agency, Now: h.now, Log: h.log, Attendant: h.browsing, AttendAt: h.cfg.Attend,
	}
	if h.cfg.FundFolder != "" {
		folder, err := os.OpenRoot(h.cfg.FundFolder)
		if err != nil {
			return fmt.Errorf("fund folder: %w", err)
		}
		defer folder.Close()
		crew.Drop = &workers.FundDrop{Folder: folder}
	}
	if h.cfg.PersonsFolder != "" {
		drop, err := h.personDrop()
		if err != nil {
			return err
		}
		defer drop.Folder.Close()
		defer drop.Kept.Close()
		crew.Persons = drop
	}
	h.drill(crew)
	return crew.Run(ctx)
}

// personDrop opens the folder of exports, and the one in the data folder that
// keeps what a night leaves for the next.
func (h *house) personDrop() (*workers.PersonDrop, error) {
	folder, err := os.OpenRoot(h.cfg.PersonsFolder)
	if err != nil {
		return nil, fmt.Errorf("persons folder: %w", err)
	}
	kept, err := os.OpenRoot(h.folder.at("persons"))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("persons folder: %w", err), folder.Close())
	}
	return &workers.PersonDrop{Folder: folder, Kept: kept}, nil
}

// workerName is unique over machines, processes and restarts.
func workerName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	return fmt.Sprintf("%s-%d-%s", host, os.Getpid(), casework.NewID()[24:])
}

// schema is what this process lints playbooks against.
func (h *house) schema() playbooks.Schema { return schemaOf(h.catalog, h.library.Calculations()) }

// pages gives the web server's handler.
func (h *house) pages() (*web.Server, error) {
	return web.New(web.Config{
		Store: h.store, Pictures: h.reader, Door: h.reader, Checker: checker{h.reader, h.catalog}, Matters: h.matters(), Catalog: h.catalog, Now: h.now, Library: h.library,
		Schema: h.schema(), Editions: h.editions, Examples: tryExamples,
		Version: version(), Region: defaultRegion, Health: h.health, Log: h.log,
	})
}

// serve listens on the configured address until ctx ends.
func (h *house) serve(ctx context.Context, listener net.Listener) error {
	pages, err := h.pages()
	if err != nil {
		return err
	}
	server := &http.Server{Handler: pages.Handler(), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	stopped := context.AfterFunc(ctx, func() {
		shut, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if err := server.Shutdown(shut); err != nil {
			h.log.Warn("pages: shutdown", "error", err)
		}
	})
	defer stopped()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("pages: %w", err)
	}
	return nil
}

// listen opens the address of the pages.
func (h *house) listen(ctx context.Context) (net.Listener, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", h.cfg.Listen)
	if err != nil {
		return nil, told{zh: "不能监听 " + h.cfg.Listen + "。请用 --listen 另选地址或端口。",
			en: "listen on " + h.cfg.Listen + ": choose another address with --listen", err: err}
	}
	return listener, nil
}

// models is the folder of the OCR models: as configured, else .cache/models
// beside or above the working directory, where `make setup` puts them.
func (c *Config) models() string {
	if c.Models != "" {
		return c.Models
	}
	dir, err := os.Getwd()
	for err == nil {
		candidate := filepath.Join(dir, ".cache", "models")
		if _, statErr := os.Stat(candidate); statErr == nil {
			return candidate
		}
		if dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	return ""
}
