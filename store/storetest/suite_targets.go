package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

func targetsContract() contract {
	return contract{
		"RunsWaitForASeat":                     runsWaitForASeat,
		"RunsWithoutTargetDoNotWait":           runsWithoutTargetDoNotWait,
		"LimitsAreDated":                       limitsAreDated,
		"QuotaCountsARunOnceADay":              quotaCountsOnceADay,
		"QuotaIsTheAccountsOverItsTargets":     quotaIsTheAccounts,
		"ExpiredAccountAdmitsNothing":          expiredAccount,
		"CanaryComesBeforeTheFirstRunOfTheDay": canaryComesFirst,
		"DeadLookFreesItsSeat":                 deadLookFreesItsSeat,
		"KillSwitchesStopWhatWaitsAndWhatRuns": killSwitches,
		"NewPasswordTakesTwoPeople":            passwordTakesTwo,
		"PasswordsAgeWithWarnings":             passwordsAge,
		"RunThatKillsItsWorkersIsSetAside":     poisonRun,
		"FrozenWorkersAreNoDeaths":             frozenIsNotDead,
		"KillerAmongHealthyRunsIsToldFromThem": killerIsTold,
		"NewcomerIsNotBlamedForAnOldSuspect":   newcomerIsNotBlamed,
		"NewerJournalFormatIsLeftAlone":        newerJournal,
		"CancelEndsALiveRun":                   cancelRuns,
		"CancelInDoubtAsksAPerson":             cancelInDoubt,
		"PaceSpreadsRequests":                  paceSpreads,
		"LostRunOnATargetQueuesAgain":          lostRunQueuesAgain,
		"UndatedRunsAge":                       undatedRunsAge,
	}
}

// The suite's foreign system and its account.
const (
	system  = "benefits"
	account = "systems.benefits.account"
)

var (
	operator = casework.Actor{Kind: casework.Human, ID: "u2", Name: "li", Role: "operator", From: "127.0.0.1"}
	second   = casework.Actor{Kind: casework.Human, ID: "u3", Name: "zhao", Role: "operator", From: "127.0.0.1"}
)

func (h *house) target(t *testing.T, limits casework.Limits) {
	t.Helper()
	must(t, h.EnsureTarget(t.Context(), system, account, limits))
}

// bound is a waiting run that needs a seat on the system.
func (h *house) bound(t *testing.T) casework.Run {
	t.Helper()
	c := h.submitted(t)
	order := h.order(c.ID, "")
	order.Target = system
	run, err := h.StartRun(t.Context(), clerk, order, snapshot(c))
	must(t, err)
	h.clock.Advance(time.Millisecond)
	return run
}

func (h *house) admits(t *testing.T, what string, want int) {
	t.Helper()
	n, err := h.Admit(t.Context(), 100)
	must(t, err)
	equal(t, what+": admitted", n, want)
}

func (h *house) why(t *testing.T, want string) {
	t.Helper()
	target, err := h.Target(t.Context(), system)
	must(t, err)
	equal(t, "why", target.Why, want)
}

// alertsOf gives the codes that stand about a subject.
func (h *house) alertsOf(t *testing.T, kind, subject string) (codes []string) {
	t.Helper()
	alerts, _, err := h.Alerts(t.Context(), store.AlertFilter{Kind: kind, Subject: subject})
	must(t, err)
	for _, a := range alerts {
		codes = append(codes, a.Code)
	}
	slices.Sort(codes)
	return codes
}

func (h *house) alerted(t *testing.T, kind, subject string, want ...string) {
	t.Helper()
	if have := h.alertsOf(t, kind, subject); !slices.Equal(have, want) {
		t.Errorf("alerts: have %v, want %v", have, want)
	}
}

func finished() casework.Result { return casework.Result{State: casework.RunDone, End: "submitted"} }

