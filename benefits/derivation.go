package benefits

import (
	"fmt"
	"strings"
)

// Part says what a line of a derivation is.
type Part string

// The parts, in the order in which they are read.
const (
	Given  Part = "已知" // an input
	Step   Part = "计算" // one step, which can be done again by hand
	Doubt  Part = "注意" // what a person has to look at
	Result Part = "结论" // what came out
	Basis  Part = "依据" // document and clause
)

// Line is one line of a derivation.
type Line struct {
	Part Part   `json:"part"`
	Text string `json:"text"`
}

// Derivation shows how a result came about, in Chinese. It names no person.
type Derivation struct {
	Title string `json:"title"`
	Lines []Line `json:"lines"`
}

// add writes one line.
func (d *Derivation) add(part Part, format string, args ...any) {
	d.Lines = append(d.Lines, Line{part, fmt.Sprintf(format, args...)})
}

// basis names documents, each once and none that is empty.
func (d *Derivation) basis(documents ...string) {
	seen := map[string]bool{"": true}
	for _, document := range documents {
		if !seen[document] {
			seen[document] = true
			d.Lines = append(d.Lines, Line{Basis, document})
		}
	}
}

// include puts the steps of another derivation into this one; its documents come
// at the end.
func (d *Derivation) include(other Derivation) {
	for _, line := range other.Lines {
		switch line.Part {
		case Basis:
			continue
		case Result:
			line.Part = Step
		}
		d.Lines = append(d.Lines, line)
	}
}

// String renders the derivation as text, one line each.
func (d Derivation) String() string {
	var b strings.Builder
	b.WriteString(d.Title)
	for _, line := range d.Lines {
		b.WriteString("\n  " + string(line.Part) + "：" + line.Text)
	}
	return b.String()
}

// yesNo is how a switch reads in a derivation.
func yesNo(yes bool) string {
	if yes {
		return "是"
	}
	return "否"
}
