package main

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/fixtures/legacy/exchange"
	"github.com/jingban/jingban/fixtures/legacy/old"
	"github.com/jingban/jingban/fixtures/legacy/pension"
	"github.com/jingban/jingban/fixtures/people"
)

const ningchuan = "宁川市社会保险事业中心"

// transferOffice is an office with the pension system and the national exchange,
// in whose books the insured person of the acceptance example stands.
type transferOffice struct {
	*office
	pension  *pension.System
	exchange *exchange.System
}

func newTransferOffice(t *testing.T, now time.Time) *transferOffice {
	o := &transferOffice{office: newOffice(t)}
	o.now = now
	var err error
	if o.pension, err = pension.Open(old.Config{Dir: t.TempDir(), Now: o.clock}); err != nil {
		t.Fatal(err)
	}
	o.serve("pension", func(ctx context.Context, ln net.Listener) error { return pension.Serve(ctx, ln, o.pension) }, o.pension.Close)
	if o.exchange, err = exchange.Open(old.Config{Dir: t.TempDir(), Now: o.clock}, false); err != nil {
		t.Fatal(err)
	}
	o.serve("exchange", func(ctx context.Context, ln net.Listener) error { return exchange.Serve(ctx, ln, o.exchange) }, o.exchange.Close)
	return o
}

// insured writes a person with months into the pension system's books.
func (o *transferOffice) insured(idNumber string, months ...pension.Month) pension.Person {
	o.t.Helper()
	p := pension.Person{No: "37" + idNumber[8:17], IDNumber: idNumber, Name: "张明", Sex: "男", Birth: "1985-03-12", Province: "山东", Address: "山东省海州市示例县样板路1号", Joined: "2020-01-01", Kind: "一般账户", State: "正常参保"}
	if err := o.pension.Add(o.t.Context(), p, months...); err != nil {
		o.t.Fatal(err)
	}
	return p
}

// lettered has another agency send a contact letter for a person.
func (o *transferOffice) lettered(number, idNumber, kind string) {
	o.t.Helper()
	if _, err := o.exchange.Post(o.t.Context(), exchange.Letter{Number: number, Sender: ningchuan, Receiver: exchange.Own, IDNumber: idNumber, Name: "张明", No: "530001", Kind: kind,
		Holder: ningchuan, Bank: "中国农业银行宁川分行", Account: "6228480000000000299", Status: exchange.Received}); err != nil {
		o.t.Fatal(err)
	}
}

func (o *transferOffice) caseOf(number, idNumber string, received casework.Date, shared map[string]string) casework.Snapshot {
	all := map[string]string{"province": "山东", "place": "海州市", "personal_since": "199601", "nation": "汉", "old_province": "江苏", "old_agency": ningchuan, "old_number": "530001", "transfer_kind": "CROSS_PROVINCE",
		"holder": exchange.Own, "bank": "中国建设银行海州分行", "bank_account": "6217000000000000399"}
	for name, value := range shared {
		all[name] = value
	}
	return casework.Snapshot{Number: number, Matter: "pension_transfer_in", Region: "379900", Received: received, Shared: all, Month: casework.MonthOf(received),
		Applicant: casework.Person{Name: "张明", IDNumber: idNumber, Mobile: "13800000001"}, Assessment: casework.Assessment{Verdict: casework.AutoPass}}
}

// drive takes a run to its end; whenever it waits, the other desks work.
func (o *transferOffice) drive(name string, s casework.Snapshot, answers map[string]string, desks func()) casework.Result {
	o.t.Helper()
	result, err := o.run(name, s, answers)
	for range 20 {
		if err == nil || casework.AsFault(err).Code != casework.Waiting {
			break
		}
		desks()
		result, err = o.goOn(name, s, answers)
	}
	if err != nil {
		o.t.Fatalf("%v", err)
	}
	return result
}

// reviewing passes whatever waits for review of a letter.
func (o *transferOffice) reviewing(letter string) bool {
	o.t.Helper()
	passed, err := o.pension.Review(o.t.Context(), letter)
	if err != nil {
		o.t.Fatal(err)
	}
	return passed
}

