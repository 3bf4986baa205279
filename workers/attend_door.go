package workers

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/store"
)

// signInDoor is where the web process reaches the sign-in pages that stand open in this
// worker's browser: TLS with a certificate of this process, which the database names,
// and a token for each page. It keeps nothing and writes no log of what passes.
type signInDoor struct {
	listener net.Listener
	server   *http.Server
	name     string // of the certificate
	pages    sync.WaitGroup

	mu   sync.Mutex
	open map[string]*openPage // by token
}

// touchAtMost bounds what one touch may carry: a code or a PIN, never a document.
const touchAtMost = 4 << 10

// openDoor listens at an address; "" is a free port that only this machine reaches.
func openDoor(ctx context.Context, address string) (*signInDoor, error) {
	if address == "" {
		address = "127.0.0.1:0"
	}
	certificate, err := newCertificate()
	if err != nil {
		return nil, err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(certificate.Certificate[0])
	d := &signInDoor{listener: tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS13}),
		name: hex.EncodeToString(sum[:]), open: map[string]*openPage{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /look", d.look)
	mux.HandleFunc("POST /touch", d.touch)
	d.server = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: time.Minute}
	go func() { _ = d.server.Serve(d.listener) }() // ends with close only
	return d, nil
}

// newCertificate makes a key for the life of this process.
func newCertificate() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<33, 0)} // told by its hash, not by its dates
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}

func (d *signInDoor) close() {
	_ = d.server.Close() // its listeners and connections are given up
}

// place names the door with a token for one more page.
func (d *signInDoor) place() store.Door {
	host, port, _ := net.SplitHostPort(d.listener.Addr().String()) // of a TCP listener
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		if name, err := os.Hostname(); err == nil {
			host = name
		}
	}
	return store.Door{Address: net.JoinHostPort(host, port), Certificate: d.name, Token: rand.Text()}
}

// let opens the door to a page for whoever has the token.
func (d *signInDoor) let(token string, window playbooks.Window) *openPage {
	p := &openPage{window: window, seen: time.Now()}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.open[token] = p
	return p
}

// end closes the page and its way.
func (d *signInDoor) end(token string) {
	d.mu.Lock()
	p := d.open[token]
	delete(d.open, token)
	d.mu.Unlock()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over = true
	_ = p.window.Close() // what it leaves behind goes with the browser
}

// page finds the page of a request's token.
func (d *signInDoor) page(r *http.Request) *openPage {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.open[token]
}

func (d *signInDoor) look(w http.ResponseWriter, r *http.Request) {
	p := d.page(r)
	if p == nil {
		http.Error(w, "no such page", http.StatusNotFound)
		return
	}
	view, err := p.look(r.Context())
	if err != nil {
		http.Error(w, casework.AsFault(err).Code, http.StatusBadGateway)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(view) // the reader is gone: nobody to tell
}

func (d *signInDoor) touch(w http.ResponseWriter, r *http.Request) {
	p := d.page(r)
	var touch playbooks.Touch
	if p == nil || json.NewDecoder(http.MaxBytesReader(w, r.Body, touchAtMost)).Decode(&touch) != nil {
		http.Error(w, "no such page", http.StatusNotFound)
		return
	}
	if err := p.touch(r.Context(), touch); err != nil {
		http.Error(w, casework.AsFault(err).Code, http.StatusBadGateway)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// openPage is one window, which serves one caller at a time.
type openPage struct {
	mu     sync.Mutex
	window playbooks.Window
	seen   time.Time // when the person last looked
	over   bool
}

var errPageClosed = errors.New("the page was closed")

func (p *openPage) look(ctx context.Context) (playbooks.View, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over {
		return playbooks.View{}, errPageClosed
	}
	p.seen = time.Now()
	return p.window.Look(ctx)
}

func (p *openPage) touch(ctx context.Context, touch playbooks.Touch) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over {
		return errPageClosed
	}
	return p.window.Touch(ctx, touch)
}

// await waits until the person has signed in. One who has gone away ends it.
func (p *openPage) await(ctx context.Context) error {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		in, away, err := p.signedIn(ctx)
		switch {
		case in || err != nil && casework.AsFault(err).Code != "timeout":
			return err
		case away > leftAlone:
			return casework.Retry("sign_in_left", "nobody looked at the sign-in page for %s", away.Round(time.Second))
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("sign-in page: %w", context.Cause(ctx))
		case <-ticker.C:
		}
	}
}

func (p *openPage) signedIn(ctx context.Context) (in bool, away time.Duration, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	in, err = p.window.SignedIn(ctx)
	return in, time.Since(p.seen), err
}
