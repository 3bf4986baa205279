package materials

import (
	"errors"
	"slices"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/persons"
)

// checkAccountDigit looks at the Luhn digit. Only a UnionPay card must have one;
// other numbers may be passbooks.
func checkAccountDigit(d *desk, p *paper) {
	d.each(Account, func(q *paper, f casework.Field) {
		if q != p {
			return
		}
		card, err := persons.ParseBankCard(f.Value)
		if err == nil {
			d.vouched[p.Type+"."+f.Name] = true
			d.checkIssuer(p, f)
			return
		}
		flaw, _ := errors.AsType[persons.Flaw](err)
		if flaw != persons.Checksum {
			d.unclear(p, f.Name, "")
			return
		}
		finding := at("account_luhn", p, f.Name)
		if !card.UnionPay {
			finding.Severity = casework.Warn
		}
		d.addOnce(finding, p, f.Value)
	})
}

// addOnce reports a wrong account for the first document that shows it.
func (d *desk) addOnce(finding casework.Finding, p *paper, number string) {
	for _, f := range d.findings {
		if f.Rule == finding.Rule && f.Found == casework.MaskAccount(number) {
			d.reported[finding.Material+"."+finding.Field] = true
			return
		}
	}
	d.addNumber(finding, p, words{"found": same(casework.MaskAccount(number)), "places": d.Title(finding.Material)})
}

// accountPaper is the paper that proves an account: the bank card, else the social
// security card.
func (d *desk) accountPaper() *paper {
	if p := d.papers["bank_card"]; p != nil {
		return p
	}
	return d.papers["social_card"]
}

// accountField is the field of a paper that holds an account.
func accountField(p *paper) string {
	i := slices.IndexFunc(p.kind.Fields, func(f FieldRule) bool { return f.Kind == Account })
	if i < 0 {
		return ""
	}
	return p.kind.Fields[i].Name
}

// checkAccountSame compares the card with the form and with what the applicant
// stated. Somebody else's card, or a wrong number, has been named already.
func checkAccountSame(d *desk) {
	p := d.accountPaper()
	if p == nil {
		return
	}
	field := accountField(p)
	card := p.Fields[field].Value
	if card == "" || d.reported[p.Type+"."+field] || d.broke("not_own_account") {
		return
	}
	var places, found []Title
	finding := at("account_mismatch", p, field)
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
	if !validCard(f.Value) && d.maybeMisread(form, f, card) {
		d.unclear(form, "account", card)
		return false
	}
	return true
}

func validCard(number string) bool {
	_, err := persons.ParseBankCard(number)
	return err == nil
}

// broke says that a rule has been broken already.
func (d *desk) broke(rule string) bool {
	return slices.ContainsFunc(d.findings, func(f casework.Finding) bool { return f.Rule == rule })
}
