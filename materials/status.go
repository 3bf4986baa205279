package materials

import (
	"strings"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/persons"
)

// How a field comes to be verified.
//
// A reader's own confidence proves nothing: PP-OCR takes 8 for 3 with 0.99 now
// and then. Two sources that err differently do:
//
//   - both readers say the same digits, and no check digit speaks against them;
//   - a check digit is right and no character is doubtful. GB 11643 finds every
//     single wrong digit and lets one of eleven double errors through, Luhn every
//     single one and one of ten; [checkedFrom] keeps away the numbers in which two
//     digits may well be wrong;
//   - another paper, or what the applicant stated, says the same.
//
// A second reader that saw another number of characters has not read the number:
// between covered 年 月 日 it takes the rest of a stroke for a 1, or loses one. That
// says nothing for the first reader and nothing against it, whose confidence
// decides then as for words; such a field is never verified by it.
//
// Handwriting is never verified, whoever agrees: its reading is a suggestion that a
// person accepts. Where another paper says the same nobody has to.
//
// Where the readers differ a person looks, unless one of the other ways leads to
// the value. Nothing is repaired: what the second reader says is only shown, and
// offered when it alone satisfies the check digit.

// checkedFrom is the confidence of the weakest character from which a right check
// digit proves a number. It is a judgement: among the few hundred numbers of the
// tuning pages no wrong one passed it, which bounds the risk, not more.
const checkedFrom = 0.90

// unsaid stands where the second reader saw another number of characters.
const unsaid = '?'

// secondOf gives, for each character of a line, what the second reader saw there.
func secondOf(line casework.Line) map[int]rune {
	if len(line.Second) == 0 {
		return nil
	}
	said := map[int]rune{}
	chars := []rune(line.Text)
	for _, o := range line.Second {
		if o.Text == "" || o.From < 0 || o.To > len(chars) || o.From > o.To {
			continue
		}
		var places []int
		for i := o.From; i < o.To; i++ {
			if counts(upper(chars[i])) {
				places = append(places, i)
			}
		}
		text := []rune(plain(o.Text))
		for n, i := range places {
			said[i] = unsaid
			if len(text) == len(places) {
				said[i] = text[n]
			}
		}
	}
	return said
}

// counts says that a second reader tells a character: a digit or a capital.
func counts(r rune) bool { return r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' }

func upper(r rune) rune {
	if r == 'x' || r == '×' {
		return 'X'
	}
	return r
}

// standing says what the two readers make of a value, and the second one's value
// when it is another. The empty status means that only one reader has read it.
func standing(kept capture, f FieldRule) (status casework.FieldStatus, other string) {
	status, second := agreement(kept)
	if status == casework.FieldDoubtful {
		other, _, _ = cut(second.text(), f, 1)
	}
	return status, other
}

// agreement says what the two readers make of a value, and gives what the second
// one saw.
func agreement(kept capture) (status casework.FieldStatus, second capture) {
	asked, same, known := 0, true, true
	second = make(capture, len(kept))
	for i, g := range kept {
		second[i] = g
		if !counts(upper(g.char)) {
			if !strings.ContainsRune("年月日.,-/:·—至", g.char) {
				return "", nil // words are read once
			}
			continue
		}
		if g.second == 0 {
			return "", nil
		}
		asked++
		same = same && g.second == upper(g.char)
		known = known && g.second != unsaid
		second[i].char = g.second
	}
	switch {
	case asked == 0:
		return "", nil
	case same:
		return casework.FieldVerified, nil
	case !known:
		return "", nil
	}
	return casework.FieldDoubtful, second
}

// settle gives every field of a document its final status.
func (d *desk) settle(p *paper) {
	for _, rule := range p.kind.Fields {
		f, there := p.Fields[rule.Name]
		if !there {
			continue
		}
		right, has := checkDigit(rule.Kind, f.Value, d.in.Received)
		f.Status = d.status(p, rule, f, has, right)
		if f.Status == casework.FieldVerified {
			f.Second = ""
		}
		if other, _ := checkDigit(rule.Kind, f.Second, d.in.Received); other && !right {
			f.Offer = f.Second
		}
		p.Fields[rule.Name] = f
	}
}

func (d *desk) status(p *paper, rule FieldRule, f casework.Field, has, right bool) casework.FieldStatus {
	switch {
	case f.Value == "":
		return casework.FieldDoubtful
	case rule.Kind == Signature:
		return casework.FieldRead // that ink is there, not whose: handwriting is never verified
	case f.Hand && d.borne[p.Type+"."+rule.Name]:
		return casework.FieldRead
	case f.Hand:
		return casework.FieldDoubtful
	case d.borne[p.Type+"."+rule.Name]:
		return casework.FieldVerified
	case has && !right:
		return casework.FieldDoubtful
	case has && f.Confidence >= checkedFrom:
		return casework.FieldVerified
	case rule.Kind == Day && f.Status == casework.FieldDoubtful && d.vouched[p.Type+"."+rule.Name]:
		return casework.FieldRead // the two days of a card are as far apart as the law has it
	case f.Status != "":
		return f.Status
	case f.Confidence < d.threshold(rule.Kind):
		return casework.FieldDoubtful
	}
	return casework.FieldRead
}

// checkDigit says whether a number of a kind carries one and whether it is right.
// An account without a right one may be a passbook's: it counts as having none.
func checkDigit(kind Kind, value string, received casework.Date) (right, has bool) {
	switch kind {
	case IDNumber:
		_, err := persons.ParseCitizenID(value, received)
		return err == nil, true
	case Account:
		card, err := persons.ParseBankCard(value)
		return err == nil, err == nil || card.UnionPay
	case CreditCode:
		_, err := persons.ParseUSCC(value)
		return err == nil, true
	}
	return false, false
}
