package workers

import (
	"slices"
	"strings"
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/store"
)

func TestAChangedPageStopsItsSystemUntilTwoPeopleApproveIt(t *testing.T) {
	c, legacy, id := atWork(t, casework.StageFull)
	ctx := t.Context()
	try := func() store.Target {
		t.Helper()
		if err := c.tryTarget(ctx, "benefits"); err != nil {
			t.Fatal(err)
		}
		return c.target(t)
	}
	legacy.Marks = map[string]playbooks.Marks{"申领查询": {Fields: []string{"text 证件号码"}, Buttons: []string{"查询"}}}
	if got := try(); got.State != store.TargetOpen || got.CanaryDay.IsZero() {
		t.Fatalf("after the first look %+v", got)
	}
	legacy.Marks["申领查询"] = playbooks.Marks{Fields: []string{"text 公民身份号码"}, Buttons: []string{"查询"}}
	if got := try(); got.State != store.TargetStopped || got.Reason != "page_changed" {
		t.Fatalf("changed: %+v", got)
	}
	if run := c.atTheDoor(t, id); run.State != casework.RunWaiting {
		t.Errorf("a run goes on into a changed system: %+v", run)
	}
	page, found := changedPage(t, c)
	if page != "失业待遇 / 申领查询" || !strings.Contains(found, "公民身份号码") {
		t.Errorf("%s: %s", page, found)
	}
	for i, by := range []casework.Actor{operator, {Kind: casework.Human, ID: "another", Name: "zhao", Role: "operator"}} {
		approved, err := c.Store.AcceptPage(ctx, by, "benefits", page, found, map[string]string{"证件号码": "公民身份号码"})
		if err != nil || approved != (i == 1) {
			t.Fatalf("person %d: %v, %v", i, approved, err)
		}
	}
	if systems, err := c.systems(ctx); err != nil || !slices.Contains(systems["benefits"].Aliases["证件号码"], "公民身份号码") {
		t.Errorf("the approved name holds for no playbook: %v, %v", systems["benefits"].Aliases, err)
	}
	if err := c.Store.ResumeTarget(ctx, operator, "benefits", "页面已核对"); err != nil {
		t.Fatal(err)
	}
	if got := try(); got.State != store.TargetOpen {
		t.Errorf("approved and looked at again: %+v", got)
	}
}

// changedPage is the one page that is not as it was approved.
func changedPage(t *testing.T, c *Crew) (page, found string) {
	t.Helper()
	all, err := c.Store.PageMarks(t.Context(), "benefits")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		if p.Found != "" && page == "" {
			page, found = p.Page, p.Found
		} else if p.Found != "" {
			t.Errorf("%s has changed, too", p.Page)
		}
	}
	return page, found
}
