package workers

import (
	"context"
	"fmt"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
)

// tryTarget is the canary: before the first run of a day it signs in and opens
// one page that only shows. Runs wait until it has gone well.
func (c *Crew) tryTarget(ctx context.Context, name string) error {
	system, ok := c.Library.Systems()[name]
	if !ok {
		c.Log.Warn("canary of an unknown system", "target", name)
		return nil
	}
	defer c.busy.enter(canaryOf(name))()
	held, release := c.heart.hold(ctx)
	defer release()
	err := c.look(held, system)
	if err == nil {
		if err := c.Store.CanaryPassed(ctx, name); err != nil {
			return fmt.Errorf("canary of %s: %w", name, err)
		}
		return nil
	}
	fault := casework.AsFault(err)
	if fault.Code == "seat_busy" || held.Err() != nil {
		return nil // asked for again in a minute
	}
	c.Log.Warn("canary", "target", name, "code", fault.Code, "error", err)
	if err := c.Store.Raise(ctx, "target", name, "canary_failed", map[string]string{"reason": fault.Code}); err != nil {
		return fmt.Errorf("canary of %s: %w", name, err)
	}
	return c.blame(ctx, name, fault)
}

// canaryOf names the look of a target's canary as the holder of a seat.
func canaryOf(target string) string { return "canary:" + target }

func (c *Crew) look(ctx context.Context, system playbooks.System) error {
	page, err := visitor{c, canaryOf(system.Name)}.Page(ctx, system)
	if err != nil {
		return err
	}
	defer page.Close()
	if len(system.Canary) == 0 {
		return nil
	}
	_, err = page.Do(ctx, playbooks.Act{Verb: playbooks.Open, Menu: system.Canary})
	return err
}

// blame lets the health of a target follow a fault: some stop it until a person
// has looked, passing ones are counted.
func (c *Crew) blame(ctx context.Context, target string, fault *casework.Fault) error {
	var err error
	switch {
	case stops(fault) || fault.Kind == casework.NeedsHuman:
		err = c.Store.StopTarget(ctx, target, fault.Code)
	default:
		err = c.Store.TargetFailed(ctx, target, fault.Code)
	}
	if err != nil {
		return fmt.Errorf("health of %s: %w", target, err)
	}
	return nil
}

// stops says that a target must not be tried again without a person.
func stops(fault *casework.Fault) bool {
	return fault.Code == "sign_in_refused" || fault.Code == "signed_in_elsewhere"
}

// targetsOwn says that a passing fault is the target's own, not ours.
func targetsOwn(code string) bool {
	switch code {
	case "system_down", "page_down", "timeout", "signed_out":
		return true
	}
	return false
}

// register makes the systems of the library known as targets.
func (c *Crew) register(ctx context.Context) error {
	for name, system := range c.Library.Systems() {
		if err := c.Store.EnsureTarget(ctx, name, system.Account, system.Limits); err != nil {
			return fmt.Errorf("target %s: %w", name, err)
		}
	}
	return nil
}
