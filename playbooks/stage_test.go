package playbooks_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/playbooks/pagetest"
)

// staged gives a confirmed bench whose version stands in the stage that the
// returned pointer names.
func staged(t *testing.T, stage casework.Stage, switches pagetest.Switches) (*pagetest.Bench, *pagetest.Legacy, *casework.Stage) {
	t.Helper()
	b, legacy := confirmed(t, switches)
	b.Stage = func(context.Context) (casework.Stage, error) { return stage, nil }
	return b, legacy, &stage
}

func TestSupervisedCommitWaitsForAPersonEachTime(t *testing.T) {
	b, legacy, _ := staged(t, casework.StageSupervised, pagetest.Switches{})
	review := parked(t, b, "run", "supervised")
	posted(t, legacy, 0)
	if len(b.Book.Effects()) != 0 {
		t.Error("an effect was claimed before a person freed the commit")
	}
	if !slices.Equal(review.Show, []string{"evidence:before_commit.png", "evidence:values.json"}) || !offers(review, "free") || !offers(review, "stop") || len(review.Choices) != 2 {
		t.Errorf("question %+v", review)
	}
	for _, file := range []string{"before_commit.png", "values.json"} {
		if !slices.Contains(b.Book.Evidence("run"), file) {
			t.Errorf("there is no %s to show", file)
		}
	}
	again, _, _ := b.Turn(t, "run")
	if again.Review == nil || again.Review.ID != review.ID {
		t.Error("without an answer the question changed")
	}
	b.Answer(review, "free")
	pagetest.Submitted(t, b, "run")
	posted(t, legacy, 1)
}

func TestFreedCommitMustBeWhatWasShown(t *testing.T) {
	b, legacy, _ := staged(t, casework.StageSupervised, pagetest.Switches{})
	b.Answer(parked(t, b, "run", "supervised"), "free")
	b.Snapshot.Assessment.Documents["bank_card"].Fields["number"] = casework.Field{Value: "6222020000000000099"}
	review := parked(t, b, "run", "supervised_changed")
	posted(t, legacy, 0)
	b.Answer(review, "free")
	pagetest.Submitted(t, b, "run")
	posted(t, legacy, 1)
}

func TestOneFreeIsOneCommit(t *testing.T) {
	b, legacy, _ := staged(t, casework.StageSupervised, pagetest.Switches{LoseRequest: true})
	b.Answer(parked(t, b, "run", "supervised"), "free")
	b.Answer(parked(t, b, "run", "absent_after_sent"), "absent")
	legacy.LoseRequest = false
	b.Answer(parked(t, b, "run", "supervised"), "free") // the freed effect is not clicked without a person
	pagetest.Submitted(t, b, "run")
	posted(t, legacy, 1)
}

func TestStoppedSupervisedRunSendsNothing(t *testing.T) {
	b, legacy, _ := staged(t, casework.StageSupervised, pagetest.Switches{})
	b.Answer(parked(t, b, "run", "supervised"), "stop")
	result, err, _ := b.Turn(t, "run")
	if err != nil || result.State != casework.RunFailed || result.End != "stopped" {
		t.Fatalf("got %+v, %v", result, err)
	}
	posted(t, legacy, 0)
}

func TestVersionPutBackWhileTheFormIsFilledAsks(t *testing.T) {
	b, legacy, stage := staged(t, casework.StageFull, pagetest.Switches{})
	b.Pages = &whileOpen{Pages: legacy, then: func() { *stage = casework.StageSupervised }}
	parked(t, b, "run", "supervised")
	posted(t, legacy, 0)
}

// whileOpen does something as soon as a page is handed out.
type whileOpen struct {
	playbooks.Pages
	then func()
}

func (w *whileOpen) Page(ctx context.Context, s playbooks.System) (playbooks.Page, error) {
	w.then()
	return w.Pages.Page(ctx, s)
}

func TestLimitedAndFullCommitUnattended(t *testing.T) {
	for _, stage := range []casework.Stage{casework.StageLimited, casework.StageFull} {
		b, legacy, _ := staged(t, stage, pagetest.Switches{})
		pagetest.Submitted(t, b, "run")
		posted(t, legacy, 1)
	}
}

func TestShadowWritesNothingAndCompares(t *testing.T) {
	for _, stage := range []casework.Stage{casework.StageShadow, casework.StageDraft, "nonsense"} {
		b, legacy, _ := staged(t, stage, pagetest.Switches{})
		result, err, _ := b.Turn(t, "run")
		if err != nil || result.Review == nil || result.Review.Reason != "shadow_enter" || result.Review.Role != "clerk" {
			t.Fatalf("got %+v, %v", result, err)
		}
		b.Answer(result.Review, "done")
		if again, _, _ := b.Turn(t, "run"); again.Review == nil || again.Review.Reason != "shadow_enter" || again.Review.ID == result.Review.ID {
			t.Errorf("said done, but nothing is there: %+v", again)
		} else {
			b.Answer(again.Review, "done")
		}
		legacy.EnterByHand()
		pagetest.Submitted(t, b, "run")
		posted(t, legacy, 0)
		if legacy.Fills() != 0 || !slices.Contains(b.Book.Evidence("run"), "values.json") {
			t.Errorf("filled %d fields, evidence %v", legacy.Fills(), b.Book.Evidence("run"))
		}
		state(t, b, casework.EffectOutcome)
	}
}

