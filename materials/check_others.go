package materials

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/persons"
)

// longName is from how many characters on a name is looked at: old systems cut it.
const longName = 16

// checkNameSpecial sends names that old systems cut or cannot write to a person:
// long ones, and those with characters beyond GBK or of private code points.
func checkNameSpecial(d *desk) {
	name := d.applicantName()
	if name == "" {
		return
	}
	lost := strings.ContainsFunc(name, func(r rune) bool { return unicode.Is(unicode.Co, r) })
	if _, err := simplifiedchinese.GBK.NewEncoder().String(name); err == nil && !lost && utf8.RuneCountInString(name) < longName {
		return
	}
	finding := casework.Finding{Rule: "name_special"}
	if p := d.papers["id_card_front"]; p != nil {
		finding = at("name_special", p, "name")
	}
	d.add(finding, words{"found": same(casework.MaskName(persons.NormalName(name)))})
}

// checkLicenceStatus looks at what the register says of a licence, where data
// sharing has told it.
func checkLicenceStatus(d *desk, p *paper) {
	status := d.in.Shared["licence_status"]
	good := []string{"存续", "在营", "开业", "在册", "迁入"}
	if status == "" || slices.ContainsFunc(good, func(word string) bool { return strings.Contains(status, word) }) {
		return
	}
	d.add(at("licence_status", p, ""), words{"found": same(status)})
}

// checkJudgment lets a person read what a court or a board has decided.
func checkJudgment(d *desk) {
	if p := d.papers["judgment"]; p != nil && !d.foreign[p.Type] {
		d.add(at("judgment_read", p, ""), nil)
	}
}

// checkAuthorisation asks whether an authorisation speaks of the matter, or of
// everything.
func checkAuthorisation(d *desk) {
	s, ok := d.spot("authorisation.matter", nil)
	if !ok {
		return
	}
	said := plain(s.value)
	enough := append([]string{d.matter.Title.Zh, "全部", "一切", "所有"}, d.matter.Called...)
	if slices.ContainsFunc(enough, func(word string) bool { return strings.Contains(said, plain(word)) }) {
		return
	}
	d.addOrDoubt(at("authorisation_matter", s.p, s.rule.Name), s.p, words{"found": same(s.value), "expected": d.matter.Title})
}

// workAge is the age from which one may work (劳动法 art. 15).
const workAge = 16

// checkWorkAge asks whether a contract began when its worker could have one.
func checkWorkAge(d *desk, p *paper) {
	id, err := d.ownNumber(p)
	start, known := day(p.Fields["contract_start"])
	if err != nil || !known || id.Birth.YearsUntil(start) >= workAge {
		return
	}
	d.addOrDoubt(at("work_before_16", p, "contract_start"), p, words{"found": dayTitle(start)})
}

// checkTransferDirection asks whether a transfer form goes the matter's way.
func checkTransferDirection(d *desk, p *paper) {
	said := p.Fields["direction"].Value
	away := map[string]string{"pension_transfer_in": "转出", "pension_transfer_out": "转入"}[d.matter.Matter]
	if away != "" && strings.Contains(said, away) {
		d.add(at("wrong_matter", p, "direction"), words{"found": same(said), "expected": d.matter.Title})
	}
}
