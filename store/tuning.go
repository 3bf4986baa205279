package store

import (
	"context"
	"strings"
	"time"

	"github.com/jingban/jingban/casework"
)

// What became of a finding.
const (
	upheld     = "upheld"
	overridden = "overridden"
)

// insertHits keeps which rules an assessment broke.
func (t *tx) insertHits(ctx context.Context, caseID string, round int64, a casework.Assessment) error {
	for i, f := range a.Findings {
		err := t.later(ctx, `INSERT INTO rule_hits (case_id, round, seq, rule, severity, material, field, at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, caseID, round, i, f.Rule, string(f.Severity), f.Material, f.Field, micros(t.now))
		if err != nil {
			return err
		}
	}
	return nil
}

// turnsBack says that a choice keeps a case from going on.
func turnsBack(choice string) bool {
	for _, word := range []string{"return", "reject", "refuse", "stop"} {
		if strings.Contains(choice, word) {
			return true
		}
	}
	return false
}

// learn keeps what a planned question's answer says of the rules and the
// readings: a case that goes on overrides the findings its clerk had before the
// eyes, but for those whose field was put right.
func (t *tx) learn(ctx context.Context, review casework.Review, d casework.Decision) error {
	if review.Reason != "" {
		return nil // about a fault of the run, not about papers
	}
	type latest struct {
		round int64
		data  string
	}
	all, err := list(ctx, t, func(r row) (v latest, err error) { err = r.Scan(&v.round, &v.data); return v, err },
		"SELECT round, data FROM assessments WHERE case_id = $1 ORDER BY round DESC LIMIT 1", review.CaseID)
	if err != nil || len(all) == 0 {
		return err
	}
	var a casework.Assessment
	if err := t.store.keys.openJSON(assessmentOf(review.CaseID, all[0].round), all[0].data, &a); err != nil {
		return err
	}
	if err := t.answerHits(ctx, review.CaseID, all[0].round, a, d); err != nil || turnsBack(d.Choice) {
		return err
	}
	return t.labelFields(ctx, review, all[0].round, a, d)
}

func (t *tx) answerHits(ctx context.Context, caseID string, round int64, a casework.Assessment, d casework.Decision) error {
	for i, f := range a.Findings {
		answer := overridden
		if _, edited := d.Edits[f.Material+"."+f.Field]; edited || turnsBack(d.Choice) {
			answer = upheld
		}
		if err := t.later(ctx, "UPDATE rule_hits SET answer = $1 WHERE case_id = $2 AND round = $3 AND seq = $4", answer, caseID, round, i); err != nil {
			return err
		}
	}
	return nil
}

// labelFields keeps which fields were right and which a person corrected.
func (t *tx) labelFields(ctx context.Context, review casework.Review, round int64, a casework.Assessment, d casework.Decision) error {
	for _, kind := range review.Show {
		for name, f := range a.Documents[kind].Fields {
			if f.Value == "" {
				continue
			}
			corrected := 0
			if value, edited := d.Edits[kind+"."+name]; edited && value != f.Value {
				corrected = 1
			}
			err := t.later(ctx, `INSERT INTO field_labels (case_id, round, material, field, status, corrected, at)
				VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`, review.CaseID, round, kind, name, string(f.Status), corrected, micros(t.now))
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// RuleCount is how often a rule fired in a period, and what people made of it.
type RuleCount struct {
	Rule       string
	Severity   casework.Severity
	Fired      int
	Decided    int // a person has answered with it before the eyes
	Overridden int // and let the case go on
}

// RuleCounts gives the rules that fired from since until before until, each with
// its severities apart.
func (s *Store) RuleCounts(ctx context.Context, since, until time.Time) ([]RuleCount, error) {
	counts, err := list(ctx, s.reader, func(r row) (c RuleCount, err error) {
		err = r.Scan(&c.Rule, &c.Severity, &c.Fired, &c.Decided, &c.Overridden)
		return c, err
	}, `SELECT rule, severity, COUNT(*), CAST(SUM(CASE WHEN answer <> '' THEN 1 ELSE 0 END) AS BIGINT), CAST(SUM(CASE WHEN answer = 'overridden' THEN 1 ELSE 0 END) AS BIGINT)
		FROM rule_hits WHERE at >= $1 AND at < $2 GROUP BY rule, severity ORDER BY rule, severity`, micros(since), micros(until))
	return counts, explain("count rules", err)
}

// FieldCount is how often a field was confirmed or corrected by people.
type FieldCount struct {
	Material, Field string
	Status          casework.FieldStatus // as it was read
	Seen, Corrected int
}

// FieldCounts gives what people made of the fields they saw in a period.
func (s *Store) FieldCounts(ctx context.Context, since, until time.Time) ([]FieldCount, error) {
	counts, err := list(ctx, s.reader, func(r row) (c FieldCount, err error) {
		err = r.Scan(&c.Material, &c.Field, &c.Status, &c.Seen, &c.Corrected)
		return c, err
	}, `SELECT material, field, status, COUNT(*), CAST(SUM(corrected) AS BIGINT) FROM field_labels WHERE at >= $1 AND at < $2
		GROUP BY material, field, status ORDER BY material, field, status`, micros(since), micros(until))
	return counts, explain("count fields", err)
}

// KeepNumbers files the keyed hashes of numbers that one paper only has, and gives
// the hashes that a case of somebody else shows, too.
func (s *Store) KeepNumbers(ctx context.Context, caseID string, hashes []string) (elsewhere []string, err error) {
	if len(hashes) == 0 {
		return nil, nil
	}
	err = s.change(ctx, "keep paper numbers", func(t *tx) error {
		for _, hash := range hashes {
			if err := t.later(ctx, "INSERT INTO paper_numbers (hash, case_id) VALUES ($1, $2) ON CONFLICT DO NOTHING", hash, caseID); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	own, err := s.Case(ctx, caseID)
	if err != nil {
		return nil, err
	}
	for _, hash := range hashes {
		others, err := list(ctx, s.reader, scalar[string], "SELECT case_id FROM paper_numbers WHERE hash = $1 AND case_id <> $2 LIMIT 20", hash, caseID)
		if err != nil {
			return nil, explain("find paper numbers", err)
		}
		strange, err := s.ofAnother(ctx, own, others)
		if err != nil {
			return nil, err
		}
		if strange {
			elsewhere = append(elsewhere, hash)
		}
	}
	return elsewhere, nil
}

// ofAnother says that one of the cases is another person's.
func (s *Store) ofAnother(ctx context.Context, own casework.Case, others []string) (bool, error) {
	for _, id := range others {
		other, err := s.Case(ctx, id)
		if err != nil {
			return false, err
		}
		if plainID(other.Applicant.IDNumber) != plainID(own.Applicant.IDNumber) {
			return true, nil
		}
	}
	return false, nil
}

// FileElsewhere says that the very same file lies in a case of another person.
func (s *Store) FileElsewhere(ctx context.Context, own casework.Case, m casework.Material) (bool, error) {
	others, err := list(ctx, s.reader, scalar[string], "SELECT case_id FROM materials WHERE sha256 = $1 AND case_id <> $2 LIMIT 20", m.SHA256, own.ID)
	if err != nil {
		return false, explain("find files", err)
	}
	return s.ofAnother(ctx, own, others)
}