func TestShadowReportsOtherValues(t *testing.T) {
	b, legacy, _ := staged(t, casework.StageShadow, pagetest.Switches{Alter: playbooks.Row{"姓名": "张鸣"}})
	legacy.EnterByHand()
	review := parked(t, b, "run", "shadow_differs")
	b.Answer(review, "done") // the person has looked and stands by the record
	result, err, _ := b.Turn(t, "run")
	if err != nil || result.End != "submitted" {
		t.Fatalf("got %+v, %v", result, err)
	}
	posted(t, legacy, 0)
}

func TestPausedRunStopsBeforeStepAndClick(t *testing.T) {
	for at := 1; at <= 2; at++ {
		b, legacy := confirmed(t, pagetest.Switches{})
		asked := 0
		b.Halt = func(context.Context) error {
			if asked++; asked >= at+1 { // once for the question that was answered
				return casework.Retry("paused", "an operator paused the run")
			}
			return nil
		}
		waits(t, b, "run", "paused")
		posted(t, legacy, 0)
		if len(b.Book.Effects()) != 0 {
			t.Error("a paused run claimed an effect")
		}
		b.Halt = nil
		pagetest.Submitted(t, b, "run")
	}
}

func TestSomebodyElseWasFaster(t *testing.T) {
	other := playbooks.Row{"证件号码": "379901198503120017", "申领月份": "202603", "姓名": "张明", "银行账号": "6222020000000000099"}
	void := playbooks.Row{"证件号码": "379901198503120017", "申领月份": "202603", "状态": "已作废"}
	t.Run("other values ask a person", func(t *testing.T) {
		b, legacy := confirmed(t, pagetest.Switches{})
		legacy.Add(other)
		review := parked(t, b, "run", "entered_already")
		if offers(review, "anyway") || !offers(review, "done") {
			t.Errorf("choices %v", review.Choices)
		}
		b.Answer(review, "done")
		if result, err, _ := b.Turn(t, "run"); err != nil || result.End != "submitted" {
			t.Fatalf("got %+v, %v", result, err)
		}
		posted(t, legacy, 0)
	})
	t.Run("a voided record asks, and a person may go on", func(t *testing.T) {
		b, legacy, _ := staged(t, casework.StageSupervised, pagetest.Switches{})
		legacy.Add(void)
		b.Answer(parked(t, b, "run", "before_unclear"), "anyway")
		b.Answer(parked(t, b, "run", "supervised"), "free") // the first answer still holds
		pagetest.Submitted(t, b, "run")
		posted(t, legacy, 1)
	})
	t.Run("anyway holds for one click", func(t *testing.T) {
		b, legacy := confirmed(t, pagetest.Switches{LoseRequest: true})
		legacy.Add(void)
		b.Answer(parked(t, b, "run", "before_unclear"), "anyway")
		b.Answer(parked(t, b, "run", "verify_unclear"), "absent") // void record: verify does not agree
		parked(t, b, "run", "verify_unclear")
		posted(t, legacy, 0)
	})
	t.Run("a page that proves nothing asks without anyway", func(t *testing.T) {
		b, _ := confirmed(t, pagetest.Switches{NoTotal: true})
		if review := parked(t, b, "run", "before_unclear"); offers(review, "anyway") {
			t.Errorf("choices %v", review.Choices)
		}
	})
	t.Run("looked at once more before every click", func(t *testing.T) {
		b, legacy, _ := staged(t, casework.StageSupervised, pagetest.Switches{})
		review := parked(t, b, "run", "supervised")
		legacy.EnterByHand() // while the question waited
		b.Answer(review, "free")
		pagetest.Submitted(t, b, "run")
		posted(t, legacy, 0)
	})
}

func TestBeforeIsLinted(t *testing.T) {
	library, err := playbooks.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	pb, _ := library.Playbook("unemployment_claim")
	for from, code := range map[string]string{"before: verify": "bad_before", "    verify:\n": "before_needs_look"} {
		src := strings.Replace(pb.Source, from, "before: maybe", 1)
		if code == "before_needs_look" {
			at, end := strings.Index(pb.Source, from), strings.Index(pb.Source, "    keep:\n")
			src = pb.Source[:at] + "    verify: person\n" + pb.Source[end:]
		}
		problems := playbooks.Lint("x.yaml", []byte(src), playbooks.Schema{}, library.Systems())
		if !slices.ContainsFunc(problems, func(p playbooks.Problem) bool { return p.Code == code }) {
			t.Errorf("want %s, got %v", code, problems)
		}
	}
}
