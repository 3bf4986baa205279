package native

import (
	"image"
	"math"
	"slices"

	"github.com/disintegration/imaging"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/ocr/geometry"
)

// The detector's working sizes and thresholds. Looking takes time and memory in
// proportion to the pixels, and a card's print is three times as large in the
// picture as a full page's. So a small picture is looked at first, and then one
// in which the smallest print is as large as it must be, if that is larger.
const (
	firstLook    = 640  // pixels of the longest side
	detectLong   = 1280 // pixels; longer sheets are reduced
	detectShort  = 640  // pixels; smaller sheets may be enlarged so far
	detectGrid   = 32   // sides must be multiples of it
	enoughPrint  = 20.0 // pixels of the map: height of lines that are found and framed as well as larger ones
	worthwhile   = 1.1  // times larger: else the first look does
	mapThreshold = 0.3
	boxThreshold = 0.5
	unclip       = 1.6 // the map shows lines shrunk; area*unclip/perimeter is put back
	minBoxSide   = 3.0 // pixels of the map
)

// detector finds lines of text.
type detector struct {
	net *network
}

// find gives the boxes of all lines on a picture, in its pixels. A large picture
// is reduced once for both looks, where the closer one wants all detail.
func (d detector) find(img *image.NRGBA) ([]casework.Quad, error) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	most := mostScale(w, h)
	detailed := img
	if most < 1 {
		detailed = resized(img, onGrid(w, most), onGrid(h, most))
	}
	scale := min(most, firstLook/float64(max(w, h)))
	boxes, err := d.look(detailed, w, h, scale)
	if err != nil {
		return nil, err
	}
	if closer := min(most, scale*enoughPrint/smallestPrint(boxes)); closer > worthwhile*scale {
		if closer < most {
			detailed = img
		}
		if boxes, err = d.look(detailed, w, h, closer); err != nil {
			return nil, err
		}
	}
	var quads []casework.Quad
	for _, b := range boxes {
		if b.thick >= minBoxSide {
			quads = append(quads, b.quad)
		}
	}
	return quads, nil
}

// box is a line's frame in the picture, how thick the map showed it, and how high
// the line is there.
type box struct {
	quad        casework.Quad
	thick, high float64
}

// look runs the detector at a scale of the page, whose size is given because it may
// have come reduced; the boxes are in the page's pixels.
func (d detector) look(img *image.NRGBA, pageW, pageH int, scale float64) ([]box, error) {
	w, h := onGrid(pageW, scale), onGrid(pageH, scale)
	small := resized(img, w, h)
	imagenet := scaling{mean: [3]float32{0.485, 0.456, 0.406}, spread: [3]float32{0.229, 0.224, 0.225}}
	answer, err := d.net.run(imagenet.planes(small, w, h), w, h)
	if err != nil {
		return nil, err
	}
	defer answer.free()
	m := probability{answer.data, w, h}
	fx, fy := float64(pageW)/float64(w), float64(pageH)/float64(h)
	var boxes []box
	for _, area := range m.areas() {
		if rect, ok := m.frame(area); ok {
			grown := rect.Grown(rect.W * rect.H * unclip / (2 * (rect.W + rect.H)))
			boxes = append(boxes, box{scaled(grown.Quad(), fx, fy), min(rect.W, rect.H), min(grown.W, grown.H)})
		}
	}
	return boxes, nil
}

// resized brings a picture to a size, if it has another one.
func resized(img *image.NRGBA, w, h int) *image.NRGBA {
	if img.Rect.Dx() == w && img.Rect.Dy() == h {
		return img
	}
	return imaging.Resize(img, w, h, imaging.Linear)
}

// smallestPrint is the height that nine of ten lines exceed, in pixels of the
// map; next to nothing when none was seen.
func smallestPrint(boxes []box) float64 {
	if len(boxes) == 0 {
		return 1
	}
	heights := make([]float64, len(boxes))
	for i, b := range boxes {
		heights[i] = b.high
	}
	slices.Sort(heights)
	return max(heights[len(heights)/10], 1)
}

// mostScale is how far a picture is reduced, or enlarged, at most detail.
func mostScale(width, height int) float64 {
	long, short := float64(max(width, height)), float64(min(width, height))
	if short < detectShort {
		return min(detectShort/short, detectLong/long)
	}
	return min(1, detectLong/long)
}

// onGrid scales a side as far as the grid allows.
func onGrid(side int, scale float64) int {
	return max(1, int(math.Round(float64(side)*scale/detectGrid))) * detectGrid
}

func scaled(q casework.Quad, fx, fy float64) casework.Quad {
	for i := range q {
		q[i] = casework.Point{X: q[i].X * fx, Y: q[i].Y * fy}
	}
	return q
}

// probability is the detector's map.
type probability struct {
	data []float32
	w, h int
}

// span is the outermost pixels of an area on one row.
type span struct {
	left, right int
}

// area is one connected area, row by row; only its outline matters.
type area map[int]span

// areas finds the connected areas (eight neighbours) above the threshold.
func (m probability) areas() []area {
	seen := make([]bool, len(m.data))
	var found []area
	var open []int
	for start := range m.data {
		if seen[start] || m.data[start] <= mapThreshold {
			continue
		}
		seen[start] = true
		rows := area{}
		for open = append(open[:0], start); len(open) > 0; {
			at := open[len(open)-1]
			open = open[:len(open)-1]
			rows.add(at%m.w, at/m.w)
			open = m.spread(at, seen, open)
		}
		found = append(found, rows)
	}
	return found
}

// spread marks and appends the neighbours of a pixel that belong to its area.
func (m probability) spread(at int, seen []bool, open []int) []int {
	x, y := at%m.w, at/m.w
	for ny := max(y-1, 0); ny <= min(y+1, m.h-1); ny++ {
		for nx := max(x-1, 0); nx <= min(x+1, m.w-1); nx++ {
			if next := ny*m.w + nx; !seen[next] && m.data[next] > mapThreshold {
				seen[next] = true
				open = append(open, next)
			}
		}
	}
	return open
}

func (a area) add(x, y int) {
	s, ok := a[y]
	if !ok {
		s = span{x, x}
	}
	a[y] = span{min(s.left, x), max(s.right, x)}
}

// frame is the smallest rectangle round an area, not grown yet; false when the
// map is too unsure of it, or when it is a mere dash.
func (m probability) frame(a area) (geometry.Rect, bool) {
	var points []casework.Point
	for y, s := range a {
		points = append(points, casework.Point{X: float64(s.left), Y: float64(y)}, casework.Point{X: float64(s.right), Y: float64(y)})
	}
	rect := geometry.Smallest(geometry.Hull(points))
	if math.IsInf(rect.W, 1) || m.mean(rect) < boxThreshold {
		return geometry.Rect{}, false
	}
	return rect, true
}

// mean of the map inside a rectangle.
func (m probability) mean(rect geometry.Rect) float64 {
	b := rect.Quad().Box()
	var sum float64
	count := 0
	for y := max(b.Y, 0); y < min(b.Y+b.H+1, m.h); y++ {
		for x := max(b.X, 0); x < min(b.X+b.W+1, m.w); x++ {
			if rect.Contains(casework.Point{X: float64(x), Y: float64(y)}) {
				sum += float64(m.data[y*m.w+x])
				count++
			}
		}
	}
	return sum / float64(max(count, 1))
}
