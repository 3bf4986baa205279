package ocr

import (
	"image"
	"math"
	"unicode"

	"github.com/jingban/jingban/casework"
)

// handHigh is how high a line is made, in pixels, to look at its characters.
const handHigh = 40

// glyph is one character's ink in a straightened line, in its pixels.
type glyph struct {
	char           rune
	at             int // rune of the line
	x0, x1, y0, y1 int // exclusive ends
	ink            int
	blue           float64 // by how much blue leads red
}

func (g glyph) middle() float64 { return float64(g.x0+g.x1) / 2 }
func (g glyph) digit() bool     { return isDigit(g.char) }
func (g glyph) capital() bool {
	return isDigit(g.char) || g.char >= 'A' && g.char <= 'Z' && g.char != 'Q' && g.char != 'J'
}
func (g glyph) han() bool { return unicode.Is(unicode.Han, g.char) }

// strip is a line straightened: grey levels, and by how much blue leads red.
type strip struct {
	wide  int
	grey  []uint8
	blue  []int16
	limit []int // by column: ink is darker
}

// leastContrast is what paper and ink must differ by to be looked at, grey levels.
const leastContrast = 30

func straighten(img *image.NRGBA, q casework.Quad) strip {
	length := func(a, b casework.Point) float64 { return math.Hypot(b.X-a.X, b.Y-a.Y) }
	w, h := length(q[0], q[1])+length(q[3], q[2]), length(q[0], q[3])+length(q[1], q[2])
	s := strip{wide: max(1, int(w*handHigh/max(h, 1)))}
	s.grey, s.blue = make([]uint8, s.wide*handHigh), make([]int16, s.wide*handHigh)
	for y := range handHigh {
		v := (float64(y) + 0.5) / handHigh
		left, right := along(q[0], q[3], v), along(q[1], q[2], v)
		for x := range s.wide {
			p := along(left, right, (float64(x)+0.5)/float64(s.wide))
			r, g, b := colourAt(img, p.X-0.5, p.Y-0.5)
			s.grey[y*s.wide+x], s.blue[y*s.wide+x] = uint8((77*r+150*g+29*b)/256), int16(b-r)
		}
	}
	s.limit = s.limits()
	return s
}

// limits are what ink is darker than, by column: a shadow may end on a line. Paper
// is looked for in windows of the line's height to both sides.
func (s strip) limits() []int {
	limits := make([]int, s.wide)
	whole := &image.Gray{Pix: s.grey, Stride: s.wide, Rect: image.Rect(0, 0, s.wide, handHigh)}
	contrast := int(percentile(whole, 0.8)) - int(percentile(whole, 0.03))
	if contrast < leastContrast {
		return limits
	}
	for from := 0; from < s.wide; from += handHigh / 2 {
		window := image.Rect(max(0, from-handHigh), 0, min(s.wide, from+3*handHigh/2), handHigh)
		part := image.NewGray(image.Rect(0, 0, window.Dx(), handHigh))
		for y := range handHigh {
			copy(part.Pix[y*part.Stride:], s.grey[y*s.wide+window.Min.X:y*s.wide+window.Max.X])
		}
		paper := int(percentile(part, 0.8))
		for x := from; x < min(s.wide, from+handHigh/2); x++ {
			limits[x] = paper - contrast*45/100
		}
	}
	return limits
}

// colourAt is the colour between the four pixels around a place.
func colourAt(img *image.NRGBA, x, y float64) (r, g, b int) {
	x, y = min(max(x, 0), float64(img.Rect.Dx()-1)), min(max(y, 0), float64(img.Rect.Dy()-1))
	x0, y0 := int(x), int(y)
	right, below := 4*min(1, img.Rect.Dx()-1-x0), img.Stride*min(1, img.Rect.Dy()-1-y0)
	fx, fy := int(256*(x-float64(x0))), int(256*(y-float64(y0)))
	p := img.Pix[y0*img.Stride+4*x0:]
	mix := func(c int) int {
		upper := int(p[c])*(256-fx) + int(p[right+c])*fx
		lower := int(p[below+c])*(256-fx) + int(p[below+right+c])*fx
		return (upper*(256-fy) + lower*fy) >> 16
	}
	return mix(0), mix(1), mix(2)
}

func (s strip) inked(x, y int) bool { return int(s.grey[y*s.wide+x]) < s.limit[x] }

// glyphsOf parts a line's ink into its characters, at the emptiest column near the
// middle between where two were read. Rows that are ink nearly throughout are a
// table's rule.
func glyphsOf(s strip, line casework.Line) []glyph {
	chars := []rune(line.Text)
	rule, columns := s.rulesAndColumns()
	edges := make([]int, len(chars)+1)
	place := func(i int) float64 { return line.At[i] * float64(s.wide) }
	edges[0], edges[len(chars)] = max(0, int(place(0)-0.6*handHigh)), min(s.wide, int(place(len(chars)-1)+0.6*handHigh))
	for i := 1; i < len(chars); i++ {
		a, b := place(i-1), place(i)
		edges[i] = min(s.wide, valley(columns, (a+b)/2, min((b-a)*0.35, handHigh/2))) // a character may be read behind the line's end
	}
	var out []glyph
	for i, r := range chars {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			continue
		}
		if g, ok := s.glyphIn(rule, edges[i], edges[i+1]); ok {
			g.char, g.at = r, i
			out = append(out, g)
		}
	}
	return out
}

// rulesAndColumns gives the rows of rules and how much other ink each column has.
func (s strip) rulesAndColumns() (rule [handHigh]bool, columns []int) {
	columns = make([]int, s.wide)
	for y := range handHigh {
		n := 0
		for x := range s.wide {
			if s.inked(x, y) {
				n++
			}
		}
		if rule[y] = 10*n > 8*s.wide; rule[y] {
			continue
		}
		for x := range s.wide {
			if s.inked(x, y) {
				columns[x]++
			}
		}
	}
	return rule, columns
}

// valley is the column with the least ink near a place.
func valley(columns []int, at, reach float64) int {
	best, least := int(at), math.Inf(1)
	for x := max(0, int(at-reach)); x <= min(len(columns)-1, int(at+reach)); x++ {
		if cost := 4*float64(columns[x]) + math.Abs(float64(x)-at); cost < least {
			best, least = x, cost
		}
	}
	return best
}

// What is a character's ink: leastInk pixels are a slender 1 at least; of its box
// bold print covers half, more than mostInk is a shadow, a picture or a seal; and a
// seal's ink is red, which no pen is that fills in forms.
const (
	leastInk = 6
	mostInk  = 0.62
	leastHue = -30
)

func (s strip) glyphIn(rule [handHigh]bool, from, to int) (glyph, bool) {
	g := glyph{x0: to, x1: from, y0: handHigh}
	blue := 0
	for y := range handHigh {
		for x := from; x < to && !rule[y]; x++ {
			if s.inked(x, y) {
				g.x0, g.x1, g.y0, g.y1 = min(g.x0, x), max(g.x1, x+1), min(g.y0, y), max(g.y1, y+1)
				g.ink++
				blue += int(s.blue[y*s.wide+x])
			}
		}
	}
	g.blue = float64(blue) / float64(max(g.ink, 1))
	full := float64(g.ink) > mostInk*float64((g.x1-g.x0)*(g.y1-g.y0))
	return g, g.ink >= leastInk && g.blue > leastHue && !(full && g.x1-g.x0 > handHigh/4)
}
