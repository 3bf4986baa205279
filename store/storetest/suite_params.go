package storetest

import (
	"testing"

	"github.com/jingban/jingban/benefits"
	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

func paramsContract() contract {
	return contract{
		"ParametersNeedTwoPeopleAScanAndExamples": parametersAreReleased,
		"DraftsOfParametersComeToAnEnd":           draftsEnd,
		"EditionsHoldTheReleasedSets":             editionsHold,
		"RunKeepsTheEditionItBeganWith":           runKeepsItsEdition,
		"RecalculationsOpenOnce":                  recalculationsOpenOnce,
		"AwardsAreFoundWhileTheyRun":              awardsAreFound,
		"LateAwardAsksForItsRecalculationAgain":   lateAwardAsksAgain,
	}
}

// wages is a draft of the author that raises the minimum wage.
func (h *house) wages(t *testing.T, from casework.Date, wage string) store.ParamSet {
	t.Helper()
	v, err := h.SaveParams(t.Context(), author, store.ParamSet{Note: "最低工资调整", ParamSet: casework.ParamSet{Region: "379900", Kind: casework.WageParams, From: from,
		Document: "海人社发〔2026〕18号", Values: map[string]string{"wage.minimum": wage}}})
	must(t, err)
	return v
}

// ready gives a draft its scan and its examples.
func (h *house) ready(t *testing.T, v store.ParamSet) store.ParamSet {
	t.Helper()
	must(t, h.AttachScan(t.Context(), author, v.ID, "通知.png", "image/png", []byte("scan")))
	edition, err := h.Edition(t.Context())
	must(t, err)
	must(t, h.NoteTrial(t.Context(), author, v.ID, store.ParamTrial{Edition: edition, Name: "例.json", Passed: 3}))
	return v
}

func (h *house) releasedWages(t *testing.T, from casework.Date, wage string) store.ParamSet {
	t.Helper()
	v := h.ready(t, h.wages(t, from, wage))
	must(t, h.ReleaseParams(t.Context(), releaser, v.ID, "核对无误", false))
	v, err := h.ParamSet(t.Context(), v.ID)
	must(t, err)
	return v
}

var (
	july     = casework.Date{Year: 2026, Month: 7, Day: 1}
	january  = casework.Date{Year: 2026, Month: 1, Day: 1}
	february = casework.Date{Year: 2026, Month: 2, Day: 1}
)

func parametersAreReleased(t *testing.T, h *house) {
	ctx := t.Context()
	v := h.wages(t, july, "2300.00")
	release := func(by casework.Actor, knowingly bool) error {
		return h.ReleaseParams(ctx, by, v.ID, "核对无误", knowingly)
	}
	refused(t, "by its author", release(author, true), store.ErrTwoPeople)
	refused(t, "by a program", release(casework.Actor{Kind: casework.Robot, ID: "r", Name: "r"}, true), store.ErrTwoPeople)
	refused(t, "without a scan", release(releaser, true), store.ErrNoScan)
	must(t, h.AttachScan(ctx, author, v.ID, "通知.png", "image/png", []byte("scan")))
	refused(t, "without examples", release(releaser, true), store.ErrUntried)
	must(t, h.NoteTrial(ctx, author, v.ID, store.ParamTrial{Edition: 0, Passed: 2, Failed: 1, Report: "U-M10 不一致"}))
	refused(t, "with differences", release(releaser, false), store.ErrDiffers)
	if n, err := h.Edition(ctx); err != nil || n != 0 {
		t.Fatalf("edition %d, %v", n, err)
	}
	other := h.ready(t, h.wages(t, july, "2250.00"))
	must(t, h.ReleaseParams(ctx, releaser, other.ID, "先发布", false))
	refused(t, "with examples of another edition", release(releaser, true), store.ErrUntried)
	h.clock.Advance(1e9)
	must(t, h.NoteTrial(ctx, author, v.ID, store.ParamTrial{Edition: 1, Passed: 2, Failed: 1, Report: "U-M10 不一致"}))
	refused(t, "without a reason", h.ReleaseParams(ctx, releaser, v.ID, " ", true), store.ErrInvalid)
	must(t, release(releaser, true))
	refused(t, "a second time", release(releaser, true), store.ErrConflict)
	v, err := h.ParamSet(ctx, v.ID)
	must(t, err)
	if v.State != store.ParamReleased || v.Edition != 2 || v.ReleasedBy != "zhao" || v.Retro || v.Note != "最低工资调整" || v.Scan.Name != "通知.png" || v.Values["wage.minimum"] != "2300.00" || v.From != july {
		t.Errorf("%+v", v)
	}
	events, err := h.ParamEvents(ctx, v.ID)
	must(t, err)
	if len(events) != 5 || events[0].Action != "release" || events[0].Reason != "核对无误" || events[4].Action != "draft" {
		t.Errorf("%+v", events)
	}
	rows, err := h.Audit(ctx, v.ID, 20)
	must(t, err)
	equal(t, "audit rows", len(rows), 5)
	trials, err := h.ParamTrials(ctx, v.ID)
	must(t, err)
	if len(trials) != 2 || trials[0].Report != "U-M10 不一致" || trials[0].Edition != 1 {
		t.Errorf("%+v", trials)
	}
	h.exec(t, "UPDATE param_sets SET said = REPLACE(said, '2300.00', '9300.00') WHERE id = $1", v.ID)
	_, err = h.ParamSet(ctx, v.ID)
	refused(t, "a set that says something else", err, store.ErrTampered)
}

func draftsEnd(t *testing.T, h *house) {
	ctx := t.Context()
	_, err := h.SaveParams(ctx, author, store.ParamSet{ParamSet: casework.ParamSet{Region: "379900", Kind: casework.WageParams, From: july, Document: " ", Values: map[string]string{"wage.minimum": "1"}}})
	refused(t, "without a document", err, store.ErrInvalid)
	v := h.wages(t, july, "2300.00")
	refused(t, "refused by its author", h.RefuseParams(ctx, author, v.ID, "不对"), store.ErrTwoPeople)
	must(t, h.RefuseParams(ctx, releaser, v.ID, "数字与通知不符"))
	refused(t, "a scan afterwards", h.AttachScan(ctx, author, v.ID, "a", "image/png", []byte("x")), store.ErrConflict)
	v = h.wages(t, july, "2310.00")
	must(t, h.WithdrawParams(ctx, author, v.ID, "重做"))
	refused(t, "withdrawn twice", h.WithdrawParams(ctx, author, v.ID, "重做"), store.ErrConflict)

	v = h.releasedWages(t, july, "2320.00")
	refused(t, "taken back by its author", h.WithdrawParams(ctx, author, v.ID, "改期"), store.ErrTwoPeople)
	must(t, h.WithdrawParams(ctx, releaser, v.ID, "通知改期"))
	v = h.releasedWages(t, january, "2330.00")
	refused(t, "taken back in force", h.WithdrawParams(ctx, releaser, v.ID, "改"), store.ErrConflict)
	sets, err := h.ParamSets(ctx, store.ParamFilter{Region: "379900", Kind: casework.WageParams, States: []store.ParamState{store.ParamReleased}})
	must(t, err)
	if len(sets) != 1 || sets[0].ID != v.ID || !sets[0].Retro {
		t.Errorf("%+v", sets)
	}
}

func editionsHold(t *testing.T, h *house) {
	ctx := t.Context()
	h.releasedWages(t, july, "2300.00")
	second := h.releasedWages(t, july, "2400.00") // the same day: it takes the first's place
	must(t, h.WithdrawParams(ctx, releaser, second.ID, "通知改期"))
	editions := h.Editions(params(t))
	for n, want := range []string{"2200.00", "2300.00", "2400.00", "2300.00"} {
		p, err := editions.At(ctx, n)
		must(t, err)
		if got, err := p.For("379901", july).Text("wage.minimum"); err != nil || got != want {
			t.Errorf("edition %d: %s, %v, want %s", n, got, err, want)
		}
		if got, err := p.For("379901", july.AddDays(-1)).Text("wage.minimum"); err != nil || got != "2200.00" {
			t.Errorf("edition %d before its day: %s, %v", n, got, err)
		}
	}
}

func runKeepsItsEdition(t *testing.T, h *house) {
	ctx := t.Context()
	before := h.started(t, "")
	h.releasedWages(t, january, "2300.00")
	after := h.started(t, "")
	for run, want := range map[string]int{before.ID: 0, after.ID: 1} {
		n, err := h.RunEdition(ctx, run)
		must(t, err)
		equal(t, "edition", n, want)
	}
}

// award notes the award of a run that began under an edition.
func (h *house) award(t *testing.T, region string, first, last casework.Month, edition int) store.Award {
	t.Helper()
	run := h.started(t, "", applicant.IDNumber)
	a := store.Award{Award: benefits.Award{Region: region, Received: casework.Date{Year: first.Year(), Month: 1, Day: 6}, Paid: 84, First: first},
		RunID: run.ID, CaseID: run.CaseID, Person: h.Hash("person", applicant.IDNumber, run.ID), Last: last, Monthly: 176000, Total: 2816000, Edition: edition}
	must(t, h.NoteAward(t.Context(), clerk, a))
	must(t, h.NoteAward(t.Context(), clerk, a)) // a worker that comes again
	return a
}

func awardsAreFound(t *testing.T, h *house) {
	ctx := t.Context()
	h.award(t, "379901", 202501, 202512, 0)
	running := h.award(t, "379901", 202601, 202612, 0)
	h.award(t, "110000", 202601, 202612, 0)
	h.award(t, "379900", 202601, 202612, 3)
	stopped := h.award(t, "379900", 202601, 202612, 0)
	must(t, h.StopAwards(ctx, clerk, stopped.Person, "", 202603))
	must(t, h.StopAwards(ctx, clerk, stopped.Person, "", 202605)) // later than it ended
	for _, c := range []struct {
		region string
		since  casework.Month
		want   int
	}{{"379900", 202603, 1}, {"379900", 202602, 2}, {"379901", 202602, 1}, {"370000", 202512, 3}, {casework.National, 202602, 3}, {"379902", 202602, 0}} {
		got, _, err := h.Awards(ctx, store.AwardFilter{Region: c.region, Since: c.since, Edition: 3})
		must(t, err)
		equal(t, c.region+" "+c.since.String(), len(got), c.want)
	}
	got, next, err := h.Awards(ctx, store.AwardFilter{Region: "379901", Since: 202602, Edition: 1, Limit: 1})
	must(t, err)
	if len(got) != 1 || next != "" || got[0].Award != running.Award || got[0].RunID != running.RunID || got[0].Number == "" || got[0].Total != 2816000 {
		t.Errorf("%+v, next %q", got, next)
	}
	got, next, err = h.Awards(ctx, store.AwardFilter{Region: casework.National, Since: 202501, Edition: 9, Limit: 2})
	must(t, err)
	rest, _, err := h.Awards(ctx, store.AwardFilter{Region: casework.National, Since: 202501, Edition: 9, Limit: 9, After: next})
	must(t, err)
	equal(t, "pages", len(got)+len(rest), 5)
}

func recalculationsOpenOnce(t *testing.T, h *house) {
	ctx := t.Context()
	a, broken := h.award(t, "379900", 202601, 202612, 0), h.award(t, "379900", 202601, 202612, 0)
	v := h.releasedWages(t, february, "2300.00")
	equal(t, "hints", h.hints(t, "recalculate", v.ID), 1)
	r := store.Recalculated{RunID: a.RunID, Monthly: 8000, Owed: 16000}
	kase := casework.Case{Matter: "benefit_recalculation", Region: "379900", Applicant: applicant, Month: 202602, ReceivedAt: h.clock.Now(), Shared: map[string]string{"plan": "202602 1.00 2.00"}}
	fresh := make([]bool, 4)
	each(t, len(fresh), nil, func(i int) (err error) {
		fresh[i], err = h.OpenRecalculation(ctx, clerk, v.ID, r, kase)
		return err
	})
	opened := 0
	for _, f := range fresh {
		if f {
			opened++
		}
	}
	equal(t, "opened", opened, 1)
	_, err := h.OpenRecalculation(ctx, clerk, v.ID, store.Recalculated{RunID: broken.RunID}, casework.Case{})
	must(t, err)
	equal(t, "cases", h.number(t, "SELECT COUNT(*) FROM cases WHERE matter = 'benefit_recalculation'"), 1)
	all, err := h.Recalculations(ctx, v.ID)
	must(t, err)
	if len(all) != 2 || all[0].Owed != 16000 || all[0].Monthly != 8000 || all[0].State != casework.CaseMaterialsChecking || all[0].CaseID == "" || all[1].Number != "" {
		t.Errorf("%+v", all)
	}
	must(t, h.EndRecalculations(ctx, clerk, v, 1))
	if v, err = h.ParamSet(ctx, v.ID); err != nil || v.Recalculated.IsZero() {
		t.Errorf("%+v, %v", v, err)
	}
}

func lateAwardAsksAgain(t *testing.T, h *house) {
	ctx := t.Context()
	future, past := h.releasedWages(t, july, "2400.00"), h.releasedWages(t, february, "2300.00")
	h.sendHints(t)
	h.award(t, "379900", 202601, 202612, 2) // computed with both
	equal(t, "hints", h.hints(t, "recalculate", past.ID), 0)
	h.award(t, "379900", 202601, 202612, 0)
	equal(t, "hints of the past", h.hints(t, "recalculate", past.ID), 1)
	equal(t, "hints of the future", h.hints(t, "recalculate", future.ID), 0)
	must(t, h.EndRecalculations(ctx, clerk, past, 0)) // it had been read before the award came
	v, err := h.ParamSet(ctx, past.ID)
	must(t, err)
	if !v.Recalculated.IsZero() {
		t.Error("the award that came in late would be missed")
	}
	must(t, h.EndRecalculations(ctx, clerk, v, 1))
	if v, err = h.ParamSet(ctx, v.ID); err != nil || v.Recalculated.IsZero() {
		t.Errorf("%+v, %v", v, err)
	}
}
