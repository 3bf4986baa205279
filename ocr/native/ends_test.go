package native

import (
	"image"
	"image/color"
	"image/draw"
	"testing"

	"github.com/jingban/jingban/casework"
)

// A line 20 pixels high stands in the box 100..200 × 50..70; its last character
// is at 190.
func TestBoxGrowsOverAThinEnd(t *testing.T) {
	for name, c := range map[string]struct {
		ink    image.Rectangle // beyond the box
		others []image.Rectangle
		want   int // right end of the grown box
	}{
		"nothing there":            {image.Rectangle{}, nil, 200},
		"a hyphen":                 {image.Rect(203, 59, 211, 61), nil, 213},
		"一 at the end":             {image.Rect(202, 59, 219, 61), nil, 221},
		"too far away":             {image.Rect(214, 59, 219, 61), nil, 200},
		"an underline goes on":     {image.Rect(198, 65, 300, 67), nil, 200},
		"the rule of a table":      {image.Rect(206, 30, 208, 90), nil, 200},
		"it is in another box":     {image.Rect(203, 59, 211, 61), []image.Rectangle{image.Rect(202, 50, 260, 70)}, 200},
		"the line below is no bar": {image.Rect(203, 59, 211, 61), []image.Rectangle{image.Rect(100, 72, 300, 92)}, 213},
	} {
		for _, dark := range []bool{true, false} {
			page := pageWithLine(dark, c.ink)
			quads := []casework.Quad{quadAround(image.Rect(100, 50, 200, 70))}
			for _, other := range c.others {
				quads = append(quads, quadAround(other))
			}
			got := completed(page, quads)[0]
			if right := int(got[1].X + 0.5); right < c.want-2 || right > c.want+2 || got[0].X < 98 || got[0].X > 100 {
				t.Errorf("%s (dark ink %v): %v, right end wanted at %d", name, dark, got, c.want)
			}
		}
	}
}

func TestBoxGrowsOverAThinBeginning(t *testing.T) {
	quads := []casework.Quad{quadAround(image.Rect(100, 50, 200, 70))}
	got := completed(pageWithLine(true, image.Rect(95, 53, 97, 67)), quads)[0]
	if got[0].X > 95 || got[0].X < 90 || got[1].X > 203 {
		t.Errorf("%v, left end wanted before 95", got)
	}
}

func pageWithLine(dark bool, more image.Rectangle) *image.NRGBA {
	paper, ink := color.NRGBA{240, 240, 238, 255}, color.NRGBA{30, 30, 36, 255}
	if !dark {
		paper, ink = ink, paper
	}
	page := image.NewNRGBA(image.Rect(0, 0, 400, 120))
	draw.Draw(page, page.Rect, image.NewUniform(paper), image.Point{}, draw.Src)
	for x := 104; x < 190; x += 20 { // strokes of characters
		draw.Draw(page, image.Rect(x, 53, x+3, 67), image.NewUniform(ink), image.Point{}, draw.Src)
		draw.Draw(page, image.Rect(x, 58, x+14, 60), image.NewUniform(ink), image.Point{}, draw.Src)
	}
	draw.Draw(page, image.Rect(184, 56, 198, 58), image.NewUniform(ink), image.Point{}, draw.Src)
	draw.Draw(page, more, image.NewUniform(ink), image.Point{}, draw.Src)
	return page
}

func quadAround(r image.Rectangle) casework.Quad {
	x0, y0, x1, y1 := float64(r.Min.X), float64(r.Min.Y), float64(r.Max.X), float64(r.Max.Y)
	return casework.Quad{{X: x0, Y: y0}, {X: x1, Y: y0}, {X: x1, Y: y1}, {X: x0, Y: y1}}
}
