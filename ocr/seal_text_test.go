package ocr_test

import (
	"fmt"
	"image"
	"image/draw"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/fixtures/materials"
	"github.com/jingban/jingban/ocr"
	"github.com/jingban/jingban/ocr/ocrtest"
)

func TestTheNameOnASealIsReadApart(t *testing.T) {
	t.Parallel()
	pool := newPool(t, func(c *ocr.Config) { c.Timeout = 5 * time.Minute })
	needEngine(t, pool, "ppocr")
	studio := openStudio(t)
	for name, style := range map[string]materials.Style{
		"clean": {}, "phone": {Kind: materials.Photo, Skew: 2.5, Perspective: 0.025, Blur: 0.9, Noise: 4, Vignette: 0.25, Shadow: 0.3, LowContrast: 0.12},
	} {
		for person := range 2 {
			page := readPage(t, pool, paper(t, studio, materials.TerminationNotice, person, style))
			if len(page.Seals) != 1 || page.Seals[0].Shape != "round" {
				t.Fatalf("%s: seals %+v", name, page.Seals)
			}
			s := page.Seals[0]
			if want := personal(person)["employer"]; s.Text != want || s.Confidence < 0.85 || s.Over <= 0 || s.Over > 1 {
				t.Errorf("%s: %+v, want %s", name, s, want)
			}
		}
	}
}

// TestNoNameIsInventedOnASeal: letters that are none give no text.
func TestNoNameIsInventedOnASeal(t *testing.T) {
	t.Parallel()
	pool := newPool(t, func(c *ocr.Config) { c.Timeout = 5 * time.Minute })
	needEngine(t, pool, "ppocr")
	page := ocrtest.SamplePage(t)
	ocrtest.Stamp(page, 900, 800, 120, red)
	for _, s := range readPage(t, pool, page).Seals {
		if s.Text != "" {
			t.Errorf("%+v", s)
		}
	}
}

func TestASignatureIsPresentOrAbsent(t *testing.T) {
	t.Parallel()
	line := func(page *image.NRGBA, r image.Rectangle) { draw.Draw(page, r, image.Black, image.Point{}, draw.Src) }
	label := casework.Line{Text: "申请人签名：", Quad: casework.Quad{{X: 100, Y: 100}, {X: 280, Y: 100}, {X: 280, Y: 130}, {X: 100, Y: 130}}}
	date := casework.Line{Text: "日期：2026年3月5日", Quad: casework.Quad{{X: 480, Y: 100}, {X: 700, Y: 100}, {X: 700, Y: 130}, {X: 480, Y: 130}}}
	for _, c := range []struct {
		name string
		draw func(*image.NRGBA)
		want bool
	}{
		{"nothing", func(*image.NRGBA) {}, false},
		{"a drawn line", func(p *image.NRGBA) { line(p, image.Rect(285, 132, 470, 134)) }, false},
		{"only the date beside", func(p *image.NRGBA) { line(p, image.Rect(480, 100, 700, 130)) }, false},
		{"strokes on a drawn line", func(p *image.NRGBA) {
			line(p, image.Rect(285, 132, 470, 134))
			for i := range 12 {
				line(p, image.Rect(300+8*i, 95+i, 303+8*i, 125+i/2))
			}
		}, true},
	} {
		page := ocrtest.Draw(t, 800, 300)
		c.draw(page)
		found := ocr.Signatures(page, []casework.Line{label, date})
		if len(found) != 1 || found[0].Signed != c.want || found[0].Label != "申请人签名" {
			t.Errorf("%s: %s", c.name, fmt.Sprintf("%+v", found))
		}
	}
}
