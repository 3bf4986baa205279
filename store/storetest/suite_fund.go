package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/ledger"
	"github.com/jingban/jingban/store"
)

func fundContract() contract {
	return contract{
		"FundFilesAreArchivedOnce":              fundFilesAreArchivedOnce,
		"RefusedFundFileIsAlarmed":              refusedFundFileIsAlarmed,
		"MissingStatementIsAlarmed":             missingStatementIsAlarmed,
		"FundItemsAreClearedWhenTheyAreGone":    fundItemsAreClearedWhenTheyAreGone,
		"FundAnswersKeepTheirLineage":           fundAnswersKeepTheirLineage,
		"FundIsSignedByThree":                   fundIsSignedByThree,
		"FundBooksAreClosedWithThreeSignatures": fundBooksAreClosedWithThreeSignatures,
		"FailedPaymentsGoToTheBusinessSideOnce": failedPaymentsGoToTheBusinessSideOnce,
	}
}

const (
	fundBankHead = "交易时间,借方发生额（支取）,贷方发生额（收入）,余额,对方户名,摘要,账户明细编号-交易流水号\n"
	fundMonday   = "20260302 10:01:02,0.00,1200.00,1250.00,市财政局社保专户,拨入支出户用款,S0001\n"
	fundTuesday  = "20260303 17:00:00,30.00,0.00,1220.00,,手续费,S0002\n"
)

// fund makes an account whose books opened on Monday 2026-03-02.
func (h *house) fund(t *testing.T) store.FundAccount {
	t.Helper()
	a, err := h.SetFundAccount(t.Context(), clerk, store.FundAccount{Name: "expense", Title: "支出户", Number: "43679999000000000001", Cashier: "chen",
		Begins: casework.Date{Year: 2026, Month: 3, Day: 2}, DueBy: "09:30"})
	must(t, err)
	return a
}

func (h *house) statement(t *testing.T, a store.FundAccount, rows string) (store.FundFile, error) {
	t.Helper()
	return h.TakeFundFile(t.Context(), clerk, store.FundFile{AccountID: a.ID, Kind: store.FundBank, Name: "对账单.csv", Source: "upload"}, []byte(fundBankHead+rows))
}

func fundFilesAreArchivedOnce(t *testing.T, h *house) {
	a := h.fund(t)
	f, err := h.statement(t, a, fundMonday+fundTuesday)
	must(t, err)
	equal(t, "state", f.State, store.FundFileKept)
	equal(t, "period", f.First.String()+" "+f.Last.String(), "2026-03-02 2026-03-03")
	equal(t, "closing", f.Closing, casework.Fen(122000))
	again, err := h.statement(t, a, fundMonday+fundTuesday)
	wantErr(t, err, store.ErrDuplicate)
	equal(t, "the same file", again.ID, f.ID)
	raw, err := h.File(t.Context(), f.SHA256)
	must(t, err)
	equal(t, "raw bytes", string(raw), fundBankHead+fundMonday+fundTuesday)
	must(t, h.WithdrawFundFile(t.Context(), clerk, f.ID, "wrong account"))
	_, err = h.statement(t, a, fundMonday+fundTuesday)
	must(t, err)
}

func refusedFundFileIsAlarmed(t *testing.T, h *house) {
	a := h.fund(t)
	f, err := h.statement(t, a, fundMonday+"20260303 17:00:00,30.00,0.00,1000.00,,手续费,S0002\n")
	must(t, err)
	equal(t, "state", f.State, store.FundFileRefused)
	equal(t, "line", f.Problems[0].Line, 3)
	alerts, _, err := h.Alerts(t.Context(), store.AlertFilter{Kind: "fund"})
	must(t, err)
	equal(t, "alarm", alerts[0].Code, "file_refused")
}

