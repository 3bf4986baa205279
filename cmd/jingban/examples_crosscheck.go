package main

import (
	"fmt"

	"github.com/jingban/jingban/benefits"
	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/crosscheck"
)

func pensionAfterDeath(_ benefits.Region, in struct {
	Paid   [][2]int64     `json:"paid"` // month and fen
	Death  casework.Month `json:"death_month"`
	Policy string         `json:"policy"`
}) (values, explained, error) {
	rule, err := benefits.ParseStopRule(in.Policy)
	if err != nil {
		return nil, nil, err
	}
	var paid []benefits.MonthAmount
	for _, p := range in.Paid {
		paid = append(paid, benefits.MonthAmount{Month: casework.Month(p[0]), Amount: casework.Fen(p[1])})
	}
	o, err := rule.Overpaid(paid, in.Death)
	return values{"first_undue_month": o.FirstUndue, "months": len(o.Undue), "amount_fen": o.Amount}, afterDeath{o}, err
}

// afterDeath is what was paid to somebody who had died.
type afterDeath struct{ benefits.Overpayment }

// Derivation explains the amount.
func (o afterDeath) Derivation() benefits.Derivation {
	d := o.Overpayment.Derivation()
	d.Title = "死亡后多领养老待遇"
	return d
}

func instalments(_ benefits.Region, in struct {
	Total casework.Fen `json:"total_fen"`
	N     int          `json:"instalments"`
}) (values, explained, error) {
	r, err := benefits.Repay(in.Total, in.N)
	return values{"plan_fen": r.Plan}, r, err
}

// shared says which accounts were found.
type shared []crosscheck.Shared[string, int64]

// Derivation explains the rule.
func (s shared) Derivation() benefits.Derivation {
	d := benefits.Derivation{Title: "多人共用一个账户（R-07）"}
	for _, one := range s {
		d.Lines = append(d.Lines, benefits.Line{Part: benefits.Result, Text: fmt.Sprintf("账户%d：%d人", one.Account, len(one.Persons))})
	}
	return d
}

func sharedAccount(_ benefits.Region, in struct {
	Payees    [][2]any `json:"payees"` // person and account
	Threshold int      `json:"threshold"`
}) (values, explained, error) {
	var payees []crosscheck.Payee[string, int64]
	for i, pair := range in.Payees {
		person, named := pair[0].(string)
		account, numbered := pair[1].(float64)
		if !named || !numbered {
			return nil, nil, fmt.Errorf("payee %d: want a person and the number of an account", i+1)
		}
		payees = append(payees, crosscheck.Payee[string, int64]{Person: person, Account: int64(account)})
	}
	found := crosscheck.SharedAccounts(payees, in.Threshold)
	hits := []map[string]any{}
	for _, one := range found {
		hits = append(hits, map[string]any{"account": one.Account, "persons": one.Persons})
	}
	return values{"hits": hits}, shared(found), nil
}
