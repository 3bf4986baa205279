package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jingban/jingban/casework"
)

// ReviewFilter narrows an inbox; the zero value asks for all.
type ReviewFilter struct {
	Role   string
	States []casework.ReviewState
	CaseID string
	After  string
	Limit  int
}

const reviewColumns = `id, run_id, case_id, step, role, reason, showing, choices, state, due, created_at, choice, decided_by, decided_at`

func editsOf(reviewID string) string { return "decisions/edits/" + reviewID }
func noteOf(reviewID string) string  { return "decisions/note/" + reviewID }

func scanReview(r row) (v casework.Review, err error) {
	var showing, choices string
	var due, created, decided int64
	err = r.Scan(&v.ID, &v.RunID, &v.CaseID, &v.Step, &v.Role, &v.Reason, &showing, &choices, &v.State, &due, &created,
		&v.Choice, &v.By, &decided)
	if err != nil {
		return v, err
	}
	v.Due, v.Created, v.Decided = moment(due), moment(created), moment(decided)
	if err = json.Unmarshal([]byte(showing), &v.Show); err != nil {
		return v, err
	}
	return v, json.Unmarshal([]byte(choices), &v.Choices)
}

// insertReview asks a question. Asked again under its id, because its run was
// turned without an answer, it is the same question and open as before.
func (t *tx) insertReview(ctx context.Context, v casework.Review) error {
	showing, err := jsonText(v.Show)
	if err != nil {
		return err
	}
	choices, err := jsonText(v.Choices)
	if err != nil {
		return err
	}
	if v.ID == "" {
		v.ID = casework.NewID()
	}
	_, err = t.update(ctx, `INSERT INTO reviews (id, run_id, case_id, step, role, reason, showing, choices, state, due, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'open', $9, $10)
		ON CONFLICT (id) DO UPDATE SET state = 'open' WHERE reviews.state = 'superseded'`,
		v.ID, v.RunID, v.CaseID, v.Step, v.Role, v.Reason, showing, choices, micros(v.Due), micros(t.now))
	return err
}

// Reviews gives a page of questions, the earliest due first, and the cursor of
// the next page.
func (s *Store) Reviews(ctx context.Context, f ReviewFilter) (reviews []casework.Review, next string, err error) {
	var w where
	w.equal("role", f.Role)
	in(&w, "state", f.States)
	w.equal("case_id", f.CaseID)
	if f.After != "" {
		due, id, _ := strings.Cut(f.After, "~")
		at, err := strconv.ParseInt(due, 10, 64)
		if err != nil {
			return nil, "", fmt.Errorf("list reviews: cursor: %w", ErrInvalid)
		}
		w.add("(due > ? OR due = ? AND id > ?)", at, at, id)
	}
	limit := limited(f.Limit)
	reviews, err = list(ctx, s.reader, scanReview,
		"SELECT "+reviewColumns+" FROM reviews"+w.String()+" ORDER BY due, id LIMIT "+w.mark(limit+1), w.values...)
	if err != nil {
		return nil, "", explain("list reviews", err)
	}
	reviews, next = pageOf(reviews, limit, func(v casework.Review) string {
		return strconv.FormatInt(micros(v.Due), 10) + "~" + v.ID
	})
	return reviews, next, nil
}

// Review gives one question, or ErrNotFound.
func (s *Store) Review(ctx context.Context, id string) (casework.Review, error) {
	v, err := one(ctx, s.reader, scanReview, "SELECT "+reviewColumns+" FROM reviews WHERE id = $1", id)
	return v, explain("review", err)
}

// Decide keeps the answer by one compare-and-set and makes the run wait for its
// next turn. ErrConflict when the question was answered or superseded, and
// ErrInvalid when the choice was not offered.
func (s *Store) Decide(ctx context.Context, d casework.Decision) error {
	return s.change(ctx, "decide the review", func(t *tx) error {
		review, err := one(ctx, t, scanReview, "SELECT "+reviewColumns+" FROM reviews WHERE id = $1", d.ReviewID)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(review.Choices, func(c casework.Choice) bool { return c.Name == d.Choice }) {
			return fmt.Errorf("the choice %q was not offered: %w", d.Choice, ErrInvalid)
		}
		return t.decide(ctx, review, d)
	})
}

func (t *tx) decide(ctx context.Context, review casework.Review, d casework.Decision) error {
	_, err := t.moveRun(ctx, review.RunID, `UPDATE runs SET state = 'waiting', failures = 0, ended = '', admitted = 0,
		next_at = $1, updated_at = $1 WHERE id = $2 AND state = 'parked' RETURNING case_id`, micros(t.now), review.RunID)
	if err != nil {
		return err
	}
	if d.At.IsZero() {
		d.At = t.now
	}
	err = t.must(ctx, ErrConflict, `UPDATE reviews SET state = 'decided', choice = $1, decided_by = $2, decided_at = $3
		WHERE id = $4 AND state = 'open'`, d.Choice, d.By.Name, micros(d.At), d.ReviewID)
	if err != nil {
		return err
	}
	if err := t.insertDecision(ctx, review, d); err != nil {
		return err
	}
	if err := t.learn(ctx, review, d); err != nil {
		return err
	}
	if review.Reason == supervised && d.Choice == "stop" {
		if err := t.discredit(ctx, d.By, review); err != nil {
			return err
		}
	}
	t.woken = true
	return t.audit(ctx, d.By, "review.decide", review.CaseID, map[string]any{
		"review": review.ID, "run": review.RunID, "step": review.Step, "choice": d.Choice, "edited": sortedKeys(d.Edits)})
}

func (t *tx) insertDecision(ctx context.Context, review casework.Review, d casework.Decision) error {
	k := t.store.keys
	edits, err := k.sealJSON(editsOf(d.ReviewID), d.Edits)
	if err != nil {
		return err
	}
	actor, err := jsonText(d.By)
	if err != nil {
		return err
	}
	_, err = t.update(ctx, `INSERT INTO decisions (review_id, run_id, step, choice, edits, note, at, actor)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, d.ReviewID, review.RunID, review.Step, d.Choice, edits,
		k.sealText(noteOf(d.ReviewID), d.Note), micros(d.At), actor)
	return err
}

// sortedKeys are the names of the edited fields; their values stay sealed.
func sortedKeys(edits map[string]string) []string {
	names := make([]string, 0, len(edits))
	for name := range edits {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Decisions gives the answers of a run by step, the newest of each.
func (s *Store) Decisions(ctx context.Context, runID string) (map[string]casework.Decision, error) {
	type answer struct {
		step string
		casework.Decision
	}
	all, err := list(ctx, s.reader, func(r row) (a answer, err error) {
		var edits, note, actor string
		var at int64
		if err = r.Scan(&a.ReviewID, &a.step, &a.Choice, &edits, &note, &at, &actor); err != nil {
			return a, err
		}
		a.At = moment(at)
		if err = s.keys.openJSON(editsOf(a.ReviewID), edits, &a.Edits); err != nil {
			return a, err
		}
		if a.Note, err = s.keys.openText(noteOf(a.ReviewID), note); err != nil {
			return a, err
		}
		return a, json.Unmarshal([]byte(actor), &a.By)
	}, "SELECT review_id, step, choice, edits, note, at, actor FROM decisions WHERE run_id = $1 ORDER BY at, review_id", runID)
	if err != nil {
		return nil, explain("list decisions", err)
	}
	newest := make(map[string]casework.Decision, len(all))
	for _, a := range all {
		newest[a.step] = a.Decision
	}
	return newest, nil
}
