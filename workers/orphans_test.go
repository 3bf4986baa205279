package workers

import (
	"bytes"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

// claimed gives a crew over a real store, and a run that stands as held by it.
func claimed(t *testing.T) (*Crew, store.Lease) {
	t.Helper()
	ctx, by := t.Context(), casework.Actor{Name: "wang"}
	dir := t.TempDir()
	s, err := store.Open(ctx, store.Config{Database: "sqlite:" + filepath.Join(dir, "jingban.db"), Files: filepath.Join(dir, "files"),
		MasterKey: bytes.Repeat([]byte{7}, 32), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	kase, err := s.NewCase(ctx, by, casework.Case{Matter: "unemployment_claim"})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.SubmitCase(ctx, by, kase.ID); err != nil {
		t.Fatal(err)
	}
	run, err := s.StartRun(ctx, by, casework.Run{CaseID: kase.ID, Playbook: "p", Key: kase.ID}, casework.Snapshot{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Admit(ctx, 1); err != nil {
		t.Fatal(err)
	}
	c := &Crew{Name: "w1", Store: s, Now: time.Now, Log: slog.New(slog.DiscardHandler)}
	lease, err := s.Claim(ctx, run.ID, c.Name)
	if err != nil {
		t.Fatal(err)
	}
	return c, lease
}

func state(t *testing.T, c *Crew, id string) casework.RunState {
	t.Helper()
	run, err := c.Store.Run(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return run.State
}

// TestRunHeldWithoutATurnWaitsAgain: the worker lives and beats, so its lease
// would never expire. Found by the drill: a worker frozen for 10 s.
func TestRunHeldWithoutATurnWaitsAgain(t *testing.T) {
	c, lease := claimed(t)
	if err := c.giveBackOrphans(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := state(t, c, lease.Run.ID); got != casework.RunWaiting {
		t.Errorf("the run is %s, want it to wait for its next holder", got)
	}
	if err := c.Store.Journal(lease).Append(t.Context(), casework.Entry{Step: "s", Kind: casework.Begun}); err == nil {
		t.Error("the old turn may still write")
	}
}

func TestRunWithATurnIsLeftAlone(t *testing.T) {
	c, lease := claimed(t)
	leave := c.busy.enter(lease.Run.ID)
	second := c.busy.enter(lease.Run.ID) // another hint for the same run comes and goes
	second()
	if err := c.giveBackOrphans(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := state(t, c, lease.Run.ID); got != casework.RunRunning {
		t.Errorf("the run is %s although its turn goes on", got)
	}
	leave()
	if err := c.giveBackOrphans(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := state(t, c, lease.Run.ID); got != casework.RunWaiting {
		t.Errorf("the run is %s after its turn", got)
	}
}

// TestLooksWithoutATurnEndAndGiveTheirSeatBack: the database was gone when a dry
// run and a canary ended, and their worker lives and beats.
func TestLooksWithoutATurnEndAndGiveTheirSeatBack(t *testing.T) {
	c, _, id := atWork(t, casework.StageFull)
	ctx := t.Context()
	order, err := c.Store.OrderDryRun(ctx, operator, id, "", "核对")
	if err != nil {
		t.Fatal(err)
	}
	if order, err = c.Store.ClaimDryRun(ctx, order.ID, c.Name); err != nil {
		t.Fatal(err)
	}
	for _, holder := range []string{order.ID, canaryOf("benefits")} {
		if _, err := c.Store.TakeSeat(ctx, "benefits", holder, c.Name); err != nil {
			t.Fatal(err)
		}
		leave := c.busy.enter(holder)
		if err := c.giveBackOrphans(ctx); err != nil {
			t.Fatal(err)
		}
		if c.target(t).SeatsTaken != 1 {
			t.Fatalf("%s lost its seat although its turn goes on", holder)
		}
		leave()
		if err := c.giveBackOrphans(ctx); err != nil {
			t.Fatal(err)
		}
		if c.target(t).SeatsTaken != 0 {
			t.Errorf("%s still has its seat after its turn", holder)
		}
	}
	got, err := c.Store.DryRun(ctx, order.ID)
	if err != nil || got.State != store.DryFailed || got.Code != orphanCode || got.Ended.IsZero() {
		t.Errorf("the dry run is %+v, %v", got, err)
	}
}

// TestLooksOfAKilledWorkerEndAndGiveTheirSeatBack: nobody of that name ever
// beats again.
func TestLooksOfAKilledWorkerEndAndGiveTheirSeatBack(t *testing.T) {
	c, _, id := atWork(t, casework.StageFull)
	ctx := t.Context()
	order, err := c.Store.OrderDryRun(ctx, operator, id, "", "核对")
	if err != nil {
		t.Fatal(err)
	}
	if _, err = c.Store.ClaimDryRun(ctx, order.ID, "killed"); err != nil {
		t.Fatal(err)
	}
	for _, holder := range []string{order.ID, canaryOf("benefits")} {
		if _, err := c.Store.TakeSeat(ctx, "benefits", holder, "killed"); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Store.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		if c.target(t).SeatsTaken != 0 {
			t.Errorf("%s still has its seat", holder)
		}
	}
	got, err := c.Store.DryRun(ctx, order.ID)
	if err != nil || got.State != store.DryFailed || got.Code != "worker_lost" || got.Ended.IsZero() {
		t.Errorf("the dry run is %+v, %v", got, err)
	}
}
