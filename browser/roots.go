package browser

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"

	"github.com/jingban/jingban/playbooks"
)

// A page is asked through its roots: its own frame, and each frame of another
// origin, which no script can enter from outside. Chromium keeps all of a tab's
// frames in one process (see flags), so that one session reaches every root and
// the mouse knows one set of coordinates.

// ask runs an order where it belongs, in the pane in front.
func (t *Tab) ask(ctx context.Context, o order) (found, error) {
	p := t.seat.panes.front()
	f, err := t.askIn(ctx, p, o)
	f.pane = p
	return f, err
}

func (t *Tab) askIn(ctx context.Context, p *pane, o order) (found, error) {
	roots := p.roots(p.main())
	if len(roots) == 1 {
		f, err := t.askRoot(ctx, p, roots[0], o)
		if err != nil || f.Blind == 0 {
			return f, err
		}
	}
	if o.Do == "text" && t.findApart(ctx, p, roots) {
		roots = p.roots(p.main())
	}
	if len(roots) == 1 {
		return t.askRoot(ctx, p, roots[0], o)
	}
	switch o.Do {
	case "pause", "where":
		return t.askRoot(ctx, p, p.main(), o)
	case "text":
		return t.textOf(ctx, p, roots, o)
	case "html":
		return t.htmlOf(ctx, p, roots)
	case "landed", "leave", "guard":
		return t.landedIn(ctx, p, roots, o)
	}
	return t.askOne(ctx, p, roots, o)
}

// findApart asks the frames that seem to be of the page's origin whether they let
// anybody in. It says whether one did not.
func (t *Tab) findApart(ctx context.Context, p *pane, roots []cdp.FrameID) bool {
	any := false
	for _, id := range p.inner(roots) {
		f, err := t.askRoot(ctx, p, id, order{Do: "where"})
		var at struct{ Apart bool }
		if err == nil && json.Unmarshal(f.OK, &at) == nil && at.Apart {
			p.shut(id)
			any = true
		}
	}
	return any
}

// askOne asks the one root that holds what is looked for.
func (t *Tab) askOne(ctx context.Context, p *pane, roots []cdp.FrameID, o order) (found, error) {
	root, total, several := p.main(), 0, 0
	count := o
	count.Do, count.Rows = "count", o.Do == "rows"
	if o.Do == "option" {
		count.Verb = "option"
	}
	for _, r := range roots {
		f, err := t.askRoot(ctx, p, r, count)
		if errors.Is(err, errMoved) && r != p.main() {
			continue // a frame that has just gone holds nothing
		}
		if err != nil {
			return f, err
		}
		var got struct{ Count int }
		if err := json.Unmarshal(f.OK, &got); err != nil {
			return f, fmt.Errorf("answer of the page: %w", err)
		}
		if got.Count > 0 {
			root, total, several = r, total+got.Count, several+1
		}
	}
	if several > 1 {
		return found{Fault: "ambiguous", Count: total}, nil
	}
	f, err := t.askRoot(ctx, p, root, o)
	if err != nil || f.Fault != "" || root == p.main() && o.Do != "aim" {
		return f, err
	}
	switch o.Do {
	case "aim", "menu", "option":
		return t.aimThrough(ctx, p, roots, root, f)
	}
	return f, nil
}

// aimThrough moves a point into the tab's coordinates, makes sure that nothing of
// another frame lies over it, and shields the other roots from the click.
func (t *Tab) aimThrough(ctx context.Context, p *pane, roots []cdp.FrameID, root cdp.FrameID, f found) (found, error) {
	var to point
	if err := json.Unmarshal(f.OK, &to); err != nil {
		return f, err
	}
	if root != p.main() {
		dx, dy, shown, err := t.offset(ctx, p, root)
		if err != nil {
			return f, err
		}
		if !shown {
			return found{Fault: "missing"}, nil
		}
		to.X, to.Y = to.X+dx, to.Y+dy
		over, err := t.askRoot(ctx, p, p.main(), order{Do: "over", X: to.X, Y: to.Y})
		if err != nil || over.Fault != "" {
			return over, err
		}
	}
	for _, r := range roots {
		if r == root {
			continue
		}
		if _, err := t.askRoot(ctx, p, r, order{Do: "shield"}); err != nil && !errors.Is(err, errMoved) {
			return f, err
		}
	}
	ok, err := json.Marshal(to)
	f.OK = ok
	return f, err
}

