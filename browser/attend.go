package browser

import (
	"context"
	"errors"
	"fmt"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
)

// attended is a sign-in page that a person works on; it implements playbooks.Window.
type attended struct {
	tab    *Tab
	opened mark
}

// Attend opens the sign-in page of a system's seat, fills in the account and the
// password, and leaves the rest to a person. What they see and do goes into no record.
// Faults: system_down, seat_busy (Transient), and those of a field that is not there.
func (b *Browser) Attend(ctx context.Context, system playbooks.System, access playbooks.Access, number int) (playbooks.Window, error) {
	s, err := b.take(ctx, system, access, number, secretOf(system, access))
	if err != nil {
		return nil, err
	}
	s.signedIn = false
	w := &attended{tab: &Tab{browser: b, seat: s, system: system}}
	w.tab.startOver()
	if err := w.tab.prepareSignIn(ctx); err != nil {
		return nil, errors.Join(down(err), w.Close())
	}
	w.opened = w.tab.mark()
	return w, nil
}

// Look takes a picture of the tab's window as it stands.
func (w *attended) Look(ctx context.Context) (playbooks.View, error) {
	limited, cancel := context.WithTimeout(ctx, w.tab.browser.config.Verb)
	defer cancel()
	shot, err := cdp.Call(limited, w.tab.seat.panes.front().session, page.CaptureScreenshot, page.CaptureScreenshotParams{
		Format: page.CaptureScreenshotFormatJpeg, Quality: new(int64(70)), OptimizeForSpeed: new(true)})
	if err != nil {
		return playbooks.View{}, w.tab.classify(ctx, fmt.Errorf("picture of the sign-in page: %w", err))
	}
	list, _, _ := w.tab.seat.dialogs.since(w.opened.dialogs)
	return playbooks.View{Picture: shot.Data, Said: texts(list)}, nil
}

// Touch sends mouse and keys to the tab in front.
func (w *attended) Touch(ctx context.Context, touch playbooks.Touch) error {
	limited, cancel := context.WithTimeout(ctx, w.tab.browser.config.Verb)
	defer cancel()
	p := w.tab.seat.panes.front()
	switch touch.Kind {
	case playbooks.TouchReload:
		return w.tab.prepareSignIn(limited)
	case playbooks.TouchText:
		return w.tab.classify(ctx, w.tab.keys(limited, p, touch.Text))
	case playbooks.TouchKey:
		key, known := keyNames()[touch.Text]
		if !known {
			return casework.Fail("unknown_key", "key %q", touch.Text)
		}
		return w.tab.classify(ctx, w.tab.keys(limited, p, key))
	}
	return w.tab.classify(ctx, w.point(limited, p, touch))
}

// point presses or turns the wheel at a place of the picture.
func (w *attended) point(ctx context.Context, p *pane, touch playbooks.Touch) error {
	metrics, err := cdp.Call(ctx, p.session, page.GetLayoutMetrics, cdp.Empty{})
	if err != nil {
		return err
	}
	at := input.DispatchMouseEventParams{X: touch.X * float64(metrics.CSSLayoutViewport.ClientWidth), Y: touch.Y * float64(metrics.CSSLayoutViewport.ClientHeight)}
	kinds := []input.DispatchMouseEventType{input.DispatchMouseEventTypeMouseMoved, input.DispatchMouseEventTypeMousePressed, input.DispatchMouseEventTypeMouseReleased}
	if touch.Kind == playbooks.TouchWheel {
		kinds = []input.DispatchMouseEventType{input.DispatchMouseEventTypeMouseWheel}
		at.DeltaY = touch.By
	}
	for _, kind := range kinds {
		at.Type = kind
		if kind == input.DispatchMouseEventTypeMousePressed {
			at.Button, at.ClickCount = input.MouseButtonLeft, 1
		}
		if _, err := cdp.Call(ctx, p.session, input.DispatchMouseEvent, at); err != nil {
			return err
		}
	}
	return nil
}

// SignedIn looks for the text that says so. What the person saw and did on the way is
// forgotten with it.
func (w *attended) SignedIn(ctx context.Context) (bool, error) {
	limited, cancel := context.WithTimeout(ctx, w.tab.browser.config.Verb)
	defer cancel()
	text, ready, err := w.tab.text(limited)
	if errors.Is(err, errMoved) || err == nil && !ready {
		return false, nil
	}
	if err != nil {
		return false, w.tab.classify(ctx, err)
	}
	if !says(text, []string{w.tab.system.SignIn.Done}) {
		return false, nil
	}
	if err := w.tab.arrived(limited); err != nil {
		return false, err
	}
	w.tab.startOver()
	return true, nil
}

// Close gives the seat back.
func (w *attended) Close() error {
	w.tab.startOver()
	return w.tab.Close()
}
