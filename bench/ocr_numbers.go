package bench

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/fixtures/materials"
	rules "github.com/jingban/jingban/materials"
)

// A number of a key field is verified when the product, judging by nothing but this
// page, would take it without a person's look. A number that is verified and is not
// what the paper says is a silent error, the one mistake that nobody would notice.

// fixtureDay judges the check digits of birthdays; the set is of 2026.
func fixtureDay() casework.Date { return casework.Date{Year: 2027, Month: time.January, Day: 1} }

// scoreNumbers counts the numbers of the key fields, those verified, and the silent
// errors among them.
func scoreNumbers(p *OCRPage, truth materials.Page, lines []casework.Line, matches []match) {
	seen := newReading(texts(lines))
	for name, value := range truth.Fields {
		group := fieldGroup(name, value)
		for _, piece := range strings.Split(value, "\n") {
			i := indexOf(truth.Lines, piece)
			if i < 0 || !isNumber(piece) || group == "other" || group == "name" {
				continue
			}
			p.Numbers++
			number, verified := seen.verified(lines, matches[i], group, piece)
			if !verified {
				continue
			}
			p.Verified++
			if !matches[i].exact && !strings.EqualFold(number, string(folded(piece))) { // x is X to the product
				p.Silent = append(p.Silent, piece)
			}
		}
	}
}

func indexOf(lines []string, want string) int {
	for i, line := range lines {
		if line == want {
			return i
		}
	}
	return -1
}

// isNumber says that a value has digits and no words.
func isNumber(value string) bool {
	return strings.ContainsFunc(value, unicode.IsDigit) && !strings.ContainsFunc(value, func(r rune) bool {
		return unicode.Is(unicode.Han, r) && !strings.ContainsRune("年月日", r)
	})
}

func kindOf(group, value string) rules.Kind {
	switch {
	case group == "id number":
		return rules.IDNumber
	case group == "account":
		return rules.Account
	case group == "date":
		return rules.Day
	case group == "amount":
		return rules.Amount
	case len(value) == 18:
		return rules.CreditCode
	}
	return rules.Text
}

// verified looks at the whole number that was read where a value was found, and
// gives it. What is no value of its kind, half a date, no field takes.
func (r *reading) verified(lines []casework.Line, m match, group, value string) (number string, verified bool) {
	from, to := m.from, m.to
	if !slices.ContainsFunc(r.text[from:to], inWord) || r.line[from] != r.line[to-1] {
		return "", false
	}
	for from > 0 && !r.whole(from, to) && !r.begins[from] && inWord(r.text[from-1]) {
		from--
	}
	for to < len(r.text) && !r.begins[to] && inWord(r.text[to-1]) && inWord(r.text[to]) {
		to++
	}
	for from < to && !inWord(r.text[from]) { // ¥
		from++
	}
	if fieldGroup("", value) == "date" && fieldGroup("", string(r.text[from:to])) != "date" {
		return "", false
	}
	n := r.line[from]
	first := from
	for !r.begins[first] {
		first--
	}
	return string(r.text[from:to]), rules.NumberStatus(lines[n], from-first, to-first, kindOf(group, value), fixtureDay()) == casework.FieldVerified
}
