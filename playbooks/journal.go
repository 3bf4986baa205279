package playbooks

import (
	"context"
	"encoding/json"

	"github.com/jingban/jingban/casework"
)

// ErrNotHolder is casework.ErrNotHolder.
var ErrNotHolder = casework.ErrNotHolder

// Journal is the memory of one run under one fencing number (implemented by
// store.Journal). Every write is durable before it returns and is refused with
// ErrNotHolder when the number is old.
type Journal interface {
	// Entries gives the run's lines in order.
	Entries(ctx context.Context) ([]casework.Entry, error)

	// Append writes lines that belong to no effect, all of them or none: begun,
	// parked, verified, or the outcome of a step that changed nothing elsewhere.
	Append(ctx context.Context, entries ...casework.Entry) error

	// Claim reads the effect, or makes it in state "intent" for this run, and
	// writes the intent line. It changes nothing when the effect is already
	// there in another state or belongs to another live run: the caller looks at
	// the state and the run of what it gets back.
	Claim(ctx context.Context, effect casework.Effect, intent casework.Entry) (casework.Effect, error)

	// Advance moves the effect to sent or outcome (or frees it: void) and writes
	// the entry in the same transaction; outcome keeps the entry's data as the
	// effect's. An intent becomes an outcome without sent when a person did it by
	// hand. It errs while the effect belongs to another run that is alive.
	Advance(ctx context.Context, to casework.EffectState, entry casework.Entry) error

	// Effect reads an effect; ok is false when nobody has claimed it yet.
	Effect(ctx context.Context, id string) (effect casework.Effect, ok bool, err error)

	// Keep stores evidence of the run.
	Keep(ctx context.Context, step string, attempt int, shots []Shot) error
}

// Papers makes documents (implemented by workers with package papers).
type Papers interface {
	// Make renders the paper called name for the run and returns it as a file.
	Make(ctx context.Context, name string, snapshot casework.Snapshot, extra map[string]any) ([]Shot, error)
}

// Result is what became of one turn of a run.
type Result = casework.Result

// raw is the JSON of a journal line's data.
func raw(v any) (json.RawMessage, error) {
	return json.Marshal(v)
}
