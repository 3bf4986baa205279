package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/materials"
	"github.com/jingban/jingban/store"
)

// overrideLimit is the share of overridden findings above which a rule is taken
// to be wrong (domain sheet 95 §4); its interval's lower bound must lie above.
const overrideLimit = 0.10

// ruleRow is one rule with what became of its findings.
type ruleRow struct {
	Rule, Text, Basis          string
	Severity                   Pill
	Fired, Decided, Overridden int
	Share                      string
	Doubt, Alarm               bool
}

// readRow is what people made of one field as it was read in one way.
type readRow struct {
	Field, Share    string
	Status          Pill
	Seen, Corrected int
}

// limitRow is a threshold in force.
type limitRow struct{ Name, Value, Region, From, Document string }

type rulesView struct {
	Page
	Chips   []Chip
	Rows    []ruleRow
	Fields  []readRow
	Limits  []limitRow
	Version string
}

// rulePeriods are the periods people may look at, in days.
func rulePeriods() []int { return []int{7, 30, 90, 365} }

// rulePeriod is the period that a request asks for.
func (s *Server) rulePeriod(v *visit) (days int, since, until time.Time) {
	days = 30
	if n, err := strconv.Atoi(v.URL.Query().Get("days")); err == nil && slices.Contains(rulePeriods(), n) {
		days = n
	}
	until = s.cfg.Now().Add(time.Minute) // what was written this moment, too
	return days, until.AddDate(0, 0, -days), until
}

// ruleOut is what became of one rule's findings of one severity.
type ruleOut struct {
	Rule       string            `json:"rule"`
	Severity   casework.Severity `json:"severity"`
	Fired      int               `json:"fired"`
	Decided    int               `json:"decided"`    // by a person who saw it
	Overridden int               `json:"overridden"` // and let the case go on
	Zh         string            `json:"zh"`
	En         string            `json:"en"`
	Basis      string            `json:"basis"`
}

func (s *Server) apiRules(v *visit) (answer, error) {
	_, since, until := s.rulePeriod(v)
	counts, err := s.cfg.Store.RuleCounts(v.Context(), since, until)
	if err != nil {
		return answer{}, fmt.Errorf("rules: %w", err)
	}
	known := s.rules()
	return listed(counts, "", func(c store.RuleCount) ruleOut {
		r := known[c.Rule]
		return ruleOut{c.Rule, c.Severity, c.Fired, c.Decided, c.Overridden, r.Title.Zh, r.Title.En, r.Basis}
	})
}

func (s *Server) rulesPage(v *visit) (answer, error) {
	days, since, until := s.rulePeriod(v)
	all := v.URL.Query().Get("all") == "1"
	counts, err := s.cfg.Store.RuleCounts(v.Context(), since, until)
	if err != nil {
		return answer{}, fmt.Errorf("rules: %w", err)
	}
	fields, err := s.cfg.Store.FieldCounts(v.Context(), since, until)
	if err != nil {
		return answer{}, fmt.Errorf("fields: %w", err)
	}
	p := s.page(v, s.words.text(v.lang, "nav.rules"), "rules")
	view := rulesView{Page: p, Rows: s.ruleRows(p, counts, all), Fields: s.readRows(p, fields)}
	for _, n := range rulePeriods() {
		view.Chips = append(view.Chips, Chip{Text: p.T("rules.period", n), Href: fmt.Sprintf("/rules?days=%d", n), Active: n == days && !all})
	}
	view.Chips = append(view.Chips, Chip{Text: p.T("rules.all"), Href: fmt.Sprintf("/rules?all=1&days=%d", days), Active: all})
	if s.cfg.Catalog != nil {
		view.Limits, view.Version = limitRows(s.cfg.Catalog, casework.DateOf(s.cfg.Now())), s.cfg.Catalog.Hash()
	}
	return page("rules", view)
}

// ruleRows puts the rules that fired first, the most often overridden on top.
func (s *Server) ruleRows(p Page, counts []store.RuleCount, all bool) []ruleRow {
	known := s.rules()
	var rows []ruleRow
	seen := map[string]bool{}
	for _, c := range counts {
		seen[c.Rule] = true
		row := ruleRow{Rule: c.Rule, Severity: p.pill("severity", string(c.Severity)), Fired: c.Fired, Decided: c.Decided, Overridden: c.Overridden, Text: c.Rule}
		if r, ok := known[c.Rule]; ok {
			row.Text, row.Basis, row.Doubt = p.pick(r.Title.Zh, r.Title.En), r.Basis, r.Doubt
		}
		low := 0.0
		row.Share, low = shareText(c.Overridden, c.Decided)
		row.Alarm = !row.Doubt && c.Severity != casework.Info && low > overrideLimit
		rows = append(rows, row)
	}
	slices.SortStableFunc(rows, func(a, b ruleRow) int { return b.Overridden - a.Overridden })
	if !all || s.cfg.Catalog == nil {
		return rows
	}
	for _, r := range s.cfg.Catalog.Rules() {
		if !seen[r.Name] {
			rows = append(rows, ruleRow{Rule: r.Name, Text: p.pick(r.Title.Zh, r.Title.En), Basis: r.Basis, Severity: p.pill("severity", string(r.Severity)), Share: "—", Doubt: r.Doubt})
		}
	}
	return rows
}

func (s *Server) rules() map[string]materials.Rule {
	known := map[string]materials.Rule{}
	if s.cfg.Catalog != nil {
		for _, r := range s.cfg.Catalog.Rules() {
			known[r.Name] = r
		}
	}
	return known
}

// shareText is a share in percent with its 95 % interval, and the lower bound.
func shareText(part, of int) (text string, low float64) {
	if of == 0 {
		return "—", 0
	}
	value := float64(part) / float64(of)
	low, high := materials.Wilson(value, float64(of))
	return fmt.Sprintf("%.1f%% (%.1f–%.1f)", 100*value, 100*low, 100*high), low
}

func (s *Server) readRows(p Page, counts []store.FieldCount) []readRow {
	var rows []readRow
	for _, c := range counts {
		row := readRow{Field: s.documentTitle(p, c.Material) + " · " + s.fieldTitle(p, c.Material, c.Field), Status: p.fieldPill(c.Status), Seen: c.Seen, Corrected: c.Corrected}
		row.Share, _ = shareText(c.Seen-c.Corrected, c.Seen)
		rows = append(rows, row)
	}
	return rows
}

// limitRows gives the thresholds of reading and faces that hold on a day.
func limitRows(catalog *materials.Catalog, on casework.Date) []limitRow {
	var rows []limitRow
	params := catalog.Params()
	for _, name := range params.Names() {
		if !strings.HasPrefix(name, "reading.") && !strings.HasPrefix(name, "face.") && !strings.HasPrefix(name, "door.") {
			continue
		}
		for _, r := range params.Rows(name) {
			if on.Before(r.From) || !r.To.IsZero() && r.To.Before(on) {
				continue
			}
			rows = append(rows, limitRow{Name: name, Value: r.Value, Region: r.Region, From: r.From.String(), Document: r.Document})
		}
	}
	return rows
}
