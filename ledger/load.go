package ledger

import (
	"errors"
	"slices"
	"strings"

	"github.com/jingban/jingban/casework"
)

// source is one file of a side with what it said.
type source struct {
	in        Input
	layout    Layout
	statement *Statement
	carried   bool
}

// loader fills the pile of one side.
type loader struct {
	side    Side
	keyer   keyer
	force   bool
	from    Day // the first day of the books
	until   Day
	early   casework.Fen // sum of what lies before from
	answers []Answer
	recall  *recall // rows of answers
	tick    func(rows int)
	sources []source
	pile    *pile
	refused []*Refusal
	spill   spill // how the pile begins
}

// load reads all files of a side. Where files cover the same days it reads again
// and leaves out what was exported twice.
func (l *loader) load() error {
	if err := l.pass(nil); err != nil {
		return err
	}
	if l.overlapping() {
		known := newOverlap(l.keyer, l.sources)
		if err := l.pass(known); err != nil {
			return err
		}
		if l.side == Bank { // our own books may be put right
			l.compareExports(known)
		}
	}
	return nil
}

func (l *loader) pass(known *overlap) error {
	l.pile, l.refused, l.early, l.recall = &pile{side: l.side, spill: l.spill}, nil, 0, newRecall(l.side, l.answers)
	for i := range l.sources {
		s := &l.sources[i]
		l.pile.files = append(l.pile.files, s.in.Name)
		if err := l.file(i, s, known); err != nil {
			return err
		}
	}
	return nil
}

func (l *loader) file(i int, s *source, known *overlap) error {
	t := newTable(s.in, Options{Side: l.side, Layout: s.layout, Force: l.force})
	refs := [2]Role{roles - 1, roles - 1}
	count := 0
	t.visit = func(e *Entry) error {
		if count == 0 {
			refs = t.references()
		}
		if count++; count&0xffff == 0 && l.tick != nil {
			l.tick(0xffff)
		}
		if !l.within(e) {
			if e.Day < l.from {
				l.early += e.Fen
			}
			return nil
		}
		row, alt := l.keyer.hash(e, refs)
		if err := l.pile.add(row, alt, i, e.Line); err != nil {
			return err
		}
		if l.recall.fens[e.Fen] {
			l.recall.see(e.detail(), uint32(l.pile.count-1))
		}
		return nil
	}
	if known != nil {
		known.file, t.known = i, known
		known.twice = func(e *Entry) {
			l.pile.extra = append(l.pile.extra, rejected{i, e.Line, e.Fen, whyOverlap})
		}
	}
	statement, err := t.run(s.in)
	s.statement = statement
	refusal, refused := errors.AsType[*Refusal](err)
	if err != nil && !refused {
		return err
	}
	if !refused && strings.Contains(statement.Currency, severalCurrencies) {
		refusal, refused = severalRefused(s.in.Name, statement.Currency), true
	}
	if l.tick != nil {
		l.tick(count & 0xffff)
	}
	if refused {
		l.refused = append(l.refused, refusal)
		return nil
	}
	l.pile.twice = append(l.pile.twice, l.pile.find(i, t.scale.twice)...)
	if err := l.earlyTwice(s, t.scale.twice); err != nil {
		return err
	}
	for _, p := range statement.Problems { // only under force
		if unread(p.Code) && p.Line > 0 {
			l.pile.extra = append(l.pile.extra, rejected{i, p.Line, 0, whyUnreadable})
		}
	}
	return nil
}

// earlyTwice takes lines before the books that were exported twice out of their sum.
func (l *loader) earlyTwice(s *source, lines []int) error {
	if l.from == 0 || len(lines) == 0 {
		return nil
	}
	_, err := Read(s.in, Options{Side: l.side, Layout: s.layout, Force: true, Wanted: func(line int) bool { return slices.Contains(lines, line) }}, func(e *Entry) error {
		if e.Day < l.from {
			l.early -= e.Fen
		}
		return nil
	})
	return err
}

// within says that an entry is of the books and not after the day of the result.
func (l *loader) within(e *Entry) bool {
	return e.Day >= l.from && (l.until == 0 || e.Day <= l.until)
}

// severalRefused refuses a file of several currencies: its sums mean nothing.
func severalRefused(file, currencies string) *Refusal {
	p := problems{file: file}
	p.add(0, 0, "", "currency", currencies)
	return &Refusal{File: file, Problems: p.list}
}

// unread says that a line with this problem became no entry.
func unread(code string) bool {
	return slices.Contains([]string{"field_count", "quote", "encoding", "control", "date", "no_date", "amount", "scientific", "no_amount", "two_amounts", "direction", "too_large", "record"}, code)
}

// references chooses the two columns that may hold what both books call by the
// same name: the bank's serial first, then the client's number, then the voucher's.
func (t *table) references() [2]Role {
	var found []Role
	for _, r := range []Role{Serial, Client, Voucher} {
		if t.bound.has(r) || len(t.bound.columns) == 0 && r != Voucher {
			found = append(found, r)
		}
	}
	found = append(found, roles-1, roles-1) // FailReason: empty in statements
	return [2]Role(found[:2])
}

func (l *loader) overlapping() bool {
	for i := range l.sources {
		for _, b := range l.sources[:i] {
			a := l.sources[i]
			if a.statement != nil && b.statement != nil && a.statement.First != 0 && a.statement.First <= b.statement.Last && b.statement.First <= a.statement.Last {
				return true
			}
		}
	}
	return false
}

// balances gives the opening balance of the side and whether it is known: of
// each account the one its earliest statement states.
func (l *loader) balances() (opening casework.Fen, known bool) {
	first := map[string]*Statement{}
	for _, s := range l.sources {
		st := s.statement
		if st == nil || s.carried {
			continue
		}
		if !st.HasBalance {
			return 0, false
		}
		if before := first[st.Account]; before == nil || st.First < before.First {
			first[st.Account] = st
		}
		known = true
	}
	for _, st := range first {
		opening += st.Opening
	}
	return opening + l.early, known
}
