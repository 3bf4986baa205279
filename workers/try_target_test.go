package workers

import (
	"slices"
	"strings"
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/store"
)

// The canary finds a changed page: the system stays open, a run parks at the step that
// opens the page before anything is done there, and goes on with the approval.
func TestAChangedPageParksRunsAtItsStepUntilTwoPeopleApproveIt(t *testing.T) {
	c, legacy, id := atWork(t, casework.StageFull)
	ctx := t.Context()
	try := func() {
		t.Helper()
		if err := c.tryTarget(ctx, "benefits"); err != nil {
			t.Fatal(err)
		}
		if got := c.target(t); got.State != store.TargetOpen || got.CanaryDay.IsZero() {
			t.Fatalf("after the look the target is %+v", got)
		}
	}
	legacy.Marks = map[string]playbooks.Marks{"申领查询": {Fields: []string{"text 证件号码"}, Buttons: []string{"查询", "待办(3)"}}}
	try()
	legacy.Marks["申领查询"] = playbooks.Marks{Fields: []string{"text 证件号码"}, Buttons: []string{"待办(12)", "查询"}}
	try()
	if run := c.atTheDoor(t, id); run.State != casework.RunWaiting {
		t.Fatalf("another order and another count stop a run: %+v", run)
	}
	legacy.Marks["申领查询"] = playbooks.Marks{Fields: []string{"text 公民身份号码"}, Buttons: []string{"查询", "待办(3)"}}
	try()
	page, found := changedPage(t, c)
	if page != "失业待遇 / 申领查询" || !strings.Contains(found, "公民身份号码") {
		t.Errorf("%s: %s", page, found)
	}
	for range 2 { // asked twice, since a retry alone opens no door
		if run := c.turned(t, id); run.State != casework.RunParked || run.Step != "submit" {
			t.Fatalf("a run goes on into a changed page: %+v", run)
		}
		review := c.openOf(t, id)
		if review.Reason != casework.PageChanged || !slices.Contains(review.Show, casework.PageShow("benefits", page)) {
			t.Fatalf("the question is %+v", review)
		}
		if err := c.Store.Decide(ctx, casework.Decision{ReviewID: review.ID, Choice: "retry", By: operator}); err != nil {
			t.Fatal(err)
		}
	}
	if run := c.turned(t, id); run.State != casework.RunParked || legacy.Posts() != 0 {
		t.Fatalf("submitted %d, the run is %+v", legacy.Posts(), run)
	}
	c.approve(t, page, found, map[string]string{"证件号码": "公民身份号码"})
	if systems, err := c.systems(ctx); err != nil || !slices.Contains(systems["benefits"].Aliases["证件号码"], "公民身份号码") {
		t.Errorf("the approved name holds for no playbook: %v, %v", systems["benefits"].Aliases, err)
	}
	if run := c.turned(t, id); run.End != "submitted" || legacy.Posts() != 1 {
		t.Errorf("approved, submitted %d, and the run is %+v", legacy.Posts(), run)
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
