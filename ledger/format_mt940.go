package ledger

import (
	"errors"
	"io"
	"regexp"
	"strings"

	"github.com/jingban/jingban/casework"
)

func isMT940(head []byte) bool {
	text := strings.TrimLeft(string(head), "\ufeff \t\r\n\x01")
	return regexp.MustCompile(`(?m)^:20:|^\{1:F01|^\{4:`).MatchString(text) && regexp.MustCompile(`(?m)^:(25|28C?|60[FM]|61)[A-Z]?:`).MatchString(text) && !strings.HasPrefix(text, "<")
}

// mtField is one field of a message: a tag and its lines.
type mtField struct {
	tag  string
	text []string
	line int
}

// mt940 reads the messages of a file.
type mt940 struct {
	parts   parts
	entry   Entry
	pending bool // an entry waits for its :86:
	account string
	line61  *regexp.Regexp
	value   *regexp.Regexp
}

// readMT940 reads SWIFT customer statements, with or without envelopes, of one
// or many messages. Continued statements (:60M:, :62M:) follow one another.
func readMT940(in Input, t *table) error {
	m := &mt940{
		parts:  parts{t: t},
		line61: regexp.MustCompile(`^(\d{6})(\d{4})?(R[CD]|E[CD]|[CD]R?)([A-Z])??(\d[\d.]*(?:,\d*)?)([NSFX][A-Z0-9 ]{3})?(.*)$`),
		value:  regexp.MustCompile(`^([CD])(\d{6})([A-Z]{3})(\d[\d.]*(?:,\d*)?)$`),
	}
	tagged := regexp.MustCompile(`^:(\d\d[A-Z]?|NS):(.*)$`)
	source := newLines(in)
	var field *mtField
	for {
		raw, err := source.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		text := western(raw, t)
		line := strings.TrimRight(strings.TrimPrefix(string(text), "\ufeff"), " \r")
		if at := strings.Index(line, "{4:"); at >= 0 {
			line = line[at+3:]
		}
		ended := line == "-" || strings.HasPrefix(line, "-}")
		if found := tagged.FindStringSubmatch(line); found != nil || ended {
			if err := m.field(field); err != nil {
				return err
			}
			if field = nil; found != nil {
				field = &mtField{found[1], []string{found[2]}, source.line}
			}
			continue
		}
		if field != nil && line != "" {
			field.text = append(field.text, line)
		}
	}
	if err := m.field(field); err != nil {
		return err
	}
	if err := m.flush(); err != nil {
		return err
	}
	m.parts.end(source.line)
	m.parts.finish()
	return nil
}

func (m *mt940) field(f *mtField) error {
	if f == nil {
		return nil
	}
	if f.tag != "86" && f.tag != "NS" || !m.pending {
		if err := m.flush(); err != nil {
			return err
		}
	}
	p := &m.parts
	switch f.tag {
	case "20":
		p.end(f.line)
		m.account = ""
	case "25", "25P":
		m.account = f.text[0]
	case "60F", "60M":
		p.end(f.line) // a statement without :20: of its own
		p.begin(f.line)
		p.current.account = m.account
		m.balance(f, p.opening)
	case "61":
		m.statementLine(f)
	case "86":
		if m.pending {
			m.entry.information(f.text)
		}
	case "62F", "62M":
		if !p.open {
			p.t.scale.add(f.line, 0, ":60F:", "missing_field", "-")
			return nil
		}
		m.balance(f, p.closing)
		p.end(f.line)
	}
	return nil
}

// balance reads C260331CNY1234,56.
func (m *mt940) balance(f *mtField, keep func(casework.Fen)) {
	scale := m.parts.t.scale
	found := m.value.FindStringSubmatch(strings.ReplaceAll(f.text[0], " ", ""))
	if found == nil {
		scale.add(f.line, 0, ":"+f.tag+":", "record", f.text[0])
		return
	}
	if _, ok := mtDay(found[2]); !ok {
		scale.add(f.line, 0, ":"+f.tag+":", "date", found[2])
		return
	}
	fen, code := mtAmount(found[4])
	if code != "" {
		scale.add(f.line, 0, ":"+f.tag+":", code, found[4])
		return
	}
	m.parts.currency(f.line, found[3])
	keep(pick(found[1] == "C", fen, -fen))
}