func runsWaitForASeat(t *testing.T, h *house) {
	ctx := t.Context()
	h.target(t, casework.Limits{Seats: 2})
	first, _, third := h.bound(t), h.bound(t), h.bound(t)
	h.admits(t, "two seats", 2)
	h.admits(t, "no seat", 0)
	lease, err := h.Store.Claim(ctx, first.ID, "w1")
	must(t, err)
	equal(t, "seat", lease.Seat, store.Seat{Target: system, Number: 1, Holder: first.ID, Worker: "w1", Fence: 1, TakenAt: lease.Seat.TakenAt})
	must(t, h.Settle(ctx, lease, finished()))
	h.admits(t, "the seat came free", 1)
	lease, err = h.Store.Claim(ctx, third.ID, "w2")
	must(t, err)
	equal(t, "seat taken again", lease.Seat.Number, 1)
	equal(t, "signed in there before", lease.Seat.Before, "w1")
	equal(t, "fence", lease.Seat.Fence, 2)
	must(t, h.LeaveSeat(ctx, store.Seat{Target: system, Number: 1, Fence: 1}))
	equal(t, "seats after an old fence", h.number(t, "SELECT COUNT(*) FROM seats WHERE holder <> ''"), 2)
	must(t, h.Later(ctx, lease, h.clock.Now().Add(time.Hour), "timeout", 8))
	equal(t, "seats after later", h.number(t, "SELECT COUNT(*) FROM seats WHERE holder <> ''"), 1)
}

// stillAdmits shows that runs without a system do not wait for one.
func runsWithoutTargetDoNotWait(t *testing.T, h *house) {
	h.target(t, casework.Limits{Closed: []casework.Closed{{From: casework.DateOf(h.clock.Now()), To: casework.DateOf(h.clock.Now()), Name: "封账"}}})
	h.bound(t)
	free := h.started(t, "")
	h.admits(t, "closed", 1)
	h.why(t, "closed_days")
	lease, err := h.Store.Claim(t.Context(), free.ID, "w1")
	must(t, err)
	must(t, h.Drop(t.Context(), lease, system, "", h.clock.Now()))
	h.admits(t, "now it needs the system", 0)
	run, err := h.Run(t.Context(), free.ID)
	must(t, err)
	equal(t, "waits for", run.Target, system)
	equal(t, "failures", h.number(t, "SELECT SUM(failures) FROM runs"), 0)
	h.clock.Advance(24 * time.Hour)
	h.admits(t, "open again", 1)
}

func limitsAreDated(t *testing.T, h *house) {
	ctx, today := t.Context(), casework.DateOf(h.clock.Now())
	h.target(t, casework.Limits{Seats: 1})
	refused(t, "in the past", h.SetTarget(ctx, operator, system, today.AddDays(-1), casework.Limits{}), store.ErrInvalid)
	refused(t, "nonsense", h.SetTarget(ctx, operator, system, today, casework.Limits{Hours: []string{"?"}}), store.ErrInvalid)
	refused(t, "unknown", h.SetTarget(ctx, operator, "nobody", today, casework.Limits{}), store.ErrNotFound)
	must(t, h.SetTarget(ctx, operator, system, today.AddDays(1), casework.Limits{Seats: 3}))
	h.target(t, casework.Limits{Seats: 2}) // a new release ships other limits
	for _, want := range []int{2, 3} {
		target, err := h.Target(ctx, system)
		must(t, err)
		equal(t, "seats", target.Limits.Seats, want)
		h.clock.Advance(24 * time.Hour)
	}
	all, err := h.TargetLimits(ctx, system)
	must(t, err)
	equal(t, "dated limits", len(all), 2)
	equal(t, "newest", all[0].From, today.AddDays(1))
	equal(t, "by", all[0].By, operator.Name)
}

