package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/fixtures/legacy/benefits"
	"github.com/jingban/jingban/fixtures/materials"
)

// demoCommand is the main job on 12 fictional claims.
type demoCommand struct {
	Once    bool   `help:"Exit when the job is done; status 1 when a count is wrong."`
	Seed    uint64 `default:"20260306" help:"Seed of the fictional claims."`
	Picture string `help:"Save a screenshot of the inbox here." placeholder:"FILE"`
}

// errDone ends the demo's parts once the job is done.
var errDone = errors.New("the demo is done")

// Run starts everything, plays portal and clerk, and prints the result.
func (d demoCommand) Run(ctx context.Context, term console, cfg *Config) error {
	cfg.FirstStage = string(casework.StageFull) // the fake system is what the playbook was written for
	term.saySecondBest(cfg)
	if err := freshDemoFolder(cfg); err != nil {
		return err
	}
	h, err := openHouse(ctx, cfg, term.err)
	if err != nil {
		return err
	}
	defer h.Close()
	listener, err := h.listen(ctx)
	if err != nil {
		return err
	}
	// The fake keeps its books in clear, as such systems do: beside the data
	// folder, never in it.
	legacy, err := benefits.Open(benefits.Config{Dir: cfg.Data + "-legacy"})
	if err != nil {
		return fmt.Errorf("fake legacy system: %w", err)
	}
	defer legacy.Close()
	legacyListener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("fake legacy system: %w", err)
	}
	show := &show{term: term, house: h, legacy: legacy, base: "http://" + listener.Addr().String(), picture: d.Picture}
	if err := show.furnish(ctx, "http://"+legacyListener.Addr().String()); err != nil {
		return err
	}
	err = h.run(ctx, h.work,
		func(ctx context.Context) error { return benefits.Serve(ctx, legacyListener, legacy) },
		func(ctx context.Context) error { return h.serve(ctx, listener) },
		func(ctx context.Context) error { return d.play(ctx, show) })
	if errors.Is(err, errDone) {
		return show.verdict()
	}
	return err
}

// play brings the claims in, decides as the clerk, prints the table and keeps
// the pages up unless asked for one round only.
func (d demoCommand) play(ctx context.Context, s *show) error {
	claims, err := materials.Claims(d.Seed, time.Now())
	if err != nil {
		return fmt.Errorf("demo claims: %w", err)
	}
	if err := s.perform(ctx, claims); err != nil {
		return err
	}
	if err := s.report(ctx); err != nil {
		return err
	}
	if d.Once {
		return errDone
	}
	s.invite()
	<-ctx.Done()
	return ctx.Err()
}

// freshDemoFolder gives the demo a data folder of its own, emptied of the last
// demo, so that its counts are its own. A folder without the demo's mark is
// never touched.
func freshDemoFolder(cfg *Config) error {
	cfg.Data = filepath.Join(cfg.Data, "demo")
	mark := cfg.Data + ".mark"
	if _, err := os.Stat(cfg.Data); err == nil {
		if _, err := os.Stat(mark); err != nil {
			return fmt.Errorf("%s is there but was not made by the demo: choose another folder with --data", cfg.Data)
		}
		held, err := openFolder(cfg.Data, true) // not while another demo runs in it
		if err != nil {
			return err
		}
		defer held.Close()
	}
	for _, dir := range []string{cfg.Data, cfg.Data + "-legacy"} {
		if err := os.RemoveAll(dir); err != nil {
			return fmt.Errorf("demo folder: %w", err)
		}
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("demo folder: %w", err)
		}
	}
	return os.WriteFile(mark, nil, 0o600)
}

// exportCommand writes the demo's claims as folders.
type exportCommand struct {
	Folder string `arg:"" help:"Where to; made if missing."`
	Seed   uint64 `default:"20260306"`
}

// Run writes one folder a claim, with its pictures and case.json.
func (e exportCommand) Run(_ context.Context, term console, _ *Config) error {
	claims, err := materials.Claims(e.Seed, time.Now())
	if err != nil {
		return fmt.Errorf("demo claims: %w", err)
	}
	var group errgroup.Group
	for i, c := range claims {
		group.Go(func() error {
			return writeClaim(filepath.Join(e.Folder, fmt.Sprintf("%02d_%s", i+1, c.Name)), c)
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	fmt.Fprintf(term.out, "%d claims in %s\n", len(claims), e.Folder)
	return nil
}
