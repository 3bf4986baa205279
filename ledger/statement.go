package ledger

import (
	"cmp"
	"slices"

	"github.com/jingban/jingban/casework"
)

// Statement is what one file says about itself.
type Statement struct {
	File       string       `json:"file"`
	Format     string       `json:"format"` // csv, xlsx, xls, html, mt940, camt053
	Layout     string       `json:"layout,omitempty"`
	Confidence float64      `json:"confidence"` // of the guessed layout, 0..1
	Account    string       `json:"-"`          // our own account, personal to the agency
	Currency   string       `json:"currency"`
	First      Day          `json:"-"`
	Last       Day          `json:"-"`
	Entries    int          `json:"entries"`
	Opening    casework.Fen `json:"opening_fen"`
	Closing    casework.Fen `json:"closing_fen"`
	SumOut     casework.Fen `json:"sum_debit_fen"`  // money out, as a positive amount
	SumIn      casework.Fen `json:"sum_credit_fen"` // money in
	HasBalance bool         `json:"has_balance"`    // opening and closing are known
	Balanced   bool         `json:"balanced"`       // true as well where there is no balance to check
	Gap        casework.Fen `json:"gap_fen"`        // opening + in − out − closing
	Suspect    int          `json:"suspect_line"`   // line that breaks or explains, 0 for none
	Overlaps   int          `json:"overlaps"`       // lines exported twice and left out
	Problems   []Problem    `json:"errors"`
	Parts      []Part       `json:"statements,omitempty"` // of a file that holds several
}

// Part is one statement of a file that holds several (MT940, camt.053).
type Part struct {
	Line     int          `json:"line"`
	Currency string       `json:"currency"`
	Entries  int          `json:"entries"`
	Opening  casework.Fen `json:"opening_fen"`
	Closing  casework.Fen `json:"closing_fen"`
	SumOut   casework.Fen `json:"sum_debit_fen"`
	SumIn    casework.Fen `json:"sum_credit_fen"`
	Balanced bool         `json:"balanced"`
	Gap      casework.Fen `json:"gap_fen"`
	account  string
	closed   bool // both balances are stated
}

// walk follows the running balance in one direction through a file.
type walk struct {
	breaks []balanceBreak // at most maxProblems
	more   int
	// Lines that do not follow may be exported twice: they follow one another, and
	// after them the balance goes on from where they began.
	detached bool
	anchor   struct{ fen, balance casework.Fen } // the line after which the balance would go on
	block    block
	blocks   []block
}

// balanceBreak is a line whose balance does not follow.
type balanceBreak struct {
	line          int
	found, wanted casework.Fen
	explained     bool // the line is the first of a block exported twice
}

// block is a run of lines that follow one another but not the line before.
type block struct {
	first, end int // rows; end is the row after the last
	fens       []casework.Fen
	at         int // index of its break
	last       bool
}

// maxBlock bounds what is remembered of lines that may be exported twice.
const maxBlock = 1 << 16

// step takes one line: the balance wanted here, and the one wanted if a block of
// doubled lines ended just before.
func (w *walk) step(row, line int, fen, found, wanted, goesOn casework.Fen, before struct{ fen, balance casework.Fen }) {
	switch {
	case w.detached && found == goesOn:
		w.detached = false
		w.block.end = row
		w.blocks = append(w.blocks, w.block)
		return
	case found != wanted:
		if !w.detached && len(w.blocks) < maxProblems {
			w.detached, w.anchor = true, before
			w.block = block{first: row, at: len(w.breaks)}
		}
		if len(w.breaks) < maxProblems {
			w.breaks = append(w.breaks, balanceBreak{line: line, found: found, wanted: wanted})
		} else {
			w.more++
		}
	}
	if w.detached && len(w.block.fens) < maxBlock {
		w.block.fens = append(w.block.fens, fen)
	}
}

// unexplained lists the breaks that no doubled block explains.
func (w *walk) unexplained() []balanceBreak {
	return slices.DeleteFunc(slices.Clone(w.breaks), func(b balanceBreak) bool { return b.explained })
}

// markRows is how many marks are allocated at a time: a file may hold many accounts.
const markRows = 1 << 8

