package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
	"github.com/jingban/jingban/web"
)

// doer says who does something at the terminal, and why. Both go into the audit
// trail.
type doer struct {
	As  string `help:"Login of the person who does it; the password is read from standard input. Without it: the console." placeholder:"LOGIN"`
	Why string `required:"" help:"The reason, for the audit trail." placeholder:"TEXT"`
}

// errRefused is all that a wrong sign-in is told.
var errRefused = told{zh: "登录被拒绝：用户名、口令或权限不对，或账号已锁定。", en: "sign-in refused: login, password or permission is wrong, or the account is locked"}

// actor proves who it is, where a login was given.
func (d doer) actor(ctx context.Context, term console, h *house, permission string) (casework.Actor, error) {
	if d.As == "" {
		return atTerminal(), nil
	}
	return h.signedIn(ctx, term, d.As, permission)
}

// signedIn asks for the password of a person who must hold the permission. Wrong
// ones count and lock the account, as on the pages.
func (h *house) signedIn(ctx context.Context, term console, login, permission string) (casework.Actor, error) {
	password, err := readLine(term, "password: ")
	if err != nil {
		return casework.Actor{}, err
	}
	user, err := h.store.UserByLogin(ctx, login)
	if errors.Is(err, store.ErrNotFound) {
		return casework.Actor{}, errRefused
	}
	if err != nil {
		return casework.Actor{}, fmt.Errorf("person %s: %w", login, err)
	}
	if user.Disabled || user.LockedUntil.After(time.Now()) {
		return casework.Actor{}, errRefused
	}
	ok := web.SamePassword(user.PasswordHash, password)
	if err := h.store.SignInResult(ctx, user.ID, ok, "console"); err != nil {
		return casework.Actor{}, fmt.Errorf("person %s: %w", login, err)
	}
	held, err := h.store.Permissions(ctx, user.Role)
	if err != nil {
		return casework.Actor{}, fmt.Errorf("role %s: %w", user.Role, err)
	}
	if !ok || !slices.Contains(held, permission) {
		return casework.Actor{}, errRefused
	}
	return casework.Actor{Kind: casework.Human, ID: user.ID, Name: user.Login, Role: user.Role, From: "console"}, nil
}