// statementLine reads :61: — value date, entry date, mark, amount, kind, references.
func (m *mt940) statementLine(f *mtField) {
	scale := m.parts.t.scale
	if !m.parts.open {
		scale.add(f.line, 0, ":60F:", "missing_field", "-")
		return
	}
	found := m.line61.FindStringSubmatch(f.text[0])
	if found == nil {
		scale.add(f.line, 0, ":61:", "record", f.text[0])
		return
	}
	day, ok := mtBooked(found[1], found[2])
	if !ok {
		scale.add(f.line, 0, ":61:", "date", found[1]+found[2])
		return
	}
	if _, exists := mtDay(found[1]); !exists {
		scale.add(f.line, 0, ":61:", "value_day", found[1])
	}
	fen, code := mtAmount(found[5])
	if code != "" {
		scale.add(f.line, 0, ":61:", code, found[5])
		return
	}
	// RC takes a credit back, RD a debit; EC and ED are expected, not booked.
	switch found[3] {
	case "D", "DR", "RC":
		fen = -fen
	case "EC", "ED":
		return
	}
	customer, bank, _ := strings.Cut(found[7], "//")
	if customer = strings.TrimSpace(customer); customer == "NONREF" {
		customer = ""
	}
	m.entry = Entry{Line: f.line, Day: day, Fen: fen}
	if strings.HasPrefix(found[3], "R") {
		m.entry.facts = saysReversal
	}
	more := f.text[1:]
	if len(more) > 0 && bank == "" && strings.HasPrefix(more[0], "//") { // wrapped before the bank's reference
		bank, more = more[0][2:], more[1:]
	}
	m.entry.text[Client], m.entry.text[Serial] = []byte(customer), []byte(strings.TrimSpace(bank))
	m.entry.text[Summary] = []byte(strings.Join(more, " "))
	m.entry.text[Own] = []byte(m.account)
	m.pending = true
}

func (m *mt940) flush() error {
	if !m.pending {
		return nil
	}
	m.pending = false
	return m.parts.entry(&m.entry)
}

// mtAmount reads 1234,5 — a comma for the decimals, no separators of thousands.
func mtAmount(text string) (casework.Fen, string) {
	whole, decimals, _ := strings.Cut(text, ",")
	if strings.Contains(text, ".") {
		if strings.Contains(text, ",") {
			return 0, "amount"
		}
		whole, decimals, _ = strings.Cut(text, ".")
	}
	if !digits(whole) || !digits(decimals) || len(strings.TrimRight(decimals, "0")) > 2 {
		return 0, "amount"
	}
	fen, _, code := parseFen([]byte(whole + "." + (decimals + "00")[:2]))
	return fen, code
}

// mtDay reads YYMMDD; years from 80 on lie in the last century.
func mtDay(text string) (Day, bool) {
	century := pick(number([]byte(text[:2])) >= 80, "19", "20")
	day, _, ok := parseDay([]byte(century + text))
	return day, ok
}

// mtBooked gives the booking day, the value day where there is none. Banks that
// count interest by months of thirty days write the value day 30 February; the
// booking day then stands alone.
func mtBooked(value, booked string) (Day, bool) {
	day, ok := mtDay(value)
	if booked == "" {
		return day, ok
	}
	if !ok && !strings.HasPrefix(value[2:], "02") {
		return 0, false
	}
	found, valid := mtDay(value[:2] + booked)
	if ok && valid {
		found = nearestYear(found, day)
	}
	return found, valid
}

// nearestYear moves a booking day that was given without its year to the year
// nearest to the value day.
func nearestYear(booked, value Day) Day {
	switch d := int(booked) - int(value); {
	case d > 183:
		return DayOf(moveYear(booked.Date(), -1))
	case d < -183:
		return DayOf(moveYear(booked.Date(), 1))
	}
	return booked
}

func moveYear(d casework.Date, n int) casework.Date {
	d.Year += n
	return d
}
