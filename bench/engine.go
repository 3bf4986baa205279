package bench

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

// EngineOptions says what of the engine is measured.
type EngineOptions struct {
	DB       string // "sqlite", or "postgres" in a private cluster with its shipped durability
	Postgres string // data source of a PostgreSQL to use instead; emptied of nothing, so give a fresh one
	Seed     uint64
	Runs     int // with a full journal
	InFlight int
	Samples  int // of each latency
	Waiting  int // runs in the long queue
	Dir      string
	Progress io.Writer
}

// Spread is a sample of durations in milliseconds.
type Spread struct {
	N   int     `json:"n"`
	P50 float64 `json:"p50_ms"`
	P99 float64 `json:"p99_ms"`
	Max float64 `json:"max_ms"`
}

func spread(sample []time.Duration) Spread {
	if len(sample) == 0 {
		return Spread{}
	}
	sorted := slices.Sorted(slices.Values(sample))
	at := func(share float64) float64 {
		return ms(sorted[min(int(share*float64(len(sorted))), len(sorted)-1)])
	}
	return Spread{N: len(sorted), P50: at(0.5), P99: at(0.99), Max: ms(sorted[len(sorted)-1])}
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// EngineFigures is everything that was measured of the engine.
type EngineFigures struct {
	DB            string  `json:"db"`
	Seed          uint64  `json:"seed"`
	Cores         int     `json:"cores"`
	LoadBefore    string  `json:"load_average_before"`
	LoadAfter     string  `json:"load_average_after"`
	DiskCommits   float64 `json:"disk_syncs_per_s"`               // one file, 4 KiB appended and synced each
	GroupCommits  float64 `json:"group_changes_per_s"`            // one-row durable changes, InFlight at a time
	BareRuns      float64 `json:"runs_per_s_group_commit_allows"` // the bare journal
	BareAsynq     float64 `json:"bare_asynq_tasks_per_s"`
	InFlight      int     `json:"in_flight"`
	Runs          int     `json:"runs"`
	ChangesPerRun float64 `json:"durable_changes_per_run"`
	RunsPerSecond float64 `json:"runs_per_s"`
	Share         float64 `json:"share_of_what_group_commit_allows"` // RunsPerSecond / BareRuns
	ShareOneRow   float64 `json:"share_of_one_row_changes"`          // the same against one-row changes, as many as a run makes
	CPUPerRunMs   float64 `json:"cpu_ms_per_run_this_process"`
	Idle          Spread  `json:"enqueue_to_handler_idle"`
	Admit         Spread  `json:"admission"`
	Few           Backlog `json:"few_waiting"`
	Many          Backlog `json:"many_waiting"`
	TimesFew      float64 `json:"start_latency_many_over_few_p50"`
}

// Engine measures the engine on one database.
func Engine(ctx context.Context, o EngineOptions) (*EngineFigures, error) {
	f := &EngineFigures{DB: o.DB, Seed: o.Seed, Cores: runtime.NumCPU(), InFlight: o.InFlight, Runs: o.Runs, LoadBefore: load()}
	database, stop, err := o.database(ctx)
	if err != nil {
		return nil, err
	}
	defer stop()
	b := &engineBench{EngineOptions: o, figures: f, address: database}
	for _, part := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"disk", b.disk}, {"bare asynq", b.bareAsynq}, {"group commit", b.groupCommit}, {"bare journal", b.bareJournal}, {"journal", b.journal},
		{"idle latency", b.idle}, {"few waiting", b.few}, {"many waiting", b.many},
	} {
		fmt.Fprintln(o.Progress, "measuring:", part.name)
		if err := part.do(ctx); err != nil {
			return nil, fmt.Errorf("bench engine: %s: %w", part.name, err)
		}
	}
	f.Share = f.RunsPerSecond / f.BareRuns
	f.ShareOneRow = f.RunsPerSecond * f.ChangesPerRun / f.GroupCommits
	f.TimesFew = f.Many.Start.P50 / f.Few.Start.P50
	f.LoadAfter = load()
	return f, nil
}

func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	return string(text[:min(len(text), 14)])
}

// engineBench is one measurement under way.
type engineBench struct {
	EngineOptions
	figures *EngineFigures
	address string // of a fresh database, with a place for a name
	opened  int
}

// open opens a fresh store.
func (b *engineBench) open(ctx context.Context) (*store.Store, error) {
	address, err := b.fresh(ctx)
	if err != nil {
		return nil, err
	}
	return store.Open(ctx, store.Config{Database: address, Files: filepath.Join(b.Dir, fmt.Sprint("files", b.opened)),
		MasterKey: make([]byte, 32), Now: time.Now})
}

// disk counts what the disk syncs for one writer.
func (b *engineBench) disk(context.Context) error {
	file, err := os.Create(filepath.Join(b.Dir, "syncs"))
	if err != nil {
		return err
	}
	defer file.Close()
	page, n, began := make([]byte, 4096), 0, time.Now()
	for time.Since(began) < 2*time.Second {
		if _, err := file.Write(page); err != nil {
			return err
		}
		if err := file.Sync(); err != nil {
			return err
		}
		n++
	}
	b.figures.DiskCommits = float64(n) / time.Since(began).Seconds()
	return nil
}

// groupCommit counts the smallest durable changes the store carries out: what
// its shared commits allow.
func (b *engineBench) groupCommit(ctx context.Context) error {
	s, err := b.open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	var n atomic.Int64
	began := time.Now()
	var all errgroup.Group
	for i := range b.InFlight {
		all.Go(func() error {
			for time.Since(began) < 3*time.Second {
				if err := s.Beat(ctx, fmt.Sprint("w", i)); err != nil {
					return err
				}
				n.Add(1)
			}
			return nil
		})
	}
	err = all.Wait()
	b.figures.GroupCommits = float64(n.Load()) / time.Since(began).Seconds()
	return err
}

