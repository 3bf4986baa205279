// Package replay lets a playbook run once more over the pages that a run left as
// evidence, without the system they came from: a loopback site signs anybody in,
// answers "open" with the page that stood there when the evidence was taken, and
// any click inside it with that same page. Scripts of recorded pages are left out
// and forbidden, so nothing of the foreign system runs.
//
// It shows whether the labels of a changed playbook are still found, what would be
// filled in, and how its verify judges the records of that day. It cannot show
// pages that were never photographed: of a form in several parts only the last one
// stands in the evidence.
//
// Vocabulary:
//
//	Step    one step of the recorded run with its pages by moment (before_commit, verified…)
//	Site    the loopback site that shows them
//	Pages   what a Runner is given in place of the real systems
package replay

import (
	"context"
	"fmt"
	"html"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
)

// Step is what one step of a run left behind: its DOM files by moment.
type Step struct {
	ID    string
	Pages map[string][]byte
}

// Steps sorts evidence into steps, in the order they were first seen. Of several
// pages of one moment the newest counts.
func Steps(evidence []casework.Evidence, file func(sha string) ([]byte, error)) ([]Step, error) {
	var steps []Step
	for _, e := range evidence {
		moment, isPage := strings.CutSuffix(e.Name, ".html")
		if e.Kind != casework.DOM || !isPage || !e.Removed.IsZero() {
			continue
		}
		data, err := file(e.SHA256)
		if err != nil {
			return nil, fmt.Errorf("recorded page %s: %w", e.Name, err)
		}
		i := slices.IndexFunc(steps, func(s Step) bool { return s.ID == e.Step })
		if i < 0 {
			i = len(steps)
			steps = append(steps, Step{ID: e.Step, Pages: map[string][]byte{}})
		}
		steps[i].Pages[moment] = data
	}
	return steps, nil
}

// homePath is the page that stands after the sign-in.
const homePath = "/__replay"

// Site shows one recorded page at a time on a loopback address.
type Site struct {
	url    string
	server *http.Server

	mu     sync.Mutex
	system playbooks.System
	frames []string       // of the page that is shown
	within map[string]int // address → the frame it was loaded in
	served int
}

// Open starts the site.
func Open(ctx context.Context) (*Site, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("replay: %w", err)
	}
	s := &Site{url: "http://" + listener.Addr().String(), within: map[string]int{}}
	s.server = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	go s.server.Serve(listener) //nolint:errcheck // it ends with Close, and a browser tells if it ended before
	return s, nil
}

// Close ends it.
func (s *Site) Close() error { return s.server.Close() }

// show makes a recorded page the one that every address gives.
func (s *Site) show(page []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.frames, s.within = framesOf(string(page)), map[string]int{}
}

func (s *Site) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.served
}

// framesOf takes a DOM file apart. A frameset has nothing to show but its frames,
// which stand in the file by themselves.
func framesOf(file string) []string {
	var frames []string
	for _, part := range regexp.MustCompile(`(?m)^<!-- frame \d+: .* -->$`).Split(file, -1) {
		if strings.TrimSpace(part) != "" && !regexp.MustCompile(`(?i)<frameset\b`).MatchString(part) {
			frames = append(frames, still(part))
		}
	}
	return frames
}

// still takes out what would make the page move: scripts, refreshes, and frames
// inside, which are shown beside it.
func still(page string) string {
	for _, moving := range []string{`(?is)<script\b.*?</script\s*>`, `(?is)<meta\b[^>]*http-equiv\s*=\s*["']?refresh[^>]*>`, `(?is)<base\b[^>]*>`, `(?is)<iframe\b.*?</iframe\s*>`} {
		page = regexp.MustCompile(moving).ReplaceAllString(page, "")
	}
	return page
}

// ServeHTTP shows the sign-in page, the recorded page, or one of its frames.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.Header().Set("Content-Security-Policy", "script-src 'none'; object-src 'none'")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "unsafe-url")
	if len(s.system.SignIn.Fill) > 0 && r.URL.Path == "/"+strings.TrimLeft(s.system.SignIn.Open, "/") {
		fmt.Fprint(w, s.signIn())
		return
	}
	if !strings.Contains(r.Header.Get("Accept"), "text/html") {
		w.WriteHeader(http.StatusNotFound) // pictures and style sheets were not recorded
		return
	}
	s.served++
	if frame, ok := s.frame(r); ok {
		fmt.Fprint(w, s.frames[frame])
		return
	}
	fmt.Fprint(w, s.page())
}

// frame says which frame a request belongs to: its own address says so, or the
// frame it was clicked in.
func (s *Site) frame(r *http.Request) (int, bool) {
	if number, ok := strings.CutPrefix(r.URL.Path, homePath+"/"); ok {
		n, err := strconv.Atoi(number)
		return n, err == nil && n >= 0 && n < len(s.frames)
	}
	if r.Header.Get("Sec-Fetch-Dest") == "document" || r.URL.Path == homePath {
		return 0, false
	}
	from := strings.TrimPrefix(r.Header.Get("Referer"), s.url)
	from, _, _ = strings.Cut(from, "?")
	number, inFrame := strings.CutPrefix(from, homePath+"/")
	n, known := s.within[from]
	if inFrame {
		parsed, err := strconv.Atoi(number)
		n, known = parsed, err == nil
	}
	if known = known && n >= 0 && n < len(s.frames); known {
		s.within[r.URL.Path] = n
	}
	return n, known
}

