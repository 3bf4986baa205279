package web

import (
	"context"
	"fmt"
	"slices"

	"github.com/jingban/jingban/casework"
)

// earlierRound is what an earlier submission of a case was found to lack.
type earlierRound struct {
	Number   int64
	At       string
	Verdict  Pill
	Findings []earlierFinding
}

// earlierFinding says of a finding whether it stands there still.
type earlierFinding struct {
	findingRow
	Still bool
}

// earlier gives what was found in the rounds before the one shown, the newest first:
// whoever looks at a case that came again sees what it was sent back for, and whether
// that is mended. Without full, values are masked.
func (s *Server) earlier(ctx context.Context, p Page, caseID string, now casework.Assessment, full bool) ([]earlierRound, error) {
	if caseID == "" {
		return nil, nil
	}
	rounds, err := s.cfg.Store.Rounds(ctx, caseID)
	if err != nil {
		return nil, fmt.Errorf("rounds of case %s: %w", caseID, err)
	}
	var out []earlierRound
	for _, r := range rounds[min(1, len(rounds)):] {
		found := r.Assessment
		if !full {
			found = s.maskAssessment(found)
		}
		row := earlierRound{Number: r.Number, At: p.Time(r.At), Verdict: p.pill("verdict", string(found.Verdict))}
		for i, f := range s.findingRows(p, found) {
			f.Key = fmt.Sprintf("round-%d-%d", r.Number, i) // of no place in the pages shown
			row.Findings = append(row.Findings, earlierFinding{f, stillFound(now, f.Rule, found)})
		}
		out = append(out, row)
	}
	return out, nil
}

// stillFound says that a rule is broken now at a place where it was broken then.
func stillFound(now casework.Assessment, rule string, then casework.Assessment) bool {
	return slices.ContainsFunc(now.Findings, func(f casework.Finding) bool {
		return f.Rule == rule && slices.ContainsFunc(then.Findings, func(g casework.Finding) bool {
			return g.Rule == rule && g.Material == f.Material && g.Field == f.Field
		})
	})
}
