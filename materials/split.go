package materials

import (
	"math"
	"slices"

	"github.com/jingban/jingban/casework"
)

// part is a page, or a piece of one, and what it looks like.
type part struct {
	casework.Reading
	sight   sight
	guesses []guess
}

func newPart(types map[string]*Type, r casework.Reading) part {
	seen := look([]casework.Reading{r})
	return part{r, seen, guessAll(types, seen)}
}

// split takes a picture of several papers apart: the first wide gap, across or
// down, that leaves a paper of its own on each side. A page of one paper, or one
// that shows both sides of a card, comes back as it is.
func split(types map[string]*Type, whole part) []part {
	if len(whole.Lines) < 4 || !crowded(whole.guesses) {
		return []part{whole}
	}
	types = possible(types, whole.sight)
	for _, g := range widest(whole.Reading) {
		a, b := g.parts(whole.Reading)
		first := newPart(types, a)
		own := ownPaper(whole.guesses, first.guesses)
		if own == "" {
			continue
		}
		second := newPart(types, b)
		if other := ownPaper(whole.guesses, second.guesses); other != "" && other != own {
			return append(split(types, first), split(types, second)...)
		}
	}
	return []part{whole}
}

// possible are the types that a page speaks for, wherever their titles stand; no
// part of it can be of another one.
func possible(types map[string]*Type, seen sight) map[string]*Type {
	out := map[string]*Type{}
	for name, t := range types {
		speaks := 0.0
		for _, a := range t.Anchors {
			if a.Weight > 0 && a.matches(seen.text) {
				speaks += a.Weight
			}
		}
		if speaks >= t.Need {
			out[name] = t
		}
	}
	return out
}

// ownPaper gives the type of a part that is a paper of its own: nearly everything
// that speaks for the type on the page stands in this part, so that a form is not
// cut in two.
func ownPaper(whole, part []guess) string {
	const nearly = 0.9
	if len(part) == 0 || part[0].fit < 1 {
		return ""
	}
	i := slices.IndexFunc(whole, func(g guess) bool { return g.name == part[0].name })
	if part[0].speaks < nearly*whole[i].speaks {
		return ""
	}
	return part[0].name
}

// crowded says that a page speaks for two types. What speaks against them counts
// only inside a part: two papers in one picture speak against each other.
func crowded(whole []guess) bool {
	spoken := 0
	for _, g := range whole {
		if g.speaks >= 1 {
			spoken++
		}
	}
	return spoken > 1
}

// gap is empty room between lines: everything that ends before it lies on one side.
type gap struct {
	across bool // a horizontal gap, between what is above and below
	at     float64
	wide   float64
}

// tried is how many of the widest gaps are tried: each costs two classifications.
const tried = 4

// widest lists the gaps of a page that are wider than a line, the widest first.
func widest(r casework.Reading) []gap {
	var out []gap
	for _, across := range []bool{true, false} {
		out = append(out, gapsOf(r, across)...)
	}
	slices.SortStableFunc(out, func(a, b gap) int { return compare(b.wide, a.wide) })
	return out[:min(tried, len(out))]
}

func gapsOf(r casework.Reading, across bool) []gap {
	type span struct{ from, to float64 }
	var spans []span
	high := 0.0
	for _, l := range r.Lines {
		from, to := reach(l.Quad, across)
		spans = append(spans, span{from, to})
		up, down := reach(l.Quad, true)
		high += (down - up) / float64(len(r.Lines))
	}
	slices.SortFunc(spans, func(a, b span) int { return compare(a.from, b.from) })
	var out []gap
	end := spans[0].to
	for _, s := range spans[1:] {
		if s.from-end > high {
			out = append(out, gap{across, (s.from + end) / 2, s.from - end})
		}
		end = max(end, s.to)
	}
	return out
}

// reach is where a line begins and ends, down the page or across it.
func reach(q casework.Quad, down bool) (from, to float64) {
	from, to = math.Inf(1), math.Inf(-1)
	for _, p := range q {
		v := p.X
		if down {
			v = p.Y
		}
		from, to = min(from, v), max(to, v)
	}
	return from, to
}

// parts gives the lines and seals on each side of a gap, with the rest of the page.
func (g gap) parts(r casework.Reading) (before, after casework.Reading) {
	before, after = r, r
	before.Lines, after.Lines, before.Seals, after.Seals = nil, nil, nil, nil
	for _, l := range r.Lines {
		if from, _ := reach(l.Quad, g.across); from < g.at {
			before.Lines = append(before.Lines, l)
		} else {
			after.Lines = append(after.Lines, l)
		}
	}
	for _, s := range r.Seals {
		middle := float64(s.Box.X) + float64(s.Box.W)/2
		if g.across {
			middle = float64(s.Box.Y) + float64(s.Box.H)/2
		}
		if middle < g.at {
			before.Seals = append(before.Seals, s)
		} else {
			after.Seals = append(after.Seals, s)
		}
	}
	return before, after
}
