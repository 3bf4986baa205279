package workers

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/store"
)

// taken answers at the sign-in that the account is signed in elsewhere, as often
// as it is told, and counts the knocks.
type taken struct {
	oneSystem
	times  int
	knocks *int
}

func (b taken) Seat(ctx context.Context, system playbooks.System, access playbooks.Access, seat int) (playbooks.Page, error) {
	if *b.knocks++; *b.knocks <= b.times {
		return nil, elsewhere()
	}
	return b.oneSystem.Seat(ctx, system, access, seat)
}

func elsewhere() error { return casework.Retry("signed_in_elsewhere", "the account is in use") }

// usedBefore leaves the seat as a worker that was signed in there left it.
func (c *Crew) usedBefore(t *testing.T, worker string) {
	t.Helper()
	seat, err := c.Store.TakeSeat(t.Context(), "benefits", "a look", worker)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Store.LeaveSeat(t.Context(), seat); err != nil {
		t.Fatal(err)
	}
}

func (c *Crew) target(t *testing.T) store.Target {
	t.Helper()
	target, err := c.Store.Target(t.Context(), "benefits")
	if err != nil {
		t.Fatal(err)
	}
	return target
}

func TestSignedInElsewhereStopsTheTargetInsteadOfACircle(t *testing.T) {
	for _, before := range []string{"", "w1"} { // nobody, or this very worker
		c, legacy, id := atWork(t, casework.StageFull)
		if before != "" {
			c.usedBefore(t, before)
		}
		knocks := 0
		c.Browser = taken{oneSystem{legacy}, 9, &knocks}
		c.atTheDoor(t, id)
		for range 3 { // it would go round here
			if run := c.turnOf(t, id); run.State != casework.RunWaiting || run.End != "target_stopped" || run.Holder != "" {
				t.Fatalf("the run is %+v", run)
			}
		}
		if knocks != 1 {
			t.Errorf("after %q it signed in %d times, want once", before, knocks)
		}
		if target := c.target(t); target.State != store.TargetStopped || target.Reason != "signed_in_elsewhere" || target.SeatsTaken != 0 {
			t.Errorf("target %+v", target)
		}
	}
}

func TestSeatThatAnotherOfOurWorkersHadIsSignedInAgainOnce(t *testing.T) {
	for times, want := range map[int]store.TargetState{1: store.TargetOpen, 2: store.TargetStopped} {
		c, legacy, id := atWork(t, casework.StageFull)
		c.usedBefore(t, "w9")
		knocks := 0
		c.Browser = taken{oneSystem{legacy}, times, &knocks}
		c.atTheDoor(t, id)
		run := c.turnOf(t, id)
		if target := c.target(t); target.State != want || knocks != 2 {
			t.Errorf("refused %d times: target %s, signed in %d times", times, target.State, knocks)
		}
		if done := run.End == "submitted"; done != (want == store.TargetOpen) || legacy.Open() != 0 {
			t.Errorf("refused %d times: the run is %+v, %d pages open", times, run, legacy.Open())
		}
	}
}

func TestLooksAreNoStrangersToOurOwnWorkers(t *testing.T) {
	for before, want := range map[string]store.TargetState{"w9": store.TargetOpen, "w1": store.TargetStopped} {
		c, legacy, _ := atWork(t, casework.StageFull)
		c.usedBefore(t, before)
		knocks := 0
		c.Browser = taken{oneSystem{legacy}, 1, &knocks}
		if err := c.tryTarget(t.Context(), "benefits"); err != nil {
			t.Fatal(err)
		}
		if target := c.target(t); target.State != want || target.SeatsTaken != 0 {
			t.Errorf("after %s the target is %s, %d seats taken", before, target.State, target.SeatsTaken)
		}
	}
}

func TestThrownOutInMidFormStopsTheTargetAndSubmitsNothing(t *testing.T) {
	c, legacy, id := atWork(t, casework.StageFull)
	reached := legacy.FailCall(7, elsewhere())
	c.atTheDoor(t, id)
	run := c.turnOf(t, id)
	if !reached() || run.State != casework.RunWaiting || run.End != "signed_in_elsewhere" || run.Holder != "" {
		t.Fatalf("reached %v, the run is %+v", reached(), run)
	}
	if target := c.target(t); target.State != store.TargetStopped || target.SeatsTaken != 0 || legacy.Posts() != 0 || legacy.Open() != 0 {
		t.Errorf("target %+v, submitted %d, open %d", target, legacy.Posts(), legacy.Open())
	}
	if err := c.Store.ResumeTarget(t.Context(), operator, "benefits", "已与科室核实"); err != nil {
		t.Fatal(err)
	}
	if run = c.turned(t, id); run.End != "submitted" || legacy.Posts() != 1 {
		t.Errorf("afterwards the run is %+v, submitted %d", run, legacy.Posts())
	}
}

