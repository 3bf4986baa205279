package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/fixtures/legacy/exchange"
	"github.com/jingban/jingban/fixtures/legacy/pension"
	"github.com/jingban/jingban/fixtures/people"
)

const otherAgency = "宁川市社会保险事业中心"

// leaver is one who leaves, with what the branch spoils.
type leaver struct {
	person   pension.Person
	months   []pension.Month
	letter   exchange.Letter
	second   bool  // another number of the same person
	open     int   // transfers out that are open already
	off      int64 // what the finance desk pays too much
	paid     bool
	sum      moving // by the oracle
	transfer bool   // it comes to a transfer
	returned bool   // the letter goes back
}

// comer is one who comes.
type comer struct {
	person  pension.Person
	months  []pension.Month
	open    bool
	absent  bool // not insured here
	form    exchange.Form
	rows    []exchange.Row
	forms   int
	back    bool // the letter comes back
	off     int64
	remark  string
	paid    int // times the money is sent
	stage   string
	account string
	answer  bool
}

// cases makes transfers out and in by turns, and claims, each branch in turn and the
// faults at another pace, so that every branch meets many of them.
func (s *transferSite) cases(rnd *rand.Rand, o TransferOptions) []*transferCase {
	var all []*transferCase
	outs, ins := outBranches(), inBranches()
	for n := range o.Transfers {
		i := o.First + n
		var c *transferCase
		if i%2 == 0 {
			c = s.leaves(rnd, i, outs[i/2%len(outs)])
		} else {
			c = s.comes(rnd, i, ins[i/2%len(ins)])
		}
		all = append(all, c)
	}
	claims := claimBranches()
	for n := range o.Claims {
		i := o.First + n
		all = append(all, s.claims(rnd, i, claims[i%len(claims)]))
	}
	faults := mergeFaults()[1:]
	for _, c := range all {
		c.fault = "none"
	}
	for n, i := range rnd.Perm(len(all))[:min(o.Faults, len(all))] {
		all[i].fault = faults[n%len(faults)]
	}
	return all
}

// somebody is a person with a number of his own.
func (s *transferSite) somebody(rnd *rand.Rand, i int, year int) pension.Person {
	birth := fmt.Sprintf("%04d%02d%02d", year, 1+rnd.IntN(12), 1+rnd.IntN(28))
	id := people.WithIDCheck(fmt.Sprintf("37990%d%s%03d", 1+rnd.IntN(5), birth, 2*(i%499)+1))
	return pension.Person{No: fmt.Sprintf("37%08d", i+1), IDNumber: id, Name: "张" + string(rune('一'+rnd.IntN(200))), Sex: "男", Birth: birth[:4] + "-" + birth[4:6] + "-" + birth[6:],
		Province: "山东", Address: "山东省海州市示例县样板路1号", Joined: "2020-01-01", Kind: "一般账户", State: "正常参保"}
}

func (s *transferSite) snapshot(number string, p pension.Person, shared map[string]string) casework.Snapshot {
	received := casework.DateOf(s.now())
	all := map[string]string{"province": "山东", "place": "海州市", "personal_since": "199601", "nation": "汉", "old_province": "江苏", "old_agency": otherAgency, "old_number": "530001", "transfer_kind": "CROSS_PROVINCE",
		"holder": exchange.Own, "bank": "中国建设银行海州分行", "bank_account": "6217000000000000399"}
	for name, value := range shared {
		all[name] = value
	}
	return casework.Snapshot{Number: number, Matter: "pension_transfer_in", Region: "379900", Received: received, Month: casework.MonthOf(received), Shared: all,
		Applicant: casework.Person{Name: p.Name, IDNumber: p.IDNumber, Mobile: "13800000001", Account: "6228480000000000018"}, Assessment: casework.Assessment{Verdict: casework.AutoPass}}
}

