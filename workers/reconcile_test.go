package workers

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/ledger"
	"github.com/jingban/jingban/store"
	"github.com/jingban/jingban/store/storetest"
)

const (
	fundBankHead = "交易时间,借方发生额（支取）,贷方发生额（收入）,余额,对方户名,摘要,账户明细编号-交易流水号\n"
	fundBankDay  = "20260330 10:01:02,0.00,1200.00,1250.00,市财政局社保专户,拨入,S0001\n20260331 17:00:00,30.00,0.00,1220.00,,手续费,S0002\n"
	fundBookHead = "日期,凭证号,摘要,借方金额,贷方金额,余额\n"
	fundBookDay  = "2026-03-30,记-1,财政拨入,1200.00,,1250.00\n"
)

// fundCrew is a crew with one fund account; nothing prints.
func fundCrew(t *testing.T) (*Crew, store.FundAccount) {
	t.Helper()
	c := &Crew{Name: "w1", Store: storetest.Open(t), Now: time.Now, Log: slog.New(slog.DiscardHandler)}
	a, err := c.Store.SetFundAccount(t.Context(), operator, store.FundAccount{Name: "expense", Title: "支出户", Begins: casework.Date{Year: 2026, Month: 3, Day: 30}, DueBy: "09:30"})
	if err != nil {
		t.Fatal(err)
	}
	return c, a
}

