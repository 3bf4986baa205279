package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/ledger"
)

// FundCarry is what a result carries into the next books when these are closed.
type FundCarry struct {
	Items      []ledger.Carried `json:"items"`
	Paid       []string         `json:"paid"`     // batches that are settled
	Complete   bool             `json:"complete"` // all that is open is listed
	HasBalance bool             `json:"has_balance"`
	Bank       casework.Fen     `json:"bank_fen"`
	Book       casework.Fen     `json:"book_fen"`

	PayAgain []ledger.PayAgain `json:"-"` // goes to the business side at once
}

// FundOpening is with what the open books of an account began.
type FundOpening struct {
	Known bool         `json:"known"` // the balances are those of closed books
	Bank  casework.Fen `json:"bank_fen"`
	Book  casework.Fen `json:"book_fen"`
	Paid  []string     `json:"paid"`
}

// FundClosing is one period that was closed.
type FundClosing struct {
	First, Last casework.Date
	Result      string
	Bank, Book  casework.Fen
	Carried     int          // rows that went on
	Net         casework.Fen // bank minus books of what went on
	Person      string
	By          string
	At          time.Time
}

func fundOpensOf(id string) string { return "fund_accounts/opens/" + id }

// FundCarryOf gives what a result would carry on, or ErrNotFound when it compared nothing.
func (s *Store) FundCarryOf(ctx context.Context, resultID string) (carry FundCarry, err error) {
	sum, err := one(ctx, s.reader, scalar[string], "SELECT carry FROM fund_results WHERE id = $1", resultID)
	if err != nil {
		return carry, explain("reconciliation", err)
	}
	if sum == "" {
		return carry, fmt.Errorf("what reconciliation %s carries on: %w", resultID, ErrNotFound)
	}
	text, err := s.File(ctx, sum)
	if err != nil {
		return carry, err
	}
	if err := json.Unmarshal(text, &carry); err != nil {
		return carry, fmt.Errorf("what reconciliation %s carries on: %w", resultID, err)
	}
	return carry, carryDays(carry.Items)
}

// carryDays fills in the days of items that were stored as text.
func carryDays(items []ledger.Carried) error {
	for i := range items {
		day, err := casework.ParseDate(items[i].On)
		if err != nil {
			return err
		}
		items[i].Day = ledger.DayOf(day)
	}
	return nil
}

// CloseFundBooks closes the books of an account with a result that bears all three
// signatures: the next begin on the day after it, with what it leaves open.
// ErrConflict with the reason when they can't be closed.
func (s *Store) CloseFundBooks(ctx context.Context, by casework.Actor, resultID string) (FundClosing, error) {
	var c FundClosing
	carry, err := s.FundCarryOf(ctx, resultID)
	if err != nil {
		return c, err
	}
	err = s.change(ctx, "close the books", func(t *tx) error {
		v, err := one(ctx, t, scanFundResult, "SELECT "+fundResultColumns+" FROM fund_results WHERE id = $1", resultID)
		if err != nil {
			return err
		}
		a, err := one(ctx, t, s.scanFundAccount, "SELECT "+fundAccountColumns+" FROM fund_accounts WHERE id = $1", v.AccountID)
		if err != nil {
			return err
		}
		if err := t.closable(ctx, by, a, v, carry); err != nil {
			return err
		}
		c = FundClosing{First: a.Begins, Last: v.Day, Result: v.ID, Bank: carry.Bank, Book: carry.Book, Carried: len(carry.Items), Person: by.ID, By: by.Name, At: t.now}
		for _, item := range carry.Items {
			if c.Net += item.Fen; item.Side == ledger.Book {
				c.Net -= 2 * item.Fen
			}
		}
		return t.closeBooks(ctx, by, a, carry, c)
	})
	return c, err
}

// closable says what stands against a closing.
func (t *tx) closable(ctx context.Context, by casework.Actor, a FundAccount, v FundResult, carry FundCarry) error {
	newest, err := one(ctx, t, scalar[string], "SELECT id FROM fund_results WHERE account_id = $1 AND day = $2 ORDER BY id DESC LIMIT 1", a.ID, v.Day.String())
	if err != nil {
		return err
	}
	steps, err := list(ctx, t, scalar[string], "SELECT step FROM fund_signatures WHERE result_id = $1", v.ID)
	if err != nil {
		return err
	}
	switch {
	case v.State != FundBalanced && v.State != FundDifferences || v.Day.Before(a.Begins):
		return fmt.Errorf("nothing of these books was compared: %w", ErrConflict)
	case newest != v.ID:
		return fmt.Errorf("the day was compared again since: %w", ErrConflict)
	case len(steps) < len(FundSteps()):
		return fmt.Errorf("%d of %d signatures: %w", len(steps), len(FundSteps()), ErrConflict)
	case by.Name == a.Cashier:
		return fmt.Errorf("the cashier may not close: %w", ErrConflict)
	case !carry.Complete:
		return fmt.Errorf("more is open than can be carried on: %w", ErrConflict)
	}
	return nil
}

func (t *tx) closeBooks(ctx context.Context, by casework.Actor, a FundAccount, carry FundCarry, c FundClosing) error {
	carried, err := t.store.keys.sealJSON(fundCarriedOf(a.ID), carry.Items)
	if err != nil {
		return err
	}
	opens, err := t.store.keys.sealJSON(fundOpensOf(a.ID), FundOpening{Known: carry.HasBalance, Bank: carry.Bank, Book: carry.Book, Paid: carry.Paid})
	if err != nil {
		return err
	}
	_, err = t.update(ctx, `INSERT INTO fund_closings (account_id, first_day, last_day, result_id, bank, book, carried, net, person, name, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`, a.ID, c.First.String(), c.Last.String(), c.Result, int64(c.Bank), int64(c.Book), c.Carried, int64(c.Net), c.Person, c.By, micros(t.now))
	if err != nil {
		return err
	}
	if err := t.must(ctx, ErrConflict, "UPDATE fund_accounts SET begins = $1, carried = $2, opens = $3 WHERE id = $4 AND begins = $5",
		c.Last.AddDays(1).String(), carried, opens, a.ID, a.Begins.String()); err != nil {
		return err
	}
	return t.audit(ctx, by, "fund.close", a.Name, map[string]any{"first": c.First.String(), "last": c.Last.String(), "result": c.Result, "carried": c.Carried})
}

// FundClosings gives the closed periods of an account, the newest first.
func (s *Store) FundClosings(ctx context.Context, accountID string) ([]FundClosing, error) {
	all, err := list(ctx, s.reader, scanFundClosing, `SELECT first_day, last_day, result_id, bank, book, carried, net, person, name, at
		FROM fund_closings WHERE account_id = $1 ORDER BY last_day`, accountID)
	slices.Reverse(all)
	return all, explain("list closed books", err)
}

func scanFundClosing(r row) (c FundClosing, err error) {
	var first, last string
	var at int64
	if err = r.Scan(&first, &last, &c.Result, &c.Bank, &c.Book, &c.Carried, &c.Net, &c.Person, &c.By, &at); err != nil {
		return c, err
	}
	c.At = moment(at)
	if c.First, err = casework.ParseDate(first); err != nil {
		return c, err
	}
	c.Last, err = casework.ParseDate(last)
	return c, err
}
