package playbooks

import (
	"context"
	"slices"
	"strings"

	"github.com/jingban/jingban/casework"
)

// Locks says which pages of a system change something as soon as they are
// opened: they lock the person for others, or save a draft. A dry run keeps off
// them, unless the page has a way out that is proven on the spot.
type Locks struct {
	All   bool // every page of the system
	Pages []Lock
}

// Lock is one such page.
type Lock struct {
	Menu  []string
	Proof string // text seen once the page was left without a trace

	leave []line // open and click only; none: there is no way out
}

// locks reads the word all, or a list of {open, leave, proof}.
func (d *decoder) locks(f field) Locks {
	if word, ok := d.scalar(f.value); ok {
		if word != "all" {
			d.errorf(placeOf(f.value), "bad_locks", "locks_on_open: want the word all, or a list of pages")
		}
		return Locks{All: true}
	}
	var locks Locks
	for _, n := range d.list(f, "locks_on_open") {
		fields := d.record(n, "locks_on_open", "open", "leave", "proof")
		lock := Lock{Proof: d.optional(fields, "proof")}
		if open, ok := d.need(fields, placeOf(n), "locks_on_open", "open"); ok {
			lock.Menu = readOpen(d, open).(*openVerb).menu
		}
		if leave, ok := fields["leave"]; ok {
			lock.leave = d.leave(leave)
			d.need(fields, placeOf(n), "locks_on_open", "proof")
		}
		locks.Pages = append(locks.Pages, lock)
	}
	return locks
}

// leave reads the way out: it opens and clicks, and enters nothing.
func (d *decoder) leave(f field) []line {
	lines := d.actions(f)
	for _, l := range lines {
		if l.verb.name != Open && l.verb.name != Click {
			d.errorf(l.at, "leave_enters", "leave: a way out only opens and clicks, not %s", l.verb.name)
		}
	}
	return lines
}

// of gives the locks that the lines would run into.
func (l Locks) of(system string, lines []line) ([]Lock, error) {
	refused := casework.Fail("locks_on_open", "system %s locks or saves on opening, and no way out is declared", system)
	if l.All {
		return nil, refused
	}
	var met []Lock
	for _, line := range lines {
		open, ok := line.action.(*openVerb)
		if !ok {
			continue
		}
		for _, lock := range l.Pages {
			if !slices.EqualFunc(lock.Menu, open.menu, func(a, b string) bool { return plain(a) == plain(b) }) {
				continue
			}
			if len(lock.leave) == 0 {
				return nil, refused
			}
			met = append(met, lock)
		}
	}
	return met, nil
}

// out leaves the page and proves it.
func (l Lock) out(ctx context.Context, v *visit) error {
	if err := v.all(ctx, l.leave); err != nil {
		return casework.AskPerson("leave_unverified", "the way out of %s: %w", strings.Join(l.Menu, " / "), err)
	}
	if !strings.Contains(plain(v.last.Page), plain(l.Proof)) {
		return casework.AskPerson("leave_unverified", "%s was left, but the page does not say so", strings.Join(l.Menu, " / "))
	}
	return nil
}
