package ocr_test

import (
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/disintegration/imaging"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/fixtures/materials"
	"github.com/jingban/jingban/ocr"
)

// laid is how a flat page lies on a desk in front of a camera: where its
// corners fall, in shares of the picture, from the top left clockwise.
type laid struct {
	corners [4][2]float64
	fold    int     // which corner is folded in, -1 for none
	folded  float64 // legs of the fold as a share of the page's short side
}

// straightOn lies inside the picture with some perspective, turned a little.
func straightOn(rnd *rand.Rand) laid {
	l := laid{corners: [4][2]float64{{0.1, 0.1}, {0.9, 0.1}, {0.9, 0.9}, {0.1, 0.9}}, fold: -1}
	turn := (rnd.Float64() - 0.5) * 0.1
	for i, c := range l.corners {
		x, y := c[0]-0.5, c[1]-0.5
		l.corners[i] = [2]float64{0.5 + x - y*turn + (rnd.Float64()-0.5)*0.05, 0.5 + y + x*turn + (rnd.Float64()-0.5)*0.05}
	}
	return l
}

// without moves the page until a corner lies outside by a share of its side.
func (l laid) without(corner int, by float64) laid {
	outX := []float64{-1, 1, 1, -1}[corner] * by
	dx := outX - l.corners[corner][0]
	if outX > 0 {
		dx = 1 + by - l.corners[corner][0]
	}
	pull := [2]float64{dx, 0}
	for i := range l.corners { // turn it, so that this corner alone goes out
		share := 1.0
		if i == (corner^1) || i == (corner^3) {
			share = 0.25
		} else if i != corner {
			share = 0
		}
		l.corners[i][0] += pull[0] * share
	}
	return l
}

// photograph puts a page on a desk of one colour with a grain, lit from a side.
func (l laid) photograph(page *image.NRGBA, wide int, desk color.NRGBA, rnd *rand.Rand) *image.NRGBA {
	pw, ph := float64(page.Rect.Dx()), float64(page.Rect.Dy())
	high := int(float64(wide) * ph / pw)
	out := image.NewNRGBA(image.Rect(0, 0, wide, high))
	back := unproject(l.corners, float64(wide), float64(high))
	light := (rnd.Float64() - 0.5) * 0.3
	for y := range high {
		grain := 10 * math.Sin(float64(y)*0.05+3*math.Sin(float64(y)*0.011))
		for x := range wide {
			u, v := back(float64(x), float64(y))
			c := [3]float64{float64(desk.R) + grain, float64(desk.G) + grain, float64(desk.B) + grain}
			if u >= 0 && v >= 0 && u < 1 && v < 1 && !l.away(u*pw, v*ph, pw, ph) {
				p := page.Pix[int(v*ph)*page.Stride+4*int(u*pw):]
				c = [3]float64{float64(p[0]), float64(p[1]), float64(p[2])}
				if l.flap(u*pw, v*ph, pw, ph) {
					c = [3]float64{225, 225, 222}
				}
			}
			gain := 0.88 + light*(float64(x)/float64(wide)-0.5)
			for k, value := range c {
				out.Pix[y*out.Stride+4*x+k] = uint8(max(0, min(255, value*gain+rnd.NormFloat64()*2)))
			}
			out.Pix[y*out.Stride+4*x+3] = 255
		}
	}
	return imaging.Blur(out, 0.7)
}

// fromCorner is how far a place lies from the folded corner along both sides.
func (l laid) fromCorner(x, y, w, h float64) (a, b float64) {
	a, b = x, y
	if l.fold == 1 || l.fold == 2 {
		a = w - x
	}
	if l.fold == 2 || l.fold == 3 {
		b = h - y
	}
	return a, b
}

func (l laid) away(x, y, w, h float64) bool {
	if l.fold < 0 {
		return false
	}
	a, b := l.fromCorner(x, y, w, h)
	return a+b < l.folded*min(w, h)
}

// flap is the paper's back where the corner came to lie.
func (l laid) flap(x, y, w, h float64) bool {
	if l.fold < 0 {
		return false
	}
	a, b := l.fromCorner(x, y, w, h)
	leg := l.folded * min(w, h)
	return a < leg && b < leg
}