func missingStatementIsAlarmed(t *testing.T, h *house) {
	a := h.fund(t) // it is Friday 2026-03-06, 09:30
	standing := func() []string {
		t.Helper()
		must(t, h.WatchFunds(t.Context()))
		alerts, _, err := h.Alerts(t.Context(), store.AlertFilter{Kind: "fund"})
		must(t, err)
		var days []string
		for _, one := range alerts {
			days = append(days, one.Detail["day"])
		}
		return days
	}
	_, err := h.statement(t, a, fundMonday+fundTuesday)
	must(t, err)
	equal(t, "Thursday's is not due before 09:30 has passed", len(standing()), 1)
	h.clock.Advance(time.Minute)
	equal(t, "Wednesday's and Thursday's", len(standing()), 2)
	equal(t, "each once", len(standing()), 2)
	// A statement of Wednesday and Thursday without a line: its period says so.
	_, err = h.TakeFundFile(t.Context(), clerk, store.FundFile{AccountID: a.ID, Kind: store.FundBank, Name: "x.csv", Source: "playbook",
		First: casework.Date{Year: 2026, Month: 3, Day: 4}, Last: casework.Date{Year: 2026, Month: 3, Day: 5}}, []byte(fundBankHead))
	must(t, err)
	equal(t, "come", len(standing()), 0)
	h.clock.Advance(72 * time.Hour) // Monday: the weekend expects nothing, Friday's is due
	days := standing()
	equal(t, "Friday", len(days), 1)
	equal(t, "day", days[0], "2026-03-06")
}

// feeQuestion is the question that the fee of Tuesday leaves.
func feeQuestion(key string) ledger.Question {
	return ledger.Question{Key: key, State: ledger.OpenK2, Reason: "fee", Fen: 3000, Net: -3000, Doubt: 0.1, Day: 20515, Rows: []ledger.RowResult{{State: ledger.OpenK2, Fen: -3000}}}
}

func (h *house) compared(t *testing.T, a store.FundAccount, day int, questions ...ledger.Question) store.FundResult {
	t.Helper()
	v, err := h.OrderFundResult(t.Context(), clerk, a.ID, casework.Date{Year: 2026, Month: 3, Day: day}, "")
	must(t, err)
	v.State = store.FundBalanced
	if len(questions) > 0 {
		v.State = store.FundDifferences
	}
	v.Papers = map[string]string{"rows.csv": "aa"}
	must(t, h.EndFundResult(t.Context(), v, questions, store.FundCarry{}))
	return v
}

func fundItemsAreClearedWhenTheyAreGone(t *testing.T, h *house) {
	a := h.fund(t)
	twins := ledger.Question{Key: "twins", State: ledger.Proposed, Reason: "duplicate", Fen: 90000, Doubt: 0.9, Day: 20515, Rows: make([]ledger.RowResult, 3)}
	first := h.compared(t, a, 3, feeQuestion("fee"), twins)
	items, _, err := h.FundItems(t.Context(), a.ID, "", 0)
	must(t, err)
	equal(t, "open", len(items), 2)
	equal(t, "the heaviest first", items[0].Question.Key, "twins")
	equal(t, "state", items[0].Question.State, ledger.Proposed)
	second := h.compared(t, a, 4, feeQuestion("fee"))
	items, _, err = h.FundItems(t.Context(), a.ID, "", 0)
	must(t, err)
	equal(t, "still open", len(items), 1)
	equal(t, "since", items[0].First, first.ID)
	equal(t, "seen", items[0].Last, second.ID)
	h.compared(t, a, 3) // an earlier day compared anew changes nothing of today
	items, _, err = h.FundItems(t.Context(), a.ID, "", 0)
	must(t, err)
	equal(t, "open after an earlier day", len(items), 1)
	days, err := h.FundDays(t.Context(), a.ID, first.Day, second.Day)
	must(t, err)
	equal(t, "days", len(days), 2)
	equal(t, "the newest of the day", days[0].State, store.FundBalanced)
	alerts, _, err := h.Alerts(t.Context(), store.AlertFilter{Kind: "fund"})
	must(t, err)
	equal(t, "alarm", alerts[0].Code, "differences")
	// Quotes and whole words: sealed text may spell three letters by chance.
	equal(t, "clear text", h.number(t, `SELECT COUNT(*) FROM fund_items WHERE question LIKE '%"fee"%' OR key IN ('fee', 'twins')`), 0)
}

