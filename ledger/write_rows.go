package ledger

import (
	"bufio"
	"encoding/json"
	"io"
	"strconv"
	"strings"

	"github.com/jingban/jingban/casework"
)

// WriteRows writes rows.csv: one line for each input row, UTF-8, amounts in fen
// with their sign (+ into our account).
func (res *Result) WriteRows(out io.Writer) error {
	w := bufio.NewWriterSize(out, 256<<10)
	if _, err := w.WriteString("side,file,line,fen,state,group,rule,reason\n"); err != nil {
		return err
	}
	var line []byte
	err := res.EachRow(func(r RowResult) error {
		line = append(append(line[:0], r.Side.String()...), ',')
		line = append(appendCSV(line, r.File), ',')
		line = append(strconv.AppendInt(line, int64(r.Line), 10), ',')
		line = append(strconv.AppendInt(line, int64(r.Fen), 10), ',')
		line = append(append(line, r.State.String()...), ',')
		if r.Group != 0 {
			line = strconv.AppendUint(line, uint64(r.Group), 10)
		}
		line = append(append(append(append(append(line, ','), r.Rule...), ','), r.Reason...), '\n')
		_, err := w.Write(line)
		return err
	})
	if err != nil {
		return err
	}
	return w.Flush()
}

func appendCSV(into []byte, text string) []byte {
	if strings.ContainsAny(text, ",\"\n") {
		return append(append(append(into, '"'), strings.ReplaceAll(text, `"`, `""`)...), '"')
	}
	return append(into, text...)
}

// stateSum is one line of the summary.
type stateSum struct {
	Rows int          `json:"rows"`
	Fen  casework.Fen `json:"fen"`
}

type sideSummary struct {
	Rows       int                 `json:"rows"`
	Fen        casework.Fen        `json:"fen"`
	OpeningFen *casework.Fen       `json:"opening_fen"`
	ClosingFen *casework.Fen       `json:"closing_fen"`
	States     map[string]stateSum `json:"states"`
}

type lineSummary struct {
	Day     string       `json:"day"`
	Fen     casework.Fen `json:"fen"`
	Summary string       `json:"summary"`
	Age     int          `json:"age_days,omitempty"`
}

type tableSummary struct {
	BankFen         casework.Fen  `json:"bank_balance_fen"`
	BookFen         casework.Fen  `json:"book_balance_fen"`
	K1              []lineSummary `json:"bank_received_not_booked"`
	K2              []lineSummary `json:"bank_paid_not_booked"`
	K3              []lineSummary `json:"entity_received_not_banked"`
	K4              []lineSummary `json:"entity_paid_not_banked"`
	AdjustedBankFen casework.Fen  `json:"adjusted_bank_fen"`
	AdjustedBookFen casework.Fen  `json:"adjusted_book_fen"`
	DifferenceFen   casework.Fen  `json:"difference_fen"`
	Balanced        bool          `json:"balanced"`
	Clues           []string      `json:"clues,omitempty"`
}

type paymentSummary struct {
	File  string `json:"file"`
	Batch string `json:"batch"`
	Items int    `json:"items"`
	PaymentResult
}

// Overview is summary.json.
type Overview struct {
	Balanced   bool                   `json:"balanced"`
	Forced     []Problem              `json:"forced,omitempty"` // first, so that nobody overlooks it
	AsOf       string                 `json:"as_of"`
	Sides      map[string]sideSummary `json:"sides"`
	Table      *tableSummary          `json:"adjustment"`
	Payments   []paymentSummary       `json:"payments"`
	Totals     []Comparison           `json:"totals,omitempty"`
	Returned   []PayAgain             `json:"pay_again"`
	Vouchers   []Proposal             `json:"proposed_vouchers"` // never posted
	Statements []*Statement           `json:"files"`
	References pinnedRefs             `json:"references"`
	Invariants []Invariant            `json:"invariants"`
	Rules      []string               `json:"rules"`
	Carry      []Carried              `json:"carry"`
}

// Overview is the result without its rows.
func (res *Result) Overview() Overview {
	s := Overview{
		Balanced: res.Balanced(), Forced: res.Forced, AsOf: res.lastDay().String(), Sides: map[string]sideSummary{}, Payments: []paymentSummary{},
		Totals: res.Comparisons, Returned: res.PayAgain(), Vouchers: res.Vouchers(), Statements: res.Statements, References: res.References, Invariants: res.Invariants, Rules: res.Rules, Carry: res.Open(),
	}
	for side, r := range res.Sides {
		one := sideSummary{Rows: r.Rows, Fen: r.Total, States: map[string]stateSum{}}
		if r.Known {
			one.OpeningFen, one.ClosingFen = new(r.Opening), new(r.Closing)
		}
		for state, n := range r.Count {
			if n > 0 {
				one.States[State(state).String()] = stateSum{n, r.Fen[state]}
			}
		}
		s.Sides[Side(side).String()] = one
	}
	for _, p := range res.Payments {
		s.Payments = append(s.Payments, paymentSummary{p.File, p.Number, len(p.Items), p.PaymentResult})
	}
	if res.HasBalance {
		a := res.Adjustment
		s.Table = &tableSummary{
			a.Bank, a.Book, summarise(a.K1), summarise(a.K2), summarise(a.K3), summarise(a.K4),
			a.AdjustedBank(), a.AdjustedBook(), a.Difference(), a.Balanced(), a.Clues(),
		}
	}
	return s
}

func summarise(lines []AdjustmentLine) []lineSummary {
	list := []lineSummary{}
	for _, l := range lines {
		list = append(list, lineSummary{l.Day.String(), l.Fen, l.Summary, l.Age})
	}
	return list
}

// WriteSummary writes summary.json.
func (res *Result) WriteSummary(out io.Writer) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(res.Overview())
}
