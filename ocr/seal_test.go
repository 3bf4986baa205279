package ocr_test

import (
	"image"
	"image/color"
	"image/draw"
	"strings"
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/ocr"
	"github.com/jingban/jingban/ocr/ocrtest"
)

var red, blue = color.NRGBA{205, 45, 50, 255}, color.NRGBA{40, 60, 190, 255}

func near(a, b, by int) bool { return a-b <= by && b-a <= by }

func TestSealsAreFoundByColourAndShape(t *testing.T) {
	page := ocrtest.SamplePage(t)
	ocrtest.Stamp(page, 900, 760, 120, red)
	ocrtest.Stamp(page, 250, 880, 90, blue)
	for i, area := range []image.Rectangle{image.Rect(1000, 150, 1100, 250), image.Rect(1008, 158, 1092, 242), image.Rect(1020, 170, 1046, 230), image.Rect(1056, 170, 1080, 230)} {
		ink := image.Image(image.NewUniform(red))
		if i == 1 {
			ink = image.White
		}
		draw.Draw(page, area, ink, image.Point{}, draw.Src)
	}
	want := map[string]image.Point{"red round": {780, 640}, "blue round": {160, 790}, "red square": {1000, 150}}
	seals := ocr.FindSeals(page)
	if len(seals) != len(want) {
		t.Errorf("%d seals, want %d", len(seals), len(want))
	}
	for _, s := range seals {
		at, ok := want[s.Colour+" "+s.Shape]
		if !ok || !near(s.Box.X, at.X, 6) || !near(s.Box.Y, at.Y, 6) {
			t.Errorf("unexpected %+v", s)
		}
	}
}

func TestRedPrintIsNoSeal(t *testing.T) {
	page := ocrtest.SamplePage(t)
	for i := 0; i < len(page.Pix); i += 4 { // the whole form in red
		page.Pix[i] = 205
	}
	if seals := ocr.FindSeals(page); len(seals) != 0 {
		t.Errorf("red print taken for %+v", seals)
	}
	plain := ocrtest.SamplePage(t)
	if ocr.LiftInk(plain, nil) != plain {
		t.Error("without a seal nothing should be changed")
	}
}

// A shadow falls over the right half of a seal: the ink becomes as bright as the
// paper on either side, never brighter, and print stays dark.
func TestInkBecomesThePaperItLiesOn(t *testing.T) {
	page := image.NewNRGBA(image.Rect(0, 0, 600, 600))
	draw.Draw(page, page.Rect, image.White, image.Point{}, draw.Src)
	ocrtest.Stamp(page, 300, 300, 130, red)
	for _, x := range []int{150, 420} { // a stroke of print on the ring, in the light and in the shadow
		draw.Draw(page, image.Rect(x, 240, x+6, 360), image.NewUniform(color.NRGBA{30, 30, 30, 255}), image.Point{}, draw.Src)
	}
	const shadow = 0.45
	for y := range 600 {
		for x := 300; x < 600; x++ {
			for c := range 3 {
				page.Pix[page.PixOffset(x, y)+c] = uint8(shadow * float64(page.Pix[page.PixOffset(x, y)+c]))
			}
		}
	}
	clean := ocr.LiftInk(page, []casework.Seal{{Box: casework.Box{X: 170, Y: 170, W: 261, H: 261}, Colour: "red", Shape: "round"}})
	for y := 170; y < 431; y++ {
		for x := 340; x < 431; x++ { // beyond the cells that the shadow's edge runs through
			if v := clean.NRGBAAt(x, y).G; v > 125 {
				t.Fatalf("%d, %d in the shadow became %d, the paper is 114", x, y, v)
			}
		}
	}
	if lit := clean.NRGBAAt(173, 300); lit.G < 230 {
		t.Errorf("ink in the light became %v, the paper is white", lit)
	}
	for _, x := range []int{152, 422} {
		if v := clean.NRGBAAt(x, 300); v.G > 40 {
			t.Errorf("print at %d became %v", x, v)
		}
	}
}

func TestPrintUnderASealIsRead(t *testing.T) {
	pool := newPool(t, nil)
	needEngine(t, pool, "ppocr")
	page := ocrtest.SamplePage(t)
	ocrtest.Stamp(page, 480, 600, 130, red) // over the company's name and the date
	result, err := pool.Read(t.Context(), ocrtest.JPEG(t, ocr.Turn(page, 90)), ocr.Options{})
	if err != nil {
		t.Fatal(err)
	}
	reading := result.Pages[0]
	if len(reading.Seals) != 1 || !near(reading.Seals[0].Box.X, 350, 8) || !near(reading.Seals[0].Box.Y, 470, 8) {
		t.Errorf("seals %+v", reading.Seals)
	}
	var text strings.Builder
	for _, l := range reading.Lines {
		text.WriteString(l.Text + "\n")
	}
	for _, want := range []string{"青山市远大机械制造有限公司", "2026年03月15日"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%s is not in\n%s", want, text.String())
		}
	}
}
