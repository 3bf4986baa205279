package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/web"
)

type runTrace struct {
	ID string `arg:"" name:"run"`
	doer
	Out string `required:"" help:"Where to; only its owner may read it." placeholder:"FILE" type:"path"`
}

// Run writes the trace and the fact that it was written.
func (r runTrace) Run(ctx context.Context, term console, cfg *Config) error {
	h, err := openBooks(ctx, cfg, term.err)
	if err != nil {
		return err
	}
	defer h.Close()
	by, err := r.actor(ctx, term, h, "reveal")
	if err != nil {
		return err
	}
	library, err := playbooks.Load(cfg.Playbooks)
	if err != nil {
		return fmt.Errorf("playbooks: %w", err)
	}
	run, err := h.store.Run(ctx, r.ID)
	if err != nil {
		return err
	}
	pages, err := web.New(web.Config{Store: h.store, Library: library, Now: h.now, Log: h.log})
	if err != nil {
		return err
	}
	why, err := json.Marshal(map[string]string{"run": run.ID, "reason": r.Why})
	if err != nil {
		return fmt.Errorf("reason: %w", err)
	}
	if err := h.store.Note(ctx, by, "run.trace", run.CaseID, string(why)); err != nil {
		return err
	}
	data, err := pages.Trace(ctx, run.ID)
	if err != nil {
		return err
	}
	if err := os.WriteFile(r.Out, data, 0o600); err != nil {
		return fmt.Errorf("trace: %w", err)
	}
	fmt.Fprintf(term.out, term.say("%s：%s，含个人信息，只有本用户可读\n", "%s: %s; it holds personal data, only this user may read it\n"), r.Out, size(int64(len(data))))
	return nil
}
