package drill

import (
	"context"
	"strings"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

// The clerk of the drill answers over HTTP, and only as fast as the robots work:
// what is under way then holds no more than the seats there are.

// underWayEach is how many runs a worker has to do at once.
const underWayEach = 2

// clerk answers until the drill is done.
func (d *drill) clerk(ctx context.Context, done func()) {
	tick := time.NewTicker(150 * time.Millisecond)
	defer tick.Stop()
	for !d.done() {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		under, err := d.underWay(ctx)
		if err != nil {
			continue // the database is down, on purpose
		}
		d.watchTarget(ctx)
		if under == 0 && d.exhausted() {
			break
		}
		if more := d.atOnce() - under; more > 0 {
			d.answer(ctx, more)
		}
	}
	done()
}

// watchTarget notes when the product itself holds work back because the legacy
// system seems ill: a run that waits then does not wait for its worker.
func (d *drill) watchTarget(ctx context.Context) {
	targets, err := d.store.Targets(ctx)
	if err != nil {
		return
	}
	for _, target := range targets {
		if target.State != store.TargetOpen || target.Why != "" {
			d.mu.Lock()
			d.heldBack = append(d.heldBack, time.Now())
			d.mu.Unlock()
			return
		}
	}
}

// exhausted says that every claim was decided: there is nothing left to strike.
func (d *drill) exhausted() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.decided) == len(d.claims)
}

func (d *drill) atOnce() int { return max(underWayEach*len(d.workers), 3) }

// underWay counts the runs that are worked on or about to be.
func (d *drill) underWay(ctx context.Context) (int, error) {
	runs, _, err := d.store.Runs(ctx, store.RunFilter{States: []casework.RunState{casework.RunWaiting, casework.RunRunning}, Limit: 100})
	n := 0
	soon := time.Now().Add(2 * time.Second)
	for _, run := range runs {
		if run.State == casework.RunRunning || run.NextAt.Before(soon) {
			n++
		}
	}
	return n, err
}

// answer says "submit" to some of the claims before the clerk.
func (d *drill) answer(ctx context.Context, n int) {
	if d.person.Token == "" && d.person.SignIn(ctx, "clerk", d.password) != nil {
		return // the pages are down, on purpose
	}
	var list Page[Review]
	if err := d.person.Get(ctx, "/api/v1/reviews?state=open&role=clerk&limit=20", &list); err != nil {
		if strings.Contains(err.Error(), "401") {
			d.person.Token = ""
		}
		return
	}
	for _, review := range list.Items[:min(n, len(list.Items))] {
		if d.person.Post(ctx, "/api/v1/reviews/"+review.ID+"/decision", map[string]string{"choice": "submit"}, nil) == nil {
			d.mu.Lock()
			d.decided[review.CaseID] = true
			d.mu.Unlock()
		}
	}
}

// waitingForClerk counts the claims before the clerk.
func (d *drill) waitingForClerk(ctx context.Context) (int, error) {
	n, after := 0, ""
	for {
		reviews, next, err := d.store.Reviews(ctx, store.ReviewFilter{Role: "clerk",
			States: []casework.ReviewState{casework.ReviewOpen}, After: after, Limit: 100})
		if err != nil {
			return 0, err
		}
		if n += len(reviews); next == "" {
			return n, nil
		}
		after = next
	}
}

// allEnded says that no run is waiting or running.
func (d *drill) allEnded(ctx context.Context) bool {
	runs, _, err := d.store.Runs(ctx, store.RunFilter{States: []casework.RunState{casework.RunWaiting, casework.RunRunning}, Limit: 1})
	return err == nil && len(runs) == 0
}
