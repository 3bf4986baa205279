package ledger

import (
	"github.com/jingban/jingban/casework"
)

// Adjustment is the 银行存款余额调节表 of one account: two balances, the items
// that explain them, and whether they then agree. It only explains; bookkeeping
// needs the document.
type Adjustment struct {
	Unit    string // 单位名称
	Title   string // what the account is called: 支出户, 收入户, 财政专户
	BankOf  string // 开户行
	Account string // 账号
	Day     Day
	Bank    casework.Fen // bank balance of the day
	Book    casework.Fen // book balance of the day
	K1      []AdjustmentLine
	K2      []AdjustmentLine
	K3      []AdjustmentLine
	K4      []AdjustmentLine
}

// AdjustmentLine is one item; its amount is positive, its kind gives the sign.
type AdjustmentLine struct {
	Day     Day
	Voucher string
	Summary string
	Fen     casework.Fen
	Age     int // days open
}

// AdjustedBank is bank balance + ΣK3 − ΣK4.
func (a Adjustment) AdjustedBank() casework.Fen { return a.Bank + total(a.K3) - total(a.K4) }

// AdjustedBook is book balance + ΣK1 − ΣK2.
func (a Adjustment) AdjustedBook() casework.Fen { return a.Book + total(a.K1) - total(a.K2) }

// Difference is what no item explains.
func (a Adjustment) Difference() casework.Fen { return a.AdjustedBank() - a.AdjustedBook() }

// Balanced says that both sides agree.
func (a Adjustment) Balanced() bool { return a.Difference() == 0 }

func total(lines []AdjustmentLine) casework.Fen {
	var sum casework.Fen
	for _, line := range lines {
		sum += line.Fen
	}
	return sum
}

// Clues says what an unexplained difference looks like: divisible by nine
// suggests swapped digits, twice an amount an entry on the wrong side, an amount
// a missing entry.
func (a Adjustment) Clues() []string {
	difference := abs(a.Difference())
	if difference == 0 {
		return nil
	}
	var clues []string
	if difference%9 == 0 {
		clues = append(clues, "差额可被9整除：可能有数字颠倒")
	}
	for _, lines := range [][]AdjustmentLine{a.K1, a.K2, a.K3, a.K4} {
		for _, line := range lines {
			switch difference {
			case line.Fen:
				clues = append(clues, "差额等于「"+line.Summary+"」的金额：可能漏记或重记")
			case 2 * line.Fen:
				clues = append(clues, "差额等于「"+line.Summary+"」金额的两倍：可能记错方向")
			}
		}
	}
	return clues
}
