package materials

import (
	"maps"
	"slices"
	"strings"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/persons"
)

// Several papers of one type, and whose they are.
//
// A page that begins a paper of a type again and shows another person, or another
// account, is a paper of its own. Of several the applicant's counts, the last one
// of theirs; one of somebody else goes to a person, unless it is the agent's whom
// an authorisation names, or another member's page of a household register.

// identity is who a paper is about; values that were not read are empty.
type identity struct {
	name, number string
	account      string // the card's own, where the paper is one
	from, to     string // of an identity card's emblem side, which names nobody: its period
}

// whose gives the person a paper is about. A number counts only where its check
// digit is right.
func (d *desk) whose(p *paper) identity {
	var who identity
	for _, rule := range p.kind.Fields {
		f := p.Fields[rule.Name]
		switch {
		case rule.Kind == Name && (rule.Name == "name" || rule.Name == "holder") && f.Confidence >= d.threshold(Name) && !f.Hand:
			who.name = persons.NormalName(f.Value)
		case rule.Kind == IDNumber && slices.Contains(idFields(), rule.Name) && !f.Hand:
			if id, err := persons.ParseCitizenID(f.Value, d.in.Received); err == nil {
				who.number = id.Number
			}
		case rule.Kind == Account && p.Type == "bank_card" && validCard(f.Value):
			who.account = f.Value
		case p.Type == "id_card_back" && rule.Name == "valid_from":
			who.from = f.Value
		case p.Type == "id_card_back" && rule.Name == "valid_to":
			who.to = f.Value
		}
	}
	return who
}

// differs says that two papers are of two people, or of two cards. Both days of two
// emblem sides have to differ.
func (a identity) differs(b identity) bool {
	switch {
	case a.number != "" && b.number != "":
		return a.number != b.number
	case a.account != "" && b.account != "" && a.account != b.account:
		return true
	case a.from != "" && b.from != "" && a.from != b.from && a.to != "" && b.to != "" && a.to != b.to: // one of them alone may be misread
		return true
	}
	return a.name != "" && b.name != "" && !persons.SameName(a.name, b.name)
}

// is says that a paper shows this person.
func (a identity) is(who identity) bool {
	if a.number != "" && who.number != "" {
		return a.number == who.number
	}
	return a.name != "" && who.name != "" && persons.SameName(a.name, who.name)
}

// voted is the person most of the papers are about, the first of equals.
func (d *desk) voted() identity {
	var names, numbers []string
	for _, kind := range slices.Sorted(maps.Keys(d.instances)) {
		for _, p := range d.instances[kind] {
			who := d.whose(p)
			if p.kind.knows("holder") { // whose card it is, is another question
				who.name = ""
			}
			names, numbers = append(names, who.name), append(numbers, who.number)
		}
	}
	return identity{name: most(names), number: most(numbers)}
}

// most is the value that comes most often, empty ones apart.
func most(values []string) string {
	best, count := "", map[string]int{}
	for _, v := range values {
		if count[v]++; v != "" && count[v] > count[best] {
			best = v
		}
		delete(count, "")
	}
	return best
}

// choosePapers takes one paper of each type and sends other people's to a person.
func (d *desk) choosePapers() {
	d.most = d.voted()
	applicant := d.most
	if d.in.Applicant.Name != "" || d.in.Applicant.IDNumber != "" {
		applicant = identity{name: persons.NormalName(d.in.Applicant.Name), number: d.in.Applicant.IDNumber}
	}
	d.leaveOutAgent(applicant)
	for _, kind := range slices.Sorted(maps.Keys(d.instances)) {
		all := d.instances[kind]
		if len(all) == 0 {
			continue
		}
		chosen := all[len(all)-1]
		for _, p := range all {
			if d.whose(p).is(applicant) || d.inForce(p) {
				chosen = p
			}
		}
		d.papers[kind] = chosen
		d.reportSurplus(chosen, all)
	}
}

