package survey

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// errRefused is what the guard says to a request that is no look at the target.
var errRefused = errors.New("the survey only reads, and only from its target")

// guard is the only way out of a walk.
type guard struct {
	host  string // with port where it is not the usual one
	under http.RoundTripper

	mu         sync.Mutex
	version    uint16 // of TLS, 0 for http
	cipher     uint16
	chain      []*x509.Certificate
	clientCert bool // the server asked for a certificate of ours
}

// newGuard lets GET requests to the host pass. It accepts any version of TLS and
// any certificate, in order to report them: nothing secret is ever sent.
func newGuard(host string) *guard {
	g := &guard{host: host}
	g.under = &http.Transport{
		DialContext:         (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
		TLSHandshakeTimeout: 5 * time.Second, ResponseHeaderTimeout: 10 * time.Second,
		MaxIdleConnsPerHost: 1, MaxResponseHeaderBytes: 64 << 10,
		TLSClientConfig: &tls.Config{
			InsecureSkipVerify: true, //nolint:gosec // reported, not trusted
			MinVersion:         tls.VersionTLS10, CipherSuites: everyCipher(),
			VerifyConnection: g.noteTLS,
			GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
				g.mu.Lock()
				defer g.mu.Unlock()
				g.clientCert = true
				return &tls.Certificate{}, nil
			},
		},
	}
	return g
}

// everyCipher names the weak ones, too: old systems have no others.
func everyCipher() (ids []uint16) {
	for _, c := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
		ids = append(ids, c.ID)
	}
	return ids
}

func (g *guard) noteTLS(state tls.ConnectionState) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.version, g.cipher, g.chain = state.Version, state.CipherSuite, state.PeerCertificates
	return nil
}

// RoundTrip refuses everything that is no GET to the host.
func (g *guard) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodGet || r.Body != nil && r.Body != http.NoBody {
		return nil, fmt.Errorf("%s: %w", r.Method, errRefused)
	}
	if r.URL.Host != g.host || r.URL.Scheme != "http" && r.URL.Scheme != "https" {
		return nil, fmt.Errorf("%s://%s: %w", r.URL.Scheme, r.URL.Host, errRefused)
	}
	return g.under.RoundTrip(r)
}

// trusted says why the target's certificate is not one that computers trust by
// themselves; "" when it is, or without TLS.
func (g *guard) untrusted(roots *x509.CertPool, now time.Time) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.chain) == 0 {
		return ""
	}
	between := x509.NewCertPool()
	for _, c := range g.chain[1:] {
		between.AddCert(c)
	}
	name, _, err := net.SplitHostPort(g.host)
	if err != nil {
		name = g.host
	}
	_, err = g.chain[0].Verify(x509.VerifyOptions{DNSName: name, Roots: roots, Intermediates: between, CurrentTime: now})
	if err != nil {
		return err.Error()
	}
	return ""
}
