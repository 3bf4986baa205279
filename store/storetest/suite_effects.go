package storetest

import (
	"strings"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

func effectsContract() contract {
	return contract{
		"EffectIsClaimedOnceByManyRuns":         effectOnce,
		"EffectIsSentOnce":                      effectSentOnce,
		"DoubtKeepsPersonsAndForbidsWithdrawal": doubtKeepsPersons,
		"DeadIntentIsTakenOverSentIsNot":        deadIntent,
		"RunInDoubtAsksInsteadOfFailing":        doubtNeverFails,
		"VoidEffectMayBeClaimedAgain":           voidEffect,
		"DecideOnce":                            decideOnce,
		"ChoiceMustBeOffered":                   choiceMustBeOffered,
		"NewestDecisionPerStep":                 newestDecision,
		"InboxIsPagedByDue":                     inboxPages,
		"HintIsWrittenIffTheChangeIs":           hintIffChange,
		"HintsAreMarkedOnce":                    hintsMarked,
		"WakeFollowsTheCommit":                  wakeFollows,
		"OtherProcessIsWokenOnPostgres":         otherProcessIsWoken,
		"SweepFreesRunsOfExpiredWorkers":        sweepExpired,
		"SweepLeavesLivingWorkersAlone":         sweepLeavesLiving,
		"SweepHintsAgainUnlessTheQueueIsDown":   sweepRehints,
		"SweepEscalatesOverdueReviewsOnce":      sweepEscalates,
	}
}

func claimEffect(t *testing.T, h *house, lease store.Lease, id string) casework.Effect {
	t.Helper()
	e, err := h.Journal(lease).Claim(t.Context(), casework.Effect{ID: id, System: "benefits", Action: "claim"},
		casework.Entry{Step: "submit", Data: []byte(`{"id":"379901198503120017"}`)})
	must(t, err)
	return e
}

func advance(t *testing.T, h *house, lease store.Lease, id string, to casework.EffectState, kind casework.EntryKind) error {
	t.Helper()
	return h.Journal(lease).Advance(t.Context(), to, casework.Entry{Step: "submit", Effect: id, Kind: kind, Data: []byte(`{"k":1}`)})
}

func (h *house) lines(t *testing.T, kind casework.EntryKind) int {
	t.Helper()
	return h.number(t, "SELECT COUNT(*) FROM entries WHERE kind = $1", string(kind))
}

func effectOnce(t *testing.T, h *house) {
	const runs = 6
	leases := make([]store.Lease, runs)
	for i := range leases {
		leases[i] = h.held(t, worker(i))
	}
	owners := make([]string, runs)
	good := each(t, runs, nil, func(i int) error {
		e, err := h.Journal(leases[i]).Claim(t.Context(), casework.Effect{ID: "e", System: "s", Action: "a"}, casework.Entry{Step: "submit"})
		owners[i] = e.RunID
		return err
	})
	equal(t, "claims answered", good, runs)
	for _, owner := range owners {
		equal(t, "owner", owner, owners[0])
	}
	equal(t, "intents", h.lines(t, casework.Intent), 1)
	equal(t, "effects", h.number(t, "SELECT COUNT(*) FROM effects"), 1)
}

func effectSentOnce(t *testing.T, h *house) {
	lease := h.held(t, "w1")
	_, known, err := h.Journal(lease).Effect(t.Context(), "e")
	must(t, err)
	equal(t, "known before", known, false)
	equal(t, "state", claimEffect(t, h, lease, "e").State, casework.EffectIntent)
	good := each(t, 4, store.ErrConflict, func(int) error { return advance(t, h, lease, "e", casework.EffectSent, casework.Sent) })
	equal(t, "sent", good, 1)
	equal(t, "sent lines", h.lines(t, casework.Sent), 1)
	again := claimEffect(t, h, lease, "e")
	equal(t, "after sent", again.State, casework.EffectSent)
	equal(t, "sent at", again.SentAt, h.clock.Now())
	equal(t, "intents", h.lines(t, casework.Intent), 1)
	must(t, advance(t, h, lease, "e", casework.EffectOutcome, casework.Happened))
	refused(t, "sent after outcome", advance(t, h, lease, "e", casework.EffectSent, casework.Sent), store.ErrConflict)
	refused(t, "void after outcome", advance(t, h, lease, "e", casework.EffectVoid, casework.Verified), store.ErrConflict)
	refused(t, "an effect nobody claimed", advance(t, h, lease, "f", casework.EffectSent, casework.Sent), store.ErrNotFound)
	refused(t, "back to intent", advance(t, h, lease, "e", casework.EffectIntent, casework.Intent), store.ErrInvalid)
	got, known, err := h.Journal(lease).Effect(t.Context(), "e")
	must(t, err)
	equal(t, "known", known, true)
	equal(t, "outcome", string(got.Data), `{"k":1}`)
}

func doubtKeepsPersons(t *testing.T, h *house) {
	ctx, lease := t.Context(), h.held(t, "w1", "p1")
	claimEffect(t, h, lease, "e")
	must(t, advance(t, h, lease, "e", casework.EffectSent, casework.Sent))
	must(t, h.Settle(ctx, lease, question()))
	other := h.started(t, "", "p1")
	n, err := h.Admit(ctx, 10)
	must(t, err)
	equal(t, "admitted beside a doubt", n, 0)
	refused(t, "withdraw in doubt", h.WithdrawRun(ctx, clerk, lease.Run.ID, ""), store.ErrConflict)
	equal(t, "state after the refusal", h.number(t, "SELECT COUNT(*) FROM runs WHERE state = 'parked'"), 1)

	must(t, h.Decide(ctx, casework.Decision{ReviewID: h.openReview(t, lease.Run.CaseID).ID, Choice: "submit", By: clerk}))
	lease = h.claim(t, lease.Run.ID, "w2")
	must(t, h.Later(ctx, lease, h.clock.Now(), "page_down", 9))
	_, err = h.Store.Claim(ctx, other.ID, "w3")
	refused(t, "person while in doubt", err, store.ErrHeld)
	lease = h.claim(t, lease.Run.ID, "w2")
	must(t, advance(t, h, lease, "e", casework.EffectOutcome, casework.Happened))
	must(t, h.Settle(ctx, lease, casework.Result{State: casework.RunDone, End: "submitted"}))
	h.claim(t, other.ID, "w3")
}

// doubtNeverFails has a run fail for good, and one time too often, after its
// click: nobody knows what came of it.
func doubtNeverFails(t *testing.T, h *house) {
	for name, fail := range map[string]func(lease store.Lease) error{
		"for good": func(l store.Lease) error {
			return h.Settle(t.Context(), l, casework.Result{State: casework.RunFailed, End: "settling"})
		},
		"too often": func(l store.Lease) error { return h.Later(t.Context(), l, h.clock.Now(), "settling", 1) },
	} {
		lease := h.held(t, "w1", "p-"+name)
		claimEffect(t, h, lease, name)
		must(t, advance(t, h, lease, name, casework.EffectSent, casework.Sent))
		must(t, fail(lease))
		h.ended(t, lease.Run.ID, casework.RunParked)
		review := h.openReview(t, lease.Run.CaseID)
		equal(t, name+": asked", review.Role+" "+review.Reason, "operator settling")
		equal(t, name+": person kept", h.number(t, "SELECT COUNT(*) FROM person_locks WHERE run_id = $1", lease.Run.ID), 1)
		refused(t, name+": an old holder", fail(lease), casework.ErrNotHolder)
		must(t, h.Decide(t.Context(), casework.Decision{ReviewID: review.ID, Choice: "retry", By: operator}))
		lease = h.claim(t, lease.Run.ID, "w2")
		must(t, advance(t, h, lease, name, casework.EffectVoid, casework.Verified))
		must(t, h.Settle(t.Context(), lease, casework.Result{State: casework.RunFailed, End: "settling"})) // nothing was done
		h.ended(t, lease.Run.ID, casework.RunFailed)
	}
}

func deadIntent(t *testing.T, h *house) {
	dead := h.held(t, "w1")
	for _, id := range []string{"intent", "sent", "outcome"} {
		claimEffect(t, h, dead, id)
	}
	must(t, advance(t, h, dead, "sent", casework.EffectSent, casework.Sent))
	must(t, advance(t, h, dead, "outcome", casework.EffectSent, casework.Sent))
	must(t, advance(t, h, dead, "outcome", casework.EffectOutcome, casework.Happened))
	next := h.held(t, "w2")
	equal(t, "of a live run", claimEffect(t, h, next, "intent").RunID, dead.Run.ID)
	refused(t, "advance another's", advance(t, h, next, "intent", casework.EffectSent, casework.Sent), store.ErrConflict)
	h.exec(t, "UPDATE runs SET state = 'failed', holder = '' WHERE id = $1", dead.Run.ID) // as older releases did, doubt or not

	before := h.lines(t, casework.Intent)
	equal(t, "intent of a dead run", claimEffect(t, h, next, "intent").RunID, next.Run.ID)
	for id, want := range map[string]casework.EffectState{"sent": casework.EffectSent, "outcome": casework.EffectOutcome} {
		e := claimEffect(t, h, next, id)
		equal(t, id, e.State, want)
		equal(t, id+" run", e.RunID, dead.Run.ID)
	}
	equal(t, "new intents", h.lines(t, casework.Intent)-before, 1)
	must(t, advance(t, h, next, "sent", casework.EffectOutcome, casework.Verified))
}

func voidEffect(t *testing.T, h *house) {
	lease := h.held(t, "w1")
	claimEffect(t, h, lease, "e")
	must(t, advance(t, h, lease, "e", casework.EffectSent, casework.Sent))
	must(t, advance(t, h, lease, "e", casework.EffectVoid, casework.Verified))
	e := claimEffect(t, h, lease, "e")
	equal(t, "state", e.State, casework.EffectIntent)
	equal(t, "sent at", e.SentAt, time.Time{})
	equal(t, "intents", h.lines(t, casework.Intent), 2)
}

func decideOnce(t *testing.T, h *house) {
	lease := h.held(t, "w1")
	must(t, h.Settle(t.Context(), lease, question(casework.Choice{Name: "return", Zh: "退回"})))
	review := h.openReview(t, lease.Run.CaseID)
	choices := []string{"submit", "return", "submit", "return"}
	good := each(t, len(choices), store.ErrConflict, func(i int) error {
		return h.Decide(t.Context(), casework.Decision{ReviewID: review.ID, Choice: choices[i], By: clerk, Note: "看过",
			Edits: map[string]string{"id_card_front.name": "欧阳明"}})
	})
	equal(t, "answers", good, 1)
	equal(t, "decisions", h.number(t, "SELECT COUNT(*) FROM decisions"), 1)
	decided, err := h.Review(t.Context(), review.ID)
	must(t, err)
	equal(t, "state", decided.State, casework.ReviewDecided)
	equal(t, "by", decided.By, "wang")
	answers, err := h.Decisions(t.Context(), lease.Run.ID)
	must(t, err)
	equal(t, "choice", answers["confirm"].Choice, decided.Choice)
	equal(t, "edit", answers["confirm"].Edits["id_card_front.name"], "欧阳明")
	equal(t, "who", answers["confirm"].By, clerk)
	run, err := h.Run(t.Context(), lease.Run.ID)
	must(t, err)
	equal(t, "run", run.State, casework.RunWaiting)
}

func choiceMustBeOffered(t *testing.T, h *house) {
	lease := h.held(t, "w1")
	must(t, h.Settle(t.Context(), lease, question()))
	review := h.openReview(t, lease.Run.CaseID)
	refused(t, "strange choice", h.Decide(t.Context(), casework.Decision{ReviewID: review.ID, Choice: "pay", By: clerk}), store.ErrInvalid)
	refused(t, "no review", h.Decide(t.Context(), casework.Decision{ReviewID: "nobody", Choice: "submit", By: clerk}), store.ErrNotFound)
	equal(t, "still open", h.openReview(t, lease.Run.CaseID).ID, review.ID)
}

func newestDecision(t *testing.T, h *house) {
	lease := h.held(t, "w1")
	for _, note := range []string{"first", "second"} {
		must(t, h.Settle(t.Context(), lease, question()))
		h.clock.Advance(time.Second)
		must(t, h.Decide(t.Context(), casework.Decision{ReviewID: h.openReview(t, lease.Run.CaseID).ID, Choice: "submit", By: clerk, Note: note}))
		lease = h.claim(t, lease.Run.ID, "w1")
	}
	answers, err := h.Decisions(t.Context(), lease.Run.ID)
	must(t, err)
	equal(t, "newest", answers["confirm"].Note, "second")
}

func inboxPages(t *testing.T, h *house) {
	for _, hours := range []int{3, 1, 2, 1} {
		lease := h.held(t, "w1")
		result := question()
		result.Review.Due = h.clock.Now().Add(time.Duration(hours) * time.Hour)
		must(t, h.Settle(t.Context(), lease, result))
	}
	f := store.ReviewFilter{Role: "clerk", Limit: 3}
	first, next, err := h.Reviews(t.Context(), f)
	must(t, err)
	f.After = next
	second, end, err := h.Reviews(t.Context(), f)
	must(t, err)
	equal(t, "end", end, "")
	last := time.Time{}
	for _, v := range append(first, second...) {
		if v.Due.Before(last) {
			t.Error("the inbox is not in the order of due dates")
		}
		last = v.Due
	}
	equal(t, "pages", len(first)*10+len(second), 31)
	_, _, err = h.Reviews(t.Context(), store.ReviewFilter{After: "strange"})
	refused(t, "strange cursor", err, store.ErrInvalid)
}

// hintIffChange refuses changes that would ask for a task.
func hintIffChange(t *testing.T, h *house) {
	ctx, run := t.Context(), h.started(t, "", "p1")
	before := h.number(t, "SELECT COUNT(*) FROM outbox")
	_, uploaded := h.AddMaterial(ctx, clerk, casework.Material{CaseID: run.CaseID}, []byte("x"))
	for what, err := range map[string]error{
		"upload": uploaded, "submit": h.SubmitCase(ctx, clerk, run.CaseID), "retry": h.RetryRun(ctx, clerk, run.ID),
		"readings": h.SaveReadings(ctx, "nobody", nil),
	} {
		if err == nil {
			t.Errorf("%s was not refused", what)
		}
	}
	equal(t, "hints after refusals", h.number(t, "SELECT COUNT(*) FROM outbox"), before)
	// A hint that cannot be written takes its change with it.
	h.exec(t, "ALTER TABLE outbox RENAME TO outbox_away")
	if _, err := h.Admit(ctx, 10); err == nil {
		t.Error("admitted without a hint")
	}
	h.exec(t, "ALTER TABLE outbox_away RENAME TO outbox")
	equal(t, "admitted", h.number(t, "SELECT COUNT(*) FROM runs WHERE admitted = 1"), 0)
	equal(t, "locks", h.number(t, "SELECT COUNT(*) FROM person_locks"), 0)
	_, err := h.Admit(ctx, 10)
	must(t, err)
	equal(t, "hint of the admission", h.hints(t, "work_run", run.ID), 1)
}

func hintsMarked(t *testing.T, h *house) {
	run := h.started(t, "")
	_, err := h.Admit(t.Context(), 10)
	must(t, err)
	hints, err := h.Hints(t.Context(), 10)
	must(t, err)
	equal(t, "hints", len(hints), 2)
	equal(t, "oldest first", hints[0].Task+" "+hints[0].Subject, "start_run "+run.CaseID)
	equal(t, "then", hints[1].Task+" "+hints[1].Subject, "work_run "+run.ID)
	must(t, h.HintsSent(t.Context(), []string{hints[0].ID}))
	left, err := h.Hints(t.Context(), 10)
	must(t, err)
	equal(t, "left", len(left), 1)
	must(t, h.HintsSent(t.Context(), nil))
}

func wakeFollows(t *testing.T, h *house) {
	c := h.newCase(t, applicant)
	if strings.HasPrefix(h.cfg.Database, "postgres:") {
		awaken(t, "the listener stands", h.Wake())
	}
	must(t, h.SubmitCase(t.Context(), clerk, c.ID))
	awaken(t, "in the process of the change", h.Wake())
}

func otherProcessIsWoken(t *testing.T, h *house) {
	if !strings.HasPrefix(h.cfg.Database, "postgres:") {
		t.Skip("SQLite has no notifications; one process works on it")
	}
	c := h.newCase(t, applicant)
	other := open(t, h.cfg)
	awaken(t, "the listener stands", other.Wake())
	must(t, h.SubmitCase(t.Context(), clerk, c.ID))
	awaken(t, "in another process", other.Wake())
}

func awaken(t *testing.T, where string, wake <-chan struct{}) {
	t.Helper()
	select {
	case <-wake:
	case <-time.After(30 * time.Second):
		t.Fatalf("no signal: %s", where)
	}
}

func sweepExpired(t *testing.T, h *house) {
	lease := h.held(t, "w1", "p1")
	h.clock.Advance(7 * time.Second)
	h.sendHints(t)
	h.sweepExpects(t, store.Swept{})
	h.clock.Advance(time.Second)
	good := each(t, 3, nil, func(int) error {
		_, err := h.Sweep(t.Context())
		return err
	})
	equal(t, "sweeps", good, 3)
	equal(t, "new hints", h.hints(t, "work_run", lease.Run.ID), 1)
	equal(t, "locks kept", h.number(t, "SELECT COUNT(*) FROM person_locks WHERE run_id = $1", lease.Run.ID), 1)
	again, err := h.Store.Claim(t.Context(), lease.Run.ID, "w2")
	must(t, err)
	equal(t, "attempt", again.Run.Attempt, 2)
}

func sweepLeavesLiving(t *testing.T, h *house) {
	lease := h.held(t, "w1")
	for range 10 {
		h.clock.Advance(2 * time.Second)
		must(t, h.Beat(t.Context(), "w1"))
		h.sendHints(t)
		h.sweepExpects(t, store.Swept{})
	}
	must(t, h.Journal(lease).Append(t.Context(), casework.Entry{Step: "s", Kind: casework.Begun}))
}

func sweepRehints(t *testing.T, h *house) {
	c := h.newCase(t, applicant)
	m := h.upload(t, c.ID)
	submitted, run := h.submitted(t), h.started(t, "")
	_, err := h.Admit(t.Context(), 10)
	must(t, err)
	h.clock.Advance(2 * time.Minute)
	h.sweepExpects(t, store.Swept{}) // the queue is down: the first hints still stand
	h.sendHints(t)
	h.sweepExpects(t, store.Swept{Rehinted: 3})
	equal(t, "material", h.hints(t, "read_material", m.ID), 1)
	equal(t, "case", h.hints(t, "start_run", submitted.ID), 1)
	equal(t, "run", h.hints(t, "work_run", run.ID), 1)
	h.sendHints(t)
	h.sweepExpects(t, store.Swept{})
	h.clock.Advance(10 * time.Second)
	h.sweepExpects(t, store.Swept{Rehinted: 1})
	h.clock.Advance(25 * time.Hour)
	h.sweepExpects(t, store.Swept{Rehinted: 2})
	equal(t, "old hints thrown away", h.number(t, "SELECT COUNT(*) FROM outbox WHERE sent_at > 0"), 0)
}

func sweepEscalates(t *testing.T, h *house) {
	lease := h.held(t, "w1")
	result := question()
	result.Review.Due = h.clock.Now().Add(time.Hour)
	must(t, h.Settle(t.Context(), lease, result))
	h.sendHints(t)
	h.sweepExpects(t, store.Swept{})
	h.clock.Advance(time.Hour)
	h.sweepExpects(t, store.Swept{Escalated: 1})
	h.sweepExpects(t, store.Swept{})
	if h.openReview(t, lease.Run.CaseID).Choice != "" {
		t.Error("a due date chose")
	}
	rows, err := h.Audit(t.Context(), lease.Run.CaseID, 1)
	must(t, err)
	equal(t, "audit", rows[0].Action, "review.escalate")
}
