package browser

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
)

// openWithin is how long an isolated context and its tab may take to appear.
const openWithin = 30 * time.Second

// stuckAfter is how many turns in a row may run out of time before the seat is
// made anew, whatever holds its tab up. One alone may be the system's.
const stuckAfter = 2

// seat is one isolated browser context with a gate of its own.
type seat struct {
	access  playbooks.Access
	version string // of the system's file
	browser *Browser
	gate    *gate
	dialogs *dialogs
	panes   *panes
	saved   *downloads
	prints  *prints
	shims   []string
	context cdp.BrowserContextID
	life    context.Context //nolint:containedctx // chromedp keeps the tab in it
	cancel  context.CancelFunc

	home     string // address of the page that stood after the sign-in
	busy     bool   // a run has it; guarded by Browser.mu
	signedIn bool   // as far as known
	stuck    int    // turns in a row in which a verb ran out of time; guarded by Browser.mu
}

// Seat hands out a signed-in tab of the system's seat with this number. A seat
// that is still signed in from its last run is used again. A sign-in the system
// has refused is not tried again with the same secret, lest the account gets
// locked. Faults: system_down, seat_busy (Transient), sign_in_refused (NeedsHuman).
func (b *Browser) Seat(ctx context.Context, system playbooks.System, access playbooks.Access, number int) (playbooks.Page, error) {
	t, err := b.sit(ctx, system, access, number)
	if err != nil {
		return nil, err // not t: a nil *Tab in the interface would not be nil
	}
	return t, nil
}

func (b *Browser) sit(ctx context.Context, system playbooks.System, access playbooks.Access, number int) (*Tab, error) {
	secret := secretOf(system, access)
	s, err := b.take(ctx, system, access, number, secret)
	if err != nil {
		return nil, err
	}
	t := &Tab{browser: b, seat: s, system: system}
	t.startOver()
	if err := t.enter(ctx); err != nil {
		if casework.AsFault(err).Code == "sign_in_refused" {
			b.mu.Lock()
			b.refused[secret] = true
			b.mu.Unlock()
		}
		return nil, errors.Join(err, t.Close())
	}
	t.startOver()
	return t, nil
}

// secretOf names a sign-in without holding it.
func secretOf(system playbooks.System, access playbooks.Access) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q", system.Name, access.URL, access.Account, access.Password))
	return hex.EncodeToString(sum[:])
}

// take reserves the seat, making its context when there is none or when the
// access has changed.
func (b *Browser) take(ctx context.Context, system playbooks.System, access playbooks.Access, number int, secret string) (*seat, error) {
	name := fmt.Sprintf("%s/%d", system.Name, number)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.refused[secret] {
		return nil, casework.AskPerson("sign_in_refused", "%s refused this account before; change its password first", system.Name)
	}
	s := b.seats[name]
	if s != nil && s.busy {
		return nil, casework.Retry("seat_busy", "seat %s is taken", name)
	}
	if s != nil && (s.access != access || s.version != system.Version || s.gone() || s.stuck >= stuckAfter) {
		s.end()
		s = nil
	}
	if s == nil {
		var err error
		if s, err = b.openSeat(ctx, system, access); err != nil {
			return nil, fmt.Errorf("seat %s: %w", name, err)
		}
		b.seats[name] = s
	}
	s.busy = true
	return s, nil
}

// openSeat makes the isolated context, its gate and its first tab.
func (b *Browser) openSeat(ctx context.Context, system playbooks.System, access playbooks.Access) (*seat, error) {
	g, err := b.gateFor(system, access)
	if err != nil {
		return nil, casework.AskPerson("system_misconfigured", "%w", err)
	}
	s := &seat{access: access, version: system.Version, browser: b, gate: g, dialogs: newDialogs(), panes: newPanes(), prints: newPrints(), shims: system.Shims}
	g.await = s.await
	p, life, err := b.openPane(ctx, b.ctx, s, chromedp.WithNewBrowserContext(func(p *target.CreateBrowserContextParams) {
		p.ProxyServer, p.ProxyBypassList = g.address(), "<-loopback>"
	}))
	if err != nil {
		g.close()
		return nil, err
	}
	s.life, s.cancel = life, p.cancel
	s.panes.add(p)
	if err := errors.Join(s.hear(), s.saveDownloads(ctx)); err != nil {
		s.end()
		return nil, casework.Retry("page_down", "new tab: %w", err)
	}
	return s, nil
}

// gateFor opens the gate that the system's file describes.
func (b *Browser) gateFor(system playbooks.System, access playbooks.Access) (*gate, error) {
	g, err := openGate(access.URL, b.key, b.config.RootCAs, b.config.Now)
	if err != nil {
		return nil, err
	}
	for _, host := range system.Hosts {
		g.allow(host)
	}
	if err := g.commitsAt(access.URL, system.CommitPaths()); err != nil {
		g.close()
		return nil, err
	}
	g.pin = system.Certificate
	if system.SignIn.Basic {
		g.credentials = [2]string{access.Account, access.Password}
	}
	return g, nil
}

