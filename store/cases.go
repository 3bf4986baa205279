package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jingban/jingban/casework"
)

// CaseFilter narrows a list of cases; the zero value asks for all.
type CaseFilter struct {
	States  []casework.CaseState
	Matter  string
	Verdict casework.Verdict
	Outcome string
	Text    string        // case number, or a full ID number / name: found by keyed hash
	DueBy   casework.Date // late: due on or before, and still ours to do; zero = any
	Since   time.Time     // updated since; zero = any
	After   string        // cursor
	Limit   int           // 0 = 50
}

// ours are the states in which a limit runs against the agency, unless its clock
// stands: while the citizen or another office has the case.
const ours = "('created', 'materials_checking', 'data_checking', 'failed')"

const caseColumns = `id, number, matter, region, applicant, shared, month, state, outcome, receipt, verdict,
	received_at, due, updated_at`

func applicantOf(id string) string { return "cases/applicant/" + id }
func sharedOf(id string) string    { return "cases/shared/" + id }

func (s *Store) scanCase(r row) (c casework.Case, err error) {
	var applicant, shared, due string
	var received, updated int64
	err = r.Scan(&c.ID, &c.Number, &c.Matter, &c.Region, &applicant, &shared, &c.Month, &c.State, &c.Outcome,
		&c.Receipt, &c.Verdict, &received, &due, &updated)
	if err != nil {
		return c, err
	}
	c.ReceivedAt, c.UpdatedAt = moment(received), moment(updated)
	if c.Due, err = dueDate(due); err != nil {
		return c, err
	}
	if err = s.keys.openJSON(applicantOf(c.ID), applicant, &c.Applicant); err != nil {
		return c, err
	}
	return c, s.keys.openJSON(sharedOf(c.ID), shared, &c.Shared)
}

// NewCase opens a case for uploads. It fills ID, State and, when they are not
// given, Number and ReceivedAt; Due where the matter has a time limit.
func (s *Store) NewCase(ctx context.Context, by casework.Actor, c casework.Case) (casework.Case, error) {
	c.ID, c.State = casework.NewID(), casework.CaseCreated
	given := c.Number
	calendar, err := s.Calendar(ctx)
	if err != nil {
		return casework.Case{}, err
	}
	err = s.change(ctx, "make a case", func(t *tx) error {
		c.UpdatedAt, c.Number = t.now, given
		if c.ReceivedAt.IsZero() {
			c.ReceivedAt = t.now
		}
		if err := t.number(ctx, &c); err != nil {
			return err
		}
		limit, err := s.startClock(&c, calendar)
		if err != nil {
			return err
		}
		if err := t.insertCase(ctx, c, limit); err != nil {
			return err
		}
		if err := t.index(ctx, c.ID, c.Applicant); err != nil {
			return err
		}
		return t.audit(ctx, by, "case.create", c.ID, map[string]string{"number": c.Number, "matter": c.Matter})
	})
	if err != nil {
		return casework.Case{}, err
	}
	return s.Case(ctx, c.ID)
}

// number gives the case the next number of its matter and day.
func (t *tx) number(ctx context.Context, c *casework.Case) error {
	if c.Number != "" {
		return nil
	}
	day := c.ReceivedAt.In(casework.China).Format("20060102")
	series := numberPrefix(c.Matter) + "-" + day
	n, err := one(ctx, t, scalar[int64], `INSERT INTO counters (name, value) VALUES ($1, 1)
		ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING value`, "case/"+series)
	c.Number = fmt.Sprintf("%s-%04d", series, n)
	return err
}

// numberPrefix is the pinyin initials of the matter, as on paper files.
func numberPrefix(matter string) string {
	if matter == "unemployment_claim" {
		return "SY" // 失业
	}
	return "YW" // 业务
}

func (t *tx) insertCase(ctx context.Context, c casework.Case, limit casework.Limit) error {
	k := t.store.keys
	applicant, err := k.sealJSON(applicantOf(c.ID), c.Applicant)
	if err != nil {
		return err
	}
	shared, err := k.sealJSON(sharedOf(c.ID), c.Shared)
	if err != nil {
		return err
	}
	_, err = t.update(ctx, `INSERT INTO cases (id, number, matter, region, applicant, id_hash, account_hash, mobile_hash,
		shared, month, state, outcome, receipt, verdict, received_at, due, updated_at, limit_days, limit_kind, limit_document)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)`,
		c.ID, c.Number, c.Matter, c.Region, applicant, k.hashGiven("person", plainID(c.Applicant.IDNumber)),
		k.hashGiven("account", c.Applicant.Account), k.hashGiven("mobile", c.Applicant.Mobile), shared, int64(c.Month),
		string(c.State), c.Outcome, c.Receipt, string(c.Verdict), micros(c.ReceivedAt), dueText(c.Due), micros(c.UpdatedAt),
		limit.Days, string(limit.Kind), limit.Document)
	return err
}

