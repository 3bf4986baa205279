package native

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"
	"slices"
	"strings"

	"github.com/disintegration/imaging"
	"github.com/otiai10/gosseract/v2"
	"golang.org/x/image/bmp"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/ocr"
)

// The second reader's picture: Tesseract's digits want capitals 30 pixels high,
// which is two thirds of a line's box, on some paper.
const (
	secondHeight = 48
	secondRoom   = 12
	latin        = "eng"
	digitsOnly   = "0123456789X"
	withCapitals = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// second is Tesseract with an alphabet of digits.
type second struct {
	client  *gosseract.Client
	letters bool
}

func openSecond() (*second, error) {
	client := gosseract.NewClient()
	s := &second{client: client}
	if err := s.configure(); err != nil {
		client.Close()
		return nil, fmt.Errorf("tesseract with %s: %w: install the package tesseract-ocr-eng", latin, err)
	}
	return s, nil
}

func (s *second) configure() error {
	if err := s.client.SetLanguage(latin); err != nil {
		return err
	}
	if err := s.client.SetWhitelist(digitsOnly); err != nil {
		return err
	}
	if err := s.client.DisableOutput(); err != nil {
		return err
	}
	_, _, err := s.read(imaging.New(64, secondHeight, color.White), gosseract.PSM_SINGLE_LINE)
	return err
}

// Name implements ocr.SecondReader.
func (s *second) Name() string { return "tesseract" }

// Digits implements ocr.SecondReader.
func (s *second) Digits(picture *image.NRGBA, part ocr.Part) (text string, confidence float64, err error) {
	if part.Letters != s.letters {
		alphabet := digitsOnly
		if part.Letters {
			alphabet = withCapitals
		}
		if err := s.client.SetWhitelist(alphabet); err != nil {
			return "", 0, fmt.Errorf("tesseract: %w", err)
		}
		s.letters = part.Letters
	}
	picture = secondPicture(picture, part)
	for i, mode := range []gosseract.PageSegMode{gosseract.PSM_SINGLE_LINE, gosseract.PSM_RAW_LINE} {
		seen, sure, err := s.read(picture, mode)
		if i == 0 || len(seen) == part.Count {
			text, confidence = seen, sure
		}
		if err != nil || len(seen) == part.Count {
			return text, confidence, err
		}
	}
	if seen, sure, err := s.readPieces(picture, part); err != nil || len(seen) == part.Count {
		return seen, sure, err
	}
	return text, confidence, nil
}

// readPieces reads what stands between the covered signs, word by word: gaps as
// wide as a character make Tesseract drop what is behind them. The confidence is
// the weakest piece's.
func (s *second) readPieces(line *image.NRGBA, part ocr.Part) (text string, confidence float64, err error) {
	if len(part.Covered) == 0 {
		return "", 0, nil
	}
	scale := float64(line.Rect.Dx()-2*secondRoom) / (part.To - part.From)
	confidence = 1
	from := part.From
	for _, covered := range append(slices.Clone(part.Covered), [2]float64{part.To, part.To}) {
		at := image.Rect(int((from-part.From)*scale), 0, int((covered[0]-part.From)*scale)+2*secondRoom, line.Rect.Dy())
		if from = covered[1]; at.Dx() <= 2*secondRoom {
			continue
		}
		seen, sure, err := s.read(imaging.Crop(line, at), gosseract.PSM_SINGLE_WORD)
		if err != nil {
			return "", 0, err
		}
		text, confidence = text+seen, min(confidence, sure)
	}
	return text, confidence, nil
}

// secondPicture cuts a part out, covers what is no digit and gives it some paper.
func secondPicture(picture *image.NRGBA, part ocr.Part) *image.NRGBA {
	cut := crop(picture, casework.Quad{
		along(part.Quad[0], part.Quad[1], part.From), along(part.Quad[0], part.Quad[1], part.To),
		along(part.Quad[3], part.Quad[2], part.To), along(part.Quad[3], part.Quad[2], part.From),
	})
	paper := paperOf(cut)
	for _, c := range part.Covered {
		scale := float64(cut.Rect.Dx()) / (part.To - part.From)
		at := image.Rect(int((c[0]-part.From)*scale), 0, int(math.Ceil((c[1]-part.From)*scale)), cut.Rect.Dy())
		draw.Draw(cut, at, image.NewUniform(paper), image.Point{}, draw.Src)
	}
	small := imaging.Resize(cut, 0, secondHeight, imaging.Linear)
	out := imaging.New(small.Rect.Dx()+2*secondRoom, small.Rect.Dy()+2*secondRoom, paper)
	return imaging.Paste(out, small, image.Pt(secondRoom, secondRoom))
}

func along(a, b casework.Point, share float64) casework.Point { return between(a, b, share) }

// paperOf is the middle colour of the crop's upper and lower edge.
func paperOf(cut *image.NRGBA) color.NRGBA {
	var sum [3]int
	n := 0
	for x := range cut.Rect.Dx() {
		for _, y := range []int{0, cut.Rect.Dy() - 1} {
			p := cut.Pix[y*cut.Stride+4*x:]
			for c := range 3 {
				sum[c] += int(p[c])
			}
			n++
		}
	}
	return color.NRGBA{uint8(sum[0] / n), uint8(sum[1] / n), uint8(sum[2] / n), 255}
}

func (s *second) read(line *image.NRGBA, mode gosseract.PageSegMode) (text string, confidence float64, err error) {
	var picture bytes.Buffer
	if err := bmp.Encode(&picture, line); err != nil {
		return "", 0, fmt.Errorf("picture for tesseract: %w", err)
	}
	if err := s.client.SetImageFromBytes(picture.Bytes()); err != nil {
		return "", 0, fmt.Errorf("picture for tesseract: %w", err)
	}
	if err := s.client.SetPageSegMode(mode); err != nil {
		return "", 0, fmt.Errorf("tesseract: %w", err)
	}
	boxes, err := s.client.GetBoundingBoxes(gosseract.RIL_TEXTLINE)
	if err != nil {
		return "", 0, fmt.Errorf("tesseract: %w", err)
	}
	for _, b := range boxes {
		text += strings.Join(strings.Fields(b.Word), "")
		confidence = b.Confidence / 100
	}
	return text, confidence, nil
}
