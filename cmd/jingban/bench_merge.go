package main

import (
	"context"
	"fmt"
	"os"

	"github.com/jingban/jingban/bench"
)

// benchMergeCommand drives merges and their undoing end to end.
type benchMergeCommand struct {
	Merges int    `default:"100" help:"Pairs; 21 branches and 21 kinds of day come in turn."`
	Seed   uint64 `default:"2" help:"Seed of the pairs; 1 was used while it was written."`
	Commit string `help:"Commit the figures are of, kept in the report."`
	JSON   bool   `help:"Print JSON."`
}

// Run prints what became of the merges. Exit status 1 when one is wrong, twice
// there or not restored.
func (c benchMergeCommand) Run(ctx context.Context, t console, cfg *Config) error {
	dir, err := walkable("merge")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	var bars bars
	r, err := bench.Merge(ctx, bench.MergeOptions{Merges: c.Merges, Seed: c.Seed, Chromium: cfg.Chromium, Dir: dir,
		Begin: func(what string, total int) { bars.begin(t, what, total) }, Done: bars.done})
	bars.end()
	if err != nil {
		return err
	}
	r.Commit = c.Commit
	if c.JSON {
		err = t.json(r)
	} else {
		_, err = fmt.Fprintf(t.out, "%d merges, %d branches, %d kinds of day: %d right, %d wrong, %d twice; %d undone, %d exactly; an operator was asked %d times\n%v\n",
			r.Merges, len(r.Branches), len(r.Faults), r.Right, r.Wrong, r.Twice, r.Undone, r.Exact, r.Asked, r.Ends)
		for _, mistake := range r.Mistakes {
			fmt.Fprintln(t.out, mistake)
		}
	}
	if err == nil && (r.Stopped || r.Wrong > 0 || r.Twice > 0 || r.Exact != r.Undone) {
		return status(1)
	}
	return err
}
