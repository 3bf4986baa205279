package workers

import (
	"context"
	"fmt"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/store"
)

// tryTarget is the canary: before the first run of a day it signs in and opens the
// pages that only show. Runs wait until it has gone well; a page that has changed stops
// only the steps that open it.
func (c *Crew) tryTarget(ctx context.Context, name string) error {
	systems, err := c.systems(ctx)
	if err != nil {
		return err
	}
	system, ok := systems[name]
	if !ok {
		c.Log.Warn("canary of an unknown system", "target", name)
		return nil
	}
	defer c.busy.enter(canaryOf(name))()
	held, release := c.heart.hold(ctx)
	defer release()
	err = c.look(held, system)
	if err == nil {
		if err := c.Store.CanaryPassed(ctx, name); err != nil {
			return fmt.Errorf("canary of %s: %w", name, err)
		}
		return nil
	}
	fault := casework.AsFault(err)
	if fault.Code == "seat_busy" || fault.Code == playbooks.SignInDue || held.Err() != nil {
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
	if len(system.Canary) > 0 {
		if _, err := page.Do(ctx, playbooks.Act{Verb: playbooks.Open, Menu: system.Canary}); err != nil {
			return err
		}
	}
	return c.walk(ctx, page, system)
}

// walk opens every page that playbooks only look at and holds it against what was
// approved. A page that has changed, or whose menu entry is not there, stops the steps
// that open it; the other pages are looked at all the same.
func (c *Crew) walk(ctx context.Context, page playbooks.Page, system playbooks.System) error {
	picture := func(ctx context.Context) ([]byte, error) { return playbooks.Picture(ctx, page) }
	for _, menu := range c.Library.LookedAt(system.Name) {
		name := playbooks.PageName(menu)
		marks, err := c.marks(ctx, page, menu)
		if err != nil {
			return err
		}
		if _, err := (watch{c}).Opened(ctx, system.Name, name, marks, picture); err != nil {
			return err
		}
	}
	return nil
}

// marks are what a page is told by; one whose menu entry is not there is gone.
func (c *Crew) marks(ctx context.Context, page playbooks.Page, menu []string) (playbooks.Marks, error) {
	_, err := page.Do(ctx, playbooks.Act{Verb: playbooks.Open, Menu: menu})
	if code := casework.AsFault(err).Code; err != nil && (code == "element_missing" || code == "element_ambiguous") {
		return playbooks.Marks{Gone: playbooks.PageName(menu)}, nil
	}
	if err != nil {
		return playbooks.Marks{}, err
	}
	seen, err := page.Do(ctx, playbooks.Act{Verb: playbooks.Read, Want: "marks"})
	return seen.Marks, err
}

// systems are those of the library, with the names that two people have approved since.
func (c *Crew) systems(ctx context.Context) (map[string]playbooks.System, error) {
	all := c.Library.Systems()
	for name, system := range all {
		aliases, err := c.Store.PageAliases(ctx, name)
		if err != nil {
			return nil, fmt.Errorf("system %s: %w", name, err)
		}
		all[name] = system.Also(aliases)
	}
	return all, nil
}

// Canary walks a target in this process, as the workers do before the day's first run,
// and gives its pages. The crew needs Name, Store, Browser, Library, Now and Log; it is
// not to be Run.
func (c *Crew) Canary(ctx context.Context, name string) ([]store.PageMarks, error) {
	systems, err := c.systems(ctx)
	if err != nil {
		return nil, err
	}
	system, ok := systems[name]
	if !ok {
		return nil, casework.Fail("unknown_system", "there is no system %q", name)
	}
	if err := c.register(ctx); err != nil {
		return nil, err
	}
	if err := c.alive(ctx, func(held context.Context) error { return c.look(held, system) }); err != nil {
		return nil, err
	}
	return c.Store.PageMarks(ctx, name)
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
		if err := c.Store.EnsureSignIn(ctx, name, system.SignIn.Attended != nil); err != nil {
			return fmt.Errorf("target %s: %w", name, err)
		}
	}
	return nil
}
