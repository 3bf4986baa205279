package browser

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"slices"

	"github.com/chromedp/cdproto/cdp"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
)

// A text may stand in pixels alone: on a button that is a picture, in the cells of
// a canvas. Where no element says what is wanted, what only shows pixels is
// photographed and read, and the click goes to the one place that says exactly it.
// Texts of the document are not read: what they say, the locators know better.
// Whatever is found so is found by a fallback, which never commits by itself.

// Sight reads the texts in a picture; it is handed in, because whoever reads lives in
// a process of its own.
type Sight func(ctx context.Context, png []byte) (casework.Reading, error)

// sightTries is how often a page may change between being read and being aimed at.
const sightTries = 3

// surfacesAtMost bounds what one look reads; a page with more is no form.
const surfacesAtMost = 120

// surface is one element that may show a text in pixels. Its box is in CSS pixels of
// the tab's viewport.
type surface struct {
	X      float64 `json:"x"`
	Y      float64 `json:"y"`
	W      float64 `json:"w"`
	H      float64 `json:"h"`
	Seen   bool    `json:"seen"`   // all of it can be seen
	Canvas bool    `json:"canvas"` // it is no picture from a file
	Same   int     `json:"same"`   // the first one of its root with the same picture

	root  cdp.FrameID
	index int // in its root
	tile  *image.Gray
	lines []spotted
}

// spotted is a text in a surface; its box is in shares of the surface.
type spotted struct {
	text       string
	confidence float64
	x, y, w, h float64
}

// spot is the one place that says what is wanted.
type spot struct {
	at   *surface
	line spotted
}

// sees says that a locator may be looked for in pixels.
func (t *Tab) sees(at playbooks.Locator) bool {
	return t.browser.config.Sight != nil && at.CSS == "" && at.Label == "" && (at.Table == "" || at.Column != "" && at.Row != "")
}

// sight finds a locator's text in pixels, aims at it and sets the watch.
func (t *Tab) sight(ctx context.Context, at playbooks.Locator, never []string) (point, error) {
	if slices.ContainsFunc(never, func(name string) bool { return slices.Contains(wishes(at), reduced(name)) }) {
		return point{}, outside(describe(at))
	}
	for range sightTries {
		p := t.seat.panes.front()
		list, err := t.surfaces(ctx, p)
		if err == nil {
			err = t.readAll(ctx, list)
		}
		if err != nil {
			return point{}, err
		}
		found, err := t.spot(ctx, p, at, list)
		if err != nil {
			return point{}, err
		}
		to, same, err := t.pointAt(ctx, p, found, never)
		if err != nil {
			return point{}, err
		}
		if same {
			t.sighted = append(t.sighted, sighting{Wanted: wanted(at), Read: found.line.text, Confidence: found.line.confidence, picture: found.at.marked(found.line)})
			return to, nil
		}
	}
	return point{}, casework.AskPerson("element_moving", "%s changes while it is read", describe(at))
}

// wanted is the text a locator's element bears.
func wanted(at playbooks.Locator) string {
	return at.Button + at.Link + at.Text + at.Column
}

// surfaces lists what shows pixels in a pane and photographs each, bringing it into
// view where it is not. The first surfaces of a picture stand for all of it.
func (t *Tab) surfaces(ctx context.Context, p *pane) ([]*surface, error) {
	var all []*surface
	for _, root := range p.roots(p.main()) {
		f, err := t.askRoot(ctx, p, root, order{Do: "surfaces"})
		if errors.Is(err, errMoved) && root != p.main() {
			continue
		}
		if err != nil {
			return nil, err
		}
		var got struct{ Surfaces []*surface }
		if err := json.Unmarshal(f.OK, &got); err != nil {
			return nil, err
		}
		for i, s := range got.Surfaces {
			s.root, s.index = root, i
		}
		all = append(all, got.Surfaces...)
	}
	if len(all) > surfacesAtMost {
		return nil, casework.AskPerson("element_missing", "the page has %d pictures, too many to be read", len(all))
	}
	return all, t.photograph(ctx, p, all)
}

