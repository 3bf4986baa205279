package web

import (
	"context"
	"fmt"

	"github.com/jingban/jingban/casework"
)

// The time limit of a case: how long it is, when it stood still and why, and the
// two changes a person may make to it.

// pauseIn says whom the clock waits for, and in words why.
type pauseIn struct {
	Reason casework.PauseReason `json:"reason"` // citizen or other_office
	Note   string               `json:"note"`
}

type pauseOut struct {
	Reason casework.PauseReason `json:"reason"`
	Note   string               `json:"note"`
	Since  casework.Date        `json:"since"`
	Until  casework.Date        `json:"until"` // null while it stands
}

// clockOut is a time limit as the API shows it.
type clockOut struct {
	Received  casework.Date      `json:"received"`
	LimitDays int                `json:"limit_days"` // 0: the matter has no limit
	LimitKind casework.LimitKind `json:"limit_kind"` // working or calendar
	Document  string             `json:"document"`
	Due       casework.Date      `json:"due"` // as computed last; moves on when a standing clock is resumed
	Standing  bool               `json:"standing"`
	Pauses    []pauseOut         `json:"pauses"`
}

// showClock gives the notes to whoever may see personal data: they are free text.
func showClock(c casework.Clock, full bool) clockOut {
	out := clockOut{Received: c.Received, LimitDays: c.Limit.Days, LimitKind: c.Limit.Kind, Document: c.Limit.Document, Due: c.Due, Pauses: []pauseOut{}}
	_, out.Standing = c.Paused()
	for _, p := range c.Pauses {
		pause := pauseOut(p)
		if !full {
			pause.Note = ""
		}
		out.Pauses = append(out.Pauses, pause)
	}
	return out
}

func (s *Server) apiClock(v *visit) (answer, error) {
	clock, err := s.cfg.Store.Clock(v.Context(), v.PathValue("id"))
	if err != nil {
		return answer{}, fmt.Errorf("clock: %w", err)
	}
	return reply(showClock(clock, v.may[mayReveal]))
}

func (s *Server) pauseClock(v *visit) (answer, error) {
	var in pauseIn
	if err := v.read(&in); err != nil {
		return answer{}, err
	}
	note, err := grounds(in.Note)
	if err != nil {
		return answer{}, err
	}
	return s.clocked(v, "flash.clock_paused", func(ctx context.Context, id string) error {
		return s.cfg.Store.PauseClock(ctx, v.actor, id, in.Reason, note)
	})
}

func (s *Server) resumeClock(v *visit) (answer, error) {
	var in nothingIn
	if err := v.read(&in); err != nil {
		return answer{}, err
	}
	return s.clocked(v, "flash.clock_resumed", func(ctx context.Context, id string) error {
		return s.cfg.Store.ResumeClock(ctx, v.actor, id)
	})
}

// clocked carries a change of a clock out and shows it as it is then.
func (s *Server) clocked(v *visit, flash string, change func(ctx context.Context, id string) error) (answer, error) {
	id := v.PathValue("id")
	if err := change(v.Context(), id); err != nil {
		return answer{}, fmt.Errorf("clock of case %s: %w", id, err)
	}
	clock, err := s.cfg.Store.Clock(v.Context(), id)
	if err != nil {
		return answer{}, fmt.Errorf("clock: %w", err)
	}
	return s.done(v, flash, "/cases/"+id, showClock(clock, v.may[mayReveal]))
}

// pauseRow is one stretch in which the clock stood.
type pauseRow struct {
	Reason, Note, Since, Until string // Until is "" while it stands
}

// clockView is the clock on the page of its case.
type clockView struct {
	Limit, Document string
	Standing        bool
	Pauses          []pauseRow
	Pause, Resume   bool // what the visitor may do to it now
}

func (s *Server) clockView(v *visit, p Page, c casework.Case, over bool) (clockView, error) {
	clock, err := s.cfg.Store.Clock(v.Context(), c.ID)
	if err != nil {
		return clockView{}, fmt.Errorf("clock: %w", err)
	}
	view := clockView{Limit: limitText(p, clock.Limit), Document: clock.Limit.Document}
	_, view.Standing = clock.Paused()
	for _, pause := range clock.Pauses {
		row := pauseRow{Reason: p.Word("clock", string(pause.Reason)), Note: pause.Note, Since: pause.Since.String()}
		if !v.may[mayReveal] {
			row.Note = ""
		}
		if !pause.Until.IsZero() {
			row.Until = pause.Until.String()
		}
		view.Pauses = append(view.Pauses, row)
	}
	may := v.may[mayPauseClock] && !over
	view.Pause, view.Resume = may && !view.Standing, may && view.Standing
	return view, nil
}

// limitText says how long a limit is.
func limitText(p Page, limit casework.Limit) string {
	switch {
	case limit.Days == 0:
		return p.T("clock.none")
	case limit.Kind == casework.CalendarDays:
		return p.T("clock.calendar", limit.Days)
	}
	return p.T("clock.working", limit.Days)
}
