package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/jingban/jingban/casework"
)

// Brought is one submission of a case that a playbook brings in, with its files.
type Brought struct {
	Key   string // keyed hash: what makes it the same case
	Mark  string // keyed hash: what tells one submission of it from the next; "" where it comes once
	RunID string // of the playbook, for the audit
	Case  casework.Case
	Files []casework.Material // Slot, FileName, MIME, SHA256, Bytes and Looks; the bytes are kept already
}

// Stand is how a case that a playbook brings stands.
type Stand string

// The stands. Bring tells what it did, FindBrought what it would do.
const (
	StandNew   Stand = "new"   // there was none
	StandAgain Stand = "again" // it was over, and comes again: opened once more
	StandBusy  Stand = "busy"  // it comes again while it is still being dealt with
	StandKnown Stand = "known" // this submission is here; or a person has cancelled the case
)

// opened is what is known of a case that was brought before.
type opened struct {
	caseID, number, mark string
	state                casework.CaseState
}

// earlier gives the case of a key, if there is one.
func earlier(ctx context.Context, q querier, key string) ([]opened, error) {
	return list(ctx, q, func(r row) (o opened, err error) { return o, r.Scan(&o.caseID, &o.number, &o.mark, &o.state) },
		"SELECT o.case_id, c.number, o.mark, c.state FROM opened_cases o JOIN cases c ON c.id = o.case_id WHERE o.key = $1", key)
}

// stands says what a submission with this mark means to the case.
func (o opened) stands(ctx context.Context, q querier, mark string) (Stand, error) {
	switch {
	case mark == o.mark || o.state == casework.CaseCancelled:
		return StandKnown, nil
	case !slices.Contains(comesAgainFrom(), o.state):
		return StandBusy, nil
	}
	atWork, err := one(ctx, q, scalar[int64], "SELECT COUNT(*) FROM runs WHERE case_id = $1 AND state IN "+live, o.caseID)
	if err != nil || atWork > 0 {
		return StandBusy, err
	}
	return StandAgain, nil
}

// comesAgainFrom are the states out of which a case may come again.
func comesAgainFrom() []casework.CaseState {
	return []casework.CaseState{casework.CaseReturned, casework.CaseEntered, casework.CaseDone, casework.CaseFailed}
}

// FindBrought says how the case of a key stands, and its number; it changes nothing.
func (s *Store) FindBrought(ctx context.Context, key, mark string) (number string, stand Stand, err error) {
	found, err := earlier(ctx, s.reader, key)
	if err != nil || len(found) == 0 {
		return "", StandNew, explain("find a case", err)
	}
	stand, err = found[0].stands(ctx, s.reader, mark)
	return found[0].number, stand, explain("find a case", err)
}

// Bring opens and submits a case with its files, all of it or nothing, and once for a
// key. One that is over and comes again is opened once more: a new round with the
// files of this submission, beside what was found in the rounds before. ErrInvalid
// when it is about another person by then.
func (s *Store) Bring(ctx context.Context, by casework.Actor, b Brought) (number string, stand Stand, err error) {
	calendar, err := s.Calendar(ctx)
	if err != nil {
		return "", "", err
	}
	bring := func(t *tx) error {
		number, stand, err = t.bring(ctx, by, b, calendar)
		return err
	}
	err = s.change(ctx, "bring a case", bring)
	if errors.Is(err, ErrConflict) { // another was faster: this time it is there
		err = s.change(ctx, "bring a case", bring)
	}
	return number, stand, err
}

func (t *tx) bring(ctx context.Context, by casework.Actor, b Brought, calendar casework.Calendar) (string, Stand, error) {
	found, err := earlier(ctx, t, b.Key)
	if err != nil {
		return "", "", err
	}
	if len(found) == 0 {
		number, err := t.bringNew(ctx, by, b, calendar)
		return number, StandNew, err
	}
	o := found[0]
	stand, err := o.stands(ctx, t, b.Mark)
	if err != nil || stand != StandAgain {
		return o.number, stand, err
	}
	if err := t.must(ctx, ErrConflict, "UPDATE opened_cases SET mark = $1 WHERE key = $2 AND mark = $3", b.Mark, b.Key, o.mark); err != nil {
		return "", "", err
	}
	return o.number, stand, t.bringAgain(ctx, by, o.caseID, b, calendar)
}

// bringNew makes the case.
func (t *tx) bringNew(ctx context.Context, by casework.Actor, b Brought, calendar casework.Calendar) (number string, err error) {
	keep := func(caseID string) error { return t.keepBrought(ctx, by, caseID, b.Files) }
	c, err := t.openSubmitted(ctx, by, b.Case, calendar, map[string]any{"run": b.RunID}, keep)
	if err != nil {
		return "", err
	}
	return c.Number, t.must(ctx, ErrConflict, "INSERT INTO opened_cases (key, case_id, mark) VALUES ($1, $2, $3) ON CONFLICT (key) DO NOTHING", b.Key, c.ID, b.Mark)
}

