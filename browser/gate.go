package browser

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// Bounds of the gate. A body is held in memory until it may leave.
const (
	bodyLimit      = 64 << 20
	dialTimeout    = 10 * time.Second
	answerTimeout  = 2 * time.Minute // of one upstream exchange
	longPoll       = 3 * time.Second // older requests that load no page don't disturb "settled"
	recordsAtMost  = 2000
	gateErrorTitle = "gate"
)

// gate is the one way out of a seat: a forward proxy on loopback that knows
// which host is allowed and which changing request may leave.
type gate struct {
	allowed  map[string]bool // "host:port"; empty lets nothing out
	roots    *x509.CertPool  // upstream certificates are checked against it; nil is the system's
	key      *gateKey
	now      func() time.Time
	listener net.Listener
	server   *http.Server
	reading  *http.Transport // for requests that change nothing; may keep connections

	pin          string                // "sha256:…" of the one certificate the system shows, "" for the usual check
	credentials  [2]string             // account and password of basic authentication; empty sends none
	home, scheme string                // host:port of the base URL, the only one that is sent them, and how it is reached
	await        func(context.Context) // waits until a page may come in; nil never waits
	commits      []*url.URL            // addresses that only a commit may ask for, and what must be asked of them

	mu       sync.Mutex
	window   *window         // the commit in progress, nil when there is none
	spent    bool            // a commit is over and its page still stands: nothing changing may leave
	passed   map[string]bool // digests of what commits sent, until verified
	records  []record
	inflight map[*record]bool
	touched  time.Time     // of the last beginning or end of a request
	stir     chan struct{} // closed at the next one
	nextConn *http.Server  // serves the inside of ended TLS connections

	lastAsked time.Time // when anything but a plain file was last asked for
	denied    bool      // the system wants another account than the one that was sent
}

// record is one request as evidence: no query values, no body.
type record struct {
	At     time.Time `json:"at"`
	Method string    `json:"method"`
	Host   string    `json:"host"`
	Path   string    `json:"path"`
	Status int       `json:"status"`
	Millis int64     `json:"ms"`
	Note   string    `json:"note,omitempty"` // why the gate itself answered

	begun time.Time
	page  bool // loads a page or a frame
}

// openGate starts a gate that lets requests out to the base URL's host only. An
// empty base lets nothing out.
func openGate(base string, key *gateKey, roots *x509.CertPool, now func() time.Time) (*gate, error) {
	allowed, err := allowedHosts(base)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	g := &gate{
		allowed: allowed, roots: roots, key: key, now: now, listener: listener,
		passed: map[string]bool{}, inflight: map[*record]bool{}, touched: time.Now(), stir: make(chan struct{}),
	}
	if u, err := url.Parse(base); err == nil && base != "" {
		g.home, g.scheme = hostPort(u), strings.ToLower(u.Scheme)
	}
	g.reading = &http.Transport{
		DialTLSContext: g.dialTLS, DisableCompression: true, ForceAttemptHTTP2: false,
		DialContext: (&net.Dialer{Timeout: dialTimeout}).DialContext, MaxIdleConnsPerHost: 4,
		IdleConnTimeout: 30 * time.Second, ResponseHeaderTimeout: answerTimeout,
	}
	quiet := slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug) // a lost client connection is no news
	g.server = &http.Server{Handler: g, ErrorLog: quiet, ReadHeaderTimeout: dialTimeout}
	g.nextConn = &http.Server{Handler: http.HandlerFunc(g.serveInside), ErrorLog: quiet, ReadHeaderTimeout: answerTimeout,
		ConnContext: withTunnelHost}
	go g.server.Serve(listener) //nolint:errcheck // ends with close
	return g, nil
}

// allowedHosts gives the host and port of the base URL; with a default port the
// other scheme's default port is allowed, too.
func allowedHosts(base string) (map[string]bool, error) {
	if base == "" {
		return map[string]bool{}, nil
	}
	u, err := url.Parse(base)
	if err != nil || u.Hostname() == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, errors.New("base URL: want http://host or https://host") // the URL itself may hold a secret
	}
	hosts := map[string]bool{hostPort(u): true}
	if p := u.Port(); p == "" || p == "80" || p == "443" {
		hosts[net.JoinHostPort(u.Hostname(), "80")] = true
		hosts[net.JoinHostPort(u.Hostname(), "443")] = true
	}
	return hosts, nil
}

func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}

// allow lets requests out to one more host, "name" or "name:port".
func (g *gate) allow(host string) {
	host = strings.ToLower(host)
	if _, _, err := net.SplitHostPort(host); err == nil {
		g.allowed[host] = true
		return
	}
	g.allowed[net.JoinHostPort(host, "80")], g.allowed[net.JoinHostPort(host, "443")] = true, true
}

// authorise adds the account to what goes to the system itself, and by the
// protocol it is reached by: a redirect must not bring a password into the open.
func (g *gate) authorise(r *http.Request) {
	if g.credentials[0] != "" && hostPort(r.URL) == g.home && r.URL.Scheme == g.scheme && r.Header.Get("Authorization") == "" {
		r.SetBasicAuth(g.credentials[0], g.credentials[1])
	}
}

