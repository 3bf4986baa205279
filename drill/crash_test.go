package drill_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/drill"
	"github.com/jingban/jingban/fixtures/legacy/benefits"
	"github.com/jingban/jingban/fixtures/materials"
)

// patience bounds every wait of these tests: real OCR, a real browser, and a
// dead worker's lease of 8 s.
const patience = 3 * time.Minute

// entryPath is the page of 申领登记.
const entryPath = "/sydy/sldj.jsp"

const clerkPassword = "Clerk-pass-2026!"

// stage is one Jingban process over a data folder of its own and a fake legacy
// system that lives in the test.
type stage struct {
	t      *testing.T
	data   string
	listen string
	legacy *benefits.System
	server *exec.Cmd
	log    *lockedBuffer
	portal drill.Client
	clerk  drill.Client
}

// binaries builds both programs once for all tests.
var binaries = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "jbbin")
	if err != nil {
		return "", err
	}
	out, err := exec.Command("go", "build", "-o", dir, "../cmd/jingban", "../cmd/jingban-ocr").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return dir, nil
})

func newStage(t *testing.T) *stage {
	t.Helper()
	requireReal(t)
	s := &stage{t: t, log: &lockedBuffer{}}
	var err error
	if s.legacy, err = benefits.Open(benefits.Config{Dir: t.TempDir()}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.legacy.Close() })
	listener := listen(t)
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- benefits.Serve(ctx, listener, s.legacy) }()
	t.Cleanup(func() { cancel(); <-served })
	if s.data, err = os.MkdirTemp("", "jbd"); err != nil { // short: a unix socket lies in it
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(s.data) })
	s.furnish("http://" + listener.Addr().String())
	s.start()
	t.Cleanup(s.stop)
	return s
}

// requireReal skips where a real part is missing, and fails in CI.
func requireReal(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("needs minutes")
	}
	for _, name := range []string{"redis-server", "chromium"} {
		if _, err := exec.LookPath(name); err != nil {
			if os.Getenv("REQUIRE_REAL") == "1" {
				t.Fatalf("%s is not installed", name)
			}
			t.Skipf("%s is not installed", name)
		}
	}
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return listener
}

// jingban runs one command to its end and gives what it printed.
func (s *stage) jingban(input string, args ...string) string {
	s.t.Helper()
	dir, err := binaries()
	if err != nil {
		s.t.Fatal(err)
	}
	cmd := exec.CommandContext(s.t.Context(), filepath.Join(dir, "jingban"), append([]string{"--data", s.data}, args...)...)
	cmd.Stdin = strings.NewReader(input + "\n")
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		s.t.Fatalf("jingban %v: %v\n%s", args, err, &complaints)
	}
	return strings.TrimSpace(string(out))
}

func (s *stage) furnish(legacyURL string) {
	s.jingban(legacyURL, "secret", "set", "systems.benefits.url")
	s.jingban(benefits.DefaultAccount, "secret", "set", "systems.benefits.account.login")
	s.jingban(benefits.DefaultPassword, "secret", "set", "systems.benefits.account.password")
	s.jingban(clerkPassword, "user", "add", "clerk", "clerk")
	s.portal.Token = s.jingban("", "user", "token", "portal")
}

// start runs `jingban serve` and waits until it answers.
func (s *stage) start() {
	s.t.Helper()
	dir, err := binaries()
	if err != nil {
		s.t.Fatal(err)
	}
	if s.listen == "" {
		free := listen(s.t)
		s.listen = free.Addr().String()
		free.Close()
	}
	s.server = exec.Command(filepath.Join(dir, "jingban"), "--data", s.data, "--listen", s.listen, "--first-stage", "full", "serve")
	s.server.Stdout, s.server.Stderr = s.log, s.log
	s.server.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := s.server.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.portal.Base, s.clerk.Base = "http://"+s.listen, "http://"+s.listen
	s.eventually("the pages answer", func() bool {
		return s.clerk.SignIn(s.t.Context(), "clerk", clerkPassword) == nil
	})
}

// kill ends the process the hard way; what it leaves behind is the point.
func (s *stage) kill() {
	s.t.Helper()
	if err := s.server.Process.Kill(); err != nil {
		s.t.Fatal(err)
	}
	s.server.Wait() // "signal: killed"
}

