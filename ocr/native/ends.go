package native

import (
	"image"
	"math"
	"slices"

	"github.com/jingban/jingban/casework"
)

// The detector is weak where a line ends in something thin: 一, 1, a hyphen, a
// full stop. Its box then ends before it. What stands in line right behind a box,
// in no other box, with paper after it, belongs to the line.
//
// All lengths are shares of the line's height.
const (
	endReach    = 1.2  // so far is looked: one character and the gap before it
	endGap      = 0.45 // a wider gap parts words
	endBlank    = 0.1  // paper that must follow, else something else begins here
	endRoom     = 0.1  // kept free behind the ink, as the recogniser is used to
	endStep     = 0.04 // between two columns looked at
	endRows     = 24   // places looked at in each column
	endBorder   = 0.1  // not looked at above and below: the neighbours' strokes
	endRule     = 0.9  // a column as full as that is the rule of a table
	endContrast = 0.5  // of the line's own contrast makes ink
	leastInk    = 30   // grey levels between a line's ink and its paper
)

// completed lengthens the boxes of lying lines over ink that was left out.
func completed(img *image.NRGBA, quads []casework.Quad) []casework.Quad {
	longer := slices.Clone(quads)
	for i, q := range quads {
		line := newStrip(img, q)
		if line.h >= uprightFrom*line.w || line.contrast < leastInk {
			continue
		}
		before, after := line.room(longer, i) // what one line took is not there for the next
		longer[i] = line.grown(line.missing(before, -1), line.missing(after, 1))
	}
	return longer
}

// strip is a line in its own coordinates: u along it, v down, in pixels.
type strip struct {
	img      *image.NRGBA
	origin   casework.Point
	along    casework.Point // of length 1
	w, h     float64
	paper    float64
	dark     bool // ink is darker than paper
	contrast float64
}

func newStrip(img *image.NRGBA, q casework.Quad) strip {
	s := strip{img: img, origin: q[0]}
	s.w, s.h = size(q)
	s.along = casework.Point{X: (q[1].X - q[0].X) / max(s.w, 1), Y: (q[1].Y - q[0].Y) / max(s.w, 1)}
	var levels []float64
	for u := 0.0; u < s.w; u += max(s.h/8, 1) {
		for row := range endRows {
			levels = append(levels, s.level(u, row))
		}
	}
	if len(levels) == 0 {
		return s
	}
	slices.Sort(levels)
	low, high := levels[len(levels)/20], levels[len(levels)-1-len(levels)/20]
	s.paper = levels[len(levels)/2]
	s.dark = s.paper-low >= high-s.paper
	s.contrast = max(s.paper-low, high-s.paper)
	return s
}

// at is the place in the picture.
func (s strip) at(u, v float64) casework.Point {
	return casework.Point{X: s.origin.X + u*s.along.X - v*s.along.Y, Y: s.origin.Y + u*s.along.Y + v*s.along.X}
}

// level is the brightness in one of the rows; beyond the picture it is paper.
func (s strip) level(u float64, row int) float64 {
	p := s.at(u, s.h*(endBorder+(1-2*endBorder)*(float64(row)+0.5)/endRows))
	x, y := int(math.Floor(p.X)), int(math.Floor(p.Y))
	if !image.Pt(x, y).In(s.img.Rect) {
		return s.paper
	}
	pixel := s.img.Pix[s.img.PixOffset(x, y):]
	return 0.299*float64(pixel[0]) + 0.587*float64(pixel[1]) + 0.114*float64(pixel[2])
}

// ink is the share of a column that is inked.
func (s strip) ink(u float64) float64 {
	n := 0
	for row := range endRows {
		lead := s.paper - s.level(u, row)
		if !s.dark {
			lead = -lead
		}
		if lead > endContrast*s.contrast {
			n++
		}
	}
	return float64(n) / endRows
}

// room is how far beyond its two ends a line may grow before another begins.
func (s strip) room(quads []casework.Quad, self int) (before, after float64) {
	before, after = endReach*s.h, endReach*s.h
	for i, q := range quads {
		if i == self {
			continue
		}
		left, right, top, bottom := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
		for _, p := range q {
			dx, dy := p.X-s.origin.X, p.Y-s.origin.Y
			u, v := dx*s.along.X+dy*s.along.Y, dy*s.along.X-dx*s.along.Y
			left, right, top, bottom = min(left, u), max(right, u), min(top, v), max(bottom, v)
		}
		if bottom < endBorder*s.h || top > (1-endBorder)*s.h {
			continue
		}
		switch middle := (left + right) / 2; {
		case middle > s.w:
			after = min(after, left-s.w)
		case middle < 0:
			before = min(before, -right)
		}
	}
	return max(before, 0), max(after, 0)
}

// missing is how far the ink goes on beyond an end: 0 when it doesn't, or when it
// does not stop within the room. The direction is 1 at the right end, -1 at the
// left.
func (s strip) missing(room, direction float64) float64 {
	end := s.w
	if direction < 0 {
		end = 0
	}
	last := math.Inf(-1) // where ink was seen last, counted from the end outwards
	beyond := 0
	for t := -endGap * s.h; t <= room; t += endStep * s.h {
		ink := s.ink(end + direction*t)
		if ink >= endRule && t > 0 {
			room = t // a rule: nothing of the line is behind it
			break
		}
		if ink > 0 {
			last = t
			if t > 0 {
				beyond++
			}
		}
		if t-last > endGap*s.h {
			break
		}
	}
	if beyond < 2 || last > room-endBlank*s.h {
		return 0
	}
	return last + endRoom*s.h
}

// grown is the line's quad with so much more at its ends.
func (s strip) grown(before, after float64) casework.Quad {
	return casework.Quad{s.at(-before, 0), s.at(s.w+after, 0), s.at(s.w+after, s.h), s.at(-before, s.h)}
}
