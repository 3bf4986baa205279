package ocr

import (
	"image"
	"math"
	"slices"
)

// Glare: a lamp's reflection is white where the paper around is not. Under
// glarePaper of brightness there is paper to tell it from.
const (
	glareWhite = 250
	glarePaper = 232
	glareMost  = 0.2 // more of the page is paper beside a shadow
	glareAlone = 0.7 // of all that is white: else the paper is
)

// glare gives the share and the place of the largest white spot on paper that
// is not white itself. What reaches the picture's side is paper or desk beside a
// shadow as often as glare, and is left out.
func glare(grey *image.Gray) (float64, image.Rectangle) {
	if percentile(grey, 0.7) >= glarePaper {
		return 0, image.Rectangle{}
	}
	cols, rows := grey.Rect.Dx()/tileSide, grey.Rect.Dy()/tileSide
	white := make([]bool, cols*rows)
	for i := range white {
		white[i] = allWhite(grey, i%cols*tileSide, i/cols*tileSide)
	}
	best, all, where := 0, 0, image.Rectangle{}
	for i := range white {
		n, r := flood(white, cols, i)
		all += n
		if touches := r.Min.X == 0 || r.Min.Y == 0 || r.Max.X == cols || r.Max.Y == rows; n > best && !touches {
			best, where = n, r
		}
	}
	share := float64(best) / float64(max(len(white), 1))
	if share > glareMost || float64(best) < glareAlone*float64(all) {
		return 0, image.Rectangle{}
	}
	return share, image.Rect(where.Min.X*tileSide, where.Min.Y*tileSide, where.Max.X*tileSide, where.Max.Y*tileSide)
}

func allWhite(grey *image.Gray, x0, y0 int) bool {
	for y := y0; y < y0+tileSide; y++ {
		for _, v := range grey.Pix[y*grey.Stride+x0 : y*grey.Stride+x0+tileSide] {
			if v < glareWhite {
				return false
			}
		}
	}
	return true
}

// flood takes a connected spot out of a grid and gives its size and bounds.
func flood(cells []bool, cols, start int) (int, image.Rectangle) {
	n, bounds := 0, image.Rectangle{}
	for open := []int{start}; len(open) > 0; {
		at := open[len(open)-1]
		open = open[:len(open)-1]
		if !cells[at] {
			continue
		}
		cells[at] = false
		n++
		x, y := at%cols, at/cols
		bounds = bounds.Union(image.Rect(x, y, x+1, y+1))
		if x > 0 {
			open = append(open, at-1)
		}
		if x+1 < cols {
			open = append(open, at+1)
		}
		if y > 0 {
			open = append(open, at-cols)
		}
		if at+cols < len(cells) {
			open = append(open, at+cols)
		}
	}
	return n, bounds
}

// Skew is looked for within ±skewMost degrees. skewSure is by how much the rows
// of print must stand out at the best angle against the mean of all angles.
const (
	skewMost  = 15.0
	skewStep  = 0.5
	skewSure  = 1.35
	inkLead   = 25 // grey levels darker than the neighbourhood
	inkPoints = 6_000
)

// skew is the angle in degrees, clockwise, at which rows of print lie, whether
// the page stands or lies on its side; sure is false where there are no rows.
func skew(grey *image.Gray) (angle float64, sure bool) {
	points := inked(grey)
	if len(points) < 300 {
		return 0, false
	}
	best, total, count := 0.0, 0.0, 0.0
	for a := -skewMost; a <= skewMost; a += skewStep {
		sin, cos := math.Sincos(a * math.Pi / 180)
		score := max(stripes(points, cos, -sin), stripes(points, sin, cos))
		total, count = total+score, count+1
		if score > best {
			best, angle = score, a
		}
	}
	return angle, best > skewSure*total/count && math.Abs(angle) < skewMost
}

// stripes is how unevenly points fall into lines of two pixels, along y·cy+x·cx.
func stripes(points []image.Point, cy, cx float64) float64 {
	var counts [2048]float64
	for _, p := range points {
		at := int((float64(p.Y)*cy+float64(p.X)*cx)/2) + 1024
		counts[at&2047]++
	}
	score := 0.0
	for i := 1; i < len(counts); i++ {
		d := counts[i] - counts[i-1]
		score += d * d
	}
	return score
}

// inked gives pixels clearly darker than six to the left and right of them, in
// both directions, thinned to a bounded number.
func inked(grey *image.Gray) []image.Point {
	const reach = 6
	var points []image.Point
	for y := reach; y < grey.Rect.Dy()-reach; y++ {
		row := grey.Pix[y*grey.Stride:]
		above, below := grey.Pix[(y-reach)*grey.Stride:], grey.Pix[(y+reach)*grey.Stride:]
		for x := reach; x < grey.Rect.Dx()-reach; x++ {
			v := int(row[x]) + inkLead
			if v < int(above[x]) && v < int(below[x]) || v < int(row[x-reach]) && v < int(row[x+reach]) {
				points = append(points, image.Pt(x, y))
			}
		}
	}
	if every := len(points)/inkPoints + 1; every > 1 {
		kept := points[:0]
		for i := 0; i < len(points); i += every {
			kept = append(kept, points[i])
		}
		points = kept
	}
	return points
}

// side is one edge of the picture with the share of it that print runs into.
type side struct {
	strip image.Rectangle
	score float64
}

// Edges: edgeDepth pixels from the side are looked at, on paper at least
// edgePaper of the page's own brightness; print is inkLead darker.
const (
	edgeDepth = 2
	edgePaper = 0.8
	edgeRun   = 8 // pixels: a longer dark run is a border or the desk, no print
)

// edges measures print that runs into the picture's sides: part of the paper
// was left out.
func edges(grey *image.Gray) []side {
	w, h := grey.Rect.Dx(), grey.Rect.Dy()
	if w < 100 || h < 100 {
		return nil
	}
	paper := float64(percentile(grey, 0.8))
	strips := []image.Rectangle{
		image.Rect(0, 0, w, edgeDepth), image.Rect(0, h-edgeDepth, w, h),
		image.Rect(0, 0, edgeDepth, h), image.Rect(w-edgeDepth, 0, w, h),
	}
	var sides []side
	for _, strip := range strips {
		sides = append(sides, side{strip, runsInto(grey, strip, paper)})
	}
	return sides
}

// runsInto is the share of a strip's length where short dark runs reach through
// its depth, 0 where the strip is no paper.
func runsInto(grey *image.Gray, strip image.Rectangle, paper float64) float64 {
	long := max(strip.Dx(), strip.Dy())
	level := make([]int, long)
	for i := range level {
		for d := range edgeDepth {
			x, y := strip.Min.X+i, strip.Min.Y+d
			if strip.Dx() < strip.Dy() {
				x, y = strip.Min.X+d, strip.Min.Y+i
			}
			level[i] += int(grey.Pix[y*grey.Stride+x]) / edgeDepth
		}
	}
	sorted := slices.Sorted(slices.Values(level))
	typical := sorted[len(sorted)*7/10]
	if float64(typical) < edgePaper*paper {
		return 0
	}
	dark, run := 0, 0
	for _, v := range append(level, 255) {
		if v < typical-2*inkLead {
			run++
			continue
		}
		if run <= edgeRun {
			dark += run
		}
		run = 0
	}
	return float64(dark) / float64(long)
}
