package ocr

import (
	"image"
	"math"
	"slices"
	"unicode"

	"github.com/jingban/jingban/casework"
)

// Print and handwriting are told apart by what a machine can't do and a hand can't
// help: digits of print stand on one line and are equally high, characters lie on
// one axis, have one size and one pitch. How far a piece of a line strays from that
// is measured in shares of the line's height, pitch or size and compared with what
// lies between both. Measured on rendered pages in twelve conditions (seeds 101 and
// 2011, 192 pages) and on pages written by hand (seeds 102 and 2012, 90 pages),
// median stray of print : of handwriting:
//
//	foot of digits   0.007 : 0.025      axis of characters   0.008 : 0.030
//	head of digits   0.007 : 0.030      size of characters   0.022 : 0.059
//	pitch of digits  0.022 : 0.087      pitch of characters  0.018 : 0.068
//
// Of 1,796 printed values off cards, with five characters or more, one strays as
// far as alone; of written ones of five characters 68 % do, of twelve and more
// 99.7 %. Whoever fills in a form writes all of it: of the printed pages none, of
// the written ones all but one have a piece that surely is written and two more
// that lean to it. A doubt counts as handwriting, because that costs a glance, and
// a hand taken for print may cost a wrong payment.
const (
	footRef, axisRef  = 0.018, 0.020 // where print ends and handwriting begins
	pitchRef, sizeRef = 0.045, 0.050
	surely            = 0.08 // mean logarithm of stray over its reference: written
	surelyShort       = 1.5  // over the number of characters: few prove less
	alone             = -0.3 // may be written, whatever the page holds
	aloneShort        = 0.1  // the same of a short word: characters differ more than digits
	coloured          = -0.8 // the same in ink of another colour than the page's
	leaning           = -0.25
	leaningLeast      = 3    // pieces of a page that is filled in by hand
	leaningShare      = 0.12 // of those that could be measured
	otherInk          = 12   // by how much blue leads, more than in the page's other ink
	enough            = 4    // characters: fewer prove nothing by themselves
	enoughParted      = 0.5  // of a piece's characters: over a pattern they can't be told apart
	unevenPixel       = 0.35 // a pixel's share of error in every measure
)

// piece is a part of a line that one hand or one machine wrote: a label or a value.
type piece struct {
	line, from, to int // runes
	n              int // characters measured
	hans           int // of them
	stray          float64
	blue           float64
}

// markHandwriting notes at upright lines which parts may be written by hand. What
// is read of a seal's own letters, which stand in a circle, proves nothing.
func markHandwriting(img *image.NRGBA, lines []casework.Line, seals []casework.Seal) {
	var pieces []piece
	for i := range lines {
		pieces = append(pieces, piecesOf(img, lines[i], i)...)
	}
	usual := usualInk(pieces)
	page := pageOf(pieces, func(p piece) bool { return inSeal(lines[p.line].Quad.Box(), seals) })
	for _, p := range pieces {
		if page.byHand || p.alone(usual) || page.written > 0 && p.coloured(usual) {
			lines[p.line].Hand = append(lines[p.line].Hand, [2]int{p.from, p.to})
		}
	}
}

// writtenAs carries handwriting over to the lines of a file's own text, which may
// say what a person wrote: a scan that was made searchable.
func writtenAs(printed, seen []casework.Line) {
	const same = 0.3 // of either box
	for i, p := range printed {
		box := p.Quad.Box()
		if slices.ContainsFunc(seen, func(s casework.Line) bool {
			return len(s.Hand) > 0 && max(covered(box, s.Quad.Box()), covered(s.Quad.Box(), box)) > same
		}) {
			printed[i].Hand = [][2]int{{0, len([]rune(p.Text))}}
		}
	}
}

func inSeal(line casework.Box, seals []casework.Seal) bool {
	return slices.ContainsFunc(seals, func(s casework.Seal) bool { return covered(line, s.Box) > 0.3 })
}

// evidence is what a page's pieces say together.
type evidence struct {
	written int  // pieces that surely are
	byHand  bool // the whole page is filled in by hand
}

func pageOf(pieces []piece, leftOut func(piece) bool) evidence {
	var e evidence
	measured, lean := 0, 0
	for _, p := range pieces {
		if p.n < enough || leftOut(p) {
			continue
		}
		measured++
		if p.stray > leaning {
			lean++
		}
		if p.surely() {
			e.written++
		}
	}
	e.byHand = e.written > 0 && lean >= leaningLeast && float64(lean) >= leaningShare*float64(measured)
	return e
}

// surely says that a piece is written.
func (p piece) surely() bool { return p.n >= enough && p.stray > surely+surelyShort/float64(p.n) }

// alone says that a piece may be written, whatever else the page holds.
func (p piece) alone(usual float64) bool {
	switch {
	case p.n < enough:
		return false
	case p.coloured(usual):
		return p.stray > coloured
	case p.n == enough || p.n == enough+1 && p.hans > p.n/2:
		return p.stray > aloneShort
	}
	return p.stray > alone
}

func (p piece) coloured(usual float64) bool { return p.n > 0 && p.blue-usual > otherInk }

// usualInk is the colour of most of the page's characters.
func usualInk(pieces []piece) float64 {
	var blues []float64
	for _, p := range pieces {
		for range p.n {
			blues = append(blues, p.blue)
		}
	}
	return median(blues)
}

// wideGap parts a label from its value, as a share of the line's height; digits are
// grouped by such gaps and stay together.
const wideGap = 0.6

