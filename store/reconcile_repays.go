package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/ledger"
)

// The states of a failed payment at the business side.
const (
	RepayWaiting = "waiting" // the payee has to confirm an account
	RepayPaid    = "paid"    // paid again, in a batch of its own
	RepayDropped = "dropped" // not owed any more, or no failed payment
)

// FundRepay is a payment that failed or came back and that the business side has
// to make again (支付失败重新支付).
type FundRepay struct {
	Account string // its name
	Key     string // keyed hash
	Detail  ledger.PayAgain
	Result  string // that found it
	State   string
	At      time.Time
	By      string // who closed it
	Note    string // sealed
	Done    time.Time
}

func fundRepayOf(account, key string) string     { return "fund_repays/detail/" + account + "." + key }
func fundRepayNoteOf(account, key string) string { return "fund_repays/note/" + account + "." + key }

// keepFundRepays hands new failed payments to the business side. One that was
// found before stays as people left it.
func (t *tx) keepFundRepays(ctx context.Context, v FundResult, list []ledger.PayAgain) error {
	k := t.store.keys
	for _, again := range list[:min(len(list), maxFundItems)] {
		key := k.hash("fund", v.AccountID, again.Key)
		text, err := k.sealJSON(fundRepayOf(v.AccountID, key), again)
		if err != nil {
			return err
		}
		err = t.later(ctx, `INSERT INTO fund_repays (account_id, key, detail, result_id, state, at, name, note, done_at)
			VALUES ($1, $2, $3, $4, 'waiting', $5, '', '', 0) ON CONFLICT (account_id, key) DO NOTHING`, v.AccountID, key, text, v.ID, micros(t.now))
		if err != nil {
			return err
		}
	}
	return t.alarmRepays(ctx, v.AccountID)
}

// alarmRepays has one alarm stand while a payment of the account waits.
func (t *tx) alarmRepays(ctx context.Context, accountID string) error {
	name, err := one(ctx, t, scalar[string], "SELECT name FROM fund_accounts WHERE id = $1", accountID)
	if err != nil {
		return err
	}
	waiting, err := one(ctx, t, scalar[int], "SELECT COUNT(*) FROM fund_repays WHERE account_id = $1 AND state = 'waiting'", accountID)
	if err != nil {
		return err
	}
	subject := fundArrival(name, "pay_again")
	if waiting == 0 {
		return t.clear(ctx, "fund", subject, "")
	}
	return t.raise(ctx, "fund", subject, "pay_again", map[string]string{"account": name})
}

// FundRepays gives the failed payments of an account: those that wait, the oldest
// first, then the closed ones.
func (s *Store) FundRepays(ctx context.Context, accountID string) ([]FundRepay, error) {
	return s.repays(ctx, `WHERE r.account_id = $1 ORDER BY CASE r.state WHEN 'waiting' THEN 0 ELSE 1 END, r.at, r.key LIMIT 500`, accountID)
}

// WaitingRepays gives the failed payments of all accounts that wait, the oldest first.
func (s *Store) WaitingRepays(ctx context.Context) ([]FundRepay, error) {
	return s.repays(ctx, `WHERE r.state = 'waiting' ORDER BY r.at, r.key LIMIT 100`)
}

func (s *Store) repays(ctx context.Context, which string, args ...any) ([]FundRepay, error) {
	all, err := list(ctx, s.reader, func(r row) (v FundRepay, err error) {
		var account, text, note string
		var at, done int64
		if err = r.Scan(&account, &v.Account, &v.Key, &text, &v.Result, &v.State, &at, &v.By, &note, &done); err != nil {
			return v, err
		}
		if v.At, v.Done = moment(at), moment(done); note != "" {
			if v.Note, err = s.keys.openText(fundRepayNoteOf(account, v.Key), note); err != nil {
				return v, err
			}
		}
		return v, s.keys.openJSON(fundRepayOf(account, v.Key), text, &v.Detail)
	}, `SELECT a.id, a.name, r.key, r.detail, r.result_id, r.state, r.at, r.name, r.note, r.done_at
		FROM fund_repays r JOIN fund_accounts a ON a.id = r.account_id `+which, args...)
	return all, explain("list failed payments", err)
}

// CloseFundRepay notes what the business side did of a failed payment. ErrConflict
// when it was closed before.
func (s *Store) CloseFundRepay(ctx context.Context, by casework.Actor, accountID, key, state, note string) error {
	if state != RepayPaid && state != RepayDropped {
		return fmt.Errorf("close a failed payment as %q: %w", state, ErrInvalid)
	}
	return s.change(ctx, "close a failed payment", func(t *tx) error {
		sealed := ""
		if note != "" {
			sealed = s.keys.sealText(fundRepayNoteOf(accountID, key), note)
		}
		if err := t.must(ctx, ErrConflict, `UPDATE fund_repays SET state = $1, name = $2, note = $3, done_at = $4
			WHERE account_id = $5 AND key = $6 AND state = 'waiting'`, state, by.Name, sealed, micros(t.now), accountID, key); err != nil {
			return err
		}
		if err := t.alarmRepays(ctx, accountID); err != nil {
			return err
		}
		return t.audit(ctx, by, "fund.repay", key, map[string]string{"state": state})
	})
}
