package materials

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/jingban/jingban/casework"
)

// The checks every document gets, whatever its type.

// pagePattern is how papers number their pages.
const pagePattern = `第(\d{1,3})页[,/、;]?共(\d{1,3})页|(\d{1,3})/(\d{1,3})页|PAGE(\d{1,3})OF(\d{1,3})`

// notePages keeps the number printed on a page; a page without one counts too.
func (d *desk) notePages(p *paper, text string) {
	p.sheets++
	m := d.pages.FindStringSubmatch(text)
	for i := 1; i+1 < len(m); i += 2 {
		if m[i] == "" {
			continue
		}
		page, _ := strconv.Atoi(m[i])
		of, _ := strconv.Atoi(m[i+1])
		p.numbered, p.of = append(p.numbered, page), max(p.of, of)
	}
}

// checkPages names the pages that are not there. A page whose number could not
// be read may be any of them.
func (d *desk) checkPages(p *paper) {
	var missing []string
	for n := 1; n <= p.of; n++ {
		if !slices.Contains(p.numbered, n) {
			missing = append(missing, strconv.Itoa(n))
		}
	}
	unread := p.sheets - len(p.numbered)
	if len(missing) <= unread {
		return
	}
	d.add(at("pages_missing", p, ""), words{
		"found":    pagesTitle(p.sheets),
		"expected": pagesTitle(p.of),
		"reason":   Title{Zh: "第" + strings.Join(missing, "、") + "页", En: "page " + strings.Join(missing, ", ")},
	})
}

// suspicions are the rules that a person looks at for what the door and the reader
// say of a picture: each speaks from its own threshold on.
func suspicions() map[string]string {
	return map[string]string{
		"edited": "picture_edited", "screen_photo": "picture_screen", "hidden_text": "picture_hidden", "cut_off": "picture_partial",
		"corner_missing": "picture_partial", "picture_broken": "picture_inside_broken", "signature_unverified": "signature_unverified",
		"pages_unread": "pages_unread",                           // the score is how many there are, the threshold how many were read
		"file_heavy":   "file_heavy", "file_light": "file_light", // both in KB
	}
}

// suspected are the words for what the door and the reader say of a picture.
func (d *desk) suspected(q casework.Quality) words {
	amount := pagesTitle
	if strings.HasPrefix(q.Code, "file_") {
		amount = sizeTitle
	}
	score, limit := amount(int(q.Score)), amount(int(q.Threshold))
	if q.Code == "pages_unread" {
		score, limit = limit, score
	}
	return words{"reason": d.pictureReason(q.Code), "found": score, "expected": limit}
}

// sizeTitle writes KB as people do.
func sizeTitle(kb int) Title {
	if kb < 1024 {
		return same(fmt.Sprintf("%dKB", kb))
	}
	return same(strings.TrimSuffix(fmt.Sprintf("%.1f", float64(kb)/1024), ".0") + "MB")
}

// cornerFrom is how many times its threshold a missing corner must reach before a
// person is asked: the door's note begins where whole sheets on a desk end, and one
// of the demo's stood 4 % above it.
const cornerFrom = 1.5

func weighty(q casework.Quality) bool {
	return !q.Retake && (q.Code != "corner_missing" || q.Score >= cornerFrom*q.Threshold)
}

// fallbackEngine reads where the models of the first one are missing; what it reads
// is a draft.
const fallbackEngine = "tesseract"

// checkPictures says what speaks against the pictures themselves: hints for a
// person and never more, each once of a file.
func (d *desk) checkPictures() {
	for _, f := range d.in.Files {
		told := map[string]bool{}
		tell := func(rule string, page int, box casework.Box, w words) {
			if told[rule] {
				return
			}
			told[rule] = true
			kind := d.kindOf(f)
			w["material"] = d.called(kind)
			d.add(casework.Finding{Rule: rule, Material: kind, FileID: f.ID, Page: page, Box: box}, w)
		}
		for _, r := range f.Readings {
			for _, q := range r.Quality {
				if rule := suspicions()[q.Code]; rule != "" && weighty(q) {
					tell(rule, r.Page, q.Box, d.suspected(q))
				}
			}
			if r.Engine == fallbackEngine {
				tell("engine_fallback", r.Page, casework.Box{}, words{"found": same(r.Engine)})
			}
		}
	}
}

func pagesTitle(n int) Title {
	return Title{Zh: fmt.Sprintf("%d页", n), En: fmt.Sprintf("%d pages", n)}
}

// checkTwins names files, pictures and certificate numbers that another person's
// case holds.
func (d *desk) checkTwins() {
	for _, f := range d.in.Files {
		kind := d.kindOf(f)
		page, near := d.nearPage(f)
		switch t := d.types[kind]; {
		case t != nil && t.Common:
		case f.Elsewhere:
			d.add(casework.Finding{Rule: "file_elsewhere", Material: kind, FileID: f.ID, Page: 1}, words{"material": d.called(kind)})
		case near:
			d.add(casework.Finding{Rule: "file_near", Material: kind, FileID: f.ID, Page: page}, words{"material": d.called(kind)})
		}
	}
	for _, ref := range d.in.Elsewhere {
		if s, ok := d.spot(ref, nil); ok && s.p != nil {
			d.add(at("number_elsewhere", s.p, s.rule.Name), words{"found": shown(s.rule.Kind, s.value)})
		}
	}
}