// unproject leads from pixels of the picture to shares of the page.
func unproject(q [4][2]float64, w, h float64) func(x, y float64) (u, v float64) {
	for i := range q {
		q[i] = [2]float64{q[i][0] * w, q[i][1] * h}
	}
	dx1, dy1 := q[1][0]-q[2][0], q[1][1]-q[2][1]
	dx2, dy2 := q[3][0]-q[2][0], q[3][1]-q[2][1]
	sx, sy := q[0][0]-q[1][0]+q[2][0]-q[3][0], q[0][1]-q[1][1]+q[2][1]-q[3][1]
	det := dx1*dy2 - dx2*dy1
	g, k := (sx*dy2-dx2*sy)/det, (dx1*sy-sx*dy1)/det
	m := [9]float64{
		q[1][0] - q[0][0] + g*q[1][0], q[3][0] - q[0][0] + k*q[3][0], q[0][0],
		q[1][1] - q[0][1] + g*q[1][1], q[3][1] - q[0][1] + k*q[3][1], q[0][1], g, k, 1,
	}
	i := [9]float64{
		m[4]*m[8] - m[5]*m[7], m[2]*m[7] - m[1]*m[8], m[1]*m[5] - m[2]*m[4],
		m[5]*m[6] - m[3]*m[8], m[0]*m[8] - m[2]*m[6], m[2]*m[3] - m[0]*m[5],
		m[3]*m[7] - m[4]*m[6], m[1]*m[6] - m[0]*m[7], m[0]*m[4] - m[1]*m[3],
	}
	return func(x, y float64) (u, v float64) {
		d := i[6]*x + i[7]*y + i[8]
		return (i[0]*x + i[1]*y + i[2]) / d, (i[3]*x + i[4]*y + i[5]) / d
	}
}

func desks() []color.NRGBA {
	return []color.NRGBA{{150, 112, 78, 255}, {60, 62, 66, 255}, {176, 160, 138, 255}, {104, 122, 138, 255}, {40, 70, 50, 255}}
}

// finding gives what the door says of a picture by a code.
func finding(found []casework.Quality, code string) (casework.Quality, bool) {
	for _, q := range found {
		if q.Code == code {
			return q, true
		}
	}
	return casework.Quality{}, false
}

// flatPages are one flat page of each kind, at most wide pixels wide.
func flatPages(t testing.TB, wide int) []*image.NRGBA {
	studio := openStudio(t)
	var pages []*image.NRGBA
	for i, kind := range materials.Kinds() {
		page := paper(t, studio, kind, i, materials.Style{})
		if page.Rect.Dx() > wide {
			page = imaging.Resize(page, wide, 0, imaging.Box)
		}
		pages = append(pages, page)
	}
	return pages
}

func TestMissingCornersAreFoundAndWholeSheetsAreNot(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(doorSeed, 1))
	rounds := doorRounds()
	found := map[string]int{}
	for i, page := range flatPages(t, 1000) {
		for range rounds {
			corner, desk := rnd.IntN(4), desks()[rnd.IntN(len(desks()))]
			folded := straightOn(rnd)
			folded.fold, folded.folded = corner, 0.12+0.2*rnd.Float64()
			for k, l := range []laid{straightOn(rnd), straightOn(rnd).without(corner, 0.05+0.2*rnd.Float64()), folded} {
				name := []string{"whole", "outside", "folded"}[k]
				picture := l.photograph(page, 900, desk, rnd)
				q, ok := finding(ocr.Inspect(picture), "corner_missing")
				if !ok {
					continue
				}
				found[name]++
				if q.Retake || q.Box.Empty() || q.Score <= q.Threshold {
					t.Errorf("%s, page %d: %+v", name, i, q)
				}
				at := [2]float64{float64(q.Box.X+q.Box.W/2)/float64(picture.Rect.Dx()) - 0.5, float64(q.Box.Y+q.Box.H/2)/float64(picture.Rect.Dy()) - 0.5}
				if name == "folded" && ((at[0] > 0) != (corner == 1 || corner == 2) || (at[1] > 0) != (corner > 1)) {
					t.Errorf("page %d: corner %d is said to be at %v", i, corner, at)
				}
			}
		}
	}
	all := rounds * len(materials.Kinds())
	t.Logf("of %d each: %v", all, found)
	if found["whole"] > 0 || found["outside"] < all*8/10 || found["folded"] < all*8/10 {
		t.Errorf("of %d each: %v", all, found)
	}
}
