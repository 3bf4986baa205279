package bench

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hibiken/asynq"

	_ "modernc.org/sqlite" // database/sql driver "sqlite"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/materials"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/store"
	"github.com/jingban/jingban/tasks"
	"github.com/jingban/jingban/workers"
)

// Backlog is what a queue of some length costs.
type Backlog struct {
	Waiting  int     `json:"waiting"`
	Start    Spread  `json:"one_run_ended_to_next_handler"` // one slot, real broker
	InOrder  bool    `json:"due_date_order_kept"`
	HeapMiB  float64 `json:"heap_mib"`
	AddedMiB float64 `json:"heap_grown_while_working_mib"`
}

// checkOnly is the smallest playbook there is: its turn costs next to nothing.
const checkOnly = `playbook: unemployment_claim
title: {zh: 测试, en: Bench}
key: case.number
steps:
  - id: complete
    check:
      - {that: case.number != "", else: no_number}
`

// redis starts a private broker and waits until it answers.
func (b *engineBench) redis(ctx context.Context) (tasks.Broker, func() error, error) {
	dir, err := os.MkdirTemp("", "jbr") // short: a unix socket lies in it
	if err != nil {
		return "", nil, err
	}
	r := tasks.Redis{Folder: filepath.Join(dir, "data"), Socket: filepath.Join(dir, "s"), Pids: dir, Log: io.Discard}
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	ready, done := make(chan struct{}), make(chan error, 1)
	go func() { done <- r.Run(life, ready) }()
	stop := func() error { end(); return errors.Join(<-done, os.RemoveAll(dir)) }
	select {
	case <-ready:
		return r.Broker(), stop, nil
	case err := <-done:
		end()
		return "", nil, errors.Join(err, os.RemoveAll(dir))
	}
}

// bareAsynq counts trivial tasks through the broker alone, enqueued by eight.
func (b *engineBench) bareAsynq(ctx context.Context) error {
	broker, stop, err := b.redis(ctx)
	if err != nil {
		return err
	}
	options, err := broker.Options()
	if err != nil {
		return errors.Join(err, stop())
	}
	const n = 4000
	var handled atomic.Int64
	finished := make(chan struct{})
	server := asynq.NewServer(options, asynq.Config{Concurrency: b.InFlight, TaskCheckInterval: 10 * time.Millisecond, LogLevel: asynq.FatalLevel})
	began := time.Now()
	err = server.Start(asynq.HandlerFunc(func(context.Context, *asynq.Task) error {
		if handled.Add(1) == n {
			close(finished)
		}
		return nil
	}))
	if err != nil {
		return errors.Join(err, stop())
	}
	client := asynq.NewClient(options)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range n / 8 {
				_, _ = client.EnqueueContext(ctx, asynq.NewTask("bare", nil)) // a lost one shows as a hang
			}
		})
	}
	all.Wait()
	select {
	case <-finished:
	case <-time.After(time.Minute):
		err = errors.New("tasks were lost")
	}
	b.figures.BareAsynq = n / time.Since(began).Seconds()
	server.Shutdown()
	return errors.Join(err, client.Close(), stop())
}

// stand is a whole worker on a fresh store, told where its runs stand.
type stand struct {
	store   *store.Store
	address string
	version string
	claimed chan string    // run ids in the order in which handlers start
	settled chan time.Time // when a turn is over
	close   func() error
}

func (b *engineBench) stand(ctx context.Context, slots int, prepare func(*stand) error) (*stand, error) {
	s, err := b.open(ctx)
	if err != nil {
		return nil, err
	}
	st := &stand{store: s, address: b.current(), claimed: make(chan string, 4096), settled: make(chan time.Time, 4096)}
	crew, err := st.crew(slots)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	v, err := s.ImportVersion(ctx, store.Version{Playbook: "unemployment_claim", Text: checkOnly}, casework.StageFull)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	st.version = v.Hash
	if err := prepare(st); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	broker, stop, err := b.redis(ctx)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	crew.Broker = broker
	life, end := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- crew.Run(life) }()
	st.close = func() error { end(); return errors.Join(<-done, stop(), s.Close()) }
	return st, nil
}

func (st *stand) crew(slots int) (*workers.Crew, error) {
	library, err := playbooks.NewLibrary(map[string][]byte{"unemployment_claim.yaml": []byte(checkOnly)}, nil)
	if err != nil {
		return nil, err
	}
	catalog, err := materials.Load()
	if err != nil {
		return nil, err
	}
	return &workers.Crew{
		Name: "bench", Slots: slots, Store: st.store, Catalog: catalog, Library: library,
		Schema: playbooks.Schema{Documents: catalog.Schema()}, Stage: casework.StageFull, Now: time.Now,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Seam: func(_ context.Context, run, name string) {
			switch name {
			case "claimed":
				st.claimed <- run
			case "before_settle":
				st.settled <- time.Now()
			}
		},
	}, nil
}

