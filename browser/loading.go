package browser

import (
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/inspector"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/target"
)

// asked is how long a navigation the page has asked for counts as loading when
// no loading follows: it may have been dropped.
const asked = time.Second

// loading knows which frames of a tab are loading. A click's navigation is
// known here before its request reaches the gate.
//
// Chromium does not tell the end of every frame: when a document gives way to
// one in another process, an error page say, what was loading inside it is gone
// without a word. So a new document ends all that lay in the old one, and what
// seems to load without end is forgotten (see Tab.settle).
type loading struct {
	mu      sync.Mutex
	frames  map[cdp.FrameID]bool        // between started and stopped
	wanted  map[cdp.FrameID]time.Time   // asked for, not started yet
	parents map[cdp.FrameID]cdp.FrameID // of the frames inside others
	gone    bool                        // the tab crashed or was closed
	stir    chan struct{}               // closed at the next change
}

func newLoading() *loading {
	return &loading{frames: map[cdp.FrameID]bool{}, wanted: map[cdp.FrameID]time.Time{},
		parents: map[cdp.FrameID]cdp.FrameID{}, stir: make(chan struct{})}
}

// note takes the tab's events, in order.
func (l *loading) note(event any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch ev := event.(type) {
	case *page.EventFrameRequestedNavigation:
		l.wanted[ev.FrameID] = time.Now()
	case *page.EventFrameStartedLoading:
		l.frames[ev.FrameID] = true
		delete(l.wanted, ev.FrameID)
	case *page.EventFrameStoppedLoading:
		l.stopped(ev.FrameID)
	case *page.EventFrameAttached:
		l.parents[ev.FrameID] = ev.ParentFrameID
	case *page.EventFrameNavigated:
		l.emptied(ev.Frame.ID)
	case *page.EventFrameDetached:
		l.emptied(ev.FrameID)
		l.stopped(ev.FrameID)
		delete(l.parents, ev.FrameID)
	case *inspector.EventTargetCrashed, *target.EventDetachedFromTarget:
		l.gone = true
	default:
		return
	}
	close(l.stir)
	l.stir = make(chan struct{})
}

func (l *loading) stopped(id cdp.FrameID) {
	delete(l.frames, id)
	delete(l.wanted, id)
}

// emptied ends all frames inside one.
func (l *loading) emptied(id cdp.FrameID) {
	for child, parent := range l.parents {
		if parent == id {
			delete(l.parents, child)
			l.stopped(child)
			l.emptied(child)
		}
	}
}

// forget takes what still loads for something that never ends.
func (l *loading) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.frames)
	clear(l.wanted)
}

// state says whether a frame is loading and gives a channel that closes at the
// next change.
func (l *loading) state() (busy bool, stir <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, at := range l.wanted {
		busy = busy || time.Since(at) < asked
	}
	return busy || len(l.frames) > 0, l.stir
}

func (l *loading) over() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.gone
}
