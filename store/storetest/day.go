package storetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

// Day lets 24 hours of a busy agency pass on the store's clock: runs arrive all
// day for many targets, each with seats, hours, closed days and a quota of its
// own, and every minute is judged by rules of its own, not by the store's. It
// fails on any breach, on a run that was passed over, and on one left at the end
// that could have been done.
func Day(t *testing.T, database string, targets, runs int, seed uint64) {
	h := newHouse(t, database)
	d := &simulation{house: h, random: rand.New(rand.NewPCG(seed, 7)), today: casework.DateOf(h.clock.Now()).AddDays(1)}
	h.clock.Advance(d.today.Time().Sub(h.clock.Now()))
	d.layTargets(t, targets)
	d.layRuns(t, runs)
	for minute := range 24 * 60 {
		d.arrive(t, d.coming[minute])
		d.minute(t)
		h.clock.Advance(time.Minute)
	}
	d.close(t)
}

// simulation is one simulated day. Everything it knows, it keeps itself.
type simulation struct {
	*house
	random  *rand.Rand
	today   casework.Date
	targets []*simulated
	caseID  string
	runs    map[string]*simulatedRun
	coming  map[int][]*simulatedRun // by minute of the day
	faults  int
}

// simulated is a target as its owner sees it.
type simulated struct {
	name     string
	seats    int
	from, to int // minutes of the day in which it is open
	closed   bool
	perDay   int
	busy     int
	used     map[string]bool
}

// simulatedRun is a run as its applicant sees it.
type simulatedRun struct {
	id       string
	round    int
	target   *simulated
	arrives  time.Time
	due      string
	priority int
	started  bool
	done     bool
	lease    store.Lease
	ends     time.Time // of the turn under way
	again    time.Time // not before
}

const lastStart = 10 // minutes; no simulated turn takes longer

// layTargets gives each target terms of its own; every seventh is closed all day.
func (d *simulation) layTargets(t *testing.T, n int) {
	for i := range n {
		s := &simulated{name: fmt.Sprintf("target%02d", i), seats: 1 + d.random.IntN(3), to: 24 * 60, used: map[string]bool{}}
		limits := casework.Limits{Seats: s.seats, LastStart: lastStart}
		if i%3 == 1 {
			s.from, s.to, s.seats = 8*60+30, 17*60+30, 3
			limits.Hours, limits.Seats = []string{"8:30-17:29"}, s.seats
		}
		if i%5 == 2 {
			s.perDay = 60 + d.random.IntN(60)
			limits.PerDay = s.perDay
		}
		if i%7 == 6 {
			s.closed = true
			limits.Closed = []casework.Closed{{From: d.today, To: d.today, Name: "封账"}}
		}
		must(t, d.EnsureTarget(t.Context(), s.name, "account-"+s.name, limits))
		d.targets = append(d.targets, s)
	}
}

// layRuns makes the runs of the day; most arrive in the first fourteen hours.
func (d *simulation) layRuns(t *testing.T, n int) {
	d.caseID, d.runs, d.coming = d.submitted(t).ID, map[string]*simulatedRun{}, map[int][]*simulatedRun{}
	for i := range n {
		minute := d.random.IntN(14 * 60)
		r := &simulatedRun{id: fmt.Sprintf("run-%05d", i), round: 100 + i, target: d.targets[d.random.IntN(len(d.targets))],
			arrives: d.today.Time().Add(time.Duration(minute) * time.Minute),
			due:     d.today.AddDays(d.random.IntN(20)).String(), priority: d.random.IntN(3)}
		d.runs[r.id] = r
		d.coming[minute] = append(d.coming[minute], r)
	}
}

// arrive puts runs in front of the doors, straight into the database: how a run
// comes into being is proved elsewhere.
func (d *simulation) arrive(t *testing.T, runs []*simulatedRun) {
	if len(runs) == 0 {
		return
	}
	tx, err := d.raw.BeginTx(t.Context(), nil)
	must(t, err)
	for _, r := range runs {
		_, err := tx.ExecContext(t.Context(), `INSERT INTO runs (id, case_id, round, playbook, version, run_key, snapshot, state,
			next_at, due, rank, priority, created_at, updated_at, target)
			VALUES ($1, $2, $3, 'p', 'v', $1, '', 'waiting', $4, $5, $5, $6, $4, $4, $7)`,
			r.id, d.caseID, r.round, r.arrives.UnixMicro(), r.due, r.priority, r.target.name)
		must(t, err)
	}
	must(t, tx.Commit())
}

