package browser

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
)

// proxied is a client that goes through a gate as Chromium does, without a
// browser in between.
func proxied(t *testing.T, g *gate) *http.Client {
	t.Helper()
	proxy, err := url.Parse(g.address())
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{Proxy: http.ProxyURL(proxy), TLSClientConfig: &tls.Config{InsecureSkipVerify: true}} //nolint:gosec // the gate's certificate is self-signed
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func openTestGate(t *testing.T, base string, roots *x509.CertPool, now func() time.Time) *gate {
	t.Helper()
	key, err := newGateKey()
	if err != nil {
		t.Fatal(err)
	}
	g, err := openGate(base, key, roots, now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.close)
	return g
}

// counter is a server that counts what reaches it.
func counter(t *testing.T, start func(http.Handler) *httptest.Server) (*httptest.Server, *atomic.Int32) {
	t.Helper()
	var posts atomic.Int32
	s := start(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			posts.Add(1)
		}
		switch r.URL.Path {
		case "/moved":
			w.Header().Set("Location", "/target")
			w.WriteHeader(http.StatusTemporaryRedirect)
		default:
			fmt.Fprintf(w, "%s %s", r.Method, r.URL.Path)
		}
	}))
	t.Cleanup(s.Close)
	return s, &posts
}

func post(t *testing.T, c *http.Client, url, body string) int {
	t.Helper()
	resp, err := c.Post(url, "application/x-www-form-urlencoded", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}

func passes(context.Context, playbooks.Request) error { return nil }

func TestGateLetsOutToTheAllowedHostOnly(t *testing.T) {
	good, _ := counter(t, httptest.NewServer)
	other, posts := counter(t, httptest.NewServer)
	secret, _ := counter(t, httptest.NewTLSServer)
	g := openTestGate(t, good.URL, nil, time.Now)
	c := proxied(t, g)
	if code := post(t, c, good.URL+"/x", "a"); code != 200 {
		t.Errorf("allowed host: %d", code)
	}
	if code := post(t, c, other.URL+"/x?id=379901", "a"); code != 403 || posts.Load() != 0 {
		t.Errorf("other port of the same machine: %d, %d requests arrived", code, posts.Load())
	}
	if _, err := c.Get(secret.URL); err == nil {
		t.Error("CONNECT to a host not allowed went through")
	}
	records, _ := g.history(0)
	if len(records) != 3 || records[1].Status != 403 || records[2].Status != 403 {
		t.Errorf("refusals are evidence: %+v", records)
	}
	if records[1].Path != "/x" {
		t.Errorf("a record must not hold the query: %q", records[1].Path)
	}
}

func TestGateChecksUpstreamCertificates(t *testing.T) {
	s, posts := counter(t, httptest.NewTLSServer)
	c := proxied(t, openTestGate(t, s.URL, nil, time.Now))
	if code := post(t, c, s.URL, "a"); code != 502 || posts.Load() != 0 {
		t.Errorf("unknown certificate: %d, %d requests arrived", code, posts.Load())
	}
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	c = proxied(t, openTestGate(t, s.URL, roots, time.Now))
	if code := post(t, c, s.URL, "a"); code != 200 || posts.Load() != 1 {
		t.Errorf("known certificate: %d, %d requests arrived", code, posts.Load())
	}
}

func TestWindowPassesOneChangingRequestAfterTheGuard(t *testing.T) {
	s, posts := counter(t, httptest.NewServer)
	g := openTestGate(t, s.URL, nil, time.Now)
	c := proxied(t, g)
	post(t, c, s.URL+"/query", "before") // a query form of an old system

	var asked playbooks.Request
	w, err := g.arm(t.Context(), func(_ context.Context, r playbooks.Request) error {
		asked = r
		if posts.Load() != 1 {
			t.Error("a byte left before the guard had answered")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if code := post(t, c, s.URL+"/save?id=379901", "body"); code != 200 {
		t.Fatalf("first request: %d", code)
	}
	if asked.Method != "POST" || asked.Path != "/save" || asked.BodyHash != bodyHash([]byte("body")) {
		t.Errorf("the guard saw %+v", asked)
	}
	if code := post(t, c, s.URL+"/other", "x"); code != 409 {
		t.Errorf("second request of the window: %d", code)
	}
	if end := g.shut(w); end.at != answered || !end.left || end.status != 200 {
		t.Errorf("end: %+v", end)
	}
	if code := post(t, c, s.URL+"/other", "x"); code != 409 {
		t.Errorf("a changing request of the page that had its commit: %d", code)
	}
	g.renew()
	if code := post(t, c, s.URL+"/other", "x"); code != 200 {
		t.Errorf("a query of the next page: %d", code)
	}
	if code := post(t, c, s.URL+"/save?id=379901", "body"); code != 409 {
		t.Errorf("the committed request once more: %d", code)
	}
	g.verified()
	if code := post(t, c, s.URL+"/save?id=379901", "body"); code != 200 {
		t.Errorf("after verify: %d", code)
	}
	if n := posts.Load(); n != 4 {
		t.Errorf("%d POSTs arrived, want 4", n)
	}
}

func TestWindowSendsNothingWhenTheGuardRefuses(t *testing.T) {
	s, posts := counter(t, httptest.NewServer)
	g := openTestGate(t, s.URL, nil, time.Now)
	w, err := g.arm(t.Context(), func(context.Context, playbooks.Request) error { return playbooks.ErrNotHolder })
	if err != nil {
		t.Fatal(err)
	}
	c := proxied(t, g)
	if code := post(t, c, s.URL, "a"); code != 503 {
		t.Errorf("held back: %d", code)
	}
	if code := post(t, c, s.URL, "a"); code != 409 {
		t.Errorf("tried again: %d", code)
	}
	if end := g.shut(w); end.left || end.recorded || !errors.Is(end.err, playbooks.ErrNotHolder) {
		t.Errorf("end: %+v", end)
	}
	if posts.Load() != 0 {
		t.Errorf("%d POSTs arrived", posts.Load())
	}
}

func TestWindowRefusesARequestLongAfterTheClick(t *testing.T) {
	for name, jump := range map[string]time.Duration{"slept": 11 * time.Second, "clock set back": -11 * time.Second} {
		t.Run(name, func(t *testing.T) {
			s, posts := counter(t, httptest.NewServer)
			var offset atomic.Int64
			g := openTestGate(t, s.URL, nil, func() time.Time { return time.Now().Add(time.Duration(offset.Load())) })
			w, err := g.arm(t.Context(), func(context.Context, playbooks.Request) error { t.Error("the guard was asked"); return nil })
			if err != nil {
				t.Fatal(err)
			}
			offset.Store(int64(jump))
			if code := post(t, proxied(t, g), s.URL, "a"); code != 503 || posts.Load() != 0 {
				t.Errorf("%d, %d requests arrived", code, posts.Load())
			}
			if end := g.shut(w); casework.AsFault(end.err).Code != "click_too_old" || end.left {
				t.Errorf("end: %+v", end)
			}
		})
	}
}

func TestWindowCountsTheMonotonicClockToo(t *testing.T) {
	s, posts := counter(t, httptest.NewServer)
	stopped := time.Now()
	g := openTestGate(t, s.URL, nil, func() time.Time { return stopped })
	w, err := g.arm(t.Context(), passes)
	if err != nil {
		t.Fatal(err)
	}
	w.clicked = w.clicked.Add(-clickAge - time.Second)
	if code := post(t, proxied(t, g), s.URL, "a"); code != 503 || posts.Load() != 0 {
		t.Errorf("%d, %d requests arrived", code, posts.Load())
	}
}

func TestWindowFrozenInsideTheGuardSendsNothingButCountsAsDoubt(t *testing.T) {
	s, posts := counter(t, httptest.NewServer)
	var offset atomic.Int64
	g := openTestGate(t, s.URL, nil, func() time.Time { return time.Now().Add(time.Duration(offset.Load())) })
	w, err := g.arm(t.Context(), func(context.Context, playbooks.Request) error {
		offset.Store(int64(time.Minute)) // the worker stands still after it wrote "sent"
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	post(t, proxied(t, g), s.URL, "a")
	if end := g.shut(w); end.left || !end.recorded || posts.Load() != 0 {
		t.Errorf("end: %+v, %d requests arrived", end, posts.Load())
	}
}

func TestWindowShutBeforeTheGuardKeepsTheRequestIn(t *testing.T) {
	s, posts := counter(t, httptest.NewServer)
	g := openTestGate(t, s.URL, nil, time.Now)
	inGuard, goOn := make(chan struct{}), make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	w, err := g.arm(ctx, func(ctx context.Context, _ playbooks.Request) error {
		close(inGuard)
		<-goOn
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	c := proxied(t, g)
	var wg sync.WaitGroup
	wg.Go(func() { post(t, c, s.URL, "a") })
	<-inGuard
	cancel() // the lease is lost
	ended := make(chan state)
	go func() { ended <- g.shut(w) }()
	for !func() bool { w.mu.Lock(); defer w.mu.Unlock(); return w.closed }() {
		time.Sleep(time.Millisecond)
	}
	close(goOn)
	if end := <-ended; end.left || !end.recorded {
		t.Errorf("given up while the guard ran: %+v", end)
	}
	wg.Wait()
	if posts.Load() != 0 {
		t.Errorf("%d POSTs arrived", posts.Load())
	}
}

func TestWindowFollowsTheServersRedirectOnce(t *testing.T) {
	s, posts := counter(t, httptest.NewServer)
	g := openTestGate(t, s.URL, nil, time.Now)
	if _, err := g.arm(t.Context(), passes); err != nil {
		t.Fatal(err)
	}
	c := proxied(t, g)
	for _, step := range []struct {
		path, body string
		want       int
	}{{"/moved", "a", 307}, {"/target", "other", 409}, {"/target", "a", 200}, {"/target", "a", 409}} {
		if code := post(t, c, s.URL+step.path, step.body); code != step.want {
			t.Errorf("POST %s %q: %d, want %d", step.path, step.body, code, step.want)
		}
	}
	if posts.Load() != 2 {
		t.Errorf("%d POSTs arrived, want 2", posts.Load())
	}
}

func TestWindowCountsAPageLoadByLinkAsTheChange(t *testing.T) {
	s, _ := counter(t, httptest.NewServer)
	g := openTestGate(t, s.URL, nil, time.Now)
	asked := 0
	w, err := g.arm(t.Context(), func(_ context.Context, r playbooks.Request) error { asked++; return nil })
	if err != nil {
		t.Fatal(err)
	}
	c := proxied(t, g)
	for _, accept := range []string{"*/*", "text/html,application/xhtml+xml", "text/html"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/save.do?op=1", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept", accept)
		resp, err := c.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	}
	if end := g.shut(w); asked != 1 || !end.left {
		t.Errorf("guard asked %d times, end %+v", asked, end)
	}
}

// hangUp closes the connection after the request has been read, as a server
// does whose worker died. On a kept connection Chromium answers that with the
// same POST once more.
func hangUp(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	conn, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		conn.Close()
	}
}

func TestGateTurnsALostReplyInto502AndNeverSendsAgain(t *testing.T) {
	var posts atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			posts.Add(1)
			hangUp(w, r)
		}
	}))
	t.Cleanup(s.Close)
	g := openTestGate(t, s.URL, nil, time.Now)
	w, err := g.arm(t.Context(), passes)
	if err != nil {
		t.Fatal(err)
	}
	c := proxied(t, g)
	resp, err := c.Get(s.URL) // a connection that could be kept
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
	if code := post(t, c, s.URL, "a"); code != 502 {
		t.Errorf("lost reply: %d", code)
	}
	if end := g.shut(w); end.at != lost || !end.left || posts.Load() != 1 {
		t.Errorf("end %+v, %d POSTs arrived", end, posts.Load())
	}
}

func TestTheAccountGoesOnlyHomeAndByTheProtocolGiven(t *testing.T) {
	g := openTestGate(t, "https://old.example", nil, time.Now)
	g.credentials = [2]string{"jingban", "secret"}
	for url, want := range map[string]bool{
		"https://old.example/main": true, "https://old.example:443/": true, "http://old.example:443/": false,
		"http://old.example/": false, "https://other.example/": false,
	} {
		r := httptest.NewRequest(http.MethodGet, url, nil)
		g.authorise(r)
		if _, _, sent := r.BasicAuth(); sent != want {
			t.Errorf("%s: account sent %v, want %v", url, sent, want)
		}
	}
}

// What tells a committing request from the others may stand in any kind of body, and
// in one that nobody can read.
func TestACommittingRequestIsToldInAnyBody(t *testing.T) {
	g := openTestGate(t, "http://old.example", nil, time.Now)
	if err := g.commitsAt("http://old.example", []string{"/main.do?method=save"}); err != nil {
		t.Fatal(err)
	}
	const form, parts, object = "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "application/json"
	field := func(name, value string) string {
		return "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n"
	}
	file := "--b\r\nContent-Disposition: form-data; name=f; filename=\"\xd5\xc5.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n\xff\xd8\r\n"
	for name, c := range map[string]struct {
		url, kind, body string
		want            bool
	}{
		"form":                      {kind: form, body: "method=save&a=1", want: true},
		"form, other":               {kind: form, body: "method=find&a=1"},
		"form, %u beside":           {kind: form, body: "method=save&a=%u5F20", want: true},
		"form, other, %u beside":    {kind: form, body: "method=find&a=%u5F20"},
		"form, %u within":           {kind: form, body: "method=%u0073ave", want: true},
		"form, name not read":       {kind: form, body: "%u006dethod=save", want: true},
		"query, %u beside":          {url: "?method=save&a=%u5F20", kind: form, want: true},
		"parts":                     {kind: parts, body: file + field("method", "save") + "--b--\r\n", want: true},
		"parts, other":              {kind: parts, body: file + field("method", "find") + "--b--\r\n"},
		"parts, no name":            {kind: parts, body: "--b\r\n\r\nsave\r\n--b--\r\n", want: true},
		"parts, no boundary":        {kind: "multipart/form-data", body: field("method", "find"), want: true},
		"parts, broken off":         {kind: parts, body: file + "--b\r\nContent-Disposition: form-data; name=method\r\n\r\nsa", want: true},
		"object":                    {kind: object, body: `{"a":[{"method":"save"}]}`, want: true},
		"object, other":             {kind: object, body: `{"a":[{"method":"find"}],"b":null}`},
		"object, broken":            {kind: object, body: `{"method":`, want: true},
		"object, query not read":    {url: "?%u=1", kind: object, body: `{"method":"find"}`, want: true},
		"text":                      {kind: "text/plain", body: "method=find", want: true},
		"no kind":                   {body: "method=find", want: true},
		"nothing asked":             {kind: form},
		"another address, any body": {url: "x", kind: "text/plain", body: "method=save"},
	} {
		r := httptest.NewRequest(http.MethodPost, "http://old.example/main.do"+c.url, nil)
		r.Header.Set("Content-Type", c.kind)
		if got := g.committing(r, []byte(c.body)); got != c.want {
			t.Errorf("%s: committing %v", name, got)
		}
	}
}
