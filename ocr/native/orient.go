package native

import (
	"cmp"
	"fmt"
	"image"
	"math"
	"slices"

	"github.com/disintegration/imaging"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/ocr/geometry"
)

// The classifier's input, and how many lines are asked.
const (
	classWidth  = 192
	classHeight = 48
	jurors      = 12
)

// classifier tells whether a crop stands on its head.
type classifier struct {
	net *network
}

// upsideDown is the classifier's probability for one crop.
func (c classifier) upsideDown(line *image.NRGBA) (float64, error) {
	w := min(classWidth, max(1, line.Rect.Dx()*classHeight/line.Rect.Dy()))
	small := imaging.Resize(line, w, classHeight, imaging.Linear)
	answer, err := c.net.run(halfScaling().planes(small, classWidth, classHeight), classWidth, classHeight)
	if err != nil {
		return 0, err
	}
	defer answer.free()
	if len(answer.data) != 2 {
		return 0, fmt.Errorf("classifier gave %d classes, want 2", len(answer.data))
	}
	return float64(answer.data[1]), nil
}

// upright finds how a page stands: the boxes vote whether it lies on its side, the
// longest lines whether it stands on its head. It returns the turn in degrees
// clockwise and the boxes on the turned page.
func (p *ppocr) upright(img *image.NRGBA, quads []casework.Quad) (int, []casework.Quad, error) {
	turn := 0
	if onSide(quads) {
		turn = 90
	}
	turned := turnAll(quads, img.Rect.Size(), turn)
	over, err := p.onHead(img, quads, turn)
	if err != nil || !over {
		return turn, turned, err
	}
	return turn + 180, turnAll(quads, img.Rect.Size(), turn+180), nil
}

// onSide weighs the boxes by their length.
func onSide(quads []casework.Quad) bool {
	var lying, standing float64
	for _, q := range quads {
		w, h := size(q)
		switch {
		case h >= uprightFrom*w:
			standing += h
		case w >= uprightFrom*h:
			lying += w
		}
	}
	return standing > lying
}

// onHead asks the classifier about the longest lines, as they would stand after
// the turn.
func (p *ppocr) onHead(img *image.NRGBA, quads []casework.Quad, turn int) (bool, error) {
	longest := slices.Clone(quads)
	slices.SortFunc(longest, func(a, b casework.Quad) int {
		return cmp.Compare(length(b), length(a))
	})
	longest = longest[:min(jurors, len(longest))]
	var votes float64
	for i, q := range longest {
		if left := float64(len(longest) - i); math.Abs(votes) > left/2 {
			break // the rest can turn it no more
		}
		if turn == 90 { // its lower left corner becomes the upper left
			q = casework.Quad{q[3], q[0], q[1], q[2]}
		}
		chance, err := p.class.upsideDown(crop(img, q))
		if err != nil {
			return false, err
		}
		votes += chance - 0.5
	}
	return votes > 0, nil
}

func length(q casework.Quad) float64 {
	w, h := size(q)
	return max(w, h)
}

func turnAll(quads []casework.Quad, page image.Point, turn int) []casework.Quad {
	turned := make([]casework.Quad, len(quads))
	for i, q := range quads {
		turned[i] = geometry.Turn(q, page.X, page.Y, turn)
	}
	return turned
}
