package benefits

import (
	"fmt"
	"slices"
	"strings"

	"github.com/jingban/jingban/casework"
)

// TransferTerms are the rates a transfer's money comes from. Shares are dated by
// the month the contribution is for.
type TransferTerms struct {
	Account   []DatedRate // of the base, credited to the account
	Pooled    []DatedRate // of the base, moved from the pooled fund
	Crediting []DatedRate // yearly interest (记账利率); a year without one gets no interest yet
	Document  string
}

// DatedRate holds from one month through another.
type DatedRate struct {
	From, To casework.Month // To 0: until the next one begins
	Rate     Rate
	Document string
}

// WithCrediting gives the terms with the interest of one year as it is stated
// elsewhere, on a form for example.
func (t TransferTerms) WithCrediting(year int, rate Rate) TransferTerms {
	first := casework.Month(year*100 + 1)
	rates := slices.DeleteFunc(slices.Clone(t.Crediting), func(r DatedRate) bool { return r.From == first })
	rates = append(rates, DatedRate{From: first, To: first.Add(11), Rate: rate})
	slices.SortFunc(rates, func(a, b DatedRate) int { return int(a.From - b.From) })
	t.Crediting = rates
	return t
}

// rateIn finds the rate of a month, the one that began last.
func rateIn(rates []DatedRate, month casework.Month) (DatedRate, bool) {
	for _, r := range slices.Backward(rates) {
		if r.From <= month {
			return r, r.To == 0 || month <= r.To
		}
	}
	return DatedRate{}, false
}

// TransferYear is one calendar year of the account before the year of transfer.
type TransferYear struct {
	Year      int
	Rate      Rate
	Pending   bool // the rate is not published yet: no interest
	Months    int
	BaseSum   casework.Fen
	Opening   casework.Fen
	OnOpening casework.Fen // interest on the opening balance
	OnNew     casework.Fen // interest on the year's credits, by months
	Principal casework.Fen // credits of the year
	Closing   casework.Fen
	weighted  casework.Fen // Σ credit × months to the end of the year (月积数)
	rateFrom  string
	shares    []Rate // of its months
}

// Transfer is what moves with a person; the numbers ① to ⑥ are those of 信息表 1.
type Transfer struct {
	Terms      TransferTerms
	Year       int // of the transfer
	Pre1998    casework.Fen
	Rows       []TransferYear
	Balance    casework.Fen // ② end of last year
	Current    casework.Fen // ③ credited in the transfer year, without interest
	Account    casework.Fen // ④ = ① + ② + ③
	PooledBase casework.Fen
	Pooled     casework.Fen // ⑤
	Total      casework.Fen // ⑥ = ④ + ⑤
	Months     int          // contribution months that count
	Arrears    []casework.Month
	// NotMoved is what the record credits above the share: it stays where it is.
	NotMoved casework.Fen
	// RaisedBy is what the record credits below the share: it is made up for.
	RaisedBy casework.Fen
	current  int // months of the transfer year
	pooled   []pooledPart
}

// pooledPart is the base that moves at one rate.
type pooledPart struct {
	rate DatedRate
	base casework.Fen
}

// pooledSince is the month from which the pooled part counts; what was paid
// before is carried as one figure (国办发〔2009〕66号).
const pooledSince = casework.Month(199801)

// Transfer computes the money for a list of contributions up to a transfer in a
// year. A month must stand once; months without money do not count. Months
// before 1998, doubled or after the year are errors: a person has to look.
func (t TransferTerms) Transfer(list []Contribution, pre1998 casework.Fen, year int) (Transfer, error) {
	out := Transfer{Terms: t, Year: year, Pre1998: pre1998}
	list = slices.SortedFunc(slices.Values(list), func(a, b Contribution) int { return int(a.Month - b.Month) })
	if err := checkMonths(list, pre1998, year); err != nil {
		return out, err
	}
	list = slices.DeleteFunc(list, func(c Contribution) bool {
		if !c.Arrived {
			out.Arrears = append(out.Arrears, c.Month)
		}
		return !c.Arrived
	})
	if len(list) == 0 {
		out.Account, out.Total = pre1998, pre1998
		return out, nil
	}
	credits, err := out.credit(list)
	if err != nil {
		return out, err
	}
	out.accumulate(list, credits)
	out.Account = out.Pre1998 + out.Balance + out.Current
	out.Total = out.Account + out.Pooled
	return out, nil
}

func checkMonths(list []Contribution, pre1998 casework.Fen, year int) error {
	if pre1998 < 0 {
		return fmt.Errorf("the figure before 1998 is negative: %s", pre1998)
	}
	for i, c := range list {
		switch {
		case !c.Month.Valid() || c.Month < pooledSince || c.Month.Year() > year:
			return fmt.Errorf("contribution month %s: want one from %s through the year of the transfer (%d)", c.Month, pooledSince, year)
		case i > 0 && list[i-1].Month == c.Month:
			return fmt.Errorf("contribution month %s stands twice", c.Month)
		case c.Base < 0:
			return fmt.Errorf("contribution month %s: its base is negative", c.Month)
		}
	}
	return nil
}

// credited is what one month brings to the account.
type credited struct {
	amount casework.Fen
	rate   Rate
}

