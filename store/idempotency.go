package store

import (
	"context"
	"fmt"
)

// Answer is what a request was answered with.
type Answer struct {
	Status int
	Header map[string]string
	Body   []byte
}

func (s *Store) requestOf(actor, key string) string { return s.Hash("request", actor, key) }
func answerOf(hash string) string                   { return "requests/answer/" + hash }

// Once claims (actor, key) for a request whose body hash is given. It gives the
// former answer when the request was carried out before, and nil when it is to
// be carried out now. ErrConflict while it is under way, and when the key was
// used for another body. Keys are forgotten after 24 hours.
func (s *Store) Once(ctx context.Context, actor, key, bodyHash string) (former *Answer, err error) {
	hash := s.requestOf(actor, key)
	var claimed bool
	err = s.change(ctx, "claim the request", func(t *tx) error {
		n, err := t.update(ctx, `INSERT INTO requests (hash, body_hash, answer, at) VALUES ($1, $2, '', $3)
			ON CONFLICT (hash) DO NOTHING`, hash, bodyHash, micros(t.now))
		claimed = n > 0
		return err
	})
	if err != nil || claimed {
		return nil, err
	}
	return s.formerAnswer(ctx, hash, bodyHash)
}

func (s *Store) formerAnswer(ctx context.Context, hash, bodyHash string) (*Answer, error) {
	type request struct{ body, answer string }
	r, err := one(ctx, s.reader, func(r row) (v request, err error) { return v, r.Scan(&v.body, &v.answer) },
		"SELECT body_hash, answer FROM requests WHERE hash = $1", hash)
	switch {
	case err != nil:
		return nil, explain("request", err)
	case r.body != bodyHash:
		return nil, fmt.Errorf("the key was used for another request: %w", ErrConflict)
	case r.answer == "":
		return nil, fmt.Errorf("the request is under way: %w", ErrConflict)
	}
	former := new(Answer)
	return former, s.keys.openJSON(answerOf(hash), r.answer, former)
}

// OnceDone keeps the answer for whoever asks again.
func (s *Store) OnceDone(ctx context.Context, actor, key string, a Answer) error {
	hash := s.requestOf(actor, key)
	answer, err := s.keys.sealJSON(answerOf(hash), a)
	if err != nil {
		return err
	}
	return s.change(ctx, "keep the answer", func(t *tx) error {
		return t.must(ctx, ErrNotFound, "UPDATE requests SET answer = $1 WHERE hash = $2", answer, hash)
	})
}

// OnceFailed frees the key of a request that changed nothing.
func (s *Store) OnceFailed(ctx context.Context, actor, key string) error {
	return s.change(ctx, "free the request", func(t *tx) error {
		_, err := t.update(ctx, "DELETE FROM requests WHERE hash = $1 AND answer = ''", s.requestOf(actor, key))
		return err
	})
}
