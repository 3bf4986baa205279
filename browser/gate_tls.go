package browser

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// gateKey ends TLS for one Chromium. It lives in memory only; Chromium trusts
// exactly this key, so nobody else can stand between it and the gate.
type gateKey struct {
	key  *ecdsa.PrivateKey
	spki string // base64 SHA-256 of the public key, as the Chromium flag wants it

	mu    sync.Mutex
	certs map[string]*tls.Certificate // by host
}

func newGateKey() (*gateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("gate key: %w", err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return nil, fmt.Errorf("gate key: %w", err)
	}
	sum := sha256.Sum256(der)
	return &gateKey{key: key, spki: base64.StdEncoding.EncodeToString(sum[:]), certs: map[string]*tls.Certificate{}}, nil
}

// certificate makes, once per host, a self-signed certificate with the key.
func (k *gateKey) certificate(host string) (*tls.Certificate, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if c := k.certs[host]; c != nil {
		return c, nil
	}
	// Real time on purpose: Chromium, too, judges validity by the machine's clock.
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: host},
		NotBefore: time.Now().Add(-24 * time.Hour), NotAfter: time.Now().Add(300 * 24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{host}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &k.key.PublicKey, k.key)
	if err != nil {
		return nil, fmt.Errorf("gate certificate: %w", err)
	}
	c := &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: k.key}
	k.certs[host] = c
	return c, nil
}

// upstreamTLS checks the system's certificate as any client does. TLS 1.2 is
// the floor; HTTP/2 is never offered, since it would share connections.
// The certificate named by the system's file is that of the system itself: any
// further host is checked as usual.
func (g *gate) upstreamTLS(host string) *tls.Config {
	config := &tls.Config{RootCAs: g.roots, ServerName: host, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}
	if home, _, err := net.SplitHostPort(g.home); g.pin == "" || err != nil || !strings.EqualFold(home, host) {
		return config
	}
	config.InsecureSkipVerify = true // the one certificate is known beforehand, so nobody has to vouch for it
	config.VerifyConnection = func(s tls.ConnectionState) error {
		sum := sha256.Sum256(s.PeerCertificates[0].Raw)
		if !strings.EqualFold("sha256:"+hex.EncodeToString(sum[:]), g.pin) {
			return errors.New("the system shows another certificate than its file names")
		}
		return nil
	}
	return config
}

// dialTLS connects for requests that change nothing.
func (g *gate) dialTLS(ctx context.Context, network, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	return (&tls.Dialer{NetDialer: &net.Dialer{Timeout: dialTimeout}, Config: g.upstreamTLS(host)}).DialContext(ctx, network, address)
}

// tunnelHost is the context key of the host a CONNECT asked for.
type tunnelHost struct{}

// tunnelConn is an ended TLS connection that remembers that host.
type tunnelConn struct {
	net.Conn
	host string
}

func withTunnelHost(ctx context.Context, c net.Conn) context.Context {
	if t, ok := c.(*tunnelConn); ok {
		return context.WithValue(ctx, tunnelHost{}, t.host)
	}
	return ctx
}

// tunnel answers CONNECT: it ends TLS here and serves what comes out of it.
func (g *gate) tunnel(w http.ResponseWriter, r *http.Request) {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil || !g.allowed[r.Host] {
		rec := g.begin(r)
		status, note := g.refuse(w, http.StatusForbidden, "host not allowed")
		g.end(rec, status, note)
		return
	}
	cert, err := g.key.certificate(host)
	if err != nil {
		http.Error(w, gateErrorTitle, http.StatusInternalServerError)
		return
	}
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, gateErrorTitle, http.StatusInternalServerError)
		return
	}
	if _, err := conn.Write([]byte("HTTP/1.1 200 Connection established\r\n\r\n")); err != nil {
		conn.Close()
		return
	}
	inside := tls.Server(&bufferedConn{Conn: conn, from: buffered.Reader},
		&tls.Config{Certificates: []tls.Certificate{*cert}, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}})
	_ = g.nextConn.Serve(&oneConn{conn: &tunnelConn{Conn: inside, host: r.Host}, addr: conn.LocalAddr()}) // always ends with net.ErrClosed
}

// serveInside handles a request that came out of an ended TLS connection.
func (g *gate) serveInside(w http.ResponseWriter, r *http.Request) {
	host, _ := r.Context().Value(tunnelHost{}).(string)
	r.URL.Scheme, r.URL.Host = "https", host
	g.forward(w, r)
}

// bufferedConn reads first what the proxy server had read ahead.
type bufferedConn struct {
	net.Conn
	from *bufio.Reader
}

// Read satisfies net.Conn.
func (c *bufferedConn) Read(p []byte) (int, error) { return c.from.Read(p) }

// oneConn is a listener that accepts one connection and then says it is closed;
// the connection is served on.
type oneConn struct {
	conn net.Conn
	addr net.Addr
}

// Accept satisfies net.Listener.
func (l *oneConn) Accept() (net.Conn, error) {
	if l.conn == nil {
		return nil, net.ErrClosed
	}
	c := l.conn
	l.conn = nil
	return c, nil
}

// Close satisfies net.Listener.
func (l *oneConn) Close() error { return nil }

// Addr satisfies net.Listener.
func (l *oneConn) Addr() net.Addr { return l.addr }
