package web

import (
	"fmt"
	"maps"
	"slices"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/ledger"
	"github.com/jingban/jingban/store"
)

// fundPart is one piece of a stacked bar; X and W are of 1000.
type fundPart struct {
	Tone, Title, Text string
	X, W              int
}

// fundStack is one side as a bar of its states.
type fundStack struct {
	Side  string
	Rows  int
	Parts []fundPart
}

// fundFall is one line of the waterfall from the balance of our books to the
// bank's: X and W are of 1000, whole lines stand at its ends.
type fundFall struct {
	Label, Fen, Tone string
	X, W             int
	Rows             int
}

type fundDayView struct {
	Page
	Name, Title, Day string
	State            Pill
	Code             string
	Again            bool // still being compared: the page looks again by itself
	HasBalance       bool
	Adjusted         string
	Agrees           bool
	Falls            []fundFall
	Stacks           []fundStack
	Totals           []fundTotal
	Laws             []ledger.Invariant
	Papers           []paperLink
	Signed           []moment
	Next             string // who signs next
	Returned         int
	Questions        int
	Vouchers         []fundVoucher
	Closable         bool // all have signed
	Closed           bool // it lies in closed books
}

// fundVoucher is an entry that is proposed and never posted.
type fundVoucher struct{ Day, Debit, Credit, Fen, Why string }

type fundTotal struct {
	Name, Text string
	Pill       Pill
	Lines      []ledger.TotalLine
}

func (s *Server) fundDayPage(v *visit) (answer, error) {
	a, r, err := s.fundResultOf(v)
	if err != nil {
		return answer{}, err
	}
	p := s.page(v, a.Title+" "+r.Day.String(), "fund")
	n := r.Numbers
	view := fundDayView{Page: p, Name: a.Name, Title: a.Title, Day: r.Day.String(), State: fundPill(p, r.State), Again: r.State == store.FundOrdered, HasBalance: n.HasBalance,
		Adjusted: yuan(n.AdjustedBank()), Agrees: n.AdjustedBank() == n.AdjustedBook(), Laws: n.Invariants, Returned: n.Returned, Questions: n.Questions}
	if r.Code != "" {
		view.Code = p.Word("fundcode", r.Code)
	}
	view.Falls = fundFalls(p, n)
	for _, side := range []string{"bank", "ledger"} {
		if states := n.States[side]; len(states) > 0 {
			view.Stacks = append(view.Stacks, stackOf(p, side, states))
		}
	}
	for _, c := range n.Comparisons {
		t := fundTotal{Name: p.Word("comparison", c.Name), Text: p.T("fund.keys", len(c.Differ), c.Compared), Pill: Pill{Tone: "ok", Text: p.T("fund.agree")}, Lines: c.Differ[:min(len(c.Differ), 30)]}
		if !c.Balanced {
			t.Pill = Pill{Tone: "warn", Text: p.T("fund.differ")}
		}
		view.Totals = append(view.Totals, t)
	}
	for _, name := range slices.Sorted(maps.Keys(r.Papers)) {
		view.Papers = append(view.Papers, paperLink{Name: p.Word("fundpaper", name), Href: "/fund/" + a.Name + "/days/" + r.Day.String() + "/papers/" + name})
	}
	for _, one := range n.Vouchers {
		view.Vouchers = append(view.Vouchers, fundVoucher{one.Day, one.Debit, one.Credit, yuan(one.Fen), p.pick(one.Zh, one.En)})
	}
	view.Closed = r.Day.Before(a.Begins)
	return s.withSignatures(v, r, view)
}

func (s *Server) withSignatures(v *visit, r store.FundResult, view fundDayView) (answer, error) {
	signed, err := s.cfg.Store.FundSignatures(v.Context(), r.ID)
	if err != nil {
		return answer{}, fmt.Errorf("signatures: %w", err)
	}
	for _, one := range signed {
		view.Signed = append(view.Signed, moment{At: one.At, Text: view.Word("fundstep", string(one.Step)), Who: one.Name})
	}
	done := r.State == store.FundBalanced || r.State == store.FundDifferences
	if view.Closable = done && len(signed) == len(store.FundSteps()); done && !view.Closable {
		view.Next = view.Word("fundstep", string(store.FundSteps()[len(signed)]))
	}
	return page("fundday", view)
}

// fundFalls leads from our books to the bank by the four kinds of open items. The
// bars show the differences alone: beside a balance nobody would see them.
func fundFalls(p Page, n store.FundNumbers) []fundFall {
	if !n.HasBalance {
		return nil
	}
	signs := [4]casework.Fen{1, -1, -1, 1} // from the books' view: K3 and K4 move the bank
	level, low, high := casework.Fen(0), casework.Fen(0), casework.Fen(0)
	for i, k := range n.Kinds {
		level += signs[i] * k.Fen
		low, high = min(low, level), max(high, level)
	}
	width := max(high-low, 1)
	at := func(f casework.Fen) int { return int((f - low) * 1000 / width) }
	falls := []fundFall{{Label: p.T("fund.book"), Fen: yuan(n.Book), Tone: "whole", X: at(0), W: 6}}
	level = 0
	for i, k := range n.Kinds {
		from := level
		level += signs[i] * k.Fen
		tone := "up"
		if signs[i] < 0 {
			tone = "down"
		}
		falls = append(falls, fundFall{Label: ledger.State(int(ledger.OpenK1) + i).Title(p.Lang != "en"), Fen: yuan(signs[i] * k.Fen), Rows: k.Rows, Tone: tone,
			X: min(at(from), at(level)), W: max(at(from)-at(level), at(level)-at(from))})
	}
	return append(falls, fundFall{Label: p.T("fund.bank"), Fen: yuan(n.Bank), Tone: "whole", X: at(n.Bank - n.Book), W: 6})
}

// stackOf draws the states of a side by their rows, settled first. A state of few
// rows keeps a width that can be seen.
func stackOf(p Page, side string, states map[string]store.FundSum) fundStack {
	kind := map[string]string{"bank": "bank", "ledger": "book"}[side]
	out := fundStack{Side: p.Word("fundkind", kind)}
	for _, sum := range states {
		out.Rows += sum.Rows
	}
	x := 0
	for _, state := range []ledger.State{ledger.Matched, ledger.Grouped, ledger.MatchedWithDifference, ledger.Ambiguous, ledger.Proposed, ledger.OpenK1, ledger.OpenK2, ledger.OpenK3, ledger.OpenK4, ledger.Rejected} {
		sum := states[state.String()]
		if sum.Rows == 0 {
			continue
		}
		w := max(sum.Rows*1000/out.Rows, 12)
		out.Parts = append(out.Parts, fundPart{Tone: stackTone(state), Title: state.Title(p.Lang != "en"), Text: fmt.Sprintf("%d · %s", sum.Rows, yuan(sum.Fen)), X: x, W: w})
		x += w
	}
	for i := range out.Parts { // what was widened is taken from all
		out.Parts[i].X, out.Parts[i].W = out.Parts[i].X*1000/x, max(out.Parts[i].W*1000/x, 1)
	}
	return out
}

func stackTone(state ledger.State) string {
	switch state {
	case ledger.Matched, ledger.Grouped:
		return "ok"
	case ledger.MatchedWithDifference, ledger.Ambiguous, ledger.Proposed:
		return "warn"
	case ledger.Rejected:
		return "mute"
	}
	return "bad"
}
