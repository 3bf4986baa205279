package ocr

import (
	"cmp"
	"image"
	"math"
	"slices"
)

// How the sheet's outline is looked for, on the page reduced by outlineStep.
// Whatever does not look like a sheet on a plain desk is left alone: most scans
// show no desk at all.
const (
	outlineStep  = 4    // pixels of the judged picture to one
	outlineApart = 35   // grey levels between sheet and desk
	outlineLeast = 0.15 // of the picture is sheet, at least
	outlineSolid = 0.96 // of its hull is sheet, at least
	outlineBend  = 1.6  // pixels by which a straight side may bend
	outlineSides = 0.85 // of the outline are straight sides, at least
	outlineLong  = 0.22 // of the longest side, and what is shorter is no side
	outlineRight = 0.57 // cosine of a corner's angle, at most: 55° to 125°
	outlineHeld  = 0.85 // of a side has the sheet's own edge within two pixels, at least
	outlineStill = 0.25 // of the step from sheet to desk is a step still
	outlineFlat  = 0.87 // cosine between sides that lie opposite, at least: 30°
)

// lack is where a corner, or a side, of the sheet should be and is not.
type lack struct {
	score float64 // how deep it reaches, as a share of the sheet's short side
	at    image.Rectangle
}

// corners gives the corners of the sheet that lie outside the picture or are
// folded away, with those of the picture's sides beyond which the sheet goes on.
// A whole corner has a score too: that of a bank card's round one is 0.03.
func corners(grey *image.Gray) []lack {
	small := reduce(grey, outlineStep)
	mask, ok := sheetMask(small)
	if !ok {
		return nil
	}
	sides, ok := mask.sides()
	if !ok {
		return nil
	}
	short := math.Inf(1)
	for _, s := range sides {
		short = min(short, s.length())
	}
	var lacks []lack
	open := 0
	for i, side := range sides {
		next := sides[(i+1)%len(sides)]
		if side.opposite(next) {
			open++
			if side.framed && len(sides) == 3 {
				lacks = append(lacks, lack{next.from.minus(side.to).length() / short, around(side.to, next.from)})
			}
			continue
		}
		corner, ok := side.corner(next)
		if ok && max(stepAlong(small, side.to, corner), stepAlong(small, corner, next.from)) < outlineStill*mask.apart {
			lacks = append(lacks, lack{beyond(corner, side.to, next.from) / short, around(side.to, next.from)})
		}
	}
	if open > 1 {
		return nil // not a sheet but a strip
	}
	for i, l := range lacks {
		lacks[i].at = image.Rectangle{l.at.Min.Mul(outlineStep), l.at.Max.Mul(outlineStep)}.Intersect(grey.Rect)
	}
	return lacks
}

// reduce takes the means of squares.
func reduce(grey *image.Gray, by int) *image.Gray {
	w, h := grey.Rect.Dx()/by, grey.Rect.Dy()/by
	out := image.NewGray(image.Rect(0, 0, w, h))
	sums := make([]int, w)
	for y := range h {
		clear(sums)
		for sy := y * by; sy < (y+1)*by; sy++ {
			row := grey.Pix[sy*grey.Stride:]
			for x := range sums {
				for _, v := range row[x*by : (x+1)*by] {
					sums[x] += int(v)
				}
			}
		}
		for x, sum := range sums {
			out.Pix[y*out.Stride+x] = uint8(sum / (by * by))
		}
	}
	return out
}

// mask says which pixels belong to the sheet, holes filled.
type mask struct {
	wide, high int
	sheet      []bool
	area       int
	apart      float64 // grey levels between sheet and desk
}

// sheetMask tells sheet from desk: two shades, of which the desk's has most of
// the picture's rim. ok is false where there are no two.
func sheetMask(grey *image.Gray) (m mask, ok bool) {
	m = mask{wide: grey.Rect.Dx(), high: grey.Rect.Dy()}
	if m.wide < 40 || m.high < 40 {
		return m, false
	}
	limit, apart := twoShades(grey)
	m.apart = apart
	if apart < outlineApart {
		return m, false
	}
	bright, rim := 0, m.rim()
	for _, at := range rim {
		if int(grey.Pix[at]) > limit {
			bright++
		}
	}
	deskBright := 2*bright > len(rim)
	desk := make([]bool, len(grey.Pix))
	for i, v := range grey.Pix {
		desk[i] = int(v) > limit == deskBright
	}
	reached := make([]bool, len(desk))
	for _, at := range rim {
		spread(desk, reached, m.wide, at)
	}
	m.largest(reached)
	share := float64(m.area) / float64(len(grey.Pix))
	return m, share >= outlineLeast && share < 1
}

// rim are the places of the picture's outermost pixels.
func (m *mask) rim() []int {
	var all []int
	for x := range m.wide {
		all = append(all, x, (m.high-1)*m.wide+x)
	}
	for y := 1; y < m.high-1; y++ {
		all = append(all, y*m.wide, y*m.wide+m.wide-1)
	}
	return all
}