// bringAgain opens a case once more: what the submission states takes the place of
// what the one before stated.
func (t *tx) bringAgain(ctx context.Context, by casework.Actor, caseID string, b Brought, calendar casework.Calendar) error {
	c, err := one(ctx, t, t.store.scanCase, "SELECT "+caseColumns+" FROM cases WHERE id = $1", caseID)
	if err != nil {
		return err
	}
	if plainID(b.Case.Applicant.IDNumber) != plainID(c.Applicant.IDNumber) {
		return fmt.Errorf("case %s comes again for another person: %w", c.Number, ErrInvalid)
	}
	if err := t.restate(ctx, &c, b.Case); err != nil {
		return err
	}
	err = t.moveCase(ctx, caseID, `UPDATE cases SET state = 'materials_checking', round = round + 1, outcome = '', updated_at = $1, hinted_at = $1
		WHERE id = $2 AND state IN ('returned', 'entered', 'done', 'failed')`, micros(t.now), caseID)
	if err != nil {
		return err
	}
	if err := t.audit(ctx, by, "case.again", caseID, map[string]string{"run": b.RunID}); err != nil {
		return err
	}
	if err := t.keepBrought(ctx, by, caseID, b.Files); err != nil {
		return err
	}
	if err := t.resumeClock(ctx, by, caseID, casework.PauseCitizen, calendar); err != nil {
		return err
	}
	return t.hintWhenRead(ctx, caseID)
}

// restate writes what a case states now; what is not said any more stays.
func (t *tx) restate(ctx context.Context, c *casework.Case, now casework.Case) error {
	k, a, b := t.store.keys, &c.Applicant, now.Applicant
	a.Name, a.Mobile, a.Account, a.Address = cmp.Or(b.Name, a.Name), cmp.Or(b.Mobile, a.Mobile), cmp.Or(b.Account, a.Account), cmp.Or(b.Address, a.Address)
	shared := maps.Clone(c.Shared)
	if shared == nil {
		shared = map[string]string{}
	}
	maps.Copy(shared, now.Shared)
	applicant, err := k.sealJSON(applicantOf(c.ID), c.Applicant)
	if err != nil {
		return err
	}
	sealed, err := k.sealJSON(sharedOf(c.ID), shared)
	if err != nil {
		return err
	}
	_, err = t.update(ctx, "UPDATE cases SET applicant = $1, account_hash = $2, mobile_hash = $3, shared = $4, month = $5 WHERE id = $6",
		applicant, k.hashGiven("account", a.Account), k.hashGiven("mobile", a.Mobile), sealed, int64(cmp.Or(now.Month, c.Month)), c.ID)
	if err != nil {
		return err
	}
	return t.index(ctx, c.ID, *a)
}

// keepBrought makes the files the ones that the case has brought: what it has already
// is not kept twice, and what this submission lacks is set aside.
func (t *tx) keepBrought(ctx context.Context, by casework.Actor, caseID string, files []casework.Material) error {
	type kept struct{ id, sum, brought string }
	there, err := list(ctx, t, func(r row) (k kept, err error) { return k, r.Scan(&k.id, &k.sum, &k.brought) },
		"SELECT id, sha256, brought FROM materials WHERE case_id = $1", caseID)
	if err != nil {
		return err
	}
	known, wanted := map[string]bool{}, map[string]bool{}
	for _, f := range files {
		wanted[f.SHA256] = true
	}
	for _, k := range there {
		known[k.sum] = true
		stand := map[bool]string{true: "yes", false: "replaced"}[wanted[k.sum]]
		if k.brought == "" || k.brought == stand {
			continue
		}
		if _, err := t.update(ctx, "UPDATE materials SET brought = $1 WHERE id = $2", stand, k.id); err != nil {
			return err
		}
	}
	for _, f := range files {
		if known[f.SHA256] {
			continue
		}
		known[f.SHA256] = true
		if err := t.addBrought(ctx, by, caseID, f); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) addBrought(ctx context.Context, by casework.Actor, caseID string, m casework.Material) error {
	m.ID, m.CaseID, m.State = casework.NewID(), caseID, casework.MaterialReceived
	if err := t.addMaterial(ctx, by, m); err != nil {
		return err
	}
	_, err := t.update(ctx, "UPDATE materials SET brought = 'yes' WHERE id = $1", m.ID)
	return err
}
