package ofd

import (
	"fmt"
	"path"
	"strings"
	"unicode/utf8"
)

// Bounds of one page: a dense A4 page has 3,000 characters.
const (
	maxTexts  = 20_000
	maxRunes  = 400_000
	maxImages = 64
)

// Page is what one page says and shows.
type Page struct {
	Area   Box     // of the sheet; places count from its corner
	Texts  []Text  // in the document's order, its template's first
	Images []Image // likewise
	Hidden int     // texts that are there and not shown
}

// Text is one run of characters on one base line.
type Text struct {
	Text string
	Size float64       // height of the characters
	Quad [4][2]float64 // top left, top right, bottom right, bottom left
}

// Image is an embedded picture stretched over a box.
type Image struct {
	Box  Box
	Data []byte // as embedded; nil when the document names a picture it does not hold
}

type xmlPage struct {
	Area      string   `xml:"Area>PhysicalBox"`
	Resources []string `xml:"PageRes"`
	Templates []struct {
		ID string `xml:"TemplateID,attr"`
	} `xml:"Template"`
	Layers []xmlBlock `xml:"Content>Layer"`
}

type xmlBlock struct {
	Texts  []xmlText  `xml:"TextObject"`
	Images []xmlImage `xml:"ImageObject"`
	Blocks []xmlBlock `xml:"PageBlock"`
}

type xmlObject struct {
	Boundary string `xml:"Boundary,attr"`
	CTM      string `xml:"CTM,attr"`
	Visible  string `xml:"Visible,attr"`
	Alpha    string `xml:"Alpha,attr"`
}

// hidden: GB/T 33190 §8.5, Visible is true and Alpha 255 when they are not said.
func (o xmlObject) hidden() bool {
	return strings.TrimSpace(o.Visible) == "false" || strings.TrimSpace(o.Alpha) == "0"
}

type xmlText struct {
	xmlObject
	Size  string `xml:"Size,attr"`
	Codes []struct {
		X      string `xml:"X,attr"`
		Y      string `xml:"Y,attr"`
		DeltaX string `xml:"DeltaX,attr"`
		DeltaY string `xml:"DeltaY,attr"`
		Text   string `xml:",chardata"`
	} `xml:"TextCode"`
}

type xmlImage struct {
	xmlObject
	Resource string `xml:"ResourceID,attr"`
}

// Page reads one page, from 1.
func (d *Document) Page(n int) (Page, error) {
	if n < 1 || n > len(d.pages) {
		return Page{}, fmt.Errorf("page %d of %d", n, len(d.pages))
	}
	var own xmlPage
	if err := decodeFile(d.archive, d.pages[n-1], &own); err != nil {
		return Page{}, fmt.Errorf("page %d: %w", n, err)
	}
	for _, name := range own.Resources {
		if err := d.resources(path.Dir(d.pages[n-1]), name); err != nil {
			return Page{}, fmt.Errorf("page %d: resources: %w", n, err)
		}
	}
	out := collector{doc: d, page: Page{Area: d.area}}
	if area, ok := parseBox(own.Area); ok && area.W <= maxSide && area.H <= maxSide {
		out.page.Area = area
	}
	for _, t := range own.Templates[:min(len(own.Templates), 10)] {
		var template xmlPage
		if err := decodeFile(d.archive, d.templates[t.ID], &template); err != nil {
			return Page{}, fmt.Errorf("page %d: template: %w", n, err)
		}
		out.blocks(template.Layers)
	}
	out.blocks(own.Layers)
	if out.err != nil {
		return Page{}, fmt.Errorf("page %d: %w", n, out.err)
	}
	return out.page, nil
}

// collector gathers a page's objects until a bound or an error stops it.
type collector struct {
	doc   *Document
	page  Page
	runes int
	err   error
}

func (c *collector) blocks(list []xmlBlock) {
	for _, b := range list {
		for _, t := range b.Texts {
			c.text(t)
		}
		for _, i := range b.Images {
			c.image(i)
		}
		c.blocks(b.Blocks)
	}
}

func (c *collector) text(t xmlText) {
	box, ok := parseBox(t.Boundary)
	size, sized := number(strings.TrimSpace(t.Size))
	for _, code := range t.Codes {
		text := strings.TrimSpace(code.Text)
		if text == "" || c.err != nil {
			continue
		}
		if t.hidden() || !ok || !sized || size <= 0 {
			c.page.Hidden++
			continue
		}
		c.runes += utf8.RuneCountInString(text)
		if c.runes > maxRunes || len(c.page.Texts) >= maxTexts {
			c.err = fmt.Errorf("more than %d characters or %d texts", maxRunes, maxTexts)
			return
		}
		x, _ := number(code.X) // not said: begins at 0
		y, _ := number(code.Y)
		run := Text{Text: text, Size: size}
		length := runLength(text, size, deltas(code.DeltaX))
		fall := runLength(text, 0, deltas(code.DeltaY))
		run.Quad = quad(box, c.page.Area, parseMatrix(t.CTM), x, y, length, fall, size)
		c.page.Texts = append(c.page.Texts, run)
	}
}

// runLength is the way from the first character's left to the last one's right.
// Without distances a narrow character takes half its height.
func runLength(text string, size float64, steps []float64) float64 {
	length := 0.0
	if len(steps) > 0 {
		for _, s := range steps {
			length += s
		}
		last, _ := utf8.DecodeLastRuneInString(text)
		return length + advance(last, size)
	}
	for _, r := range text {
		length += advance(r, size)
	}
	return length
}

func advance(r rune, size float64) float64 {
	if r < 0x2E80 {
		return size / 2
	}
	return size
}

// Above and below the base line as shares of the size: CJK faces stand so.
const (
	ascent  = 0.88
	descent = 0.12
)

func quad(box, area Box, m matrix, x, y, length, fall, size float64) [4][2]float64 {
	var q [4][2]float64
	for i, p := range [4][2]float64{
		{x, y - ascent*size}, {x + length, y - ascent*size},
		{x + length, y + fall + descent*size}, {x, y + fall + descent*size},
	} {
		px, py := m.apply(p[0], p[1])
		q[i] = [2]float64{px + box.X - area.X, py + box.Y - area.Y}
	}
	return q
}

func (c *collector) image(i xmlImage) {
	box, ok := parseBox(i.Boundary)
	if i.hidden() || !ok || c.err != nil {
		return
	}
	if len(c.page.Images) >= maxImages {
		c.err = fmt.Errorf("more than %d pictures", maxImages)
		return
	}
	image := Image{Box: Box{X: box.X - c.page.Area.X, Y: box.Y - c.page.Area.Y, W: box.W, H: box.H}}
	if name := c.doc.images[i.Resource]; c.doc.archive.Has(name) {
		image.Data, c.err = c.doc.archive.Read(name)
	}
	c.page.Images = append(c.page.Images, image)
}
