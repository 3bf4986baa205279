package playbooks_test

import (
	"errors"
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/playbooks/pagetest"
)

// finish goes on with a run whatever it says, as the workers and an honest
// operator would, and gives the last result.
func finish(t *testing.T, b *pagetest.Bench, legacy *pagetest.Legacy) playbooks.Result {
	t.Helper()
	for range 12 {
		result, err, _ := b.Turn(t, "run")
		if posts := legacy.Posts(); posts > 1 {
			t.Fatalf("submitted %d times", posts)
		}
		switch {
		case err != nil:
		case result.State == casework.RunDone:
			return result
		case result.State == casework.RunParked && offers(result.Review, "absent"):
			if legacy.Posts() > 0 {
				b.Answer(result.Review, "verify")
			} else {
				b.Answer(result.Review, "absent")
			}
		case result.State == casework.RunParked:
			b.Answer(result.Review, "retry")
		default:
			t.Fatalf("got %+v", result)
		}
	}
	t.Fatal("the run never ends")
	return playbooks.Result{}
}

// TestEveryJournalWriteMayFail fails each write of a submission in turn: as not
// the holder, as a database error, and as a write whose answer is lost.
func TestEveryJournalWriteMayFail(t *testing.T) {
	down := errors.New("database is down")
	for _, c := range []struct {
		name string
		err  error
		done bool
	}{{"old holder", playbooks.ErrNotHolder, false}, {"database down", down, false}, {"answer lost", down, true}} {
		t.Run(c.name, func(t *testing.T) {
			for n := 1; ; n++ {
				b, legacy := confirmed(t, pagetest.Switches{})
				reached := b.Book.FailWrite(n, c.err, c.done)
				if _, err, _ := b.Turn(t, "run"); !reached() {
					if n < 8 || err != nil {
						t.Fatalf("only %d writes, %v", n-1, err)
					}
					return
				} else if !errors.Is(err, c.err) {
					t.Fatalf("write %d: got %v", n, err)
				}
				if result := finish(t, b, legacy); result.End != "submitted" {
					t.Errorf("write %d: %+v", n, result)
				}
				posted(t, legacy, 1)
			}
		})
	}
}

// TestEveryPageCallMayFail does the same for the page, with each kind of error.
func TestEveryPageCallMayFail(t *testing.T) {
	for _, failure := range []error{casework.Retry("timeout", "slow"), casework.AskPerson("element_missing", "gone"), errors.New("no fault")} {
		t.Run(failure.Error(), func(t *testing.T) {
			for n := 1; ; n++ {
				b, legacy := confirmed(t, pagetest.Switches{})
				reached := legacy.FailCall(n, failure)
				b.Turn(t, "run")
				if !reached() {
					if n < 15 {
						t.Fatalf("only %d calls", n-1)
					}
					return
				}
				if result := finish(t, b, legacy); result.End != "submitted" {
					t.Errorf("call %d: %+v", n, result)
				}
				posted(t, legacy, 1)
			}
		})
	}
}
