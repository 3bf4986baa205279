package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

func schedulesContract() contract {
	return contract{
		"TickStartsARun":                  tickStartsARun,
		"ScheduledRunsLiveWithoutACase":   scheduledRunsLiveWithoutACase,
		"ManySchedulersTickOnce":          manySchedulersTickOnce,
		"TickRowForbidsDoubles":           tickRowForbidsDoubles,
		"CatchUpPolicies":                 catchUpPolicies,
		"LongDowntimeIsCaughtUpInBatches": longDowntime,
		"LateTickWaitsForOpenHours":       lateTickWaitsForOpenHours,
		"PausedScheduleFallsOut":          pausedScheduleFallsOut,
		"ChangedScheduleBeginsNow":        changedSchedule,
		"BlockedScheduleLosesNothing":     blockedScheduleLosesNothing,
		"UnknownPlaybookWaits":            unknownPlaybookWaits,
	}
}

// starts makes the runs of ticks as a worker does.
func (h *house) starts(_ context.Context, s casework.Schedule, at time.Time) (casework.Run, casework.Snapshot, error) {
	return casework.Run{
		Playbook: s.Playbook, Version: "sha256:1", Due: casework.DateOf(at),
		Key: h.Hash("key", s.Playbook, s.ID, at.UTC().Format(time.RFC3339)), Persons: []string{h.Hash("schedule", s.ID)},
	}, casework.Snapshot{Shared: map[string]string{"subject": s.Subject}}, nil
}

func (h *house) scheduled(t *testing.T, rule string, policy casework.CatchUp) casework.Schedule {
	t.Helper()
	s, err := h.AddSchedule(t.Context(), clerk, casework.Schedule{Name: "s " + rule, Rule: rule, Playbook: "reconcile", Subject: "企业养老", CatchUp: policy})
	must(t, err)
	return s
}

// ticked runs a pass and asserts what it did.
func (h *house) ticked(t *testing.T, what string, want store.Ticked) {
	t.Helper()
	got, err := h.Tick(t.Context(), h.starts)
	must(t, err)
	equal(t, what, got, want)
}

// set puts the clock on a moment in China.
func (h *house) set(t *testing.T, text string) {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", text, casework.China)
	must(t, err)
	h.clock.Advance(at.Sub(h.clock.Now()))
}

func tickStartsARun(t *testing.T, h *house) {
	s := h.scheduled(t, "每个工作日 10:00", casework.CatchUpOnce)
	h.ticked(t, "before its time", store.Ticked{})
	h.set(t, "2026-03-06 10:00")
	h.ticked(t, "on time", store.Ticked{Started: 1})
	h.ticked(t, "again", store.Ticked{})
	ticks, _, err := h.Ticks(t.Context(), store.TickFilter{ScheduleID: s.ID})
	must(t, err)
	equal(t, "ticks", len(ticks), 1)
	run, err := h.Run(t.Context(), ticks[0].RunID)
	must(t, err)
	equal(t, "case of the run", run.CaseID, "")
	equal(t, "due", run.Due.String(), "2026-03-06")
	of, _, err := h.Ticks(t.Context(), store.TickFilter{RunID: run.ID})
	must(t, err)
	equal(t, "schedule of the run", of[0].ScheduleID, s.ID)
	snapshot, err := h.Snapshot(t.Context(), run.ID)
	must(t, err)
	equal(t, "subject", snapshot.Shared["subject"], "企业养老")
	rows, err := h.Audit(t.Context(), s.ID, 10)
	must(t, err)
	equal(t, "audited", rows[0].Action, "schedule.tick")
}

func scheduledRunsLiveWithoutACase(t *testing.T, h *house) {
	s := h.scheduled(t, "每天 10:00", casework.CatchUpAll)
	h.set(t, "2026-03-08 12:00")
	h.ticked(t, "three days", store.Ticked{Started: 3})
	n, err := h.Admit(t.Context(), 10)
	must(t, err)
	equal(t, "admitted of one schedule at once", n, 1)
	ticks, _, err := h.Ticks(t.Context(), store.TickFilter{ScheduleID: s.ID})
	must(t, err)
	first := ticks[len(ticks)-1].RunID
	lease, err := h.Store.Claim(t.Context(), first, "w1")
	must(t, err)
	must(t, h.Settle(t.Context(), lease, question()))
	must(t, h.Decide(t.Context(), casework.Decision{ReviewID: h.openReview(t, "").ID, Choice: "submit", By: clerk}))
	lease = h.claim(t, first, "w1")
	must(t, h.Settle(t.Context(), lease, casework.Result{State: casework.RunFailed, End: "x"}))
	must(t, h.RetryRun(t.Context(), clerk, first))
	must(t, h.WithdrawRun(t.Context(), clerk, first, "不再需要"))
	rows, err := h.Audit(t.Context(), first, 10)
	must(t, err)
	equal(t, "audit rows of the run", len(rows), 5) // park, decide, fail, retry, withdraw
	cases, _, err := h.Cases(t.Context(), store.CaseFilter{})
	must(t, err)
	equal(t, "cases", len(cases), 0)
	_, err = h.Case(t.Context(), "")
	refused(t, "case of a scheduled run", err, store.ErrNotFound)
	numbers, err := h.Numbers(t.Context())
	must(t, err)
	equal(t, "cases counted", len(numbers.CasesByState), 0)
	_, err = h.StartRun(t.Context(), clerk, h.order("", ""), casework.Snapshot{})
	refused(t, "start without a case", err, store.ErrNotFound)
	equal(t, "row that stands for no case", h.number(t, "SELECT COUNT(*) FROM cases WHERE id = '' AND state = '' AND updated_at = 0"), 1)
}

