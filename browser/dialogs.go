package browser

import (
	"context"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"golang.org/x/text/unicode/norm"
)

// dialog is one message box that came up.
type dialog struct {
	Kind     page.DialogType `json:"kind"`
	Text     string          `json:"text"`
	Accepted bool            `json:"accepted"`
	Expected bool            `json:"expected,omitempty"` // denied, as the step had said
}

// unexpected says that the page asked something nobody was told to answer.
func (d dialog) unexpected() bool {
	return !d.Accepted && !d.Expected && d.Kind != page.DialogTypeAlert
}

// policy says how the dialogs of a step are answered.
type policy struct {
	confirm string // text of the one question to accept, "" for none
	answer  string // what it is told, if it is a prompt
	dismiss string // text of the one question that is expected and denied
	leaving bool   // a half-filled page may be left
}

// dialogs answers message boxes at once: the page, and every command to it,
// stands still until somebody does. Alerts are closed; everything else is denied
// but the one question a step has named, once.
type dialogs struct {
	mu sync.Mutex
	policy
	seen []dialog
	stir chan struct{} // closed at the next dialog
}

func newDialogs() *dialogs { return &dialogs{stir: make(chan struct{})} }

// arm sets the policy of the coming step.
func (d *dialogs) arm(p policy) {
	d.mu.Lock()
	defer d.mu.Unlock()
	p.confirm, p.dismiss = normal(p.confirm), normal(p.dismiss)
	d.policy = p
}

// decide notes the dialog and says how to answer it.
func (d *dialogs) decide(ev page.EventJavascriptDialogOpening) (accept bool, answer string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	expected := false
	switch ev.Type {
	case page.DialogTypeAlert:
		accept = true
	case page.DialogTypeBeforeunload:
		accept = d.leaving
	case page.DialogTypeConfirm, page.DialogTypePrompt:
		said := normal(ev.Message)
		switch {
		case d.confirm != "" && strings.Contains(said, d.confirm):
			accept, answer, d.confirm = true, d.answer, ""
			if answer == "" {
				answer = ev.DefaultPrompt
			}
		case d.dismiss != "" && strings.Contains(said, d.dismiss):
			expected, d.dismiss = true, ""
		}
	}
	d.seen = append(d.seen, dialog{Kind: ev.Type, Text: ev.Message, Accepted: accept, Expected: expected})
	close(d.stir)
	d.stir = make(chan struct{})
	return accept, answer
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

// watch answers the dialogs of one tab, as they come, until its life ends.
func (d *dialogs) watch(life context.Context, opening <-chan page.EventJavascriptDialogOpening) {
	go func() {
		for {
			select {
			case <-life.Done():
				return
			case ev := <-opening:
				accept, answer := d.decide(ev)
				// An error means that the page is gone, and its dialog with it.
				_, _ = cdp.Call(life, chromedp.FromContext(life).Target, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: accept, PromptText: answer})
			}
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
// locate/text.js has the same rule.
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
