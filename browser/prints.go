package browser

import (
	"context"
	"fmt"
	"sync"

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
	own     bool
}

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
				s.prints.ask(p)
			}
		}
	}()
	if _, err := cdp.Call(ctx, p.session, runtime.AddBinding, runtime.AddBindingParams{Name: printBinding, ExecutionContextName: printWorld}); err != nil {
		return fmt.Errorf("ear for printing: %w", err)
	}
	_, err := cdp.Call(ctx, p.session, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
		Source: "addEventListener('beforeprint', () => " + printBinding + "(''))", WorldName: printWorld})
	return err
}

// ask notes that a page wants to be printed.
func (ps *prints) ask(p *pane) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if !ps.own && len(ps.wanted)+len(ps.printed) < printsAtMost {
		ps.wanted = append(ps.wanted, p)
	}
}

func (ps *prints) next() *pane {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if len(ps.wanted) == 0 {
		ps.own = false
		return nil
	}
	p := ps.wanted[0]
	ps.wanted, ps.own = ps.wanted[1:], true
	return p
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
