package persons_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/persons"
)

// paid makes the rows of a pension relation, one a month, all received.
func paid(relation string, from, to casework.Month, base casework.Fen) []persons.PaidRow {
	var rows []persons.PaidRow
	for month := from; month <= to; month = month.Add(1) {
		rows = append(rows, persons.PaidRow{Insurance: persons.Pension, Relation: relation, Month: month, Received: month, Employer: true, Base: base, Personal: base * 8 / 100})
	}
	return rows
}

func propose(t *testing.T, a, b persons.Record, level string) persons.Proposal {
	t.Helper()
	p, err := persons.Propose(a, b, level, persons.UsualPolicy())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range p.Counts {
		if c.Kept != c.Main+c.Sub-c.Overlap {
			t.Errorf("%s: %+v does not add up", c.Insurance, c)
		}
	}
	if len(p.Refused) == 0 && p.Balance != a.Balance+b.Balance-p.Refund {
		t.Errorf("balance %s of %s and %s less %s", p.Balance, a.Balance, b.Balance, p.Refund)
	}
	return p
}

func TestProposalKeepsTheHigherBaseAndRefundsToTheFen(t *testing.T) {
	a := persons.Record{PersonNo: "100", Active: true, Rows: paid("r1", 202301, 202312, 500000), Balance: 480000}
	b := persons.Record{PersonNo: "200", Rows: paid("r2", 202310, 202405, 420000), Balance: 268800}
	for _, p := range []persons.Proposal{propose(t, a, b, "L1"), propose(t, b, a, "L1")} {
		if p.Main.PersonNo != "100" || p.Decided.Name != "active_insurance" || p.Refund != 100800 || p.Balance != 648000 {
			t.Errorf("main %s by %+v, refund %d, balance %d", p.Main.PersonNo, p.Decided, p.Refund, p.Balance)
		}
		if len(p.Counts) != 1 || p.Counts[0].Kept != 17 || p.Counts[0].Overlap != 3 || len(p.Moved) != 5 {
			t.Errorf("counts %+v, %d moved", p.Counts, len(p.Moved))
		}
		for _, o := range p.Overlaps {
			if o.By != "higher_base" || o.Kept.FromPersonNo != "100" || o.Dropped.FromPersonNo != "200" || o.Refund != 33600 {
				t.Errorf("%+v", o)
			}
		}
		if want := []persons.Reason{persons.MonthsOverlap, persons.MoneyGoesBack, persons.InterestPast}; !slices.Equal(p.Human, want) {
			t.Errorf("reasons %v; want %v", p.Human, want)
		}
	}
}

// TestProposalMatchesTheCleanupExample judges by T-D01 of the worked examples.
func TestProposalMatchesTheCleanupExample(t *testing.T) {
	var example struct {
		Inputs struct {
			Keep, Drop map[casework.Month]casework.Fen
		}
		Expected struct {
			Overlap []casework.Month `json:"overlap_months"`
			Refund  casework.Fen     `json:"refund_principal_fen"`
			Counted int              `json:"counted_months"`
		}
	}
	if err := json.Unmarshal(rawExample(t, "T-D01"), &example); err != nil {
		t.Fatal(err)
	}
	rows := func(of map[casework.Month]casework.Fen) (rows []persons.PaidRow) {
		for month, personal := range of {
			rows = append(rows, persons.PaidRow{Insurance: persons.Pension, Month: month, Received: month, Base: personal * 100 / 8, Personal: personal})
		}
		return rows
	}
	p := propose(t, persons.Record{PersonNo: "1", Active: true, Rows: rows(example.Inputs.Keep)}, persons.Record{PersonNo: "2", Rows: rows(example.Inputs.Drop)}, "L1")
	var months []casework.Month
	for _, o := range p.Overlaps {
		months = append(months, o.Dropped.Month)
	}
	if !slices.Equal(months, example.Expected.Overlap) || p.Refund != example.Expected.Refund || p.Counts[0].Kept != example.Expected.Counted {
		t.Errorf("overlap %v, refund %d, counted %+v; want %+v", months, p.Refund, p.Counts, example.Expected)
	}
}

func TestEmployerRowIsKeptBeforeDatesAreLookedAt(t *testing.T) {
	flexible := persons.PaidRow{Insurance: persons.Pension, Month: 202401, Received: 202401, Base: 450400, Personal: 36032}
	employer := flexible
	employer.Employer, employer.Received = true, 202403
	p := propose(t, persons.Record{PersonNo: "1", ActiveCard: true, Rows: []persons.PaidRow{flexible}}, persons.Record{PersonNo: "2", Rows: []persons.PaidRow{employer}}, "L2")
	if o := p.Overlaps[0]; !o.Kept.Employer || o.By != "employer_row" || p.Refund != 36032 || len(p.Moved) != 1 {
		t.Errorf("kept %+v, refund %d", o.Kept, p.Refund)
	}
}

