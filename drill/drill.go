package drill

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/jingban/jingban/fixtures/legacy/benefits"
)

// The drill against the robot itself.
//
// Real processes work on fictional claims: `jingban serve` over SQLite, or
// several `jingban work` and one `jingban web` over a private PostgreSQL and
// Redis, each with a real Chromium. The fake legacy system lives in the drill's
// own process; its books and its log of requests are the judge. The claims skip
// reading: they are put into the store as submitted cases with a finished
// assessment, and from there go the usual way: the run asks the clerk, the drill
// answers over HTTP, the robot enters the claim.
//
// Vocabulary:
//
//   - strike: one fault that hit something in use. It is random (a signal at a
//     random moment, while the victim holds a run) or aimed (at a seam, while
//     the worker stands there and waits; see Hook).
//   - place: how far the journal of the struck run had come: begun, intent,
//     sent, verified or outcome.
//   - resume: from a worker's death to the first journal line of the next holder.

// Bounds of a drill.
const (
	hitsAtMost    = 2                      // strikes that one run has to bear
	breath        = 400 * time.Millisecond // between two strikes
	endWithin     = 6 * time.Minute        // for the runs under way when the strikes are over
	readyWithin   = 3 * time.Minute
	progressEach  = 15 * time.Second
	lateUnguarded = 40 * time.Second // longer than a resume takes, less than the system file's settles
)

// Config says what to drill.
type Config struct {
	Faults    int
	Seed      uint64
	Database  string        // "sqlite" or "postgres"
	Workers   int           // processes, on PostgreSQL
	Runs      int           // claims at least; without faults: claims
	Within    time.Duration // for the strikes; 0 is no limit
	Unguarded bool          // the control that must submit twice
	Program   string        // path of jingban
	Commit    string        // of the program, for the report
	Folder    string        // for data and logs; "" is a temporary one, removed when nothing went wrong
	Progress  io.Writer
}

// Errors of a drill that was carried out.
var (
	ErrBroken   = errors.New("the drill found lost, doubled or untruthful runs")
	ErrHarmless = errors.New("the unguarded drill doubled nothing: this drill would not notice a missing guard")
)

// Run carries the drill out and judges it. The report is valid also with
// ErrBroken and ErrHarmless.
func Run(ctx context.Context, cfg Config) (Report, error) {
	s, err := openSite(ctx, cfg)
	if err != nil {
		return Report{}, err
	}
	d := &drill{site: s, rnd: rand.New(rand.NewPCG(cfg.Seed, 0x6472696c6c)), hits: map[string]int{}, begun: time.Now()}
	d.plan = newPlan(cfg, d.rnd)
	report, err := d.run(ctx)
	err = errors.Join(err, s.close())
	switch {
	case err != nil:
		return report, err
	case cfg.Unguarded && report.Twice == 0:
		return report, ErrHarmless
	case !cfg.Unguarded && report.Lost+report.Twice+report.Untruthful > 0:
		return report, fmt.Errorf("%w: logs in %s", ErrBroken, s.dir)
	}
	return report, nil
}

// drill is one drill at work.
type drill struct {
	*site
	begun time.Time

	mu       sync.Mutex
	rnd      *rand.Rand
	plan     *plan
	armed    bool
	last     time.Time      // of the last strike
	hits     map[string]int // run id → strikes borne
	strikes  []Strike
	deaths   []death
	heldBack []time.Time               // moments at which the target took no work
	decided  map[string]bool           // case id → the clerk has answered
	healing  sync.WaitGroup            // strikes that still last
	healCtx  context.Context           //nolint:containedctx // the life of lasting strikes
	frozen   int                       // freezes so far
	clocks   map[*daemon]time.Duration // workers whose clock is off
}

// Strike is one fault that counted.
type Strike struct {
	Kind   string    `json:"kind"`
	Seam   string    `json:"seam,omitempty"` // aimed at; "" for a random one
	Place  string    `json:"place"`          // of the run that had come furthest
	Signal bool      `json:"signal"`         // a real signal to a process
	Runs   []string  `json:"runs"`
	At     time.Time `json:"at"`
}

// death is the loss of a run's holder.
type death struct {
	run     string
	attempt int
	at      time.Time
}

func (d *drill) run(ctx context.Context) (Report, error) {
	work, stop := context.WithCancel(ctx)
	defer stop()
	d.decided, d.clocks, d.healCtx = map[string]bool{}, map[*daemon]time.Duration{}, work
	d.onSeam(d.standing)
	if err := d.start(work); err != nil {
		return Report{}, err
	}
	if err := d.warmUp(work); err != nil {
		return Report{}, err
	}
	d.say("warm: %d claims wait for the clerk", len(d.claims))
	if err := d.storm(work); err != nil {
		return Report{}, err
	}
	d.say("%d strikes; waiting for the runs under way", len(d.struck()))
	d.healing.Wait()
	if !d.cfg.Unguarded {
		d.calm()
	}
	if err := d.wait(work, endWithin, d.over); err != nil && ctx.Err() != nil {
		return Report{}, ctx.Err()
	}
	return d.judge(context.WithoutCancel(ctx))
}

// warmUp waits until every claim stands before the clerk.
func (d *drill) warmUp(ctx context.Context) error {
	return d.wait(ctx, readyWithin, func(ctx context.Context) bool {
		n, err := d.waitingForClerk(ctx)
		return err == nil && n == len(d.claims)
	})
}

// storm answers as the clerk and strikes until the plan is done or time is up.
func (d *drill) storm(ctx context.Context) error {
	limit := d.cfg.Within
	if limit == 0 {
		limit = 24 * time.Hour
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if d.cfg.Unguarded { // a record that shows late hides the first click from whoever looks
		d.legacy.Switch(func(w *benefits.Switches) { w.LateRecord = lateUnguarded })
	}
	d.arm(true)
	defer d.arm(false)
	var both sync.WaitGroup
	both.Go(func() { d.clerk(ctx, cancel) })
	both.Go(func() { d.strikeAtRandom(ctx) })
	both.Go(func() { d.tell(ctx) })
	both.Wait()
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		d.say("time is up")
	}
	return nil
}

// over says that every run has ended; without the guard, the first double is enough.
func (d *drill) over(ctx context.Context) bool {
	if d.cfg.Unguarded {
		if n, err := d.legacy.Doubles(ctx); err == nil && n > 0 {
			return true
		}
	}
	return d.allEnded(ctx)
}

func (d *drill) arm(on bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.armed = on
}

// done says that nothing is left to strike and enough claims were decided.
func (d *drill) done() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.plan.empty() && len(d.decided) >= min(d.cfg.Runs, len(d.claims))
}

func (d *drill) struck() []Strike {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.strikes
}

// tell says how far the drill is.
func (d *drill) tell(ctx context.Context) {
	tick := time.NewTicker(progressEach)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			d.mu.Lock()
			strikes, decided := len(d.strikes), len(d.decided)
			d.mu.Unlock()
			d.say("%d of %d strikes, %d claims under way or ended", strikes, d.cfg.Faults, decided)
		}
	}
}

func (d *drill) say(format string, args ...any) {
	fmt.Fprintf(d.cfg.Progress, "%6.0fs  "+format+"\n", append([]any{time.Since(d.begun).Seconds()}, args...)...)
}

// wait asks again and again until it holds.
func (d *drill) wait(ctx context.Context, within time.Duration, holds func(context.Context) bool) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for !holds(ctx) {
		select {
		case <-ctx.Done():
			return fmt.Errorf("waited %v in vain, logs in %s: %w", within, d.dir, ctx.Err())
		case <-tick.C:
		}
	}
	return nil
}
