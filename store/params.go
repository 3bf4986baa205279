package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jingban/jingban/casework"
)

// The refusals of a release of parameters; each is an ErrUnready.
var (
	ErrNoScan  = fmt.Errorf("the scan of the notice is missing: %w", ErrUnready)
	ErrUntried = fmt.Errorf("no worked examples were evaluated under the parameters as they stand: %w", ErrUnready)
	ErrDiffers = fmt.Errorf("worked examples differ and nobody has taken that on: %w", ErrUnready)
)

// ParamState is where a set of parameters stands.
type ParamState string

// The states. What is released stays so; it is put right by another set.
const (
	ParamDraft     ParamState = "draft"
	ParamReleased  ParamState = "released"
	ParamRefused   ParamState = "refused"
	ParamWithdrawn ParamState = "withdrawn"
)

// ParamSet is what one notice changes, who wrote it and where it stands. What it
// says never changes; the scan may come later.
type ParamSet struct {
	casework.ParamSet
	ID       string
	Hash     string // of what it says
	Note     string
	Scan     ParamScan
	AuthorID string
	Author   string
	Created  time.Time

	State        ParamState
	Edition      int // the first edition that holds it; 0: none does
	Ended        int // the first edition that no longer does; 0: it still holds
	Released     time.Time
	ReleasedBy   string
	Retro        bool      // valid from a day before its release
	Recalculated time.Time // its cases of recalculation are all open
	asked        int       // how often they were asked for
}

// ParamScan is the picture of the notice; the zero value is none.
type ParamScan struct{ SHA256, Name, MIME string }

// ParamTrial is an evaluation of worked examples under a draft.
type ParamTrial struct {
	Edition                 int // on which the draft lay
	At                      time.Time
	By                      string
	Name                    string // of the file
	Passed, Failed, Unknown int
	Report                  string // what differs, with its derivation
}

// ParamEvent is one thing that happened to a set.
type ParamEvent struct {
	At     time.Time
	By     string
	Action string // draft, scan, try, release, refuse, withdraw, recalculate
	Reason string
}

const paramColumns = `id, said, hash, note, scan, scan_mime, scan_name, author_id, author, created_at, state, edition, ended, released_at, released_by, retro, recalculated_at, asked`

func paramNote(id string) string   { return "param_sets/note/" + id }
func paramScan(id string) string   { return "param_sets/scan_name/" + id }
func paramReason(id string) string { return "param_events/reason/" + id }
func trialName(id string) string   { return "param_trials/name/" + id }
func trialReport(id string) string { return "param_trials/report/" + id }

func (s *Store) scanParams(r row) (v ParamSet, err error) {
	var said, note, name string
	var created, released, recalculated, retro int64
	err = r.Scan(&v.ID, &said, &v.Hash, &note, &v.Scan.SHA256, &v.Scan.MIME, &name, &v.AuthorID, &v.Author, &created, &v.State, &v.Edition, &v.Ended,
		&released, &v.ReleasedBy, &retro, &recalculated, &v.asked)
	if err != nil {
		return v, err
	}
	v.Created, v.Released, v.Recalculated, v.Retro = moment(created), moment(released), moment(recalculated), retro == 1
	if err = json.Unmarshal([]byte(said), &v.ParamSet); err != nil {
		return v, fmt.Errorf("parameter set %s: %w", v.ID, err)
	}
	if v.ParamSet.Hash() != v.Hash {
		return v, fmt.Errorf("parameter set %s: %w", v.ID, ErrTampered)
	}
	if v.Scan.Name, err = s.keys.openText(paramScan(v.ID), name); err != nil {
		return v, err
	}
	v.Note, err = s.keys.openText(paramNote(v.ID), note)
	return v, err
}

