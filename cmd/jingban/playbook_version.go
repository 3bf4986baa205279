package main

import (
	"context"
	"fmt"
	"os"
	"text/tabwriter"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/store"
)

type saveCommand struct {
	File string `arg:""`
	As   string `required:"" help:"Login of the author; the password is read from standard input." placeholder:"LOGIN"`
	Note string `required:"" help:"What is new." placeholder:"TEXT"`
}

// Run lints a playbook and keeps it as a draft, with its errors if it has some.
func (s saveCommand) Run(ctx context.Context, term console, cfg *Config) error {
	text, err := os.ReadFile(s.File)
	if err != nil {
		return fmt.Errorf("playbook: %w", err)
	}
	v, problems, err := linted(cfg, s.File, text)
	if err != nil {
		return err
	}
	for _, p := range problems {
		fmt.Fprintln(term.out, p)
	}
	if v.Playbook == "" {
		return status(1) // it cannot even be named
	}
	h, err := openBooks(ctx, cfg, term.err)
	if err != nil {
		return err
	}
	defer h.Close()
	by, err := h.signedIn(ctx, term, s.As, "playbook.write")
	if err != nil {
		return err
	}
	v.Note = s.Note
	if v, err = h.store.SaveVersion(ctx, by, v); err != nil {
		return err
	}
	fmt.Fprintln(term.out, v.Hash, v.Stage)
	return nil
}

// linted gives the version that a text makes, with the linter's counts.
func linted(cfg *Config, name string, text []byte) (store.Version, playbooks.Problems, error) {
	schema, err := loadSchema()
	if err != nil {
		return store.Version{}, nil, err
	}
	library, err := playbooks.Load(cfg.Playbooks)
	if err != nil {
		return store.Version{}, nil, fmt.Errorf("playbooks: %w", err)
	}
	problems := playbooks.Lint(name, text, schema, library.Systems())
	pb, _ := playbooks.Parse(name, text)
	v := store.Version{Playbook: pb.Name, Text: string(text)}
	v.Errors, v.Warnings = problems.Counts()
	return v, problems, nil
}

type versionsCommand struct {
	Playbook string `arg:"" optional:""`
}

// Run prints one version a line.
func (c versionsCommand) Run(ctx context.Context, term console, cfg *Config) error {
	h, err := openBooks(ctx, cfg, term.err)
	if err != nil {
		return err
	}
	defer h.Close()
	all, err := h.store.Versions(ctx, c.Playbook)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(term.out, 0, 4, 2, ' ', 0)
	for _, v := range all {
		stage := string(v.Stage)
		if !v.Retired.IsZero() {
			stage += " (retired)"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%d/%d\t%s\t%s\n", v.Playbook, v.Hash[:19], stage,
			casework.DateOf(v.Since), v.Taken, v.Daily, v.Author, v.Note)
	}
	return table.Flush()
}

type textCommand struct {
	Version string `arg:"" help:"Hash, or at least 8 digits of it."`
	Against string `help:"Show the difference from this version instead." placeholder:"HASH"`
}

// Run prints a version's text, or what it changes.
func (c textCommand) Run(ctx context.Context, term console, cfg *Config) error {
	h, err := openBooks(ctx, cfg, term.err)
	if err != nil {
		return err
	}
	defer h.Close()
	v, err := h.store.Version(ctx, c.Version)
	if err != nil {
		return err
	}
	if c.Against == "" {
		fmt.Fprint(term.out, v.Text)
		return nil
	}
	old, err := h.store.Version(ctx, c.Against)
	if err != nil {
		return err
	}
	for _, line := range playbooks.Diff(old.Text, v.Text) {
		fmt.Fprintf(term.out, "%c %s\n", line.Op, line.Text)
	}
	return nil
}
