package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
	"github.com/jingban/jingban/store/storetest"
)

// simulatedDays is how long the simulation below runs.
const simulatedDays = 10_000

// notices generates fictional yearly notices with holidays of one to eight days
// and, for most, make-up days on the weekends around them (调休).
func notices(r *rand.Rand, from, to int) []casework.CalendarYear {
	var years []casework.CalendarYear
	for year := from; year <= to; year++ {
		y := casework.CalendarYear{Year: year, Document: "示例"}
		off, worked := map[casework.Date]bool{}, map[casework.Date]bool{}
		for _, month := range []time.Month{1, 2, 4, 5, 6, 9, 10, 12} {
			first := casework.Date{Year: year, Month: month, Day: 1 + r.IntN(20)}
			last := first.AddDays(r.IntN(8))
			for d := first; !last.Before(d); d = d.AddDays(1) {
				off[d] = true
			}
			y.Holidays = append(y.Holidays, casework.Holiday{Name: month.String(), From: first, To: last})
		}
		for _, h := range y.Holidays {
			for _, d := range []casework.Date{h.From.AddDays(-2), h.To.AddDays(3)} {
				weekend := d.Time().Weekday() == time.Saturday || d.Time().Weekday() == time.Sunday
				if weekend && d.Year == year && !off[d] && !worked[d] {
					worked[d] = true
					y.MakeUp = append(y.MakeUp, d)
				}
			}
		}
		years = append(years, y)
	}
	return years
}

// judge knows when each rule of the simulation comes due, found by walking over
// all days; it shares no code with the rules.
type judge struct {
	days   []casework.Date
	worked []bool
}

func newJudge(years []casework.CalendarYear, first casework.Date, days int) judge {
	off, extra := map[casework.Date]bool{}, map[casework.Date]bool{}
	for _, y := range years {
		for _, h := range y.Holidays {
			for d := h.From; d != h.To.AddDays(1); d = d.AddDays(1) {
				off[d] = true
			}
		}
		for _, d := range y.MakeUp {
			extra[d] = true
		}
	}
	var j judge
	for i := range days {
		d := first.AddDays(i)
		weekend := d.Time().Weekday()%6 == 0
		j.days, j.worked = append(j.days, d), append(j.worked, extra[d] || !weekend && !off[d])
	}
	return j
}

// expected gives the days of each rule of the simulation.
func (j judge) expected(rule string) (days []casework.Date) {
	last := len(j.days) - 1
	switch rule {
	case "每个工作日 8:30":
		days = j.pick(func(i int) bool { return j.worked[i] })
	case "0 6 1 * *":
		days = j.pick(func(i int) bool { return j.days[i].Day == 1 })
	case "每周一 9:00，遇节假日跳过":
		days = j.pick(func(i int) bool { return j.worked[i] && j.days[i].Time().Weekday() == time.Monday })
	case "每月最后一个工作日 17:00":
		days = j.pick(func(i int) bool {
			rest := j.pickMonth(i, func(k int) bool { return k > i })
			return j.worked[i] && rest == 0
		})
	case "每月第 3 个工作日 10:00":
		days = j.pick(func(i int) bool { return j.worked[i] && j.pickMonth(i, func(k int) bool { return k < i }) == 2 })
	case "每月 5 日 9:00，遇节假日顺延":
		days = j.carried(0, last, 1, func(d casework.Date) bool { return d.Day == 5 })
	case "每年 10 月 1 日 12:00，遇节假日顺延":
		days = j.carried(0, last, 1, func(d casework.Date) bool { return d.Day == 1 && d.Month == time.October })
	case "每月 15 日 9:00，遇节假日提前":
		days = j.carried(last, 0, -1, func(d casework.Date) bool { return d.Day == 15 })
		slices.Reverse(days)
	}
	return days
}

func (j judge) pick(is func(i int) bool) (days []casework.Date) {
	for i := range j.days {
		if is(i) {
			days = append(days, j.days[i])
		}
	}
	return days
}

// pickMonth counts the working days of the month of day i that are so.
func (j judge) pickMonth(i int, is func(k int) bool) (n int) {
	for k := max(0, i-31); k < min(len(j.days), i+32); k++ {
		if j.days[k].Month == j.days[i].Month && j.worked[k] && is(k) {
			n++
		}
	}
	return n
}

// carried walks with a named day in the hand and puts it down on a working day.
func (j judge) carried(from, to, step int, named func(casework.Date) bool) (days []casework.Date) {
	inHand := false
	for i := from; i != to+step; i += step {
		inHand = inHand || named(j.days[i])
		if inHand && j.worked[i] {
			days = append(days, j.days[i])
			inHand = false
		}
	}
	return days
}

// crowd is three schedulers on one database, each a process of its own.
type crowd struct {
	t      *testing.T
	cfg    store.Config
	clock  *storetest.Clock
	random *rand.Rand
	stores []*store.Store
}

// inMemory gives a folder that no disk slows down, where the machine has one:
// twenty-seven years of commits prove nothing about the disk.
func inMemory(t *testing.T) string {
	folder, err := os.MkdirTemp("/dev/shm", "jingban")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(folder); err != nil {
			t.Error(err)
		}
	})
	return folder
}

