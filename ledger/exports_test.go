package ledger

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

const exportHead = "交易日期,借方发生额,贷方发生额,余额,流水号\n"

// codes gives line and code of all problems of a file.
func codes(list []Problem, file string) (found []string) {
	for _, p := range list {
		if p.File == file {
			found = append(found, fmt.Sprintf("%d %s", p.Line, p.Code))
		}
	}
	return found
}

func TestSerialLeftOutIsNamedWithItsLine(t *testing.T) {
	// The line of A4 was taken away and the balances after it were written anew.
	rows := "2026-03-01,,1.00,1.00,A1\n2026-03-02,,1.00,2.00,A2\n2026-03-03,,1.00,3.00,A3\n2026-03-05,,1.00,4.00,A5\n2026-03-06,,1.00,5.00,A6\n2026-03-07,,1.00,6.00,A7\n"
	st, _, err := readAll(t, input("f", []byte(exportHead+rows)), Bank)
	if err != nil || !st.Balanced {
		t.Fatal(err)
	}
	if got := codes(st.Problems, "f"); len(got) != 1 || got[0] != "5 serial_gap" {
		t.Errorf("problems %v", got)
	}
	lines := strings.SplitAfter(strings.TrimSuffix(rows, "\n"), "\n")
	lines[len(lines)-1] += "\n"
	for _, quiet := range []string{strings.Join(lines[:3], ""), strings.ReplaceAll(rows, "A5", "A4000"), strings.NewReplacer("A1", "X7", "A2", "X19", "A3", "X4").Replace(rows)} {
		if st, _, err := readAll(t, input("f", []byte(exportHead+quiet)), Bank); err != nil || len(st.Problems) != 0 {
			t.Errorf("%q: %v %v", quiet, codes(st.Problems, "f"), err)
		}
	}
}

func TestTwoExportsOfADayMustAgree(t *testing.T) {
	const head = "交易日期,借方发生额,贷方发生额,余额\n"
	first := head + "2026-03-30,10.00,,90.00\n2026-03-31,20.00,,70.00\n2026-03-31,5.00,,65.00\n2026-04-01,,5.00,70.00\n"
	for name, c := range map[string]struct {
		second string
		want   []string
	}{
		"the same days again":           {first, nil},
		"the day went on":               {head + "2026-04-01,,5.00,70.00\n2026-04-01,,8.00,78.00\n2026-04-02,1.00,,77.00\n", nil},
		"an amount and its balance":     {strings.NewReplacer("20.00,,70.00", "21.00,,69.00", "65.00", "64.00", "70.00", "69.00").Replace(first), []string{"3 changed", "4 changed", "5 changed"}},
		"a line in the middle left out": {head + "2026-03-30,10.00,,90.00\n2026-03-31,20.00,,70.00\n2026-04-01,,5.00,75.00\n", []string{"4 changed", "4 changed"}},
	} {
		t.Run(name, func(t *testing.T) {
			job := Job{Bank: []Input{input("a", []byte(first)), input("b", []byte(c.second))}, Book: []Input{input("l", []byte("日期,借方金额,贷方金额,摘要\n2026-03-31,1.00,,x\n"))}, Calendar: calendarForTest(t)}
			_, err := Reconcile(t.Context(), job)
			unusable, refused := errors.AsType[*Unusable](err)
			if refused != (c.want != nil) {
				t.Fatalf("got %v", err)
			}
			if !refused {
				return
			}
			var all []Problem
			for _, r := range unusable.Refusals {
				all = append(all, r.Problems...)
			}
			if got := append(codes(all, "a"), codes(all, "b")...); fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestEqualEntriesOfOneFileAreNoOverlap(t *testing.T) {
	// Two entries of one batch share reference, day and amount, and MT940 has no running balance.
	twins := strings.Replace(good940, ":62F:C260304CNY1300,00", ":61:2603030303D200,00NTRFA2//B2\n:62F:C260304CNY1100,00", 1)
	job := Job{Bank: []Input{input("a", []byte(twins)), input("b", []byte(twins))}, Book: []Input{input("l", []byte("日期,借方金额,贷方金额,摘要\n2026-03-31,1.00,,x\n"))}, Calendar: calendarForTest(t)}
	res, err := Reconcile(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	if n := res.Sides[Bank].Count[Rejected]; n != 3 || res.Sides[Bank].Rows != 6 {
		t.Errorf("%d of %d lines left out, want the three of the second file", n, res.Sides[Bank].Rows)
	}
}
