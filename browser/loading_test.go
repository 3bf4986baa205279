package browser

import (
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
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
