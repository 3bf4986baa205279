package materials

import (
	"fmt"
	"slices"

	"github.com/jingban/jingban/casework"
)

// spoiled is a file that cannot be used, and why.
type spoiled struct {
	file   File
	kind   string // type it is or should have been, "" when nobody can say
	rule   string
	reason string
	page   int
	box    casework.Box
	person bool // only a person can take it
}

// misplaced is a file that is something else than its slot.
type misplaced struct {
	file File
	kind string // what it is
}

// sortFiles turns files into documents and says what is wrong with those that
// are none. A spoiled file that another one replaces is not spoken of.
func (d *desk) sortFiles() {
	var bad []spoiled
	var wrong []misplaced
	for _, file := range d.in.Files {
		if s, ok := d.spoiledBy(file); ok {
			bad = append(bad, s)
			continue
		}
		if d.isPicture(file) {
			continue
		}
		pages := d.look(file)
		if t, page := refused(d.types, pages); t != nil {
			bad = append(bad, spoiled{file: file, kind: d.kindOf(file), rule: t.Refuse, page: page, person: d.sentences[t.Refuse].Severity == casework.Warn})
			continue
		}
		kinds := d.readFile(file, pages)
		switch {
		case len(kinds) == 0:
			bad = append(bad, spoiled{file: file, kind: file.Slot, rule: "material_unknown", page: 1})
		case file.Slot != "" && !slices.Contains(kinds, file.Slot):
			wrong = append(wrong, misplaced{file, kinds[0]})
		}
	}
	d.choosePapers()
	d.reportMisplaced(wrong)
	d.reportSpoiled(bad)
	d.reportNothing()
}

// look says what each page of a file is like.
func (d *desk) look(file File) []part {
	pages := make([]part, 0, len(file.Readings))
	for _, r := range file.Readings {
		pages = append(pages, newPart(d.types, r))
	}
	return pages
}

// spoiledBy says whether a file cannot be used as it is.
func (d *desk) spoiledBy(file File) (spoiled, bool) {
	s := spoiled{file: file, kind: file.Slot, rule: "picture_unusable", page: 1}
	if file.Fault != "" {
		s.reason = file.Fault
		if slices.Contains(machineFaults(), file.Fault) {
			s.rule = "picture_unread"
		}
		return s, true
	}
	lines := 0
	for _, r := range file.Readings {
		lines += len(r.Lines)
		for _, q := range r.Quality {
			if !q.Retake {
				continue
			}
			if q.Code == "blurred" {
				s.rule = "picture_blurred"
			}
			s.reason, s.page, s.box, s.kind = q.Code, r.Page, q.Box, d.kindOf(file)
			return s, true
		}
	}
	s.reason = "no_text"
	if t := d.types[file.Slot]; t != nil && t.Picture != nil {
		return s, len(file.Readings) == 0
	}
	return s, lines == 0 || letters(file) < fewLetters
}

// fewLetters is what a picture of a face or a room may show by chance; no paper
// says so little.
const fewLetters = 6

func letters(file File) int {
	n := 0
	for _, r := range file.Readings {
		for _, l := range r.Lines {
			n += len([]rune(plain(l.Text)))
		}
	}
	return n
}

// refused gives the type of which a page shows enough that is never a material,
// and the page: a screenshot, a foreign passport. What else the page shows does not
// count: a certificate inside a phone's screen is a screenshot.
func refused(types map[string]*Type, pages []part) (*Type, int) {
	for _, p := range pages {
		for _, g := range p.guesses {
			if t := types[g.name]; t.Refuse != "" && g.fit >= 1 {
				return t, p.Page
			}
		}
	}
	return nil, 0
}

// isPicture takes a file whose slot asks for a picture without text, and looks at
// its size. Who is on it, a person says.
func (d *desk) isPicture(file File) bool {
	t := d.types[file.Slot]
	if t == nil || t.Picture == nil || len(file.Readings) == 0 {
		return false
	}
	p := newPaper(t, file, 1)
	d.papers[t.Type] = p
	rule, r, kb := *t.Picture, file.Readings[0], int(file.Bytes+1023)/1024
	width, height := r.Width, r.Height
	if r.Rotation%180 != 0 { // as it came: a picture without text stands upright by chance
		width, height = height, width
	}
	switch {
	case width != rule.Width || height != rule.Height:
		d.add(at("picture_size", p, ""), words{"found": pixelsTitle(width, height), "expected": pixelsTitle(rule.Width, rule.Height)})
	case file.Bytes > 0 && (kb < rule.LeastKB || rule.MostKB > 0 && kb > rule.MostKB):
		d.add(at("picture_size", p, ""), words{"found": sizeTitle(kb), "expected": same(fmt.Sprintf("%d–%dKB", rule.LeastKB, rule.MostKB))})
	default:
		d.add(at("picture_of_person", p, ""), nil)
	}
	return true
}

