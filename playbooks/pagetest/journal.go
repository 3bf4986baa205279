package pagetest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
)

// Book is the memory of all runs: journal lines, effects and evidence.
type Book struct {
	mu       sync.Mutex
	entries  map[string][]casework.Entry
	effects  map[string]casework.Effect
	fences   map[string]int64
	ended    map[string]bool
	evidence map[string][]playbooks.Shot
	refuse   map[string]error // "advance:sent", "claim", "append:parked" → what the next such write returns
	writes   int
	failAt   int // the write that fails, 0 for none
	failWith error
	clock    func() time.Time // the database's own, by which lines are stamped; nil keeps the worker's
	failDone bool             // the failing write is carried out all the same, only its answer is lost
}

// NewBook makes an empty one.
func NewBook() *Book {
	return &Book{entries: map[string][]casework.Entry{}, effects: map[string]casework.Effect{}, fences: map[string]int64{},
		ended: map[string]bool{}, evidence: map[string][]playbooks.Shot{}, refuse: map[string]error{}}
}

// Hold gives the journal of a run under the next fencing number; older journals
// of the run may write nothing more.
func (b *Book) Hold(run string) playbooks.Journal {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fences[run]++
	return &journal{b, run, b.fences[run]}
}

// Attempt counts how often the run was held.
func (b *Book) Attempt(run string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return int(b.fences[run])
}

// End says that the run is over, so that others may take its intents.
func (b *Book) End(run string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ended[run] = true
}

// StampBy gives the book a clock of its own, as a database server has one: lines
// are dated by it, whatever the workers' clocks say.
func (b *Book) StampBy(clock func() time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.clock = clock
}

// Operator adds a line that an operator wrote while nobody held the run.
func (b *Book) Operator(run string, kind casework.EntryKind, step string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.add(casework.Entry{RunID: run, Step: step, Kind: kind})
}

// Refuse makes the next write of that sort fail: "claim", "append:<kind>" or
// "advance:<state>".
func (b *Book) Refuse(write string, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refuse[write] = err
}

// FailWrite makes the nth write from now fail with err. When done is set the
// write is durable all the same, and only its answer is lost. It returns a
// function that says whether that write was reached.
func (b *Book) FailWrite(n int, err error, done bool) (reached func() bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.failAt, b.failWith, b.failDone = b.writes+n, err, done
	at := b.failAt
	return func() bool { b.mu.Lock(); defer b.mu.Unlock(); return b.writes >= at }
}

// Entries gives the journal of a run.
func (b *Book) Entries(run string) []casework.Entry {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.entries[run])
}

// Kinds gives the kinds of the journal lines of one step, in order.
func (b *Book) Kinds(run, step string) []casework.EntryKind {
	var kinds []casework.EntryKind
	for _, e := range b.Entries(run) {
		if e.Step == step {
			kinds = append(kinds, e.Kind)
		}
	}
	return kinds
}

// Effects gives every effect.
func (b *Book) Effects() []casework.Effect {
	b.mu.Lock()
	defer b.mu.Unlock()
	var all []casework.Effect
	for _, e := range b.effects {
		all = append(all, e)
	}
	return all
}

// Evidence gives the names of what was kept for a run.
func (b *Book) Evidence(run string) []string {
	var names []string
	for _, s := range b.Shots(run) {
		names = append(names, s.Name)
	}
	return names
}

// Shots gives what was kept for a run, in order.
func (b *Book) Shots(run string) []playbooks.Shot {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.evidence[run])
}

type journal struct {
	book  *Book
	run   string
	fence int64
}

// write runs change for the holder only, with the failure that was asked for.
func (j *journal) write(what string, change func(b *Book) error) error {
	b := j.book
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fences[j.run] != j.fence {
		return playbooks.ErrNotHolder
	}
	if err := b.refuse[what]; err != nil {
		delete(b.refuse, what)
		return err
	}
	if b.writes++; b.failAt > 0 && b.writes == b.failAt {
		if b.failDone {
			_ = change(b) // in memory no change fails
		}
		return b.failWith
	}
	return change(b)
}

func (b *Book) add(e casework.Entry) {
	e.Seq = int64(len(b.entries[e.RunID]) + 1)
	if b.clock != nil {
		e.At = b.clock()
	}
	b.entries[e.RunID] = append(b.entries[e.RunID], e)
}

func (j *journal) Entries(context.Context) ([]casework.Entry, error) {
	return j.book.Entries(j.run), nil
}

func (j *journal) Append(_ context.Context, entries ...casework.Entry) error {
	last := entries[len(entries)-1]
	return j.write("append:"+string(last.Kind), func(b *Book) error {
		for _, e := range entries {
			b.add(e)
		}
		return nil
	})
}

func (j *journal) Claim(_ context.Context, effect casework.Effect, intent casework.Entry) (got casework.Effect, err error) {
	err = j.write("claim", func(b *Book) error {
		old, known := b.effects[effect.ID]
		free := !known || old.State == casework.EffectVoid ||
			old.State == casework.EffectIntent && (old.RunID == j.run || b.ended[old.RunID])
		if !free {
			got = old
			return nil
		}
		effect.State = casework.EffectIntent
		b.effects[effect.ID], got = effect, effect
		b.add(intent)
		return nil
	})
	return got, err
}

func (j *journal) Advance(_ context.Context, to casework.EffectState, e casework.Entry) error {
	return j.write("advance:"+string(to), func(b *Book) error {
		effect := b.effects[e.Effect]
		if effect.RunID != j.run && !b.ended[effect.RunID] || effect.State == casework.EffectOutcome {
			return errors.New("the effect belongs to another live run, or is over")
		}
		effect.State, effect.RunID = to, j.run
		switch to {
		case casework.EffectSent:
			effect.SentAt = e.At
		case casework.EffectOutcome:
			effect.Data = e.Data
		}
		b.effects[e.Effect] = effect
		b.add(e)
		return nil
	})
}

func (j *journal) Effect(_ context.Context, id string) (casework.Effect, bool, error) {
	j.book.mu.Lock()
	defer j.book.mu.Unlock()
	effect, ok := j.book.effects[id]
	return effect, ok, nil
}

func (j *journal) Keep(_ context.Context, _ string, _ int, shots []playbooks.Shot) error {
	return j.write("keep", func(b *Book) error {
		b.evidence[j.run] = append(b.evidence[j.run], shots...)
		return nil
	})
}