// page is the recorded page: its frames below one another, and the words that say
// "signed in".
func (s *Site) page() string {
	var b strings.Builder
	fmt.Fprintf(&b, `<!doctype html><meta charset="utf-8"><title>回放</title><p>%s</p>`, html.EscapeString(s.system.SignIn.Done))
	for i := range s.frames {
		fmt.Fprintf(&b, `<iframe src="%s/%d" style="width:100%%;height:900px;border:0"></iframe>`, homePath, i)
	}
	return b.String()
}

// signIn is a sign-in page as the system file describes it.
func (s *Site) signIn() string {
	var b strings.Builder
	fmt.Fprintf(&b, `<!doctype html><meta charset="utf-8"><form action="%s">`, homePath)
	for label, secret := range s.system.SignIn.Fill {
		fmt.Fprintf(&b, `<p><label>%s <input type="%s" name="%s"></label></p>`, html.EscapeString(label), map[bool]string{true: "password", false: "text"}[secret == "password"], html.EscapeString(secret))
	}
	fmt.Fprintf(&b, `<input type="submit" value="%s"></form>`, html.EscapeString(s.system.SignIn.Click.Button+s.system.SignIn.Click.Link+s.system.SignIn.Click.Label))
	return b.String()
}

// Seat gives the signed-in tab of a system (browser.Browser has it).
type Seat func(ctx context.Context, system playbooks.System, access playbooks.Access, seat int) (playbooks.Page, error)

// Pages hands out recorded pages, step by step. It is for one run.
type Pages struct {
	site  *Site
	seat  Seat
	steps []Step
}

// NewPages shows the steps of a recorded run on the site.
func NewPages(site *Site, seat Seat, steps []Step) *Pages {
	return &Pages{site: site, seat: seat, steps: slices.Clone(steps)}
}

// Page implements playbooks.Pages. Faults: not_recorded (Permanent) when the run
// kept no page for the step, and those of the browser.
func (p *Pages) Page(ctx context.Context, system playbooks.System) (playbooks.Page, error) {
	if len(p.steps) == 0 {
		return nil, casework.Fail("not_recorded", "the run kept no further page of %s", system.Name)
	}
	step := p.steps[0]
	p.steps = p.steps[1:]
	system.SignIn.Basic, system.Hosts, system.Certificate = false, nil, "" // the site is plain and alone
	p.site.mu.Lock()
	p.site.system = system
	p.site.mu.Unlock()
	p.site.show(nil)
	tab, err := p.seat(ctx, system, playbooks.Access{URL: p.site.url, Account: "replay", Password: "replay"}, 1)
	if err != nil {
		return nil, err
	}
	return &page{Page: tab, site: p.site, step: step}, nil
}

// page is a tab on the recorded pages of one step.
type page struct {
	playbooks.Page
	site   *Site
	step   Step
	opened int
	shown  string
}

// moments are the pages that the first and the second open of a step may give, the
// best first.
func moments(opened int) []string {
	if opened == 0 {
		return []string{"before_commit", "filled", "looked", "stopped"}
	}
	return []string{"verified", "looked_after", "looked_before", "looked", "stopped"}
}

// Do carries the verb out on the recorded page.
func (p *page) Do(ctx context.Context, act playbooks.Act) (playbooks.Seen, error) {
	switch act.Verb {
	case playbooks.Open:
		return p.open(ctx)
	case playbooks.Click:
		return p.click(ctx, act)
	}
	return p.Page.Do(ctx, act)
}

// open shows the recorded page in place of whatever the menu leads to.
func (p *page) open(ctx context.Context) (playbooks.Seen, error) {
	for _, moment := range moments(p.opened) {
		recorded, ok := p.step.Pages[moment]
		if !ok {
			continue
		}
		p.site.show(recorded)
		p.shown = moment
		p.opened++
		return p.reload(ctx)
	}
	return playbooks.Seen{}, casework.Fail("not_recorded", "step %s kept no page to show here", p.step.ID)
}

// reload opens the first page, twice: a tab that has just signed in stands on it
// already and would not load it anew.
func (p *page) reload(ctx context.Context) (playbooks.Seen, error) {
	if _, err := p.Page.Do(ctx, playbooks.Act{Verb: playbooks.Open}); err != nil {
		return playbooks.Seen{}, err
	}
	return p.Page.Do(ctx, playbooks.Act{Verb: playbooks.Open})
}

// click finds the button on the recorded page and presses it; then the page shows
// what was recorded after it.
func (p *page) click(ctx context.Context, act playbooks.Act) (playbooks.Seen, error) {
	after, ok := p.step.Pages["looked"]
	changes := ok && p.shown == "filled"
	if changes {
		p.site.show(after)
		p.shown = "looked"
	}
	before := p.site.count()
	seen, err := p.Page.Do(ctx, act)
	if err == nil && changes && p.site.count() == before {
		return p.reload(ctx) // the button worked by script
	}
	return seen, err
}

// Commit refuses: nothing is entered into a replay.
func (p *page) Commit(context.Context, playbooks.Commit, playbooks.Guard) (playbooks.Seen, error) {
	return playbooks.Seen{}, casework.Fail("dry_run", "a replay enters nothing")
}
