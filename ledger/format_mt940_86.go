package ledger

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// This file reads :86:, the information to the account owner. SWIFT leaves it
// free; three ways of writing it are common:
//
//	177?00Uebertrag?20EREF+99?21SVWZ+Miete?32Name   subfields, also with ~ ^ < or > for ?
//	/TRTP/SEPA/IBAN/…/NAME/…/REMI/…/EREF/…          words between strokes
//	anything                                        free text

// subfields finds the mark between subfields: after at most eight characters the
// first one that two digits follow.
func subfields(text string) (mark string, ok bool) {
	at := strings.IndexAny(text[:min(len(text), 9)], "?~^<>")
	if at < 0 || len(text) < at+3 || !digits(text[at+1:at+3]) {
		return "", false
	}
	return text[at : at+1], true
}

// information keeps what :86: says of party, account, references and purpose.
func (e *Entry) information(lines []string) {
	joined := strings.Join(lines, "")
	if mark, ok := subfields(strings.TrimLeft(joined, " ")); ok {
		e.marked(strings.Split(joined, mark)[1:])
		return
	}
	if !e.stroked(joined) {
		e.text[Note] = []byte(strings.Join(lines, " "))
	}
}

// marked reads subfields: 00 kind of booking, 20–29 and 60–63 purpose, 31 account
// (38 an IBAN), 32 and 33 name.
func (e *Entry) marked(fields []string) {
	var purpose []string
	name, account := "", ""
	for _, f := range fields {
		if len(f) < 2 || !digits(f[:2]) {
			if n := len(purpose); n > 0 { // the mark itself stood in the text
				purpose[n-1] += f
			}
			continue
		}
		switch key, value := f[:2], f[2:]; {
		case key >= "20" && key <= "29" || key >= "60" && key <= "63":
			purpose = append(purpose, value)
		case key == "00":
			e.text[Note] = []byte(strings.TrimSpace(value))
		case key == "31" || key == "38" && strings.TrimSpace(value) != "":
			account = value
		case key == "32" || key == "33":
			name += value
		}
	}
	e.text[Summary], e.text[Party] = []byte(strings.TrimSpace(strings.Join(purpose, ""))), []byte(strings.TrimSpace(name))
	e.text[Account] = []byte(strings.TrimSpace(account))
	e.endToEnd(purpose)
}

// fullSubfield is the length from which a subfield of the purpose goes on in the next.
const fullSubfield = 27

// endToEnd takes the end-to-end reference out of a purpose like EREF+…, which
// goes on in the next subfield where its own is full.
func (e *Entry) endToEnd(purpose []string) {
	for i, value := range purpose {
		reference, ok := strings.CutPrefix(value, "EREF+")
		if !ok {
			continue
		}
		tagged := regexp.MustCompile(`^[A-Z]{4}\+`)
		for full := utf8.RuneCountInString(value) >= fullSubfield; full && i+1 < len(purpose) && !tagged.MatchString(purpose[i+1]); i++ {
			reference += purpose[i+1]
			full = utf8.RuneCountInString(purpose[i+1]) >= fullSubfield
		}
		e.reference(reference)
		return
	}
}

// reference keeps an end-to-end reference unless the text says that there is none.
func (e *Entry) reference(text string) {
	switch text = strings.TrimSpace(text); text {
	case "", "NOTPROVIDED", "NONREF", "NOT PROVIDED":
	default:
		e.text[Client] = []byte(text)
	}
}

// stroked reads words between strokes; false where there is none.
func (e *Entry) stroked(text string) bool {
	words := regexp.MustCompile(`/(NAME|IBAN|BIC|REMI|EREF|PREF|KREF|MREF|MARF|CSID|CNTP|ORDP|BENM|TRTP|ISDT|RTRN|PURP|ULTD|ULTC|ULTB|SVCL|CHGS|EXCH|OCMT|ADDR|ID)`).FindAllStringSubmatchIndex(text, -1)
	words = slices.DeleteFunc(words, func(w []int) bool { return w[1] == len(text) || text[w[1]] != '/' })
	for i, w := range words {
		end := len(text)
		if i+1 < len(words) {
			end = words[i+1][0]
		}
		value := strings.Trim(text[w[1]:end], "/ ")
		switch text[w[2]:w[3]] {
		case "NAME":
			e.text[Party] = []byte(value)
		case "IBAN":
			e.text[Account] = []byte(value)
		case "CNTP": // account/BIC/name/city
			e.counterparty(strings.Split(value, "/"))
		case "REMI":
			for _, kind := range []string{"USTD//", "STRD/CUR/", "STRD/"} {
				value = strings.TrimPrefix(value, kind)
			}
			e.text[Summary] = []byte(value)
		case "EREF":
			e.reference(value)
		case "RTRN":
			e.facts |= saysReturn
		}
	}
	return len(words) > 0
}

func (e *Entry) counterparty(parts []string) {
	if parts[0] != "" {
		e.text[Account] = []byte(parts[0])
	}
	if len(parts) > 2 {
		e.text[Party] = []byte(strings.TrimSpace(parts[2]))
	}
}

// western reads a line of a SWIFT message: UTF-8, GB18030 where two bytes beyond
// ASCII stand together, else ISO 8859-1, in which such bytes stand alone.
func western(raw []byte, t *table) []byte {
	if utf8.Valid(raw) {
		return raw
	}
	high, alone := 0, 0
	for i, c := range raw {
		if c < 0x80 {
			continue
		}
		if high++; (i == 0 || raw[i-1] < 0x80) && (i+1 == len(raw) || raw[i+1] < 0x80) {
			alone++
		}
	}
	if text, ok := t.decode.text(raw); ok && 4*alone <= high {
		return text
	}
	runes := make([]rune, len(raw))
	for i, c := range raw {
		runes[i] = rune(c)
	}
	return []byte(string(runes))
}