// parted says that a piece ends before a rune: behind a colon, or at a wide gap.
func parted(chars []rune, glyphs []glyph, i int) bool {
	if r := chars[i-1]; r == ':' || r == '：' {
		return true
	}
	for n := 1; n < len(glyphs); n++ {
		if before, g := glyphs[n-1], glyphs[n]; g.at == i {
			return float64(g.x0-before.x1) > wideGap*handHigh && (g.han() || before.han())
		}
	}
	return false
}

// piecesOf parts a line at its colons and gaps and measures each part. A column, and what
// is too small, is a piece that can't be measured.
func piecesOf(img *image.NRGBA, line casework.Line, index int) []piece {
	b := line.Quad.Box()
	chars := []rune(line.Text)
	if b.H > b.W || float64(b.H) < numberHeight || len(chars) != len(line.At) || len(chars) == 0 {
		return []piece{{line: index, to: len(chars)}}
	}
	glyphs := glyphsOf(straighten(img, line.Quad), line)
	uneven := unevenPixel / float64(b.H)
	var out []piece
	from := 0
	for i := 1; i <= len(chars); i++ {
		if i < len(chars) && !parted(chars, glyphs, i) {
			continue
		}
		p := piece{line: index, from: from, to: i}
		p.measure(glyphs, lettersIn(chars[from:i]), uneven)
		out = append(out, p)
		from = i
	}
	return out
}

func lettersIn(chars []rune) int {
	n := 0
	for _, r := range chars {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			n++
		}
	}
	return n
}

// measure looks at the piece's characters.
func (p *piece) measure(glyphs []glyph, letters int, error float64) {
	var own []glyph
	var blues []float64
	for _, g := range glyphs {
		if g.at < p.from || g.at >= p.to {
			continue
		}
		if own, blues = append(own, g), append(blues, g.blue); g.han() {
			p.hans++
		}
	}
	p.n, p.blue = len(own), median(blues)
	sum, weight := 0.0, 0.0
	for _, s := range strays(own) {
		if s.n < 3 {
			continue
		}
		v := math.Sqrt(max(s.by*s.by-error*error, 0))
		sum += float64(s.n) * math.Log(max(v, s.ref/4)/s.ref)
		weight += float64(s.n)
	}
	if weight > 0 {
		p.stray = sum / weight
	}
	if few := p.n <= enough+1; weight == 0 || few && p.n+1 < letters || float64(p.n) < enoughParted*float64(letters) {
		p.n = min(p.n, enough-1) // nothing to measure by
	}
}

// stray is one measure over n characters and where print ends.
type stray struct {
	by  float64
	n   int
	ref float64
}

// strays are the measures of a piece, in shares of the line's height or of the
// mean pitch and size.
func strays(glyphs []glyph) []stray {
	var digits, hans series
	var foot, head, axis, size, digitPitch, hanPitch []float64
	for i, g := range glyphs {
		if g.capital() {
			digits = append(digits, g.middle())
			foot, head = append(foot, float64(g.y1)/handHigh), append(head, float64(g.y0)/handHigh)
		} else if g.han() {
			hans = append(hans, g.middle())
			axis, size = append(axis, float64(g.y0+g.y1)/2/handHigh), append(size, float64(max(g.y1-g.y0, g.x1-g.x0)))
		}
		if i == 0 || glyphs[i-1].at+1 != g.at {
			continue
		}
		before := glyphs[i-1]
		switch apart := g.middle() - before.middle(); {
		case g.digit() && before.digit():
			digitPitch = append(digitPitch, apart)
		case g.han() && before.han():
			hanPitch = append(hanPitch, apart)
		}
	}
	return []stray{
		{digits.spread(foot), len(foot), footRef}, {digits.spread(head), len(head), footRef}, {hans.spread(axis), len(axis), axisRef},
		{evenness(size), len(size), sizeRef}, {evenness(withoutGaps(digitPitch)), len(withoutGaps(digitPitch)), pitchRef},
		{evenness(withoutGaps(hanPitch)), len(withoutGaps(hanPitch)), pitchRef},
	}
}

// withoutGaps leaves out the gaps between groups: 6217 0017 0429.
func withoutGaps(pitches []float64) []float64 {
	most := 1.35 * median(slices.Clone(pitches))
	return slices.DeleteFunc(slices.Clone(pitches), func(v float64) bool { return v > most })
}

// evenness is how much values of one kind differ, as a share of their mean.
func evenness(values []float64) float64 {
	mean := 0.0
	for _, v := range values {
		mean += v / float64(len(values))
	}
	places := make(series, len(values))
	for i := range places {
		places[i] = float64(i)
	}
	return places.spread(values) / max(mean, 1)
}

// series are the places of values along a line.
type series []float64

// spread is the standard deviation of values from their trend along the line: rows
// are seldom quite level. From five on the one that strays most is left out, for a
// stroke of the neighbour or a rule below.
func (xs series) spread(ys []float64) float64 {
	best := xs.deviation(ys, -1)
	if len(xs) >= 5 {
		for skip := range xs {
			best = min(best, xs.deviation(ys, skip))
		}
	}
	return best
}

func (xs series) deviation(ys []float64, skip int) float64 {
	var n, sx, sy, sxx, sxy float64
	for i, x := range xs {
		if i != skip {
			n, sx, sy, sxx, sxy = n+1, sx+x, sy+ys[i], sxx+x*x, sxy+x*ys[i]
		}
	}
	if n < 3 {
		return 0
	}
	slope := 0.0
	if d := n*sxx - sx*sx; d > 0 {
		slope = (n*sxy - sx*sy) / d
	}
	base, sum := (sy-slope*sx)/n, 0.0
	for i, x := range xs {
		if i != skip {
			d := ys[i] - base - slope*x
			sum += d * d
		}
	}
	return math.Sqrt(sum / (n - 2))
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	return values[len(values)/2]
}
