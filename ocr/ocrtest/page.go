package ocrtest

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// fontFile comes with Debian's fonts-noto-cjk; its third face is the simplified
// Chinese one.
const (
	fontFile = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"
	fontFace = 2
)

// loadFont parses the large collection once per test binary.
var loadFont = sync.OnceValues(func() (*opentype.Font, error) {
	data, err := os.ReadFile(fontFile)
	if err != nil {
		return nil, err
	}
	collection, err := opentype.ParseCollection(data)
	if err != nil {
		return nil, err
	}
	return collection.Font(fontFace)
})

// NeedReal skips a test whose real part is missing, or fails it where all parts
// must be there.
func NeedReal(t testing.TB, part string, err error) {
	t.Helper()
	switch {
	case err == nil:
	case os.Getenv("REQUIRE_REAL") == "1":
		t.Fatalf("%s: %v", part, err)
	default:
		t.Skipf("%s: %v", part, err)
	}
}

// Models finds the OCR models: $JINGBAN_MODELS, else .cache/models above.
func Models(t testing.TB) string {
	t.Helper()
	if dir := os.Getenv("JINGBAN_MODELS"); dir != "" {
		return dir
	}
	dir, err := os.Getwd()
	for err == nil && dir != "/" {
		found := filepath.Join(dir, ".cache", "models")
		if _, err := os.Stat(found); err == nil {
			return found
		}
		dir = filepath.Dir(dir)
	}
	NeedReal(t, "OCR models", errors.New("neither JINGBAN_MODELS nor .cache/models: run 'make setup'"))
	return ""
}

// Text is one line on a page: its left end on the base line, its height in
// pixels.
type Text struct {
	X, Y, Size int
	Text       string
}

// Draw renders lines of text, dark on white.
func Draw(t testing.TB, width, height int, texts ...Text) *image.NRGBA {
	t.Helper()
	page := image.NewNRGBA(image.Rect(0, 0, width, height))
	draw.Draw(page, page.Rect, image.White, image.Point{}, draw.Src)
	parsed, err := loadFont()
	NeedReal(t, "font fonts-noto-cjk", err)
	for _, text := range texts {
		face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: float64(text.Size), DPI: 72, Hinting: font.HintingNone})
		if err != nil {
			t.Fatal(err)
		}
		pen := font.Drawer{Dst: page, Src: image.NewUniform(color.Gray{Y: 25}), Face: face, Dot: fixed.P(text.X, text.Y)}
		pen.DrawString(text.Text)
		face.Close()
	}
	return page
}

// Stamp draws a ring with a star of the given ink, like a company's seal, as ink
// over what is there.
func Stamp(page *image.NRGBA, cx, cy, radius int, ink color.NRGBA) {
	r := float64(radius)
	for y := cy - radius; y <= cy+radius; y++ {
		for x := cx - radius; x <= cx+radius; x++ {
			dx, dy := float64(x-cx), float64(y-cy)
			d, angle := math.Hypot(dx, dy), math.Atan2(dx, -dy)
			star := d < r*0.35*(0.55+0.45*math.Cos(5*angle))
			letters := d > r*0.66 && d < r*0.86 && math.Mod(angle+math.Pi, 0.3) < 0.16 && math.Mod(d, r*0.07) < r*0.04
			if (d <= r && d > r*0.94 || star || letters) && image.Pt(x, y).In(page.Rect) {
				p := page.Pix[page.PixOffset(x, y):]
				p[0], p[1], p[2] = over(p[0], ink.R), over(p[1], ink.G), over(p[2], ink.B)
			}
		}
	}
}

// over multiplies ink onto paper.
func over(paper, ink uint8) uint8 { return uint8(int(paper) * int(ink) / 255) }

// JPEG encodes a page as a phone would.
func JPEG(t testing.TB, page image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, page, &jpeg.Options{Quality: 90}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// PNG encodes a page without loss.
func PNG(t testing.TB, page image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, page); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
