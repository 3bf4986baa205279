package main

import (
	"bufio"
	"context"
	"fmt"
	"strings"

	"github.com/jingban/jingban/casework"
)

// secretCommand fills the vault.
type secretCommand struct {
	Set  secretSet  `cmd:"" help:"Set a secret; its value is read from standard input."`
	List secretList `cmd:"" help:"List the names; values are never shown."`
}

type secretSet struct {
	Name string `arg:"" help:"Like benefits.url, benefits.robot.login, benefits.robot.password."`
}

// Run reads one line and stores it sealed.
func (s secretSet) Run(ctx context.Context, term console, cfg *Config) error {
	line, err := readLine(term, s.Name+": ")
	if err != nil {
		return err
	}
	h, err := openBooks(ctx, cfg, term.err)
	if err != nil {
		return err
	}
	defer h.Close()
	return h.store.SetSecret(ctx, atTerminal(), s.Name, line)
}

type secretList struct{}

// Run prints a name a line.
func (secretList) Run(ctx context.Context, term console, cfg *Config) error {
	h, err := openBooks(ctx, cfg, term.err)
	if err != nil {
		return err
	}
	defer h.Close()
	names, err := h.store.SecretNames(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintln(term.out, strings.Join(names, "\n"))
	return nil
}

// atTerminal is who uses the command line, as the audit trail names it.
func atTerminal() casework.Actor {
	return casework.Actor{Kind: casework.Human, ID: "console", Name: "console", Role: "admin", From: "console"}
}

func readLine(term console, prompt string) (string, error) {
	fmt.Fprint(term.err, prompt)
	line, err := bufio.NewReader(term.in).ReadString('\n')
	if line = strings.TrimRight(line, "\r\n"); line == "" {
		return "", fmt.Errorf("nothing was given on standard input: %w", err)
	}
	return line, nil
}
