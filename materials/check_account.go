package materials

import (
	"errors"
	"slices"

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
	p := d.papers["bank_card"]
	card := d.value("bank_card", "number")
	if card == "" || d.reported["bank_card.number"] || d.refused("not_own_account") {
		return
	}
	var places, found []Title
	finding := at("account_mismatch", p, "number")
	if typed := d.in.Applicant.Account; typed != "" && typed != card {
		places, found = append(places, application()), append(found, shown(Account, typed))
	}
	if form := d.papers["claim_form"]; form != nil && d.otherAccount(form, card) {
		finding = at("account_mismatch", form, "account")
		places, found = append(places, d.Title(form.Type)), append(found, shown(Account, form.Fields["account"].Value))
	}
	if len(places) > 0 {
		d.add(finding, words{"places": list(places), "found": list(found), "expected": shown(Account, card)})
	}
}

// otherAccount says that a form surely names another account than the card; a
// doubtful reading goes to a person.
func (d *desk) otherAccount(form *paper, card string) bool {
	f := form.Fields["account"]
	if f.Value == "" || f.Value == card || d.reported["claim_form.account"] {
		return false
	}
	if !validCard(f.Value) && maybeMisread(f, card) {
		d.unclear(form, "account", card)
		return false
	}
	return true
}

func validCard(number string) bool {
	_, err := persons.ParseBankCard(number)
	return err == nil
}

// refused says that a rule has been broken already.
func (d *desk) refused(rule string) bool {
	return slices.ContainsFunc(d.findings, func(f casework.Finding) bool { return f.Rule == rule })
}
