package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/sheets"
)

// SheetState is where a work list stands.
type SheetState string

// The states of a sheet.
const (
	SheetTaking  SheetState = "taking"  // its rows are being written down
	SheetRunning SheetState = "running" // its rows begin one after another
	SheetStopped SheetState = "stopped" // no further row begins
	SheetDone    SheetState = "done"    // every row is over
)

// Sheet is a file that is a work list for one playbook.
type Sheet struct {
	ID       string
	Playbook string
	SHA256   string // of the file, kept sealed
	Name     string // of the file; sealed: people name files after people
	Format   sheets.Format
	State    SheetState
	By       string
	At       time.Time
	Done     time.Time
}

// sheetRow is the sealed part of a row.
type sheetRow struct {
	Applicant casework.Person     `json:"applicant"`
	Month     casework.Month      `json:"month"`
	Region    string              `json:"region"`
	Shared    map[string]string   `json:"shared,omitempty"`
	Papers    []casework.Material `json:"papers,omitempty"` // whose bytes are kept already
	Wrongs    []sheets.Wrong      `json:"wrongs,omitempty"`
}

// sheetBatch bounds the transaction that writes rows down.
const sheetBatch = 500

const sheetColumns = "id, playbook, sha256, name, format, state, person, at, done_at"

func sheetNameOf(id string) string { return "sheets/name/" + id }

func sheetRowOf(id string, line int) string { return fmt.Sprintf("sheet_rows/data/%s/%d", id, line) }

func (s *Store) scanSheet(r row) (v Sheet, err error) {
	var name string
	var at, done int64
	if err = r.Scan(&v.ID, &v.Playbook, &v.SHA256, &name, &v.Format, &v.State, &v.By, &at, &done); err != nil {
		return v, err
	}
	v.At = moment(at)
	if done != 0 {
		v.Done = moment(done)
	}
	v.Name, err = s.keys.openText(sheetNameOf(v.ID), name)
	return v, err
}

// TakeSheet keeps the file and writes its rows down; from then on they begin one
// after another. The same bytes for the same playbook give the sheet there is,
// with ErrDuplicate: nothing begins twice.
func (s *Store) TakeSheet(ctx context.Context, by casework.Actor, v Sheet, data []byte, rows []sheets.Planned) (Sheet, error) {
	sum, err := s.PutFile(ctx, data)
	if err != nil {
		return v, err
	}
	v.ID, v.SHA256, v.State, v.By = casework.NewID(), sum, SheetTaking, by.Name
	err = s.change(ctx, "take a sheet", func(t *tx) error {
		v.At = t.now
		return t.must(ctx, ErrDuplicate, `INSERT INTO sheets (id, playbook, sha256, name, format, state, person, at) VALUES ($1, $2, $3, $4, $5, 'taking', $6, $7)
			ON CONFLICT (playbook, sha256) DO NOTHING`, v.ID, v.Playbook, sum, s.keys.sealText(sheetNameOf(v.ID), v.Name), string(v.Format), v.By, micros(t.now))
	})
	known := errors.Is(err, ErrDuplicate)
	if known {
		if v, err = one(ctx, s.reader, s.scanSheet, "SELECT "+sheetColumns+" FROM sheets WHERE playbook = $1 AND sha256 = $2", v.Playbook, sum); err != nil {
			return v, explain("sheet", err)
		}
	}
	if err != nil {
		return v, err
	}
	if v.State == SheetTaking { // also where a crash left it half written
		if err := s.writeRows(ctx, by, &v, rows); err != nil {
			return v, err
		}
	}
	if known {
		return v, fmt.Errorf("sheet: %w", ErrDuplicate)
	}
	return v, nil
}

func (s *Store) writeRows(ctx context.Context, by casework.Actor, v *Sheet, rows []sheets.Planned) error {
	for at := 0; at < len(rows); at += sheetBatch {
		err := s.change(ctx, "write down the rows of a sheet", func(t *tx) error {
			for _, row := range rows[at:min(at+sheetBatch, len(rows))] {
				if err := t.insertSheetRow(ctx, *v, row); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	v.State = SheetRunning
	return s.change(ctx, "take a sheet", func(t *tx) error {
		if _, err := t.update(ctx, "UPDATE sheets SET state = 'running' WHERE id = $1 AND state = 'taking'", v.ID); err != nil {
			return err
		}
		return t.audit(ctx, by, "sheet.take", v.ID, map[string]any{"playbook": v.Playbook, "sha256": v.SHA256, "rows": len(rows)})
	})
}

func (t *tx) insertSheetRow(ctx context.Context, v Sheet, p sheets.Planned) error {
	data := sheetRow{Applicant: p.Case.Applicant, Month: p.Case.Month, Region: p.Case.Region, Shared: p.Case.Shared, Papers: p.Papers, Wrongs: p.Wrongs}
	text, err := json.Marshal(data)
	if err != nil {
		return err
	}
	sealed, err := t.store.keys.sealJSON(sheetRowOf(v.ID, p.Line), data)
	if err != nil {
		return err
	}
	state := "waiting"
	if len(p.Wrongs) > 0 {
		state = "wrong"
	}
	return t.later(ctx, `INSERT INTO sheet_rows (sheet_id, line, state, content, data) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (sheet_id, line) DO NOTHING`,
		v.ID, p.Line, state, t.store.Hash("sheet row", v.Playbook, string(text)), sealed)
}

// Sheet gives one, or ErrNotFound.
func (s *Store) Sheet(ctx context.Context, id string) (Sheet, error) {
	v, err := one(ctx, s.reader, s.scanSheet, "SELECT "+sheetColumns+" FROM sheets WHERE id = $1", id)
	return v, explain("sheet", err)
}

// Sheets gives the newest sheets.
func (s *Store) Sheets(ctx context.Context, limit int) ([]Sheet, error) {
	all, err := list(ctx, s.reader, s.scanSheet, "SELECT "+sheetColumns+" FROM sheets ORDER BY id DESC LIMIT $1", limit)
	return all, explain("list sheets", err)
}

// StopSheet lets no further row begin; what is under way comes to its end.
// ErrConflict when it is not running.
func (s *Store) StopSheet(ctx context.Context, by casework.Actor, id, reason string) error {
	return s.moveSheet(ctx, by, id, "sheet.stop", reason, "UPDATE sheets SET state = 'stopped' WHERE id = $1 AND state = 'running'")
}

// ContinueSheet lets a stopped sheet go on with its next row.
func (s *Store) ContinueSheet(ctx context.Context, by casework.Actor, id, reason string) error {
	return s.moveSheet(ctx, by, id, "sheet.continue", reason, "UPDATE sheets SET state = 'running' WHERE id = $1 AND state = 'stopped'")
}

func (s *Store) moveSheet(ctx context.Context, by casework.Actor, id, action, reason, query string) error {
	return s.change(ctx, "move the sheet", func(t *tx) error {
		if err := t.must(ctx, ErrConflict, query, id); err != nil {
			return err
		}
		return t.audit(ctx, by, action, id, map[string]string{"reason": reason})
	})
}
