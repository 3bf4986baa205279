package ocr

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/jingban/jingban/casework"
)

// enginePDF marks lines that come from a PDF's text layer and were seen on the
// page, too.
const enginePDF = "pdf"

// Bounds of a text layer: a dense page has 3,000 characters and about 100 bytes
// of report for each word.
const (
	maxTextReport = 32 << 20
	maxLayerLines = 5000
)

// textPage is one page of a text layer, in points from the top left corner.
type textPage struct {
	width, height float64
	lines         []textLine
}

type textLine struct {
	text           string
	x0, y0, x1, y1 float64
}

// text reads the text layers of the first pages. A layer that can't be read is
// none: the page is drawn and read all the same. Its only errors are the
// context's.
func (p poppler) text(ctx context.Context, pdf *os.File, pages int) ([]textPage, error) {
	out := bounded{room: maxTextReport}
	err := p.run(ctx, pdf, &out, "pdftotext", "-f", "1", "-l", strconv.Itoa(pages), "-bbox-layout", "-cropbox", "-q", "/dev/fd/3", "-")
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil || out.room < 0 {
		return nil, nil
	}
	layer, err := parseTextLayer(&out.content)
	if err != nil {
		return nil, nil
	}
	return layer, nil
}

// bounded keeps what is written until there is no room left; then it refuses,
// which ends the writer.
type bounded struct {
	content bytes.Buffer
	room    int
}

// Write refuses what is too much.
func (b *bounded) Write(p []byte) (int, error) {
	b.room -= len(p)
	if b.room < 0 {
		return 0, errors.New("the report is too long")
	}
	return b.content.Write(p)
}

// parseTextLayer reads the report of pdftotext -bbox-layout: page elements with
// width and height, in them lines with xMin … yMax, in them words.
func parseTextLayer(report io.Reader) ([]textPage, error) {
	in := xml.NewDecoder(printable{report})
	in.Strict = false
	var pages []textPage
	var line *textLine
	var word strings.Builder
	for {
		token, err := in.RawToken()
		if errors.Is(err, io.EOF) {
			return pages, nil
		}
		if err != nil {
			return nil, fmt.Errorf("text layer: %w", err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			switch {
			case t.Name.Local == "page":
				pages = append(pages, textPage{width: attribute(t, "width"), height: attribute(t, "height")})
			case t.Name.Local == "line" && len(pages) > 0:
				line = &textLine{x0: attribute(t, "xMin"), y0: attribute(t, "yMin"), x1: attribute(t, "xMax"), y1: attribute(t, "yMax")}
			}
			word.Reset()
		case xml.CharData:
			word.Write(t)
		case xml.EndElement:
			switch {
			case t.Name.Local == "word" && line != nil:
				line.text = strings.TrimSpace(line.text + " " + strings.TrimSpace(word.String()))
			case t.Name.Local == "line" && line != nil:
				pages[len(pages)-1].add(*line)
				line = nil
			}
		}
	}
}

func (p *textPage) add(l textLine) {
	if l.text != "" && l.x1 > l.x0 && l.y1 > l.y0 && len(p.lines) < maxLayerLines {
		p.lines = append(p.lines, l)
	}
}

// attribute is a finite number of at most 1e6 points, else 0.
func attribute(t xml.StartElement, name string) float64 {
	for _, a := range t.Attr {
		if a.Name.Local != name {
			continue
		}
		if v, err := strconv.ParseFloat(a.Value, 64); err == nil && math.Abs(v) <= 1e6 {
			return v
		}
	}
	return 0
}

// printable replaces control characters, which a hostile PDF puts into its text
// and XML does not allow.
type printable struct{ from io.Reader }

// Read implements io.Reader.
func (p printable) Read(b []byte) (int, error) {
	n, err := p.from.Read(b)
	for i, c := range b[:n] {
		if c < ' ' && c != '\n' {
			b[i] = ' '
		}
	}
	return n, err
}

// Sanity of a layer. Fonts without a character map give private or replacement
// characters; a layer with more than one in twenty of them is no text.
const maxStrange = 0.05

func (p textPage) sane() bool {
	all, strange := 0, 0
	for _, l := range p.lines {
		for _, r := range l.text {
			all++
			if r == utf8.RuneError || unicode.Is(unicode.Co, r) || unicode.IsControl(r) || !unicode.IsGraphic(r) {
				strange++
			}
		}
	}
	return all > 0 && float64(strange) <= maxStrange*float64(all) && p.width > 0 && p.height > 0
}

// printed gives the layer as lines at a resolution, nothing when it is not sane.
func (p textPage) printed(dpi int) []casework.Line {
	if !p.sane() {
		return nil
	}
	scale := float64(dpi) / pointsToInch
	lines := make([]casework.Line, 0, len(p.lines))
	for _, l := range p.lines {
		a, b, c, d := l.x0*scale, l.y0*scale, l.x1*scale, l.y1*scale
		lines = append(lines, casework.Line{Text: l.text, Confidence: 1, Engine: enginePDF,
			Quad: casework.Quad{{X: a, Y: b}, {X: c, Y: b}, {X: c, Y: d}, {X: a, Y: d}}})
	}
	return lines
}