func quotaCountsOnceADay(t *testing.T, h *house) {
	ctx := t.Context()
	h.target(t, casework.Limits{Seats: 3, PerDay: 2})
	first, _, third := h.bound(t), h.bound(t), h.bound(t)
	h.admits(t, "quota", 2)
	lease, err := h.Store.Claim(ctx, first.ID, "w1")
	must(t, err)
	must(t, h.Later(ctx, lease, h.clock.Now(), "timeout", 8))
	h.why(t, "quota_used")
	h.admits(t, "a run that comes back", 1)
	h.admits(t, "used up", 0)
	h.clock.Advance(24 * time.Hour)
	h.admits(t, "next day", 1)
	_, err = h.Store.Claim(ctx, third.ID, "w1")
	must(t, err)
}

func quotaIsTheAccounts(t *testing.T, h *house) {
	for _, name := range []string{system, "pensions"} {
		must(t, h.EnsureTarget(t.Context(), name, account, casework.Limits{Seats: 2, PerDay: 1}))
	}
	h.bound(t)
	c := h.submitted(t)
	order := h.order(c.ID, "")
	order.Target = "pensions"
	_, err := h.StartRun(t.Context(), clerk, order, snapshot(c))
	must(t, err)
	h.admits(t, "one account, two systems", 1)
}

func expiredAccount(t *testing.T, h *house) {
	ctx, today := t.Context(), casework.DateOf(h.clock.Now())
	h.target(t, casework.Limits{})
	h.bound(t)
	a := store.Account{Name: account, Responsible: "王主任", Approval: "海人社〔2026〕3号", Scope: "失业金申领录入", Expires: today.AddDays(-1)}
	refused(t, "without approval", h.SetAccount(ctx, operator, store.Account{Name: account}), store.ErrInvalid)
	must(t, h.SetAccount(ctx, operator, a))
	h.admits(t, "expired", 0)
	h.why(t, "account_expired")
	h.alerted(t, "account", account, "account_expired")
	a.Expires = today
	must(t, h.SetAccount(ctx, operator, a))
	h.alerted(t, "account", account, "account_3")
	h.admits(t, "last day", 1)
}

func canaryComesFirst(t *testing.T, h *house) {
	ctx := t.Context()
	h.target(t, casework.Limits{Canary: true})
	h.bound(t)
	h.admits(t, "nobody has looked", 0)
	h.admits(t, "asked already", 0)
	equal(t, "looks asked for", h.hints(t, "try_target", system), 1)
	seat, err := h.TakeSeat(ctx, system, "canary", "w1")
	must(t, err)
	_, err = h.TakeSeat(ctx, system, "canary-2", "w2")
	refused(t, "one seat only", err, store.ErrHeld)
	must(t, h.LeaveSeat(ctx, seat))
	must(t, h.CanaryPassed(ctx, system))
	h.admits(t, "looked", 1)
	h.clock.Advance(24 * time.Hour)
	h.bound(t)
	h.why(t, "canary_due")
	h.admits(t, "a new day", 0)
	equal(t, "looks asked for", h.hints(t, "try_target", system), 2)
}

func deadLookFreesItsSeat(t *testing.T, h *house) {
	ctx := t.Context()
	h.target(t, casework.Limits{})
	must(t, h.Beat(ctx, "w1"))
	_, err := h.TakeSeat(ctx, system, "canary", "w1")
	must(t, err)
	h.sweepExpects(t, store.Swept{})
	h.clock.Advance(9 * time.Second)
	h.sweepExpects(t, store.Swept{Rehinted: 1})
	h.bound(t)
	h.admits(t, "free again", 1)
	h.clock.Advance(9 * time.Second)
	h.sweepExpects(t, store.Swept{}) // the admitted run's seat is its own
	_, err = h.TakeSeat(ctx, "nobody", "canary", "w1")
	refused(t, "unknown", err, store.ErrNotFound)
}

