package browser

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"sync"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"

	"github.com/jingban/jingban/casework"
)

// photo is what a tab shows now. It is grey: a reader of papers would take red signs
// for a seal's ink.
type photo struct {
	picture *image.Gray
	ratio   float64 // picture's pixels to a CSS pixel
}

// look photographs the viewport.
func (t *Tab) look(ctx context.Context, p *pane) (photo, error) {
	shot, err := cdp.Call(ctx, p.session, page.CaptureScreenshot, page.CaptureScreenshotParams{Format: page.CaptureScreenshotFormatPng})
	if err != nil {
		return photo{}, fmt.Errorf("picture of the page: %w", err)
	}
	width, err := cdp.Call(ctx, p.session, runtime.Evaluate, runtime.EvaluateParams{Expression: "window.innerWidth", ReturnByValue: new(true)})
	if err != nil {
		return photo{}, fmt.Errorf("picture of the page: %w", err)
	}
	decoded, err := png.Decode(bytes.NewReader(shot.Data))
	if err != nil {
		return photo{}, fmt.Errorf("picture of the page: %w", err)
	}
	var css float64
	if _, err := fmt.Sscan(string(width.Result.Value), &css); err != nil || css <= 0 {
		return photo{}, fmt.Errorf("picture of the page: its width is not known")
	}
	grey := image.NewGray(decoded.Bounds())
	draw.Draw(grey, grey.Rect, decoded, decoded.Bounds().Min, draw.Src)
	return photo{grey, float64(grey.Rect.Dx()) / css}, nil
}

// crop cuts a surface out; nil if much of it is not to be seen.
func (v photo) crop(s *surface) *image.Gray {
	at := func(n float64) int { return int(math.Round(n * v.ratio)) }
	whole := image.Rect(at(s.X), at(s.Y), at(s.X+s.W), at(s.Y+s.H))
	part := whole.Intersect(v.picture.Rect)
	if !s.Seen || part.Empty() || part.Dx()*part.Dy() < whole.Dx()*whole.Dy()*9/10 {
		return nil
	}
	tile := image.NewGray(image.Rect(0, 0, part.Dx(), part.Dy()))
	draw.Draw(tile, tile.Rect, v.picture, part.Min, draw.Src)
	return tile
}

func alike(a, b *image.Gray) bool {
	return a.Rect == b.Rect && bytes.Equal(a.Pix, b.Pix)
}

// readings remembers what pictures said, so that an unchanged one is not read again.
type readings struct {
	mu    sync.Mutex
	known map[[32]byte][]spotted
}

// readingsAtMost bounds the memory; beyond it all of it is forgotten.
const readingsAtMost = 4096

func pictureKey(tile *image.Gray) [32]byte {
	return sha256.Sum256(append(fmt.Appendf(nil, "%dx%d ", tile.Rect.Dx(), tile.Rect.Dy()), tile.Pix...))
}

func (r *readings) get(key [32]byte) ([]spotted, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	lines, ok := r.known[key]
	return lines, ok
}

func (r *readings) put(key [32]byte, lines []spotted) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.known == nil || len(r.known) >= readingsAtMost {
		r.known = map[[32]byte][]spotted{}
	}
	r.known[key] = lines
}

// readAll gives each surface its lines. What was not read before goes to the reader
// on as few sheets as hold it.
func (t *Tab) readAll(ctx context.Context, all []*surface) error {
	fresh := map[[32]byte]*image.Gray{}
	for _, s := range all {
		if s.tile != nil {
			fresh[pictureKey(s.tile)] = s.tile
		}
	}
	sheets := []*sheet{{}}
	for key, tile := range fresh {
		if _, known := t.browser.readings.get(key); known {
			continue
		}
		if last := sheets[len(sheets)-1]; !last.lay(key, tile) {
			sheets = append(sheets, &sheet{})
			sheets[len(sheets)-1].lay(key, tile)
		}
	}
	for _, sh := range sheets {
		if err := t.readSheet(ctx, sh); err != nil {
			return err
		}
	}
	for _, s := range all {
		if s.tile != nil {
			s.lines, _ = t.browser.readings.get(pictureKey(s.tile))
		}
	}
	return nil
}

func (t *Tab) readSheet(ctx context.Context, sh *sheet) error {
	if len(sh.tiles) == 0 {
		return nil
	}
	reading, err := t.browser.config.Sight(ctx, sh.png())
	if err != nil {
		return err
	}
	for key, lines := range sh.share(reading) {
		t.browser.readings.put(key, lines)
	}
	return nil
}

// sheet is several pictures on one, far enough apart that no text of two is taken for
// one line.
type sheet struct {
	tiles []laid
	x, y  int // where the next one goes
	row   int // height of the row at hand
}

