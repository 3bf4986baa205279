package playbooks_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/playbooks/pagetest"
)

func TestScriptedPageKeepsTheContract(t *testing.T) {
	pagetest.Contract(t, func(*testing.T) pagetest.World { return &pagetest.Legacy{} })
}

// confirmed gives a bench whose run "run" the clerk has confirmed.
func confirmed(t *testing.T, switches pagetest.Switches) (*pagetest.Bench, *pagetest.Legacy) {
	t.Helper()
	legacy := &pagetest.Legacy{Switches: switches}
	t.Cleanup(func() {
		if n := legacy.Open(); n != 0 {
			t.Errorf("%d pages were not given back", n)
		}
	})
	b := pagetest.NewBench(t, legacy)
	b.Confirm(t, "run")
	return b, legacy
}

// clicking is confirmed without the look before the first click.
func clicking(t *testing.T, switches pagetest.Switches) (*pagetest.Bench, *pagetest.Legacy) {
	t.Helper()
	b, legacy := confirmed(t, switches)
	b.ClickFirst(t)
	return b, legacy
}

// parked takes a turn that must end in a question to the operator.
func parked(t *testing.T, b *pagetest.Bench, run, reason string) *casework.Review {
	t.Helper()
	result, err, _ := b.Turn(t, run)
	if err != nil || result.State != casework.RunParked || result.Review.Reason != reason || result.Review.Role != "operator" {
		t.Fatalf("want parked for %s, got %+v, %v", reason, result, err)
	}
	return result.Review
}

// waits takes a turn that must end in a Transient fault.
func waits(t *testing.T, b *pagetest.Bench, run, code string) *casework.Fault {
	t.Helper()
	result, err, _ := b.Turn(t, run)
	f, ok := errors.AsType[*casework.Fault](err)
	if !ok || f.Kind != casework.Transient || f.Code != code || result.State != "" {
		t.Fatalf("want transient %s, got %+v, %v", code, result, err)
	}
	return f
}

func posted(t *testing.T, legacy *pagetest.Legacy, want int) {
	t.Helper()
	if legacy.Posts() != want {
		t.Errorf("submitted %d times, want %d", legacy.Posts(), want)
	}
}

func state(t *testing.T, b *pagetest.Bench, want casework.EffectState) {
	t.Helper()
	if all := b.Book.Effects(); len(all) != 1 || all[0].State != want {
		t.Errorf("effects %+v, want one in state %s", all, want)
	}
}

func offers(review *casework.Review, choice string) bool {
	return slices.ContainsFunc(review.Choices, func(c casework.Choice) bool { return c.Name == choice })
}

func TestGoodClaimIsSubmittedWithEvidence(t *testing.T) {
	b, legacy := confirmed(t, pagetest.Switches{})
	pagetest.Submitted(t, b, "run")
	posted(t, legacy, 1)
	state(t, b, casework.EffectOutcome)
	row := legacy.Records()[0]
	for column, want := range map[string]string{"姓名": "张明", "失业原因": "11-劳动合同期满", "申领月份": "202603", "离职证明": "file-termination_notice.jpg"} {
		if row[column] != want {
			t.Errorf("%s %q, want %q", column, row[column], want)
		}
	}
	want := []string{"looked_before.png", "before_commit.png", "values.json", "after_commit.png", "dialogs.txt", "verified.png"}
	if got := b.Book.Evidence("run"); !slices.Equal(got, want) {
		t.Errorf("evidence %v, want %v", got, want)
	}
	kinds := []casework.EntryKind{casework.Begun, casework.Verified, casework.Intent, casework.Sent, casework.Verified, casework.Happened}
	if got := b.Book.Kinds("run", "submit"); !slices.Equal(got, kinds) {
		t.Errorf("journal %v, want %v", got, kinds)
	}
}