func killSwitches(t *testing.T, h *house) {
	ctx := t.Context()
	h.target(t, casework.Limits{Seats: 5})
	for _, scope := range []string{"all", "target:" + system, "playbook:unemployment_claim"} {
		running, admitted := h.bound(t), h.bound(t)
		h.admits(t, scope, 2)
		lease, err := h.Store.Claim(ctx, running.ID, "w1")
		must(t, err)
		orders, err := h.Orders(ctx, "w1")
		must(t, err)
		equal(t, scope+": orders before", len(orders), 0)
		must(t, h.Kill(ctx, operator, scope, "对方通知停机"))
		must(t, h.Kill(ctx, operator, scope, "again"))
		_, err = h.Store.Claim(ctx, admitted.ID, "w1")
		refused(t, scope+": claim what was admitted", err, store.ErrHeld)
		h.admits(t, scope+": killed", 0)
		orders, err = h.Orders(ctx, "w1")
		must(t, err)
		equal(t, scope+": orders", len(orders), 1)
		equal(t, scope+": order", orders[0], store.Order{RunID: running.ID, Code: "target_killed"})
		must(t, h.Drop(ctx, lease, system, "target_killed", h.clock.Now()))
		kills, err := h.Kills(ctx)
		must(t, err)
		equal(t, scope+": switches", len(kills), 1)
		equal(t, scope+": reason", kills[0].Reason, "对方通知停机")
		must(t, h.Unkill(ctx, operator, scope))
		refused(t, scope+": unkill twice", h.Unkill(ctx, operator, scope), store.ErrNotFound)
		h.admits(t, scope+": alive", 2)
		for _, run := range []casework.Run{running, admitted} {
			lease, err := h.Store.Claim(ctx, run.ID, "w1")
			must(t, err)
			must(t, h.Settle(ctx, lease, finished()))
		}
	}
	refused(t, "no such scope", h.Kill(ctx, operator, "benefits", "x"), store.ErrInvalid)
	refused(t, "no reason", h.Kill(ctx, operator, "all", ""), store.ErrInvalid)
}

func passwordTakesTwo(t *testing.T, h *house) {
	ctx := t.Context()
	h.target(t, casework.Limits{})
	refused(t, "nothing proposed", h.ConfirmPassword(ctx, second, account, "x"), store.ErrNotFound)
	must(t, h.StopTarget(ctx, system, "sign_in_refused"))
	must(t, h.ProposePassword(ctx, operator, account, "geheim-1"))
	refused(t, "the same person", h.ConfirmPassword(ctx, operator, account, "geheim-1"), store.ErrConflict)
	refused(t, "another password", h.ConfirmPassword(ctx, second, account, "geheim-2"), store.ErrInvalid)
	_, err := h.Secret(ctx, account+".password")
	refused(t, "not in force yet", err, store.ErrNotFound)
	accounts, err := h.Accounts(ctx)
	must(t, err)
	equal(t, "pending", accounts[0].PendingBy, operator.Name)
	must(t, h.ConfirmPassword(ctx, second, account, "geheim-1"))
	value, err := h.Secret(ctx, account+".password")
	must(t, err)
	equal(t, "in force", value, "geheim-1")
	h.why(t, "") // to be probed
	h.alerted(t, "target", system)
	accounts, err = h.Accounts(ctx)
	must(t, err)
	equal(t, "set on", accounts[0].PasswordSet, casework.DateOf(h.clock.Now()))
	equal(t, "pending", accounts[0].PendingBy, "")
	equal(t, "kept in clear", h.number(t, "SELECT COUNT(*) FROM secrets WHERE value LIKE '%geheim%'"), 0)
}

