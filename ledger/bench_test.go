package ledger_test

import (
	"bytes"
	"syscall"
	"testing"
	"time"

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

// cpuSeconds is the processor time of the process: other processes take none of it.
func cpuSeconds(tb testing.TB) float64 {
	tb.Helper()
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano()).Seconds()
}

func BenchmarkReadCSV(b *testing.B) {
	bank, _, truth := year(b, ledgers.Options{Rows: 100_000, Seed: 1})
	cpu := cpuSeconds(b)
	for b.Loop() {
		if _, err := ledger.Read(bank, ledger.Options{Side: ledger.Bank}, func(*ledger.Entry) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(truth.Bank)*b.N)/(cpuSeconds(b)-cpu), "rows/cpu-s")
}

func BenchmarkReconcile(b *testing.B) {
	bank, book, truth := year(b, ledgers.Options{Rows: 300_000, Seed: 1, Breaks: 0.005})
	calendar, err := casework.LoadCalendar(nil)
	if err != nil {
		b.Fatal(err)
	}
	cpu := cpuSeconds(b)
	for b.Loop() {
		if _, err := ledger.Reconcile(b.Context(), ledger.Job{Bank: []ledger.Input{bank}, Book: []ledger.Input{book}, Calendar: calendar}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(truth.Bank)+len(truth.Book))*float64(b.N)/(cpuSeconds(b)-cpu), "rows/cpu-s")
}

// The statement of the second generator: seventeen columns in GB18030.
func BenchmarkReadWideGB18030(b *testing.B) {
	bank, _, truth := year(b, ledgers.Options{Rows: 100_000, Seed: 11, Second: true})
	b.SetBytes(bank.Size)
	cpu := cpuSeconds(b)
	for b.Loop() {
		if _, err := ledger.Read(bank, ledger.Options{Side: ledger.Bank, Force: true}, func(*ledger.Entry) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(truth.Bank)*b.N)/(cpuSeconds(b)-cpu), "rows/cpu-s")
}
