package native

import (
	"image"
	"math"

	"github.com/jingban/jingban/casework"
)

// uprightFrom is how much higher than wide a crop must be to be a line on its
// side; a single character may be a little higher than wide.
const uprightFrom = 1.5

// size of a quad's edges in pixels.
func size(q casework.Quad) (w, h float64) {
	distance := func(a, b casework.Point) float64 { return math.Hypot(a.X-b.X, a.Y-b.Y) }
	return max(distance(q[0], q[1]), distance(q[3], q[2])), max(distance(q[0], q[3]), distance(q[1], q[2]))
}

// crop cuts a quad out of a picture and straightens it. A column is laid on its
// side, its top to the left, as the recogniser was trained.
func crop(img *image.NRGBA, q casework.Quad) *image.NRGBA {
	w, h := size(q)
	if h >= uprightFrom*w {
		q = casework.Quad{q[1], q[2], q[3], q[0]}
		w, h = h, w
	}
	cols, rows := max(1, int(w+0.5)), max(1, int(h+0.5))
	out := image.NewNRGBA(image.Rect(0, 0, cols, rows))
	for y := range rows {
		v := (float64(y) + 0.5) / float64(rows)
		left, right := between(q[0], q[3], v), between(q[1], q[2], v)
		for x := range cols {
			p := between(left, right, (float64(x)+0.5)/float64(cols))
			sample(img, p.X-0.5, p.Y-0.5, out.Pix[y*out.Stride+x*4:])
		}
	}
	return out
}

func between(a, b casework.Point, share float64) casework.Point {
	return casework.Point{X: a.X + (b.X-a.X)*share, Y: a.Y + (b.Y-a.Y)*share}
}

// sample mixes the four pixels around a place; outside the picture its edge goes
// on.
func sample(img *image.NRGBA, x, y float64, to []uint8) {
	x = min(max(x, 0), float64(img.Rect.Dx()-1))
	y = min(max(y, 0), float64(img.Rect.Dy()-1))
	x0, y0 := int(x), int(y)
	x1, y1 := min(x0+1, img.Rect.Dx()-1), min(y0+1, img.Rect.Dy()-1)
	fx, fy := x-float64(x0), y-float64(y0)
	a, b := img.Pix[y0*img.Stride+x0*4:], img.Pix[y0*img.Stride+x1*4:]
	c, d := img.Pix[y1*img.Stride+x0*4:], img.Pix[y1*img.Stride+x1*4:]
	for i := range 3 {
		above := float64(a[i])*(1-fx) + float64(b[i])*fx
		below := float64(c[i])*(1-fx) + float64(d[i])*fx
		to[i] = uint8(above*(1-fy) + below*fy + 0.5)
	}
	to[3] = 0xff
}