// history is some full years and the months of this one.
func (s *transferSite) history(rnd *rand.Rand, years int) []pension.Month {
	now := s.now()
	var all []pension.Month
	for back := years; back > 0; back-- {
		all = append(all, pension.Paid(fmt.Sprintf("%d01", now.Year()-back), 12, int64(3000+rnd.IntN(900)*10)*100)...)
	}
	if n := min(3, int(now.Month())-1); n > 0 {
		all = append(all, pension.Paid(fmt.Sprintf("%d01", now.Year()), n, int64(3000+rnd.IntN(9000))*100)...)
	}
	return all
}

type outBranch struct {
	name string
	end  string
	make func(s *transferSite, l *leaver, c *transferCase)
}

func outBranches() []outBranch {
	year := func(s *transferSite) int { return s.now().Year() }
	return []outBranch{
		{"plain", "transferred", func(*transferSite, *leaver, *transferCase) {}},
		{"before 2006", "transferred", func(s *transferSite, l *leaver, _ *transferCase) {
			l.person.Pre1998, l.months = 135742, append(pension.Paid("200501", 24, 120000), l.months...)
		}},
		{"gap and change of base", "transferred", func(s *transferSite, l *leaver, _ *transferCase) {
			l.months = append(pension.Paid(fmt.Sprintf("%d01", year(s)-1), 4, 510000), pension.Paid(fmt.Sprintf("%d07", year(s)-1), 6, 534500)...)
		}},
		{"credited above the share", "transferred", func(_ *transferSite, l *leaver, _ *transferCase) {
			for i := range l.months[:6] {
				l.months[i].Own += 15000
			}
		}},
		{"within the province", "transferred", func(_ *transferSite, l *leaver, _ *transferCase) { l.letter.Kind = "省内转移" }},
		{"temporary account goes back", "transferred", func(_ *transferSite, l *leaver, _ *transferCase) {
			l.person.Kind, l.letter.Kind = "临时缴费账户", "临时缴费账户转移"
		}},
		{"arrears waived", "transferred", func(_ *transferSite, l *leaver, c *transferCase) {
			l.months[3].Received, l.months[9].Received = "", ""
			c.answers["arrears"] = "waived"
		}},
		{"arrears to be paid", "arrears", func(_ *transferSite, l *leaver, c *transferCase) {
			l.months[3].Received = ""
			c.answers["arrears"] = "later"
		}},
		{"draws a pension", "returned", func(_ *transferSite, l *leaver, _ *transferCase) { l.person.Drawing = true }},
		{"reviewer disagrees", "manual", func(_ *transferSite, l *leaver, c *transferCase) {
			l.person.Drawing, c.answers["refuse"] = true, "manual"
		}},
		{"another name", "returned", func(_ *transferSite, l *leaver, _ *transferCase) { l.person.Name += "二" }},
		{"left already", "returned", func(_ *transferSite, l *leaver, _ *transferCase) { l.person.State = "已转出" }},
		{"temporary account", "returned", func(_ *transferSite, l *leaver, _ *transferCase) { l.person.Kind = "临时缴费账户" }},
		{"forty months at once", "returned", func(s *transferSite, l *leaver, _ *transferCase) { l.months = atOnce(year(s)) }},
		{"forty months with a judgment", "transferred", func(s *transferSite, l *leaver, c *transferCase) {
			l.months = atOnce(year(s))
			c.snapshot.Shared["legal_documents"] = "yes"
		}},
		{"month twice", "manual", func(_ *transferSite, l *leaver, _ *transferCase) { l.months = append(l.months, l.months[2]) }},
		{"month ahead", "manual", func(s *transferSite, l *leaver, _ *transferCase) {
			l.months = append(l.months, pension.Paid(fmt.Sprintf("%d02", year(s)+1), 1, 500000)...)
		}},
		{"two open transfers", "manual", func(_ *transferSite, l *leaver, _ *transferCase) { l.open = 2 }},
		{"two numbers", "manual", func(_ *transferSite, l *leaver, _ *transferCase) { l.second = true }},
		{"unknown kind", "manual", func(_ *transferSite, l *leaver, _ *transferCase) { l.letter.Kind = "其他转移" }},
		{"letter handled", "manual", func(_ *transferSite, l *leaver, _ *transferCase) { l.letter.Status = exchange.Answered }},
		{"no letter", "manual", func(_ *transferSite, l *leaver, c *transferCase) { c.snapshot.Shared["letter"] = "LX000" }},
		{"nothing paid", "manual", func(_ *transferSite, l *leaver, _ *transferCase) {
			for i := range l.months {
				l.months[i].Received = ""
			}
		}},
		{"paid another amount", "paid_wrong", func(_ *transferSite, l *leaver, _ *transferCase) { l.off = 100 }},
	}
}

