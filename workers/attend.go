package workers

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/store"
)

// Attendant opens the sign-in page of a system for a person (implemented over
// browser.Browser).
type Attendant interface {
	Attend(ctx context.Context, system playbooks.System, access playbooks.Access, seat int) (playbooks.Window, error)
}

const (
	attendEvery = time.Second            // how often a worker looks for a sign-in that is wanted
	lookEvery   = 300 * time.Millisecond // how often an open page is looked at
	leftAlone   = 5 * time.Minute        // a page that nobody looks at is closed
	seatWithin  = 3 * time.Minute        // a run under way gives the seat back by then, or the person asks again
)

// attend serves the sign-ins that need a person: it asks for them, opens their pages, and
// keeps the sessions of this worker.
func (c *Crew) attend(ctx context.Context) error {
	if c.Attendant == nil {
		return nil
	}
	door, err := openDoor(ctx, c.AttendAt)
	if err != nil {
		return fmt.Errorf("door of sign-in pages: %w", err)
	}
	defer door.close()
	ticker := time.NewTicker(attendEvery)
	defer ticker.Stop()
	kept := map[string]time.Time{} // when a session was last used, by target
	for {
		if err := c.attendOnce(ctx, door, kept); err != nil && ctx.Err() == nil {
			c.Log.Warn("sign-ins", "error", err)
		}
		select {
		case <-ctx.Done():
			door.pages.Wait()
			return ctx.Err()
		case <-ticker.C:
		}
	}
}

func (c *Crew) attendOnce(ctx context.Context, door *signInDoor, kept map[string]time.Time) error {
	place := door.place()
	target, err := c.Store.TakeSignIn(ctx, c.Name, place)
	if err != nil {
		return err
	}
	if target != "" {
		kept[target] = c.Now()
		door.pages.Go(func() { c.signIn(ctx, door, place.Token, target) })
	}
	signIns, err := c.Store.SignIns(ctx)
	if err != nil {
		return err
	}
	for _, s := range signIns {
		system, known := c.Library.Systems()[s.Target]
		if !known || system.SignIn.Attended == nil {
			continue
		}
		how := *system.SignIn.Attended
		if _, err := c.Store.AskSignIn(ctx, s.Target, how.Asking(casework.DateOf(c.Now())), how.Before); err != nil {
			return err
		}
		if s.State == store.SignInLive && s.Worker == c.Name && c.Now().Sub(kept[s.Target]) >= how.Every {
			kept[s.Target] = c.Now()
			door.pages.Go(func() { c.keepSignIn(ctx, system) })
		}
	}
	return nil
}

// signIn carries one sign-in through, and notes how it ended.
func (c *Crew) signIn(ctx context.Context, door *signInDoor, token, target string) {
	held, release := c.heart.hold(ctx)
	defer release()
	err := c.attended(held, door, token, target)
	if err == nil {
		return
	}
	code := casework.AsFault(err).Code
	c.Log.Warn("sign-in", "target", target, "code", code, "error", err)
	if err := c.Store.LoseSignIn(context.WithoutCancel(ctx), c.Name, target, code); err != nil {
		c.Log.Warn("sign-in", "target", target, "error", err)
	}
}

// attended opens the page, lets the person through the door to it, and waits until the
// system says that they have signed in.
func (c *Crew) attended(ctx context.Context, door *signInDoor, token, target string) error {
	system, known := c.Library.Systems()[target]
	if !known || system.SignIn.Attended == nil {
		return casework.Fail("unknown_system", "there is no system %q with such a sign-in", target)
	}
	holder := "sign-in:" + target
	defer c.busy.enter(holder)()
	seat, err := c.seatFor(ctx, target, holder)
	if err != nil {
		return err
	}
	defer func() { c.leave(ctx, seat) }()
	access, err := c.access(ctx, system)
	if err != nil {
		return err
	}
	window, err := c.Attendant.Attend(ctx, system, access, seat.Number)
	if err != nil {
		return err
	}
	page := door.let(token, window)
	defer door.end(token)
	if err := page.await(ctx); err != nil {
		return err
	}
	return c.Store.SignedIn(ctx, c.Name, target, system.SignIn.Attended.Lasts)
}

// leave gives a seat back; if that can't be written now, the sweep does it.
func (c *Crew) leave(ctx context.Context, seat store.Seat) {
	if err := c.Store.LeaveSeat(context.WithoutCancel(ctx), seat); err != nil {
		c.Log.Warn("seat", "target", seat.Target, "error", err)
	}
}

// seatFor waits for the target's seat: a run that began before may still be on it.
func (c *Crew) seatFor(ctx context.Context, target, holder string) (store.Seat, error) {
	ctx, cancel := context.WithTimeout(ctx, seatWithin)
	defer cancel()
	for {
		seat, err := c.Store.TakeSeat(ctx, target, holder, c.Name)
		if err == nil || !errors.Is(err, store.ErrHeld) {
			return seat, err
		}
		select {
		case <-ctx.Done():
			return seat, casework.Retry("seat_busy", "system %s: %w", target, err)
		case <-time.After(attendEvery):
		}
	}
}

// keepSignIn uses a session once, on a page that only shows, so that the system does not
// end it. A run at work does the same.
func (c *Crew) keepSignIn(ctx context.Context, system playbooks.System) {
	held, release := c.heart.hold(ctx)
	defer release()
	holder := "keep:" + system.Name
	defer c.busy.enter(holder)()
	page, err := visitor{c, holder}.Page(held, system)
	if err == nil {
		_, err = page.Do(held, playbooks.Act{Verb: playbooks.Open, Menu: []string{system.SignIn.Attended.Keep}})
		err = errors.Join(err, page.Close())
	}
	switch code := casework.AsFault(err).Code; {
	case err == nil || code == "seat_busy":
		return
	case code == "signed_out":
		err = c.lostSignIn(held, system.Name, err)
		fallthrough
	default:
		c.Log.Warn("session is not kept", "target", system.Name, "code", code, "error", err)
	}
}

// lostSignIn notes that a person must sign in again, when the session was this worker's.
// A run that waits for it waits a moment longer where the session is another worker's.
func (c *Crew) lostSignIn(ctx context.Context, target string, why error) error {
	if err := c.Store.LoseSignIn(ctx, c.Name, target, "signed_out"); err != nil {
		return err
	}
	return &casework.Fault{Kind: casework.Transient, Code: playbooks.SignInDue, After: 2 * attendEvery, Err: why}
}
