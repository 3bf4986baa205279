package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"

	"github.com/jingban/jingban/bench"
)

// benchCommand measures.
type benchCommand struct {
	Engine    benchEngineCommand    `cmd:"" help:"Measure the engine: latency, runs a second, a long queue."`
	Materials benchMaterialsCommand `cmd:"" help:"Check generated cases with planted defects; what was found, what was wrongly blocked."`
	Reconcile benchReconcileCommand `cmd:"" help:"Reconcile a generated year; compare with SQLite and PostgreSQL."`
	OCR       benchOCRCommand       `cmd:"" name:"ocr" help:"Read a folder of pages whose text is known, beside Tesseract; render one if none is named."`
	Link      benchLinkCommand      `cmd:"" help:"Find the persons behind several numbers in a generated population."`
	Merge     benchMergeCommand     `cmd:"" help:"Merge generated pairs of every branch through a fake legacy system, each on a bad day, and undo them."`
	Transfers benchTransferCommand  `cmd:"" help:"Drive generated transfers and claims of every branch through fake legacy systems, some on bad days, judged by an oracle."`
	Claims    benchClaimsCommand    `cmd:"" help:"Bring claims with their pictures into a house of its own: the robot's time from upload to outcome, and claims an hour by seats."`
	Browser   benchBrowserCommand   `cmd:"" help:"Fill a form of ten fields, beside a bare script and Playwright; throughput, memory, changed pages."`
}

type benchReconcileCommand struct {
	Rows     int    `default:"1000000" help:"About this many bank lines."`
	Seed     uint64 `default:"2" help:"Seed of the generated year; 1 was used while the rules were written."`
	Books    string `default:"known" enum:"known,held-back,second" help:"Breaks the rules were written with, those held back meanwhile, or those of a second generator."`
	SQL      bool   `name:"sql" default:"true" negatable:"" help:"Let SQLite and PostgreSQL do the first five passes as well (minutes at a million rows)."`
	Postgres string `help:"Use this PostgreSQL, in temporary tables, instead of a private one." placeholder:"URL"`
	Keep     string `help:"Folder to keep the generated files in." placeholder:"DIR"`
	Commit   string `help:"What is measured, for the report." placeholder:"HASH"`
	JSON     bool   `help:"Print JSON."`
}

// Run prints what was measured.
func (c benchReconcileCommand) Run(ctx context.Context, t console, _ *Config) error {
	dir := c.Keep
	if dir == "" {
		scratch, err := os.MkdirTemp("", "jingban-bench-")
		if err != nil {
			return fmt.Errorf("bench: %w", err)
		}
		defer os.RemoveAll(scratch)
		dir = scratch
	}
	debug.SetGCPercent(tightHeap)
	result, err := bench.Reconcile(ctx, bench.ReconcileOptions{Rows: c.Rows, Seed: c.Seed, Books: bench.Books(c.Books), SQL: c.SQL, Postgres: c.Postgres, Dir: dir,
		Scratch: scratch, InMemory: rowsInMemory, Commit: c.Commit})
	if err != nil {
		return err
	}
	if c.JSON {
		return t.json(result)
	}
	fmt.Fprintf(t.out, "%d + %d rows, parse %.2f s (%.2f M rows per CPU second), all passes %.2f s = %.2f × parse, %.2f × its CPU, peak %.0f MiB\n",
		result.Rows, result.BookRows, result.Parse.Seconds, result.ParsePerCPUSecond/1e6, result.All.Seconds, result.TimesParse, result.TimesParseCPU, result.All.PeakMiB)
	for _, why := range result.Skipped {
		fmt.Fprintln(t.out, "left out:", why)
	}
	for _, s := range result.SQL {
		fmt.Fprintf(t.out, "%s: load %.1f s, five passes %.1f s = %.1f × our whole run\n", s.Engine, s.Load, s.Passes, s.Slower)
	}
	_, err = fmt.Fprintf(t.out, "breaks found %.4f, flagged rightly %.4f, false automatic matches %d, ambiguous %.4f\n",
		result.Score.FoundShare, result.Score.PreciseShare, result.Score.FalseAutomatic, result.Score.AmbiguousShare)
	return err
}

// walkable makes a folder for a benchmark that the browser's user may walk through.
func walkable(of string) (string, error) {
	dir, err := os.MkdirTemp("", "jingban-bench-"+of+"-")
	if err != nil {
		return "", fmt.Errorf("bench: %w", err)
	}
	if err := os.Chmod(dir, 0o711); err != nil {
		return "", errors.Join(fmt.Errorf("bench: %w", err), os.RemoveAll(dir))
	}
	return dir, nil
}