func manySchedulersTickOnce(t *testing.T, h *house) {
	h.scheduled(t, "每小时", casework.CatchUpAll)
	h.scheduled(t, "每个工作日 10:00", casework.CatchUpAll)
	for range 6 {
		h.clock.Advance(20 * time.Hour)
		each(t, 5, nil, func(int) error {
			_, err := h.Tick(t.Context(), h.starts)
			return err
		})
	}
	// 120 hours from Friday 09:30, and the 6th, 9th and 10th at 10:00
	equal(t, "ticks", h.number(t, "SELECT COUNT(*) FROM ticks WHERE state = 'started'"), 123)
	equal(t, "runs", h.number(t, "SELECT COUNT(*) FROM runs"), 123)
	equal(t, "runs without a tick", h.number(t, "SELECT COUNT(*) FROM runs WHERE id NOT IN (SELECT run_id FROM ticks)"), 0)
}

// tickRowForbidsDoubles puts the cursor back, as a restored backup of one table
// would: the row of the tick alone must forbid the second run.
func tickRowForbidsDoubles(t *testing.T, h *house) {
	s := h.scheduled(t, "每小时", casework.CatchUpAll)
	h.clock.Advance(5 * time.Hour)
	h.ticked(t, "first", store.Ticked{Started: 5})
	h.exec(t, "UPDATE schedules SET seen_to = created_at WHERE id = $1", s.ID)
	h.clock.Advance(time.Hour)
	h.ticked(t, "only the new one", store.Ticked{Started: 1})
	equal(t, "runs", h.number(t, "SELECT COUNT(*) FROM runs"), 6)
}

func catchUpPolicies(t *testing.T, h *house) {
	for policy, want := range map[casework.CatchUp][2]int{
		casework.CatchUpOnce: {1, 9}, casework.CatchUpAll: {10, 0}, casework.CatchUpSkip: {0, 10},
	} {
		s, err := h.AddSchedule(t.Context(), clerk, casework.Schedule{Name: string(policy), Rule: "每天 10:00", Playbook: string(policy), CatchUp: policy})
		must(t, err)
		h.clock.Advance(10 * 24 * time.Hour)
		h.ticked(t, string(policy), store.Ticked{Started: want[0], Skipped: want[1]})
		equal(t, "rows", h.number(t, "SELECT COUNT(*) FROM ticks WHERE schedule_id = $1", s.ID), 10)
		must(t, h.PauseSchedule(t.Context(), clerk, s.ID, "下一个"))
	}
	equal(t, "the one that is run is the last", h.number(t, `SELECT COUNT(*) FROM ticks a JOIN schedules s ON s.id = a.schedule_id
		WHERE s.name = 'run_once' AND a.state = 'started' AND a.at = (SELECT MAX(b.at) FROM ticks b WHERE b.schedule_id = s.id)`), 1)
}

func longDowntime(t *testing.T, h *house) {
	h.scheduled(t, "每小时", casework.CatchUpOnce)
	h.clock.Advance(30 * 24 * time.Hour)
	h.ticked(t, "several transactions", store.Ticked{Started: 1, Skipped: 719})
	h.ticked(t, "nothing left", store.Ticked{})
}

func lateTickWaitsForOpenHours(t *testing.T, h *house) {
	_, err := h.AddSchedule(t.Context(), clerk, casework.Schedule{Name: "n", Rule: "每个工作日 10:00", Hours: "工作日 8:30-17:00", Playbook: "p", CatchUp: casework.CatchUpOnce})
	must(t, err)
	h.set(t, "2026-03-06 20:00") // down from 9:30 on
	h.ticked(t, "late", store.Ticked{Started: 1})
	n, err := h.Admit(t.Context(), 10)
	must(t, err)
	equal(t, "admitted on Friday evening", n, 0)
	h.set(t, "2026-03-09 08:30")
	n, err = h.Admit(t.Context(), 10)
	must(t, err)
	equal(t, "admitted on Monday morning", n, 1)
}

