package store_test

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/store"
	"github.com/jingban/jingban/store/storetest"
)

// A held run's journal is what the playbook runner writes to.
var _ playbooks.Journal = (*store.Journal)(nil)

func TestSQLite(t *testing.T)   { storetest.Run(t, storetest.SQLite) }
func TestPostgres(t *testing.T) { storetest.Run(t, storetest.Postgres) }

// TestDayKeepsSeatsHoursAndQuotas is 24 simulated hours of 10,000 runs on 50
// targets.
func TestDayKeepsSeatsHoursAndQuotas(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	t.Parallel()
	database := storetest.SQLite(t)
	if memory, err := os.MkdirTemp("/dev/shm", "jbday"); err == nil { // a hundred thousand syncs prove nothing here
		t.Cleanup(func() { os.RemoveAll(memory) })
		database = "sqlite:" + filepath.Join(memory, "day.db")
	}
	storetest.Day(t, database, 50, 10_000, 20260306)
}

// TestDayOnPostgres is a smaller one: every statement is the same.
func TestDayOnPostgres(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	t.Parallel()
	storetest.Day(t, storetest.Postgres(t), 7, 700, 20260307)
}

// TestPostgresJudgesLeasesByItsOwnClock gives the process a clock that is years
// off: the lease must neither expire by it nor be kept by it.
func TestPostgresJudgesLeasesByItsOwnClock(t *testing.T) {
	t.Parallel()
	ctx, url := t.Context(), storetest.Postgres(t)
	wrong := storetest.NewClock()
	s, err := store.Open(ctx, store.Config{Database: url, Files: t.TempDir(), MasterKey: storetest.MasterKey(), Now: wrong.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Beat(ctx, "w1"); err != nil {
		t.Fatal(err)
	}
	raw, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	var left float64
	err = raw.QueryRowContext(ctx, "SELECT expires_at / 1e6 - EXTRACT(EPOCH FROM clock_timestamp()) FROM workers").Scan(&left)
	if err != nil || left < 0 || left > 8 {
		t.Errorf("the lease lasts %.1f s by the server's clock (%v), want at most 8", left, err)
	}
}

// TestPostgresDatesTheJournalByItsOwnClock: waits are counted between lines that
// workers with different clocks wrote.
func TestPostgresDatesTheJournalByItsOwnClock(t *testing.T) {
	t.Parallel()
	wrong := storetest.NewClock()
	s, err := store.Open(t.Context(), store.Config{Database: storetest.Postgres(t), Files: t.TempDir(), MasterKey: storetest.MasterKey(), Now: wrong.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	lease := benchHeld(t, s)
	if err := s.Journal(lease).Append(t.Context(), casework.Entry{Step: "s", Kind: casework.Begun, At: wrong.Now()}); err != nil {
		t.Fatal(err)
	}
	lines, err := s.Entries(t.Context(), lease.Run.ID)
	if err != nil || len(lines) != 1 {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	if off := time.Since(lines[0].At).Abs(); off > time.Minute {
		t.Errorf("the line is dated %v off the server's clock", off)
	}
}

func config(t *testing.T, database string) store.Config {
	return store.Config{Database: database, Files: filepath.Join(t.TempDir(), "files"), MasterKey: storetest.MasterKey(), Now: time.Now}
}

// TestRefusalsSayWhatToDo lets the machine refuse for real.
func TestRefusalsSayWhatToDo(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	damaged := filepath.Join(folder, "damaged.db")
	if err := os.WriteFile(damaged, []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ database, want string }{
		"read-only folder": {"sqlite:/sys/jingban.db", "cannot be written"},
		"damaged file":     {"sqlite:" + damaged, "restore the last backup"},
		"server away":      {"postgres:///x?host=" + folder, "cannot be reached"},
		"no such address":  {"mysql://x", "want sqlite:<path> or postgres://"},
	} {
		_, err := store.Open(t.Context(), config(t, tt.database))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: have %v, want %q", name, err, tt.want)
		}
	}
}

func TestLockedDatabaseIsToldAfterTheBusyTimeout(t *testing.T) {
	t.Parallel()
	database := storetest.SQLite(t)
	s, err := store.Open(t.Context(), config(t, database))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	path, _ := strings.CutPrefix(database, "sqlite:")
	other, err := sql.Open("sqlite", "file:"+path+"?_txlock=exclusive")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	locked, err := other.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer locked.Rollback()
	err = s.Beat(t.Context(), "w1")
	if err == nil || !strings.Contains(err.Error(), "locked by another program") {
		t.Errorf("have %v", err)
	}
}

// TestFullDiskChangesNothing fills a small file system of its own.
func TestFullDiskChangesNothing(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "size=4m"); err != nil {
		if os.Getenv("REQUIRE_REAL") == "1" && !errors.Is(err, syscall.EPERM) {
			t.Fatal(err)
		}
		t.Skipf("needs the right to mount a tmpfs: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(folder, 0); err != nil {
			t.Error(err)
		}
	})
	cfg := config(t, "sqlite:"+filepath.Join(folder, "jingban.db"))
	cfg.Files = filepath.Join(folder, "files")
	s, err := store.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err = s.PutFile(t.Context(), make([]byte, 8<<20)); err == nil || !strings.Contains(err.Error(), "the disk is full") {
		t.Errorf("file: have %v", err)
	}
	left, err := filepath.Glob(filepath.Join(cfg.Files, "*", "*"))
	if err != nil || len(left) > 0 {
		t.Errorf("half a file was left: %v %v", left, err)
	}
	by, cases := casework.Actor{Name: "wang"}, 0
	for err == nil {
		_, err = s.NewCase(t.Context(), by, casework.Case{Matter: "m", Applicant: casework.Person{Address: strings.Repeat("a", 100_000)}})
		if err == nil {
			cases++
		}
	}
	if !strings.Contains(err.Error(), "the disk is full") {
		t.Errorf("database: have %v", err)
	}
	kept, _, err := s.Cases(t.Context(), store.CaseFilter{Limit: 500})
	if err != nil || len(kept) != cases {
		t.Errorf("%d cases after %d were made: %v", len(kept), cases, err)
	}
}

func TestDatabaseFilesAreForTheOwnerOnly(t *testing.T) {
	t.Parallel()
	database := storetest.SQLite(t)
	s, err := store.Open(t.Context(), config(t, database))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	path, _ := strings.CutPrefix(database, "sqlite:")
	all, err := filepath.Glob(path + "*")
	if err != nil || len(all) < 2 {
		t.Fatalf("database and WAL: %v %v", all, err)
	}
	for _, file := range all {
		info, err := os.Stat(file)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", file, info.Mode(), err)
		}
	}
}
