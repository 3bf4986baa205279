package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/ledger"
	"github.com/jingban/jingban/store"
)

const (
	fundBank = "交易时间,借方发生额（支取）,贷方发生额（收入）,余额,对方户名,摘要,账户明细编号-交易流水号\n20260330 10:01:02,0.00,1200.00,1250.00,市财政局社保专户,拨入,S0001\n20260331 16:00:00,90.00,0.00,1160.00,欧阳文静,退保,S0002\n20260331 17:00:00,30.00,0.00,1130.00,,手续费,S0003\n"
	fundBook = "日期,凭证号,摘要,对方户名,借方金额,贷方金额,余额\n2026-03-30,记-1,财政拨入,市财政局社保专户,1200.00,,1250.00\n2026-03-31,记-2,退保,欧阳文静,,9.00,1241.00\n"
)

// fund makes an account with one day that a worker has compared.
func (w *site) fund() store.FundResult {
	w.t.Helper()
	ctx := w.t.Context()
	a, err := w.store.SetFundAccount(ctx, cook, store.FundAccount{Name: "expense", Title: "失业保险支出户", Unit: "海州市社会保险事业中心", Number: "43679999000000000001", Begins: casework.Date{Year: 2026, Month: 3, Day: 30}, DueBy: "09:30"})
	w.must(err)
	job := ledger.Job{}
	job.Calendar, err = w.store.Calendar(ctx)
	w.must(err)
	for kind, text := range map[store.FundKind]string{store.FundBank: fundBank, store.FundBook: fundBook} {
		_, err := w.store.TakeFundFile(ctx, cook, store.FundFile{AccountID: a.ID, Kind: kind, Name: "对账单.csv", Source: "upload"}, []byte(text))
		w.must(err)
		into := &job.Bank
		if kind == store.FundBook {
			into = &job.Book
		}
		*into = []ledger.Input{{Name: string(kind), Size: int64(len(text)), Data: strings.NewReader(text)}}
	}
	found, err := ledger.Reconcile(ctx, job)
	w.must(err)
	v, err := w.store.OrderFundResult(ctx, cook, a.ID, casework.Date{Year: 2026, Month: 3, Day: 31}, "")
	w.must(err)
	sum, err := w.store.PutFile(ctx, []byte("side,file\n"))
	w.must(err)
	v.State, v.Papers = store.FundDifferences, map[string]string{"rows.csv": sum}
	v.Numbers = store.FundNumbers{HasBalance: true, Bank: found.Adjustment.Bank, Book: found.Adjustment.Book, Questions: len(found.Questions), Invariants: found.Invariants,
		Kinds: [4]store.FundSum{{}, {Rows: 2, Fen: 11100}, {}, {}}, States: map[string]map[string]store.FundSum{"bank": {"matched": {Rows: 1, Fen: 120000}, "proposed": {Rows: 1, Fen: -9000}, "open_k2": {Rows: 1, Fen: -3000}}, "ledger": {"matched": {Rows: 1, Fen: 120000}}},
		Comparisons: []ledger.Comparison{{Name: "A", Compared: 2, Differ: []ledger.TotalLine{{Key: "N1", Other: 1, Book: 2}}}}}
	w.must(w.store.EndFundResult(ctx, v, found.Questions, store.FundCarry{Items: found.Open(), Complete: true, HasBalance: true, Bank: found.Adjustment.Bank, Book: found.Adjustment.Book}))
	return v
}

