package browser

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"time"
)

// answer is a whole reply, held in memory: half of one counts as none.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// deliver hands the answer to the browser.
func (g *gate) deliver(w http.ResponseWriter, r *http.Request, a *answer) int {
	copyHeader(w.Header(), a.header)
	w.Header().Del("Content-Length") // the server sets it from the body
	w.WriteHeader(a.status)
	g.holdBody(w, r)
	_, _ = w.Write(a.body) // the browser is gone: nobody to tell
	return a.status
}

// reach makes the connection for one changing request. net/http's transport is
// not used: it repeats requests on its own when a kept connection fails.
func (g *gate) reach(ctx context.Context, r *http.Request) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", hostPort(r.URL))
	if err != nil || r.URL.Scheme != "https" {
		return conn, err
	}
	secure := tls.Client(conn, g.upstreamTLS(r.URL.Hostname()))
	if err := secure.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, err
	}
	return secure, nil
}

// exchange writes the request once and reads the whole answer. It never repeats.
func exchange(ctx context.Context, conn net.Conn, r *http.Request, body []byte) (*answer, error) {
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	out := outgoing(ctx, r)
	out.Close = true
	if len(body) > 0 {
		out.Body, out.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	}
	if err := out.Write(conn); err != nil {
		return nil, err
	}
	return readAnswer(conn, out)
}

func readAnswer(conn net.Conn, out *http.Request) (*answer, error) {
	from := bufio.NewReader(conn)
	for {
		resp, err := http.ReadResponse(from, out)
		if err != nil {
			return nil, err
		}
		if resp.StatusCode >= 100 && resp.StatusCode < 200 {
			continue // an interim answer; the real one follows
		}
		body, err := io.ReadAll(io.LimitReader(resp.Body, bodyLimit+1))
		resp.Body.Close()
		if err != nil {
			return nil, err
		}
		if len(body) > bodyLimit {
			return nil, errors.New("answer too long")
		}
		return &answer{status: resp.StatusCode, header: resp.Header, body: body}, nil
	}
}
