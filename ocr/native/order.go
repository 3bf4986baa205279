package native

import (
	"cmp"
	"math"
	"slices"

	"github.com/jingban/jingban/casework"
)

// inReadingOrder sorts lines into rows from top to bottom, each from left to
// right. Rows are told apart along the page's own slant.
func inReadingOrder(lines []casework.Line) []casework.Line {
	slant := slantOf(lines)
	places := make([]place, len(lines))
	for i, l := range lines {
		places[i] = placeOf(l, slant)
	}
	slices.SortStableFunc(places, func(a, b place) int { return cmp.Compare(a.y, b.y) })
	row := 0
	for i := range places {
		// Centres half a line apart are different rows.
		if i > 0 && places[i].y-places[i-1].y > min(places[i].h, places[i-1].h)/2 {
			row++
		}
		places[i].row = row
	}
	slices.SortStableFunc(places, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.row, b.row), cmp.Compare(a.x, b.x))
	})
	sorted := make([]casework.Line, len(places))
	for i, p := range places {
		sorted[i] = p.line
	}
	return sorted
}

// place is a line's centre on the page as if it were not slanted.
type place struct {
	x, y, h float64
	row     int
	line    casework.Line
}

func placeOf(l casework.Line, slant float64) place {
	sin, cos := math.Sincos(slant)
	var x, y float64
	for _, p := range l.Quad {
		x, y = x+p.X/4, y+p.Y/4
	}
	_, h := size(l.Quad)
	return place{x: x*cos + y*sin, y: y*cos - x*sin, h: h, line: l}
}

// slantOf is the median angle of the lines that are long enough to show one.
func slantOf(lines []casework.Line) float64 {
	var angles []float64
	for _, l := range lines {
		if w, h := size(l.Quad); w >= 3*h {
			angles = append(angles, math.Atan2(l.Quad[1].Y-l.Quad[0].Y, l.Quad[1].X-l.Quad[0].X))
		}
	}
	if len(angles) == 0 {
		return 0
	}
	slices.Sort(angles)
	return angles[len(angles)/2]
}
