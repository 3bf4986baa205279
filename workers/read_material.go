package workers

import (
	"context"
	"errors"
	"fmt"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

// readMaterial reads one uploaded file and stores what was seen. A file that
// cannot be read is marked so, with the reason; the assessment turns that into a
// finding for the citizen or a look for a person.
func (c *Crew) readMaterial(ctx context.Context, id string) error {
	material, err := c.Store.Material(ctx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && material.State != casework.MaterialReceived {
		return nil
	}
	if err != nil {
		return fmt.Errorf("material %s: %w", id, err)
	}
	data, err := c.Store.File(ctx, material.SHA256)
	if err != nil {
		return fmt.Errorf("material %s: bytes: %w", id, err)
	}
	readings, err := c.Reader.Read(ctx, data)
	if err != nil {
		return c.unreadable(ctx, id, err)
	}
	if err := c.Store.SaveReadings(ctx, id, readings); err != nil {
		return fmt.Errorf("material %s: save readings: %w", id, err)
	}
	return nil
}

// unreadable decides what a failed reading means. Shutdown and a missing engine
// leave the material as it is: the sweep hints again, nothing is lost.
func (c *Crew) unreadable(ctx context.Context, id string, cause error) error {
	fault := casework.AsFault(cause)
	if ctx.Err() != nil || fault.Code == "ocr_missing" {
		c.Log.Warn("reading put off", "material", id, "code", fault.Code, "error", cause)
		return nil
	}
	c.Log.Info("material unreadable", "material", id, "code", fault.Code, "error", cause)
	if err := c.Store.SaveUnreadable(ctx, id, fault.Code); err != nil {
		return fmt.Errorf("material %s: mark unreadable: %w", id, err)
	}
	return nil
}
