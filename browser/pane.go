package browser

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/css"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"github.com/jingban/jingban/casework"
)

// adoptWithin is how long a pop-up's text is kept back. By then its tab answers
// dialogs; to be taken in wholly it must have loaded.
const adoptWithin = 150 * time.Millisecond

// panesAtMost bounds the pop-ups of one seat; a page that opens more is broken.
const panesAtMost = 12

// pane is one tab of a seat: its first, or a pop-up that a page has opened.
type pane struct {
	*loading
	session *chromedp.Target
	cancel  context.CancelFunc

	mu     sync.Mutex
	worlds map[cdp.FrameID]runtime.ExecutionContextID // where locate.js stands already
}

// filled says that a document has come.
func (p *pane) filled() bool {
	return strings.Contains(p.originOf(p.main()), "://") && !strings.HasSuffix(p.originOf(p.main()), "://")
}

// main is the pane's own frame.
func (p *pane) main() cdp.FrameID { return cdp.FrameID(p.session.TargetID) }

func (p *pane) world(frame cdp.FrameID) (runtime.ExecutionContextID, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	id, ok := p.worlds[frame]
	return id, ok
}

// keep remembers a frame's world; 0 forgets it.
func (p *pane) keep(frame cdp.FrameID, id runtime.ExecutionContextID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if id == 0 {
		delete(p.worlds, frame)
		return
	}
	p.worlds[frame] = id
}

// panes are the tabs of a seat, in the order in which they were opened.
type panes struct {
	mu       sync.Mutex
	list     []*pane
	known    map[target.ID]bool // every tab there was
	ended    map[target.ID]bool // those that have gone
	adopting int                // pop-ups that are being taken in
	turn     int                // grows when pop-ups are closed
	idle     chan struct{}      // closed when none is
}

func newPanes() *panes {
	idle := make(chan struct{})
	close(idle)
	return &panes{known: map[target.ID]bool{}, ended: map[target.ID]bool{}, idle: idle}
}

func (ps *panes) add(p *pane) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	ps.known[p.session.TargetID] = true
	ps.list = append(ps.list, p)
}

// front is the pane a person would see: the last one opened that still stands.
// Those that have gone are let go of beside it: that waits for the ear that hears of
// tabs, and the ear may be waiting for this lock.
func (ps *panes) front() *pane {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	for len(ps.list) > 1 && ps.list[len(ps.list)-1].over() {
		go ps.list[len(ps.list)-1].cancel()
		ps.list = ps.list[:len(ps.list)-1]
	}
	return ps.list[len(ps.list)-1]
}

// lost marks the tab that has gone.
func (ps *panes) lost(id target.ID) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	ps.ended[id] = true
	for _, p := range ps.list {
		if p.session.TargetID == id {
			p.lose()
		}
	}
}

// becameFile gives up the pop-up whose first page turned into a download: it stays
// empty for ever.
func (ps *panes) becameFile(frame cdp.FrameID) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	for i, p := range ps.list {
		if p.main() == frame && (i == 0 || p.filled()) {
			return
		}
		if p.main() == frame {
			p.lose()
		}
	}
	ps.ended[target.ID(frame)] = true
}

// addIn adds a pop-up, unless it has gone or its turn is over meanwhile.
func (ps *panes) addIn(turn int, p *pane) bool {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if ps.ended[p.session.TargetID] || turn != ps.turn {
		return false
	}
	ps.list = append(ps.list, p)
	return true
}

// pop takes the front pane out, unless it is the first.
func (ps *panes) pop() *pane {
	front := ps.front()
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if len(ps.list) < 2 {
		return nil
	}
	ps.list = ps.list[:len(ps.list)-1]
	return front
}

// expect notes a new tab: in which turn it came, whether it is new, and whether
// there is room for it. While it is dealt with, the page counts as not settled.
func (ps *panes) expect(id target.ID) (turn int, taken, room bool) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if ps.known[id] {
		return 0, false, false
	}
	ps.known[id] = true
	room = len(ps.list)+ps.adopting < panesAtMost
	if ps.adopting == 0 {
		ps.idle = make(chan struct{})
	}
	ps.adopting++
	return ps.turn, true, room
}

// nextTurn ends a run's claim on its pop-ups, those included that are being taken in.
func (ps *panes) nextTurn() {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	ps.turn++
}

func (ps *panes) expected() {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if ps.adopting--; ps.adopting == 0 {
		close(ps.idle)
	}
}

// waiting says that a pop-up is being taken in; idle closes when none is.
func (ps *panes) waiting() (bool, <-chan struct{}) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	return ps.adopting > 0, ps.idle
}

// owns says whether a frame stands, or stood, in one of the tabs.
func (ps *panes) owns(frame cdp.FrameID) bool {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if ps.known[target.ID(frame)] {
		return true
	}
	for _, p := range ps.list {
		if p.has(frame) {
			return true
		}
	}
	return false
}

