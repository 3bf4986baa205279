package ledger

import (
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
	breaks  int
	line    int // first that does not follow
	found   casework.Fen
	wanted  casework.Fen
	further []int // lines of the other breaks, at most maxProblems
}

func (w *walk) broke(line int, found, wanted casework.Fen) {
	if w.breaks == 0 {
		w.line, w.found, w.wanted = line, found, wanted
	} else if len(w.further) < maxProblems {
		w.further = append(w.further, line)
	}
	w.breaks++
}

// chain checks the running balance of one account, oldest first and newest
// first at once, because nothing but the balances tells which it is.
type chain struct {
	rows        int
	first, last struct{ fen, balance casework.Fen }
	old, recent walk // oldest first, newest first
}

func (c *chain) add(line int, fen, balance casework.Fen) {
	if c.rows == 0 {
		c.first.fen, c.first.balance = fen, balance
	} else {
		if want := c.last.balance + fen; want != balance {
			c.old.broke(line, balance, want)
		}
		if want := c.last.balance - c.last.fen; want != balance {
			c.recent.broke(line, balance, want)
		}
	}
	c.last.fen, c.last.balance = fen, balance
	c.rows++
}

// newestFirst tells the order in which fewer balances break.
func (c *chain) newestFirst() bool { return c.recent.breaks < c.old.breaks }

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
	chains           map[string]*chain
	current          *chain
	own              string
	opening, closing stated
	totalIn          stated
	totalOut         stated
	total            stated // of one signless amount column
	count            stated // fen holds the number
	lastCurrency     []byte // as the line before wrote it
	parted           bool   // the gap was found statement by statement
}

func newScale(file, format string) *scale {
	return &scale{problems: problems{file: file}, statement: Statement{File: file, Format: format}, chains: map[string]*chain{}}
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
	s.current.add(e.Line, e.Fen, e.Balance)
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
	st.Balanced = st.Gap == 0 && st.Suspect == 0 && !s.fatal()
	st.Problems = s.list
}

func (s *scale) closeChains() {
	st := &s.statement
	st.HasBalance = true
	for _, c := range s.chains {
		opening, closing := c.ends()
		st.Opening += opening
		st.Closing += closing
		w := c.walked()
		if w.breaks == 0 {
			continue
		}
		if st.Suspect == 0 || w.line < st.Suspect {
			st.Suspect = w.line
		}
		s.add(w.line, 0, "", "balance_break", w.found.String()+" (≠ "+w.wanted.String()+")")
		for _, line := range w.further {
			s.add(line, 0, "", "balance_break", "-")
		}
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
