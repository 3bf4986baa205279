package workers

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jingban/jingban/casework"
)

// pulse is a heart whose renewals can be broken.
func pulse(t *testing.T) (h *heart, fail func(error)) {
	t.Helper()
	var broken error
	h = newHeart("w1", func(context.Context, string) error { return broken }, time.Now, slog.New(slog.DiscardHandler))
	if err := h.beat(t.Context()); err != nil {
		t.Fatal(err)
	}
	return h, func(err error) { broken = err }
}

func TestHeldTurnEndsSixSecondsAfterTheLastGoodBeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, fail := pulse(t)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go h.run(ctx)
		held, release := h.hold(ctx)
		defer release()
		time.Sleep(time.Minute)
		if held.Err() != nil {
			t.Fatal("ended although every beat was good")
		}
		last := time.Now()
		fail(errors.New("database gone"))
		<-held.Done()
		if late := time.Since(last); late > 8*time.Second {
			t.Errorf("ended %v after the last good beat: the lease was over before", late)
		}
		if !errors.Is(context.Cause(held), casework.ErrNotHolder) {
			t.Errorf("cause is %v", context.Cause(held))
		}
		fail(nil)
		time.Sleep(3 * time.Second)
		again, release := h.hold(ctx)
		defer release()
		if again.Err() != nil {
			t.Error("a healed heart holds no new turn")
		}
		cancel()
		synctest.Wait()
	})
}

func TestSetClockEndsTheTurnToo(t *testing.T) {
	h, _ := pulse(t)
	held, release := h.hold(t.Context())
	defer release()
	h.now = func() time.Time { return time.Now().Add(time.Minute) }
	h.stopIfLate()
	select {
	case <-held.Done():
	case <-time.After(10 * time.Second):
	}
	if !errors.Is(context.Cause(held), casework.ErrNotHolder) {
		t.Error("the wall clock jumped a minute and the turn goes on")
	}
}

func TestHeldTurnEndsWithItsTask(t *testing.T) {
	h, _ := pulse(t)
	ctx, cancel := context.WithCancel(t.Context())
	held, release := h.hold(ctx)
	defer release()
	cancel()
	<-held.Done()
	if errors.Is(context.Cause(held), casework.ErrNotHolder) {
		t.Error("a stopped task is not a lost lease")
	}
}
