package playbooks_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/playbooks/pagetest"
)

func TestRunParksWhenVerifyDoesNotProve(t *testing.T) {
	ours := playbooks.Row{"证件号码": "379901198503120017", "申领月份": "202603", "姓名": "张明", "银行账号": "6222020000000000017"}
	void := playbooks.Row{"证件号码": "379901198503120017", "申领月份": "202603", "状态": "已作废"}
	for _, c := range []struct {
		reason   string
		switches pagetest.Switches
		before   []playbooks.Row
		posts    int
	}{
		{"verify_incomplete", pagetest.Switches{NoTotal: true}, nil, 1},
		{"verify_unclear", pagetest.Switches{LoseRequest: true}, []playbooks.Row{void}, 0},
		{"column_missing", pagetest.Switches{LoseReply: true, Renamed: map[string]string{"证件号码": "证件号"}}, nil, 1},
		{"column_missing", pagetest.Switches{Renamed: map[string]string{"银行账号": "账号"}}, nil, 1}, // of same
		{"several_records", pagetest.Switches{}, []playbooks.Row{ours}, 1},
		{"record_differs", pagetest.Switches{Alter: playbooks.Row{"银行账号": "6222020000000000099"}}, nil, 1},
		{"kept_differs", pagetest.Switches{WrongReceipt: true}, nil, 1},
		{"absent_after_sent", pagetest.Switches{LoseRequest: true}, nil, 0},
		{"absent_after_sent", pagetest.Switches{SilentClick: true}, nil, 0},
		{"absent_after_sent", pagetest.Switches{RefuseClick: errors.New("no fault")}, nil, 0},
		{"broken_pipe", pagetest.Switches{BlindVerify: casework.Fail("broken_pipe", "x")}, nil, 1},
		{"internal", pagetest.Switches{BlindVerify: errors.New("no fault")}, nil, 1},
		{"locator_fallback", pagetest.Switches{Fallback: "查询"}, nil, 1},
	} {
		t.Run(c.reason, func(t *testing.T) {
			b, legacy := clicking(t, c.switches)
			for _, row := range c.before {
				saved := legacy.Alter
				legacy.Alter = nil
				legacy.Add(row)
				legacy.Alter = saved
			}
			review := parked(t, b, "run", c.reason)
			if offers(review, "retry") || !offers(review, "happened") || !offers(review, "absent") {
				t.Errorf("in doubt the choices are %v", review.Choices)
			}
			posted(t, legacy, c.posts)
			state(t, b, casework.EffectSent)
			b.Answer(review, "verify")
			parked(t, b, "run", c.reason) // looking again changes nothing, and never clicks
			posted(t, legacy, c.posts)
		})
	}
}

func TestUnreachableVerifyIsLookedAtThreeTimes(t *testing.T) {
	b, legacy := clicking(t, pagetest.Switches{BlindVerify: casework.Retry("page_down", "down")})
	waits(t, b, "run", "page_down")
	waits(t, b, "run", "page_down")
	review := parked(t, b, "run", "page_down")
	posted(t, legacy, 1)
	legacy.BlindVerify = nil
	b.Answer(review, "verify")
	pagetest.Submitted(t, b, "run")
	posted(t, legacy, 1)
}

func TestAVerifyThatMayNotAskYetIsNoLook(t *testing.T) {
	b, legacy := clicking(t, pagetest.Switches{BlindVerify: casework.Retry("target_busy", "asked too much")})
	for range 5 {
		waits(t, b, "run", "target_busy")
	}
	if kinds := b.Book.Kinds("run", "submit"); slices.Contains(kinds, casework.Verified) {
		t.Errorf("journal %v", kinds)
	}
	legacy.BlindVerify = nil
	pagetest.Submitted(t, b, "run")
	posted(t, legacy, 1)
}

// settling gives a bench whose system declares settles, with a clock to turn.
func settling(t *testing.T, switches pagetest.Switches) (*pagetest.Bench, *pagetest.Legacy, *time.Time) {
	t.Helper()
	b, legacy := clicking(t, switches)
	system := b.Systems["benefits"]
	system.Settles = time.Minute
	b.Systems["benefits"] = system
	now := b.Now()
	b.Now = func() time.Time { return now }
	return b, legacy, &now
}

func TestLateRecordIsWaitedForAndNeverSubmittedTwice(t *testing.T) {
	b, legacy, now := settling(t, pagetest.Switches{LateBy: 2})
	if f := waits(t, b, "run", "settling"); f.After != time.Minute {
		t.Errorf("wait %s, want 1m", f.After)
	}
	*now = now.Add(40 * time.Second)
	if f := waits(t, b, "run", "settling"); f.After != 20*time.Second {
		t.Errorf("wait %s, want 20s", f.After)
	}
	*now = now.Add(20 * time.Second)
	pagetest.Submitted(t, b, "run")
	posted(t, legacy, 1)
}

