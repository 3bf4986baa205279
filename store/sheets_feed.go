package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jingban/jingban/casework"
)

// SheetAhead is how many rows of one sheet are at work at once. Rows that wait for
// a person do not count; the rest stays in the sheet, where stopping is easy.
const SheetAhead = 20

// FeedSheets begins the next rows of every running sheet: a case with its
// submission each, in a transaction of its own, so that a crash anywhere leaves
// whole rows. A row that came in an earlier sheet and has not failed there follows
// that case. Any number of feeders may run.
func (s *Store) FeedSheets(ctx context.Context, by casework.Actor) (begun int, err error) {
	running, err := list(ctx, s.reader, s.scanSheet, "SELECT "+sheetColumns+" FROM sheets WHERE state = 'running' ORDER BY id")
	if err != nil || len(running) == 0 {
		return 0, explain("feed sheets", err)
	}
	calendar, err := s.Calendar(ctx)
	if err != nil {
		return 0, err
	}
	var errs []error
	for _, v := range running {
		n, err := s.feed(ctx, by, v, calendar)
		begun += n
		if err != nil {
			errs = append(errs, fmt.Errorf("sheet %s: %w", v.ID, err))
		}
	}
	return begun, errors.Join(errs...)
}

// atWork counts the rows whose case or run goes on without a person.
const atWork = `SELECT COUNT(*) FROM sheet_rows r JOIN cases c ON c.id = r.case_id WHERE r.sheet_id = $1 AND r.state = 'started'
	AND (c.state = 'materials_checking' OR EXISTS (SELECT 1 FROM runs x WHERE x.case_id = c.id AND x.state IN ('waiting', 'running')))`

func (s *Store) feed(ctx context.Context, by casework.Actor, v Sheet, calendar casework.Calendar) (begun int, err error) {
	if err := s.endRows(ctx, by, v); err != nil {
		return 0, err
	}
	busy, err := one(ctx, s.reader, scalar[int], atWork, v.ID)
	if err != nil || busy >= SheetAhead {
		return 0, explain("feed a sheet", err)
	}
	lines, err := list(ctx, s.reader, scalar[int], "SELECT line FROM sheet_rows WHERE sheet_id = $1 AND state = 'waiting' ORDER BY line LIMIT $2", v.ID, SheetAhead-busy)
	if err != nil {
		return 0, explain("feed a sheet", err)
	}
	for _, line := range lines {
		err := s.change(ctx, "begin a row", func(t *tx) error { return t.beginRow(ctx, by, v, line, calendar) })
		if errors.Is(err, ErrConflict) {
			return begun, nil // another feeder was faster, or the sheet was stopped
		}
		if err != nil {
			return begun, err
		}
		begun++
	}
	return begun, nil
}

// endRows notes the rows whose case is over, and the sheet when all are.
func (s *Store) endRows(ctx context.Context, by casework.Actor, v Sheet) error {
	const ended = `EXISTS (SELECT 1 FROM cases c WHERE c.id = sheet_rows.case_id AND c.state IN ('returned', 'entered', 'done', 'failed', 'cancelled'))`
	over, err := one(ctx, s.reader, scalar[int], "SELECT COUNT(*) FROM sheet_rows WHERE sheet_id = $1 AND state = 'started' AND "+ended, v.ID)
	if err != nil {
		return explain("feed a sheet", err)
	}
	left, err := one(ctx, s.reader, scalar[int], "SELECT COUNT(*) FROM sheet_rows WHERE sheet_id = $1 AND state IN ('waiting', 'started')", v.ID)
	if err != nil || over == 0 && left > 0 {
		return explain("feed a sheet", err)
	}
	return s.change(ctx, "end rows of a sheet", func(t *tx) error {
		if _, err := t.update(ctx, "UPDATE sheet_rows SET state = 'over' WHERE sheet_id = $1 AND state = 'started' AND "+ended, v.ID); err != nil {
			return err
		}
		done, err := t.update(ctx, `UPDATE sheets SET state = 'done', done_at = $1 WHERE id = $2 AND state = 'running'
			AND NOT EXISTS (SELECT 1 FROM sheet_rows r WHERE r.sheet_id = sheets.id AND r.state IN ('waiting', 'started'))`, micros(t.now), v.ID)
		if err != nil || done == 0 {
			return err
		}
		return t.audit(ctx, by, "sheet.done", v.ID, nil)
	})
}

