package store

import (
	"context"
	"strings"
	"time"

	"github.com/jingban/jingban/benefits"
	"github.com/jingban/jingban/casework"
)

// Award is a benefit that a run of ours has granted.
type Award struct {
	benefits.Award
	RunID   string
	CaseID  string
	Number  string // of the case
	Person  string // keyed hash
	Last    casework.Month
	Monthly casework.Fen // as it was granted
	Total   casework.Fen
	Edition int // of the parameters it was computed with
}

// NoteAward keeps what a run has granted; for the same run again it changes
// nothing. An award that was computed under an older edition than one released with
// effect for the past meanwhile asks for that recalculation again.
func (s *Store) NoteAward(ctx context.Context, by casework.Actor, a Award) error {
	return s.change(ctx, "note an award", func(t *tx) error {
		n, err := t.update(ctx, `INSERT INTO awards (run_id, case_id, person, region, received, paid, carry_over, first_month, last_month, monthly, total, edition, at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT (run_id) DO NOTHING`,
			a.RunID, a.CaseID, a.Person, a.Region, a.Received.String(), a.Paid, a.CarryOver, int(a.First), int(a.Last), int64(a.Monthly), int64(a.Total), a.Edition, micros(t.now))
		if err != nil || n == 0 {
			return err
		}
		late, err := list(ctx, t, scalar[string], `UPDATE param_sets SET recalculated_at = 0, hinted_at = $1, asked = asked + 1
			WHERE state = 'released' AND retro = 1 AND edition > $2 RETURNING id`, micros(t.now), a.Edition)
		if err != nil {
			return err
		}
		for _, set := range late {
			if err := t.hint(ctx, taskRecalculate, set); err != nil {
				return err
			}
		}
		return t.audit(ctx, by, "award.note", a.CaseID, map[string]any{"run": a.RunID, "first": a.First, "last": a.Last, "monthly": a.Monthly, "edition": a.Edition})
	})
}

// StopAwards notes from which month on nothing more is owed to a person. What ends
// earlier, or was stopped earlier, stays as it is.
func (s *Store) StopAwards(ctx context.Context, by casework.Actor, person, runID string, undue casework.Month) error {
	return s.change(ctx, "note the end of an award", func(t *tx) error {
		n, err := t.update(ctx, `UPDATE awards SET undue = $1 WHERE person = $2 AND person <> '' AND first_month <= $1 AND last_month >= $1
			AND (undue = 0 OR undue > $1)`, int(undue), person)
		if err != nil || n == 0 {
			return err
		}
		return t.audit(ctx, by, "award.stop", "", map[string]any{"run": runID, "undue": undue})
	})
}

// AwardFilter asks for awards that may still pay in a month.
type AwardFilter struct {
	Region  string         // "379900" is all of that city, "370000" of that province, "000000" everywhere
	Since   casework.Month // the first month that counts
	Edition int            // only those computed with an earlier one
	After   string         // the last run of the page before
	Limit   int
}

// Awards gives a page of awards that were not over before a month, by run.
func (s *Store) Awards(ctx context.Context, f AwardFilter) (awards []Award, next string, err error) {
	var w where
	if within := strings.TrimRight(f.Region, "0"); within != "" {
		if len(within)%2 == 1 {
			within += "0"
		}
		w.add("a.region LIKE ?", within+"%")
	}
	w.add("a.last_month >= ?", int(f.Since))
	w.add("(a.undue = 0 OR a.undue > ?)", int(f.Since))
	w.add("a.edition < ?", f.Edition)
	if f.After != "" {
		w.add("a.run_id > ?", f.After)
	}
	limit := limited(f.Limit)
	awards, err = list(ctx, s.reader, scanAward, `SELECT a.run_id, a.case_id, c.number, a.person, a.region, a.received, a.paid, a.carry_over, a.first_month, a.last_month,
		a.monthly, a.total, a.undue, a.edition FROM awards a JOIN cases c ON c.id = a.case_id`+w.String()+" ORDER BY a.run_id LIMIT "+w.mark(limit+1), w.values...)
	if err != nil {
		return nil, "", explain("list awards", err)
	}
	awards, next = pageOf(awards, limit, func(a Award) string { return a.RunID })
	return awards, next, nil
}