// SaveParams keeps a set as a draft. Whether its values can hold is for the caller
// to say; they are asked about again when it is tried and released.
func (s *Store) SaveParams(ctx context.Context, by casework.Actor, v ParamSet) (ParamSet, error) {
	v.Document = strings.TrimSpace(v.Document)
	if v.Document == "" || v.From.IsZero() || len(v.Values) == 0 || casework.KindOfParam(v.Names()[0]) == "" {
		return v, fmt.Errorf("save parameters: want a document, a first day and values: %w", ErrInvalid)
	}
	v.ID, v.Hash = casework.NewID(), v.ParamSet.Hash()
	said, err := json.Marshal(v.ParamSet)
	if err != nil {
		return v, fmt.Errorf("save parameters: %w", err)
	}
	err = s.change(ctx, "save parameters", func(t *tx) error {
		_, err := t.update(ctx, `INSERT INTO param_sets (id, region, kind, valid_from, document, said, hash, note, author_id, author, created_at, scan_name, state)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'draft')`, v.ID, v.Region, string(v.Kind), v.From.String(), v.Document, string(said), v.Hash,
			s.keys.sealText(paramNote(v.ID), v.Note), by.ID, by.Name, micros(t.now), s.keys.sealText(paramScan(v.ID), ""))
		if err != nil {
			return err
		}
		return t.paramEvent(ctx, by, "draft", v.ID, "", map[string]any{"set": v.Hash, "region": v.Region, "kind": v.Kind, "from": v.From, "document": v.Document})
	})
	if err != nil {
		return v, err
	}
	return s.ParamSet(ctx, v.ID)
}

// paramEvent writes what happened to a set, for its page and for the audit trail.
func (t *tx) paramEvent(ctx context.Context, by casework.Actor, action, setID, reason string, detail map[string]any) error {
	id := casework.NewID()
	_, err := t.update(ctx, "INSERT INTO param_events (id, set_id, at, actor, action, reason) VALUES ($1, $2, $3, $4, $5, $6)",
		id, setID, micros(t.now), by.Name, action, t.store.keys.sealText(paramReason(id), reason))
	if err != nil {
		return err
	}
	if reason != "" {
		detail["reason"] = reason
	}
	return t.audit(ctx, by, "param."+action, setID, detail)
}

// AttachScan gives a draft the picture of its notice, in place of the one it had.
func (s *Store) AttachScan(ctx context.Context, by casework.Actor, id, name, mime string, data []byte) error {
	sum, err := s.PutFile(ctx, data)
	if err != nil {
		return err
	}
	return s.moveParams(ctx, id, "attach the scan", func(t *tx, v ParamSet) error {
		_, err := t.update(ctx, "UPDATE param_sets SET scan = $1, scan_mime = $2, scan_name = $3 WHERE id = $4",
			sum, mime, s.keys.sealText(paramScan(id), name), id)
		if err != nil {
			return err
		}
		return t.paramEvent(ctx, by, "scan", id, "", map[string]any{"set": v.Hash, "file": sum})
	})
}

// moveParams changes a draft under the lock of its row; ErrConflict when it is one
// no longer.
func (s *Store) moveParams(ctx context.Context, id, what string, move func(*tx, ParamSet) error) error {
	return s.change(ctx, what, func(t *tx) error {
		if err := t.must(ctx, ErrNotFound, "UPDATE param_sets SET state = state WHERE id = $1", id); err != nil {
			return err
		}
		v, err := one(ctx, t, s.scanParams, "SELECT "+paramColumns+" FROM param_sets WHERE id = $1", id)
		if err != nil {
			return err
		}
		if v.State != ParamDraft {
			return fmt.Errorf("the set is %s already: %w", v.State, ErrConflict)
		}
		return move(t, v)
	})
}

// ParamSet gives one set, or ErrNotFound; ErrTampered when it no longer says what
// was kept.
func (s *Store) ParamSet(ctx context.Context, id string) (ParamSet, error) {
	v, err := one(ctx, s.reader, s.scanParams, "SELECT "+paramColumns+" FROM param_sets WHERE id = $1", id)
	return v, explain("parameter set", err)
}

// ParamFilter narrows a list of sets; the zero value asks for all.
type ParamFilter struct {
	Region string
	Kind   casework.ParamKind
	States []ParamState
}

