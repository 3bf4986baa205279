package ocr

import (
	"image"
	"strings"
	"unicode/utf8"

	"github.com/jingban/jingban/casework"
)

// Where somebody signs: behind a label, as high as the label and half of it above
// and below, at most so many heights wide, and not over the next label.
const (
	signWide = 9.0 // heights: three large characters written by hand
	signRoom = 0.5
	// signInk is the share of the place that ink must cover. A drawn line below it
	// is not counted; a name written with a pen of 0.7 mm covers 3 to 10 %.
	signInk = 0.012
)

func signLabels() []string { return []string{"签名", "签字", "签章", "签收"} }

// signatures says for each label of a signature whether ink stands in its place.
func signatures(img *image.NRGBA, lines []casework.Line) []casework.Signature {
	var found []casework.Signature
	for i, l := range lines {
		label := strings.TrimRight(strings.TrimSpace(l.Text), "：: _（）()")
		if !endsWithLabel(label) {
			continue
		}
		box := placeOf(l.Quad.Box(), utf8.RuneCountInString(l.Text), lines, i)
		box = inside(box, img.Rect)
		if box.Empty() {
			continue
		}
		share := inkIn(img, box)
		found = append(found, casework.Signature{Label: label, Box: box, Ink: round3(share), Signed: share >= signInk})
	}
	return found
}

func endsWithLabel(text string) bool {
	for _, label := range signLabels() {
		if strings.HasSuffix(text, label) || strings.HasSuffix(text, label+"或盖章") || strings.HasSuffix(text, label+"或按手印") {
			return true
		}
	}
	return false
}

// placeOf is the place right of a label, up to the next line of print that holds
// a colon or a figure: what has neither may be the name itself.
func placeOf(label casework.Box, chars int, lines []casework.Line, self int) casework.Box {
	high := max(1, min(label.H, 2*label.W/max(chars, 1)))
	room := int(signRoom * float64(high))
	box := casework.Box{X: label.X + label.W + high/4, Y: label.Y - room, W: int(signWide * float64(high)), H: label.H + 2*room}
	for i, l := range lines {
		b := l.Quad.Box()
		beside := b.Y < label.Y+label.H && label.Y < b.Y+b.H
		if i != self && beside && b.X >= label.X+label.W && b.X < box.X+box.W && strings.ContainsAny(l.Text, ":：0123456789") {
			box.W = b.X - box.X - high/4
		}
	}
	return box
}

func inside(b casework.Box, page image.Rectangle) casework.Box {
	r := image.Rect(b.X, b.Y, b.X+max(b.W, 0), b.Y+max(b.H, 0)).Intersect(page)
	return casework.Box{X: r.Min.X, Y: r.Min.Y, W: r.Dx(), H: r.Dy()}
}

// inkIn is the share of a place that is clearly darker than its paper. Rows that
// are dark over half of the width are a drawn line and left out; a seal's colour
// is no pen's.
func inkIn(img *image.NRGBA, b casework.Box) float64 {
	area := image.Rect(b.X, b.Y, b.X+b.W, b.Y+b.H).Intersect(img.Rect)
	if area.Empty() {
		return 0
	}
	grey := image.NewGray(area)
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			p := img.Pix[img.PixOffset(x, y):]
			grey.Pix[grey.PixOffset(x, y)] = uint8((77*int(p[0]) + 150*int(p[1]) + 29*int(p[2])) >> 8)
			if inks()[0].lead(p) > inks()[0].margin {
				grey.Pix[grey.PixOffset(x, y)] = p[0]
			}
		}
	}
	limit := int(percentile(grey, 0.8)) - 2*inkLead
	dark, rows := 0, 0
	for y := range area.Dy() {
		inRow := 0
		for _, v := range grey.Pix[y*grey.Stride : y*grey.Stride+area.Dx()] {
			if int(v) < limit {
				inRow++
			}
		}
		if 2*inRow < area.Dx() {
			dark, rows = dark+inRow, rows+1
		}
	}
	return float64(dark) / float64(max(rows*area.Dx(), 1))
}
