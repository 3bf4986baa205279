package bench

import (
	"context"
	"fmt"
	"strconv"

	"github.com/jingban/jingban/fixtures/legacy/exchange"
	"github.com/jingban/jingban/fixtures/legacy/pension"
)

// The oracle: the rules of 20-transfer §3–4 once more, from the months as they were
// generated, sharing no code with the product or the fakes.

// moving is what moves with a person.
type moving struct {
	balance, current, own, pooled, total int64
	months                               int
	closing                              map[int]int64 // of each year
}

// yearlyRate is the published interest in 1/10000.
func yearlyRate(year int) int64 {
	rates := [...]int64{831, 712, 829, 761, 604, 669, 612, 397, 262} // 2016 to 2024
	if year < 2016 || year-2016 >= len(rates) {
		return 0
	}
	return rates[year-2016]
}

// nearest rounds a fraction half up.
func nearest(numerator, denominator int64) int64 {
	quotient, rest := numerator/denominator, numerator%denominator
	if rest*2 >= denominator {
		quotient++
	}
	return quotient
}

// creditOf is what the rule credits for a month.
func creditOf(m pension.Month) int64 {
	if year, _ := strconv.Atoi(m.Month[:4]); year <= 2005 {
		return nearest(m.Base*11, 100)
	}
	return nearest(m.Base*8, 100)
}

// movingOf walks through the calendar month by month.
func movingOf(pre1998 int64, months []pension.Month, until int) moving {
	out := moving{closing: map[int]int64{}}
	paid := map[string]pension.Month{}
	var bases int64
	for _, m := range months {
		if m.Received != "" {
			paid[m.Month] = m
		}
	}
	for _, m := range paid {
		bases += m.Base
		out.months++
	}
	for year := 1998; year <= until; year++ {
		var principal, products int64
		for month := 1; month <= 12; month++ {
			m, there := paid[fmt.Sprintf("%d%02d", year, month)]
			if !there {
				continue
			}
			principal += creditOf(m)
			products += creditOf(m) * int64(13-month)
		}
		if year == until {
			out.current = principal
			break
		}
		out.balance += nearest(out.balance*yearlyRate(year), 10_000) + principal + nearest(products*yearlyRate(year), 120_000)
		out.closing[year] = out.balance
	}
	out.pooled = nearest(bases*12, 100)
	out.own = pre1998 + out.balance + out.current
	out.total = out.own + out.pooled
	return out
}

// rowsOf lays full years of one base each out as a form has them.
func rowsOf(months []pension.Month, until int) []exchange.Row {
	var rows []exchange.Row
	var before int64
	sum := movingOf(0, months, until)
	for i := 0; i+12 <= len(months); i += 12 {
		year, _ := strconv.Atoi(months[i].Month[:4])
		var principal int64
		for _, m := range months[i : i+12] {
			principal += creditOf(m)
		}
		closing := sum.closing[year]
		rows = append(rows, exchange.Row{Place: "宁川市", Year: strconv.Itoa(year), First: months[i].Month, Last: months[i+11].Month, Months: 12, Base: months[i].Base, Ratio: "8%",
			Principal: principal, Interest: closing - before - principal, Closing: fmt.Sprintf("%d.%02d", closing/100, closing%100)})
		before = closing
	}
	return rows
}

// judge holds both systems' books against the oracle.
func (l *leaver) judge(ctx context.Context, s *transferSite, c *transferCase) (m mistake, err error) {
	all, err := s.pension.Outs(ctx)
	if err != nil {
		return m, err
	}
	var mine []pension.Out
	for _, t := range all {
		if t.Letter == l.letter.Number {
			mine = append(mine, t)
		}
	}
	m.count("transfers out", len(mine), count1(l.transfer))
	forms, err := s.exchange.Forms(ctx, exchange.Own)
	if err != nil {
		return m, err
	}
	sent := 0
	for _, f := range forms {
		if f.Letter == l.letter.Number {
			sent++
			m.same("the form's total", f.Total, l.sum.total)
			m.same("the form's account", f.Own, l.sum.own)
			m.same("the form's balance", f.Balance, l.sum.balance)
			m.same("the form's months", f.Months, l.sum.months)
			m.same("the form", f.Status, exchange.Reported)
		}
	}
	m.count("forms", sent, count1(l.transfer))
	letters, err := s.exchange.Letters(ctx)
	for _, letter := range letters {
		if letter.Number == l.letter.Number {
			m.same("letter returned", letter.Status == exchange.Returned, l.returned)
		}
	}
	if err != nil || !l.transfer || len(mine) != 1 {
		return m, err
	}
	t := mine[0]
	m.same("the total", t.Total, l.sum.total)
	m.same("the pooled part", t.Pooled, l.sum.pooled)
	m.same("the months", t.Months, l.sum.months)
	p, _, err := s.pension.Person(ctx, l.person.No)
	if err != nil {
		return m, err
	}
	want, state, payments := pension.OutEnded, "已转出", count1(l.letter.Kind != "省内转移")
	if c.end == "paid_wrong" {
		want, state, payments = pension.OutToPay, l.person.State, 0
	}
	m.same("the state", t.Status, want)
	m.same("the relation", p.State, state)
	m.same("a payment is recorded", len(t.Order) > 0, payments > 0)
	if twice := len(t.Order) > len("BF2026010100001"); twice {
		m.count("payments", 2, 1)
	}
	return m, l.rows(ctx, s, &m)
}