// ParamSets lists sets by region, kind and first day, the latest first.
func (s *Store) ParamSets(ctx context.Context, f ParamFilter) ([]ParamSet, error) {
	var w where
	w.equal("region", f.Region)
	w.equal("kind", string(f.Kind))
	in(&w, "state", f.States)
	all, err := list(ctx, s.reader, s.scanParams, "SELECT "+paramColumns+" FROM param_sets"+w.String()+" ORDER BY region, kind, valid_from DESC, id DESC", w.values...)
	return all, explain("list parameter sets", err)
}

// NoteTrial keeps what an evaluation of worked examples under a draft has shown.
func (s *Store) NoteTrial(ctx context.Context, by casework.Actor, id string, trial ParamTrial) error {
	return s.moveParams(ctx, id, "note a trial", func(t *tx, v ParamSet) error {
		row := casework.NewID()
		_, err := t.update(ctx, `INSERT INTO param_trials (id, set_id, edition, at, actor, name, passed, failed, unknown, report)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, row, id, trial.Edition, micros(t.now), by.Name,
			s.keys.sealText(trialName(row), trial.Name), trial.Passed, trial.Failed, trial.Unknown, s.keys.sealText(trialReport(row), trial.Report))
		if err != nil {
			return err
		}
		return t.paramEvent(ctx, by, "try", id, "", map[string]any{"set": v.Hash, "edition": trial.Edition, "passed": trial.Passed, "failed": trial.Failed, "unknown": trial.Unknown})
	})
}

const trialColumns = "id, edition, at, actor, name, passed, failed, unknown, report"

func (s *Store) scanTrial(r row) (v ParamTrial, err error) {
	var id, name, report string
	var at int64
	if err = r.Scan(&id, &v.Edition, &at, &v.By, &name, &v.Passed, &v.Failed, &v.Unknown, &report); err != nil {
		return v, err
	}
	v.At = moment(at)
	if v.Name, err = s.keys.openText(trialName(id), name); err != nil {
		return v, err
	}
	v.Report, err = s.keys.openText(trialReport(id), report)
	return v, err
}

// ParamTrials gives the evaluations of a draft, the newest first.
func (s *Store) ParamTrials(ctx context.Context, id string) ([]ParamTrial, error) {
	all, err := list(ctx, s.reader, s.scanTrial, "SELECT "+trialColumns+" FROM param_trials WHERE set_id = $1 ORDER BY at DESC, id DESC", id)
	return all, explain("list trials", err)
}

// ParamEvents gives what happened to a set, the newest first.
func (s *Store) ParamEvents(ctx context.Context, id string) ([]ParamEvent, error) {
	all, err := list(ctx, s.reader, func(r row) (e ParamEvent, err error) {
		var row, reason string
		var at int64
		if err = r.Scan(&row, &at, &e.By, &e.Action, &reason); err != nil {
			return e, err
		}
		e.At = moment(at)
		e.Reason, err = s.keys.openText(paramReason(row), reason)
		return e, err
	}, "SELECT id, at, actor, action, reason FROM param_events WHERE set_id = $1 ORDER BY at DESC, id DESC", id)
	return all, explain("list what happened to the parameters", err)
}

// wrote says that the actor is the set's author, or no person at all.
func (v ParamSet) wrote(by casework.Actor) bool {
	return by.Kind != casework.Human || by.ID == v.AuthorID || by.Name == v.Author
}

// ReleaseParams puts a draft in force: the next edition of the parameters holds it.
// It needs somebody other than the author (ErrTwoPeople), the scan (ErrNoScan) and
// examples that were evaluated on the edition as it stands (ErrUntried); where some
// differ the person takes that on knowingly (ErrDiffers). A set that is valid from a
// day gone by asks for its recalculations in the same transaction.
func (s *Store) ReleaseParams(ctx context.Context, by casework.Actor, id, reason string, knowingly bool) error {
	if strings.TrimSpace(reason) == "" {
		return fmt.Errorf("release parameters: no reason was given: %w", ErrInvalid)
	}
	return s.moveParams(ctx, id, "release parameters", func(t *tx, v ParamSet) error {
		switch {
		case v.wrote(by):
			return fmt.Errorf("the author of parameters does not release them: %w", ErrTwoPeople)
		case v.Scan.SHA256 == "":
			return ErrNoScan
		}
		edition, err := one(ctx, t, scalar[int], "UPDATE param_head SET edition = edition + 1 WHERE id = 1 RETURNING edition")
		if err != nil {
			return err
		}
		trial, err := one(ctx, t, s.scanTrial, "SELECT "+trialColumns+" FROM param_trials WHERE set_id = $1 ORDER BY at DESC, id DESC LIMIT 1", id)
		switch {
		case errors.Is(err, ErrNotFound), err == nil && (trial.Edition != edition-1 || trial.Passed+trial.Failed == 0):
			return ErrUntried
		case err != nil:
			return err
		case trial.Failed > 0 && !knowingly:
			return ErrDiffers
		}
		retro := 0
		if v.From.Before(casework.DateOf(t.now)) {
			retro = 1
			if err := t.hint(ctx, taskRecalculate, id); err != nil {
				return err
			}
		}
		_, err = t.update(ctx, "UPDATE param_sets SET state = 'released', edition = $1, released_at = $2, released_by = $3, retro = $4, hinted_at = $2 WHERE id = $5",
			edition, micros(t.now), by.Name, retro, id)
		if err != nil {
			return err
		}
		return t.paramEvent(ctx, by, "release", id, reason, map[string]any{"set": v.Hash, "edition": edition, "passed": trial.Passed, "failed": trial.Failed, "retro": retro == 1})
	})
}

// RefuseParams sends a draft back; its author does not judge it.
func (s *Store) RefuseParams(ctx context.Context, by casework.Actor, id, reason string) error {
	return s.endDraft(ctx, by, "refuse", ParamRefused, id, reason, func(v ParamSet) error {
		if v.wrote(by) {
			return fmt.Errorf("the author of parameters does not judge them: %w", ErrTwoPeople)
		}
		return nil
	})
}

// endDraft moves a draft to where nothing moves it any more.
func (s *Store) endDraft(ctx context.Context, by casework.Actor, action string, to ParamState, id, reason string, allowed func(ParamSet) error) error {
	if strings.TrimSpace(reason) == "" {
		return fmt.Errorf("%s parameters: no reason was given: %w", action, ErrInvalid)
	}
	return s.moveParams(ctx, id, action+" parameters", func(t *tx, v ParamSet) error {
		if err := allowed(v); err != nil {
			return err
		}
		if _, err := t.update(ctx, "UPDATE param_sets SET state = $1 WHERE id = $2", string(to), id); err != nil {
			return err
		}
		return t.paramEvent(ctx, by, action, id, reason, map[string]any{"set": v.Hash})
	})
}

// WithdrawParams takes a set back: a draft by whoever may, a released one only
// before its first day, by somebody other than the author. From its first day on
// nothing takes it back; another set puts it right (ErrConflict).
func (s *Store) WithdrawParams(ctx context.Context, by casework.Actor, id, reason string) error {
	v, err := s.ParamSet(ctx, id)
	if err != nil {
		return err
	}
	if v.State != ParamReleased {
		return s.endDraft(ctx, by, "withdraw", ParamWithdrawn, id, reason, func(ParamSet) error { return nil })
	}
	if v.wrote(by) {
		return fmt.Errorf("the author of parameters does not take them back alone: %w", ErrTwoPeople)
	}
	if strings.TrimSpace(reason) == "" {
		return fmt.Errorf("withdraw parameters: no reason was given: %w", ErrInvalid)
	}
	return s.change(ctx, "withdraw parameters", func(t *tx) error {
		if !casework.DateOf(t.now).Before(v.From) {
			return fmt.Errorf("the set is in force: %w", ErrConflict)
		}
		edition, err := one(ctx, t, scalar[int], "UPDATE param_head SET edition = edition + 1 WHERE id = 1 RETURNING edition")
		if err != nil {
			return err
		}
		err = t.must(ctx, ErrConflict, "UPDATE param_sets SET state = 'withdrawn', ended = $1 WHERE id = $2 AND state = 'released'", edition, id)
		if err != nil {
			return err
		}
		return t.paramEvent(ctx, by, "withdraw", id, reason, map[string]any{"set": v.Hash, "edition": edition})
	})
}
