package bench

import (
	"fmt"
	"math/rand/v2"
	"strconv"

	legacy "github.com/jingban/jingban/fixtures/legacy/persons"
	"github.com/jingban/jingban/fixtures/people"
)

// mergeSide is one number with its rows.
type mergeSide struct {
	person legacy.Person
	rows   []legacy.Month
}

// mergeCase is a pair, its branch, its bad day and what the clerk will say.
type mergeCase struct {
	number    int
	branch    string
	fault     string
	level     string
	clerk     string
	misreckon bool // the system's preview is wrong
	a, b      mergeSide
	absent    map[string]int
}

func (c *mergeCase) id() string { return "HB" + strconv.Itoa(c.number) }

func (c *mergeCase) shared() map[string]string {
	a, b := c.a.person.No, c.b.person.No
	return map[string]string{"a": a, "b": b, "pair": min(a, b) + "/" + max(a, b), "level": c.level}
}

// branches lists what a merge can come to, each with what makes it so.
func branches() []struct {
	name string
	make func(rnd *rand.Rand, c *mergeCase)
} {
	type branch = struct {
		name string
		make func(rnd *rand.Rand, c *mergeCase)
	}
	pension := func(side *mergeSide, from, months int, base int64, employer bool) {
		side.add("企业养老", from, months, base, employer)
	}
	return []branch{
		{"no overlap", func(_ *rand.Rand, c *mergeCase) {
			pension(&c.a, 202301, 12, 500000, true)
			pension(&c.b, 202405, 8, 420000, true)
		}},
		{"higher base", func(_ *rand.Rand, c *mergeCase) {
			pension(&c.a, 202301, 12, 500000, true)
			pension(&c.b, 202310, 8, 420000, true)
		}},
		{"higher base under the folded number", func(_ *rand.Rand, c *mergeCase) {
			pension(&c.a, 202301, 12, 400000, true)
			pension(&c.b, 202310, 8, 620000, true)
		}},
		{"employer over flexible", func(_ *rand.Rand, c *mergeCase) {
			pension(&c.a, 202401, 6, 450400, false)
			pension(&c.b, 202404, 4, 450400, true)
		}},
		{"earlier received", func(_ *rand.Rand, c *mergeCase) {
			pension(&c.a, 202401, 6, 450400, true)
			pension(&c.b, 202404, 4, 450400, true)
			for i := range c.a.rows {
				c.a.rows[i].Received = monthAfter(c.a.rows[i].Month, 3)
			}
		}},
		{"unpaid gives way", func(_ *rand.Rand, c *mergeCase) {
			pension(&c.a, 202401, 6, 450000, true)
			pension(&c.b, 202405, 4, 450000, true)
			c.a.rows[4].Received, c.a.rows[4].Personal, c.a.rows[4].Interest = "", 0, 0
			c.b.rows[1].Received, c.b.rows[1].Personal, c.b.rows[1].Interest = "", 0, 0
		}},
		{"resident gives way", func(_ *rand.Rand, c *mergeCase) {
			pension(&c.a, 202401, 6, 450000, true)
			c.b.add("居民养老", 202405, 4, 37500, false)
		}},
		{"resident survives, employee folded", func(_ *rand.Rand, c *mergeCase) {
			c.a.add("居民养老", 202301, 18, 37500, false)
			pension(&c.b, 202405, 4, 450000, true)
		}},
		{"cancelled rows only", func(_ *rand.Rand, c *mergeCase) {
			pension(&c.a, 202301, 12, 500000, true)
			pension(&c.b, 202310, 3, 500000, true)
			for i := range c.b.rows {
				c.b.rows[i].State = "作废"
			}
			c.b.person.Balance = 0
		}},
		{"old number, survivor switches", func(_ *rand.Rand, c *mergeCase) {
			pension(&c.a, 202301, 12, 500000, true)
			pension(&c.b, 202401, 6, 500000, true)
			c.level, c.a.person.IDNumber = "L2", c.a.person.IDNumber[:6]+c.a.person.IDNumber[8:17]
		}},
		{"drawing survives", func(_ *rand.Rand, c *mergeCase) {
			pension(&c.a, 202301, 12, 500000, true)
			pension(&c.b, 202201, 6, 500000, true)
			c.b.person.Drawing, c.b.person.Benefits = true, []string{"202401", "202402"}
		}},
		{"both paid in a month", func(_ *rand.Rand, c *mergeCase) {
			pension(&c.a, 202301, 3, 500000, true)
			c.a.person.Benefits, c.b.person.Benefits = []string{"202401", "202402"}, []string{"202402"}
		}},
		{"open case", func(_ *rand.Rand, c *mergeCase) { pension(&c.a, 202301, 3, 500000, true); c.b.person.Open = true }},
		{"two persons on one number", func(_ *rand.Rand, c *mergeCase) { pension(&c.a, 202301, 3, 500000, true); c.level = "L4" }},
		{"clerk says no", func(_ *rand.Rand, c *mergeCase) {
			pension(&c.a, 202301, 12, 500000, true)
			pension(&c.b, 202310, 8, 420000, true)
			c.level, c.clerk = "L5", "reject"
		}},
		{"injury counts once", func(_ *rand.Rand, c *mergeCase) {
			c.a.add("工伤", 202401, 6, 500000, true)
			c.b.add("工伤", 202404, 6, 480000, true)
		}},
		{"unemployment counts once", func(_ *rand.Rand, c *mergeCase) {
			c.a.add("失业", 202401, 6, 500000, true)
			c.b.add("失业", 202404, 6, 580000, true)
		}},
		{"frozen and special work", func(_ *rand.Rand, c *mergeCase) {
			pension(&c.a, 202301, 12, 500000, true)
			pension(&c.b, 202401, 8, 420000, true)
			c.a.person.Frozen, c.b.person.Special, c.level = true, 24, "L3"
		}},
		{"more months survive", func(_ *rand.Rand, c *mergeCase) {
			c.a.person.Active, c.a.person.Card = false, false
			pension(&c.a, 202301, 4, 500000, true)
			pension(&c.b, 202206, 30, 420000, true) // two pages of the list
		}},
		{"smaller number survives", func(_ *rand.Rand, c *mergeCase) {
			c.a.person.Active, c.a.person.Card = false, false
			pension(&c.a, 202301, 4, 500000, true)
			pension(&c.b, 202401, 4, 500000, true)
		}},
		{"preview is wrong", func(_ *rand.Rand, c *mergeCase) {
			pension(&c.a, 202301, 12, 500000, true)
			pension(&c.b, 202401, 8, 420000, true)
			c.misreckon = true
		}},
	}
}