// openPane makes a pane in a tab; its life hangs on parent.
func (b *Browser) openPane(ctx, parent context.Context, s *seat, options ...chromedp.ContextOption) (*pane, context.Context, error) {
	p := &pane{loading: newLoading(), worlds: map[cdp.FrameID]runtime.ExecutionContextID{}}
	answer := make(chan page.EventJavascriptDialogOpening, 16) // more at once than any page shows
	life, target, cancel, err := openTab(ctx, parent, func(life context.Context) { s.dialogs.watch(life, answer) }, append(options, chromedp.WithListener(func(event any) {
		p.note(event)
		if opening, ok := event.(*page.EventJavascriptDialogOpening); ok {
			answer <- *opening
		}
	}))...)
	if err != nil {
		return nil, nil, err
	}
	p.session, p.cancel = target, cancel
	if err := s.furnish(ctx, life, p); err != nil {
		cancel()
		return nil, nil, casework.Retry("page_down", "new tab: %w", err)
	}
	return p, life, nil
}

// quieten turns off what the driver turns on for its own queries and we never ask
// for: every document would be walked and reported, style sheets and requests too.
func quieten(ctx context.Context, s cdp.Session) error {
	_, err1 := cdp.Call(ctx, s, css.Disable, cdp.Empty{})
	_, err2 := cdp.Call(ctx, s, dom.Disable, cdp.Empty{})
	_, err3 := cdp.Call(ctx, s, network.Disable, cdp.Empty{})
	_, err4 := cdp.Call(ctx, s, log.Disable, cdp.Empty{})
	return errors.Join(err1, err2, err3, err4)
}

// furnish arms the shims and the ear for printing before the first page. Dialogs
// are answered from the first moment: a pop-up may show one while it is taken in.
func (s *seat) furnish(ctx, life context.Context, p *pane) error {
	// Pages see focus and blur although no window has the focus.
	_, err1 := cdp.Call(ctx, p.session, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	err2 := errors.Join(quieten(ctx, p.session), s.hearPrints(ctx, life, p))
	source := shimScript(s.shims)
	if source == "" {
		return errors.Join(err1, err2)
	}
	_, err3 := cdp.Call(ctx, p.session, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: source})
	_, err4 := cdp.Call(ctx, p.session, runtime.Evaluate, runtime.EvaluateParams{Expression: source}) // a pop-up's document may be there already
	return errors.Join(err1, err2, err3, err4)
}

// hear listens for tabs that come and go, as long as the seat lives: in order, so
// that a tab is known before what it downloads.
func (s *seat) hear() error {
	return chromedp.ListenBrowser(s.life, func(ev any) {
		switch ev := ev.(type) {
		case *target.EventTargetCreated:
			s.adopt(ev.TargetInfo)
		case *target.EventTargetDestroyed:
			s.panes.lost(ev.TargetID)
		}
	})
}

// adopt takes a new tab of this seat in. One too many is closed again.
func (s *seat) adopt(info *target.Info) {
	if info.Type != "page" || !s.mine(info.BrowserContextID) {
		return
	}
	turn, taken, room := s.panes.expect(info.TargetID)
	if !taken {
		return
	}
	go func() {
		defer s.panes.expected()
		ctx, cancel := context.WithTimeout(s.life, openWithin)
		defer cancel()
		if !room {
			s.shut(ctx, info.TargetID)
			return
		}
		p, _, err := s.browser.openPane(ctx, s.life, s, chromedp.WithTargetID(info.TargetID))
		if err != nil {
			s.shut(ctx, info.TargetID) // if it has not gone already, as windows that only print do
			return
		}
		if tree, err := cdp.Call(ctx, p.session, page.GetFrameTree, cdp.Empty{}); err == nil {
			p.learn(tree.FrameTree)
		}
		if !s.panes.addIn(turn, p) {
			p.cancel()
		}
	}()
}

// shut closes a tab that was not taken in.
func (s *seat) shut(ctx context.Context, id target.ID) {
	// An error means that it has gone by itself.
	_, _ = cdp.Call(ctx, chromedp.FromContext(s.life).Browser, target.CloseTarget, target.CloseTargetParams{TargetID: id})
}

// mine says whether a tab stands in this seat's context; until that is known there
// is only the first tab.
func (s *seat) mine(context cdp.BrowserContextID) bool {
	s.panes.mu.Lock()
	defer s.panes.mu.Unlock()
	return s.context != "" && context == s.context
}

// await holds the text of a pop-up's page back until its tab has been taken in, so that
// no message box and no old script comes up unseen. Its request may be here before
// the news of the tab is.
func (s *seat) await(ctx context.Context) {
	if !s.mine(s.context) {
		return // the first tab is still being made
	}
	limited, cancel := context.WithTimeout(ctx, adoptWithin)
	defer cancel()
	all, err := cdp.Call(limited, chromedp.FromContext(s.life).Browser, target.GetTargets, target.GetTargetsParams{Filter: target.Filter{{Type: "page"}, {Exclude: true}}})
	if err != nil {
		return
	}
	for _, info := range all.TargetInfos {
		s.adopt(info)
	}
	if busy, idle := s.panes.waiting(); busy {
		select {
		case <-limited.Done():
		case <-idle:
		}
	}
}

// closePopups leaves only the first tab. A pop-up that is being taken in is closed
// when that is done.
func (s *seat) closePopups() {
	s.panes.nextTurn()
	for p := s.panes.pop(); p != nil; p = s.panes.pop() {
		p.cancel()
	}
}
