// Package bench measures the product against itself and against the obvious
// other ways. It prints numbers, never opinions; each figure says how it came about.
package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/fixtures/ledgers"
	"github.com/jingban/jingban/ledger"
)

// ReconcileOptions says what is measured.
type ReconcileOptions struct {
	Rows     int    // about this many bank lines
	Seed     uint64 // of the generated year
	Books    Books  // which generator makes them
	SQL      bool   // let SQLite and PostgreSQL do the first five passes as well
	Postgres string // data source of a PostgreSQL; "" starts a private one
	Dir      string // scratch folder
	Scratch  func() (ledger.Scratch, error)
	InMemory int    // rows of a side that stay in memory
	Commit   string // what is measured
}

// Books says which generator and which kinds of breaks.
type Books string

// The books: the kinds the rules were written with, those held back meanwhile,
// and those of a second generator that was written from the domain sheet alone.
const (
	Known    Books = "known"
	HeldBack Books = "held-back"
	Second   Books = "second"
)

// repeats is how often each is measured; the fastest counts,
// because other processes only ever add.
const repeats = 3

// Measure is time, processor time and the highest memory of one activity.
type Measure struct {
	Seconds    float64 `json:"seconds"`
	CPUSeconds float64 `json:"cpu_seconds"`
	PeakMiB    float64 `json:"peak_mib"`
}

// Reconciliation is everything that was measured.
type Reconciliation struct {
	Commit            string         `json:"commit"`
	Machine           string         `json:"machine"`
	Books             Books          `json:"books"`
	Rows              int            `json:"rows_bank"`
	BookRows          int            `json:"rows_ledger"`
	Seed              uint64         `json:"seed"`
	Bytes             int64          `json:"bytes"`
	Cores             int            `json:"cores"`
	Parse             Measure        `json:"parse_both_files"`
	ParsePerCPUSecond float64        `json:"parse_rows_per_cpu_second"`
	ParseMBPerCPU     float64        `json:"parse_mb_per_cpu_second"`
	All               Measure        `json:"all_passes"`
	TimesParse        float64        `json:"all_passes_times_parse"`
	TimesParseCPU     float64        `json:"all_passes_times_parse_cpu"`
	Write             Measure        `json:"write_rows_csv"`
	Score             Score          `json:"score"`
	SQL               []SQLMeasure   `json:"sql_first_five_passes"`
	Skipped           []string       `json:"skipped,omitempty"`
	States            map[string]int `json:"states_bank"`
}

// Reconcile generates a year, reconciles it and measures.
func Reconcile(ctx context.Context, o ReconcileOptions) (*Reconciliation, error) {
	result := &Reconciliation{Commit: o.Commit, Machine: Machine(), Books: o.Books, Seed: o.Seed, Cores: runtime.GOMAXPROCS(0), States: map[string]int{}, SQL: []SQLMeasure{}}
	files, err := generate(o)
	if err != nil {
		return nil, err
	}
	for _, path := range files {
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		result.Bytes += info.Size()
	}
	inputs, closeAll, err := open(files)
	if err != nil {
		return nil, err
	}
	defer closeAll()
	calendar, err := casework.LoadCalendar(nil)
	if err != nil {
		return nil, err
	}
	job := ledger.Job{Bank: inputs[:1], Book: inputs[1:], Calendar: calendar, Scratch: o.Scratch, InMemory: o.InMemory}
	found, err := result.measure(ctx, o, job)
	if err != nil {
		return nil, err
	}
	for _, law := range found.Invariants {
		if !law.Held {
			return nil, fmt.Errorf("invariant %q does not hold: %s", law.Name, law.Why)
		}
	}
	for state, n := range found.Sides[0].Count {
		if n > 0 {
			result.States[ledger.State(state).String()] = n
		}
	}
	// The truth is made anew from the seed only now: it is no part of the memory
	// that was measured.
	truth, err := ledgers.Write(o.ledgers(), io.Discard, io.Discard)
	if err != nil {
		return nil, err
	}
	if result.Score, err = score(found, truth); err != nil {
		return nil, err
	}
	return result, result.compareSQL(ctx, o, inputs)
}

