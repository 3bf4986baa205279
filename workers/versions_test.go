package workers

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/jingban/jingban/benefits"
	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/materials"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/playbooks/pagetest"
	"github.com/jingban/jingban/store"
	"github.com/jingban/jingban/store/storetest"
)

// oneSystem is a Browser whose every seat is a page of the scripted system.
type oneSystem struct{ *pagetest.Legacy }

func (o oneSystem) Seat(ctx context.Context, system playbooks.System, _ playbooks.Access, _ int) (playbooks.Page, error) {
	return o.Page(ctx, system)
}

func (oneSystem) PDF(context.Context, []byte) ([]byte, error) {
	return nil, errors.New("prints nothing")
}

var operator = casework.Actor{Kind: casework.Human, ID: "u1", Name: "li", Role: "operator"}

// atWork is a crew over a real store and the scripted system, with the built-in
// playbooks at the given stage and one run of a claim in order.
func atWork(t *testing.T, stage casework.Stage) (*Crew, *pagetest.Legacy, string) {
	t.Helper()
	library, err := playbooks.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	legacy := &pagetest.Legacy{}
	s := storetest.Open(t)
	c := &Crew{Name: "w1", Slots: 1, Store: s, Browser: oneSystem{legacy}, Library: library, Schema: schemaOf(t), Stage: stage, Now: time.Now,
		Log: slog.New(slog.DiscardHandler), turns: newTurns(), shelf: newShelf(s.Version)}
	c.heart = newHeart(c.Name, s.Beat, c.Now, c.Log)
	for _, err := range []error{c.heart.beat(t.Context()), c.register(t.Context()), c.importPlaybooks(t.Context()),
		s.SetSecret(t.Context(), operator, "systems.benefits.url", "http://127.0.0.1:1"),
		s.SetSecret(t.Context(), operator, "systems.benefits.account.login", "robot"),
		s.SetSecret(t.Context(), operator, "systems.benefits.account.password", "secret")} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return c, legacy, c.claimIn(t)
}

// schemaOf is what the built-in playbooks are linted against.
func schemaOf(t *testing.T) playbooks.Schema {
	t.Helper()
	catalog, err := materials.Load()
	if err != nil {
		t.Fatal(err)
	}
	rules, err := benefits.Load(catalog.Params())
	if err != nil {
		t.Fatal(err)
	}
	return playbooks.Schema{Documents: catalog.Schema(), Calculations: benefits.Calculations(rules)}
}

// claimIn starts a run of the fictional claim with the version that is due.
func (c *Crew) claimIn(t *testing.T) string {
	t.Helper()
	snapshot := pagetest.Claim()
	notice := snapshot.Assessment.Documents["termination_notice"]
	notice.FileID = "" // nothing to upload here
	snapshot.Assessment.Documents["termination_notice"] = notice
	kase, err := c.Store.NewCase(t.Context(), operator, casework.Case{Matter: "unemployment_claim", Applicant: snapshot.Applicant, Month: snapshot.Month})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Store.SubmitCase(t.Context(), operator, kase.ID); err != nil {
		t.Fatal(err)
	}
	run, err := c.newRun(t.Context(), kase, snapshot)
	if err != nil {
		t.Fatal(err)
	}
	run, err = c.Store.StartRun(t.Context(), operator, run, snapshot)
	if err != nil {
		t.Fatal(err)
	}
	return run.ID
}

