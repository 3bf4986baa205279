package materials

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/jingban/jingban/casework"
)

// mark is a label found in a row: glyphs from (incl.) to (excl.).
type mark struct {
	label    string
	from, to int
}

// Distances in heights of the characters beside them.
const (
	wordGap  = 0.6 // from here on a gap parts a label from what stands before it
	valueGap = 2.5 // from here on a gap ends a value: the next column, a picture
	cellGap  = 1.5 // the same between two cells of a table
	leadGap  = 2.6 // from the centre of one line to the next of the same value
)

// allLabels lists the labels of a type, the longest first, so that 单位名称 is not
// seen inside 用人单位名称.
func allLabels(t *Type) []string {
	var labels []string
	for _, s := range t.Stops {
		labels = append(labels, plain(s))
	}
	for _, f := range t.Fields {
		for _, find := range f.Find {
			for _, s := range find.labels() {
				labels = append(labels, plain(s))
			}
		}
	}
	slices.SortFunc(labels, func(a, b string) int {
		if n := len(b) - len(a); n != 0 {
			return n
		}
		return strings.Compare(a, b)
	})
	return slices.Compact(labels)
}

// freeLabels are the labels of fields that people fill with sentences.
func freeLabels(t *Type) map[string]bool {
	free := map[string]bool{}
	for _, f := range t.Fields {
		for _, find := range f.Find {
			for _, s := range find.labels() {
				free[plain(s)] = f.Kind == Text && f.Lines > 1
			}
		}
	}
	return free
}

// marks finds the labels of a row from left to right. A label begins a row, a
// line, follows a gap or a sign, or comes behind another label of its row: cards
// are often read as one line, 性别男民族汉. The sentence right behind a free label
// is its value even where it begins like a label: 变更内容 | 单位地址变更为….
func marks(r row, labels []string, free map[string]bool) []mark {
	text := r.text()
	var found []mark
	for _, label := range labels {
		for from := 0; ; {
			at := strings.Index(text[from:], label)
			if at < 0 {
				break
			}
			from += at
			m := mark{label: label, from: utf8.RuneCountInString(text[:from])}
			m.to = m.from + utf8.RuneCountInString(label)
			if !overlaps(found, m.from, m.to) {
				found = append(found, m)
			}
			_, size := utf8.DecodeRuneInString(label)
			from += size
		}
	}
	slices.SortFunc(found, func(a, b mark) int { return a.from - b.from })
	var kept []mark
	for _, m := range found {
		if len(kept) == 0 && begins(r, m.from) || len(kept) > 0 && follows(r, kept[len(kept)-1], m, free) {
			kept = append(kept, m)
		}
	}
	return kept
}

// follows says that a label comes behind another one of its row. Within one line
// both have a colon or none has: 原因：用人单位提出 holds one label and its value.
func follows(r row, before, m mark, free map[string]bool) bool {
	if free[before.label] && len(trimSigns(r[before.to:m.from])) == 0 && goesOn(r, m.to) {
		return false
	}
	if r[before.to-1].line != r[m.from].line || !colonAt(r, before.to) {
		return true
	}
	return colonAt(r, m.to)
}

// goesOn says that the text before a place goes on there as one sentence.
func goesOn(r row, at int) bool {
	if at >= len(r) || colonAt(r, at) || r[at].line != r[at-1].line {
		return false
	}
	return r[at].x0-r[at-1].x1 <= wordGap*r.height()
}

func colonAt(r row, i int) bool { return i < len(r) && r[i].char == ':' }

func overlaps(found []mark, from, to int) bool {
	return slices.ContainsFunc(found, func(m mark) bool { return m.from < to && from < m.to })
}

func begins(r row, at int) bool {
	if at == 0 {
		return true
	}
	before, here := r[at-1], r[at]
	letter := unicode.IsLetter(before.char) || unicode.IsDigit(before.char)
	return before.line != here.line || !letter || here.x0-before.x1 > wordGap*r.height()
}

// capture is the raw text of a field, glyph by glyph.
type capture = row

// find looks for a field on a page and gives what the first way that leads to a
// value of the field's kind brings, else the first text found at all.
func find(s sheet, f FieldRule) (casework.Field, bool) {
	var unsure casework.Field
	found := false
	for _, way := range f.Find {
		for _, raw := range way.captures(s, f) {
			part := max(f.Part, 1)
			if way.Part > 0 {
				part = way.Part
			}
			field, ok := valueOf(raw, f, part)
			field.Page = s.page
			if ok {
				return field, true
			}
			if !found && field.Raw != "" {
				unsure, found = field, true
			}
		}
	}
	return unsure, found
}

