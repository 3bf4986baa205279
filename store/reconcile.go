package store

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/ledger"
)

// FundAccount is one bank account of the fund that is reconciled. Its books are
// open from Begins on: each night compares all that came since, so that a night
// ends where one run over everything would. What closed books left open is Carried.
type FundAccount struct {
	ID      string
	Name    string // as playbooks and folders call it: small letters
	Title   string
	Unit    string // 单位名称
	BankOf  string // 开户行
	Number  string // 账号; sealed
	Cashier string // login of the 出纳, who signs nothing here
	Begins  casework.Date
	DueBy   string // HH:MM of the next working day by which a day's statement is there
	Carried []ledger.Carried
	Opens   FundOpening // of books that follow closed ones
}

const fundAccountColumns = "id, name, title, unit, bank_of, number, cashier, begins, due_by, carried, opens"

func fundNumberOf(id string) string  { return "fund_accounts/number/" + id }
func fundCarriedOf(id string) string { return "fund_accounts/carried/" + id }

func (s *Store) scanFundAccount(r row) (a FundAccount, err error) {
	var number, begins, carried, opens string
	if err = r.Scan(&a.ID, &a.Name, &a.Title, &a.Unit, &a.BankOf, &number, &a.Cashier, &begins, &a.DueBy, &carried, &opens); err != nil {
		return a, err
	}
	if a.Begins, err = casework.ParseDate(begins); err != nil {
		return a, err
	}
	if a.Number, err = s.keys.openText(fundNumberOf(a.ID), number); err != nil {
		return a, err
	}
	if err = s.keys.openJSON(fundCarriedOf(a.ID), carried, &a.Carried); err != nil {
		return a, err
	}
	if opens != "" {
		if err = s.keys.openJSON(fundOpensOf(a.ID), opens, &a.Opens); err != nil {
			return a, err
		}
	}
	return a, carryDays(a.Carried)
}

func (a FundAccount) check() error {
	switch {
	case !regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`).MatchString(a.Name):
		return fmt.Errorf("the name %q: want small letters, digits and underscores: %w", a.Name, ErrInvalid)
	case a.Title == "" || a.Begins.IsZero():
		return fmt.Errorf("the account needs a title and the first day of its books: %w", ErrInvalid)
	}
	if _, err := time.Parse("15:04", a.DueBy); err != nil {
		return fmt.Errorf("due %q: want a time like 09:30: %w", a.DueBy, ErrInvalid)
	}
	return nil
}

// SetFundAccount makes an account, or changes the one of that name. What it
// carries is taken when it is made; once books were closed, their first day stays.
// ErrInvalid with the reason when it cannot be.
func (s *Store) SetFundAccount(ctx context.Context, by casework.Actor, a FundAccount) (FundAccount, error) {
	if err := a.check(); err != nil {
		return a, fmt.Errorf("fund account: %w", err)
	}
	err := s.change(ctx, "set the fund account", func(t *tx) error {
		known, err := list(ctx, t, scalar[string], "SELECT id FROM fund_accounts WHERE name = $1", a.Name)
		if err != nil {
			return err
		}
		if a.ID = casework.NewID(); len(known) == 1 {
			a.ID = known[0]
		}
		carried, err := s.keys.sealJSON(fundCarriedOf(a.ID), a.Carried)
		if err != nil {
			return err
		}
		_, err = t.update(ctx, `INSERT INTO fund_accounts (id, name, title, unit, bank_of, number, cashier, begins, due_by, carried, at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (name) DO UPDATE SET title = excluded.title,
			unit = excluded.unit, bank_of = excluded.bank_of, number = excluded.number, cashier = excluded.cashier,
			begins = CASE WHEN fund_accounts.opens = '' THEN excluded.begins ELSE fund_accounts.begins END, due_by = excluded.due_by`,
			a.ID, a.Name, a.Title, a.Unit, a.BankOf, s.keys.sealText(fundNumberOf(a.ID), a.Number), a.Cashier, a.Begins.String(), a.DueBy, carried, micros(t.now))
		if err != nil {
			return err
		}
		return t.audit(ctx, by, "fund.account", a.Name, map[string]string{"begins": a.Begins.String(), "due_by": a.DueBy, "cashier": a.Cashier})
	})
	return a, err
}

// FundAccounts gives all accounts by name.
func (s *Store) FundAccounts(ctx context.Context) ([]FundAccount, error) {
	all, err := list(ctx, s.reader, s.scanFundAccount, "SELECT "+fundAccountColumns+" FROM fund_accounts ORDER BY name")
	return all, explain("list fund accounts", err)
}

// FundAccount gives one by id or name, or ErrNotFound.
func (s *Store) FundAccount(ctx context.Context, idOrName string) (FundAccount, error) {
	a, err := one(ctx, s.reader, s.scanFundAccount, "SELECT "+fundAccountColumns+" FROM fund_accounts WHERE id = $1 OR name = $1", idOrName)
	return a, explain("fund account "+idOrName, err)
}
