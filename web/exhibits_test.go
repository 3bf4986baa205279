package web

import (
	"image/color"
	"strings"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

func TestASupervisedCommitShowsTheFilledPageToWhoMayRevealOnly(t *testing.T) {
	w := newSite(t)
	s := w.seed(li, "review")
	ctx := t.Context()
	w.must(w.store.RetryFrom(ctx, cook, s.Run.ID, "", "放行前核对"))
	lease := w.claim(ctx, s.Run.ID)
	journal := w.store.Journal(lease)
	w.must(journal.Keep(ctx, "submit", 1, []casework.Shot{
		{Kind: casework.Screenshot, Name: "before_commit.png", MIME: "image/png", Data: card(t, color.White)},
		{Kind: casework.Values, Name: "values.json", MIME: "application/json", Data: []byte(`[{"label":"证件号码","written":"` + li.IDNumber + `","read_back":"` + li.IDNumber + `"}]`)},
	}))
	w.must(w.store.Settle(ctx, lease, casework.Result{State: casework.RunParked, Step: "submit", Review: &casework.Review{Role: "operator", Reason: "supervised",
		Show: []string{"evidence:before_commit.png", "evidence:values.json"}, Due: w.clock.Add(time.Hour), Choices: []casework.Choice{{Name: "free", Zh: "核对无误，放行提交"}, {Name: "stop", Zh: "终止办理"}}}}))
	open, _, err := w.store.Reviews(ctx, store.ReviewFilter{Role: "operator", States: []casework.ReviewState{casework.ReviewOpen}})
	if err != nil || len(open) != 1 {
		t.Fatalf("%d open reviews (%v)", len(open), err)
	}
	_, body, _ := w.as("operator").get("/reviews/" + open[0].ID)
	for _, want := range []string{"页面已填好，请核对后放行", "提交前", "证件号码", li.IDNumber, "核对无误，放行提交", "/files/runs/" + s.Run.ID} {
		if !strings.Contains(body, want) {
			t.Errorf("the page does not show %s", want)
		}
	}
	if _, body, _ := w.as("manager").get("/reviews/" + open[0].ID); strings.Contains(body, li.IDNumber) || strings.Contains(body, "/files/runs/") {
		t.Error("a manager sees the filled form")
	}
}