// atOnce is a history whose first forty months came in on one day.
func atOnce(year int) []pension.Month {
	all := pension.Paid(fmt.Sprintf("%d01", year-5), 48, 450000)
	for i := range all[:40] {
		all[i].Received = fmt.Sprintf("%d-05-20", year-1)
	}
	return all
}

// leaves makes a transfer out.
func (s *transferSite) leaves(rnd *rand.Rand, i int, b outBranch) *transferCase {
	l := &leaver{person: s.somebody(rnd, i, 1970+rnd.IntN(25)), months: s.history(rnd, 1+rnd.IntN(3))}
	number := fmt.Sprintf("LX530000%05d", i)
	l.letter = exchange.Letter{Number: number, Sender: otherAgency, Receiver: exchange.Own, IDNumber: l.person.IDNumber, Name: l.person.Name, No: "530001", Kind: "跨省转移", Holder: otherAgency, Bank: "中国农业银行宁川分行", Account: "6228480000000000299", Status: exchange.Received}
	c := &transferCase{number: fmt.Sprintf("ZC%05d", i), branch: "out: " + b.name, playbook: "transfer_out", end: b.end, answers: map[string]string{"refuse": "return", "stuck": "manual", "paid_wrong": "manual"}}
	c.snapshot = s.snapshot(c.number, l.person, map[string]string{"letter": number})
	b.make(s, l, c)
	l.transfer, l.returned = b.end == "transferred" || b.end == "paid_wrong", b.end == "returned"
	l.sum = movingOf(l.person.Pre1998, l.months, s.now().Year())
	c.plant = l.plant
	c.desks = func(ctx context.Context, s *transferSite, _ *transferCase) error { return l.desks(ctx, s) }
	c.judge = l.judge
	return c
}

func (l *leaver) plant(ctx context.Context, s *transferSite, _ *transferCase) error {
	if err := s.pension.Add(ctx, l.person, l.months...); err != nil {
		return err
	}
	if l.second {
		twin := l.person
		twin.No += "2"
		if err := s.pension.Add(ctx, twin); err != nil {
			return err
		}
	}
	for n := range l.open {
		if err := s.pension.EnterOut(ctx, pension.Out{Letter: fmt.Sprintf("%s-%d", l.letter.Number, n), No: l.person.No, IDNumber: l.person.IDNumber, Name: l.person.Name, Account: l.person.Kind, Status: pension.OutEntered, Clerk: "clerk09"}, s.now()); err != nil {
			return err
		}
	}
	_, err := s.exchange.Post(ctx, l.letter)
	return err
}

// desks reviews and approves, and then pays once.
func (l *leaver) desks(ctx context.Context, s *transferSite) error {
	passed, err := s.pension.Review(ctx, l.letter.Number)
	if err != nil || passed || l.paid {
		return err
	}
	l.paid = true
	return s.pension.Pay(ctx, l.letter.Number, l.sum.total+l.off)
}

type inBranch struct {
	name string
	end  string
	make func(s *transferSite, m *comer, c *transferCase)
}

