package main

import (
	"context"
	"fmt"
	"net"
)

// serveCommand runs everything in one process.
type serveCommand struct{}

// Run serves until ctx ends.
func (serveCommand) Run(ctx context.Context, term console, cfg *Config) error {
	h, err := openHouse(ctx, cfg, term.err)
	if err != nil {
		return err
	}
	defer h.Close()
	listener, err := h.listen(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintln(term.out, term.say("经办已启动：", "Jingban is running: ")+"http://"+listener.Addr().String())
	return h.run(ctx, h.work, func(ctx context.Context) error { return h.serve(ctx, listener) })
}

// workCommand runs the worker alone, beside others on one database.
type workCommand struct{}

// Run works until ctx ends.
func (workCommand) Run(ctx context.Context, term console, cfg *Config) error {
	if err := wantShared(cfg, "work"); err != nil {
		return err
	}
	h, err := openHouse(ctx, cfg, term.err)
	if err != nil {
		return err
	}
	defer h.Close()
	return h.run(ctx, h.work)
}

// webCommand runs the pages alone.
type webCommand struct{}

// Run serves until ctx ends.
func (webCommand) Run(ctx context.Context, term console, cfg *Config) error {
	if err := wantShared(cfg, "web"); err != nil {
		return err
	}
	h, err := openHouse(ctx, cfg, term.err)
	if err != nil {
		return err
	}
	defer h.Close()
	var listener net.Listener
	if listener, err = h.listen(ctx); err != nil {
		return err
	}
	fmt.Fprintln(term.out, "http://"+listener.Addr().String())
	return h.run(ctx, func(ctx context.Context) error { return h.serve(ctx, listener) })
}

func wantShared(cfg *Config, name string) error {
	if err := cfg.settle(); err != nil {
		return err
	}
	if !cfg.shared() {
		return fmt.Errorf("%s alone needs --database, --redis and --files; on one machine use serve", name)
	}
	return nil
}
