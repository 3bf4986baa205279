package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jingban/jingban/casework"
)

// Journal is the memory of one run under one lease; it is the playbooks.Journal
// of a held run. Every write is durable before it returns and is refused with
// casework.ErrNotHolder once another worker has the run.
type Journal struct {
	store *Store
	lease Lease
}

// Journal gives the memory of the held run.
func (s *Store) Journal(lease Lease) *Journal { return &Journal{store: s, lease: lease} }

func entryOf(runID string, seq int64) string { return fmt.Sprintf("entries/data/%s-%d", runID, seq) }
func effectOf(id string) string              { return "effects/data/" + id }

// Entries gives the run's lines in order.
func (j *Journal) Entries(ctx context.Context) ([]casework.Entry, error) {
	return j.store.Entries(ctx, j.lease.Run.ID)
}

// Entries gives the lines of a run in order.
func (s *Store) Entries(ctx context.Context, runID string) ([]casework.Entry, error) {
	all, err := list(ctx, s.reader, func(r row) (casework.Entry, error) { return s.scanEntry(r, runID) },
		"SELECT seq, step, item, attempt, effect, kind, at, data FROM entries WHERE run_id = $1 ORDER BY seq", runID)
	return all, explain("read the journal", err)
}

func (s *Store) scanEntry(r row, runID string) (e casework.Entry, err error) {
	var at int64
	var data string
	if err = r.Scan(&e.Seq, &e.Step, &e.Item, &e.Attempt, &e.Effect, &e.Kind, &at, &data); err != nil {
		return e, err
	}
	e.RunID, e.At = runID, moment(at)
	clear, err := s.keys.openText(entryOf(runID, e.Seq), data)
	e.Data = rawOf(clear)
	return e, err
}

// rawOf is JSON as it was given; none stays none.
func rawOf(text string) json.RawMessage {
	if text == "" {
		return nil
	}
	return json.RawMessage(text)
}

// Append writes lines that belong to no effect, all of them or none.
func (j *Journal) Append(ctx context.Context, entries ...casework.Entry) error {
	return j.store.change(ctx, "write the journal", func(t *tx) error { return t.append(ctx, j.lease, entries...) })
}

