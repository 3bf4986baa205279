package ledger

import "fmt"

// State is where a row ended. Every row has exactly one.
type State uint8

// The states; see the package comment.
const (
	Undecided State = iota // only during a run
	Matched
	MatchedWithDifference
	Grouped
	Ambiguous
	Proposed
	OpenK1
	OpenK2
	OpenK3
	OpenK4
	Rejected
	states // how many there are
)

// String is the state as result files write it.
func (s State) String() string {
	return [...]string{
		"undecided", "matched", "matched_with_difference", "grouped", "ambiguous", "proposed", "open_k1", "open_k2", "open_k3", "open_k4", "rejected",
	}[s]
}

// Title is the state for people.
func (s State) Title(chinese bool) string {
	if !chinese {
		return [...]string{
			"undecided", "matched", "matched with difference", "grouped", "ambiguous", "proposed", "K1 bank received, not booked", "K2 bank paid, not booked",
			"K3 booked receipt, not yet at bank", "K4 booked payment, not yet at bank", "rejected",
		}[s]
	}
	return [...]string{
		"未定", "已对平", "对上但有差异", "合并对平", "无法唯一配对", "建议（待人工确认）", "银行已收、单位未收", "银行已付、单位未付", "单位已收、银行未收", "单位已付、银行未付", "剔除",
	}[s]
}

// open says that the row waits for its partner.
func (s State) open() bool { return s >= OpenK1 && s <= OpenK4 }

// openAs gives the kind of 未达账项 of a row without a partner.
func openAs(side Side, incoming bool) State {
	if side == Bank {
		return pick(incoming, OpenK1, OpenK2)
	}
	return pick(incoming, OpenK3, OpenK4)
}

// reason is why a row has its state. Each belongs to one rule.
type reason uint8

const (
	noReason reason = iota
	whyExact
	whyWindow
	whyAccountDiffers
	whyNameDiffers
	whyDayShifted
	whySign
	whyTransposed
	whyDigit
	whyScale
	whyAmount
	whyRefSplit
	whyRefTwins
	whyRefSurplus
	whyBatch
	whyBatchSum
	whyBatchDiffers
	whyAccount
	whyAccountTwins
	whyName
	whyNameTwins
	whyWeak
	whyWeakTwins
	whyReversal
	whySubset
	whySubsetGuess
	whySwapped
	whySurplus
	whyRefTypo
	whyGuessSign
	whyGuessTransposed
	whyGuessDigit
	whyGuessScale
	whyGuessDay
	whyGuessParty
	whyDaySum
	whyOverlap
	whyUnreadable
	whyFee
	whyInterest
	whyReturned
	whyOpen
	whyPaid
	whyPaidNot
	whyAccepted
	whyRefused
	reasons // how many there are
)

// because is a reason in words.
type because struct {
	code, rule string
	zh, en     string
}

