package ledger_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/fixtures/ledgers"
	"github.com/jingban/jingban/ledger"
)

// spilled makes a job keep as little as it can in memory.
func spilled(t *testing.T) func(*ledger.Job) {
	return func(job *ledger.Job) {
		job.InMemory = 1
		job.Scratch = func() (ledger.Scratch, error) { return os.CreateTemp(t.TempDir(), "scratch") }
	}
}

// everything is all that a result says, byte for byte.
func everything(t *testing.T, res *ledger.Result) string {
	t.Helper()
	var out bytes.Buffer
	for _, write := range []func(io.Writer) error{res.WriteRows, res.WriteSummary, res.WriteHTML} {
		if err := write(&out); err != nil {
			t.Fatal(err)
		}
	}
	return out.String()
}

func TestSpilledRunEqualsTheRunInMemoryBitForBit(t *testing.T) {
	for _, c := range []struct {
		name    string
		options ledgers.Options
	}{
		{"breaks", ledgers.Options{Rows: 40_000, Seed: 11, Breaks: 0.02}},
		{"kinds held back", ledgers.Options{Rows: 40_000, Seed: 12, Breaks: 0.05, Kinds: ledgers.HeldBack()}},
		{"not a whole chunk", ledgers.Options{Rows: 17_000, Seed: 13, Breaks: 0.01}},
	} {
		t.Run(c.name, func(t *testing.T) {
			bank, book, _ := year(t, c.options)
			whole := everything(t, reconcile(t, bank, book))
			if parts := everything(t, reconcile(t, bank, book, spilled(t))); parts != whole {
				t.Error("the spilled run differs")
			}
			if !strings.Contains(whole, "same_reference") || !strings.Contains(whole, "open_k") {
				t.Error("the books hold nothing to compare")
			}
		})
	}
}

func TestSpilledRunComparesTheReferenceBothBooksShare(t *testing.T) {
	// The bank's own serial stands first; what the books share is the second reference.
	var bank, book strings.Builder
	bank.WriteString("交易日期,借方发生额,贷方发生额,流水号,企业流水号\n")
	book.WriteString("日期,借方金额,贷方金额,业务单号\n")
	for i := range 20_000 {
		fmt.Fprintf(&bank, "2026-03-%02d,%d.00,,S%d,Q%d\n", 1+i%28, 1+i%7, i, i)
		fmt.Fprintf(&book, "2026-03-%02d,,%d.00,Q%d\n", 1+i%28, 1+i%7, i)
	}
	for name, more := range map[string]func(*ledger.Job){"whole": func(*ledger.Job) {}, "spilled": spilled(t)} {
		res := reconcile(t, text("b", bank.String()), text("l", book.String()), more)
		if n := res.Sides[0].Count[ledger.Matched]; n != 20_000 {
			t.Errorf("%s: %d matched", name, n)
		}
	}
}

// full is scratch without room.
type full struct{ io.ReaderAt }

func (full) WriteAt([]byte, int64) (int, error) { return 0, errors.New("no space left") }

func TestScratchWithoutRoomEndsTheRun(t *testing.T) {
	bank, book, _ := year(t, ledgers.Options{Rows: 40_000, Seed: 11})
	calendar, err := casework.LoadCalendar(nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = ledger.Reconcile(t.Context(), ledger.Job{Bank: []ledger.Input{bank}, Book: []ledger.Input{book}, Calendar: calendar, InMemory: 1,
		Scratch: func() (ledger.Scratch, error) { return full{}, nil }})
	if err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("got %v", err)
	}
}
