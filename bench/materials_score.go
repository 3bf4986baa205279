package bench

import (
	"fmt"
	"maps"
	"slices"

	"github.com/jingban/jingban/casework"
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
	WrongPassed    int     `json:"wrong_cases_passed_automatically"`
	Classified     int     `json:"papers_classified_rightly"`
	Papers         int     `json:"papers_classified"`
	ClassifiedOK   float64 `json:"classified_share"`

	ByDefect map[string][2]int `json:"found_of_planted_by_defect"`
	Excess   map[string]int    `json:"findings_on_clean_cases_by_rule"`
	Misses   []string          `json:"misses,omitempty"`
}

type materialsScore struct {
	MaterialsScore
	kinds map[string]bool
}

func newMaterialsScore() *materialsScore {
	return &materialsScore{MaterialsScore: MaterialsScore{ByDefect: map[string][2]int{}, Excess: map[string]int{}}, kinds: map[string]bool{}}
}

func (s *materialsScore) add(catalog *materials.Catalog, c readCase, a casework.Assessment) {
	s.classify(catalog, c)
	if len(c.Defects) == 0 {
		s.clean(c, a)
		return
	}
	if a.Verdict == casework.AutoPass {
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
		n := s.ByDefect[d.Name]
		n[1]++
		s.Planted++
		if found {
			n[0]++
			s.Found++
		} else {
			s.Misses = append(s.Misses, fmt.Sprintf("%s: %s not found; there were %v", c.Name, d.Name, rulesFound(a)))
		}
		s.ByDefect[d.Name] = n
	}
}

func rulesFound(a casework.Assessment) []string {
	var out []string
	for _, f := range a.Findings {
		out = append(out, f.Rule+" "+f.Material+"."+f.Field)
	}
	return out
}

func (s *materialsScore) clean(c readCase, a casework.Assessment) {
	s.CleanCases++
	switch a.Verdict {
	case casework.AutoPass:
		s.CleanPassed++
	case casework.ReturnForCorrection:
		s.CleanBlocked++
	}
	for _, f := range a.Findings {
		if f.Severity != casework.Info {
			s.Excess[f.Rule+" "+f.Material+"."+f.Field]++
		}
	}
}

// classify asks for the type of every paper that can be read, without its slot.
func (s *materialsScore) classify(catalog *materials.Catalog, c readCase) {
	for i, p := range c.Papers {
		if p.Style.Blur >= spoilt || len(c.input.Files[i].Readings) == 0 {
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
	s.ClassifiedOK = share(s.Classified, s.Papers)
	return s.MaterialsScore
}

// Worst lists the defects that were missed, the most often missed first.
func (s MaterialsScore) Worst() []string {
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(s.ByDefect)), func(name string) bool { return s.ByDefect[name][0] == s.ByDefect[name][1] })
	slices.SortStableFunc(names, func(a, b string) int {
		return (s.ByDefect[b][1] - s.ByDefect[b][0]) - (s.ByDefect[a][1] - s.ByDefect[a][0])
	})
	return names
}