func pausedScheduleFallsOut(t *testing.T, h *house) {
	s := h.scheduled(t, "每天 10:00", casework.CatchUpAll)
	must(t, h.PauseSchedule(t.Context(), clerk, s.ID, "系统升级"))
	refused(t, "pause twice", h.PauseSchedule(t.Context(), clerk, s.ID, ""), store.ErrConflict)
	got, err := h.Schedule(t.Context(), s.Name)
	must(t, err)
	equal(t, "reason", got.PauseReason, "系统升级")
	h.clock.Advance(72 * time.Hour)
	h.ticked(t, "while paused", store.Ticked{})
	must(t, h.ResumeSchedule(t.Context(), clerk, s.ID))
	refused(t, "resume twice", h.ResumeSchedule(t.Context(), clerk, s.ID), store.ErrConflict)
	h.ticked(t, "after it", store.Ticked{})
	h.clock.Advance(24 * time.Hour)
	h.ticked(t, "the next day", store.Ticked{Started: 1})
	refused(t, "nobody", h.PauseSchedule(t.Context(), clerk, "nobody", ""), store.ErrNotFound)
}

func changedSchedule(t *testing.T, h *house) {
	s := h.scheduled(t, "每天 10:00", casework.CatchUpAll)
	h.clock.Advance(48 * time.Hour)
	s.Rule, s.Title = "每天 8:00", "新的"
	must(t, h.ChangeSchedule(t.Context(), clerk, s))
	refused(t, "with an old rev", h.ChangeSchedule(t.Context(), clerk, s), store.ErrConflict)
	h.ticked(t, "a new rule begins now", store.Ticked{})
	s, err := h.Schedule(t.Context(), s.ID)
	must(t, err)
	s.Rule = "每隔三天"
	refused(t, "not understood", h.ChangeSchedule(t.Context(), clerk, s), store.ErrInvalid)
	_, err = h.AddSchedule(t.Context(), clerk, casework.Schedule{Name: s.Name, Rule: "每天 8:00", Playbook: "p", CatchUp: casework.CatchUpSkip})
	refused(t, "same name", err, store.ErrDuplicate)
	_, err = h.AddSchedule(t.Context(), clerk, casework.Schedule{Name: "x", Rule: "每天 8:00", Playbook: "p"})
	refused(t, "no policy", err, store.ErrInvalid)
}

func blockedScheduleLosesNothing(t *testing.T, h *house) {
	s := h.scheduled(t, "每个工作日 10:00", casework.CatchUpAll)
	daily := h.scheduled(t, "每天 10:00", casework.CatchUpSkip)
	h.set(t, "2026-12-31 12:00")
	_, err := h.Tick(t.Context(), h.starts)
	must(t, err)
	before := h.number(t, "SELECT COUNT(*) FROM ticks WHERE schedule_id = $1", s.ID)
	h.set(t, "2027-01-06 12:00")
	h.ticked(t, "the daily one alone", store.Ticked{Skipped: 6})
	got, err := h.Schedule(t.Context(), s.ID)
	must(t, err)
	equal(t, "blocked", got.Blocked, "calendar_missing")
	equal(t, "its alert", h.alerts(t, "schedule", s.ID), "calendar_missing")
	equal(t, "no alert", h.alerts(t, "schedule", daily.ID), "")
	_, err = h.ImportCalendar(t.Context(), clerk, []casework.CalendarYear{year2027()})
	must(t, err)
	h.ticked(t, "caught up: 4, 5 and 6 January", store.Ticked{Started: 3})
	equal(t, "ticks", h.number(t, "SELECT COUNT(*) FROM ticks WHERE schedule_id = $1", s.ID), before+3)
	equal(t, "the alert is over", h.alerts(t, "schedule", s.ID), "")
}

func unknownPlaybookWaits(t *testing.T, h *house) {
	s := h.scheduled(t, "每天 10:00", casework.CatchUpAll)
	h.clock.Advance(24 * time.Hour)
	for range 2 {
		_, err := h.Tick(t.Context(), func(context.Context, casework.Schedule, time.Time) (casework.Run, casework.Snapshot, error) {
			return casework.Run{}, casework.Snapshot{}, casework.AskPerson("playbook_unknown", "no such playbook")
		})
		must(t, err)
	}
	equal(t, "its alert", h.alerts(t, "schedule", s.ID), "playbook_unknown")
	equal(t, "ticks", h.number(t, "SELECT COUNT(*) FROM ticks"), 0)
	h.ticked(t, "once it is there", store.Ticked{Started: 1})
	equal(t, "the alert is over", h.alerts(t, "schedule", s.ID), "")
}

// year2027 is a fictional calendar: only New Year is off, and the 9th is worked.
func year2027() casework.CalendarYear {
	day := func(d int) casework.Date { return casework.Date{Year: 2027, Month: 1, Day: d} }
	return casework.CalendarYear{Year: 2027, Document: "示例", Holidays: []casework.Holiday{{Name: "元旦", From: day(1), To: day(3)}},
		MakeUp: []casework.Date{day(9)}}
}
