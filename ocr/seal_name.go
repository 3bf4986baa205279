package ocr

import (
	"image"
	"image/color"

	"github.com/disintegration/imaging"

	"github.com/jingban/jingban/casework"
)

// The characters of a name seal stand in two columns that are read from the right
// one on, each from the top: 张伟明印 is 张 over 伟 on the right and 明 over 印 on the
// left; a name of three has its family name over the whole right column. Laid out
// in that order beside each other they are a line like any other.
const (
	nameSide     = 192 // pixels of the straightened seal's shorter side
	nameGap      = 8   // between two characters of the line
	shortestName = 2   // characters
	gapFrom      = 0.3 // of the way across: where the gap between two characters is looked for
	gapTo        = 0.7
	gapInk       = 0.1 // inked share of the emptiest row up to which it is a gap
)

// squareLine lays the characters of a rectangular seal out as one line, dark ink on
// white; a frameless nothing gives an empty line.
func squareLine(img *image.NRGBA, s casework.Seal) *image.NRGBA {
	k := inkOf(s.Colour)
	rect, ok := rectOf(img, s.Box, k)
	if !ok || min(rect.W, rect.H) < 2*leastRing {
		return imaging.New(ringHigh, ringHigh, color.White)
	}
	q := rect.Quad()
	scale := nameSide / min(rect.W, rect.H)
	inside := image.NewGray(image.Rect(0, 0, int(rect.W*scale), int(rect.H*scale)))
	for y := range inside.Rect.Dy() {
		v := (float64(y) + 0.5) / float64(inside.Rect.Dy())
		left, right := along(q[0], q[3], v), along(q[1], q[2], v)
		for x := range inside.Rect.Dx() {
			p := along(left, right, (float64(x)+0.5)/float64(inside.Rect.Dx()))
			inside.Pix[y*inside.Stride+x] = k.printed(img, p.X, p.Y)
		}
	}
	return joined(characters(withoutFrame(darkOnWhite(stretch(inside)))))
}

// darkOnWhite turns white characters on ink round.
func darkOnWhite(seal *image.Gray) *image.Gray {
	room := seal.Rect.Dx() * 15 / 100
	if inner := seal.SubImage(seal.Rect.Inset(room)).(*image.Gray); inkShare(inner, inner.Rect) < solidFrom {
		return seal
	}
	for i, v := range seal.Pix {
		seal.Pix[i] = 255 - v
	}
	return seal
}

// nameDark is the level from which a pixel of a stretched seal is ink.
const nameDark = 128

// inkShare is the inked share of a part of a picture.
func inkShare(img *image.Gray, area image.Rectangle) float64 {
	n := 0
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for _, v := range img.Pix[img.PixOffset(area.Min.X, y):][:area.Dx()] {
			if v < nameDark {
				n++
			}
		}
	}
	return float64(n) / float64(max(area.Dx()*area.Dy(), 1))
}

// withoutFrame cuts the frame off: each side behind the last row of its edge that
// is mostly ink.
func withoutFrame(seal *image.Gray) *image.Gray {
	r := seal.Rect
	deepX, deepY := r.Dx()*frameDepth/squareGrid, r.Dy()*frameDepth/squareGrid
	cut := r
	for d := range deepY {
		if inkShare(seal, image.Rect(r.Min.X, r.Min.Y+d, r.Max.X, r.Min.Y+d+1)) >= frameSide {
			cut.Min.Y = r.Min.Y + d + 1
		}
		if inkShare(seal, image.Rect(r.Min.X, r.Max.Y-d-1, r.Max.X, r.Max.Y-d)) >= frameSide {
			cut.Max.Y = r.Max.Y - d - 1
		}
	}
	for d := range deepX {
		if inkShare(seal, image.Rect(r.Min.X+d, r.Min.Y, r.Min.X+d+1, r.Max.Y)) >= frameSide {
			cut.Min.X = r.Min.X + d + 1
		}
		if inkShare(seal, image.Rect(r.Max.X-d-1, r.Min.Y, r.Max.X-d, r.Max.Y)) >= frameSide {
			cut.Max.X = r.Max.X - d - 1
		}
	}
	return seal.SubImage(cut.Inset(2)).(*image.Gray)
}

// characters parts a seal's inside in reading order. A flat seal is one line from
// left to right; a tall one a single column.
func characters(seal *image.Gray) []*image.Gray {
	r := seal.Rect
	if 2*r.Dx() >= 3*r.Dy() {
		return []*image.Gray{seal}
	}
	columns := []image.Rectangle{r}
	if 2*r.Dy() < 3*r.Dx() {
		if x, ok := gap(seal, r, true); ok {
			columns = []image.Rectangle{image.Rect(x, r.Min.Y, r.Max.X, r.Max.Y), image.Rect(r.Min.X, r.Min.Y, x, r.Max.Y)}
		}
	}
	var out []*image.Gray
	for _, column := range columns {
		for _, cell := range stacked(seal, column) {
			out = append(out, seal.SubImage(tight(seal, cell)).(*image.Gray))
		}
	}
	return out
}

// stacked parts a column where it has gaps: in two, and a tall half again.
func stacked(seal *image.Gray, column image.Rectangle) []image.Rectangle {
	y, ok := gap(seal, column, false)
	if 5*column.Dy() < 7*column.Dx() || !ok {
		return []image.Rectangle{column}
	}
	upper := image.Rect(column.Min.X, column.Min.Y, column.Max.X, y)
	lower := image.Rect(column.Min.X, y, column.Max.X, column.Max.Y)
	return append(stacked(seal, upper), stacked(seal, lower)...)
}

// gap finds the middle of the emptiest stripe near the middle of an area.
func gap(seal *image.Gray, area image.Rectangle, upright bool) (at int, ok bool) {
	long, from := area.Dy(), area.Min.Y
	stripe := func(i int) image.Rectangle { return image.Rect(area.Min.X, i, area.Max.X, i+1) }
	if upright {
		long, from = area.Dx(), area.Min.X
		stripe = func(i int) image.Rectangle { return image.Rect(i, area.Min.Y, i+1, area.Max.Y) }
	}
	least, first, last := gapInk, 0, 0
	for i := from + int(gapFrom*float64(long)); i < from+int(gapTo*float64(long)); i++ {
		switch share := inkShare(seal, stripe(i)); {
		case share < least:
			least, first, last = share, i, i
		case share == least && i == last+1:
			last = i
		}
	}
	return (first + last) / 2, last > 0
}

// tight is the part of an area that holds its ink.
func tight(seal *image.Gray, area image.Rectangle) image.Rectangle {
	out := image.Rectangle{}
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			if seal.Pix[seal.PixOffset(x, y)] < nameDark {
				out = out.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return out
}

// joined puts characters beside each other, each made as high as a line is, but
// not wider than one and a half of that.
func joined(parts []*image.Gray) *image.NRGBA {
	const high = ringHigh - 2*nameGap/2
	line := imaging.New(nameGap, ringHigh, color.White)
	for _, part := range parts {
		if part.Rect.Empty() {
			continue
		}
		wide := part.Rect.Dx() * high / part.Rect.Dy()
		if len(parts) > 1 {
			wide = min(max(wide, high*2/3), high*3/2)
		}
		one := imaging.Resize(part, max(wide, 1), high, imaging.Box)
		grown := imaging.New(line.Rect.Dx()+one.Rect.Dx()+nameGap, ringHigh, color.White)
		grown = imaging.Paste(grown, line, image.Point{})
		line = imaging.Paste(grown, one, image.Pt(line.Rect.Dx(), nameGap/2))
	}
	return line
}
