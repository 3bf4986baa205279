package storetest

import (
	"database/sql"
	"strconv"
	"strings"
	"testing"

	_ "modernc.org/sqlite" // database/sql driver "sqlite"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

// Run proves the whole contract of package store. Database gives the address of
// a fresh, empty database each time.
func Run(t *testing.T, database func(testing.TB) string) {
	for _, part := range parts() {
		for name, test := range part() {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				test(t, newHouse(t, database(t)))
			})
		}
	}
}

// contract is what one part of the store promises: the promise, and the test that
// proves it on a house of its own.
type contract map[string]func(*testing.T, *house)

func parts() []func() contract {
	return []func() contract{
		casesContract, sheetsContract, broughtContract, runsContract, looksContract, marksContract, signInsContract,
		effectsContract, peopleContract, auditContract, evidenceContract, versionsContract, schedulesContract,
		clocksContract, targetsContract, outageContract, personsContract, fundContract, tuningContract, paramsContract,
	}
}

// house is one store under test with its clock and a raw view of its database.
type house struct {
	*store.Store
	cfg   store.Config
	clock *Clock
	raw   *sql.DB
}

func newHouse(t *testing.T, database string) *house {
	clock := NewClock()
	cfg := store.Config{Database: database, Files: t.TempDir(), MasterKey: MasterKey(), Params: params(t), Now: clock.Now, LeaseNow: clock.Now}
	h := &house{Store: open(t, cfg), cfg: cfg, clock: clock}
	driver, dsn := "pgx", database
	if path, ok := strings.CutPrefix(database, "sqlite:"); ok {
		driver, dsn = "sqlite", "file:"+path+"?_pragma=busy_timeout(5000)"
	}
	raw, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { raw.Close() })
	h.raw = raw
	return h
}

func params(t *testing.T) casework.Params {
	t.Helper()
	p, err := casework.LoadParams(nil)
	must(t, err)
	return p
}

// number runs a count on the raw database.
func (h *house) number(t *testing.T, query string, args ...any) (n int) {
	t.Helper()
	if err := h.raw.QueryRowContext(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

func (h *house) exec(t *testing.T, query string, args ...any) {
	t.Helper()
	if _, err := h.raw.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// The fictional people and staff of the suite.
var (
	clerk     = casework.Actor{Kind: casework.Human, ID: "u1", Name: "wang", Role: "clerk", From: "127.0.0.1"}
	applicant = casework.Person{Name: "欧阳 明", IDNumber: "379901198503120017", Mobile: "19900000001",
		Account: "6222020000000000013", Address: "示例省海州市试验区一号"}
)

func (h *house) newCase(t *testing.T, who casework.Person) casework.Case {
	t.Helper()
	c, err := h.NewCase(t.Context(), clerk, casework.Case{Matter: "unemployment_claim", Region: "379900", Applicant: who,
		Month: 202603, Shared: map[string]string{"leave_reason": "E01"}, Due: casework.Date{Year: 2026, Month: 3, Day: 20}})
	must(t, err)
	return c
}

func (h *house) submitted(t *testing.T) casework.Case {
	t.Helper()
	c := h.newCase(t, applicant)
	must(t, h.SubmitCase(t.Context(), clerk, c.ID))
	return c
}

// order is a run before it is started; its key is unique unless given.
func (h *house) order(caseID, key string, persons ...string) casework.Run {
	if key == "" {
		key = casework.NewID()
	}
	run := casework.Run{CaseID: caseID, Playbook: "unemployment_claim", Version: "sha256:1", Key: h.Hash("key", key)}
	for _, p := range persons {
		run.Persons = append(run.Persons, h.Hash("person", p))
	}
	return run
}

func (h *house) started(t *testing.T, key string, persons ...string) casework.Run {
	t.Helper()
	c := h.submitted(t)
	run, err := h.StartRun(t.Context(), clerk, h.order(c.ID, key, persons...), snapshot(c))
	must(t, err)
	return run
}

func snapshot(c casework.Case) casework.Snapshot {
	return casework.Snapshot{Number: c.Number, Matter: c.Matter, Applicant: c.Applicant, Month: c.Month,
		Assessment: casework.Assessment{Verdict: casework.AutoPass, Findings: []casework.Finding{{Zh: c.Applicant.Name}}}}
}

// held is a run claimed by the worker.
func (h *house) held(t *testing.T, worker string, persons ...string) store.Lease {
	t.Helper()
	run := h.started(t, "", persons...)
	return h.claim(t, run.ID, worker)
}

// claim admits what waits and takes one run.
func (h *house) claim(t *testing.T, runID, worker string) store.Lease {
	t.Helper()
	_, err := h.Admit(t.Context(), 1000)
	must(t, err)
	lease, err := h.Store.Claim(t.Context(), runID, worker)
	must(t, err)
	return lease
}

// question is the result that parks a run.
func question(due ...casework.Choice) casework.Result {
	return casework.Result{State: casework.RunParked, Step: "confirm", Review: &casework.Review{Role: "clerk",
		Show: []string{"id_card_front"}, Choices: append(due, casework.Choice{Name: "submit", Zh: "提交"})}}
}

// openReview gives the one open question of a case.
func (h *house) openReview(t *testing.T, caseID string) casework.Review {
	t.Helper()
	all, _, err := h.Reviews(t.Context(), store.ReviewFilter{CaseID: caseID, States: []casework.ReviewState{casework.ReviewOpen}})
	must(t, err)
	if len(all) != 1 {
		t.Fatalf("open reviews: %d, want 1", len(all))
	}
	return all[0]
}

// hints counts the hints not yet sent about a subject.
func (h *house) hints(t *testing.T, task, subject string) (n int) {
	t.Helper()
	return h.number(t, "SELECT COUNT(*) FROM outbox WHERE sent_at = 0 AND task = $1 AND subject = $2", task, subject)
}

// sendHints marks everything in the outbox as enqueued.
func (h *house) sendHints(t *testing.T) {
	t.Helper()
	hints, err := h.Hints(t.Context(), 500)
	must(t, err)
	var ids []string
	for _, hint := range hints {
		ids = append(ids, hint.ID)
	}
	must(t, h.HintsSent(t.Context(), ids))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func equal[T comparable](t *testing.T, what string, have, want T) {
	t.Helper()
	if have != want {
		t.Errorf("%s: have %v, want %v", what, have, want)
	}
}

// each runs work n times at once and counts those that ended without an error;
// other errors than allowed fail the test.
func each(t *testing.T, n int, allowed error, work func(i int) error) (good int) {
	t.Helper()
	errs := make(chan error, n)
	for i := range n {
		go func() { errs <- work(i) }()
	}
	for range n {
		switch err := <-errs; {
		case err == nil:
			good++
		case !is(err, allowed):
			t.Errorf("unexpected: %v", err)
		}
	}
	return good
}

func worker(i int) string { return "w" + strconv.Itoa(i) }
