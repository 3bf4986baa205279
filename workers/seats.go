package workers

import (
	"context"
	"fmt"
	"sync"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
)

// seats hands out the signed-in sessions a system allows this worker: one seat,
// one run at a time.
type seats struct {
	mu   sync.Mutex
	free map[string]chan int // by system name; holds the numbers of the free seats
}

func newSeats() *seats { return &seats{free: map[string]chan int{}} }

func (s *seats) of(system playbooks.System) chan int {
	s.mu.Lock()
	defer s.mu.Unlock()
	free, ok := s.free[system.Name]
	if !ok {
		n := max(system.Seats, 1)
		free = make(chan int, n)
		for seat := range n {
			free <- seat + 1
		}
		s.free[system.Name] = free
	}
	return free
}

// pages gives the runner its pages: it waits for a seat, fetches the account from
// the vault and lets the browser sign in.
type pages struct{ crew *Crew }

// Page implements playbooks.Pages.
func (p pages) Page(ctx context.Context, system playbooks.System) (playbooks.Page, error) {
	access, err := p.access(ctx, system)
	if err != nil {
		return nil, err
	}
	free := p.crew.seats.of(system)
	var seat int
	select {
	case seat = <-free:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	page, err := p.crew.Browser.Seat(ctx, system, access, seat)
	if err != nil {
		free <- seat
		return nil, err
	}
	return &seatedPage{Page: page, giveBack: sync.OnceFunc(func() { free <- seat })}, nil
}

func (p pages) access(ctx context.Context, system playbooks.System) (playbooks.Access, error) {
	var access playbooks.Access
	for name, into := range map[string]*string{
		system.Base:                  &access.URL,
		system.Account + ".login":    &access.Account,
		system.Account + ".password": &access.Password,
	} {
		value, err := p.crew.Store.Secret(ctx, name)
		if err != nil {
			return access, casework.AskPerson("system_not_configured", "system %s: secret %s: %w", system.Name, name, err)
		}
		*into = value
	}
	return access, nil
}

// seatedPage frees its seat when it is closed.
type seatedPage struct {
	playbooks.Page
	giveBack func()
}

// Close closes the page and frees the seat.
func (s *seatedPage) Close() error {
	defer s.giveBack()
	if err := s.Page.Close(); err != nil {
		return fmt.Errorf("close page: %w", err)
	}
	return nil
}
