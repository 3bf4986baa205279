package web

import (
	"encoding/json"
	"fmt"

	"github.com/jingban/jingban/casework"
)

// recountTable is what a person reads before a recalculation is agreed to: every
// month that changes, and what that makes so far.
type recountTable struct {
	There          bool // the question is about a recalculation
	Document       string
	Set            string // id of the parameter set
	Award          string // number of the case that granted the benefit
	Until          string
	Lines          []recountLine
	Owed, Overpaid casework.Fen
}

// recountLine is the calculation's own row (unemployment.recalculation).
type recountLine struct {
	Month  string `json:"月份"`
	Before string `json:"原金额"`
	After  string `json:"新金额"`
	Change string `json:"差额"`
}

// The matter that proposes a recalculation and the step that lays it out.
const (
	recountMatter = "benefit_recalculation"
	recountStep   = "difference"
)

// recountTable reads it from the run's journal; it is empty for any other run.
func (s *Server) recountTable(v *visit, run casework.Run, c casework.Case) (found recountTable, err error) {
	if run.Playbook != recountMatter {
		return found, nil
	}
	entries, err := s.cfg.Store.Entries(v.Context(), run.ID)
	if err != nil {
		return found, fmt.Errorf("journal of run %s: %w", run.ID, err)
	}
	for _, e := range entries {
		var out struct {
			Values struct {
				Table    []recountLine `json:"table"`
				Owed     casework.Fen  `json:"owed"`
				Overpaid casework.Fen  `json:"overpaid"`
			} `json:"values"`
		}
		if e.Step != recountStep || e.Kind != casework.Happened || json.Unmarshal(e.Data, &out) != nil {
			continue
		}
		found = recountTable{There: true, Document: c.Shared["document"], Set: c.Shared["set"], Award: c.Shared["award_number"], Until: c.Shared["until"],
			Lines: out.Values.Table, Owed: out.Values.Owed, Overpaid: out.Values.Overpaid}
	}
	return found, nil
}
