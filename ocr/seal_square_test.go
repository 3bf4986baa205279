package ocr_test

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math/rand/v2"
	"testing"

	"github.com/disintegration/imaging"

	"github.com/jingban/jingban/fixtures/materials"
	"github.com/jingban/jingban/ocr"
	"github.com/jingban/jingban/ocr/ocrtest"
)

// receipt is a bank receipt with a name seal, half as fine as a scan, and the
// place of the seal.
func receipt(t *testing.T, studio *materials.Studio, seal materials.NameSeal, n uint64) (*image.NRGBA, image.Rectangle) {
	t.Helper()
	values := map[string]string{
		"bill_number": "3799000001", "issue_date": "2026-03-05", "payer": "海州示例机械有限公司", "payer_account": "37990000000000012", "payer_bank": "中国农业银行",
		"name": "谢静雅", "account": "6228480000000000018", "bank": "中国工商银行", "total_capital": "贰万贰仟陆佰叁拾元玖角肆分", "total_amount": "22630.94",
		"currency": "人民币", "purpose": "失业保险金", "flow_number": "37990020260305", "print_time": "2026-03-05 10:20:30", "verify_code": "ABCD1234",
	}
	picture, err := studio.Render(materials.BankReceipt, values, materials.Style{Scale: 0.6, Noise: 1, NameSeal: &seal}, rand.New(rand.NewPCG(n, 9)))
	if err != nil {
		t.Fatal(err)
	}
	place := image.Rectangle{}
	for _, line := range picture.Lines {
		if line.Field == "seal" {
			place = image.Rect(int(line.Quad[0].X), int(line.Quad[0].Y), int(line.Quad[2].X), int(line.Quad[2].Y))
		}
	}
	return imaging.Clone(picture.Image), place
}

func TestNameSealsAreFoundInEverySizeAndState(t *testing.T) {
	t.Parallel()
	studio, err := materials.Open()
	ocrtest.NeedReal(t, "fonts", err)
	for i, seal := range []materials.NameSeal{
		{Side: 12}, {Side: 18}, {Side: 25}, {Side: 20, Turn: 15}, {Side: 15, Turn: -9}, {Side: 18, Turn: 5, Over: true}, {Side: 22, Over: true, Solid: true},
		{Side: 18, Worn: 0.3}, {Side: 18, Worn: 0.3, Over: true, Turn: -12}, {Side: 20, Solid: true, Worn: 0.25}, {Side: 18, Blue: true}, {Side: 16, Text: "张明"}, {Side: 16, Text: "谢静雅", Blue: true, Over: true},
	} {
		page, place := receipt(t, studio, seal, uint64(i))
		want := "red"
		if seal.Blue {
			want = "blue"
		}
		seals := ocr.FindSeals(page)
		if len(seals) != 1 || seals[0].Shape != "square" || seals[0].Colour != want {
			t.Errorf("%+v: found %+v", seal, seals)
			continue
		}
		b := seals[0].Box
		cx, cy := (place.Min.X+place.Max.X)/2, (place.Min.Y+place.Max.Y)/2
		wide := place.Dx() // a turned one needs a larger box: up to 1.23 at 15 degrees
		if !near(b.X+b.W/2, cx, wide/10) || !near(b.Y+b.H/2, cy, wide/10) || b.W < wide*9/10 || b.W > wide*13/10 {
			t.Errorf("%+v: at %+v, want about %v", seal, b, place)
		}
	}
}

// pen paints what is red and has corners, and is no seal.
type pen struct {
	t    *testing.T
	page *image.NRGBA
}

func (p pen) bar(x, y, w, h int) {
	draw.Draw(p.page, image.Rect(x, y, x+w, y+h), image.NewUniform(red), image.Point{}, draw.Src)
}

func (p pen) frame(x, y, w, h, thick int) {
	p.bar(x, y, w, thick)
	p.bar(x, y+h-thick, w, thick)
	p.bar(x, y, thick, h)
	p.bar(x+w-thick, y, thick, h)
}

func (p pen) table(x, y, w, h, cols, rows int) {
	p.frame(x, y, w, h, 3)
	for i := 1; i < cols; i++ {
		p.bar(x+i*w/cols, y, 3, h)
	}
	for i := 1; i < rows; i++ {
		p.bar(x, y+i*h/rows, w, 3)
	}
}