func fundAnswersKeepTheirLineage(t *testing.T, h *house) {
	a := h.fund(t)
	h.compared(t, a, 3, feeQuestion("fee"))
	open := func() store.FundItem {
		t.Helper()
		items, _, err := h.FundItems(t.Context(), a.ID, "", 0)
		must(t, err)
		return items[0]
	}
	key := open().Key
	wantErr(t, h.RuleFundItem(t.Context(), clerk, a.ID, key, ledger.Accepted, ""), store.ErrInvalid) // one row has no partner to accept
	wantErr(t, h.RuleFundItem(t.Context(), clerk, a.ID, key, ledger.Unruled, ""), store.ErrInvalid)
	must(t, h.RuleFundItem(t.Context(), clerk, a.ID, key, ledger.Explained, "银行手续费"))
	must(t, h.RuleFundItem(t.Context(), clerk, a.ID, key, ledger.Unruled, "误操作"))
	must(t, h.RuleFundItem(t.Context(), clerk, a.ID, key, ledger.Explained, "三月手续费"))
	item := open()
	equal(t, "answers", len(item.Rulings), 3)
	equal(t, "note", item.Rulings[0].Note, "银行手续费")
	equal(t, "the last one counts", item.Question.Ruling, ledger.Explained)
	answers, err := h.FundAnswers(t.Context(), a.ID)
	must(t, err)
	equal(t, "answers that hold", len(answers), 1)
	equal(t, "as the next night takes it", answers[0].Question+" "+string(answers[0].Ruling), "fee explained")
	h.compared(t, a, 4)
	wantErr(t, h.RuleFundItem(t.Context(), clerk, a.ID, key, ledger.Unruled, ""), store.ErrConflict)
}

func fundIsSignedByThree(t *testing.T, h *house) {
	a := h.fund(t)
	v, err := h.OrderFundResult(t.Context(), clerk, a.ID, casework.Date{Year: 2026, Month: 3, Day: 31}, "")
	must(t, err)
	person := func(name string) casework.Actor {
		return casework.Actor{Kind: casework.Human, ID: "id-" + name, Name: name, Role: "clerk"}
	}
	sign := func(name string) error { _, err := h.SignFundResult(t.Context(), person(name), v.ID); return err }
	wantErr(t, sign("li"), store.ErrConflict) // nothing was compared yet
	v.State = store.FundBalanced
	must(t, h.EndFundResult(t.Context(), v, nil, store.FundCarry{}))
	wantErr(t, h.EndFundResult(t.Context(), v, nil, store.FundCarry{}), store.ErrConflict)
	wantErr(t, sign("chen"), store.ErrConflict) // the cashier
	must(t, sign("li"))
	wantErr(t, sign("li"), store.ErrConflict)
	must(t, sign("wang"))
	must(t, sign("zhao"))
	wantErr(t, sign("sun"), store.ErrConflict)
	signed, err := h.FundSignatures(t.Context(), v.ID)
	must(t, err)
	equal(t, "chain", signed[0].Name+signed[1].Name+signed[2].Name, "liwangzhao")
}

