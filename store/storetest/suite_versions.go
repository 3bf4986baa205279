package storetest

import (
	"strings"
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

func versionsContract() contract {
	return contract{
		"VersionsNeverChange":                  versionsNeverChange,
		"SavedAgainIsLintedAgain":              savedAgainIsLintedAgain,
		"OnlyTheFirstImportedVersionIsTrusted": importedVersions,
		"ReleaseNeedsTwoPeopleAndADryRun":      releaseNeedsTwoAndADryRun,
		"StagesMoveOneAtATime":                 stagesMove,
		"QuotaLimitsUnattendedRuns":            quotaLimitsUnattendedRuns,
		"PickFollowsTheQuota":                  pickFollowsTheQuota,
		"DoubtPutsAVersionBackOnce":            doubtPutsBack,
		"PlainQuestionsPutNothingBack":         plainQuestionsPutNothingBack,
		"RefusedCommitPutsAVersionBack":        refusedCommitPutsBack,
		"RunKeepsTheCeilingItBeganUnder":       ceilingStays,
		"SameQuestionAskedAgainIsTheSame":      sameQuestionAgain,
		"PausedRunsAreNotAdmitted":             pausedRuns,
		"PausedQuestionKeepsItsAnswer":         pausedQuestionKeepsItsAnswer,
		"RetryFromAStepContinuesTheJournal":    retryFromAStep,
		"RerunTakesAReleasedVersion":           rerunWithAnotherVersion,
		"SkippingStopsAtADoubt":                skipAStep,
		"DryRunsAreClaimedOnceAndGivenUp":      dryRuns,
	}
}

var (
	author   = casework.Actor{Kind: casework.Human, ID: "u8", Name: "li", Role: "operator"}
	releaser = casework.Actor{Kind: casework.Human, ID: "u9", Name: "zhao", Role: "manager"}
)

// draft saves a text as author.
func (h *house) draft(t *testing.T, text string) store.Version {
	t.Helper()
	v, err := h.SaveVersion(t.Context(), author, store.Version{Playbook: "unemployment_claim", Text: text, Note: "改了一处"})
	must(t, err)
	h.clock.Advance(1e9)
	return v
}

// first imports a text as the first version of its playbook.
func (h *house) first(t *testing.T, text string, stage casework.Stage) store.Version {
	t.Helper()
	v, err := h.ImportVersion(t.Context(), store.Version{Playbook: "unemployment_claim", Text: text}, stage)
	must(t, err)
	h.clock.Advance(1e9)
	return v
}

// runOf starts a run of a version.
func (h *house) runOf(t *testing.T, v store.Version) casework.Run {
	t.Helper()
	c := h.submitted(t)
	order := h.order(c.ID, "")
	order.Version = v.Hash
	run, err := h.StartRun(t.Context(), clerk, order, snapshot(c))
	must(t, err)
	return run
}

func (h *house) stands(t *testing.T, what, hash string, want casework.Stage) {
	t.Helper()
	v, err := h.Version(t.Context(), hash)
	must(t, err)
	equal(t, what, v.Stage, want)
}

// rehearsed makes a dry run of the version come out as given.
func (h *house) rehearsed(t *testing.T, v store.Version, good bool) store.DryRun {
	t.Helper()
	run := h.started(t, "")
	d, err := h.OrderDryRun(t.Context(), author, run.ID, v.Hash, "试运行")
	must(t, err)
	d, err = h.ClaimDryRun(t.Context(), d.ID, "w1")
	must(t, err)
	d.State, d.Good = store.DryDone, good
	d.Report.Fields = []casework.DryField{{Label: "姓名", Written: applicant.Name, There: applicant.Name, Same: good}}
	must(t, h.EndDryRun(t.Context(), d, []casework.Shot{{Name: "before_commit.png", MIME: "image/png", Data: []byte("png")}}))
	return d
}

func versionsNeverChange(t *testing.T, h *house) {
	v := h.draft(t, "text one")
	equal(t, "stage", v.Stage, casework.StageDraft)
	again, err := h.SaveVersion(t.Context(), releaser, store.Version{Playbook: "unemployment_claim", Text: "text one", Note: "又"})
	must(t, err)
	equal(t, "author of the same text", again.Author+again.Note, "li改了一处")
	short, err := h.Version(t.Context(), strings.TrimPrefix(v.Hash, "sha256:")[:9])
	must(t, err)
	equal(t, "by some digits", short.Text, "text one")
	for _, hash := range []string{"", "sha256:", "1234567", "%%%%%%%%%", strings.Repeat("0", 64)} {
		_, err := h.Version(t.Context(), hash)
		refused(t, "version "+hash, err, store.ErrNotFound)
	}
	second := h.draft(t, "text two")
	all, err := h.Versions(t.Context(), "unemployment_claim")
	must(t, err)
	if len(all) != 2 || all[0].Hash != second.Hash || all[0].Text != "" {
		t.Errorf("versions: %+v", all)
	}
	h.exec(t, "UPDATE playbook_versions SET text = 'text one, or nearly' WHERE hash = $1", v.Hash)
	_, err = h.Version(t.Context(), v.Hash)
	refused(t, "changed text", err, store.ErrTampered)
}

// savedAgainIsLintedAgain: what the linter says is of the day it is asked.
func savedAgainIsLintedAgain(t *testing.T, h *house) {
	ctx := t.Context()
	text := store.Version{Playbook: "unemployment_claim", Text: "one", Errors: 2}
	v, err := h.SaveVersion(ctx, author, text)
	must(t, err)
	h.rehearsed(t, v, true)
	refused(t, "with errors", h.Release(ctx, releaser, v.Hash, "上线"), store.ErrUnready)
	text.Errors, text.Warnings = 0, 1
	again, err := h.SaveVersion(ctx, releaser, text)
	must(t, err)
	equal(t, "author", again.AuthorID, author.ID)
	equal(t, "warnings", again.Warnings, 1)
	must(t, h.Release(ctx, releaser, v.Hash, "上线"))
}

func importedVersions(t *testing.T, h *house) {
	equal(t, "first", h.first(t, "one", casework.StageFull).Stage, casework.StageFull)
	equal(t, "next", h.first(t, "two", casework.StageFull).Stage, casework.StageDraft)
	v, err := h.PickVersion(t.Context(), "unemployment_claim")
	must(t, err)
	equal(t, "picked", v.Text, "one")
	_, err = h.PickVersion(t.Context(), "another")
	refused(t, "no version", err, store.ErrNotFound)
}

func releaseNeedsTwoAndADryRun(t *testing.T, h *house) {
	ctx := t.Context()
	v := h.draft(t, "one")
	refused(t, "no dry run", h.Release(ctx, releaser, v.Hash, "上线"), store.ErrUnready)
	h.rehearsed(t, v, false)
	refused(t, "bad dry run", h.Release(ctx, releaser, v.Hash, "上线"), store.ErrUnready)
	h.rehearsed(t, h.draft(t, "another"), true)
	refused(t, "dry run of another version", h.Release(ctx, releaser, v.Hash, "上线"), store.ErrUnready)
	h.rehearsed(t, v, true)
	refused(t, "author", h.Release(ctx, author, v.Hash, "上线"), store.ErrTwoPeople)
	robot := casework.Actor{Kind: casework.Robot, ID: "r", Name: "r"}
	refused(t, "robot", h.Release(ctx, robot, v.Hash, "上线"), store.ErrTwoPeople)
	refused(t, "no reason", h.Release(ctx, releaser, v.Hash, " "), store.ErrInvalid)
	must(t, h.Release(ctx, releaser, v.Hash, "上线"))
	h.stands(t, "released", v.Hash, casework.StageShadow)
	refused(t, "again", h.Release(ctx, releaser, v.Hash, "上线"), store.ErrConflict)
	broken, err := h.SaveVersion(ctx, author, store.Version{Playbook: "unemployment_claim", Text: "broken", Errors: 1})
	must(t, err)
	h.rehearsed(t, broken, true)
	refused(t, "with errors", h.Release(ctx, releaser, broken.Hash, "上线"), store.ErrUnready)
}

func stagesMove(t *testing.T, h *house) {
	ctx := t.Context()
	v := h.draft(t, "one")
	refused(t, "a draft", h.Promote(ctx, releaser, v.Hash, "好"), store.ErrConflict)
	h.rehearsed(t, v, true)
	must(t, h.Release(ctx, releaser, v.Hash, "上线"))
	for _, want := range []casework.Stage{casework.StageSupervised, casework.StageLimited, casework.StageFull} {
		refused(t, "author", h.Promote(ctx, author, v.Hash, "好"), store.ErrTwoPeople)
		must(t, h.Promote(ctx, releaser, v.Hash, "好"))
		h.stands(t, "promoted", v.Hash, want)
	}
	refused(t, "beyond full", h.Promote(ctx, releaser, v.Hash, "好"), store.ErrConflict)
	for _, want := range []casework.Stage{casework.StageLimited, casework.StageSupervised, casework.StageShadow} {
		must(t, h.Demote(ctx, author, v.Hash, "出错"))
		h.stands(t, "demoted", v.Hash, want)
	}
	refused(t, "below shadow", h.Demote(ctx, author, v.Hash, "出错"), store.ErrConflict)
	must(t, h.Retire(ctx, author, v.Hash, "旧"))
	_, err := h.PickVersion(ctx, "unemployment_claim")
	refused(t, "retired", err, store.ErrNotFound)
	events, err := h.VersionEvents(ctx, v.Hash)
	must(t, err)
	equal(t, "events", len(events), 8)
	equal(t, "newest", events[0].Reason, "旧")
	rows, err := h.Audit(ctx, "unemployment_claim", 50)
	must(t, err)
	equal(t, "audited", len(rows) >= 9, true)
}

func quotaLimitsUnattendedRuns(t *testing.T, h *house) {
	ctx := t.Context()
	v := h.first(t, "one", casework.StageLimited)
	must(t, h.SetQuota(ctx, releaser, v.Hash, 4, 3, "试"))
	var got []string
	for range 6 {
		stage, err := h.RunStage(ctx, h.runOf(t, v).ID)
		must(t, err)
		got = append(got, string(stage)[:1])
	}
	equal(t, "every third and all beyond four supervised", strings.Join(got, ""), "llslss")
	h.clock.Advance(24 * 3600e9)
	stage, err := h.RunStage(ctx, h.runOf(t, v).ID)
	must(t, err)
	equal(t, "next day", stage, casework.StageLimited)
}

func pickFollowsTheQuota(t *testing.T, h *house) {
	ctx := t.Context()
	old := h.first(t, "old", casework.StageFull)
	v := h.draft(t, "new")
	h.rehearsed(t, v, true)
	must(t, h.Release(ctx, releaser, v.Hash, "上线"))
	must(t, h.SetQuota(ctx, releaser, v.Hash, 2, 0, "试"))
	var got []string
	for range 4 {
		picked, err := h.PickVersion(ctx, "unemployment_claim")
		must(t, err)
		got = append(got, picked.Text)
		h.runOf(t, picked)
	}
	equal(t, "picked", strings.Join(got, " "), "new new old old")
	must(t, h.Retire(ctx, releaser, old.Hash, "旧"))
	picked, err := h.PickVersion(ctx, "unemployment_claim")
	must(t, err)
	equal(t, "the only one left", picked.Text, "new")
}

func doubtPutsBack(t *testing.T, h *house) {
	ctx := t.Context()
	v := h.first(t, "one", casework.StageFull)
	other := h.runOf(t, v)
	lease := h.claim(t, h.runOf(t, v).ID, "w1")
	review := &casework.Review{ID: casework.NewID(), Role: "operator", Reason: "record_differs", Choices: []casework.Choice{{Name: "verify"}}}
	must(t, h.Settle(ctx, lease, casework.Result{State: casework.RunParked, Step: "submit", Review: review}))
	h.stands(t, "after the doubt", v.Hash, casework.StageLimited)
	stage, err := h.RunStage(ctx, other.ID)
	must(t, err)
	equal(t, "runs under way too", stage, casework.StageLimited)
	must(t, h.RetryFrom(ctx, clerk, lease.Run.ID, "", "再试"))
	lease = h.claim(t, lease.Run.ID, "w1")
	must(t, h.Settle(ctx, lease, casework.Result{State: casework.RunParked, Step: "submit", Review: review}))
	h.stands(t, "the same question counts once", v.Hash, casework.StageLimited)
	events, err := h.VersionEvents(ctx, v.Hash)
	must(t, err)
	equal(t, "event", events[0].RunID+events[0].Reason, lease.Run.ID+"record_differs")
	must(t, h.Promote(ctx, releaser, v.Hash, "查明"))
	stage, err = h.RunStage(ctx, other.ID)
	must(t, err)
	equal(t, "promoted again", stage, casework.StageFull)
}

func plainQuestionsPutNothingBack(t *testing.T, h *house) {
	v := h.first(t, "one", casework.StageFull)
	for _, reason := range []string{"", "absent_after_sent", "page_down", "entered_already"} {
		lease := h.claim(t, h.runOf(t, v).ID, "w1")
		q := question()
		q.Review.Reason = reason
		must(t, h.Settle(t.Context(), lease, q))
	}
	h.stands(t, "stage", v.Hash, casework.StageFull)
}

func refusedCommitPutsBack(t *testing.T, h *house) {
	v := h.first(t, "one", casework.StageSupervised)
	for _, c := range []struct {
		choice string
		want   casework.Stage
	}{{"free", casework.StageSupervised}, {"stop", casework.StageShadow}} {
		lease := h.claim(t, h.runOf(t, v).ID, "w1")
		review := &casework.Review{Role: "operator", Reason: "supervised", Choices: []casework.Choice{{Name: "free"}, {Name: "stop"}}}
		must(t, h.Settle(t.Context(), lease, casework.Result{State: casework.RunParked, Step: "submit", Review: review}))
		open := h.openReview(t, lease.Run.CaseID)
		must(t, h.Decide(t.Context(), casework.Decision{ReviewID: open.ID, Choice: c.choice, By: clerk}))
		h.stands(t, c.choice, v.Hash, c.want)
	}
}

func ceilingStays(t *testing.T, h *house) {
	ctx := t.Context()
	v := h.first(t, "one", casework.StageSupervised)
	run := h.runOf(t, v)
	must(t, h.Promote(ctx, releaser, v.Hash, "好"))
	stage, err := h.RunStage(ctx, run.ID)
	must(t, err)
	equal(t, "begun under supervision", stage, casework.StageSupervised)
	unknown, err := h.RunStage(ctx, h.started(t, "").ID)
	must(t, err)
	equal(t, "a version that is not kept", unknown, casework.StageSupervised)
}

func sameQuestionAgain(t *testing.T, h *house) {
	ctx, lease := t.Context(), h.held(t, "w1")
	q := question()
	q.Review.ID = casework.NewID()
	must(t, h.Settle(ctx, lease, q))
	must(t, h.RetryFrom(ctx, clerk, lease.Run.ID, "", "再看"))
	equal(t, "superseded meanwhile", h.number(t, "SELECT COUNT(*) FROM reviews WHERE state = 'open'"), 0)
	must(t, h.Settle(ctx, h.claim(t, lease.Run.ID, "w2"), q))
	equal(t, "the same question, open", h.openReview(t, lease.Run.CaseID).ID, q.Review.ID)
	must(t, h.Decide(ctx, casework.Decision{ReviewID: q.Review.ID, Choice: "submit", By: clerk}))
}

func pausedRuns(t *testing.T, h *house) {
	ctx := t.Context()
	run := h.started(t, "", "p1")
	must(t, h.PauseRun(ctx, clerk, run.ID, "待查"))
	refused(t, "twice", h.PauseRun(ctx, clerk, run.ID, "待查"), store.ErrConflict)
	refused(t, "no reason", h.ResumeRun(ctx, clerk, run.ID, ""), store.ErrInvalid)
	n, err := h.Admit(ctx, 10)
	must(t, err)
	equal(t, "admitted", n, 0)
	paused, err := h.Paused(ctx, run.ID, "nobody")
	must(t, err)
	equal(t, "paused", paused[run.ID] && len(paused) == 1, true)
	must(t, h.ResumeRun(ctx, clerk, run.ID, "查明"))
	refused(t, "resume twice", h.ResumeRun(ctx, clerk, run.ID, "查明"), store.ErrConflict)
	_, err = h.Admit(ctx, 10)
	must(t, err)
	must(t, h.PauseRun(ctx, clerk, run.ID, "待查")) // admitted, not yet claimed
	_, err = h.Store.Claim(ctx, run.ID, "w1")
	refused(t, "claim", err, store.ErrHeld)
	equal(t, "locks", h.number(t, "SELECT COUNT(*) FROM person_locks"), 0)
	must(t, h.ResumeRun(ctx, clerk, run.ID, "查明"))
	lease := h.claim(t, run.ID, "w1")
	must(t, h.PauseRun(ctx, clerk, run.ID, "待查")) // running: its runner stops at the next step
	must(t, h.Later(ctx, lease, h.clock.Now(), "paused", 8))
	n, err = h.Admit(ctx, 10)
	must(t, err)
	equal(t, "admitted after its turn", n, 0)
	must(t, h.WithdrawRun(ctx, clerk, run.ID, "不办了"))
	refused(t, "over", h.PauseRun(ctx, clerk, run.ID, "待查"), store.ErrConflict)
}

func pausedQuestionKeepsItsAnswer(t *testing.T, h *house) {
	ctx, lease := t.Context(), h.held(t, "w1")
	must(t, h.Settle(ctx, lease, question()))
	must(t, h.PauseRun(ctx, clerk, lease.Run.ID, "待查"))
	review := h.openReview(t, lease.Run.CaseID)
	must(t, h.Decide(ctx, casework.Decision{ReviewID: review.ID, Choice: "submit", By: clerk}))
	n, err := h.Admit(ctx, 10)
	must(t, err)
	equal(t, "admitted", n, 0)
	must(t, h.ResumeRun(ctx, clerk, lease.Run.ID, "查明"))
	h.claim(t, lease.Run.ID, "w2")
}

func retryFromAStep(t *testing.T, h *house) {
	ctx, lease := t.Context(), h.held(t, "w1", "p1")
	refused(t, "running", h.RetryFrom(ctx, clerk, lease.Run.ID, "confirm", "重来"), store.ErrConflict)
	must(t, h.Settle(ctx, lease, casework.Result{State: casework.RunFailed, Step: "submit", End: "x"}))
	must(t, h.RetryFrom(ctx, clerk, lease.Run.ID, "confirm", "重来"))
	lines, err := h.Entries(ctx, lease.Run.ID)
	must(t, err)
	last := lines[len(lines)-1]
	equal(t, "line", string(last.Kind)+" "+last.Step, "rewound confirm")
	c, err := h.Case(ctx, lease.Run.CaseID)
	must(t, err)
	equal(t, "case", c.State, casework.CaseDataChecking)
	again := h.claim(t, lease.Run.ID, "w2")
	must(t, h.Journal(again).Append(ctx, casework.Entry{Step: "confirm", Kind: casework.Begun}))
	must(t, h.Settle(ctx, again, casework.Result{State: casework.RunDone, End: "submitted"}))
	refused(t, "done", h.RetryFrom(ctx, clerk, lease.Run.ID, "confirm", "重来"), store.ErrConflict)
}

func rerunWithAnotherVersion(t *testing.T, h *house) {
	ctx := t.Context()
	v := h.first(t, "one", casework.StageFull)
	lease := h.claim(t, h.runOf(t, v).ID, "w1")
	must(t, h.Settle(ctx, lease, question()))
	fresh := h.draft(t, "two")
	refused(t, "a draft", h.Rerun(ctx, clerk, lease.Run.ID, fresh.Hash, "新版"), store.ErrUnready)
	h.rehearsed(t, fresh, true)
	must(t, h.Release(ctx, releaser, fresh.Hash, "上线"))
	must(t, h.Rerun(ctx, clerk, lease.Run.ID, fresh.Hash, "新版"))
	run, err := h.Run(ctx, lease.Run.ID)
	must(t, err)
	equal(t, "version", run.Version, fresh.Hash)
	stage, err := h.RunStage(ctx, run.ID)
	must(t, err)
	equal(t, "stage", stage, casework.StageShadow)
	lines, err := h.Entries(ctx, run.ID)
	must(t, err)
	equal(t, "line", string(lines[len(lines)-1].Kind)+lines[len(lines)-1].Step, "rewound")
	equal(t, "open questions", h.number(t, "SELECT COUNT(*) FROM reviews WHERE state = 'open'"), 0)
	alien, err := h.ImportVersion(ctx, store.Version{Playbook: "another", Text: "three"}, casework.StageFull)
	must(t, err)
	refused(t, "of another playbook", h.Rerun(ctx, clerk, run.ID, alien.Hash, "新版"), store.ErrConflict)
	run, err = h.Run(ctx, run.ID)
	must(t, err)
	equal(t, "nothing changed", run.Version, fresh.Hash)
}

func skipAStep(t *testing.T, h *house) {
	ctx, lease := t.Context(), h.held(t, "w1")
	_, err := h.Journal(lease).Claim(ctx, casework.Effect{ID: "e1", System: "s", Action: "a", Step: "submit"}, casework.Entry{Step: "submit"})
	must(t, err)
	must(t, advance(t, h, lease, "e1", casework.EffectSent, casework.Sent))
	must(t, h.Settle(ctx, lease, question()))
	refused(t, "in doubt", h.SkipStep(ctx, clerk, lease.Run.ID, "submit", "不要"), store.ErrConflict)
	h.openReview(t, lease.Run.CaseID) // untouched by the refusal
	must(t, h.SkipStep(ctx, clerk, lease.Run.ID, "notice", "不要"))
	refused(t, "no step", h.SkipStep(ctx, clerk, lease.Run.ID, "", "不要"), store.ErrInvalid)
	lines, err := h.Entries(ctx, lease.Run.ID)
	must(t, err)
	equal(t, "line", string(lines[len(lines)-1].Kind)+" "+lines[len(lines)-1].Step, "skipped notice")
}

func dryRuns(t *testing.T, h *house) {
	ctx := t.Context()
	v := h.draft(t, "one")
	run := h.started(t, "")
	d, err := h.OrderDryRun(ctx, author, run.ID, v.Hash, "试运行")
	must(t, err)
	equal(t, "hint", h.hints(t, "dry_run", d.ID), 1)
	good := each(t, 4, store.ErrHeld, func(i int) error { _, err := h.ClaimDryRun(ctx, d.ID, worker(i)); return err })
	equal(t, "claims", good, 1)
	d, err = h.DryRun(ctx, d.ID)
	must(t, err)
	must(t, h.PutOffDryRun(ctx, d))
	refused(t, "no longer held", h.EndDryRun(ctx, d, nil), casework.ErrNotHolder)
	h.sendHints(t)
	h.clock.Advance(11e9)
	_, err = h.Sweep(ctx)
	must(t, err)
	equal(t, "hinted again", h.hints(t, "dry_run", d.ID), 1)
	d, err = h.ClaimDryRun(ctx, d.ID, "w1")
	must(t, err)
	_, err = h.Sweep(ctx)
	must(t, err)
	dead, err := h.DryRun(ctx, d.ID)
	must(t, err)
	equal(t, "its worker never beat", dead.State+dead.Code, "failedworker_lost")
	refused(t, "given up meanwhile", h.EndDryRun(ctx, d, nil), casework.ErrNotHolder)
	done := h.rehearsed(t, v, true)
	got, err := h.DryRuns(ctx, store.DryRunFilter{Hash: v.Hash})
	must(t, err)
	if len(got) != 2 || got[0].ID != done.ID || !got[0].Good || got[0].Report.Fields[0].Written != applicant.Name {
		t.Errorf("dry runs: %+v", got)
	}
	file, err := h.File(ctx, got[0].Shots[0].SHA256)
	must(t, err)
	equal(t, "evidence", string(file), "png")
	equal(t, "in clear", h.number(t, "SELECT COUNT(*) FROM dry_runs WHERE report LIKE '%'||$1||'%'", applicant.Name), 0)
}
