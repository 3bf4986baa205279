package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/jingban/jingban/store"
)

// serve turns one line of the route table into a handler: who is it, may they,
// is there room, is it a repetition, then the use case.
func (s *Server) serve(r route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		v := s.stranger(w, req)
		if err := s.attend(v, r); err != nil {
			s.fail(v, err)
		}
	})
}

func (s *Server) attend(v *visit, r route) error {
	if err := s.recognise(v); err != nil && r.Need != anyone {
		return err
	}
	if err := v.need(r.Need); err != nil {
		return err
	}
	if r.Passing > 0 {
		free, err := s.oneOfFew(v)
		if err != nil {
			return err
		}
		defer free()
	}
	if r.Method == http.MethodPost {
		if err := s.readBody(v, max(1, r.Passing)); err != nil {
			return err
		}
	}
	return s.once(v, r)
}

// once carries out the use case, unless the same visitor sent the same key
// before: then the former answer is given again. Refusals are not kept, so that
// a corrected request may use the key again.
func (s *Server) once(v *visit, r route) error {
	key := v.Header.Get("Idempotency-Key")
	if key == "" {
		key = v.form.Get("once")
	}
	switch {
	case key == "" && r.Once && v.api:
		return refuse(http.StatusBadRequest, "idempotency_key_missing")
	case key == "" || r.Method != http.MethodPost || r.Passing > 0 || v.actor.ID == "":
		return s.carryOut(v, r)
	case len(key) > 200:
		return refuse(http.StatusBadRequest, "idempotency_key_missing")
	}
	former, err := s.cfg.Store.Once(v.Context(), v.actor.ID, key, v.bodyHash())
	if errors.Is(err, store.ErrConflict) {
		return refuse(http.StatusConflict, "idempotency_conflict")
	}
	if err != nil {
		return fmt.Errorf("idempotency key: %w", err)
	}
	if former != nil {
		replay(v.w, former)
		return nil
	}
	return s.carryOutOnce(v, r, key)
}

func (s *Server) carryOutOnce(v *visit, r route, key string) error {
	// The key must be settled even when the visitor hangs up.
	ctx := context.WithoutCancel(v.Context())
	seen := &recorder{ResponseWriter: v.w, status: http.StatusOK}
	v.w = seen
	if err := s.carryOut(v, r); err != nil {
		return errors.Join(err, s.cfg.Store.OnceFailed(ctx, v.actor.ID, key))
	}
	if seen.status >= http.StatusBadRequest { // a form shown again with its mistakes
		return s.cfg.Store.OnceFailed(ctx, v.actor.ID, key)
	}
	return s.cfg.Store.OnceDone(ctx, v.actor.ID, key, seen.answer())
}

func (s *Server) carryOut(v *visit, r route) error {
	a, err := r.Do(v)
	if err != nil {
		return err
	}
	if r.Status != 0 && a.Status == http.StatusOK {
		a.Status = r.Status
	}
	return s.send(v, a)
}

// bodyHash is the hash of what was asked: path and body, for an upload the parts
// without the boundary, which differs at each try.
func (v *visit) bodyHash() string {
	h := sha256.New()
	fmt.Fprintln(h, v.Method, v.URL.Path)
	if len(v.files) == 0 {
		h.Write(v.body)
		return hex.EncodeToString(h.Sum(nil))
	}
	for _, p := range v.files {
		fmt.Fprintf(h, "%q %q %x\n", p.Slot, p.Name, sha256.Sum256(p.Data))
	}
	for _, name := range slices.Sorted(maps.Keys(v.form)) {
		fmt.Fprintf(h, "%q %q\n", name, v.form[name])
	}
	return hex.EncodeToString(h.Sum(nil))
}

// recorder keeps a copy of what is answered.
type recorder struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

// WriteHeader notes the status.
func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// Write copies the body.
func (r *recorder) Write(b []byte) (int, error) {
	r.body.Write(b)
	return r.ResponseWriter.Write(b)
}

func (r *recorder) answer() store.Answer {
	header := map[string]string{}
	for _, name := range []string{"Content-Type", "Location"} {
		if value := r.Header().Get(name); value != "" {
			header[name] = value
		}
	}
	return store.Answer{Status: r.status, Header: header, Body: r.body.Bytes()}
}

func replay(w http.ResponseWriter, a *store.Answer) {
	for name, value := range a.Header {
		w.Header().Set(name, value)
	}
	w.Header().Set("Idempotency-Replayed", "true")
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body) // the reader is gone: nobody to tell
}
