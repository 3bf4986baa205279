package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/jingban/jingban/bench"
)

// benchBrowserCommand measures driving a form.
type benchBrowserCommand struct {
	Seed       uint64   `default:"2" help:"Seed of the values and of the changed pages; 1 was used while it was written."`
	Scale      float64  `default:"1" help:"Of the full size: 60 forms a driver, 200 a throughput, 1,000 for memory, 240 changed pages and 208 changes on legacy systems, 360 pages of drawn texts."`
	Playwright string   `help:"Folder with node_modules/playwright-core; it drives the same Chromium." placeholder:"DIR" type:"path"`
	Part       []string `enum:"forms,throughput,memory,drift,sight" default:"forms,throughput,memory,drift,sight" help:"Measure only these: ${enum}."`
	Commit     string   `help:"What is measured, for the report." placeholder:"HASH"`
	JSON       bool     `help:"Print JSON."`
}

// Run prints what was measured.
func (c benchBrowserCommand) Run(ctx context.Context, t console, cfg *Config) error {
	dir, err := walkable("browser")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := cfg.settle(); err != nil {
		return err
	}
	read, err := newReader(cfg, nil)
	if err != nil {
		return err
	}
	defer read.Close()
	var bars bars
	report, err := bench.Browser(ctx, bench.BrowserOptions{Seed: c.Seed, Scale: c.Scale, Chromium: cfg.Chromium, Playwright: c.Playwright, Dir: dir, Parts: c.Part, Commit: c.Commit, Sight: read.Sight,
		Begin: func(what string, total int) { bars.begin(t, what, total) }, Done: bars.done})
	bars.end()
	if err != nil {
		return err
	}
	if c.JSON {
		return t.json(report)
	}
	for _, d := range report.Drivers {
		fmt.Fprintf(t.out, "%-22s %4d forms: %.0f ms p50, %.0f ms p95 (open %.0f ms), %.0f ms CPU, %d verified\n", d.Driver, d.Forms, d.WallP50, d.WallP95, d.OpenP50, d.CPU, d.Verified)
	}
	if report.TimesBare > 0 {
		fmt.Fprintf(t.out, "ours = %.2f × the bare script, %.2f × its CPU\n", report.TimesBare, report.CPUBare)
	}
	for _, p := range report.Throughput {
		fmt.Fprintf(t.out, "%d contexts: %.0f forms a minute, %.0f ms CPU each\n", p.Contexts, p.FormsPerMinute, p.CPUPerForm)
	}
	if m := report.Memory; m != nil {
		fmt.Fprintf(t.out, "%d runs in %d contexts: %.0f MiB at first, peak %.0f, %.0f at the end, %d processes, %d zombies\n", m.Runs, m.Contexts, m.StartMiB, m.PeakMiB, m.EndMiB, m.Processes, m.Zombies)
	}
	if d := report.Drift; d != nil {
		fmt.Fprintf(t.out, "%d changed pages: %.1f %% done, %d stopped before the commit, %d wrong\n", d.Mutations, 100*d.DoneShare, d.Stopped, d.Wrong)
	}
	if d := report.Drift; d != nil && d.Fakes != nil {
		f := d.Fakes
		fmt.Fprintf(t.out, "%d changes on legacy systems whose pages had changed (%d with a right answer): %.1f %% done, %d stopped before the commit, %d right and asked about, %d wrong\n",
			f.Mutations, f.Answers, 100*f.DoneShare, f.Stopped, f.Unproven, f.Wrong)
		for _, name := range slices.Sorted(maps.Keys(f.Systems)) {
			fmt.Fprintf(t.out, "   %-10s %+v\n", name, f.Systems[name])
		}
		for _, name := range slices.Sorted(maps.Keys(f.Kinds)) {
			fmt.Fprintf(t.out, "   %-12s %+v\n", name, f.Kinds[name])
		}
	}
	if s := report.Sight; s != nil {
		fmt.Fprintf(t.out, "%d pages of drawn texts: %.1f %% right, %d stopped, %d wrong; %d ambiguous, of which %d were clicked; %.0f ms p50, %d sheets read again\n",
			s.Pages, 100*s.RightShare, s.Stopped, s.Wrong, s.Ambiguous, s.AmbiguousNo, s.ClickP50, s.ReadAgain)
		for _, why := range s.Missed {
			fmt.Fprintln(t.out, "  ", why)
		}
	}
	for _, why := range report.Skipped {
		fmt.Fprintln(t.out, "left out:", why)
	}
	return nil
}
