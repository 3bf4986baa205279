package benefits

import (
	"fmt"

	"github.com/jingban/jingban/casework"
)

// Repayment is how an overpayment is paid back in instalments (分期退回).
type Repayment struct {
	Total casework.Fen
	Plan  []casework.Fen
}

// Repay divides an amount into n equal instalments; what is left is in the last.
func Repay(total casework.Fen, n int) (Repayment, error) {
	if n < 1 || n > longest || total < 0 {
		return Repayment{}, fmt.Errorf("%s in %d instalments: want an amount and at least one", total, n)
	}
	r := Repayment{Total: total}
	part := total / casework.Fen(n)
	for range n - 1 {
		r.Plan = append(r.Plan, part)
	}
	r.Plan = append(r.Plan, total-part*casework.Fen(n-1))
	return r, nil
}

// Derivation explains the instalments.
func (r Repayment) Derivation() Derivation {
	d := Derivation{Title: "分期退回多领待遇"}
	d.add(Given, "共%s元，分%d期", r.Total, len(r.Plan))
	d.add(Step, "%s ÷ %d，取整到分，每期%s元", r.Total, len(r.Plan), r.Plan[0])
	d.add(Result, "最后一期%s元，各期合计%s元", r.Plan[len(r.Plan)-1], r.Total)
	d.basis("《社会保险经办条例》第四十六条")
	return d
}
