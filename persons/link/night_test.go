package link

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/jingban/jingban/fixtures/people"
)

func keptIn(t *testing.T, dir string) Kept {
	t.Helper()
	block, err := aes.NewCipher(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	key, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	return Kept{root, key}
}

// insuredRows is an export of a population: its header and its rows.
func insuredRows(t *testing.T, records int, seed uint64) []string {
	t.Helper()
	var out bytes.Buffer
	if err := people.WritePopulation(&out, people.Population(records, seed)); err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(out.String()), "\n")
}

func exportOf(rows []string) Input {
	return Input{"export.csv", strings.NewReader(strings.Join(rows, "\r\n") + "\r\n")}
}

// TestNightFindsWhatAFullSearchFinds plays nights of every kind of change and
// holds each against a search of the whole export under the same frozen model.
func TestNightFindsWhatAFullSearchFinds(t *testing.T) {
	rnd := rand.New(rand.NewPCG(11, 3))
	rows, more := insuredRows(t, 4000, 21), insuredRows(t, 4000, 22)[1:]
	kept := keptIn(t, t.TempDir())
	c := insured(t)
	c.ID = "个人编号"
	if _, err := kept.Full(t.Context(), exportOf(rows), c); err != nil {
		t.Fatal(err)
	}
	for i := range 12 {
		rows = nextDay(rnd, rows, more, i)
		second := t.TempDir()
		if err := os.CopyFS(second, kept.Folder.FS()); err != nil {
			t.Fatal(err)
		}
		want, err := keptIn(t, second).Again(t.Context(), exportOf(rows), c)
		if err != nil {
			t.Fatal(err)
		}
		got, err := kept.Night(t.Context(), exportOf(rows), c)
		if err != nil {
			t.Fatalf("night %d: %v", i, err)
		}
		sameFindings(t, fmt.Sprintf("night %d (%d came, %d went)", i, got.Added, got.Gone), got, want)
	}
}

func sameFindings(t *testing.T, name string, got, want *Found) {
	t.Helper()
	for _, p := range got.Pairs {
		if !slices.ContainsFunc(want.Pairs, func(q FoundPair) bool { return q.A == p.A && q.B == p.B }) {
			t.Logf("only by night: %s %s %+v", p.A, p.B, p.Decision)
		}
	}
	if got.Version != want.Version || got.Records != want.Records || len(got.Pairs) != len(want.Pairs) {
		t.Fatalf("%s: %d pairs of %d records by %s; want %d of %d by %s", name, len(got.Pairs), got.Records, got.Version, len(want.Pairs), want.Records, want.Version)
	}
	for i := range want.Pairs {
		if !reflect.DeepEqual(got.Pairs[i], want.Pairs[i]) {
			t.Fatalf("%s: pair %d is %+v; want %+v", name, i, got.Pairs[i], want.Pairs[i])
		}
	}
	for i := range min(len(got.Clusters), len(want.Clusters)) {
		if !reflect.DeepEqual(got.Clusters[i], want.Clusters[i]) {
			t.Fatalf("%s: cluster %d of %d is %v; want %v of %d", name, i, len(got.Clusters), got.Clusters[i], want.Clusters[i], len(want.Clusters))
		}
	}
	if len(got.Clusters) != len(want.Clusters) {
		t.Fatalf("%s: the clusters differ", name)
	}
}

// nextDay changes an export: rows come, go, move and are edited; one mobile is
// given to many names and taken away again, which reaches pairs whose rows stand.
func nextDay(rnd *rand.Rand, rows, more []string, day int) []string {
	next := slices.Clone(rows)
	number := func(i int) string { return fmt.Sprintf("N%d-%d", day, i) }
	for i := range 20 {
		fields := strings.Split(more[rnd.IntN(len(more))], ",")
		fields[0] = number(i)
		next = slices.Insert(next, 1+rnd.IntN(len(next)), strings.Join(fields, ","))
	}
	for i := range 20 { // a second number of somebody who is there
		fields := strings.Split(next[1+rnd.IntN(len(next)-1)], ",")
		fields[0] = number(100 + i)
		next = append(next, strings.Join(fields, ","))
	}
	for range 15 {
		at := 1 + rnd.IntN(len(next)-1)
		next = slices.Delete(next, at, at+1)
	}
	for range 15 {
		at := 1 + rnd.IntN(len(next)-1)
		fields, other := strings.Split(next[at], ","), strings.Split(next[1+rnd.IntN(len(next)-1)], ",")
		which := 1 + rnd.IntN(len(fields)-1)
		fields[which] = other[which]
		next[at] = strings.Join(fields, ",")
	}
	if day%3 == 1 { // everybody gets one mobile: it is shared now
		mobile := slices.Index(strings.Split(next[0], ","), "手机号")
		from := strings.Split(next[1+rnd.IntN(100)], ",")[mobile]
		for range 7 {
			at := 1 + rnd.IntN(len(next)-1)
			fields := strings.Split(next[at], ",")
			fields[mobile] = from
			next[at] = strings.Join(fields, ",")
		}
	}
	if day%4 == 2 {
		slices.SortFunc(next[1:200], strings.Compare) // the export's order changed
	}
	return next
}

