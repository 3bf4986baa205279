package materials

import (
	"fmt"
	"slices"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/persons"
)

// checkFields names the required fields that are not there, all of a document in
// one finding. Nothing behind a label on a form is a gap to be filled; a label
// nobody found, a gap on a printed card or under a reflection is a doubtful reading.
func (d *desk) checkFields(p *paper) {
	if d.emptyForm(p) {
		return
	}
	var absent []Title
	sure, first := !p.kind.Printed && !p.glare, ""
	for _, f := range p.kind.Fields {
		if _, there := p.Fields[f.Name]; there || !f.Required && !f.Present || f.Kind == Signature || slices.ContainsFunc(f.Unless, d.holds) {
			continue
		}
		absent = append(absent, f.Title)
		sure = sure && p.blank[f.Name]
		if first == "" {
			first = f.Name
		}
	}
	if len(absent) == 0 {
		return
	}
	finding := at("field_missing", p, "")
	if len(absent) == 1 {
		finding.Field = first
	}
	if !sure {
		finding.Severity = casework.Warn
	}
	d.add(finding, words{"fields": list(absent)})
}

// checkClear names the required fields a person has to read: those without a
// value of their kind and those read with little confidence, unless a check
// digit or another source vouches for them; for handwriting a check digit is not
// enough. It runs last.
//
// Many of them on one paper are said in one sentence: the paper is written by
// hand, or was taken badly.
func (d *desk) checkClear(p *paper) {
	var doubtful []FieldRule
	for _, rule := range p.kind.Fields {
		f, there := p.Fields[rule.Name]
		key := p.Type + "." + rule.Name
		vouched := d.vouched[key] && !f.Hand || d.borne[key]
		if !there || !rule.Required || rule.Kind == Signature || vouched || d.reported[key] {
			continue
		}
		if f.Value == "" || !d.sure(p, rule.Name) {
			doubtful = append(doubtful, rule)
		}
	}
	if len(doubtful) < many {
		for _, rule := range doubtful {
			d.add(at("field_unclear", p, rule.Name), nil)
		}
		return
	}
	var titles []Title
	for _, rule := range doubtful {
		titles = append(titles, rule.Title)
	}
	d.add(at("paper_unclear", p, ""), words{"fields": list(titles)})
}

// sure says that a value may be held against somebody: printed, read with
// confidence or alike by both readers, and not another by the second.
func (d *desk) sure(p *paper, field string) bool {
	f := p.Fields[field]
	switch {
	case f.Hand || f.Status == casework.FieldDoubtful:
		return false
	case f.Status == casework.FieldVerified:
		return true
	}
	return f.Confidence >= d.threshold(p.kind.field(field).Kind)
}

// threshold is the confidence from which a reading counts as sure.
func (d *desk) threshold(kind Kind) float64 {
	name, fallback := "reading.confidence", 0.90
	switch kind {
	case IDNumber, Account, CreditCode, Amount, Capitals:
		name, fallback = "reading.confidence_number", 0.98
	}
	if ratio, err := d.values.Ratio(name); err == nil {
		return ratio
	}
	return fallback
}

// certain is the confidence a one-character difference needs to count as real.
const certain = 0.98

// maybeMisread says that the difference between what was read and what was
// expected may be the reading's fault: the value was not read for sure, or few
// characters differ and nothing but the engine's own confidence speaks for them.
// For a name that is never enough: one character for another that looks like it is
// read with full confidence, and no second reader knows characters.
func (d *desk) maybeMisread(p *paper, f casework.Field, expected string) bool {
	if !d.sure(p, f.Name) {
		return true
	}
	few := max(1, len([]rune(expected))/6)
	near := f.Status != casework.FieldVerified && distance([]rune(f.Value), []rune(expected)) <= few
	return near && (f.Confidence < certain || p.kind.field(f.Name).Kind == Name)
}

// distance counts the characters to be changed, added or left out.
func distance(a, b []rune) int {
	previous := make([]int, len(b)+1)
	for j := range previous {
		previous[j] = j
	}
	for i := range a {
		current := make([]int, len(b)+1)
		current[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			current[j+1] = min(previous[j]+cost, previous[j+1]+1, current[j]+1)
		}
		previous = current
	}
	return previous[len(b)]
}