// TE-1, the sending side: to the fen, judged by the books of both systems.
func TestTransferAcceptanceExampleTE1(t *testing.T) {
	o := newTransferOffice(t, time.Date(2022, 4, 8, 9, 30, 0, 0, casework.China))
	const letter = "LX530000202204080001"
	p := o.insured(zhangMing, append(append(pension.Paid("202001", 12, 500000), pension.Paid("202101", 12, 550000)...), pension.Paid("202201", 3, 600000)...)...)
	o.lettered(letter, zhangMing, "跨省转移")
	s := o.caseOf("ZC-20220408-0001", zhangMing, casework.Date{Year: 2022, Month: 4, Day: 8}, map[string]string{"letter": letter})
	result := o.drive("transfer_out", s, nil, func() {
		if !o.reviewing(letter) {
			if err := o.pension.Pay(t.Context(), letter, 2948000); err != nil {
				t.Fatal(err)
			}
		}
	})
	if result.End != "transferred" || o.told["decision"]["outcome"] != "AUTO_PASS" {
		t.Fatalf("%+v %+v, decided %v, history %v, agrees %v, both %v", result, result.Review, o.told["decision"], o.told["history"], o.told["agrees"], o.told["both"])
	}
	outs, err := o.pension.Outs(t.Context())
	if err != nil || len(outs) != 1 {
		t.Fatalf("%d transfers out, %v", len(outs), err)
	}
	if x := outs[0]; x.Own != 1220000 || x.Pooled != 1728000 || x.Total != 2948000 || x.Months != 27 || x.Status != pension.OutEnded || x.Reviewer != "clerk02" || x.Approver != "clerk03" || x.PaidOn != "2022-04-08" {
		t.Errorf("the transfer: %+v", x)
	}
	if now, _, err := o.pension.Person(t.Context(), p.No); err != nil || now.State != "已转出" {
		t.Errorf("the relation is %s, %v", now.State, err)
	}
	forms, err := o.exchange.Forms(t.Context(), exchange.Own)
	if err != nil || len(forms) != 1 {
		t.Fatalf("%d forms, %v", len(forms), err)
	}
	if f := forms[0]; f.Pre1998 != 0 || f.Balance != 1076000 || f.Current != 144000 || f.Own != 1220000 || f.Pooled != 1728000 || f.Total != 2948000 || f.Months != 27 || f.First != "202001" || f.Last != "202203" || f.Status != exchange.Reported {
		t.Errorf("the form: %+v", f)
	}
	rows, err := o.exchange.Rows(t.Context(), letter)
	if err != nil || len(rows) != 3 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for i, want := range []exchange.Row{
		{Place: "海州市", Year: "2020", First: "202001", Last: "202012", Months: 12, Base: 500000, Ratio: "8%", Principal: 480000, Interest: 15704, Closing: "4957.04"},
		{Place: "海州市", Year: "2021", First: "202101", Last: "202112", Months: 12, Base: 550000, Ratio: "8%", Principal: 528000, Interest: 52296, Closing: "10760.00"},
		{Place: "海州市", Year: "2022", First: "202201", Last: "202203", Months: 3, Base: 600000, Ratio: "8%", Principal: 144000},
	} {
		if rows[i] != want {
			t.Errorf("row %d: %+v, want %+v", i+1, rows[i], want)
		}
	}
	holds(t, "part 1", o.paper("transfer_info_1.html"), "10760.00", "1440.00", "12200.00", "17280.00", "29480.00", "贰万玖仟肆佰捌拾元整")
	holds(t, "part 2", o.paper("transfer_info_2.html"), "<td>4800.00</td><td>157.04</td><td>4957.04</td>", "<td>5280.00</td><td>522.96</td><td>10760.00</td>", "<td>1440.00</td><td>0.00</td><td>–</td>")
	holds(t, "the order", o.paper("transfer_payment_order.html"), "29480.00元", "贰万玖仟肆佰捌拾元整", "6228480000000000299")
	holds(t, "the certificate", o.paper("contribution_certificate.html"), "2020年1月", "2022年3月", "<td>27</td>", "12200.00元")
	for _, name := range []string{"contribution_certificate.pdf", "transfer_info_1.pdf", "transfer_info_2.pdf", "transfer_payment_order.pdf"} {
		if !strings.HasPrefix(o.paper(name), "%PDF") {
			t.Errorf("%s was not printed", name)
		}
	}
	for path, want := range map[string]int{pension.EnterOutPath: 1, pension.PaidPath: 1, pension.EndPath: 1} {
		if n, err := o.pension.Posts(t.Context(), path); err != nil || n != want {
			t.Errorf("%d posts to %s, %v", n, path, err)
		}
	}
	for path, want := range map[string]int{exchange.FormPath: 1, exchange.RowPath: 3, exchange.ReportPath: 1, exchange.ReturnPath: 0} {
		if n, err := o.exchange.Posts(t.Context(), path); err != nil || n != want {
			t.Errorf("%d posts to %s, %v", n, path, err)
		}
	}
	keepPaper(t, o.office)
}

