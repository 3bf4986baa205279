package ledger

import (
	"testing"

	"github.com/jingban/jingban/casework"
)

func calendarForTest(t *testing.T) casework.Calendar {
	t.Helper()
	c, err := casework.LoadCalendar(nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func fe1(t *testing.T, until string) *Result {
	t.Helper()
	day, err := casework.ParseDate(until)
	if err != nil {
		t.Fatal(err)
	}
	res, err := Reconcile(t.Context(), Job{
		Bank: []Input{testFile(t, "fe1-bank.csv")}, Book: []Input{testFile(t, "fe1-journal.csv")}, Payments: []Input{testFile(t, "fe1-batch.txt")},
		Until: DayOf(day), Calendar: calendarForTest(t),
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, law := range res.Invariants {
		if !law.Held {
			t.Errorf("%s: %s", law.Name, law.Why)
		}
	}
	return res
}

// rowsOf lists the decisions by side and line.
func rowsOf(t *testing.T, res *Result) map[Side]map[int]RowResult {
	t.Helper()
	rows := map[Side]map[int]RowResult{}
	err := res.EachRow(func(r RowResult) error {
		if rows[r.Side] == nil {
			rows[r.Side] = map[int]RowResult{}
		}
		rows[r.Side][r.Line] = r
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestFE1AtTheEndOfMarch(t *testing.T) {
	res := fe1(t, "2026-03-31")
	rows := rowsOf(t, res)
	if s1, s2 := rows[Bank][2], rows[Bank][3]; s1.State != Matched || s2.State != Matched || rows[Book][3].Group != s1.Group || rows[Book][4].Group != s2.Group {
		t.Errorf("S0001 %+v, S0002 %+v", s1, s2)
	}
	for line := 4; line <= 8; line++ {
		if item := rows[Batch][line]; item.State != Grouped || item.Group != rows[Bank][3].Group {
			t.Errorf("item in line %d: %+v", line, item)
		}
	}
	if fee := rows[Bank][4]; fee.State != OpenK2 || fee.Fen != -3000 || fee.Reason != "fee" {
		t.Errorf("S0003 %+v", fee)
	}
	a := res.Adjustment
	if a.Bank != 124009750 || a.Book != 124012750 || a.AdjustedBook() != 124009750 || !a.Balanced() {
		t.Errorf("table %+v", a)
	}
}

func TestFE1AfterTheReturnedPayment(t *testing.T) {
	res := fe1(t, "2026-04-02")
	back := rowsOf(t, res)[Bank][5]
	if back.State != OpenK1 || back.Fen != 173250 || back.Reason != "returned" {
		t.Errorf("S0004 %+v", back)
	}
	if len(res.Returns) != 1 || res.Returns[0].Item != "D003" || res.Returns[0].Batch != "2026030001" {
		t.Fatalf("returns %+v", res.Returns)
	}
	p := res.Payments[0]
	if !p.DebitMatches || p.BatchTotal != 987250 || p.NetPaid != 814000 || p.ReturnedTotal != 173250 || p.SuccessCount != 4 {
		t.Errorf("batch %+v", p.PaymentResult)
	}
	if !res.Adjustment.Balanced() {
		t.Errorf("difference %s", res.Adjustment.Difference())
	}
}