// watched notes when its pages were asked for.
type watched struct {
	oneSystem
	mu    sync.Mutex
	asked []time.Time
}

func (w *watched) Seat(ctx context.Context, system playbooks.System, access playbooks.Access, seat int) (playbooks.Page, error) {
	page, err := w.oneSystem.Seat(ctx, system, access, seat)
	return &watchedPage{page, w}, err
}

func (w *watched) note() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked = append(w.asked, time.Now())
}

type watchedPage struct {
	playbooks.Page
	by *watched
}

func (p *watchedPage) Do(ctx context.Context, act playbooks.Act) (playbooks.Seen, error) {
	if act.Verb == playbooks.Open || act.Verb == playbooks.Click {
		p.by.note()
	}
	return p.Page.Do(ctx, act)
}

func (p *watchedPage) Commit(ctx context.Context, order playbooks.Commit, guard playbooks.Guard) (playbooks.Seen, error) {
	p.by.note()
	return p.Page.Commit(ctx, order, guard)
}

// limited puts a limit of requests a minute in force.
func (c *Crew) limited(t *testing.T, perMinute int) {
	t.Helper()
	limits := casework.Limits{Seats: 1, PerMinute: perMinute}
	if err := c.Store.SetTarget(t.Context(), operator, "benefits", casework.DateOf(time.Now()), limits); err != nil {
		t.Fatal(err)
	}
}

func TestPagesAreAskedForNoFasterThanTheTargetAllows(t *testing.T) {
	c, legacy, id := atWork(t, casework.StageFull)
	c.limited(t, 600)
	browser := &watched{oneSystem: oneSystem{legacy}}
	c.Browser = browser
	c.atTheDoor(t, id)
	if run := c.turnOf(t, id); run.End != "submitted" {
		t.Fatalf("the run is %+v", run)
	}
	for i, at := range browser.asked[1:] {
		// The moments lie 100 ms apart; the first page may have come late to its own.
		if least := time.Duration(i+1)*100*time.Millisecond - 50*time.Millisecond; at.Sub(browser.asked[0]) < least {
			t.Errorf("request %d came after %v, want at least %v", i+1, at.Sub(browser.asked[0]), least)
		}
	}
	if len(browser.asked) < 4 {
		t.Errorf("only %d requests were paced", len(browser.asked))
	}
}

func TestRunComesBackLaterWhereTheTargetIsAskedTooMuch(t *testing.T) {
	c, legacy, id := atWork(t, casework.StageFull)
	c.limited(t, 6)
	for range 4 { // others are to be served until half a minute from now
		if _, reserved, err := c.Store.Pace(t.Context(), "benefits", 6, time.Minute); err != nil || !reserved {
			t.Fatal(reserved, err)
		}
	}
	browser := &watched{oneSystem: oneSystem{legacy}}
	c.Browser = browser
	c.atTheDoor(t, id)
	began := time.Now()
	run := c.turnOf(t, id)
	if run.State != casework.RunWaiting || run.End != "target_busy" || run.Holder != "" || run.NextAt.Sub(began) < paceMost {
		t.Errorf("the run is %+v", run)
	}
	if len(browser.asked) != 0 || legacy.Open() != 0 || time.Since(began) > paceMost/2 {
		t.Errorf("asked %d times, %d pages open, after %v", len(browser.asked), legacy.Open(), time.Since(began))
	}
	if target := c.target(t); target.State != store.TargetOpen || target.Failures != 0 || target.SeatsTaken != 0 {
		t.Errorf("the target is not to blame: %+v", target)
	}
}

// noPage is a page on which everything is done at once.
type noPage struct{ playbooks.Page }

func (noPage) Do(context.Context, playbooks.Act) (playbooks.Seen, error) {
	return playbooks.Seen{}, nil
}

// Whatever may make the system answer waits its turn: a key and a download as well
// as a click.
func TestEveryVerbThatMayAskTheSystemIsPaced(t *testing.T) {
	for verb, want := range map[playbooks.Verb]int{playbooks.Open: 1, playbooks.Click: 1, playbooks.Press: 1, playbooks.Download: 1, playbooks.Read: 0, playbooks.Wait: 0} {
		paced := 0
		page := &pacedPage{Page: noPage{}, pace: func(context.Context) error { paced++; return nil }}
		if _, err := page.Do(t.Context(), playbooks.Act{Verb: verb}); err != nil || paced != want {
			t.Errorf("%s was paced %d times, want %d: %v", verb, paced, want, err)
		}
	}
}
