package store

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jingban/jingban/casework"
)

// Admit takes the next waiting runs (due to be tried, persons free, target open
// with a seat and quota left, not admitted yet) in the order due date, priority,
// age. It locks the persons of each, all or none, takes its seat and writes one
// work_run hint each, so that at most limit runs are admitted or running. It
// returns how many it took. However many wait, it reads only as many rows of each
// target as there is room for; finding nothing to do, it writes nothing.
func (s *Store) Admit(ctx context.Context, limit int) (admitted int, err error) {
	now, err := s.leaseClock(ctx, s.reader)
	if err != nil {
		return 0, explain("admit runs", err)
	}
	plan, err := s.plan(ctx, s.reader, now, limit)
	if err != nil || plan.empty() {
		return 0, explain("admit runs", err)
	}
	err = s.change(ctx, "admit runs", func(t *tx) error {
		admitted, err = t.admit(ctx, limit)
		return err
	})
	return admitted, err
}

// plan is what an admission may do at a moment.
type plan struct {
	room     int // runs that may be admitted
	next     []candidate
	gates    map[string]*gate
	canaries []string // targets that want a look before their first run
}

func (p plan) empty() bool { return len(p.next) == 0 && len(p.canaries) == 0 }

// candidate is a run that may be admitted, with what orders it.
type candidate struct {
	id, target, rank string
	priority         int
	created          int64
}

// before orders by due date, priority and age.
func (c candidate) before(d candidate) int {
	return cmp.Or(cmp.Compare(c.rank, d.rank), cmp.Compare(d.priority, c.priority), cmp.Compare(c.created, d.created),
		cmp.Compare(c.id, d.id))
}

// plan finds the runs that may be admitted now, in their order: those of each
// open target, as many as it has seats for, and those that need none.
func (s *Store) plan(ctx context.Context, q querier, now time.Time, limit int) (p plan, err error) {
	under, err := one(ctx, q, scalar[int], `SELECT (SELECT COUNT(*) FROM runs WHERE state = 'running')
		+ (SELECT COUNT(*) FROM runs WHERE state = 'waiting' AND admitted = 1)`)
	if p.room = limit - under; err != nil || p.room <= 0 {
		return p, err
	}
	gates, err := s.gates(ctx, q, now)
	if err != nil {
		return p, err
	}
	p.gates = map[string]*gate{"": open(p.room)}
	for _, g := range gates {
		p.gates[g.name] = &g
	}
	for name, g := range p.gates {
		if g.why == canaryDue && g.canaryAt.Before(now.Add(-canaryAgain)) {
			p.canaries = append(p.canaries, name)
		}
		if g.why != "" || g.free <= 0 {
			continue
		}
		found, err := s.candidates(ctx, q, now, g, min(g.free, p.room))
		if err != nil {
			return p, err
		}
		p.next = append(p.next, found...)
	}
	slices.Sort(p.canaries)
	slices.SortFunc(p.next, candidate.before)
	return p, nil
}

// candidates gives the first runs of a target. Two of them may want the same
// person: it looks at a few more than there is room for.
func (s *Store) candidates(ctx context.Context, q querier, now time.Time, g *gate, room int) ([]candidate, error) {
	return list(ctx, q, func(r row) (c candidate, err error) {
		c.target = g.name
		return c, r.Scan(&c.id, &c.rank, &c.priority, &c.created)
	}, `SELECT id, rank, priority, created_at FROM runs r
		WHERE r.state = 'waiting' AND r.admitted = 0 AND r.target = $1 AND r.next_at <= $2 AND r.format <= $3 AND r.paused = 0
		AND NOT EXISTS (SELECT 1 FROM run_persons p JOIN person_locks l ON l.person = p.person
			WHERE p.run_id = r.id AND l.run_id <> r.id)
		AND NOT EXISTS (SELECT 1 FROM kills k WHERE k.scope = 'all' OR k.scope = 'playbook:' || r.playbook)
		AND ($4 > 0 OR EXISTS (SELECT 1 FROM account_days d WHERE d.account = $5 AND d.day = $6 AND d.run_id = r.id))
		ORDER BY r.rank, r.priority DESC, r.created_at, r.id LIMIT $7`,
		g.name, micros(now), JournalFormat, g.left, g.account, casework.DateOf(now).String(), room+room/4+4)
}

func (t *tx) admit(ctx context.Context, limit int) (admitted int, err error) {
	if err := t.must(ctx, ErrNotFound, "UPDATE latches SET at = $1 WHERE name = 'admit'", micros(t.now)); err != nil {
		return 0, err
	}
	now, err := t.store.leaseClock(ctx, t)
	if err != nil {
		return 0, err
	}
	p, err := t.store.plan(ctx, t, now, limit)
	if err != nil {
		return 0, err
	}
	for _, target := range p.canaries {
		if err := t.hintCanary(ctx, target, now); err != nil {
			return 0, err
		}
	}
	picked, err := t.pick(ctx, p, now)
	if err != nil || len(picked) == 0 {
		return 0, err
	}
	moved, err := t.admitAll(ctx, picked, now)
	if err != nil {
		return 0, err
	}
	for _, c := range picked {
		if g := p.gates[c.target]; g.name != "" && moved[c.id] {
			if err := t.seatIn(ctx, c.id, g, now); err != nil {
				return 0, err
			}
		}
	}
	return len(moved), nil
}

