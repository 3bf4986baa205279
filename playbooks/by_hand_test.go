package playbooks_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/playbooks/pagetest"
)

const enteredByHand = `playbook: by_hand
title: {zh: 人工录入, en: entered by hand}
key: case.id_number + "/" + case.month
steps:
  - id: enter
    by_hand: benefits
    effect: claim
    at: 失业待遇 / 申领登记
    values: {申领月份: case.month, 证件号码: case.id_number, 备注?: case.account}
    receipt: {受理编号: 'SY\d{10}'}
  - id: right
    check:
      - {that: enter.受理编号 == "SY2026000001", else: wrong}
    end: submitted
`

func TestAStepByHandGoesOnWithTheReceiptWhileTheSystemIsStopped(t *testing.T) {
	b, _ := benchOf(t, enteredByHand, pagetest.Switches{Down: true})
	b.Snapshot.Applicant.Account = ""
	asked := toEnter(t, b, "by_hand")
	if asked.Role != "clerk" || !slices.Equal(asked.Show, []string{"evidence:by_hand.json"}) {
		t.Errorf("asked %+v", asked)
	}
	if got := shown(t, b, "run"); got != "申领月份=202603 证件号码=379901198503120017" {
		t.Errorf("the person is shown %q, in the form's order", got)
	}
	give := func(review *casework.Review, receipt string) {
		b.Answers[review.ID] = casework.Decision{ReviewID: review.ID, Choice: "done", Edits: map[string]string{"receipt.受理编号": receipt}, By: casework.Actor{Kind: casework.Human, ID: "u1"}}
	}
	for _, wrong := range []string{"", "SY1", "XSY2026000001"} {
		give(asked, wrong)
		asked = toEnter(t, b, "receipt_invalid")
	}
	give(asked, " SY2026000001 ")
	result, err, _ := b.Turn(t, "run")
	if err != nil || result.End != "submitted" || result.Kept["受理编号"] != "SY2026000001" {
		t.Fatalf("%+v, %v", result, err)
	}
	effects := b.Book.Effects()
	if len(effects) != 1 {
		t.Fatalf("%d effects, want one", len(effects))
	}
	for _, e := range effects {
		if e.State != casework.EffectOutcome || !strings.Contains(string(e.Data), `"by":"person"`) {
			t.Errorf("effect %s %s", e.State, e.Data)
		}
	}
	if result, err, _ := b.Turn(t, "second"); err != nil || result.End != "submitted" || result.Kept["受理编号"] != "SY2026000001" {
		t.Errorf("another run of the same matter asks a person again: %+v, %v", result, err)
	}
}

func TestAStepByHandAsksOnceMoreWhenTheWorkerDiesBeforeTheOutcome(t *testing.T) {
	for _, seam := range []string{"before_intent", "after_intent", "before_outcome", "after_outcome"} {
		b, _ := benchOf(t, enteredByHand, pagetest.Switches{Down: true})
		asked := toEnter(t, b, "by_hand")
		b.Answers[asked.ID] = casework.Decision{ReviewID: asked.ID, Choice: "done", Edits: map[string]string{"receipt.受理编号": "SY2026000001"}, By: casework.Actor{Kind: casework.Human, ID: "u1"}}
		b.Crash = seam
		if _, _, died := b.Turn(t, "run"); !died {
			t.Fatalf("the worker did not come to %s", seam)
		}
		result, err, _ := b.Turn(t, "run")
		if err != nil || result.End != "submitted" || len(b.Book.Effects()) != 1 {
			t.Errorf("%s: %+v, %v, %d effects", seam, result, err, len(b.Book.Effects()))
		}
	}
}

