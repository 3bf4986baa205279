package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/store"
)

// The operator's hand on a run: pause, resume, retry, re-run, skip, cancel and
// dry run. Each needs a reason and is audited by the store.

type stepIn struct {
	Step   string `json:"step,omitempty"` // "" where a retry goes on as it stands
	Reason string `json:"reason"`
}

type versionIn struct {
	Version string `json:"version"` // hash; "" for a dry run with the run's own
	Reason  string `json:"reason"`
}

// handled carries a change of a run out and shows the run as it is then.
func (s *Server) handled(v *visit, flash, reason string, change func(ctx context.Context, id, reason string) error) (answer, error) {
	reason, err := grounds(reason)
	if err != nil {
		return answer{}, err
	}
	id := v.PathValue("id")
	if err := change(v.Context(), id, reason); err != nil {
		return answer{}, fmt.Errorf("run %s: %w", id, err)
	}
	r, err := s.cfg.Store.Run(v.Context(), id)
	if err != nil {
		return answer{}, fmt.Errorf("run: %w", err)
	}
	return s.done(v, flash, "/runs/"+id, showRun(r))
}

func (s *Server) pauseRun(v *visit) (answer, error) {
	var in reasonIn
	if err := v.read(&in); err != nil {
		return answer{}, err
	}
	return s.handled(v, "flash.paused", in.Reason, func(ctx context.Context, id, reason string) error {
		return s.cfg.Store.PauseRun(ctx, v.actor, id, reason)
	})
}

func (s *Server) resumeRun(v *visit) (answer, error) {
	var in reasonIn
	if err := v.read(&in); err != nil {
		return answer{}, err
	}
	return s.handled(v, "flash.resumed", in.Reason, func(ctx context.Context, id, reason string) error {
		return s.cfg.Store.ResumeRun(ctx, v.actor, id, reason)
	})
}

// retryRun lets a run go on; a failed one without a reason, as the plain button
// does, any other and from an earlier step only with one.
func (s *Server) retryRun(v *visit) (answer, error) {
	var in stepIn
	if err := v.read(&in); err != nil {
		return answer{}, err
	}
	if in == (stepIn{}) {
		return s.handled(v, "flash.retried", "retry", func(ctx context.Context, id, _ string) error {
			return s.cfg.Store.RetryRun(ctx, v.actor, id)
		})
	}
	if err := v.need(mayControl); err != nil {
		return answer{}, err
	}
	return s.handled(v, "flash.retried", in.Reason, func(ctx context.Context, id, reason string) error {
		if _, err := s.runFlow(ctx, id, in.Step); err != nil && in.Step != "" {
			return err
		}
		return s.cfg.Store.RetryFrom(ctx, v.actor, id, in.Step, reason)
	})
}

// runFlow gives the playbook of a run, with the step in it.
func (s *Server) runFlow(ctx context.Context, runID, step string) (*playbooks.Playbook, error) {
	r, err := s.cfg.Store.Run(ctx, runID)
	if err != nil {
		return nil, err
	}
	pb, err := s.flow(ctx, r.Playbook, r.Version)
	if err != nil {
		return nil, err
	}
	if pb != nil {
		if _, ok := pb.Step(step); ok {
			return pb, nil
		}
	}
	return nil, refuse(http.StatusUnprocessableEntity, "step_unknown").with("step", step)
}

func (s *Server) skipStep(v *visit) (answer, error) {
	var in stepIn
	if err := v.read(&in); err != nil {
		return answer{}, err
	}
	return s.handled(v, "flash.skipped", in.Reason, func(ctx context.Context, id, reason string) error {
		pb, err := s.runFlow(ctx, id, in.Step)
		if err != nil {
			return err
		}
		if pb.Skippable(in.Step) != nil {
			return refuse(http.StatusUnprocessableEntity, "step_not_skippable").with("step", in.Step)
		}
		return s.cfg.Store.SkipStep(ctx, v.actor, id, in.Step, reason)
	})
}

func (s *Server) rerun(v *visit) (answer, error) {
	var in versionIn
	if err := v.read(&in); err != nil {
		return answer{}, err
	}
	return s.handled(v, "flash.rerun", in.Reason, func(ctx context.Context, id, reason string) error {
		err := s.cfg.Store.Rerun(ctx, v.actor, id, in.Version, reason)
		if errors.Is(err, store.ErrUnready) {
			return refuse(http.StatusConflict, "version_not_released")
		}
		return err
	})
}

func (s *Server) withdrawRun(v *visit) (answer, error) {
	var in reasonIn
	if err := v.read(&in); err != nil {
		return answer{}, err
	}
	return s.handled(v, "flash.withdrawn", in.Reason, func(ctx context.Context, id, reason string) error {
		return s.cfg.Store.WithdrawRun(ctx, v.actor, id, reason)
	})
}

// cancelRun ends a live run, a running one too: its worker closes the tab.
func (s *Server) cancelRun(v *visit) (answer, error) {
	var in reasonIn
	if err := v.read(&in); err != nil {
		return answer{}, err
	}
	return s.handled(v, "flash.run_cancelled", in.Reason, func(ctx context.Context, id, reason string) error {
		_, err := s.cfg.Store.CancelRun(ctx, v.actor, id, reason)
		return err
	})
}

// handView is what the person may do to the run now.
type handView struct {
	Retry, Pause, Resume, RetryFrom, Skip, Rerun, Dry, Cancel bool
	Steps, Skippable, Versions, Drafts                        []Option
	Any                                                       bool
}

func (s *Server) hand(v *visit, p Page, story runStory, paused bool) (handView, error) {
	r := story.Run
	free := r.State == casework.RunWaiting || r.State == casework.RunParked || r.State == casework.RunFailed
	control := v.may[mayControl]
	h := handView{
		Retry: v.may[mayRetryRun] && r.State == casework.RunFailed, Pause: control && r.Live() && !paused, Resume: control && r.Live() && paused,
		RetryFrom: control && free && story.Playbook != nil, Skip: control && free && story.Playbook != nil,
		Dry: v.may[mayDry], Cancel: v.may[mayCancelRun] && r.Live(),
	}
	if story.Playbook != nil {
		for _, step := range story.Playbook.Steps {
			option := Option{Value: step.ID, Text: stepTitle(p, story.Playbook, step.ID), Chosen: step.ID == r.Step}
			h.Steps = append(h.Steps, option)
			if story.Playbook.Skippable(step.ID) == nil {
				h.Skippable = append(h.Skippable, option)
			}
		}
	}
	if !control && !h.Dry {
		h.Any = h.Cancel
		return h, nil
	}
	versions, err := s.cfg.Store.Versions(v.Context(), r.Playbook)
	if err != nil {
		return h, fmt.Errorf("versions of playbook %s: %w", r.Playbook, err)
	}
	for _, version := range versions {
		option := Option{Value: version.Hash, Text: digest(version.Hash) + " · " + p.Word("stage", string(version.Stage)), Chosen: version.Hash == r.Version}
		h.Drafts = append(h.Drafts, option)
		if version.Stage != casework.StageDraft && version.Retired.IsZero() {
			h.Versions = append(h.Versions, option)
		}
	}
	h.Dry = h.Dry && len(h.Drafts) > 0
	h.Rerun = control && free && len(h.Versions) > 0
	h.Any = h.Pause || h.Resume || h.RetryFrom || h.Rerun || h.Dry || h.Cancel
	return h, nil
}
