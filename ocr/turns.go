package ocr

import (
	"crypto/sha256"
	"sync"
)

// maxTurns bounds the memory: some 50 bytes each.
const maxTurns = 4096

type pageKey struct {
	file [sha256.Size]byte
	page int
}

// turns remembers how pages stood when they were read, so that showing a page
// need not find out again.
type turns struct {
	mu    sync.Mutex
	known map[pageKey]int
}

func newTurns() *turns { return &turns{known: map[pageKey]int{}} }

func (t *turns) get(key pageKey) (int, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	turn, ok := t.known[key]
	return turn, ok
}

// put forgets everything when full: a miss costs half a second, no more.
func (t *turns) put(key pageKey, turn int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.known) >= maxTurns {
		clear(t.known)
	}
	t.known[key] = turn
}
