package storetest

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

func runsContract() contract {
	return contract{
		"WaitThatLookedForgetsItsFailures":       waitForgetsFailures,
		"StartRunTwiceGivesTheSameRun":           startRunTwice,
		"SecondLiveRunOfAClaimIsRefusedWhole":    secondLiveRun,
		"ReturnedCaseGetsANewRun":                returnedCase,
		"AdmissionFollowsDuePriorityAge":         admissionOrder,
		"AdmissionLocksPersonsAllOrNone":         admissionLocksPersons,
		"AdmissionKeepsTheLimitUnderConcurrency": admissionLimit,
		"OneOfManyWorkersGetsTheRun":             oneWorkerGetsTheRun,
		"OldFenceIsRefusedEverywhere":            oldFence,
		"JournalComesBackInOrder":                journalOrder,
		"SettleMovesTheCase":                     settleMovesTheCase,
		"ParkedRunGivesItsPersonsFree":           parkedFreesPersons,
		"LaterSetsAsideAtTheLastAttempt":         laterSetsAside,
		"RetryAndWithdraw":                       retryAndWithdraw,
		"RunsAreNarrowedAndCounted":              runsNarrowed,
	}
}

func startRunTwice(t *testing.T, h *house) {
	c := h.submitted(t)
	ids := make([]string, 4)
	good := each(t, len(ids), nil, func(i int) error {
		run, err := h.StartRun(t.Context(), clerk, h.order(c.ID, "", "p1", "p2"), snapshot(c))
		ids[i] = run.ID
		return err
	})
	equal(t, "starts", good, len(ids))
	for _, id := range ids {
		equal(t, "run", id, ids[0])
	}
	run, err := h.Run(t.Context(), ids[0])
	must(t, err)
	equal(t, "persons", len(run.Persons), 2)
	equal(t, "state", run.State, casework.RunWaiting)
	got, err := h.Snapshot(t.Context(), run.ID)
	must(t, err)
	equal(t, "snapshot", got.Applicant, applicant)
	after, err := h.Case(t.Context(), c.ID)
	must(t, err)
	equal(t, "case", after.State, casework.CaseDataChecking)
	equal(t, "verdict", after.Verdict, casework.AutoPass)
	a, err := h.Assessment(t.Context(), c.ID)
	must(t, err)
	equal(t, "assessment", a.Findings[0].Zh, applicant.Name)
}

func secondLiveRun(t *testing.T, h *house) {
	first := h.started(t, "claim")
	c := h.submitted(t)
	_, err := h.StartRun(t.Context(), clerk, h.order(c.ID, "claim"), snapshot(c))
	refused(t, "second run", err, store.ErrDuplicate)
	after, err := h.Case(t.Context(), c.ID)
	must(t, err)
	equal(t, "case", after.State, casework.CaseMaterialsChecking)
	_, err = h.Assessment(t.Context(), c.ID)
	refused(t, "assessment", err, store.ErrNotFound)
	must(t, h.WithdrawRun(t.Context(), clerk, first.ID, "重复"))
	_, err = h.StartRun(t.Context(), clerk, h.order(c.ID, "claim"), snapshot(c))
	must(t, err)
}

func returnedCase(t *testing.T, h *house) {
	lease := h.held(t, "w1")
	c := lease.Run.CaseID
	must(t, h.Settle(t.Context(), lease, casework.Result{State: casework.RunDone, End: "returned"}))
	h.upload(t, c)
	must(t, h.SubmitCase(t.Context(), clerk, c))
	materials, err := h.Materials(t.Context(), c)
	must(t, err)
	must(t, h.SaveReadings(t.Context(), materials[0].ID, nil))
	got, err := h.Case(t.Context(), c)
	must(t, err)
	run, err := h.StartRun(t.Context(), clerk, h.order(c, ""), snapshot(got))
	must(t, err)
	if run.ID == lease.Run.ID {
		t.Error("the run of the first round came back")
	}
}