// twoShades gives the limit between the two shades that divide a picture best
// (Otsu 1979), and how far their means are apart.
func twoShades(grey *image.Gray) (limit int, apart float64) {
	var counts [256]float64
	total, sum := 0.0, 0.0
	for _, v := range grey.Pix {
		counts[v]++
		total, sum = total+1, sum+float64(v)
	}
	best, below, belowSum := 0.0, 0.0, 0.0
	for v, n := range counts {
		below, belowSum = below+n, belowSum+n*float64(v)
		if below == 0 || below == total {
			continue
		}
		d := (sum-belowSum)/(total-below) - belowSum/below
		if between := below * (total - below) * d * d; between > best {
			best, limit, apart = between, v, d
		}
	}
	return limit, apart
}

// spread marks what hangs together with a place and counts it.
func spread(open, marked []bool, wide, start int) int {
	n := 0
	for stack := []int{start}; len(stack) > 0; {
		at := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if !open[at] || marked[at] {
			continue
		}
		marked[at] = true
		n++
		if x := at % wide; x > 0 {
			stack = append(stack, at-1)
		}
		if at%wide+1 < wide {
			stack = append(stack, at+1)
		}
		if at >= wide {
			stack = append(stack, at-wide)
		}
		if at+wide < len(open) {
			stack = append(stack, at+wide)
		}
	}
	return n
}

// largest takes for the sheet the largest spot that the desk did not reach.
func (m *mask) largest(desk []bool) {
	other := make([]bool, len(desk))
	for i, d := range desk {
		other[i] = !d
	}
	seen, start := make([]bool, len(desk)), 0
	for i := range other {
		if !other[i] || seen[i] {
			continue
		}
		if n := spread(other, seen, m.wide, i); n > m.area {
			m.area, start = n, i
		}
	}
	if m.sheet = make([]bool, len(desk)); m.area > 0 {
		spread(other, m.sheet, m.wide, start)
	}
}

// spot is a place between pixels.
type spot struct{ x, y float64 }

func (p spot) minus(q spot) spot            { return spot{p.x - q.x, p.y - q.y} }
func (p spot) cross(q spot) float64         { return p.x*q.y - p.y*q.x }
func (p spot) dot(q spot) float64           { return p.x*q.x + p.y*q.y }
func (p spot) length() float64              { return math.Hypot(p.x, p.y) }
func (p spot) along(q spot, t float64) spot { return spot{p.x + t*q.x, p.y + t*q.y} }

// edge is a straight side of the sheet; framed says that the picture's rim
// comes between it and the next one.
type edge struct {
	from, to spot
	framed   bool
}

func (e edge) length() float64 { return e.to.minus(e.from).length() }

// hull is the convex outline of the sheet.
func (m *mask) hull() []spot {
	var points []spot
	for y := range m.high {
		row := m.sheet[y*m.wide : (y+1)*m.wide]
		first := slices.Index(row, true)
		if first < 0 {
			continue
		}
		last := len(row)
		for !row[last-1] {
			last--
		}
		for _, x := range []int{first, last} {
			points = append(points, spot{float64(x), float64(y)}, spot{float64(x), float64(y + 1)})
		}
	}
	slices.SortFunc(points, func(a, b spot) int { return cmp.Or(cmp.Compare(a.x, b.x), cmp.Compare(a.y, b.y)) })
	half := func(points []spot) (out []spot) {
		for _, p := range points {
			for len(out) > 1 && out[len(out)-1].minus(out[len(out)-2]).cross(p.minus(out[len(out)-2])) <= 0 {
				out = out[:len(out)-1]
			}
			out = append(out, p)
		}
		return out[:len(out)-1]
	}
	lower := half(points)
	slices.Reverse(points)
	return append(lower, half(points)...)
}

// sides gives the straight sides of the sheet in their order, the picture's rim
// left out; ok is false when it does not look like a sheet.
func (m *mask) sides() (sides []edge, ok bool) {
	outline := m.hull()
	area, all := 0.0, 0.0
	for i, p := range outline {
		next := outline[(i+1)%len(outline)]
		area, all = area+p.cross(next)/2, all+next.minus(p).length()
	}
	if float64(m.area) < outlineSolid*area {
		return nil, false
	}
	outline = withoutBends(outline)
	var edges []edge
	longest, straight := 0.0, 0.0
	for i, p := range outline {
		e := edge{from: p, to: outline[(i+1)%len(outline)]}
		e.framed = m.onRim(e)
		longest = max(longest, e.length())
		edges = append(edges, e)
	}
	start := slices.IndexFunc(edges, func(e edge) bool { return !e.framed && e.length() >= outlineLong*longest })
	for i := range edges {
		e := edges[(max(start, 0)+i)%len(edges)]
		switch long := e.length() >= outlineLong*longest; {
		case e.framed:
			if len(sides) > 0 {
				sides[len(sides)-1].framed = true
			}
			straight += e.length()
		case long:
			if m.held(e) < outlineHeld {
				return nil, false
			}
			sides = append(sides, e)
			straight += e.length()
		}
	}
	if len(sides) == 5 {
		sides = withoutFold(sides)
	}
	return sides, (len(sides) == 3 || len(sides) == 4) && straight >= outlineSides*all
}

