package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/jingban/jingban/drill"
)

// drillCommand breaks real processes while they work and counts what became of
// the claims in the legacy system's own books.
type drillCommand struct {
	Faults    int    `default:"20" help:"Faults that must hit something in use; 0 is the control."`
	Seed      uint64 `default:"1" help:"Seed of the claims and of the plan."`
	DB        string `name:"db" default:"sqlite" enum:"sqlite,postgres" help:"sqlite: one serve. postgres: several workers, one web."`
	Workers   int    `default:"3" help:"Worker processes, on postgres."`
	Runs      int    `default:"20" help:"Claims at least."`
	Minutes   int    `default:"0" help:"End the faults after so many minutes; 0 is no limit."`
	Unguarded bool   `help:"Take the guard away: the control that must submit twice."`
	JSON      string `name:"json" help:"Write the report here." placeholder:"FILE"`
	Commit    string `help:"Commit that the report names; without it the program's own." placeholder:"HASH"`
	Folder    string `help:"Keep data and logs here." placeholder:"DIR"`
}

// Run drills, prints the report and exits with 1 when something was lost,
// doubled or untruthful (unguarded: when nothing was doubled).
func (d drillCommand) Run(ctx context.Context, term console, _ *Config) error {
	if d.Commit == "" {
		d.Commit = version()
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	report, err := drill.Run(ctx, drill.Config{
		Faults: d.Faults, Seed: d.Seed, Database: d.DB, Workers: d.Workers, Runs: d.Runs,
		Within: time.Duration(d.Minutes) * time.Minute, Unguarded: d.Unguarded,
		Program: program, Commit: d.Commit, Folder: d.Folder, Progress: term.err,
	})
	found := errors.Is(err, drill.ErrBroken) || errors.Is(err, drill.ErrHarmless)
	if err != nil && !found {
		return err
	}
	report.Print(term.out)
	if d.JSON != "" {
		text, jsonErr := json.MarshalIndent(report, "", "  ")
		if jsonErr != nil {
			return jsonErr
		}
		if jsonErr := os.WriteFile(d.JSON, append(text, '\n'), 0o644); jsonErr != nil {
			return jsonErr
		}
	}
	if found {
		fmt.Fprintln(term.err, "jingban:", err)
		return status(1)
	}
	return nil
}
