package store

import (
	"context"
	"fmt"

	"github.com/jingban/jingban/casework"
)

const materialColumns = "id, case_id, slot, file_name, mime, sha256, bytes, pages, state, fault, uploaded_at, door, brought"

func fileNameOf(id string) string { return "materials/file_name/" + id }

func readingOf(materialID string, page int) string {
	return fmt.Sprintf("readings/data/%s-%d", materialID, page)
}

func (s *Store) scanMaterial(r row) (m casework.Material, err error) {
	var name, door, brought string
	var uploaded int64
	err = r.Scan(&m.ID, &m.CaseID, &m.Slot, &name, &m.MIME, &m.SHA256, &m.Bytes, &m.Pages, &m.State, &m.Fault, &uploaded, &door, &brought)
	if err != nil {
		return m, err
	}
	if m.Looks, err = looksFrom(door); err != nil {
		return m, fmt.Errorf("material %s: %w", m.ID, err)
	}
	m.UploadedAt, m.Replaced = moment(uploaded), brought == "replaced"
	m.FileName, err = s.keys.openText(fileNameOf(m.ID), name)
	return m, err
}

// AddMaterial seals and keeps the bytes (the caller has capped them) and writes
// the row together with the read_material hint. A run that waits for it goes on
// once it has been read.
// ErrConflict when the case takes no uploads: it is not created or returned, and
// no run of it waits for one.
func (s *Store) AddMaterial(ctx context.Context, by casework.Actor, m casework.Material, data []byte) (casework.Material, error) {
	if err := s.takesUploads(ctx, m.CaseID); err != nil {
		return casework.Material{}, explain("add a material", err)
	}
	sum, err := s.PutFile(ctx, data)
	if err != nil {
		return casework.Material{}, err
	}
	m.ID, m.SHA256, m.Bytes, m.State, m.Fault = casework.NewID(), sum, int64(len(data)), casework.MaterialReceived, ""
	err = s.change(ctx, "add a material", func(t *tx) error {
		if err := t.openForUpload(ctx, m.CaseID); err != nil {
			return err
		}
		return t.addMaterial(ctx, by, m)
	})
	if err != nil {
		return casework.Material{}, err
	}
	return s.Material(ctx, m.ID)
}

// takesUploads spares the file of an upload that would be refused anyway.
func (s *Store) takesUploads(ctx context.Context, caseID string) error {
	state, err := one(ctx, s.reader, scalar[casework.CaseState], "SELECT state FROM cases WHERE id = $1", caseID)
	if err != nil || state == casework.CaseCreated || state == casework.CaseReturned {
		return err
	}
	waits, err := s.AwaitsUpload(ctx, caseID)
	if err == nil && !waits {
		err = fmt.Errorf("the case is %s: %w", state, ErrConflict)
	}
	return err
}

// AwaitsUpload says that a run of the case waits for an upload.
func (s *Store) AwaitsUpload(ctx context.Context, caseID string) (bool, error) {
	n, err := one(ctx, s.reader, scalar[int], "SELECT COUNT(*) FROM runs"+waitsForUpload, caseID, casework.WaitingMaterial)
	return n > 0, explain("runs that wait for an upload", err)
}

const waitsForUpload = " WHERE case_id = $1 AND state = 'waiting' AND ended = $2"

// openForUpload finds the case open, or a run of it that waits for the upload.
// The run comes first: locked, it cannot look and miss what is about to come.
func (t *tx) openForUpload(ctx context.Context, caseID string) error {
	open := " AND state IN ('created', 'returned')"
	waits, err := t.update(ctx, "UPDATE runs SET updated_at = $3"+waitsForUpload, caseID, casework.WaitingMaterial, micros(t.now))
	if err != nil {
		return err
	}
	if waits > 0 {
		open = ""
	}
	return t.moveCase(ctx, caseID, "UPDATE cases SET updated_at = $1 WHERE id = $2"+open, micros(t.now), caseID)
}

// addMaterial writes the row of a material whose bytes are kept already, and has it
// read.
func (t *tx) addMaterial(ctx context.Context, by casework.Actor, m casework.Material) error {
	if err := t.insertMaterial(ctx, m); err != nil {
		return err
	}
	if err := t.insertLooks(ctx, m); err != nil {
		return err
	}
	if err := t.hint(ctx, taskReadMaterial, m.ID); err != nil {
		return err
	}
	return t.audit(ctx, by, "material.add", m.CaseID, map[string]string{"material": m.ID, "slot": m.Slot, "sha256": m.SHA256})
}

