package browser

import (
	"context"
	"fmt"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/jingban/jingban/casework"
)

// A4 in inches, which is what the protocol counts in.
const (
	a4Width  = 8.27
	a4Height = 11.69
)

// PDF prints a paper. The HTML must hold everything it shows: the tab it is
// rendered in reaches no network at all.
func (b *Browser) PDF(ctx context.Context, html []byte) ([]byte, error) {
	var pdf []byte
	err := b.render(ctx, html, func(ctx context.Context, s cdp.Session) error {
		got, err := cdp.Call(ctx, s, page.PrintToPDF, page.PrintToPDFParams{
			PaperWidth: a4Width, PaperHeight: a4Height, PrintBackground: new(true), PreferCSSPageSize: new(true)})
		pdf = got.Data
		return err
	})
	return pdf, err
}

// Screenshot renders HTML and gives a PNG of all of it.
func (b *Browser) Screenshot(ctx context.Context, html []byte) ([]byte, error) {
	var png []byte
	err := b.render(ctx, html, func(ctx context.Context, s cdp.Session) error {
		got, err := cdp.Call(ctx, s, page.CaptureScreenshot, page.CaptureScreenshotParams{
			Format: page.CaptureScreenshotFormatPng, CaptureBeyondViewport: new(true)})
		png = got.Data
		return err
	})
	return png, err
}

// Version gives Chromium's name and version.
func (b *Browser) Version(ctx context.Context) (string, error) {
	got, err := cdp.Call(ctx, chromedp.FromContext(b.ctx).Browser, cdpbrowser.GetVersion, cdp.Empty{})
	if err != nil {
		return "", casework.Retry("page_down", "Chromium's version: %w", err)
	}
	return got.Product, nil
}

// render puts the HTML into a tab of its own, waits for its fonts and pictures,
// and lets take have it.
func (b *Browser) render(ctx context.Context, html []byte, take func(context.Context, cdp.Session) error) error {
	ctx, cancel := context.WithTimeout(ctx, 2*b.config.Verb)
	defer cancel()
	_, tab, done, err := openTab(ctx, b.ctx, nil)
	if err != nil {
		return err
	}
	defer done()
	if err := fillIn(ctx, tab, html); err != nil {
		return casework.Retry("page_down", "render: %w", err)
	}
	if err := take(ctx, tab); err != nil {
		return casework.Retry("page_down", "render: %w", err)
	}
	return nil
}

func fillIn(ctx context.Context, s *chromedp.Target, html []byte) error {
	_, err := cdp.Call(ctx, s, page.SetDocumentContent, page.SetDocumentContentParams{
		FrameID: cdp.FrameID(s.TargetID), HTML: string(html)})
	if err != nil {
		return err
	}
	const ready = `(async () => { await document.fonts.ready; await Promise.all([...document.images].map((i) => i.decode().catch(() => {}))); })()`
	got, err := cdp.Call(ctx, s, runtime.Evaluate, runtime.EvaluateParams{Expression: ready, AwaitPromise: new(true)})
	if err == nil && got.ExceptionDetails != nil {
		err = fmt.Errorf("script: %s", scriptError(got.ExceptionDetails))
	}
	return err
}