func pixelsTitle(width, height int) Title {
	return Title{Zh: fmt.Sprintf("%d×%d像素", width, height), En: fmt.Sprintf("%d×%d pixels", width, height)}
}

// kindOf is what a spoiled file was meant to be.
func (d *desk) kindOf(file File) string {
	if file.Slot != "" {
		return file.Slot
	}
	for _, g := range guessAll(d.types, look(file.Readings)) {
		if g.fit >= 1 && d.types[g.name].Refuse == "" {
			return g.name
		}
	}
	return ""
}

// readFile reads the file's pages into documents and gives their types. A picture
// of several papers is taken apart; a page that fits nothing goes on with the
// document before it.
func (d *desk) readFile(file File, pages []part) []string {
	var kinds []string
	var current []*Type
	begun := map[string]*paper{}
	for _, page := range pages {
		for _, p := range split(d.types, page) {
			found := fits(d.types, p.guesses, file.Slot)
			if len(found) > 0 {
				current = found
			}
			for _, t := range current {
				if begun[t.Type] == nil {
					kinds = append(kinds, t.Type)
				}
				begun[t.Type] = d.readPage(begun[t.Type], t, file, p, len(found) > 0)
			}
		}
	}
	return kinds
}

// readPage reads a page into the paper before it, or into a new one where the page
// begins a paper and shows somebody else.
func (d *desk) readPage(before *paper, t *Type, file File, page part, begins bool) *paper {
	if before != nil && !begins {
		d.read(before, page.Reading)
		return before
	}
	fresh := newPaper(t, file, page.Page)
	d.read(fresh, page.Reading)
	if before != nil && !d.whose(fresh).differs(d.whose(before)) {
		d.read(before, page.Reading)
		return before
	}
	d.instances[t.Type] = append(d.instances[t.Type], fresh)
	return fresh
}

func newPaper(t *Type, file File, page int) *paper {
	return &paper{
		Document: casework.Document{Type: t.Type, FileID: file.ID, Page: page, Fields: map[string]casework.Field{}},
		kind:     t, blank: map[string]bool{},
	}
}

// read adds what a page holds; a field found before stays.
func (d *desk) read(p *paper, reading casework.Reading) {
	p.seals = append(p.seals, reading.Seals...)
	p.glare = p.glare || slices.ContainsFunc(reading.Quality, func(q casework.Quality) bool { return q.Code == "glare" })
	page := layOut(reading, *p.kind)
	d.notePages(p, page.text())
	p.lines = append(p.lines, page.spaced()...)
	for _, rule := range p.kind.Fields {
		if p.Fields[rule.Name].Value != "" {
			continue
		}
		field, found := find(page, rule)
		if !found && rule.Kind == Signature {
			field, found = inked(reading, rule)
		}
		switch {
		case found:
			p.Fields[rule.Name] = field
		case labelled(page, rule):
			p.blank[rule.Name] = true
		}
	}
	p.fillInByHand(reading.Page)
}

// Who writes some values of a paper writes all of them: from so many on, and such a
// share of the values on a page, the others are not believed to be print.
const (
	handLeast = 2
	handShare = 0.25
)

// fillInByHand takes all values of a page for handwriting where some are.
func (p *paper) fillInByHand(page int) {
	var names []string
	hand := 0
	for _, rule := range p.kind.Fields {
		f, there := p.Fields[rule.Name]
		if !there || f.Page != page || rule.Kind == Signature {
			continue
		}
		names = append(names, rule.Name)
		if f.Hand {
			hand++
		}
	}
	if hand < handLeast || float64(hand) < handShare*float64(len(names)) {
		return
	}
	for _, name := range names {
		f := p.Fields[name]
		f.Hand, f.Confidence = true, min(f.Confidence, handMost)
		p.Fields[name] = f
	}
}

