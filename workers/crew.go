// Package workers does the work: it takes hints from the queues, claims the rows
// they point at, reads materials, starts runs and carries them on.
//
// One process is one worker. It beats every 2 s; a worker that has not beaten
// for 8 s is dead to the others, and stops itself 6 s after the start of its last
// good beat, so that the old holder is always silent before the new one begins.
// The fencing number of each run decides in any case (architecture §5).
//
// Handlers err only when SQL is unreachable; asynq then tries again. Every other
// trouble becomes a row: see outcome.go, the only place that turns fault kinds
// into what happens next.
package workers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"golang.org/x/sync/errgroup"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/materials"
	"github.com/jingban/jingban/papers"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/store"
	"github.com/jingban/jingban/tasks"
)

// Reader reads an uploaded file (implemented over ocr.Pool). Its faults are
// those of package ocr.
type Reader interface {
	Read(ctx context.Context, file []byte) ([]casework.Reading, error)
}

// Browser drives legacy systems and prints papers (implemented over
// browser.Browser).
type Browser interface {
	// Seat gives the signed-in tab of one seat of a system.
	Seat(ctx context.Context, system playbooks.System, access playbooks.Access, seat int) (playbooks.Page, error)
	// PDF prints a self-contained HTML page.
	PDF(ctx context.Context, html []byte) ([]byte, error)
}

// Crew is the worker process.
type Crew struct {
	Name      string // unique over all workers, also over restarts
	Slots     int    // runs and readings at once
	Store     *store.Store
	Broker    tasks.Broker
	Reader    Reader
	Door      Door // looks at files that playbooks bring in; nil: nobody does
	Browser   Browser
	Catalog   *materials.Catalog
	Library   playbooks.Library
	Schema    playbooks.Schema // what imported playbooks are linted against
	Stage     casework.Stage   // of a playbook that came with the program, when it is the first of its name; "" is supervised
	Agency    papers.Agency    // as it stands on papers
	Drop      *FundDrop        // where statements arrive as files; nil: nowhere
	Attendant Attendant        // opens sign-in pages for people; nil: this worker opens none
	AttendAt  string           // host:port at which the web process reaches those pages; "" is a free port of this machine

	Persons *PersonDrop // where exports of the insured arrive; nil: nowhere
	Params  *Parameters // nil: those of the program, and nothing is recalculated
	Now     func() time.Time
	Log     *slog.Logger

	// For drills only, nil in production: Seam is told each place where a crash
	// is worth a drill (claimed, the seams of playbooks.Runner, before_settle),
	// Journal may put something between a runner and its journal.
	Seam    func(ctx context.Context, run, name string)
	Journal func(playbooks.Journal) playbooks.Journal

	heart *heart
	busy  busy
	turns *turns
	shelf *shelf

	searching sync.Mutex // one search of persons at a time
}

// Run works until ctx ends. Then it takes nothing new, gives the turns under way
// some time to finish, ends the rest so that another worker may go on with them,
// and keeps beating until the last one has settled.
func (c *Crew) Run(ctx context.Context) error {
	c.heart = newHeart(c.Name, c.Store.Beat, c.Now, c.Log)
	c.turns = newTurns()
	c.heart.after = c.obey
	if err := c.register(ctx); err != nil {
		return fmt.Errorf("worker %s: %w", c.Name, err)
	}
	c.shelf = newShelf(c.Store.Version)
	if err := c.importPlaybooks(ctx); err != nil {
		return fmt.Errorf("worker %s: %w", c.Name, err)
	}
	if err := c.heart.beat(ctx); err != nil {
		return fmt.Errorf("worker %s: first heartbeat: %w", c.Name, err)
	}
	server, err := c.server()
	if err != nil {
		return err
	}
	if err := server.Start(c.mux()); err != nil {
		return fmt.Errorf("worker %s: start: %w", c.Name, err)
	}
	beating, stop := context.WithCancel(context.WithoutCancel(ctx))
	var pulse sync.WaitGroup
	pulse.Go(func() { _ = c.heart.run(beating) }) // it ends with its context only
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return c.dispatch(ctx) })
	group.Go(func() error { return c.sweep(ctx) })
	group.Go(func() error { return c.schedule(ctx) })
	group.Go(func() error { return c.attend(ctx) })
	err = group.Wait()
	c.comeToRest(server)
	stop()
	pulse.Wait()
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// comeToRest waits for the turns under way, and ends those that take too long.
func (c *Crew) comeToRest(server *asynq.Server) {
	server.Stop()
	late := time.AfterFunc(grace, func() { c.turns.endAll(casework.Retry("worker_stopped", "the worker was stopped")) })
	defer late.Stop()
	server.Shutdown()
}

func (c *Crew) server() (*asynq.Server, error) {
	options, err := c.Broker.Options()
	if err != nil {
		return nil, err
	}
	return asynq.NewServer(options, asynq.Config{
		Concurrency:       c.Slots,
		Queues:            tasks.Queues(),
		TaskCheckInterval: 10 * time.Millisecond, // the default polls: p50 0.5 s to start a task
		ShutdownTimeout:   20 * time.Second,
		Logger:            brokerLog{c.Log},
		LogLevel:          asynq.WarnLevel,
	}), nil
}

// brokerLog gives asynq's complaints our log.
type brokerLog struct{ log *slog.Logger }

func (b brokerLog) Debug(args ...any) { b.log.Debug("broker", "text", fmt.Sprint(args...)) }
func (b brokerLog) Info(args ...any)  { b.log.Debug("broker", "text", fmt.Sprint(args...)) }
func (b brokerLog) Warn(args ...any)  { b.log.Warn("broker", "text", fmt.Sprint(args...)) }
func (b brokerLog) Error(args ...any) { b.log.Error("broker", "text", fmt.Sprint(args...)) }
func (b brokerLog) Fatal(args ...any) { b.log.Error("broker", "text", fmt.Sprint(args...)) }
