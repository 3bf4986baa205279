package main

import (
	"context"
	"fmt"
	"os"

	"github.com/jingban/jingban/bench"
)

// benchEngineCommand measures the engine on one database.
type benchEngineCommand struct {
	DB       string `name:"db" default:"sqlite" enum:"sqlite,postgres" help:"sqlite or postgres; postgres starts a private cluster."`
	Postgres string `help:"Use this PostgreSQL instead; its user must be allowed to make databases." placeholder:"URL"`
	Seed     uint64 `default:"1" help:"Seed of due dates and pauses."`
	Runs     int    `default:"5000" help:"Runs with a full journal."`
	InFlight int    `default:"64" help:"Runs at once."`
	Samples  int    `default:"300" help:"Samples of the idle latency."`
	Waiting  int    `default:"50000" help:"Length of the long queue."`
	JSON     bool   `help:"Print JSON."`
}

// Run prints what was measured.
func (c benchEngineCommand) Run(ctx context.Context, t console, _ *Config) error {
	dir, err := os.MkdirTemp("", "jingban-bench-")
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	defer os.RemoveAll(dir)
	f, err := bench.Engine(ctx, bench.EngineOptions{DB: c.DB, Postgres: c.Postgres, Seed: c.Seed, Runs: c.Runs, InFlight: c.InFlight,
		Samples: c.Samples, Waiting: c.Waiting, Dir: dir, Progress: t.err})
	if err != nil {
		return err
	}
	if c.JSON {
		return t.json(f)
	}
	fmt.Fprintf(t.out, "%s, %d cores, load %s → %s\n", f.DB, f.Cores, f.LoadBefore, f.LoadAfter)
	fmt.Fprintf(t.out, "disk %.0f syncs/s, %d changes in flight %.0f/s, bare asynq %.0f tasks/s\n", f.DiskCommits, f.InFlight, f.GroupCommits, f.BareAsynq)
	fmt.Fprintf(t.out, "runs with full journal %.0f/s = %.2f × a bare journal's %.0f/s (%.1f durable changes a run, %.2f ms CPU; %.2f × one-row changes)\n",
		f.RunsPerSecond, f.Share, f.BareRuns, f.ChangesPerRun, f.CPUPerRunMs, f.ShareOneRow)
	fmt.Fprintf(t.out, "enqueue → handler, idle: p50 %.1f ms, p99 %.1f ms; admission p50 %.1f ms, max %.1f ms\n",
		f.Idle.P50, f.Idle.P99, f.Admit.P50, f.Admit.Max)
	_, err = fmt.Fprintf(t.out, "start with %d waiting p50 %.1f ms, with %d %.1f ms = %.2f ×; in order %v, %v; heap %.1f and %.1f MiB\n",
		f.Few.Waiting, f.Few.Start.P50, f.Many.Waiting, f.Many.Start.P50, f.TimesFew, f.Few.InOrder, f.Many.InOrder, f.Few.HeapMiB, f.Many.HeapMiB)
	return err
}
