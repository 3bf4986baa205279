package store

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

func grouped(t *testing.T) *Store {
	t.Helper()
	s, err := Open(t.Context(), Config{Database: "sqlite:" + filepath.Join(t.TempDir(), "j.db"), Files: t.TempDir(),
		MasterKey: bytes.Repeat([]byte{7}, 32), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func (s *Store) put(ctx context.Context, name string, then error) error {
	return s.change(ctx, "put", func(t *tx) error {
		if _, err := t.update(ctx, "INSERT INTO settings (name, value) VALUES ($1, 'x')", name); err != nil {
			return err
		}
		return then
	})
}

func (s *Store) there(t *testing.T, name string) bool {
	t.Helper()
	n, err := one(t.Context(), s.reader, scalar[int], "SELECT COUNT(*) FROM settings WHERE name = $1", name)
	if err != nil {
		t.Fatal(err)
	}
	return n == 1
}

// queued holds the turn, lets the calls queue behind it and then lets them go.
func (s *Store) queued(t *testing.T, calls ...func() error) []error {
	t.Helper()
	s.group.turn <- struct{}{}
	errs := make([]error, len(calls))
	var all sync.WaitGroup
	for i, call := range calls {
		all.Go(func() { errs[i] = call() })
		for len(s.waiting()) <= i {
			time.Sleep(time.Millisecond)
		}
	}
	<-s.group.turn
	all.Wait()
	return errs
}

func (s *Store) waiting() []*waiting {
	s.group.mu.Lock()
	defer s.group.mu.Unlock()
	return append([]*waiting(nil), s.group.queue...)
}

func TestOneFailedChangeSpoilsNoOther(t *testing.T) {
	s, broken := grouped(t), errors.New("broken")
	errs := s.queued(t,
		func() error { return s.put(t.Context(), "a", nil) },
		func() error { return s.put(t.Context(), "b", broken) },
		func() error { return s.put(t.Context(), "a", nil) },
		func() error { return s.put(t.Context(), "c", nil) })
	if errs[0] != nil || errs[3] != nil || !errors.Is(errs[1], broken) || !errors.Is(errs[2], ErrDuplicate) {
		t.Errorf("errors: %v", errs)
	}
	if !s.there(t, "a") || s.there(t, "b") || !s.there(t, "c") {
		t.Error("the failed change is there, or a good one is not")
	}
}

func TestCallerWhoLeavesTheQueueChangesNothing(t *testing.T) {
	s := grouped(t)
	ctx, cancel := context.WithCancel(t.Context())
	left := make(chan error, 1)
	s.group.turn <- struct{}{}
	go func() { left <- s.put(ctx, "gone", nil) }()
	for len(s.waiting()) == 0 {
		time.Sleep(time.Millisecond)
	}
	cancel()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Errorf("error: %v", err)
	}
	<-s.group.turn
	if err := s.put(t.Context(), "next", nil); err != nil || s.there(t, "gone") || !s.there(t, "next") {
		t.Errorf("after it left: %v", err)
	}
}

func TestCallerCancelledInTheMiddleRollsNobodyBack(t *testing.T) {
	s := grouped(t)
	ctx, cancel := context.WithCancel(t.Context())
	errs := s.queued(t,
		func() error { return s.put(t.Context(), "before", nil) },
		func() error {
			return s.change(ctx, "cancelled", func(tx *tx) error {
				cancel()
				_, err := tx.update(ctx, "INSERT INTO settings (name, value) VALUES ('middle', 'x')")
				return err
			})
		},
		func() error { return s.put(t.Context(), "after", nil) })
	if errs[0] != nil || errs[1] != nil || errs[2] != nil {
		t.Errorf("errors: %v", errs)
	}
	if !s.there(t, "before") || !s.there(t, "middle") || !s.there(t, "after") {
		t.Error("a change of the batch is missing")
	}
}

func TestPanicReachesItsOwnCallerOnly(t *testing.T) {
	s := grouped(t)
	errs := s.queued(t,
		func() (err error) {
			defer func() {
				if recover() == nil {
					err = errors.New("no panic came back")
				}
			}()
			return s.change(t.Context(), "panic", func(*tx) error { panic("mistake") })
		},
		func() error { return s.put(t.Context(), "fine", nil) })
	if errs[0] != nil || errs[1] != nil || !s.there(t, "fine") {
		t.Errorf("errors: %v", errs)
	}
}

func TestChangesThatWaitTogetherShareACommit(t *testing.T) {
	s := grouped(t)
	calls := make([]func() error, 50)
	for i := range calls {
		calls[i] = func() error { return s.put(t.Context(), string(rune('一'+i)), nil) }
	}
	seen := true
	calls = append(calls, func() error {
		return s.change(t.Context(), "look", func(*tx) error {
			seen = s.there(t, "一") // by another connection: only what is committed
			return nil
		})
	})
	for i, err := range s.queued(t, calls...) {
		if err != nil {
			t.Errorf("%d: %v", i, err)
		}
	}
	if seen || !s.there(t, "一") {
		t.Errorf("the first change was committed before the last began: %v", seen)
	}
}
