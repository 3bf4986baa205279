package ledger

import (
	"strings"

	"github.com/jingban/jingban/casework"
)

// kept is what is remembered of an entry to explain a gap.
type kept struct {
	line int
	fen  casework.Fen
	ref  string
}

// parts collects the statements of a file that states balances around its
// entries (MT940, camt.053) instead of beside each.
type parts struct {
	t       *table
	current Part
	open    bool
	hasOpen bool
	entries []kept

	mayLack  bool // a report of the day (camt.052) may leave its balances out
	unstated bool // one did
}

// severalCurrencies stands between the currencies of a file that holds the
// statements of several accounts. Each statement has one of its own.
const severalCurrencies = "/"

func (p *parts) begin(line int) {
	p.current, p.open, p.hasOpen, p.entries = Part{Line: line}, true, false, nil
}

func (p *parts) opening(fen casework.Fen) { p.current.Opening, p.hasOpen = fen, true }

func (p *parts) closing(fen casework.Fen) { p.current.Closing, p.current.closed = fen, true }

func (p *parts) currency(line int, code string) {
	if p.current.Currency == "" {
		p.current.Currency = code
	} else if code != "" && code != p.current.Currency {
		p.t.scale.add(line, 0, "", "currency", code)
	}
}

// entry counts an entry and hands it on.
func (p *parts) entry(e *Entry) error {
	t := p.t
	if e.Fen < 0 {
		p.current.SumOut -= e.Fen
	} else {
		p.current.SumIn += e.Fen
	}
	p.current.Entries++
	p.entries = append(p.entries, kept{e.Line, e.Fen, string(e.text[Serial])})
	if t.wanted != nil && !t.wanted(e.Line) {
		return nil
	}
	e.facts |= t.listen.hear(e.text[Summary]).facts | t.listen.hear(e.text[Note]).facts
	for _, r := range []Role{Summary, Note} {
		if len(e.text[BatchNo]) == 0 {
			e.text[BatchNo] = t.listen.hear(e.text[r]).batch
		}
	}
	if t.known != nil && len(e.text[Serial]) > 0 && t.exportedTwice(e) {
		return nil
	}
	t.scale.weigh(e)
	if t.visit == nil {
		return nil
	}
	return t.visit(e)
}

// end closes one statement and compares it with its own balances.
func (p *parts) end(line int) {
	if !p.open {
		return
	}
	p.open = false
	c := &p.current
	switch {
	case p.mayLack && !p.hasOpen && !c.closed:
		p.unstated = true
	case !p.hasOpen || !c.closed:
		p.t.scale.add(line, 0, "", "missing_field", pick(p.hasOpen, "closing balance", "opening balance"))
	default:
		c.Gap = c.Opening + c.SumIn - c.SumOut - c.Closing
	}
	c.Balanced = c.Gap == 0 && (p.hasOpen && c.closed || p.mayLack)
	if c.Gap != 0 {
		p.explain()
	}
	p.t.scale.statement.Parts = append(p.t.scale.statement.Parts, *c)
}

// explain names the entry that makes the gap, when exactly one does.
func (p *parts) explain() {
	gap := p.current.Gap
	scale := p.t.scale
	for _, times := range []casework.Fen{1, 2, -1} { // counted once too often, on the wrong side, once too few
		if found := p.candidates(func(k kept) bool { return times*k.fen == gap }); len(found) == 1 {
			scale.add(found[0].line, 0, "", "gap_entry", gap.String())
			if scale.statement.Suspect == 0 {
				scale.statement.Suspect = found[0].line
			}
			return
		}
	}
	scale.add(p.current.Line, 0, "", "gap", gap.String())
	if scale.statement.Suspect == 0 {
		scale.statement.Suspect = p.current.Line
	}
}

// candidates prefers, among several, those that share their bank reference with
// another entry.
func (p *parts) candidates(fits func(kept) bool) []kept {
	seen := map[string]int{}
	for _, k := range p.entries {
		seen[k.ref]++
	}
	var all, shared []kept
	for _, k := range p.entries {
		if !fits(k) {
			continue
		}
		all = append(all, k)
		if k.ref != "" && seen[k.ref] > 1 {
			shared = append(shared, k)
		}
	}
	if len(all) > 1 && len(shared) > 0 {
		return shared
	}
	return all
}

// finish sums the statements of the file: those of one account follow one
// another, so that the first opens and the last closes.
func (p *parts) finish() {
	st := &p.t.scale.statement
	p.t.scale.parted = true
	if len(st.Parts) == 0 {
		p.t.scale.add(0, 0, "", "missing_field", "statement")
		return
	}
	last := map[string]Part{}
	for _, part := range st.Parts {
		before, follows := last[part.account]
		switch {
		case !follows:
			st.Opening += part.Opening
		case before.Closing != part.Opening:
			p.t.scale.add(part.Line, 0, "", "statement_gap", part.Opening.String())
			st.Opening += part.Opening - before.Closing
		}
		last[part.account] = part
		st.Gap += part.Gap
		if !strings.Contains(st.Currency, part.Currency) {
			st.Currency = strings.TrimPrefix(st.Currency+severalCurrencies+part.Currency, severalCurrencies)
		}
	}
	for account, part := range last {
		st.Closing += part.Closing
		if len(last) == 1 {
			st.Account = account
		}
	}
	st.HasBalance = !p.unstated
	if len(st.Parts) == 1 {
		st.Parts = nil
	}
}
