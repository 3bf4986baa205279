package storetest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

func clocksContract() contract {
	return contract{
		"LimitComesFromTheParameters":     limitComesFromTheParameters,
		"ReturnedCaseStandsStill":         returnedCaseStandsStill,
		"OtherOfficeMovesTheRun":          otherOfficeMovesTheRun,
		"WarningsFollowTheDueDate":        warningsFollowTheDueDate,
		"ImportSetsOpenDueDates":          importSetsOpenDueDates,
		"OpenDueOfAnOldReleaseIsSet":      openDueOfOldRelease,
		"ManyOpenDueDatesAreSetInBatches": manyOpenDueDates,
	}
}

// alerts gives the codes that stand about a subject.
func (h *house) alerts(t *testing.T, kind, subject string) string {
	t.Helper()
	all, _, err := h.Alerts(t.Context(), store.AlertFilter{Kind: kind, Subject: subject})
	must(t, err)
	var codes []string
	for _, a := range all {
		codes = append(codes, a.Code)
	}
	slices.Sort(codes)
	return strings.Join(codes, " ")
}

func (h *house) due(t *testing.T, caseID string) string {
	t.Helper()
	c, err := h.Case(t.Context(), caseID)
	must(t, err)
	return c.Due.String()
}

func limitComesFromTheParameters(t *testing.T, h *house) {
	c, err := h.NewCase(t.Context(), clerk, casework.Case{Matter: "unemployment_claim", Region: "440106"})
	must(t, err)
	equal(t, "seven working days in Guangdong", c.Due.String(), "2026-03-17")
	clock, err := h.Clock(t.Context(), c.ID)
	must(t, err)
	equal(t, "limit", clock.Limit.Days, 7)
	equal(t, "kind", clock.Limit.Kind, casework.WorkingDays)
	equal(t, "received", clock.Received.String(), "2026-03-06")
	_, err = h.Clock(t.Context(), "nobody")
	refused(t, "unknown case", err, store.ErrNotFound)
}

func returnedCaseStandsStill(t *testing.T, h *house) {
	lease := h.held(t, "w1")
	id := lease.Run.CaseID
	h.set(t, "2026-03-10 15:00")
	must(t, h.Settle(t.Context(), lease, casework.Result{State: casework.RunDone, End: "returned"}))
	clock, err := h.Clock(t.Context(), id)
	must(t, err)
	pause, standing := clock.Paused()
	equal(t, "standing", standing, true)
	equal(t, "reason", pause.Reason, casework.PauseCitizen)
	equal(t, "since", pause.Since.String(), "2026-03-10")
	refused(t, "pause again", h.PauseClock(t.Context(), clerk, id, casework.PauseOffice, ""), store.ErrConflict)
	h.set(t, "2026-04-20 09:00")
	must(t, h.WatchClocks(t.Context()))
	equal(t, "no warning while it stands", h.alerts(t, "clock", id), "")
	must(t, h.SubmitCase(t.Context(), clerk, id))
	equal(t, "eight working days after 20 April", h.due(t, id), "2026-04-30")
	clock, err = h.Clock(t.Context(), id)
	must(t, err)
	equal(t, "until", clock.Pauses[0].Until.String(), "2026-04-20")
}

func otherOfficeMovesTheRun(t *testing.T, h *house) {
	run := h.started(t, "")
	id := run.CaseID
	h.exec(t, "UPDATE runs SET due = '2026-03-20' WHERE id = $1", run.ID)
	must(t, h.PauseClock(t.Context(), clerk, id, casework.PauseOffice, "等待欧阳明的工伤认定结论"))
	late := store.CaseFilter{DueBy: casework.Date{Year: 2026, Month: 3, Day: 20}}
	standing, _, err := h.Cases(t.Context(), late)
	must(t, err)
	equal(t, "late while it stands", len(standing), 0)
	h.set(t, "2026-03-11 09:00")
	h.takesNoSubmission(t, id)
	must(t, h.ResumeClock(t.Context(), clerk, id))
	refused(t, "resume twice", h.ResumeClock(t.Context(), clerk, id), store.ErrConflict)
	equal(t, "three working days later", h.due(t, id), "2026-03-25")
	moved, err := h.Run(t.Context(), run.ID)
	must(t, err)
	equal(t, "the run's due date", moved.Due.String(), "2026-03-25")
	equal(t, "its place in the queue", h.number(t, "SELECT COUNT(*) FROM runs WHERE rank = '2026-03-25'"), 1)
	clock, err := h.Clock(t.Context(), id)
	must(t, err)
	equal(t, "note", clock.Pauses[0].Note, "等待欧阳明的工伤认定结论")
	equal(t, "note in clear", h.number(t, "SELECT COUNT(*) FROM clock_pauses WHERE note LIKE '%欧阳%'"), 0)
	refused(t, "unknown reason", h.PauseClock(t.Context(), clerk, id, "lunch", ""), store.ErrInvalid)
	refused(t, "unknown case", h.PauseClock(t.Context(), clerk, "nobody", casework.PauseOffice, ""), store.ErrNotFound)
	lease := h.claim(t, run.ID, "w1")
	must(t, h.Settle(t.Context(), lease, casework.Result{State: casework.RunDone, End: "submitted"}))
	refused(t, "a case that is over", h.PauseClock(t.Context(), clerk, id, casework.PauseOffice, ""), store.ErrConflict)
}