// nearPage gives the first page of a file that shows a paper of which no two people
// have nearly the same picture, and that another person's case nearly holds.
func (d *desk) nearPage(f File) (page int, near bool) {
	for _, page := range slices.Sorted(maps.Keys(f.Near)) {
		for kind, papers := range d.instances {
			if d.types[kind].Alike >= max(f.Near[page], 1) && slices.ContainsFunc(papers, func(p *paper) bool { return p.FileID == f.ID && p.Page == page }) {
				return page, true
			}
		}
	}
	return 0, false
}

// emptyForm says that a form was handed in with hardly anything filled in; one
// sentence takes the place of a list of gaps.
func (d *desk) emptyForm(p *paper) bool {
	required, blank := 0, 0
	for _, f := range p.kind.Fields {
		if !f.Required || f.Kind == Signature { // what stands there may be a printed 年月日
			continue
		}
		required++
		if _, there := p.Fields[f.Name]; p.Fields[f.Name].Value == "" && (there || p.blank[f.Name]) {
			blank++
		}
	}
	if p.kind.Printed || required < 3 || blank*5 < required*4 {
		return false
	}
	d.add(at("form_empty", p, ""), nil)
	for _, f := range p.kind.Fields {
		d.reported[p.Type+"."+f.Name] = true
	}
	return true
}

// many is from how many doubtful fields on one sentence speaks of all.
const many = 3

// checkSignatures looks for something written where a signature belongs. Nobody
// can tell from a reading that nothing is there, so a person looks.
func (d *desk) checkSignatures(p *paper) {
	for _, f := range p.kind.Fields {
		if f.Kind == Signature && f.Required && p.Fields[f.Name].Value == "" && p.blank[f.Name] && !d.reported[p.Type+"."+f.Name] {
			d.add(at("signature_missing", p, f.Name), nil)
		}
	}
}

// checkSeal looks for the stamp a type asks for, and, where its ring could be
// read, whether it is the issuer's.
func (d *desk) checkSeal(p *paper) {
	rule := p.kind.Seal
	if rule == nil || slices.ContainsFunc(rule.Unless, d.holds) {
		return
	}
	var fitting []casework.Seal
	for _, s := range p.seals {
		if s.Colour == digital || s.Colour == rule.Colour && (len(rule.Shapes) == 0 || slices.Contains(rule.Shapes, s.Shape)) {
			fitting = append(fitting, s)
		}
	}
	if len(fitting) == 0 {
		finding := at("seal_missing", p, "")
		finding.Basis = rule.Basis
		d.add(finding, nil)
		return
	}
	d.checkRing(p, rule, fitting)
}

// digital is the colour of a signed electronic seal; whether it holds a person
// verifies (signature_unverified).
const digital = "digital"

// checkRing compares the rings that were read: one that is the issuer's is enough. A
// wrong one stays wrong beside one that nobody could read, and where none could be
// read a person does.
func (d *desk) checkRing(p *paper, rule *SealRule, seals []casework.Seal) {
	issuer := employerName(p.Fields[rule.Issuer].Value)
	var rings []string
	for _, s := range seals {
		ring := employerName(s.Text)
		if ring == "" && s.Colour == digital {
			return
		}
		if ring == "" {
			continue
		}
		if ringNames(ring, issuer, s.Confidence) && (issuer != "" || rule.Issuer == "") && holdsWord(ring, rule.Contains) {
			return
		}
		rings = append(rings, s.Text)
	}
	if issuer == "" && len(rule.Contains) == 0 {
		return
	}
	if len(rings) == 0 {
		finding := at("seal_unread", p, "")
		finding.Box = seals[0].Box
		d.add(finding, nil)
		return
	}
	finding := at("seal_mismatch", p, "")
	finding.Box = seals[0].Box
	expected := p.Fields[rule.Issuer].Value
	if expected == "" || len(rule.Contains) > 0 && !holdsWord(employerName(rings[0]), rule.Contains) {
		expected = strings.Join(rule.Contains, "、")
	}
	d.add(finding, words{"found": same(strings.Join(rings, "、")), "expected": same(expected)})
}

// ringNames says that a ring holds the issuer's name but for a few characters: a
// bent line is read worse than a straight one. Of a ring that was read for certain
// only one may differ: companies of one town are told apart by two.
func ringNames(ring, issuer string, confidence float64) bool {
	if issuer == "" || strings.Contains(ring, issuer) {
		return true
	}
	r, want := []rune(ring), []rune(issuer)
	few := max(1, len(want)/5)
	if confidence >= certain {
		few = 1
	}
	for from := 0; from == 0 || from+len(want) <= len(r); from++ {
		if distance(r[from:min(len(r), from+len(want))], want) <= few {
			return true
		}
	}
	return false
}

func holdsWord(ring string, words []string) bool {
	return len(words) == 0 || slices.ContainsFunc(words, func(w string) bool { return strings.Contains(ring, employerName(w)) })
}