// laid is one picture on a sheet, enlarged.
type laid struct {
	key  [32]byte
	tile *image.Gray
	at   image.Rectangle
}

// The sheet's sizes in pixels. Small print is enlarged: the reader was made for papers
// at 200 dpi.
const (
	sheetWide = 1500
	sheetTall = 1800
	sheetGap  = 48
	enlarge   = 2
)

// lay puts a picture on the sheet, if there is room. A picture larger than a sheet has
// one to itself.
func (s *sheet) lay(key [32]byte, tile *image.Gray) bool {
	tile = enlarged(tile)
	w, h := tile.Rect.Dx(), tile.Rect.Dy()
	if s.x > 0 && s.x+w > sheetWide {
		s.x, s.y, s.row = 0, s.y+s.row+sheetGap, 0
	}
	if len(s.tiles) > 0 && s.y+h > sheetTall {
		return false
	}
	at := image.Rect(s.x, s.y, s.x+w, s.y+h).Add(image.Pt(sheetGap, sheetGap))
	s.tiles = append(s.tiles, laid{key, tile, at})
	s.x, s.row = s.x+w+sheetGap, max(s.row, h)
	return true
}

// enlarged doubles a picture, each new pixel the mean of those it lies between.
func enlarged(tile *image.Gray) *image.Gray {
	w, h := tile.Rect.Dx(), tile.Rect.Dy()
	out := image.NewGray(image.Rect(0, 0, w*enlarge, h*enlarge))
	for y := range h * enlarge {
		for x := range w * enlarge {
			x0, y0, x1, y1 := x/enlarge, y/enlarge, min((x+1)/enlarge, w-1), min((y+1)/enlarge, h-1)
			sum := int(tile.GrayAt(x0, y0).Y) + int(tile.GrayAt(x1, y0).Y) + int(tile.GrayAt(x0, y1).Y) + int(tile.GrayAt(x1, y1).Y)
			out.SetGray(x, y, color.Gray{Y: uint8(sum / 4)})
		}
	}
	return out
}

func (s *sheet) png() []byte {
	var all image.Rectangle
	for _, l := range s.tiles {
		all = all.Union(l.at)
	}
	paper := image.NewGray(image.Rect(0, 0, all.Max.X+sheetGap, all.Max.Y+sheetGap))
	draw.Draw(paper, paper.Rect, image.White, image.Point{}, draw.Src)
	for _, l := range s.tiles {
		draw.Draw(paper, l.at, l.tile, image.Point{}, draw.Src)
	}
	return encoded(paper)
}

func encoded(picture image.Image) []byte {
	var out bytes.Buffer
	_ = png.Encode(&out, picture) // a picture of ours into memory
	return out.Bytes()
}

// share gives each picture the lines that stand on it. A reading of a sheet that was
// taken for one lying on its side says nothing.
func (s *sheet) share(reading casework.Reading) map[[32]byte][]spotted {
	lines := map[[32]byte][]spotted{}
	for _, l := range s.tiles {
		lines[l.key] = nil
		if reading.Rotation != 0 {
			continue
		}
		for _, line := range reading.Lines {
			box := line.Quad.Box()
			if !image.Pt(box.X+box.W/2, box.Y+box.H/2).In(l.at) {
				continue
			}
			w, h := float64(l.at.Dx()), float64(l.at.Dy())
			lines[l.key] = append(lines[l.key], spotted{text: line.Text, confidence: line.Confidence,
				x: float64(box.X-l.at.Min.X) / w, y: float64(box.Y-l.at.Min.Y) / h, w: float64(box.W) / w, h: float64(box.H) / h})
		}
	}
	return lines
}

// marked is the surface's picture with the line framed.
func (s *surface) marked(line spotted) []byte {
	w, h := float64(s.tile.Rect.Dx()), float64(s.tile.Rect.Dy())
	out := image.NewRGBA(s.tile.Rect)
	draw.Draw(out, out.Rect, s.tile, image.Point{}, draw.Src)
	frame := image.Rect(int(line.x*w), int(line.y*h), int((line.x+line.w)*w), int((line.y+line.h)*h)).Inset(-1).Intersect(out.Rect.Inset(1))
	for _, edge := range []image.Rectangle{
		{frame.Min, image.Pt(frame.Max.X, frame.Min.Y+1)}, {image.Pt(frame.Min.X, frame.Max.Y), image.Pt(frame.Max.X, frame.Max.Y+1)},
		{frame.Min, image.Pt(frame.Min.X+1, frame.Max.Y)}, {image.Pt(frame.Max.X, frame.Min.Y), image.Pt(frame.Max.X+1, frame.Max.Y)},
	} {
		draw.Draw(out, edge, image.NewUniform(color.RGBA{R: 220, A: 255}), image.Point{}, draw.Src)
	}
	return encoded(out)
}