// next waits for the next handler to start.
func (st *stand) next(ctx context.Context) (string, error) {
	select {
	case id := <-st.claimed:
		return id, nil
	case <-ctx.Done():
		return "", ctx.Err()
	case <-time.After(time.Minute):
		return "", errors.New("no handler started within a minute")
	}
}

// idle measures from the commit that makes a run to the start of its handler.
func (b *engineBench) idle(ctx context.Context) error {
	st, err := b.stand(ctx, 4, func(*stand) error { return nil })
	if err != nil {
		return err
	}
	random := rand.New(rand.NewPCG(b.Seed, 2))
	var sample []time.Duration
	for i := range b.Samples + 5 {
		began, err := st.enqueue(ctx, i)
		if err == nil {
			_, err = st.next(ctx)
		}
		if err != nil {
			return errors.Join(err, st.close())
		}
		if i >= 5 { // the first warm connections and statements
			sample = append(sample, time.Since(began))
		}
		<-st.settled
		time.Sleep(time.Duration(20+random.IntN(60)) * time.Millisecond) // not in step with any poll
	}
	b.figures.Idle = spread(sample)
	return st.close()
}

// enqueue makes a run and gives the moment before its commit.
func (st *stand) enqueue(ctx context.Context, i int) (time.Time, error) {
	by := casework.Actor{Kind: casework.Portal, ID: "bench", Name: "bench"}
	c, err := st.store.NewCase(ctx, by, casework.Case{Matter: "unemployment_claim", Applicant: casework.Person{Name: "甲"}, Month: 202603})
	if err != nil {
		return time.Time{}, err
	}
	if err := st.store.SubmitCase(ctx, by, c.ID); err != nil {
		return time.Time{}, err
	}
	began := time.Now()
	_, err = st.store.StartRun(ctx, by, casework.Run{CaseID: c.ID, Playbook: "unemployment_claim", Version: st.version, Key: c.ID,
		Persons: []string{fmt.Sprint("p", i)}}, casework.Snapshot{Number: c.Number})
	return began, err
}

func (b *engineBench) few(ctx context.Context) (err error) {
	b.figures.Few, err = b.backlog(ctx, 100)
	return err
}

func (b *engineBench) many(ctx context.Context) (err error) {
	b.figures.Many, err = b.backlog(ctx, b.Waiting)
	return err
}

// urgent is how many runs of a backlog are carried out.
const urgent = 100

// backlog lets one slot work through the first runs of a queue. Behind them wait
// fillers, due later, as many as make up the queue's length.
func (b *engineBench) backlog(ctx context.Context, waiting int) (Backlog, error) {
	result := Backlog{Waiting: waiting, InOrder: true}
	var before runtime.MemStats
	st, err := b.stand(ctx, 1, func(st *stand) error {
		if err := seed(ctx, st.store, b.Seed, urgent, "unemployment_claim", st.version); err != nil {
			return err
		}
		if err := fill(ctx, st.address, waiting-urgent); err != nil {
			return err
		}
		runtime.GC()
		runtime.ReadMemStats(&before)
		return nil
	})
	if err != nil {
		return result, err
	}
	var gaps []time.Duration
	var last casework.Date
	var ended time.Time
	for i := range urgent {
		id, err := st.next(ctx)
		if err != nil {
			return result, errors.Join(err, st.close())
		}
		if i > 0 {
			gaps = append(gaps, time.Since(ended))
		}
		run, err := st.store.Run(ctx, id)
		if err != nil {
			return result, errors.Join(err, st.close())
		}
		result.InOrder = result.InOrder && !run.Due.Before(last)
		last, ended = run.Due, <-st.settled
	}
	var after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&after)
	result.Start = spread(gaps)
	result.HeapMiB = float64(after.HeapAlloc) / (1 << 20)
	result.AddedMiB = (float64(after.HeapAlloc) - float64(before.HeapAlloc)) / (1 << 20)
	return result, st.close()
}

// fill copies one waiting run many times, due later, straight into the database.
func fill(ctx context.Context, address string, n int) error {
	if n <= 0 {
		return nil
	}
	driver, source := "pgx", address
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		driver, source = "sqlite", "file:"+path+"?_pragma=busy_timeout(5000)"
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.ExecContext(ctx, fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
		INSERT INTO runs (id, case_id, round, playbook, version, run_key, snapshot, state, next_at, due, priority, created_at,
			updated_at, ceiling, target, rank)
		SELECT 'filler-' || n.i, r.case_id, 1000 + n.i, r.playbook, r.version, 'filler-' || n.i, r.snapshot, 'waiting', 0, '2099-01-01', 0,
			r.created_at + n.i, r.updated_at, r.ceiling, '', '2099-01-01'
		FROM n, (SELECT * FROM runs ORDER BY id LIMIT 1) r`, n))
	if err != nil {
		return fmt.Errorf("fill the queue: %w", err)
	}
	_, err = db.ExecContext(ctx, "ANALYZE")
	return err
}
