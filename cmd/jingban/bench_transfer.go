package main

import (
	"context"
	"fmt"
	"os"

	"github.com/jingban/jingban/bench"
)

// benchTransferCommand drives transfers and claims end to end.
type benchTransferCommand struct {
	Transfers int    `default:"100" help:"Transfers; 24 branches out and 24 in come in turn."`
	Claims    int    `default:"200" help:"Unemployment claims; 19 branches come in turn."`
	Faults    int    `default:"30" help:"So many of them meet a bad day, 20 kinds in turn."`
	Timed     int    `default:"20" help:"Plain claims for the throughput of one seat and of three; 0 for none."`
	First     int    `default:"0" help:"Begin with this branch: a long run can be made in parts."`
	Seed      uint64 `default:"2" help:"Seed of the cases; 1 was used while it was written."`
	Commit    string `help:"Commit the figures are of." placeholder:"HASH"`
	JSON      bool   `help:"Print JSON."`
}

// Run prints what became of them. Exit status 1 when one is wrong, lost or twice
// there.
func (c benchTransferCommand) Run(ctx context.Context, t console, cfg *Config) error {
	dir, err := walkable("transfer")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	var bars bars
	r, err := bench.Transfers(ctx, bench.TransferOptions{Transfers: c.Transfers, Claims: c.Claims, Faults: c.Faults, Timed: c.Timed, First: c.First, Seed: c.Seed, Chromium: cfg.Chromium, Dir: dir,
		Begin: func(what string, total int) { bars.begin(t, what, total) }, Done: bars.done})
	bars.end()
	if err != nil {
		return err
	}
	r.Commit = c.Commit
	if c.JSON {
		err = t.json(r)
	} else {
		_, err = fmt.Fprintf(t.out, "%d of %d transfers and %d of %d claims as the oracle says; %d lost, %d twice; an operator was asked %d times\nrobot seconds: transfers p50 %.1f p95 %.1f, claims p50 %.1f p95 %.1f\n",
			r.Transfers.Right, r.Transfers.Cases, r.Claims.Right, r.Claims.Cases, r.Lost, r.Twice, r.Asked, r.Transfers.P50, r.Transfers.P95, r.Claims.P50, r.Claims.P95)
		for _, mistake := range r.Mistakes {
			fmt.Fprintln(t.out, mistake)
		}
	}
	if err == nil && (r.Stopped || r.Transfers.Wrong+r.Claims.Wrong+r.Lost+r.Twice > 0) {
		return status(1)
	}
	return err
}
