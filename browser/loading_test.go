package browser

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"

	"github.com/jingban/jingban/casework"
)

func TestWhatLoadedInsideADocumentEndsWithIt(t *testing.T) {
	started := func(id cdp.FrameID) any { return &page.EventFrameStartedLoading{FrameID: id} }
	within := func(id, parent cdp.FrameID) any { return &page.EventFrameAttached{FrameID: id, ParentFrameID: parent} }
	replaced := func(id cdp.FrameID) any { return &page.EventFrameNavigated{Frame: &cdp.Frame{ID: id}} }
	for name, c := range map[string]struct {
		events []any
		busy   bool
	}{
		"a frame loads":                     {[]any{within("a", "top"), started("a")}, true},
		"the whole page is another":         {[]any{within("a", "top"), within("b", "a"), started("b"), replaced("top")}, false},
		"the frame around it is another":    {[]any{within("a", "top"), within("b", "a"), started("b"), replaced("a")}, false},
		"another frame is another":          {[]any{within("a", "top"), within("b", "top"), started("b"), replaced("a")}, true},
		"the frame around it is taken away": {[]any{within("a", "top"), within("b", "a"), started("b"), &page.EventFrameDetached{FrameID: "a"}}, false},
		"the new page loads":                {[]any{within("a", "top"), started("a"), started("top"), replaced("top"), within("c", "top")}, true},
		"its frame loads":                   {[]any{replaced("top"), within("c", "top"), started("c")}, true},
	} {
		l := newLoading()
		for _, event := range c.events {
			l.note(event)
		}
		if busy, _ := l.state(); busy != c.busy {
			t.Errorf("%s: busy %v", name, busy)
		}
		l.forget()
		if busy, _ := l.state(); busy {
			t.Errorf("%s: forgotten and yet busy", name)
		}
	}
}

func TestWhatAFormerPageStillAskedForSaysNothingAboutTheNext(t *testing.T) {
	site := newSite(t, map[string]string{"/page": "<p>功能</p>", "/waiting": `<iframe src="/never"></iframe>`, "/good": "<p>好</p>"})
	release := make(chan struct{})
	t.Cleanup(func() { close(release) })
	site.mux.HandleFunc("GET /never", func(http.ResponseWriter, *http.Request) { <-release })
	site.mux.HandleFunc("GET /cut", hangUp)
	tab := seatAt(t, site.URL)
	short, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if _, err := tab.visit(short, site.URL+"/waiting"); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	if text, err := tab.visit(t.Context(), site.URL+"/good"); err != nil || !strings.Contains(text, "好") {
		t.Errorf("%q, %v", text, err) // the frame that was left ended with an error of its own
	}
	if _, err := tab.visit(t.Context(), site.URL+"/cut"); casework.AsFault(err).Code != "page_down" {
		t.Errorf("a page that is cut off: %v", err)
	}
}
