package benefits

import (
	"fmt"
	"strings"

	"github.com/jingban/jingban/casework"
)

// MonthChange is a month that pays another amount than before. A month that was
// not paid, or no longer is, has 0.
type MonthChange struct {
	Month         casework.Month
	Before, After casework.Fen
}

// Difference is what the month pays more.
func (c MonthChange) Difference() casework.Fen { return c.After - c.Before }

// Recalculation is what changed rules change about an award, month by month. It
// pays nothing and takes nothing back: it is there for a person to decide on.
type Recalculation struct {
	Document string // that changed the rules
	Changes  []MonthChange
}

// Recalculate compares what an award pays under the rules before and after a
// change, from a month on. No changes: the award pays what it did.
func Recalculate(before, after *Payer, a Award, from casework.Month, document string) (Recalculation, error) {
	r := Recalculation{Document: document}
	was, err := before.Months(a)
	if err != nil {
		return r, fmt.Errorf("under the rules before: %w", err)
	}
	is, err := after.Months(a)
	if err != nil {
		return r, fmt.Errorf("under the changed rules: %w", err)
	}
	for n := range max(len(was), len(is)) { // both begin with the same month
		c := MonthChange{Month: a.First.Add(n)}
		if n < len(was) {
			c.Before = was[n].Amount
		}
		if n < len(is) {
			c.After = is[n].Amount
		}
		if c.Month >= from && c.Before != c.After {
			r.Changes = append(r.Changes, c)
		}
	}
	return r, nil
}

// Monthly is the change of the first month that changes: what people call "so
// many yuan a month".
func (r Recalculation) Monthly() casework.Fen {
	if len(r.Changes) == 0 {
		return 0
	}
	return r.Changes[0].Difference()
}

// Owed sums what the months up to one, that one included, pay too little (补发)
// and too much (追回) so far.
func (r Recalculation) Owed(until casework.Month) (owed, overpaid casework.Fen) {
	for _, c := range r.Changes {
		switch d := c.Difference(); {
		case c.Month > until:
		case d > 0:
			owed += d
		default:
			overpaid -= d
		}
	}
	return owed, overpaid
}

// Plan writes the changes as one text, "202607 1760.00 1840.00; 202608 …", and
// ParsePlan reads it: how a recalculation travels with its case.
func (r Recalculation) Plan() string {
	lines := make([]string, len(r.Changes))
	for i, c := range r.Changes {
		lines[i] = fmt.Sprintf("%s %s %s", c.Month, c.Before, c.After)
	}
	return strings.Join(lines, "; ")
}

// ParsePlan reads what Plan wrote. The months must follow each other.
func ParsePlan(text string) ([]MonthChange, error) {
	var changes []MonthChange
	for part := range strings.SplitSeq(text, ";") {
		words := strings.Fields(part)
		bad := fmt.Errorf("change %q: want month, amount before and amount after", strings.TrimSpace(part))
		if len(words) != 3 {
			return nil, bad
		}
		month, err1 := ParseMonth(words[0])
		before, err2 := casework.ParseFen(words[1])
		after, err3 := casework.ParseFen(words[2])
		if err1 != nil || err2 != nil || err3 != nil || before < 0 || after < 0 {
			return nil, bad
		}
		if n := len(changes); n > 0 && month <= changes[n-1].Month {
			return nil, fmt.Errorf("change of %s: it does not come after the one before it", month)
		}
		changes = append(changes, MonthChange{month, before, after})
	}
	return changes, nil
}

// Derivation explains the recalculation; what is owed counts up to a month.
func (r Recalculation) Derivation(until casework.Month) Derivation {
	d := Derivation{Title: "失业保险金重算差额"}
	d.add(Given, "参数调整文件%s；已发放至%s", r.Document, until)
	for _, c := range r.Changes {
		d.add(Step, "%s：应为%s元 − 原为%s元 = %s元", c.Month, c.After, c.Before, c.Difference())
	}
	owed, overpaid := r.Owed(until)
	d.add(Result, "至%s应补发%s元，多发%s元；由人工决定，系统不自动补发或追回", until, owed, overpaid)
	d.basis(r.Document)
	return d
}

// unemploymentRecalculation sets out a recalculation for the person who decides on
// it. The amounts were computed when the parameters changed; here they are summed.
func unemploymentRecalculation() casework.Calculation {
	inputs := quantities(casework.TextQuantity, "plan 逐月变化 / changes by month", "until 已发放至月份 / month paid up to", "document 参数调整文件 / document that changed the parameters")
	outputs := quantities(casework.RowsQuantity, "table 逐月差额表 / difference by month")
	outputs = append(outputs, quantities(casework.MoneyQuantity, "owed 应补发 / owed", "overpaid 多发 / paid too much")...)
	outputs = append(outputs, quantities(casework.WholeQuantity, "months 变化月数 / months that change")...)
	return casework.Calculation{Name: "unemployment.recalculation", Zh: "失业保险金重算差额", En: "difference of a recalculated unemployment benefit", Inputs: inputs, Outputs: outputs,
		Do: func(given casework.Given) (casework.Computed, error) {
			until, err := ParseMonth(given.Text("until"))
			if err != nil {
				return casework.Computed{}, fmt.Errorf("input until: %w", err)
			}
			r := Recalculation{Document: given.Text("document")}
			if r.Changes, err = ParsePlan(given.Text("plan")); err != nil {
				return casework.Computed{}, fmt.Errorf("input plan: %w", err)
			}
			table := make([]map[string]string, len(r.Changes))
			for i, c := range r.Changes {
				table[i] = map[string]string{"月份": c.Month.String(), "原金额": c.Before.String(), "新金额": c.After.String(), "差额": c.Difference().String()}
			}
			owed, overpaid := r.Owed(until)
			return computed(map[string]any{"table": table, "owed": int(owed), "overpaid": int(overpaid), "months": len(r.Changes)}, r.Derivation(until)), nil
		}}
}