// reasonTable says each reason in words; the rule is the pass that gives it.
func reasonTable() [reasons]because {
	return [reasons]because{
		whyExact:           {"same_reference", "exact", "参考号、金额、日期相同", "same reference, amount and day"},
		whyWindow:          {"same_reference_window", "reference_window", "参考号、金额相同，日期相差不超过3个工作日", "same reference and amount, within 3 working days"},
		whyAccountDiffers:  {"account_differs", "reference_difference", "参考号和金额相同，对方账号不同", "same reference and amount, another counterparty account"},
		whyNameDiffers:     {"name_differs", "reference_difference", "参考号和金额相同，对方户名不同", "same reference and amount, another counterparty name"},
		whyDayShifted:      {"day_shifted", "reference_difference", "参考号和金额相同，日期相差超过3个工作日", "same reference and amount, more than 3 working days apart"},
		whySign:            {"sign_reversed", "reference_difference", "参考号相同，收付方向相反", "same reference, opposite direction"},
		whyTransposed:      {"digits_swapped", "reference_difference", "参考号相同，金额有两位数字颠倒（差额可被9整除）", "same reference, two digits of the amount are swapped (the difference is divisible by 9)"},
		whyDigit:           {"digit_wrong", "reference_difference", "参考号相同，金额有一位数字不同", "same reference, one digit of the amount differs"},
		whyScale:           {"decimal_shifted", "reference_difference", "参考号相同，金额小数点错位", "same reference, the decimal point is shifted"},
		whyAmount:          {"amount_differs", "reference_difference", "参考号相同，金额不同", "same reference, another amount"},
		whyRefSplit:        {"reference_sum", "reference_sum", "同一参考号一笔对多笔，合计相符", "one against several of the same reference, the sums agree"},
		whyRefTwins:        {"reference_twins", "reference_sum", "参考号和金额都相同的多笔，合计相符但无法唯一配对", "several of the same reference and amount: the sums agree, the pairing is not asserted"},
		whyRefSurplus:      {"duplicate", "reference_sum", "参考号和金额相同，一方多出：疑似重复", "same reference and amount, one side has more: a duplicate?"},
		whyBatch:           {"batch", "batch", "批次号和金额相同", "same batch number and amount"},
		whyBatchSum:        {"batch_sum", "batch", "批次号相同，一笔对多笔，合计相符", "same batch number, one against several, the sums agree"},
		whyBatchDiffers:    {"batch_differs", "suggest_batch", "批次号相同，合计不符", "same batch number, the sums differ"},
		whyAccount:         {"account_window", "account_window", "方向、金额、对方账号相同，3个工作日内双方唯一", "same amount and counterparty account, unique on both sides within 3 working days"},
		whyAccountTwins:    {"account_twins", "account_window", "对方账号和金额相同的多笔，合计相符但无法唯一配对", "several of the same account and amount: the sums agree, the pairing is not asserted"},
		whyName:            {"name_window", "name_window", "方向、金额、对方户名相同，3个工作日内双方唯一", "same amount and counterparty name, unique on both sides within 3 working days"},
		whyNameTwins:       {"name_twins", "name_window", "对方户名和金额相同的多笔，合计相符但无法唯一配对", "several of the same name and amount: the sums agree, the pairing is not asserted"},
		whyWeak:            {"weak", "weak", "方向、金额相同，3个工作日内双方唯一（弱匹配，请抽查）", "same amount, unique on both sides within 3 working days (weak: spot check)"},
		whyWeakTwins:       {"weak_twins", "weak", "金额相同的多笔，合计相符但无法唯一配对", "several of the same amount: the sums agree, the pairing is not asserted"},
		whyReversal:        {"reversal", "reversal", "同一对方5日内一正一负，互相冲销", "same counterparty, plus and minus within 5 days cancel out"},
		whySubset:          {"unique_sum", "subset_sum", "一笔对多笔，唯一成立的组合", "one against several: the only combination that adds up"},
		whySubsetGuess:     {"sum_proposal", "suggest_sum", "一笔对多笔的组合成立，但不能排除巧合", "a combination adds up, but chance can't be excluded"},
		whySwapped:         {"columns_swapped", "swapped", "金额相同，两列内容互换", "same amount, the contents of two columns are exchanged"},
		whySurplus:         {"duplicate", "suggest_surplus", "对方和金额相同，双方笔数不等：疑似重复或漏记", "same counterparty and amount, unequal counts: a duplicate or a missing entry?"},
		whyRefTypo:         {"reference_differs", "suggest_reference", "对方、金额相同，参考号不同", "same counterparty and amount, another reference"},
		whyGuessSign:       {"sign_reversed", "suggest_sign", "对方和金额相同，收付方向相反", "same counterparty and amount, opposite direction"},
		whyGuessTransposed: {"digits_swapped", "suggest_amount", "对方相同、日期相近，金额有两位数字颠倒（差额可被9整除）", "same counterparty, near days, two digits of the amount are swapped"},
		whyGuessDigit:      {"digit_wrong", "suggest_amount", "对方相同、日期相近，金额有一位数字不同", "same counterparty, near days, one digit of the amount differs"},
		whyGuessScale:      {"decimal_shifted", "suggest_amount", "对方相同、日期相近，金额小数点错位", "same counterparty, near days, the decimal point is shifted"},
		whyGuessDay:        {"day_shifted", "suggest_day", "对方和金额相同，日期相差超过3个工作日", "same counterparty and amount, more than 3 working days apart"},
		whyGuessParty:      {"party_differs", "suggest_party", "金额相同、日期相近，对方不同", "same amount, near days, another counterparty"},
		whyDaySum:          {"day_sum", "suggest_day_sum", "当日多笔合计等于一笔", "one equals the sum of that day's others"},
		whyOverlap:         {"exported_twice", "overlap", "重复导出的同一笔", "the same line exported twice"},
		whyUnreadable:      {"unreadable", "read", "无法读取的行", "a line that can't be read"},
		whyFee:             {"fee", "open", "银行手续费，单位未记账", "bank fee, not booked"},
		whyInterest:        {"interest", "open", "银行利息，单位未记账", "interest, not booked"},
		whyReturned:        {"returned", "returned", "退票：已付款项退回，单位未记账，须重新支付", "returned payment, not booked; pay again after the payee confirms"},
		whyOpen:            {"no_partner", "open", "另一方没有对应的记录", "nothing on the other side"},
		whyPaid:            {"paid", "payment_batch", "批次总额与银行扣款相符", "the batch total equals the bank's debits"},
		whyPaidNot:         {"not_paid", "payment_batch", "批次总额与银行扣款不符或未支付成功", "the batch total differs from the bank's debits, or the payment failed"},
		whyAccepted:        {"accepted", "answer", "人工认可：这些记录属于同一笔业务", "a person has put these rows together"},
		whyRefused:         {"refused", "answer", "人工不认可：各自按未达账项处理", "a person has kept these rows apart: each is open on its own"},
	}
}

// String is the stable code of the reason.
func (r reason) String() string { return reasonTable()[r].code }

// MarshalText writes the state as result files do, so that what is stored stays
// readable when states are added.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (s *State) UnmarshalText(text []byte) error {
	for state := range states {
		if state.String() == string(text) {
			*s = state
			return nil
		}
	}
	return fmt.Errorf("state %q: unknown", text)
}