// chain checks the running balance of one account, oldest first and newest
// first at once, because nothing but the balances tells which it is.
type chain struct {
	rows        int
	first, last struct{ fen, balance casework.Fen }
	old, recent walk       // oldest first, newest first
	marks       [][]uint32 // of each row, by markRows: day, amount, balance and serial hashed
	lines       []lineRun
}

// lineRun says in which lines rows stand, one after the other.
type lineRun struct{ row, line int }

func (c *chain) add(line int, day Day, fen, balance casework.Fen, serial uint64) {
	if c.rows == 0 {
		c.first.fen, c.first.balance = fen, balance
	} else {
		before := c.last
		c.old.step(c.rows, line, fen, balance, before.balance+fen, c.old.anchor.balance+fen, before)
		c.recent.step(c.rows, line, fen, balance, before.balance-before.fen, c.recent.anchor.balance-c.recent.anchor.fen, before)
	}
	if n := len(c.lines); n == 0 || c.lines[n-1].line+c.rows-c.lines[n-1].row != line {
		c.lines = append(c.lines, lineRun{c.rows, line})
	}
	if c.rows%markRows == 0 {
		c.marks = append(c.marks, make([]uint32, markRows))
	}
	c.marks[c.rows/markRows][c.rows%markRows] = uint32(mix(uint64(balance)^serial, uint64(fen)<<16|uint64(day)))
	c.last.fen, c.last.balance = fen, balance
	c.rows++
}

// line gives the line of a row.
func (c *chain) line(row int) int {
	at, _ := slices.BinarySearchFunc(c.lines, row+1, func(r lineRun, row int) int { return cmp.Compare(r.row, row) })
	return c.lines[at-1].line + row - c.lines[at-1].row
}

// twice gives the blocks whose lines stand before them in the same order, which is
// how a second export of the same days looks.
func (c *chain) twice() []block {
	w := c.walked()
	if w.detached {
		w.detached, w.block.end, w.block.last = false, c.rows, true
		w.blocks = append(w.blocks, w.block)
	}
	var found []block
	for _, b := range w.blocks {
		n := b.end - b.first
		for at := 0; at+n <= b.first && len(b.fens) == n; at++ {
			if !c.alike(at, b.first, n) {
				continue
			}
			w.breaks[b.at].explained = true
			if found = append(found, b); b.last {
				c.last = w.anchor
			}
			break
		}
	}
	return found
}

// alike says that n rows from two places on are the same.
func (c *chain) alike(a, b, n int) bool {
	for i := range n {
		if c.marks[(a+i)/markRows][(a+i)%markRows] != c.marks[(b+i)/markRows][(b+i)%markRows] {
			return false
		}
	}
	return true
}

// newestFirst tells the order in which fewer balances break.
func (c *chain) newestFirst() bool {
	return len(c.recent.breaks)+c.recent.more < len(c.old.breaks)+c.old.more
}

func (c *chain) walked() *walk {
	if c.newestFirst() {
		return &c.recent
	}
	return &c.old
}

// ends gives the balances before the oldest and after the newest line.
func (c *chain) ends() (opening, closing casework.Fen) {
	if c.newestFirst() {
		return c.last.balance - c.last.fen, c.first.balance
	}
	return c.first.balance - c.first.fen, c.last.balance
}

// stated is a balance or a total the file states outside its lines of money.
type stated struct {
	known bool
	line  int
	fen   casework.Fen
}

// scale weighs a file: it sums the entries and closes the statement.
type scale struct {
	problems
	statement        Statement
	keyer            keyer
	chains           map[string]*chain
	current          *chain
	own              string
	opening, closing stated
	totalIn          stated
	totalOut         stated
	total            stated // of one signless amount column
	count            stated // fen holds the number
	lastCurrency     []byte // as the line before wrote it
	twice            []int  // lines exported twice within the file
	parted           bool   // the gap was found statement by statement
	serials          serials
}

func newScale(file, format string) *scale {
	return &scale{problems: problems{file: file}, statement: Statement{File: file, Format: format}, chains: map[string]*chain{}, keyer: newKeyer()}
}

