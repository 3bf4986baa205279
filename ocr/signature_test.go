package ocr_test

import (
	"fmt"
	"image"
	"image/draw"
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/ocr"
	"github.com/jingban/jingban/ocr/ocrtest"
)

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