func TestWhoeverTakesAStepOverSaysSoFirst(t *testing.T) {
	b, legacy := confirmed(t, pagetest.Switches{})
	legacy.FailCall(1, casework.Retry("page_down", "gone"))
	b.Turn(t, "run")
	before := len(b.Book.Entries("run"))
	legacy.FailCall(1, casework.Retry("page_down", "gone"))
	b.Turn(t, "run") // the next attempt gets no further
	lines := b.Book.Entries("run")[before:]
	if len(lines) != 1 || lines[0].Kind != casework.Begun || lines[0].Step != "submit" {
		t.Errorf("the second holder wrote %+v, want one line that it goes on", lines)
	}
}

func TestFinishedRunDoesNothingMore(t *testing.T) {
	b, legacy := confirmed(t, pagetest.Switches{})
	pagetest.Submitted(t, b, "run")
	lines := len(b.Book.Entries("run"))
	pagetest.Submitted(t, b, "run")
	posted(t, legacy, 1)
	if n := len(b.Book.Entries("run")); n != lines {
		t.Errorf("journal grew from %d to %d lines", lines, n)
	}
}

func TestClerkReturnsTheClaim(t *testing.T) {
	legacy := &pagetest.Legacy{}
	b := pagetest.NewBench(t, legacy)
	b.Confirm(t, "run")
	for id := range b.Answers {
		b.Answer(&casework.Review{ID: id}, "return")
	}
	result, err, _ := b.Turn(t, "run")
	if err != nil || result.State != casework.RunDone || result.End != "returned" || !slices.Equal(b.Made, []string{"correction_notice"}) {
		t.Fatalf("got %+v, %v, papers %v", result, err, b.Made)
	}
	if posted(t, legacy, 0); len(b.Book.Effects()) != 0 {
		t.Error("a returned claim touched the legacy system")
	}
}

func TestFaultyMaterialsAreReturnedWithoutAsking(t *testing.T) {
	legacy := &pagetest.Legacy{}
	b := pagetest.NewBench(t, legacy)
	b.Snapshot.Assessment.Verdict = casework.ReturnForCorrection
	result, err, _ := b.Turn(t, "run")
	if err != nil || result.End != "returned" || !slices.Equal(b.Made, []string{"correction_notice"}) {
		t.Fatalf("got %+v, %v, papers %v", result, err, b.Made)
	}
}

func TestOpenQuestionIsAskedOnceUntilAnswered(t *testing.T) {
	b := pagetest.NewBench(t, &pagetest.Legacy{})
	first, err, _ := b.Turn(t, "run")
	if err != nil {
		t.Fatal(err)
	}
	lines := len(b.Book.Entries("run"))
	b.Answer(first.Review, "approve_everything")
	again, err, _ := b.Turn(t, "run")
	if err != nil || again.State != casework.RunParked || again.Review.ID != first.Review.ID {
		t.Fatalf("want the same question, got %+v, %v", again, err)
	}
	if len(b.Book.Entries("run")) != lines {
		t.Error("the journal grew without an answer")
	}
	if first.Review.Due.Sub(b.Now()) != 16*time.Hour || first.Review.CaseID != "case-run" || len(first.Review.Show) != 5 {
		t.Errorf("question %+v", first.Review)
	}
}

func TestClerksCorrectionsAreUsedAlsoAfterACrash(t *testing.T) {
	b, legacy := confirmed(t, pagetest.Switches{})
	for id, d := range b.Answers {
		d.Edits = map[string]string{"id_card_front.name": "张鸣", "case.account": "1", "case.id_number": "2"}
		b.Answers[id] = d
	}
	b.Crash = "after_intent"
	b.Turn(t, "run")
	b.Answers = map[string]casework.Decision{} // the journal alone must know
	pagetest.Submitted(t, b, "run")
	if row := legacy.Records()[0]; row["姓名"] != "张鸣" || row["证件号码"] != "379901198503120017" {
		t.Errorf("entered %v", row)
	}
}

