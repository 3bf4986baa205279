package main

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

type runDry struct {
	ID string `arg:"" name:"run" help:"The run whose values are used; nothing becomes of it."`
	doer
	With string        `help:"Playbook version, drafts included; without it the run's own." placeholder:"HASH"`
	Wait time.Duration `default:"5m" help:"How long to wait for a worker and a seat."`
}

// Run orders a dry run, waits for it and prints its table. Exit status 1 when a
// field differs, or when it was refused or failed.
func (r runDry) Run(ctx context.Context, term console, cfg *Config) error {
	h, err := openBooks(ctx, cfg, term.err)
	if err != nil {
		return err
	}
	defer h.Close()
	by, err := r.actor(ctx, term, h, "run.dry")
	if err != nil {
		return err
	}
	order, err := h.store.OrderDryRun(ctx, by, r.ID, r.With, r.Why)
	if err != nil {
		return err
	}
	fmt.Fprintln(term.err, term.say("已排队，等待席位：", "waiting for a worker and a seat: ")+order.ID)
	done, err := h.awaitDryRun(ctx, order.ID, r.Wait)
	if err != nil {
		return err
	}
	return term.dryRun(done)
}

// awaitDryRun looks every half second: the worker is another process.
func (h *house) awaitDryRun(ctx context.Context, id string, within time.Duration) (store.DryRun, error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		d, err := h.store.DryRun(ctx, id)
		if err != nil || d.State != store.DryWaiting && d.State != store.DryRunning {
			return d, err
		}
		select {
		case <-ctx.Done():
			return d, fmt.Errorf("dry run %s is still %s: is a worker running? %w", id, d.State, ctx.Err())
		case <-tick.C:
		}
	}
}

func (t console) dryRun(d store.DryRun) error {
	fmt.Fprintf(t.out, "%s %s %s\n", d.ID, d.State, d.Code)
	for _, n := range d.Report.Notes {
		fmt.Fprintf(t.out, "%s: %s %s\n", n.Step, n.Code, n.What)
	}
	if len(d.Report.Fields) > 0 {
		fmt.Fprintln(t.out, t.say("将写入", "would be written"))
		if err := t.fields(d.Report.Fields); err != nil {
			return err
		}
	}
	if len(d.Report.Found) > 0 {
		fmt.Fprintln(t.out, t.say("系统中已有", "there already"))
		if err := t.fields(d.Report.Found); err != nil {
			return err
		}
	}
	fmt.Fprintln(t.out, t.say("核查：", "verify: ")+d.Report.Answer)
	if !d.Good {
		return status(1)
	}
	return nil
}

func (t console) fields(fields []casework.DryField) error {
	table := tabwriter.NewWriter(t.out, 0, 4, 2, ' ', 0)
	for _, f := range fields {
		mark := "="
		if !f.Same {
			mark = "≠"
		}
		fmt.Fprintf(table, "  %s\t%s\t%s\t%s\n", f.Label, f.Written, mark, f.There)
	}
	return table.Flush()
}
