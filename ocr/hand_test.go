package ocr_test

import (
	"bytes"
	"image"
	"image/draw"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/fixtures/materials"
	"github.com/jingban/jingban/ocr"
	"github.com/jingban/jingban/ocr/ocrtest"
)

func noticeValues() map[string]string {
	return map[string]string{
		"name": "张伟明", "sex": "男", "id_number": "379901198803074329", "employer": "青山市远大机械制造有限公司", "uscc": "91379900MA37990102",
		"contract_start": "2020-01-01", "contract_end": "2026-02-28", "end_date": "2026-02-28", "post": "仓库管理员", "years": "6年2个月",
		"reason": "劳动合同期满终止", "issue_date": "2026-03-01", "serial": "海劳证〔2026〕0037号",
	}
}

// byHand gives the text of the lines, and of the parts that may be handwriting.
func byHand(lines []casework.Line) (all, written string) {
	var a, w strings.Builder
	for _, l := range lines {
		chars := []rune(l.Text)
		a.WriteString(l.Text + "\n")
		for _, part := range l.Hand {
			w.WriteString(string(chars[part[0]:part[1]]) + "\n")
		}
	}
	return a.String(), w.String()
}

func TestHandwritingIsToldFromPrint(t *testing.T) {
	pool := newPool(t, nil)
	needEngine(t, pool, "ppocr")
	studio, err := materials.OpenAll()
	ocrtest.NeedReal(t, "fonts", err)
	for name, style := range map[string]materials.Style{
		"print":            {},
		"a needle print":   {Dots: true, Blur: 0.4, Noise: 1},
		"an ordinary hand": {Hand: 1},
		"a tidy hand":      {Hand: 0.6, Kind: materials.Photo, Skew: 2, Perspective: 0.01, Blur: 0.6, Noise: 2},
	} {
		style.Scale = 0.7
		picture, err := studio.Render(materials.TerminationNotice, noticeValues(), style, rand.New(rand.NewPCG(5, 3)))
		if err != nil {
			t.Fatal(err)
		}
		result, err := pool.Read(t.Context(), ocrtest.JPEG(t, picture.Image), ocr.Options{})
		if err != nil {
			t.Fatal(err)
		}
		all, written := byHand(result.Pages[0].Lines)
		for _, value := range []string{"379901198803074329", "91379900MA37990102", "青山市远大机械制造有限公司", "劳动合同期满终止"} {
			if style.Hand == 0 && strings.Contains(written, value) {
				t.Errorf("%s: %s is taken for handwriting", name, value)
			}
			if style.Hand > 0 && strings.Contains(all, value) && !strings.Contains(written, value) {
				t.Errorf("%s: %s is taken for print", name, value)
			}
		}
		if style.Hand > 0 && len(written) < len(all)/3 {
			t.Errorf("%s: only this is taken for handwriting:\n%s", name, written)
		}
	}
}

// TestHandwritingStaysOneInASearchablePDF reads a written page, lays its text under
// the picture as scanners do, and reads the file again.
func TestHandwritingStaysOneInASearchablePDF(t *testing.T) {
	pool := newPool(t, nil)
	needEngine(t, pool, "ppocr")
	studio, err := materials.OpenAll()
	ocrtest.NeedReal(t, "fonts", err)
	picture, err := studio.Render(materials.TerminationNotice, noticeValues(), materials.Style{Hand: 1, Scale: 0.7}, rand.New(rand.NewPCG(5, 3)))
	if err != nil {
		t.Fatal(err)
	}
	file := ocrtest.JPEG(t, picture.Image)
	first, err := pool.Read(t.Context(), file, ocr.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var pdf bytes.Buffer
	if err := ocr.WriteSearchable(&pdf, []ocr.Leaf{{JPEG: file, Reading: first.Pages[0]}}); err != nil {
		t.Fatal(err)
	}
	again, err := pool.Read(t.Context(), pdf.Bytes(), ocr.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, written := byHand(again.Pages[0].Lines)
	if number := noticeValues()["id_number"]; !strings.Contains(written, number) {
		t.Errorf("read by %s, handwriting is only:\n%s", again.Pages[0].Engine, written)
	}
}

// TestCharactersReadBehindTheirLineAreMeasured gives places as a recogniser has
// them whose crop was widened.
func TestCharactersReadBehindTheirLineAreMeasured(t *testing.T) {
	page := image.NewNRGBA(image.Rect(0, 0, 300, 80))
	for i := range page.Pix {
		page.Pix[i] = 255
	}
	for x := 20; x < 200; x += 14 {
		draw.Draw(page, image.Rect(x, 24, x+4, 56), image.Black, image.Point{}, draw.Src)
	}
	for _, at := range [][]float64{{0.2, 0.6, 1.02, 1.4}, {0, 1.9, 2, 3}, {0.1, 0.2, 0.2, 0.1}} {
		lines := []casework.Line{{Text: "二〇二六", At: at, Quad: casework.Quad{{X: 10, Y: 20}, {X: 210, Y: 20}, {X: 210, Y: 60}, {X: 10, Y: 60}}}}
		ocr.MarkHand(page, lines, nil) // must not fail
	}
}