func scanAward(r row) (a Award, err error) {
	var received string
	var first, last, undue int
	var monthly, total int64
	err = r.Scan(&a.RunID, &a.CaseID, &a.Number, &a.Person, &a.Region, &received, &a.Paid, &a.CarryOver, &first, &last, &monthly, &total, &undue, &a.Edition)
	if err != nil {
		return a, err
	}
	a.First, a.Last, a.Undue = casework.Month(first), casework.Month(last), casework.Month(undue)
	a.Monthly, a.Total = casework.Fen(monthly), casework.Fen(total)
	a.Received, err = casework.ParseDate(received)
	return a, err
}

// Recalculated is what became of one award because of one set.
type Recalculated struct {
	RunID          string // of the award
	Number         string // of the case that proposes it; "": it could not be computed
	CaseID         string
	State          casework.CaseState
	Outcome        string
	Monthly        casework.Fen // change of the first month that changes
	Owed, Overpaid casework.Fen // up to the month in which the case was opened
	At             time.Time
}

// OpenRecalculation opens the case that proposes a recalculation, once for a set and
// an award, whatever dies in between. A case without a matter opens nothing: the
// award could not be computed, and the row says so.
func (s *Store) OpenRecalculation(ctx context.Context, by casework.Actor, setID string, r Recalculated, kase casework.Case) (fresh bool, err error) {
	if kase.Matter != "" {
		r.Number, _, err = s.Bring(ctx, by, Brought{Key: s.Hash("recalculation", setID, r.RunID), RunID: r.RunID, Case: kase})
		if err != nil {
			return false, err
		}
	}
	err = s.change(ctx, "note a recalculation", func(t *tx) error {
		n, err := t.update(ctx, `INSERT INTO recalculations (set_id, run_id, number, monthly, owed, overpaid, at) VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (set_id, run_id) DO NOTHING`, setID, r.RunID, r.Number, int64(r.Monthly), int64(r.Owed), int64(r.Overpaid), micros(t.now))
		fresh = n > 0
		return err
	})
	return fresh, err
}

// Recalculations gives what a set has opened, the largest change first.
func (s *Store) Recalculations(ctx context.Context, setID string) ([]Recalculated, error) {
	all, err := list(ctx, s.reader, func(r row) (v Recalculated, err error) {
		var monthly, owed, overpaid, at int64
		err = r.Scan(&v.RunID, &v.Number, &v.CaseID, &v.State, &v.Outcome, &monthly, &owed, &overpaid, &at)
		v.Monthly, v.Owed, v.Overpaid, v.At = casework.Fen(monthly), casework.Fen(owed), casework.Fen(overpaid), moment(at)
		return v, err
	}, `SELECT r.run_id, r.number, COALESCE(c.id, ''), COALESCE(c.state, ''), COALESCE(c.outcome, ''), r.monthly, r.owed, r.overpaid, r.at
		FROM recalculations r LEFT JOIN cases c ON c.number = r.number WHERE r.set_id = $1 ORDER BY ABS(r.monthly) DESC, r.run_id`, setID)
	return all, explain("list recalculations", err)
}

// EndRecalculations notes that all cases of a set are open. It changes nothing when
// they were asked for again since the set was read: an award came in meanwhile.
func (s *Store) EndRecalculations(ctx context.Context, by casework.Actor, v ParamSet, opened int) error {
	return s.change(ctx, "end the recalculations", func(t *tx) error {
		n, err := t.update(ctx, "UPDATE param_sets SET recalculated_at = $1 WHERE id = $2 AND state = 'released' AND recalculated_at = 0 AND asked = $3",
			micros(t.now), v.ID, v.asked)
		if err != nil || n == 0 {
			return err
		}
		return t.paramEvent(ctx, by, "recalculate", v.ID, "", map[string]any{"set": v.Hash, "opened": opened})
	})
}
