package workers

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/fixtures/people"
	"github.com/jingban/jingban/store"
	"github.com/jingban/jingban/store/storetest"
)

// office is a crew with a folder of exports.
type exportOffice struct {
	t    *testing.T
	crew *Crew
	dir  string
}

func newExportOffice(t *testing.T) *exportOffice {
	t.Helper()
	o := &exportOffice{t: t, dir: t.TempDir(), crew: &Crew{Name: "w1", Store: storetest.Open(t), Now: time.Now, Log: slog.New(slog.DiscardHandler)}}
	o.crew.Persons = &PersonDrop{Folder: o.root(o.dir), Kept: o.root(t.TempDir()), Quiet: time.Minute}
	return o
}

func (o *exportOffice) root(dir string) *os.Root {
	root, err := os.OpenRoot(dir)
	o.must(err)
	o.t.Cleanup(func() { root.Close() })
	return root
}

func (o *exportOffice) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

// night lets an export come and be searched, as the schedule and the task do it.
func (o *exportOffice) night(name string, data []byte) store.PersonSearch {
	o.t.Helper()
	path, old := filepath.Join(o.dir, name), time.Now().Add(-time.Hour)
	o.must(os.WriteFile(path, data, 0o600))
	o.must(os.Chtimes(path, old, old))
	for range 2 { // the second finds it ordered already
		o.must(o.crew.gatherPersons(o.t.Context()))
	}
	all, err := o.crew.Store.PersonSearches(o.t.Context(), 1)
	o.must(err)
	if len(all) != 1 || all[0].Name != name || all[0].State != store.PersonsOrdered {
		o.t.Fatalf("%s was not ordered: %+v", name, all)
	}
	for range 2 { // the second time it is ended
		o.must(o.crew.searchPersons(o.t.Context(), all[0].ID))
	}
	v, err := o.crew.Store.PersonSearch(o.t.Context(), all[0].ID)
	o.must(err)
	return v
}

func (o *exportOffice) open() []store.PersonPair {
	o.t.Helper()
	pairs, _, err := o.crew.Store.PersonPairs(o.t.Context(), store.PairOpen, "", 5000)
	o.must(err)
	return pairs
}

func TestNightlyExportsFillTheQueueAndAVetoHolds(t *testing.T) {
	o := newExportOffice(t)
	var out bytes.Buffer
	o.must(people.WritePopulation(&out, people.Population(2000, 31)))
	rows := strings.SplitAfter(out.String(), "\n")
	first := o.night("20260302.csv", []byte(strings.Join(rows[:1800], "")))
	pairs := o.open()
	if first.State != store.PersonsSearched || first.Way != "full" || first.Records != 1799 || first.Opened != len(pairs) || len(pairs) < 20 {
		t.Fatalf("the first night: %+v, %d pairs", first, len(pairs))
	}
	if !slices.IsSortedFunc(pairs, func(a, b store.PersonPair) int { return int(b.Value - a.Value) }) {
		t.Error("the queue is not sorted by what a look is worth")
	}
	for _, p := range pairs {
		sum := p.Shown.Prior + p.Shown.Rarity
		for _, f := range p.Shown.Fields {
			sum += f.Weight
		}
		if len(p.Shown.Fields) < 5 || sum-p.Shown.Weight > 1e-6 || p.Shown.Weight-sum > 1e-6 {
			t.Fatalf("the waterfall of a pair does not add up: %v", p.Shown.Weight-sum)
		}
	}
	o.must(o.crew.Store.RulePair(t.Context(), casework.Actor{Kind: casework.Human, ID: "u1", Name: "li"}, pairs[0].Key, store.PairOpen, store.PairTwo, "", ""))
	gb, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(strings.Join(rows[:1800], "")))
	o.must(err)
	if v := o.night("20260303.csv", gb); v.State != store.PersonsSearched || v.Opened != 0 || v.Closed != 0 {
		t.Errorf("the same persons in GB18030: %+v", v)
	}
	more := o.night("20260304.csv", append(gb, mustGB(t, rows[1800:])...))
	if more.Way != "night" || more.Added != len(rows)-1800-1 && more.Added != len(rows)-1800 || more.Opened == 0 {
		t.Errorf("rows came: %+v", more)
	}
	kept, err := o.crew.Store.PersonPair(t.Context(), pairs[0].Key)
	o.must(err)
	if kept.State != store.PairTwo {
		t.Errorf("after two nights the veto is %s", kept.State)
	}
	less := o.night("20260305.csv", gb)
	if less.Closed != more.Opened || len(o.open()) != len(pairs)-1 {
		t.Errorf("rows went: %+v, %d open; want %d", less, len(o.open()), len(pairs)-1)
	}
	if _, err := os.Stat(filepath.Join(o.dir, "done", "20260305.csv")); err != nil {
		t.Errorf("the searched file: %v", err)
	}
}

func mustGB(t *testing.T, rows []string) []byte {
	t.Helper()
	gb, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(strings.Join(rows, "")))
	if err != nil {
		t.Fatal(err)
	}
	return gb
}

func TestWorkbookIsSearchedLikeItsCSVAndAStrangeFileIsRefused(t *testing.T) {
	o := newExportOffice(t)
	var out bytes.Buffer
	o.must(people.WritePopulation(&out, people.Population(600, 32)))
	csv := o.night("a.csv", out.Bytes())
	book := excelize.NewFile()
	for i, line := range strings.Split(strings.TrimSpace(out.String()), "\n") {
		var cells []any
		for cell := range strings.SplitSeq(line, ",") {
			cells = append(cells, cell)
		}
		o.must(book.SetSheetRow("Sheet1", "A"+strconv.Itoa(i+1), &cells))
	}
	var sheet bytes.Buffer
	o.must(book.Write(&sheet))
	if v := o.night("b.xlsx", sheet.Bytes()); v.State != store.PersonsSearched || v.Records != csv.Records || v.Pairs != csv.Pairs || v.Opened+v.Closed != 0 {
		t.Errorf("the workbook: %+v; the CSV %+v", v, csv)
	}
	if v := o.night("c.csv", []byte("甲,乙\n1,2\n3,4\n")); v.State != store.PersonsRefused || v.Code != "export_unusable" {
		t.Errorf("a strange file: %+v", v)
	}
	if _, err := os.Stat(filepath.Join(o.dir, "refused", "c.csv")); err != nil {
		t.Error(err)
	}
	if len(o.open()) != csv.Pairs {
		t.Error("a refused file emptied the queue")
	}
}
