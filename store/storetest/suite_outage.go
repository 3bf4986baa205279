package storetest

import (
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

func outageContract() contract {
	return contract{
		"FaultsPauseATargetThenOneRunProbes": faultsPauseThenProbe,
		"LongPauseOfAnOperatorIsKept":        longPauseIsKept,
		"StoppedTargetNeedsAPerson":          stoppedNeedsAPerson,
	}
}

func faultsPauseThenProbe(t *testing.T, h *house) {
	ctx := t.Context()
	h.target(t, casework.Limits{Seats: 5})
	h.bound(t)
	h.bound(t)
	for range 2 {
		must(t, h.TargetFailed(ctx, system, "system_down"))
	}
	h.why(t, "")
	must(t, h.TargetFailed(ctx, system, "system_down"))
	h.why(t, "paused")
	h.alerted(t, "target", system, "target_paused")
	h.admits(t, "paused", 0)
	for range 4 { // runs that were under way meet the same outage
		must(t, h.TargetFailed(ctx, system, "system_down"))
	}
	h.clock.Advance(time.Minute)
	h.admits(t, "one run probes", 1)
	h.admits(t, "only one", 0)
	must(t, h.TargetFailed(ctx, system, "system_down"))
	h.clock.Advance(time.Minute)
	h.why(t, "paused") // two minutes now
	h.clock.Advance(time.Minute)
	must(t, h.TargetWorked(ctx, system))
	h.alerted(t, "target", system)
	h.admits(t, "well again", 1)
	target, err := h.Target(ctx, system)
	must(t, err)
	equal(t, "state", target.State, store.TargetOpen)
	equal(t, "failures", target.Failures, 0)
}

// longPauseIsKept has an operator ask for more than the longest pause of ours.
func longPauseIsKept(t *testing.T, h *house) {
	h.target(t, casework.Limits{Pause: 3600})
	h.bound(t)
	for range 3 {
		must(t, h.TargetFailed(t.Context(), system, "system_down"))
	}
	h.clock.Advance(59 * time.Minute)
	h.admits(t, "still paused", 0)
	h.clock.Advance(time.Minute)
	h.admits(t, "one run probes", 1)
}

func stoppedNeedsAPerson(t *testing.T, h *house) {
	ctx := t.Context()
	h.target(t, casework.Limits{})
	h.bound(t)
	must(t, h.StopTarget(ctx, system, "sign_in_refused"))
	h.alerted(t, "target", system, "sign_in_refused")
	must(t, h.TargetWorked(ctx, system))
	must(t, h.TargetFailed(ctx, system, "timeout"))
	h.clock.Advance(48 * time.Hour)
	h.why(t, "stopped")
	h.admits(t, "stopped", 0)
	refused(t, "without a word", h.ResumeTarget(ctx, operator, system, " "), store.ErrInvalid)
	must(t, h.ResumeTarget(ctx, operator, system, "已与对方核实"))
	h.alerted(t, "target", system)
	h.admits(t, "resumed", 1)
	must(t, h.TargetWorked(ctx, system))
	refused(t, "resume what is open", h.ResumeTarget(ctx, operator, system, "x"), store.ErrConflict)
}