func TestUnpaidRowsGiveWayAndCancelledOnesStayBehind(t *testing.T) {
	due := persons.PaidRow{Insurance: persons.Injury, Month: 202401}
	came := due
	came.Received = 202402
	gone := persons.PaidRow{Insurance: persons.Injury, Month: 202405, Received: 202405, Cancelled: true}
	p := propose(t, persons.Record{PersonNo: "1", Active: true, Rows: []persons.PaidRow{due}}, persons.Record{PersonNo: "2", Rows: []persons.PaidRow{came, gone}}, "L1")
	if len(p.WriteOff) != 1 || p.WriteOff[0].FromPersonNo != "1" || len(p.Moved) != 1 || p.Counts[0].Kept != 1 || !slices.Contains(p.Human, persons.UnpaidWrittenOff) {
		t.Errorf("%+v", p)
	}
	p = propose(t, persons.Record{PersonNo: "1", Active: true}, persons.Record{PersonNo: "2", Rows: []persons.PaidRow{gone}}, "L1")
	if len(p.Moved)+len(p.Overlaps)+len(p.WriteOff) != 0 || len(p.Human) != 0 {
		t.Errorf("a number with cancelled rows only: %+v", p)
	}
}

func TestResidentMonthGivesWayToTheEmployeesInBothDirections(t *testing.T) {
	employee := paid("r1", 202401, 202401, 500000)
	resident := []persons.PaidRow{{Insurance: persons.Resident, Month: 202401, Received: 202401, Personal: 3000, Interest: 12}}
	for _, p := range []persons.Proposal{
		propose(t, persons.Record{PersonNo: "1", Active: true, Rows: employee}, persons.Record{PersonNo: "2", Rows: resident, Balance: 3012}, "L1"),
		propose(t, persons.Record{PersonNo: "1", Active: true, Rows: resident, Balance: 3012}, persons.Record{PersonNo: "2", Rows: employee}, "L1"),
	} {
		if p.Refund != 3012 || p.Overlaps[0].Dropped.Insurance != persons.Resident || p.Overlaps[0].Kept.Insurance != persons.Pension {
			t.Errorf("%+v", p.Overlaps)
		}
		for _, c := range p.Counts {
			if want := map[persons.Insurance]int{persons.Pension: 1, persons.Resident: 0}[c.Insurance]; c.Kept != want {
				t.Errorf("%s: %d kept; want %d", c.Insurance, c.Kept, want)
			}
		}
	}
}

func TestInjuryMonthsCountOnceAndGoBackOnRequestOnly(t *testing.T) {
	row := persons.PaidRow{Insurance: persons.Injury, Month: 202401, Received: 202401, Base: 500000, Personal: 1000}
	p := propose(t, persons.Record{PersonNo: "1", Active: true, Rows: []persons.PaidRow{row}}, persons.Record{PersonNo: "2", Rows: []persons.PaidRow{row}}, "L1")
	if p.Refund != 0 || !p.Overlaps[0].OnRequest || p.Counts[0].Kept != 1 || !slices.Equal(p.Human, []persons.Reason{persons.MonthsOverlap}) {
		t.Errorf("%+v", p)
	}
}

// TestSurvivorFollowsTheOrder lets each rule decide against all that follow it.
func TestSurvivorFollowsTheOrder(t *testing.T) {
	valid, old := "379901198503120017", "379901850312001"
	loser := persons.Record{PersonNo: "1"}
	for _, c := range []struct {
		rule   string
		winner persons.Record
		loses  func(*persons.Record)
	}{
		{"smaller_person_no", persons.Record{PersonNo: "0"}, func(*persons.Record) {}},
		{"earlier_first_insured", persons.Record{PersonNo: "9", FirstInsured: 201001}, func(r *persons.Record) { r.FirstInsured = 201002 }},
		{"more_paid_months", persons.Record{PersonNo: "9", Rows: paid("r", 202401, 202402, 1)}, func(r *persons.Record) { r.FirstInsured = 200001 }},
		{"active_insurance", persons.Record{PersonNo: "9", Active: true}, func(r *persons.Record) { r.Rows = paid("r", 202301, 202312, 1) }},
		{"active_card", persons.Record{PersonNo: "9", ActiveCard: true}, func(r *persons.Record) { r.Active = true }},
		{"verified_number", persons.Record{PersonNo: "9", Number: valid, Verified: true}, func(r *persons.Record) { r.ActiveCard, r.Number, r.Verified = true, old, true }},
		{"draws_benefit", persons.Record{PersonNo: "9", Drawing: true}, func(r *persons.Record) { r.Number, r.Verified = valid, true }},
	} {
		c.loses(&loser)
		if got := persons.Survivor(loser, c.winner); !got.Second || got.Name != c.rule {
			t.Errorf("%s: %+v", c.rule, got)
		}
		if got := persons.Survivor(c.winner, loser); got.Second {
			t.Errorf("%s, other way round: %+v", c.rule, got)
		}
	}
	if i := persons.MainOf([]persons.Record{{PersonNo: "10"}, {PersonNo: "9"}, {PersonNo: "11"}}); i != 1 {
		t.Errorf("main of three is %d", i)
	}
}

