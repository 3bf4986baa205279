package browser

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"os"
	"strconv"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
)

//go:embed record.js
var recordScript string

// recordWorld is the isolated script world in which a page is watched.
const recordWorld = "jingban-record"

// RecorderConfig says in which Chromium a person's work is watched.
type RecorderConfig struct {
	Chromium string // path; "" looks it up
	Profile  string // folder of the profile
	Headed   bool   // with a window; needs a display
}

// Recorder is a Chromium of a person's own, in which their work is watched: frames of
// the page's origin and pop-ups included. It stands on the person's desk, without a
// gate, and notes what was pressed and which fields were written, never what into them.
type Recorder struct {
	script string
	ctx    context.Context //nolint:containedctx // chromedp keeps the browser in it
	cancel context.CancelFunc

	mu    sync.Mutex
	known map[target.ID]bool
	deeds []playbooks.Deed
	asked string // text of the question that stands open
	over  chan struct{}
	left  int // windows that stand open
}

// Record opens the window at an address. Faults: chromium_missing, page_down.
func Record(ctx context.Context, c RecorderConfig, url string) (*Recorder, error) {
	path, err := lookUp(c.Chromium, c.Headed)
	if err != nil {
		return nil, err
	}
	r := &Recorder{known: map[target.ID]bool{}, over: make(chan struct{})}
	if r.script, err = watchScript(); err != nil {
		return nil, err
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.UserDataDir(c.Profile), chromedp.Flag("enable-automation", false),
		chromedp.Flag("disable-features", "Translate,HttpsUpgrades,IsolateOrigins,site-per-process"), chromedp.Flag("disable-site-isolation-trials", true))
	if c.Headed {
		options = append(options, chromedp.VisibleWindow)
	}
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // a desk has no root; a container may
	}
	life, end := chromedp.NewExecAllocator(ctx, options...)
	tab, closeTab := chromedp.NewContext(life)
	r.ctx, r.cancel = tab, func() { closeTab(); end() }
	if err := r.begin(url); err != nil {
		r.cancel()
		return nil, casework.Retry("page_down", "recorder: %w", err)
	}
	return r, nil
}

// watchScript is the locating script with what listens, in one world.
func watchScript() (string, error) {
	script, err := locateScript("jingbanRecord", "record")
	return script + ";\n" + strings.ReplaceAll(recordScript, "NAME", strconv.Quote("jingbanRecord")), err
}

func (r *Recorder) begin(url string) error {
	if err := chromedp.Do(r.ctx); err != nil {
		return err
	}
	first := chromedp.FromContext(r.ctx).Target
	r.known[first.TargetID] = true
	if err := r.watch(r.ctx, first); err != nil {
		return err
	}
	err := chromedp.ListenBrowser(r.ctx, func(ev any) {
		switch ev := ev.(type) {
		case *target.EventTargetCreated:
			if ev.TargetInfo.Type == "page" {
				go r.adopt(ev.TargetInfo.TargetID)
			}
		case *target.EventTargetDestroyed:
			r.closed(ev.TargetID)
		}
	})
	if err != nil {
		return err
	}
	_, err = chromedp.CallBrowser(r.ctx, target.SetDiscoverTargets, target.SetDiscoverTargetsParams{Discover: true, Filter: target.Filter{{Type: "page"}, {Exclude: true}}})
	return errors.Join(err, chromedp.Do(r.ctx, chromedp.Navigate(url)))
}

// adopt watches a pop-up, too.
func (r *Recorder) adopt(id target.ID) {
	r.mu.Lock()
	known := r.known[id]
	r.known[id] = true
	r.mu.Unlock()
	if known {
		return
	}
	tab, cancel := chromedp.NewContext(r.ctx, chromedp.WithTargetID(id))
	if err := chromedp.Do(tab); err != nil {
		cancel() // it has closed itself already
		return
	}
	if err := r.watch(tab, chromedp.FromContext(tab).Target); err != nil {
		cancel()
	}
}

// closed counts the windows; the last one ends the recording.
func (r *Recorder) closed(id target.ID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.known[id] || r.left == 0 {
		return
	}
	if r.left--; r.left == 0 {
		close(r.over)
	}
}

// watch listens to one window.
func (r *Recorder) watch(ctx context.Context, tab *chromedp.Target) error {
	err := chromedp.Listen(ctx, r.note)
	_, err1 := cdp.Call(ctx, tab, runtime.AddBinding, runtime.AddBindingParams{Name: "jingbanTell", ExecutionContextName: recordWorld})
	_, err2 := cdp.Call(ctx, tab, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: r.script, WorldName: recordWorld, RunImmediately: new(true)})
	if err := errors.Join(err, err1, err2); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.left++
	return nil
}

// note takes what the page tells, in order. A question that was answered with yes
// belongs to what was pressed before it.
func (r *Recorder) note(event any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch ev := event.(type) {
	case *runtime.EventBindingCalled:
		var d playbooks.Deed
		if ev.Name != "jingbanTell" || json.Unmarshal([]byte(ev.Payload), &d) != nil {
			return
		}
		r.deeds = append(r.deeds, d)
	case *page.EventJavascriptDialogOpening:
		r.asked = ""
		if ev.Type != page.DialogTypeAlert {
			r.asked = ev.Message
		}
	case *page.EventJavascriptDialogClosed:
		if last := len(r.deeds) - 1; last >= 0 && ev.Result && r.asked != "" {
			r.deeds[last].Confirm = r.asked
		}
		r.asked = ""
	}
}

// Deeds are what the person has done so far.
func (r *Recorder) Deeds() []playbooks.Deed {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]playbooks.Deed(nil), r.deeds...)
}

// Over is closed when the person has closed the last window.
func (r *Recorder) Over() <-chan struct{} { return r.over }

// Close ends the Chromium.
func (r *Recorder) Close() error {
	r.cancel()
	return nil
}
