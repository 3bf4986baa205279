package store

import (
	"context"
	"fmt"

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
