package drill

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"
	"time"

	_ "modernc.org/sqlite" // database/sql driver "sqlite"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/fixtures/legacy/benefits"
	"github.com/jingban/jingban/store"
	"github.com/jingban/jingban/tasks"
)

// How long lasting strikes last.
const (
	frozenFor   = 10 * time.Second // beyond the lease of 8 s and the click's age of 10 s
	frozenLong  = 30 * time.Second // every fifth
	lockedFor   = 15 * time.Second
	cutFor      = 4 * time.Second
	badPagesFor = 4 * time.Second
	slowBy      = 2 * time.Second
	lateBy      = 20 * time.Second // less than the system file's settles
	lateFor     = 6 * time.Second
	clockOffBy  = 60 * time.Second
	clockOffFor = 30 * time.Second
)

// standing answers a worker that stands at a seam. It strikes there if that is
// planned, and then lets the worker go, dead or alive.
func (d *drill) standing(ctx context.Context, c call) orders {
	worker := d.workerOf(c.Pid)
	if worker == nil {
		return orders{Unguarded: d.cfg.Unguarded}
	}
	if d.mayAim(c) {
		held := d.heldBy(ctx, c.Pid, c.Run)
		if kind, ok := d.aim(c, held); ok {
			d.strike(ctx, kind, c.Seam, worker, held)
		}
	}
	return orders{Unguarded: d.cfg.Unguarded, Clock: d.clock(worker)}
}

func (s *site) workerOf(pid int) *daemon {
	for _, w := range s.workers {
		if w.pid() == pid {
			return w
		}
	}
	return nil
}

// mayAim says that a strike is planned for the seam and due.
func (d *drill) mayAim(c call) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.armed && c.Run != "" && len(d.plan.aimed[c.Seam]) > 0 && time.Since(d.last) >= breath
}

// aim takes the planned strike of the seam if every run of the worker can bear
// one more: a run that takes too many workers with it is set aside on purpose.
func (d *drill) aim(c call, held []casework.Run) (kind string, ok bool) {
	if !d.mayAim(c) || !d.canBear(held) {
		return "", false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if kind, ok = d.plan.next(c.Seam); ok {
		d.last = time.Now()
	}
	return kind, ok
}

// strikeAtRandom sends the planned signals at random moments, each to something
// that is in use.
func (d *drill) strikeAtRandom(ctx context.Context) {
	for {
		d.mu.Lock()
		pause := time.Duration(d.rnd.ExpFloat64() * float64(1500*time.Millisecond))
		left := len(d.plan.random)
		d.mu.Unlock()
		if left == 0 {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(breath + min(pause, 6*time.Second)):
		}
		d.strikeSomebody(ctx)
	}
}

// strikeSomebody picks a worker that holds runs which can bear a strike.
func (d *drill) strikeSomebody(ctx context.Context) {
	var ready []*daemon
	held := map[*daemon][]casework.Run{}
	for _, w := range d.workers {
		if pid := w.working(); pid > 0 {
			if runs := d.heldBy(ctx, pid, ""); len(runs) > 0 && d.canBear(runs) {
				ready, held[w] = append(ready, w), runs
			}
		}
	}
	d.mu.Lock()
	if len(ready) == 0 || !d.armed || time.Since(d.last) < breath || len(d.plan.random) == 0 {
		d.mu.Unlock()
		return
	}
	victim := ready[d.rnd.IntN(len(ready))]
	kind := d.plan.random[0]
	d.plan.random = d.plan.random[1:]
	d.last = time.Now()
	d.mu.Unlock()
	d.strike(ctx, kind, "", victim, held[victim])
}

func (d *drill) canBear(runs []casework.Run) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return !slices.ContainsFunc(runs, func(r casework.Run) bool { return d.hits[r.ID] >= hitsAtMost })
}

// heldBy gives the runs a process holds; the one that is surely held comes
// first, even if the database is down.
func (d *drill) heldBy(ctx context.Context, pid int, surely string) []casework.Run {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	runs, _, err := d.store.Runs(ctx, store.RunFilter{States: []casework.RunState{casework.RunRunning}, Limit: 100})
	if err != nil {
		runs = nil
	}
	mark := "-" + strconv.Itoa(pid) + "-"
	held := slices.DeleteFunc(runs, func(r casework.Run) bool { return !strings.Contains(r.Holder, mark) })
	at := slices.IndexFunc(held, func(r casework.Run) bool { return r.ID == surely })
	if at > 0 {
		held[0], held[at] = held[at], held[0]
	}
	if at < 0 && surely != "" {
		held = append([]casework.Run{{ID: surely}}, held...)
	}
	return held
}

