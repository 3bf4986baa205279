package drill

import (
	"context"
	"encoding/json"
	"net"
	"sync"
)

// hub is the drill's end of the hooks: it listens for workers at their seams.
type hub struct {
	listener net.Listener
	mu       sync.Mutex
	answer   func(context.Context, call) orders
}

// listenHub opens the unix socket; every user may reach it, because the folder
// around it decides.
func listenHub(ctx context.Context, socket string) (*hub, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "unix", socket)
	if err != nil {
		return nil, err
	}
	return &hub{listener: listener}, nil
}

// onSeam sets who answers; until then everything is let go.
func (h *hub) onSeam(answer func(context.Context, call) orders) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.answer = answer
}

// run answers until the listener is closed.
func (h *hub) run(ctx context.Context) {
	defer context.AfterFunc(ctx, func() { h.listener.Close() })()
	var calls sync.WaitGroup
	defer calls.Wait()
	for {
		conn, err := h.listener.Accept()
		if err != nil {
			return
		}
		calls.Go(func() { h.serve(ctx, conn) })
	}
}

func (h *hub) serve(ctx context.Context, conn net.Conn) {
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	var c call
	if json.NewDecoder(conn).Decode(&c) != nil {
		return // killed in mid-word
	}
	h.mu.Lock()
	answer := h.answer
	h.mu.Unlock()
	var told orders
	if answer != nil {
		told = answer(ctx, c)
	}
	_ = json.NewEncoder(conn).Encode(told) // a worker that is dead by now needs no answer
}
