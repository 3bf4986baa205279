package store_test

import (
	"database/sql"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
	"github.com/jingban/jingban/store/storetest"
)

// BenchmarkAppend measures durable journal lines of eight runs at once, as eight
// seats write them.
func BenchmarkAppend(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { benchmarkAppend(b, storetest.SQLite(b)) })
	b.Run("postgres", func(b *testing.B) {
		url := storetest.Postgres(b)
		durable(b, url)
		benchmarkAppend(b, url)
	})
}

// durable undoes the haste of the test cluster.
func durable(b *testing.B, url string) {
	b.Helper()
	raw, err := sql.Open("pgx", url)
	if err != nil {
		b.Fatal(err)
	}
	defer raw.Close()
	for _, s := range []string{"ALTER SYSTEM SET fsync = on", "SELECT pg_reload_conf()"} {
		if _, err := raw.ExecContext(b.Context(), s); err != nil {
			b.Fatal(err)
		}
	}
}

func benchmarkAppend(b *testing.B, database string) {
	ctx := b.Context()
	s, err := store.Open(ctx, store.Config{Database: database, Files: b.TempDir(), MasterKey: storetest.MasterKey(), Now: time.Now})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	journals := make(chan *store.Journal, 8)
	for range cap(journals) {
		journals <- s.Journal(benchHeld(b, s))
	}
	b.SetParallelism(cap(journals))
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			j := <-journals
			err := j.Append(ctx, casework.Entry{Step: "submit", Kind: casework.Begun, Data: []byte(`{"证件号码":"379901198503120017"}`)})
			journals <- j
			if err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "appends/s")
}

func benchHeld(b testing.TB, s *store.Store) store.Lease {
	b.Helper()
	ctx, by := b.Context(), casework.Actor{Name: "wang"}
	c, err := s.NewCase(ctx, by, casework.Case{Matter: "unemployment_claim"})
	if err != nil {
		b.Fatal(err)
	}
	if err := s.SubmitCase(ctx, by, c.ID); err != nil {
		b.Fatal(err)
	}
	run, err := s.StartRun(ctx, by, casework.Run{CaseID: c.ID, Playbook: "p", Key: c.ID}, casework.Snapshot{})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := s.Admit(ctx, 100); err != nil {
		b.Fatal(err)
	}
	lease, err := s.Claim(ctx, run.ID, "w")
	if err != nil {
		b.Fatal(err)
	}
	return lease
}