// takesNoSubmission asserts that a case at work takes no submission, and that
// this leaves its clock alone.
func (h *house) takesNoSubmission(t *testing.T, id string) {
	t.Helper()
	refused(t, "submit", h.SubmitCase(t.Context(), clerk, id), store.ErrConflict)
	clock, err := h.Clock(t.Context(), id)
	must(t, err)
	if _, standing := clock.Paused(); !standing {
		t.Error("the clock runs again")
	}
}

func warningsFollowTheDueDate(t *testing.T, h *house) {
	c := h.newCase(t, applicant) // due Friday 2026-03-20
	for _, step := range []struct{ at, want string }{
		{"2026-03-16 09:00", ""}, {"2026-03-17 09:00", "due_in_3"}, {"2026-03-18 09:00", "due_in_3"},
		{"2026-03-19 09:00", "due_in_1"}, {"2026-03-20 23:00", "due_in_1"}, {"2026-03-21 00:10", "overdue"},
	} {
		h.set(t, step.at)
		must(t, h.WatchClocks(t.Context()))
		must(t, h.WatchClocks(t.Context()))
		equal(t, "on "+step.at, h.alerts(t, "clock", c.ID), step.want)
	}
	all, _, err := h.Alerts(t.Context(), store.AlertFilter{Kind: "clock"})
	must(t, err)
	equal(t, "detail", all[0].Detail["number"]+" "+all[0].Detail["due"], c.Number+" 2026-03-20")
	must(t, h.AcknowledgeAlert(t.Context(), clerk, all[0].ID))
	refused(t, "acknowledge twice", h.AcknowledgeAlert(t.Context(), clerk, all[0].ID), store.ErrConflict)
	must(t, h.WatchClocks(t.Context()))
	all, _, err = h.Alerts(t.Context(), store.AlertFilter{Kind: "clock"})
	must(t, err)
	equal(t, "acknowledged and standing", all[0].AcknowledgedBy, clerk.Name)
	must(t, h.CancelCase(t.Context(), clerk, c.ID, "撤回"))
	must(t, h.WatchClocks(t.Context()))
	equal(t, "once it is over", h.alerts(t, "clock", c.ID), "")
	past, _, err := h.Alerts(t.Context(), store.AlertFilter{Subject: c.ID, Cleared: true})
	must(t, err)
	equal(t, "kept", len(past), 3)
}

func importSetsOpenDueDates(t *testing.T, h *house) {
	h.set(t, "2026-10-30 09:00")
	must(t, h.WatchClocks(t.Context()))
	equal(t, "in October", h.alerts(t, "calendar", "2027"), "")
	h.set(t, "2026-11-01 09:00")
	must(t, h.WatchClocks(t.Context()))
	equal(t, "from November on", h.alerts(t, "calendar", "2027"), "calendar_missing")
	h.set(t, "2026-12-24 09:00")
	c := h.submitted(t)
	equal(t, "open", h.due(t, c.ID), "")
	run, err := h.StartRun(t.Context(), clerk, h.order(c.ID, ""), snapshot(c))
	must(t, err)
	_, err = h.ImportCalendar(t.Context(), clerk, []casework.CalendarYear{{Year: 2027, Document: "d"}})
	refused(t, "a year without holidays", err, store.ErrInvalid)
	n, err := h.ImportCalendar(t.Context(), clerk, []casework.CalendarYear{year2027()})
	must(t, err)
	equal(t, "due dates set", n, 1)
	equal(t, "set", h.due(t, c.ID), "2027-01-08") // 5 days in December, 4 to 8 January
	got, err := h.Run(t.Context(), run.ID)
	must(t, err)
	equal(t, "the run's", got.Due.String(), "2027-01-08")
	equal(t, "alert", h.alerts(t, "calendar", "2027"), "")
	changed := year2027()
	changed.Holidays[0].To = casework.Date{Year: 2027, Month: 1, Day: 4}
	n, err = h.ImportCalendar(t.Context(), clerk, []casework.CalendarYear{changed})
	must(t, err)
	equal(t, "due dates moved", n, 1)
	equal(t, "one day later, a worked Saturday", h.due(t, c.ID), "2027-01-09")
	years, err := h.CalendarYears(t.Context())
	must(t, err)
	equal(t, "years", len(years), 3)
	equal(t, "years kept", years[2].Holidays[0].To.String(), "2027-01-04")
	rows, err := h.Audit(t.Context(), "2027", 10)
	must(t, err)
	equal(t, "audited", len(rows), 2)
}

// openDueOfOldRelease is a case from before there were limits in the database.
func openDueOfOldRelease(t *testing.T, h *house) {
	c := h.newCase(t, applicant)
	h.exec(t, "UPDATE cases SET due = '9999-12-31', limit_days = 0, limit_kind = '' WHERE id = $1", c.ID)
	must(t, h.WatchClocks(t.Context()))
	equal(t, "set", h.due(t, c.ID), "2026-03-20")
	h.clock.Advance(time.Minute)
	writes := h.number(t, "SELECT COUNT(*) FROM audit")
	must(t, h.WatchClocks(t.Context()))
	equal(t, "nothing to write", h.number(t, "SELECT COUNT(*) FROM audit"), writes)
}

func manyOpenDueDates(t *testing.T, h *house) {
	h.set(t, "2026-12-24 09:00")
	for range 230 {
		h.newCase(t, applicant)
	}
	n, err := h.ImportCalendar(t.Context(), clerk, []casework.CalendarYear{year2027()})
	must(t, err)
	equal(t, "due dates set", n, 230)
	h.set(t, "2027-01-11 09:00")
	must(t, h.WatchClocks(t.Context()))
	equal(t, "alerts", h.number(t, "SELECT COUNT(*) FROM alerts WHERE code = 'overdue' AND cleared_at = 0"), 230)
}
