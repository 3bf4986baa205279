package store

import (
	"context"
	"crypto/hmac"
	"errors"
	"fmt"
	"time"
)

// AuditHead is the end of the audit chain at a moment. Kept where the database's
// owner cannot write, on paper for instance, it shows later that no row up to it
// was cut off.
type AuditHead struct {
	Rows int64     `json:"rows"` // the chain's length
	Hash string    `json:"hash"` // of its last row, "" for an empty chain
	At   time.Time `json:"at"`   // when it was read
}

// AuditHead chains what waits and gives the end of the chain.
func (s *Store) AuditHead(ctx context.Context) (AuditHead, error) {
	for {
		chained, err := s.SealAudit(ctx)
		if err != nil {
			return AuditHead{}, err
		}
		if chained < sealBatch {
			break
		}
	}
	head, err := one(ctx, s.reader, func(r row) (h AuditHead, err error) { return h, r.Scan(&h.Rows, &h.Hash) },
		"SELECT seq, hash FROM audit_chain ORDER BY seq DESC LIMIT 1")
	head.At = s.cfg.Now().UTC()
	if errors.Is(err, ErrNotFound) {
		return head, nil
	}
	return head, explain("end of the audit chain", err)
}

// VerifyAuditSince is VerifyAudit that also proves that the chain still runs
// through a head that was kept: ErrTampered when rows up to it were cut off, or
// the chain was made anew.
func (s *Store) VerifyAuditSince(ctx context.Context, kept AuditHead) (rows int64, err error) {
	rows, err = s.VerifyAudit(ctx)
	if err != nil || kept.Rows == 0 {
		return rows, err
	}
	if rows < kept.Rows {
		return rows, fmt.Errorf("%d rows at the end are missing: %w", kept.Rows-rows, ErrTampered)
	}
	hash, err := one(ctx, s.reader, scalar[string], "SELECT hash FROM audit_chain WHERE seq = $1", kept.Rows)
	if err != nil {
		return rows, explain("verify the audit trail", err)
	}
	if !hmac.Equal([]byte(hash), []byte(kept.Hash)) {
		return rows, fmt.Errorf("row %d is not the one whose hash was kept: %w", kept.Rows, ErrTampered)
	}
	return rows, nil
}
