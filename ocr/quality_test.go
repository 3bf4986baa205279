package ocr_test

import (
	"fmt"
	"image"
	"image/color"
	"math/rand/v2"
	"testing"

	"github.com/disintegration/imaging"

	"github.com/jingban/jingban/ocr"
	"github.com/jingban/jingban/ocr/ocrtest"
)

// photo is a form as a phone sees it: 1600 pixels wide, soft, a little noisy.
func photo(t testing.TB, textSize int, sigma, noise float64) *image.NRGBA {
	var lines []ocrtest.Text
	for i := range 1000 / (textSize * 3) {
		lines = append(lines, ocrtest.Text{X: 150, Y: (i + 1) * textSize * 3, Size: textSize, Text: "失业保险金申领登记表 2026年03月15日"})
	}
	page := ocrtest.Draw(t, 1600, 1100, lines...)
	if sigma > 0 {
		page = imaging.Blur(page, sigma)
	}
	source := rand.New(rand.NewPCG(1, 2))
	for i := range page.Pix {
		if i%4 != 3 {
			page.Pix[i] = uint8(min(255, max(0, float64(page.Pix[i])+source.NormFloat64()*noise)))
		}
	}
	return page
}

func TestBlurIsToldFromSoftness(t *testing.T) {
	for _, size := range []int{28, 70} {
		for _, noise := range []float64{0, 5} {
			for _, c := range []struct {
				sigma   float64
				blurred bool
			}{{0, false}, {1.5, false}, {6, true}} {
				t.Run(fmt.Sprintf("text %d noise %v sigma %v", size, noise, c.sigma), func(t *testing.T) {
					page := photo(t, size, c.sigma, noise)
					blurred := false
					for _, q := range ocr.Inspect(page) {
						blurred = blurred || q.Code == "blurred" && q.Retake
					}
					sharp, ink := ocr.Sharpness(page)
					t.Logf("sharpness %.3f, ink %.3f", sharp, ink)
					if blurred != c.blurred {
						t.Errorf("blurred is %v at sharpness %.3f", blurred, sharp)
					}
				})
			}
		}
	}
}

func TestEmptyAndTinyPicturesAreReported(t *testing.T) {
	codes := func(page *image.NRGBA) string {
		var all string
		for _, q := range ocr.Inspect(page) {
			all += q.Code + " "
		}
		return all
	}
	if got := codes(imaging.New(1600, 1100, color.Gray{Y: 240})); got != "blank " {
		t.Errorf("empty sheet: %q", got)
	}
	small := ocrtest.Draw(t, 300, 190, ocrtest.Text{X: 20, Y: 90, Size: 20, Text: "身份证号码"})
	if got := codes(small); got != "too_small " {
		t.Errorf("small picture: %q", got)
	}
	if got := codes(ocrtest.SamplePage(t)); got != "" {
		t.Errorf("good picture: %q", got)
	}
}