func fundBooksAreClosedWithThreeSignatures(t *testing.T, h *house) {
	a := h.fund(t)
	day := casework.Date{Year: 2026, Month: 3, Day: 31}
	v, err := h.OrderFundResult(t.Context(), clerk, a.ID, day, "")
	must(t, err)
	v.State = store.FundDifferences
	fee := ledger.Carried{Side: ledger.Bank, On: "2026-03-30", Fen: -3000, Summary: "手续费", File: "b", Line: 3}
	must(t, h.EndFundResult(t.Context(), v, []ledger.Question{feeQuestion("fee")}, store.FundCarry{Items: []ledger.Carried{fee}, Paid: []string{"2026030001"}, Complete: true, HasBalance: true, Bank: 122000, Book: 125000}))
	person := func(name string) casework.Actor {
		return casework.Actor{Kind: casework.Human, ID: "id-" + name, Name: name, Role: "clerk"}
	}
	closing := func(name string) error {
		_, err := h.CloseFundBooks(t.Context(), person(name), v.ID)
		return err
	}
	for _, name := range []string{"li", "wang", "zhao"} {
		wantErr(t, closing("li"), store.ErrConflict)
		_, err := h.SignFundResult(t.Context(), person(name), v.ID)
		must(t, err)
	}
	wantErr(t, closing("chen"), store.ErrConflict) // the cashier
	must(t, closing("zhao"))
	wantErr(t, closing("zhao"), store.ErrConflict)
	a.Title, a.Begins, a.Carried = "支出户二", day, nil
	_, err = h.SetFundAccount(t.Context(), clerk, a) // changes neither the books nor what they carry
	must(t, err)
	a, err = h.FundAccount(t.Context(), a.Name)
	must(t, err)
	equal(t, "the next books begin", a.Begins.String(), "2026-04-01")
	equal(t, "carried", len(a.Carried), 1)
	equal(t, "its day", a.Carried[0].Day.String(), "2026-03-30")
	equal(t, "opening balance", a.Opens.Bank, casework.Fen(122000))
	equal(t, "settled batches", a.Opens.Paid[0], "2026030001")
	closed, err := h.FundClosings(t.Context(), a.ID)
	must(t, err)
	equal(t, "closed", len(closed), 1)
	equal(t, "by whom and what", closed[0].By+" "+closed[0].First.String()+" "+closed[0].Last.String()+" "+closed[0].Net.String(), "zhao 2026-03-02 2026-03-31 -30.00")
	equal(t, "clear text", h.number(t, `SELECT COUNT(*) FROM fund_accounts WHERE carried LIKE '%手续费%' OR opens LIKE '%2026030001%'`), 0)
}

func failedPaymentsGoToTheBusinessSideOnce(t *testing.T, h *house) {
	a := h.fund(t)
	back := ledger.PayAgain{Batch: "2026030001", Item: "D003", Name: "示例丙", Fen: 173250, Why: "户名不符", Key: "k"}
	for _, day := range []int{3, 4} {
		v, err := h.OrderFundResult(t.Context(), clerk, a.ID, casework.Date{Year: 2026, Month: 3, Day: day}, "")
		must(t, err)
		v.State = store.FundDifferences
		must(t, h.EndFundResult(t.Context(), v, nil, store.FundCarry{PayAgain: []ledger.PayAgain{back}}))
	}
	standing := func() (n int) {
		alerts, _, err := h.Alerts(t.Context(), store.AlertFilter{Kind: "fund"})
		must(t, err)
		for _, one := range alerts {
			if one.Code == "pay_again" {
				n++
			}
		}
		return n
	}
	list, err := h.FundRepays(t.Context(), a.ID)
	must(t, err)
	equal(t, "found twice, handed on once", len(list), 1)
	equal(t, "who", list[0].Detail.Name+" "+list[0].State, "示例丙 waiting")
	waiting, err := h.WaitingRepays(t.Context())
	must(t, err)
	equal(t, "in the inbox", len(waiting), 1)
	equal(t, "of which account", waiting[0].Account, a.Name)
	equal(t, "alarm", standing(), 1)
	equal(t, "clear text", h.number(t, `SELECT COUNT(*) FROM fund_repays WHERE detail LIKE '%示例丙%' OR detail LIKE '%D003%'`), 0)
	wantErr(t, h.CloseFundRepay(t.Context(), clerk, a.ID, list[0].Key, "waiting", ""), store.ErrInvalid)
	must(t, h.CloseFundRepay(t.Context(), clerk, a.ID, list[0].Key, store.RepayPaid, "换卡后重发"))
	wantErr(t, h.CloseFundRepay(t.Context(), clerk, a.ID, list[0].Key, store.RepayPaid, ""), store.ErrConflict)
	list, err = h.FundRepays(t.Context(), a.ID)
	must(t, err)
	equal(t, "note", list[0].Note, "换卡后重发")
	waiting, err = h.WaitingRepays(t.Context())
	must(t, err)
	equal(t, "in the inbox after the answer", len(waiting), 0)
	equal(t, "alarm", standing(), 0)
}

func wantErr(t *testing.T, have, want error) {
	t.Helper()
	if !errors.Is(have, want) {
		t.Fatalf("have %v, want %v", have, want)
	}
}
