package browser

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
)

// clickAge is how long after the click the changing request may still leave.
// A worker that froze in between has lost its lease by then.
const clickAge = 10 * time.Second

// phase is how far the one changing request of a window has come.
type phase int

const (
	waiting  phase = iota // none came yet
	reaching              // it is here, the connection to the system is being made
	guarding              // the guard writes "sent"
	leaving               // bytes may have left
	answered              // the system answered
	lost                  // no whole answer came
	refused               // it was not let out
)

// window is the time between the irreversible click and its answer.
type window struct {
	guard   playbooks.Guard
	ctx     context.Context //nolint:containedctx // the order's life; requests carry their own
	now     func() time.Time
	clicked time.Time // machine's clock, monotonic
	wall    time.Time // the injected wall clock, without monotonic reading

	mu       sync.Mutex
	at       phase
	closed   bool
	recorded bool // the guard wrote "sent"
	err      error
	status   int
	follow   string        // digest of the one follow-up that a 307 or 308 asked for
	moved    chan struct{} // closed at the next change of phase
}

func (w *window) set(at phase, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at = at
	if err != nil {
		w.err = err
	}
	close(w.moved)
	w.moved = make(chan struct{})
}

// enter moves to guarding unless the window was closed meanwhile. It is the
// last moment at which closing keeps everything in.
func (w *window) enter() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return false
	}
	w.at = guarding
	return true
}

// fresh says whether the click is young enough, by the monotonic and the wall
// clock: the first stops while the machine sleeps, the second can be set.
func (w *window) fresh() error {
	mono := time.Since(w.clicked)
	wall := w.now().Round(0).Sub(w.wall)
	if mono > clickAge || wall > clickAge || wall < -clickAge {
		return casework.Retry("click_too_old", "the request came %s after the click", max(mono, wall).Round(time.Second))
	}
	return nil
}

// state is what became of a window.
type state struct {
	at       phase
	recorded bool // the journal may hold "sent"
	left     bool // bytes may have left
	status   int
	err      error
	moved    <-chan struct{}
}

func (w *window) state() state {
	w.mu.Lock()
	defer w.mu.Unlock()
	left := w.at == leaving || w.at == answered || w.at == lost
	return state{at: w.at, recorded: w.recorded, left: left, status: w.status, err: w.err, moved: w.moved}
}

// arm opens the window. The click follows at once.
func (g *gate) arm(ctx context.Context, guard playbooks.Guard) (*window, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.window != nil || g.spent {
		return nil, casework.Fail("commit_twice", "this page has already had its commit; open it anew")
	}
	g.window = &window{guard: guard, ctx: ctx, now: g.now, clicked: time.Now(), wall: g.now().Round(0), moved: make(chan struct{})}
	return g.window, nil
}

// shut closes the window and says what became of it. Whatever the page still
// tries to change is refused until renew. A request that stands at the guard is
// waited for, so that the answer is the truth.
func (g *gate) shut(w *window) state {
	g.mu.Lock()
	g.window, g.spent = nil, true
	g.mu.Unlock()
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	for {
		s := w.state()
		if s.at != guarding {
			return s
		}
		<-s.moved // the guard ends with its context
	}
}

// renew lets changing requests pass again: the page that had the commit is gone.
func (g *gate) renew() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.spent = false
}

// verified forgets what commits sent: verify has run, so that an identical
// request would be a decision, not a repetition.
func (g *gate) verified() {
	g.mu.Lock()
	defer g.mu.Unlock()
	clear(g.passed)
}

// guardsPages says whether a page load counts as a changing request now.
func (g *gate) guardsPages(r *http.Request) bool {
	if !loadsPage(r) {
		return false
	}
	g.mu.Lock()
	w := g.window
	g.mu.Unlock()
	return w != nil && w.state().at == waiting
}

// noteOutside is why a request for one of the system's committing addresses was
// refused.
const noteOutside = "changes the system for good outside a commit"

// commitsAt names the addresses that only a commit may ask for, as the system's
// file writes them: below the base URL, with what tells one action from another
// behind a question mark.
func (g *gate) commitsAt(base string, paths []string) error {
	root, err := url.Parse(base)
	if err != nil {
		return errors.New("base URL: want http://host or https://host")
	}
	for _, path := range paths {
		u, err := url.Parse(path)
		if err != nil {
			return errors.New("commits: an address can't be read")
		}
		u.Path = strings.TrimRight(root.Path, "/") + u.Path
		g.commits = append(g.commits, u)
	}
	return nil
}

// committing says that a request asks for such an address. What is asked may
// stand in its query or in its body; what can't be read there counts as asked.
func (g *gate) committing(r *http.Request, body []byte) bool {
	at, _, _ := strings.Cut(r.URL.Path, ";") // some servers keep the session behind a semicolon
	return slices.ContainsFunc(g.commits, func(c *url.URL) bool {
		if !strings.EqualFold(path.Clean(at), path.Clean(c.Path)) {
			return false
		}
		asked := fieldsOf(r, body)
		for name, values := range c.Query() {
			if !asked.may(name, values[0]) {
				return false
			}
		}
		return true
	})
}

