package benefits

import (
	"fmt"
	"slices"

	"github.com/jingban/jingban/casework"
)

// StopMonth says whether the month of an event that ends a benefit is still paid.
type StopMonth string

// The two readings.
const (
	StopNext StopMonth = "next" // the month of the event is still owed
	StopSame StopMonth = "same" // it is not
)

// StopRule is the reading of a region.
type StopRule struct {
	Month    StopMonth
	Document string
}

func parseStopMonth(text string) (StopMonth, error) {
	if m := StopMonth(text); m == StopNext || m == StopSame {
		return m, nil
	}
	return "", fmt.Errorf("stop month %q: want next or same", text)
}

// ParseStopRule reads "next" or "same".
func ParseStopRule(text string) (StopRule, error) {
	month, err := parseStopMonth(text)
	return StopRule{Month: month}, err
}

// Cause is why a benefit ends, as the systems of the agencies call it.
type Cause string

// The causes that data alone can show.
const (
	Reemployed   Cause = "重新就业"
	CalledUp     Cause = "应征服兵役"
	DrawsPension Cause = "享受养老待遇"
	Died         Cause = "死亡"
	InPrison     Cause = "服刑"
)

// Basis is the clause under which the cause ends a benefit; "" for a cause nobody
// knows, and for prison, which regions read differently.
func (c Cause) Basis() string {
	return map[Cause]string{
		Reemployed:   "《中华人民共和国社会保险法》第五十一条第一项",
		CalledUp:     "《中华人民共和国社会保险法》第五十一条第二项",
		DrawsPension: "《中华人民共和国社会保险法》第五十一条第四项",
		Died:         "《中华人民共和国社会保险法》第四十九条",
	}[c]
}

func parsePrison(text string) (suspends bool, err error) {
	switch text {
	case "stop", "suspend":
		return text == "suspend", nil
	}
	return false, fmt.Errorf("prison %q: want stop or suspend", text)
}

// firstUndue is the first month that is no longer owed.
func (r StopRule) firstUndue(event casework.Month) casework.Month {
	if r.Month == StopSame {
		return event
	}
	return event.Add(1)
}

// zh says which month still counts.
func (r StopRule) zh() string {
	if r.Month == StopSame {
		return "事由发生当月停发"
	}
	return "事由发生当月照发，次月起停发"
}

// Stopped is a term that ended before its time.
type Stopped struct {
	Rule       StopRule
	First      casework.Month // of the term
	Months     int            // of the term
	Event      casework.Month
	FirstUndue casework.Month
	Owed       int // months of the term that are owed
	CarryOver  int // months left for a later term
}

// Stop ends a term of n months that began in first.
func (r StopRule) Stop(first casework.Month, n int, event casework.Month) (Stopped, error) {
	if !first.Valid() || !event.Valid() || n < 0 {
		return Stopped{}, fmt.Errorf("a term of %d months from %s, ended by an event in %s: want a term and two months", n, first, event)
	}
	s := Stopped{Rule: r, First: first, Months: n, Event: event, FirstUndue: r.firstUndue(event)}
	s.Owed = max(0, min(n, first.Until(s.FirstUndue)))
	s.CarryOver = n - s.Owed
	return s, nil
}

// Derivation explains the end.
func (s Stopped) Derivation() Derivation {
	d := Derivation{Title: "停发失业保险金"}
	d.add(Given, "期限%d个月，自%s起；停发事由发生于%s", s.Months, s.First, s.Event)
	d.add(Step, "%s：自%s起不再发放", s.Rule.zh(), s.FirstUndue)
	d.add(Step, "应发%d个月，%d − %d = %d个月未领", s.Owed, s.Months, s.Owed, s.CarryOver)
	d.add(Result, "自%s起停发，结转%d个月", s.FirstUndue, s.CarryOver)
	d.basis("《中华人民共和国社会保险法》第五十一条、第四十六条", s.Rule.Document)
	return d
}

// Overpayment is money paid for months that were not owed.
type Overpayment struct {
	Rule       StopRule
	Event      casework.Month
	FirstUndue casework.Month
	Undue      []MonthAmount // the months, in order
	Amount     casework.Fen
}

// Overpaid finds what was paid after an event that ends the benefit.
func (r StopRule) Overpaid(paid []MonthAmount, event casework.Month) (Overpayment, error) {
	o := Overpayment{Rule: r, Event: event, FirstUndue: r.firstUndue(event)}
	if !event.Valid() {
		return o, fmt.Errorf("month of the event %s: want YYYYMM", event)
	}
	for _, m := range paid {
		if m.Month >= o.FirstUndue && m.Amount > 0 {
			o.Undue = append(o.Undue, m)
			o.Amount += m.Amount
		}
	}
	slices.SortStableFunc(o.Undue, func(a, b MonthAmount) int { return int(a.Month - b.Month) })
	return o, nil
}

// Derivation explains the amount.
func (o Overpayment) Derivation() Derivation {
	d := Derivation{Title: "多领失业保险金"}
	d.add(Given, "停发事由发生于%s", o.Event)
	d.add(Step, "%s：自%s起不应发放", o.Rule.zh(), o.FirstUndue)
	for _, m := range o.Undue {
		d.add(Step, "%s已发%s元", m.Month, m.Amount)
	}
	d.add(Result, "多领%d笔，共%s元", len(o.Undue), o.Amount)
	d.basis("《社会保险经办条例》第四十六条", o.Rule.Document)
	return d
}
