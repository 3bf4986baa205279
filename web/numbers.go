package web

import (
	"fmt"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

// numbersOut is the dashboard in numbers.
type numbersOut struct {
	Cases         map[casework.CaseState]int `json:"cases"`
	Runs          map[casework.RunState]int  `json:"runs"`
	Queue         map[string]int             `json:"queue"`
	OldestWaiting int                        `json:"oldest_waiting_seconds"`
	Today         todayOut                   `json:"today"`
	WaitingPerson map[string]int             `json:"waiting_person"`
	Late          int                        `json:"late"`
	DueSoon       int                        `json:"due_soon"`
	Doubt         int                        `json:"doubt"`
	Hourly        []hourOut                  `json:"hourly"`
}

type todayOut struct {
	Received  int `json:"received"`
	Read      int `json:"read"`
	Passed    int `json:"passed"`
	Returned  int `json:"returned"`
	Submitted int `json:"submitted"`
	Failed    int `json:"failed"`
}

type hourOut struct {
	Hour      time.Time `json:"hour"`
	Received  int       `json:"received"`
	Returned  int       `json:"returned"`
	Submitted int       `json:"submitted"`
}

func showNumbers(n store.Numbers) numbersOut {
	out := numbersOut{
		Cases: n.CasesByState, Runs: n.RunsByState, Queue: n.Queue, OldestWaiting: int(n.OldestWaiting / time.Second),
		Today: todayOut(n.Today), WaitingPerson: n.WaitingPerson, Late: n.Late, DueSoon: n.DueSoon, Doubt: n.Doubt, Hourly: []hourOut{},
	}
	for _, h := range n.Hourly {
		out.Hourly = append(out.Hourly, hourOut(h))
	}
	return out
}

func (s *Server) apiNumbers(v *visit) (answer, error) {
	n, err := s.cfg.Store.Numbers(v.Context())
	if err != nil {
		return answer{}, fmt.Errorf("numbers: %w", err)
	}
	return reply(showNumbers(n))
}
