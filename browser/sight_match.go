package browser

import (
	"context"
	"encoding/json"
	"math"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/cdp"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
)

// sureFrom is the reader's confidence from which a text is taken as read. Below it a
// text is unread: it may say what is wanted, or may not.
const sureFrom = 0.75

// spot finds the one place that says what is wanted. Faults: element_missing with the
// nearest texts, element_ambiguous, element_offscreen.
func (t *Tab) spot(ctx context.Context, p *pane, at playbooks.Locator, list []*surface) (spot, error) {
	want := wishes(at)
	var found []spot
	var near []string
	for _, s := range list {
		if s.tile == nil {
			if s.Canvas && s.H > 600 { // what can't be seen may say it as well
				return spot{}, casework.AskPerson("element_offscreen", "a picture can't be brought into view as a whole")
			}
			continue
		}
		found = append(found, s.saying(want, at)...)
		near = append(near, s.resembling(want)...)
	}
	found, err := t.picked(ctx, p, at, found)
	switch {
	case err != nil:
		return spot{}, err
	case len(found) > 1:
		return spot{}, casework.AskPerson("element_ambiguous", "%s stands in the page's pictures %d times", describe(at), len(found))
	case len(found) == 0:
		return spot{}, missing(describe(at), near)
	case found[0].line.confidence < sureFrom:
		return spot{}, casework.AskPerson("element_ambiguous", "%s is hard to read in the page's pictures", describe(at))
	}
	for _, s := range list {
		if s != found[0].at && s.tile != nil && s.doubtful(want, found[0]) {
			return spot{}, casework.AskPerson("element_ambiguous", "another picture may say %s, too", describe(at))
		}
	}
	return found[0], nil
}

func missing(what string, near []string) error {
	slices.Sort(near)
	if near = slices.Compact(near); len(near) > 5 {
		near = near[:5]
	}
	return found{Fault: "missing", Near: near}.fault(what + ", also in its pictures,")
}

// wishes are the spellings wanted, as texts are compared.
func wishes(at playbooks.Locator) []string {
	var out []string
	for _, w := range append([]string{wanted(at)}, at.Alias...) {
		if w = reduced(w); w != "" {
			out = append(out, w)
		}
	}
	return out
}

// reduced is a text as it is compared here: a reader tells no small from large gaps,
// and no full-width mark from a half-width one.
func reduced(s string) string { return strings.ToLower(bareName(normal(s))) }

// bareName drops a keyboard hint at the end.
func bareName(s string) string {
	if i := strings.LastIndexAny(s, "[("); i > 0 && strings.ContainsAny(s[len(s)-1:], "])") && len(s)-i <= 5 {
		return s[:i]
	}
	return s
}

// saying are the places of a surface that say one of the wanted things: the whole of
// it, or else single lines, or words of lines.
func (s *surface) saying(want []string, at playbooks.Locator) []spot {
	if at.Table != "" {
		return s.cell(want, at)
	}
	if whole, ok := s.whole(); ok && slices.Contains(want, reduced(whole.text)) {
		return []spot{{s, whole}}
	}
	var found []spot
	for _, l := range s.lines {
		if part, ok := l.saying(want); ok {
			found = append(found, spot{s, part})
		}
	}
	return found
}

// whole is all of a surface's text as one line, where it is no list of things.
func (s *surface) whole() (spotted, bool) {
	if len(s.lines) < 2 || len(s.lines) > 3 {
		return spotted{}, false
	}
	all := s.lines[0]
	for _, l := range s.lines[1:] {
		right, bottom := max(all.x+all.w, l.x+l.w), max(all.y+all.h, l.y+l.h)
		all.text, all.confidence = all.text+l.text, min(all.confidence, l.confidence)
		all.x, all.y = min(all.x, l.x), min(all.y, l.y)
		all.w, all.h = right-all.x, bottom-all.y
	}
	return all, true
}

