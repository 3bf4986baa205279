package web

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/jingban/jingban/benefits"
	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

// What a page of effects looks at and shows.
const (
	effectMost  = 50_000 // awards
	effectShown = 50     // rows, the largest changes
	effectAhead = 24     // months of the chart
)

// effect is what a set changes about the benefits that are running on its first day.
type effect struct {
	Running    int
	Changed    int
	Unknown    int // cannot be computed
	Cut        bool
	Monthly    casework.Fen // sum of the changes a month
	Up, Down   casework.Fen // of those that rise, and that fall
	Owed       casework.Fen // for months up to now
	Overpaid   casework.Fen
	Standard   [2]string // monthly standard before and after, "" where none can be computed
	Below      bool      // the standard after is the subsistence level: a parameter may be stale
	Rows       []effectRow
	Chart      string // JSON for chart.js
	before     *benefits.Payer
	after      *benefits.Payer
	monthsWere map[casework.Month]casework.Fen
	monthsAre  map[casework.Month]casework.Fen
}

// effectRow is one benefit that changes.
type effectRow struct {
	Number, Href        string
	First, Last, Region string
	Before, After       string
	Change, Total       string
	Rises               bool
	change              casework.Fen
}

// effectOf compares every award that is running on the set's first day, or was
// granted since.
func (s *Server) effectOf(ctx context.Context, p Page, set store.ParamSet, before, after casework.Params, edition int) (effect, error) {
	was, err := benefits.Load(before)
	if err != nil {
		return effect{}, fmt.Errorf("parameters: %w", err)
	}
	is, err := benefits.Load(after)
	if err != nil {
		return effect{}, fmt.Errorf("parameters: %w", err)
	}
	e := effect{before: benefits.NewPayer(was), after: benefits.NewPayer(is), monthsWere: map[casework.Month]casework.Fen{}, monthsAre: map[casework.Month]casework.Fen{}}
	e.standard(was.In(set.Region, set.From), is.In(set.Region, set.From))
	filter := store.AwardFilter{Region: set.Region, Since: casework.MonthOf(set.From), Edition: edition, Limit: 500}
	for more := true; more; more = filter.After != "" && !e.Cut {
		awards, next, err := s.cfg.Store.Awards(ctx, filter)
		if err != nil {
			return e, err
		}
		for _, a := range awards {
			e.add(a, set, casework.MonthOf(casework.DateOf(s.cfg.Now())))
		}
		filter.After, e.Cut = next, e.Running >= effectMost
	}
	slices.SortFunc(e.Rows, func(a, b effectRow) int {
		return cmp.Or(cmp.Compare(max(b.change, -b.change), max(a.change, -a.change)), cmp.Compare(a.Number, b.Number))
	})
	e.Rows = e.Rows[:min(len(e.Rows), effectShown)]
	e.Chart = e.chart(p, casework.MonthOf(set.From))
	return e, nil
}

func (e *effect) standard(was, is benefits.Region) {
	if terms, err := was.Standard(); err == nil {
		e.Standard[0] = terms.Standard().Monthly.String()
	}
	if terms, err := is.Standard(); err == nil {
		e.Standard[1], e.Below = terms.Standard().Monthly.String(), terms.Standard().BelowSubsistence
	}
}

func (e *effect) add(a store.Award, set store.ParamSet, now casework.Month) {
	e.Running++
	r, err := benefits.Recalculate(e.before, e.after, a.Award, casework.MonthOf(set.From), set.Document)
	if err != nil {
		e.Unknown++
		return
	}
	if len(r.Changes) == 0 {
		return
	}
	e.Changed++
	change, total := r.Monthly(), casework.Fen(0)
	for _, c := range r.Changes {
		total += c.Difference()
		e.monthsWere[c.Month] += c.Before
		e.monthsAre[c.Month] += c.After
	}
	e.Monthly += change
	if change > 0 {
		e.Up += change
	} else {
		e.Down += change
	}
	owed, overpaid := r.Owed(now)
	e.Owed, e.Overpaid = e.Owed+owed, e.Overpaid+overpaid
	e.Rows = append(e.Rows, effectRow{Number: a.Number, Href: "/cases/" + a.CaseID, Region: a.Region, First: a.First.String(), Last: a.Last.String(),
		Before: r.Changes[0].Before.String(), After: r.Changes[0].After.String(), Change: signed(change), Total: signed(total), Rises: change > 0, change: change})
}

// signed writes an amount with its sign, so that a colour never says it alone.
func signed(f casework.Fen) string {
	if f > 0 {
		return "+" + f.String()
	}
	return f.String()
}

// chart gives the sums of the benefits that change, month by month, in yuan.
func (e *effect) chart(p Page, from casework.Month) string {
	type line struct {
		Name string    `json:"name"`
		Tone string    `json:"tone"`
		Data []float64 `json:"data"`
	}
	labels := []string{}
	lines := []line{{p.T("params.before"), "ink-3", []float64{}}, {p.T("params.after"), "main", []float64{}}}
	for n := range effectAhead {
		month := from.Add(n)
		was, is := e.monthsWere[month], e.monthsAre[month]
		if was == 0 && is == 0 {
			continue
		}
		labels = append(labels, month.String())
		lines[0].Data, lines[1].Data = append(lines[0].Data, float64(was)/100), append(lines[1].Data, float64(is)/100)
	}
	if len(labels) == 0 {
		return ""
	}
	data, err := json.Marshal(map[string]any{"labels": labels, "lines": lines, "wide": true})
	if err != nil {
		panic(err) // numbers and strings only: cannot happen
	}
	return string(data)
}