// journal carries out runs of two steps with one effect, each line durable before
// the next, and everything around them: admission, hints, claim, settling.
func (b *engineBench) journal(ctx context.Context) error {
	s, err := b.open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := seed(ctx, s, b.Seed, b.Runs, "bench", "sha256:bench"); err != nil {
		return err
	}
	r := &race{store: s, hints: make(chan string, 4*b.InFlight), left: b.Runs}
	cpu, began := processorTime(), time.Now()
	if err := r.run(ctx, b.InFlight); err != nil {
		return err
	}
	took := time.Since(began)
	b.figures.RunsPerSecond = float64(b.Runs) / took.Seconds()
	b.figures.CPUPerRunMs = ms(processorTime()-cpu) / float64(b.Runs)
	b.figures.ChangesPerRun = float64(r.changes.Load()) / float64(b.Runs)
	b.figures.Admit = spread(r.admits)
	return nil
}

// seed makes runs that wait, each of its own case and person.
func seed(ctx context.Context, s *store.Store, seed uint64, n int, playbook, version string) error {
	random := rand.New(rand.NewPCG(seed, 1))
	today := casework.DateOf(time.Now())
	dues := make([]casework.Date, n)
	for i := range dues {
		dues[i] = today.AddDays(random.IntN(30))
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(32)
	for i := range n {
		group.Go(func() error { return seedOne(ctx, s, i, dues[i], playbook, version) })
	}
	return group.Wait()
}

func seedOne(ctx context.Context, s *store.Store, i int, due casework.Date, playbook, version string) error {
	by := casework.Actor{Kind: casework.Portal, ID: "bench", Name: "bench"}
	c, err := s.NewCase(ctx, by, casework.Case{Matter: "unemployment_claim", Applicant: casework.Person{Name: "甲"}, Month: 202603})
	if err != nil {
		return err
	}
	if err := s.SubmitCase(ctx, by, c.ID); err != nil {
		return err
	}
	_, err = s.StartRun(ctx, by, casework.Run{CaseID: c.ID, Playbook: playbook, Version: version, Key: c.ID,
		Persons: []string{fmt.Sprint("person-", i)}, Due: due}, casework.Snapshot{Number: c.Number})
	return err
}

// race is the throughput measurement: one dispatcher and so many workers.
type race struct {
	store   *store.Store
	hints   chan string
	left    int
	changes atomic.Int64
	ended   atomic.Int64
	admits  []time.Duration
}

func (r *race) run(ctx context.Context, inFlight int) error {
	group, ctx := errgroup.WithContext(ctx)
	for i := range inFlight {
		group.Go(func() error {
			for id := range r.hints {
				if err := r.one(ctx, id, fmt.Sprint("w", i)); err != nil {
					return err
				}
				r.ended.Add(1)
			}
			return nil
		})
	}
	group.Go(func() error {
		defer close(r.hints)
		return r.dispatch(ctx, 2*inFlight)
	})
	return group.Wait()
}

// dispatch admits and hands out, as workers/relay.go does, without the broker.
func (r *race) dispatch(ctx context.Context, limit int) error {
	for int(r.ended.Load()) < r.left {
		began := time.Now()
		n, err := r.store.Admit(ctx, limit)
		if err != nil {
			return err
		}
		if n > 0 {
			r.admits = append(r.admits, time.Since(began))
			r.changes.Add(1)
		}
		hints, err := r.store.Hints(ctx, 500)
		if err != nil {
			return err
		}
		if err := r.hand(ctx, hints); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-r.store.Wake():
		case <-time.After(20 * time.Millisecond):
		}
	}
	return nil
}

func (r *race) hand(ctx context.Context, hints []store.Hint) error {
	ids := make([]string, 0, len(hints))
	for _, h := range hints {
		ids = append(ids, h.ID)
		if h.Task != "work_run" {
			continue
		}
		select {
		case r.hints <- h.Subject:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if len(ids) > 0 {
		r.changes.Add(1)
	}
	return r.store.HintsSent(ctx, ids)
}

// benchData is what a journal line says.
const benchData = `{"values":{"受理编号":"B-2026-000017"},"by":"robot"}`

// one is a run as the runner journals it: a check, then a commit.
func (r *race) one(ctx context.Context, id, worker string) error {
	lease, err := r.store.Claim(ctx, id, worker)
	if err != nil {
		return err
	}
	j := r.store.Journal(lease)
	data := []byte(benchData)
	err = j.Append(ctx, // as the runner writes them: a check's lines travel with the next one
		casework.Entry{Step: "complete", Kind: casework.Begun, Data: data},
		casework.Entry{Step: "complete", Kind: casework.Happened, Data: data},
		casework.Entry{Step: "submit", Kind: casework.Begun, Data: data})
	if err != nil {
		return err
	}
	effect := "hmac-sha256:" + id
	if _, err := j.Claim(ctx, casework.Effect{ID: effect, System: "benefits", Action: "claim"}, casework.Entry{Step: "submit", Data: data}); err != nil {
		return err
	}
	if err := j.Advance(ctx, casework.EffectSent, casework.Entry{Step: "submit", Effect: effect, Kind: casework.Sent, Data: data}); err != nil {
		return err
	}
	if err := j.Advance(ctx, casework.EffectOutcome, casework.Entry{Step: "submit", Effect: effect, Kind: casework.Happened, Data: data}); err != nil {
		return err
	}
	r.changes.Add(6)
	return r.store.Settle(ctx, lease, casework.Result{State: casework.RunDone, End: "submitted", Kept: map[string]string{"受理编号": "B-2026-000017"}})
}
