package materials

import (
	"math"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/jingban/jingban/casework"
)

// glyph is one character with its place on the levelled page.
type glyph struct {
	char       rune
	line       int // index of the line it was read in
	confidence float64
	x0, x1     float64
	y0, y1     float64
	box        casework.Box // on the page as it is
	hand       bool         // it may be written by hand
	second     rune         // what a second reader saw here; 0: none was asked, unsaid: it saw something else
}

// row is what stands side by side, from left to right.
type row []glyph

// sheet is a page laid out in rows, without spaces. Its measures are pixels
// after the page's slight tilt is taken out.
type sheet struct {
	page  int
	rows  []row    // from top to bottom
	marks [][]mark // the labels of each row
}

// plain is a text as labels and anchors are compared: NFKC, upper case, no spaces.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return unicode.ToUpper(r)
	}, norm.NFKC.String(text))
}

// plainRune is plain for one character; nearly all need no table.
func plainRune(r rune) string {
	switch {
	case r >= 0x4e00 && r <= 0x9fff, r >= '0' && r <= '9', r >= 'A' && r <= 'Z':
		return string(r)
	}
	return plain(string(r))
}

// layOut sorts a reading's lines in rows and finds the type's labels in them. The
// zero type has no labels; lines it ignores are left out.
func layOut(reading casework.Reading, t Type) sheet {
	tilt := tiltOf(reading.Lines)
	var lines []row
	spared := t.Printed && linesByHand(reading) < writtenFrom
	for i, line := range reading.Lines {
		if spared {
			line.Hand = nil
		}
		if r := glyphs(i, line, tilt); len(r) > 0 && !t.silent[r.text()] {
			lines = append(lines, r)
		}
	}
	s := sheet{page: reading.Page, rows: inRows(lines)}
	for _, r := range s.rows {
		s.marks = append(s.marks, marks(r, t.labels, t.free))
	}
	return s
}

// writtenFrom is how many lines of a paper that only machines make must look
// written before it counts. Of 428 lines on 56 good photos of cards 5 did, no two of
// one card: raised digits and a bent picture stray as a hand does.
const writtenFrom = 2

func linesByHand(reading casework.Reading) int {
	n := 0
	for _, line := range reading.Lines {
		if len(line.Hand) > 0 {
			n++
		}
	}
	return n
}

// tiltOf is the median slope of the longer lines, in radians.
func tiltOf(lines []casework.Line) float64 {
	var slopes []float64
	for _, line := range lines {
		dx, dy := line.Quad[1].X-line.Quad[0].X, line.Quad[1].Y-line.Quad[0].Y
		high := math.Hypot(line.Quad[3].X-line.Quad[0].X, line.Quad[3].Y-line.Quad[0].Y)
		if dx > 3*high {
			slopes = append(slopes, math.Atan2(dy, dx))
		}
	}
	if len(slopes) == 0 {
		return 0
	}
	slices.Sort(slopes)
	return slopes[len(slopes)/2]
}

// glyphs spreads a line's characters evenly over its quad; a Chinese character
// is twice as wide as a Latin one.
func glyphs(index int, line casework.Line, tilt float64) row {
	chars := []rune(line.Text)
	total := 0.0
	for _, r := range chars {
		total += width(r)
	}
	sin, cos := math.Sincos(-tilt)
	out := make(row, 0, len(chars))
	at := 0.0
	doubts := secondOf(line)
	for i, r := range chars {
		hand := byHand(line, i)
		sure := charConfidence(line, i, len(chars))
		if hand {
			sure = min(sure, handMost)
		}
		from, to := at/total, (at+width(r))/total
		at += width(r)
		part := slice(line.Quad, from, to)
		left, right := middle(part[0], part[3]), middle(part[1], part[2])
		high := math.Hypot(part[3].X-part[0].X, part[3].Y-part[0].Y)
		y := (left.X+right.X)/2*sin + (left.Y+right.Y)/2*cos
		for _, c := range plainRune(r) {
			out = append(out, glyph{
				char: c, line: index, confidence: sure, box: part.Box(),
				x0: left.X*cos - left.Y*sin, x1: right.X*cos - right.Y*sin, y0: y - high/2, y1: y + high/2,
				second: doubts[i], hand: hand,
			})
		}
	}
	return out
}