// captures gives every text this way of finding leads to, in reading order.
func (w Find) captures(s sheet, f FieldRule) []capture {
	if w.match != nil {
		return w.matches(s)
	}
	var out []capture
	for _, label := range w.labels() {
		want := plain(label)
		for i, found := range s.marks {
			for _, m := range found {
				switch {
				case m.label != want:
				case len(w.Below) > 0:
					out = append(out, below(s, i, m))
				default:
					out = append(out, rightOf(s, i, m, f, len(w.Cell) > 0))
				}
			}
		}
	}
	return out
}

// matches runs the pattern over the page and maps its group back to glyphs.
func (w Find) matches(s sheet) []capture {
	text := s.text()
	var all row // one glyph for each rune of text
	for _, r := range s.rows {
		all = append(append(all, r...), glyph{char: '\n'})
	}
	group := 2 * w.match.SubexpIndex("value")
	var out []capture
	for _, at := range w.match.FindAllStringSubmatchIndex(text, -1) {
		if at[group] < 0 {
			continue
		}
		from := utf8.RuneCountInString(text[:at[group]])
		to := from + utf8.RuneCountInString(text[at[group]:at[group+1]])
		value := slices.DeleteFunc(slices.Clone(all[from:to]), func(g glyph) bool { return g.char == '\n' })
		out = append(out, value)
	}
	return out
}

// rightOf takes what follows the label in its row, up to the next label or a wide
// gap, and goes on below for values of several lines.
func rightOf(s sheet, i int, m mark, f FieldRule, cell bool) capture {
	r := s.rows[i]
	end := len(r)
	for _, next := range s.marks[i] {
		if next.from >= m.to {
			end = next.from
			break
		}
	}
	gap := valueGap
	if cell {
		gap = cellGap
	}
	value := upToGap(trimSigns(r[m.to:end]), gap)
	if len(value) == 0 {
		return value
	}
	last := value
	for line := i + 1; line < len(s.rows) && line < i+max(f.Lines, 1); line++ {
		if len(s.marks[line]) > 0 {
			break
		}
		more := continued(s.rows[line], last, value[0].x0)
		if len(more) == 0 {
			break
		}
		value, last = append(slices.Clone(value), more...), more
	}
	return value
}

// trimSigns drops colons, bars and underlines around a value.
func trimSigns(r row) row {
	sign := func(g glyph) bool { return strings.ContainsRune(":;|_~.,'\"、。", g.char) }
	for len(r) > 0 && sign(r[0]) {
		r = r[1:]
	}
	for len(r) > 0 && strings.ContainsRune(":;|_~'\"", r[len(r)-1].char) {
		r = r[:len(r)-1]
	}
	return r
}

func upToGap(r row, gap float64) row {
	high := r.height()
	for i := 1; i < len(r); i++ {
		if r[i].line != r[i-1].line && r[i].x0-r[i-1].x1 > gap*high {
			return r[:i]
		}
	}
	return r
}

// continued gives the part of the next row that goes on with a value: close
// below and not left of where it began.
func continued(next, last row, left float64) row {
	high := last.height()
	if next.centre()-last.centre() > leadGap*high {
		return nil
	}
	for len(next) > 0 && next[0].x1 < left {
		next = next[1:]
	}
	if len(next) == 0 || next[0].x0-left > 2*high || next[0].x0 < left-high {
		return nil
	}
	return upToGap(next, valueGap)
}

// below takes the line under a label, as far as it stands under it.
func below(s sheet, i int, m mark) capture {
	label := s.rows[i][m.from:m.to]
	left, right := label[0].x0, label[len(label)-1].x1
	for j, r := range s.rows[i+1:] {
		if r.centre()-label.centre() > 2*leadGap*label.height() {
			return nil
		}
		under := slices.DeleteFunc(slices.Clone(r), func(g glyph) bool { return !sameLineTouches(r, g.line, left, right) })
		if len(under) > 0 && len(s.marks[i+1+j]) == 0 {
			return trimSigns(under)
		}
	}
	return nil
}

// sameLineTouches says that the line a glyph belongs to reaches under the label.
func sameLineTouches(r row, line int, left, right float64) bool {
	return slices.ContainsFunc(r, func(g glyph) bool { return g.line == line && g.x0 < right && g.x1 > left })
}
