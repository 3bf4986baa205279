package web

import (
	"fmt"
	"slices"
	"time"
)

// The timeline is a lane for each step. A wait is drawn no longer than breakAfter,
// so that an hour in the inbox does not squeeze two seconds of work into a line.
const (
	breakAfter = 5 * time.Second
	laneHeight = 26
	laneLeft   = 210
	laneRight  = 980
)

type traceLane struct {
	Y    int
	Name both
	Link string
}

// traceMark is one thing on the timeline: a journal line, or a picture.
type traceMark struct {
	X, Y    int
	Tone    string
	Picture bool
	Link    string
	What    both
	At      string
}

// timeline places journal and pictures.
func (t *tracer) timeline() {
	place, lanes := t.scale(), map[string]int{}
	for i, step := range t.view.Steps {
		lanes[step.Anchor] = i
		t.view.Lanes = append(t.view.Lanes, traceLane{Y: laneHeight*i + 17, Name: step.Name, Link: step.Anchor})
	}
	y := func(step string) int { return laneHeight*lanes[anchorOf(t.steps[step])] + 13 }
	for _, e := range t.story.Entries {
		kind := string(e.Kind)
		t.view.Marks = append(t.view.Marks, traceMark{X: place(e.At), Y: y(e.Step), Tone: tone(kind), What: t.word("entry", kind), At: clock(e.At)})
	}
	for _, e := range t.story.Evidence {
		if e.Kind == "screenshot" {
			t.view.Marks = append(t.view.Marks, traceMark{X: place(e.At), Y: y(e.Step), Picture: true, Link: fmt.Sprintf("file%d", e.Seq),
				What: t.each(func(p Page) string { return evidenceName(p, e) }), At: clock(e.At)})
		}
	}
	t.view.Width, t.view.Height = laneRight+20, laneHeight*len(t.view.Lanes)+4
}

// scale gives the place of a moment, with long waits cut short.
func (t *tracer) scale() func(time.Time) int {
	var all []time.Time
	for _, e := range t.story.Entries {
		all = append(all, e.At)
	}
	for _, e := range t.story.Evidence {
		all = append(all, e.At)
	}
	slices.SortFunc(all, time.Time.Compare)
	at, sum := map[time.Time]time.Duration{}, time.Duration(0)
	for i, moment := range all {
		if i > 0 {
			sum += min(moment.Sub(all[i-1]), breakAfter)
		}
		at[moment] = sum
	}
	return func(moment time.Time) int {
		return laneLeft + int(float64(at[moment])/float64(max(sum, 1))*float64(laneRight-laneLeft))
	}
}
