package browser

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
)

// Tab is a signed-in seat handed to one run. It implements playbooks.Page and
// is for one goroutine.
type Tab struct {
	browser *Browser
	seat    *seat
	system  playbooks.System
	fresh   bool       // stands on the first page, untouched
	acted   time.Time  // when something was last done to the page
	folders []string   // of uploads; Chromium reads them when the form is sent
	slow    bool       // a verb ran out of time
	sighted []sighting // what was found only by sight since the run began
	closed  bool
}

// mark remembers where the records stood before a step.
type mark struct {
	dialogs, requests int
	at                time.Time
}

func (t *Tab) mark() mark {
	_, dialogs, _ := t.seat.dialogs.since(0)
	_, requests := t.seat.gate.history(0)
	return mark{dialogs, requests, time.Now()}
}

// startOver empties the records for a new run.
func (t *Tab) startOver() {
	t.seat.dialogs.arm(policy{leaving: true})
	t.seat.dialogs.forget()
	t.seat.gate.forget()
	t.seat.forgetFiles()
	t.seat.prints.forget()
	t.sighted = nil
	t.seat.gate.verified() // another turn has read the journal before it got here
}

// Verified tells the gate that verify has looked: from now on a request
// identical to a committed one is a new decision, no repetition.
func (t *Tab) Verified() { t.seat.gate.verified() }

// Do carries out one verb within its time limit.
func (t *Tab) Do(ctx context.Context, act playbooks.Act) (playbooks.Seen, error) {
	limit := t.browser.config.Verb
	if act.Verb == playbooks.Wait { // what it waits for being missing is an answer, not a page too slow
		limit += max(limit, act.Within)
	}
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	t.seat.dialogs.arm(policy{confirm: act.Confirm, answer: act.Answer, dismiss: act.Dismiss,
		leaving: act.Verb == playbooks.Open || act.Verb == playbooks.Close})
	t.acted = time.Now()
	before, sighted := t.mark(), len(t.sighted)
	seen, err := t.verb(limited, act)
	t.printOut(limited)
	return t.conclude(ctx, t.withSight(seen, sighted), err, before)
}

func (t *Tab) verb(ctx context.Context, act playbooks.Act) (playbooks.Seen, error) {
	if act.Verb != playbooks.Open {
		t.fresh = false
	}
	switch act.Verb {
	case playbooks.Open:
		return t.open(ctx, act.Menu)
	case playbooks.Fill:
		return t.fill(ctx, act.At, act.Value, act.Keys)
	case playbooks.Click:
		return playbooks.Seen{}, t.press(ctx, act.At)
	case playbooks.Attach:
		return t.attach(ctx, act.At, act.File)
	case playbooks.Read:
		return t.read(ctx, act.At, act.Want)
	case playbooks.Hover:
		return playbooks.Seen{}, t.hover(ctx, act.At)
	case playbooks.Press:
		return playbooks.Seen{}, t.key(ctx, act.At, act.Value)
	case playbooks.Wait:
		return t.waitFor(ctx, act)
	case playbooks.Download:
		return t.download(ctx, act)
	case playbooks.Close:
		return playbooks.Seen{}, t.closeFront(ctx)
	}
	return playbooks.Seen{}, casework.Fail("unknown_verb", "verb %q", act.Verb)
}

// conclude adds what came up beside the verb, and lets the page's state explain
// an error: a missing field on a sign-in page means signed out.
func (t *Tab) conclude(ctx context.Context, seen playbooks.Seen, err error, before mark) (playbooks.Seen, error) {
	records, _ := t.seat.gate.history(before.requests)
	if seen.Page == "" {
		seen.Page = t.glance(ctx)
	}
	list, _, _ := t.seat.dialogs.since(before.dialogs)
	seen.Dialogs = texts(list)
	if slices.ContainsFunc(records, func(r record) bool { return r.Note == noteOutside }) {
		return seen, outside("the request")
	}
	if state := t.looks(seen, before); state != nil {
		return seen, state
	}
	for _, d := range list {
		if d.unexpected() {
			return seen, casework.AskPerson("dialog_unexpected", "the page asked a %s; it was denied", d.Kind)
		}
	}
	return seen, t.classify(ctx, err)
}

// looks tells the special pages.
func (t *Tab) looks(seen playbooks.Seen, before mark) error {
	text := seen.Page + "\n" + join(seen.Dialogs)
	switch {
	case says(text, t.system.Looks.Elsewhere):
		t.seat.signedIn = false
		return casework.Retry("signed_in_elsewhere", "the account of %s has signed in somewhere else", t.system.Name)
	case says(text, t.system.Looks.SignedOut):
		t.seat.signedIn = false
		return casework.Retry("signed_out", "%s has ended the session", t.system.Name)
	case says(text, t.system.Looks.Maintenance), says(text, t.system.Looks.Error):
		return casework.Retry("system_down", "%s shows its maintenance or error page", t.system.Name)
	}
	records, _ := t.seat.gate.history(before.requests)
	for _, r := range records {
		if r.page && r.Status >= 500 && r.begun.After(before.at) { // else it was the former page's
			return casework.Retry("page_down", "%s answered a page with status %d", t.system.Name, r.Status)
		}
	}
	return nil
}

