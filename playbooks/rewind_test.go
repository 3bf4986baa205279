package playbooks_test

import (
	"strings"
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/playbooks/pagetest"
)

// renamed gives the playbook with other names of steps.
func renamed(t *testing.T, b *pagetest.Bench, pairs ...string) *playbooks.Playbook {
	t.Helper()
	pb, problems := playbooks.Parse("newer.yaml", []byte(strings.NewReplacer(pairs...).Replace(b.Playbook.Source)))
	if problems.Broken() {
		t.Fatal(problems)
	}
	return pb
}

func TestRetryFromAStepDoesItAndAllAfterItAnew(t *testing.T) {
	b, legacy := confirmed(t, pagetest.Switches{})
	pagetest.Submitted(t, b, "run")
	b.Book.Operator("run", casework.Rewound, "confirm")
	result, err, _ := b.Turn(t, "run")
	if err != nil || result.Review == nil || result.Review.Role != "clerk" {
		t.Fatalf("want the clerk's question anew, got %+v, %v", result, err)
	}
	b.Answer(result.Review, "submit")
	pagetest.Submitted(t, b, "run") // by its effect: the receipt is known
	posted(t, legacy, 1)
}

func TestRetryFromTheCommitDoesNotAskTheClerkAgain(t *testing.T) {
	b, legacy := confirmed(t, pagetest.Switches{Fallback: "姓名"})
	b.Answer(parked(t, b, "run", "locator_fallback"), "stop")
	if result, _, _ := b.Turn(t, "run"); result.State != casework.RunFailed {
		t.Fatalf("got %+v", result)
	}
	legacy.Fallback = ""
	b.Book.Operator("run", casework.Rewound, "submit")
	pagetest.Submitted(t, b, "run")
	posted(t, legacy, 1)
}

func TestRewindingADoubtOnlyLooks(t *testing.T) {
	b, legacy := clicking(t, pagetest.Switches{NoTotal: true})
	parked(t, b, "run", "verify_incomplete")
	legacy.NoTotal = false
	b.Book.Operator("run", casework.Rewound, "submit")
	pagetest.Submitted(t, b, "run")
	posted(t, legacy, 1)
}

func TestNewerVersionSkipsByEffectNotByName(t *testing.T) {
	t.Run("after the outcome", func(t *testing.T) {
		b, legacy := confirmed(t, pagetest.Switches{})
		pagetest.Submitted(t, b, "run")
		b.Playbook = renamed(t, b, "id: submit", "id: enter", "id: confirm", "id: approve", "confirm.choice", "approve.choice")
		b.Book.Operator("run", casework.Rewound, "")
		b.Confirm(t, "run") // asked anew: an answer belongs to the version that asked
		pagetest.Submitted(t, b, "run")
		posted(t, legacy, 1)
	})
	t.Run("in doubt", func(t *testing.T) {
		b, legacy := clicking(t, pagetest.Switches{NoTotal: true})
		parked(t, b, "run", "verify_incomplete")
		legacy.NoTotal = false
		b.Playbook = renamed(t, b, "id: submit", "id: enter")
		b.Book.Operator("run", casework.Rewound, "")
		b.Confirm(t, "run")
		pagetest.Submitted(t, b, "run")
		posted(t, legacy, 1)
	})
	t.Run("an effect freed before is not freed by itself again", func(t *testing.T) {
		b, legacy, now := settling(t, pagetest.Switches{LoseRequest: true})
		waits(t, b, "run", "settling")
		*now = now.Add(1e11)
		waits(t, b, "run", "settling") // freed and sent again
		b.Book.Operator("run", casework.Rewound, "")
		b.Confirm(t, "run")
		waits(t, b, "run", "settling")
		*now = now.Add(1e11)
		parked(t, b, "run", "absent_again")
		posted(t, legacy, 0)
	})
	for what, pairs := range map[string][]string{
		"another key":    {"key: case.id_number", "key: case.name"},
		"another effect": {"effect: claim", "effect: benefit"},
	} {
		t.Run(what+" is not trusted", func(t *testing.T) {
			b, legacy := clicking(t, pagetest.Switches{NoTotal: true})
			parked(t, b, "run", "verify_incomplete")
			legacy.NoTotal = false
			b.Playbook = renamed(t, b, pairs...)
			b.Book.Operator("run", casework.Rewound, "")
			b.Confirm(t, "run")
			parked(t, b, "run", "effect_renamed")
			posted(t, legacy, 1)
		})
	}
}

func TestSkippedStep(t *testing.T) {
	b, legacy := confirmed(t, pagetest.Switches{Fallback: "姓名"})
	parked(t, b, "run", "locator_fallback")
	b.Book.Operator("run", casework.Skipped, "submit")
	result, err, _ := b.Turn(t, "run")
	if err != nil || result.State != casework.RunDone || result.End != "done" {
		t.Fatalf("got %+v, %v", result, err)
	}
	posted(t, legacy, 0)
}

func TestQuestionToAPersonIsNotSkipped(t *testing.T) {
	legacy := &pagetest.Legacy{}
	b := pagetest.NewBench(t, legacy)
	b.Turn(t, "run")
	b.Book.Operator("run", casework.Skipped, "confirm")
	result, err, _ := b.Turn(t, "run")
	if err != nil || result.State != casework.RunParked || result.Review.Role != "clerk" {
		t.Fatalf("got %+v, %v", result, err)
	}
	posted(t, legacy, 0)
	for id, want := range map[string]bool{"submit": true, "complete": true, "confirm": false, "nobody": false} {
		if err := b.Playbook.Skippable(id); (err == nil) != want {
			t.Errorf("skip %s: %v", id, err)
		}
	}
}

func TestOperatorsLineAboutAnUnknownStepChangesNothing(t *testing.T) {
	b, legacy := confirmed(t, pagetest.Switches{})
	b.Book.Operator("run", casework.Rewound, "nowhere")
	b.Book.Operator("run", casework.Skipped, "nowhere")
	pagetest.Submitted(t, b, "run")
	posted(t, legacy, 1)
}