// append checks the fence, numbers the lines and writes them. The update of the
// run is check, lock and number in one.
func (t *tx) append(ctx context.Context, lease Lease, entries ...casework.Entry) error {
	if len(entries) == 0 {
		return nil
	}
	last := entries[len(entries)-1]
	deaths := "crashes"
	if slices.ContainsFunc(entries, func(e casework.Entry) bool { return e.Kind == casework.Happened }) {
		deaths = "0" // a step is finished
	}
	seq, err := one(ctx, t, scalar[int64], `UPDATE runs SET seq = seq + $6, step = $1, updated_at = $2, crashes = `+deaths+`
		WHERE id = $3 AND fence = $4 AND holder = $5 AND state = 'running' RETURNING seq`,
		last.Step, micros(t.now), lease.Run.ID, lease.Fence, lease.Worker, len(entries))
	if errors.Is(err, ErrNotFound) {
		return casework.ErrNotHolder
	}
	if err != nil {
		return err
	}
	for i, e := range entries {
		if err := t.insertEntry(ctx, lease, seq-int64(len(entries)-1-i), e); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) insertEntry(ctx context.Context, lease Lease, seq int64, e casework.Entry) error {
	if e.At.IsZero() {
		e.At = t.now
	}
	if e.Attempt == 0 {
		e.Attempt = lease.Run.Attempt
	}
	stamp, dated := t.stamp(e.At)
	return t.later(ctx, `INSERT INTO entries (run_id, seq, step, item, attempt, fence, effect, kind, data, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, `+stamp+`)`,
		append([]any{lease.Run.ID, seq, e.Step, e.Item, e.Attempt, lease.Fence, e.Effect, string(e.Kind),
			t.store.keys.sealText(entryOf(lease.Run.ID, seq), string(e.Data))}, dated...)...)
}

// stamp dates a line: by the server's clock on PostgreSQL, because waits are
// counted between lines that workers with different clocks wrote.
func (t *tx) stamp(at time.Time) (expression string, values []any) {
	if t.store.postgres && t.store.cfg.LeaseNow == nil {
		return serverMicros, nil
	}
	return "$10", []any{micros(at)}
}

// Claim reads the effect, or makes it in state intent for this run, and writes
// the intent line. An effect that is void, or that a run which is over left in
// intent, never left us: it is taken over. Any other changes nothing, and the
// caller looks at the state and the run of what it gets back.
func (j *Journal) Claim(ctx context.Context, effect casework.Effect, intent casework.Entry) (got casework.Effect, err error) {
	if effect.ID == "" {
		return got, fmt.Errorf("claim the effect: no id: %w", ErrInvalid)
	}
	effect.RunID, intent.Effect, intent.Kind = j.lease.Run.ID, effect.ID, casework.Intent
	if effect.Step == "" {
		effect.Step = intent.Step
	}
	err = j.store.change(ctx, "claim the effect", func(t *tx) error {
		if err := t.append(ctx, j.lease, intent); err != nil {
			return err
		}
		got, err = t.claimEffect(ctx, effect)
		return err
	})
	if errors.Is(err, errTaken) {
		got, err = j.store.effect(ctx, j.store.reader, effect.ID)
		return got, explain("claim the effect", err)
	}
	return got, err
}

// errTaken undoes a claim: the effect stands elsewhere.
var errTaken = errors.New("the effect was claimed before")

// claimEffect brings the effect to intent for this run, or returns errTaken.
func (t *tx) claimEffect(ctx context.Context, e casework.Effect) (casework.Effect, error) {
	got, err := one(ctx, t, t.store.scanEffect, `INSERT INTO effects (id, system, action, run_id, step, state, claimed_at, data)
		VALUES ($1, $2, $3, $4, $5, 'intent', $6, $7) ON CONFLICT (id) DO NOTHING RETURNING `+effectColumns,
		e.ID, e.System, e.Action, e.RunID, e.Step, micros(t.now), t.store.keys.sealText(effectOf(e.ID), ""))
	if !errors.Is(err, ErrNotFound) {
		return got, err
	}
	got, err = one(ctx, t, t.store.scanEffect, `UPDATE effects SET run_id = $1, step = $2, state = 'intent', claimed_at = $3, sent_at = 0, ended_at = 0
		WHERE id = $4 AND (state = 'void' OR state = 'intent' AND (run_id = $1
			OR NOT EXISTS (SELECT 1 FROM runs r WHERE r.id = effects.run_id AND r.state IN `+live+`))) RETURNING `+effectColumns,
		e.RunID, e.Step, micros(t.now), e.ID)
	if errors.Is(err, ErrNotFound) {
		return got, errTaken
	}
	return got, err
}

// Advance moves the effect named by the entry and writes the entry in the same
// transaction: intent → sent, intent or sent → outcome or void. An effect that
// a run which is over left behind is continued by this run. ErrConflict when
// the effect stands elsewhere; nothing may then be sent.
func (j *Journal) Advance(ctx context.Context, to casework.EffectState, entry casework.Entry) error {
	from, ok := map[casework.EffectState]string{
		casework.EffectSent:    "('intent')",
		casework.EffectOutcome: "('intent', 'sent')",
		casework.EffectVoid:    "('intent', 'sent')",
	}[to]
	if !ok || entry.Effect == "" {
		return fmt.Errorf("advance the effect to %q: %w", to, ErrInvalid)
	}
	return j.store.change(ctx, "advance the effect", func(t *tx) error {
		if err := t.append(ctx, j.lease, entry); err != nil {
			return err
		}
		return t.advance(ctx, j.lease.Run.ID, from, to, entry)
	})
}

func (t *tx) advance(ctx context.Context, runID, from string, to casework.EffectState, entry casework.Entry) error {
	column := "ended_at"
	if to == casework.EffectSent {
		column = "sent_at"
	}
	n, err := t.update(ctx, "UPDATE effects SET run_id = $1, state = $2, data = $3, "+column+` = $4
		WHERE id = $5 AND state IN `+from+` AND (run_id = $1
			OR NOT EXISTS (SELECT 1 FROM runs r WHERE r.id = effects.run_id AND r.state IN `+live+`))`,
		runID, string(to), t.store.keys.sealText(effectOf(entry.Effect), string(entry.Data)), micros(t.now), entry.Effect)
	if err != nil || n > 0 {
		return err
	}
	there, err := t.store.effect(ctx, t, entry.Effect)
	if err != nil {
		return err
	}
	return fmt.Errorf("the effect is %s for run %s: %w", there.State, there.RunID, ErrConflict)
}

// Effect reads an effect; ok is false when nobody has claimed it yet.
func (j *Journal) Effect(ctx context.Context, id string) (effect casework.Effect, ok bool, err error) {
	effect, err = j.store.effect(ctx, j.store.reader, id)
	if errors.Is(err, ErrNotFound) {
		return casework.Effect{}, false, nil
	}
	return effect, err == nil, explain("effect", err)
}

func (s *Store) effect(ctx context.Context, q querier, id string) (casework.Effect, error) {
	return one(ctx, q, s.scanEffect, "SELECT "+effectColumns+" FROM effects WHERE id = $1", id)
}

const effectColumns = "id, system, action, run_id, step, state, sent_at, data"

func (s *Store) scanEffect(r row) (e casework.Effect, err error) {
	var sent int64
	var data string
	if err = r.Scan(&e.ID, &e.System, &e.Action, &e.RunID, &e.Step, &e.State, &sent, &data); err != nil {
		return e, err
	}
	e.SentAt = moment(sent)
	clear, err := s.keys.openText(effectOf(e.ID), data)
	e.Data = rawOf(clear)
	return e, err
}

// Keep stores evidence of the run and adds it to the run's chain.
func (j *Journal) Keep(ctx context.Context, step string, attempt int, shots []casework.Shot) error {
	lines := make([]casework.Evidence, len(shots))
	for i, shot := range shots {
		sum, err := j.store.PutFile(ctx, shot.Data)
		if err != nil {
			return err
		}
		lines[i] = casework.Evidence{ID: casework.NewID(), RunID: j.lease.Run.ID, Step: step, Attempt: attempt, Kind: shot.Kind,
			Class: shot.Keep(), Name: shot.Name, MIME: shot.MIME, SHA256: sum, Bytes: int64(len(shot.Data))}
	}
	return j.store.change(ctx, "keep evidence", func(t *tx) error {
		if err := t.hold(ctx, j.lease); err != nil {
			return err
		}
		return t.keep(ctx, lines)
	})
}
