package bench

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// How a page's reading is scored. The lines read are put behind one another in
// reading order, without spaces. Every line of the truth, longest first, takes the
// part of that text which is nearest to it by edit distance (Levenshtein), and
// what it took is gone for the others: first all lines that stand there exactly,
// then the rest. So the order of lines does not count, a line that was split or
// joined does not count, and nothing read once can be right twice.
//
//	wrong   the sum of these distances, each at most the line's own length
//	CER     wrong over the characters of the truth
//	extra   characters that no line took; the letters of marks (ring text of seals,
//	        handwriting) are taken out first, because seeing them is right
//
// Both sides are compared after NFKC, without white space, with the signs of
// foldedSigns written alike.

// foldedSigns are signs that differ by the typeface only.
func foldedSigns() *strings.Replacer {
	return strings.NewReplacer("。", ".", "〔", "[", "〕", "]", "【", "[", "】", "]", "•", "·", "・", "·", "–", "-", "—", "-", "－", "-", "~", "-", "“", "\"", "”", "\"", "￥", "¥", "、", ",")
}

// folded is text as it is compared.
func folded(text string) []rune {
	var kept []rune
	for _, r := range foldedSigns().Replace(norm.NFKC.String(foldedSigns().Replace(text))) {
		if !unicode.IsSpace(r) {
			kept = append(kept, r)
		}
	}
	return kept
}

// taken replaces what a line has taken.
const taken = rune(-1)

// reading is what an engine read: all characters, and where its lines begin.
type reading struct {
	text   []rune
	begins []bool
	line   []int // the line of each character
}

func newReading(lines []string) *reading {
	r := &reading{}
	for n, line := range lines {
		for i, c := range folded(line) {
			r.text, r.begins, r.line = append(r.text, c), append(r.begins, i == 0), append(r.line, n)
		}
	}
	return r
}

// match is where a line of the truth was found: from (incl.) to (excl.) of the
// characters read, which are none where it was not found at all.
type match struct {
	wrong    int
	exact    bool // and it is not a part of a longer number
	from, to int
}

// align finds all lines of the truth and takes them out of the reading.
func (r *reading) align(lines []string) []match {
	matches := make([]match, len(lines))
	order := make([]int, len(lines))
	want := make([][]rune, len(lines))
	for i, line := range lines {
		order[i], want[i] = i, folded(line)
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(len(want[b]), len(want[a])) })
	var open []int
	for _, i := range order {
		if at := r.find(want[i]); at < 0 {
			open = append(open, i)
		} else {
			matches[i] = match{exact: r.whole(at, at+len(want[i])), from: at, to: at + len(want[i])}
			r.take(at, at+len(want[i]))
		}
	}
	for _, i := range open {
		wrong, from, to := r.nearest(want[i])
		matches[i].wrong = min(wrong, len(want[i]))
		if wrong < len(want[i]) {
			matches[i].from, matches[i].to = from, to
			r.take(from, to)
		}
	}
	return matches
}

// find gives the place where the line stands exactly, -1 when nowhere. Of several
// places it takes one whose ends are ends of lines or at least of numbers.
func (r *reading) find(line []rune) int {
	best, rank := -1, -1
	for at := 0; at+len(line) <= len(r.text); at++ {
		if !slices.Equal(r.text[at:at+len(line)], line) {
			continue
		}
		now := 0
		if r.whole(at, at+len(line)) {
			now = 1
		}
		if now == 1 && r.begins[at] && (at+len(line) == len(r.text) || r.begins[at+len(line)]) {
			now = 2
		}
		if now > rank {
			best, rank = at, now
		}
	}
	return best
}

// whole says that no number or Latin word is cut at either end.
func (r *reading) whole(from, to int) bool {
	joined := func(a, b int) bool {
		return !r.begins[b] && inWord(r.text[a]) && inWord(r.text[b])
	}
	return (from == 0 || !joined(from-1, from)) && (to == len(r.text) || !joined(to-1, to))
}

func inWord(r rune) bool { return r < unicode.MaxASCII && (unicode.IsDigit(r) || unicode.IsLetter(r)) }

// nearest gives the least edit distance between the line and a part of the
// reading, and that part.
func (r *reading) nearest(line []rune) (wrong, from, to int) {
	cost, start := make([]int, len(r.text)+1), make([]int, len(r.text)+1)
	for j := range start {
		start[j] = j // the part may begin anywhere
	}
	for i, want := range line {
		diagonal, began := cost[0], start[0]
		cost[0] = i + 1
		for j, seen := range r.text {
			replaced, from := diagonal, began
			if want != seen {
				replaced++
			}
			diagonal, began = cost[j+1], start[j+1]
			switch {
			case replaced <= cost[j+1]+1 && replaced <= cost[j]+1:
				cost[j+1], start[j+1] = replaced, from
			case cost[j+1] <= cost[j]:
				cost[j+1]++
			default:
				cost[j+1], start[j+1] = cost[j]+1, start[j]
			}
		}
	}
	wrong, to = cost[0], 0
	for j, c := range cost {
		if c < wrong {
			wrong, to = c, j
		}
	}
	return wrong, start[to], to
}

func (r *reading) take(from, to int) {
	for i := from; i < to; i++ {
		r.text[i] = taken
	}
}

// extra counts what nobody took, after the marks' letters.
func (r *reading) extra(marks []string) int {
	for _, mark := range marks {
		for _, c := range folded(mark) {
			if at := slices.Index(r.text, c); at >= 0 {
				r.text[at] = taken
			}
		}
	}
	left := 0
	for _, c := range r.text {
		if c != taken {
			left++
		}
	}
	return left
}