func admissionOrder(t *testing.T, h *house) {
	day := func(d int) casework.Date { return casework.Date{Year: 2026, Month: 3, Day: d} }
	later := h.clock.Now().Add(time.Hour)
	for _, r := range []casework.Run{
		{Step: "e unknown due"}, {Step: "d later", Due: day(20)}, {Step: "b older", Due: day(10)},
		{Step: "c younger", Due: day(10)}, {Step: "a urgent", Due: day(10), Priority: 5}, {Step: "f not yet", Due: day(1), NextAt: later},
	} {
		c := h.submitted(t)
		order := h.order(c.ID, "")
		order.Due, order.Priority, order.NextAt, order.Version = r.Due, r.Priority, r.NextAt, r.Step
		_, err := h.StartRun(t.Context(), clerk, order, snapshot(c))
		must(t, err)
		h.clock.Advance(time.Second)
	}
	h.exec(t, "DELETE FROM outbox")
	for range 6 {
		_, err := h.Admit(t.Context(), 1+h.number(t, "SELECT COUNT(*) FROM runs WHERE admitted = 1"))
		must(t, err)
		h.clock.Advance(time.Second)
	}
	hints, err := h.Hints(t.Context(), 10)
	must(t, err)
	var order []string
	for _, hint := range hints {
		run, err := h.Run(t.Context(), hint.Subject)
		must(t, err)
		order = append(order, run.Version[:1])
	}
	equal(t, "order", strings.Join(order, ""), "abcde")
}

func admissionLocksPersons(t *testing.T, h *house) {
	both := h.started(t, "", "p1", "p2")
	h.clock.Advance(time.Second)
	second := h.started(t, "", "p2", "p3")
	h.clock.Advance(time.Second)
	third := h.started(t, "", "p3")
	n, err := h.Admit(t.Context(), 10)
	must(t, err)
	equal(t, "admitted", n, 2)
	_, err = h.Store.Claim(t.Context(), second.ID, "w1")
	refused(t, "person taken", err, store.ErrHeld)
	equal(t, "locks of the one left out", h.number(t, "SELECT COUNT(*) FROM person_locks WHERE run_id = $1", second.ID), 0)
	for _, id := range []string{both.ID, third.ID} {
		lease, err := h.Store.Claim(t.Context(), id, "w1")
		must(t, err)
		must(t, h.Settle(t.Context(), lease, casework.Result{State: casework.RunDone, End: "submitted"}))
	}
	n, err = h.Admit(t.Context(), 10)
	must(t, err)
	equal(t, "admitted once free", n, 1)
}

func admissionLimit(t *testing.T, h *house) {
	for range 8 {
		h.started(t, "")
	}
	each(t, 4, nil, func(int) error {
		_, err := h.Admit(t.Context(), 3)
		return err
	})
	equal(t, "admitted", h.number(t, "SELECT COUNT(*) FROM runs WHERE admitted = 1"), 3)
	equal(t, "hints", h.number(t, "SELECT COUNT(*) FROM outbox WHERE task = 'work_run'"), 3)
}

func oneWorkerGetsTheRun(t *testing.T, h *house) {
	run := h.started(t, "")
	_, err := h.Store.Claim(t.Context(), run.ID, "w0")
	refused(t, "not admitted", err, store.ErrHeld)
	_, err = h.Admit(t.Context(), 10)
	must(t, err)
	good := each(t, 8, store.ErrHeld, func(i int) error {
		lease, err := h.Store.Claim(t.Context(), run.ID, worker(i))
		if err == nil && (lease.Fence != 1 || lease.Run.Attempt != 1 || lease.Run.Holder != worker(i)) {
			t.Errorf("lease: %+v", lease)
		}
		return err
	})
	equal(t, "holders", good, 1)
	_, err = h.Store.Claim(t.Context(), "nobody", "w1")
	refused(t, "unknown run", err, store.ErrNotFound)
}

