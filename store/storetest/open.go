package storetest

import (
	"bytes"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/jingban/jingban/store"
)

// Clock is a clock that tests move.
type Clock struct {
	mu sync.Mutex
	at time.Time
}

// NewClock stands at 2026-03-06 09:30 in China, a Friday.
func NewClock() *Clock { return &Clock{at: time.Date(2026, 3, 6, 1, 30, 0, 0, time.UTC)} }

// Now reads the clock.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// Advance moves the clock on.
func (c *Clock) Advance(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(by)
}

// MasterKey is the key of every test store.
func MasterKey() []byte { return bytes.Repeat([]byte{7}, 32) }

// SQLite gives the address of a fresh database file.
func SQLite(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "jingban.db") }

// Open opens a fresh store on SQLite with the real clock; it closes with the test.
func Open(t testing.TB) *store.Store {
	t.Helper()
	return open(t, store.Config{Database: SQLite(t), Files: t.TempDir(), MasterKey: MasterKey(), Now: time.Now})
}

func open(t testing.TB, cfg store.Config) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), cfg)
	if err != nil {
		t.Fatalf("open the store: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close the store: %v", err)
		}
	})
	return s
}
