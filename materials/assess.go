package materials

import (
	"slices"
	"strconv"

	"github.com/jingban/jingban/casework"
)

// Input is all that is known about a case's materials.
type Input struct {
	Matter    string
	Region    string
	Applicant casework.Person // what the applicant stated; empty values are not compared
	Month     casework.Month
	Received  casework.Date     // the day everything is judged by
	Shared    map[string]string // "leave_reason": "E01"
	Files     []File            // in the order of upload; a later file replaces an earlier one of its type
	Elsewhere []string          // "type.field" whose value another person's case shows; nothing when nobody looked
}

// File is one uploaded file as it was read.
type File struct {
	ID       string
	Slot     string // type the uploader said it is, "" when not said
	FileName string
	Readings []casework.Reading
	Fault    string // code, when the file could not be read at all
	Bytes    int64  // its size; 0 when nobody says

	Elsewhere bool        // the very same file was handed in for another person
	Near      map[int]int // pages of which nearly the same picture was, with the bits of 255 that differ
}

// paper is a document at hand, with the type it was read by.
type paper struct {
	casework.Document
	kind  *Type
	seals []casework.Seal
	blank map[string]bool // fields whose label was read with nothing behind it
	glare bool            // a reflection lies on it: what was not read may stand below

	sheets   int      // pages read for it
	numbered []int    // page numbers printed on them
	of       int      // how many pages it says it has; 0 when it does not say
	lines    []string // its rows, the cells apart by spaces
}

// desk is where one case is assessed.
type desk struct {
	*Catalog
	in        Input
	matter    *Matter
	types     map[string]*Type
	values    casework.ParamValues
	papers    map[string]*paper
	instances map[string][]*paper // of each type, as they were read
	most      identity            // the person most papers are about
	excused   map[string]bool     // types not to be called missing: spoiled, unknown or in the wrong slot
	vouched   map[string]bool     // "type.field" whose value nobody needs to look at
	borne     map[string]bool     // "type.field" that another source bears out
	reported  map[string]bool     // "type.field" a finding speaks of already
	foreign   map[string]bool     // types that show another person: nothing more of them is compared
	findings  []casework.Finding
}

// Assess judges a case's materials. It is pure: the same input and catalogue
// give the same assessment. Of everything wrong it leaves nothing out and names
// nothing twice.
func (c *Catalog) Assess(in Input) casework.Assessment {
	d := &desk{
		Catalog: c, in: in, types: c.typesOn(in.Received), values: c.params.For(in.Region, in.Received),
		matter: c.matterOn(in.Matter, in.Region, in.Received),
		papers: map[string]*paper{}, instances: map[string][]*paper{}, excused: map[string]bool{}, vouched: map[string]bool{}, borne: map[string]bool{}, reported: map[string]bool{}, foreign: map[string]bool{},
	}
	if d.matter == nil {
		d.matter = &Matter{Matter: in.Matter}
		d.add(casework.Finding{Rule: "matter_unknown"}, nil)
	}
	d.sortFiles()
	d.checkComplete()
	order := d.order()
	for _, name := range order {
		d.checkPaper(d.papers[name])
	}
	for _, name := range d.matter.Checks {
		caseChecks()[name](d)
	}
	d.relate(d.matter.Relates, nil)
	d.checkResidents()
	d.checkPictures()
	d.checkTwins()
	for _, name := range order {
		d.checkClear(d.papers[name])
	}
	return d.sumUp()
}