// oldFence lets a worker die, another take its run, and the first wake up.
func oldFence(t *testing.T, h *house) {
	ctx, old := t.Context(), h.held(t, "w1", "p1")
	_, err := h.Journal(old).Claim(ctx, casework.Effect{ID: "e1", System: "s", Action: "a"}, casework.Entry{Step: "submit"})
	must(t, err)
	h.clock.Advance(9 * time.Second)
	h.sweepExpects(t, store.Swept{Expired: 1})
	h.writesNothing(ctx, t, "after the sweep", old)
	fresh, err := h.Store.Claim(ctx, old.Run.ID, "w2")
	must(t, err)
	equal(t, "fence", fresh.Fence, old.Fence+1)
	h.writesNothing(ctx, t, "after the next claim", old)
	// The same process under its old number is no better.
	forged := fresh
	forged.Fence = old.Fence
	h.writesNothing(ctx, t, "new holder, old number", forged)
	must(t, h.Journal(fresh).Advance(ctx, casework.EffectSent, casework.Entry{Step: "submit", Effect: "e1", Kind: casework.Sent}))
	must(t, h.Journal(fresh).Advance(ctx, casework.EffectOutcome, casework.Entry{Step: "submit", Effect: "e1", Kind: casework.Happened}))
	must(t, h.Settle(ctx, fresh, casework.Result{State: casework.RunFailed, End: "x"}))
	h.writesNothing(ctx, t, "after the end", fresh)
}

func (h *house) sweepExpects(t *testing.T, want store.Swept) {
	t.Helper()
	have, err := h.Sweep(t.Context())
	must(t, err)
	equal(t, "swept", have, want)
}

// writesNothing tries every write of a holder.
func (h *house) writesNothing(ctx context.Context, t *testing.T, when string, lease store.Lease) {
	t.Helper()
	lines := h.number(t, "SELECT COUNT(*) FROM entries")
	j := h.Journal(lease)
	_, claimed := j.Claim(ctx, casework.Effect{ID: "e2"}, casework.Entry{Step: "submit"})
	for what, err := range map[string]error{
		"append":  j.Append(ctx, casework.Entry{Step: "s", Kind: casework.Begun}),
		"claim":   claimed,
		"advance": j.Advance(ctx, casework.EffectSent, casework.Entry{Effect: "e1", Kind: casework.Sent}),
		"keep":    j.Keep(ctx, "s", 1, []casework.Shot{{Name: "a.png", Data: []byte("a")}}),
		"settle":  h.Settle(ctx, lease, casework.Result{State: casework.RunDone, End: "submitted"}),
		"park":    h.Settle(ctx, lease, question()),
		"later":   h.Later(ctx, lease, h.clock.Now(), "x", 5),
	} {
		refused(t, when+": "+what, err, casework.ErrNotHolder)
	}
	equal(t, when+": journal lines", h.number(t, "SELECT COUNT(*) FROM entries"), lines)
	equal(t, when+": effects made", h.number(t, "SELECT COUNT(*) FROM effects WHERE id = 'e2'"), 0)
	equal(t, when+": evidence", h.number(t, "SELECT COUNT(*) FROM evidence"), 0)
	equal(t, when+": reviews", h.number(t, "SELECT COUNT(*) FROM reviews"), 0)
}

func journalOrder(t *testing.T, h *house) {
	lease := h.held(t, "w1")
	j := h.Journal(lease)
	for _, kind := range []casework.EntryKind{casework.Begun, casework.Verified, casework.Happened} {
		must(t, j.Append(t.Context(), casework.Entry{Step: "consistent", Kind: kind, Data: []byte(`{"name":"欧阳明"}`)}))
	}
	must(t, j.Keep(t.Context(), "consistent", 1, []casework.Shot{{Kind: casework.Screenshot, Name: "a.png", MIME: "image/png", Data: []byte("png")}}))
	lines, err := j.Entries(t.Context())
	must(t, err)
	equal(t, "lines", len(lines), 3)
	for i, line := range lines {
		equal(t, "number", line.Seq, int64(i+1))
		equal(t, "data", string(line.Data), `{"name":"欧阳明"}`)
		equal(t, "attempt", line.Attempt, 1)
	}
	equal(t, "last", lines[2].Kind, casework.Happened)
	kept, err := h.Evidence(t.Context(), lease.Run.ID)
	must(t, err)
	data, err := h.File(t.Context(), kept[0].SHA256)
	must(t, err)
	equal(t, "evidence", string(data), "png")
	run, err := h.Run(t.Context(), lease.Run.ID)
	must(t, err)
	equal(t, "step", run.Step, "consistent")
}

