package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/jingban/jingban/benefits"
	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/ledger"
	"github.com/jingban/jingban/persons"
)

// steps is a short explanation: a title and its steps.
type steps []string

// Derivation gives the steps as every other result does.
func (s steps) Derivation() benefits.Derivation {
	d := benefits.Derivation{Title: s[0]}
	for _, text := range s[1:] {
		d.Lines = append(d.Lines, benefits.Line{Part: benefits.Step, Text: text})
	}
	return d
}

func upgradedID(_ benefits.Region, in struct {
	Old string `json:"id15"`
}) (values, explained, error) {
	id, err := persons.ID15to18(in.Old)
	how := steps{"15位证件号码升18位", "第6位后加19，末位按GB 11643计算校验码", "得" + id.Number}
	return values{"id18": id.Number, "birth_valid": id.BirthValid}, how, err
}

func idNumber(_ benefits.Region, in struct {
	Number string `json:"id"`
}) (values, explained, error) {
	id, err := persons.ParseCitizenID(in.Number, casework.Date{})
	how := steps{"公民身份号码校验", "依次核对位数、字符、出生日期、校验码（GB 11643）"}
	if flaw, ok := errors.AsType[persons.Flaw](err); ok {
		return values{"valid": false, "error": flaw}, append(how, "问题："+string(flaw)), nil
	}
	return values{"valid": true, "sex": id.Sex, "birth": id.Birth}, how, err
}

func creditCode(_ benefits.Region, in struct {
	First17 string `json:"first17"`
}) (values, explained, error) {
	check, err := persons.USCCCheck(in.First17)
	if err != nil {
		return nil, nil, err
	}
	full := in.First17 + string(check)
	how := steps{"统一社会信用代码校验", "前17位按GB 32100加权求和模31，校验码" + string(check)}
	return values{"check": string(check), "full": full, "org_check_ok": persons.OrganisationOK(full[8:17])}, how, nil
}

func bankCard(_ benefits.Region, in struct {
	WithoutCheck string `json:"without_check"`
}) (values, explained, error) {
	digit, err := persons.LuhnDigit(in.WithoutCheck)
	if err != nil {
		return nil, nil, err
	}
	_, flaw := persons.ParseBankCard(in.WithoutCheck + string(digit))
	bad := in.WithoutCheck + string('0'+(digit-'0'+1)%10)
	if _, err := persons.ParseBankCard(bad); err == nil {
		return nil, nil, fmt.Errorf("bad example: it was accepted")
	}
	full := in.WithoutCheck + string(digit)
	how := steps{"银行卡号校验", "Luhn算法，末位校验码" + string(digit)}
	return values{"full": full, "length": len(full), "luhn_ok": flaw == nil, "bad_example": bad}, how, nil
}

func capitals(_ benefits.Region, in struct {
	Fen casework.Fen `json:"fen"`
}) (values, explained, error) {
	text := casework.FormatCapitals(in.Fen)
	back, err := casework.ParseCapitals(text)
	if err == nil && back != in.Fen {
		err = fmt.Errorf("%s reads back as %s", text, back)
	}
	return values{"canonical": text}, steps{"大写金额", in.Fen.String() + "元写作" + text}, err
}

func workDays(_ benefits.Region, in struct {
	Received casework.Date   `json:"received"`
	Limit    int             `json:"limit"`
	Holidays []casework.Date `json:"holidays"`
	MakeUp   []casework.Date `json:"make_up_days"`
}) (values, explained, error) {
	// The example's own days are its whole calendar, next year included.
	c := casework.Calendar{Years: map[int]bool{in.Received.Year: true, in.Received.Year + 1: true}, Holidays: map[casework.Date]bool{}, MakeUp: map[casework.Date]bool{}}
	for _, d := range in.Holidays {
		c.Holidays[d] = true
	}
	for _, d := range in.MakeUp {
		c.MakeUp[d] = true
	}
	due, err := c.Due(in.Received, in.Limit)
	return values{"due": due}, steps{"工作日期限", fmt.Sprintf("自%s次日起%d个工作日，至%s", in.Received, in.Limit, due)}, err
}

func adjustmentTable(_ benefits.Region, in struct {
	Bank casework.Fen   `json:"bank_balance_fen"`
	Book casework.Fen   `json:"book_balance_fen"`
	K1   []casework.Fen `json:"bank_received_not_booked"`
	K2   []casework.Fen `json:"bank_paid_not_booked"`
	K3   []casework.Fen `json:"entity_received_not_banked"`
	K4   []casework.Fen `json:"entity_paid_not_banked"`
}) (values, explained, error) {
	lines := func(amounts []casework.Fen) (list []ledger.AdjustmentLine) {
		for _, fen := range amounts {
			list = append(list, ledger.AdjustmentLine{Fen: fen})
		}
		return list
	}
	a := ledger.Adjustment{Bank: in.Bank, Book: in.Book, K1: lines(in.K1), K2: lines(in.K2), K3: lines(in.K3), K4: lines(in.K4)}
	how := steps{
		"银行存款余额调节表",
		fmt.Sprintf("银行对账单余额%s + 单位已收银行未收 %v − 单位已付银行未付 %v = %s", in.Bank, in.K3, in.K4, a.AdjustedBank()),
		fmt.Sprintf("单位账面余额%s + 银行已收单位未收 %v − 银行已付单位未付 %v = %s", in.Book, in.K1, in.K2, a.AdjustedBook()),
		"差额" + a.Difference().String(),
	}
	return values{"adjusted_bank_fen": a.AdjustedBank(), "adjusted_book_fen": a.AdjustedBook(), "difference_fen": a.Difference(), "balanced": a.Balanced()}, how, nil
}

func paymentBatch(_ benefits.Region, in struct {
	Items    map[string]casework.Fen `json:"items"`
	Debits   []casework.Fen          `json:"bank_debits"`
	Returned []string                `json:"returned"`
}) (values, explained, error) {
	p := &ledger.Payment{}
	for _, item := range slices.Sorted(maps.Keys(in.Items)) {
		p.Items = append(p.Items, ledger.PaymentItem{Item: item, Fen: in.Items[item], Returned: slices.Contains(in.Returned, item)})
	}
	r := p.Result(in.Debits)
	how := steps{"批量支付核对", fmt.Sprintf("明细合计%s，银行扣款%s，退回%d笔%s，实付%d笔%s", r.BatchTotal, r.BankDebit, r.ReturnedCount, r.ReturnedTotal, r.SuccessCount, r.NetPaid)}
	return values{
		"batch_total_fen": r.BatchTotal, "bank_debit_fen": r.BankDebit, "debit_matches": r.DebitMatches, "returned_fen": r.ReturnedTotal,
		"returned_count": r.ReturnedCount, "net_paid_fen": r.NetPaid, "success_count": r.SuccessCount,
	}, how, nil
}
