package ocr

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"io"
	"math"

	"github.com/disintegration/imaging"

	"github.com/jingban/jingban/casework"
)

// Annotate writes the page as PNG with what was found on it: lines in green, or
// orange where the reading is unsure, seals in red, findings with a place in
// violet.
func Annotate(out io.Writer, leaf Leaf) error {
	picture, err := jpeg.Decode(bytes.NewReader(leaf.JPEG))
	if err != nil {
		return fmt.Errorf("annotate: %w", err)
	}
	page := imaging.Clone(picture)
	scale := float64(page.Rect.Dx()) / float64(max(leaf.Reading.Width, 1))
	pen := max(2, page.Rect.Dx()/600)
	for _, line := range leaf.Reading.Lines {
		ink := color.NRGBA{20, 150, 60, 255}
		if line.Confidence < unsure {
			ink = color.NRGBA{235, 130, 0, 255}
		}
		outline(page, line.Quad, scale, pen, ink)
	}
	for _, seal := range leaf.Reading.Seals {
		outline(page, quadOf(seal.Box), scale, pen, color.NRGBA{220, 20, 30, 255})
	}
	for _, q := range leaf.Reading.Quality {
		if !q.Box.Empty() {
			outline(page, quadOf(q.Box), scale, pen, color.NRGBA{130, 40, 200, 255})
		}
	}
	if err := png.Encode(out, page); err != nil {
		return fmt.Errorf("annotate: %w", err)
	}
	return nil
}

// unsure is the confidence below which a person reads the value on the picture
// (the default of the parameter reading.confidence).
const unsure = 0.9

func quadOf(b casework.Box) casework.Quad {
	x0, y0, x1, y1 := float64(b.X), float64(b.Y), float64(b.X+b.W), float64(b.Y+b.H)
	return casework.Quad{{X: x0, Y: y0}, {X: x1, Y: y0}, {X: x1, Y: y1}, {X: x0, Y: y1}}
}

// outline draws the four sides with a square pen.
func outline(page *image.NRGBA, q casework.Quad, scale float64, pen int, ink color.NRGBA) {
	source := image.NewUniform(ink)
	for i, from := range q {
		to := q[(i+1)%len(q)]
		x, y, dx, dy := from.X*scale, from.Y*scale, (to.X-from.X)*scale, (to.Y-from.Y)*scale
		steps := min(math.Hypot(dx, dy), 4*float64(max(page.Rect.Dx(), page.Rect.Dy()))) + 1 // a quad far outside the page draws no more
		for s := 0.0; s <= steps; s++ {
			at := image.Pt(int(x+dx*s/steps), int(y+dy*s/steps))
			draw.Draw(page, image.Rectangle{Min: at, Max: at.Add(image.Pt(pen, pen))}, source, image.Point{}, draw.Src)
		}
	}
}
