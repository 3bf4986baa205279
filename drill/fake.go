package drill

import (
	"context"
	"fmt"
	"net"
	"sync"

	"github.com/jingban/jingban/fixtures/legacy/benefits"
)

// fakeSystem is the fake legacy system inside the drill, which can be cut off.
type fakeSystem struct {
	*benefits.System
	address string

	mu     sync.Mutex
	stop   context.CancelFunc
	served chan error
}

func openFakeSystem(ctx context.Context, dir string) (*fakeSystem, error) {
	system, err := benefits.Open(benefits.Config{Dir: dir})
	if err != nil {
		return nil, fmt.Errorf("fake legacy system: %w", err)
	}
	f := &fakeSystem{System: system, address: "127.0.0.1:0"}
	return f, f.plugIn(context.WithoutCancel(ctx))
}

func (f *fakeSystem) url() string { return "http://" + f.address }

// plugIn serves on the address, which stays the same for ever.
func (f *fakeSystem) plugIn(ctx context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.stop != nil {
		return nil
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", f.address)
	if err != nil {
		return fmt.Errorf("fake legacy system: %w", err)
	}
	f.address = listener.Addr().String()
	ctx, f.stop = context.WithCancel(ctx)
	f.served = make(chan error, 1)
	go func() { f.served <- benefits.Serve(ctx, listener, f.System) }()
	return nil
}

// cut closes the listener and every connection.
func (f *fakeSystem) cut() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.stop != nil {
		f.stop()
		<-f.served
		f.stop = nil
	}
}

// goodDay switches every fault off.
func (f *fakeSystem) goodDay() { f.Switch(func(w *benefits.Switches) { *w = benefits.Switches{} }) }

func (f *fakeSystem) close() error {
	f.goodDay()
	f.cut()
	return f.Close()
}
