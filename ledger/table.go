package ledger

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/jingban/jingban/casework"
)

// lineError is a line that can't be cut into cells.
type lineError struct {
	line int
	code string
	text string
}

func (e *lineError) Error() string { return e.code }

// maxTitleRows is how far down a heading row is looked for.
const maxTitleRows = 40

// table turns the cells of a sheet into entries.
type table struct {
	rows   func(cells [][]byte, line int) // takes all rows as they are, for payment batches
	side   Side
	layout Layout
	ragged bool // rows may be shorter than the heading, as in spreadsheets
	scale  *scale
	bound  binding
	decode decoder
	listen *listener

	hearNote *listener // of its own, so that each remembers the line before
	entry    Entry
	totals   int

	lastDate []byte // as the line before wrote it
	lastDay  Day
	fens     [roles]casework.Fen // amounts of the line that were plainly written
	plain    uint32              // bit for each role that has one
	rounded  *column             // of the line, with a number that has lost digits

	visit  func(*Entry) error
	force  bool
	known  *overlap            // nil: lines exported twice are not looked for
	wanted func(line int) bool // nil for all
}

// read runs through a sheet: titles, heading, money, totals.
func (t *table) read(s sheet) error {
	var row cells
	if t.rows != nil {
		for {
			line, err := s.next(&row)
			if err != nil {
				return ignoreEOF(err)
			}
			t.rows(row.list(), line)
			t.bound.width = 1 // the first sheet is the batch
		}
	}
	if err := t.heading(s); err != nil {
		return err
	}
	if c, ok := s.(*csvSheet); ok {
		c.wanted = t.wanted
	}
	for {
		line, err := s.next(&row)
		if err != nil {
			if bad, ok := errors.AsType[*lineError](err); ok {
				t.scale.add(bad.line, 0, "", bad.code, bad.text)
				continue
			}
			return ignoreEOF(err)
		}
		if row.count() == 0 || t.wanted != nil && !t.wanted(line) {
			continue
		}
		if err := t.row(&row, line); err != nil {
			return err
		}
	}
}

// heading finds the row that names a day and an amount, and reads what the
// titles above it state. Of several candidates the first usable one counts.
func (t *table) heading(s sheet) error {
	var row cells
	seen := 0
	for seen < maxTitleRows {
		line, err := s.next(&row)
		if errors.Is(err, io.EOF) {
			break
		}
		if bad, ok := errors.AsType[*lineError](err); ok {
			t.scale.add(bad.line, 0, "", bad.code, bad.text)
			return nil
		}
		if err != nil {
			return err
		}
		cells := row.list()
		if blank(cells) {
			continue
		}
		seen++
		texts := make([]string, len(cells))
		for i, cell := range cells {
			text, ok := t.decode.text(clean(cell))
			if !ok {
				t.scale.add(line, i+1, "", "encoding", "\\x…")
				return nil
			}
			texts[i] = string(text)
		}
		bound, ok := bind(texts, t.side, t.layout)
		if !ok {
			t.title(texts, line)
			continue
		}
		bound.line = line
		for bound.width > 0 && strings.TrimSpace(texts[bound.width-1]) == "" {
			bound.width--
		}
		if t.bound = bound; bound.clash != "" {
			t.scale.add(line, 0, "", "ambiguous_header", bound.clash)
		}
		t.scale.statement.Layout, t.scale.statement.Confidence = bound.layout, bound.confidence
		return nil
	}
	if seen == 0 {
		t.scale.add(0, 0, "", "empty", "")
	} else {
		t.scale.add(1, 0, "", "no_header", "-")
	}
	return nil
}

func blank(cells [][]byte) bool {
	return !slices.ContainsFunc(cells, func(cell []byte) bool { return len(bytes.TrimSpace(cell)) > 0 })
}

// row reads one line below the heading.
func (t *table) row(row *cells, line int) error {
	if t.bound.width == 0 {
		return nil // no heading: already a problem
	}
	e := &t.entry
	t.clear(e, line)
	t.decode.room = t.decode.room[:0]
	if row.count() != t.bound.width && !t.fits(row, line) {
		return nil
	}
	for i := range t.bound.columns {
		c := &t.bound.columns[i]
		raw := row.at(c.index)
		switch {
		case len(raw) == 0:
			if !c.more {
				e.text[c.role] = nil
			}
			continue
		case c.steady && string(raw) == string(c.raw): // is not read again
			e.text[c.role] = c.text
			continue
		case c.money:
			if fen, ok := plainFen(raw); ok {
				e.text[c.role] = raw
				t.fens[c.role], t.plain = fen, t.plain|1<<c.role
				continue
			}
		}
		if !t.cell(e, c, raw) {
			return nil
		}
	}
	if !t.money(e, row) {
		return nil
	}
	if t.known != nil && t.exportedTwice(e) {
		return nil
	}
	t.scale.weigh(e)
	if t.visit == nil {
		return nil
	}
	return t.visit(e)
}

