package workers

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
	"github.com/jingban/jingban/store/storetest"
)

// registry is a crew with a database, and the merges its journals tell of.
type registry struct {
	t    *testing.T
	crew *Crew
}

func newRegistry(t *testing.T) registry {
	t.Helper()
	return registry{t: t, crew: &Crew{Name: "w1", Store: storetest.Open(t), Now: time.Now, Log: slog.New(slog.DiscardHandler)}}
}

func (g registry) must(err error) {
	g.t.Helper()
	if err != nil {
		g.t.Fatal(err)
	}
}

// held is what the page of a number says.
func held(no, months string) string {
	return fmt.Sprintf(`{"basic":[{"编号":%q,"姓名":"示例甲"}],"months":[{"月份":%q}]}`, no, months)
}

// ran is a run that has told these values, step by step.
func (g registry) ran(playbook string, shared map[string]string, told map[string]string) casework.Run {
	g.t.Helper()
	ctx, by := g.t.Context(), casework.Actor{Kind: casework.Human, ID: "u1", Name: "li", Role: "clerk"}
	c, err := g.crew.Store.NewCase(ctx, by, casework.Case{Matter: playbook, Region: "379900", Shared: shared})
	g.must(err)
	g.must(g.crew.Store.SubmitCase(ctx, by, c.ID))
	run, err := g.crew.Store.StartRun(ctx, by, casework.Run{CaseID: c.ID, Playbook: playbook, Version: "sha256:1", Key: c.ID}, casework.Snapshot{Shared: shared})
	g.must(err)
	g.must(g.crew.Store.Beat(ctx, "w1"))
	_, err = g.crew.Store.Admit(ctx, 10)
	g.must(err)
	lease, err := g.crew.Store.Claim(ctx, run.ID, "w1")
	g.must(err)
	for step, values := range told {
		g.must(g.crew.Store.Journal(lease).Append(ctx, casework.Entry{Step: step, Attempt: 1, Kind: casework.Happened, Data: json.RawMessage(`{"values":` + values + `}`)}))
	}
	return run
}

// ends notes the lineage twice, as a turn does that comes again after a crash.
func (g registry) ends(run casework.Run, end string) {
	g.t.Helper()
	for range 2 {
		g.must(g.crew.noteLineage(g.t.Context(), run, casework.Result{State: casework.RunDone, End: end}))
	}
}

func (g registry) merged(after string) casework.Run {
	g.t.Helper()
	run := g.ran(mergeFlow, nil, map[string]string{
		"proposal": `{"main":"3701","sub":"3702"}`, "merge": `{"流水":"HH20260301000001"}`,
		"number_a": held("3702", "2020-01"), "number_b": held("3701", "2019-05"), // as they were asked for, the folded one first
		"main_after": held("3701", after), "sub_after": held("3702", ""),
	})
	g.ends(run, "merged")
	return run
}

func (g registry) lineage(no string) string {
	g.t.Helper()
	main, folded, err := g.crew.Store.Lineage(g.t.Context(), no)
	g.must(err)
	return main + " with " + strings.Join(folded, ",")
}

func (g registry) undoAlerts() (n int) {
	g.t.Helper()
	alerts, _, err := g.crew.Store.Alerts(g.t.Context(), store.AlertFilter{Kind: "persons"})
	g.must(err)
	for _, a := range alerts {
		if a.Code == "undo_differs" {
			n++
		}
	}
	return n
}

func (g registry) undone(main, sub string) store.PersonMerge {
	g.t.Helper()
	run := g.ran(unmergeFlow, map[string]string{"main": "3701", "sub": "3702", "serial": "HH20260301000001"}, map[string]string{"main_after": main, "sub_after": sub})
	g.ends(run, "undone")
	all, err := g.crew.Store.PersonMerges(g.t.Context(), 10)
	g.must(err)
	return all[0]
}

func TestAMergeIsNotedOnceWithItsSnapshots(t *testing.T) {
	g := newRegistry(t)
	run := g.merged("2019-05 2020-01")
	if got := g.lineage("3702"); got != "3701 with 3702" {
		t.Errorf("the folded number: %s", got)
	}
	m, err := g.crew.Store.MergeOfRun(t.Context(), run.ID)
	g.must(err)
	if m.Serial != "HH20260301000001" || m.Before == "" || m.After == "" || m.Before == m.After || m.Exact() {
		t.Errorf("the merge: %+v", m)
	}
	all, err := g.crew.Store.PersonMerges(t.Context(), 10)
	g.must(err)
	if len(all) != 1 {
		t.Errorf("%d merges of one run", len(all))
	}
}

func TestAnUndoIsExactWhateverOrderTheNumbersWereReadIn(t *testing.T) {
	g := newRegistry(t)
	g.merged("2019-05 2020-01")
	m := g.undone(held("3701", "2019-05"), held("3702", "2020-01"))
	if !m.Exact() || g.undoAlerts() != 0 {
		t.Errorf("taken back: exact %v, %d alerts", m.Exact(), g.undoAlerts())
	}
	if got := g.lineage("3702"); got != "3702 with " {
		t.Errorf("the number stands for itself again: %s", got)
	}
}

func TestAnUndoThatLeavesAMonthBehindRaisesAnAlert(t *testing.T) {
	g := newRegistry(t)
	g.merged("2019-05 2020-01")
	if m := g.undone(held("3701", "2019-05 2020-01"), held("3702", "")); m.Exact() || g.undoAlerts() != 1 {
		t.Errorf("taken back: exact %v, %d alerts", m.Exact(), g.undoAlerts())
	}
}

func TestAMergeThatItsJournalDoesNotTellGoesToAPerson(t *testing.T) {
	g := newRegistry(t)
	for what, told := range map[string]map[string]string{
		"no numbers":  {"proposal": `{}`},
		"no snapshot": {"proposal": `{"main":"3701","sub":"3702"}`, "number_a": `{"basic":[]}`, "number_b": held("3702", "")},
	} {
		run := g.ran(mergeFlow, nil, told)
		err := g.crew.noteLineage(t.Context(), run, casework.Result{State: casework.RunDone, End: "merged"})
		if fault, ok := errors.AsType[*casework.Fault](err); !ok || fault.Code != "person_unclear" || fault.Kind != casework.NeedsHuman {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestWhatIsNoMergeChangesNoNumber(t *testing.T) {
	g := newRegistry(t)
	for _, end := range []struct{ playbook, end string }{{unmergeFlow, "kept"}, {"unemployment_claim", "merged"}} {
		g.ends(g.ran(end.playbook, nil, nil), end.end)
	}
	failed := g.ran(mergeFlow, nil, nil)
	g.must(g.crew.noteLineage(t.Context(), failed, casework.Result{State: casework.RunFailed, End: "merged"}))
	all, err := g.crew.Store.PersonMerges(t.Context(), 10)
	g.must(err)
	if len(all) != 0 {
		t.Errorf("%d merges", len(all))
	}
}
