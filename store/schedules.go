package store

import (
	"context"
	"fmt"

	"github.com/jingban/jingban/casework"
)

const scheduleColumns = `id, name, title, rule, hours, playbook, subject, catch_up, paused, pause_reason, seen_to, blocked,
	rev, created_at, updated_at`

func pauseReasonOf(id string) string { return "schedules/pause_reason/" + id }

func (s *Store) scanSchedule(r row) (v casework.Schedule, err error) {
	var paused, seen, created, updated int64
	var reason string
	err = r.Scan(&v.ID, &v.Name, &v.Title, &v.Rule, &v.Hours, &v.Playbook, &v.Subject, &v.CatchUp, &paused, &reason,
		&seen, &v.Blocked, &v.Rev, &created, &updated)
	if err != nil {
		return v, err
	}
	v.Paused, v.Cursor, v.Created, v.Updated = paused == 1, moment(seen), moment(created), moment(updated)
	v.PauseReason, err = s.keys.openText(pauseReasonOf(v.ID), reason)
	return v, err
}

// AddSchedule keeps a new schedule; it begins now. ErrInvalid with the reason
// when its rule, hours or policy is not understood or never comes due,
// ErrDuplicate when there is one of that name.
func (s *Store) AddSchedule(ctx context.Context, by casework.Actor, v casework.Schedule) (casework.Schedule, error) {
	if err := s.checkSchedule(ctx, v); err != nil {
		return casework.Schedule{}, err
	}
	v.ID = casework.NewID()
	err := s.change(ctx, "add the schedule", func(t *tx) error {
		now, err := s.leaseClock(ctx, t)
		if err != nil {
			return err
		}
		_, err = t.update(ctx, `INSERT INTO schedules (id, name, title, rule, hours, playbook, subject, catch_up, pause_reason,
			seen_to, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)`,
			v.ID, v.Name, v.Title, v.Rule, v.Hours, v.Playbook, v.Subject, string(v.CatchUp),
			s.keys.sealText(pauseReasonOf(v.ID), ""), micros(now), micros(t.now))
		if err != nil {
			return err
		}
		return t.audit(ctx, by, "schedule.add", v.ID, described(v))
	})
	if err != nil {
		return casework.Schedule{}, err
	}
	return s.Schedule(ctx, v.ID)
}

func described(v casework.Schedule) map[string]string {
	return map[string]string{"name": v.Name, "rule": v.Rule, "hours": v.Hours, "playbook": v.Playbook, "subject": v.Subject,
		"catch_up": string(v.CatchUp)}
}

func (s *Store) checkSchedule(ctx context.Context, v casework.Schedule) error {
	calendar, err := s.Calendar(ctx)
	if err != nil {
		return err
	}
	if err := v.Check(s.cfg.Now(), calendar); err != nil {
		return fmt.Errorf("%w: %w", err, ErrInvalid)
	}
	return nil
}

// ChangeSchedule replaces what a person may change; Rev is the one that was
// read. A changed rule or changed hours begin now. ErrConflict when somebody
// changed it meanwhile, ErrInvalid as AddSchedule.
func (s *Store) ChangeSchedule(ctx context.Context, by casework.Actor, v casework.Schedule) error {
	if err := s.checkSchedule(ctx, v); err != nil {
		return err
	}
	return s.change(ctx, "change the schedule", func(t *tx) error {
		now, err := s.leaseClock(ctx, t)
		if err != nil {
			return err
		}
		if _, err := one(ctx, t, scalar[string], "SELECT id FROM schedules WHERE id = $1", v.ID); err != nil {
			return err
		}
		err = t.must(ctx, ErrConflict, `UPDATE schedules SET seen_to = CASE WHEN (rule <> $1 OR hours <> $2) AND seen_to < $3
			THEN $3 ELSE seen_to END, rule = $1, hours = $2, name = $4, title = $5, playbook = $6, subject = $7, catch_up = $8,
			updated_at = $9, rev = rev + 1 WHERE id = $10 AND rev = $11`,
			v.Rule, v.Hours, micros(now), v.Name, v.Title, v.Playbook, v.Subject, string(v.CatchUp), micros(t.now), v.ID, v.Rev)
		if err != nil {
			return err
		}
		return t.audit(ctx, by, "schedule.change", v.ID, described(v))
	})
}

// Schedules gives all of them by name.
func (s *Store) Schedules(ctx context.Context) ([]casework.Schedule, error) {
	all, err := list(ctx, s.reader, s.scanSchedule, "SELECT "+scheduleColumns+" FROM schedules ORDER BY name")
	return all, explain("list schedules", err)
}

// Schedule gives one by id or name, or ErrNotFound.
func (s *Store) Schedule(ctx context.Context, idOrName string) (casework.Schedule, error) {
	v, err := one(ctx, s.reader, s.scanSchedule, "SELECT "+scheduleColumns+" FROM schedules WHERE id = $1 OR name = $1", idOrName)
	return v, explain("schedule "+idOrName, err)
}

// PauseSchedule stops a schedule: what comes due meanwhile falls out.
// ErrConflict when it is paused.
func (s *Store) PauseSchedule(ctx context.Context, by casework.Actor, id, reason string) error {
	return s.change(ctx, "pause the schedule", func(t *tx) error {
		if _, err := one(ctx, t, scalar[string], "SELECT id FROM schedules WHERE id = $1", id); err != nil {
			return err
		}
		err := t.must(ctx, ErrConflict, `UPDATE schedules SET paused = 1, pause_reason = $1, updated_at = $2, rev = rev + 1
			WHERE id = $3 AND paused = 0`, s.keys.sealText(pauseReasonOf(id), reason), micros(t.now), id)
		if err != nil {
			return err
		}
		if err := t.clear(ctx, "schedule", id, ""); err != nil {
			return err
		}
		return t.audit(ctx, by, "schedule.pause", id, map[string]string{"reason": reason})
	})
}

// ResumeSchedule lets a paused schedule go on from now. ErrConflict when it is
// not paused.
func (s *Store) ResumeSchedule(ctx context.Context, by casework.Actor, id string) error {
	return s.change(ctx, "resume the schedule", func(t *tx) error {
		now, err := s.leaseClock(ctx, t)
		if err != nil {
			return err
		}
		if _, err := one(ctx, t, scalar[string], "SELECT id FROM schedules WHERE id = $1", id); err != nil {
			return err
		}
		err = t.must(ctx, ErrConflict, `UPDATE schedules SET paused = 0, pause_reason = $1, blocked = '', updated_at = $2,
			seen_to = CASE WHEN seen_to < $3 THEN $3 ELSE seen_to END, rev = rev + 1 WHERE id = $4 AND paused = 1`,
			s.keys.sealText(pauseReasonOf(id), ""), micros(t.now), micros(now), id)
		if err != nil {
			return err
		}
		return t.audit(ctx, by, "schedule.resume", id, nil)
	})
}
