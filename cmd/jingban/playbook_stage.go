package main

import (
	"context"
	"fmt"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

// aVersion is the version that a command is about. Who releases or promotes must
// sign in: the console cannot be told from the author.
type aVersion struct {
	Version string `arg:"" help:"Hash, or at least 8 digits of it."`
	As      string `required:"" help:"Login of the person who does it; the password is read from standard input." placeholder:"LOGIN"`
	Why     string `required:"" help:"The reason, for the audit trail." placeholder:"TEXT"`
}

func (a aVersion) change(ctx context.Context, term console, cfg *Config, permission string, work func(*store.Store, casework.Actor) error) error {
	h, err := openBooks(ctx, cfg, term.err)
	if err != nil {
		return err
	}
	defer h.Close()
	by, err := h.signedIn(ctx, term, a.As, permission)
	if err != nil {
		return err
	}
	if err := work(h.store, by); err != nil {
		return err
	}
	v, err := h.store.Version(ctx, a.Version)
	if err != nil {
		return err
	}
	fmt.Fprintln(term.out, v.Playbook, v.Hash[:19], v.Stage)
	return nil
}

type releaseCommand struct{ aVersion }

// Run moves a draft to shadow.
func (c releaseCommand) Run(ctx context.Context, term console, cfg *Config) error {
	return c.change(ctx, term, cfg, "playbook.release", func(s *store.Store, by casework.Actor) error {
		return s.Release(ctx, by, c.Version, c.Why)
	})
}

type promoteCommand struct{ aVersion }

// Run trusts a version one stage further.
func (c promoteCommand) Run(ctx context.Context, term console, cfg *Config) error {
	return c.change(ctx, term, cfg, "playbook.release", func(s *store.Store, by casework.Actor) error {
		return s.Promote(ctx, by, c.Version, c.Why)
	})
}

type demoteCommand struct{ aVersion }

// Run puts a version back one stage. Anybody who may write or release may do it:
// putting back is always safe.
func (c demoteCommand) Run(ctx context.Context, term console, cfg *Config) error {
	return c.change(ctx, term, cfg, "playbook.read", func(s *store.Store, by casework.Actor) error {
		return s.Demote(ctx, by, c.Version, c.Why)
	})
}

type retireCommand struct{ aVersion }

// Run gives a version no new runs.
func (c retireCommand) Run(ctx context.Context, term console, cfg *Config) error {
	return c.change(ctx, term, cfg, "playbook.release", func(s *store.Store, by casework.Actor) error {
		return s.Retire(ctx, by, c.Version, c.Why)
	})
}

type quotaCommand struct {
	aVersion
	Daily  int `required:"" help:"Runs a day below full." placeholder:"N"`
	Sample int `default:"5" help:"Every so manieth of them is supervised; 0 for none."`
}

// Run sets how many runs a day a version below full takes.
func (c quotaCommand) Run(ctx context.Context, term console, cfg *Config) error {
	return c.change(ctx, term, cfg, "playbook.release", func(s *store.Store, by casework.Actor) error {
		return s.SetQuota(ctx, by, c.Version, c.Daily, c.Sample, c.Why)
	})
}
