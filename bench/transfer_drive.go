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
	"github.com/jingban/jingban/playbooks/pagetest"
)

// transferCase is one transfer or claim, what makes it so and what it must come to.
type transferCase struct {
	number   string
	branch   string
	fault    string
	playbook string
	snapshot casework.Snapshot
	answers  map[string]string // what people choose, by step
	end      string            // what the oracle says

	plant func(context.Context, *transferSite, *transferCase) error            // writes the books before the run
	desks func(context.Context, *transferSite, *transferCase) error            // what other desks do while it waits
	judge func(context.Context, *transferSite, *transferCase) (mistake, error) // the books afterwards

	book   *pagetest.Book
	seam   func(string)
	busy   time.Duration // of the robot
	asked  int           // questions to an operator
	absent map[string]bool
}

// mistake is what the books lack, hold twice, or hold wrongly.
type mistake struct {
	lost, twice int
	why         []string
}

func (m *mistake) count(what string, got, want int) {
	if got == want {
		return
	}
	m.lost, m.twice = m.lost+max(want-got, 0), m.twice+max(got-want, 0)
	m.why = append(m.why, fmt.Sprintf("%d %s; want %d", got, what, want))
}

func (m *mistake) same(what string, got, want any) {
	if got != want {
		m.why = append(m.why, fmt.Sprintf("%s is %v; want %v", what, got, want))
	}
}

// badDay gives the switches of a fault; the faults are those of the merges.
func badDay(fault string) old.Switches {
	return map[string]old.Switches{
		"slow": {Slow: 150 * time.Millisecond}, "http_500": {Fail500: true}, "maintenance": {Maintenance: true}, "signed_out_in_form": {SignOutMidForm: 1},
		"reply_lost": {LoseReply: 1}, "connection_cut": {CloseKeptAlive: 1}, "connection_cut_written": {CloseKeptAlive: 1, CloseWrites: true},
		"record_late": {LateRecord: late}, "reply_lost_record_late": {LoseReply: 1, LateRecord: late}, "labels_renamed": {RenameLabels: true}, "columns_moved": {MoveColumns: true},
		"ids_changed": {ChangeIDs: true}, "extra_dialog": {ExtraDialog: true}, "two_buttons": {TwoMatches: true},
	}[fault]
}

// strike makes the bad day begin at every system.
func (s *transferSite) strike(fault string) {
	for _, one := range []*old.System{s.pension.System, s.exchange.System, s.benefits.System} {
		one.Switch(func(w *old.Switches) { *w = badDay(fault) })
		if fault == "signed_out_before" {
			one.SignOutAll()
		}
	}
}

// recover ends the bad day, as an operator who saw to it: also late records show.
func (s *transferSite) recover() {
	s.strike("none")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.offset += late
}

// seamOf crashes or freezes the worker once, at the seam the fault names.
func (c *transferCase) seamOf() func(string) {
	struck := false
	return func(name string) {
		if struck {
			return
		}
		switch {
		case c.fault == "crash_"+name:
			struck = true
			panic(crashed{name})
		case c.fault == "frozen_"+name:
			struck = true
			c.book.Hold(c.number) // another worker has taken the run
		}
	}
}

// drive takes a case to its end: people answer what is planned, the operator what
// is not, the other desks work whenever it waits.
func (d desk) drive(ctx context.Context, c *transferCase) (string, error) {
	c.seam, c.absent = c.seamOf(), map[string]bool{}
	if c.fault != "none" {
		d.strike(c.fault)
		defer d.recover()
	}
	answers := map[string]casework.Decision{}
	for range 3 * mostTurns {
		started := time.Now()
		result, died, err := d.turn(ctx, c, answers)
		c.busy += time.Since(started)
		switch {
		case died || errors.Is(err, playbooks.ErrNotHolder):
		case err != nil && casework.AsFault(err).Code == casework.Waiting:
			if err := c.desks(ctx, d.transferSite, c); err != nil {
				return "", err
			}
		case err != nil && ctx.Err() != nil:
			return "", ctx.Err()
		case err != nil:
			d.recover()
		case result.State != casework.RunParked:
			return cmpEnd(result), nil
		case result.Review.Reason == "":
			choice := c.answers[result.Step]
			if choice == "" {
				return "asked at " + result.Step, nil
			}
			answers[result.Review.ID] = answer(result.Review, choice)
		default:
			c.asked++
			if err := d.operate(c, result, answers); err != nil {
				return "", err
			}
		}
	}
	return "", errors.New("it goes round in circles")
}

// operate is the operator: he ends the bad day and has the robot look again. Only
// where the robot has looked on a good day and found nothing, he says so.
func (d desk) operate(c *transferCase, result playbooks.Result, answers map[string]casework.Decision) error {
	d.recover()
	review := result.Review
	offers := func(choice string) bool {
		return slices.ContainsFunc(review.Choices, func(c casework.Choice) bool { return c.Name == choice })
	}
	choice := "retry"
	if offers("verify") {
		choice = "verify"
		if looked := review.Reason == "absent_after_sent"; looked && c.absent[result.Step] {
			choice = "absent"
			delete(c.absent, result.Step)
		} else if looked {
			c.absent[result.Step] = true
		}
	}
	if !offers(choice) {
		return fmt.Errorf("asked %s at %s and offered no %s", review.Reason, result.Step, choice)
	}
	answers[review.ID] = answer(review, choice)
	return nil
}