func TestAbsentAfterSettlingIsSubmittedOnceMoreAndThenAskedAbout(t *testing.T) {
	b, legacy, now := settling(t, pagetest.Switches{LoseRequest: true})
	waits(t, b, "run", "settling")
	*now = now.Add(time.Minute)
	waits(t, b, "run", "settling") // freed, sent again, lost again
	*now = now.Add(time.Hour)
	review := parked(t, b, "run", "absent_again")
	posted(t, legacy, 0)
	legacy.LoseRequest = false
	b.Answer(review, "absent")
	pagetest.Submitted(t, b, "run")
	posted(t, legacy, 1)
}

func TestTwoWorkersWithDifferentClocksWaitTheWholeTime(t *testing.T) {
	b, legacy, now := settling(t, pagetest.Switches{LateBy: 2})
	var off time.Duration
	b.Book.StampBy(func() time.Time { return *now })
	b.Now = func() time.Time { return now.Add(off) }
	off = -time.Minute // the first worker's clock is behind: it believes to look a minute ago
	waits(t, b, "run", "settling")
	off = time.Minute // the next one's is ahead
	*now = now.Add(time.Second)
	if f := waits(t, b, "run", "settling"); f.After != 59*time.Second {
		t.Errorf("wait %s, want 59s", f.After)
	}
	*now = now.Add(time.Minute)
	pagetest.Submitted(t, b, "run")
	posted(t, legacy, 1)
}

func TestAClockThatGoesBackOnlyWaitsLonger(t *testing.T) {
	b, legacy, now := settling(t, pagetest.Switches{LoseRequest: true})
	waits(t, b, "run", "settling")
	*now = now.Add(-time.Hour)
	if f := waits(t, b, "run", "settling"); f.After < time.Minute {
		t.Errorf("wait %s", f.After)
	}
	posted(t, legacy, 0)
}

func TestDoubtIsEndedByAPerson(t *testing.T) {
	t.Run("happened is believed and the receipt taken", func(t *testing.T) {
		b, legacy := clicking(t, pagetest.Switches{NoTotal: true})
		review := parked(t, b, "run", "verify_incomplete")
		b.Answers[review.ID] = casework.Decision{ReviewID: review.ID, Choice: "happened", Edits: map[string]string{"受理编号": "SY7", "other": "x"}}
		result, err, _ := b.Turn(t, "run")
		if err != nil || result.End != "submitted" || result.Kept["受理编号"] != "SY7" || len(result.Kept) != 1 {
			t.Fatalf("got %+v, %v", result, err)
		}
		posted(t, legacy, 1)
		state(t, b, casework.EffectOutcome)
	})
	t.Run("absent is not believed when the record is there", func(t *testing.T) {
		b, legacy := clicking(t, pagetest.Switches{LateBy: 1})
		review := parked(t, b, "run", "absent_after_sent")
		b.Answer(review, "absent")
		pagetest.Submitted(t, b, "run")
		posted(t, legacy, 1)
	})
	t.Run("absent needs a look that proves it", func(t *testing.T) {
		b, legacy := clicking(t, pagetest.Switches{LoseRequest: true})
		review := parked(t, b, "run", "absent_after_sent")
		legacy.NoTotal = true
		b.Answer(review, "absent")
		parked(t, b, "run", "verify_incomplete")
		posted(t, legacy, 0)
	})
	t.Run("one absent frees one click", func(t *testing.T) {
		b, legacy := clicking(t, pagetest.Switches{LoseRequest: true})
		first := parked(t, b, "run", "absent_after_sent")
		b.Answer(first, "absent")
		second := parked(t, b, "run", "absent_after_sent") // sent again, lost again: a new question
		if first.ID == second.ID {
			t.Error("the old answer was used for the new doubt")
		}
		posted(t, legacy, 0)
	})
	t.Run("stop leaves the doubt", func(t *testing.T) {
		b, legacy := clicking(t, pagetest.Switches{LoseRequest: true})
		b.Answer(parked(t, b, "run", "absent_after_sent"), "stop")
		for range 2 {
			result, err, _ := b.Turn(t, "run")
			if err != nil || result.State != casework.RunFailed || result.End != "stopped" {
				t.Fatalf("got %+v, %v", result, err)
			}
		}
		posted(t, legacy, 0)
		state(t, b, casework.EffectSent)
	})
}

func TestPersonVerifies(t *testing.T) {
	for _, answer := range []string{"happened", "absent"} {
		legacy := &pagetest.Legacy{Switches: pagetest.Switches{LoseRequest: answer == "absent"}}
		b := pagetest.NewBench(t, legacy)
		src := b.Playbook.Source
		from, to := strings.Index(src, "    verify:\n"), strings.Index(src, "    keep:\n")
		pb, problems := playbooks.Parse("person.yaml", []byte(src[:from]+"    verify: person\n    end: submitted\n"))
		if problems.Broken() || to < from {
			t.Fatal(problems)
		}
		b.Playbook = pb
		b.ClickFirst(t)
		b.Confirm(t, "run")
		review := parked(t, b, "run", "verify_person")
		legacy.LoseRequest = false
		b.Answer(review, answer)
		if answer == "absent" {
			review = parked(t, b, "run", "verify_person")
			b.Answer(review, "happened")
		}
		result, err, _ := b.Turn(t, "run")
		if err != nil || result.End != "submitted" {
			t.Fatalf("got %+v, %v", result, err)
		}
		posted(t, legacy, 1)
	}
}
