package workers

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/store"
)

// funds carries out the reconcile steps of playbooks.
type funds struct{ crew *Crew }

// Reconcile implements playbooks.Funds. Done again after a crash it archives
// nothing twice and compares anew.
func (f funds) Reconcile(ctx context.Context, order playbooks.FundOrder) (playbooks.FundAnswer, error) {
	c := f.crew
	account, err := c.Store.FundAccount(ctx, order.Account)
	if errors.Is(err, store.ErrNotFound) {
		return playbooks.FundAnswer{}, casework.AskPerson("fund_unknown", "there is no fund account %q", order.Account)
	}
	if err != nil {
		return playbooks.FundAnswer{}, err
	}
	by := fundRobot("playbook")
	for _, file := range order.Files {
		if err := f.take(ctx, account, by, file); err != nil {
			return playbooks.FundAnswer{}, err
		}
	}
	v, err := c.Store.OrderFundResult(ctx, by, account.ID, order.Until, order.RunID)
	if err != nil {
		return playbooks.FundAnswer{}, err
	}
	if v, err = c.compareFund(ctx, v); err != nil {
		return playbooks.FundAnswer{}, err
	}
	if v.State == store.FundRefused {
		return playbooks.FundAnswer{}, casework.AskPerson("fund_refused", "account %s up to %s was not compared: %s", account.Name, v.Day, v.Code)
	}
	return playbooks.FundAnswer{Result: v.ID, State: string(v.State), Questions: v.Numbers.Questions, Returned: v.Numbers.Returned}, nil
}

// take archives what an earlier step downloaded; the evidence has its bytes.
func (f funds) take(ctx context.Context, account store.FundAccount, by casework.Actor, file playbooks.FundFile) error {
	sum := strings.TrimPrefix(file.SHA256, "sha256:")
	data, err := f.crew.Store.File(ctx, sum)
	if errors.Is(err, store.ErrNotFound) {
		return casework.AskPerson("fund_file_missing", "the downloaded %s file is not in the archive", file.Kind)
	}
	if err != nil {
		return fmt.Errorf("downloaded %s file: %w", file.Kind, err)
	}
	taken, err := f.crew.Store.TakeFundFile(ctx, by, store.FundFile{AccountID: account.ID, Kind: store.FundKind(file.Kind), Name: file.Kind + ".dat", Source: "playbook"}, data)
	if err != nil && !errors.Is(err, store.ErrDuplicate) {
		return err
	}
	if taken.State == store.FundFileRefused {
		return casework.AskPerson("fund_refused", "the %s file of %s does not add up", file.Kind, account.Name)
	}
	return nil
}

// aboutFund adds the number of the fund account that a schedule is about, where
// its subject names one.
func (c *Crew) aboutFund(ctx context.Context, subject string, shared map[string]string) error {
	if subject == "" {
		return nil
	}
	account, err := c.Store.FundAccount(ctx, subject)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	shared["number"] = account.Number
	return err
}