// beginRow makes the case of a row and submits it. ErrConflict when the row has
// begun or the sheet stands.
func (t *tx) beginRow(ctx context.Context, by casework.Actor, v Sheet, line int, calendar casework.Calendar) error {
	// The update of the sheet is the lock against its stopping.
	if err := t.must(ctx, ErrConflict, "UPDATE sheets SET state = state WHERE id = $1 AND state = 'running'", v.ID); err != nil {
		return err
	}
	type kept struct{ content, data string }
	found, err := list(ctx, t, func(r row) (k kept, err error) { return k, r.Scan(&k.content, &k.data) },
		"SELECT content, data FROM sheet_rows WHERE sheet_id = $1 AND line = $2 AND state = 'waiting'", v.ID, line)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return ErrConflict
	}
	if err := t.lockContent(ctx, found[0].content); err != nil {
		return err
	}
	known, err := list(ctx, t, scalar[string], `SELECT c.id FROM sheet_rows r JOIN cases c ON c.id = r.case_id
		WHERE r.content = $1 AND r.case_id <> '' AND c.state NOT IN ('failed', 'cancelled') LIMIT 1`, found[0].content)
	if err != nil {
		return err
	}
	caseID := ""
	if len(known) > 0 {
		caseID = known[0]
	} else if caseID, err = t.openRow(ctx, by, v, line, found[0].data, calendar); err != nil {
		return err
	}
	return t.must(ctx, ErrConflict, "UPDATE sheet_rows SET state = 'started', case_id = $1 WHERE sheet_id = $2 AND line = $3 AND state = 'waiting'", caseID, v.ID, line)
}

// lockContent keeps two sheets with the same row from beginning it at once: all lock
// the row in which it came first.
func (t *tx) lockContent(ctx context.Context, content string) error {
	const first = `(SELECT sheet_id || ' ' || line FROM sheet_rows WHERE content = $1 ORDER BY sheet_id, line LIMIT 1)`
	_, err := t.update(ctx, "UPDATE sheet_rows SET content = content WHERE content = $1 AND sheet_id || ' ' || line = "+first, content)
	return err
}

func (t *tx) openRow(ctx context.Context, by casework.Actor, v Sheet, line int, sealed string, calendar casework.Calendar) (string, error) {
	var data sheetRow
	if err := t.store.keys.openJSON(sheetRowOf(v.ID, line), sealed, &data); err != nil {
		return "", err
	}
	c := casework.Case{Matter: v.Playbook, Region: data.Region, Applicant: data.Applicant, Month: data.Month, Shared: data.Shared, ReceivedAt: v.At}
	keep := func(caseID string) error {
		for _, m := range data.Papers {
			m.ID, m.CaseID, m.State = casework.NewID(), caseID, casework.MaterialReceived
			if err := t.addMaterial(ctx, by, m); err != nil {
				return err
			}
		}
		return nil
	}
	c, err := t.openSubmitted(ctx, by, c, calendar, map[string]any{"sheet": v.ID, "line": line}, keep)
	return c.ID, err
}

// openSubmitted makes a case that is submitted at once with what keep adds to it, and
// asks for its run.
func (t *tx) openSubmitted(ctx context.Context, by casework.Actor, c casework.Case, calendar casework.Calendar, why map[string]any, keep func(caseID string) error) (casework.Case, error) {
	c.ID, c.State, c.UpdatedAt = casework.NewID(), casework.CaseMaterialsChecking, t.now
	if err := t.number(ctx, &c); err != nil {
		return c, err
	}
	limit, err := t.store.startClock(&c, calendar)
	if err != nil {
		return c, err
	}
	if err := t.insertCase(ctx, c, limit); err != nil {
		return c, err
	}
	if err := t.index(ctx, c.ID, c.Applicant); err != nil {
		return c, err
	}
	if _, err := t.update(ctx, "UPDATE cases SET round = 1 WHERE id = $1", c.ID); err != nil {
		return c, err
	}
	why["number"], why["matter"] = c.Number, c.Matter
	if err := t.audit(ctx, by, "case.create", c.ID, why); err != nil {
		return c, err
	}
	if err := keep(c.ID); err != nil {
		return c, err
	}
	return c, t.hintWhenRead(ctx, c.ID)
}
