package benefits

import (
	"fmt"

	"github.com/jingban/jingban/casework"
)

// StartRule says when a term begins and when the first money is paid.
type StartRule struct {
	ClaimWithin int    // working days after registration; a later claim begins on its own day; 0: the registration always counts
	PayAfter    int    // months from the decision to the first payment
	Document    string // of the rule
}

// Start is the beginning of a term.
type Start struct {
	Rule       StartRule
	Registered casework.Date
	Claimed    casework.Date
	Deadline   casework.Date // last day on which the registration counts; zero: no such day
	From       casework.Date // the term counts from this day
	First      casework.Month
	PaidIn     casework.Month // month of the first payment
	Together   int            // benefit months the first payment holds (补发)
}

// Start computes the beginning. It returns casework.ErrNoCalendar when the
// deadline runs into a year that is not known.
func (r StartRule) Start(registered, claimed, decided casework.Date, c casework.Calendar) (Start, error) {
	s := Start{Rule: r, Registered: registered, Claimed: claimed, From: registered}
	if decided.Before(registered) || decided.Before(claimed) {
		return s, fmt.Errorf("decided on %s, before registration (%s) or claim (%s)", decided, registered, claimed)
	}
	if r.ClaimWithin > 0 {
		deadline, err := c.Due(registered, r.ClaimWithin)
		if err != nil {
			return s, fmt.Errorf("start of the term: %w", err)
		}
		s.Deadline = deadline
		if deadline.Before(claimed) {
			s.From = claimed
		}
	}
	s.First = casework.MonthOf(s.From)
	s.PaidIn = casework.MonthOf(decided).Add(r.PayAfter)
	s.Together = s.First.Until(s.PaidIn) + 1
	return s, nil
}

// Derivation explains the beginning.
func (s Start) Derivation() Derivation {
	d := Derivation{Title: "失业保险金起领月份"}
	d.add(Given, "失业登记%s，申领%s", s.Registered, s.Claimed)
	switch {
	case s.Deadline.IsZero():
		d.add(Step, "自失业登记之日起计算")
	case s.From == s.Registered:
		d.add(Step, "登记之日起%d个工作日内（至%s）申领，自登记之日起计算", s.Rule.ClaimWithin, s.Deadline)
	default:
		d.add(Step, "超过登记之日起%d个工作日（至%s），自申领之日起计算", s.Rule.ClaimWithin, s.Deadline)
	}
	d.add(Step, "首次发放月份%s，含%s起%d个月", s.PaidIn, s.First, s.Together)
	d.add(Result, "自%s起，首月%s", s.From, s.First)
	d.basis("《中华人民共和国社会保险法》第五十条", s.Rule.Document)
	return d
}
