package store

import (
	"context"
	"crypto/hmac"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jingban/jingban/casework"
)

// AuditRow is one line of the audit trail. Seq is its place in the chain, 0
// until the sealer has come by. Object is the case's id where there is a case,
// otherwise the id or name of what was touched.
type AuditRow struct {
	Seq                               int64
	At                                time.Time
	Actor, Role, From, Action, Object string
	Detail                            string // JSON without personal data
}

// audited is an audit row as it is stored and chained. The order of the fields
// is the order of the bytes under the hash and never changes.
type audited struct {
	ID     string `json:"id"`
	At     int64  `json:"at"`
	Kind   string `json:"kind"`
	Actor  string `json:"actor"`
	Name   string `json:"name"`
	Role   string `json:"role"`
	Source string `json:"source"`
	Action string `json:"action"`
	Object string `json:"object"`
	Detail string `json:"detail"` // sealed
}

const auditColumns = "a.id, a.at, a.kind, a.actor, a.name, a.role, a.source, a.action, a.object, a.detail"

func auditDetail(id string) string { return "audit/detail/" + id }

// audit writes who did what to which object in the transaction of the change.
func (t *tx) audit(ctx context.Context, by casework.Actor, action, object string, detail any) error {
	text, err := jsonText(detail)
	if err != nil {
		return fmt.Errorf("audit %s: %w", action, err)
	}
	if object == "" { // a scheduled run has no case
		object = runIn(detail)
	}
	id := casework.NewID()
	err = t.later(ctx, `INSERT INTO audit (id, at, kind, actor, name, role, source, action, object, detail)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		id, micros(t.now), string(by.Kind), by.ID, by.Name, by.Role, by.From, action, object,
		t.store.keys.sealText(auditDetail(id), text))
	if err != nil {
		return err
	}
	return t.later(ctx, "INSERT INTO audit_unchained (id) VALUES ($1)", id)
}

// runIn finds the run that a detail speaks of.
func runIn(detail any) (run string) {
	switch about := detail.(type) {
	case map[string]string:
		run = about["run"]
	case map[string]any:
		run, _ = about["run"].(string)
	}
	return run
}

// Note records something that changed no row here, a full value revealed for
// instance. Detail is JSON, or "" for none.
func (s *Store) Note(ctx context.Context, by casework.Actor, action, object, detail string) error {
	if detail == "" {
		detail = "{}"
	}
	if !json.Valid([]byte(detail)) {
		return fmt.Errorf("audit %s: the detail is no JSON: %w", action, ErrInvalid)
	}
	return s.change(ctx, "write the audit trail", func(t *tx) error {
		return t.audit(ctx, by, action, object, json.RawMessage(detail))
	})
}

// Audit gives the rows about one object, or about everything for "", the
// newest first.
func (s *Store) Audit(ctx context.Context, object string, limit int) ([]AuditRow, error) {
	var w where
	w.equal("a.object", object)
	rows, err := list(ctx, s.reader, func(r row) (AuditRow, error) {
		var a audited
		var seq int64
		if err := a.scan(r, &seq); err != nil {
			return AuditRow{}, err
		}
		detail, err := s.keys.openText(auditDetail(a.ID), a.Detail)
		return AuditRow{Seq: seq, At: moment(a.At), Actor: a.Name, Role: a.Role, From: a.Source,
			Action: a.Action, Object: a.Object, Detail: detail}, err
	}, "SELECT "+auditColumns+", COALESCE(c.seq, 0) FROM audit a LEFT JOIN audit_chain c ON c.id = a.id"+
		w.String()+" ORDER BY a.at DESC, a.id DESC LIMIT "+w.mark(limited(limit)), w.values...)
	return rows, explain("read the audit trail", err)
}

func (a *audited) scan(r row, more ...any) error {
	return r.Scan(append([]any{&a.ID, &a.At, &a.Kind, &a.Actor, &a.Name, &a.Role, &a.Source,
		&a.Action, &a.Object, &a.Detail}, more...)...)
}

// link is the keyed hash of a row and everything before it. It is keyed so that
// whoever can write to the database alone cannot make a new chain.
func (k keys) link(before string, a audited) (string, error) {
	text, err := jsonText(a)
	return k.hash("audit", before, text), err
}

// sealBatch bounds the transaction of the sealer.
const sealBatch = 1000

// SealAudit chains the rows that were added since the last time, at most 1000,
// and gives their number. Rows wait for it in no transaction of their own. The
// ends of the manifests that have grown are written down first.
func (s *Store) SealAudit(ctx context.Context) (chained int, err error) {
	if _, err := s.AnchorEvidence(ctx); err != nil {
		return 0, err
	}
	waiting, err := one(ctx, s.reader, scalar[int64], "SELECT COUNT(*) FROM (SELECT id FROM audit_unchained LIMIT 1) w")
	if err != nil || waiting == 0 {
		return 0, explain("chain the audit trail", err)
	}
	err = s.change(ctx, "chain the audit trail", func(t *tx) error {
		chained, err = t.chain(ctx)
		return err
	})
	return chained, err
}

func (t *tx) chain(ctx context.Context) (int, error) {
	if err := t.must(ctx, ErrNotFound, "UPDATE latches SET at = $1 WHERE name = 'audit'", micros(t.now)); err != nil {
		return 0, err
	}
	seq, head, err := t.head(ctx)
	if err != nil {
		return 0, err
	}
	rows, err := list(ctx, t, func(r row) (a audited, err error) { return a, a.scan(r) },
		"SELECT "+auditColumns+` FROM audit_unchained u JOIN audit a ON a.id = u.id
		ORDER BY a.at, a.id LIMIT $1`, sealBatch)
	if err != nil {
		return 0, err
	}
	for _, a := range rows {
		seq++
		if head, err = t.store.keys.link(head, a); err != nil {
			return 0, err
		}
		if _, err = t.update(ctx, "INSERT INTO audit_chain (seq, id, hash) VALUES ($1, $2, $3)", seq, a.ID, head); err != nil {
			return 0, err
		}
		if _, err = t.update(ctx, "DELETE FROM audit_unchained WHERE id = $1", a.ID); err != nil {
			return 0, err
		}
	}
	return len(rows), nil
}

// head gives the last link of the chain.
func (t *tx) head(ctx context.Context) (seq int64, hash string, err error) {
	type end struct {
		seq  int64
		hash string
	}
	last, err := one(ctx, t, func(r row) (e end, err error) { return e, r.Scan(&e.seq, &e.hash) },
		"SELECT seq, hash FROM audit_chain ORDER BY seq DESC LIMIT 1")
	if errors.Is(err, ErrNotFound) {
		return 0, "", nil
	}
	return last.seq, last.hash, err
}

// VerifyAudit walks the whole chain and gives the number of rows it covers. It
// returns ErrTampered with the place when a row was changed, removed, swapped,
// or taken out of the sealer's sight. Rows cut off at the end of the chain show
// only against a count kept elsewhere.
func (s *Store) VerifyAudit(ctx context.Context) (rows int64, err error) {
	found, err := s.reader.query(ctx, `SELECT c.seq, c.hash, COALESCE(a.id, ''), COALESCE(a.at, 0),
		COALESCE(a.kind, ''), COALESCE(a.actor, ''), COALESCE(a.name, ''), COALESCE(a.role, ''), COALESCE(a.source, ''),
		COALESCE(a.action, ''), COALESCE(a.object, ''), COALESCE(a.detail, '')
		FROM audit_chain c LEFT JOIN audit a ON a.id = c.id ORDER BY c.seq`)
	if err != nil {
		return 0, explain("verify the audit trail", err)
	}
	defer found.Close()
	head := ""
	for found.Next() {
		if head, err = s.verifyLink(found, rows+1, head); err != nil {
			return rows, err
		}
		rows++
	}
	if err := found.Err(); err != nil {
		return rows, explain("verify the audit trail", err)
	}
	return rows, s.verifyNoneHidden(ctx)
}

func (s *Store) verifyLink(r row, want int64, before string) (string, error) {
	var seq int64
	var hash string
	var a audited
	err := r.Scan(&seq, &hash, &a.ID, &a.At, &a.Kind, &a.Actor, &a.Name, &a.Role, &a.Source, &a.Action, &a.Object, &a.Detail)
	if err != nil {
		return "", explain("verify the audit trail", err)
	}
	if seq != want {
		return "", fmt.Errorf("row %d is missing from the chain: %w", want, ErrTampered)
	}
	head, err := s.keys.link(before, a)
	if err == nil && !hmac.Equal([]byte(head), []byte(hash)) {
		return "", fmt.Errorf("row %d does not fit its hash: %w", seq, ErrTampered)
	}
	return head, err
}

func (s *Store) verifyNoneHidden(ctx context.Context) error {
	hidden, err := one(ctx, s.reader, scalar[int64], `SELECT COUNT(*) FROM audit a
		WHERE NOT EXISTS (SELECT 1 FROM audit_chain c WHERE c.id = a.id)
		AND NOT EXISTS (SELECT 1 FROM audit_unchained u WHERE u.id = a.id)`)
	if err != nil {
		return explain("verify the audit trail", err)
	}
	if hidden > 0 {
		return fmt.Errorf("%d rows were kept from the chain: %w", hidden, ErrTampered)
	}
	return nil
}