func TestEveryReasonOfTheSheetIsGiven(t *testing.T) {
	plain := persons.Record{PersonNo: "1", Sex: persons.Male, Birth: casework.Date{Year: 1985, Month: 3, Day: 12}, Province: "370000"}
	for reason, change := range map[persons.Reason]func(a, b *persons.Record){
		persons.BothDraw:        func(a, b *persons.Record) { a.Drawing, b.Drawing = true, true },
		persons.OneDead:         func(_, b *persons.Record) { b.Dead = true },
		persons.SexDiffers:      func(_, b *persons.Record) { b.Sex = persons.Female },
		persons.BirthDiffers:    func(_, b *persons.Record) { b.Birth.Day++ },
		persons.DeemedOnBoth:    func(a, b *persons.Record) { a.DeemedMonths, b.DeemedMonths = 1, 1 },
		persons.SpecialWorkDone: func(a, _ *persons.Record) { a.SpecialWork = 1 },
		persons.ProvincesDiffer: func(_, b *persons.Record) { b.Province = "340000" },
		persons.CourtFreeze:     func(a, _ *persons.Record) { a.Frozen = true },
		persons.PersonObjected:  func(_, b *persons.Record) { b.Objected = true },
	} {
		a, b := plain, plain
		b.PersonNo = "2"
		change(&a, &b)
		if p := propose(t, a, b, "L1"); !slices.Equal(p.Human, []persons.Reason{reason}) {
			t.Errorf("%s: reasons %v", reason, p.Human)
		}
	}
	other := plain
	other.PersonNo = "2"
	if p := propose(t, plain, other, "L1"); len(p.Human) != 0 {
		t.Errorf("nothing differs, yet %v", p.Human)
	}
	for _, level := range []string{"L3", "L5"} {
		if p := propose(t, plain, other, level); !slices.Contains(p.Human, persons.FuzzyLevel) {
			t.Errorf("%s goes without a person", level)
		}
	}
}

func TestNoProposalWhereTheSheetAllowsNone(t *testing.T) {
	a := persons.Record{PersonNo: "1", Benefits: []casework.Month{202401}, Rows: paid("r", 202401, 202403, 1000)}
	b := persons.Record{PersonNo: "2", Rows: paid("s", 202401, 202403, 1000)}
	for reason, level := range map[persons.Reason]string{persons.BothPaidAMonth: "L1", persons.CaseOpen: "L1", persons.TwoPersons: "L4"} {
		c := b
		c.OpenCase = reason == persons.CaseOpen
		if reason == persons.BothPaidAMonth {
			c.Benefits = a.Benefits
		}
		if p := propose(t, a, c, level); !slices.Equal(p.Refused, []persons.Reason{reason}) || len(p.Overlaps)+len(p.Moved) > 0 {
			t.Errorf("%s: refused %v", reason, p.Refused)
		}
	}
	if _, err := persons.Propose(a, a, "L1", persons.UsualPolicy()); err == nil {
		t.Error("a record was merged with itself")
	}
}

func TestPreviewShowsBothNumbersAndTheResult(t *testing.T) {
	a := persons.Record{PersonNo: "100", Active: true, Rows: paid("r1", 202301, 202312, 500000), Balance: 480000}
	b := persons.Record{PersonNo: "200", Rows: paid("r2", 202310, 202405, 420000), Balance: 268800}
	want := []persons.PreviewLine{
		{"个人编号", "100", "200", "100"}, {"个人账户余额", "4800.00", "2688.00", "6480.00"},
		{"应退本息", "", "", "1008.00"}, {"企业职工养老保险月数", "12", "8（重复3）", "17"},
	}
	if got := propose(t, a, b, "L1").Preview(); !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
}
