package link

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
)

//go:embed report.html
var reportPage string

// shownPairs is how many pairs of a zone the report explains; pairs.csv has all.
const shownPairs = 100

// sheet is what report.html sees.
type sheet struct {
	Summary Summary
	Model   Model
	Zones   []shownZone
}

type shownZone struct {
	Zone  Zone
	All   int
	Pairs []shownPair
}

type shownPair struct {
	A, B, Level, Rule string
	Weight            float64
	Chance            float64
	Steps             []step
	Zero              float64 // where even odds stand
	Height            int
}

// step is one bar of the waterfall, in pixels: it starts where the last one ended.
type step struct {
	Explained
	Y, Text     int
	X, Width    float64
	End         float64
	For, Silent bool
}

// The picture of a waterfall, in pixels.
const (
	rowHeight   = 26 // that of a row of the table beside it
	pictureWide = 460.0
)

// WriteHTML writes the report: what was counted, and for each zone the pairs with
// what every field said, as a table and as a waterfall of weights from the odds
// before anything was compared to the odds after. It holds the values of the file.
func (r *Result) WriteHTML(w io.Writer) error {
	page, err := template.New("report").Funcs(template.FuncMap{
		"weight":  func(x float64) string { return fmt.Sprintf("%+.2f", x) },
		"percent": func(x float64) string { return fmt.Sprintf("%.4g %%", 100*x) },
		"px":      func(x float64) string { return fmt.Sprintf("%.1f", x) },
		"title":   zoneTitle,
	}).Parse(reportPage)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	s := sheet{Summary: r.Summary, Model: r.Model}
	for _, zone := range []Zone{Review, Automatic, Veto} {
		s.Zones = append(s.Zones, r.shown(zone))
	}
	return page.Execute(w, s)
}

func zoneTitle(zone Zone) string {
	return map[Zone]string{Automatic: "自动建议 automatic", Review: "人工核对 review", Veto: "否决 veto"}[zone]
}

// shown takes the weakest pairs of a zone: those where a mistake is likeliest.
func (r *Result) shown(zone Zone) shownZone {
	of := shownZone{Zone: zone, All: r.Summary.Zones[zone]}
	for i := len(r.Pairs) - 1; i >= 0 && len(of.Pairs) < shownPairs; i-- {
		if r.Pairs[i].Decision.Zone == zone {
			of.Pairs = append(of.Pairs, r.shownPair(r.Pairs[i]))
		}
	}
	return of
}

func (r *Result) shownPair(p Pair) shownPair {
	fields, prior, rarity := r.Explain(p)
	steps := []step{{Explained: Explained{Field: "先验 prior", Weight: prior}}}
	for _, f := range fields {
		steps = append(steps, step{Explained: f})
	}
	steps = append(steps, step{Explained: Explained{Field: "罕见程度 rarity", Weight: rarity}})
	s := shownPair{A: r.Name(p.A), B: r.Name(p.B), Level: p.Decision.Level, Rule: p.Decision.Rule, Weight: p.Weight, Chance: probability(p.Weight)}
	s.Steps, s.Zero = waterfall(steps)
	s.Height = rowHeight * len(steps)
	return s
}

// waterfall places the bars; all of them and even odds fit into the picture.
func waterfall(steps []step) ([]step, float64) {
	low, high, at := 0.0, 0.0, 0.0
	for _, s := range steps {
		at += s.Weight
		low, high = min(low, at), max(high, at)
	}
	scale := pictureWide / max(high-low, 1)
	at = 0
	for i := range steps {
		s := &steps[i]
		next := at + s.Weight
		s.X, s.Width = (min(at, next)-low)*scale, math.Abs(s.Weight)*scale
		s.End, s.For, s.Silent = (next-low)*scale, s.Weight > 0, s.Weight == 0
		s.Y, s.Text = i*rowHeight+6, (i+1)*rowHeight+6
		at = next
	}
	return steps, -low * scale
}
