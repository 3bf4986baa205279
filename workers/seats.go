package workers

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/store"
)

// pages gives the runner its pages on the seat that admission took for the run.
// A run that comes to another system ends its turn and waits for a seat there as
// a row: it never waits with a worker or a seat in hand.
type pages struct {
	crew *Crew
	seat store.Seat
}

// needsSeat says which system a turn ended for.
type needsSeat string

// Error names the system.
func (n needsSeat) Error() string { return "no seat on " + string(n) }

// Page implements playbooks.Pages.
func (p pages) Page(ctx context.Context, system playbooks.System) (playbooks.Page, error) {
	if p.seat.Target != system.Name {
		return nil, casework.Retry(playbooks.SeatNeeded, "%w", needsSeat(system.Name))
	}
	page, err := p.crew.enter(ctx, system, p.seat)
	if fault := casework.AsFault(err); err != nil && stops(fault) {
		return nil, p.stop(ctx, system, fault)
	}
	if err != nil {
		return nil, err
	}
	return page, nil
}

// stop stops the target: a sign-in that was refused, or a session that somebody
// else took over, is not repeated without a person. The run waits for the target.
func (p pages) stop(ctx context.Context, system playbooks.System, fault *casework.Fault) error {
	if err := p.crew.blame(ctx, system.Name, fault); err != nil {
		return err
	}
	return casework.Retry("target_stopped", "%w", fault)
}

// enter signs in on a seat. When the system says that the account signed in
// elsewhere, and another of our own workers had this seat in between, that was
// who it means: we sign in again, once. Anybody else is left in peace.
func (c *Crew) enter(ctx context.Context, system playbooks.System, seat store.Seat) (playbooks.Page, error) {
	page, err := c.sit(ctx, system, seat)
	ours := seat.Before != "" && seat.Before != c.Name
	if err != nil && ours && casework.AsFault(err).Code == "signed_in_elsewhere" {
		return c.sit(ctx, system, seat)
	}
	if err != nil && casework.AsFault(err).Code == playbooks.SignInDue {
		return nil, c.lostSignIn(ctx, system.Name, err)
	}
	return page, err
}

// sit lets the browser sign in on a seat.
func (c *Crew) sit(ctx context.Context, system playbooks.System, seat store.Seat) (playbooks.Page, error) {
	access, err := c.access(ctx, system)
	if err != nil {
		return nil, err
	}
	target, err := c.Store.Target(ctx, system.Name)
	if err != nil {
		return nil, fmt.Errorf("target %s: %w", system.Name, err)
	}
	page, err := c.Browser.Seat(ctx, system, access, seat.Number)
	if err != nil {
		return nil, err
	}
	if target.Limits.PerMinute == 0 {
		return page, nil
	}
	return &pacedPage{Page: page, pace: func(ctx context.Context) error {
		return c.pace(ctx, system.Name, target.Limits.PerMinute)
	}}, nil
}

func (c *Crew) access(ctx context.Context, system playbooks.System) (playbooks.Access, error) {
	var access playbooks.Access
	secrets := map[string]*string{system.Base: &access.URL}
	if system.Account != "" { // else its pages are open to everybody
		secrets[system.Account+".login"], secrets[system.Account+".password"] = &access.Account, &access.Password
	}
	for name, into := range secrets {
		value, err := c.Store.Secret(ctx, name)
		if err != nil {
			return access, casework.AskPerson("system_not_configured", "system %s: secret %s: %w", system.Name, name, err)
		}
		*into = value
	}
	return access, nil
}

// paceMost is how long a turn waits for its next page; beyond it the system is
// asked for more than it may give, and the run had better come back later.
const paceMost = 30 * time.Second

// pace waits until the target may be asked for another page. One that may be
// asked less than twice a minute is waited for all the same: nobody could work
// there otherwise.
func (c *Crew) pace(ctx context.Context, target string, perMinute int) error {
	within := max(paceMost, time.Minute/time.Duration(max(perMinute, 1)))
	wait, reserved, err := c.Store.Pace(ctx, target, perMinute, within)
	if err != nil {
		return fmt.Errorf("target %s: pace: %w", target, err)
	}
	if !reserved {
		return &casework.Fault{Kind: casework.Transient, Code: "target_busy", After: wait, Err: fmt.Errorf("target %s is asked too much", target)}
	}
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(wait):
		return nil
	}
}

// pacedPage asks for no more pages a minute than the target allows.
type pacedPage struct {
	playbooks.Page
	pace func(ctx context.Context) error
}

// Do waits its turn before a verb that asks the system for a page.
func (p *pacedPage) Do(ctx context.Context, act playbooks.Act) (playbooks.Seen, error) {
	switch act.Verb {
	case playbooks.Open, playbooks.Click, playbooks.Press, playbooks.Download:
		if err := p.pace(ctx); err != nil {
			return playbooks.Seen{}, err
		}
	}
	return p.Page.Do(ctx, act)
}

// Commit waits its turn before the click.
func (p *pacedPage) Commit(ctx context.Context, order playbooks.Commit, guard playbooks.Guard) (playbooks.Seen, error) {
	if err := p.pace(ctx); err != nil {
		return playbooks.Seen{}, err
	}
	return p.Page.Commit(ctx, order, guard)
}

// visitor hands pages to a look that is no run: a canary, a dry run. Each page
// takes a free seat and gives it back when it is closed.
type visitor struct {
	crew   *Crew
	holder string // names the look; one page at a time
}

// Page implements playbooks.Pages. A target that lets nothing through now is the
// Transient fault seat_busy.
func (v visitor) Page(ctx context.Context, system playbooks.System) (playbooks.Page, error) {
	seat, err := v.crew.Store.TakeSeat(ctx, system.Name, v.holder, v.crew.Name)
	if errors.Is(err, store.ErrHeld) {
		return nil, casework.Retry("seat_busy", "system %s: %w", system.Name, err)
	}
	if err != nil {
		return nil, fmt.Errorf("system %s: %w", system.Name, err)
	}
	leave := func() error { return v.crew.Store.LeaveSeat(context.WithoutCancel(ctx), seat) }
	page, err := v.crew.enter(ctx, system, seat)
	if err != nil {
		return nil, errors.Join(err, leave())
	}
	return &visitedPage{Page: page, leave: sync.OnceValue(leave)}, nil
}

// visitedPage gives its seat back when it is closed.
type visitedPage struct {
	playbooks.Page
	leave func() error
}

// Close closes the page and gives the seat back.
func (v *visitedPage) Close() error { return errors.Join(v.Page.Close(), v.leave()) }
