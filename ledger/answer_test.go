package ledger_test

import (
	"slices"
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/fixtures/ledgers"
	"github.com/jingban/jingban/ledger"
)

const (
	answerBank = "交易日期,借方发生额,贷方发生额,余额,对方账号,对方户名,摘要,企业流水号\n"
	answerBook = "日期,借方金额,贷方金额,余额,对方账号,对方户名,摘要,业务单号\n"
	bankLine   = "2026-03-30,120.00,,880.00,6217000000000000001,示例甲,付款,R1\n"
	bookLine   = "2026-03-30,,120.00,880.00,6217000000000000001,示例甲,付款,R9\n"
)

func day(t *testing.T, text string) ledger.Day {
	t.Helper()
	d, err := casework.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return ledger.DayOf(d)
}

// stateOf gives the state of each row by side and line.
func statesOf(t *testing.T, res *ledger.Result) map[string]string {
	t.Helper()
	said := map[string]string{}
	if err := res.EachRow(func(r ledger.RowResult) error {
		said[r.Side.String()+" "+r.File] += " " + r.State.String() + ":" + r.Reason
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return said
}

func TestRefusedRowsStayApartAndFindOtherPartners(t *testing.T) {
	bank := text("b", answerBank+bankLine+"2026-03-31,10.00,,870.00,6217000000000000009,示例丁,付款,R7\n")
	others := "2026-03-31,,10.00,870.00,6217000000000000009,示例丁,付款,R7\n"
	first := reconcile(t, bank, text("l", answerBook+bookLine+others))
	i := slices.IndexFunc(first.Questions, func(q ledger.Question) bool { return len(q.Rows) == 2 })
	if i < 0 || first.Questions[i].State != ledger.Proposed && first.Questions[i].State != ledger.MatchedWithDifference {
		t.Fatalf("questions %+v", first.Questions)
	}
	refused := func(job *ledger.Job) {
		job.Answers = []ledger.Answer{first.Questions[i].Answered(ledger.Refused)}
	}
	next := reconcile(t, bank, text("l", answerBook+bookLine+others), refused)
	if got := statesOf(t, next)["bank b"]; got != " open_k2:refused matched:same_reference" {
		t.Errorf("bank rows:%s", got)
	}
	if a := next.Adjustment; len(a.K2) != 1 || len(a.K4) != 1 {
		t.Errorf("table %+v", a)
	}
	var kept int
	for _, q := range next.Questions {
		if q.Ruling == ledger.Refused && q.Key == first.Questions[i].Key && len(q.Rows) == 2 && !q.Waits() {
			kept++
		}
	}
	if kept != 1 || len(next.Questions) != 3 {
		t.Errorf("the refusal can't be taken back: %+v", next.Questions)
	}
	// The true partner comes: it is found beside the row that was refused.
	next = reconcile(t, bank, text("l", answerBook+bookLine+others+"2026-04-01,,120.00,750.00,6217000000000000001,示例甲,付款,\n"), refused)
	if got := statesOf(t, next); got["bank b"] != " matched:account_window matched:same_reference" || got["ledger l"] != " open_k4:refused matched:same_reference matched:account_window" {
		t.Errorf("with its partner: %v", got)
	}
}

func TestAnswersHoldInTheBooksThatFollow(t *testing.T) {
	first := typo(t)
	accepted := []ledger.Answer{first.Questions[1].Answered(ledger.Accepted)}
	march := typo(t, func(job *ledger.Job) { job.Answers = accepted })
	carried := march.Open()
	if len(carried) != 2 || carried[0].Fen+carried[1].Fen != 9000-50000 {
		t.Fatalf("carried %+v", carried)
	}
	april := func(book string, answers []ledger.Answer, carried []ledger.Carried) *ledger.Result {
		return reconcile(t, text("b", questionBank+"2026-04-01,,20.00,400.00,示例丁,转入\n"), text("l", questionBook+"2026-04-01,20.00,,810.00,示例丁,转入\n"+book),
			func(job *ledger.Job) { job.Answers, job.Carried, job.From = answers, carried, day(t, "2026-04-01") })
	}
	// The correction of the typing error closes the difference; only the payment
	// that nobody booked is left.
	res := april("2026-04-02,90.00,,900.00,示例甲,更正\n", accepted, carried)
	if got := statesOf(t, res)["bank (carried)"]; got != " open_k2:no_partner matched:name_window" && got != " matched:name_window open_k2:no_partner" {
		t.Errorf("carried rows:%s", got)
	}
	if !res.Adjustment.Balanced() {
		t.Errorf("table %+v", res.Adjustment)
	}
	// Refused instead, both rows are carried and stay apart.
	refused := []ledger.Answer{first.Questions[1].Answered(ledger.Refused)}
	march = typo(t, func(job *ledger.Job) { job.Answers = refused })
	if carried = march.Open(); len(carried) != 3 {
		t.Fatalf("carried %+v", carried)
	}
	for again := range 2 { // again: after the undo the question is asked anew
		if again == 1 {
			refused = nil
		}
		res = april("", refused, carried)
		proposed := slices.ContainsFunc(res.Questions, func(q ledger.Question) bool { return q.Reason == "digits_swapped" && q.Key == first.Questions[1].Key })
		if proposed != (again == 1) || !res.Adjustment.Balanced() {
			t.Errorf("refused %v: %+v", again == 0, res.Questions)
		}
	}
	// An explanation goes on as well.
	open := first.Questions[0]
	res = april("", []ledger.Answer{open.Answered(ledger.Explained)}, carried)
	if i := slices.IndexFunc(res.Questions, func(q ledger.Question) bool { return q.Key == open.Key }); i < 0 || res.Questions[i].Ruling != ledger.Explained {
		t.Errorf("explained: %+v", res.Questions)
	}
}

// A statement that reaches back before the books: what lies before them counts
// for the balance only, lines exported twice not at all.
func TestBooksBeginWithTheBalanceOfTheirFirstDay(t *testing.T) {
	march := "2026-03-30,,20.00,1020.00,示例丁,转入\n2026-03-31,10.00,,1010.00,示例丁,付款\n"
	bank := text("b", questionBank+march+march+"2026-04-01,5.00,,1005.00,示例戊,付款\n")
	res := reconcile(t, bank, text("l", questionBook+"2026-04-01,,5.00,1005.00,示例戊,付款\n"), func(job *ledger.Job) { job.From = day(t, "2026-04-01") })
	if s := res.Sides[0]; s.Rows != 1 || s.Opening != 101000 || s.Closing != 100500 || !res.Balanced() {
		t.Errorf("bank side %+v, table %+v", s, res.Adjustment)
	}
}

// Answers given on the first nights hold in every later one, and N nights with
// answers end where one run with the same answers ends, row by row.
func TestNightsWithAnswersEndWhereOneRunWithThemEnds(t *testing.T) {
	bank, book, _ := year(t, ledgers.Options{Rows: 4_000, Seed: 60, Breaks: 0.03})
	force := func(job *ledger.Job) { job.Force = true }
	nights := func(part int) func(job *ledger.Job) {
		return func(job *ledger.Job) { job.Until = day(t, []string{"2025-04-30", "2025-08-31", "2026-03-31"}[part]) }
	}
	var answers []ledger.Answer
	with := func(job *ledger.Job) { job.Answers = answers }
	for part := range 2 {
		for i, q := range reconcile(t, bank, book, force, nights(part), with).Questions {
			if rulable := q.Rulable(); q.Ruling == ledger.Unruled {
				answers = append(answers, q.Answered(rulable[i%len(rulable)]))
			}
		}
	}
	if len(answers) < 40 {
		t.Fatalf("only %d answers", len(answers))
	}
	full := reconcile(t, bank, book, force, nights(2), with)
	rulings := map[string]ledger.Ruling{}
	for _, q := range full.Questions {
		rulings[q.Key] = q.Ruling
	}
	held := map[ledger.Ruling]int{}
	for _, a := range answers {
		if a.Ruling == ledger.Explained {
			continue // its partner may have come
		}
		if held[a.Ruling]++; rulings[a.Question] != a.Ruling && a.Ruling == ledger.Accepted {
			t.Errorf("%s of %d rows: now %q", a.Ruling, len(a.Rows), rulings[a.Question])
		}
	}
	if held[ledger.Accepted] < 10 || held[ledger.Refused] < 10 {
		t.Fatalf("answers %v", held)
	}
	apart := map[string][]string{} // question → groups of its rows
	group := map[string]uint32{}
	for _, row := range full.Differ {
		group[row.Key] = row.Group
	}
	for _, a := range answers {
		seen := map[uint32]bool{}
		for _, row := range a.Rows {
			if g := group[row.Key]; a.Ruling == ledger.Refused && g != 0 {
				if seen[g] {
					apart[a.Question] = append(apart[a.Question], row.Key)
				}
				seen[g] = true
			}
		}
	}
	if len(apart) > 0 {
		t.Errorf("%d refused questions stand together again", len(apart))
	}
	want := decisions(t, full, nil)
	again := decisions(t, reconcile(t, bank, book, force, nights(2), with), nil)
	for place, said := range want {
		if again[place] != said {
			t.Errorf("%s: %q, then %q", place, said, again[place])
		}
	}
}