func passwordsAge(t *testing.T, h *house) {
	ctx, today := t.Context(), casework.DateOf(h.clock.Now())
	h.target(t, casework.Limits{})
	must(t, h.SetAccount(ctx, operator, store.Account{Name: account, Responsible: "王主任", Approval: "3号", Scope: "录入",
		PasswordSet: today, PasswordDays: 90}))
	for _, step := range []struct {
		days int
		want []string
	}{{75, nil}, {1, []string{"password_14"}}, {11, []string{"password_3"}}, {3, []string{"password_expired"}}} {
		h.clock.Advance(time.Duration(step.days) * 24 * time.Hour)
		_, err := h.Sweep(ctx)
		must(t, err)
		h.alerted(t, "password", account, step.want...)
	}
	must(t, h.ProposePassword(ctx, operator, account, "new"))
	must(t, h.ConfirmPassword(ctx, second, account, "new"))
	h.alerted(t, "password", account)
}

func poisonRun(t *testing.T, h *house) {
	ctx := t.Context()
	lease := h.held(t, "w0", "p1")
	id := lease.Run.ID
	crash := func(i int) {
		h.clock.Advance(9 * time.Second)
		h.sweepExpects(t, store.Swept{Expired: 1})
		if run, err := h.Run(ctx, id); err != nil || run.State != casework.RunWaiting {
			t.Fatalf("crash %d: the run is %s, %v", i, run.State, err)
		}
		_, err := h.Admit(ctx, 10)
		must(t, err)
		lease, err = h.Store.Claim(ctx, id, worker(i))
		must(t, err)
	}
	for i := range 4 {
		crash(i + 1)
	}
	// A finished step forgives the crashes before it.
	must(t, h.Journal(lease).Append(ctx, casework.Entry{Step: "complete", Kind: casework.Happened}, casework.Entry{Step: "submit", Kind: casework.Begun}))
	for i := range 4 {
		crash(i + 10)
	}
	h.clock.Advance(9 * time.Second)
	h.sweepExpects(t, store.Swept{Expired: 1})
	run, err := h.Run(ctx, id)
	must(t, err)
	equal(t, "state", run.State, casework.RunParked)
	review := h.openReview(t, run.CaseID)
	equal(t, "reason", review.Reason, "killed_worker")
	equal(t, "for", review.Role, "operator")
	equal(t, "journal kept", h.number(t, "SELECT COUNT(*) FROM entries WHERE run_id = $1", id), 2)
	equal(t, "locks", h.number(t, "SELECT COUNT(*) FROM person_locks"), 0)
	h.admits(t, "set aside", 0)
	must(t, h.Decide(ctx, casework.Decision{ReviewID: review.ID, Choice: "retry", By: operator}))
	h.claim(t, id, "w99")
	h.clock.Advance(9 * time.Second)
	h.sweepExpects(t, store.Swept{Expired: 1})
	h.ended(t, id, casework.RunWaiting) // a person looked at what was before
}

// frozenIsNotDead has a run lose its worker ten times to a freeze, or to a
// database that all workers lost at once: they beat again afterwards.
func frozenIsNotDead(t *testing.T, h *house) {
	lease := h.held(t, "w1")
	other := h.claim(t, h.started(t, "").ID, "w2")
	for i := range 10 {
		h.clock.Advance(9 * time.Second)
		h.sweepExpects(t, store.Swept{Expired: 2})
		for _, worker := range []string{"w1", "w2"} {
			must(t, h.Beat(t.Context(), worker))
		}
		_, err := h.Admit(t.Context(), 10)
		must(t, err)
		for i, id := range []string{lease.Run.ID, other.Run.ID} {
			_, err := h.Store.Claim(t.Context(), id, worker(i+1))
			must(t, err)
		}
		equal(t, fmt.Sprint("deaths counted after loss ", i), h.number(t, "SELECT MAX(crashes) FROM runs"), 1)
	}
	equal(t, "failures", h.number(t, "SELECT SUM(failures) FROM runs"), 0)
}

