package store

import (
	"context"

	"github.com/jingban/jingban/casework"
)

func secretOf(name string) string { return "secrets/value/" + name }

// SetSecret seals a credential. Nothing but a worker ever reads it back.
func (s *Store) SetSecret(ctx context.Context, by casework.Actor, name, value string) error {
	return s.change(ctx, "set the secret", func(t *tx) error {
		_, err := t.update(ctx, `INSERT INTO secrets (name, value, updated_at) VALUES ($1, $2, $3)
			ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at`,
			name, s.keys.sealText(secretOf(name), value), micros(t.now))
		if err != nil {
			return err
		}
		return t.audit(ctx, by, "secret.set", name, nil)
	})
}

// Secret opens a credential, for workers only; ErrNotFound when it is not set.
func (s *Store) Secret(ctx context.Context, name string) (string, error) {
	sealed, err := one(ctx, s.reader, scalar[string], "SELECT value FROM secrets WHERE name = $1", name)
	if err != nil {
		return "", explain("secret "+name, err)
	}
	return s.keys.openText(secretOf(name), sealed)
}

// SecretNames gives the names that are set.
func (s *Store) SecretNames(ctx context.Context) ([]string, error) {
	names, err := list(ctx, s.reader, scalar[string], "SELECT name FROM secrets ORDER BY name")
	return names, explain("list secrets", err)
}
