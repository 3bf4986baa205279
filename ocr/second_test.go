package ocr_test

import (
	"image"
	"slices"
	"strings"
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/ocr"
	"github.com/jingban/jingban/ocr/ocrtest"
)

func readPage(t *testing.T, pool *ocr.Pool, page *image.NRGBA) casework.Reading {
	t.Helper()
	result, err := pool.Read(t.Context(), ocrtest.PNG(t, page), ocr.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return result.Pages[0]
}

func TestNumbersOfALineAreFound(t *testing.T) {
	t.Parallel()
	for line, want := range map[string][]string{
		"公民身份号码379901198803074321":    {"379901198803074321"},
		"证件号码：37990119880307432X":     {"37990119880307432X"},
		"2019年3月1日至2026年2月28日":        {"2019年3月1", "2026年2月28"},
		"2016.03.05-2036.03.05":       {"2016.03.05-2036.03.05"},
		"2019-05-06-长期":               {"2019-05-06"},
		"统一社会信用代码：91379900MA37990102": {"91379900MA37990102"},
		"6217 0000 0000 0000 024":     {"6217 0000 0000 0000 024"},
		"合计 ¥12,345.67 元":             {"12,345.67"},
		"第12条":                        nil,
		"样板路1号2单元":                    nil,
		"DEBIT CARD":                  nil,
		"":                            nil,
	} {
		var got []string
		for _, run := range ocr.NumbersIn([]rune(line)) {
			got = append(got, string([]rune(line)[run[0]:run[1]]))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
}

func TestANumberOfATextLayerIsSecondedByWhatThePageShows(t *testing.T) {
	t.Parallel()
	at := func(text string, y float64) casework.Line {
		return casework.Line{Text: text, Quad: casework.Quad{{X: 10, Y: y}, {X: 400, Y: y}, {X: 400, Y: y + 30}, {X: 10, Y: y + 30}}}
	}
	printed := []casework.Line{at("公民身份号码37990119880307432x", 10), at("日期：2026年03月15日", 110), at("金额 1,680.32", 210)}
	ocr.SeenAs("ppocr", printed, []casework.Line{at("公民身份号码37990119880307432X", 12), at("日期:2026年03月16日", 108), at("金额1,680.32元", 212)})
	for i, want := range []string{"37990119880307432X", "", "168032"} {
		if o := printed[i].Second; len(o) != 1 || o[0].Text != want || o[0].Engine != "ppocr" {
			t.Errorf("%s: %+v, want %q", printed[i].Text, o, want)
		}
	}
}

func TestNumbersAreReadTwice(t *testing.T) {
	pool := newPool(t, nil)
	needEngine(t, pool, "ppocr")
	needEngine(t, pool, "tesseract")
	page := readPage(t, pool, ocrtest.SamplePage(t))
	if page.Second != "tesseract" {
		t.Fatalf("second reader %q", page.Second)
	}
	want := map[string]string{
		"379901198803074321": "379901198803074321", "6222020200012345678": "6222020200012345678",
		"2026年03月15": "20260315", "13800001234": "13800001234",
	}
	for _, l := range page.Lines {
		for _, o := range l.Second {
			first := string([]rune(l.Text)[o.From:o.To])
			if o.Text != want[first] || o.Engine != "tesseract" {
				t.Errorf("%s was read as %+v", first, o)
			}
			delete(want, first)
		}
	}
	if len(want) > 0 {
		t.Errorf("not read twice: %v", want)
	}
	result, err := pool.Read(t.Context(), ocrtest.PNG(t, ocrtest.SamplePage(t)), ocr.Options{Engine: "tesseract"})
	if err != nil {
		t.Fatal(err)
	}
	if alone := result.Pages[0]; alone.Second != "" || slices.ContainsFunc(alone.Lines, func(l casework.Line) bool { return len(l.Second) > 0 }) {
		t.Error("tesseract doubts itself")
	}
}

// A digit that is half hidden is another one to each reader: nobody agrees.
func TestADamagedDigitIsNotAgreedUpon(t *testing.T) {
	pool := newPool(t, nil)
	needEngine(t, pool, "ppocr")
	needEngine(t, pool, "tesseract")
	const number = "379901198803074321"
	page := ocrtest.Draw(t, 900, 200, ocrtest.Text{X: 60, Y: 110, Size: 44, Text: number})
	for y := 60; y < 130; y++ {
		for x := 252; x < 268; x++ { // over one digit
			p := page.Pix[page.PixOffset(x, y):]
			p[0], p[1], p[2] = 120, 120, 120
		}
	}
	for _, l := range readPage(t, pool, page).Lines {
		for _, o := range l.Second {
			first := string([]rune(l.Text)[o.From:o.To])
			if first == o.Text && !strings.Contains(number, first) {
				t.Errorf("both say %s", first)
			}
		}
	}
}
