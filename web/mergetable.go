package web

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/jingban/jingban/casework"
)

// mergeTable is what a clerk reads before two numbers become one: both before,
// the surviving one afterwards, the rows that move or go back, and why a person
// has to look at each line.
type mergeTable struct {
	There     bool // the question is about a merge
	Main, Sub string
	Lines     []mergeLine
	Moved     []movedLine
	Reasons   []string
	Refused   []string
}

// mergeLine and movedLine are the calculation's own rows (persons.merge).
type mergeLine struct {
	Label string `json:"项目"`
	Main  string `json:"主号"`
	Sub   string `json:"副号"`
	After string `json:"合并后"`
}

type movedLine struct {
	Insurance string `json:"险种"`
	Month     string `json:"费款所属期"`
	Base      string `json:"缴费基数"`
	From      string `json:"原个人编号"`
	Relation  string `json:"原参保关系"`
	What      string `json:"处理"`
}

// proposalStep is the step of the merge playbook that computes the proposal.
const proposalStep = "proposal"

// mergeTable reads it from the run's journal; it is empty where the run merges nobody.
func (s *Server) mergeTable(v *visit, p Page, run casework.Run) (found mergeTable, err error) {
	if run.Playbook != mergeMatter {
		return found, nil
	}
	entries, err := s.cfg.Store.Entries(v.Context(), run.ID)
	if err != nil {
		return found, fmt.Errorf("journal of run %s: %w", run.ID, err)
	}
	for _, e := range entries {
		var out struct {
			Values struct {
				Main    string      `json:"main"`
				Sub     string      `json:"sub"`
				Preview []mergeLine `json:"preview"`
				Moved   []movedLine `json:"moved"`
				Reasons string      `json:"reasons"`
				Refusal string      `json:"refusal"`
			} `json:"values"`
		}
		if e.Step != proposalStep || e.Kind != casework.Happened || json.Unmarshal(e.Data, &out) != nil {
			continue
		}
		found = mergeTable{There: true, Main: out.Values.Main, Sub: out.Values.Sub, Lines: out.Values.Preview, Moved: out.Values.Moved}
		for _, code := range strings.Fields(out.Values.Reasons) {
			found.Reasons = append(found.Reasons, p.Word("mergereason", code))
		}
		for _, code := range strings.Fields(out.Values.Refusal) {
			found.Refused = append(found.Refused, p.Word("mergereason", code))
		}
	}
	return found, nil
}

// masked hides the numbers from who may not see them.
func (m mergeTable) masked() mergeTable {
	out := m
	out.Main, out.Sub = casework.MaskAccount(m.Main), casework.MaskAccount(m.Sub)
	out.Lines, out.Moved = nil, nil
	for _, line := range m.Lines {
		if line.Main == m.Main {
			line.Main, line.Sub, line.After = out.Main, out.Sub, casework.MaskAccount(line.After)
		}
		out.Lines = append(out.Lines, line)
	}
	for _, row := range m.Moved {
		row.From, row.Relation = casework.MaskAccount(row.From), casework.MaskAccount(row.Relation)
		out.Moved = append(out.Moved, row)
	}
	return out
}
