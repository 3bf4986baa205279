package store

import (
	"context"
	"time"

	"github.com/jingban/jingban/casework"
)

// User is somebody of the agency who signs in.
type User struct {
	ID, Login, Name, Role string // role: operator, clerk, manager, admin
	PasswordHash          string // argon2id
	Disabled              bool
	Failures              int // wrong passwords in a row
	LockedUntil           time.Time
}

// Five wrong passwords in a row lock an account for 15 minutes (GB/T 22239,
// domain/90-security §2).
const (
	wrongPasswords = 5
	lockedFor      = 15 * time.Minute
)

const userColumns = "id, login, name, role, password_hash, disabled, failures, locked_until"

func scanUser(r row) (u User, err error) {
	var disabled, locked int64
	err = r.Scan(&u.ID, &u.Login, &u.Name, &u.Role, &u.PasswordHash, &disabled, &u.Failures, &locked)
	u.Disabled, u.LockedUntil = disabled != 0, moment(locked)
	return u, err
}

// AddUser makes an account; ErrDuplicate when the login is taken.
func (s *Store) AddUser(ctx context.Context, by casework.Actor, u User) (User, error) {
	u.ID, u.Failures, u.LockedUntil = casework.NewID(), 0, time.Time{}
	disabled := 0
	if u.Disabled {
		disabled = 1
	}
	err := s.change(ctx, "add the user", func(t *tx) error {
		_, err := t.update(ctx, `INSERT INTO users (id, login, name, role, password_hash, disabled)
			VALUES ($1, $2, $3, $4, $5, $6)`, u.ID, u.Login, u.Name, u.Role, u.PasswordHash, disabled)
		if err != nil {
			return err
		}
		return t.audit(ctx, by, "user.add", u.ID, map[string]string{"login": u.Login, "role": u.Role})
	})
	if err != nil {
		return User{}, err
	}
	return u, nil
}

// UserByLogin gives the account with that login, or ErrNotFound.
func (s *Store) UserByLogin(ctx context.Context, login string) (User, error) {
	u, err := one(ctx, s.reader, scanUser, "SELECT "+userColumns+" FROM users WHERE login = $1", login)
	return u, explain("user", err)
}

// User gives one account, or ErrNotFound.
func (s *Store) User(ctx context.Context, id string) (User, error) {
	u, err := one(ctx, s.reader, scanUser, "SELECT "+userColumns+" FROM users WHERE id = $1", id)
	return u, explain("user", err)
}

// Users gives every account by login.
func (s *Store) Users(ctx context.Context) ([]User, error) {
	all, err := list(ctx, s.reader, scanUser, "SELECT "+userColumns+" FROM users ORDER BY login")
	return all, explain("list users", err)
}

// SetPassword changes the password, lifts a lock and ends the user's sessions.
func (s *Store) SetPassword(ctx context.Context, by casework.Actor, userID, hash string) error {
	return s.change(ctx, "set the password", func(t *tx) error {
		err := t.must(ctx, ErrNotFound, "UPDATE users SET password_hash = $1, failures = 0, locked_until = 0 WHERE id = $2",
			hash, userID)
		if err != nil {
			return err
		}
		if _, err := t.update(ctx, "DELETE FROM sessions WHERE user_id = $1", userID); err != nil {
			return err
		}
		return t.audit(ctx, by, "user.password", userID, nil)
	})
}

// SignInResult counts: every fifth wrong password in a row locks the account for
// 15 minutes, a right one clears the count. The caller has asked LockedUntil.
func (s *Store) SignInResult(ctx context.Context, userID string, ok bool, from string) error {
	return s.change(ctx, "note the sign-in", func(t *tx) error {
		user, err := one(ctx, t, scanUser, "SELECT "+userColumns+" FROM users WHERE id = $1", userID)
		if err != nil {
			return err
		}
		if err := t.countSignIn(ctx, userID, ok); err != nil {
			return err
		}
		action := "user.sign_in"
		if !ok {
			action = "user.sign_in_refused"
		}
		by := casework.Actor{Kind: casework.Human, ID: user.ID, Name: user.Login, Role: user.Role, From: from}
		return t.audit(ctx, by, action, userID, nil)
	})
}

func (t *tx) countSignIn(ctx context.Context, userID string, ok bool) error {
	if ok {
		_, err := t.update(ctx, "UPDATE users SET failures = 0, locked_until = 0 WHERE id = $1", userID)
		return err
	}
	failures, err := one(ctx, t, scalar[int], "UPDATE users SET failures = failures + 1 WHERE id = $1 RETURNING failures", userID)
	if err != nil || failures%wrongPasswords != 0 {
		return err
	}
	_, err = t.update(ctx, "UPDATE users SET locked_until = $1 WHERE id = $2", micros(t.now.Add(lockedFor)), userID)
	return err
}

// Permissions gives what a role may do; roles are data.
func (s *Store) Permissions(ctx context.Context, role string) ([]string, error) {
	all, err := list(ctx, s.reader, scalar[string],
		"SELECT permission FROM role_permissions WHERE role = $1 ORDER BY permission", role)
	return all, explain("list permissions", err)
}