// minute ends turns, admits, starts what was admitted and judges.
func (d *simulation) minute(t *testing.T) {
	now := d.clock.Now()
	var over []*simulatedRun
	for _, r := range d.runs {
		if r.lease.Fence > 0 && !r.ends.After(now) {
			over = append(over, r)
		}
	}
	fails := make([]bool, len(over))
	for i := range over {
		fails[i] = d.random.IntN(20) == 0
	}
	d.together(t, len(over), func(ctx context.Context, i int) error { return d.end(ctx, over[i], fails[i], now) })
	for i, r := range over {
		r.target.busy--
		r.lease = store.Lease{}
		if r.done = !fails[i]; fails[i] {
			r.again, d.faults = now.Add(5*time.Minute), d.faults+1
		}
	}
	_, err := d.Admit(t.Context(), 1000)
	must(t, err)
	d.start(t, now)
	d.judge(t, now)
}

func (d *simulation) end(ctx context.Context, r *simulatedRun, fails bool, now time.Time) error {
	if fails {
		return d.Later(ctx, r.lease, now.Add(5*time.Minute), "timeout", 1000)
	}
	return d.Settle(ctx, r.lease, finished())
}

func (d *simulation) together(t *testing.T, n int, do func(ctx context.Context, i int) error) {
	t.Helper()
	errs := make(chan error, n)
	for i := range n {
		go func() { errs <- do(t.Context(), i) }()
	}
	for range n {
		must(t, <-errs)
	}
}

// start claims what was hinted; each turn takes one to nine minutes.
func (d *simulation) start(t *testing.T, now time.Time) {
	hints, err := d.Hints(t.Context(), 500)
	must(t, err)
	var ids []string
	var begun []*simulatedRun
	for _, hint := range hints {
		ids = append(ids, hint.ID)
		if r := d.runs[hint.Subject]; r != nil {
			begun = append(begun, r)
		}
	}
	must(t, d.HintsSent(t.Context(), ids))
	d.together(t, len(begun), func(ctx context.Context, i int) (err error) {
		begun[i].lease, err = d.Store.Claim(ctx, begun[i].id, "w1")
		return err
	})
	for _, r := range begun {
		r.started, r.ends = true, now.Add(time.Duration(1+d.random.IntN(lastStart-1))*time.Minute)
		r.target.busy++
		r.target.used[r.id] = true
		if r.lease.Seat.Target != r.target.name {
			t.Errorf("%s: seat %+v, wants one on %s", r.id, r.lease.Seat, r.target.name)
		}
	}
}

// judge looks for breaches, and for runs that were passed over.
func (d *simulation) judge(t *testing.T, now time.Time) {
	minute := int(now.Sub(d.today.Time()) / time.Minute)
	for _, s := range d.targets {
		open := !s.closed && minute >= s.from && minute < s.to
		if s.busy > s.seats || s.busy > 0 && !open || s.perDay > 0 && len(s.used) > s.perDay {
			t.Fatalf("%s, minute %d: %d of %d seats, open %v, %d runs of %d a day", s.name, minute, s.busy, s.seats, open, len(s.used), s.perDay)
		}
	}
	// Whoever began this minute must not come after one who was left waiting.
	last := map[*simulated]*simulatedRun{}
	for _, r := range d.runs {
		if r.lease.Fence > 0 && r.ends.After(now) && r.lease.Seat.TakenAt.Equal(now) && (last[r.target] == nil || last[r.target].before(r)) {
			last[r.target] = r
		}
	}
	for _, r := range d.runs {
		began := last[r.target]
		if began == nil || r.done || r.lease.Fence > 0 || r.arrives.After(now) || r.again.After(now) {
			continue
		}
		outOfQuota := r.target.perDay > 0 && len(r.target.used) >= r.target.perDay && !r.target.used[r.id]
		if r.before(began) && !outOfQuota {
			t.Fatalf("minute %d: %s (due %s) was passed over for %s (due %s)", minute, r.id, r.due, began.id, began.due)
		}
	}
}

func (r *simulatedRun) before(o *simulatedRun) bool {
	if r.due != o.due {
		return r.due < o.due
	}
	if r.priority != o.priority {
		return r.priority > o.priority
	}
	if !r.arrives.Equal(o.arrives) {
		return r.arrives.Before(o.arrives)
	}
	return r.id < o.id
}

// close counts what is left: only what a closed day, a used quota or the end of
// the day excuses.
func (d *simulation) close(t *testing.T) {
	done, excused := 0, 0
	for _, r := range d.runs {
		switch {
		case r.done:
			done++
		case r.target.closed, r.target.perDay > 0 && len(r.target.used) >= r.target.perDay && !r.target.used[r.id]:
			excused++
		default:
			t.Errorf("%s on %s (arrived %s) starved", r.id, r.target.name, r.arrives.In(casework.China).Format("15:04"))
		}
	}
	if done < len(d.runs)/2 || d.faults == 0 {
		t.Errorf("only %d of %d done, %d faults: the day proves little", done, len(d.runs), d.faults)
	}
	t.Logf("%d runs on %d targets: %d done, %d behind a closed day or a quota, %d turns failed", len(d.runs), len(d.targets), done, excused, d.faults)
}