// newMergeCase makes the i-th case: branches in turn, and the faults at another
// pace, so that every branch meets many of them.
func newMergeCase(rnd *rand.Rand, i int) *mergeCase {
	all, faults := branches(), mergeFaults()
	branch := all[i%len(all)]
	c := &mergeCase{number: i, branch: branch.name, fault: faults[(i*4+i/len(faults))%len(faults)], level: "L1", clerk: "merge", absent: map[string]int{}}
	name, birth := "张"+string(rune('一'+rnd.IntN(200))), fmt.Sprintf("19%02d%02d%02d", 50+rnd.IntN(40), 1+rnd.IntN(12), 1+rnd.IntN(28))
	id := people.WithIDCheck(fmt.Sprintf("3799%02d%s%03d", rnd.IntN(100), birth, 2*rnd.IntN(500)+1))
	for k, side := range []*mergeSide{&c.a, &c.b} {
		side.person = legacy.Person{No: fmt.Sprintf("37%06d%d", 100000+i*7+rnd.IntN(7), k+1), Name: name, IDNumber: id, Verified: true, Sex: "男",
			Birth: birth[:4] + "-" + birth[4:6] + "-" + birth[6:], Province: "370000", Card: k == 0, Active: k == 0, First: "202001", Balance: int64(1000 * rnd.IntN(500))}
	}
	branch.make(rnd, c)
	if rnd.IntN(2) == 1 {
		c.a, c.b = c.b, c.a // the order in which they are asked for decides nothing
	}
	return c
}

// add writes months of an insurance, all received; the personal part is 8 % of
// the base, and credited.
func (s *mergeSide) add(insurance string, from, months int, base int64, employer bool) {
	month := strconv.Itoa(from)
	for range months {
		personal := base * 8 / 100
		s.rows = append(s.rows, legacy.Month{Insurance: insurance, Relation: "R" + s.person.No, Month: month, Received: month, Employer: employer,
			Base: base, Personal: personal, Interest: personal / 97})
		if insurance == "企业养老" || insurance == "居民养老" {
			s.person.Balance += personal + personal/97
		}
		month = monthAfter(month, 1)
	}
}

func monthAfter(month string, n int) string {
	year, _ := strconv.Atoi(month[:4])
	of, _ := strconv.Atoi(month[4:])
	of += n - 1
	return fmt.Sprintf("%04d%02d", year+of/12, of%12+1)
}
