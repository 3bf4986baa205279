package benefits

import (
	"errors"
	"fmt"

	"github.com/jingban/jingban/casework"
)

// Award is an unemployment benefit that was granted: what its amounts follow from
// under any rules.
type Award struct {
	Region    string
	Received  casework.Date // of the claim: its rules give the term
	Paid      int           // months that counted
	CarryOver int           // months left of an earlier term
	First     casework.Month
	Undue     casework.Month // first month that is no longer owed; 0: the term runs to its end
}

// Payer says what awards pay month by month under one set of rules. It remembers
// what holds where and when, so many awards cost little. It is not for two
// goroutines at once.
type Payer struct {
	rules Rules
	known map[placeAndDay]monthRules
}

type placeAndDay struct {
	region string
	on     casework.Date
}

// monthRules are what the amount of a month comes from.
type monthRules struct {
	scheme   Scheme
	standard casework.Fen
	steps    Steps
	err      error
}

// NewPayer prepares a Payer.
func NewPayer(rules Rules) *Payer { return &Payer{rules, map[placeAndDay]monthRules{}} }

func (p *Payer) at(region string, on casework.Date) monthRules {
	place := placeAndDay{region, on}
	m, ok := p.known[place]
	if !ok {
		r := p.rules.In(region, on)
		scheme, err1 := r.Scheme()
		terms, err2 := r.Standard()
		steps, err3 := r.Steps()
		m = monthRules{scheme: scheme, standard: terms.Standard().Monthly, steps: steps, err: errors.Join(err1, err2, err3)}
		p.known[place] = m
	}
	return m
}

// Months lays out what an award pays. Its term follows the rules of the day the
// claim was received, and so do the months up to that one; a later month follows
// the rules of its own first day (用发放当月的标准).
func (p *Payer) Months(a Award) ([]MonthAmount, error) {
	granted := p.at(a.Region, a.Received)
	if granted.err != nil {
		return nil, granted.err
	}
	var months []MonthAmount
	for n := range granted.scheme.Entitle(a.Paid, a.CarryOver).Months {
		month := a.First.Add(n)
		if a.Undue != 0 && month >= a.Undue {
			break
		}
		in := granted
		if month > casework.MonthOf(a.Received) {
			in = p.at(a.Region, FirstDay(month))
		}
		if in.err != nil {
			return nil, in.err
		}
		share, ok := in.steps.share(n + 1)
		if !ok {
			return nil, fmt.Errorf("benefit month %d has no step (%s)", n+1, in.steps.Document)
		}
		months = append(months, MonthAmount{month, in.steps.Rounding.share(in.standard, share, 1)})
	}
	return months, nil
}

// share is that of a benefit month by its number.
func (s Steps) share(number int) (Rate, bool) {
	for _, r := range s.Ranges {
		if r.First <= number && number <= r.Last {
			return r.Share, true
		}
	}
	return 0, false
}

// FirstDay is the day on which a month begins.
func FirstDay(m casework.Month) casework.Date {
	return casework.DateOf(casework.Date{Year: m.Year(), Month: 1, Day: 1}.Time().AddDate(0, int(m)%100-1, 0))
}