// cell takes one cell; false for bytes that are no text.
func (t *table) cell(e *Entry, c *column, raw []byte) bool {
	text := clean(raw)
	if !ascii(text) {
		var ok bool
		if text, ok = t.decode.wide(text); !ok {
			t.scale.add(e.Line, c.index+1, c.title, "encoding", "\\x…")
			return false
		}
		text = clean(text)
	}
	if c.more {
		if len(text) == 0 {
			return true
		}
		if first := e.text[c.role]; len(first) > 0 {
			text = slices.Concat(first, []byte(" "), text)
		}
	}
	e.text[c.role] = text
	if c.number && len(text) > 4 && endsInExponent(text) && isScientific(string(text)) {
		t.rounded = c
		return true
	}
	if c.steady {
		c.raw, c.text = append(c.raw[:0], raw...), append(c.text[:0], text...)
	}
	return true
}

// clear forgets the last line; only what a line can set is touched.
func (t *table) clear(e *Entry, line int) {
	e.Line, e.Day, e.Fen, e.Balance, e.HasBalance, e.Red, e.facts = line, 0, 0, 0, false, false, 0
	e.text[Clock], e.text[BatchNo] = nil, nil
	t.plain, t.rounded = 0, nil
}

func (t *table) exportedTwice(e *Entry) bool {
	twice, changed := t.known.known(e)
	if changed && t.side == Bank {
		t.scale.add(e.Line, 0, "", "changed", e.Fen.String())
	}
	if twice {
		t.scale.statement.Overlaps++
		t.known.twice(e)
	}
	return twice
}

// fits pads a short row of a spreadsheet and drops empty cells beyond the
// heading; anything else is not the same table.
func (t *table) fits(row *cells, line int) bool {
	cells := row.list()
	for len(cells) > t.bound.width && len(bytes.TrimSpace(cells[len(cells)-1])) == 0 {
		cells = cells[:len(cells)-1]
	}
	if len(cells) < t.bound.width && !blank(cells) && t.ragged {
		cells = append(cells, make([][]byte, t.bound.width-len(cells))...)
	}
	switch row.apart = cells; {
	case blank(cells), len(cells) < t.bound.width && t.aside(cells, line):
		return false
	case len(cells) != t.bound.width:
		t.scale.add(line, 0, "", "field_count", itoa(len(cells))+" / "+itoa(t.bound.width))
		return false
	}
	return true
}

// money reads day, amount and balance. False: the line is no entry (a total, a
// repeated heading) or it is wrong, which is then a problem of the file.
func (t *table) money(e *Entry, row *cells) bool {
	day, clock, dated := t.day(e.text[Date])
	bad, code := t.amount(e)
	given := bad != given0
	if code == "" && given && dated {
		e.Day = day
		if len(e.text[Clock]) == 0 {
			e.text[Clock] = clock
		}
		return t.balance(e, true) && t.accounts(e)
	}
	if t.side == Batch && given && code == "" && len(e.text[Date]) == 0 {
		return !t.aside(row.list(), e.Line) && t.accounts(e)
	}
	if cells := row.list(); t.aside(cells, e.Line) || blank(cells) {
		return false
	}
	switch {
	case code != "":
		c := t.column(bad)
		t.scale.add(e.Line, c.index+1, c.title, code, string(e.text[bad]))
	case !dated && len(e.text[Date]) == 0:
		c := t.column(Date)
		t.scale.add(e.Line, c.index+1, c.title, "no_date", "")
	case !dated:
		c := t.column(Date)
		t.scale.add(e.Line, c.index+1, c.title, "date", string(e.text[Date]))
	default:
		if e.HasBalance = false; t.balance(e, false) && e.HasBalance && t.scale.statement.Entries == 0 {
			t.scale.opening = stated{true, e.Line, e.Balance}
			return false
		}
		t.scale.add(e.Line, 0, "", "no_amount", "")
	}
	return false
}