// killerIsTold has one of four runs kill whatever worker holds it, before the
// others on that worker come to anything.
func killerIsTold(t *testing.T, h *house) {
	ctx := t.Context()
	killer, waiting := "", map[string]bool{}
	for i := range 4 {
		id := h.started(t, "").ID
		if waiting[id] = true; i == 2 {
			killer = id
		}
	}
	for round := range 200 {
		name := worker(round)
		_, err := h.Admit(ctx, 10)
		must(t, err)
		killed, taken := false, []store.Lease{}
		for id := range waiting {
			if lease, err := h.Store.Claim(ctx, id, name); err == nil {
				killed, taken = killed || id == killer, append(taken, lease)
			}
		}
		if h.clock.Advance(time.Second); killed {
			h.clock.Advance(8 * time.Second)
			h.sweepExpects(t, store.Swept{Expired: len(taken)})
			continue
		}
		for _, lease := range taken {
			must(t, h.Settle(ctx, lease, casework.Result{State: casework.RunDone, End: "submitted"}))
			delete(waiting, lease.Run.ID)
		}
	}
	equal(t, "left", len(waiting), 1)
	h.ended(t, killer, casework.RunParked)
	equal(t, "asked a person", h.number(t, "SELECT COUNT(*) FROM reviews"), 1)
}

func newcomerIsNotBlamed(t *testing.T, h *house) {
	old := h.held(t, "w1")
	h.exec(t, "UPDATE runs SET crashes = 2")
	newcomer := h.claim(t, h.started(t, "").ID, "w1")
	h.clock.Advance(9 * time.Second)
	h.sweepExpects(t, store.Swept{Expired: 2})
	for id, want := range map[string]int{old.Run.ID: 3, newcomer.Run.ID: 0} {
		equal(t, "deaths", h.number(t, "SELECT crashes FROM runs WHERE id = $1", id), want)
	}
}

func newerJournal(t *testing.T, h *house) {
	run := h.started(t, "")
	h.exec(t, "UPDATE runs SET format = 99")
	h.admits(t, "unknown format", 0)
	h.exec(t, "UPDATE runs SET admitted = 1") // by the newer release beside us
	_, err := h.Store.Claim(t.Context(), run.ID, "w1")
	refused(t, "unknown format", err, store.ErrHeld)
	h.exec(t, "UPDATE runs SET format = $1", store.JournalFormat)
	_, err = h.Store.Claim(t.Context(), run.ID, "w1")
	must(t, err)
}

func cancelRuns(t *testing.T, h *house) {
	ctx := t.Context()
	_, err := h.CancelRun(ctx, operator, h.started(t, "").ID, "")
	refused(t, "without a reason", err, store.ErrInvalid)
	waiting, err := h.CancelRun(ctx, operator, h.started(t, "").ID, "市民撤回")
	must(t, err)
	equal(t, "waiting", waiting.State, casework.RunWithdrawn)

	lease := h.held(t, "w1", "p1")
	run, err := h.CancelRun(ctx, operator, lease.Run.ID, "市民撤回")
	must(t, err)
	equal(t, "marked", run.State, casework.RunRunning)
	orders, err := h.Orders(ctx, "w1")
	must(t, err)
	equal(t, "order", orders[0], store.Order{RunID: run.ID, Code: "cancelled"})
	must(t, h.Drop(ctx, lease, "", "cancelled", h.clock.Now()))
	h.ended(t, run.ID, casework.RunWithdrawn)
	equal(t, "locks", h.number(t, "SELECT COUNT(*) FROM person_locks"), 0)

	dead := h.held(t, "w2")
	_, err = h.CancelRun(ctx, operator, dead.Run.ID, "市民撤回")
	must(t, err)
	h.clock.Advance(9 * time.Second)
	_, err = h.Sweep(ctx)
	must(t, err)
	h.ended(t, dead.Run.ID, casework.RunWithdrawn)

	_, err = h.CancelRun(ctx, operator, run.ID, "again")
	refused(t, "over", err, store.ErrConflict)
}

func (h *house) ended(t *testing.T, id string, want casework.RunState) {
	t.Helper()
	run, err := h.Run(t.Context(), id)
	must(t, err)
	equal(t, "state", run.State, want)
}