// labelled says that a page shows a label of the field.
func labelled(page sheet, rule FieldRule) bool {
	for _, way := range rule.Find {
		if way.match == nil && len(way.captures(page, rule)) > 0 {
			return true
		}
	}
	return false
}

// weight is what a file in vain weighs: nothing where another file gives the paper,
// its sentence's own where the paper is asked for or nothing is, else a person looks.
func (d *desk) weight(kind string) casework.Severity {
	switch {
	case d.papers[kind] != nil:
		return casework.Info
	case d.needs(kind), d.listless():
		return ""
	}
	return casework.Warn
}

// reportMisplaced speaks of wrong slots. Where the slot's own material came in
// another file nothing is asked of the citizen.
func (d *desk) reportMisplaced(wrong []misplaced) {
	for _, m := range wrong {
		if d.serves(m.kind, m.file.Slot) {
			continue
		}
		finding := casework.Finding{Rule: "wrong_slot", Material: m.file.Slot, FileID: m.file.ID, Page: 1, Severity: d.weight(m.file.Slot)}
		d.excused[m.file.Slot] = true
		d.add(finding, words{"looks_like": d.Title(m.kind)})
	}
}

// listless says that a matter asks for nothing: what is handed in is judged by itself.
func (d *desk) listless() bool {
	return !slices.ContainsFunc(d.matter.Materials, func(r Requirement) bool { return r.Required || len(r.RequiredIf) > 0 })
}

// serves says that a type does as well as the one a slot asks for.
func (d *desk) serves(kind, slot string) bool {
	return slices.ContainsFunc(d.matter.Materials, func(r Requirement) bool {
		return slices.Contains(r.types(), kind) && slices.Contains(r.types(), slot)
	})
}

// reportSpoiled speaks of files that cannot be used. One whose type nobody can
// tell is taken for a material that is still missing. What only a person can take,
// a passport, a person sees even where a card was handed in too.
func (d *desk) reportSpoiled(bad []spoiled) {
	for _, s := range bad {
		kind := s.kind
		if missing := d.missing(); kind == "" && len(missing) > 0 {
			kind = missing[0].Type
		}
		severity := d.weight(kind)
		if s.person {
			severity = casework.Warn
		}
		if severity == casework.Info || kind != "" && d.spoken(kind) {
			continue
		}
		if s.rule == "material_unknown" {
			severity = "" // nobody is sent home for what nobody knows
		}
		finding := casework.Finding{Rule: s.rule, Material: kind, FileID: s.file.ID, Page: s.page, Box: s.box, Severity: severity}
		d.excused[kind] = true
		d.add(finding, words{"material": d.nameOf(kind, s.file), "reason": d.pictureReason(s.reason)})
	}
}

// machineFaults are what keeps a file from being read that is nobody's fault but
// the machine's.
func machineFaults() []string { return []string{"timeout", "ocr_crashed", "internal"} }

// spoken says that something is open about a material already.
func (d *desk) spoken(kind string) bool {
	return slices.ContainsFunc(d.findings, func(f casework.Finding) bool { return f.Material == kind && f.Severity != casework.Info })
}

// reportNothing sends a case to a person of which no paper was read at all. A
// matter whose whole list data sharing answers needs none.
func (d *desk) reportNothing() {
	open := slices.ContainsFunc(d.findings, func(f casework.Finding) bool { return f.Severity != casework.Info })
	if len(d.papers) == 0 && !open && (len(d.in.Files) > 0 || d.listless()) {
		d.add(casework.Finding{Rule: "nothing_read"}, nil)
	}
}

// nameOf names a file that cannot be used by the type it was uploaded as, else as
// the upload it is: what it was meant to be is a guess.
func (d *desk) nameOf(kind string, file File) Title {
	if file.Slot == "" && file.FileName != "" {
		kind = ""
	}
	return d.called(kind)
}

// called is what people call a file of a type, of any type for "".
func (d *desk) called(kind string) Title {
	if kind == "" {
		return Title{Zh: "上传材料", En: "an uploaded material"}
	}
	return d.Title(kind)
}

func (d *desk) pictureReason(code string) Title {
	if t, ok := d.pictures[code]; ok {
		return t
	}
	return d.pictures["other"]
}
