package browser

import (
	"context"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"golang.org/x/text/unicode/norm"
)

// dialog is one message box that came up.
type dialog struct {
	Kind     page.DialogType `json:"kind"`
	Text     string          `json:"text"`
	Accepted bool            `json:"accepted"`
}

// unexpected says that the page asked something nobody was told to answer.
func (d dialog) unexpected() bool {
	return !d.Accepted && d.Kind != page.DialogTypeAlert
}

// dialogs answers message boxes at once: the page, and every command to it,
// stands still until somebody does. Alerts are closed; everything else is denied
// but the one confirm a commit has named, once.
type dialogs struct {
	mu      sync.Mutex
	confirm string // normalised text of the one confirm to accept, "" for none
	leaving bool   // a half-filled page may be left
	seen    []dialog
	stir    chan struct{} // closed at the next dialog
}

func newDialogs() *dialogs { return &dialogs{stir: make(chan struct{})} }

// arm sets the policy of the coming step.
func (d *dialogs) arm(confirm string, leaving bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.confirm, d.leaving = normal(confirm), leaving
}

// decide notes the dialog and says how to answer it.
func (d *dialogs) decide(ev page.EventJavascriptDialogOpening) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	accept := false
	switch ev.Type {
	case page.DialogTypeAlert:
		accept = true
	case page.DialogTypeBeforeunload:
		accept = d.leaving
	case page.DialogTypeConfirm:
		if d.confirm != "" && strings.Contains(normal(ev.Message), d.confirm) {
			accept, d.confirm = true, ""
		}
	}
	d.seen = append(d.seen, dialog{Kind: ev.Type, Text: ev.Message, Accepted: accept})
	close(d.stir)
	d.stir = make(chan struct{})
	return accept
}

// since gives the dialogs after the mark, the next mark, and a channel that
// closes at the next dialog.
func (d *dialogs) since(mark int) ([]dialog, int, <-chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	mark = min(mark, len(d.seen))
	return append([]dialog(nil), d.seen[mark:]...), len(d.seen), d.stir
}

func (d *dialogs) forget() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.seen = nil
}

// watch answers the dialogs of one page until its context ends.
func (d *dialogs) watch(ctx context.Context, session cdp.Session) {
	opening := cdp.Events(ctx, session, page.JavascriptDialogOpening)
	go func() {
		for ev, err := range opening {
			if err != nil {
				return
			}
			// An error means that the page is gone, and its dialog with it.
			_, _ = cdp.Call(ctx, session, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: d.decide(ev)})
		}
	}()
}

func texts(list []dialog) []string {
	var out []string
	for _, d := range list {
		out = append(out, d.Text)
	}
	return out
}

// normal is how texts are compared: NFKC, without spaces, colons and asterisks.
// locate.js has the same rule.
func normal(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ':' || r == '*' || r == '\ufeff' || (r >= '\u200b' && r <= '\u200d'):
			return -1
		case strings.ContainsRune(" \t\r\n\v\f\u0085\u00a0\u2028\u2029\u3000", r):
			return -1
		}
		return r
	}, norm.NFKC.String(s))
}

// says reports whether a text holds any of the given ones.
func says(text string, any []string) bool {
	for _, a := range any {
		if n := normal(a); n != "" && strings.Contains(normal(text), n) {
			return true
		}
	}
	return false
}