func TestFundItemsAreAnsweredAndTakenBack(t *testing.T) {
	w := newSite(t)
	w.fund()
	clerk := w.as("clerk")
	code, body, _ := clerk.get("/fund/expense?month=2026-03")
	if code != http.StatusOK || !strings.Contains(body, "有差异") || !strings.Contains(body, "手续费") || strings.Contains(body, "欧阳文静") || strings.Contains(body, "43679999000000000001") {
		t.Fatalf("the account page: %d, or it shows a name or a number in full", code)
	}
	a, err := w.store.FundAccount(t.Context(), "expense")
	w.must(err)
	items, _, err := w.store.FundItems(t.Context(), a.ID, "", 0)
	w.must(err)
	pair := items[0]
	if len(pair.Question.Rows) != 2 {
		t.Fatalf("items %+v", items)
	}
	answer := func(v *visitor, ruling string) int {
		code, _, _ := v.form("/fund/expense/items/"+pair.Key+"/ruling", url.Values{"ruling": {ruling}, "note": {"小数点错位"}})
		return code
	}
	if code := answer(w.as("manager"), "accepted"); code != http.StatusForbidden {
		t.Errorf("a manager answers: %d", code)
	}
	for ruling, want := range map[string]int{"explained": http.StatusUnprocessableEntity, "": http.StatusUnprocessableEntity} {
		if code := answer(clerk, ruling); code != want {
			t.Errorf("answer %q: %d, want %d", ruling, code, want)
		}
	}
	if answer(clerk, "accepted") != http.StatusSeeOther || answer(clerk, "undo") != http.StatusSeeOther || answer(clerk, "undo") != http.StatusUnprocessableEntity {
		t.Error("an answer is given and taken back once")
	}
	if _, body, _ = clerk.get("/fund/expense"); !strings.Contains(body, "小数点错位") || !strings.Contains(body, "撤回") {
		t.Error("the page does not show the lineage of the answer")
	}
}

func TestFundDayIsSignedByThreeAndItsPapersAreAudited(t *testing.T) {
	w := newSite(t)
	v := w.fund()
	day := "/fund/expense/days/2026-03-31"
	for i, who := range []string{"clerk", "operator", "manager"} {
		if code, _, _ := w.as(who).form(day+"/sign", nil); code != http.StatusSeeOther {
			t.Errorf("signature %d: %d", i+1, code)
		}
	}
	if code, _, _ := w.as("clerk").form(day+"/sign", nil); code != http.StatusConflict {
		t.Errorf("a fourth signature: %d", code)
	}
	code, body, _ := w.as("clerk").get(day + "/papers/rows.csv")
	if code != http.StatusOK || body != "side,file\n" {
		t.Errorf("paper: %d", code)
	}
	rows, err := w.store.Audit(t.Context(), v.Papers["rows.csv"], 10)
	if err != nil || !has(rows, "personal_data.picture") {
		t.Errorf("the look was not audited: %v", err)
	}
	if code, _, _ := w.as("manager").get(day + "/papers/rows.csv"); code != http.StatusForbidden {
		t.Errorf("a manager, who may not see names: %d", code)
	}
	if code, _, _ := w.as("clerk").get("/fund/expense/days/2026-03-30"); code != http.StatusNotFound {
		t.Errorf("a day that was not compared: %d", code)
	}
}

