package materials

import (
	"errors"
	"fmt"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/persons"
)

// idFields are the names under which types hold the citizen's number.
func idFields() []string { return []string{"number", "id_number"} }

func application() Title { return Title{Zh: "申请信息", En: "the application"} }

// checkIDNumber looks at every number once: a wrong one is named with all its
// places. A number that was read may be a misreading; one the applicant typed
// alike, or one read with certainty, is not.
func checkIDNumber(d *desk) {
	wrong := flawed{d: d, places: map[persons.Flaw][]Title{}, first: map[persons.Flaw]casework.Finding{}, found: map[persons.Flaw]string{}}
	typed := d.in.Applicant.IDNumber
	if _, err := persons.ParseCitizenID(typed, d.in.Received); typed != "" && err != nil {
		wrong.add(err, casework.Finding{}, application(), typed)
	}
	d.each(IDNumber, func(p *paper, f casework.Field) {
		_, err := persons.ParseCitizenID(f.Value, d.in.Received)
		flaw, bad := errors.AsType[persons.Flaw](err)
		switch {
		case !bad:
			d.vouched[p.Type+"."+f.Name] = true
		case f.Value == typed, flaw != persons.Length && flaw != persons.Charset && d.sure(p, f.Name):
			wrong.add(err, at("", p, f.Name), d.Title(p.Type), f.Value)
		default:
			d.unclear(p, f.Name, "")
		}
	})
	wrong.report()
}

// flawed gathers wrong numbers by their flaw.
type flawed struct {
	d      *desk
	order  []persons.Flaw
	places map[persons.Flaw][]Title
	first  map[persons.Flaw]casework.Finding
	found  map[persons.Flaw]string
}

func (w *flawed) add(err error, where casework.Finding, place Title, number string) {
	flaw, ok := errors.AsType[persons.Flaw](err)
	if !ok || foreigner(number) {
		return
	}
	if w.places[flaw] == nil {
		w.order, w.found[flaw] = append(w.order, flaw), number
	}
	if w.first[flaw].Material == "" {
		w.first[flaw] = where
	}
	w.places[flaw] = append(w.places[flaw], place)
	w.d.reported[where.Material+"."+where.Field] = true
}

func (w *flawed) report() {
	rules := map[persons.Flaw]string{
		persons.Length: "id_length", persons.Charset: "id_charset", persons.BirthDate: "id_birth_date",
		persons.Checksum: "id_checksum", persons.Region: "id_region",
	}
	for _, flaw := range w.order {
		finding := w.first[flaw]
		finding.Rule = rules[flaw]
		w.d.add(finding, words{"found": same(casework.MaskID(w.found[flaw])), "places": list(w.places[flaw])})
	}
}

// firstValid is the first number that can be.
func (d *desk) firstValid(numbers ...string) (persons.CitizenID, bool) {
	for _, number := range numbers {
		if id, err := persons.ParseCitizenID(number, d.in.Received); err == nil {
			return id, true
		}
	}
	return persons.CitizenID{}, false
}

// checkIDSame compares valid numbers with the applicant's. A valid check digit
// proves the reading, so a difference is real. A paper of another person has been
// named already.
func checkIDSame(d *desk) {
	citizen, ok := d.firstValid(d.in.Applicant.IDNumber, d.value("id_card_front", "number"), d.most.number)
	if !ok {
		return
	}
	var places, found []Title
	var first casework.Finding
	d.each(IDNumber, func(p *paper, f casework.Field) {
		id, err := persons.ParseCitizenID(f.Value, d.in.Received)
		if err != nil || id.Number == citizen.Number || d.foreign[p.Type] {
			return
		}
		if f.Hand { // no check digit makes a suggestion a proof
			d.unclear(p, f.Name, citizen.Number)
			return
		}
		if len(places) == 0 {
			first = at("id_mismatch", p, f.Name)
		}
		places, found = append(places, d.Title(p.Type)), append(found, same(casework.MaskID(f.Value)))
	}, idFields()...)
	if len(places) > 0 {
		if d.unnamed() {
			first.Rule = "persons_differ"
		}
		d.add(first, words{"places": list(places), "found": list(found), "expected": same(casework.MaskID(citizen.Number))})
	}
}

// ownNumber is the number of the person a paper is about, as far as it is printed:
// one written by hand is no measure for other fields.
func (d *desk) ownNumber(p *paper) (persons.CitizenID, error) {
	for _, f := range p.kind.Fields {
		if f.Kind == IDNumber && !p.Fields[f.Name].Hand {
			return persons.ParseCitizenID(p.Fields[f.Name].Value, d.in.Received)
		}
	}
	return persons.CitizenID{}, persons.Length
}

