package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jingban/jingban/browser/replay"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/store"
	"github.com/jingban/jingban/workers"
)

// runReplay rehearses on recorded pages: no foreign system is asked.
type runReplay struct {
	ID string `arg:"" name:"run"`
	doer
	With   string        `help:"Another playbook: a name, or a YAML file that is being written. Without it the run's own version." placeholder:"PLAYBOOK"`
	Headed bool          `help:"Show the browser's window (needs a display)."`
	Slow   time.Duration `help:"Wait so long before each act." placeholder:"1s"`
	Step   bool          `help:"Say each act and wait for Enter before it; q stops."`
}

// Run prints the table of what would be written. Exit status 1 when a field
// differs.
func (r runReplay) Run(ctx context.Context, term console, cfg *Config) error {
	h, err := openBooks(ctx, cfg, term.err)
	if err != nil {
		return err
	}
	defer h.Close()
	by, err := r.actor(ctx, term, h, "run.dry")
	if err != nil {
		return err
	}
	if h.library, err = playbooks.Load(cfg.Playbooks); err != nil {
		return fmt.Errorf("playbooks: %w", err)
	}
	pb, err := r.playbook(ctx, h)
	if err != nil {
		return err
	}
	run, err := h.store.Run(ctx, r.ID)
	if err != nil {
		return err
	}
	detail, err := json.Marshal(map[string]string{"run": run.ID, "version": pb.Version, "reason": r.Why})
	if err != nil {
		return fmt.Errorf("reason: %w", err)
	}
	if err := h.store.Note(ctx, by, "run.replay", run.CaseID, string(detail)); err != nil {
		return err
	}
	return r.rehearse(ctx, term, h, pb)
}

func (r runReplay) playbook(ctx context.Context, h *house) (*playbooks.Playbook, error) {
	if r.With != "" {
		return playbookOrFile(h.library, r.With)
	}
	return h.playbookOf(ctx, r.ID)
}

func (r runReplay) rehearse(ctx context.Context, term console, h *house, pb *playbooks.Playbook) error {
	evidence, err := h.store.Evidence(ctx, r.ID)
	if err != nil {
		return err
	}
	steps, err := replay.Steps(evidence, func(sha string) ([]byte, error) { return h.store.File(ctx, sha) })
	if err != nil {
		return err
	}
	site, err := replay.Open(ctx)
	if err != nil {
		return err
	}
	defer site.Close()
	browsing := newBrowsing(h.cfg, nil, h.log, h.now)
	browsing.headed = r.Headed
	defer browsing.Close()
	pace := playbookRun{Slow: r.Slow, Step: r.Step}.pacer(term)
	crew := &workers.Crew{Name: workerName(), Store: h.store, Library: h.library, Now: h.now, Log: h.log}
	report, _, err := crew.RehearseOn(ctx, r.ID, pb, replay.NewPages(site, (&watched{browsing, pace}).Seat, steps))
	if err != nil {
		return err
	}
	return term.dryRun(store.DryRun{ID: "replay", State: store.DryDone, Good: report.Agrees(), Report: report})
}