func (t *tx) insertMaterial(ctx context.Context, m casework.Material) error {
	door, err := looksText(m.Looks)
	if err != nil {
		return err
	}
	_, err = t.update(ctx, `INSERT INTO materials (id, case_id, slot, file_name, mime, sha256, bytes, pages, state,
		uploaded_at, hinted_at, door) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $11)`,
		m.ID, m.CaseID, m.Slot, t.store.keys.sealText(fileNameOf(m.ID), m.FileName), m.MIME, m.SHA256, m.Bytes, m.Pages,
		string(m.State), micros(t.now), door)
	return err
}

// Material gives one material, or ErrNotFound.
func (s *Store) Material(ctx context.Context, id string) (casework.Material, error) {
	m, err := one(ctx, s.reader, s.scanMaterial, "SELECT "+materialColumns+" FROM materials WHERE id = $1", id)
	return m, explain("material", err)
}

// Materials gives the materials of a case in the order of their upload.
func (s *Store) Materials(ctx context.Context, caseID string) ([]casework.Material, error) {
	all, err := list(ctx, s.reader, s.scanMaterial,
		"SELECT "+materialColumns+" FROM materials WHERE case_id = $1 ORDER BY uploaded_at, id", caseID)
	return all, explain("list materials", err)
}

// SaveReadings keeps what was read, sealed, and when this was the last unread
// material asks for the run of a submitted case, or wakes the run that waits for
// it. Reading twice is a no-op.
func (s *Store) SaveReadings(ctx context.Context, materialID string, readings []casework.Reading) error {
	return s.closeMaterial(ctx, materialID, casework.MaterialRead, "", readings)
}

// SaveUnreadable refuses the material for good; what follows is as after
// SaveReadings.
func (s *Store) SaveUnreadable(ctx context.Context, materialID, faultCode string) error {
	return s.closeMaterial(ctx, materialID, casework.MaterialUnreadable, faultCode, nil)
}

func (s *Store) closeMaterial(ctx context.Context, id string, state casework.MaterialState, fault string, readings []casework.Reading) error {
	return s.change(ctx, "keep what was read", func(t *tx) error {
		caseID, err := one(ctx, t, scalar[string], "SELECT case_id FROM materials WHERE id = $1", id)
		if err != nil {
			return err
		}
		// A waiting run and the case are locked first, in the order of every upload:
		// of two last materials exactly one sees that none is left.
		if _, err := t.update(ctx, "UPDATE runs SET updated_at = $3"+waitsForUpload, caseID, casework.WaitingMaterial, micros(t.now)); err != nil {
			return err
		}
		if _, err := t.update(ctx, "UPDATE cases SET updated_at = $1 WHERE id = $2", micros(t.now), caseID); err != nil {
			return err
		}
		n, err := t.update(ctx, `UPDATE materials SET state = $1, fault = $2, pages = $3, read_at = $4
			WHERE id = $5 AND state = 'received'`, string(state), fault, len(readings), micros(t.now), id)
		if err != nil || n == 0 {
			return err
		}
		if err := t.insertReadings(ctx, id, readings); err != nil {
			return err
		}
		if err := t.wakeWhenRead(ctx, caseID); err != nil {
			return err
		}
		return t.hintWhenRead(ctx, caseID)
	})
}

const allRead = " AND NOT EXISTS (SELECT 1 FROM materials m WHERE m.case_id = $1 AND m.state = 'received')"

// wakeWhenRead lets the run go on that waited for an upload.
func (t *tx) wakeWhenRead(ctx context.Context, caseID string) error {
	n, err := t.update(ctx, "UPDATE runs SET next_at = $3"+waitsForUpload+allRead, caseID, casework.WaitingMaterial, micros(t.now))
	t.woken = t.woken || n > 0
	return err
}

func (t *tx) insertReadings(ctx context.Context, materialID string, readings []casework.Reading) error {
	for _, r := range readings {
		data, err := t.store.keys.sealJSON(readingOf(materialID, r.Page), r)
		if err != nil {
			return err
		}
		_, err = t.update(ctx, "INSERT INTO readings (material_id, page, data) VALUES ($1, $2, $3)", materialID, r.Page, data)
		if err != nil {
			return err
		}
	}
	return nil
}

// Readings gives what was read on each page of a material.
func (s *Store) Readings(ctx context.Context, materialID string) ([]casework.Reading, error) {
	all, err := list(ctx, s.reader, func(r row) (reading casework.Reading, err error) {
		var page int
		var data string
		if err = r.Scan(&page, &data); err != nil {
			return reading, err
		}
		return reading, s.keys.openJSON(readingOf(materialID, page), data, &reading)
	}, "SELECT page, data FROM readings WHERE material_id = $1 ORDER BY page", materialID)
	return all, explain("list readings", err)
}
