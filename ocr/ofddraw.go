package ocr

import (
	"image"
	"image/color"
	"math"
	"os"

	"github.com/disintegration/imaging"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/ocr/ofd"
)

// fontFiles are where Debian's fonts-noto-cjk puts its regular face; the third
// face of the collection is simplified Chinese.
func fontFiles() []string {
	return []string{"/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc"}
}

const simplifiedFace = 2

// shown is the page as people look at it: pictures with the printed text on
// them, in one typeface for all. Its fault is font_missing.
func (s sheetOf) shown() (*image.NRGBA, error) {
	if len(s.texts) == 0 {
		return s.picture, nil
	}
	typeface, err := chineseFont()
	if err != nil {
		return nil, err
	}
	page := imaging.Clone(s.picture)
	faces := map[int]font.Face{}
	for _, text := range s.texts {
		size := int(math.Round(text.Size * s.scale))
		if size < 2 || size > renderSide {
			continue
		}
		if faces[size] == nil {
			if faces[size], err = opentype.NewFace(typeface, &opentype.FaceOptions{Size: float64(size), DPI: 72}); err != nil {
				return nil, casework.AskPerson("font_missing", "font: %w", err)
			}
		}
		write(page, faces[size], text, s.scale)
	}
	return page, nil
}

func chineseFont() (*opentype.Font, error) {
	for _, path := range fontFiles() {
		data, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		collection, err := opentype.ParseCollection(data)
		if err != nil {
			continue
		}
		return collection.Font(simplifiedFace)
	}
	return nil, casework.AskPerson("font_missing", "no Chinese font to draw the document with: install the package fonts-noto-cjk")
}

// write spreads the characters evenly over the run's length.
func write(page *image.NRGBA, face font.Face, text ofd.Text, scale float64) {
	pen := font.Drawer{Dst: page, Src: image.NewUniform(color.Gray{Y: 20}), Face: face}
	from, to := text.Quad[3], text.Quad[2]
	natural := float64(font.MeasureString(face, text.Text)) / 64
	room := (to[0] - from[0]) * scale
	runes := []rune(text.Text)
	gap := 0.0
	if len(runes) > 1 {
		gap = (room - natural) / float64(len(runes)-1)
	}
	x, y := from[0]*scale, (from[1]-0.12*text.Size)*scale
	for _, r := range runes {
		pen.Dot = fixed.P(int(x), int(y))
		pen.DrawString(string(r))
		x += float64(pen.MeasureString(string(r)))/64 + gap
	}
}
