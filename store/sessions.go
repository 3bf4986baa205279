package store

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"time"

	"github.com/jingban/jingban/casework"
)

// Tokens of sessions and portals are random and kept as keyed hashes only.

// A session ends after 30 minutes without a request (domain/90-security §2). The
// last request is written once a minute, not every time.
const (
	idleFor    = 30 * time.Minute
	seenAgain  = time.Minute
	tokenBytes = 32
)

func newToken() string {
	raw := make([]byte, tokenBytes)
	rand.Read(raw) // never fails: crypto/rand ends the process instead
	return base64.RawURLEncoding.EncodeToString(raw)
}

// NewSession signs a user in for at most ttl and gives the token for the cookie.
func (s *Store) NewSession(ctx context.Context, userID string, ttl time.Duration) (string, error) {
	token := newToken()
	err := s.change(ctx, "make a session", func(t *tx) error {
		_, err := t.update(ctx, `INSERT INTO sessions (hash, user_id, created_at, seen_at, expires_at)
			VALUES ($1, $2, $3, $3, $4)`, s.Hash("session", token), userID, micros(t.now), micros(t.now.Add(ttl)))
		return err
	})
	return token, err
}

// SessionUser gives the user of a session; ErrNotFound when it has ended, was
// idle for 30 minutes, or the user is disabled.
func (s *Store) SessionUser(ctx context.Context, token string) (User, error) {
	hash, now := s.Hash("session", token), s.cfg.Now()
	type session struct {
		user string
		seen int64
	}
	found, err := one(ctx, s.reader, func(r row) (v session, err error) { return v, r.Scan(&v.user, &v.seen) },
		"SELECT user_id, seen_at FROM sessions WHERE hash = $1 AND expires_at > $2 AND seen_at > $3",
		hash, micros(now), micros(now.Add(-idleFor)))
	if err != nil {
		return User{}, explain("session", err)
	}
	user, err := s.User(ctx, found.user)
	if err != nil {
		return User{}, err
	}
	if user.Disabled {
		return User{}, fmt.Errorf("session: the user is disabled: %w", ErrNotFound)
	}
	if now.Sub(moment(found.seen)) < seenAgain {
		return user, nil
	}
	return user, s.change(ctx, "renew the session", func(t *tx) error {
		_, err := t.update(ctx, "UPDATE sessions SET seen_at = $1 WHERE hash = $2", micros(now), hash)
		return err
	})
}

// EndSession signs out; a session that is not there is no error.
func (s *Store) EndSession(ctx context.Context, token string) error {
	return s.change(ctx, "end the session", func(t *tx) error {
		_, err := t.update(ctx, "DELETE FROM sessions WHERE hash = $1", s.Hash("session", token))
		return err
	})
}

// NewToken lets another system (a portal) in under a role. The token is shown
// once and kept as a hash.
func (s *Store) NewToken(ctx context.Context, by casework.Actor, name, role string) (string, error) {
	token, id := newToken(), casework.NewID()
	err := s.change(ctx, "make a token", func(t *tx) error {
		_, err := t.update(ctx, "INSERT INTO tokens (id, hash, name, role, created_at) VALUES ($1, $2, $3, $4, $5)",
			id, s.Hash("token", token), name, role, micros(t.now))
		if err != nil {
			return err
		}
		return t.audit(ctx, by, "token.make", id, map[string]string{"name": name, "role": role})
	})
	return token, err
}

// TokenActor gives the portal a token belongs to, or ErrNotFound.
func (s *Store) TokenActor(ctx context.Context, token string) (casework.Actor, error) {
	actor, err := one(ctx, s.reader, func(r row) (a casework.Actor, err error) {
		a.Kind = casework.Portal
		return a, r.Scan(&a.ID, &a.Name, &a.Role)
	}, "SELECT id, name, role FROM tokens WHERE hash = $1", s.Hash("token", token))
	return actor, explain("token", err)
}
