package browser

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/inspector"
	"github.com/chromedp/cdproto/page"
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
	origins map[cdp.FrameID]string      // of the documents in them
	apart   map[cdp.FrameID]bool        // found to let nobody in, although of the same origin
	came    time.Time                   // when the last document came
	ended   time.Time                   // when a frame last ended its loading
	gone    bool                        // the tab crashed or was closed
	stir    chan struct{}               // closed at the next change
}

func newLoading() *loading {
	return &loading{frames: map[cdp.FrameID]bool{}, wanted: map[cdp.FrameID]time.Time{},
		parents: map[cdp.FrameID]cdp.FrameID{}, origins: map[cdp.FrameID]string{}, apart: map[cdp.FrameID]bool{}, stir: make(chan struct{})}
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
		l.ended = time.Now()
	case *page.EventFrameAttached:
		l.parents[ev.FrameID] = ev.ParentFrameID
	case *page.EventFrameNavigated:
		l.emptied(ev.Frame.ID)
		l.stands(ev.Frame)
	case *page.EventFrameDetached:
		l.emptied(ev.FrameID)
		l.stopped(ev.FrameID)
		delete(l.parents, ev.FrameID)
		delete(l.origins, ev.FrameID)
	case *inspector.EventTargetCrashed, *inspector.EventDetached:
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
			delete(l.origins, child)
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

// times are when the last document came and when a frame last ended its loading.
func (l *loading) times() (came, ended time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.came, l.ended
}

// lose says that the tab is no more.
func (l *loading) lose() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.gone = true
	close(l.stir)
	l.stir = make(chan struct{})
}

func (l *loading) over() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.gone
}

// stands notes whose document a frame holds. The lock is held.
func (l *loading) stands(f *cdp.Frame) {
	if f.ParentID != "" {
		l.parents[f.ID] = f.ParentID
	}
	l.came = time.Now()
	l.origins[f.ID] = f.SecurityOrigin
	delete(l.apart, f.ID)
}

// learn takes the frames of a tab that was there before we listened.
func (l *loading) learn(tree *page.FrameTree) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var walk func(*page.FrameTree)
	walk = func(t *page.FrameTree) {
		l.stands(t.Frame)
		for _, child := range t.ChildFrames {
			walk(child)
		}
	}
	walk(tree)
}

func (l *loading) originOf(id cdp.FrameID) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.origins[id]
}

// has says whether a frame stands in the tab.
func (l *loading) has(id cdp.FrameID) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.origins[id] != ""
}

// roots are the frames that no script can enter from the one around them: the
// main one, which comes first, and those of another origin or of none.
func (l *loading) roots(main cdp.FrameID) []cdp.FrameID {
	l.mu.Lock()
	defer l.mu.Unlock()
	var apart []cdp.FrameID
	for id, parent := range l.parents {
		mine, known := l.origins[id]
		if l.apart[id] || known && (mine != l.origins[parent] || !strings.Contains(mine, "://") || strings.HasSuffix(mine, "://")) {
			apart = append(apart, id)
		}
	}
	slices.Sort(apart)
	return append([]cdp.FrameID{main}, apart...)
}

// inner are the frames that count as entered from the one around them.
func (l *loading) inner(roots []cdp.FrameID) []cdp.FrameID {
	l.mu.Lock()
	defer l.mu.Unlock()
	var ids []cdp.FrameID
	for id := range l.parents {
		if l.origins[id] != "" && !slices.Contains(roots, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// shut notes a frame that lets nobody in: a sandbox, say.
func (l *loading) shut(id cdp.FrameID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.apart[id] = true
}