// unclear reports a field a person has to read, once.
func (d *desk) unclear(p *paper, field, expected string) {
	if d.reported[p.Type+"."+field] {
		return
	}
	rule := p.kind.field(field)
	w := words{"found": shown(rule.Kind, p.Fields[field].Value)}
	if expected != "" {
		w["expected"] = shown(rule.Kind, expected)
	}
	d.add(at("field_unclear", p, field), w)
}

// addDoubtful says that a rule seems broken, by a value that was not read for sure:
// a person compares it with the paper, nobody is told to correct it. A ground for a
// refusal is not even named.
func (d *desk) addDoubtful(f casework.Finding, w words) {
	if d.sentences[f.Rule].Ground {
		d.unclear(d.papers[f.Material], f.Field, "")
		return
	}
	f.Severity = casework.Warn
	d.add(f, w)
	last := &d.findings[len(d.findings)-1]
	last.Zh += "识读不够确定，请对照材料核对。"
	last.En += " It was not read for sure: compare it with the paper."
}

// addOrDoubt reports a rule that rests on one field, as a doubt when that was not
// read for sure.
func (d *desk) addOrDoubt(f casework.Finding, p *paper, w words) {
	if d.sure(p, f.Field) {
		d.add(f, w)
		return
	}
	d.addDoubtful(f, w)
}

// addNumber reports a number that breaks its own rule. One that was not read for
// sure may be a misreading: where the second reader's is right, the field is only
// unclear.
func (d *desk) addNumber(f casework.Finding, p *paper, w words) {
	field := p.Fields[f.Field]
	if right, _ := checkDigit(p.kind.field(f.Field).Kind, field.Second, d.in.Received); right {
		d.unclear(p, f.Field, "")
		return
	}
	d.addOrDoubt(f, p, w)
}

// shown is a value as people may see it: masked as far as its kind asks for, days
// as each language writes them.
func shown(kind Kind, value string) Title {
	switch kind {
	case IDNumber:
		return same(casework.MaskID(value))
	case Account:
		return same(casework.MaskAccount(value))
	case Mobile:
		return same(casework.MaskMobile(value))
	case Name:
		return same(casework.MaskName(value))
	case Address:
		return same(casework.MaskAddress(value))
	case Day:
		if d, err := casework.ParseDate(value); err == nil {
			return dayTitle(d)
		}
	case MonthKind:
		if m, ok := monthOf(value); ok {
			return Title{Zh: fmt.Sprintf("%d年%d月", m.Year(), int(m)%100), En: value}
		}
	case Amount, Capitals:
		return Title{Zh: value + "元", En: value + " yuan"}
	}
	return same(casework.MaskText(value))
}

func dayTitle(d casework.Date) Title {
	return Title{Zh: fmt.Sprintf("%d年%d月%d日", d.Year, d.Month, d.Day), En: d.String()}
}

// each calls visit for every document that has a value in one of the fields of a
// kind, or in any field of the kind where none is named, in the matter's order.
func (d *desk) each(kind Kind, visit func(p *paper, f casework.Field), fields ...string) {
	for _, name := range d.order() {
		p := d.papers[name]
		for _, rule := range p.kind.Fields {
			if f := p.Fields[rule.Name]; rule.Kind == kind && f.Value != "" && (len(fields) == 0 || slices.Contains(fields, rule.Name)) {
				visit(p, f)
			}
		}
	}
}

// value gives a field's value, "" when the document or the field is not there.
func (d *desk) value(kind, field string) string {
	if p := d.papers[kind]; p != nil {
		return p.Fields[field].Value
	}
	return ""
}

// checkMobile looks at the number on the form.
func checkMobile(d *desk, p *paper) {
	f := p.Fields["mobile"]
	switch {
	case f.Value == "":
	case persons.ValidMobile(f.Value):
		d.vouch(p, "mobile", d.in.Applicant.Mobile == f.Value)
	default:
		d.add(at("mobile_invalid", p, "mobile"), words{"found": same(casework.MaskMobile(f.Value))})
	}
}

// vouch notes that another source confirms a field's value.
func (d *desk) vouch(p *paper, field string, confirmed bool) {
	if confirmed {
		d.vouched[p.Type+"."+field], d.borne[p.Type+"."+field] = true, true
	}
}
