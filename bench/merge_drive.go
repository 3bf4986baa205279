package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/fixtures/legacy/old"
	"github.com/jingban/jingban/playbooks"
)

// mostTurns ends a run that goes round in circles.
const mostTurns = 40

// mergeFaults lists the bad days; every case has one, the first is a good day.
func mergeFaults() []string {
	return []string{"none", "slow", "http_500", "maintenance", "signed_out_before", "signed_out_in_form", "reply_lost", "connection_cut", "connection_cut_written",
		"record_late", "reply_lost_record_late", "labels_renamed", "columns_moved", "ids_changed", "extra_dialog", "two_buttons",
		"crash_before_intent", "crash_after_intent", "frozen_after_sent", "crash_after_reply", "crash_before_outcome"}
}

// late is how long a late record does not show, on the fake's clock.
const late = 90 * time.Second

// strike makes the bad day begin. What is done at a seam waits for it.
func (s *mergeSite) strike(fault string) {
	s.fake.Switch(func(w *old.Switches) {
		*w = old.Switches{}
		switch fault {
		case "slow":
			w.Slow = 150 * time.Millisecond
		case "http_500":
			w.Fail500 = true
		case "maintenance":
			w.Maintenance = true
		case "signed_out_in_form":
			w.SignOutMidForm = 1
		case "reply_lost":
			w.LoseReply = 1
		case "connection_cut":
			w.CloseKeptAlive = 1
		case "connection_cut_written":
			w.CloseKeptAlive, w.CloseWrites = 1, true
		case "record_late":
			w.LateRecord = late
		case "reply_lost_record_late":
			w.LoseReply, w.LateRecord = 1, late
		case "labels_renamed":
			w.RenameLabels = true
		case "columns_moved":
			w.MoveColumns = true
		case "ids_changed":
			w.ChangeIDs = true
		case "extra_dialog":
			w.ExtraDialog = true
		case "two_buttons":
			w.TwoMatches = true
		}
	})
	if fault == "signed_out_before" {
		s.fake.SignOutAll()
	}
}

// recover ends the bad day, as an operator who saw to it: also late records show.
func (s *mergeSite) recover() {
	s.fake.Switch(func(w *old.Switches) { *w = old.Switches{} })
	s.offset += late
}

// seams gives what happens at the seams of the next turn, once.
func (s *mergeSite) seams(fault, run string) func(string) {
	struck := false
	return func(name string) {
		if struck {
			return
		}
		switch {
		case fault == "crash_"+name:
			struck = true
			panic(crashed{name})
		case fault == "frozen_"+name:
			struck = true
			s.book.Hold(run) // another worker has taken the run
		}
	}
}

// drive takes a run to its end and gives it: the clerk answers what is planned,
// the operator what is not, and another account reviews in the system.
func (s *mergeSite) drive(ctx context.Context, c *mergeCase, name string, snapshot casework.Snapshot, clerk string) (end string, asked int, err error) {
	pb, ok := s.library.Playbook(name)
	if !ok {
		return "", 0, fmt.Errorf("there is no playbook %s", name)
	}
	run := name + "-" + snapshot.Number
	answers := map[string]casework.Decision{}
	s.strike(c.fault)
	defer s.recover()
	seam := s.seams(c.fault, run)
	var last error // of the turns, told when it never ends
	for range mostTurns {
		result, died, err := s.turn(ctx, run, pb, snapshot, answers, seam)
		switch {
		case ctx.Err() != nil:
			return "", asked, ctx.Err()
		case died || errors.Is(err, playbooks.ErrNotHolder):
			continue
		case err != nil && casework.AsFault(err).Code == "waiting":
			if err := s.review(ctx, c); err != nil {
				return "", asked, err
			}
		case err != nil:
			last = err
			s.recover()
		case result.State != casework.RunParked:
			return cmpEnd(result), asked, nil
		case result.Review.Reason == "":
			answers[result.Review.ID] = answer(result.Review, clerk)
		default:
			asked++
			if err := s.operate(ctx, c, name, result.Review, answers); err != nil {
				return "", asked, err
			}
		}
	}
	return "", asked, fmt.Errorf("it goes round in circles, last trouble: %v; last line: %s", last, s.lastLine(run))
}

func cmpEnd(r playbooks.Result) string {
	if r.End == "" {
		return string(r.State)
	}
	return r.End
}

func answer(review *casework.Review, choice string) casework.Decision {
	return casework.Decision{ReviewID: review.ID, Choice: choice, By: casework.Actor{Kind: casework.Human, ID: "u1"}}
}

// review lets another account approve what waits.
func (s *mergeSite) review(ctx context.Context, c *mergeCase) error {
	all, err := s.fake.Merges(ctx)
	if err != nil {
		return err
	}
	for _, m := range all {
		if m.Status == "待复核" && (m.Sub == c.a.person.No || m.Sub == c.b.person.No) {
			if err := s.fake.Approve(ctx, m.Serial, "clerk02"); err != nil {
				return err
			}
		}
	}
	s.recover()
	return nil
}

// operate is the operator: he ends the bad day and has the robot look again. Only
// if the robot has looked and he himself finds nothing in the books, he says so.
func (s *mergeSite) operate(ctx context.Context, c *mergeCase, name string, review *casework.Review, answers map[string]casework.Decision) error {
	s.recover()
	offers := func(choice string) bool {
		return slices.ContainsFunc(review.Choices, func(c casework.Choice) bool { return c.Name == choice })
	}
	choice := "retry"
	if offers("verify") {
		choice = "verify"
		live, err := s.live(ctx, c)
		if err != nil {
			return err
		}
		done := (name == "record_merge") == (live > 0)
		if review.Reason == "absent_after_sent" && !done && s.sawAbsent(review.RunID, c) {
			choice = "absent"
		}
	}
	if !offers(choice) {
		return fmt.Errorf("asked %s and offered no %s", review.Reason, choice)
	}
	answers[review.ID] = answer(review, choice)
	return nil
}

// sawAbsent says whether this question was asked once before.
func (s *mergeSite) sawAbsent(run string, c *mergeCase) bool {
	c.absent[run]++
	return c.absent[run] > 1
}

// lastLine is the end of a run's journal, of generated persons only.
func (s *mergeSite) lastLine(run string) string {
	all := s.book.Entries(run)
	if len(all) == 0 {
		return ""
	}
	last := all[len(all)-1]
	return fmt.Sprintf("%s %s %s", last.Step, last.Kind, last.Data)
}
