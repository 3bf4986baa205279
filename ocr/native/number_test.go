package native

import "testing"

// column gives the first sign the chance left by the second's.
func column(r recognizer, first, second string, chance float32) []float32 {
	out := make([]float32, len(r.alphabet))
	for class, s := range r.alphabet {
		switch s {
		case first:
			out[class] = 1 - chance
		case second:
			out[class] = chance
		}
	}
	return out
}

func TestQInANumberIs9IfTheReaderHeldThatForPossible(t *testing.T) {
	r := recognizer{alphabet: []string{"", "1", "6", "9", "q", "g", "x", "k", ".", "M", "为"}}
	for _, c := range []struct {
		name, read, second string
		chance             float32
		want               string
	}{
		{"within an amount", "qq.16", "9", 0.3, "99.16"},
		{"in front of a code", "q16M", "9", 0.07, "916M"},
		{"alone in its cell", "q", "9", 0.01, "9"},
		{"no digit came near", "16q", "9", 0.001, "16q"},
		{"a unit", "16g", "9", 0.3, "16g"},
		{"a word", "kgq", "9", 0.3, "kgq"},
		{"between words", "为q16为", "9", 0.3, "为916为"},
	} {
		var columns []float32
		for _, s := range c.read {
			second := ""
			if s == 'q' || s == 'g' {
				second = c.second
			}
			columns = append(columns, column(r, string(s), second, c.chance)...)
			columns = append(columns, column(r, "", "1", 0)...)
		}
		got := r.decode(columns, 1)
		if got.text != c.want {
			t.Errorf("%s: %q became %q, want %q", c.name, c.read, got.text, c.want)
		}
		if len(got.chars) != len([]rune(c.want)) || len(got.at) != len(got.chars) {
			t.Errorf("%s: %d confidences, %d places for %q", c.name, len(got.chars), len(got.at), got.text)
		}
	}
}

func TestA9TakenForAQKeepsItsOwnChance(t *testing.T) {
	r := recognizer{alphabet: []string{"", "9", "q"}}
	got := r.decode(column(r, "q", "9", 0.25), 1)
	if got.text != "9" || got.chars[0] != 0.25 {
		t.Errorf("read %q, %v", got.text, got.chars)
	}
}