func TestWhatTheRobotHasSentIsNotEnteredByHand(t *testing.T) {
	b, _ := benchOf(t, enteredByHand, pagetest.Switches{Down: true})
	sum := sha256.Sum256([]byte("benefits|claim|379901198503120017/202603")) // as the bench names effects
	id := hex.EncodeToString(sum[:])
	hold := b.Book.Hold("robot")
	if _, err := hold.Claim(t.Context(), casework.Effect{ID: id, System: "benefits", Action: "claim", RunID: "robot", State: casework.EffectIntent}, casework.Entry{RunID: "robot", Step: "s", Effect: id, Kind: casework.Intent}); err != nil {
		t.Fatal(err)
	}
	if err := hold.Advance(t.Context(), casework.EffectSent, casework.Entry{RunID: "robot", Step: "s", Effect: id, Kind: casework.Sent}); err != nil {
		t.Fatal(err)
	}
	parked(t, b, "run", "effect_in_doubt")
}

func TestLintOfAStepByHand(t *testing.T) {
	for _, c := range []struct{ old, new, code string }{
		{`'SY\d{10}'`, `'.*'`, "bad_pattern"}, {`'SY\d{10}'`, `'('`, "bad_pattern"}, {"    effect: claim\n", "", "missing_key"},
		{"case.month, 证", "case.monht, 证", "unknown_field"}, {`    receipt: {受理编号: 'SY\d{10}'}` + "\n", "", "missing_key"},
	} {
		text := strings.Replace(enteredByHand, c.old, c.new, 1)
		problems := playbooks.Lint("x.yaml", []byte(text), offered(), systems(t))
		if !slices.ContainsFunc(problems, func(p playbooks.Problem) bool { return p.Code == c.code }) {
			t.Errorf("%s -> %s: want %s, got %v", c.old, c.new, c.code, problems)
		}
	}
}

// toEnter takes a turn that must end in a question to the clerk.
func toEnter(t *testing.T, b *pagetest.Bench, reason string) *casework.Review {
	t.Helper()
	result, err, _ := b.Turn(t, "run")
	if err != nil || result.State != casework.RunParked || result.Review.Reason != reason || result.Review.Role != "clerk" {
		t.Fatalf("want the clerk asked for %s, got %+v, %v", reason, result, err)
	}
	return result.Review
}

// shown is the newest form that a person was shown.
func shown(t *testing.T, b *pagetest.Bench, run string) string {
	t.Helper()
	var form []struct{ Label, Written string }
	for _, s := range b.Book.Shots(run) {
		if s.Name == playbooks.ByHandForm {
			form = nil
			if err := json.Unmarshal(s.Data, &form); err != nil {
				t.Fatal(err)
			}
		}
	}
	var parts []string
	for _, f := range form {
		parts = append(parts, f.Label+"="+f.Written)
	}
	return strings.Join(parts, " ")
}

func TestACommitFoundBySightWaitsForAPersonAndIsFreedOnce(t *testing.T) {
	for _, drawn := range []string{"提交", "姓名"} { // the button, or a field before it
		t.Run(drawn, func(t *testing.T) {
			legacy := &pagetest.Legacy{Switches: pagetest.Switches{Drawn: drawn}}
			b := pagetest.NewBench(t, legacy)
			b.Confirm(t, "run")
			asked := parked(t, b, "run", "found_by_sight")
			if legacy.Posts() != 0 || asked.Role != "operator" {
				t.Fatalf("%d posts, asked %s", legacy.Posts(), asked.Role)
			}
			b.Answer(asked, "free")
			result, err, _ := b.Turn(t, "run")
			if err != nil || result.End != "submitted" || legacy.Posts() != 1 {
				t.Errorf("%+v, %v, %d posts", result, err, legacy.Posts())
			}
		})
	}
}

func TestAFormThatChangedAfterItWasFreedAsksAgain(t *testing.T) {
	legacy := &pagetest.Legacy{Switches: pagetest.Switches{Drawn: "提交"}}
	b := pagetest.NewBench(t, legacy)
	b.Confirm(t, "run")
	b.Answer(parked(t, b, "run", "found_by_sight"), "free")
	card := b.Snapshot.Assessment.Documents["id_card_front"]
	name := card.Fields["name"]
	name.Value = "张明明"
	card.Fields["name"] = name
	parked(t, b, "run", "found_by_sight")
	if legacy.Posts() != 0 {
		t.Errorf("%d posts of a form nobody has seen", legacy.Posts())
	}
}
