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

// What the second reader looks at, and its alphabets.
const (
	secondRoom   = 12 // pixels of paper around the line
	levelReach   = 4  // so many times is a line higher than the stretch whose paper counts, to either side
	latin        = "eng"
	digitsOnly   = "0123456789X"
	withCapitals = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// look is one way of looking at a line.
type look struct {
	height int     // pixels: Tesseract's digits want capitals 30 high, which is two thirds of a line's box
	soft   float64 // sigma in pixels: a camera's noise and JPEG's corners go, strokes stay
	level  bool    // the paper, where a shadow's edge falls on it; other unevenness it makes worse
	mode   gosseract.PageSegMode
}

// looks are tried in turn. Of 2,550 numbers on 240 pages the first saw 2,528 right
// and 5 wrong ones of the right length; as they came from the page, neither softened
// nor stretched, these were 2,452 and 16. The last goes word by word.
func looks() []look {
	return []look{
		{48, 1, false, gosseract.PSM_SINGLE_LINE},
		{40, 0.8, true, gosseract.PSM_SINGLE_LINE},
		{48, 1.4, false, gosseract.PSM_SINGLE_LINE},
		{48, 1, false, gosseract.PSM_RAW_LINE},
		{48, 1, false, gosseract.PSM_SINGLE_WORD},
	}
}

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
	_, _, err := s.read(imaging.New(64, looks()[0].height, color.White), gosseract.PSM_SINGLE_LINE)
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
	ways := looks()
	return settled(part.Said, len(ways), func(i int) (string, float64, error) { return s.look(picture, part, ways[i]) })
}

// settled takes looks until one that sees as many signs as the first reader says the
// same. Once one said another thing of that length, only what two looks say counts;
// without such a pair it is what the first of them said, or the very first.
func settled(said string, looks int, look func(i int) (string, float64, error)) (text string, confidence float64, err error) {
	seen := map[string]int{}
	for i := range looks {
		now, sure, err := look(i)
		if err != nil {
			return "", 0, err
		}
		fits := len(now) == len(said)
		if i == 0 || fits && len(seen) == 0 {
			text, confidence = now, sure
		}
		if !fits {
			continue
		}
		if seen[now]++; seen[now] == 2 || now == said && len(seen) == 1 {
			return now, sure, nil
		}
	}
	return text, confidence, nil
}

func (s *second) look(picture *image.NRGBA, part ocr.Part, l look) (text string, confidence float64, err error) {
	line := secondPicture(picture, part, l)
	if l.mode == gosseract.PSM_SINGLE_WORD {
		return s.readPieces(line, part)
	}
	return s.read(line, l.mode)
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

// secondPicture cuts a part out, covers what is no digit, gives it some paper, and
// lets the grey reach from black to white.
func secondPicture(picture *image.NRGBA, part ocr.Part, l look) *image.NRGBA {
	cut := crop(picture, casework.Quad{
		along(part.Quad[0], part.Quad[1], part.From), along(part.Quad[0], part.Quad[1], part.To),
		along(part.Quad[3], part.Quad[2], part.To), along(part.Quad[3], part.Quad[2], part.From),
	})
	if l.level {
		level(cut)
	}
	paper := paperOf(cut)
	for _, c := range part.Covered {
		scale := float64(cut.Rect.Dx()) / (part.To - part.From)
		at := image.Rect(int((c[0]-part.From)*scale), 0, int(math.Ceil((c[1]-part.From)*scale)), cut.Rect.Dy())
		draw.Draw(cut, at, image.NewUniform(paper), image.Point{}, draw.Src)
	}
	small := imaging.Resize(cut, 0, l.height, imaging.Linear)
	out := imaging.New(small.Rect.Dx()+2*secondRoom, small.Rect.Dy()+2*secondRoom, paper)
	return stretched(imaging.Blur(imaging.Paste(out, small, image.Pt(secondRoom, secondRoom)), l.soft))
}

// stretched is a grey picture whose darkest pixel is black and whose lightest is
// white.
func stretched(img *image.NRGBA) *image.NRGBA {
	grey := imaging.Grayscale(img)
	low, high := 255, 0
	for i := 0; i < len(grey.Pix); i += 4 {
		low, high = min(low, int(grey.Pix[i])), max(high, int(grey.Pix[i]))
	}
	return imaging.AdjustFunc(grey, func(c color.NRGBA) color.NRGBA {
		v := uint8(255 * (int(c.R) - low) / max(high-low, 1))
		return color.NRGBA{v, v, v, 255}
	})
}

func along(a, b casework.Point, share float64) casework.Point { return between(a, b, share) }

// level takes the edge of a shadow off a line: a column becomes brighter by as much
// as the paper above and below it is darker than the line's.
func level(cut *image.NRGBA) {
	w, h := cut.Rect.Dx(), cut.Rect.Dy()
	sums := make([]float64, w+1) // of the edges' brightness, left of a column
	for x := range w {
		above, below := cut.Pix[4*x:], cut.Pix[(h-1)*cut.Stride+4*x:]
		sums[x+1] = sums[x] + float64(above[0]) + float64(above[1]) + float64(above[2]) + float64(below[0]) + float64(below[1]) + float64(below[2])
	}
	for x := range w {
		from, to := max(x-h/levelReach, 0), min(x+h/levelReach+1, w)
		gain := sums[w] / float64(w) / max((sums[to]-sums[from])/float64(to-from), 1)
		for y := range h {
			p := cut.Pix[y*cut.Stride+4*x:]
			for c := range 3 {
				p[c] = uint8(min(float64(p[c])*gain, 255))
			}
		}
	}
}

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