func settleMovesTheCase(t *testing.T, h *house) {
	for _, tt := range []struct {
		result casework.Result
		want   casework.CaseState
	}{
		{casework.Result{State: casework.RunDone, End: "submitted", Kept: map[string]string{"受理编号": "B-17"}}, casework.CaseEntered},
		{casework.Result{State: casework.RunDone, End: "returned"}, casework.CaseReturned},
		{casework.Result{State: casework.RunDone, End: "checked"}, casework.CaseDone},
		{casework.Result{State: casework.RunFailed, End: "person_unknown"}, casework.CaseFailed},
	} {
		lease := h.held(t, "w1", "p1")
		must(t, h.Settle(t.Context(), lease, tt.result))
		c, err := h.Case(t.Context(), lease.Run.CaseID)
		must(t, err)
		equal(t, "state", c.State, tt.want)
		equal(t, "outcome", c.Outcome, tt.result.End)
		equal(t, "receipt", c.Receipt, tt.result.Kept["受理编号"])
		run, err := h.Run(t.Context(), lease.Run.ID)
		must(t, err)
		equal(t, "run", run.State, tt.result.State)
		equal(t, "holder", run.Holder, "")
		equal(t, "locks", h.number(t, "SELECT COUNT(*) FROM person_locks"), 0)
	}
	lease := h.held(t, "w1")
	refused(t, "no such end", h.Settle(t.Context(), lease, casework.Result{State: casework.RunWaiting}), store.ErrInvalid)
	refused(t, "parked without review", h.Settle(t.Context(), lease, casework.Result{State: casework.RunParked}), store.ErrInvalid)
}

func parkedFreesPersons(t *testing.T, h *house) {
	lease := h.held(t, "w1", "p1")
	must(t, h.Settle(t.Context(), lease, question()))
	other := h.held(t, "w1", "p1")
	review := h.openReview(t, lease.Run.CaseID)
	must(t, h.Decide(t.Context(), casework.Decision{ReviewID: review.ID, Choice: "submit", By: clerk}))
	n, err := h.Admit(t.Context(), 10)
	must(t, err)
	equal(t, "admitted while another has the person", n, 0)
	must(t, h.Settle(t.Context(), other, casework.Result{State: casework.RunDone, End: "submitted"}))
	h.claim(t, lease.Run.ID, "w2")
}

func laterSetsAside(t *testing.T, h *house) {
	lease := h.held(t, "w1", "p1")
	next := h.clock.Now().Add(time.Minute)
	must(t, h.Later(t.Context(), lease, next, "page_down", 2))
	run, err := h.Run(t.Context(), lease.Run.ID)
	must(t, err)
	equal(t, "state", run.State, casework.RunWaiting)
	equal(t, "why", run.End, "page_down")
	equal(t, "next", run.NextAt, next)
	equal(t, "locks while it waits", h.number(t, "SELECT COUNT(*) FROM person_locks"), 0)
	n, err := h.Admit(t.Context(), 10)
	must(t, err)
	equal(t, "admitted too early", n, 0)
	h.clock.Advance(time.Minute)
	lease = h.claim(t, run.ID, "w1")
	equal(t, "attempt", lease.Run.Attempt, 2)
	must(t, h.Later(t.Context(), lease, next, "page_down", 2))
	h.ended(t, run.ID, casework.RunParked)
	review := h.openReview(t, run.CaseID)
	equal(t, "asked", review.Role+" "+review.Reason, "operator page_down")
	must(t, h.Decide(t.Context(), casework.Decision{ReviewID: review.ID, Choice: "retry", By: operator}))
	lease = h.claim(t, run.ID, "w1")
	must(t, h.Later(t.Context(), lease, next, "page_down", 2))
	h.ended(t, run.ID, casework.RunWaiting) // a person helped: it is counted anew
}