// strike does it and counts it, unless it found nothing to hit; then it goes
// back into the plan.
func (d *drill) strike(ctx context.Context, kind, seam string, worker *daemon, held []casework.Run) {
	place := seam
	if seam == "" {
		place = d.place(ctx, held)
	}
	s := Strike{Kind: kind, Seam: seam, Place: place, Signal: slices.Contains(signals(), kind), At: time.Now()}
	if !d.hit(kind, worker) {
		d.mu.Lock()
		defer d.mu.Unlock()
		if seam == "" {
			d.plan.random = append(d.plan.random, kind)
		} else {
			d.plan.aimed[seam] = append(d.plan.aimed[seam], kind)
		}
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, run := range held {
		s.Runs = append(s.Runs, run.ID)
		if kind == workerKilled || kind == workerFrozen && len(d.workers) > 1 {
			d.deaths = append(d.deaths, death{run.ID, run.Attempt, s.At})
		}
		if kind != redisKilled && kind != redisFlushed && kind != leaseDeleted {
			d.hits[run.ID]++
		}
	}
	d.strikes = append(d.strikes, s)
}

// place is how far the held run that has come furthest stands in its journal.
func (d *drill) place(ctx context.Context, held []casework.Run) string {
	order := []string{"begun", "intent", "sent", "verified", "outcome"}
	furthest := 0
	for _, run := range held {
		entries, err := d.store.Entries(ctx, run.ID)
		if err != nil {
			continue
		}
		furthest = max(furthest, slices.Index(order, stand(entries)))
	}
	return order[furthest]
}

// stand is the place of one run: its last line about the commit.
func stand(entries []casework.Entry) string {
	at := "begun"
	for _, e := range entries {
		switch {
		case e.Kind == casework.Intent, e.Kind == casework.Sent:
			at = string(e.Kind)
		case e.Kind == casework.Verified:
			at = "verified"
		case e.Kind == casework.Happened && e.Effect != "":
			at = "outcome"
		}
	}
	return at
}

// hit carries a strike out; false when there was nothing to hit.
func (d *drill) hit(kind string, worker *daemon) bool {
	switch kind {
	case workerKilled:
		return worker.kill()
	case workerFrozen:
		return d.freeze(worker)
	case chromiumKilled:
		return killIn(d.folderOf(worker, "run", "chromium-"+strconv.Itoa(worker.pid())+".pid"))
	case redisKilled:
		return killIn(d.redisPid)
	case postgresKilled:
		return d.postgres.kill()
	case redisFlushed, leaseDeleted:
		return d.hitRedis(kind)
	}
	hit, lasting := d.lasting(kind, worker)
	if hit && lasting != nil {
		d.healing.Go(func() { lasting(d.healCtx) })
	}
	return hit
}

func (s *site) folderOf(worker *daemon, parts ...string) string {
	return s.at(append([]string{worker.name}, parts...)...)
}

func (d *drill) freeze(worker *daemon) bool {
	if !worker.freeze() {
		return false
	}
	d.mu.Lock()
	lasts := frozenFor
	if d.frozen++; d.frozen%5 == 0 {
		lasts = frozenLong
	}
	d.mu.Unlock()
	d.healing.Go(func() {
		pause(d.healCtx, lasts)
		worker.thaw()
	})
	return true
}

// hitRedis empties Redis, or deletes asynq's lease of one task.
func (d *drill) hitRedis(kind string) bool {
	client, err := d.broker.Client()
	if err != nil {
		return false
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(d.healCtx, 2*time.Second)
	defer cancel()
	if kind == redisFlushed {
		return client.FlushAll(ctx).Err() == nil
	}
	leases := "asynq:{" + tasks.QueueRuns + "}:lease"
	n, err := client.ZRemRangeByRank(ctx, leases, 0, 0).Result()
	return err == nil && n > 0
}

// lasting gives what goes on for a while and heals by itself.
func (d *drill) lasting(kind string, worker *daemon) (hit bool, goesOn func(context.Context)) {
	switch kind {
	case databaseLocked:
		return d.lockDatabase()
	case clockOff:
		return true, func(ctx context.Context) { d.setClock(ctx, worker) }
	case legacyCut:
		d.legacy.cut()
		return true, func(ctx context.Context) {
			pause(ctx, cutFor)
			if err := d.legacy.plugIn(context.WithoutCancel(ctx)); err != nil {
				d.say("%v", err)
			}
		}
	}
	return d.legacyBadDay(kind)
}

// legacyBadDay switches one of the legacy system's own faults on. Those that
// strike once wear out by themselves.
func (d *drill) legacyBadDay(kind string) (hit bool, goesOn func(context.Context)) {
	switches := func(w *benefits.Switches, on bool) {
		times, slow, late := benefits.Times(0), time.Duration(0), time.Duration(0)
		if on {
			times, slow, late = 1, slowBy, lateBy
		}
		switch kind {
		case legacySlow:
			w.Slow = slow
		case legacy500:
			w.Fail500 = on
		case signedOut:
			w.SignOutMidForm = times
		case replyLost:
			w.LoseReply = times
		case keptClosed:
			w.CloseKeptAlive, w.CloseWrites = times, on
		case recordLate:
			w.LateRecord = late
		case buttonDoubled:
			w.TwoMatches = on
		}
	}
	d.legacy.Switch(func(w *benefits.Switches) { switches(w, true) })
	lasts := badPagesFor
	if kind == recordLate {
		lasts = lateFor
	}
	return true, func(ctx context.Context) {
		pause(ctx, lasts)
		d.legacy.Switch(func(w *benefits.Switches) { switches(w, false) })
	}
}

// lockDatabase holds SQLite's write lock from another connection.
func (d *drill) lockDatabase() (bool, func(context.Context)) {
	db, err := sql.Open("sqlite", strings.TrimPrefix(d.database, "sqlite:")+"?_txlock=immediate&_pragma=busy_timeout(2000)")
	if err != nil {
		return false, nil
	}
	tx, err := db.BeginTx(d.healCtx, nil)
	if err != nil {
		db.Close()
		return false, nil
	}
	return true, func(ctx context.Context) {
		pause(ctx, lockedFor)
		_ = tx.Rollback() // it wrote nothing
		db.Close()
	}
}

// setClock puts one worker's wall clock off for a while. The worker hears of it
// at its next seam.
func (d *drill) setClock(ctx context.Context, worker *daemon) {
	d.mu.Lock()
	by := clockOffBy
	if d.rnd.IntN(2) == 0 {
		by = -by
	}
	d.clocks[worker] = by
	d.mu.Unlock()
	pause(ctx, clockOffFor)
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.clocks, worker)
}

func (d *drill) clock(worker *daemon) time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.clocks[worker]
}

// calm ends everything that might still be off.
func (d *drill) calm() {
	d.legacy.goodDay()
	for _, w := range d.workers {
		w.thaw()
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
