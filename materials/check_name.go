package materials

import (
	"strings"
	"unicode"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/persons"
)

// applicantName is what the applicant stated, else what the ID card says, else what
// most papers do.
func (d *desk) applicantName() string {
	if name := persons.NormalName(d.in.Applicant.Name); name != "" {
		return name
	}
	if name := d.value("id_card_front", "name"); name != "" {
		return name
	}
	return d.most.name
}

// checkNameSame compares every document's name with the applicant's, in one
// finding with all its places. Whose card it is, checkAccountOwner asks.
func checkNameSame(d *desk) {
	name := d.applicantName()
	if name == "" {
		return
	}
	var places, found []Title
	var first casework.Finding
	d.each(Name, func(p *paper, f casework.Field) {
		switch {
		case persons.SameName(f.Value, name):
			d.vouch(p, f.Name, d.in.Applicant.Name != "" || p.Type != "id_card_front")
		case d.maybeMisread(p, f, name):
			d.unclear(p, f.Name, name)
		default:
			if len(places) == 0 {
				first = at("name_mismatch", p, f.Name)
			}
			d.reported[p.Type+"."+f.Name], d.foreign[p.Type] = true, true
			places, found = append(places, d.Title(p.Type)), append(found, same(casework.MaskName(f.Value)))
		}
	}, "name")
	if len(places) > 0 {
		if d.unnamed() {
			first.Rule = "persons_differ"
		}
		d.add(first, words{"places": list(places), "found": list(found), "expected": same(casework.MaskName(name))})
	}
}

// unnamed says that nobody said who the applicant is and no identity card does.
func (d *desk) unnamed() bool {
	return d.in.Applicant.Name == "" && d.in.Applicant.IDNumber == "" && d.papers["id_card_front"] == nil
}

// checkAccountOwner asks whose card it is. Many cards show no name, or one in
// Latin letters: then a person confirms it.
func checkAccountOwner(d *desk) {
	p, name := d.papers["bank_card"], d.applicantName()
	if p == nil || name == "" {
		return
	}
	f := p.Fields["holder"]
	switch {
	case d.in.Shared["benefit"] == "death": // it is paid to those who are left
		d.add(at("payee_other", p, "holder"), nil)
	case !strings.ContainsFunc(f.Value, func(r rune) bool { return unicode.Is(unicode.Han, r) || unicode.Is(unicode.Co, r) }):
		d.add(at("holder_not_shown", p, "holder"), nil)
	case persons.SameName(f.Value, name):
	case d.maybeMisread(p, f, name):
		d.unclear(p, "holder", name)
	default:
		d.add(at("not_own_account", p, "holder"), words{"found": same(casework.MaskName(f.Value)), "expected": same(casework.MaskName(name))})
	}
}
