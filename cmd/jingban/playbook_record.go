package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/jingban/jingban/browser"
	"github.com/jingban/jingban/playbooks"
)

// recordCommand watches a person work and writes a draft of a playbook.
type recordCommand struct {
	System string        `required:"" help:"Name of the system, as its file says." placeholder:"NAME"`
	URL    string        `help:"Where the person begins; without it the system's address in the vault and its sign-in page." placeholder:"URL"`
	Name   string        `default:"recorded" help:"Name of the playbook."`
	Out    string        `help:"File of the draft; without it standard output." placeholder:"FILE" type:"path"`
	Within time.Duration `default:"4h" help:"The recording ends after this time at the latest."`
}

// Run opens a window and records until it is closed. Nothing that is typed is kept, only
// into which field.
func (c recordCommand) Run(ctx context.Context, term console, cfg *Config) error {
	if err := cfg.settle(); err != nil {
		return err
	}
	library, err := playbooks.Load(cfg.Playbooks)
	if err != nil {
		return fmt.Errorf("playbooks: %w", err)
	}
	system, known := library.Systems()[c.System]
	if !known {
		return told{zh: "没有系统 " + c.System + "。", en: "there is no system " + c.System}
	}
	url := c.URL
	if url == "" {
		if url, err = c.address(ctx, term, cfg, system); err != nil {
			return err
		}
	}
	deeds, err := c.watch(ctx, term, cfg, url)
	if err != nil {
		return err
	}
	draft := playbooks.Draft(c.Name, system, deeds)
	if c.Out == "" {
		_, err = term.out.Write(draft)
		return err
	}
	if err := os.WriteFile(c.Out, draft, 0o600); err != nil {
		return fmt.Errorf("draft: %w", err)
	}
	fmt.Fprintf(term.out, term.say("记下 %d 步，草稿在 %s。请先 jingban playbook lint，再逐步核对。\n", "%d deeds noted, the draft is %s. Lint it, then go through it step by step.\n"), len(deeds), c.Out)
	return nil
}

// address is where the system's sign-in page stands, by the vault.
func (c recordCommand) address(ctx context.Context, term console, cfg *Config, system playbooks.System) (string, error) {
	h, err := openBooks(ctx, cfg, term.err)
	if err != nil {
		return "", err
	}
	defer h.Close()
	base, err := h.store.Secret(ctx, system.Base)
	if err != nil {
		return "", fmt.Errorf("address of %s: %w", system.Name, err)
	}
	return base + system.SignIn.Open, nil
}

func (c recordCommand) watch(ctx context.Context, term console, cfg *Config, url string) ([]playbooks.Deed, error) {
	profile, err := os.MkdirTemp("", "jingban-record-")
	if err != nil {
		return nil, fmt.Errorf("recorder: %w", err)
	}
	defer os.RemoveAll(profile)
	ctx, cancel := context.WithTimeout(ctx, c.Within)
	defer cancel()
	recorder, err := browser.Record(context.WithoutCancel(ctx), browser.RecorderConfig{Chromium: cfg.Chromium, Profile: profile, Headed: true}, url)
	if err != nil {
		return nil, err
	}
	defer recorder.Close()
	fmt.Fprintln(term.err, term.say("请在打开的窗口中照常办一遍，办完关闭窗口。只记按了什么、填了哪一栏，不记填的内容。", "Work in the window as always, and close it when you are done. What is pressed and which field is filled is noted, never the values."))
	select {
	case <-recorder.Over():
	case <-ctx.Done():
	}
	return recorder.Deeds(), nil
}