func (p pen) write(in color.NRGBA, texts ...ocrtest.Text) {
	mask := ocrtest.Draw(p.t, p.page.Rect.Dx(), p.page.Rect.Dy(), texts...)
	for i := 0; i < len(mask.Pix); i += 4 {
		if mask.Pix[i] < 140 {
			p.page.Pix[i], p.page.Pix[i+1], p.page.Pix[i+2] = in.R, in.G, in.B
		}
	}
}

// redFrames are found on ordinary papers.
func redFrames() map[string]func(pen) {
	black, white := color.NRGBA{20, 20, 20, 255}, color.NRGBA{255, 255, 255, 255}
	return map[string]func(pen){
		"an empty box": func(p pen) { p.frame(300, 300, 110, 110, 4) },
		"a box for a photo": func(p pen) {
			p.frame(800, 200, 160, 200, 3)
			p.write(red, ocrtest.Text{X: 840, Y: 310, Size: 34, Text: "照片"})
		},
		"boxes of a postcode": func(p pen) { p.table(200, 200, 480, 60, 6, 1) },
		"a box with black text": func(p pen) {
			p.frame(300, 300, 150, 150, 4)
			p.write(black, ocrtest.Text{X: 318, Y: 360, Size: 56, Text: "张伟"}, ocrtest.Text{X: 318, Y: 430, Size: 56, Text: "明印"})
		},
		"a small table":  func(p pen) { p.table(300, 300, 160, 160, 3, 3) },
		"a table of two": func(p pen) { p.table(300, 300, 120, 120, 2, 2) },
		"a fine table":   func(p pen) { p.table(300, 300, 200, 160, 6, 5) },
		"a table with red words": func(p pen) {
			p.table(300, 300, 220, 160, 2, 4)
			for i := range 4 {
				p.write(red, ocrtest.Text{X: 310, Y: 330 + 40*i, Size: 26, Text: "合计"})
			}
		},
		"letterhead lines": func(p pen) {
			p.write(red, ocrtest.Text{X: 200, Y: 150, Size: 70, Text: "海州市社会保险事业中心文件"})
			p.bar(150, 180, 900, 5)
			p.bar(150, 190, 900, 2)
		},
		"words without a frame": func(p pen) { p.write(red, ocrtest.Text{X: 500, Y: 500, Size: 80, Text: "受理"}) },
		"words in two rows": func(p pen) {
			p.write(red, ocrtest.Text{X: 500, Y: 500, Size: 70, Text: "已受"}, ocrtest.Text{X: 500, Y: 572, Size: 70, Text: "理件"})
		},
		"an invoice": func(p pen) {
			p.table(80, 100, 1080, 600, 5, 6)
			p.write(red, ocrtest.Text{X: 100, Y: 160, Size: 30, Text: "购买方"}, ocrtest.Text{X: 100, Y: 260, Size: 30, Text: "价税合计"})
		},
		"a framed notice": func(p pen) {
			p.frame(700, 300, 190, 150, 3)
			for i := range 5 {
				p.write(red, ocrtest.Text{X: 708, Y: 330 + 27*i, Size: 22, Text: "请妥善保管此联"})
			}
		},
		"a red surface": func(p pen) { p.bar(300, 300, 120, 120) },
		"a red surface with words": func(p pen) {
			p.bar(300, 300, 190, 100)
			p.write(white, ocrtest.Text{X: 345, Y: 360, Size: 24, Text: "办事指南"})
		},
		"a logo": func(p pen) {
			p.bar(300, 300, 190, 90)
			p.write(white, ocrtest.Text{X: 315, Y: 365, Size: 52, Text: "UPay"})
		},
	}
}

func TestRedFramesAreNoSeals(t *testing.T) {
	t.Parallel()
	for name, paint := range redFrames() {
		page := ocrtest.Draw(t, 1240, 1754)
		paint(pen{t, page})
		if seals := ocr.FindSeals(page); len(seals) != 0 {
			t.Errorf("%s: %s", name, fmt.Sprintf("%+v", seals))
		}
	}
}
