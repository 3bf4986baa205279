package materials

import (
	"errors"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/persons"
)

// accountFields are the names under which types hold an account.
func accountFields() []string { return []string{"number", "account"} }

// checkAccountDigit looks at the Luhn digit. Only a UnionPay card must have one;
// other numbers may be passbooks.
func checkAccountDigit(d *desk, p *paper) {
	d.each(Account, func(q *paper, f casework.Field) {
		if q != p {
			return
		}
		card, err := persons.ParseBankCard(f.Value)
		if err == nil {
			d.vouch(p, f.Name, true)
			return
		}
		flaw, _ := errors.AsType[persons.Flaw](err)
		if flaw != persons.Checksum || f.Confidence < d.threshold(Account) {
			d.unclear(p, f.Name, "")
			return
		}
		finding := at("account_luhn", p, f.Name)
		if !card.UnionPay {
			finding.Severity = casework.Warn
		}
		d.addOnce(finding, f.Value)
	}, accountFields()...)
}

// addOnce reports a wrong account for the first document that shows it.
func (d *desk) addOnce(finding casework.Finding, number string) {
	for _, f := range d.findings {
		if f.Rule == finding.Rule && f.Found == casework.MaskAccount(number) {
			d.reported[finding.Material+"."+finding.Field] = true
			return
		}
	}
	d.add(finding, words{"found": same(casework.MaskAccount(number)), "places": d.Title(finding.Material)})
}

// checkAccountSame compares the card with the form and with what the applicant
// stated. Somebody else's card, or a wrong number, has been named already.
func checkAccountSame(d *desk) {
	card := d.value("bank_card", "number")
	if card == "" || d.reported["bank_card.holder"] && d.ownerRefused() || d.reported["bank_card.number"] {
		return
	}
	var places, found []Title
	var first casework.Finding
	if typed := d.in.Applicant.Account; typed != "" && typed != card {
		first = at("account_mismatch", d.papers["bank_card"], "number")
		places, found = append(places, application()), append(found, same(casework.MaskAccount(typed)))
	}
	if p := d.papers["claim_form"]; p != nil && !d.reported["claim_form.account"] {
		f := p.Fields["account"]
		switch {
		case f.Value == "" || f.Value == card:
		case !validCard(f.Value) && maybeMisread(f, card):
			d.unclear(p, "account", card)
		default:
			first = at("account_mismatch", p, "account")
			places, found = append(places, d.Title(p.Type)), append(found, same(casework.MaskAccount(f.Value)))
		}
	}
	if len(places) > 0 {
		d.add(first, words{"places": list(places), "found": list(found), "expected": same(casework.MaskAccount(card))})
	}
}

func validCard(number string) bool {
	_, err := persons.ParseBankCard(number)
	return err == nil
}

func (d *desk) ownerRefused() bool {
	for _, f := range d.findings {
		if f.Rule == "not_own_account" {
			return true
		}
	}
	return false
}
