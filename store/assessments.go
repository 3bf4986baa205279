package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jingban/jingban/casework"
)

func assessmentOf(caseID string, round int64) string {
	return fmt.Sprintf("assessments/data/%s-%d", caseID, round)
}

// insertAssessment keeps what the materials check of one round found out.
func (t *tx) insertAssessment(ctx context.Context, caseID string, round int64, a casework.Assessment) error {
	data, err := t.store.keys.sealJSON(assessmentOf(caseID, round), a)
	if err != nil {
		return err
	}
	_, err = t.update(ctx, `INSERT INTO assessments (case_id, round, verdict, rules, data, at)
		VALUES ($1, $2, $3, $4, $5, $6)`, caseID, round, string(a.Verdict), a.Rules, data, micros(t.now))
	if err != nil {
		return err
	}
	return t.insertHits(ctx, caseID, round, a)
}

// Assessment gives the newest assessment of a case, or ErrNotFound.
func (s *Store) Assessment(ctx context.Context, caseID string) (casework.Assessment, error) {
	a, err := one(ctx, s.reader, func(r row) (a casework.Assessment, err error) {
		var round int64
		var data string
		if err = r.Scan(&round, &data); err != nil {
			return a, err
		}
		return a, s.keys.openJSON(assessmentOf(caseID, round), data, &a)
	}, "SELECT round, data FROM assessments WHERE case_id = $1 ORDER BY round DESC LIMIT 1", caseID)
	return a, explain("assessment", err)
}

// Round is what the materials check of one submission of a case found out.
type Round struct {
	Number     int64 // from 1
	At         time.Time
	Assessment casework.Assessment
}

// Rounds gives what was found in every round of a case, the newest first.
func (s *Store) Rounds(ctx context.Context, caseID string) ([]Round, error) {
	all, err := list(ctx, s.reader, func(r row) (v Round, err error) {
		var data string
		var at int64
		if err = r.Scan(&v.Number, &data, &at); err != nil {
			return v, err
		}
		v.At = moment(at)
		return v, s.keys.openJSON(assessmentOf(caseID, v.Number), data, &v.Assessment)
	}, "SELECT round, data, at FROM assessments WHERE case_id = $1 ORDER BY round DESC", caseID)
	return all, explain("rounds", err)
}
