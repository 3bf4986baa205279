package ocr

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/jingban/jingban/casework"
)

// Rules of the comparison between what a file says (its text layer) and what its
// page shows (read by an engine). PP-OCR makes 0.2 % character errors on
// rendered print, so that a line of which half the characters are not seen is
// not there; a number is another one as soon as a digit differs.
const (
	seenAlike   = 0.5
	shortest    = 4    // characters that prove something: a stray mark of one does not
	coveredFrom = 0.4  // share of a line that lies under lines of the other kind
	smallPrint  = 14.0 // pixels: below, engines miss lines and nothing is proven
)

// confirm splits the lines of a text layer into those the page shows and those
// it hides. What differs a little from what was seen keeps the likeness as its
// confidence, so that a person looks.
func confirm(printed, seen []casework.Line) (shown, hidden []casework.Line) {
	for _, line := range printed {
		said := folded(line.Text)
		there := folded(textAround(line, seen))
		alike := likeness(said, there)
		switch b := line.Quad.Box(); {
		case len(said) < shortest || float64(min(b.W, b.H)) < smallPrint:
			if alike < 1 {
				line.Confidence = 0.5
			}
			shown = append(shown, line)
		case alike < seenAlike || !strings.Contains(digits(there), digits(said)):
			hidden = append(hidden, line)
		default:
			line.Confidence = alike
			shown = append(shown, line)
		}
	}
	return shown, hidden
}

// textAround joins what was seen where a line is said to be.
func textAround(line casework.Line, seen []casework.Line) string {
	box := line.Quad.Box()
	room := box.H / 2
	box = casework.Box{X: box.X - room, Y: box.Y - room/2, W: box.W + 2*room, H: box.H + room}
	var text strings.Builder
	for _, s := range seen {
		if covered(s.Quad.Box(), box) > 0.2 || covered(box, s.Quad.Box()) > 0.2 {
			text.WriteString(s.Text)
		}
	}
	return text.String()
}

// covered is the share of a that lies in b.
func covered(a, b casework.Box) float64 {
	w := min(a.X+a.W, b.X+b.W) - max(a.X, b.X)
	h := min(a.Y+a.H, b.Y+b.H) - max(a.Y, b.Y)
	if w <= 0 || h <= 0 || a.Empty() {
		return 0
	}
	return float64(w) * float64(h) / (float64(a.W) * float64(a.H))
}

// folded is text as far as two writings of it must agree: NFKC, letters and
// digits only, capitals as small letters.
func folded(text string) []rune {
	var kept []rune
	for _, r := range norm.NFKC.String(text) {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			kept = append(kept, unicode.ToLower(r))
		}
	}
	return kept
}

func digits(text []rune) string {
	return string(slices.DeleteFunc(slices.Clone(text), func(r rune) bool { return !unicode.IsDigit(r) }))
}

// longestCompared bounds the work: 2,000 characters a line are compared.
const longestCompared = 2000

// likeness is the share of said that stands in there, by edit distance to the
// part of it that fits best.
func likeness(said, there []rune) float64 {
	said, there = said[:min(len(said), longestCompared)], there[:min(len(there), longestCompared)]
	if len(said) == 0 {
		return 1
	}
	row := make([]int, len(there)+1) // 0: the part may begin anywhere
	for i, a := range said {
		diagonal := row[0]
		row[0] = i + 1
		for j, b := range there {
			cost := diagonal
			if a != b {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return 1 - float64(slices.Min(row))/float64(len(said))
}

// hiddenFinding marks the hidden lines; score is their number of characters.
func hiddenFinding(hidden []casework.Line) casework.Quality {
	q := casework.Quality{Code: "hidden_text"}
	for _, l := range hidden {
		q.Score += float64(len([]rune(l.Text)))
		q.Box = q.Box.Union(l.Quad.Box())
	}
	return q
}

// merge adds to the printed lines what was seen elsewhere: stamps, scans,
// handwriting. Rows go from top to bottom.
func merge(printed, seen []casework.Line) []casework.Line {
	lines := slices.Clone(printed)
	for _, s := range seen {
		box, share := s.Quad.Box(), 0.0
		for _, p := range printed {
			share += covered(box, p.Quad.Box())
		}
		if share < coveredFrom {
			lines = append(lines, s)
		}
	}
	return inRows(lines)
}

// inRows sorts upright lines: by rows, each from left to right.
func inRows(lines []casework.Line) []casework.Line {
	middle := func(l casework.Line) int { b := l.Quad.Box(); return b.Y + b.H/2 }
	slices.SortStableFunc(lines, func(a, b casework.Line) int { return cmp.Compare(middle(a), middle(b)) })
	for from := 0; from < len(lines); {
		to := from + 1
		for to < len(lines) && middle(lines[to])-middle(lines[to-1]) <= min(lines[to].Quad.Box().H, lines[to-1].Quad.Box().H)/2 {
			to++
		}
		slices.SortStableFunc(lines[from:to], func(a, b casework.Line) int { return cmp.Compare(a.Quad.Box().X, b.Quad.Box().X) })
		from = to
	}
	return lines
}

// turnLines follows the page when it is turned clockwise.
func turnLines(lines []casework.Line, width, height, degrees int) []casework.Line {
	w, h := float64(width), float64(height)
	for i := range lines {
		for j, p := range lines[i].Quad {
			switch degrees {
			case 90:
				p = casework.Point{X: h - p.Y, Y: p.X}
			case 180:
				p = casework.Point{X: w - p.X, Y: h - p.Y}
			case 270:
				p = casework.Point{X: p.Y, Y: w - p.X}
			}
			lines[i].Quad[j] = p
		}
	}
	return lines
}