func TestNothingLeavesBeforeItIsCertain(t *testing.T) {
	human := casework.AskPerson("element_missing", "no such label")
	for _, c := range []struct {
		name, reason string
		set, reset   func(*pagetest.Bench, *pagetest.Legacy)
	}{
		{"fallback", "locator_fallback", func(_ *pagetest.Bench, l *pagetest.Legacy) { l.Fallback = "姓名" }, func(_ *pagetest.Bench, l *pagetest.Legacy) { l.Fallback = "" }},
		{"label renamed", "element_missing", func(_ *pagetest.Bench, l *pagetest.Legacy) { l.Broken = map[string]error{"姓名": human} }, func(_ *pagetest.Bench, l *pagetest.Legacy) { l.Broken = nil }},
		{"button covered", "element_covered", func(_ *pagetest.Bench, l *pagetest.Legacy) {
			l.RefuseClick = casework.AskPerson("element_covered", "covered")
		}, func(_ *pagetest.Bench, l *pagetest.Legacy) { l.RefuseClick = nil }},
		{"value missing", "value_missing", func(b *pagetest.Bench, _ *pagetest.Legacy) { b.Snapshot.Shared["leave_reason"] = "U00" }, func(b *pagetest.Bench, _ *pagetest.Legacy) { b.Snapshot.Shared["leave_reason"] = "" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, legacy := confirmed(t, pagetest.Switches{})
			c.set(b, legacy)
			review := parked(t, b, "run", c.reason)
			posted(t, legacy, 0)
			if !offers(review, "retry") || !offers(review, "done") || !offers(review, "stop") {
				t.Errorf("choices %v", review.Choices)
			}
			c.reset(b, legacy)
			b.Answer(review, "retry")
			pagetest.Submitted(t, b, "run")
			posted(t, legacy, 1)
		})
	}
}

func TestSystemDownIsTriedAgainLater(t *testing.T) {
	b, legacy := confirmed(t, pagetest.Switches{Down: true})
	waits(t, b, "run", "system_down")
	if len(b.Book.Effects()) != 0 {
		t.Error("an effect was claimed without a page")
	}
	legacy.Down = false
	pagetest.Submitted(t, b, "run")
}

func TestDoneByHandTakesTheEffect(t *testing.T) {
	b, legacy := confirmed(t, pagetest.Switches{Fallback: "姓名"})
	review := parked(t, b, "run", "locator_fallback")
	b.Answers[review.ID] = casework.Decision{ReviewID: review.ID, Choice: "done", Edits: map[string]string{"受理编号": "SY9"}}
	result, err, _ := b.Turn(t, "run")
	if err != nil || result.End != "submitted" || result.Kept["受理编号"] != "SY9" {
		t.Fatalf("got %+v, %v", result, err)
	}
	legacy.Fallback = ""
	b.Confirm(t, "second")
	pagetest.Submitted(t, b, "second")
	posted(t, legacy, 0)
}