func (c *Crew) bring(t *testing.T, a store.FundAccount, kind store.FundKind, text string) store.FundFile {
	t.Helper()
	f, err := c.Store.TakeFundFile(t.Context(), operator, store.FundFile{AccountID: a.ID, Kind: kind, Name: string(kind) + ".csv", Source: "upload"}, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// comparedOn orders a comparison and carries it out as the task does, twice.
func (c *Crew) comparedOn(t *testing.T, a store.FundAccount, day casework.Date) store.FundResult {
	t.Helper()
	v, err := c.Store.OrderFundResult(t.Context(), operator, a.ID, day, "")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := c.reconcile(t.Context(), v.ID); err != nil {
			t.Fatal(err)
		}
	}
	if v, err = c.Store.FundResult(t.Context(), v.ID); err != nil {
		t.Fatal(err)
	}
	return v
}

func march(day int) casework.Date { return casework.Date{Year: 2026, Month: 3, Day: day} }

func TestAnswerHoldsUntilThePartnerArrives(t *testing.T) {
	c, a := fundCrew(t)
	if v := c.comparedOn(t, a, march(31)); v.State != store.FundRefused || v.Code != "file_missing" {
		t.Fatalf("without files: %s %s", v.State, v.Code)
	}
	c.bring(t, a, store.FundBank, fundBankHead+fundBankDay)
	c.bring(t, a, store.FundBook, fundBookHead+fundBookDay)
	v := c.comparedOn(t, a, march(31))
	if v.State != store.FundDifferences || v.Numbers.Kinds[1].Fen != 3000 || len(v.Files) != 2 || v.Papers["rows.csv"] == "" {
		t.Fatalf("result %+v", v)
	}
	items, _, err := c.Store.FundItems(t.Context(), a.ID, "", 0)
	if err != nil || len(items) != 1 {
		t.Fatal(items, err)
	}
	if err := c.Store.RuleFundItem(t.Context(), operator, a.ID, items[0].Key, ledger.Explained, "三月手续费，待补记"); err != nil {
		t.Fatal(err)
	}
	c.comparedOn(t, a, march(31))
	if items, _, err = c.Store.FundItems(t.Context(), a.ID, "", 0); err != nil || len(items) != 1 || items[0].Question.Ruling != ledger.Explained {
		t.Errorf("the next night: %+v, %v", items, err)
	}
	// The fee is booked in April: a newer export of the journal replaces the old one.
	c.bring(t, a, store.FundBook, fundBookHead+fundBookDay+"2026-04-01,记-2,手续费,,30.00,1220.00\n")
	if v = c.comparedOn(t, a, casework.Date{Year: 2026, Month: 4, Day: 1}); v.State != store.FundBalanced || len(v.Files) != 2 {
		t.Errorf("when its partner has come: %+v", v)
	}
	if items, _, err = c.Store.FundItems(t.Context(), a.ID, "", 0); err != nil || len(items) != 0 {
		t.Errorf("still open: %+v, %v", items, err)
	}
}

func TestDayThatComesLateIsTakenIn(t *testing.T) {
	c, a := fundCrew(t)
	c.bring(t, a, store.FundBook, fundBookHead+fundBookDay+"2026-03-31,记-2,手续费,,30.00,1220.00\n")
	first, rest := fundBankDay[:len("20260330 10:01:02,0.00,1200.00,1250.00,市财政局社保专户,拨入,S0001\n")], fundBankDay
	c.bring(t, a, store.FundBank, fundBankHead+first)
	if v := c.comparedOn(t, a, march(31)); v.Numbers.Kinds[3].Fen != 3000 {
		t.Errorf("before it came: %+v", v.Numbers)
	}
	c.bring(t, a, store.FundBank, fundBankHead+rest) // exported again, with the day
	if v := c.comparedOn(t, a, march(31)); v.State != store.FundBalanced || v.Numbers.States["bank"]["rejected"].Rows != 1 {
		t.Errorf("when it has come: %+v", v.Numbers)
	}
}

func TestDroppedFilesAreTakenOnceAndComparedAtOnce(t *testing.T) {
	c, a := fundCrew(t)
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	c.Drop = &FundDrop{Folder: root, Quiet: time.Minute}
	old := time.Now().Add(-time.Hour)
	write := func(kind, name, text string, at time.Time) {
		path := filepath.Join(dir, "expense", kind, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	write("bank", "a.csv", fundBankHead+fundBankDay, old)
	write("book", "b.csv", fundBookHead+fundBookDay, old)
	write("book", "growing.csv", fundBookHead, time.Now())
	write("bank", "bad.csv", fundBankHead+"20260330 10:01:02,0.00,1200.00,1250.00,x,y,S1\n20260331 17:00:00,30.00,0.00,9.00,,手续费,S2\n", old)
	for range 2 {
		if err := c.gatherFunds(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for _, at := range []string{"bank/done/a.csv", "book/done/b.csv", "bank/refused/bad.csv", "book/growing.csv"} {
		if _, err := os.Stat(filepath.Join(dir, "expense", at)); err != nil {
			t.Error(err)
		}
	}
	files, err := c.Store.FundFiles(t.Context(), a.ID)
	if err != nil || len(files) != 3 {
		t.Fatal(files, err)
	}
	days, err := c.Store.FundDays(t.Context(), a.ID, march(1), march(31))
	if err != nil || len(days) != 1 || days[0].State != store.FundOrdered || days[0].Day != march(31) {
		t.Errorf("ordered: %+v, %v", days, err)
	}
}

// March is closed with the fee still open, a refused pair and an accepted one; in
// April each answer holds, the fee finds its voucher, and the undo asks anew.
func TestAnswersHoldInTheBooksAfterAClosing(t *testing.T) {
	c, a := fundCrew(t)
	c.bring(t, a, store.FundBank, fundBankHead+fundBankDay+"20260331 17:10:00,120.00,0.00,1100.00,示例甲,付款,S0003\n20260331 17:20:00,54.00,0.00,1046.00,示例乙,付款,S0004\n")
	c.bring(t, a, store.FundBook, "日期,凭证号,摘要,对方户名,借方金额,贷方金额,余额\n2026-03-30,记-1,财政拨入,市财政局社保专户,1200.00,,1250.00\n2026-03-31,记-2,付款,示例甲,,210.00,1040.00\n2026-03-31,记-3,付款,示例乙,,45.00,995.00\n")
	c.comparedOn(t, a, march(31))
	open := func() map[string]store.FundItem {
		t.Helper()
		items, _, err := c.Store.FundItems(t.Context(), a.ID, "", 0)
		if err != nil {
			t.Fatal(err)
		}
		byReason := map[string]store.FundItem{}
		for _, i := range items {
			byReason[fmt.Sprintf("%s %s of %d", i.Question.Reason, i.Question.Fen, len(i.Question.Rows))] = i
		}
		return byReason
	}
	rule := func(key string, ruling ledger.Ruling) {
		t.Helper()
		if err := c.Store.RuleFundItem(t.Context(), operator, a.ID, key, ruling, "核对"); err != nil {
			t.Fatal(err)
		}
	}
	items := open()
	refused := items["digits_swapped 210.00 of 2"].Key
	rule(refused, ledger.Refused)
	rule(items["digits_swapped 54.00 of 2"].Key, ledger.Accepted)
	rule(items["fee 30.00 of 1"].Key, ledger.Explained)
	v := c.comparedOn(t, a, march(31))
	for _, name := range []string{"li", "wang", "zhao"} {
		if _, err := c.Store.SignFundResult(t.Context(), casework.Actor{Kind: casework.Human, ID: name, Name: name, Role: "clerk"}, v.ID); err != nil {
			t.Fatal(err)
		}
	}
	closed, err := c.Store.CloseFundBooks(t.Context(), operator, v.ID)
	if err != nil || closed.Carried != 4 || closed.Bank != 104600 || closed.Book != 99500 {
		t.Fatalf("closed %+v, %v", closed, err)
	}
	if v := c.comparedOn(t, a, march(31)); v.Code != "books_closed" {
		t.Errorf("a day of closed books: %+v", v)
	}
	c.bring(t, a, store.FundBank, fundBankHead+"20260401 10:00:00,6.00,0.00,1040.00,示例丙,付款,S0005\n")
	// Nothing is booked yet: the journal of March still says the balance.
	if v := c.comparedOn(t, a, casework.Date{Year: 2026, Month: 4, Day: 1}); v.State != store.FundDifferences || v.Numbers.Book != 99500 || v.Numbers.States["ledger"]["matched"].Rows != 0 {
		t.Errorf("without a journal of April: %+v", v)
	}
	c.bring(t, a, store.FundBook, "日期,凭证号,摘要,对方户名,借方金额,贷方金额,余额\n2026-04-01,记-4,付款,示例丙,,6.00,989.00\n2026-04-02,记-5,手续费,,,30.00,959.00\n2026-04-02,记-6,更正,示例乙,,9.00,950.00\n")
	v = c.comparedOn(t, a, casework.Date{Year: 2026, Month: 4, Day: 2})
	if v.State != store.FundDifferences || len(v.Files) != 2 || v.Numbers.AdjustedBank() != v.Numbers.AdjustedBook() {
		t.Fatalf("April: %+v", v)
	}
	items = open()
	again, proposed := items["refused 210.00 of 2"], items["digits_swapped 210.00 of 2"]
	if len(items) != 3 || items["refused 120.00 of 1"].Question.Weight() == 0 || again.Key != refused || again.Question.Ruling != ledger.Refused || proposed.Key != "" {
		t.Errorf("open in April: %+v", items)
	}
	rule(refused, ledger.Unruled)
	c.comparedOn(t, a, casework.Date{Year: 2026, Month: 4, Day: 2})
	if back := open()["digits_swapped 210.00 of 2"]; back.Key != refused || len(back.Rulings) != 2 {
		t.Errorf("after the undo: %+v", back)
	}
	// Books that do not begin where the last ones ended are not compared.
	c.bring(t, a, store.FundBook, "日期,凭证号,摘要,对方户名,借方金额,贷方金额,余额\n2026-04-01,记-4,付款,示例丙,,6.00,988.00\n2026-04-02,记-5,手续费,,,30.00,958.00\n")
	if v = c.comparedOn(t, a, casework.Date{Year: 2026, Month: 4, Day: 2}); v.Code != "opening_differs" {
		t.Errorf("another opening balance: %+v", v)
	}
}