// classify makes a Fault of what is none yet.
func (t *Tab) classify(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*casework.Fault](err); ok {
		return err
	}
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		t.slow = true
		return casework.Retry("timeout", "%w", err)
	}
	return casework.Retry("page_down", "%w", err)
}

// glance reads the visible text without insisting.
func (t *Tab) glance(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	text, _, _ := t.text(ctx)
	return text
}

// find repeats an order until the page can carry it out, for a fifth of the
// verb's time: after that what is missing is missing.
func (t *Tab) find(ctx context.Context, o order, what string) (found, error) {
	return t.findWithin(ctx, o, what, t.browser.config.Verb/5)
}

func (t *Tab) findWithin(ctx context.Context, o order, what string, patience time.Duration) (found, error) {
	until := time.Now().Add(patience)
	for {
		f, err := t.ask(ctx, o)
		switch {
		case errors.Is(err, errMoved):
			if _, err := t.settle(ctx); err != nil {
				return f, err
			}
			continue
		case err != nil:
			return f, err
		case f.Fault == "":
			return f, nil
		case f.Fault == "not_kept" || time.Now().After(until):
			return f, f.fault(what)
		}
		if _, err := t.ask(ctx, order{Do: "pause"}); err != nil && !errors.Is(err, errMoved) {
			return f, err
		}
	}
}

// home goes to the page that stood after the sign-in. Without the text that says
// "signed in" the session is over.
func (t *Tab) home(ctx context.Context) (string, error) {
	text, err := t.visit(ctx, t.seat.home)
	if err == nil && !says(text, []string{t.system.SignIn.Done}) {
		err = casework.Retry("signed_out", "%s has ended the session", t.system.Name)
	}
	if err != nil && casework.AsFault(err).Code == "signed_out" {
		t.seat.signedIn = false
	}
	return text, err
}

// below gives the address of a path under the base URL.
func (s *seat) below(path string) string {
	return strings.TrimRight(s.access.URL, "/") + "/" + strings.TrimLeft(path, "/")
}

// visit loads an address in place of everything that stands in the tab. Whatever
// page had a commit is gone then.
func (t *Tab) visit(ctx context.Context, url string) (string, error) {
	before := t.mark()
	t.acted = before.at
	t.seat.closePopups()
	result, err := cdp.Call(ctx, t.seat.panes.front().session, page.Navigate, page.NavigateParams{URL: url})
	if err != nil {
		return "", err
	}
	if result.ErrorText != "" {
		return "", casework.Retry("page_down", "%s: %s", t.system.Name, result.ErrorText)
	}
	t.seat.gate.renew()
	text, err := t.settle(ctx)
	if err != nil {
		return "", err
	}
	return text, t.looks(playbooks.Seen{Page: text}, before)
}

// open goes to the first page and from there along the menu. A heading that was
// unfolded already folds under the click; then it is clicked once more.
func (t *Tab) open(ctx context.Context, menu []string) (playbooks.Seen, error) {
	if len(menu) == 1 && strings.HasPrefix(menu[0], "/") {
		t.fresh = false
		text, err := t.visit(ctx, t.seat.below(menu[0]))
		return playbooks.Seen{Page: text}, err
	}
	if !t.fresh {
		if _, err := t.home(ctx); err != nil {
			return playbooks.Seen{}, err
		}
	}
	t.fresh = false
	text := ""
	for depth := range menu {
		var err error
		if text, err = t.walk(ctx, menu, depth); err != nil {
			return playbooks.Seen{}, err
		}
	}
	return playbooks.Seen{Page: text}, nil
}

// walk goes one entry further, and once more over the one before where that one has
// folded the menu.
func (t *Tab) walk(ctx context.Context, menu []string, depth int) (string, error) {
	text, err := t.enterMenu(ctx, menu, depth, t.browser.config.Verb/20)
	if isMissing(err) {
		if depth > 0 {
			if _, err := t.enterMenu(ctx, menu, depth-1, t.browser.config.Verb/5); err != nil {
				return "", err
			}
		}
		text, err = t.enterMenu(ctx, menu, depth, t.browser.config.Verb/5)
	}
	if isMissing(err) {
		return t.enterSeen(ctx, menu[depth], err)
	}
	return text, err
}

// enterMenu clicks one entry of the path, waits for what follows and gives its text.
func (t *Tab) enterMenu(ctx context.Context, menu []string, depth int, patience time.Duration) (string, error) {
	what := fmt.Sprintf("menu entry %q", menu[depth])
	also := make([][]string, len(menu))
	for i, entry := range menu {
		also[i] = t.system.Aliases[entry]
	}
	f, err := t.findWithin(ctx, order{Do: "menu", Menu: menu, Also: also, Depth: depth, Commits: t.system.CommitNames()}, what, patience)
	if err != nil {
		return "", err
	}
	to, err := f.place()
	if err != nil {
		return "", err
	}
	if err := t.tap(ctx, to, what); err != nil {
		return "", err
	}
	return t.settle(ctx)
}

