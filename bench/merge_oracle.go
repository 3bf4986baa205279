package bench

import (
	"slices"
	"strings"

	legacy "github.com/jingban/jingban/fixtures/legacy/persons"
)

// expectation is what the oracle says of a case.
type expectation struct {
	end       string
	main, sub string
	balance   int64
	kept      map[paidKey]int64 // the base of the row each paid month rests on
}

type paidKey struct{ insurance, month string }

// paidMonths gives the paid months and the base each rests on.
func paidMonths(rows []legacy.Month) map[paidKey]int64 {
	paid := map[paidKey]int64{}
	for _, m := range rows {
		if (m.State == "" || m.State == "正常") && m.Received != "" {
			paid[paidKey{m.Insurance, m.Month}] = m.Base
		}
	}
	return paid
}

// expected is the oracle: the rule book (30-merge §3–5) once more, from the rows
// as they were generated, sharing no code with the product or the fake. It ranks
// all rows of a month and keeps the best.
func (c *mergeCase) expected() expectation {
	switch {
	case c.level == "L4" || c.a.person.Open || c.b.person.Open ||
		slices.ContainsFunc(c.a.person.Benefits, func(m string) bool { return slices.Contains(c.b.person.Benefits, m) }):
		return expectation{end: "suspended"}
	case c.misreckon:
		return expectation{end: "differs"}
	case c.clerk == "reject":
		return expectation{end: "rejected"}
	}
	main, sub := c.a, c.b
	if strings.Compare(c.b.rank(), c.a.rank()) < 0 {
		main, sub = sub, main
	}
	e := expectation{end: "merged", main: main.person.No, sub: sub.person.No, balance: main.person.Balance + sub.person.Balance, kept: map[paidKey]int64{}}
	best := map[paidKey]rankedRow{}
	for i, side := range []mergeSide{main, sub} {
		for _, m := range side.rows {
			if m.State == "作废" || m.Received == "" {
				continue
			}
			one := rankedRow{m, i}
			for _, key := range []paidKey{{m.Insurance, m.Month}, crossing(m)} {
				other, there := best[key]
				if key.insurance == "" || !there {
					continue
				}
				if one.better(other) {
					one, other = other, one
				}
				// one loses: its pension money goes back
				if strings.HasSuffix(one.Insurance, "养老") {
					e.balance -= one.Personal + one.Interest
				}
				delete(best, key)
				one = other
			}
			best[paidKey{one.Insurance, one.Month.Month}] = one
		}
	}
	for key, row := range best {
		e.kept[key] = row.Base
	}
	return e
}

// crossing is the key of the other pension in the same month.
func crossing(m legacy.Month) paidKey {
	switch m.Insurance {
	case "企业养老":
		return paidKey{"居民养老", m.Month}
	case "居民养老":
		return paidKey{"企业养老", m.Month}
	}
	return paidKey{}
}

type rankedRow struct {
	legacy.Month
	side int
}

// better ranks two paid rows of a month: employees' pension, employer, base,
// received early, surviving number.
func (r rankedRow) better(o rankedRow) bool {
	yes := func(b bool) string {
		if b {
			return "0"
		}
		return "1"
	}
	rank := func(r rankedRow) []string {
		return []string{yes(r.Insurance != "居民养老"), yes(r.Employer), string(rune(0x10FFFF - r.Base/100)), r.Received, yes(r.side == 0)}
	}
	return slices.Compare(rank(r), rank(o)) < 0
}

// rank orders two numbers of a person: the smaller text survives.
func (s mergeSide) rank() string {
	yes := func(b bool) string {
		if b {
			return "0"
		}
		return "1"
	}
	paid := 0
	for _, m := range s.rows {
		if m.State != "作废" && m.Received != "" {
			paid++
		}
	}
	p := s.person
	return yes(p.Drawing) + yes(p.Verified && len(p.IDNumber) == 18) + yes(p.Card) + yes(p.Active) + string(rune(0x10000-paid)) + p.First + p.No
}
