package ocr

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"image/jpeg"
	"io"
	"math"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/jingban/jingban/casework"
)

// Leaf is one page of a searchable PDF: its upright picture, as Pool.Picture
// gives it unchanged in size, and what was read on it.
type Leaf struct {
	JPEG    []byte
	Reading casework.Reading
}

// longSidePoints is the longest side of every page: A4. How large the paper was
// is not known.
const longSidePoints = 842.0

// WriteSearchable writes a PDF whose pages are the pictures with the text lying
// invisibly over them, so that it can be searched and copied. The text's font is
// a name with a table of characters only: nothing of it is ever drawn.
func WriteSearchable(out io.Writer, leaves []Leaf) error {
	w := &pdfWriter{codes: map[rune]int{}}
	const catalog, tree, font, descendant, descriptor, toUnicode, first = 1, 2, 3, 4, 5, 6, 7
	var kids []string
	for i, leaf := range leaves {
		page := first + 3*i
		kids = append(kids, fmt.Sprintf("%d 0 R", page))
		if err := w.leaf(page, tree, font, leaf); err != nil {
			return fmt.Errorf("page %d: %w", i+1, err)
		}
	}
	w.object(catalog, fmt.Sprintf("<</Type/Catalog/Pages %d 0 R>>", tree))
	w.object(tree, fmt.Sprintf("<</Type/Pages/Count %d/Kids[%s]>>", len(kids), strings.Join(kids, " ")))
	w.object(font, fmt.Sprintf("<</Type/Font/Subtype/Type0/BaseFont/Unseen/Encoding/Identity-H/DescendantFonts[%d 0 R]/ToUnicode %d 0 R>>", descendant, toUnicode))
	w.object(descendant, fmt.Sprintf("<</Type/Font/Subtype/CIDFontType2/BaseFont/Unseen/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/DW 1000/W[%s]/CIDToGIDMap/Identity/FontDescriptor %d 0 R>>", w.widths(), descriptor))
	w.object(descriptor, "<</Type/FontDescriptor/FontName/Unseen/Flags 4/FontBBox[0 -120 1000 880]/ItalicAngle 0/Ascent 880/Descent -120/CapHeight 700/StemV 80>>")
	w.stream(toUnicode, "", []byte(w.unicodes()))
	return w.finish(out, catalog)
}

// pdfWriter collects objects and the characters that occur.
type pdfWriter struct {
	body    bytes.Buffer
	offsets map[int]int
	codes   map[rune]int
	runes   []rune // by code, from 1
}

func (w *pdfWriter) object(n int, content string) {
	if w.offsets == nil {
		w.offsets = map[int]int{}
		w.body.WriteString("%PDF-1.5\n%\xe4\xb8\xad\n")
	}
	w.offsets[n] = w.body.Len()
	fmt.Fprintf(&w.body, "%d 0 obj\n%s\nendobj\n", n, content)
}

func (w *pdfWriter) stream(n int, entries string, content []byte) {
	w.object(n, fmt.Sprintf("<<%s/Length %d>>\nstream\n%s\nendstream", entries, len(content), content))
}

// leaf writes a page with its picture and its text as objects n to n+2.
func (w *pdfWriter) leaf(n, tree, font int, leaf Leaf) error {
	config, err := jpeg.DecodeConfig(bytes.NewReader(leaf.JPEG))
	if err != nil {
		return fmt.Errorf("picture: %w", err)
	}
	scale := longSidePoints / float64(max(config.Width, config.Height, 1))
	width, height := float64(config.Width)*scale, float64(config.Height)*scale
	w.object(n, fmt.Sprintf("<</Type/Page/Parent %d 0 R/MediaBox[0 0 %.2f %.2f]/Resources<</XObject<</P %d 0 R>>/Font<</F %d 0 R>>>>/Contents %d 0 R>>", tree, width, height, n+1, font, n+2))
	w.stream(n+1, fmt.Sprintf("/Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/DCTDecode", config.Width, config.Height), leaf.JPEG)
	var content strings.Builder
	fmt.Fprintf(&content, "q %.2f 0 0 %.2f 0 0 cm /P Do Q\nBT 3 Tr\n", width, height) // 3: neither filled nor stroked
	// The picture may be smaller than what was read.
	scale = width / float64(max(leaf.Reading.Width, 1))
	for _, line := range leaf.Reading.Lines {
		content.WriteString(w.line(line, scale, height))
	}
	content.WriteString("ET")
	w.stream(n+2, "", []byte(content.String()))
	return nil
}

// line places one line along the lower side of its quad, stretched to its width.
func (w *pdfWriter) line(line casework.Line, scale, height float64) string {
	q := line.Quad
	size := math.Hypot(q[3].X-q[0].X, q[3].Y-q[0].Y) * scale
	length := math.Hypot(q[2].X-q[3].X, q[2].Y-q[3].Y) * scale
	natural := 0.0
	var code []byte
	for _, r := range line.Text {
		code = binary.BigEndian.AppendUint16(code, uint16(w.code(r)))
		natural += float64(widthOf(r)) / 1000 * size
	}
	if size <= 0 || length <= 0 || natural <= 0 {
		return ""
	}
	sin, cos := math.Sincos(-math.Atan2(q[2].Y-q[3].Y, q[2].X-q[3].X)) // PDF counts upwards
	return fmt.Sprintf("/F %.2f Tf %.1f Tz %.4f %.4f %.4f %.4f %.2f %.2f Tm <%s> Tj\n",
		size, 100*length/natural, cos, sin, -sin, cos, q[3].X*scale, height-q[3].Y*scale+0.12*size, hex.EncodeToString(code))
}

// code numbers characters as they come; 65,535 different ones are enough.
func (w *pdfWriter) code(r rune) int {
	if n, ok := w.codes[r]; ok || len(w.runes) >= math.MaxUint16 {
		return n
	}
	w.runes = append(w.runes, r)
	w.codes[r] = len(w.runes)
	return len(w.runes)
}

// widthOf is in thousandths of the size.
func widthOf(r rune) int {
	if r < 0x2E80 {
		return 500
	}
	return 1000
}

func (w *pdfWriter) widths() string {
	var all strings.Builder
	for i, r := range w.runes {
		if widthOf(r) != 1000 {
			fmt.Fprintf(&all, "%d[%d]", i+1, widthOf(r))
		}
	}
	return all.String()
}

// unicodes is the table from codes to characters, in blocks of 100 as the format
// demands.
func (w *pdfWriter) unicodes() string {
	var all strings.Builder
	all.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CMapType 2 def\n1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n")
	next := 1
	for block := range slices.Chunk(w.runes, 100) {
		fmt.Fprintf(&all, "%d beginbfchar\n", len(block))
		for _, r := range block {
			fmt.Fprintf(&all, "<%04x> <", next)
			for _, unit := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(&all, "%04x", unit)
			}
			all.WriteString(">\n")
			next++
		}
		all.WriteString("endbfchar\n")
	}
	all.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend")
	return all.String()
}

func (w *pdfWriter) finish(out io.Writer, catalog int) error {
	start, count := w.body.Len(), len(w.offsets)+1
	fmt.Fprintf(&w.body, "xref\n0 %d\n0000000000 65535 f \n", count)
	for n := 1; n < count; n++ {
		fmt.Fprintf(&w.body, "%010d 00000 n \n", w.offsets[n])
	}
	fmt.Fprintf(&w.body, "trailer\n<</Size %d/Root %d 0 R>>\nstartxref\n%d\n%%%%EOF\n", count, catalog, start)
	_, err := w.body.WriteTo(out)
	return err
}