// day reads a date cell; most lines write the day of the line before.
func (t *table) day(cell []byte) (Day, []byte, bool) {
	if len(cell) > 0 && string(cell) == string(t.lastDate) {
		return t.lastDay, nil, true
	}
	day, clock, ok := parseDay(cell)
	if ok && len(clock) == 0 {
		t.lastDate, t.lastDay = append(t.lastDate[:0], cell...), day
	}
	return day, clock, ok
}

// given0 is the role reported when no amount stands in the line.
const given0 = roles

// amount reads In, Out or Amount with its direction. It gives the role that
// holds the amount, or is wrong.
func (t *table) amount(e *Entry) (Role, string) {
	in, hasIn, code := t.fen(e, In)
	if code != "" {
		return In, code
	}
	out, hasOut, code := t.fen(e, Out)
	if code != "" {
		return Out, code
	}
	switch {
	case hasIn && hasOut && in != 0 && out != 0:
		return Out, "two_amounts"
	case hasOut && (out != 0 || !hasIn):
		e.Fen, e.Red = t.unit(-out, Out), out < 0
		return Out, ""
	case hasIn:
		e.Fen, e.Red = t.unit(in, In), in < 0
		return In, ""
	}
	fen, has, code := t.fen(e, Amount)
	if code != "" || !has {
		return pick(code != "", Amount, given0), code
	}
	e.Fen = t.unit(fen, Amount)
	if t.side == Batch {
		e.Fen = -e.Fen
		return Amount, ""
	}
	if !t.bound.has(Direction) {
		return Amount, ""
	}
	incoming, ok := direction(e.text[Direction], t.side)
	if !ok {
		return Direction, "direction"
	}
	if e.Red = e.Fen < 0; !incoming {
		e.Fen = -e.Fen
	}
	return Amount, ""
}

// fen gives the amount in a role; see parseFen.
func (t *table) fen(e *Entry, role Role) (casework.Fen, bool, string) {
	if t.plain&(1<<role) != 0 {
		return t.fens[role], true, ""
	}
	return parseFen(e.text[role])
}

// unit undoes the hundredfold of a column that is written in fen.
func (t *table) unit(fen casework.Fen, role Role) casework.Fen {
	if t.bound.fen != 0 && t.bound.fen&(1<<role) != 0 {
		return fen / 100
	}
	return fen
}

// direction reads a 借贷标志. 借 is money out on a bank's statement and money in
// in our books.
func direction(mark []byte, side Side) (incoming, ok bool) {
	switch strings.ToLower(narrow(string(mark))) {
	case "借", "借方", "d", "dr", "dbit", "debit", "1":
		return side == Book, true
	case "贷", "贷方", "c", "cr", "crdt", "credit", "2":
		return side != Book, true
	case "支出", "支", "付", "出", "转出", "支取", "付款", "-", "out", "往账":
		return false, true
	case "收入", "收", "入", "转入", "存入", "收款", "+", "in", "来账":
		return true, true
	}
	return false, false
}

func (t *table) balance(e *Entry, report bool) bool {
	fen, has, code := t.fen(e, Balance)
	if code != "" {
		if c := t.column(Balance); report {
			t.scale.add(e.Line, c.index+1, c.title, code, string(e.text[Balance]))
		}
		return false
	}
	e.Balance, e.HasBalance = t.unit(fen, Balance), has
	return true
}

// accounts refuses account and serial numbers that a spreadsheet has rounded.
func (t *table) accounts(e *Entry) bool {
	if t.rounded != nil {
		t.scale.add(e.Line, t.rounded.index+1, t.rounded.title, "scientific", string(e.text[t.rounded.role]))
		return false
	}
	t.scale.rememberCurrency(e.Line, e.text[Currency])
	heard, note := t.listen.hear(e.text[Summary]), t.hearNote.hear(e.text[Note])
	e.facts = heard.facts | note.facts
	if e.Red {
		e.facts |= isRed
	}
	if len(e.text[BatchNo]) == 0 {
		if e.text[BatchNo] = heard.batch; len(heard.batch) == 0 {
			e.text[BatchNo] = note.batch
		}
	}
	return true
}

func (t *table) column(r Role) column {
	for _, c := range t.bound.columns {
		if c.role == r {
			return c
		}
	}
	return column{index: -1}
}
