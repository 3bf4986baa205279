package main

import (
	"context"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/drill"
	"github.com/jingban/jingban/workers"
)

// attachDrill greets the drill that started this process, if one did.
func (h *house) attachDrill(ctx context.Context) error {
	if h.cfg.DrillSeams == "" {
		return nil
	}
	hook, err := drill.Attach(ctx, h.cfg.DrillSeams)
	if err != nil {
		return err
	}
	h.drilled, h.now = hook, hook.Now
	h.log.Warn("this process is part of a drill and may be killed at any moment")
	return nil
}

// drill lets the drill stop the crew at its seams.
func (h *house) drill(crew *workers.Crew) {
	if h.drilled == nil {
		return
	}
	crew.Seam, crew.Stage = h.drilled.At, casework.StageFull
	if h.drilled.Unguarded() {
		crew.Journal = drill.Forgetting()
	}
}