// openTab opens a tab whose life hangs on parent, not on the caller. begun, which
// may be nil, is called with that life before the tab is there.
func openTab(ctx, parent context.Context, begun func(life context.Context), options ...chromedp.ContextOption) (context.Context, *chromedp.Target, context.CancelFunc, error) {
	life, cancel := chromedp.NewContext(parent, options...)
	if begun != nil {
		begun(life)
	}
	ready := make(chan error, 1)
	go func() { ready <- chromedp.Do(life) }()
	var err error
	select {
	case err = <-ready:
	case <-ctx.Done():
		err = ctx.Err()
	case <-time.After(openWithin):
		err = context.DeadlineExceeded
	}
	if err != nil {
		go cancel() // may wait for a browser that does not answer
		return nil, nil, nil, casework.Retry("page_down", "new tab: %w", err)
	}
	return life, chromedp.FromContext(life).Target, cancel, nil
}

// gone says that the tab crashed or was closed.
func (s *seat) gone() bool { return s.panes.front().over() }

// state says whether something is loading, and gives a channel that closes at
// the next change.
func (s *seat) state() (busy bool, stir <-chan struct{}) {
	busy, stir = s.panes.front().state()
	waiting, _ := s.panes.waiting()
	return busy || waiting || s.saved.busy(), stir
}

func (s *seat) end() {
	s.cancel()
	s.gate.close()
	s.saved.drop()
}

// enter brings the tab to the system's first page, signing in where needed.
func (t *Tab) enter(ctx context.Context) error {
	if t.seat.signedIn {
		_, err := t.home(ctx)
		if err == nil {
			t.fresh = true
			return nil
		}
		if casework.AsFault(err).Code != "signed_out" {
			return down(err)
		}
	}
	return t.signIn(ctx)
}

// prepareSignIn opens the sign-in page and fills in what the vault knows.
func (t *Tab) prepareSignIn(ctx context.Context) error {
	in := t.system.SignIn
	_, err := t.visit(ctx, t.seat.below(in.Open))
	if t.seat.gate.deniesAccount() { // never tried again with the same password
		return casework.AskPerson("sign_in_refused", "%s refuses the account", t.system.Name)
	}
	if err != nil && casework.AsFault(err).Code != "signed_out" {
		return down(err)
	}
	for label, secret := range in.Fill {
		value := map[string]string{"account": t.seat.access.Account, "password": t.seat.access.Password}[secret]
		if err := t.fillSecret(ctx, playbooks.Locator{Label: label, Alias: t.system.Aliases[label]}, value); err != nil {
			return down(fmt.Errorf("sign-in page: %w", err))
		}
	}
	return nil
}

// signIn fills the sign-in page and waits for the text that says it worked.
func (t *Tab) signIn(ctx context.Context) error {
	if t.system.SignIn.Attended != nil {
		return casework.Retry(playbooks.SignInDue, "%s: a person must sign in", t.system.Name)
	}
	if err := t.prepareSignIn(ctx); err != nil {
		return err
	}
	in := t.system.SignIn
	mark := t.mark()
	within, cancel := context.WithTimeout(ctx, t.browser.config.Verb)
	defer cancel()
	if len(in.Fill) == 0 {
		return t.signedIn(within, mark)
	}
	if err := t.press(within, in.Click); err != nil {
		return down(fmt.Errorf("sign-in page: %w", err))
	}
	return t.signedIn(within, mark)
}

// signedIn waits for one of the texts that decide.
func (t *Tab) signedIn(ctx context.Context, mark mark) error {
	for {
		text, err := t.settle(ctx)
		if err != nil {
			return casework.Retry("system_down", "no answer to the sign-in")
		}
		list, _, _ := t.seat.dialogs.since(mark.dialogs)
		text += "\n" + join(texts(list))
		switch {
		case says(text, []string{t.system.SignIn.Done}):
			return t.arrived(ctx)
		case says(text, t.system.SignIn.Refused), t.seat.gate.deniesAccount():
			return casework.AskPerson("sign_in_refused", "%s refuses the account", t.system.Name)
		case says(text, t.system.Looks.Maintenance), says(text, t.system.Looks.Error):
			return casework.Retry("system_down", "%s shows its maintenance or error page", t.system.Name)
		}
		if _, err := t.ask(ctx, order{Do: "pause"}); err != nil && !errors.Is(err, errMoved) {
			return casework.Retry("system_down", "no answer to the sign-in")
		}
	}
}

// arrived remembers where the signed-in session begins.
func (t *Tab) arrived(ctx context.Context) error {
	f, err := t.ask(ctx, order{Do: "where"})
	if err != nil {
		return casework.Retry("system_down", "no answer to the sign-in")
	}
	var at struct {
		URL string `json:"url"`
	}
	if err := json.Unmarshal(f.OK, &at); err != nil {
		return err
	}
	t.seat.home, t.seat.signedIn, t.fresh = at.URL, true, true
	return nil
}

// down is what any fault before a tab is handed out means for the caller.
func down(err error) error {
	f := casework.AsFault(err)
	if f.Kind == casework.NeedsHuman && f.Code != "dialog_unexpected" {
		return err // the sign-in page has changed: waiting does not help
	}
	if f.Code == "signed_in_elsewhere" {
		return err // signing in again would throw the other one out, in a circle
	}
	return casework.Retry("system_down", "%w", err)
}