func TestFundBooksAreClosedOnThePageAfterThreeSignatures(t *testing.T) {
	w := newSite(t)
	w.fund()
	day := "/fund/expense/days/2026-03-31"
	operator := w.as("operator")
	if code, _, _ := operator.form(day+"/close", nil); code != http.StatusConflict {
		t.Errorf("closed without a signature: %d", code)
	}
	for _, who := range []string{"clerk", "operator", "manager"} {
		w.as(who).form(day+"/sign", nil)
	}
	if code, _, _ := w.as("clerk").form(day+"/close", nil); code != http.StatusForbidden {
		t.Errorf("closed by a clerk: %d", code)
	}
	_, body, _ := operator.get("/fund/expense/books")
	if !strings.Contains(body, "结账至 2026-03-31") {
		t.Error("the page does not offer to close")
	}
	if code, _, _ := operator.form(day+"/close", nil); code != http.StatusSeeOther {
		t.Errorf("closed after three signatures: %d", code)
	}
	_, body, _ = operator.get("/fund/expense/books")
	for _, want := range []string{"2026-03-30 – 2026-03-31", "自 2026-04-01 起", "手续费", "会计编制", "1,130.00"} {
		if !strings.Contains(body, want) && !strings.Contains(body, strings.ReplaceAll(want, ",", "")) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(body, "欧阳文静") {
		t.Error("the page shows a name in full")
	}
	if code, _, _ := operator.form("/fund/expense/reconcile", url.Values{"day": {"2026-03-31"}}); code != http.StatusUnprocessableEntity {
		t.Errorf("a day of closed books was ordered again: %d", code)
	}
}

func TestFailedPaymentsStandInTheInboxUntilTheyAreAnswered(t *testing.T) {
	w := newSite(t)
	v := w.fund()
	again := ledger.PayAgain{Batch: "2026030001", Item: "D003", Name: "欧阳文静", Fen: 173250, Why: "户名不符", Key: "k"}
	for _, day := range []int{31, 32} { // the same return file is read on two nights
		next, err := w.store.OrderFundResult(t.Context(), cook, v.AccountID, casework.Date{Year: 2026, Month: 3, Day: 31}.AddDays(day-31), "")
		w.must(err)
		next.State = store.FundDifferences
		w.must(w.store.EndFundResult(t.Context(), next, nil, store.FundCarry{PayAgain: []ledger.PayAgain{again}}))
	}
	clerk := w.as("clerk")
	_, body, _ := clerk.get("/inbox")
	for _, want := range []string{"1,732.50", "户名不符", "2026030001", "请业务经办联系收款人确认账户"} {
		if strings.Count(body, want) != 1 {
			t.Errorf("the inbox says %q %d times", want, strings.Count(body, want))
		}
	}
	if strings.Contains(body, "欧阳文静") {
		t.Error("the payee is shown in full")
	}
	list, err := w.store.WaitingRepays(t.Context())
	w.must(err)
	code, _, header := clerk.form("/fund/expense/repays/"+list[0].Key+"?then=inbox", url.Values{"state": {"paid"}, "note": {"换卡后重发"}})
	if code != http.StatusSeeOther || header.Get("Location") != "/inbox" {
		t.Fatalf("the answer: %d to %s", code, header.Get("Location"))
	}
	if _, body, _ := clerk.get("/inbox"); strings.Contains(body, "户名不符") {
		t.Error("an answered payment still stands in the inbox")
	}
}

// A question of a run without a case once made the whole inbox fail.
func TestQuestionsOfRunsWithoutACaseOpen(t *testing.T) {
	w := newSite(t)
	s, err := w.store.AddSchedule(t.Context(), cook, casework.Schedule{Name: "fund", Title: "支出户对账", Rule: "每个工作日 8:30", Playbook: "unemployment_claim", Subject: "expense", CatchUp: casework.CatchUpOnce})
	w.must(err)
	*w.clock = w.clock.Add(96 * time.Hour)
	_, err = w.store.Tick(t.Context(), func(_ context.Context, s casework.Schedule, _ time.Time) (casework.Run, casework.Snapshot, error) {
		return casework.Run{Playbook: s.Playbook, Version: w.flow.Version, Key: "k"}, casework.Snapshot{Shared: map[string]string{"subject": s.Subject}}, nil
	})
	w.must(err)
	ticks, _, err := w.store.Ticks(t.Context(), store.TickFilter{ScheduleID: s.ID})
	w.must(err)
	w.must(w.store.Settle(t.Context(), w.claim(t.Context(), ticks[0].RunID), casework.Result{State: casework.RunParked, Step: "confirm", Review: &casework.Review{
		Role: "clerk", Due: w.clock.Add(16 * time.Hour), Choices: []casework.Choice{{Name: "looked", Zh: "已逐项核对"}}}}))
	open, _, err := w.store.Reviews(t.Context(), store.ReviewFilter{})
	w.must(err)
	clerk := w.as("clerk")
	for _, path := range []string{"/inbox", "/reviews/" + open[0].ID} {
		if code, body, _ := clerk.get(path); code != http.StatusOK || !strings.Contains(body, "expense") || strings.Contains(body, `href="/cases/"`) {
			t.Errorf("%s: %d", path, code)
		}
	}
	if code, _, _ := clerk.form("/reviews/"+open[0].ID+"/decision", url.Values{"choice": {"looked"}}); code != http.StatusSeeOther {
		t.Errorf("the answer: %d", code)
	}
}
