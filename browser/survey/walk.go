package survey

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/html/charset"
)

// What no page may exceed, whatever it asks for.
const (
	linksAtMost  = 500  // of one page
	queueAtMost  = 1000 // addresses waiting
	alikeAtMost  = 8    // addresses that differ in numbers and values only: a calendar has no end
	scriptsMost  = 40
	hopsAtMost   = 5
	addressMost  = 2000 // bytes of an address
	placesShown  = 5    // pages named for one finding
	detailsShown = 8
)

// Config bounds a walk. Its zero value means the defaults.
type Config struct {
	Pages  int            // 60
	Bytes  int64          // of one page, 2 MiB
	Within time.Duration  // of the whole walk, 2 minutes
	Each   time.Duration  // of one page, 15 s
	Pause  time.Duration  // between two requests: old systems are easily overrun
	Roots  *x509.CertPool // nil is the system's
	Now    func() time.Time
}

func (c Config) withDefaults() Config {
	if c.Pages == 0 {
		c.Pages = 60
	}
	if c.Bytes == 0 {
		c.Bytes = 2 << 20
	}
	if c.Within == 0 {
		c.Within = 2 * time.Minute
	}
	if c.Each == 0 {
		c.Each = 15 * time.Second
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// step is an address on the way.
type step struct {
	url    *url.URL
	depth  int // of frames
	script bool
	hops   int // redirects that led here
}

// walk is one survey under way.
type walk struct {
	config  Config
	client  *http.Client
	guard   *guard
	start   *url.URL
	queue   []step
	known   map[string]bool
	alike   map[string]int
	scripts int
	signs   []sign
	changes changes
	report  *Report
	found   map[string]*Finding
	last    time.Time // of the last request
}

// Walk surveys the system behind an address. It gives what it has seen when the
// time is over.
func Walk(ctx context.Context, address string, config Config) (Report, error) {
	start, err := url.Parse(address)
	if err != nil || start.Host == "" || start.Scheme != "http" && start.Scheme != "https" {
		return Report{}, fmt.Errorf("survey: want an http or https address")
	}
	start.User, start.Fragment = nil, ""
	w := newWalk(start, config.withDefaults())
	ctx, cancel := context.WithTimeout(ctx, w.config.Within)
	defer cancel()
	w.add(step{url: start})
	for asked := 0; len(w.queue) > 0 && w.report.Pages < w.config.Pages && asked < 3*w.config.Pages+scriptsMost; asked++ {
		next := w.queue[0]
		w.queue = w.queue[1:]
		err := w.visit(ctx, next)
		if ctx.Err() != nil {
			w.report.Cut = "time"
			break
		}
		if err != nil && next.url == start {
			return Report{}, fmt.Errorf("survey %s: %w", start.Host, err)
		}
		if err != nil {
			w.report.Failed++
		}
	}
	if len(w.queue) > 0 && w.report.Cut == "" {
		w.report.Cut = "pages"
	}
	w.finish()
	return *w.report, nil
}

func newWalk(start *url.URL, config Config) *walk {
	w := &walk{config: config, guard: newGuard(start.Host), start: start, known: map[string]bool{}, alike: map[string]int{}, signs: signs(), changes: newChanges(),
		found: map[string]*Finding{}, report: &Report{Host: start.Host, Path: start.Path, At: config.Now().UTC()}}
	jar, _ := cookiejar.New(nil) // without options it gives no error
	w.client = &http.Client{Transport: w.guard, Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return w
}

// add puts an address on the way, unless it is known, too long, or one of many alike.
func (w *walk) add(s step) {
	key := s.url.String()
	if w.known[key] || len(key) > addressMost || len(w.queue) >= queueAtMost {
		return
	}
	w.known[key] = true
	shape := regexp.MustCompile(`\d+`).ReplaceAllString(s.url.Path, "0")
	for name := range s.url.Query() {
		shape += "&" + name
	}
	if w.alike[shape]++; w.alike[shape] > alikeAtMost {
		w.report.Alike++
		return
	}
	if s.script {
		if w.scripts++; w.scripts > scriptsMost {
			return
		}
	}
	w.queue = append(w.queue, s)
}

// visit fetches one address and takes it apart.
func (w *walk) visit(ctx context.Context, s step) error {
	if err := w.pause(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, w.config.Each)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url.String(), nil)
	if err != nil {
		return err
	}
	r.Header.Set("Accept", "text/html,application/xhtml+xml,text/javascript;q=0.9,*/*;q=0.1")
	r.Header.Set("Accept-Language", "zh-CN,zh;q=0.9")
	answer, err := w.client.Do(r)
	if err != nil {
		return w.unreached(err)
	}
	defer answer.Body.Close()
	if location := answer.Header.Get("Location"); location != "" && answer.StatusCode/100 == 3 {
		w.follow(s, link{address: location, kind: redirected})
		return nil
	}
	w.answered(s, answer)
	if answer.StatusCode >= 400 {
		w.report.Failed++
		return nil
	}
	kind, _, err := mime.ParseMediaType(answer.Header.Get("Content-Type"))
	if err == nil && !slices.Contains([]string{"text/html", "application/xhtml+xml", "text/plain", "text/css", "text/vbscript"}, kind) && !strings.Contains(kind, "javascript") {
		return nil // pictures, files: nothing to read
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, w.config.Bytes+1))
	if int64(len(body)) > w.config.Bytes {
		body, w.report.Truncated = body[:w.config.Bytes], w.report.Truncated+1
	} else if err != nil && len(body) == 0 {
		return err
	}
	w.read(s, answer.Header, body)
	return nil
}

// pause keeps requests apart.
func (w *walk) pause(ctx context.Context) error {
	rest := w.config.Pause - time.Since(w.last)
	defer func() { w.last = time.Now() }()
	if rest <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(rest)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// unreached turns a refusal of the line into a finding where it says something.
func (w *walk) unreached(err error) error {
	if alert, ok := errors.AsType[tls.AlertError](err); ok {
		w.note("old_tls", "", "handshake: "+alert.Error())
	}
	if at, ok := errors.AsType[*url.Error](err); ok {
		return at.Err // without the address: its query may name a person
	}
	return err
}

// answered notes what the answer's head tells.
func (w *walk) answered(s step, answer *http.Response) {
	challenge := strings.ToLower(strings.Join(answer.Header.Values("Www-Authenticate"), " "))
	switch {
	case strings.Contains(challenge, "ntlm"), strings.Contains(challenge, "negotiate"):
		w.note("ntlm", s.url.Path, "")
	case strings.Contains(challenge, "basic"):
		w.note("basic_auth", s.url.Path, "")
	}
	if mode := answer.Header.Get("X-UA-Compatible"); mode != "" && !strings.Contains(strings.ToLower(mode), "edge") {
		w.note("ie_mode", s.url.Path, mode)
	}
}

// read takes a page or script apart and goes on from it.
func (w *walk) read(s step, header http.Header, body []byte) {
	text := w.decode(s, header, body)
	var c *content
	if s.script {
		c = &content{}
		c.code.WriteString(text)
	} else {
		w.report.Pages++
		c = read(text)
	}
	c.named()
	w.match(s, c)
	for _, found := range c.signs {
		w.note(found.code, s.url.Path, found.detail)
	}
	if c.frames > 0 {
		w.note("frames", s.url.Path, fmt.Sprint(c.frames))
	}
	w.report.Depth = max(w.report.Depth, s.depth)
	if c.form {
		w.note("sign_in", s.url.Path, "")
	}
	if !s.script && c.script && c.text < 40 && c.frames == 0 && !c.form {
		w.note("by_script", s.url.Path, "")
	}
	for _, l := range c.links {
		w.follow(s, l)
	}
}

// decode brings the text to UTF-8 and notes what its encoding tells.
func (w *walk) decode(s step, header http.Header, body []byte) string {
	encoding, name, _ := charset.DetermineEncoding(body, header.Get("Content-Type"))
	text, err := encoding.NewDecoder().Bytes(body)
	if err != nil {
		text = body
	}
	if s.script {
		return string(text)
	}
	declared := regexp.MustCompile(`(?i)<meta[^>]{0,200}charset\s*=\s*["']?\s*([\w-]+)`).FindSubmatch(body[:min(len(body), 4096)])
	_, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err == nil && params["charset"] != "" && declared != nil && !sameEncoding(params["charset"], string(declared[1])) {
		w.note("encoding_clash", s.url.Path, params["charset"]+" / "+strings.ToLower(string(declared[1])))
	}
	if name != "utf-8" && name != "windows-1252" {
		w.note("encoding", s.url.Path, name)
	}
	return string(text)
}

func sameEncoding(a, b string) bool {
	_, first := charset.Lookup(a)
	_, second := charset.Lookup(b)
	return first == second
}

// match looks for the signs that are told by their words.
func (w *walk) match(s step, c *content) {
	code, words := uncommented(c.code.String()), c.words.String()
	for _, sign := range w.signs {
		text := code
		if sign.in == inWords {
			text = words
		}
		if sign.pattern == nil {
			continue
		}
		for _, m := range sign.pattern.FindAllStringSubmatch(text, detailsShown) {
			w.note(sign.code, s.url.Path, strings.Join(m[1:], ""))
		}
	}
}

// note adds one sighting to its finding.
func (w *walk) note(code, path, detail string) {
	i := slices.IndexFunc(w.signs, func(s sign) bool { return s.code == code })
	f, ok := w.found[code]
	if !ok {
		f = &Finding{Code: code, Level: w.signs[i].level, Zh: w.signs[i].zh[0], En: w.signs[i].en[0], NeedsZh: w.signs[i].zh[1], NeedsEn: w.signs[i].en[1], places: map[string]bool{}}
		w.found[code] = f
	}
	if path == "" {
		path = "/"
	}
	if !f.places[path] {
		f.places[path] = true
		f.Pages++
		if len(f.Where) < placesShown {
			f.Where = append(f.Where, path)
		}
	}
	if detail = strings.TrimSpace(detail); detail != "" && !slices.Contains(f.Details, detail) && len(f.Details) < detailsShown {
		f.Details = append(f.Details, detail)
	}
}

// follow goes on to a link of the same host that does not read like a change.
func (w *walk) follow(from step, l link) {
	to, err := from.url.Parse(l.address)
	if err != nil || to.Scheme != "http" && to.Scheme != "https" {
		return
	}
	to.Fragment, to.User = "", nil
	if to.Host != w.start.Host {
		if l.kind == redirected || l.kind == toFrame {
			w.note("elsewhere", from.url.Path, to.Scheme+"://"+to.Host)
		}
		return
	}
	if l.kind != toScript && w.changes.reads(to, l.words) {
		w.report.Avoided++
		return
	}
	depth := from.depth
	if l.kind == toFrame {
		depth++
	}
	next := step{url: to, depth: depth, script: l.kind == toScript}
	if l.kind == redirected {
		next.hops, next.script = from.hops+1, from.script
	}
	if next.hops <= hopsAtMost {
		w.add(next)
	}
}

// changes are the words and addresses of links that may change something. It is
// better to leave a page out than to delete a record.
type changes struct{ words, address, camel *regexp.Regexp }

func newChanges() changes {
	return changes{
		words:   regexp.MustCompile(`退出|注销|删除|作废|保存|提交|审核|通过|退回|撤销|撤回|发送|上传|下载|导出|办结|签收|领取|启用|停用|解锁|重置|打印`),
		address: regexp.MustCompile(`(?i)(?:^|[^a-z])(?:do)?(?:log_?out|log_?off|sign_?out|exit|quit|del(?:ete)?|remove|save|submit|update|insert|add|create|approve|audit|reject|pass|cancel|modify|send|import|export|download|upload|lock|unlock|reset|kick|close|confirm|print|start|stop|run|exec)(?:[^a-z]|$)`),
		camel:   regexp.MustCompile(`[dD]elete|[rR]emove|[sS]ave|[sS]ubmit|[uU]pdate|[iI]nsert|[aA]pprove|[rR]eject|[cC]ancel|[lL]ogout|[eE]xport|[iI]mport|[uU]nlock|[a-z](?:Add|Audit|Del|Lock)(?:[^a-z]|$)`),
	}
}

func (c changes) reads(to *url.URL, words string) bool {
	address := to.Path + "?" + to.RawQuery
	return c.words.MatchString(words) || c.address.MatchString(address) || c.camel.MatchString(address)
}
