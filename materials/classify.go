package materials

import (
	"maps"
	"slices"
	"strings"

	"github.com/jingban/jingban/casework"
)

// guess is how well a page fits a type: 1 is just enough.
type guess struct {
	name string
	fit  float64
}

// Classify says which type a file is, by all its pages, and how sure that is
// (0..1). The type is "" when none fits.
func (c *Catalog) Classify(readings []casework.Reading) (typ string, confidence float64) {
	guesses := guessAll(c.typesOn(casework.Date{}), readings...)
	if len(guesses) == 0 || guesses[0].fit < 1 {
		return "", 0
	}
	best, rival := guesses[0], 0.0
	if len(guesses) > 1 {
		rival = max(guesses[1].fit, 0)
	}
	return best.name, best.fit / (best.fit + rival)
}

// guessAll sorts the types by how well they fit the pages, the best first.
func guessAll(types map[string]*Type, readings ...casework.Reading) []guess {
	text := pageText(readings)
	var guesses []guess
	for _, name := range slices.Sorted(maps.Keys(types)) {
		guesses = append(guesses, guess{name, types[name].fit(text)})
	}
	slices.SortStableFunc(guesses, func(a, b guess) int { return compare(b.fit, a.fit) })
	return guesses
}

// pageText is all the text without spaces, a line break after each row of a page.
func pageText(readings []casework.Reading) string {
	var b strings.Builder
	for _, r := range readings {
		b.WriteString(layOut(r, Type{}).text())
	}
	return b.String()
}

func (t *Type) fit(text string) float64 {
	score := 0.0
	for _, a := range t.Anchors {
		if a.match.MatchString(text) {
			score += a.Weight
		}
	}
	return score / t.Need
}

// fits says which types a page holds: the best one, and those that may share a
// page with it. A slot's type is believed when the page speaks at least half for
// it and for nothing else.
func fits(types map[string]*Type, reading casework.Reading, slot string) []*Type {
	guesses := guessAll(types, reading)
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
