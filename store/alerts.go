package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jingban/jingban/casework"
)

// Alert is something people should look at. Kind and code have a sentence in the
// pages; Detail fills it and holds nothing personal.
type Alert struct {
	ID             string
	Kind           string // "clock", "calendar", "schedule", …
	Subject        string // the id of what it is about
	Code           string // "overdue"
	Detail         map[string]string
	Since          time.Time
	AcknowledgedBy string // "" while nobody has looked
	Acknowledged   time.Time
	Cleared        time.Time // zero while the reason stands
}

// AlertFilter narrows a list of alerts; the zero value asks for those that stand.
type AlertFilter struct {
	Kind    string
	Subject string
	Cleared bool // those that are over as well
	After   string
	Limit   int
}

const alertColumns = "id, kind, subject, code, detail, since, acknowledged_by, acknowledged_at, cleared_at"

func scanAlert(r row) (a Alert, err error) {
	var detail string
	var since, acknowledged, cleared int64
	err = r.Scan(&a.ID, &a.Kind, &a.Subject, &a.Code, &detail, &since, &a.AcknowledgedBy, &acknowledged, &cleared)
	if err != nil {
		return a, err
	}
	a.Since, a.Acknowledged, a.Cleared = moment(since), moment(acknowledged), moment(cleared)
	return a, json.Unmarshal([]byte(detail), &a.Detail)
}

// Raise writes an alert; nothing while the same one stands.
func (s *Store) Raise(ctx context.Context, kind, subject, code string, detail map[string]string) error {
	return s.change(ctx, "raise an alert", func(t *tx) error { return t.raise(ctx, kind, subject, code, detail) })
}

// Clear ends the alerts of a kind about a subject.
func (s *Store) Clear(ctx context.Context, kind, subject string) error {
	return s.change(ctx, "clear an alert", func(t *tx) error { return t.clear(ctx, kind, subject, "") })
}

func (t *tx) raise(ctx context.Context, kind, subject, code string, detail map[string]string) error {
	text, err := jsonText(detail)
	if err != nil {
		return err
	}
	_, err = t.update(ctx, `INSERT INTO alerts (id, kind, subject, code, detail, since) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (kind, subject, code) WHERE cleared_at = 0 DO NOTHING`,
		casework.NewID(), kind, subject, code, text, micros(t.now))
	return err
}

// clear ends the alerts about a subject but the one with the code that still holds.
func (t *tx) clear(ctx context.Context, kind, subject, but string) error {
	_, err := t.update(ctx, `UPDATE alerts SET cleared_at = $1 WHERE kind = $2 AND subject = $3 AND code <> $4 AND cleared_at = 0`,
		micros(t.now), kind, subject, but)
	return err
}

// Alerts gives a page of alerts, the newest first, and the cursor of the next.
func (s *Store) Alerts(ctx context.Context, f AlertFilter) (alerts []Alert, next string, err error) {
	var w where
	w.equal("kind", f.Kind)
	w.equal("subject", f.Subject)
	if !f.Cleared {
		w.add("cleared_at = 0")
	}
	if f.After != "" {
		w.add("id < ?", f.After)
	}
	limit := limited(f.Limit)
	alerts, err = list(ctx, s.reader, scanAlert,
		"SELECT "+alertColumns+" FROM alerts"+w.String()+" ORDER BY id DESC LIMIT "+w.mark(limit+1), w.values...)
	if err != nil {
		return nil, "", explain("list alerts", err)
	}
	alerts, next = pageOf(alerts, limit, func(a Alert) string { return a.ID })
	return alerts, next, nil
}

// AcknowledgeAlert says that somebody has seen it; it stands until its reason
// has gone. ErrConflict when it was acknowledged before.
func (s *Store) AcknowledgeAlert(ctx context.Context, by casework.Actor, id string) error {
	return s.change(ctx, "acknowledge the alert", func(t *tx) error {
		a, err := one(ctx, t, scanAlert, "SELECT "+alertColumns+" FROM alerts WHERE id = $1", id)
		if err != nil {
			return err
		}
		err = t.must(ctx, ErrConflict, `UPDATE alerts SET acknowledged_by = $1, acknowledged_at = $2
			WHERE id = $3 AND acknowledged_at = 0`, by.Name, micros(t.now), id)
		if err != nil {
			return err
		}
		return t.audit(ctx, by, "alert.acknowledge", a.Subject, map[string]string{"alert": id, "kind": a.Kind, "code": a.Code})
	})
}
