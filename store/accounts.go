package store

import (
	"context"
	"crypto/subtle"
	"fmt"
	"time"

	"github.com/jingban/jingban/casework"
)

// Account is a robot account on a target and who answers for it.
type Account struct {
	Name         string // configuration key, "systems.benefits.account"
	Target       string
	Responsible  string        // of our staff
	Approval     string        // document that allows it
	Scope        string        // what it may be used for
	Expires      casework.Date // last day; zero: not limited
	PasswordSet  casework.Date // zero: not known
	PasswordDays int           // 0: the password does not age
	PasswordLeft int           // days until it is too old; only with both of the above
	PendingBy    string        // who typed a new password that a second person must confirm
}

// When people are told that a password or an approval ends, in days before.
const (
	warnEarly = 14
	warnLate  = 3
)

func (t *tx) ensureAccount(ctx context.Context, name, target string) error {
	_, err := t.update(ctx, `INSERT INTO accounts (name, target, responsible, approval, scope, expires, password_set, password_days)
		VALUES ($1, $2, '', '', '', $3, $3, 0) ON CONFLICT DO NOTHING`, name, target, noDue)
	return err
}

// Accounts gives every robot account.
func (s *Store) Accounts(ctx context.Context) ([]Account, error) {
	today := casework.DateOf(s.cfg.Now())
	all, err := list(ctx, s.reader, func(r row) (a Account, err error) {
		var expires, set string
		err = r.Scan(&a.Name, &a.Target, &a.Responsible, &a.Approval, &a.Scope, &expires, &set, &a.PasswordDays, &a.PendingBy)
		if err != nil {
			return a, err
		}
		if a.Expires, err = dueDate(expires); err != nil {
			return a, err
		}
		if a.PasswordSet, err = dueDate(set); err != nil {
			return a, err
		}
		if ends, ok := a.passwordEnds(); ok {
			a.PasswordLeft = daysFrom(today, ends)
		}
		return a, nil
	}, `SELECT a.name, a.target, a.responsible, a.approval, a.scope, a.expires, a.password_set, a.password_days,
		COALESCE((SELECT p.actor FROM password_changes p WHERE p.account = a.name), '') FROM accounts a ORDER BY a.name`)
	return all, explain("list accounts", err)
}

func (a Account) passwordEnds() (casework.Date, bool) {
	if a.PasswordDays <= 0 || a.PasswordSet.IsZero() {
		return casework.Date{}, false
	}
	return a.PasswordSet.AddDays(a.PasswordDays), true
}

func daysFrom(from, to casework.Date) int { return int(to.Time().Sub(from.Time()) / (24 * time.Hour)) }

// SetAccount keeps who answers for an account, by what approval and until when.
func (s *Store) SetAccount(ctx context.Context, by casework.Actor, a Account) error {
	if a.Responsible == "" || a.Approval == "" || a.Scope == "" || a.PasswordDays < 0 {
		return fmt.Errorf("account %s: responsible person, approval document and scope are needed: %w", a.Name, ErrInvalid)
	}
	err := s.change(ctx, "account "+a.Name, func(t *tx) error {
		err := t.must(ctx, ErrNotFound, `UPDATE accounts SET responsible = $1, approval = $2, scope = $3, expires = $4,
			password_set = $5, password_days = $6 WHERE name = $7`,
			a.Responsible, a.Approval, a.Scope, dueText(a.Expires), dueText(a.PasswordSet), a.PasswordDays, a.Name)
		if err != nil {
			return err
		}
		t.woken = true
		return t.audit(ctx, by, "account.set", a.Name, map[string]string{"responsible": a.Responsible, "approval": a.Approval,
			"scope": a.Scope, "expires": dueText(a.Expires)})
	})
	if err != nil {
		return err
	}
	return s.watchAccounts(ctx)
}

func changeOf(account string) string { return "password_changes/value/" + account }

// ProposePassword keeps a new password that the first person has set in the
// foreign system. It is used only once a second person has typed the same.
func (s *Store) ProposePassword(ctx context.Context, by casework.Actor, account, password string) error {
	if password == "" {
		return fmt.Errorf("account %s: no password was given: %w", account, ErrInvalid)
	}
	return s.change(ctx, "propose a password", func(t *tx) error {
		if err := t.must(ctx, ErrNotFound, "UPDATE accounts SET name = name WHERE name = $1", account); err != nil {
			return err
		}
		_, err := t.update(ctx, `INSERT INTO password_changes (account, value, actor_id, actor, at) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (account) DO UPDATE SET value = excluded.value, actor_id = excluded.actor_id, actor = excluded.actor, at = excluded.at`,
			account, t.store.keys.sealText(changeOf(account), password), by.ID, by.Name, micros(t.now))
		if err != nil {
			return err
		}
		return t.audit(ctx, by, "account.password.propose", account, nil)
	})
}