// handMost is the most that a reading of handwriting counts for, whatever the
// reader says: never sure (0.90), never certain ([certain]), but a suggestion. Of
// printed lines PP-OCR reads 84 % without a mistake, of handwritten ones 30 % by
// its makers' own figures.
const handMost = 0.85

// byHand says that a character of a line may be written by hand.
func byHand(line casework.Line, i int) bool {
	return slices.ContainsFunc(line.Hand, func(part [2]int) bool { return part[0] <= i && i < part[1] })
}

func width(r rune) float64 {
	if r < 0x2000 {
		return 1
	}
	return 2
}

func charConfidence(line casework.Line, i, count int) float64 {
	if len(line.Chars) == count {
		return line.Chars[i]
	}
	return line.Confidence
}

// slice cuts the part of a quad between two shares of its width.
func slice(q casework.Quad, from, to float64) casework.Quad {
	return casework.Quad{between(q[0], q[1], from), between(q[0], q[1], to), between(q[3], q[2], to), between(q[3], q[2], from)}
}

func between(a, b casework.Point, share float64) casework.Point {
	return casework.Point{X: a.X + (b.X-a.X)*share, Y: a.Y + (b.Y-a.Y)*share}
}

func middle(a, b casework.Point) casework.Point { return between(a, b, 0.5) }

// inRows puts lines whose centres lie within half a line's height in one row.
func inRows(lines []row) []row {
	slices.SortStableFunc(lines, func(a, b row) int { return compare(a.centre(), b.centre()) })
	var rows []row
	for _, line := range lines {
		if last := len(rows) - 1; last >= 0 && rows[last].takes(line) {
			rows[last] = append(rows[last], line...)
			continue
		}
		rows = append(rows, line)
	}
	for _, r := range rows {
		slices.SortStableFunc(r, func(a, b glyph) int { return compare(a.x0, b.x0) })
	}
	return rows
}

func compare(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// takes says that the line stands beside the row's glyphs, not over or under them.
func (r row) takes(line row) bool {
	apart := math.Abs(line.centre() - r.centre())
	if apart > 0.55*max(min(r.height(), line.height()), 1) {
		return false
	}
	covered := 0
	for _, g := range line {
		mid := (g.x0 + g.x1) / 2
		if slices.ContainsFunc(r, func(h glyph) bool { return h.x0 < mid && mid < h.x1 }) {
			covered++
		}
	}
	return covered*2 <= len(line)
}

func (r row) centre() float64 {
	sum := 0.0
	for _, g := range r {
		sum += (g.y0 + g.y1) / 2
	}
	return sum / float64(len(r))
}

// height is the median height of the row's characters.
func (r row) height() float64 {
	if len(r) == 0 {
		return 0
	}
	heights := make([]float64, len(r))
	for i, g := range r {
		heights[i] = g.y1 - g.y0
	}
	slices.Sort(heights)
	return heights[len(heights)/2]
}

func (r row) text() string {
	chars := make([]rune, len(r))
	for i, g := range r {
		chars[i] = g.char
	}
	return string(chars)
}

func (r row) box() casework.Box {
	var box casework.Box
	for _, g := range r {
		box = box.Union(g.box)
	}
	return box
}

// text is the whole page, a line break after each row.
func (s sheet) text() string {
	var b strings.Builder
	for _, r := range s.rows {
		b.WriteString(r.text())
		b.WriteByte('\n')
	}
	return b.String()
}

// spaced gives the rows with a space between what was read as lines of their own:
// the cells of a table.
func (s sheet) spaced() []string {
	var out []string
	for _, r := range s.rows {
		var b strings.Builder
		for i, g := range r {
			if i > 0 && g.line != r[i-1].line {
				b.WriteByte(' ')
			}
			b.WriteRune(g.char)
		}
		out = append(out, b.String())
	}
	return out
}