func TestNightWithoutAnyChangeFindsTheSame(t *testing.T) {
	rows := insuredRows(t, 1000, 5)
	kept, c := keptIn(t, t.TempDir()), insured(t)
	c.ID = "个人编号"
	want, err := kept.Full(t.Context(), exportOf(rows), c)
	if err != nil {
		t.Fatal(err)
	}
	got, err := kept.Night(t.Context(), exportOf(rows), c)
	if err != nil || got.Added != 0 || got.Gone != 0 {
		t.Fatalf("%+v, %v", got, err)
	}
	sameFindings(t, "quiet night", got, want)
}

func TestNightAsksForAFullSearch(t *testing.T) {
	rows := insuredRows(t, 3000, 6)
	kept, c := keptIn(t, t.TempDir()), insured(t)
	c.ID = "个人编号"
	if _, err := kept.Night(t.Context(), exportOf(rows), c); !errors.Is(err, ErrFull) {
		t.Errorf("nothing kept: %v", err)
	}
	if _, err := kept.Full(t.Context(), exportOf(rows), c); err != nil {
		t.Fatal(err)
	}
	if _, err := kept.Night(t.Context(), exportOf(insuredRows(t, 3000, 7)), c); !errors.Is(err, ErrFull) {
		t.Errorf("everything changed: %v", err)
	}
	other := c
	other.Review = 0.6
	if _, err := kept.Night(t.Context(), exportOf(rows), other); !errors.Is(err, ErrFull) {
		t.Errorf("another configuration: %v", err)
	}
	if _, err := kept.Night(t.Context(), exportOf(slices.Concat([]string{rows[0] + ",备注"}, rows[1:])), c); !errors.Is(err, ErrFull) {
		t.Errorf("another header: %v", err)
	}
}

// TestKeptFilesHoldNothingInClear looks for a name and a number on the disk, and
// changes one byte.
func TestKeptFilesHoldNothingInClear(t *testing.T) {
	rows := insuredRows(t, 500, 8)
	dir := t.TempDir()
	kept, c := keptIn(t, dir), insured(t)
	c.ID = "个人编号"
	if _, err := kept.Full(t.Context(), exportOf(rows), c); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) < 8 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	person := strings.Split(rows[1], ",")
	for _, f := range files {
		data, err := os.ReadFile(dir + "/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, value := range person[1:] {
			if len(value) > 5 && bytes.Contains(data, []byte(value)) {
				t.Errorf("%s holds a value in clear", f.Name())
			}
		}
		if strings.HasSuffix(f.Name(), rowsPart) {
			data[len(data)/2] ^= 1
			if err := os.WriteFile(dir+"/"+f.Name(), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := kept.Night(t.Context(), exportOf(rows), c); !errors.Is(err, ErrDamaged) {
		t.Errorf("a changed byte was read: %v", err)
	}
}

// TestNightReachesPairsWhoseRowsStand: five more names on a mobile make it a
// shared one, and take the pair away that rested on it; when they go, it is back.
func TestNightReachesPairsWhoseRowsStand(t *testing.T) {
	pair := insuredHeader + "1,张国伟,男,1985-03-12,379901198503120017,14200000001,,0001\n2,张国伟,男,1985-03-12,379901198503120033,14200000001,,0002\n"
	few := strings.Split(strings.TrimSpace(pair+crowd()), "\n")
	many := slices.Clone(few)
	for i, name := range []string{"王一", "李二", "赵三", "孙四", "周五"} {
		many = append(many, fmt.Sprintf("%d,%s,男,1970-01-0%d,,14200000001,,", 10+i, name, i+1))
	}
	kept, c := keptIn(t, t.TempDir()), insured(t)
	c.ID = "个人编号"
	if _, err := kept.Full(t.Context(), exportOf(few), c); err != nil {
		t.Fatal(err)
	}
	for i, rows := range [][]string{many, few} {
		f, err := kept.Night(t.Context(), exportOf(rows), c)
		if err != nil {
			t.Fatal(err)
		}
		there := slices.ContainsFunc(f.Pairs, func(p FoundPair) bool { return p.A == "1" && p.B == "2" && p.Decision.Zone == Review })
		if there != (i == 1) {
			t.Errorf("night %d: for review %v", i, there)
		}
	}
}

// TestFileThatEndsUnderItsMappingIsDamagedAndNoCrash truncates a file that is open.
func TestFileThatEndsUnderItsMappingIsDamagedAndNoCrash(t *testing.T) {
	dir := t.TempDir()
	kept := keptIn(t, dir)
	if err := kept.keep("some", make([]byte, 40*largePage)); err != nil {
		t.Fatal(err)
	}
	f, err := kept.open("some")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.load(30); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(dir+"/some", 10); err != nil {
		t.Fatal(err)
	}
	if err := guarded(func() error { return f.load(31) }); !errors.Is(err, ErrDamaged) {
		t.Errorf("the file ended: %v", err)
	}
}