// ConfirmPassword puts the proposed password in force and lets the target be
// probed with it. ErrConflict for the person who proposed it, ErrInvalid when the
// two differ, ErrNotFound when nothing was proposed.
func (s *Store) ConfirmPassword(ctx context.Context, by casework.Actor, account, password string) error {
	err := s.change(ctx, "confirm the password", func(t *tx) error {
		first, sealed, err := t.proposed(ctx, account)
		if err != nil {
			return err
		}
		if first == by.ID {
			return fmt.Errorf("a second person must confirm it: %w", ErrConflict)
		}
		proposed, err := t.store.keys.openText(changeOf(account), sealed)
		if err != nil {
			return err
		}
		if subtle.ConstantTimeCompare([]byte(proposed), []byte(password)) == 0 {
			return fmt.Errorf("the two passwords differ: %w", ErrInvalid)
		}
		return t.changePassword(ctx, by, account, password)
	})
	if err != nil {
		return err
	}
	return s.watchAccounts(ctx)
}

func (t *tx) proposed(ctx context.Context, account string) (first, sealed string, err error) {
	_, err = one(ctx, t, func(r row) (int, error) { return 0, r.Scan(&first, &sealed) },
		"SELECT actor_id, value FROM password_changes WHERE account = $1", account)
	return first, sealed, err
}

func (t *tx) changePassword(ctx context.Context, by casework.Actor, account, password string) error {
	secret := account + ".password"
	_, err := t.update(ctx, `INSERT INTO secrets (name, value, updated_at) VALUES ($1, $2, $3)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at`,
		secret, t.store.keys.sealText(secretOf(secret), password), micros(t.now))
	if err != nil {
		return err
	}
	if _, err := t.update(ctx, "DELETE FROM password_changes WHERE account = $1", account); err != nil {
		return err
	}
	if _, err := t.update(ctx, "UPDATE accounts SET password_set = $1 WHERE name = $2", casework.DateOf(t.now).String(), account); err != nil {
		return err
	}
	targets, err := list(ctx, t, scalar[string], `UPDATE targets SET state = 'paused', until = 0 WHERE account = $1
		AND state = 'stopped' AND reason = 'sign_in_refused' RETURNING name`, account)
	if err != nil {
		return err
	}
	for _, target := range targets {
		if err := t.clear(ctx, "target", target, ""); err != nil {
			return err
		}
	}
	t.woken = true
	return t.audit(ctx, by, "account.password.confirm", account, nil)
}

// watchAccounts raises and clears the warnings about passwords and approvals.
func (s *Store) watchAccounts(ctx context.Context) error {
	accounts, err := s.Accounts(ctx)
	if err != nil {
		return err
	}
	today := casework.DateOf(s.cfg.Now())
	for _, a := range accounts {
		password, approval := "", ""
		if ends, ok := a.passwordEnds(); ok {
			password = warning("password", daysFrom(today, ends))
		}
		if !a.Expires.IsZero() {
			approval = warning("account", daysFrom(today, a.Expires.AddDays(1)))
		}
		for kind, code := range map[string]string{"password": password, "account": approval} {
			if err := s.warn(ctx, kind, a.Name, code); err != nil {
				return err
			}
		}
	}
	return nil
}

// warning names the stage of something that ends in so many days; "" for none.
func warning(kind string, days int) string {
	switch {
	case days <= 0:
		return kind + "_expired"
	case days <= warnLate:
		return kind + "_3"
	case days <= warnEarly:
		return kind + "_14"
	}
	return ""
}

// warn makes the code the only warning of its kind about an account.
func (s *Store) warn(ctx context.Context, kind, account, code string) error {
	there, err := list(ctx, s.reader, scalar[string], "SELECT code FROM alerts WHERE kind = $1 AND subject = $2 AND cleared_at = 0", kind, account)
	if err != nil {
		return explain("warnings of "+account, err)
	}
	if len(there) == 0 && code == "" || len(there) == 1 && there[0] == code {
		return nil
	}
	return s.change(ctx, "warn about "+account, func(t *tx) error {
		if err := t.clear(ctx, kind, account, code); err != nil || code == "" {
			return err
		}
		return t.raise(ctx, kind, account, code, nil)
	})
}
