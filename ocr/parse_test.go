package ocr_test

import (
	"slices"
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/ocr"
)

const layer = `<!DOCTYPE html PUBLIC "x"><html><body><doc>
  <page width="595.280000" height="841.890000"><flow><block xMin="1" yMin="2" xMax="3" yMax="4">
    <line xMin="72.0" yMin="36.0" xMax="144.0" yMax="48.0"><word xMin="72" yMin="36" xMax="90" yMax="48">姓名</word>
    <word xMin="95" yMin="36" xMax="144" yMax="48">A&amp;B</word></line></block></flow></page></doc></body></html>`

func TestTextLayerGivesLinesInThePixelsOfTheDrawnPage(t *testing.T) {
	lines, err := ocr.TextLayer(layer)
	if err != nil || len(lines) != 1 {
		t.Fatalf("%+v %v", lines, err)
	}
	if l := lines[0]; l.Text != "姓名 A&B" || l.Quad[0] != (casework.Point{X: 200, Y: 100}) || l.Quad[2].X != 400 {
		t.Errorf("%+v", l)
	}
	if lines, _ := ocr.TextLayer(`<page width="9" height="9"><line xMin="1" yMin="1" xMax="2" yMax="2"><word></word></line></page>`); len(lines) != 0 {
		t.Errorf("characters of a font without a map are taken for text: %+v", lines)
	}
}

// at is a line of 20 pixels' height.
func at(x, y, w int, text string) casework.Line {
	a, b, c, d := float64(x), float64(y), float64(x+w), float64(y+20)
	return casework.Line{Text: text, Confidence: 1, Quad: casework.Quad{{X: a, Y: b}, {X: c, Y: b}, {X: c, Y: d}, {X: a, Y: d}}}
}

func TestOnlyWhatThePageShowsIsBelieved(t *testing.T) {
	seen := []casework.Line{at(0, 0, 300, "缴费基数 5678.90 元"), at(0, 50, 300, "青山市远大机械制造有限公司"), at(0, 200, 90, "经办章")}
	for _, c := range []struct {
		line       casework.Line
		shown      bool
		confidence float64
	}{
		{at(0, 0, 300, "缴费基数５６７８．９０元"), true, 1},           // full width is the same writing
		{at(0, 0, 300, "缴费基数 5878.90 元"), false, 0},        // one digit differs
		{at(0, 50, 300, "青山市远大机城制造有限公司"), true, 12.0 / 13}, // one character differs: a person looks
		{at(0, 300, 300, "不存在的一行文字"), false, 0},            // nothing is there
		{at(0, 200, 300, "章"), true, 1},                    // too short to prove anything
		{at(0, 300, 60, "元"), true, 0.5},                   // and not seen
	} {
		shown, hidden := ocr.Confirm([]casework.Line{c.line}, seen)
		if (len(shown) == 1) != c.shown || len(shown)+len(hidden) != 1 {
			t.Errorf("%s: shown %v, hidden %v", c.line.Text, shown, hidden)
			continue
		}
		if c.shown && (shown[0].Confidence < c.confidence-0.001 || shown[0].Confidence > c.confidence+0.001) {
			t.Errorf("%s: confidence %v, want %v", c.line.Text, shown[0].Confidence, c.confidence)
		}
	}
}

func TestMergeAddsWhatTheTextLayerLacks(t *testing.T) {
	merged := ocr.Merge([]casework.Line{at(200, 2, 90, "张伟明"), at(0, 100, 90, "日期")},
		[]casework.Line{at(0, 0, 90, "姓名"), at(198, 1, 94, "张伟明"), at(0, 50, 90, "手写")})
	var got []string
	for _, l := range merged {
		got = append(got, l.Text)
	}
	if !slices.Equal(got, []string{"姓名", "张伟明", "手写", "日期"}) {
		t.Errorf("%q", got)
	}
}

func TestNamesAreSortedAsPeopleCount(t *testing.T) {
	names := []string{"b10", "b2", "a", "b02", "b1x", "第11页", "第9页", "b"}
	slices.SortFunc(names, ocr.ByNumber)
	if want := []string{"a", "b", "b1x", "b02", "b2", "b10", "第9页", "第11页"}; !slices.Equal(names, want) {
		t.Errorf("%q", names)
	}
}

func FuzzTextLayerStaysBounded(f *testing.F) {
	f.Add(layer)
	f.Add("<page width='NaN' height='1e309'><line xMin='-1e99'><word>\x01")
	f.Fuzz(func(t *testing.T, report string) {
		lines, _ := ocr.TextLayer(report)
		for _, l := range lines {
			if b := l.Quad.Box(); l.Text == "" || b.W <= 0 || b.H <= 0 || b.X < -3_000_000 || b.X > 3_000_000 {
				t.Errorf("%+v", l)
			}
		}
	})
}

func FuzzTIFFWalkEnds(f *testing.F) {
	f.Add([]byte("II*\x00\x08\x00\x00\x00\x00\x00\x08\x00\x00\x00"))
	f.Add([]byte("MM\x00*\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, file []byte) {
		if pages, err := ocr.TIFFPages(file); err == nil && (pages < 1 || pages > 500) {
			t.Errorf("%d pages", pages)
		}
	})
}

func FuzzByNumberIsAnOrder(f *testing.F) {
	f.Add("a1", "a01", "a2")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		ab, ba := ocr.ByNumber(a, b), ocr.ByNumber(b, a)
		if ab != -ba || (ab == 0) != (a == b) {
			t.Errorf("%q %q: %d and %d", a, b, ab, ba)
		}
		if bc := ocr.ByNumber(b, c); ab < 0 && bc < 0 && ocr.ByNumber(a, c) >= 0 {
			t.Errorf("%q < %q < %q, but not the first before the last", a, b, c)
		}
	})
}