// te1Form is TE-1's form as another agency would send it.
func te1Form(letter, idNumber string) (exchange.Form, []exchange.Row) {
	return exchange.Form{Letter: letter, Sender: ningchuan, IDNumber: idNumber, Name: "张明", First: "202001", Last: "202203", Months: 27, Day: "2022-04-20",
			Balance: 1076000, Current: 144000, Own: 1220000, Pooled: 1728000, Total: 2948000},
		[]exchange.Row{
			{Place: "宁川市", Year: "2020", First: "202001", Last: "202012", Months: 12, Base: 500000, Ratio: "8%", Principal: 480000, Interest: 15704, Closing: "4957.04"},
			{Place: "宁川市", Year: "2021", First: "202101", Last: "202112", Months: 12, Base: 550000, Ratio: "8%", Principal: 528000, Interest: 52296, Closing: "10760.00"},
			{Place: "宁川市", Year: "2022", First: "202201", Last: "202203", Months: 3, Base: 600000, Ratio: "8%", Principal: 144000},
		}
}

// desks is what the other desks do while a transfer in waits: they review, and the
// other agency answers with a form and its money.
func (o *transferOffice) desks(idNumber string, spoil func(*exchange.Form, []exchange.Row, *pension.Receipt)) func() {
	answered := false
	return func() {
		o.t.Helper()
		all, err := o.pension.Ins(o.t.Context())
		if err != nil || len(all) == 0 {
			o.t.Fatalf("no transfer to review: %v", err)
		}
		letter := all[len(all)-1].Letter
		if o.reviewing(letter) || answered {
			return
		}
		answered = true
		form, rows := te1Form(letter, idNumber)
		receipt := pension.Receipt{Serial: "DZ" + letter[len(letter)-5:], Day: "2022-04-22", Payer: ningchuan, Amount: form.Total, Remark: letter + " 张明"}
		if spoil != nil {
			spoil(&form, rows, &receipt)
		}
		if err := o.exchange.Answer(o.t.Context(), form, rows...); err != nil {
			o.t.Fatal(err)
		}
		if err := o.pension.Receive(o.t.Context(), receipt); err != nil {
			o.t.Fatal(err)
		}
	}
}

// The receiving side, with three months that were paid here, too.
func TestTransferInGoesThroughBothSystems(t *testing.T) {
	o := newTransferOffice(t, time.Date(2022, 4, 8, 9, 30, 0, 0, casework.China))
	p := o.insured(zhangMing, pension.Paid("202201", 4, 600000)...)
	s := o.caseOf("ZR-20220408-0001", zhangMing, casework.Date{Year: 2022, Month: 4, Day: 8}, nil)
	result := o.drive("transfer_in", s, map[string]string{"proposed": "ours"}, o.desks(zhangMing, nil))
	if result.End != "transferred" {
		t.Fatalf("%+v %+v, decided %v, form %v, both %v, match %v", result, result.Review, o.told["decision"], o.told["checked"], o.told["both"], o.told["match"])
	}
	ins, err := o.pension.Ins(t.Context())
	if err != nil || len(ins) != 1 {
		t.Fatalf("%d transfers in, %v", len(ins), err)
	}
	if x := ins[0]; x.Balance != 1076000 || x.Current != 144000 || x.Own != 1220000 || x.Pooled != 1728000 || x.Total != 2948000 || x.Months != 27 || x.Status != pension.InDone || x.Account != "一般账户" || x.Kind != "跨省转移" {
		t.Errorf("the transfer: %+v", x)
	}
	rows, err := o.pension.RowsIn(t.Context(), ins[0].Letter)
	if err != nil || len(rows) != 3 || rows[1].Interest != 52296 || rows[2].Closing != "" || rows[0].Ratio != "8%" {
		t.Errorf("rows %+v, %v", rows, err)
	}
	receipts, err := o.pension.Receipts(t.Context())
	if err != nil || len(receipts) != 1 || receipts[0].Letter != ins[0].Letter {
		t.Errorf("receipts %+v, %v", receipts, err)
	}
	letters, err := o.exchange.Letters(t.Context())
	if err != nil || len(letters) != 1 || letters[0].Number != ins[0].Letter || letters[0].Receiver != ningchuan || letters[0].Account != "6217000000000000399" {
		t.Errorf("letters %+v, %v", letters, err)
	}
	if months, err := o.pension.Months(t.Context(), p.No); err != nil || len(months) != 31 {
		t.Errorf("%d months in the books, %v", len(months), err)
	}
	if d := o.told["duplicate"]; d["overlap"] != "202201 202202 202203" || d["refund"] != 144000 || d["counted"] != 28 {
		t.Errorf("duplicates %v", d)
	}
	if d := o.told["place"]; d["province"] != "山东" || d["rule"] != "R1" {
		t.Errorf("place %v", d)
	}
	holds(t, "the confirmation", o.paper("duplicate_confirmation.html"), "202201 202202 202203", "1440.00元")
	holds(t, "the letter", o.paper("contact_letter.html"), ins[0].Letter, "6217000000000000399")
	holds(t, "the notice", o.paper("transfer_done_notice.html"), "27个月", "29,480.00元", "2020年1月至2022年3月")
	for path, want := range map[string]int{pension.ApplyPath: 1, pension.BookPath: 1, pension.RegisterPath: 1, pension.RowPath: 3} {
		if n, err := o.pension.Posts(t.Context(), path); err != nil || n != want {
			t.Errorf("%d posts to %s, %v", n, path, err)
		}
	}
	keepPaper(t, o.office)
}