// enterSeen clicks a menu entry that is a picture; without such a one the menu's own
// fault stands.
func (t *Tab) enterSeen(ctx context.Context, entry string, menu error) (string, error) {
	at := playbooks.Locator{Link: entry}
	if !t.sees(at) {
		return "", menu
	}
	to, err := t.sight(ctx, at, t.system.CommitNames())
	if isMissing(err) {
		return "", menu
	}
	if err == nil {
		err = t.tap(ctx, to, "menu entry "+entry)
	}
	if err != nil {
		return "", err
	}
	return t.settle(ctx)
}

// point is a place in a pane's viewport, in CSS pixels.
type point struct {
	X float64 `json:"x"`
	Y float64 `json:"y"`

	pane *pane // the one aimed at; by now another may have come up in front
}

// place is the point that was aimed at.
func (f found) place() (point, error) {
	to := point{pane: f.pane}
	err := json.Unmarshal(f.OK, &to)
	return to, err
}

// press clicks the one element the locator finds and waits for what follows.
func (t *Tab) press(ctx context.Context, at playbooks.Locator) error {
	to, _, err := t.aim(ctx, at, t.system.CommitNames())
	if err != nil {
		return err
	}
	if err := t.tap(ctx, to, describe(at)); err != nil {
		return err
	}
	_, err = t.settle(ctx)
	return err
}

// aim finds the element, proves it can be clicked, and sets the watch that
// keeps the click from hitting anything else, or what bears one of the names. What no
// element says is looked for in pixels, soon, and then waited for again.
func (t *Tab) aim(ctx context.Context, at playbooks.Locator, never []string) (point, bool, error) {
	o, patience := order{Do: "aim", At: at, Commits: never}, t.browser.config.Verb/5
	if t.sees(at) {
		patience /= 4
	}
	f, err := t.findWithin(ctx, o, describe(at), patience)
	if t.sees(at) && isMissing(err) {
		to, seenErr := t.sight(ctx, at, never)
		if !isMissing(seenErr) {
			return to, true, seenErr
		}
		if f, err = t.find(ctx, o, describe(at)); isMissing(err) {
			err = seenErr
		}
	}
	if err != nil {
		return point{}, false, err
	}
	to, err := f.place()
	return to, f.Fallback, err
}

func isMissing(err error) bool { return err != nil && casework.AsFault(err).Code == "element_missing" }

// tap clicks with the mouse, as a person does, and asks what was hit.
func (t *Tab) tap(ctx context.Context, to point, what string) error {
	t.acted = time.Now()
	for _, kind := range []input.DispatchMouseEventType{input.DispatchMouseEventTypeMouseMoved, input.DispatchMouseEventTypeMousePressed, input.DispatchMouseEventTypeMouseReleased} {
		p := input.DispatchMouseEventParams{Type: kind, X: to.X, Y: to.Y}
		if kind != input.DispatchMouseEventTypeMouseMoved {
			p.Button, p.ClickCount = input.MouseButtonLeft, 1
		}
		_, err := cdp.Call(ctx, to.pane.session, input.DispatchMouseEvent, p)
		if kind == input.DispatchMouseEventTypeMouseReleased && errors.Is(err, chromedp.ErrTargetDetached) {
			to.pane.lose() // the click has closed its own window
			return nil
		}
		if err != nil {
			return err
		}
	}
	return t.landed(ctx, to.pane, what)
}

// landed ends the pane's watch and says what became of the click, or of the keys.
func (t *Tab) landed(ctx context.Context, p *pane, what string) error {
	f, err := t.askIn(ctx, p, order{Do: "landed"})
	if errors.Is(err, errMoved) {
		return nil // the page was replaced by it
	}
	if err != nil {
		return err
	}
	var seen watched
	if err := json.Unmarshal(f.OK, &seen); err != nil {
		return err
	}
	switch {
	case seen.Commits:
		return outside(what)
	case !seen.Hit:
		return casework.AskPerson("element_covered", "%s moved away under the click, which hit nothing", what)
	}
	return nil
}

// watched is what the watch over a click or keys has seen.
type watched struct {
	Hit     bool `json:"hit"`
	Missed  bool `json:"missed"`
	Commits bool `json:"commits"` // something was about to be pressed that only a commit may press
}

// Close gives the seat back. The session stays signed in; uploads are removed, and
// what was still to be downloaded is given up.
func (t *Tab) Close() error {
	if t.closed {
		return nil
	}
	t.closed = true
	t.seat.closePopups()
	t.seat.forgetFiles()
	err := t.dropUploads()
	t.browser.mu.Lock()
	defer t.browser.mu.Unlock()
	t.seat.busy = false
	t.seat.stuck++
	if !t.slow {
		t.seat.stuck = 0
	}
	return err
}

func join(lines []string) string { return strings.Join(lines, "\n") }