// order gives the types at hand as the matter lists them, then the others.
func (d *desk) order() []string {
	var names, others []string
	for _, r := range d.matter.Materials {
		for _, name := range r.types() {
			if d.papers[name] != nil && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	for name := range d.papers {
		if !slices.Contains(names, name) {
			others = append(others, name)
		}
	}
	slices.Sort(others)
	return append(names, others...)
}

// checkComplete names every material that is required and not there. Where the
// other side of the card came twice it says so: somebody took one side for both.
func (d *desk) checkComplete() {
	for _, r := range d.missing() {
		f := casework.Finding{Rule: "material_missing", Material: r.Type, Basis: r.Basis}
		w := words{"material": d.titles(r.types())}
		if other := d.otherSide(r.Type); len(d.instances[other]) > 1 {
			f.Rule, f.FileID = "side_twice", d.instances[other][1].FileID
			w["other"], w["found"] = d.Title(other), same(strconv.Itoa(len(d.instances[other])))
		}
		d.add(f, w)
	}
}

// otherSide is the type that shares a card with another one, "" for none.
func (d *desk) otherSide(kind string) string {
	if t := d.types[kind]; t != nil && len(t.Together) == 1 {
		return t.Together[0]
	}
	return ""
}

// missing gives what is asked for, not there and not excused.
func (d *desk) missing() []Requirement {
	var out []Requirement
	for _, r := range d.matter.Materials {
		there := func(name string) bool { return d.papers[name] != nil || d.excused[name] }
		if d.asks(r) && !slices.ContainsFunc(r.types(), there) {
			out = append(out, r)
		}
	}
	return out
}

// asks says that a requirement holds for this case: shared data does not answer it.
func (d *desk) asks(r Requirement) bool {
	fact := r.UnlessShared
	if t := d.types[r.Type]; fact == "" && t != nil {
		fact = t.Shared
	}
	return (r.Required || slices.ContainsFunc(r.RequiredIf, d.holds)) && (fact == "" || d.in.Shared[fact] == "")
}

// needs says that the case asks for a type and has no document in its place.
func (d *desk) needs(kind string) bool {
	return slices.ContainsFunc(d.matter.Materials, func(r Requirement) bool {
		return d.asks(r) && slices.Contains(r.types(), kind) &&
			!slices.ContainsFunc(r.types(), func(name string) bool { return d.papers[name] != nil })
	})
}

// titles joins alternatives: 银行卡或者社会保障卡.
func (d *desk) titles(types []string) Title {
	t := d.Title(types[0])
	for _, name := range types[1:] {
		t.Zh += "或者" + d.Title(name).Zh
		t.En += " or " + d.Title(name).En
	}
	return t
}

// checkPaper looks at one document alone: fields, seal, the type's own checks.
func (d *desk) checkPaper(p *paper) {
	d.checkFields(p)
	d.checkSeal(p)
	d.checkSignatures(p)
	d.checkPages(p)
	d.checkPairs(p)
	d.relate(p.kind.Relates, p)
	for _, name := range p.kind.Checks {
		documentChecks()[name](d, p)
	}
}

// add words a finding and keeps it. Its field counts as reported, unless it is
// only told.
func (d *desk) add(f casework.Finding, w words) {
	if w == nil {
		w = words{}
	}
	if _, ok := w["material"]; !ok {
		w["material"] = d.Title(f.Material)
	}
	if t := d.types[f.Material]; t != nil && f.Field != "" {
		if _, ok := w["field"]; !ok {
			w["field"] = t.field(f.Field).Title
		}
	}
	f = d.say(f, w)
	d.findings = append(d.findings, f)
	if f.Severity != casework.Info {
		d.reported[f.Material+"."+f.Field] = true
	}
}

// at begins a finding at a field of a document.
func at(rule string, p *paper, field string) casework.Finding {
	f := p.Fields[field]
	page := f.Page
	if page == 0 {
		page = p.Page
	}
	return casework.Finding{Rule: rule, Material: p.Type, FileID: p.FileID, Field: field, Page: page, Box: f.Box}
}

// sumUp gives the verdict. A legal ground that fails proposes a refusal only when
// nothing else is open: what can be corrected or is in doubt comes first.
func (d *desk) sumUp() casework.Assessment {
	a := casework.Assessment{
		Verdict: casework.AutoPass, Documents: map[string]casework.Document{}, Findings: d.findings, Rules: d.hash,
	}
	for name, p := range d.papers {
		p.Confidence = weakest(p)
		d.settle(p)
		a.Documents[name] = p.Document
	}
	for _, f := range d.findings {
		switch {
		case f.Severity == casework.Block:
			a.Verdict = casework.ReturnForCorrection
		case a.Verdict == casework.ReturnForCorrection || f.Severity != casework.Warn:
		case !d.sentences[f.Rule].Ground:
			a.Verdict = casework.ManualReview
		case a.Verdict == casework.AutoPass:
			a.Verdict = casework.ProposeReject
		}
	}
	return a
}

// weakest is the confidence of a document's weakest required field, 0 when one
// is not there.
func weakest(p *paper) float64 {
	least := 1.0
	for _, f := range p.kind.Fields {
		if f.Required && f.Kind != Signature { // nobody reads whose hand it is
			least = min(least, p.Fields[f.Name].Confidence)
		}
	}
	return least
}
