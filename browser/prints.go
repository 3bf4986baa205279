package browser

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
)

// printsAtMost bounds what one run prints.
const printsAtMost = 20

// prints hears when a page prints itself. Headless Chromium shows no print window
// and blocks nothing; what was to be printed is kept as a PDF.
type prints struct {
	mu      sync.Mutex
	wanted  []*pane // in order; a page we print ourselves is left out
	printed []playbooks.File
	ours    []printing // what we print ourselves fires the same event, and news of it may come late
	last    printing   // the event asked for last
}

// printing is the time a pane was printed, or asked to be, by the machine's clock as
// pages see it.
type printing struct {
	pane     *pane
	from, to int64 // milliseconds; to is 0 while it goes on
}

// onePrint is the time within which the frames of a page tell of one and the same print.
const onePrint = 100 // ms

func newPrints() *prints { return &prints{} }

// printBinding tells us of the event; it exists in a world of its own, which the
// page can't reach.
const printBinding, printWorld = "jingbanPrints", "jingban-prints"

func (s *seat) hearPrints(ctx, life context.Context, p *pane) error {
	called := cdp.Events(life, p.session, runtime.BindingCalled)
	go func() {
		for ev, err := range called {
			if err != nil {
				return
			}
			if ev.Name == printBinding {
				s.prints.ask(p, ev.Payload)
			}
		}
	}()
	if _, err := cdp.Call(ctx, p.session, runtime.AddBinding, runtime.AddBindingParams{Name: printBinding, ExecutionContextName: printWorld}); err != nil {
		return fmt.Errorf("ear for printing: %w", err)
	}
	_, err := cdp.Call(ctx, p.session, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
		Source: "addEventListener('beforeprint', () => " + printBinding + "(String(Date.now())))", WorldName: printWorld})
	return err
}

// ask notes that a page wanted to be printed at a moment. Each frame below the one that
// prints tells of it; that is one print. What we print ourselves is none.
func (ps *prints) ask(p *pane, moment string) {
	at, err := strconv.ParseInt(moment, 10, 64)
	ps.mu.Lock()
	defer ps.mu.Unlock()
	ours := slices.ContainsFunc(ps.ours, func(o printing) bool { return o.pane == p && at >= o.from && (o.to == 0 || at <= o.to) })
	again := ps.last.pane == p && at-ps.last.from < onePrint
	if err != nil || ours || again || len(ps.wanted)+len(ps.printed) >= printsAtMost {
		return
	}
	ps.wanted, ps.last = append(ps.wanted, p), printing{pane: p, from: at}
}

// next gives the pane to be printed now, until printed is called; nil when there is none.
func (ps *prints) next() *pane {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if len(ps.wanted) == 0 {
		return nil
	}
	p := ps.wanted[0]
	ps.wanted = ps.wanted[1:]
	ps.ours = append(ps.ours[max(0, len(ps.ours)-printsAtMost):], printing{pane: p, from: time.Now().UnixMilli()})
	return p
}

// over ends the printing that next began.
func (ps *prints) over() {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	ps.ours[len(ps.ours)-1].to = time.Now().UnixMilli()
}

func (ps *prints) keep(f playbooks.File) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	ps.printed = append(ps.printed, f)
}

func (ps *prints) forget() {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	ps.wanted, ps.printed = nil, nil
}

func (ps *prints) all() []playbooks.File {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	return append([]playbooks.File(nil), ps.printed...)
}

// printOut makes the PDFs that pages have asked for. A page that has gone since
// then leaves none.
func (t *Tab) printOut(ctx context.Context) {
	for p := t.seat.prints.next(); p != nil; p = t.seat.prints.next() {
		got, err := cdp.Call(ctx, p.session, page.PrintToPDF, page.PrintToPDFParams{PaperWidth: a4Width, PaperHeight: a4Height, PrintBackground: new(true), PreferCSSPageSize: new(true)})
		t.seat.prints.over()
		if err == nil {
			t.seat.prints.keep(playbooks.File{Name: fmt.Sprintf("printed_%d.pdf", len(t.seat.prints.all())+1), MIME: "application/pdf", Data: got.Data})
		}
	}
}

// papers are the evidence of what pages have handed out or printed.
func (t *Tab) papers() []playbooks.Shot {
	var shots []playbooks.Shot
	files, _ := t.seat.saved.since(0)
	for _, f := range append(files, t.seat.prints.all()...) {
		shots = append(shots, playbooks.Shot{Kind: casework.Download, Name: f.Name, MIME: f.MIME, Data: f.Data})
	}
	return shots
}
