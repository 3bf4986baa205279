package web

import (
	"image/color"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

// dryRun orders a dry run and plays the worker that ends it with a report.
func (w *site) dryRun(runID string, report casework.DryReport) store.DryRun {
	w.t.Helper()
	return w.dryRunOf(runID, "", report)
}

func (w *site) dryRunOf(runID, version string, report casework.DryReport) store.DryRun {
	w.t.Helper()
	ctx := w.t.Context()
	d, err := w.store.OrderDryRun(ctx, casework.Actor{Kind: casework.Human, ID: "op", Name: "赵强", Role: "operator"}, runID, version, "发布前核对")
	w.must(err)
	w.must(w.store.Beat(ctx, "worker-1"))
	d, err = w.store.ClaimDryRun(ctx, d.ID, "worker-1")
	w.must(err)
	d.State, d.Good, d.Report = store.DryDone, report.Agrees(), report
	w.must(w.store.EndDryRun(ctx, d, []casework.Shot{{Kind: casework.Screenshot, Name: "before_commit.png", MIME: "image/png", Data: card(w.t, color.White)},
		{Kind: casework.DOM, Name: "before_commit.html", MIME: "text/html", Data: []byte("<script>alert(1)</script>")}}))
	return d
}

func TestOperatorPausesResumesSkipsAndRedoesWithAReason(t *testing.T) {
	w := newSite(t)
	s := w.seed(li, "review")
	operator, path := w.as("operator"), "/runs/"+s.Run.ID
	if code, _, _ := w.as("clerk").form(path+"/pause", url.Values{"reason": {"停一下"}}); code != http.StatusForbidden {
		t.Errorf("a clerk pauses a run: %d", code)
	}
	if code, body, _ := operator.form(path+"/pause", url.Values{"reason": {" "}}); code != http.StatusUnprocessableEntity || !strings.Contains(body, "请写明原因") {
		t.Errorf("paused without a reason: %d", code)
	}
	for _, order := range []struct{ name, step, action string }{
		{"pause", "", "run.pause"}, {"resume", "", "run.resume"}, {"retry", "complete", "run.retry"}, {"skip", "correction", "run.skip"},
	} {
		code, body, _ := operator.form(path+"/"+order.name, url.Values{"reason": {"窗口要求"}, "step": {order.step}})
		if code != http.StatusSeeOther {
			t.Fatalf("%s: %d\n%s", order.name, code, body)
		}
		rows, err := w.store.Audit(t.Context(), s.Case.ID, 50)
		if err != nil || !has(rows, order.action) {
			t.Errorf("%s is not audited (%v)", order.name, err)
		}
		_, body, _ = operator.get(path)
		if paused := strings.Contains(body, ">已暂停<"); paused != (order.name == "pause") {
			t.Errorf("after %s the page says paused: %v", order.name, paused)
		}
	}
	if _, body, _ := operator.get(path); !strings.Contains(body, ">重做<") || !strings.Contains(body, ">跳过<") {
		t.Error("the page does not show what was redone and skipped")
	}
}

func TestAQuestionToAPersonCannotBeSkipped(t *testing.T) {
	w := newSite(t)
	s := w.seed(li, "review")
	operator := w.as("operator")
	for step, code := range map[string]string{"confirm": "请在待办中答复", "no_such": "没有这个步骤"} {
		status, body, _ := operator.form("/runs/"+s.Run.ID+"/skip", url.Values{"reason": {"赶时间"}, "step": {step}})
		if status != http.StatusUnprocessableEntity || !strings.Contains(body, code) {
			t.Errorf("skip %s: %d", step, status)
		}
	}
	run, err := w.store.Run(t.Context(), s.Run.ID)
	if err != nil || run.State != casework.RunParked {
		t.Errorf("the run is %s (%v)", run.State, err)
	}
}

func TestRunsAreRetriedOverTheAPIWithAndWithoutAStep(t *testing.T) {
	w := newSite(t)
	s := w.seed(li, "failed")
	token := w.token("operator")
	path := "/api/v1/runs/" + s.Run.ID
	if code, problem := token.post(path+"/retry", "a", map[string]string{"step": "submit"}); code != http.StatusUnprocessableEntity || problem["code"] != "reason_empty" {
		t.Errorf("a step without a reason: %d %v", code, problem)
	}
	if code, run := token.post(path+"/retry", "b", ""); code != http.StatusOK || run["state"] != "waiting" {
		t.Errorf("%d %v", code, run)
	}
	if code, run := token.post(path+"/retry", "c", map[string]string{"step": "submit", "reason": "页面已恢复"}); code != http.StatusOK || run["state"] != "waiting" {
		t.Errorf("%d %v", code, run)
	}
	if code, problem := token.post(path+"/resume", "d", map[string]string{"reason": "继续"}); code != http.StatusConflict || problem["code"] != "changed_meanwhile" {
		t.Errorf("resumed a run that is not paused: %d %v", code, problem)
	}
	if code, problem := token.post(path+"/rerun", "e", map[string]string{"version": "sha256:0000000000", "reason": "换版本"}); code != http.StatusNotFound {
		t.Errorf("unknown version: %d %v", code, problem)
	}
}

func TestDryRunTableIsRevealedOnlyToThoseWhoMayAndAudited(t *testing.T) {
	w := newSite(t)
	s := w.seed(li, "submitted")
	d := w.dryRun(s.Run.ID, casework.DryReport{Step: "submit", Answer: "happened", Fields: []casework.DryField{{Step: "submit", Label: "证件号码", Written: li.IDNumber, There: li.IDNumber, Same: true}}})
	path := "/runs/" + s.Run.ID + "/dry/" + d.ID
	if code, _, _ := w.as("manager").get(path); code != http.StatusForbidden {
		t.Errorf("a manager sees a dry run: %d", code)
	}
	operator := w.as("operator")
	_, body, _ := operator.get(path)
	for _, want := range []string{li.IDNumber, "证件号码", ">一致<", "已有记录", "提交前", "录入业务系统"} {
		if !strings.Contains(body, want) {
			t.Errorf("the table does not say %s", want)
		}
	}
	if rows, err := w.store.Audit(t.Context(), s.Case.ID, 50); err != nil || !has(rows, "personal_data.reveal") {
		t.Errorf("not audited (%v)", err)
	}
	if code, _, header := operator.get("/files/dry/" + d.ID + "/1"); code != http.StatusOK || !strings.HasPrefix(header.Get("Content-Disposition"), "attachment") {
		t.Errorf("page of the foreign system: %d %v", code, header)
	}
	if code, _, _ := operator.get("/files/dry/" + d.ID + "/2"); code != http.StatusNotFound {
		t.Errorf("a picture that is not there: %d", code)
	}
	if _, text, _ := w.token("operator").get("/api/v1" + path); strings.Contains(text, li.IDNumber) || !strings.Contains(text, `"good":true`) {
		t.Errorf("the API shows values without being asked: %s", text)
	}
}

func TestRunsAreNarrowedByPlaybookAndSystem(t *testing.T) {
	w := newSite(t)
	s := w.seed(li, "review")
	w.seed(person(3), "failed")
	operator := w.as("operator")
	_, body, _ := operator.get("/runs")
	if want := `href="/runs?playbook=unemployment_claim"`; !strings.Contains(body, want) || strings.Contains(body, "target=") {
		t.Error("the list offers no playbook, or a system that no run is at")
	}
	code, body, _ := operator.get("/runs?playbook=unemployment_claim&state=failed")
	if code != http.StatusOK || strings.Contains(body, "/runs/"+s.Run.ID) || !strings.Contains(body, `href="/runs?playbook=unemployment_claim&amp;state=parked"`) {
		t.Errorf("%d: a state does not keep the playbook", code)
	}
	if _, body, _ = operator.get("/runs?playbook=unemployment_claim&target=benefits"); strings.Contains(body, "/runs/"+s.Run.ID) || !strings.Contains(body, ">失业待遇业务系统<") {
		t.Error("the system does not narrow the list, or does not show")
	}
	if _, text, _ := w.token("operator").get("/api/v1/runs?target=benefits"); strings.Contains(text, s.Run.ID) {
		t.Errorf("the API does not narrow: %s", text)
	}
}