// judgeAccount notes an answer that wants another account than the one it was sent.
func (g *gate) judgeAccount(r *http.Request, status int, header http.Header) {
	if g.credentials[0] == "" || hostPort(r.URL) != g.home || !loadsPage(r) {
		return
	}
	asks := slices.ContainsFunc(header.Values("WWW-Authenticate"), func(c string) bool {
		scheme, _, _ := strings.Cut(strings.TrimSpace(c), " ")
		return strings.EqualFold(scheme, "Basic")
	})
	g.mu.Lock()
	defer g.mu.Unlock()
	g.denied = status == http.StatusUnauthorized && asks
}

// deniesAccount says that the last page was refused to the account.
func (g *gate) deniesAccount() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.denied
}

// address is what Chromium gets as its proxy.
func (g *gate) address() string { return "http://" + g.listener.Addr().String() }

func (g *gate) close() {
	g.server.Close()
	g.nextConn.Close()
	g.reading.CloseIdleConnections()
}

// ServeHTTP answers what Chromium asks of its proxy.
func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method == http.MethodConnect:
		g.tunnel(w, r)
	case r.URL.Host == "":
		http.Error(w, gateErrorTitle, http.StatusBadRequest)
	default:
		g.forward(w, r)
	}
}

// forward is the way of every request, from plain http and from inside TLS.
func (g *gate) forward(w http.ResponseWriter, r *http.Request) {
	rec := g.begin(r)
	g.authorise(r)
	status, note := g.route(w, r)
	g.end(rec, status, note)
}

func (g *gate) route(w http.ResponseWriter, r *http.Request) (status int, note string) {
	if !g.allowed[hostPort(r.URL)] {
		return g.refuse(w, http.StatusForbidden, "host not allowed")
	}
	if r.Header.Get("Upgrade") != "" {
		return g.refuse(w, http.StatusNotImplemented, "upgrade not allowed")
	}
	if !changes(r.Method) && !g.guardsPages(r) && !g.committing(r, nil) {
		return g.passReading(w, r)
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, bodyLimit+1))
	if err != nil || len(body) > bodyLimit {
		return g.refuse(w, http.StatusRequestEntityTooLarge, "body not read")
	}
	return g.passChanging(w, r, body)
}

// changes says whether a method may change something.
func changes(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return false
	}
	return true
}

// loadsPage tells a navigation from a script's or picture's request: Chromium
// asks for text/html by name only when it loads a document.
func loadsPage(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "text/html")
}

// refuse answers in the gate's own name. The browser gets an answer in every
// case, because an unanswered request is sent again by Chromium.
func (g *gate) refuse(w http.ResponseWriter, status int, note string) (int, string) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, gateErrorTitle+": "+note) // the browser is gone: nobody to tell
	return status, note
}

// passReading forwards what changes nothing; the transport may repeat it.
func (g *gate) passReading(w http.ResponseWriter, r *http.Request) (int, string) {
	ctx, cancel := context.WithTimeout(r.Context(), answerTimeout)
	defer cancel()
	resp, err := g.reading.RoundTrip(outgoing(ctx, r))
	if err != nil {
		return g.refuse(w, http.StatusBadGateway, "no answer")
	}
	defer resp.Body.Close()
	g.judgeAccount(r, resp.StatusCode, resp.Header)
	copyHeader(w.Header(), resp.Header)
	w.WriteHeader(resp.StatusCode)
	g.holdBody(w, r)
	if _, err := io.Copy(w, resp.Body); err != nil {
		panic(http.ErrAbortHandler) // the browser must not take half a page for a whole one
	}
	return resp.StatusCode, ""
}

// holdBody keeps a page's text back between its headers, by which Chromium makes
// the document, and its first byte, by which the document's scripts begin.
func (g *gate) holdBody(w http.ResponseWriter, r *http.Request) {
	if !loadsPage(r) || g.await == nil {
		return
	}
	if err := http.NewResponseController(w).Flush(); err == nil {
		g.await(r.Context())
	}
}

// outgoing is the request as it leaves: without a body and without the headers
// that belong to the connection to us.
func outgoing(ctx context.Context, r *http.Request) *http.Request {
	out := r.Clone(ctx)
	out.RequestURI = ""
	out.Body, out.GetBody, out.ContentLength = nil, nil, 0
	out.Close = false
	for _, h := range hopByHop(r.Header) {
		out.Header.Del(h)
	}
	return out
}

// hopByHop names the headers of one connection (RFC 9110 §7.6.1).
func hopByHop(h http.Header) []string {
	names := []string{"Connection", "Proxy-Connection", "Keep-Alive", "Proxy-Authenticate",
		"Proxy-Authorization", "Te", "Trailer", "Transfer-Encoding", "Upgrade"}
	for _, list := range h.Values("Connection") {
		for name := range strings.SplitSeq(list, ",") {
			names = append(names, strings.TrimSpace(name))
		}
	}
	return names
}

func copyHeader(to, from http.Header) {
	for name, values := range from {
		to[name] = append([]string(nil), values...)
	}
	for _, h := range hopByHop(from) {
		to.Del(h)
	}
}