// turned admits the run and works it until it no longer waits.
func (c *Crew) turned(t *testing.T, id string) casework.Run {
	t.Helper()
	for range 4 {
		if _, err := c.Store.Admit(t.Context(), 8); err != nil {
			t.Fatal(err)
		}
		if err := c.workRun(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		run, err := c.Store.Run(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if run.State != casework.RunWaiting || run.End == "paused" {
			return run
		}
	}
	t.Fatal("the run waits for ever")
	return casework.Run{}
}

// answered decides the open question of the run, which must have the reason.
func (c *Crew) answered(t *testing.T, id, reason, choice string) casework.Run {
	t.Helper()
	open, _, err := c.Store.Reviews(t.Context(), store.ReviewFilter{States: []casework.ReviewState{casework.ReviewOpen}})
	if err != nil || len(open) != 1 || open[0].RunID != id || open[0].Reason != reason {
		t.Fatalf("want one question %q, got %+v, %v", reason, open, err)
	}
	if err := c.Store.Decide(t.Context(), casework.Decision{ReviewID: open[0].ID, Choice: choice, By: operator}); err != nil {
		t.Fatal(err)
	}
	return c.turned(t, id)
}

func TestSupervisedRunCommitsWhatAPersonFreed(t *testing.T) {
	c, legacy, id := atWork(t, casework.StageSupervised)
	c.turned(t, id)
	if run := c.answered(t, id, "", "submit"); run.State != casework.RunParked || legacy.Posts() != 0 {
		t.Fatalf("run %s, submitted %d", run.State, legacy.Posts())
	}
	if run := c.answered(t, id, "supervised", "free"); run.End != "submitted" || legacy.Posts() != 1 {
		t.Errorf("run %s %s, submitted %d", run.State, run.End, legacy.Posts())
	}
}

func TestRunKeepsTheVersionItBeganWith(t *testing.T) {
	c, legacy, id := atWork(t, casework.StageFull)
	run := c.turned(t, id)
	pb, _ := c.Library.Playbook("unemployment_claim")
	newer := strings.Replace(pb.Source, "id: submit", "id: enter", 1)
	library, err := playbooks.NewLibrary(map[string][]byte{"x.yaml": []byte(newer)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	old := c.Library
	c.Library = library // the next release comes with another text
	if err := c.importPlaybooks(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.Library, c.shelf = old, newShelf(c.Store.Version)
	if next, err := c.pick(t.Context(), "unemployment_claim"); err != nil || next.Version != run.Version {
		t.Errorf("the next run takes %v, %v: nobody released that", next, err)
	}
	if run = c.answered(t, id, "", "submit"); run.End != "submitted" || run.Step != "submit" || legacy.Posts() != 1 {
		t.Errorf("run %+v, submitted %d", run, legacy.Posts())
	}
}

func TestImportedPlaybookWithErrorsIsADraft(t *testing.T) {
	c, _, _ := atWork(t, casework.StageFull)
	pb, _ := c.Library.Playbook("unemployment_claim")
	wrong := strings.NewReplacer("playbook: unemployment_claim", "playbook: ours", "effect: claim", "").Replace(pb.Source)
	library, err := playbooks.NewLibrary(map[string][]byte{"x.yaml": []byte(wrong)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	c.Library = library
	if err := c.importPlaybooks(t.Context()); err != nil {
		t.Fatal(err)
	}
	all, err := c.Store.Versions(t.Context(), "ours")
	if err != nil || len(all) != 1 || all[0].Stage != casework.StageDraft || all[0].Errors == 0 {
		t.Errorf("imported: %+v, %v", all, err)
	}
}

func TestPausedRunningRunStopsBeforeItsClick(t *testing.T) {
	c, legacy, id := atWork(t, casework.StageFull)
	c.turned(t, id)
	c.Seam = func(ctx context.Context, run, name string) {
		if name == "claimed" {
			if err := c.Store.PauseRun(ctx, operator, run, "待查"); err != nil {
				t.Error(err)
			}
		}
	}
	if run := c.answered(t, id, "", "submit"); run.State != casework.RunWaiting || legacy.Posts() != 0 {
		t.Fatalf("run %s, submitted %d", run.State, legacy.Posts())
	}
	c.Seam = nil
	if err := c.Store.ResumeRun(t.Context(), operator, id, "查明"); err != nil {
		t.Fatal(err)
	}
	if run := c.turned(t, id); run.End != "submitted" || legacy.Posts() != 1 {
		t.Errorf("run %s %s, submitted %d", run.State, run.End, legacy.Posts())
	}
}

func TestDryRunUsesASeatAndGivesItBack(t *testing.T) {
	c, legacy, id := atWork(t, casework.StageFull)
	ctx := t.Context()
	seat, err := c.Store.TakeSeat(ctx, "benefits", "somebody", "w1")
	if err != nil {
		t.Fatal(err)
	}
	order, err := c.Store.OrderDryRun(ctx, operator, id, "", "上线前演练")
	if err != nil {
		t.Fatal(err)
	}
	work := func(want string) store.DryRun {
		t.Helper()
		if err := c.dryRun(ctx, order.ID); err != nil {
			t.Fatal(err)
		}
		d, err := c.Store.DryRun(ctx, order.ID)
		if err != nil || d.State != want {
			t.Fatalf("dry run %s %s, %v, want %s", d.State, d.Code, err, want)
		}
		return d
	}
	work(store.DryWaiting) // every seat is taken
	if err := c.Store.LeaveSeat(ctx, seat); err != nil {
		t.Fatal(err)
	}
	d := work(store.DryDone)
	if !d.Good || d.Report.Answer != "absent" || len(d.Shots) == 0 || legacy.Posts() != 0 || legacy.Open() != 0 {
		t.Errorf("dry run %+v, submitted %d, open %d", d, legacy.Posts(), legacy.Open())
	}
	if _, err := c.Store.TakeSeat(ctx, "benefits", "somebody", "w1"); err != nil {
		t.Errorf("the seat was not given back: %v", err)
	}
	lines, err := c.Store.Entries(ctx, id)
	if err != nil || len(lines) != 0 {
		t.Errorf("a dry run wrote %d journal lines, %v", len(lines), err)
	}
}
