package drill

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"sync/atomic"
	"time"
)

// Hook is the worker's end of a drill. At every seam the worker names the place
// and waits until the drill lets it go, so that it can be killed or frozen
// exactly there. A drill that is gone lets everything go.
type Hook struct {
	socket    string
	unguarded bool
	clock     atomic.Int64 // nanoseconds this worker's clock is off
}

// call is what a worker says; an empty seam is its greeting.
type call struct {
	Pid  int    `json:"pid"`
	Run  string `json:"run,omitempty"`
	Seam string `json:"seam,omitempty"`
}

// orders is what the drill answers.
type orders struct {
	Unguarded bool          `json:"unguarded,omitempty"` // only said in answer to a greeting
	Clock     time.Duration `json:"clock,omitempty"`
}

// Attach greets the drill that listens on the unix socket.
func Attach(ctx context.Context, socket string) (*Hook, error) {
	h := &Hook{socket: socket}
	told, err := h.ask(ctx, call{Pid: os.Getpid()})
	if err != nil {
		return nil, fmt.Errorf("drill at %s: %w", socket, err)
	}
	h.unguarded = told.Unguarded
	return h, nil
}

// At names a seam and waits for the drill's word.
func (h *Hook) At(ctx context.Context, run, seam string) {
	_, _ = h.ask(ctx, call{Pid: os.Getpid(), Run: run, Seam: seam}) // without a drill there is nothing to wait for
}

// Now is the wall clock of this worker, as far off as the drill has set it.
func (h *Hook) Now() time.Time { return time.Now().Round(0).Add(time.Duration(h.clock.Load())) }

// Unguarded says that this worker is to forget what it has sent: the control
// that must submit twice.
func (h *Hook) Unguarded() bool { return h.unguarded }

func (h *Hook) ask(ctx context.Context, c call) (told orders, err error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", h.socket)
	if err != nil {
		return told, err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	if err := json.NewEncoder(conn).Encode(c); err != nil {
		return told, err
	}
	if err := json.NewDecoder(conn).Decode(&told); err != nil {
		return told, err
	}
	h.clock.Store(int64(told.Clock))
	return told, nil
}
