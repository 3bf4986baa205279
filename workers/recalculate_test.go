package workers

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/jingban/jingban/benefits"
	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/materials"
	"github.com/jingban/jingban/store"
)

var (
	paramAuthor   = casework.Actor{Kind: casework.Human, ID: "u8", Name: "zhao", Role: "operator"}
	paramReleaser = casework.Actor{Kind: casework.Human, ID: "u9", Name: "zhou", Role: "manager"}
)

// withParams gives the crew the parameters of the program, with editions on top.
func (c *Crew) withParams(t *testing.T) *Crew {
	t.Helper()
	catalog, err := materials.Load()
	if err != nil {
		t.Fatal(err)
	}
	c.Catalog = catalog
	c.Params = &Parameters{Editions: c.Store.Editions(catalog.Params()), Offers: func(p casework.Params) ([]casework.Calculation, error) {
		rules, err := benefits.Load(p)
		return benefits.Calculations(rules), err
	}}
	return c
}

// released puts a minimum wage in force.
func (c *Crew) released(t *testing.T, from casework.Date, wage string) store.ParamSet {
	t.Helper()
	ctx := t.Context()
	v, err := c.Store.SaveParams(ctx, paramAuthor, store.ParamSet{ParamSet: casework.ParamSet{Region: "379900", Kind: casework.WageParams, From: from, Document: "海人社发〔2026〕18号", Values: map[string]string{"wage.minimum": wage}}})
	if err != nil {
		t.Fatal(err)
	}
	edition, err := c.Store.Edition(ctx)
	for _, err := range []error{err, c.Store.AttachScan(ctx, paramAuthor, v.ID, "a.png", "image/png", []byte("scan")),
		c.Store.NoteTrial(ctx, paramAuthor, v.ID, store.ParamTrial{Edition: edition, Passed: 1}), c.Store.ReleaseParams(ctx, paramReleaser, v.ID, "核对无误", false)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	v, err = c.Store.ParamSet(ctx, v.ID)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// monthly is what the calculation of a claim gives a run for a day.
func (c *Crew) monthly(t *testing.T, runID, received string) (fen int, lines string) {
	t.Helper()
	offers, err := c.calculations(t.Context(), runID)
	if err != nil {
		t.Fatal(err)
	}
	months := []map[string]string{}
	for m := casework.Month(201903); m <= 202602; m = m.Add(1) {
		months = append(months, map[string]string{"month": m.String(), "arrived": "yes"})
	}
	for _, offer := range offers {
		if offer.Name != claimCalculation {
			continue
		}
		out, err := offer.Do(casework.Given{"region": "379900", "received": received, "registered": received, "months": months, "terms": []map[string]string{}})
		if err != nil {
			t.Fatal(err)
		}
		return out.Values["monthly"].(int), strings.Join(out.Lines, "\n")
	}
	t.Fatal("no calculation of a claim")
	return 0, ""
}

func TestReleasedSetChangesLaterClaimsAndNoRunUnderWay(t *testing.T) {
	t.Parallel()
	c, _, begun := atWork(t, casework.StageFull)
	c.withParams(t)
	c.released(t, casework.Date{Year: 2026, Month: 7, Day: 1}, "2300.00")
	kase, err := c.Store.NewCase(t.Context(), operator, casework.Case{Matter: "unemployment_claim", Applicant: casework.Person{Name: "李四", IDNumber: "379901198806150024"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Store.SubmitCase(t.Context(), operator, kase.ID); err != nil {
		t.Fatal(err)
	}
	run, err := c.Store.StartRun(t.Context(), operator, casework.Run{CaseID: kase.ID, Playbook: "unemployment_claim", Key: c.Store.Hash("key", "later")}, casework.Snapshot{})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []struct {
		run, day string
		monthly  int
		edition  string
	}{
		{begun, "2026-07-01", 176000, "参数版本：第0版"},
		{run.ID, "2026-07-01", 184000, "参数版本：第1版"},
		{run.ID, "2026-06-30", 176000, "参数版本：第1版"},
	} {
		got, lines := c.monthly(t, want.run, want.day)
		if got != want.monthly || !strings.Contains(lines, want.edition) {
			t.Errorf("%s of run %s: %d, want %d and %s in\n%s", want.day, want.run, got, want.monthly, want.edition, lines)
		}
	}
}

// granted keeps an award as the journal of a run tells it.
func (c *Crew) granted(t *testing.T, runID string, received casework.Date, first casework.Month) {
	t.Helper()
	run, err := c.Store.Run(t.Context(), runID)
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]json.RawMessage{"paid": json.RawMessage("84"), "carry_over": json.RawMessage("0"), "months": json.RawMessage("16"), "monthly": json.RawMessage("176000"),
		"total": json.RawMessage("2816000"), "first": json.RawMessage(`"` + first.String() + `"`), "lines": json.RawMessage(`["x"]`)}
	a, err := awardOf(run, casework.Snapshot{Region: "379900", Received: received, Applicant: casework.Person{IDNumber: "379901198503120017"}}, values)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Store.NoteAward(t.Context(), c.actor(), a); err != nil {
		t.Fatal(err)
	}
}

func TestSetFromThePastOpensOneCaseForEachBenefitWithTheDifference(t *testing.T) {
	t.Parallel()
	c, _, id := atWork(t, casework.StageFull)
	c.withParams(t)
	if run := c.turned(t, id); run.State == casework.RunParked { // it no longer keeps the applicant
		c.answered(t, id, "", "submit")
	}
	month := casework.MonthOf(casework.DateOf(c.Now()))
	c.granted(t, id, benefits.FirstDay(month.Add(-5)), month.Add(-5))
	set := c.released(t, benefits.FirstDay(month.Add(-2)), "2300.00")
	for range 3 { // hinted twice more
		if err := c.recalculate(t.Context(), set.ID); err != nil {
			t.Fatal(err)
		}
	}
	opened, err := c.Store.Recalculations(t.Context(), set.ID)
	if err != nil || len(opened) != 1 {
		t.Fatalf("%+v, %v", opened, err)
	}
	if r := opened[0]; r.RunID != id || r.Monthly != 8000 || r.Owed != 24000 || r.Overpaid != 0 {
		t.Errorf("%+v", r)
	}
	kase, err := c.Store.Case(t.Context(), opened[0].CaseID)
	if err != nil || kase.Matter != recalculationMatter || kase.Region != "379900" || kase.Shared["document"] != "海人社发〔2026〕18号" || kase.Shared["until"] != month.String() {
		t.Fatalf("%+v, %v", kase, err)
	}
	changes, err := benefits.ParsePlan(kase.Shared["plan"])
	if err != nil || len(changes) != 13 || changes[0].Month != month.Add(-2) || changes[0].Difference() != 8000 {
		t.Errorf("%+v, %v", changes, err)
	}
	if err := c.startRun(t.Context(), kase.ID); err != nil {
		t.Fatal(err)
	}
	runs, _, err := c.Store.Runs(t.Context(), store.RunFilter{CaseID: kase.ID})
	if err != nil || len(runs) != 1 {
		t.Fatalf("%+v, %v", runs, err)
	}
	if run := c.turned(t, runs[0].ID); run.State != casework.RunParked {
		t.Fatalf("nobody is asked: %+v", run)
	}
	if run := c.answered(t, runs[0].ID, "", "adjust"); run.State != casework.RunDone || run.End != "adjust_agreed" {
		t.Errorf("%+v", run)
	}
}

func TestSetForTheFutureOpensNothing(t *testing.T) {
	t.Parallel()
	c, _, id := atWork(t, casework.StageFull)
	c.withParams(t)
	month := casework.MonthOf(casework.DateOf(c.Now()))
	c.granted(t, id, benefits.FirstDay(month), month)
	set := c.released(t, benefits.FirstDay(month.Add(2)), "2300.00")
	hints, err := c.Store.Hints(t.Context(), 500)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range hints {
		if h.Subject == set.ID {
			t.Errorf("%+v", h)
		}
	}
}

func TestNothingIsKeptOfARunThatGrantsNothing(t *testing.T) {
	t.Parallel()
	c, _, id := atWork(t, casework.StageFull) // the claim's playbook computes nothing
	if run := c.turned(t, id); run.State == casework.RunParked {
		c.answered(t, id, "", "submit")
	}
	awards, _, err := c.Store.Awards(t.Context(), store.AwardFilter{Region: casework.National, Since: 190001, Edition: 9})
	if err != nil || len(awards) != 0 {
		t.Errorf("%+v, %v", awards, err)
	}
	run := casework.Run{ID: id}
	if _, err := awardOf(run, casework.Snapshot{}, map[string]json.RawMessage{"skipped": json.RawMessage("true")}); err == nil {
		t.Error("an award without months")
	}
}