// photograph gives each surface its picture.
func (t *Tab) photograph(ctx context.Context, p *pane, all []*surface) error {
	view, err := t.look(ctx, p)
	if err != nil {
		return err
	}
	first := map[cdp.FrameID]int{}
	for i, s := range all {
		if _, known := first[s.root]; !known {
			first[s.root] = i
		}
		if s.Same != s.index {
			s.tile = all[first[s.root]+s.Same].tile
			continue
		}
		if s.root == p.main() && s.Seen {
			s.tile = view.crop(s)
			continue
		}
		if err := t.reveal(ctx, p, s); err != nil {
			return err
		}
		here, err := t.look(ctx, p)
		if err != nil {
			return err
		}
		s.tile = here.crop(s)
	}
	return nil
}

// reveal brings a surface into view and says where it lies now.
func (t *Tab) reveal(ctx context.Context, p *pane, s *surface) error {
	f, err := t.askRoot(ctx, p, s.root, order{Do: "reveal", Index: s.index})
	if err != nil {
		return err
	}
	if f.Fault == "moving" {
		return f.fault("a picture")
	}
	if f.Fault != "" {
		s.Seen = false
		return nil
	}
	same := s.Same
	if err := json.Unmarshal(f.OK, s); err != nil {
		return err
	}
	s.Same = same
	if s.root == p.main() {
		return nil
	}
	dx, dy, shown, err := t.offset(ctx, p, s.root)
	s.X, s.Y, s.Seen = s.X+dx, s.Y+dy, s.Seen && shown
	return err
}

// pointAt brings the spot's surface into view, makes sure that it still shows what
// was read, and aims at the middle of the text.
func (t *Tab) pointAt(ctx context.Context, p *pane, found spot, never []string) (to point, same bool, err error) {
	s := found.at
	before := s.tile
	if err := t.reveal(ctx, p, s); err != nil {
		return to, false, err
	}
	view, err := t.look(ctx, p)
	if err != nil {
		return to, false, err
	}
	if now := view.crop(s); now == nil || !alike(before, now) {
		return to, false, nil
	}
	f, err := t.askRoot(ctx, p, s.root, order{Do: "point", Index: s.index, Commits: never,
		X: found.line.x + found.line.w/2, Y: found.line.y + found.line.h/2})
	if err != nil {
		return to, false, err
	}
	if f.Fault != "" {
		return to, false, f.fault("the picture that says it")
	}
	f.pane = p
	if roots := p.roots(p.main()); len(roots) > 1 {
		if f, err = t.aimThrough(ctx, p, roots, s.root, f); err != nil {
			return to, false, err
		}
		if f.Fault != "" {
			return to, false, f.fault("the picture that says it")
		}
		f.pane = p
	}
	to, err = f.place()
	return to, err == nil, err
}

// sighting is what the evidence says of one thing found by sight.
type sighting struct {
	Wanted     string  `json:"wanted"`
	Read       string  `json:"read"`
	Confidence float64 `json:"confidence"`

	picture []byte // the surface with the place framed
}

// withSight says what a verb found by sight only.
func (t *Tab) withSight(seen playbooks.Seen, from int) playbooks.Seen {
	for _, s := range t.sighted[min(from, len(t.sighted)):] {
		seen.Fallback, seen.Sight = true, append(seen.Sight, s.Wanted)
	}
	return seen
}

// bySight is the evidence of what was found by sight since the run began.
func (t *Tab) bySight() []playbooks.Shot {
	var shots []playbooks.Shot
	for i, s := range t.sighted {
		shots = append(shots, playbooks.Shot{Kind: casework.Screenshot, Name: fmt.Sprintf("sight_%d.png", i+1), MIME: "image/png", Data: s.picture})
	}
	return shots
}
