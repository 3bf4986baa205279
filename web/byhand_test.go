package web

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/store"
)

const handFlow = `playbook: unemployment_claim
title: {zh: 失业保险金申领, en: Unemployment benefit claim}
key: case.id_number
steps:
  - id: enter
    title: {zh: 人工录入申领, en: enter the claim}
    by_hand: benefits
    effect: claim
    at: 失业待遇 / 申领登记
    values: {证件号码: case.id_number, 姓名: case.name, 申领月份: case.month, 银行账号: case.account}
    receipt: {受理编号: 'SY\d{10}'}
    end: submitted
`

// byHand starts a run that has something entered by hand, and takes its turns with the
// real runner over the real store.
func byHand(t *testing.T, w *site) (run casework.Run, turn func() casework.Result) {
	t.Helper()
	ctx := t.Context()
	pb, problems := playbooks.Parse("hand.yaml", []byte(handFlow))
	if problems.Broken() {
		t.Fatal(problems)
	}
	_, err := w.store.ImportVersion(ctx, store.Version{Playbook: pb.Name, Text: handFlow}, casework.StageFull)
	w.must(err)
	c := w.seed(li, "created").Case
	w.must(w.store.SubmitCase(ctx, cook, c.ID))
	materials, err := w.store.Materials(ctx, c.ID)
	w.must(err)
	for _, m := range materials {
		w.must(w.store.SaveReadings(ctx, m.ID, []casework.Reading{{Page: 1, Width: 860, Height: 540, Engine: "ppocr"}}))
	}
	snapshot := casework.Snapshot{Number: c.Number, Matter: c.Matter, Applicant: c.Applicant, Month: c.Month}
	run, err = w.store.StartRun(ctx, cook, casework.Run{CaseID: c.ID, Playbook: pb.Name, Version: pb.Version, Key: w.store.Hash("key", c.ID),
		Persons: []string{w.store.Hash("person", li.IDNumber)}, Due: c.Due}, snapshot)
	w.must(err)
	return run, func() casework.Result {
		lease := w.claim(ctx, run.ID)
		decisions, err := w.store.Decisions(ctx, run.ID)
		w.must(err)
		runner := playbooks.Runner{Journal: w.store.Journal(lease), Systems: w.server.cfg.Library.Systems(), Now: w.server.cfg.Now,
			EffectID: func(system, action, key string) string { return w.store.Hash("effect", system, action, key) }}
		result, err := runner.Run(ctx, lease.Run, pb, snapshot, decisions)
		w.must(err)
		w.must(w.store.Settle(ctx, lease, result))
		return result
	}
}

func TestAClerkEntersByHandWhileTheSystemIsStopped(t *testing.T) {
	w := newSite(t)
	w.must(w.store.EnsureTarget(t.Context(), "benefits", "benefits", casework.Limits{Seats: 1}))
	w.must(w.store.Kill(t.Context(), cook, "target:benefits", "系统升级"))
	run, turn := byHand(t, w)
	if result := turn(); result.State != casework.RunParked || result.Review.Reason != "by_hand" {
		t.Fatalf("%+v", result)
	}
	open, _, err := w.store.Reviews(t.Context(), store.ReviewFilter{Role: "clerk", States: []casework.ReviewState{casework.ReviewOpen}})
	w.must(err)
	clerk, page := w.as("clerk"), "/reviews/"+open[0].ID
	_, body, _ := clerk.get(page)
	for _, want := range []string{"请在业务系统里人工录入", li.IDNumber, li.Account, "data-copy", `name="receipt:受理编号"`, "copy.js"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page does not show %s", want)
		}
	}
	if strings.Index(body, ">"+li.IDNumber+"<") > strings.Index(body, ">"+li.Account+"<") {
		t.Error("the values do not stand in the form's order")
	}
	for _, wrong := range []string{"", "12345", "SY20260000011"} {
		if status, _, _ := clerk.form(page+"/decision", url.Values{"choice": {"done"}, "receipt:受理编号": {wrong}}); status != http.StatusUnprocessableEntity {
			t.Errorf("receipt %q: status %d", wrong, status)
		}
	}
	if status, _, _ := clerk.form(page+"/decision", url.Values{"choice": {"done"}, "receipt:受理编号": {" SY2026000001 "}}); status != http.StatusSeeOther && status != http.StatusOK {
		t.Errorf("a right receipt: status %d", status)
	}
	if result := turn(); result.End != "submitted" || result.Kept["受理编号"] != "SY2026000001" {
		t.Errorf("%+v", result)
	}
	c, err := w.store.Case(t.Context(), run.CaseID)
	w.must(err)
	if c.Receipt != "SY2026000001" {
		t.Errorf("the case has receipt %q", c.Receipt)
	}
}

func TestValuesAreCopiedOneByOneWithAKey(t *testing.T) {
	w := newSite(t)
	_, turn := byHand(t, w)
	turn()
	open, _, err := w.store.Reviews(t.Context(), store.ReviewFilter{Role: "clerk", States: []casework.ReviewState{casework.ReviewOpen}})
	w.must(err)
	ctx := w.tab("clerk")
	w.must(chromedp.Do(ctx, chromedp.Navigate(w.http.URL+"/reviews/"+open[0].ID), chromedp.WaitVisible(chromedp.CSS("[data-copy]"))))
	for i := range 4 {
		w.holds(ctx, `[...document.querySelectorAll("[data-copy]")].findIndex((b) => b.dataset.hotkey === "c") === `+string(rune('0'+i)))
		w.must(chromedp.Do(ctx, chromedp.KeyEvent("c")))
	}
	w.holds(ctx, `document.querySelectorAll("[data-copy].done").length === 4 && getSelection().toString() === "`+li.Account+`"`)
	w.picture(ctx, "by_hand")
}

// picture keeps what the page looks like, for a person.
func (w *site) picture(ctx context.Context, name string) {
	w.t.Helper()
	png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100)) // 100 is PNG
	w.must(err)
	w.must(os.WriteFile(filepath.Join(w.t.ArtifactDir(), name+".png"), png, 0o600))
}