// pick chooses among the candidates, in their order, while there is room, seats
// and quota. Two that want the same person follow each other.
func (t *tx) pick(ctx context.Context, p plan, now time.Time) (picked []candidate, err error) {
	persons, err := t.personsOfAll(ctx, p.next)
	if err != nil {
		return nil, err
	}
	wanted := map[string]bool{}
	for _, c := range p.next {
		g, taken := p.gates[c.target], slices.ContainsFunc(persons[c.id], func(id string) bool { return wanted[id] })
		if len(picked) == p.room || g.free == 0 || taken {
			continue
		}
		switch err := t.affords(ctx, c.id, g, now); {
		case errors.Is(err, ErrHeld):
			continue
		case err != nil:
			return nil, err
		}
		for _, id := range persons[c.id] {
			wanted[id] = true
		}
		g.free--
		g.reserve(p.gates)
		picked = append(picked, c)
	}
	return picked, nil
}

// personsOfAll gives the persons of each run.
func (t *tx) personsOfAll(ctx context.Context, runs []candidate) (map[string][]string, error) {
	persons := map[string][]string{}
	if len(runs) == 0 {
		return persons, nil
	}
	var w where
	inMany(&w, "run_id", idsOf(runs))
	_, err := list(ctx, t, func(r row) (none struct{}, err error) {
		var run, person string
		err = r.Scan(&run, &person)
		persons[run] = append(persons[run], person)
		return none, err
	}, "SELECT run_id, person FROM run_persons"+w.String(), w.values...)
	return persons, err
}

func idsOf(runs []candidate) []string {
	ids := make([]string, len(runs))
	for i, c := range runs {
		ids[i] = c.id
	}
	return ids
}

// admitAll admits the runs, locks their persons, whom nobody holds under the
// latch of admission, and hints them. It gives those that had not moved on.
func (t *tx) admitAll(ctx context.Context, runs []candidate, now time.Time) (map[string]bool, error) {
	var w where
	at := w.mark(micros(now))
	inMany(&w, "id", idsOf(runs))
	ids, err := list(ctx, t, scalar[string], "UPDATE runs SET admitted = 1, hinted_at = "+at+w.String()+
		" AND state = 'waiting' AND admitted = 0 AND paused = 0 RETURNING id", w.values...)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	w = where{}
	inMany(&w, "run_id", ids)
	err = t.later(ctx, "INSERT INTO person_locks (person, run_id) SELECT person, run_id FROM run_persons"+w.String()+
		" ON CONFLICT (person) DO NOTHING", w.values...)
	if err != nil {
		return nil, err
	}
	moved := map[string]bool{}
	for _, id := range ids {
		moved[id] = true
	}
	return moved, t.hintAll(ctx, taskWorkRun, runs, moved)
}

// seatIn gives an admitted run what its target allows it.
func (t *tx) seatIn(ctx context.Context, id string, g *gate, now time.Time) error {
	if err := t.spend(ctx, id, g, now); err != nil {
		return err
	}
	_, err := t.takeSeat(ctx, g, id)
	return err
}

// hintAll asks for a task for each of the runs that moved, in their order.
func (t *tx) hintAll(ctx context.Context, task string, runs []candidate, moved map[string]bool) error {
	for _, c := range runs {
		if !moved[c.id] {
			continue
		}
		if err := t.hint(ctx, task, c.id); err != nil {
			return err
		}
	}
	return nil
}

// doubtful says that an effect of the run was sent and has no outcome.
func (t *tx) doubtful(ctx context.Context, runID string) (bool, error) {
	n, err := one(ctx, t, scalar[int64], "SELECT COUNT(*) FROM effects WHERE run_id = $1 AND state = 'sent'", runID)
	return n > 0, err
}

// freePersons gives the persons of a run free, unless an effect is in doubt:
// nobody else may touch them before it is cleared up.
func (t *tx) freePersons(ctx context.Context, runID string) error {
	return t.later(ctx, `DELETE FROM person_locks WHERE run_id = $1
		AND NOT EXISTS (SELECT 1 FROM effects WHERE run_id = $1 AND state = 'sent')`, runID)
}

// letGo ends what a run holds when it is over: its open review, its
// persons and its seat.
func (t *tx) letGo(ctx context.Context, runID string) error {
	if err := t.later(ctx, "UPDATE reviews SET state = 'superseded' WHERE run_id = $1 AND state = 'open'", runID); err != nil {
		return err
	}
	if err := t.freePersons(ctx, runID); err != nil {
		return err
	}
	if err := t.freeSeats(ctx, runID); err != nil {
		return err
	}
	t.woken = true // the next run of the person may be admitted
	return nil
}
