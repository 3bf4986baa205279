package native

import (
	"image"
	"math"

	"github.com/disintegration/imaging"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/ocr/geometry"
)

// The detector's working size and thresholds.
const (
	detectLong   = 1280 // pixels; longer sheets are reduced
	detectShort  = 640  // pixels; smaller sheets are enlarged
	detectGrid   = 32   // sides must be multiples of it
	mapThreshold = 0.3
	boxThreshold = 0.5
	unclip       = 1.6 // the map shows lines shrunk; area*unclip/perimeter is put back
	minBoxSide   = 3.0 // pixels of the map
)

// detector finds lines of text.
type detector struct {
	net *network
}

// find gives the boxes of all lines on a picture, in its pixels.
func (d detector) find(img *image.NRGBA) ([]casework.Quad, error) {
	w, h := detectSize(img.Rect.Dx(), img.Rect.Dy())
	small := imaging.Resize(img, w, h, imaging.Linear)
	imagenet := scaling{mean: [3]float32{0.485, 0.456, 0.406}, spread: [3]float32{0.229, 0.224, 0.225}}
	answer, err := d.net.run(imagenet.planes(small, w, h), w, h)
	if err != nil {
		return nil, err
	}
	m := probability{answer.data, w, h}
	fx, fy := float64(img.Rect.Dx())/float64(w), float64(img.Rect.Dy())/float64(h)
	var quads []casework.Quad
	for _, area := range m.areas() {
		if box, ok := m.box(area); ok {
			quads = append(quads, scaled(box.Quad(), fx, fy))
		}
	}
	return quads, nil
}

// detectSize keeps the proportions as far as the grid allows.
func detectSize(width, height int) (int, int) {
	long, short := float64(max(width, height)), float64(min(width, height))
	scale := min(1, detectLong/long)
	if short < detectShort {
		scale = min(detectShort/short, detectLong/long)
	}
	grid := func(v int) int { return max(1, int(math.Round(float64(v)*scale/detectGrid))) * detectGrid }
	return grid(width), grid(height)
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

// box turns an area into the rectangle of its line; false when it is too thin
// or too unsure.
func (m probability) box(a area) (geometry.Rect, bool) {
	var points []casework.Point
	for y, s := range a {
		points = append(points, casework.Point{X: float64(s.left), Y: float64(y)}, casework.Point{X: float64(s.right), Y: float64(y)})
	}
	rect := geometry.Smallest(geometry.Hull(points))
	if math.IsInf(rect.W, 1) || min(rect.W, rect.H) < minBoxSide || m.mean(rect) < boxThreshold {
		return geometry.Rect{}, false
	}
	return rect.Grown(rect.W * rect.H * unclip / (2 * (rect.W + rect.H))), true
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