func inBranches() []inBranch {
	return []inBranch{
		{"plain", "transferred", func(*transferSite, *comer, *transferCase) {}},
		{"months paid twice", "transferred", func(s *transferSite, m *comer, c *transferCase) {
			m.months, c.answers["proposed"] = pension.Paid(m.rows[0].First, 5, 410000), "ours"
		}},
		{"letter sent back", "sent_back", func(_ *transferSite, m *comer, _ *transferCase) { m.back, m.stage = true, "letter" }},
		{"account is not the sum", "form_wrong", func(_ *transferSite, m *comer, _ *transferCase) { m.form.Own, m.stage = m.form.Own+100, "letter" }},
		{"total is not the sum", "form_wrong", func(_ *transferSite, m *comer, _ *transferCase) { m.form.Total, m.stage = m.form.Total-100, "letter" }},
		{"months are not the range", "form_wrong", func(_ *transferSite, m *comer, _ *transferCase) {
			m.rows[0].Months, m.stage = m.rows[0].Months-1, "letter"
		}},
		{"rows overlap", "form_wrong", func(_ *transferSite, m *comer, _ *transferCase) {
			m.rows[1].First, m.rows[1].Months, m.stage = m.rows[0].Last, m.rows[1].Months+1, "letter"
		}},
		{"balances do not follow", "form_wrong", func(_ *transferSite, m *comer, _ *transferCase) { m.rows[1].Closing, m.stage = "99999.00", "letter" }},
		{"ratio is odd", "form_wrong", func(_ *transferSite, m *comer, _ *transferCase) { m.rows[1].Ratio, m.stage = "11%", "letter" }},
		{"a cent off, accepted", "transferred", func(_ *transferSite, m *comer, c *transferCase) { m.cent(); c.answers["rounding"] = "accept" }},
		{"a cent off, sent back", "form_wrong", func(_ *transferSite, m *comer, c *transferCase) {
			m.cent()
			m.stage, c.answers["rounding"] = "letter", "back"
		}},
		{"another amount comes", "money_differs", func(_ *transferSite, m *comer, _ *transferCase) { m.off, m.stage = -500, "letter" }},
		{"the money comes twice", "money_differs", func(_ *transferSite, m *comer, _ *transferCase) { m.paid, m.stage = 2, "letter" }},
		{"the remark names the person", "transferred", func(_ *transferSite, m *comer, _ *transferCase) { m.remark = m.person.IDNumber }},
		{"within the province", "transferred", func(_ *transferSite, m *comer, c *transferCase) {
			m.paid, c.snapshot.Shared["transfer_kind"] = 0, "INTRA_PROVINCE"
		}},
		{"draws a pension", "refused", func(_ *transferSite, m *comer, _ *transferCase) { m.person.Drawing, m.stage = true, "nothing" }},
		{"reviewer disagrees", "manual", func(_ *transferSite, m *comer, c *transferCase) {
			m.person.Drawing, m.stage, c.answers["refuse"] = true, "nothing", "manual"
		}},
		{"not insured here", "manual", func(_ *transferSite, m *comer, _ *transferCase) { m.absent, m.stage = true, "nothing" }},
		{"open already", "manual", func(_ *transferSite, m *comer, _ *transferCase) { m.open, m.stage = true, "nothing" }},
		{"from the army", "manual", func(_ *transferSite, m *comer, c *transferCase) {
			m.stage, c.snapshot.Shared["transfer_kind"] = "nothing", "MILITARY"
		}},
		{"fifty, from elsewhere", "transferred", func(_ *transferSite, m *comer, _ *transferCase) {
			m.person.Birth, m.person.Province, m.account = fmt.Sprintf("%d-01-01", time.Now().Year()-52), "河南", "临时缴费账户"
		}},
		{"somebody else's form", "form_wrong", func(_ *transferSite, m *comer, _ *transferCase) { m.form.Name, m.stage = "李四", "letter" }},
		{"two forms", "form_wrong", func(_ *transferSite, m *comer, _ *transferCase) { m.forms, m.stage = 2, "letter" }},
		{"doubtful papers", "transferred", func(_ *transferSite, m *comer, c *transferCase) {
			c.snapshot.Assessment.Verdict, c.answers["confirm"] = casework.ManualReview, "go"
		}},
	}
}

