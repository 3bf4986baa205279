package ocr

import (
	"image"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/ocr/geometry"
)

// A square or rectangular seal is a person's name seal (名章) as a rule: 12 to 25 mm,
// a frame with up to four large characters in it, or white characters on an inked
// surface. Forms, tables, invoices and notes have red frames, too, so that the
// frame alone proves nothing: what it holds must fill it as a seal's characters do.
//
// Measures are shares of the seal's sides, except the first two, which are shares
// of the page's longest side as in seal.go.
const (
	minSquare    = 0.035 // 10 mm on an A4 sheet
	maxSquare    = 0.16  // 47 mm
	oblongSquare = 2.4
	oblongSolid  = 1.4  // white on ink: flat ones are logos
	squareFrom   = 0.84 // hull over rectangle from which it may be one; a circle has 0.785
	squareGrid   = 96   // cells of the picture it is judged in
	frameDepth   = 10   // cells from the edge in which a side's line lies
	frameThick   = 5    // cells a line may wander: 1 degree off, or bent paper
	frameSide    = 0.6  // inked share of the worst side: worn ink, or print across it
	frameMean    = 0.8  // of all four
	solidFrom    = 0.5  // inked share of the inside: white on ink
	solidMost    = 0.93 // more is a surface with nothing in it
	hollowLeast  = 0.08 // less is an empty frame
	ruleShare    = 0.85 // of a row's cells: a table's rule, no stroke
	mostRules    = 2    // a seal may be parted, and print may run across it
	mostRows     = 4    // lines of text: more is a printed notice
)

// stampMask is a seal straightened, cell by cell: true where there is ink.
type stampMask [squareGrid][squareGrid]bool

// squareSeal judges a rectangular spot of ink, in pixels of the picture.
func squareSeal(img *image.NRGBA, rect geometry.Rect, k ink) bool {
	m := maskOf(img, rect, k)
	if !m.framed() {
		return false
	}
	switch share := m.inside(true, 0, squareGrid, 0, squareGrid); {
	case share < hollowLeast || share > solidMost:
		return false
	case share >= solidFrom:
		return max(rect.W, rect.H) <= oblongSolid*min(rect.W, rect.H) && m.filledCells(false, 0.05) >= 9
	}
	if m.rules(false) > mostRules || m.rules(true) > mostRules || m.textRows(false) > mostRows || m.textRows(true) > mostRows {
		return false
	}
	return m.withoutRules().filledCells(true, 0.04) >= 13
}

// maskOf straightens a seal. Ink is what shows at least half of the lead of the
// clearly inked cells: pale and strong stamps look alike then.
func maskOf(img *image.NRGBA, rect geometry.Rect, k ink) *stampMask {
	leads := image.NewGray(image.Rect(0, 0, squareGrid, squareGrid))
	q := rect.Quad()
	for y := range squareGrid {
		v := (float64(y) + 0.5) / squareGrid
		left, right := along(q[0], q[3], v), along(q[1], q[2], v)
		for x := range squareGrid {
			p := along(left, right, (float64(x)+0.5)/squareGrid)
			leads.Pix[y*leads.Stride+x] = 255 - k.printed(img, p.X, p.Y)
		}
	}
	limit := max(uint8(liftLead), percentile(leads, 0.9)/2)
	m := &stampMask{}
	for i, v := range leads.Pix {
		m[i/squareGrid][i%squareGrid] = v >= limit
	}
	return m
}

func along(a, b casework.Point, share float64) casework.Point {
	return casework.Point{X: a.X + (b.X-a.X)*share, Y: a.Y + (b.Y-a.Y)*share}
}

// at is a cell, the picture turned by quarters so that each side can be on top.
func (m *stampMask) at(x, y, quarter int) bool {
	const last = squareGrid - 1
	switch quarter {
	case 1:
		x, y = last-y, x
	case 2:
		x, y = last-x, last-y
	case 3:
		x, y = y, last-x
	}
	return m[y][x]
}

