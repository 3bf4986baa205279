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
		kinds := d.readFile(file)
		switch {
		case d.refused(kinds) != nil:
			bad = append(bad, spoiled{file: file, kind: file.Slot, rule: d.refused(kinds).Refuse, page: 1})
		case len(kinds) == 0:
			bad = append(bad, spoiled{file: file, kind: file.Slot, rule: "material_unknown", page: 1})
		case file.Slot != "" && !slices.Contains(kinds, file.Slot):
			wrong = append(wrong, misplaced{file, kinds[0]})
		}
	}
	d.reportMisplaced(wrong)
	d.reportSpoiled(bad)
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

// refused gives the type among those of a file that is never a material: a
// screenshot, a foreign passport.
func (d *desk) refused(kinds []string) *Type {
	for _, name := range kinds {
		if t := d.types[name]; t.Refuse != "" {
			delete(d.papers, name)
			return t
		}
	}
	return nil
}

// isPicture takes a file whose slot asks for a picture without text, and looks at
// its size. Who is on it, a person says.
func (d *desk) isPicture(file File) bool {
	t := d.types[file.Slot]
	if t == nil || t.Picture == nil || len(file.Readings) == 0 {
		return false
	}
	p := &paper{
		Document: casework.Document{Type: t.Type, FileID: file.ID, Page: 1, Fields: map[string]casework.Field{}},
		kind:     t, blank: map[string]bool{},
	}
	d.papers[t.Type] = p
	r := file.Readings[0]
	if r.Width != t.Picture.Width || r.Height != t.Picture.Height {
		d.add(at("picture_size", p, ""), words{
			"found":    same(fmt.Sprintf("%d×%d", r.Width, r.Height)),
			"expected": same(fmt.Sprintf("%d×%d", t.Picture.Width, t.Picture.Height)),
		})
		return true
	}
	d.add(at("picture_of_person", p, ""), nil)
	return true
}

// kindOf is what a spoiled file was meant to be.
func (d *desk) kindOf(file File) string {
	if file.Slot != "" {
		return file.Slot
	}
	if guesses := guessAll(d.types, look(file.Readings)); len(guesses) > 0 && guesses[0].fit >= 1 {
		return guesses[0].name
	}
	return ""
}

// readFile reads the file's pages into documents and gives their types. A picture
// of several papers is taken apart; a page that fits nothing goes on with the
// document before it.
func (d *desk) readFile(file File) []string {
	var kinds []string
	var current []*Type
	for _, page := range file.Readings {
		for _, p := range split(d.types, page) {
			if found := fits(d.types, p.guesses, file.Slot); len(found) > 0 {
				current = found
			}
			for _, t := range current {
				if !slices.Contains(kinds, t.Type) {
					kinds = append(kinds, t.Type)
					d.papers[t.Type] = &paper{
						Document: casework.Document{Type: t.Type, FileID: file.ID, Page: p.Page, Fields: map[string]casework.Field{}},
						kind:     t, blank: map[string]bool{},
					}
				}
				d.read(d.papers[t.Type], p.Reading)
			}
		}
	}
	return kinds
}

// read adds what a page holds; a field found before stays.
func (d *desk) read(p *paper, reading casework.Reading) {
	p.seals = append(p.seals, reading.Seals...)
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

// reportMisplaced speaks of wrong slots. Where the slot's own material came in
// another file, or is not asked for, nothing is asked of the citizen.
func (d *desk) reportMisplaced(wrong []misplaced) {
	for _, m := range wrong {
		finding := casework.Finding{Rule: "wrong_slot", Material: m.file.Slot, FileID: m.file.ID, Page: 1}
		if !d.needs(m.file.Slot) {
			finding.Severity = casework.Info
		}
		d.excused[m.file.Slot] = true
		d.add(finding, words{"looks_like": d.Title(m.kind)})
	}
}

// reportSpoiled speaks of files that cannot be used. One whose type nobody can
// tell is taken for a material that is still missing; one that is not needed
// sends nobody home.
func (d *desk) reportSpoiled(bad []spoiled) {
	for _, s := range bad {
		kind := s.kind
		if missing := d.missing(); kind == "" && len(missing) > 0 {
			kind = missing[0].Type
		}
		if d.papers[kind] != nil || kind != "" && d.excused[kind] {
			continue
		}
		finding := casework.Finding{Rule: s.rule, Material: kind, FileID: s.file.ID, Page: s.page, Box: s.box}
		if !d.needs(kind) && s.rule != "material_unknown" && s.rule != "picture_unread" {
			finding.Severity = casework.Info
		}
		d.excused[kind] = true
		d.add(finding, words{"material": d.nameOf(kind, s.file), "reason": d.pictureReason(s.reason)})
	}
}

// machineFaults are what keeps a file from being read that is nobody's fault but
// the machine's.
func machineFaults() []string { return []string{"timeout", "ocr_crashed", "internal"} }

// nameOf names a file by its type, or as the upload it is.
func (d *desk) nameOf(kind string, file File) Title {
	if kind == "" || file.Slot == "" && file.FileName != "" {
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
