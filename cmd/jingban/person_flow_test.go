package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/fixtures/people"
	"github.com/jingban/jingban/store"
)

// nightly is a house with a folder of exports and a schedule at half past two.
type nightly struct {
	t    *testing.T
	cfg  *Config
	rows []string
}

// lay puts an export of the first rows into the folder.
func (n *nightly) lay(name string, rows int, at time.Time) {
	n.t.Helper()
	path := filepath.Join(n.cfg.PersonsFolder, name)
	if err := os.WriteFile(path, []byte(strings.Join(n.rows[:1+rows], "")), 0o600); err != nil {
		n.t.Fatal(err)
	}
	if err := os.Chtimes(path, at, at); err != nil {
		n.t.Fatal(err)
	}
}

// night lives from shortly before half past two until the run of that night ended.
func (n *nightly) night(day casework.Date) (run casework.Run, search store.PersonSearch) {
	n.t.Helper()
	at := day.Time().Add(2*time.Hour + 30*time.Minute)
	liveFrom(n.t, n.cfg, at.Add(-3*time.Second), n.furnish, func(ctx context.Context, h *house) bool {
		all, err := h.store.PersonSearches(ctx, 1)
		if err != nil || len(all) == 0 || all[0].State == store.PersonsOrdered || all[0].At.Before(at.Add(-time.Hour)) {
			return false
		}
		search = all[0]
		run, err = h.store.Run(ctx, search.RunID)
		return err == nil && run.State == casework.RunDone
	})
	return run, search
}

func (n *nightly) furnish(h *house) {
	n.t.Helper()
	if known, err := h.store.Schedules(n.t.Context()); err != nil || len(known) > 0 {
		return
	}
	_, err := h.store.AddSchedule(n.t.Context(), atTerminal(), casework.Schedule{Name: "insured", Title: "一人多号夜间检索", Rule: "每天 2:30", Playbook: "person_search", Subject: "参保*.csv", CatchUp: casework.CatchUpSkip})
	if err != nil {
		n.t.Fatal(err)
	}
}

func TestExportOfTheInsuredIsSearchedEveryNightByItsSchedule(t *testing.T) {
	needParts(t)
	var text bytes.Buffer
	if err := people.WritePopulation(&text, people.Population(1500, 51)); err != nil {
		t.Fatal(err)
	}
	n := &nightly{t: t, cfg: &Config{Data: t.TempDir(), Log: "error", FirstStage: "full", PersonsFolder: t.TempDir()}, rows: strings.SplitAfter(text.String(), "\n")}
	first := casework.Date{Year: 2026, Month: 3, Day: 31}
	n.lay("参保20260330.csv", 1400, first.Time().Add(-time.Hour))
	run, search := n.night(first)
	if run.End != "pairs_found" || search.Way != "full" || search.Records != 1400 || search.Opened == 0 || search.RunID != run.ID {
		t.Errorf("the first night: %s, %+v", run.End, search)
	}
	n.lay("参保20260331.csv", 1500, first.AddDays(1).Time().Add(-time.Hour))
	run, more := n.night(first.AddDays(1))
	if run.End != "pairs_found" || more.Way != "night" || more.Added != 100 || more.Gone != 0 || more.Pairs != search.Pairs+more.Opened {
		t.Errorf("the second night: %s, %+v", run.End, more)
	}
	n.lay("参保20260401.csv", 1500, first.AddDays(2).Time().Add(-time.Hour))
	if run, quiet := n.night(first.AddDays(2)); run.End != "nothing_new" || quiet.Added != 0 || quiet.Pairs != more.Pairs {
		t.Errorf("a quiet night: %s, %+v", run.End, quiet)
	}
}
