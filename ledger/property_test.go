package ledger_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/fixtures/ledgers"
	"github.com/jingban/jingban/ledger"
)

func reconcile(t *testing.T, bank, book ledger.Input, more ...func(*ledger.Job)) *ledger.Result {
	t.Helper()
	calendar, err := casework.LoadCalendar(nil)
	if err != nil {
		t.Fatal(err)
	}
	job := ledger.Job{Bank: []ledger.Input{bank}, Book: []ledger.Input{book}, Calendar: calendar}
	for _, each := range more {
		each(&job)
	}
	res, err := ledger.Reconcile(t.Context(), job)
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

// randomBooks are small books out of few days, amounts, parties and references,
// so that everything collides with everything.
func randomBooks(seed uint64) (bank, book ledger.Input) {
	rnd := rand.New(rand.NewPCG(seed, 1))
	write := func(head string, debitFirst bool) ledger.Input {
		var b bytes.Buffer
		b.WriteString(head)
		for range rnd.IntN(40) {
			amount := fmt.Sprintf("%d.%02d", rnd.IntN(6)*100, rnd.IntN(2)*50)
			cells := []string{amount, ""}
			if rnd.IntN(3) == 0 {
				cells = []string{"", amount}
			}
			if debitFirst {
				cells[0], cells[1] = cells[1], cells[0]
			}
			fmt.Fprintf(&b, "2026-03-%02d,%s,%s,%s,%s,%s\n", 1+rnd.IntN(28), cells[0], cells[1], []string{"", "6217000000000000001", "6217000000000000002"}[rnd.IntN(3)],
				[]string{"手续费", "退汇", "养老金", "冲正", "批次2026030001"}[rnd.IntN(5)], []string{"", "R1", "R2", "R3", "R4"}[rnd.IntN(5)])
		}
		return ledger.Input{Name: "f.csv", Size: int64(b.Len()), Data: bytes.NewReader(b.Bytes())}
	}
	return write("交易日期,借方发生额,贷方发生额,对方账号,摘要,流水号\n", false), write("日期,借方金额,贷方金额,对方账号,摘要,业务单号\n", true)
}

func TestEveryRowHasOneStateAndTheSumsAreTheFiles(t *testing.T) {
	for seed := range uint64(300) {
		bank, book := randomBooks(seed)
		res := reconcile(t, bank, book)
		var out bytes.Buffer
		if err := res.WriteRows(&out); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(&out).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		sums, groups, seen := map[string]int64{}, map[string]int64{}, map[string]bool{}
		for _, row := range rows[1:] {
			if seen[row[0]+row[2]] {
				t.Fatalf("seed %d: %v stands twice", seed, row)
			}
			seen[row[0]+row[2]] = true
			fen, err := strconv.ParseInt(row[3], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			sums[row[0]] += fen
			if row[4] == "matched" || row[4] == "grouped" || row[4] == "ambiguous" {
				if row[0] == "ledger" {
					fen = -fen
				}
				groups[row[5]] += fen
			}
		}
		for side, in := range map[string]ledger.Input{"bank": bank, "ledger": book} {
			which := ledger.Bank
			if side == "ledger" {
				which = ledger.Book
			}
			st, err := ledger.Read(in, ledger.Options{Side: which}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if got := casework.Fen(sums[side]); got != st.SumIn-st.SumOut {
				t.Errorf("seed %d: the %s rows sum up to %s, the file to %s", seed, side, got, st.SumIn-st.SumOut)
			}
		}
		for group, net := range groups {
			if net != 0 {
				t.Errorf("seed %d: group %s is off by %d", seed, group, net)
			}
		}
	}
}

func TestResultIsTheSameEveryTime(t *testing.T) {
	bank, book, _ := year(t, ledgers.Options{Rows: 20_000, Seed: 4, Breaks: 0.02})
	var first string
	for range 3 {
		var out strings.Builder
		if err := reconcile(t, bank, book).WriteRows(&out); err != nil {
			t.Fatal(err)
		}
		if first == "" {
			first = out.String()
		} else if out.String() != first {
			t.Fatal("two runs over the same files differ")
		}
	}
}

func TestEqualRowsAreAmbiguousAndNeverPaired(t *testing.T) {
	bank := "交易日期,借方发生额,贷方发生额,对方账号\n2026-03-02,100.00,,6217000000000000001\n2026-03-03,100.00,,6217000000000000001\n"
	book := "日期,借方金额,贷方金额,对方账号\n2026-03-02,,100.00,6217000000000000001\n2026-03-03,,100.00,6217000000000000001\n"
	res := reconcile(t, text("b", bank), text("l", book))
	if n := res.Sides[0].Count[ledger.Ambiguous]; n != 2 || res.Sides[1].Count[ledger.Ambiguous] != 2 {
		t.Errorf("states %v", res.Sides[0].Count)
	}
	// One more on one side: the sums do not agree, so it is a question, not a state of peace.
	res = reconcile(t, text("b", bank), text("l", book+"2026-03-04,,100.00,6217000000000000001\n"))
	if n := res.Sides[1].Count[ledger.Proposed]; n != 3 || res.Sides[0].Count[ledger.Matched] != 0 {
		t.Errorf("states %v", res.Sides[1].Count)
	}
}

func TestSumIsTakenOnlyWhenItIsTheOnlyOne(t *testing.T) {
	const head = "日期,借方金额,贷方金额,对方账号\n"
	bank := text("b", "交易日期,借方发生额,贷方发生额,对方账号\n2026-03-02,9000.00,,6217000000000000001\n")
	one := reconcile(t, bank, text("l", head+"2026-03-02,,4000.10,6217000000000000001\n2026-03-02,,4999.90,6217000000000000001\n2026-03-03,,123.45,6217000000000000001\n"))
	if one.Sides[0].Count[ledger.Grouped] != 1 || one.Sides[1].Count[ledger.Grouped] != 2 {
		t.Errorf("the only sum: %v", one.Sides[1].Count)
	}
	two := reconcile(t, bank, text("l", head+"2026-03-02,,4000.00,6217000000000000001\n2026-03-02,,5000.00,6217000000000000001\n2026-03-03,,4500.00,6217000000000000001\n2026-03-03,,4500.00,6217000000000000001\n"))
	if two.Sides[0].Count[ledger.Grouped] != 0 {
		t.Errorf("two sums, one taken: %v", two.Sides[1].Count)
	}
}

func text(name, content string) ledger.Input {
	return ledger.Input{Name: name, Size: int64(len(content)), Data: strings.NewReader(content)}
}

func TestOpenItemIsCarriedAndCleared(t *testing.T) {
	const bankHead, bookHead = "交易日期,借方发生额,贷方发生额,余额,对方户名,摘要\n", "日期,借方金额,贷方金额,余额,对方户名,摘要\n"
	night := reconcile(t, text("b1", bankHead+"2026-03-31,10.00,,90.00,示例甲,付款\n"), text("l1", bookHead+"2026-03-31,,10.00,90.00,示例甲,付款\n2026-03-31,,20.00,70.00,示例乙,付款\n"))
	open := night.Open()
	if len(open) != 1 || open[0].Side != ledger.Book || open[0].Fen != -2000 || !night.Adjustment.Balanced() {
		t.Fatalf("open %+v, table %+v", open, night.Adjustment)
	}
	next := reconcile(t, text("b2", bankHead+"2026-04-01,20.00,,70.00,示例乙,付款\n"), text("l2", bookHead+"2026-04-02,30.00,,100.00,示例丙,转入\n"), func(job *ledger.Job) { job.Carried = open })
	if next.Sides[0].Count[ledger.Matched] != 1 || next.Sides[1].Count[ledger.OpenK3] != 1 || !next.Adjustment.Balanced() {
		t.Errorf("states %v %v, difference %s", next.Sides[0].Count, next.Sides[1].Count, next.Adjustment.Difference())
	}
	full := reconcile(t, text("b", bankHead+"2026-03-31,10.00,,90.00,示例甲,付款\n2026-04-01,20.00,,70.00,示例乙,付款\n"),
		text("l", bookHead+"2026-03-31,,10.00,90.00,示例甲,付款\n2026-03-31,,20.00,70.00,示例乙,付款\n2026-04-02,30.00,,100.00,示例丙,转入\n"))
	if a, b := next.Adjustment, full.Adjustment; a.AdjustedBank() != b.AdjustedBank() || len(full.Open()) != len(next.Open()) || full.Open()[0].Fen != next.Open()[0].Fen {
		t.Errorf("incremental %+v, full %+v", a, b)
	}
}

func TestOverlappingExportsCountOnceAndTamperingIsSeen(t *testing.T) {
	const head = "交易日期,借方发生额,贷方发生额,余额,流水号\n"
	first := head + "2026-03-30,10.00,,90.00,S1\n2026-03-31,20.00,,70.00,S2\n"
	second := head + "2026-03-31,20.00,,70.00,S2\n2026-04-01,,5.00,75.00,S3\n"
	book := text("l", "日期,借方金额,贷方金额,余额,业务单号\n2026-03-30,,10.00,90.00,S1\n2026-03-31,,20.00,70.00,S2\n2026-04-01,5.00,,75.00,S3\n")
	both := func(job *ledger.Job) { job.Bank = []ledger.Input{text("b1", first), text("b2", second)} }
	res := reconcile(t, text("", ""), book, both)
	if res.Sides[0].Count[ledger.Rejected] != 1 || res.Sides[0].Count[ledger.Matched] != 3 || !res.Balanced() || res.Sides[0].Closing != 7500 {
		t.Errorf("states %v, closing %s", res.Sides[0].Count, res.Sides[0].Closing)
	}
	calendar, err := casework.LoadCalendar(nil)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(second, "20.00,,70.00", "21.00,,70.00", 1)
	_, err = ledger.Reconcile(t.Context(), ledger.Job{Bank: []ledger.Input{text("b1", first), text("b2", changed)}, Book: []ledger.Input{book}, Calendar: calendar})
	if err == nil || !strings.Contains(err.Error(), "b2:2") {
		t.Errorf("a changed amount went through: %v", err)
	}
}

func TestLineExportedTwiceIsNoItemOfTheTable(t *testing.T) {
	const twice = "2026-03-31,20.00,,70.00,示例乙\n2026-03-31,5.00,,65.00,示例丙\n"
	bank := text("b", "交易日期,借方发生额,贷方发生额,余额,对方户名\n2026-03-30,10.00,,90.00,示例甲\n"+twice+twice)
	book := text("l", "日期,借方金额,贷方金额,余额,对方户名\n2026-03-30,,10.00,90.00,示例甲\n2026-03-31,,20.00,70.00,示例乙\n2026-03-31,,5.00,65.00,示例丙\n")
	res := reconcile(t, bank, book)
	if res.Sides[0].Count[ledger.Rejected] != 2 || !res.Adjustment.Balanced() || len(res.Adjustment.K2) != 0 || !res.Balanced() {
		t.Errorf("states %v, table %+v", res.Sides[0].Count, res.Adjustment)
	}
}

// A balance that was tampered with is found in its line, whichever it is.
func TestTamperedBalanceIsNamedWithItsLine(t *testing.T) {
	bank, _, truth := year(t, ledgers.Options{Rows: 3000, Seed: 21, Second: true})
	whole, err := io.ReadAll(io.NewSectionReader(bank.Data, 0, bank.Size))
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(whole, []byte("\n"))
	rnd := rand.New(rand.NewPCG(21, 9))
	for range 30 {
		at := 2 + rnd.IntN(len(truth.Bank)-3) // not the first or last line, whose balance opens or closes
		cells := bytes.Split(bytes.Clone(lines[at]), []byte(","))
		digit := &cells[5][len(cells[5])-1-rnd.IntN(2)]
		*digit = '0' + (*digit-'0'+1+byte(rnd.IntN(9)))%10
		tampered := bytes.Join(slices.Concat(lines[:at], [][]byte{bytes.Join(cells, []byte(","))}, lines[at+1:]), nil)
		st, err := ledger.Read(ledger.Input{Name: "t", Size: int64(len(tampered)), Data: bytes.NewReader(tampered)}, ledger.Options{Side: ledger.Bank}, nil)
		if _, refused := errors.AsType[*ledger.Refusal](err); !refused || st.Suspect != at+1 {
			t.Errorf("line %d tampered with, %d named, %v", at+1, st.Suspect, err)
		}
	}
}
