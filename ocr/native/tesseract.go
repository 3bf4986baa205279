package native

import (
	"bytes"
	"fmt"
	"image"
	"strings"
	"unicode"

	"github.com/disintegration/imaging"
	"github.com/otiai10/gosseract/v2"
	"golang.org/x/image/bmp"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/ocr"
)

// language is Debian's package tesseract-ocr-chi-sim.
const language = "chi_sim"

// Settings of Tesseract.
const (
	sparseText    = "11" // page segmentation: find lines anywhere; forms and cards have no columns
	sureFrom      = 0.75 // mean confidence of a page that stands upright
	tesseractSide = 1600 // pixels: smaller pictures are enlarged, its letters want 30
)

// tesseract reads where the models of ppocr are missing.
type tesseract struct {
	client *gosseract.Client
}

func openTesseract() (*tesseract, error) {
	client := gosseract.NewClient()
	t := &tesseract{client}
	if err := t.configure(); err != nil {
		client.Close()
		return nil, fmt.Errorf("tesseract with %s: %w: install the package tesseract-ocr-chi-sim", language, err)
	}
	return t, nil
}

// configure sets the segmentation as a variable: the client's own setter is
// undone when it initialises itself. An empty picture shows whether the
// language is there.
func (t *tesseract) configure() error {
	if err := t.client.SetLanguage(language); err != nil {
		return err
	}
	if err := t.client.SetVariable("tessedit_pageseg_mode", sparseText); err != nil {
		return err
	}
	if err := t.client.DisableOutput(); err != nil {
		return err
	}
	_, err := t.lines(imaging.New(64, 64, image.White.C))
	return err
}

// Name implements ocr.Engine.
func (t *tesseract) Name() string { return "tesseract" }

// Model implements ocr.Engine.
func (t *tesseract) Model() string { return "tesseract " + t.client.Version() + " " + language }

// Rotation implements ocr.Engine. Only reading tells.
func (t *tesseract) Rotation(sheet ocr.Sheet) (int, error) {
	seen, err := t.Recognize(sheet)
	return seen.Rotation, err
}

// Recognize implements ocr.Engine. A page that reads badly is tried on its sides
// and on its head.
func (t *tesseract) Recognize(sheet ocr.Sheet) (ocr.Recognition, error) {
	var best ocr.Recognition
	most := -1.0
	for _, turn := range []int{0, 90, 270, 180} {
		lines, err := t.lines(ocr.Turn(sheet.Clean, turn))
		if err != nil {
			return ocr.Recognition{}, err
		}
		sure, amount := certainty(lines)
		if amount*sure*sure > most {
			most, best = amount*sure*sure, ocr.Recognition{Rotation: turn, Lines: inReadingOrder(lines)}
		}
		if sure >= sureFrom {
			break
		}
	}
	return best, nil
}

// certainty is the mean confidence of all characters, and how many there are.
func certainty(lines []casework.Line) (sure, amount float64) {
	for _, l := range lines {
		n := float64(len([]rune(l.Text)))
		sure, amount = sure+n*l.Confidence, amount+n
	}
	return sure / max(amount, 1), amount
}

func (t *tesseract) lines(img *image.NRGBA) ([]casework.Line, error) {
	factor := max(1, float64(tesseractSide)/float64(max(img.Rect.Dx(), img.Rect.Dy())))
	if factor > 1 && img.Rect.Dx() > 64 {
		img = imaging.Resize(img, int(float64(img.Rect.Dx())*factor), 0, imaging.CatmullRom)
	} else {
		factor = 1
	}
	var picture bytes.Buffer
	if err := bmp.Encode(&picture, img); err != nil {
		return nil, fmt.Errorf("picture for tesseract: %w", err)
	}
	if err := t.client.SetImageFromBytes(picture.Bytes()); err != nil {
		return nil, fmt.Errorf("picture for tesseract: %w", err)
	}
	boxes, err := t.client.GetBoundingBoxes(gosseract.RIL_TEXTLINE)
	if err != nil {
		return nil, fmt.Errorf("tesseract: %w", err)
	}
	var lines []casework.Line
	for _, b := range boxes {
		if text := joined(b.Word); text != "" && b.Confidence/100 >= minConfidence {
			lines = append(lines, casework.Line{Text: text, Quad: quadOf(b.Box, factor), Confidence: b.Confidence / 100, Engine: t.Name()})
		}
	}
	return lines, nil
}

func quadOf(r image.Rectangle, factor float64) casework.Quad {
	x0, y0 := float64(r.Min.X)/factor, float64(r.Min.Y)/factor
	x1, y1 := float64(r.Max.X)/factor, float64(r.Max.Y)/factor
	return casework.Quad{{X: x0, Y: y0}, {X: x1, Y: y0}, {X: x1, Y: y1}, {X: x0, Y: y1}}
}

// joined drops the spaces Tesseract puts between Chinese characters; those
// between words of Latin letters stay.
func joined(text string) string {
	runes := []rune(strings.TrimSpace(text))
	var out strings.Builder
	for i, r := range runes {
		beside := i > 0 && unicode.Is(unicode.Han, runes[i-1]) || i+1 < len(runes) && unicode.Is(unicode.Han, runes[i+1])
		if unicode.IsSpace(r) && beside {
			continue
		}
		out.WriteRune(r)
	}
	return out.String()
}
