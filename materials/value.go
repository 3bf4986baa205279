package materials

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/persons"
)

// Endless is the value of a date that never comes: 长期, 无固定期限.
const Endless = "长期"

// valueOf cuts the value of a field's kind out of what was found. ok is false
// when there is a text but no value of that kind in it; Value is then empty.
func valueOf(raw capture, f FieldRule, part int) (field casework.Field, ok bool) {
	field = casework.Field{Name: f.Name, Raw: raw.text(), Box: raw.box(), Confidence: confidence(raw, f.Kind)}
	value, from, to := cut(raw.text(), f, part)
	if value == "" {
		return field, false
	}
	kept := raw[from:to]
	field.Value, field.Box, field.Confidence = value, kept.box(), confidence(kept, f.Kind)
	field.Status, field.Second = standing(kept, f)
	if field.Hand = slices.ContainsFunc(kept, func(g glyph) bool { return g.hand }); field.Hand {
		field.Confidence = min(field.Confidence, handMost)
	}
	return field, true
}

// confidence is the weakest character's where each one counts, the mean for text.
func confidence(raw capture, kind Kind) float64 {
	if len(raw) == 0 {
		return 0
	}
	weakest, sum := 1.0, 0.0
	for _, g := range raw {
		weakest = min(weakest, g.confidence)
		sum += g.confidence
	}
	if kind == Text || kind == Address {
		return sum / float64(len(raw))
	}
	return weakest
}

// patternOf is what a value of a kind looks like inside the text found for it.
func patternOf(kind Kind) string {
	switch kind {
	case Day:
		return dayPattern
	case IDNumber:
		return `[0-9A-Z*×]{12,22}`
	case Account:
		return `[0-9]{12,24}`
	case Mobile:
		return `[0-9]{10,12}`
	case SexKind:
		return `[男女]`
	case Name:
		return `[\p{L}\p{Co}][\p{L}\p{M}\p{Co}·•・.‧∙⋅●]*`
	}
	return `(?s).+`
}

// dayPattern takes 2016-03-05, 2016.3.5, 2016年3月5日, 20160305 with or without its
// signs, 二〇一六年三月五日 and the words for "never". Years of two digits are no date.
const dayPattern = `(\d{4})[年./,·-](\d{1,2})[月./,·-](\d{1,2})日?|(\d{4})[年./,·-]?(\d{2})[月./,·-]?(\d{2})日?|` +
	`([零〇○一二三四五六七八九]{4})年([一二三四五六七八九十]{1,2})月([一二三四五六七八九十]{1,3})日|(长期|无固定期限)`

// cut finds the value in a text and the runes it stands at. Of several days part
// says which, from 1.
func cut(text string, f FieldRule, part int) (value string, from, to int) {
	all := f.pattern.FindAllStringSubmatchIndex(text, part)
	if f.Kind != Day && f.Kind != MonthKind {
		part = 1
	}
	if len(all) < part {
		return "", 0, 0
	}
	at := all[part-1]
	from = utf8.RuneCountInString(text[:at[0]])
	value = text[at[0]:at[1]]
	to = from + utf8.RuneCountInString(value)
	switch f.Kind {
	case Day:
		value = dayOf(text, at)
	case IDNumber:
		value = strings.ReplaceAll(value, "×", "X")
	case Name:
		value = persons.NormalName(value)
	default:
		value = normalValue(f.Kind, value)
	}
	return value, from, to
}

// dayOf gives YYYY-MM-DD, 长期, or "" for a day that does not exist.
func dayOf(text string, at []int) string {
	group := func(i int) string {
		if at[2*i] < 0 {
			return ""
		}
		return text[at[2*i]:at[2*i+1]]
	}
	if group(10) != "" {
		return Endless
	}
	for i := 1; i <= 7; i += 3 {
		if group(i) == "" {
			continue
		}
		d := casework.Date{Year: number(group(i)), Month: time.Month(number(group(i + 1))), Day: number(group(i + 2))}
		if d.Year > 1800 && d.AddDays(0) == d {
			return d.String()
		}
	}
	return ""
}

// number reads digits or Chinese numerals below 100, and years digit by digit.
func number(text string) int {
	if n, err := strconv.Atoi(text); err == nil {
		return n
	}
	digits := strings.NewReplacer("零", "0", "〇", "0", "○", "0", "一", "1", "二", "2", "三", "3", "四", "4",
		"五", "5", "六", "6", "七", "7", "八", "8", "九", "9").Replace(text)
	tens, ones, hasTen := strings.Cut(digits, "十")
	if !hasTen {
		n, _ := strconv.Atoi(digits)
		return n
	}
	ten, one := 1, 0
	if tens != "" {
		ten, _ = strconv.Atoi(tens)
	}
	if ones != "" {
		one, _ = strconv.Atoi(ones)
	}
	return ten*10 + one
}

// day parses a field's value; ok is false for 长期 and for no value.
func day(f casework.Field) (casework.Date, bool) {
	d, err := casework.ParseDate(f.Value)
	return d, err == nil
}
