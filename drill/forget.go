package drill

import (
	"context"
	"sync"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
)

// Forgetting takes the guard away: intent and sent are kept in the process's
// memory only, so that whoever comes after a crash clicks again. A drill over it
// must find doubles, or it would find nothing at all.
func Forgetting() func(playbooks.Journal) playbooks.Journal {
	mind := &memory{effects: map[string]casework.Effect{}}
	return func(journal playbooks.Journal) playbooks.Journal { return &forgetful{journal, mind} }
}

// memory is what one process knows of its effects.
type memory struct {
	mu      sync.Mutex
	effects map[string]casework.Effect
}

type forgetful struct {
	playbooks.Journal
	*memory
}

// Claim grants every claim and writes nothing.
func (f *forgetful) Claim(_ context.Context, effect casework.Effect, _ casework.Entry) (casework.Effect, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.effects[effect.ID] = effect
	return effect, nil
}

// Advance moves the effect in memory; only the outcome is written.
func (f *forgetful) Advance(ctx context.Context, to casework.EffectState, entry casework.Entry) error {
	f.mu.Lock()
	effect := f.effects[entry.Effect]
	effect.State = to
	f.effects[entry.Effect] = effect
	f.mu.Unlock()
	if to != casework.EffectOutcome {
		return nil
	}
	entry.Effect = ""
	return f.Append(ctx, entry)
}

// Effect knows what this process did and nothing else.
func (f *forgetful) Effect(_ context.Context, id string) (casework.Effect, bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	effect, ok := f.effects[id]
	return effect, ok, nil
}