func (s *scale) weigh(e *Entry) {
	st := &s.statement
	st.Entries++
	if e.Fen < 0 != e.Red { // a red amount counts on the side where it is written
		st.SumOut -= e.Fen
	} else {
		st.SumIn += e.Fen
	}
	if st.First == 0 || e.Day < st.First {
		st.First = e.Day
	}
	if e.Day > st.Last {
		st.Last = e.Day
	}
	if e.HasBalance {
		s.follow(e)
	}
	if text := e.text[Serial]; len(text) > 0 {
		s.serials.see(e.Line, text)
	}
}

func (s *scale) follow(e *Entry) {
	own := e.text[Own]
	if s.current == nil || string(own) != s.own {
		s.own = string(own)
		if s.current = s.chains[s.own]; s.current == nil {
			s.current = &chain{}
			s.chains[s.own] = s.current
		}
	}
	s.current.add(e.Line, e.Day, e.Fen, e.Balance, s.keyer.key(e.text[Serial]))
}

// close compares the running balances, the stated ones and the totals.
func (s *scale) close() {
	st := &s.statement
	switch {
	case len(s.chains) > 0:
		s.closeChains()
	case s.opening.known && s.closing.known:
		st.Opening, st.Closing, st.HasBalance = s.opening.fen, s.closing.fen, true
	case s.opening.known:
		st.Opening, st.Closing, st.HasBalance = s.opening.fen, s.opening.fen+st.SumIn-st.SumOut, true
	case s.closing.known:
		st.Opening, st.Closing, st.HasBalance = s.closing.fen-st.SumIn+st.SumOut, s.closing.fen, true
	}
	if st.HasBalance && !s.parted {
		st.Gap = st.Opening + st.SumIn - st.SumOut - st.Closing
	}
	if st.Gap != 0 && !s.fatal() {
		s.add(0, 0, "", "gap", st.Gap.String())
	}
	s.compareTotals()
	for _, gap := range s.serials.missing() {
		s.add(gap.line, 0, "", "serial_gap", gap.text)
	}
	st.Balanced = st.Gap == 0 && st.Suspect == 0 && !s.fatal()
	st.Problems = s.list
}

func (s *scale) closeChains() {
	st := &s.statement
	st.HasBalance = true
	for _, c := range s.chains {
		s.leaveOut(c)
		opening, closing := c.ends()
		st.Opening += opening
		st.Closing += closing
		for _, b := range c.walked().unexplained() {
			if st.Suspect == 0 || b.line < st.Suspect {
				st.Suspect = b.line
			}
			s.add(b.line, 0, "", "balance_break", b.found.String()+" (≠ "+b.wanted.String()+")")
		}
		s.more += c.walked().more
	}
	if len(s.chains) != 1 {
		return
	}
	if s.opening.known && s.opening.fen != st.Opening {
		s.add(s.opening.line, 0, "", "opening", s.opening.fen.String())
		st.Opening = s.opening.fen
	}
	if s.closing.known && s.closing.fen != st.Closing {
		s.add(s.closing.line, 0, "", "closing", s.closing.fen.String())
		st.Closing = s.closing.fen
	}
}

// leaveOut takes lines that were exported twice out of the sums.
func (s *scale) leaveOut(c *chain) {
	st := &s.statement
	for _, b := range c.twice() {
		for i, fen := range b.fens {
			st.Entries--
			st.Overlaps++
			if fen < 0 {
				st.SumOut += fen
			} else {
				st.SumIn -= fen
			}
			s.twice = append(s.twice, c.line(b.first+i))
		}
	}
}

func (s *scale) compareTotals() {
	st := &s.statement
	if s.totalIn.known && s.totalIn.fen != st.SumIn {
		s.add(s.totalIn.line, 0, "", "total", s.totalIn.fen.String()+" (≠ "+st.SumIn.String()+")")
	}
	if s.totalOut.known && s.totalOut.fen != st.SumOut {
		s.add(s.totalOut.line, 0, "", "total", s.totalOut.fen.String()+" (≠ "+st.SumOut.String()+")")
	}
	if net := st.SumIn - st.SumOut; s.total.known && s.total.fen != net && s.total.fen != -net && s.total.fen != st.SumIn+st.SumOut {
		s.add(s.total.line, 0, "", "total", s.total.fen.String())
	}
	if s.count.known && int(s.count.fen) != st.Entries {
		s.add(s.count.line, 0, "", "count", s.count.fen.String())
	}
}