// offset is where a root's viewport begins in the tab's, and whether it is shown.
func (t *Tab) offset(ctx context.Context, p *pane, root cdp.FrameID) (dx, dy float64, shown bool, err error) {
	owner, err := cdp.Call(ctx, p.session, dom.GetFrameOwner, dom.GetFrameOwnerParams{FrameID: root})
	if err != nil {
		return 0, 0, false, moved(err)
	}
	box, err := cdp.Call(ctx, p.session, dom.GetBoxModel, dom.GetBoxModelParams{BackendNodeID: owner.BackendNodeID})
	if err != nil || len(box.Model.Content) < 2 {
		return 0, 0, false, nil //nolint:nilerr // a frame that is not shown has no box
	}
	return box.Model.Content[0], box.Model.Content[1], true, nil
}

// landedIn asks every root what the mouse has hit.
func (t *Tab) landedIn(ctx context.Context, p *pane, roots []cdp.FrameID, o order) (found, error) {
	var all watched
	for _, r := range roots {
		f, err := t.askRoot(ctx, p, r, o)
		if errors.Is(err, errMoved) {
			all.Hit = true // the click has replaced the page, or a part of it
			continue
		}
		if err != nil {
			return f, err
		}
		var seen watched
		if err := json.Unmarshal(f.OK, &seen); err != nil {
			return f, err
		}
		all.Hit, all.Missed, all.Commits = all.Hit || seen.Hit, all.Missed || seen.Missed, all.Commits || seen.Commits
	}
	ok, err := json.Marshal(all)
	return found{OK: ok}, err
}

func (t *Tab) textOf(ctx context.Context, p *pane, roots []cdp.FrameID, o order) (found, error) {
	all := pageState{Ready: true}
	var lines []string
	for _, r := range roots {
		f, err := t.askRoot(ctx, p, r, o)
		if errors.Is(err, errMoved) && r != p.main() {
			all.Ready = false
			continue
		}
		if err != nil {
			return f, err
		}
		var one pageState
		if err := json.Unmarshal(f.OK, &one); err != nil {
			return f, err
		}
		all.Ready = all.Ready && one.Ready
		lines = append(lines, one.Text)
	}
	all.Text = strings.Join(lines, "\n")
	ok, err := json.Marshal(all)
	return found{OK: ok}, err
}

// pageState is a page's visible text, and whether all of it has loaded.
type pageState struct {
	Text  string `json:"text"`
	Ready bool   `json:"ready"`
}

// frameHTML is one frame's document.
type frameHTML struct {
	Path string `json:"path"`
	HTML string `json:"html"`
}

type framesHTML struct {
	Frames []frameHTML `json:"frames"`
}

func (t *Tab) htmlOf(ctx context.Context, p *pane, roots []cdp.FrameID) (found, error) {
	var all framesHTML
	for _, r := range roots {
		f, err := t.askRoot(ctx, p, r, order{Do: "html"})
		if errors.Is(err, errMoved) && r != p.main() {
			continue
		}
		if err != nil {
			return f, err
		}
		var one framesHTML
		if err := json.Unmarshal(f.OK, &one); err != nil {
			return f, err
		}
		all.Frames = append(all.Frames, one.Frames...)
	}
	ok, err := json.Marshal(all)
	return found{OK: ok}, err
}

// element gives a handle of the field for files that a locator finds.
func (t *Tab) element(ctx context.Context, at playbooks.Locator) (dom.SetFileInputFilesParams, *pane, error) {
	p := t.seat.panes.front()
	o := order{Do: "element", Verb: playbooks.Attach, At: at}
	for _, r := range p.roots(p.main()) {
		handle, err := t.call(ctx, p, r, o, false)
		if errors.Is(err, errMoved) && r != p.main() {
			continue
		}
		if err != nil || handle.ObjectID != "" {
			return dom.SetFileInputFilesParams{ObjectID: handleID(handle)}, p, err
		}
	}
	return dom.SetFileInputFilesParams{}, p, nil
}
