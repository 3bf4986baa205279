package ledger

import (
	"cmp"
	"slices"
	"strings"

	"github.com/jingban/jingban/casework"
)

// Proposal is an entry that we propose (建议凭证) for what the bank did and our
// books do not know. It is never posted: a person writes the voucher from the
// bank's document.
type Proposal struct {
	Day     string       `json:"day"`
	Debit   string       `json:"debit"`  // 借方科目
	Credit  string       `json:"credit"` // 贷方科目
	Fen     casework.Fen `json:"fen"`
	Summary string       `json:"summary,omitempty"`
	Zh      string       `json:"reason_zh"`
	En      string       `json:"reason_en"`
}

// subject is the subject of the account in our chart, by what it is called.
func (a Adjustment) subject() string {
	for _, name := range []string{"收入户", "财政专户", "国库"} {
		if strings.Contains(a.Title, name) {
			return name + "存款"
		}
	}
	return "支出户存款"
}

// Vouchers proposes an entry where the reason is known: fees, interest, returned
// payments, and the correction of a difference between rows that belong together.
// What nobody knows the reason of is proposed nothing for.
func (res *Result) Vouchers() []Proposal {
	money := res.Adjustment.subject()
	vouchers, differences := []Proposal{}, map[uint32]int{}
	for _, row := range res.Differ {
		v := Proposal{Day: row.Detail.Day.String(), Fen: abs(row.Fen), Summary: row.Detail.Summary, Zh: row.Zh, En: row.En}
		switch {
		case row.Reason == "fee":
			v.Debit, v.Credit = "其他支出（银行手续费）", money
		case row.Reason == "interest":
			v.Debit, v.Credit = money, "利息收入"
		case row.Reason == "returned":
			v.Debit, v.Credit = money, "暂收款（待重新支付）"
		case row.State == MatchedWithDifference:
			net := pick(row.Side == Bank, row.Fen, -row.Fen)
			if at, known := differences[row.Group]; known {
				vouchers[at].Fen += net
				continue
			}
			differences[row.Group] = len(vouchers)
			v.Fen, v.Debit, v.Credit = net, money, correction
		default:
			continue
		}
		vouchers = append(vouchers, v)
	}
	return corrected(vouchers)
}

const correction = "原凭证对方科目（更正）"

// corrected turns corrections the way their sign says and drops those of nothing.
func corrected(vouchers []Proposal) []Proposal {
	kept := vouchers[:0]
	for _, v := range vouchers {
		if v.Fen < 0 {
			v.Fen, v.Debit, v.Credit = -v.Fen, v.Credit, v.Debit
		}
		if v.Fen != 0 {
			kept = append(kept, v)
		}
	}
	return kept
}

// PayAgain is a payment that failed or came back. The business side asks the
// payee for another account and pays again (支付失败重新支付).
type PayAgain struct {
	Batch  string       `json:"batch"`
	Item   string       `json:"item"`
	Person string       `json:"person"`
	Name   string       `json:"name"`
	Fen    casework.Fen `json:"fen"`
	Day    string       `json:"day"` // it came back; "" for one that never left
	Why    string       `json:"why"` // as the bank says it
	Key    string       `json:"key"` // the same every night
}

// PayAgain lists what the batches say failed, and what came back later. A return
// that fits no item of a batch, or several, is listed without one.
func (res *Result) PayAgain() []PayAgain {
	list := []PayAgain{}
	items := map[string]PaymentItem{}
	for _, p := range res.payments {
		if p == nil {
			continue
		}
		for _, item := range p.Items {
			key := p.Number + "\x1f" + item.Item
			if items[key] = item; item.Result && !item.Paid && !slices.Contains(res.paid, p.Number) {
				list = append(list, PayAgain{Batch: p.Number, Item: item.Item, Person: item.Person, Name: item.Name, Fen: item.Fen, Why: item.Failure, Key: digest(key)})
			}
		}
	}
	for _, back := range res.Returns {
		d := back.Detail
		again := PayAgain{Batch: back.Batch, Item: back.Item, Name: d.Party, Fen: d.Fen, Day: d.Day.String(), Why: cmp.Or(d.Summary, d.Note)}
		again.Key = digest(identity(Bank, d))
		if item, known := items[back.Batch+"\x1f"+back.Item]; known && back.Item != "" {
			again.Person, again.Name = item.Person, item.Name
			again.Key = digest(back.Batch + "\x1f" + back.Item)
		}
		list = append(list, again)
	}
	return list
}
