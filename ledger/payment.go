package ledger

import (
	"bytes"
	"errors"
	"strconv"

	"github.com/jingban/jingban/casework"
)

// Payment is one batch of payments (报盘) with, where it came back, its results (回盘).
type Payment struct {
	File      string
	Number    string
	Insurance string
	Period    string
	Count     int
	Total     casework.Fen // as the head states it
	HasResult bool
	Items     []PaymentItem
	Problems  []Problem
}

// PaymentItem is one payee's line of a batch.
type PaymentItem struct {
	Line     int
	Item     string // 序号
	Person   string
	Name     string
	Account  string
	Fen      casework.Fen // positive
	Result   bool         // the bank has answered
	Paid     bool
	FailCode string
	Failure  string
	Returned bool // came back after it was reported as paid
}

// paymentHead are the headings of a batch's own line, paymentItem those of its
// items when a file has no heading row: the order every agency uses.
func paymentHead() []Role { return []Role{BatchNo, Insurance, Period, Count, Amount} }

func paymentItem() []Role {
	return []Role{Item, Person, Party, Account, Amount, Summary, Status, FailCode, FailReason, Date}
}

// ReadPayment reads a 报盘 or 回盘 file and checks head against items. Like Read
// it gives a *Refusal for a file that can't be trusted.
func ReadPayment(in Input, force bool) (*Payment, error) {
	t := newTable(in, Options{Side: Batch, Force: force})
	p := &paymentReader{table: t, payment: &Payment{File: in.Name}}
	err := p.rows(in)
	if bad, ok := errors.AsType[*lineError](err); ok {
		t.scale.add(bad.line, 0, "", bad.code, bad.text)
	} else if err != nil {
		return nil, err
	}
	p.check()
	p.payment.Problems = t.scale.list
	if t.scale.fatal() && !force {
		return p.payment, t.scale.refusal()
	}
	return p.payment, nil
}

type paymentReader struct {
	table   *table
	payment *Payment
	columns []column
	heading bool // the next line holds the head's values
	headed  bool
}

// rows feeds the cells of any table format to line.
func (p *paymentReader) rows(in Input) error {
	head := make([]byte, min(in.Size, 4096))
	if n, err := in.Data.ReadAt(head, 0); n == 0 && err != nil {
		return &lineError{0, "empty", ""}
	}
	if !looksLikeText(head) {
		return p.spreadsheet(in)
	}
	p.table.decode.utf8 = bytes.HasPrefix(head, []byte("\ufeff")) || validHead(head)
	s := &csvSheet{lines: newLines(in), delimiter: delimiterOf(head, "")}
	s.wide = !p.table.decode.utf8 && s.delimiter > '@'
	var row cells
	for {
		line, err := s.next(&row)
		if err != nil {
			return ignoreEOF(err)
		}
		p.line(row.list(), line)
	}
}

// spreadsheet reads a workbook: its rows pass through the same line.
func (p *paymentReader) spreadsheet(in Input) error {
	for _, f := range formats() {
		head := make([]byte, min(in.Size, 4096))
		if _, err := in.Data.ReadAt(head, 0); err != nil && ignoreEOF(err) != nil {
			return err
		}
		if !f.is(head) {
			continue
		}
		p.table.rows = p.line
		return f.read(in, p.table)
	}
	return &lineError{0, "unknown_format", ""}
}

func (p *paymentReader) line(cells [][]byte, line int) {
	if blank(cells) {
		return
	}
	texts := make([]string, len(cells))
	for i, cell := range cells {
		text, ok := p.table.decode.text(clean(cell))
		if !ok {
			p.table.scale.add(line, i+1, "", "encoding", "\\x…")
			return
		}
		texts[i] = string(text)
	}
	known := names()
	understood := map[Role]int{}
	for i, text := range texts {
		if role, ok := roleOf(plain(text), &known); ok {
			if _, twice := understood[role]; !twice {
				understood[role] = i
			}
		}
	}
	_, number := understood[BatchNo]
	_, account := understood[Account]
	switch {
	case number && !account && !p.headed && len(understood) >= 3:
		p.columns, p.heading = roleColumns(understood, texts), true
	case account && len(understood) >= 4:
		p.columns, p.heading = roleColumns(understood, texts), false
	case p.heading || !p.headed && len(texts) == len(paymentHead()):
		if !p.heading {
			p.columns = ordered(paymentHead())
		}
		p.head(texts, line)
		p.columns, p.heading = nil, false
	default:
		if p.columns == nil {
			p.columns = ordered(paymentItem())
		}
		p.item(texts, line)
	}
}

func roleColumns(understood map[Role]int, texts []string) []column {
	var columns []column
	for role, i := range understood {
		columns = append(columns, column{index: i, role: role, title: texts[i]})
	}
	return columns
}

func ordered(list []Role) []column {
	var columns []column
	for i, role := range list {
		columns = append(columns, column{index: i, role: role})
	}
	return columns
}