// checkIDBirth compares the printed date of birth with the number's.
func checkIDBirth(d *desk, p *paper) {
	id, err := d.ownNumber(p)
	birth := p.Fields["birth"]
	if err != nil || birth.Value == "" {
		return
	}
	d.compare(p, "birth", id.Birth.String(), "id_birth_mismatch")
}

// checkIDSex compares the printed sex with the number's.
func checkIDSex(d *desk, p *paper) {
	id, err := d.ownNumber(p)
	if err != nil || p.Fields["sex"].Value == "" {
		return
	}
	d.compare(p, "sex", id.Sex.Zh(), "id_sex_mismatch")
}

// compare vouches for a field that equals what is expected, doubts one that may
// be misread and reports any other.
func (d *desk) compare(p *paper, field, expected, rule string) {
	f, kind := p.Fields[field], p.kind.field(field).Kind
	switch {
	case f.Value == expected:
		d.vouch(p, field, true)
	case d.maybeMisread(p, f, expected):
		d.unclear(p, field, expected)
	default:
		d.add(at(rule, p, field), words{"found": shown(kind, f.Value), "expected": shown(kind, expected)})
	}
}

// checkIDValidity looks at the period: over, not begun, or not one that
// 居民身份证法 art. 5 gives at the holder's age.
func checkIDValidity(d *desk, p *paper) {
	from, fromKnown := day(p.Fields["valid_from"])
	to, toKnown := day(p.Fields["valid_to"])
	if toKnown && to.Before(d.in.Received) {
		d.addOrDoubt(at("id_expired", p, "valid_to"), p, words{"found": dayTitle(to)})
		return
	}
	if fromKnown && d.in.Received.Before(from) {
		d.addOrDoubt(at("id_not_yet_valid", p, "valid_from"), p, words{"found": dayTitle(from)})
		return
	}
	born, known := d.bornOn()
	if !known || !fromKnown || !toKnown && p.Fields["valid_to"].Value != Endless {
		return
	}
	want := periodAt(born.YearsUntil(from))
	if toKnown && temporary(from, to) {
		want = months(3)
	}
	if got := period(from, to, toKnown); got != want {
		d.add(at("id_period", p, "valid_to"), words{"found": got, "expected": want})
		return
	}
	d.vouched[p.Type+".valid_from"], d.vouched[p.Type+".valid_to"] = true, true
}

// bornOn is the holder's day of birth by a valid number, else as the card prints it.
func (d *desk) bornOn() (casework.Date, bool) {
	if holder, ok := d.firstValid(d.value("id_card_front", "number"), d.in.Applicant.IDNumber); ok {
		return holder.Birth, true
	}
	p := d.papers["id_card_front"]
	if p == nil || !d.sure(p, "birth") {
		return casework.Date{}, false
	}
	return day(p.Fields["birth"])
}

func periodAt(age int) Title {
	switch {
	case age < 16:
		return years(5)
	case age < 26:
		return years(10)
	case age < 46:
		return years(20)
	}
	return endless()
}

// period names the years between two days; the last day may be the same day of
// the year or the one before.
func period(from, to casework.Date, ends bool) Title {
	if !ends {
		return endless()
	}
	if temporary(from, to) {
		return months(3)
	}
	for _, n := range []int{5, 10, 20} {
		due := casework.DateOf(from.Time().AddDate(n, 0, 0))
		if to == due || to.AddDays(1) == due {
			return years(n)
		}
	}
	a, b := dayTitle(from), dayTitle(to)
	return Title{Zh: a.Zh + "至" + b.Zh, En: a.En + " to " + b.En}
}

// temporary says that a period is a temporary card's: three months
// (《临时居民身份证管理办法》第八条).
func temporary(from, to casework.Date) bool {
	due := casework.DateOf(from.Time().AddDate(0, 3, 0))
	return to == due || to.AddDays(1) == due
}

func months(n int) Title {
	return Title{Zh: fmt.Sprintf("%d个月", n), En: fmt.Sprintf("%d months", n)}
}

func years(n int) Title { return Title{Zh: fmt.Sprintf("%d年", n), En: fmt.Sprintf("%d years", n)} }
func endless() Title    { return Title{Zh: Endless, En: "without end"} }