func (s *stage) stop() {
	if s.server == nil || s.server.ProcessState != nil {
		return
	}
	s.server.Process.Signal(syscall.SIGTERM)
	done := make(chan struct{})
	go func() { s.server.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(30 * time.Second):
		s.t.Error("serve did not stop within 30 s of SIGTERM")
		s.server.Process.Kill()
		<-done
	}
	if s.t.Failed() {
		s.t.Logf("log of serve:\n%s", s.log)
	}
}

// eventually asks again and again; the pause only spares the processor.
func (s *stage) eventually(what string, holds func() bool) {
	s.t.Helper()
	deadline := time.Now().Add(patience)
	for !holds() {
		if time.Now().After(deadline) {
			s.t.Fatalf("waited %v in vain until %s\nlog of serve:\n%s", patience, what, s.log)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// claim brings one faultless claim in and lets the clerk agree, so that the
// robot is about to submit it.
func (s *stage) claim() string {
	s.t.Helper()
	claims, err := materials.Claims(7, time.Now())
	if err != nil {
		s.t.Fatal(err)
	}
	for _, c := range claims {
		if c.Defect != "" || len(c.Shared) > 0 {
			continue
		}
		id, err := s.portal.BringIn(s.t.Context(), c)
		if err != nil {
			s.t.Fatal(err)
		}
		s.eventually("the clerk is asked", func() bool {
			n, err := s.clerk.DecideAll(s.t.Context(), "clerk", "submit")
			return err == nil && n == 1
		})
		return id
	}
	s.t.Fatal("no faultless claim among the fixtures")
	return ""
}

func (s *stage) state(caseID string) casework.CaseState {
	var c drill.Case
	if err := s.clerk.Get(s.t.Context(), "/api/v1/cases/"+caseID, &c); err != nil {
		return ""
	}
	return c.State
}

func (s *stage) posts() int {
	s.t.Helper()
	n, err := s.legacy.Posts(s.t.Context(), benefits.SavePath)
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

// once asserts that the legacy system's books hold the claim exactly once and
// that the case knows its receipt.
func (s *stage) once(caseID string, posts int) {
	s.t.Helper()
	claims, err := s.legacy.Claims(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	if len(claims) != 1 {
		s.t.Errorf("the legacy system holds %d claims, want 1", len(claims))
	}
	if n := s.posts(); n != posts {
		s.t.Errorf("%d POSTs were received, want %d", n, posts)
	}
	var c drill.Case
	if err := s.clerk.Get(s.t.Context(), "/api/v1/cases/"+caseID, &c); err != nil {
		s.t.Fatal(err)
	}
	if len(claims) == 1 && c.Receipt != claims[0].Number {
		s.t.Errorf("receipt %q, the legacy system gave %q", c.Receipt, claims[0].Number)
	}
}

func TestWorkerKilledWhileTheSystemAnswersSubmitsOnce(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	id := s.claim()
	s.eventually("the submission arrives", func() bool { return s.posts() == 1 })
	s.kill() // long before verify has looked
	s.start()
	s.eventually("the claim is entered", func() bool { return s.state(id) == casework.CaseEntered })
	s.once(id, 1)
}

func TestWorkerKilledBeforeTheSubmissionSubmitsOnce(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	id := s.claim()
	s.legacy.Switch(func(w *benefits.Switches) { w.Slow = 300 * time.Millisecond })
	s.eventually("the robot opens the entry page", func() bool {
		requests, err := s.legacy.Requests(t.Context())
		return err == nil && slices.ContainsFunc(requests, func(r benefits.Request) bool { return r.Path == entryPath })
	})
	s.kill()
	if n := s.posts(); n != 0 {
		t.Fatalf("%d POSTs before the kill: the test came too late", n)
	}
	s.legacy.Switch(func(w *benefits.Switches) { w.Slow = 0 })
	s.start()
	s.eventually("the claim is entered", func() bool { return s.state(id) == casework.CaseEntered })
	s.once(id, 1)
}

func TestServerThatClosesTheConnectionReceivesOnePOST(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.legacy.Switch(func(w *benefits.Switches) { w.LoseReply = benefits.Always })
	id := s.claim()
	s.eventually("the claim is entered", func() bool { return s.state(id) == casework.CaseEntered })
	s.once(id, 1)
}

// lockedBuffer is a log that the process writes and the test reads.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