// framed says that a line runs along each side.
func (m *stampMask) framed() bool {
	worst, sum := 1.0, 0.0
	for side := range 4 {
		best := 0.0
		for from := 0; from+frameThick <= frameDepth+frameThick; from++ {
			best = max(best, m.line(from, side))
		}
		worst, sum = min(worst, best), sum+best/4
	}
	return worst >= frameSide && sum >= frameMean
}

// line is the inked share of a side's length within a band of frameThick cells.
func (m *stampMask) line(from, side int) float64 {
	n := 0
	for x := range squareGrid {
		for y := from; y < from+frameThick; y++ {
			if m.at(x, y, side) {
				n++
				break
			}
		}
	}
	return float64(n) / squareGrid
}

// The inside begins behind the frame.
const (
	insideFrom = squareGrid * 15 / 100
	insideTo   = squareGrid - insideFrom
)

// inside is the share of cells with ink, or without, of a part of the inside.
func (m *stampMask) inside(inked bool, x0, x1, y0, y1 int) float64 {
	n, all := 0, 0
	for y := max(y0, insideFrom); y < min(y1, insideTo); y++ {
		for x := max(x0, insideFrom); x < min(x1, insideTo); x++ {
			if all++; m[y][x] == inked {
				n++
			}
		}
	}
	return float64(n) / float64(max(all, 1))
}

// filledCells counts, of sixteen parts of the inside, those that hold so much ink
// or so much paper.
func (m *stampMask) filledCells(inked bool, least float64) int {
	const part = (insideTo - insideFrom) / 4
	n := 0
	for i := range 16 {
		x, y := insideFrom+i%4*part, insideFrom+i/4*part
		if m.inside(inked, x, x+part, y, y+part) >= least {
			n++
		}
	}
	return n
}

// rowShare is the inked share of a row of the inside, or of a column.
func (m *stampMask) rowShare(y int, column bool) float64 {
	if column {
		return m.inside(true, y, y+1, 0, squareGrid)
	}
	return m.inside(true, 0, squareGrid, y, y+1)
}

// rules counts lines that run through the whole inside.
func (m *stampMask) rules(column bool) int {
	n, on := 0, false
	for y := insideFrom; y < insideTo; y++ {
		rule := m.rowShare(y, column) >= ruleShare
		if rule && !on {
			n++
		}
		on = rule
	}
	return n
}

// withoutRules is the mask without what runs through the whole inside.
func (m *stampMask) withoutRules() *stampMask {
	out := *m
	for i := insideFrom; i < insideTo; i++ {
		if m.rowShare(i, false) >= ruleShare {
			out[i] = [squareGrid]bool{}
		}
		if m.rowShare(i, true) >= ruleShare {
			for y := range out {
				out[y][i] = false
			}
		}
	}
	return &out
}

// textRows counts the stripes of ink across the inside.
func (m *stampMask) textRows(column bool) int {
	n, on := 0, false
	for y := insideFrom; y < insideTo; y++ {
		row := m.rowShare(y, column) > 0.02
		if row && !on {
			n++
		}
		on = row
	}
	return n
}

// rectOf is the smallest rectangle around the ink in a box.
func rectOf(img *image.NRGBA, b casework.Box, k ink) (geometry.Rect, bool) {
	area := image.Rect(b.X, b.Y, b.X+b.W, b.Y+b.H).Intersect(img.Rect)
	every := max(1, max(b.W, b.H)/(2*squareGrid))
	var points []casework.Point
	for y := area.Min.Y; y < area.Max.Y; y += every {
		for x := area.Min.X; x < area.Max.X; x += every {
			if k.lead(img.Pix[y*img.Stride+4*x:]) > k.margin {
				points = append(points, casework.Point{X: float64(x), Y: float64(y)})
			}
		}
	}
	hull := geometry.Hull(points)
	if len(hull) < 3 {
		return geometry.Rect{}, false
	}
	return geometry.Smallest(hull), true
}

// enlarged is a rectangle of a picture that is so many times larger.
func enlarged(r geometry.Rect, factor float64) geometry.Rect {
	r.Center = casework.Point{X: (r.Center.X + 0.5) * factor, Y: (r.Center.Y + 0.5) * factor}
	r.W, r.H = (r.W+1)*factor, (r.H+1)*factor // from pixel to pixel one is missing
	return r
}