// saying is the line, or the one word of it, that says a wanted thing. A word's place
// is taken from its share of the line.
func (l spotted) saying(want []string) (spotted, bool) {
	if slices.Contains(want, reduced(l.text)) {
		return l, true
	}
	words := strings.Fields(l.text)
	if len(words) < 2 {
		return l, false
	}
	hit, many := spotted{}, 0
	for _, word := range words {
		if !slices.Contains(want, reduced(word)) {
			continue
		}
		many++
		from := strings.Index(l.text, word)
		part := l
		part.text = word
		part.x, part.w = l.x+l.w*breadth(l.text[:from])/breadth(l.text), l.w*breadth(word)/breadth(l.text)
		hit = part
	}
	return hit, many == 1
}

// breadth is how wide a text runs: a Chinese character is twice a Latin one.
func breadth(s string) float64 {
	n := 0.0
	for _, r := range s {
		if n++; r > 0x2e80 {
			n++
		}
	}
	return math.Max(n, 1)
}

// inRow says that a line stands beside one that holds the row's text.
func (s *surface) inRow(line spotted, row string) bool {
	return slices.ContainsFunc(s.lines, func(o spotted) bool {
		return strings.Contains(reduced(o.text), reduced(row)) && beside(o, line)
	})
}

func beside(a, b spotted) bool {
	return math.Abs(a.y+a.h/2-b.y-b.h/2) < 0.6*max(a.h, b.h)
}

// cell is where the column of one of the wanted headings crosses the one row that holds
// the row's text.
func (s *surface) cell(want []string, at playbooks.Locator) []spot {
	var found []spot
	for _, head := range s.lines {
		if !slices.Contains(want, reduced(head.text)) {
			continue
		}
		for _, row := range s.lines {
			if row.y > head.y+head.h && strings.Contains(reduced(row.text), reduced(at.Row)) {
				found = append(found, spot{s, spotted{text: head.text, confidence: min(head.confidence, row.confidence), x: head.x, w: head.w, y: row.y, h: row.h}})
			}
		}
	}
	return found
}

// resembling are texts that share a character with what is wanted, for a person.
func (s *surface) resembling(want []string) []string {
	var near []string
	for _, l := range s.lines {
		short := len([]rune(l.text)) <= 20 && strings.Count(strings.Map(digit, l.text), "0") < 6
		if short && slices.ContainsFunc(want, func(w string) bool { return strings.ContainsAny(reduced(l.text), w) }) {
			near = append(near, l.text)
		}
	}
	return near
}

func digit(r rune) rune {
	if r >= '0' && r <= '9' {
		return '0'
	}
	return r
}

// doubtful says that a surface of the found one's size can't be told from it: it was
// read badly, and may say the same.
func (s *surface) doubtful(want []string, f spot) bool {
	if math.Abs(s.H-f.at.H) > f.at.H/4 || math.Abs(s.W-f.at.W) > f.at.W/2 {
		return false
	}
	return slices.ContainsFunc(s.lines, func(l spotted) bool {
		return l.confidence < sureFrom && slices.ContainsFunc(want, func(w string) bool { return strings.ContainsAny(reduced(l.text), w) })
	})
}

// picked narrows pictures down by what stands beside them in the document; the rows of
// a canvas stand in it.
func (t *Tab) picked(ctx context.Context, p *pane, at playbooks.Locator, all []spot) ([]spot, error) {
	if at.Row == "" && (at.Near == "" || len(all) < 2) || at.Table != "" {
		return all, nil
	}
	byRoot := map[cdp.FrameID][]int{}
	for _, f := range all {
		byRoot[f.at.root] = append(byRoot[f.at.root], f.at.index)
	}
	var kept []spot
	for root, picks := range byRoot {
		f, err := t.askRoot(ctx, p, root, order{Do: "pick", At: at, Picks: picks})
		if err != nil {
			return nil, err
		}
		var got struct{ Picks []int }
		if err := json.Unmarshal(f.OK, &got); err != nil {
			return nil, err
		}
		for _, one := range all {
			inCanvas := at.Row != "" && one.at.Canvas && one.at.inRow(one.line, at.Row)
			if one.at.root == root && (inCanvas || slices.Contains(got.Picks, one.at.index)) {
				kept = append(kept, one)
			}
		}
	}
	return kept, nil
}
