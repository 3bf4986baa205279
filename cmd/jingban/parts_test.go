package main

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"testing"
)

// needParts ends a test that lacks redis-server or Chromium; where every part must be
// real it fails.
func needParts(t *testing.T) {
	t.Helper()
	for _, program := range []string{"redis-server", "chromium"} {
		if _, err := exec.LookPath(program); err == nil {
			continue
		}
		if os.Getenv("REQUIRE_REAL") == "1" {
			t.Fatal("no " + program)
		}
		t.Skip("no " + program)
	}
}

// serveFake lets a fake system answer on loopback for as long as the test runs, ends it
// and gives its address.
func serveFake(t *testing.T, serve func(context.Context, net.Listener) error, end func() error) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- serve(ctx, listener) }()
	t.Cleanup(func() {
		stop()
		if err := errors.Join(<-done, end()); err != nil {
			t.Error(err)
		}
	})
	return "http://" + listener.Addr().String()
}