func TestOtherRunsOfTheSameClaim(t *testing.T) {
	t.Run("other values ask a person", func(t *testing.T) {
		b, legacy := confirmed(t, pagetest.Switches{})
		pagetest.Submitted(t, b, "run")
		b.Snapshot.Assessment.Documents["bank_card"].Fields["number"] = casework.Field{Value: "6222020000000000099"}
		b.Confirm(t, "second")
		b.Answer(parked(t, b, "second", "same_key_other_values"), "done")
		pagetest.Submitted(t, b, "second")
		posted(t, legacy, 1)
	})
	t.Run("a live run's doubt is not freed, a dead one's by a person", func(t *testing.T) {
		b, legacy := confirmed(t, pagetest.Switches{LoseRequest: true})
		parked(t, b, "run", "absent_after_sent")
		legacy.LoseRequest = false
		b.Confirm(t, "second")
		review := parked(t, b, "second", "absent_after_sent")
		posted(t, legacy, 0)
		b.Answer(review, "absent")
		waits(t, b, "second", "internal") // the journal refuses
		posted(t, legacy, 0)
		b.Book.End("run")
		pagetest.Submitted(t, b, "second")
		posted(t, legacy, 1)
	})
	t.Run("settling never frees another run's doubt", func(t *testing.T) {
		b, legacy, now := settling(t, pagetest.Switches{LoseRequest: true})
		waits(t, b, "run", "settling")
		b.Book.End("run")
		b.Confirm(t, "second")
		*now = now.Add(time.Hour)
		parked(t, b, "second", "absent_after_sent")
		posted(t, legacy, 0)
	})
	for _, over := range []bool{false, true} {
		t.Run("a record found for another run is taken", func(t *testing.T) {
			b, legacy := clicking(t, pagetest.Switches{NoTotal: true})
			parked(t, b, "run", "verify_incomplete")
			legacy.NoTotal = false
			b.Confirm(t, "second")
			want := casework.EffectSent // it is the first run's to finish
			if over {
				b.Book.End("run")
				want = casework.EffectOutcome
			}
			pagetest.Submitted(t, b, "second")
			posted(t, legacy, 1)
			state(t, b, want)
		})
	}
	t.Run("a live run's intent is waited for, a dead one's is taken", func(t *testing.T) {
		b, legacy := confirmed(t, pagetest.Switches{})
		b.Crash = "after_intent"
		b.Turn(t, "run")
		b.Confirm(t, "second")
		waits(t, b, "second", "effect_busy")
		posted(t, legacy, 0)
		b.Book.End("run")
		pagetest.Submitted(t, b, "second")
		posted(t, legacy, 1)
	})
}

func TestRequestThatComesLateIsRefused(t *testing.T) {
	b, legacy := confirmed(t, pagetest.Switches{LateGuard: true})
	waits(t, b, "run", "timeout")
	if legacy.Late() == nil {
		t.Error("the gate let a request pass after Commit had returned")
	}
	state(t, b, casework.EffectIntent)
}

func TestOneCommitLetsOneRequestPass(t *testing.T) {
	b, legacy := confirmed(t, pagetest.Switches{TwoRequests: true})
	pagetest.Submitted(t, b, "run")
	if legacy.Second() == nil {
		t.Error("a second changing request passed")
	}
}

func TestOldHolderStopsAtOnce(t *testing.T) {
	b, legacy := confirmed(t, pagetest.Switches{})
	for _, write := range []string{"append:begun", "keep", "claim", "advance:sent"} {
		lines := len(b.Book.Entries("run"))
		b.Book.Refuse(write, playbooks.ErrNotHolder)
		result, err, _ := b.Turn(t, "run")
		if !errors.Is(err, playbooks.ErrNotHolder) || result.State != "" {
			t.Fatalf("%s: got %+v, %v", write, result, err)
		}
		for _, e := range b.Book.Entries("run")[lines:] {
			if e.Kind == casework.Parked || e.Kind == casework.Sent {
				t.Errorf("%s: an old holder wrote %s", write, e.Kind)
			}
		}
		posted(t, legacy, 0)
	}
	pagetest.Submitted(t, b, "run")
	posted(t, legacy, 1)
}

// TestWorkerKilledAtTheGate dies together with its gate: the request of after_sent
// never leaves, and clicking again is a person's decision.
func TestWorkerKilledAtTheGate(t *testing.T) {
	for _, seam := range []string{"before_sent", "after_sent"} {
		b, legacy := confirmed(t, pagetest.Switches{})
		b.Crash = seam
		if _, _, died := b.Turn(t, "run"); !died {
			t.Fatalf("did not come to %s", seam)
		}
		if seam == "after_sent" {
			b.Answer(parked(t, b, "run", "absent_after_sent"), "absent")
			posted(t, legacy, 0)
		}
		pagetest.Submitted(t, b, "run")
		posted(t, legacy, 1)
	}
}

func TestFrozenWorkerThatWakesUpAtTheGateSendsNothing(t *testing.T) {
	b, legacy := confirmed(t, pagetest.Switches{})
	runner := &takeover{bench: b, run: "run"}
	b.Pages = runner
	runner.Pages = legacy
	_, err, _ := b.Turn(t, "run")
	if !errors.Is(err, playbooks.ErrNotHolder) {
		t.Fatalf("got %v", err)
	}
	posted(t, legacy, 0)
	b.Pages = legacy
	pagetest.Submitted(t, b, "run")
	posted(t, legacy, 1)
}

