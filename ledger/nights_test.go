package ledger_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jingban/jingban/fixtures/ledgers"
	"github.com/jingban/jingban/ledger"
)

// slice is a part of a year: the lines of some days under the heading, and how
// many lines of the whole file stand before them.
type slice struct {
	in     ledger.Input
	before int
}

// cut cuts a file into the parts that its days belong to.
func cut(t *testing.T, whole ledger.Input, part func(day time.Time) int) []slice {
	t.Helper()
	data, err := io.ReadAll(io.NewSectionReader(whole.Data, 0, whole.Size))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(strings.TrimSuffix(string(data), "\n"), "\n")
	var out []slice
	var texts []string
	for i, line := range lines[1:] {
		day, err := time.Parse(time.DateOnly, line[:10])
		if err != nil {
			t.Fatal(err)
		}
		for len(texts) <= part(day) {
			texts = append(texts, lines[0])
			out = append(out, slice{before: i})
		}
		texts[len(texts)-1] += line
	}
	for i, text := range texts {
		out[i].in = ledger.Input{Name: fmt.Sprintf("%s-%03d", whole.Name, i), Size: int64(len(text)), Data: strings.NewReader(text)}
	}
	return out
}

// decisions lists what became of each line of the whole file: state, rule,
// reason and the lines it stands together with.
func decisions(t *testing.T, res *ledger.Result, places map[string]int) map[string]string {
	t.Helper()
	var out bytes.Buffer
	if err := res.WriteRows(&out); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&out).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	groups, said := map[string][]string{}, map[string]string{}
	groupOf := map[string]string{}
	for _, row := range rows[1:] {
		line, err := strconv.Atoi(row[2])
		if err != nil {
			t.Fatal(err)
		}
		place := fmt.Sprintf("%s:%d", row[0], line+places[row[1]])
		said[place] = strings.Join([]string{row[3], row[4], row[6], row[7]}, " ")
		if groupOf[place] = row[5]; row[5] != "" {
			groups[row[5]] = append(groups[row[5]], place)
		}
	}
	for place, group := range groupOf {
		slices.Sort(groups[group])
		said[place] += " " + strings.Join(groups[group], "+")
	}
	return said
}

// N nights, each over what has arrived by then, end where one run over the whole
// year ends, row by row.
func TestNightsEndWhereOneFullRunEnds(t *testing.T) {
	for seed, kinds := range [][]ledgers.Kind{ledgers.Known(), ledgers.HeldBack()} {
		bank, book, _ := year(t, ledgers.Options{Rows: 4_000, Seed: 40 + uint64(seed), Breaks: 0.02, Kinds: kinds})
		force := func(job *ledger.Job) { job.Force = true }
		want := decisions(t, reconcile(t, bank, book, force), nil)
		nights := func(day time.Time) int { return day.YearDay() / 9 }
		banks, books := cut(t, bank, nights), cut(t, book, nights)
		var last *ledger.Result
		places := map[string]int{}
		var job ledger.Job
		for night := range max(len(banks), len(books)) {
			for side, all := range [2][]slice{banks, books} {
				if night < len(all) {
					places[all[night].in.Name] = all[night].before
					list := []*[]ledger.Input{&job.Bank, &job.Book}[side]
					*list = append(*list, all[night].in)
				}
			}
			last = reconcile(t, bank, book, force, func(j *ledger.Job) { j.Bank, j.Book = job.Bank, job.Book })
		}
		got := decisions(t, last, places)
		for _, place := range slices.Sorted(maps.Keys(want)) {
			if got[place] != want[place] {
				t.Errorf("seed %d, %s: nights %q, full %q", seed, place, got[place], want[place])
			}
		}
		if len(got) != len(want) {
			t.Errorf("seed %d: %d rows, want %d", seed, len(got), len(want))
		}
	}
}

// Twelve months that are closed one by one, of which only what is open is carried
// on, leave open what one run over the year leaves open. A match with a
// difference is asked about in its own month; the difference goes on until our
// books are corrected, so that the table of every month adds up.
func TestClosedBooksCarryOnWhatIsOpen(t *testing.T) {
	bank, book, _ := year(t, ledgers.Options{Rows: 4_000, Seed: 50, Breaks: 0.02})
	force := func(job *ledger.Job) { job.Force = true }
	full := reconcile(t, bank, book, force)
	var carried []ledger.Carried
	var last *ledger.Result
	months := func(day time.Time) int { return int(day.Month()) - 1 }
	banks, books := cut(t, bank, months), cut(t, book, months)
	for i := range banks {
		last = reconcile(t, bank, book, force, func(job *ledger.Job) {
			job.Bank, job.Book, job.Carried = []ledger.Input{banks[i].in}, []ledger.Input{books[i].in}, carried
		})
		carried = last.Open()
	}
	open := func(res *ledger.Result) (keys []string) {
		for _, q := range res.Questions {
			for _, row := range q.Rows {
				if row.State != ledger.MatchedWithDifference && !strings.HasPrefix(row.Detail.Summary, "差异待更正") {
					keys = append(keys, row.Key)
				}
			}
		}
		slices.Sort(keys)
		return keys
	}
	if got, want := open(last), open(full); !slices.Equal(got, want) {
		t.Errorf("%d rows open after twelve closings, %d after one run", len(got), len(want))
	}
}