// credit gives what each month brings to the account, in fen as it is booked,
// and adds the pooled part up, which is rounded once.
func (out *Transfer) credit(list []Contribution) ([]credited, error) {
	credits := make([]credited, len(list))
	for i, c := range list {
		account, ok := rateIn(out.Terms.Account, c.Month)
		moved, known := rateIn(out.Terms.Pooled, c.Month)
		if !ok || !known {
			return nil, fmt.Errorf("contribution month %s: no share is known for it", c.Month)
		}
		credit := share(c.Base, account.Rate, 1)
		credits[i] = credited{credit, account.Rate}
		if c.Booked > credit {
			out.NotMoved += c.Booked - credit
		} else if c.Booked > 0 {
			out.RaisedBy += credit - c.Booked
		}
		out.pool(moved, c.Base)
	}
	for _, part := range out.pooled {
		out.PooledBase += part.base
		out.Pooled += share(part.base, part.rate.Rate, 1)
	}
	out.Months = len(list)
	return credits, nil
}

// pool adds a month's base to the part of its rate.
func (out *Transfer) pool(rate DatedRate, base casework.Fen) {
	if n := len(out.pooled); n == 0 || out.pooled[n-1].rate != rate {
		out.pooled = append(out.pooled, pooledPart{rate: rate})
	}
	out.pooled[len(out.pooled)-1].base += base
}

// accumulate builds the yearly rows and the credits of the transfer year.
func (out *Transfer) accumulate(list []Contribution, credits []credited) {
	i := 0
	for year := list[0].Month.Year(); year < out.Year; year++ {
		row := out.newRow(year)
		for ; i < len(list) && list[i].Month.Year() == year; i++ {
			row.add(list[i], credits[i])
		}
		out.Balance = row.close()
		out.Rows = append(out.Rows, row)
	}
	for ; i < len(list); i++ {
		out.Current += credits[i].amount
		out.current++
	}
}

func (out *Transfer) newRow(year int) TransferYear {
	rate, known := rateIn(out.Terms.Crediting, casework.Month(year*100+1))
	return TransferYear{Year: year, Rate: rate.Rate, Pending: !known, Opening: out.Balance, rateFrom: rate.Document}
}

func (y *TransferYear) add(c Contribution, credit credited) {
	y.Months++
	y.BaseSum += c.Base
	y.Principal += credit.amount
	if !slices.Contains(y.shares, credit.rate) {
		y.shares = append(y.shares, credit.rate)
	}
	y.weighted += credit.amount * casework.Fen(13-int(c.Month)%100)
}

// close adds the interest, each item rounded once, and gives the closing balance.
func (y *TransferYear) close() casework.Fen {
	if !y.Pending {
		y.OnOpening = share(y.Opening, y.Rate, 1)
		y.OnNew = share(y.weighted, y.Rate, 12)
	}
	y.Closing = y.Opening + y.OnOpening + y.Principal + y.OnNew
	return y.Closing
}

// Derivation explains the money.
func (out Transfer) Derivation() Derivation {
	d := Derivation{Title: "养老保险关系转移金额"}
	d.add(Given, "%d年转移；计入%d个月，1998年1月1日前个人缴费累计储存额①%s元", out.Year, out.Months, out.Pre1998)
	for _, y := range out.Rows {
		y.explain(&d)
	}
	d.add(Step, "1998年1月1日至上年末累计储存额②%s元", out.Balance)
	d.add(Step, "转移当年%d个月记入本金③%s元，不计利息", out.current, out.Current)
	d.add(Step, "个人账户转移额④ = %s + %s + %s = %s元", out.Pre1998, out.Balance, out.Current, out.Account)
	for _, part := range out.pooled {
		d.add(Step, "统筹基金转移额⑤：各月缴费工资合计%s元 × %s = %s元", part.base, part.rate.Rate, share(part.base, part.rate.Rate, 1))
	}
	d.addDoubts(out)
	d.add(Result, "转移基金总额⑥ = %s + %s = %s元（%s）", out.Account, out.Pooled, out.Total, casework.FormatCapitals(out.Total))
	d.basis(out.documents()...)
	return d
}

func (y TransferYear) explain(d *Derivation) {
	rate := "利率" + y.Rate.String()
	if y.Pending {
		rate = "利率未公布，暂不计息"
	}
	d.add(Step, "%d年：%d个月，缴费基数合计%s元，各月按%s记入，本金%s元；%s", y.Year, y.Months, y.BaseSum, y.zhShares(), y.Principal, rate)
	if y.Pending {
		d.add(Step, "%d年末：%s + %s = %s元", y.Year, y.Opening, y.Principal, y.Closing)
		return
	}
	d.add(Step, "%d年利息：年初余额%s × %s = %s；月积数%s × %s ÷ 12 = %s", y.Year, y.Opening, y.Rate, y.OnOpening, y.weighted, y.Rate, y.OnNew)
	d.add(Step, "%d年末：%s + %s + %s + %s = %s元", y.Year, y.Opening, y.OnOpening, y.Principal, y.OnNew, y.Closing)
}

// zhShares names the shares the year's months were credited at.
func (y TransferYear) zhShares() string {
	var names []string
	for _, r := range y.shares {
		names = append(names, r.String())
	}
	return strings.Join(names, "、")
}

func (d *Derivation) addDoubts(out Transfer) {
	if len(out.Arrears) > 0 {
		d.add(Doubt, "未到账不计：%v", out.Arrears)
	}
	if out.NotMoved > 0 {
		d.add(Doubt, "记账比例高于规定的部分%s元不转移", out.NotMoved)
	}
	if out.RaisedBy > 0 {
		d.add(Doubt, "记账比例低于规定，已补足%s元", out.RaisedBy)
	}
}

func (out Transfer) documents() []string {
	documents := []string{out.Terms.Document}
	for _, r := range append(slices.Clone(out.Terms.Account), out.Terms.Pooled...) {
		documents = append(documents, r.Document)
	}
	for _, y := range out.Rows {
		documents = append(documents, y.rateFrom)
	}
	return documents
}
