package ledger

import (
	"fmt"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
)

const voucherHead = "日期,凭证号,借方金额,贷方金额,单据号,险种,期号\n"

// totalsOf compares one file of another house with one journal.
func totalsOf(t *testing.T, name, other, book string) Comparison {
	t.Helper()
	c, refused, err := compareTotals(name, []Input{input("other", []byte(other))}, Job{Book: []Input{input("book", []byte(book))}})
	if err != nil || len(refused) > 0 {
		t.Fatal(err, refused)
	}
	return c
}

func TestNoticesAndVouchersAgreeByDocument(t *testing.T) {
	const notices = "单据号,险种,期号,金额\nN1,失业,202603,100.00\nN2,失业,202603,50.00\nN3,工伤,202603,7.00\n"
	const vouchers = voucherHead + "2026-03-30,V1,,60.00,N1,失业,202603\n2026-03-31,V2,,40.00,N1,失业,202603\n2026-03-31,V3,,50.00,N2,失业,202603\n"
	c := totalsOf(t, "A", notices, vouchers+"2026-03-31,V4,,7.00,N3,工伤,202603\n")
	if !c.Balanced || c.Compared != 3 || len(c.Differ) != 0 {
		t.Errorf("equal totals: %+v", c)
	}
	c = totalsOf(t, "A", notices, vouchers+"2026-03-31,V4,,7.10,N3,工伤,202603\n2026-03-31,V5,,1.00,N9,失业,202603\n")
	want := "[{N3 工伤 202603 7.00 7.10 4 5 0.00} {N9 失业 202603 0.00 1.00 0 6 0.00}]"
	if got := fmt.Sprint(c.Differ); c.Balanced || got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	// A journal without insurance and period is compared by the document alone.
	c = totalsOf(t, "A", notices, "日期,借方金额,贷方金额,单据号\n2026-03-30,,100.00,N1\n2026-03-30,,50.00,N2\n2026-03-30,,7.00,N3\n")
	if !c.Balanced || c.Compared != 3 {
		t.Errorf("fewer parts of the key: %+v", c)
	}
}

func TestTotalsWithoutACommonKeyAreRefused(t *testing.T) {
	_, refused, err := compareTotals("A", []Input{input("n", []byte("单据号,金额\nN1,100.00\n"))}, Job{Book: []Input{input("b", []byte("日期,借方金额,贷方金额\n2026-03-30,,100.00\n"))}})
	if err != nil || len(refused) != 1 || refused[0].Problems[0].Code != "no_key" {
		t.Errorf("got %v, %v", refused, err)
	}
}

func TestFiscalStatementIsComparedByMonth(t *testing.T) {
	const bureau = "日期,金额,险种\n2026-03-05,100.00,失业\n2026-03-20,20.00,失业\n2026-04-01,5.00,失业\n"
	c := totalsOf(t, "D", bureau, voucherHead+"2026-03-31,V1,120.00,,,,\n2026-04-02,V2,6.00,,,,\n")
	if got := fmt.Sprint(c.Differ); c.Balanced || got != "[{2026-04 5.00 6.00 4 3 0.00}]" {
		t.Errorf("got %s", got)
	}
}

func TestTreasuryMayDifferByTheDayButNotAtTheEndOfTheMonth(t *testing.T) {
	const treasury = "日期,金额,险种\n2026-03-30,100.00,失业\n2026-03-31,20.00,失业\n"
	c := totalsOf(t, "E", treasury, voucherHead+"2026-03-31,V1,120.00,,,失业,\n")
	if !c.Balanced || len(c.Differ) != 2 || c.Differ[0].Carried != 10000 || c.Differ[1].Carried != 0 {
		t.Errorf("cleared within the month: %+v", c)
	}
	c = totalsOf(t, "E", treasury, voucherHead+"2026-03-31,V1,100.00,,,失业,\n2026-04-01,V1,20.00,,,失业,\n")
	if c.Balanced {
		t.Errorf("open at the end of the month: %+v", c)
	}
}

func TestMonthThatIsUnderWayNeedNotBeZeroYet(t *testing.T) {
	const treasury = "日期,金额,险种\n2026-03-30,100.00,失业\n2026-04-01,20.00,失业\n"
	at := func(name string, day Day) Comparison {
		t.Helper()
		c, _, err := compareTotals(name, []Input{input("o", []byte(treasury))}, Job{Until: day, Book: []Input{input("b", []byte(voucherHead+"2026-03-31,V1,100.00,,,失业,\n2026-04-02,V2,5.00,,,失业,\n"))}})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	middle := DayOf(calendarDay(2026, 4, 10))
	if e, d := at("E", middle), at("D", middle); !e.Balanced || e.Differ[len(e.Differ)-1].Carried != 1500 || !d.Balanced || d.Compared != 1 {
		t.Errorf("in the middle of April: %+v %+v", e, d)
	}
	end := DayOf(calendarDay(2026, 4, 30))
	if e, d := at("E", end), at("D", end); e.Balanced || d.Balanced {
		t.Errorf("at the end of April: %+v %+v", e, d)
	}
}

func calendarDay(year, month, day int) casework.Date {
	return casework.Date{Year: year, Month: time.Month(month), Day: day}
}
