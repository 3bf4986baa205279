package geometry_test

import (
	"math"
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/ocr/geometry"
)

func near(a, b float64) bool { return math.Abs(a-b) < 1e-6 }

func TestSmallestFindsATurnedRectangle(t *testing.T) {
	for _, want := range []geometry.Rect{
		{Center: casework.Point{X: 50, Y: 40}, W: 80, H: 10, Angle: 0},
		{Center: casework.Point{X: 50, Y: 40}, W: 80, H: 10, Angle: 0.3},
		{Center: casework.Point{X: -5, Y: 90}, W: 9, H: 70, Angle: -0.7},
	} {
		quad := want.Quad()
		points := append(quad[:], want.Center, quad[0])
		got := geometry.Smallest(geometry.Hull(points))
		if !near(got.W, want.W) || !near(got.H, want.H) || !near(got.Angle, want.Angle) || !near(got.Center.X, want.Center.X) {
			t.Errorf("got %+v, want %+v", got, want)
		}
		if !near(geometry.Area(geometry.Hull(points)), want.W*want.H) {
			t.Errorf("area %v", geometry.Area(geometry.Hull(points)))
		}
		if !got.Contains(want.Center) || got.Contains(casework.Point{X: 500, Y: 0}) {
			t.Error("inside and outside are mixed up")
		}
	}
}

func TestFourQuarterTurnsComeBack(t *testing.T) {
	q := geometry.Rect{Center: casework.Point{X: 30, Y: 20}, W: 40, H: 8, Angle: 0.1}.Quad()
	turned := q
	w, h := 100, 60
	for range 4 {
		turned = geometry.Turn(turned, w, h, 90)
		w, h = h, w
	}
	for i := range q {
		if !near(q[i].X, turned[i].X) || !near(q[i].Y, turned[i].Y) {
			t.Fatalf("%v came back as %v", q, turned)
		}
	}
	tall := casework.Quad{{X: 0, Y: 0}, {X: 10, Y: 0}, {X: 10, Y: 60}, {X: 0, Y: 60}}
	want := casework.Quad{{X: 0, Y: 0}, {X: 60, Y: 0}, {X: 60, Y: 10}, {X: 0, Y: 10}}
	if got := geometry.Turn(tall, 100, 60, 90); got != want {
		t.Fatalf("quarter turn gave %v, want %v", got, want)
	}
}

func TestAHullOfFewPointsIsHarmless(t *testing.T) {
	for _, points := range [][]casework.Point{nil, {{X: 1, Y: 1}}, {{X: 1, Y: 1}, {X: 1, Y: 1}, {X: 3, Y: 1}}} {
		r := geometry.Smallest(geometry.Hull(points))
		if math.IsNaN(r.W) || math.IsNaN(r.Angle) {
			t.Fatalf("%v: %+v", points, r)
		}
	}
}
