package workers

import (
	"context"
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/store"
)

// door is a Browser that answers at the sign-in as the test wants.
type door struct {
	oneSystem
	knock func(ctx context.Context) error
}

func (d door) Seat(ctx context.Context, _ playbooks.System, _ playbooks.Access, _ int) (playbooks.Page, error) {
	return nil, d.knock(ctx)
}

// turnOf admits and carries the run on once, and gives it back.
func (c *Crew) turnOf(t *testing.T, id string) casework.Run {
	t.Helper()
	if _, err := c.Store.Admit(t.Context(), 10); err != nil {
		t.Fatal(err)
	}
	if err := c.workRun(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	run, err := c.Store.Run(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// atTheDoor brings the run to the system's door, the clerk's question answered.
func (c *Crew) atTheDoor(t *testing.T, id string) casework.Run {
	t.Helper()
	run := c.turnOf(t, id)
	reviews, _, err := c.Store.Reviews(t.Context(), store.ReviewFilter{States: []casework.ReviewState{casework.ReviewOpen}})
	if err != nil || len(reviews) != 1 {
		t.Fatalf("%d questions, %v; the run is %+v", len(reviews), err, run)
	}
	if err := c.Store.Decide(t.Context(), casework.Decision{ReviewID: reviews[0].ID, Choice: "submit", By: operator}); err != nil {
		t.Fatal(err)
	}
	return c.turnOf(t, id)
}

func TestRunWaitsForASeatAsARow(t *testing.T) {
	c, _, id := atWork(t, casework.StageFull)
	run := c.atTheDoor(t, id)
	if run.State != casework.RunWaiting || run.Target != "benefits" || run.Holder != "" || run.End != "" {
		t.Errorf("at the door it is %+v", run)
	}
	if run = c.turnOf(t, id); run.State == casework.RunWaiting && run.Target == "benefits" && run.End == "" {
		t.Errorf("with a seat it still waits: %+v", run)
	}
}

func TestRefusedSignInStopsTheTargetAndIsNotRepeated(t *testing.T) {
	c, legacy, id := atWork(t, casework.StageFull)
	knocks := 0
	c.Browser = door{oneSystem{legacy}, func(context.Context) error {
		knocks++
		return casework.AskPerson("sign_in_refused", "the account is refused")
	}}
	c.atTheDoor(t, id)
	run := c.turnOf(t, id)
	if run.State != casework.RunWaiting || run.End != "target_stopped" {
		t.Errorf("the run is %+v", run)
	}
	c.turnOf(t, id)
	target, err := c.Store.Target(t.Context(), "benefits")
	if err != nil || target.State != store.TargetStopped || target.Reason != "sign_in_refused" || target.SeatsTaken != 0 {
		t.Errorf("target %+v, %v", target, err)
	}
	if knocks != 1 {
		t.Errorf("signed in %d times, want once", knocks)
	}
}

func TestCancelEndsTheTurnAndWithdrawsTheRun(t *testing.T) {
	c, legacy, id := atWork(t, casework.StageFull)
	inside := make(chan struct{})
	c.Browser = door{oneSystem{legacy}, func(ctx context.Context) error {
		close(inside)
		<-ctx.Done() // a page that takes its time
		return context.Cause(ctx)
	}}
	c.atTheDoor(t, id)
	go func() {
		<-inside
		if _, err := c.Store.CancelRun(t.Context(), operator, id, "市民撤回"); err != nil {
			t.Error(err)
		}
		c.obey(t.Context())
	}()
	if run := c.turnOf(t, id); run.State != casework.RunWithdrawn {
		t.Errorf("the run is %+v", run)
	}
}

func TestStoppedWorkerGivesItsTurnOnWithoutAFailure(t *testing.T) {
	c, legacy, id := atWork(t, casework.StageFull)
	inside := make(chan struct{})
	c.Browser = door{oneSystem{legacy}, func(ctx context.Context) error {
		close(inside)
		<-ctx.Done()
		return context.Cause(ctx)
	}}
	c.atTheDoor(t, id)
	go func() {
		<-inside
		c.turns.endAll(casework.Retry("worker_stopped", "the worker was stopped"))
	}()
	run := c.turnOf(t, id)
	if run.State != casework.RunWaiting || run.End != "worker_stopped" || run.Holder != "" {
		t.Errorf("the run is %+v", run)
	}
	c.turns, c.Browser = newTurns(), oneSystem{legacy}
	if run = c.turnOf(t, id); run.State == casework.RunWaiting && run.End == "worker_stopped" {
		t.Errorf("nobody went on with it: %+v", run)
	}
}