func (p *paymentReader) value(texts []string, role Role) (string, column) {
	for _, c := range p.columns {
		if c.role == role && c.index < len(texts) {
			return texts[c.index], c
		}
	}
	return "", column{index: -1}
}

func (p *paymentReader) fen(texts []string, line int) (casework.Fen, bool) {
	text, c := p.value(texts, Amount)
	fen, given, code := parseFen([]byte(text))
	if code == "" && !given {
		code = "no_amount"
	}
	if code != "" {
		p.table.scale.add(line, c.index+1, c.title, code, text)
		return 0, false
	}
	return fen, true
}

func (p *paymentReader) head(texts []string, line int) {
	p.headed = true
	b := p.payment
	b.Number, _ = p.value(texts, BatchNo)
	b.Insurance, _ = p.value(texts, Insurance)
	b.Period, _ = p.value(texts, Period)
	count, c := p.value(texts, Count)
	n, err := strconv.Atoi(count)
	if err != nil {
		p.table.scale.add(line, c.index+1, c.title, "record", count)
	}
	b.Count = n
	b.Total, _ = p.fen(texts, line)
}

func (p *paymentReader) item(texts []string, line int) {
	if begins(texts[0], totals()) || begins(texts[0], remarks()) {
		return
	}
	if least := 5; len(texts) < least {
		p.table.scale.add(line, 0, "", "field_count", itoa(len(texts)))
		return
	}
	fen, ok := p.fen(texts, line)
	if !ok {
		return
	}
	item := PaymentItem{Line: line, Fen: fen}
	item.Item, _ = p.value(texts, Item)
	item.Person, _ = p.value(texts, Person)
	item.Name, _ = p.value(texts, Party)
	item.Account, _ = p.value(texts, Account)
	if isScientific(item.Account) {
		_, c := p.value(texts, Account)
		p.table.scale.add(line, c.index+1, c.title, "scientific", item.Account)
		return
	}
	status, c := p.value(texts, Status)
	item.FailCode, _ = p.value(texts, FailCode)
	item.Failure, _ = p.value(texts, FailReason)
	if c.index >= 0 {
		p.payment.HasResult = true
		switch status {
		case "成功", "1", "S", "0000", "00", "已支付", "支付成功", "处理成功", "Y":
			item.Result, item.Paid = true, true
		case "失败", "0", "F", "2", "支付失败", "处理失败", "N":
			item.Result = true
		case "":
			p.table.scale.add(line, c.index+1, c.title, "batch_no_result", "")
		default:
			p.table.scale.add(line, c.index+1, c.title, "batch_status", status)
		}
	}
	p.payment.Items = append(p.payment.Items, item)
}

// check compares the head with the items.
func (p *paymentReader) check() {
	b, scale := p.payment, p.table.scale
	items, payees := map[string]bool{}, map[string]bool{}
	var total casework.Fen
	for _, item := range b.Items {
		total += item.Fen
		if item.Item != "" && items[item.Item] {
			scale.add(item.Line, 0, "", "batch_item_twice", item.Item)
		}
		if payee := item.Account + "|" + item.Name; payees[payee] {
			scale.add(item.Line, 0, "", "batch_payee_twice", item.Item)
		} else {
			payees[payee] = true
		}
		items[item.Item] = true
	}
	switch {
	case len(b.Items) == 0 && !scale.fatal():
		scale.add(0, 0, "", "empty", "")
	case !p.headed:
		b.Count, b.Total = len(b.Items), total
	default:
		if b.Total != total {
			scale.add(1, 0, "", "total", b.Total.String()+" (≠ "+total.String()+")")
		}
		if b.Count != len(b.Items) {
			scale.add(1, 0, "", "count", itoa(b.Count)+" (≠ "+itoa(len(b.Items))+")")
		}
	}
}

// PaymentResult compares a batch with the bank's debits for it.
type PaymentResult struct {
	BatchTotal    casework.Fen `json:"batch_total_fen"`
	BankDebit     casework.Fen `json:"bank_debit_fen"`
	DebitMatches  bool         `json:"debit_matches"`
	ReturnedTotal casework.Fen `json:"returned_fen"`
	ReturnedCount int          `json:"returned_count"`
	NetPaid       casework.Fen `json:"net_paid_fen"`
	SuccessCount  int          `json:"success_count"`
}

// Result compares the batch with debits (positive amounts): the bank may debit
// all items at once, in parts, or only those it paid. Returned items come back
// as credits of their own and do not change the debit.
func (b *Payment) Result(debits []casework.Fen) PaymentResult {
	var r PaymentResult
	var paid casework.Fen
	for _, item := range b.Items {
		r.BatchTotal += item.Fen
		failed := item.Result && !item.Paid
		if !failed {
			paid += item.Fen
		}
		if item.Returned {
			r.ReturnedTotal += item.Fen
			r.ReturnedCount++
		}
		if !failed && !item.Returned {
			r.SuccessCount++
			r.NetPaid += item.Fen
		}
	}
	for _, debit := range debits {
		r.BankDebit += debit
	}
	r.DebitMatches = r.BankDebit == r.BatchTotal || r.BankDebit == paid
	return r
}