// inForce says that the emblem side of a card holds on the day of receipt: people
// hand in an old card, too.
func (d *desk) inForce(p *paper) bool {
	from, known := day(p.Fields["valid_from"])
	to, ends := day(p.Fields["valid_to"])
	endless := p.Fields["valid_to"].Value == Endless
	return p.Type == "id_card_back" && known && !d.in.Received.Before(from) && (endless || ends && !to.Before(d.in.Received))
}

// reportSurplus names papers of a type that are another person's than the chosen.
func (d *desk) reportSurplus(chosen *paper, all []*paper) {
	if chosen.Type == "household_page" { // a register has a page for each member
		return
	}
	own := d.whose(chosen)
	for _, p := range all {
		if other := d.whose(p); p != chosen && other.differs(own) {
			finding := at("paper_of_another", p, "")
			d.add(finding, words{"found": same(casework.MaskName(other.name)), "expected": same(casework.MaskName(own.name))})
			return
		}
	}
}

// leaveOutAgent takes the card of the agent whom an authorisation names, and its
// other side in the same file, out of the applicant's papers.
func (d *desk) leaveOutAgent(applicant identity) {
	all := d.instances["authorisation"]
	if len(all) == 0 {
		return
	}
	last := all[len(all)-1]
	agent := identity{name: persons.NormalName(last.Fields["agent"].Value), number: strings.ToUpper(last.Fields["agent_id"].Value)}
	files := map[string]bool{}
	isAgents := func(p *paper) bool {
		who := d.whose(p)
		if !who.is(agent) || who.is(applicant) {
			return false
		}
		files[p.FileID] = true
		return true
	}
	d.instances["id_card_front"] = slices.DeleteFunc(d.instances["id_card_front"], isAgents)
	own := map[string]bool{}
	for _, p := range d.instances["id_card_front"] {
		own[p.FileID] = true
	}
	d.instances["id_card_back"] = slices.DeleteFunc(d.instances["id_card_back"], func(p *paper) bool { return files[p.FileID] && !own[p.FileID] })
}

// checkPairs looks at papers of two people: where the name of one is the
// applicant's, so is that one's number.
func (d *desk) checkPairs(p *paper) {
	name := d.applicantName()
	citizen, known := d.firstValid(d.in.Applicant.IDNumber, d.value("id_card_front", "number"))
	for _, rule := range p.kind.Fields {
		f := p.Fields[rule.Name]
		id, err := persons.ParseCitizenID(f.Value, d.in.Received)
		if rule.Person == "" || rule.Kind != IDNumber || !known || err != nil || f.Hand {
			continue
		}
		if persons.SameName(p.named(rule.Person), name) && id.Number != citizen.Number {
			d.add(at("id_mismatch", p, rule.Name), words{"places": d.Title(p.Type), "found": same(casework.MaskID(f.Value)), "expected": same(casework.MaskID(citizen.Number))})
		}
	}
}

// named gives the name of one of the people of a paper.
func (p *paper) named(person string) string {
	for _, rule := range p.kind.Fields {
		if rule.Kind == Name && rule.Person == person {
			return p.Fields[rule.Name].Value
		}
	}
	return ""
}

// checkResidents sends the holders of residence permits to a person: foreigners,
// whose numbers begin with 9, and residents of Hong Kong, Macao and Taiwan.
func (d *desk) checkResidents() {
	finding, number := casework.Finding{Rule: "resident_permit"}, ""
	if permit(d.in.Applicant.IDNumber) {
		number = d.in.Applicant.IDNumber
	}
	d.each(IDNumber, func(p *paper, f casework.Field) {
		if number == "" && permit(f.Value) {
			finding, number = at("resident_permit", p, f.Name), f.Value
		}
	}, idFields()...)
	if number != "" {
		d.add(finding, words{"found": same(casework.MaskID(number))})
	}
}

// permit says that a number is a residence permit's.
func permit(number string) bool {
	return len(number) == 18 && (foreigner(number) || slices.ContainsFunc([]string{"81", "82", "83"}, func(place string) bool { return strings.HasPrefix(number, place) }))
}

// foreigner says that a number is one of a foreigner's permit, of which GB 11643
// says nothing.
func foreigner(number string) bool { return len(number) == 18 && number[0] == '9' }
