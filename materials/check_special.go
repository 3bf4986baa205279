package materials

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/persons"
)

// checkCreditCode looks at both check characters of a 统一社会信用代码 (GB 32100).
func checkCreditCode(d *desk, p *paper) {
	for _, rule := range p.kind.Fields {
		f := p.Fields[rule.Name]
		if rule.Kind != CreditCode || f.Value == "" {
			continue
		}
		_, err := persons.ParseUSCC(f.Value)
		flaw, bad := errors.AsType[persons.Flaw](err)
		switch {
		case !bad:
			d.vouched[p.Type+"."+rule.Name] = true
		case flaw == persons.Checksum:
			d.addNumber(at("uscc_invalid", p, rule.Name), p, words{"found": same(f.Value)})
		default:
			d.unclear(p, rule.Name, "")
		}
	}
}

// caseNumberPattern is how courts and arbitration boards number their cases.
const caseNumberPattern = `^\(\d{4}\).{1,12}号`

func checkCaseNumber(d *desk, p *paper) {
	f := p.Fields["case_number"]
	if f.Value == "" {
		return
	}
	if ok, err := regexp.MatchString(caseNumberPattern, plain(f.Value)); err == nil && ok {
		return
	}
	d.add(at("case_number_odd", p, "case_number"), words{"found": same(f.Value)})
}

// checkInjuryLimit looks at the time limits of 工伤保险条例 art. 17.
func checkInjuryLimit(d *desk, p *paper) {
	accident, known := day(p.Fields["accident_date"])
	applied, given := day(p.Fields["apply_date"])
	if !given {
		applied = d.in.Received
	}
	if !known || applied.Before(accident) {
		return
	}
	limit := casework.LimitOfInjury(accident, applied)
	w := words{"found": dayTitle(accident), "expected": dayTitle(limit.EmployerDeadline)}
	employer := strings.Contains(p.Fields["applicant_kind"].Value, "单位")
	switch {
	case !limit.Accepted:
		w["expected"] = dayTitle(limit.IndividualDeadline)
		d.addOrDoubt(at("injury_too_late", p, "accident_date"), p, w)
	case limit.Late && employer:
		d.addOrDoubt(at("injury_employer_late", p, "accident_date"), p, w)
	}
}

// Ages from which one may marry (domain sheet 50 §4).
const (
	husbandAge = 22
	wifeAge    = 20
)

// checkMarriageAge looks at both parties' ages on the day of registration.
func checkMarriageAge(d *desk, p *paper) {
	on, known := day(p.Fields["register_date"])
	if !known {
		return
	}
	for _, field := range []string{"holder_id", "spouse_id"} {
		id, err := persons.ParseCitizenID(p.Fields[field].Value, d.in.Received)
		if err != nil {
			continue
		}
		age, want := id.Birth.YearsUntil(on), wifeAge
		if id.Sex == persons.Male {
			want = husbandAge
		}
		if age < want {
			d.add(at("marriage_age", p, field), words{"found": years(age), "expected": years(want)})
		}
	}
}

// checkParty asks whether the applicant is one of the two on a marriage
// certificate.
func checkParty(d *desk) {
	p, name := d.papers["marriage_certificate"], d.applicantName()
	if p == nil || name == "" {
		return
	}
	one, other := p.Fields["holder"], p.Fields["spouse"]
	switch {
	case one.Value == "" || other.Value == "" || persons.SameName(one.Value, name) || persons.SameName(other.Value, name):
	case d.maybeMisread(p, one, name):
		d.unclear(p, "holder", name)
	case d.maybeMisread(p, other, name):
		d.unclear(p, "spouse", name)
	default:
		found := same(casework.MaskName(one.Value) + "、" + casework.MaskName(other.Value))
		d.add(at("not_a_party", p, "holder"), words{"found": found, "expected": same(casework.MaskName(name))})
	}
}

// checkPromise looks for the tick before the promise (告知承诺).
func checkPromise(d *desk, p *paper) {
	f := p.Fields["promise"]
	if f.Value == "" || strings.ContainsAny(f.Value, "√✓✔☑■V") {
		return
	}
	d.add(at("promise_not_ticked", p, "promise"), nil)
}

// servicePattern reads 7年, 3年6个月, 8个月.
const servicePattern = `(?:(\d{1,2})年)?(?:零?(\d{1,2})个?月)?`

// serviceSlack is how many months a stated time of service may differ from the
// contract's dates: people round.
const serviceSlack = 12

// checkServiceYears compares the stated years with the dates. A longer time is
// usual where contracts followed one another; a shorter one is looked at.
func checkServiceYears(d *desk, p *paper) {
	stated, ok := serviceMonths(p.Fields["years"].Value)
	from, fromOK := day(p.Fields["contract_start"])
	to, toOK := day(p.Fields["end_date"])
	if !ok || !fromOK || !toOK || to.Before(from) {
		return
	}
	span := casework.MonthOf(from).Until(casework.MonthOf(to)) + 1
	if stated+serviceSlack >= span || d.reported[p.Type+".years"] {
		return
	}
	d.add(at("service_years_short", p, "years"), words{"found": same(p.Fields["years"].Value), "expected": monthsTitle(span)})
}

