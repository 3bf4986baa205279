package web

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

// Matters of the merge cases that people open here.
const (
	mergeMatter   = "record_merge"
	unmergeMatter = "record_merge_undo"
)

// pairIn is what a person says of two numbers: same, two, unsure, or open to take
// the last answer back. One person opens a merge case of that name and number.
type pairIn struct {
	Ruling   string `json:"ruling"`
	Was      string `json:"was"` // the state that was shown
	Note     string `json:"note"`
	Name     string `json:"name"`
	IDNumber string `json:"id_number"`
}

type pairOut struct {
	Key    string          `json:"key"`
	Zone   string          `json:"zone"`
	Level  string          `json:"level"`
	Rule   string          `json:"rule"`
	State  store.PairState `json:"state"`
	CaseID string          `json:"case,omitempty"`
	Months int64           `json:"months_at_stake"`
	Fen    casework.Fen    `json:"fen_at_stake"`
	Chance float64         `json:"chance"`
	Weight float64         `json:"weight"`
	Value  int64           `json:"value"`
}

func showPair(p store.PersonPair) pairOut {
	return pairOut{Key: p.Key, Zone: p.Zone, Level: p.Level, Rule: p.Rule, State: p.State, CaseID: p.CaseID, Months: p.Months, Fen: p.Fen,
		Chance: p.Shown.Chance, Weight: p.Shown.Weight, Value: p.Value}
}

func pairState(v *visit) store.PairState {
	if state := store.PairState(v.URL.Query().Get("state")); state != "" {
		return state
	}
	return store.PairOpen
}

func (s *Server) apiPairs(v *visit) (answer, error) {
	pairs, next, err := s.cfg.Store.PersonPairs(v.Context(), pairState(v), v.URL.Query().Get("after"), v.limit())
	if err != nil {
		return answer{}, fmt.Errorf("pairs: %w", err)
	}
	return listed(pairs, next, showPair)
}

func (s *Server) rulePair(v *visit) (answer, error) {
	var in pairIn
	if err := v.read(&in); err != nil {
		return answer{}, err
	}
	p, err := s.cfg.Store.PersonPair(v.Context(), v.PathValue("key"))
	if err != nil {
		return answer{}, fmt.Errorf("pair: %w", err)
	}
	ruling, was := store.PairState(in.Ruling), store.PairState(in.Was)
	if was == "" {
		was = p.State
	}
	if was != p.State || was == store.PairSame {
		return answer{}, refuse(http.StatusConflict, "pair_answered")
	}
	caseID := ""
	switch ruling {
	case store.PairTwo, store.PairUnsure, store.PairOpen:
	case store.PairSame:
		if caseID, err = s.openMerge(v, p, in); err != nil {
			return answer{}, err
		}
	default:
		return answer{}, refuse(http.StatusUnprocessableEntity, "pair_ruling")
	}
	err = s.cfg.Store.RulePair(v.Context(), v.actor, p.Key, was, ruling, strings.TrimSpace(in.Note), caseID)
	if errors.Is(err, store.ErrConflict) {
		if caseID != "" {
			_, err = s.cancelCase(v.Context(), v.actor, caseID, "another answer was faster")
		}
		return answer{}, errors.Join(err, refuse(http.StatusConflict, "pair_answered"))
	}
	if err != nil {
		return answer{}, fmt.Errorf("pair: %w", err)
	}
	if caseID == "" {
		return s.done(v, "flash.pair_ruled", "/persons", acknowledgedOut{ID: p.Key})
	}
	if !wantsProof(p) { // else the case waits for the upload
		if _, err := s.submitCase(v.Context(), v.actor, caseID); err != nil {
			return answer{}, err
		}
	}
	return s.done(v, "flash.pair_merging", "/cases/"+caseID, acknowledgedOut{ID: caseID})
}

// wantsProof says that a pair is merged only with a page of the household register or
// the police's statement: the names or the numbers differ.
func wantsProof(p store.PersonPair) bool { return p.Level != "L1" && p.Level != "L2" }

// openMerge opens the case in which the two numbers are merged. The agency found
// them itself, so that nobody applies; see materials/matters/record_merge.yaml. Without a name and
// number from the form those of the first record are taken.
func (s *Server) openMerge(v *visit, p store.PersonPair, in pairIn) (string, error) {
	person := casework.Person{Name: strings.TrimSpace(in.Name), IDNumber: strings.TrimSpace(in.IDNumber)}
	for _, f := range p.Shown.Fields {
		switch {
		case f.Field == "name" && person.Name == "":
			person.Name = f.A
		case f.Field == "number" && person.IDNumber == "":
			person.IDNumber = f.A
		}
	}
	a, b := p.Shown.A, p.Shown.B
	differ := ""
	if wantsProof(p) {
		differ = "yes"
	}
	c, err := s.createCase(v.Context(), v.actor, caseIn{Matter: mergeMatter, Applicant: person, Month: casework.MonthOf(casework.DateOf(s.cfg.Now())),
		Shared: map[string]string{"a": a, "b": b, "pair": min(a, b) + "/" + max(a, b), "level": p.Level, "found_by_agency": "yes", "numbers_differ": differ}})
	return c.ID, err
}

// undoMerge opens the case in which a merge is taken back.
func (s *Server) undoMerge(v *visit) (answer, error) {
	run, err := s.cfg.Store.Run(v.Context(), v.PathValue("run"))
	if err != nil {
		return answer{}, fmt.Errorf("merge: %w", err)
	}
	m, err := s.cfg.Store.MergeOfRun(v.Context(), run.ID)
	if err != nil {
		return answer{}, fmt.Errorf("merge: %w", err)
	}
	if !m.Undone.IsZero() {
		return answer{}, refuse(http.StatusConflict, "merge_undone")
	}
	merged, err := s.cfg.Store.Case(v.Context(), run.CaseID)
	if err != nil {
		return answer{}, fmt.Errorf("case of the merge: %w", err)
	}
	c, err := s.createCase(v.Context(), v.actor, caseIn{Matter: unmergeMatter, Region: merged.Region, Applicant: merged.Applicant,
		Month: casework.MonthOf(casework.DateOf(s.cfg.Now())), Shared: map[string]string{"serial": m.Serial, "main": m.Main, "sub": m.Sub}})
	if err != nil {
		return answer{}, err
	}
	if _, err := s.submitCase(v.Context(), v.actor, c.ID); err != nil {
		return answer{}, err
	}
	return s.done(v, "flash.merge_undoing", "/cases/"+c.ID, acknowledgedOut{ID: c.ID})
}
