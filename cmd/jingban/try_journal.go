package main

import (
	"context"
	"slices"
	"sync"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
)

// tryJournal is the memory of one try. It keeps the protocol of a commit within
// this process and forgets everything with it: a second try knows nothing of the
// first.
type tryJournal struct {
	mu      sync.Mutex
	entries []casework.Entry
	effects map[string]casework.Effect
	shots   []casework.Shot
}

// Entries gives the lines in order.
func (j *tryJournal) Entries(context.Context) ([]casework.Entry, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.entries), nil
}

// Append adds lines.
func (j *tryJournal) Append(_ context.Context, entries ...casework.Entry) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, e := range entries {
		j.add(e)
	}
	return nil
}

func (j *tryJournal) add(e casework.Entry) {
	e.Seq = int64(len(j.entries) + 1)
	j.entries = append(j.entries, e)
}

// Claim makes an intent, or gives the effect that is already further.
func (j *tryJournal) Claim(_ context.Context, effect casework.Effect, intent casework.Entry) (casework.Effect, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if old, known := j.effects[effect.ID]; known && old.State != casework.EffectIntent {
		return old, nil
	}
	effect.State = casework.EffectIntent
	j.effects[effect.ID] = effect
	j.add(intent)
	return effect, nil
}

// Advance moves an effect forward. One that was sent is never freed: within one
// try nothing is clicked twice, whatever was seen meanwhile.
func (j *tryJournal) Advance(_ context.Context, to casework.EffectState, e casework.Entry) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	effect, known := j.effects[e.Effect]
	if to == casework.EffectVoid || !known || effect.State == casework.EffectOutcome ||
		to == casework.EffectSent && effect.State != casework.EffectIntent {
		return casework.Fail("journal_mismatch", "an effect in state %q can't become %q within a try", effect.State, to)
	}
	effect.State = to
	switch to {
	case casework.EffectSent:
		effect.SentAt = e.At
	case casework.EffectOutcome:
		effect.Data = e.Data
	}
	j.effects[e.Effect] = effect
	j.add(e)
	return nil
}

// Effect reads an effect.
func (j *tryJournal) Effect(_ context.Context, id string) (casework.Effect, bool, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	effect, ok := j.effects[id]
	return effect, ok, nil
}

// Keep holds the pictures until the try is over.
func (j *tryJournal) Keep(_ context.Context, _ string, _ int, shots []playbooks.Shot) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.shots = append(j.shots, shots...)
	return nil
}
