// Package ocrtest is the contract every OCR engine must keep, as a test suite,
// and draws the pages it is tried on. All persons are fictional.
package ocrtest

import (
	"fmt"
	"image"
	"strings"
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/ocr"
)

// Strictness is what an engine must reach on clean rendered print.
type Strictness struct {
	Engine string
	Misses int // lines of the page that need not be exact
}

// facts are the lines of the sample page that somebody's money depends on.
func facts() []string {
	return []string{"失业保险金申领登记表", "张伟明", "379901198803074321", "6222020200012345678",
		"青山市远大机械制造有限公司", "2026年03月15日", "13800001234"}
}

// SamplePage is a form with the facts in it, of 1240 x 1000 pixels.
func SamplePage(t testing.TB) *image.NRGBA {
	t.Helper()
	f := facts()
	return Draw(t, 1240, 1000,
		Text{360, 110, 52, f[0]},
		Text{100, 250, 36, "姓名"}, Text{330, 250, 36, f[1]},
		Text{100, 360, 36, "证件号码"}, Text{330, 360, 36, f[2]},
		Text{100, 470, 36, "银行账号"}, Text{330, 470, 36, f[3]},
		Text{100, 580, 36, "原单位名称"}, Text{330, 580, 36, f[4]},
		Text{100, 690, 36, "离职日期"}, Text{330, 690, 36, f[5]},
		Text{100, 800, 36, "联系电话"}, Text{330, 800, 36, f[6]},
	)
}

// Contract tries an engine behind a reader.
func Contract(t *testing.T, reader ocr.Reader, want Strictness) {
	for _, turn := range []int{0, 90, 180, 270} {
		t.Run(fmt.Sprintf("reads a sheet turned by %d", turn), func(t *testing.T) {
			picture := ocr.Turn(SamplePage(t), (360-turn)%360) // the engine must turn it back
			page := readOne(t, reader, want.Engine, JPEG(t, picture))
			if page.Rotation != turn || page.Width != 1240 || page.Height != 1000 {
				t.Errorf("rotation %d, %d x %d; want %d, 1240 x 1000", page.Rotation, page.Width, page.Height, turn)
			}
			if page.Engine != want.Engine || page.Model == "" || page.Page != 1 {
				t.Errorf("engine %q, model %q, page %d", page.Engine, page.Model, page.Page)
			}
			checkFacts(t, page, want)
			checkPlaces(t, page)
		})
	}
	t.Run("finds nothing on an empty sheet", func(t *testing.T) {
		page := readOne(t, reader, want.Engine, PNG(t, Draw(t, 1240, 1000)))
		if len(page.Lines) != 0 || len(page.Quality) != 1 || page.Quality[0].Code != "blank" {
			t.Errorf("lines %v, quality %v", page.Lines, page.Quality)
		}
	})
	t.Run("reports the places in the pixels of a large original", func(t *testing.T) {
		page := readOne(t, reader, want.Engine, PNG(t, Draw(t, 5000, 1000, Text{3400, 600, 160, "经办大厅"})))
		if len(page.Lines) == 0 || page.Width != 5000 {
			t.Fatalf("%d lines, width %d", len(page.Lines), page.Width)
		}
		if b := page.Lines[0].Quad.Box(); b.X < 3300 || b.X > 3500 || b.Y < 400 || b.Y+b.H > 700 {
			t.Errorf("place %+v", b)
		}
	})
}

func readOne(t *testing.T, reader ocr.Reader, engine string, file []byte) casework.Reading {
	t.Helper()
	result, err := reader.Read(t.Context(), file, ocr.Options{Engine: engine})
	if err != nil {
		t.Fatal(err)
	}
	if len(result.Pages) != 1 {
		t.Fatalf("%d pages, want 1", len(result.Pages))
	}
	return result.Pages[0]
}

func checkFacts(t *testing.T, page casework.Reading, want Strictness) {
	t.Helper()
	var missed []string
	for _, fact := range facts() {
		if lineWith(page, fact) == nil {
			missed = append(missed, fact)
		}
	}
	if len(missed) > want.Misses {
		t.Errorf("not read: %q\n%s", missed, textOf(page))
	}
}

// checkPlaces: the name stands where it was drawn, and rows go downwards.
func checkPlaces(t *testing.T, page casework.Reading) {
	t.Helper()
	title, phone := lineWith(page, "申领登记表"), lineWith(page, "13800001234")
	if title == nil || phone == nil {
		t.Fatalf("title or phone not read:\n%s", textOf(page))
	}
	if b := phone.Quad.Box(); b.X > 345 || b.X+b.W < 540 || b.Y < 740 || b.Y+b.H > 850 {
		t.Errorf("the phone number is said to be at %+v", b)
	}
	if q := title.Quad; q[0].X >= q[1].X || q[0].Y >= q[3].Y || q[2].X <= q[3].X {
		t.Errorf("corners are not in order: %v", q)
	}
	text := textOf(page)
	if strings.Index(text, "申领登记表") > strings.Index(text, "13800001234") {
		t.Errorf("rows are out of order:\n%s", text)
	}
	for _, l := range page.Lines {
		if l.Confidence <= 0 || l.Confidence > 1 || l.Engine != page.Engine {
			t.Errorf("line with confidence %v of engine %q", l.Confidence, l.Engine)
		}
	}
}

func lineWith(page casework.Reading, text string) *casework.Line {
	for i, l := range page.Lines {
		if strings.Contains(l.Text, text) {
			return &page.Lines[i]
		}
	}
	return nil
}

func textOf(page casework.Reading) string {
	var all strings.Builder
	for _, l := range page.Lines {
		fmt.Fprintf(&all, "%s (%.2f)\n", l.Text, l.Confidence)
	}
	return all.String()
}
