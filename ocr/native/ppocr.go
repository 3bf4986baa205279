package native

import (
	"fmt"
	"image"
	"strings"
	"unicode/utf8"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/ocr"
)

// minConfidence is what a line must reach to be one; below it is texture.
const minConfidence = 0.4

// ppocr is the default engine.
type ppocr struct {
	detect detector
	class  classifier
	reader recognizer
	hash   string
}

func openPPOCR(folder string) (*ppocr, error) {
	models, err := ocr.LoadModels(folder)
	if err != nil {
		return nil, err
	}
	p := &ppocr{}
	if p.hash, err = models.Check(); err != nil {
		return nil, err
	}
	if err := startRuntime(models.Path(models.Library)); err != nil {
		return nil, err
	}
	if p.detect.net, err = openNetwork(models.Path(models.Detect)); err != nil {
		return nil, err
	}
	if p.class.net, err = openNetwork(models.Path(models.Class)); err != nil {
		return nil, err
	}
	if p.reader, err = openRecognizer(models.Path(models.Read), models.Path(models.Keys)); err != nil {
		return nil, err
	}
	if want := models.Read.Classes; want != 0 && want != len(p.reader.alphabet) {
		return nil, fmt.Errorf("model %s: %d classes, want %d as its list says", models.Read.File, len(p.reader.alphabet), want)
	}
	return p, nil
}

// Name implements ocr.Engine.
func (p *ppocr) Name() string { return "ppocr" }

// Model implements ocr.Engine.
func (p *ppocr) Model() string { return p.hash }

// Rotation implements ocr.Engine.
func (p *ppocr) Rotation(sheet ocr.Sheet) (int, error) {
	quads, err := p.detect.find(sheet.Clean)
	if err != nil {
		return 0, err
	}
	turn, _, err := p.upright(sheet.Clean, quads)
	return turn, err
}

// Recognize implements ocr.Engine.
func (p *ppocr) Recognize(sheet ocr.Sheet) (ocr.Recognition, error) {
	quads, err := p.detect.find(sheet.Clean)
	if err != nil {
		return ocr.Recognition{}, err
	}
	turn, quads, err := p.upright(sheet.Clean, quads)
	if err != nil {
		return ocr.Recognition{}, err
	}
	page := sheet.Turned(turn)
	var lines []casework.Line
	for _, q := range completed(page.Clean, quads) {
		seen, err := p.line(page, q)
		if err != nil {
			return ocr.Recognition{}, err
		}
		if strings.TrimSpace(seen.text) != "" && seen.confidence() >= minConfidence {
			lines = append(lines, p.asLine(seen, within(q, page.Clean.Rect)))
		}
	}
	return ocr.Recognition{Rotation: turn, Lines: inReadingOrder(lines)}, nil
}

// line reads one box; under a seal it reads twice, without the ink and with it,
// because lifting ink may take thin strokes along.
func (p *ppocr) line(page ocr.Sheet, q casework.Quad) (words, error) {
	clean, err := p.reader.read(crop(page.Clean, q))
	if err != nil || !underSeal(page.Seals, q.Box()) {
		return clean, err
	}
	raw, err := p.reader.read(crop(page.Raw, q))
	if err != nil {
		return words{}, err
	}
	if raw.confidence() > clean.confidence() && utf8.RuneCountInString(raw.text) >= utf8.RuneCountInString(clean.text) {
		return raw, nil
	}
	return clean, nil
}

func underSeal(seals []casework.Seal, b casework.Box) bool {
	for _, s := range seals {
		if b.X < s.Box.X+s.Box.W && s.Box.X < b.X+b.W && b.Y < s.Box.Y+s.Box.H && s.Box.Y < b.Y+b.H {
			return true
		}
	}
	return false
}

func (p *ppocr) asLine(w words, q casework.Quad) casework.Line {
	return casework.Line{Text: w.text, Quad: q, Confidence: w.confidence(), Chars: w.chars, At: w.at, Engine: p.Name()}
}

// within keeps the corners on the page: growing a box may push them off.
func within(q casework.Quad, page image.Rectangle) casework.Quad {
	for i, c := range q {
		q[i].X = min(max(c.X, 0), float64(page.Dx()))
		q[i].Y = min(max(c.Y, 0), float64(page.Dy()))
	}
	return q
}
