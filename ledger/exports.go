package ledger

import (
	"bytes"
	"cmp"
	"errors"
	"slices"

	"github.com/jingban/jingban/casework"
)

// overlap compares the files of a side that cover the same days: it leaves out
// what was exported twice and notices what was changed between two exports.
type overlap struct {
	keyer   keyer
	file    int
	seen    map[uint64]*copies
	serials map[uint64]export
	covers  [][2]Day     // first and last day of each file
	shared  map[Day]bool // days that several files cover
	days    map[dayKey][]exported
	twice   func(*Entry)
}

// copies counts equal lines of the file at hand and, at most, of one before it.
type copies struct{ file, now, before int }

// export is what a serial number stood for in an earlier file.
type export struct {
	file, line int
	fen        casework.Fen
	times      int
}

// dayKey is a day of one of our accounts.
type dayKey struct {
	own uint64
	day Day
}

// exported is a line of a day that several files cover.
type exported struct {
	file, line int
	fen        casework.Fen
	what       uint64 // amount and balance hashed
}

func newOverlap(keyer keyer, sources []source) *overlap {
	o := &overlap{keyer: keyer, seen: map[uint64]*copies{}, serials: map[uint64]export{}, shared: map[Day]bool{}, days: map[dayKey][]exported{}}
	covered := map[Day]int{}
	for _, s := range sources {
		o.covers = append(o.covers, [2]Day{s.statement.First, s.statement.Last})
		for day := int(s.statement.First); day != 0 && day <= int(s.statement.Last); day++ {
			if covered[Day(day)]++; covered[Day(day)] > 1 {
				o.shared[Day(day)] = true
			}
		}
	}
	return o
}

// known reports whether the line was seen in an earlier file, and whether an
// earlier file has the same serial with another amount. A running balance tells
// equal lines apart; without one a file may hold as many as it does.
func (o *overlap) known(e *Entry) (twice, changed bool) {
	own := o.keyer.key(e.text[Own])
	if o.shared[e.Day] {
		key := dayKey{own, e.Day}
		o.days[key] = append(o.days[key], exported{o.file, e.Line, e.Fen, mix(uint64(e.Fen), uint64(e.Balance))})
	}
	if !e.HasBalance && len(e.text[Serial]) == 0 {
		return false, false
	}
	key := mix(own^o.keyer.key(e.text[Clock])<<1, mix(o.keyer.key(e.text[Serial])^uint64(e.Day), uint64(e.Fen)^uint64(e.Balance)<<20))
	c := o.seen[key]
	if c == nil {
		c = &copies{file: o.file}
		o.seen[key] = c
	}
	if c.file != o.file {
		c.file, c.now, c.before = o.file, 0, max(c.before, c.now)
	}
	if c.now++; c.now <= c.before || e.HasBalance && c.now > 1 {
		return true, false
	}
	if len(e.text[Serial]) == 0 {
		return false, false
	}
	serial := mix(own, o.keyer.key(e.text[Serial])^uint64(e.Day))
	before, again := o.serials[serial]
	changed = again && before.file != o.file && before.times == 1 && before.fen != e.Fen
	o.serials[serial] = export{o.file, e.Line, e.Fen, before.times + 1}
	return false, changed
}

// differing lists the lines in which two exports of a day contradict each other:
// each has lines that the other lacks, or one lacks lines of a day in the middle
// of what it covers. An export that ends during the day lacks its later lines
// rightly.
func (o *overlap) differing() []exported {
	var found []exported
	for key, lines := range o.days {
		byFile := map[int][]exported{}
		for _, l := range lines {
			byFile[l.file] = append(byFile[l.file], l)
		}
		for later := range o.covers {
			for earlier := range later {
				found = append(found, contradiction(key.day, o.covers[earlier], o.covers[later], byFile[earlier], byFile[later])...)
			}
		}
	}
	slices.SortFunc(found, func(a, b exported) int { return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.line, b.line)) })
	return slices.Compact(found)
}

func contradiction(day Day, first, second [2]Day, earlier, later []exported) []exported {
	inside := func(file [2]Day) bool { return file[0] < day && day < file[1] }
	a, b := lacking(earlier, later), lacking(later, earlier)
	switch {
	case len(a) > 0 && len(b) > 0:
		return b
	case len(a) > 0 && inside(second):
		return a
	case len(b) > 0 && inside(first):
		return b
	}
	return nil
}

// lacking gives the lines that other does not have.
func lacking(lines, other []exported) (rest []exported) {
	have := map[uint64]int{}
	for _, l := range other {
		have[l.what]++
	}
	for _, l := range lines {
		if have[l.what]--; have[l.what] < 0 {
			rest = append(rest, l)
		}
	}
	return rest
}

// compareExports refuses files that contradict an earlier export of the same day.
func (l *loader) compareExports(o *overlap) {
	for _, x := range o.differing() {
		st := l.sources[x.file].statement
		if slices.ContainsFunc(st.Problems, func(p Problem) bool { return p.Line == x.line && p.Code == "changed" }) {
			continue
		}
		p := problems{file: st.File}
		p.add(x.line, 0, "", "changed", x.fen.String())
		st.Problems, st.Balanced = append(st.Problems, p.list...), false
		if l.force {
			continue
		}
		i := slices.IndexFunc(l.refused, func(r *Refusal) bool { return r.File == st.File })
		if i < 0 {
			refusal, _ := errors.AsType[*Refusal](p.refusal())
			l.refused = append(l.refused, refusal)
			continue
		}
		l.refused[i].Problems = append(l.refused[i].Problems, p.list...)
	}
}

// serials follows the numbers at the end of the bank's serial numbers. Where they
// are consecutive, one that is left out is a line that may have been taken away.
type serials struct {
	begun    bool
	prefix   []byte
	last     uint64
	up, down int // steps of one
	others   int
	gaps     []serialGap
}

type serialGap struct {
	line int
	up   bool
	text string
}

// farthest is the widest step that is taken for a gap; beyond it another counting
// has begun.
const farthest = 1000

func (s *serials) see(line int, text []byte) {
	start := len(text)
	for start > 0 && len(text)-start < 18 && text[start-1] >= '0' && text[start-1] <= '9' {
		start--
	}
	if start == len(text) {
		return
	}
	n := uint64(number(text[start:]))
	step := int64(n - s.last)
	switch {
	case !s.begun:
		s.begun, s.prefix = true, append(s.prefix[:0], text[:start]...)
	case !bytes.Equal(text[:start], s.prefix):
		s.prefix = append(s.prefix[:0], text[:start]...)
		s.others++
	case step == 1:
		s.up++
	case step == -1:
		s.down++
	case step > 1 && step <= farthest, step < -1 && step >= -farthest:
		if len(s.gaps) < maxProblems {
			s.gaps = append(s.gaps, serialGap{line, step > 0, string(text)})
		}
	default:
		s.others++
	}
	s.last = n
}

// missing gives the gaps of numbers that are otherwise consecutive.
func (s *serials) missing() []serialGap {
	steps := max(s.up, s.down)
	if steps < 3 || 10*steps < 8*(s.up+s.down+s.others+len(s.gaps)) {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(s.gaps), func(g serialGap) bool { return g.up != (s.up > s.down) })
}