func newCrowd(t *testing.T, random *rand.Rand) *crowd {
	c := &crowd{t: t, clock: storetest.NewClock(), random: random}
	c.cfg = store.Config{Database: "sqlite:" + filepath.Join(inMemory(t), "jingban.db"), Files: filepath.Join(t.TempDir(), "files"), MasterKey: storetest.MasterKey(),
		Now: c.clock.Now, LeaseNow: c.clock.Now}
	for range 3 {
		c.stores = append(c.stores, c.open())
	}
	t.Cleanup(func() {
		for _, s := range c.stores {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
	})
	return c
}

func (c *crowd) open() *store.Store {
	s, err := store.Open(c.t.Context(), c.cfg)
	if err != nil {
		c.t.Fatal(err)
	}
	return s
}

func (c *crowd) start(_ context.Context, s casework.Schedule, at time.Time) (casework.Run, casework.Snapshot, error) {
	return casework.Run{Playbook: "p", Version: "v", Key: fmt.Sprint(s.ID, at.Unix())}, casework.Snapshot{}, nil
}

// pass lets those that are up look at the same time. One in twenty is killed in
// the middle, one in two hundred is started anew.
func (c *crowd) pass() {
	var all sync.WaitGroup
	for i := range c.stores {
		if c.random.IntN(200) == 0 {
			if err := c.stores[i].Close(); err != nil {
				c.t.Error(err)
			}
			c.stores[i] = c.open()
		}
		if c.random.IntN(3) == 0 {
			continue // it is down
		}
		ctx, cancel := context.WithCancel(c.t.Context())
		killed := c.random.IntN(20) == 0
		if killed {
			ctx, cancel = context.WithTimeout(c.t.Context(), time.Duration(c.random.IntN(1500))*time.Microsecond)
		}
		all.Go(func() {
			defer cancel()
			if _, err := c.stores[i].Tick(ctx, c.start); err != nil && !killed {
				c.t.Error(err)
			}
		})
	}
	all.Wait()
}

func TestTenThousandDaysMissAndDoubleNoTick(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(20261122, 3))
	c := newCrowd(t, random)
	first := casework.Date{Year: 2027, Month: 1, Day: 1}
	c.clock.Advance(first.Time().Sub(c.clock.Now()))
	end := first.AddDays(simulatedDays).Time()
	years := notices(random, 2027, casework.DateOf(end).Year+1)
	importer := casework.Actor{Kind: casework.Human, Name: "wang"}
	imported := func(n int) {
		if _, err := c.stores[0].ImportCalendar(t.Context(), importer, years[n:n+1]); err != nil {
			t.Fatal(err)
		}
	}
	imported(0)
	rules := map[string]casework.CatchUp{
		"每个工作日 8:30": casework.CatchUpAll, "每月最后一个工作日 17:00": casework.CatchUpAll, "每月第 3 个工作日 10:00": casework.CatchUpOnce,
		"每月 5 日 9:00，遇节假日顺延": casework.CatchUpAll, "每月 15 日 9:00，遇节假日提前": casework.CatchUpAll, "0 6 1 * *": casework.CatchUpAll,
		"每周一 9:00，遇节假日跳过": casework.CatchUpOnce, "每年 10 月 1 日 12:00，遇节假日顺延": casework.CatchUpSkip,
	}
	ids := map[string]string{}
	for rule, policy := range rules {
		s, err := c.stores[0].AddSchedule(t.Context(), importer, casework.Schedule{Name: rule, Rule: rule, Playbook: "p", CatchUp: policy})
		if err != nil {
			t.Fatal(err)
		}
		ids[rule] = s.ID
	}
	next := 1
	for passes := 0; c.clock.Now().Before(end); passes++ {
		step := time.Duration(12+random.IntN(120)) * time.Hour
		if random.IntN(50) == 0 {
			step = time.Duration(random.IntN(25*24)) * time.Hour // nobody is up
		}
		c.clock.Advance(min(step, end.Sub(c.clock.Now())))
		// The calendar comes in November, every fifth year three months late.
		wanted := casework.Date{Year: 2026 + next, Month: time.November, Day: 20}
		if next%5 == 0 {
			wanted = wanted.AddDays(100)
		}
		if next < len(years) && !c.clock.Now().Before(wanted.Time()) {
			imported(next)
			next++
		}
		c.pass()
	}
	for ; next < len(years); next++ {
		imported(next)
	}
	if _, err := c.stores[0].Tick(t.Context(), c.start); err != nil {
		t.Fatal(err)
	}
	j := newJudge(years, first, simulatedDays+40)
	started := 0
	for rule, policy := range rules {
		started += c.compare(ids[rule], rule, policy, j.expected(rule), end)
	}
	runs := 0
	for after, more := "", true; more; {
		page, cursor, err := c.stores[0].Runs(t.Context(), store.RunFilter{After: after, Limit: 500})
		if err != nil {
			t.Fatal(err)
		}
		runs += len(page)
		after, more = cursor, cursor != ""
	}
	if runs != started {
		t.Errorf("%d runs for %d started ticks", runs, started)
	}
	t.Logf("%d days, %d runs", simulatedDays, runs)
}

// compare holds the ticks of one schedule against the judge's days.
func (c *crowd) compare(id, rule string, policy casework.CatchUp, days []casework.Date, end time.Time) (started int) {
	c.t.Helper()
	var got []casework.Date
	for after, more := "", true; more; {
		page, cursor, err := c.stores[0].Ticks(c.t.Context(), store.TickFilter{ScheduleID: id, After: after, Limit: 500})
		if err != nil {
			c.t.Fatal(err)
		}
		for _, tick := range page {
			got = append(got, casework.DateOf(tick.At))
			if tick.State == casework.TickStarted {
				started++
			}
		}
		after, more = cursor, cursor != ""
	}
	slices.Reverse(got)
	days = slices.DeleteFunc(days, func(d casework.Date) bool { return !d.Time().Before(end) })
	if !slices.Equal(got, days) {
		c.t.Errorf("%s: %d ticks, the judge says %d", rule, len(got), len(days))
	}
	if policy == casework.CatchUpAll && started != len(got) {
		c.t.Errorf("%s: %d of %d ticks were started; want all", rule, started, len(got))
	}
	return started
}
