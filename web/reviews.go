package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/store"
)

// reviewOut is a question to a person as the API shows it.
type reviewOut struct {
	ID        string               `json:"id"`
	CaseID    string               `json:"case_id"`
	RunID     string               `json:"run_id"`
	Step      string               `json:"step"`
	Role      string               `json:"role"`
	Reason    string               `json:"reason"`
	Show      []string             `json:"show"`
	Choices   []casework.Choice    `json:"choices"`
	State     casework.ReviewState `json:"state"`
	Due       time.Time            `json:"due"`
	CreatedAt time.Time            `json:"created_at"`
	Choice    string               `json:"choice"`
	DecidedBy string               `json:"decided_by"`
	DecidedAt time.Time            `json:"decided_at"`
}

// decisionIn is the answer to a question.
type decisionIn struct {
	Choice string            `json:"choice"`
	Edits  map[string]string `json:"edits,omitempty"` // "id_card_front.name": "张明"
	Note   string            `json:"note,omitempty"`
}

func showReview(r casework.Review) reviewOut {
	out := reviewOut{
		ID: r.ID, CaseID: r.CaseID, RunID: r.RunID, Step: r.Step, Role: r.Role, Reason: r.Reason, Show: r.Show,
		Choices: r.Choices, State: r.State, Due: r.Due, CreatedAt: r.Created, Choice: r.Choice, DecidedBy: r.By, DecidedAt: r.Decided,
	}
	if out.Show == nil {
		out.Show = []string{}
	}
	if out.Choices == nil {
		out.Choices = []casework.Choice{}
	}
	return out
}

func reviewFilter(v *visit) store.ReviewFilter {
	q := v.URL.Query()
	return store.ReviewFilter{
		Role: q.Get("role"), States: list[casework.ReviewState](q.Get("state")), CaseID: q.Get("case"),
		After: q.Get("after"), Limit: v.limit(),
	}
}

func (s *Server) apiReviews(v *visit) (answer, error) {
	reviews, next, err := s.cfg.Store.Reviews(v.Context(), reviewFilter(v))
	if err != nil {
		return answer{}, fmt.Errorf("reviews: %w", err)
	}
	return listed(reviews, next, showReview)
}

func (s *Server) apiReview(v *visit) (answer, error) {
	r, err := s.cfg.Store.Review(v.Context(), v.PathValue("id"))
	if err != nil {
		return answer{}, fmt.Errorf("review: %w", err)
	}
	return reply(showReview(r))
}

// decide is the use case behind the buttons of the review page and the API. The
// store's compare-and-set decides who was first.
func (s *Server) decide(ctx context.Context, by casework.Actor, id string, in decisionIn) (casework.Review, error) {
	review, err := s.cfg.Store.Review(ctx, id)
	if err != nil {
		return review, fmt.Errorf("review: %w", err)
	}
	if err := mayAnswer(by, review, in); err != nil {
		return review, err
	}
	if err := s.receipted(ctx, review, in); err != nil {
		return review, err
	}
	err = s.cfg.Store.Decide(ctx, casework.Decision{
		ReviewID: id, Choice: in.Choice, Edits: in.Edits, Note: strings.TrimSpace(in.Note), At: s.cfg.Now().UTC(), By: by,
	})
	if errors.Is(err, store.ErrConflict) {
		return review, refuse(http.StatusConflict, "review_decided")
	}
	if err != nil {
		return review, fmt.Errorf("decision on review %s: %w", id, err)
	}
	return s.cfg.Store.Review(ctx, id)
}

// receipted refuses "done" without the numbers that the step asks for.
func (s *Server) receipted(ctx context.Context, review casework.Review, in decisionIn) error {
	if in.Choice != "done" || review.RunID == "" {
		return nil
	}
	run, err := s.cfg.Store.Run(ctx, review.RunID)
	if err != nil {
		return fmt.Errorf("run of review %s: %w", review.ID, err)
	}
	pb, err := s.flow(ctx, run.Playbook, run.Version)
	if err != nil {
		return err
	}
	step, _ := pb.Step(review.Step)
	for _, r := range step.Receipts() {
		if !r.Takes(in.Edits[playbooks.ReceiptEdit+r.Name]) {
			return refuse(http.StatusUnprocessableEntity, "receipt_invalid").with("field", r.Name)
		}
	}
	return nil
}

func mayAnswer(by casework.Actor, review casework.Review, in decisionIn) error {
	if review.Role != "" && by.Role != review.Role {
		return refuse(http.StatusForbidden, "not_your_review").with("role", review.Role)
	}
	if !slices.ContainsFunc(review.Choices, func(c casework.Choice) bool { return c.Name == in.Choice }) {
		return refuse(http.StatusUnprocessableEntity, "choice_unknown")
	}
	for name, value := range in.Edits {
		document, field, ok := strings.Cut(name, ".")
		if !ok || document == "" || field == "" || len(value) > 2000 {
			return refuse(http.StatusUnprocessableEntity, "edit_unknown")
		}
	}
	return nil
}

func (s *Server) apiDecide(v *visit) (answer, error) {
	var in decisionIn
	if err := v.decode(&in); err != nil {
		return answer{}, err
	}
	r, err := s.decide(v.Context(), v.actor, v.PathValue("id"), in)
	if err != nil {
		return answer{}, err
	}
	return reply(showReview(r))
}
