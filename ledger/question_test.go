package ledger_test

import (
	"slices"
	"testing"

	"github.com/jingban/jingban/ledger"
)

const (
	questionBank = "交易日期,借方发生额,贷方发生额,余额,对方户名,摘要\n"
	questionBook = "日期,借方金额,贷方金额,余额,对方户名,摘要\n"
)

// typo is a payment whose amount was mistyped in the books, and a large one that
// nobody booked.
func typo(t *testing.T, more ...func(*ledger.Job)) *ledger.Result {
	return reconcile(t, text("b", questionBank+"2026-03-30,120.00,,880.00,示例甲,付款\n2026-03-31,500.00,,380.00,示例丙,付款\n"),
		text("l", questionBook+"2026-03-30,,210.00,790.00,示例甲,付款\n"), more...)
}

func TestQuestionsAreOrderedByMoneyTimesDoubt(t *testing.T) {
	questions := typo(t).Questions
	if len(questions) != 2 || questions[0].Fen != 50000 || questions[0].State != ledger.OpenK2 || questions[1].Reason != "digits_swapped" || questions[1].Net != 9000 {
		t.Fatalf("questions %+v", questions)
	}
	if !slices.Contains(questions[1].Rulable(), ledger.Accepted) || slices.Contains(questions[0].Rulable(), ledger.Accepted) {
		t.Error("a single row was offered to be accepted")
	}
}

func TestQuestionKeepsItsKeyAndItsAnswerTheNextNight(t *testing.T) {
	first := typo(t)
	said := []ledger.Answer{first.Questions[1].Answered(ledger.Accepted)}
	// The next night brings the bank's statement anew, with a day more.
	next := reconcile(t, text("b2", questionBank+"2026-03-30,120.00,,880.00,示例甲,付款\n2026-03-31,500.00,,380.00,示例丙,付款\n2026-04-01,,20.00,400.00,示例丁,转入\n"),
		text("l", questionBook+"2026-03-30,,210.00,790.00,示例甲,付款\n2026-04-01,20.00,,810.00,示例丁,转入\n"), func(job *ledger.Job) { job.Answers = said })
	if next.Questions[1].Key != first.Questions[1].Key || next.Questions[1].Ruling != ledger.Accepted {
		t.Fatalf("questions %+v", next.Questions)
	}
	// Two open items have become one correction of our books by the difference.
	a := next.Adjustment
	if len(a.K1) != 1 || a.K1[0].Fen != 9000 || len(a.K4) != 0 || a.Difference() != first.Adjustment.Difference() {
		t.Errorf("table %+v", a)
	}
	if next.Balanced() {
		t.Error("a difference of 90 yuan was called balanced")
	}
}

func TestTwinsThatAPersonAcceptsAreBalanced(t *testing.T) {
	bank := text("b", "交易日期,借方发生额,贷方发生额,余额,对方账号\n2026-03-02,100.00,,900.00,6217000000000000001\n2026-03-03,100.00,,800.00,6217000000000000001\n")
	book := text("l", "日期,借方金额,贷方金额,余额,对方账号\n2026-03-02,,100.00,900.00,6217000000000000001\n2026-03-03,,100.00,800.00,6217000000000000001\n")
	first := reconcile(t, bank, book)
	if len(first.Questions) != 1 || first.Balanced() {
		t.Fatalf("questions %+v", first.Questions)
	}
	rule := func(r ledger.Ruling) *ledger.Result {
		return reconcile(t, bank, book, func(job *ledger.Job) { job.Answers = []ledger.Answer{first.Questions[0].Answered(r)} })
	}
	if !rule(ledger.Accepted).Balanced() || rule(ledger.Refused).Balanced() {
		t.Error("acceptance did not settle the twins, or a refusal did")
	}
}