// measure reads both files, then reads and reconciles them.
func (r *Reconciliation) measure(ctx context.Context, o ReconcileOptions, job ledger.Job) (found *ledger.Result, err error) {
	for i := range repeats {
		rows := 0
		m, err := measure(func() (err error) { rows, err = parseBoth([]ledger.Input{job.Bank[0], job.Book[0]}); return err })
		if err != nil {
			return nil, fmt.Errorf("parse: %w", err)
		}
		if i == 0 || m.CPUSeconds < r.Parse.CPUSeconds {
			r.Parse, r.ParsePerCPUSecond, r.ParseMBPerCPU = m, float64(rows)/m.CPUSeconds, float64(r.Bytes)/1e6/m.CPUSeconds
		}
		found = nil
		if m, err = measure(func() (err error) { found, err = ledger.Reconcile(ctx, job); return err }); err != nil {
			return nil, fmt.Errorf("reconcile: %w", err)
		}
		if i == 0 || m.CPUSeconds < r.All.CPUSeconds {
			r.All = m
		}
	}
	r.Rows, r.BookRows = found.Sides[ledger.Bank].Rows, found.Sides[ledger.Book].Rows
	r.TimesParse, r.TimesParseCPU = r.All.Seconds/r.Parse.Seconds, r.All.CPUSeconds/r.Parse.CPUSeconds
	if r.Write, err = measure(func() error { return found.WriteRows(io.Discard) }); err != nil {
		return nil, fmt.Errorf("write: %w", err)
	}
	return found, nil
}

// ledgers is what the generator is asked for.
func (o ReconcileOptions) ledgers() ledgers.Options {
	options := ledgers.Options{Rows: o.Rows, Seed: o.Seed, Breaks: 0.005, Second: o.Books == Second}
	if o.Books == HeldBack {
		options.Kinds = ledgers.HeldBack()
	}
	return options
}

func generate(o ReconcileOptions) (files [2]string, err error) {
	files = [2]string{filepath.Join(o.Dir, "bank.csv"), filepath.Join(o.Dir, "book.csv")}
	bank, err := os.Create(files[0])
	if err != nil {
		return files, err
	}
	defer bank.Close()
	book, err := os.Create(files[1])
	if err != nil {
		return files, err
	}
	defer book.Close()
	_, err = ledgers.Write(o.ledgers(), bank, book)
	return files, err
}

func open(files [2]string) ([]ledger.Input, func(), error) {
	var inputs []ledger.Input
	var opened []*os.File
	closeAll := func() {
		for _, f := range opened {
			f.Close()
		}
	}
	for _, path := range files {
		f, err := os.Open(path)
		if err != nil {
			closeAll()
			return nil, nil, err
		}
		opened = append(opened, f)
		info, err := f.Stat()
		if err != nil {
			closeAll()
			return nil, nil, err
		}
		inputs = append(inputs, ledger.Input{Name: filepath.Base(path), Size: info.Size(), Data: f})
	}
	return inputs, closeAll, nil
}

// parseBoth reads both files at once, checks them and keeps nothing. The planted
// overlaps break the running balance, so that the files are forced.
func parseBoth(inputs []ledger.Input) (rows int, err error) {
	var group sync.WaitGroup
	errs, counts := make([]error, len(inputs)), make([]int, len(inputs))
	for i, in := range inputs {
		group.Go(func() {
			n := 0
			_, errs[i] = ledger.Read(in, ledger.Options{Side: ledger.Side(i), Force: true}, func(*ledger.Entry) error { n++; return nil })
			counts[i] = n
		})
	}
	group.Wait()
	for _, n := range counts {
		rows += n
	}
	return rows, errors.Join(errs...)
}

// measure runs an activity from a clean heap; the kernel's high-water mark is
// set back before, so that the peak belongs to the activity.
func measure(do func() error) (Measure, error) {
	debug.FreeOSMemory()
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o200) // not on every kernel; the peak is then that of the process
	cpu, started := processorTime(), time.Now()
	err := do()
	return Measure{time.Since(started).Seconds(), (processorTime() - cpu).Seconds(), peakMiB()}, err
}

func processorTime() time.Duration {
	var use syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &use) != nil {
		return 0
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

func peakMiB() float64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, _ := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 64)
			return kib / 1024
		}
	}
	return 0
}