func cancelInDoubt(t *testing.T, h *house) {
	ctx := t.Context()
	lease := h.held(t, "w1", "p1")
	j := h.Journal(lease)
	_, err := j.Claim(ctx, casework.Effect{ID: "e1", System: system, Action: "claim"}, casework.Entry{Step: "submit"})
	must(t, err)
	must(t, j.Advance(ctx, casework.EffectSent, casework.Entry{Step: "submit", Effect: "e1", Kind: casework.Sent}))
	_, err = h.CancelRun(ctx, operator, lease.Run.ID, "市民撤回")
	must(t, err)
	must(t, h.Drop(ctx, lease, "", "cancelled", h.clock.Now()))
	h.ended(t, lease.Run.ID, casework.RunParked)
	review := h.openReview(t, lease.Run.CaseID)
	equal(t, "reason", review.Reason, "cancel_in_doubt")
	equal(t, "person kept", h.number(t, "SELECT COUNT(*) FROM person_locks"), 1)
	must(t, h.Decide(ctx, casework.Decision{ReviewID: review.ID, Choice: "retry", By: operator}))
	h.claim(t, lease.Run.ID, "w2") // goes on to verify, no longer marked
	orders, err := h.Orders(ctx, "w2")
	must(t, err)
	equal(t, "orders", len(orders), 0)
}

func paceSpreads(t *testing.T, h *house) {
	h.target(t, casework.Limits{PerMinute: 30})
	pace := func(what string, want time.Duration, granted bool) {
		t.Helper()
		wait, reserved, err := h.Pace(t.Context(), system, 30, 10*time.Second)
		must(t, err)
		equal(t, what, wait, want)
		equal(t, what+" reserved", reserved, granted)
	}
	for i := range 6 {
		pace(fmt.Sprint("request ", i), time.Duration(i)*2*time.Second, true)
	}
	for range 3 {
		pace("too far away", 12*time.Second, false)
	}
	h.clock.Advance(2 * time.Second)
	pace("after refusals, which took nothing", 10*time.Second, true)
	h.clock.Advance(time.Hour)
	pace("idle since", 0, true)
}

func lostRunQueuesAgain(t *testing.T, h *house) {
	ctx := t.Context()
	h.target(t, casework.Limits{})
	lost := h.bound(t)
	h.admits(t, "first", 1)
	_, err := h.Store.Claim(ctx, lost.ID, "w1")
	must(t, err)
	h.clock.Advance(9 * time.Second)
	must(t, h.SetTarget(ctx, operator, system, casework.DateOf(h.clock.Now()), casework.Limits{Hours: []string{"22:00-23:00"}}))
	h.sweepExpects(t, store.Swept{Expired: 1})
	_, err = h.Store.Claim(ctx, lost.ID, "w2")
	refused(t, "closed by now", err, store.ErrHeld)
	h.admits(t, "closed", 0)
	must(t, h.SetTarget(ctx, operator, system, casework.DateOf(h.clock.Now()), casework.Limits{}))
	h.admits(t, "open", 1)
	lease, err := h.Store.Claim(ctx, lost.ID, "w2")
	must(t, err)
	equal(t, "seat", lease.Seat.Number, 1)
}

func undatedRunsAge(t *testing.T, h *house) {
	undated := h.started(t, "")
	h.clock.Advance(31 * 24 * time.Hour)
	c := h.submitted(t)
	order := h.order(c.ID, "")
	order.Due = casework.DateOf(h.clock.Now()).AddDays(5)
	_, err := h.StartRun(t.Context(), clerk, order, snapshot(c))
	must(t, err)
	n, err := h.Admit(t.Context(), 1)
	must(t, err)
	equal(t, "admitted", n, 1)
	_, err = h.Store.Claim(t.Context(), undated.ID, "w1")
	must(t, err)
}
