package browser

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/jingban/jingban/casework"
)

// still is how long the gate must see no traffic before a page counts as settled
// that stands since before the wait, or that went on asking after it had loaded.
const still = 120 * time.Millisecond

// brief is how long a page that has just come, loaded wholly and asks for nothing
// must not change before it counts as settled. One without scripts can't.
const brief = 40 * time.Millisecond

// text reads the visible text of all frames and whether all have loaded.
func (t *Tab) text(ctx context.Context) (text string, ready bool, err error) {
	return t.textAfter(ctx, 0)
}

// textAfter reads it once no script has changed the page for as long as given.
func (t *Tab) textAfter(ctx context.Context, calm time.Duration) (text string, ready bool, err error) {
	f, err := t.ask(ctx, order{Do: "text", Calm: calm.Milliseconds()})
	if err != nil {
		return "", false, err
	}
	var got pageState
	err = json.Unmarshal(f.OK, &got)
	return got.Text, got.Ready, err
}

// settle waits until nothing loads and the gate is quiet, and gives the text. A
// page with something that never ends counts as settled after a while, and is not
// waited for again.
func (t *Tab) settle(ctx context.Context) (string, error) {
	since := time.Now()
	for {
		calm, err := t.calmed(ctx, since)
		if err != nil {
			return "", err
		}
		text, ready, err := t.textAfter(ctx, calm)
		if err != nil && !errors.Is(err, errMoved) {
			return "", err
		}
		if t.seat.gone() {
			return "", casework.Retry("page_down", "the tab is gone")
		}
		busy, stir := t.seat.state()
		patient := time.Since(since) < 2*longPoll
		if err == nil && (!busy && ready || !patient) && t.rested(calm) {
			if busy {
				t.seat.panes.front().forget()
			}
			return text, nil
		}
		if err := wait(ctx, stir, still); err != nil {
			return "", err
		}
	}
}

// calmed waits for the end of the traffic, and says for how long the page itself
// must then not change: not at all once the gate was quiet for long enough.
func (t *Tab) calmed(ctx context.Context, since time.Time) (calm time.Duration, err error) {
	for {
		busy, stir := t.seat.state()
		traffic, touched, moved := t.seat.gate.traffic()
		if !traffic && !busy && t.newcomer() {
			return brief, nil
		}
		if touched.Before(since) {
			touched = since
		}
		if !traffic && time.Since(touched) >= still {
			return 0, nil
		}
		most := still - time.Since(touched)
		if traffic {
			most = longPoll / 4 // a long poll stops counting with time alone
		}
		if err := waitEither(ctx, stir, moved, max(most, time.Millisecond)); err != nil {
			return 0, err
		}
	}
}

// newcomer says that since the last thing done to the page a document has come and
// has loaded, and that nothing was asked for after that.
func (t *Tab) newcomer() bool {
	came, ended := t.seat.panes.front().times()
	_, touched, _ := t.seat.gate.traffic()
	return came.After(t.acted) && ended.After(came) && !touched.After(ended)
}

// rested says that what calmed found still holds after the text was read.
func (t *Tab) rested(calm time.Duration) bool {
	traffic, touched, _ := t.seat.gate.traffic()
	return calm > 0 && t.newcomer() || !traffic && time.Since(touched) >= still
}

// wait blocks until something stirs, the time is over, or the context ends.
func wait(ctx context.Context, stir <-chan struct{}, most time.Duration) error {
	return waitEither(ctx, stir, nil, most)
}

func waitEither(ctx context.Context, a, b <-chan struct{}, most time.Duration) error {
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-a:
	case <-b:
	case <-timer.C:
	}
	return nil
}
