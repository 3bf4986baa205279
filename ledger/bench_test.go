package ledger_test

import (
	"bytes"
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/fixtures/ledgers"
	"github.com/jingban/jingban/ledger"
)

// year generates both books of a year in memory.
func year(tb testing.TB, options ledgers.Options) (bank, book ledger.Input, truth *ledgers.Truth) {
	tb.Helper()
	var files [2]bytes.Buffer
	truth, err := ledgers.Write(options, &files[0], &files[1])
	if err != nil {
		tb.Fatal(err)
	}
	in := func(name string, text []byte) ledger.Input {
		return ledger.Input{Name: name, Size: int64(len(text)), Data: bytes.NewReader(text)}
	}
	return in("bank.csv", files[0].Bytes()), in("book.csv", files[1].Bytes()), truth
}

func BenchmarkReadCSV(b *testing.B) {
	bank, _, truth := year(b, ledgers.Options{Rows: 100_000, Seed: 3})
	for b.Loop() {
		if _, err := ledger.Read(bank, ledger.Options{Side: ledger.Bank}, func(*ledger.Entry) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(truth.Bank)*b.N)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkReconcile(b *testing.B) {
	bank, book, truth := year(b, ledgers.Options{Rows: 300_000, Seed: 3, Breaks: 0.005})
	calendar, err := casework.LoadCalendar(nil)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := ledger.Reconcile(b.Context(), ledger.Job{Bank: []ledger.Input{bank}, Book: []ledger.Input{book}, Calendar: calendar}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(truth.Bank)+len(truth.Book))*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