// takeover gives pages during whose commit another worker takes the run.
type takeover struct {
	playbooks.Pages
	bench *pagetest.Bench
	run   string
}

func (p *takeover) Page(ctx context.Context, s playbooks.System) (playbooks.Page, error) {
	page, err := p.Pages.Page(ctx, s)
	return &stolen{page, p}, err
}

type stolen struct {
	playbooks.Page
	by *takeover
}

func (s *stolen) Commit(ctx context.Context, order playbooks.Commit, guard playbooks.Guard) (playbooks.Seen, error) {
	return s.Page.Commit(ctx, order, func(ctx context.Context, req playbooks.Request) error {
		s.by.bench.Book.Hold(s.by.run)
		return guard(ctx, req)
	})
}

func TestCancelledRunWritesNothingMore(t *testing.T) {
	b, legacy := confirmed(t, pagetest.Switches{})
	lines := len(b.Book.Entries("run"))
	ctx, cancel := context.WithCancel(t.Context())
	legacy.Broken = map[string]error{"姓名": casework.AskPerson("element_missing", "the tab is gone")}
	cancel()
	if _, err := b.TurnIn(ctx, "run"); err == nil {
		t.Error("a cancelled turn ended well")
	}
	for _, e := range b.Book.Entries("run")[lines:] {
		if e.Kind == casework.Parked {
			t.Error("a cancelled turn parked the run")
		}
	}
}

func TestRunCancelledAfterTheReplyLeavesTheDoubt(t *testing.T) {
	b, legacy := clicking(t, pagetest.Switches{BlindVerify: casework.AskPerson("element_missing", "the tab is gone")})
	ctx, cancel := context.WithCancel(t.Context())
	b.At = func(seam string) {
		if seam == "after_reply" {
			cancel()
		}
	}
	if _, err := b.TurnIn(ctx, "run"); err == nil {
		t.Error("a cancelled turn ended well")
	}
	if kinds := b.Book.Kinds("run", "submit"); kinds[len(kinds)-1] != casework.Sent {
		t.Errorf("journal %v, want sent at the end", kinds)
	}
	b.At, legacy.BlindVerify = nil, nil
	pagetest.Submitted(t, b, "run")
	posted(t, legacy, 1)
}

func TestTheLinesOfALastCheckAreWritten(t *testing.T) {
	b, _ := confirmed(t, pagetest.Switches{})
	pb, problems := playbooks.Parse("x.yaml", []byte("playbook: x\ntitle: {zh: 甲, en: x}\nkey: case.number\nsteps:\n  - {id: a, check: [{that: 'true', else: no}]}\n"))
	if problems.Broken() {
		t.Fatal(problems)
	}
	b.Playbook = pb
	if result, err, _ := b.Turn(t, "checked"); err != nil || result.End != "done" {
		t.Fatalf("got %+v, %v", result, err)
	}
	if got, want := b.Book.Kinds("checked", "a"), []casework.EntryKind{casework.Begun, casework.Happened}; !slices.Equal(got, want) {
		t.Errorf("journal %v, want %v", got, want)
	}
}

func TestJournalOfAnotherPlaybookFails(t *testing.T) {
	b, _ := confirmed(t, pagetest.Switches{})
	pb, problems := playbooks.Parse("x.yaml", []byte("playbook: x\ntitle: {zh: 甲, en: x}\nkey: case.number\nsteps:\n  - {id: a, check: [{that: 'true', else: no}]}\n"))
	if problems.Broken() {
		t.Fatal(problems)
	}
	b.Playbook = pb
	result, err, _ := b.Turn(t, "run")
	if err != nil || result.State != casework.RunFailed || result.End != "journal_mismatch" {
		t.Fatalf("got %+v, %v", result, err)
	}
}
