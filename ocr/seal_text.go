package ocr

import (
	"image"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/jingban/jingban/casework"
)

// The name on a seal runs clockwise along its rim, the tops of the characters
// outwards. Laid out straight it is a line like any other. Shares are of the
// seal's half width: a company's seal of 42 mm has a rim of 1.2 mm and characters
// of 5 to 6 mm close to it (GB/T 33481), the star and the lower line lie inside.
const (
	ringOuter = 0.935
	ringInner = 0.58
	ringHigh  = 48   // pixels of the line, what the recogniser wants
	leastRing = 24   // pixels of a seal's half width: below, its name is a smudge
	ringSure  = 0.85 // mean confidence of a name that is one: a wrong one accuses somebody
)

// LineReader is an engine that reads a picture of one straight line.
type LineReader interface {
	// ReadLine gives "" when there is nothing to read.
	ReadLine(line *image.NRGBA) (text string, confidence float64, err error)
}

// ReadSeals reads the names on the rims of an upright page's seals and says how
// much of each lies over text. An engine that is no LineReader reads none.
func ReadSeals(engine Engine, page Sheet, lines []casework.Line) ([]casework.Seal, error) {
	seals := slices.Clone(page.Seals)
	for i, s := range seals {
		seals[i].Over = overText(s.Box, lines)
		reader, ok := engine.(LineReader)
		if !ok || min(s.Box.W, s.Box.H) < 2*leastRing {
			continue
		}
		lay, least := ringLine, shortest
		if s.Shape == "square" {
			lay, least = squareLine, shortestName
		}
		text, sure, err := reader.ReadLine(lay(page.Raw, s))
		if err != nil {
			return nil, err
		}
		if name := hanOf(text); sure >= ringSure && utf8.RuneCountInString(name) >= least {
			seals[i].Text, seals[i].Confidence = name, sure
		}
	}
	return slices.DeleteFunc(seals, isNote), nil
}

// isNote tells a rectangular stamp that is somebody's note from a seal.
func isNote(s casework.Seal) bool {
	return s.Shape == "square" && slices.ContainsFunc(noteWords(), func(word string) bool { return strings.Contains(s.Text, word) })
}

// noteWords are what clerks and cashiers stamp on papers; none of them seals one.
func noteWords() []string {
	return []string{"受理", "收件", "收讫", "付讫", "转讫", "作废", "复印", "原件", "附件", "已审", "已核", "核对", "注销", "副本"}
}

// hanOf keeps what a seal's name is made of.
func hanOf(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Han, r) || unicode.IsDigit(r) || strings.ContainsRune("（）()", r) {
			return r
		}
		return -1
	}, text)
}

// overText is the share of a seal's box that lies over lines of text.
func overText(seal casework.Box, lines []casework.Line) float64 {
	share := 0.0
	for _, l := range lines {
		share += covered(seal, l.Quad.Box())
	}
	return round3(min(share, 1))
}

// ringLine lays a seal's rim out straight, dark ink on white, from the widest gap
// on, so that a seal that was stamped askew begins with its first character.
func ringLine(img *image.NRGBA, s casework.Seal) *image.NRGBA {
	cx, cy := float64(s.Box.X)+float64(s.Box.W)/2, float64(s.Box.Y)+float64(s.Box.H)/2
	a, b := float64(s.Box.W)/2, float64(s.Box.H)/2
	length := 2 * math.Pi * (a + b) / 2 * (ringOuter + ringInner) / 2
	wide := int(length * ringHigh / ((ringOuter - ringInner) * (a + b) / 2))
	strip := image.NewGray(image.Rect(0, 0, wide, ringHigh))
	k := inkOf(s.Colour)
	for x := range wide {
		sin, cos := math.Sincos(2 * math.Pi * (float64(x) + 0.5) / float64(wide))
		for y := range ringHigh {
			r := ringOuter - (ringOuter-ringInner)*(float64(y)+0.5)/ringHigh
			strip.Pix[y*strip.Stride+x] = k.printed(img, cx+a*r*sin-0.5, cy-b*r*cos-0.5)
		}
	}
	begin, wideGap := widestGap(stretch(strip))
	room := min(ringHigh/2, wideGap/2) // paper before and behind the name; more would show the rim alone
	return unrolled(strip, begin+wideGap-room, wide-wideGap+2*room)
}

func inkOf(colour string) ink {
	for _, k := range inks() {
		if k.colour == colour {
			return k
		}
	}
	return inks()[0]
}

// printed is how a place of the picture looks when only this ink is seen: 255
// where there is none of it.
func (k ink) printed(img *image.NRGBA, x, y float64) uint8 {
	x, y = min(max(x, 0), float64(img.Rect.Dx()-1)), min(max(y, 0), float64(img.Rect.Dy()-1))
	x0, y0 := int(x), int(y)
	x1, y1 := min(x0+1, img.Rect.Dx()-1), min(y0+1, img.Rect.Dy()-1)
	fx, fy := x-float64(x0), y-float64(y0)
	at := func(x, y int) float64 { return float64(max(0, k.lead(img.Pix[y*img.Stride+4*x:]))) }
	lead := (at(x0, y0)*(1-fx)+at(x1, y0)*fx)*(1-fy) + (at(x0, y1)*(1-fx)+at(x1, y1)*fx)*fy
	return uint8(255 - min(lead, 255))
}

// stretch makes the darkest ink black, in place.
func stretch(strip *image.Gray) *image.Gray {
	low := int(percentile(strip, 0.05))
	for i, v := range strip.Pix {
		strip.Pix[i] = uint8(min(255, max(0, (int(v)-low)*255/max(255-low, 1))))
	}
	return strip
}

// widestGap is the longest run of columns without ink, round the circle: its first
// column and its length.
func widestGap(strip *image.Gray) (begin, length int) {
	wide := strip.Rect.Dx()
	empty := func(x int) bool {
		dark := 0
		for y := range ringHigh {
			if strip.Pix[y*strip.Stride+x%wide] < 205 {
				dark++
			}
		}
		return dark < 2
	}
	begin, run := wide/2, 0 // without a gap from the bottom on
	for x := range 2 * wide {
		if !empty(x) {
			run = 0
			continue
		}
		if run++; run > length && run < wide {
			begin, length = x-run+1, run
		}
	}
	return begin, length
}

// unrolled gives so many columns of the line from one on, as a colour picture.
func unrolled(strip *image.Gray, from, columns int) *image.NRGBA {
	wide := strip.Rect.Dx()
	out := image.NewNRGBA(image.Rect(0, 0, columns, ringHigh))
	for y := range ringHigh {
		for x := range columns {
			v := strip.Pix[y*strip.Stride+(x+from)%wide]
			copy(out.Pix[y*out.Stride+4*x:], []uint8{v, v, v, 255})
		}
	}
	return out
}