func serviceMonths(text string) (int, bool) {
	m := regexp.MustCompile(servicePattern).FindStringSubmatch(plain(text))
	if m == nil || m[1]+m[2] == "" {
		return 0, false
	}
	y, _ := strconv.Atoi("0" + m[1])
	n, _ := strconv.Atoi("0" + m[2])
	return 12*y + n, true
}

func monthsTitle(n int) Title {
	return Title{Zh: fmt.Sprintf("%d年%d个月", n/12, n%12), En: fmt.Sprintf("%d months", n)}
}

// checkLastPaid compares the end of employment with the last month paid, where
// that is known: more than a month apart is looked at.
func checkLastPaid(d *desk) {
	end, known := d.spot("termination_notice.end_date", nil)
	last, err := strconv.Atoi(d.in.Shared["last_paid_month"])
	if !known || err != nil || !casework.Month(last).Valid() {
		return
	}
	month, ok := monthOf(end.value)
	if gap := casework.Month(last).Until(month); ok && (gap > 1 || gap < -1) {
		d.add(at("last_paid_far", end.p, end.rule.Name), words{"found": shown(Day, end.value), "expected": shown(MonthKind, strconv.Itoa(last))})
	}
}

// checkAgeSame compares the age on a diagnosis with the number's.
func checkAgeSame(d *desk) {
	p := d.papers["diagnosis"]
	if p == nil || d.foreign[p.Type] {
		return
	}
	stated, err := strconv.Atoi(p.Fields["age"].Value)
	seen, known := day(p.Fields["visit_date"])
	born, ok := d.bornOn()
	if err != nil || !known || !ok {
		return
	}
	age := born.YearsUntil(seen)
	if stated >= age-1 && stated <= age+1 { // hospitals also count by the year alone
		return
	}
	d.addOrDoubt(at("age_mismatch", p, "age"), p, words{"found": years(stated), "expected": years(age)})
}

// bodyParts are the words by which injuries are told; each line is one region of
// the body.
func bodyParts() []string {
	return []string{"手指腕掌", "臂肘肱桡尺", "肩锁", "足趾踝跟", "腿胫腓膝股", "头颅脑面额", "眼", "耳", "腰背脊椎", "胸肋", "腹", "颈"}
}

// checkBodyPart compares the part of the body on the form with the diagnosis:
// both must name at least one region, and none in common, to be looked at.
func checkBodyPart(d *desk) {
	form, ok := d.spot("injury_application.injury", nil)
	said, there := d.spot("diagnosis.diagnosis", nil)
	if !ok || !there {
		return
	}
	a, b := regions(form.value), regions(said.value)
	if a == 0 || b == 0 || a&b != 0 {
		return
	}
	d.add(at("body_part_differs", said.p, said.rule.Name), words{"found": same(said.value), "expected": same(form.value)})
}

// regions is a set of body regions, a bit each.
func regions(text string) int {
	set := 0
	for i, words := range bodyParts() {
		if strings.ContainsAny(text, words) {
			set |= 1 << i
		}
	}
	return set
}

// office is where the name of a place ends in an authority's: 青石市公安局.
const office = "公安"

// placeOf is the place an authority names, with its rank: 青石市 is not 青石县.
func placeOf(authority string) string {
	place, _, named := strings.Cut(plain(authority), office)
	if !named {
		return prefix(place, 2)
	}
	return place
}

// checkIDSides asks whether both sides are one card's: the authority that issued
// it lies where its holder lived then.
func checkIDSides(d *desk) {
	front, back := d.papers["id_card_front"], d.papers["id_card_back"]
	if front == nil || back == nil || front.FileID == back.FileID || d.foreign[front.Type] {
		return
	}
	address, authority := front.Fields["address"], back.Fields["authority"]
	place := placeOf(authority.Value)
	if len([]rune(place)) < 2 || address.Value == "" || strings.Contains(address.Value, place) {
		return
	}
	if !d.sure(back, "authority") || !d.sure(front, "address") {
		d.unclear(back, "authority", "")
		return
	}
	d.add(at("id_sides_differ", back, "authority"), words{"found": same(authority.Value), "expected": shown(Address, address.Value)})
}

// checkBalance refuses an account below zero.
func checkBalance(d *desk, p *paper) {
	f := p.Fields["balance"]
	if fen, err := casework.ParseFen(f.Value); err == nil && fen < 0 {
		d.addOrDoubt(at("balance_negative", p, "balance"), p, words{"found": shown(Amount, f.Value)})
	}
}

// checkHouseholdStatus looks for the stamps of somebody who moved away or died.
func checkHouseholdStatus(d *desk, p *paper) {
	for _, line := range p.lines {
		for _, word := range []string{"注销", "迁出", "死亡"} {
			if strings.Contains(line, word) {
				d.add(at("household_status", p, ""), words{"found": same(word)})
				return
			}
		}
	}
}
