package workers

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/fixtures/people"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/store"
	"github.com/jingban/jingban/store/storetest"
)

// scheduledOffice is a crew with a folder of exports and the built-in playbooks.
func scheduledOffice(t *testing.T) *exportOffice {
	t.Helper()
	o := &exportOffice{t: t, dir: t.TempDir(), crew: scheduler(t, storetest.SQLite(t), 0)}
	o.crew.Persons = &PersonDrop{Folder: o.root(o.dir), Kept: o.root(t.TempDir()), Quiet: time.Minute}
	return o
}

// lay puts an export into the folder that is whole since some hours.
func (o *exportOffice) lay(name string, data []byte, hours int) {
	o.t.Helper()
	path, at := filepath.Join(o.dir, name), time.Now().Add(-time.Duration(hours)*time.Hour)
	o.must(os.WriteFile(path, data, 0o600))
	o.must(os.Chtimes(path, at, at))
}

func insuredText(t *testing.T, records int, seed uint64) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := people.WritePopulation(&out, people.Population(records, seed)); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestScheduleKeepsItsExportsForItself(t *testing.T) {
	o := scheduledOffice(t)
	ctx := t.Context()
	schedule, err := o.crew.Store.AddSchedule(ctx, casework.Actor{Kind: casework.Human, ID: "u1", Name: "li"},
		casework.Schedule{Name: "insured", Title: "一人多号检索", Rule: "每个工作日 2:30", Playbook: "person_search", Subject: "参保*.csv", CatchUp: casework.CatchUpOnce})
	o.must(err)
	text := insuredText(t, 600, 41)
	o.lay("参保1.csv", text, 5)
	o.lay("other.csv", text, 4)
	o.must(o.crew.gatherPersons(ctx))
	ordered, err := o.crew.Store.PersonSearches(ctx, 5)
	o.must(err)
	if len(ordered) != 1 || ordered[0].Name != "other.csv" {
		t.Fatalf("ordered %+v; want other.csv alone", ordered)
	}
	o.must(o.crew.Store.PauseSchedule(ctx, casework.Actor{Kind: casework.Human, ID: "u1", Name: "li"}, schedule.ID, "年结"))
	o.must(o.crew.gatherPersons(ctx))
	if ordered, err = o.crew.Store.PersonSearches(ctx, 5); err != nil || len(ordered) != 2 {
		t.Errorf("the schedule is paused: %d ordered, %v; want both", len(ordered), err)
	}
}

func TestSearchStepTakesTheNewestExportOnceAndAgainAfterACrash(t *testing.T) {
	o := scheduledOffice(t)
	ctx := t.Context()
	order := playbooks.PersonOrder{RunID: "r1", Step: "searched", Source: "folder", Export: "参保*.csv"}
	if _, err := (insured{o.crew}).Search(ctx, order); casework.AsFault(err).Code != "export_missing" {
		t.Errorf("without an export: %v", err)
	}
	text := insuredText(t, 1200, 42)
	lines := strings.SplitAfter(string(text), "\n")
	o.lay("参保1.csv", []byte(strings.Join(lines[:900], "")), 9)
	o.lay("参保2.csv", []byte(strings.Join(lines[:1100], "")), 5)
	answer, err := insured{o.crew}.Search(ctx, order)
	o.must(err)
	if answer.Way != "full" || answer.Records != 1099 || answer.Opened == 0 || answer.Opened != answer.Pairs {
		t.Errorf("the first search: %+v", answer)
	}
	for _, name := range []string{"参保1.csv", "参保2.csv"} {
		if _, err := os.Stat(filepath.Join(o.dir, "done", name)); err != nil {
			t.Errorf("%s was not put aside: %v", name, err)
		}
	}
	if again, err := (insured{o.crew}).Search(ctx, order); err != nil || again != answer {
		t.Errorf("the step once more: %+v, %v; want what it found", again, err)
	}
	// A crash: the next run's search was begun and its export put aside, no more.
	order.RunID = "r2"
	_, err = o.crew.Store.BeginPersonSearch(ctx, personRobot(), "参保3.csv", "r2", "searched")
	o.must(err)
	o.must(os.WriteFile(filepath.Join(o.dir, "done", "参保3.csv"), text, 0o600))
	next, err := insured{o.crew}.Search(ctx, order)
	o.must(err)
	if next.Way != "night" || next.Added != len(lines)-1100-1 || next.Pairs <= answer.Pairs {
		t.Errorf("after the crash: %+v", next)
	}
}

func TestSearchStepTakesADownload(t *testing.T) {
	o := scheduledOffice(t)
	ctx := t.Context()
	text := insuredText(t, 600, 43)
	sum := sha256.Sum256(text)
	order := playbooks.PersonOrder{RunID: "r1", Step: "searched", Source: "download", Export: "sha256:" + hex.EncodeToString(sum[:])}
	if _, err := (insured{o.crew}).Search(ctx, order); casework.AsFault(err).Code != "export_missing" {
		t.Errorf("a download nobody made: %v", err)
	}
	_, err := o.crew.Store.PutFile(ctx, text)
	o.must(err)
	answer, err := insured{o.crew}.Search(ctx, order)
	o.must(err)
	if answer.Records != strings.Count(string(text), "\n")-1 || answer.Way != "full" {
		t.Errorf("the download: %+v", answer)
	}
}

func TestSearchStepAsksAPersonWhenTheExportIsStrange(t *testing.T) {
	o := scheduledOffice(t)
	o.lay("a.csv", []byte("甲,乙\n1,2\n3,4\n"), 5)
	order := playbooks.PersonOrder{RunID: "r1", Step: "searched", Source: "folder"}
	if _, err := (insured{o.crew}).Search(t.Context(), order); casework.AsFault(err).Code != "export_unusable" {
		t.Errorf("a strange export: %v", err)
	}
	if _, err := os.Stat(filepath.Join(o.dir, "refused", "a.csv")); err != nil {
		t.Error(err)
	}
	o.lay("b.csv", insuredText(t, 600, 44), 4)
	if answer, err := (insured{o.crew}).Search(t.Context(), order); err != nil || answer.Records < 600 {
		t.Errorf("a good one came: %+v, %v", answer, err)
	}
}

// TestDamagedKeptSearchIsSearchedInFull: what does not open is not believed.
func TestDamagedKeptSearchIsSearchedInFull(t *testing.T) {
	o := scheduledOffice(t)
	kept := t.TempDir()
	o.crew.Persons.Kept = o.root(kept)
	text := insuredText(t, 600, 45)
	first := o.night("a.csv", text)
	files, err := os.ReadDir(kept)
	o.must(err)
	for _, f := range files {
		if strings.HasSuffix(f.Name(), ".rows") {
			o.must(os.Truncate(filepath.Join(kept, f.Name()), 100))
		}
	}
	if v := o.night("b.csv", text); v.Way != "full" || v.State != store.PersonsSearched || v.Pairs != first.Pairs {
		t.Errorf("after a torn file: %+v", v)
	}
}