// Wrong data in the pension system ends with a person and the evidence, never with
// a guess, and nothing is written anywhere.
func TestTransfersThatEndWithAPerson(t *testing.T) {
	o := newTransferOffice(t, time.Date(2022, 4, 8, 9, 30, 0, 0, casework.China))
	for i, c := range []struct {
		name   string
		months []pension.Month
		open   int
		kind   string
		ground string
		shows  string
	}{
		{"month twice", append(pension.Paid("202101", 12, 550000), pension.Paid("202103", 1, 550000)...), 0, "跨省转移", "WRONG_DATA", "202103"},
		{"month ahead", append(pension.Paid("202101", 12, 550000), pension.Paid("202302", 1, 550000)...), 0, "跨省转移", "WRONG_DATA", "202302"},
		{"two open transfers", pension.Paid("202101", 12, 550000), 2, "跨省转移", "OPEN_TRANSFER", ""},
		{"unknown kind", pension.Paid("202101", 12, 550000), 0, "其他转移", "OTHER_KIND", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			id := people.WithIDCheck("37990119850312" + strings.Repeat("0", 2) + string(rune('1'+i)))
			p, letter := o.insured(id, c.months...), "LX53000020220408100"+string(rune('1'+i))
			o.lettered(letter, id, c.kind)
			for range c.open {
				if err := o.pension.EnterOut(t.Context(), pension.Out{Letter: letter + "-0", No: p.No, IDNumber: id, Name: p.Name, Status: pension.OutEntered, Clerk: "clerk09"}, o.now); err != nil {
					t.Fatal(err)
				}
			}
			result, err := o.run("transfer_out", o.caseOf("ZC-"+letter, id, casework.Date{Year: 2022, Month: 4, Day: 8}, map[string]string{"letter": letter}), map[string]string{"stuck": "manual"})
			if err != nil || result.End != "manual" || o.told["decision"]["ground"] != c.ground {
				t.Fatalf("%+v, %v, decided %v", result, err, o.told["decision"])
			}
			holds(t, "the evidence", o.paper("calculation.txt"), c.shows)
			for _, path := range []string{pension.EnterOutPath, pension.EndPath} {
				if n, err := o.pension.Posts(t.Context(), path); err != nil || n != 0 {
					t.Errorf("%d posts to %s, %v", n, path, err)
				}
			}
			if n, err := o.exchange.Posts(t.Context(), exchange.ReturnPath); err != nil || n != 0 {
				t.Errorf("the letter went back, %v", err)
			}
		})
	}
}

// The other agency never answers: two reminders, after 15 and 30 working days, and
// then a supervisor.
func TestALetterNobodyAnswersIsRemindedOfTwice(t *testing.T) {
	o := newTransferOffice(t, time.Date(2022, 4, 8, 9, 30, 0, 0, casework.China))
	o.insured(zhangMing, pension.Paid("202201", 4, 600000)...)
	var sent []string
	result := o.drive("transfer_in", o.caseOf("ZR-20220408-0002", zhangMing, casework.Date{Year: 2022, Month: 4, Day: 8}, nil), map[string]string{"overdue": "manual"}, func() {
		all, err := o.pension.Ins(t.Context())
		if err != nil || len(all) != 1 {
			t.Fatalf("%d transfers, %v", len(all), err)
		}
		if !o.reviewing(all[0].Letter) {
			o.now = o.now.AddDate(0, 0, 7) // five working days
		}
		sent = append(sent, fmt.Sprint(len(slices.Collect(papersOf(o.office, "transfer_reminder.pdf")))))
	})
	if result.End != "overdue" {
		t.Fatalf("%+v %+v", result, result.Review)
	}
	if got := strings.Join(sent, ""); got != "00000111222" {
		t.Errorf("reminders week by week: %s", got)
	}
	holds(t, "the reminder", o.paper("transfer_reminder.html"), ningchuan, "LX379900", "QGHZ")
	if n, err := o.exchange.Posts(t.Context(), exchange.LetterPath); err != nil || n != 1 {
		t.Errorf("%d letters, %v", n, err)
	}
}
