package workers

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/tasks"
)

// broker starts a private Redis in a short folder: unix sockets allow 107 bytes.
func broker(t *testing.T) tasks.Broker {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		if os.Getenv("REQUIRE_REAL") == "1" {
			t.Fatal("redis-server is not installed")
		}
		t.Skip("redis-server is not installed")
	}
	dir, err := os.MkdirTemp("", "jb")
	if err != nil {
		t.Fatal(err)
	}
	r := tasks.Redis{Folder: filepath.Join(dir, "redis"), Socket: filepath.Join(dir, "redis.sock"), Pids: dir, Log: io.Discard}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ready, over := make(chan struct{}), make(chan error, 1)
	go func() { over <- r.Run(ctx, ready) }()
	t.Cleanup(func() {
		cancel()
		if err := <-over; err != nil {
			t.Errorf("redis: %v", err)
		}
		os.RemoveAll(dir)
	})
	<-ready
	return r.Broker()
}

// slow is a system whose pages wait, at their first verb, for the test or for
// the end of the turn.
type slow struct {
	oneSystem
	inside chan struct{} // one value for each page at work
	on     chan struct{} // closed to let them go on
}

func newSlow(b oneSystem) *slow {
	return &slow{oneSystem: b, inside: make(chan struct{}, 8), on: make(chan struct{})}
}

func (s *slow) Seat(ctx context.Context, system playbooks.System, access playbooks.Access, seat int) (playbooks.Page, error) {
	page, err := s.oneSystem.Seat(ctx, system, access, seat)
	return &slowPage{Page: page, at: s}, err
}

type slowPage struct {
	playbooks.Page
	at      *slow
	entered bool
}

func (p *slowPage) Do(ctx context.Context, act playbooks.Act) (playbooks.Seen, error) {
	if !p.entered {
		p.entered = true
		p.at.inside <- struct{}{}
		select {
		case <-p.at.on:
		case <-ctx.Done():
			return playbooks.Seen{}, context.Cause(ctx)
		}
	}
	return p.Page.Do(ctx, act)
}

// running is a whole crew, with its loops and a broker, in the middle of a run
// that stands on a page.
type running struct {
	*Crew
	slow *slow
	run  string
	stop context.CancelFunc // what SIGTERM does
	over chan error
}

func run(t *testing.T) running {
	t.Helper()
	b := broker(t)
	c, legacy, id := atWork(t, casework.StageFull)
	c.atTheDoor(t, id)
	r := running{Crew: c, slow: newSlow(oneSystem{legacy}), run: id, over: make(chan error, 1)}
	c.Broker, c.Browser, c.Slots, c.Name = b, r.slow, 2, "w2"
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	r.stop = stop
	go func() { r.over <- c.Run(ctx) }()
	t.Cleanup(stop)
	<-r.slow.inside
	return r
}

// stopped waits for the crew's end and gives its run; nothing may be held then.
func (r running) stopped(t *testing.T) casework.Run {
	t.Helper()
	if err := <-r.over; err != nil {
		t.Errorf("the crew ended with %v", err)
	}
	held, err := r.Store.HeldBy(t.Context(), r.Name)
	if err != nil || len(held) != 0 {
		t.Errorf("%d runs are still held, %v", len(held), err)
	}
	if target := r.target(t); target.SeatsTaken != 0 || r.slow.Open() != 0 {
		t.Errorf("%d seats are still taken, %d tabs open", target.SeatsTaken, r.slow.Open())
	}
	got, err := r.Store.Run(t.Context(), r.run)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestStoppedCrewFinishesTheTurnUnderWay(t *testing.T) {
	t.Parallel()
	r := run(t)
	r.stop()
	close(r.slow.on) // the page answers within the grace
	if got := r.stopped(t); got.End != "submitted" || r.slow.Posts() != 1 {
		t.Errorf("the run is %+v, submitted %d", got, r.slow.Posts())
	}
}

func TestStoppedCrewHandsOnATurnThatTakesTooLong(t *testing.T) {
	t.Parallel()
	r := run(t)
	began := time.Now()
	r.stop()
	got := r.stopped(t) // the page never answers
	if got.State != casework.RunWaiting || got.End != "worker_stopped" || got.Holder != "" || got.Target != "benefits" {
		t.Errorf("the run is %+v", got)
	}
	if took := time.Since(began); took < grace || r.slow.Posts() != 0 {
		t.Errorf("it ended after %v, submitted %d", took, r.slow.Posts())
	}
	close(r.slow.on)
	r.turns = newTurns() // the next worker
	if got = r.turned(t, r.run); got.End != "submitted" || r.slow.Posts() != 1 {
		t.Errorf("afterwards the run is %+v, submitted %d", got, r.slow.Posts())
	}
}

func TestCancelledRunClosesItsTabWithinABeat(t *testing.T) {
	t.Parallel()
	r := run(t)
	if _, err := r.Store.CancelRun(t.Context(), operator, r.run, "市民撤回"); err != nil {
		t.Fatal(err)
	}
	for r.slow.Open() > 0 {
		select {
		case err := <-r.over:
			t.Fatalf("the crew ended: %v", err)
		case <-r.Store.Wake():
		case <-time.After(100 * time.Millisecond):
		}
	}
	r.stop()
	if got := r.stopped(t); got.State != casework.RunWithdrawn || r.slow.Posts() != 0 {
		t.Errorf("the run is %+v, submitted %d", got, r.slow.Posts())
	}
}
