// Package geometry finds the smallest rotated rectangle around points: how both
// text lines and seals lie on a page. Units are pixels; y points down.
package geometry

import (
	"math"
	"slices"

	"github.com/jingban/jingban/casework"
)

// Rect is a rotated rectangle. Angle is in radians, more than -π/4 and at most
// π/4, so W is the extent along the reading direction of a page that stands
// roughly upright or lies on its side.
type Rect struct {
	Center casework.Point
	W, H   float64
	Angle  float64
}

// Hull gives the convex hull, counter-clockwise in a y-up view, without
// collinear points.
func Hull(points []casework.Point) []casework.Point {
	points = slices.Clone(points)
	slices.SortFunc(points, func(a, b casework.Point) int {
		if a.X != b.X {
			return compare(a.X, b.X)
		}
		return compare(a.Y, b.Y)
	})
	points = slices.Compact(points)
	if len(points) < 3 {
		return points
	}
	lower := chain(points)
	slices.Reverse(points)
	upper := chain(points)
	return append(lower[:len(lower)-1], upper[:len(upper)-1]...)
}

func compare(a, b float64) int {
	if a < b {
		return -1
	}
	return 1
}

func chain(points []casework.Point) []casework.Point {
	var hull []casework.Point
	for _, p := range points {
		for len(hull) >= 2 && cross(hull[len(hull)-2], hull[len(hull)-1], p) <= 0 {
			hull = hull[:len(hull)-1]
		}
		hull = append(hull, p)
	}
	return hull
}

func cross(o, a, b casework.Point) float64 {
	return (a.X-o.X)*(b.Y-o.Y) - (a.Y-o.Y)*(b.X-o.X)
}

// Area of a polygon.
func Area(polygon []casework.Point) float64 {
	var doubled float64
	for i, p := range polygon {
		q := polygon[(i+1)%len(polygon)]
		doubled += p.X*q.Y - q.X*p.Y
	}
	return math.Abs(doubled) / 2
}

// Smallest is the rectangle of least area around a convex hull. One side of it
// lies on an edge of the hull.
func Smallest(hull []casework.Point) Rect {
	best := Rect{W: math.Inf(1), H: math.Inf(1)}
	for i, p := range hull {
		q := hull[(i+1)%len(hull)]
		r := around(hull, quarter(math.Atan2(q.Y-p.Y, q.X-p.X)))
		if r.W*r.H < best.W*best.H {
			best = r
		}
	}
	return best
}

// quarter brings an angle into -π/4..π/4 by quarter turns.
func quarter(angle float64) float64 {
	return angle - math.Round(angle/(math.Pi/2))*(math.Pi/2)
}

// around is the rectangle at a given angle.
func around(points []casework.Point, angle float64) Rect {
	sin, cos := math.Sincos(angle)
	minU, maxU, minV, maxV := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for _, p := range points {
		u, v := p.X*cos+p.Y*sin, p.Y*cos-p.X*sin
		minU, maxU = min(minU, u), max(maxU, u)
		minV, maxV = min(minV, v), max(maxV, v)
	}
	u, v := (minU+maxU)/2, (minV+maxV)/2
	return Rect{Center: casework.Point{X: u*cos - v*sin, Y: u*sin + v*cos}, W: maxU - minU, H: maxV - minV, Angle: angle}
}

// Grown is the rectangle with by pixels more on every side.
func (r Rect) Grown(by float64) Rect {
	r.W, r.H = r.W+2*by, r.H+2*by
	return r
}

// Contains says whether a point lies inside.
func (r Rect) Contains(p casework.Point) bool {
	sin, cos := math.Sincos(r.Angle)
	x, y := p.X-r.Center.X, p.Y-r.Center.Y
	return math.Abs(x*cos+y*sin) <= r.W/2 && math.Abs(y*cos-x*sin) <= r.H/2
}

// Quad gives the corners: top left, top right, bottom right, bottom left.
func (r Rect) Quad() casework.Quad {
	sin, cos := math.Sincos(r.Angle)
	corner := func(u, v float64) casework.Point {
		return casework.Point{X: r.Center.X + u*cos - v*sin, Y: r.Center.Y + u*sin + v*cos}
	}
	return casework.Quad{corner(-r.W/2, -r.H/2), corner(r.W/2, -r.H/2), corner(r.W/2, r.H/2), corner(-r.W/2, r.H/2)}
}

// Turn follows a quad when its page of the given size is turned clockwise by
// 0, 90, 180 or 270 degrees; the corner that becomes top left comes first.
func Turn(q casework.Quad, width, height, degrees int) casework.Quad {
	w, h := float64(width), float64(height)
	for ; degrees > 0; degrees -= 90 {
		var turned casework.Quad
		for i := range turned {
			p := q[(i+3)%4]
			turned[i] = casework.Point{X: h - p.Y, Y: p.X}
		}
		q, w, h = turned, h, w
	}
	return q
}
