package workers

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/store"
	"github.com/jingban/jingban/store/storetest"
)

// scheduler is a crew as far as schedules need it, with the built-in playbooks
// and a clock that is ahead.
func scheduler(t *testing.T, database string, ahead time.Duration) *Crew {
	t.Helper()
	library, err := playbooks.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return time.Now().Add(ahead) }
	s, err := store.Open(t.Context(), store.Config{Database: database, Files: t.TempDir(), MasterKey: storetest.MasterKey(), Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	c := &Crew{Name: "w1", Store: s, Library: library, Schema: schemaOf(t), Now: now, Log: slog.New(slog.DiscardHandler), shelf: newShelf(s.Version)}
	if err := c.importPlaybooks(t.Context()); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestScheduledRunTakesTheReleasedVersion(t *testing.T) {
	c := scheduler(t, storetest.SQLite(t), 0)
	at := time.Date(2026, 3, 31, 16, 30, 0, 0, time.UTC) // 1 April in China
	schedule := casework.Schedule{ID: "s1", Name: "month_end", Playbook: "unemployment_claim", Subject: "企业养老"}
	run, snapshot, err := c.scheduled(t.Context(), schedule, at)
	if err != nil {
		t.Fatal(err)
	}
	known, _ := c.Library.Playbook("unemployment_claim")
	if run.Version != known.Version || run.CaseID != "" || run.Due.String() != "2026-04-01" {
		t.Errorf("run %+v; want version %s, no case, due 2026-04-01", run, known.Version)
	}
	if snapshot.Shared["subject"] != "企业养老" || snapshot.Month != 202604 {
		t.Errorf("snapshot %+v", snapshot)
	}
	later, _, err := c.scheduled(t.Context(), schedule, at.Add(time.Hour))
	if err != nil || later.Key == run.Key || later.Persons[0] != run.Persons[0] {
		t.Errorf("the next tick: %v; want another key and the same lock, so that the two never run at once", err)
	}
	_, _, err = c.scheduled(t.Context(), casework.Schedule{Playbook: "nothing"}, at)
	if fault, ok := errors.AsType[*casework.Fault](err); !ok || fault.Code != "playbook_unknown" {
		t.Errorf("an unknown playbook: %v", err)
	}
}

func TestScheduleLoopStartsWhatIsDue(t *testing.T) {
	database := storetest.SQLite(t)
	today := scheduler(t, database, 0)
	added, err := today.Store.AddSchedule(t.Context(), casework.Actor{Kind: casework.Human, Name: "wang"},
		casework.Schedule{Name: "n", Rule: "每天 7:00", Playbook: "unemployment_claim", CatchUp: casework.CatchUpOnce})
	if err != nil {
		t.Fatal(err)
	}
	tomorrow := scheduler(t, database, 25*time.Hour)
	select {
	case <-tomorrow.Store.Wake(): // of opening and importing
	default:
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- tomorrow.schedule(ctx) }()
	select {
	case <-tomorrow.Store.Wake():
	case <-time.After(30 * time.Second):
		t.Error("the loop woke nobody")
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the loop ended with %v; want the context's error", err)
	}
	ticks, _, err := today.Store.Ticks(t.Context(), store.TickFilter{ScheduleID: added.ID})
	if err != nil || len(ticks) == 0 || ticks[0].State != casework.TickStarted {
		t.Errorf("ticks %+v, %v; want the newest started", ticks, err)
	}
}
