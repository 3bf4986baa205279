package main

import (
	"context"
	"fmt"

	"github.com/jingban/jingban/store"
	"github.com/jingban/jingban/web"
)

// userCommand manages people.
type userCommand struct {
	Add   userAdd   `cmd:"" help:"Add a person; the password is read from standard input."`
	List  userList  `cmd:"" help:"List everybody."`
	Token userToken `cmd:"" help:"Make a token for a portal that sends claims in; it is shown once."`
}

type userAdd struct {
	Login string `arg:""`
	Role  string `arg:"" enum:"operator,clerk,reviewer,manager,admin" help:"operator, clerk, reviewer, manager or admin."`
	Name  string `help:"Name as shown."`
}

// Run adds the person.
func (u userAdd) Run(ctx context.Context, term console, cfg *Config) error {
	password, err := readLine(term, "password: ")
	if err != nil {
		return err
	}
	h, err := openBooks(ctx, cfg, term.err)
	if err != nil {
		return err
	}
	defer h.Close()
	return h.addUser(ctx, u.Login, u.Name, u.Role, password)
}

// addUser stores a person with the password's argon2id hash.
func (h *house) addUser(ctx context.Context, login, name, role, password string) error {
	hash, err := web.HashPassword(password)
	if err != nil {
		return err
	}
	if name == "" {
		name = login
	}
	_, err = h.store.AddUser(ctx, atTerminal(), store.User{Login: login, Name: name, Role: role, PasswordHash: hash})
	if err != nil {
		return fmt.Errorf("add %s: %w", login, err)
	}
	return nil
}

type userList struct{}

// Run prints one person a line.
func (userList) Run(ctx context.Context, term console, cfg *Config) error {
	h, err := openBooks(ctx, cfg, term.err)
	if err != nil {
		return err
	}
	defer h.Close()
	users, err := h.store.Users(ctx)
	if err != nil {
		return err
	}
	for _, u := range users {
		fmt.Fprintf(term.out, "%-16s %-10s %s\n", u.Login, u.Role, u.Name)
	}
	return nil
}

type userToken struct {
	Name string `arg:"" help:"Name of the portal."`
}

// Run makes a portal's token and prints it once.
func (u userToken) Run(ctx context.Context, term console, cfg *Config) error {
	h, err := openBooks(ctx, cfg, term.err)
	if err != nil {
		return err
	}
	defer h.Close()
	token, err := h.store.NewToken(ctx, atTerminal(), u.Name, "portal")
	if err != nil {
		return err
	}
	fmt.Fprintln(term.out, token)
	return nil
}
