package ledger_test

import (
	"bytes"
	"testing"

	"github.com/jingban/jingban/fixtures/ledgers"
	"github.com/jingban/jingban/ledger"
)

func BenchmarkReadCSV(b *testing.B) {
	var bank, book bytes.Buffer
	if _, err := ledgers.Write(ledgers.Options{Rows: 100_000, Seed: 3}, &bank, &book); err != nil {
		b.Fatal(err)
	}
	in := ledger.Input{Name: "bank.csv", Size: int64(bank.Len()), Data: bytes.NewReader(bank.Bytes())}
	for b.Loop() {
		if _, err := ledger.Read(in, ledger.Options{Side: ledger.Bank}, func(*ledger.Entry) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}
