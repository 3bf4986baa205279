package browser

import (
	"net/http"
	"path"
	"strings"
	"time"
)

// begin notes a request as under way.
func (g *gate) begin(r *http.Request) *record {
	rec := &record{At: g.now().UTC(), Method: r.Method, Host: r.URL.Host, Path: r.URL.Path, begun: time.Now(), page: loadsPage(r)}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inflight[rec] = true
	if !plainFile(r) {
		g.lastAsked = rec.begun
	}
	g.stirred()
	return rec
}

// end notes how a request ended.
func (g *gate) end(rec *record, status int, note string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	rec.Status, rec.Note, rec.Millis = status, note, time.Since(rec.begun).Milliseconds()
	delete(g.inflight, rec)
	if len(g.records) < recordsAtMost {
		g.records = append(g.records, *rec)
	}
	g.stirred()
}

// stirred wakes whoever waits for traffic. The lock is held.
func (g *gate) stirred() {
	g.touched = time.Now()
	close(g.stir)
	g.stir = make(chan struct{})
}

// asked says that something but plain files was asked for since then, be it only
// read: a script may save by a GET of its own.
func (g *gate) asked(since time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return !g.lastAsked.Before(since)
}

// plainFile tells a picture, style or script of a page by its name. With a query
// it may be anything.
func plainFile(r *http.Request) bool {
	if r.URL.RawQuery != "" || r.Method != http.MethodGet {
		return false
	}
	switch strings.ToLower(path.Ext(r.URL.Path)) {
	case ".gif", ".png", ".jpg", ".jpeg", ".bmp", ".ico", ".svg", ".cur", ".css", ".js", ".htc", ".woff", ".woff2", ".ttf", ".eot":
		return true
	}
	return false
}

// history gives the requests that ended since the mark, in order, and the next mark.
func (g *gate) history(mark int) ([]record, int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	mark = min(mark, len(g.records))
	return append([]record(nil), g.records[mark:]...), len(g.records)
}

// forget empties the history for the next run.
func (g *gate) forget() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.records = nil
}

// traffic says whether requests that matter for "settled" are under way, when
// the last one began or ended, and gives a channel that closes at the next.
func (g *gate) traffic() (busy bool, touched time.Time, stir <-chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for rec := range g.inflight {
		if rec.page || changes(rec.Method) || time.Since(rec.begun) < longPoll {
			busy = true
		}
	}
	return busy, g.touched, g.stir
}
