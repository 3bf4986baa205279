package bench

import (
	"fmt"
	"maps"
	"slices"

	"github.com/jingban/jingban/casework"
	fixtures "github.com/jingban/jingban/fixtures/materials"
	"github.com/jingban/jingban/materials"
)

// MaterialsScore compares verdicts and findings with what was planted.
type MaterialsScore struct {
	Planted        int     `json:"defects_planted"`
	Found          int     `json:"defects_found"`
	FoundShare     float64 `json:"defects_found_share"`
	RetakeAsked    int     `json:"retakes_rightly_asked"`
	RetakePlanted  int     `json:"retakes_planted"`
	CleanCases     int     `json:"clean_cases"`
	CleanBlocked   int     `json:"clean_cases_wrongly_blocked"`
	CleanPassed    int     `json:"clean_cases_passed_without_a_person"`
	CleanPassShare float64 `json:"clean_cases_passed_share"`
	BlockedShare   float64 `json:"clean_cases_wrongly_blocked_share"`
	LightCases     int     `json:"clean_cases_lightly_damaged"` // papers as most people hand them in, or clean, or only turned
	LightPassed    int     `json:"clean_cases_lightly_damaged_passed"`
	LightPassShare float64 `json:"clean_cases_lightly_damaged_passed_share"`
	WrongPassed    int     `json:"wrong_cases_passed_automatically"`
	Classified     int     `json:"papers_classified_rightly"`
	Papers         int     `json:"papers_classified"`
	ClassifiedOK   float64 `json:"classified_share"`

	ByDefect    map[string][2]int `json:"found_of_planted_by_defect"`
	ByRule      map[string][2]int `json:"found_of_planted_by_rule"`
	ByCondition map[string][2]int `json:"clean_passed_by_condition"`
	Blocked     map[string]int    `json:"clean_cases_blocked_by_rule"`
	Excess      map[string]int    `json:"findings_on_clean_cases_by_rule"`
	Misses      []string          `json:"misses,omitempty"`
}

type materialsScore struct {
	MaterialsScore
	kinds map[string]bool
}

func newMaterialsScore() *materialsScore {
	return &materialsScore{MaterialsScore: MaterialsScore{ByDefect: map[string][2]int{}, ByRule: map[string][2]int{}, ByCondition: map[string][2]int{}, Blocked: map[string]int{}, Excess: map[string]int{}}, kinds: map[string]bool{}}
}

func (s *materialsScore) add(catalog *materials.Catalog, c readCase, a casework.Assessment) {
	s.classify(catalog, c)
	if len(c.Defects) == 0 {
		s.clean(c, a)
		return
	}
	heldBack := func(d fixtures.Planted) bool { return !d.Told }
	if a.Verdict == casework.AutoPass && slices.ContainsFunc(c.Defects, heldBack) {
		s.WrongPassed++
		s.Misses = append(s.Misses, fmt.Sprintf("%s passed although %s was planted", c.Name, c.Defects[0].Name))
	}
	for _, d := range c.Defects {
		s.kinds[d.Name] = true
		found := slices.ContainsFunc(a.Findings, func(f casework.Finding) bool { return slices.Contains(d.Rules, f.Rule) })
		if d.Retake {
			s.RetakePlanted++
			if found {
				s.RetakeAsked++
			}
			continue
		}
		s.Planted++
		count(s.ByDefect, d.Name, found)
		count(s.ByRule, d.Rules[0], found)
		if found {
			s.Found++
		} else {
			s.Misses = append(s.Misses, fmt.Sprintf("%s (%s): %s not found; there were %v", c.Name, c.Condition, d.Name, rulesFound(a)))
		}
	}
}

// count adds one to a number of [met, all].
func count(of map[string][2]int, name string, met bool) {
	n := of[name]
	n[1]++
	if met {
		n[0]++
	}
	of[name] = n
}

func rulesFound(a casework.Assessment) []string {
	var out []string
	for _, f := range a.Findings {
		out = append(out, f.Rule+" "+f.Material+"."+f.Field)
	}
	return out
}

func (s *materialsScore) clean(c readCase, a casework.Assessment) {
	passed := a.Verdict == casework.AutoPass
	s.CleanCases++
	count(s.ByCondition, c.Condition, passed)
	if lightly(c.Condition) {
		s.LightCases++
	}
	switch {
	case passed:
		s.CleanPassed++
		if lightly(c.Condition) {
			s.LightPassed++
		}
	case a.Verdict == casework.ReturnForCorrection:
		s.CleanBlocked++
		s.Misses = append(s.Misses, fmt.Sprintf("%s (%s): nothing is wrong, yet there were %v", c.Name, c.Condition, rulesFound(a)))
	}
	for _, f := range a.Findings {
		if f.Severity != casework.Info {
			s.Excess[f.Rule+" "+f.Material+"."+f.Field]++
		}
		if f.Severity == casework.Block {
			s.Blocked[f.Rule]++
		}
	}
}

// lightly says that papers taken so are no worse than most that are handed in.
func lightly(condition string) bool {
	return slices.Contains([]string{fixtures.Everyday, "clean", "skew", "turned"}, condition)
}

// classify asks for the type of every paper that can be read as a whole, without
// its slot. What is of no type with values, a photo or a wage slip, is not asked for.
func (s *materialsScore) classify(catalog *materials.Catalog, c readCase) {
	for i, p := range c.Papers {
		if unreadable(p) || !p.Flaw.Whole() || len(catalog.Fields(p.Kind)) == 0 || len(c.input.Files[i].Readings) == 0 {
			continue
		}
		s.Papers++
		if kind, _ := catalog.Classify(c.input.Files[i].Readings); kind == p.Kind {
			s.Classified++
		} else {
			s.Misses = append(s.Misses, fmt.Sprintf("%s: %s was taken for %q", c.Name, p.Kind, kind))
		}
	}
}

func (s *materialsScore) sum() MaterialsScore {
	s.FoundShare = share(s.Found, s.Planted)
	s.CleanPassShare = share(s.CleanPassed, s.CleanCases)
	s.BlockedShare = share(s.CleanBlocked, s.CleanCases)
	s.LightPassShare = share(s.LightPassed, s.LightCases)
	s.ClassifiedOK = share(s.Classified, s.Papers)
	return s.MaterialsScore
}

// Worst lists the rules that missed something, the one that missed most first.
func (s MaterialsScore) Worst() []string {
	missed := func(rule string) int { return s.ByRule[rule][1] - s.ByRule[rule][0] }
	rules := slices.DeleteFunc(slices.Sorted(maps.Keys(s.ByRule)), func(rule string) bool { return missed(rule) == 0 })
	slices.SortStableFunc(rules, func(a, b string) int { return missed(b) - missed(a) })
	return rules
}
