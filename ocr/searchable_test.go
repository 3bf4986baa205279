package ocr_test

import (
	"bytes"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/ocr"
	"github.com/jingban/jingban/ocr/ocrtest"
)

func TestASearchablePDFHoldsTheTextWhereItStands(t *testing.T) {
	tool, err := exec.LookPath("pdftotext")
	ocrtest.NeedReal(t, "poppler-utils", err)
	line := at(100, 200, 200, "张伟明 A-12")
	line.Quad[2].Y, line.Quad[3].Y = 240, 240
	far := at(100, 700, 300, "𬱖字")
	leaf := ocr.Leaf{JPEG: ocrtest.JPEG(t, ocrtest.Draw(t, 842, 800)), Reading: casework.Reading{Width: 842, Height: 800, Lines: []casework.Line{line, far}}}
	path := filepath.Join(t.TempDir(), "out.pdf")
	var out bytes.Buffer
	if err := ocr.WriteSearchable(&out, []ocr.Leaf{leaf, leaf}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	report, err := exec.Command(tool, "-bbox-layout", "-q", path, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	lines, err := ocr.TextLayer(string(report))
	if err != nil || len(lines) != 4 || lines[0].Text != "张伟明 A-12" || lines[1].Text != "𬱖字" {
		t.Fatalf("%+v %v", lines, err)
	}
	scale := 200.0 / 72 // the page is as many points wide as the picture is pixels
	if b := lines[0].Quad.Box(); !near(b.X, int(100*scale), 4) || !near(b.W, int(200*scale), 12) || b.Y < int(180*scale) || b.Y+b.H > int(262*scale) {
		t.Errorf("it is said to stand at %+v", b)
	}
	drawn, err := exec.Command("pdftoppm", "-r", "72", "-f", "1", "-l", "1", path).Output()
	if err != nil {
		t.Fatal(err)
	}
	if page, err := ocr.Decode(drawn); err != nil || bytes.IndexFunc(page.Pix, func(r rune) bool { return r < 0x80 }) >= 0 {
		t.Errorf("the text can be seen (%v)", err)
	}
}

func TestAnnotateDrawsBoxesOnThePage(t *testing.T) {
	sure, unsure := at(100, 100, 200, "甲"), at(100, 300, 200, "乙")
	unsure.Confidence = 0.5
	leaf := ocr.Leaf{JPEG: ocrtest.JPEG(t, ocrtest.Draw(t, 600, 500)), Reading: casework.Reading{Width: 1200, Height: 1000, Lines: []casework.Line{sure, unsure},
		Seals: []casework.Seal{{Box: casework.Box{X: 600, Y: 600, W: 200, H: 200}}}}}
	var out bytes.Buffer
	if err := ocr.Annotate(&out, leaf); err != nil {
		t.Fatal(err)
	}
	page, err := png.Decode(&out)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what    string
		x, y    int
		r, g, b uint8
	}{{"a sure line", 100, 51, 20, 150, 60}, {"an unsure line", 100, 151, 235, 130, 0}, {"a seal", 350, 301, 220, 20, 30}} {
		if got := color.NRGBAModel.Convert(page.At(c.x, c.y)).(color.NRGBA); got != (color.NRGBA{c.r, c.g, c.b, 255}) {
			t.Errorf("%s at %d,%d has colour %v", c.what, c.x, c.y, got)
		}
	}
	if err := ocr.Annotate(&out, ocr.Leaf{JPEG: []byte("no picture")}); err == nil || !strings.Contains(err.Error(), "annotate") {
		t.Errorf("%v", err)
	}
}