// Case gives one case, or ErrNotFound.
func (s *Store) Case(ctx context.Context, id string) (casework.Case, error) {
	c, err := one(ctx, s.reader, s.scanCase, "SELECT "+caseColumns+" FROM cases WHERE id = $1 AND id <> ''", id)
	return c, explain("case", err)
}

// Cases gives a page of cases, the newest first, and the cursor of the next.
func (s *Store) Cases(ctx context.Context, f CaseFilter) (cases []casework.Case, next string, err error) {
	w := s.casesWhere(f)
	limit := limited(f.Limit)
	cases, err = list(ctx, s.reader, s.scanCase, "SELECT "+caseColumns+" FROM cases"+w.String()+
		" ORDER BY id DESC LIMIT "+w.mark(limit+1), w.values...)
	if err != nil {
		return nil, "", explain("list cases", err)
	}
	cases, next = pageOf(cases, limit, func(c casework.Case) string { return c.ID })
	return cases, next, nil
}

func (s *Store) casesWhere(f CaseFilter) *where {
	w := new(where)
	w.add("id <> ''")
	in(w, "state", f.States)
	w.equal("matter", f.Matter)
	w.equal("verdict", string(f.Verdict))
	w.equal("outcome", f.Outcome)
	s.found(w, f.Text)
	if !f.DueBy.IsZero() {
		w.add("due <= ? AND standing = 0 AND state IN "+ours, f.DueBy.String())
	}
	if !f.Since.IsZero() {
		w.add("updated_at >= ?", micros(f.Since))
	}
	if f.After != "" {
		w.add("id < ?", f.After)
	}
	return w
}

// SubmitCase closes the uploads: created or returned → materials_checking. It
// asks for the run at once when nothing is left to read, and lets the clock of a
// returned case go on. ErrConflict when the
// case is in another state.
func (s *Store) SubmitCase(ctx context.Context, by casework.Actor, id string) error {
	calendar, err := s.Calendar(ctx)
	if err != nil {
		return err
	}
	return s.change(ctx, "submit the case", func(t *tx) error {
		err := t.moveCase(ctx, id, `UPDATE cases SET state = 'materials_checking', round = round + 1, outcome = '',
			updated_at = $1, hinted_at = $1 WHERE id = $2 AND state IN ('created', 'returned')`, micros(t.now), id)
		if err != nil {
			return err
		}
		if err := t.audit(ctx, by, "case.submit", id, nil); err != nil {
			return err
		}
		if err := t.resumeClock(ctx, by, id, casework.PauseCitizen, calendar); err != nil {
			return err
		}
		return t.hintWhenRead(ctx, id)
	})
}

// moveCase runs an update of one case that asks for its state; when it touches
// nothing the case is in another state, or is not there. A scheduled run has no
// case to move.
func (t *tx) moveCase(ctx context.Context, id, query string, args ...any) error {
	if id == "" {
		return nil
	}
	n, err := t.update(ctx, query, args...)
	if err != nil || n > 0 {
		return err
	}
	state, err := one(ctx, t, scalar[string], "SELECT state FROM cases WHERE id = $1", id)
	if err != nil {
		return err
	}
	return fmt.Errorf("the case is %s: %w", state, ErrConflict)
}

// hintWhenRead asks for the run of a submitted case when no material is left to
// read.
func (t *tx) hintWhenRead(ctx context.Context, caseID string) error {
	n, err := t.update(ctx, `UPDATE cases SET hinted_at = $1 WHERE id = $2 AND state = 'materials_checking'
		AND NOT EXISTS (SELECT 1 FROM materials m WHERE m.case_id = cases.id AND m.state = 'received')`, micros(t.now), caseID)
	if err != nil || n == 0 {
		return err
	}
	return t.hint(ctx, taskStartRun, caseID)
}

// CancelCase ends a case that has no live run and is not over; ErrConflict
// otherwise.
func (s *Store) CancelCase(ctx context.Context, by casework.Actor, id, reason string) error {
	note := s.keys.sealText("cases/note/"+id, reason)
	return s.change(ctx, "cancel the case", func(t *tx) error {
		err := t.moveCase(ctx, id, `UPDATE cases SET state = 'cancelled', outcome = 'cancelled', note = $1, updated_at = $2
			WHERE id = $3 AND state NOT IN ('entered', 'done', 'cancelled')`, note, micros(t.now), id)
		if err != nil {
			return err
		}
		atWork, err := one(ctx, t, scalar[int64], "SELECT COUNT(*) FROM runs WHERE case_id = $1 AND state IN "+live, id)
		if err != nil {
			return err
		}
		if atWork > 0 {
			return fmt.Errorf("a run is at work on the case, withdraw it first: %w", ErrConflict)
		}
		return t.audit(ctx, by, "case.cancel", id, map[string]string{"reason": reason})
	})
}
