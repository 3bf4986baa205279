package materials

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jingban/jingban/casework"
)

// guess is how well a page fits a type: 1 is just enough.
type guess struct {
	name   string
	fit    float64
	speaks float64 // the same by what speaks for the type alone
}

// Classify says which type a file is, by all its pages, and how sure that is
// (0..1). The type is "" when none fits.
func (c *Catalog) Classify(readings []casework.Reading) (typ string, confidence float64) {
	guesses := guessAll(c.typesOn(casework.Date{}), look(readings))
	if len(guesses) == 0 || guesses[0].fit < 1 {
		return "", 0
	}
	best, rival := guesses[0], 0.0
	if len(guesses) > 1 {
		rival = max(guesses[1].fit, 0)
	}
	return best.name, best.fit / (best.fit + rival)
}

// guessAll sorts the types by how well they fit what is seen, the best first.
func guessAll(types map[string]*Type, seen sight) []guess {
	guesses := make([]guess, 0, len(types))
	for _, name := range slices.Sorted(maps.Keys(types)) {
		if len(types[name].Anchors) > 0 {
			guesses = append(guesses, types[name].guess(seen))
		}
	}
	slices.SortStableFunc(guesses, func(a, b guess) int { return compare(b.fit, a.fit) })
	return guesses
}

// sight is what a page shows of its kind: its text without spaces, a line break
// after each row, and the short rows of its upper part, where titles stand.
type sight struct {
	text  string
	heads []string
}

// A title stands in the upper part of a page, in a row not much longer than it.
const (
	titleLength = 14   // characters a title's row may have besides it
	titleShare  = 0.45 // of the rows
	titleRows   = 4    // at least
)

func look(readings []casework.Reading) sight {
	var all sight
	var b strings.Builder
	for _, r := range readings {
		s := layOut(r, Type{})
		b.WriteString(s.text())
		upper := max(titleRows, int(titleShare*float64(len(s.rows))))
		for _, row := range s.rows[:min(upper, len(s.rows))] {
			all.heads = append(all.heads, row.text())
		}
	}
	all.text = b.String()
	return all
}

// guess weighs a type's anchors. Expressions cost the most, so they are looked at
// only where the words leave a chance.
func (t *Type) guess(s sight) guess {
	speaks, against, chance := 0.0, 0.0, 0.0
	for _, a := range t.Anchors {
		switch {
		case a.match != nil:
			chance += max(a.Weight, 0)
		case !a.seen(s):
		case a.Weight > 0:
			speaks += a.Weight
		default:
			against += a.Weight
		}
	}
	if speaks+chance >= t.Need/2 {
		for _, a := range t.Anchors {
			switch {
			case a.match == nil || !a.seen(s):
			case a.Weight > 0:
				speaks += a.Weight
			default:
				against += a.Weight
			}
		}
	}
	return guess{t.Type, (speaks + against) / t.Need, speaks / t.Need}
}

func (a Anchor) seen(s sight) bool {
	if a.Title == "" {
		return a.matches(s.text)
	}
	return slices.ContainsFunc(s.heads, func(head string) bool {
		return utf8.RuneCountInString(head) <= a.room && a.matches(head)
	})
}

// fits says which types the guesses about a page come to: the best one, and those that may share a
// page with it. A slot's type is believed when the page speaks at least half for
// it and for nothing else.
func fits(types map[string]*Type, guesses []guess, slot string) []*Type {
	if len(guesses) == 0 {
		return nil
	}
	best := types[guesses[0].name]
	if guesses[0].fit < 1 {
		for _, g := range guesses {
			if g.name == slot && g.fit >= 0.5 {
				return []*Type{types[slot]}
			}
		}
		return nil
	}
	found := []*Type{best}
	for _, g := range guesses[1:] {
		if g.fit >= 1 && slices.Contains(best.Together, g.name) {
			found = append(found, types[g.name])
		}
	}
	return found
}