// waitForgetsFailures: a run that looks for weeks is not set aside for faults that
// passed in between.
func waitForgetsFailures(t *testing.T, h *house) {
	lease := h.held(t, "w1")
	id := lease.Run.ID
	for range 3 {
		must(t, h.Later(t.Context(), lease, h.clock.Now(), "page_down", 2))
		lease = h.claim(t, id, "w1")
		must(t, h.Drop(t.Context(), lease, "", casework.Waiting, h.clock.Now()))
		lease = h.claim(t, id, "w1")
	}
	must(t, h.Later(t.Context(), lease, h.clock.Now(), "page_down", 2))
	lease = h.claim(t, id, "w1")
	must(t, h.Drop(t.Context(), lease, "", "target_busy", h.clock.Now())) // no look
	must(t, h.Later(t.Context(), h.claim(t, id, "w1"), h.clock.Now(), "page_down", 2))
	h.ended(t, id, casework.RunParked)
}

func retryAndWithdraw(t *testing.T, h *house) {
	ctx, lease := t.Context(), h.held(t, "w1")
	refused(t, "withdraw while running", h.WithdrawRun(ctx, clerk, lease.Run.ID, ""), store.ErrConflict)
	refused(t, "retry while running", h.RetryRun(ctx, clerk, lease.Run.ID), store.ErrConflict)
	must(t, h.Settle(ctx, lease, casework.Result{State: casework.RunFailed, End: "x"}))
	must(t, h.RetryRun(ctx, clerk, lease.Run.ID))
	lease = h.claim(t, lease.Run.ID, "w2")
	must(t, h.Settle(ctx, lease, question()))
	must(t, h.WithdrawRun(ctx, clerk, lease.Run.ID, "市民撤回"))
	reviews, _, err := h.Reviews(ctx, store.ReviewFilter{CaseID: lease.Run.CaseID})
	must(t, err)
	equal(t, "review", reviews[0].State, casework.ReviewSuperseded)
	c, err := h.Case(ctx, lease.Run.CaseID)
	must(t, err)
	equal(t, "case", c.State, casework.CaseFailed)
	refused(t, "withdraw twice", h.WithdrawRun(ctx, clerk, lease.Run.ID, ""), store.ErrConflict)
	refused(t, "unknown run", h.RetryRun(ctx, clerk, "nobody"), store.ErrNotFound)

	failed := h.claim(t, h.started(t, "again").ID, "w1")
	must(t, h.Settle(ctx, failed, casework.Result{State: casework.RunFailed, End: "x"}))
	h.started(t, "again")
	refused(t, "retry beside a live run", h.RetryRun(ctx, clerk, failed.Run.ID), store.ErrDuplicate)
}

func runsNarrowed(t *testing.T, h *house) {
	h.target(t, casework.Limits{})
	bound, other := h.bound(t), h.started(t, "")
	h.exec(t, "UPDATE runs SET playbook = 'other' WHERE id = $1", other.ID)
	for _, c := range []struct {
		filter             store.RunFilter
		runs               int
		playbooks, targets int // counted
	}{
		{store.RunFilter{}, 2, 2, 1},
		{store.RunFilter{Target: system}, 1, 1, 1},
		{store.RunFilter{Playbook: "other"}, 1, 2, 0},
		{store.RunFilter{Playbook: "other", Target: system}, 0, 1, 0},
		{store.RunFilter{States: []casework.RunState{casework.RunDone}}, 0, 0, 0},
		{store.RunFilter{States: []casework.RunState{casework.RunWaiting, casework.RunDone}}, 2, 2, 1},
	} {
		runs, _, err := h.Runs(t.Context(), c.filter)
		must(t, err)
		facets, err := h.Facets(t.Context(), c.filter)
		must(t, err)
		equal(t, "runs", len(runs), c.runs)
		equal(t, "playbooks", len(facets.Playbooks), c.playbooks)
		equal(t, "targets", len(facets.Targets), c.targets)
	}
	facets, err := h.Facets(t.Context(), store.RunFilter{})
	must(t, err)
	equal(t, "of the playbook", facets.Playbooks[bound.Playbook], 1)
	equal(t, "of the target", facets.Targets[system], 1)
}