// admit decides over a changing request. A window in the answer means: to be
// guarded. A non-empty note refuses it.
func (g *gate) admit(digest string, commits bool) (w *window, note string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.window == nil && commits:
		return nil, noteOutside
	case g.passed[digest]:
		return nil, "the same request has already left"
	case g.window == nil && g.spent:
		return nil, "this page has already had its commit"
	case g.window == nil:
		return nil, ""
	}
	return g.window.admit(digest)
}

func (w *window) admit(digest string) (*window, string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.at == waiting:
		w.at = reaching
		return w, ""
	case w.follow != "" && w.follow == digest:
		w.follow = ""
		return nil, ""
	}
	return nil, "a second request of one commit"
}

// passChanging lets a changing request out once, on a connection of its own.
func (g *gate) passChanging(w http.ResponseWriter, r *http.Request, body []byte) (int, string) {
	digest := digestOf(r.Method, r.URL.String(), body)
	win, note := g.admit(digest, g.committing(r, body))
	if note != "" {
		return g.refuse(w, http.StatusConflict, note)
	}
	if win != nil {
		return g.passGuarded(w, r, body, win, digest)
	}
	ctx, cancel := context.WithTimeout(r.Context(), answerTimeout)
	defer cancel()
	conn, err := g.reach(ctx, r)
	if err != nil {
		return g.refuse(w, http.StatusBadGateway, "system not reached")
	}
	answer, err := exchange(ctx, conn, r, body)
	if err != nil {
		return g.refuse(w, http.StatusBadGateway, "no answer")
	}
	return g.deliver(w, r, answer), ""
}

// passGuarded is the way of a commit's request: reach the system, ask the
// guard, look at the clock, send, all once. The connection comes before the
// guard, so that nothing slow lies between "sent" and the first byte.
func (g *gate) passGuarded(w http.ResponseWriter, r *http.Request, body []byte, win *window, digest string) (int, string) {
	// Its life is the order's, not the page's: a page that goes away must not
	// cut off an exchange whose answer decides.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), answerTimeout)
	defer cancel()
	conn, err := g.reach(win.ctx, r)
	if err != nil {
		win.set(refused, casework.Retry("page_down", "the system could not be reached, nothing was sent"))
		return g.refuse(w, http.StatusBadGateway, "system not reached")
	}
	if err := g.hold(win, r, body, digest); err != nil {
		conn.Close()
		win.set(refused, err)
		return g.refuse(w, http.StatusServiceUnavailable, "held back")
	}
	answer, err := exchange(ctx, conn, r, body)
	if err != nil {
		win.set(lost, errors.New("the request was sent, its answer was lost"))
		return g.refuse(w, http.StatusBadGateway, "answer lost")
	}
	win.answer(r, body, answer)
	return g.deliver(w, r, answer), ""
}

// hold runs the guard. Only when it returns nil may the first byte leave.
func (g *gate) hold(win *window, r *http.Request, body []byte, digest string) error {
	if err := win.fresh(); err != nil {
		return err
	}
	if !win.enter() {
		return casework.Retry("timeout", "the commit was over before its request came")
	}
	err := win.guard(win.ctx, playbooks.Request{Method: r.Method, Path: r.URL.Path, BodyHash: bodyHash(body), At: g.now().UTC()})
	if err != nil {
		return fmt.Errorf("guard: %w", err)
	}
	return g.release(win, digest)
}

// release is the point of no return: from here on the request counts as gone.
func (g *gate) release(win *window, digest string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	win.mu.Lock()
	defer win.mu.Unlock()
	win.recorded = true
	if win.closed {
		return errors.New("the commit was given up after it was noted as sent; nothing left")
	}
	if err := win.fresh(); err != nil {
		return fmt.Errorf("noted as sent, held back: %s", casework.AsFault(err).Code) // no Fault: the journal says sent
	}
	win.at = leaving
	g.passed[digest] = true
	return nil
}

// answer notes the system's answer; a 307 or 308 allows one follow-up.
func (w *window) answer(r *http.Request, body []byte, a *answer) {
	follow := ""
	if a.status == http.StatusTemporaryRedirect || a.status == http.StatusPermanentRedirect {
		if to, err := r.URL.Parse(a.header.Get("Location")); err == nil {
			follow = digestOf(r.Method, to.String(), body)
		}
	}
	w.mu.Lock()
	w.status, w.follow = a.status, follow
	w.mu.Unlock()
	w.set(answered, nil)
}

// digestOf names a request byte for byte.
func digestOf(method, url string, body []byte) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s\x00%s\x00", method, url)
	h.Write(body)
	return hex.EncodeToString(h.Sum(nil))
}

func bodyHash(body []byte) string {
	sum := sha256.Sum256(body)
	return "sha256:" + hex.EncodeToString(sum[:])
}