// cent makes a closing balance one fen wrong, and all that follows from it.
func (m *comer) cent() {
	m.rows[1].Interest++
}

// comes makes a transfer in: the form is what the oracle makes of a history there.
func (s *transferSite) comes(rnd *rand.Rand, i int, b inBranch) *transferCase {
	m := &comer{person: s.somebody(rnd, i, 1975+rnd.IntN(20)), months: pension.Paid(fmt.Sprintf("%d01", s.now().Year()), max(1, min(2, int(s.now().Month())-1)), 500000), forms: 1, paid: 1, account: "一般账户"}
	there := s.history(rnd, 2+rnd.IntN(2))
	there = there[:len(there)-min(3, int(s.now().Month())-1)] // they end with last year
	sum := movingOf(0, there, s.now().Year())
	m.form = exchange.Form{Sender: otherAgency, IDNumber: m.person.IDNumber, Name: m.person.Name, First: there[0].Month, Last: there[len(there)-1].Month, Months: sum.months, Day: casework.DateOf(s.now()).String(),
		Balance: sum.balance, Own: sum.balance, Pooled: sum.pooled, Total: sum.total}
	m.rows = rowsOf(there, s.now().Year())
	c := &transferCase{number: fmt.Sprintf("ZR%05d", i), branch: "in: " + b.name, playbook: "transfer_in", end: b.end,
		answers: map[string]string{"refuse": "refuse", "stuck": "manual", "sent_back": "told", "wrong_form": "back", "money_differs": "manual", "proposed": "later"}}
	c.snapshot = s.snapshot(c.number, m.person, nil)
	b.make(s, m, c)
	c.plant = func(ctx context.Context, s *transferSite, _ *transferCase) error { return m.plant(ctx, s) }
	c.desks = func(ctx context.Context, s *transferSite, _ *transferCase) error { return m.desks(ctx, s) }
	c.judge = m.judge
	return c
}

func (m *comer) plant(ctx context.Context, s *transferSite) error {
	if m.absent {
		return nil
	}
	if err := s.pension.Add(ctx, m.person, m.months...); err != nil {
		return err
	}
	if !m.open {
		return nil
	}
	_, err := s.pension.EnterIn(ctx, pension.In{No: m.person.No, IDNumber: m.person.IDNumber, Name: m.person.Name, Kind: "跨省转移", Account: "一般账户", Agency: otherAgency, Status: pension.InApplied, Clerk: "clerk09"}, s.now())
	return err
}

// desks reviews, and has the other agency answer once.
func (m *comer) desks(ctx context.Context, s *transferSite) error {
	mine, err := m.mine(ctx, s)
	if err != nil || len(mine) == 0 {
		return err
	}
	letter := mine[0].Letter
	passed, err := s.pension.Review(ctx, letter)
	if err != nil || passed || m.answer {
		return err
	}
	m.answer = true
	if m.back {
		return s.exchange.GiveBack(ctx, letter, "人员信息不符")
	}
	m.form.Letter = letter
	for n := range m.forms {
		rows := m.rows
		if n > 0 {
			rows = nil
		}
		if err := s.exchange.Answer(ctx, m.form, rows...); err != nil {
			return err
		}
	}
	remark := m.remark
	if remark == "" {
		remark = letter
	}
	for n := range m.paid {
		if err := s.pension.Receive(ctx, pension.Receipt{Serial: fmt.Sprintf("DZ%s%d", strings.TrimPrefix(letter, "LX"), n), Day: casework.DateOf(s.now()).String(), Payer: otherAgency, Amount: m.form.Total + m.off, Remark: remark + " 转移"}); err != nil {
			return err
		}
	}
	return nil
}

// mine are the transfers in of the person.
func (m *comer) mine(ctx context.Context, s *transferSite) ([]pension.In, error) {
	all, err := s.pension.Ins(ctx)
	var mine []pension.In
	for _, t := range all {
		if t.IDNumber == m.person.IDNumber {
			mine = append(mine, t)
		}
	}
	return mine, err
}
