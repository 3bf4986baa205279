package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

func signInsContract() contract {
	return contract{
		"SignInNeedsAPerson": attendedSignIn,
	}
}

// attendedSignIn: a target that needs a person admits nothing until somebody has signed
// in; only who asked for the page finds the way to it; people are asked once in the
// morning and once before the end; a dead worker's session is none.
func attendedSignIn(t *testing.T, h *house) {
	ctx := t.Context()
	h.target(t, casework.Limits{Seats: 1})
	must(t, h.EnsureSignIn(ctx, system, true))
	must(t, h.EnsureSignIn(ctx, system, true))
	must(t, h.Beat(ctx, "w1"))
	is := func(state store.SignInState, why string) {
		t.Helper()
		one, err := h.SignIn(ctx, system)
		must(t, err)
		target, err := h.Target(ctx, system)
		must(t, err)
		if one.State != state || target.Why != why {
			t.Errorf("it is %s, the target %q; want %s, %q", one.State, target.Why, state, why)
		}
	}
	ask := func(notBefore time.Time, want bool) {
		t.Helper()
		if asked, err := h.AskSignIn(ctx, system, notBefore, time.Hour); err != nil || asked != want {
			t.Errorf("asked %v, %v; want %v", asked, err, want)
		}
	}
	is(store.SignInDue, "sign_in_due")
	ask(h.clock.Now().Add(time.Minute), false)
	ask(h.clock.Now(), true)
	ask(h.clock.Now(), false)
	must(t, h.WantSignIn(ctx, operator, system))
	door := store.Door{Address: "127.0.0.1:1", Certificate: "c", Token: "t"}
	if target, err := h.TakeSignIn(ctx, "w1", door); err != nil || target != system {
		t.Fatalf("taken %q, %v", target, err)
	}
	if target, err := h.TakeSignIn(ctx, "w1", door); err != nil || target != "" {
		t.Errorf("taken once more: %q, %v", target, err)
	}
	is(store.SignInOpen, "sign_in_due")
	if got, err := h.SignInDoor(ctx, operator, system); err != nil || got != door {
		t.Errorf("the door is %+v, %v", got, err)
	}
	if _, err := h.SignInDoor(ctx, second, system); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("another person finds the door: %v", err)
	}
	if err := h.WantSignIn(ctx, second, system); !errors.Is(err, store.ErrConflict) {
		t.Errorf("another person takes the page away: %v", err)
	}
	if err := h.SignedIn(ctx, "w2", system, 90*time.Minute); !errors.Is(err, store.ErrConflict) {
		t.Errorf("another worker signs in: %v", err)
	}
	seat, err := h.TakeSeat(ctx, system, "sign-in:"+system, "w1")
	must(t, err)
	must(t, h.LeaveSeat(ctx, seat))
	must(t, h.SignedIn(ctx, "w1", system, 90*time.Minute))
	is(store.SignInLive, "")
	ask(h.clock.Now(), false)
	h.clock.Advance(40 * time.Minute)
	must(t, h.Beat(ctx, "w1"))
	ask(h.clock.Now(), true)
	ask(h.clock.Now(), false)
	must(t, h.LoseSignIn(ctx, "w2", system, "signed_out"))
	is(store.SignInLive, "")
	h.clock.Advance(time.Minute) // no beat: the worker is dead, and its session with it
	is(store.SignInDue, "sign_in_due")
	must(t, h.Beat(ctx, "w1"))
	must(t, h.LoseSignIn(ctx, "w1", system, "signed_out"))
	is(store.SignInDue, "sign_in_due")
	alerts, _, err := h.Alerts(ctx, store.AlertFilter{Kind: "target", Subject: system})
	must(t, err)
	if len(alerts) != 2 { // the end was told of, then the loss
		t.Errorf("alerts %+v", alerts)
	}
	must(t, h.EnsureSignIn(ctx, system, false))
	if target, err := h.Target(ctx, system); err != nil || target.Why != "" {
		t.Errorf("without attended the target is %q, %v", target.Why, err)
	}
}