// rows looks at part 2 as it was sent.
func (l *leaver) rows(ctx context.Context, s *transferSite, m *mistake) error {
	rows, err := s.exchange.Rows(ctx, l.letter.Number)
	if err != nil {
		return err
	}
	seen := map[string]int{}
	var principal, want int64
	months := 0
	for _, r := range rows {
		seen[r.First]++
		if seen[r.First] == 1 {
			principal, months = principal+r.Principal, months+r.Months
		}
		year, _ := strconv.Atoi(r.Year)
		if closing := l.sum.closing[year]; r.Closing != "" {
			m.same("balance of "+r.Year, r.Closing, fmt.Sprintf("%d.%02d", closing/100, closing%100))
		}
	}
	for _, mo := range l.months {
		if mo.Received != "" {
			want += creditOf(mo)
		}
	}
	m.same("principal of the rows", principal, want)
	m.same("months of the rows", months, l.sum.months)
	m.count("rows", len(rows), len(seen))
	return nil
}

func count1(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// judge holds both systems' books against the oracle. stage is how far it must have
// come: nothing, letter, or all the way.
func (m *comer) judge(ctx context.Context, s *transferSite, c *transferCase) (wrong mistake, err error) {
	mine, err := m.mine(ctx, s)
	if err != nil {
		return wrong, err
	}
	wrong.count("transfers in", len(mine), count1(m.stage != "nothing" || m.open))
	letters, err := s.exchange.Letters(ctx)
	if err != nil {
		return wrong, err
	}
	sent := 0
	for _, l := range letters {
		if l.IDNumber == m.person.IDNumber && l.Sender == exchange.Own {
			sent++
		}
	}
	wrong.count("letters", sent, count1(m.stage != "nothing"))
	if len(mine) != 1 || m.stage == "nothing" {
		return wrong, nil
	}
	t := mine[0]
	rows, err := s.pension.RowsIn(ctx, t.Letter)
	if err != nil {
		return wrong, err
	}
	receipts, err := s.pension.Receipts(ctx)
	if err != nil {
		return wrong, err
	}
	booked := 0
	for _, r := range receipts {
		booked += count1(r.Letter == t.Letter)
	}
	if m.stage == "letter" {
		wrong.count("rows", len(rows), 0)
		wrong.count("receipts booked", booked, 0)
		wrong.same("the state", t.Status, pension.InLetter)
		return wrong, nil
	}
	wrong.count("rows", len(rows), len(m.rows))
	wrong.count("receipts booked", booked, m.paid)
	wrong.same("the state", t.Status, pension.InDone)
	wrong.same("the account", t.Account, m.account)
	wrong.same("the total", t.Total, m.form.Total)
	wrong.same("the part of the account", t.Own, m.form.Own)
	wrong.same("the months", t.Months, m.form.Months)
	return wrong, m.entered(ctx, s, rows, &wrong)
}

// entered compares the rows and the months in the books.
func (m *comer) entered(ctx context.Context, s *transferSite, rows []pension.RowIn, wrong *mistake) error {
	for i := range min(len(rows), len(m.rows)) {
		got, want := rows[i], m.rows[i]
		wrong.same("row "+want.Year, fmt.Sprint(got.First, got.Last, got.Months, got.Base, got.Principal, got.Interest, got.Closing), fmt.Sprint(want.First, want.Last, want.Months, want.Base, want.Principal, want.Interest, want.Closing))
	}
	months, err := s.pension.Months(ctx, m.person.No)
	wrong.same("months in the books", len(months), len(m.months)+m.form.Months)
	return err
}