// held is the share of a side along which the sheet begins within two pixels; a
// bulge that is no sheet holds its hull at single points only.
func (m *mask) held(e edge) float64 {
	const within = 2
	n := int(e.length())
	step := e.to.minus(e.from)
	step = spot{step.x / e.length(), step.y / e.length()}
	count := 0
	for i := range n {
		at := e.from.along(step, float64(i)+0.5).along(spot{-step.y, step.x}, within)
		if x, y := int(at.x), int(at.y); image.Pt(x, y).In(image.Rect(0, 0, m.wide, m.high)) && m.sheet[y*m.wide+x] {
			count++
		}
	}
	return float64(count) / float64(max(n, 1))
}

// withoutFold leaves the shortest side out: a large fold looks like a side.
func withoutFold(sides []edge) []edge {
	at := -1
	for i, s := range sides {
		if !s.framed && (at < 0 || s.length() < sides[at].length()) {
			at = i
		}
	}
	if at < 0 {
		return sides
	}
	return slices.Delete(sides, at, at+1)
}

// onRim says that an edge runs along the picture's rim.
func (m *mask) onRim(e edge) bool {
	const near = 1.5
	w, h := float64(m.wide), float64(m.high)
	return e.from.x < near && e.to.x < near || e.from.y < near && e.to.y < near ||
		e.from.x > w-near && e.to.x > w-near || e.from.y > h-near && e.to.y > h-near
}

// withoutBends leaves the corners of a convex outline out that bend it by less
// than outlineBend, the flattest first.
func withoutBends(outline []spot) []spot {
	outline = slices.Clone(outline)
	for len(outline) > 3 {
		best, at := math.Inf(1), 0
		for i, p := range outline {
			before, after := outline[(i+len(outline)-1)%len(outline)], outline[(i+1)%len(outline)]
			line := after.minus(before)
			if bend := math.Abs(line.cross(p.minus(before))) / max(line.length(), 1e-9); bend < best {
				best, at = bend, i
			}
		}
		if best > outlineBend {
			break
		}
		outline = slices.Delete(outline, at, at+1)
	}
	return outline
}

// opposite says that the next side lies across: the whole side between them is
// missing.
func (e edge) opposite(next edge) bool { return e.angle(next) < -outlineFlat }

// angle is the cosine of the turn from a side to the next one.
func (e edge) angle(next edge) float64 {
	a, b := e.to.minus(e.from), next.to.minus(next.from)
	return a.dot(b) / (a.length() * b.length())
}

// corner is where a side and the next one would meet; ok is false when they make
// no corner.
func (e edge) corner(next edge) (at spot, ok bool) {
	a, b := e.to.minus(e.from), next.to.minus(next.from)
	det := a.cross(b)
	if math.Abs(e.angle(next)) > outlineRight || det <= 0 {
		return spot{}, false
	}
	return e.to.along(a, next.from.minus(e.to).cross(b)/det), true
}

// beyond is how far a corner lies beyond the chord that cuts it off.
func beyond(corner, from, to spot) float64 {
	chord := to.minus(from)
	if chord.length() < 1 {
		return 0
	}
	return math.Abs(chord.cross(corner.minus(from))) / chord.length()
}

// around is the place of a chord.
func around(from, to spot) image.Rectangle {
	return image.Rect(int(from.x), int(from.y), int(to.x), int(to.y)).Inset(-2)
}

// stepAlong is by how much one side of a line is brighter than the other, where
// it runs through the picture: a sheet may go on there in a shadow.
func stepAlong(grey *image.Gray, from, to spot) float64 {
	const beside, least = 3, 4
	line := to.minus(from)
	n := int(line.length())
	if n < least {
		return 0
	}
	step := spot{line.x / line.length(), line.y / line.length()}
	normal := spot{-step.y, step.x}
	difference, count := 0, 0
	for i := beside + 1; i < n-beside; i++ { // its ends are beside the sheet
		at := from.along(step, float64(i))
		a, b := at.along(normal, beside), at.along(normal, -beside)
		p, q := image.Pt(int(a.x), int(a.y)), image.Pt(int(b.x), int(b.y))
		if p.In(grey.Rect) && q.In(grey.Rect) {
			difference += int(grey.GrayAt(p.X, p.Y).Y) - int(grey.GrayAt(q.X, q.Y).Y)
			count++
		}
	}
	if count < least {
		return 0
	}
	return math.Abs(float64(difference) / float64(count))
}
