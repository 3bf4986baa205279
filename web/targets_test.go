package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

// target makes the fake benefits system with two seats and an account.
func (w *site) target(ctx context.Context) {
	w.t.Helper()
	w.must(w.store.EnsureTarget(ctx, "benefits", "systems.benefits.account", casework.Limits{Seats: 2, PerDay: 200, PerMinute: 60, Hours: []string{"工作日 8:30-17:30"}, Canary: true,
		Closed: []casework.Closed{{From: casework.Date{Year: 2026, Month: 3, Day: 28}, To: casework.Date{Year: 2026, Month: 3, Day: 31}, Name: "季末封账"}}}))
	w.must(w.store.SetAccount(ctx, cook, store.Account{Name: "systems.benefits.account", Responsible: "赵强", Approval: "人社函〔2026〕8 号", Scope: "失业待遇申领录入",
		Expires: casework.Date{Year: 2026, Month: 12, Day: 31}, PasswordSet: casework.Date{Year: 2025, Month: 12, Day: 20}, PasswordDays: 90}))
}

func TestTargetsPageShowsSeatsWindowsQuotaAndTheAccount(t *testing.T) {
	w := newSite(t)
	w.target(t.Context())
	_, body, _ := w.as("manager").get("/targets")
	for _, want := range []string{"失业保险", "0 / 2", "0 / 200", "工作日 8:30-17:30", "季末封账", "赵强", "密码还有 14 天"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page does not say %s", want)
		}
	}
	if code, _, _ := w.as("clerk").get("/targets"); code != http.StatusForbidden {
		t.Errorf("a clerk sees the robot accounts: %d", code)
	}
}

func TestKillSwitchStopsATargetAPlaybookOrEverything(t *testing.T) {
	w := newSite(t)
	w.target(t.Context())
	manager := w.as("manager")
	for _, bad := range []struct{ scope, reason, want string }{
		{"target:benefitz", "故障", "没有这个范围"}, {"playbook:", "故障", "没有这个范围"}, {"everything", "故障", "没有这个范围"}, {"all", "", "请写明原因"},
	} {
		if code, body, _ := manager.form("/kills", url.Values{"scope": {bad.scope}, "reason": {bad.reason}}); code != http.StatusUnprocessableEntity || !strings.Contains(body, bad.want) {
			t.Errorf("kill %q with reason %q: %d", bad.scope, bad.reason, code)
		}
	}
	for _, scope := range []string{"target:benefits", "playbook:unemployment_claim", "all"} {
		if code, _, _ := manager.form("/kills", url.Values{"scope": {scope}, "reason": {"对方系统数据异常"}}); code != http.StatusSeeOther {
			t.Fatalf("kill %s: %d", scope, code)
		}
	}
	_, body, _ := manager.get("/targets")
	for _, want := range []string{"已紧急停用：全部办理", "已紧急停用：失业保险金申领", "对方系统数据异常", "解除停用"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page does not say %s", want)
		}
	}
	token := w.token("operator")
	if code, out := token.post("/api/v1/kills/remove", "k", map[string]string{"scope": "all"}); code != http.StatusOK {
		t.Errorf("%d %v", code, out)
	}
	if _, text, _ := token.get("/api/v1/kills"); strings.Contains(text, `"all"`) || !strings.Contains(text, "target:benefits") {
		t.Errorf("%s", text)
	}
	rows, err := w.store.Audit(t.Context(), "all", 10)
	if err != nil || len(rows) < 2 {
		t.Errorf("%d rows in the audit trail (%v)", len(rows), err)
	}
}

func TestLimitsAreSetFromADayOnAndMistakesStandBesideTheirField(t *testing.T) {
	w := newSite(t)
	w.target(t.Context())
	operator := w.as("operator")
	form := url.Values{"from": {"2026-03-01"}, "seats": {"0"}, "per_minute": {"x"}, "hours": {"八点到五点半"}, "closed": {"2026-12-31 2026-12-28 年末封账"}}
	code, body, _ := operator.form("/targets/benefits", form)
	if code != http.StatusUnprocessableEntity || !strings.Contains(body, "应为不小于 0 的整数") || !strings.Contains(body, "八点到五点半") {
		t.Fatalf("%d", code)
	}
	form.Set("per_minute", "30")
	_, body, _ = operator.form("/targets/benefits", form)
	for _, want := range []string{"应为今天或以后的日期", "应为 1 至 99", "每行如“工作日", "止日不早于起日"} {
		if !strings.Contains(body, want) {
			t.Errorf("the form does not say %s", want)
		}
	}
	form = url.Values{"from": {"2026-03-09"}, "seats": {"3"}, "per_minute": {"30"}, "per_day": {"100"}, "hours": {"8:30-12:00\r\n13:30-17:00"}, "closed": {"2026-12-28 2026-12-31 年末封账\r\n2026-06-30"}, "canary": {"1"}}
	if code, body, _ := operator.form("/targets/benefits", form); code != http.StatusSeeOther {
		t.Fatalf("%d\n%s", code, body)
	}
	dated, err := w.store.TargetLimits(t.Context(), "benefits")
	w.must(err)
	if l := dated[0].Limits; len(dated) != 2 || l.Seats != 3 || len(l.Hours) != 2 || len(l.Closed) != 2 || l.Closed[0].Name != "年末封账" || l.Closed[1].To != l.Closed[1].From || !l.Canary {
		t.Errorf("%+v", dated)
	}
	if code, _, _ := w.as("manager").form("/targets/benefits", form); code != http.StatusForbidden {
		t.Errorf("a manager sets limits: %d", code)
	}
	token := w.token("operator")
	if code, out := token.post("/api/v1/targets/benefits", "k", map[string]any{"from": "2026-03-10", "limits": map[string]any{"seats": 100}}); code != http.StatusUnprocessableEntity || out["code"] != "input_invalid" {
		t.Errorf("%d %v", code, out)
	}
}

func TestAPasswordIsChangedByTwoPeople(t *testing.T) {
	w := newSite(t)
	w.target(t.Context())
	operator, admin, path := w.as("operator"), w.as("admin"), "/accounts/systems.benefits.account/password"
	post := func(v *visitor, path, password string, status int, want string) {
		t.Helper()
		code, body, _ := v.form(path, url.Values{"password": {password}})
		if code != status || !strings.Contains(body, want) {
			t.Errorf("%s: %d, want %d and %q", path, code, status, want)
		}
	}
	post(operator, path+"/confirm", "Neu-2026!", http.StatusNotFound, "没有找到")
	post(operator, path, "", http.StatusUnprocessableEntity, "没有填写密码")
	post(operator, path, "Neu-2026!", http.StatusSeeOther, "")
	post(operator, path+"/confirm", "Neu-2026!", http.StatusConflict, "须由另一人确认")
	post(admin, path+"/confirm", "Neu-2027!", http.StatusUnprocessableEntity, "两次输入的密码不同")
	if _, body, _ := admin.get("/targets/benefits"); !strings.Contains(body, "operator 已输入新密码") || strings.Contains(body, "Neu-2026!") {
		t.Error("the page does not say who typed the first half, or shows it")
	}
	post(admin, path+"/confirm", "Neu-2026!", http.StatusSeeOther, "")
	if secret, err := w.store.Secret(t.Context(), "systems.benefits.account.password"); err != nil || secret != "Neu-2026!" {
		t.Errorf("not in force (%v)", err)
	}
	if _, body, _ := w.token("operator").get("/api/v1/accounts"); strings.Contains(body, "Neu") || !strings.Contains(body, `"password_set":"2026-03-06"`) {
		t.Errorf("%s", body)
	}
}

func TestAStoppedTargetIsResumedWithAReason(t *testing.T) {
	w := newSite(t)
	w.target(t.Context())
	w.must(w.store.StopTarget(t.Context(), "benefits", "sign_in_refused"))
	operator := w.as("operator")
	if _, body, _ := operator.get("/targets"); !strings.Contains(body, "已停，待人处理") || !strings.Contains(body, "业务系统拒绝登录") {
		t.Error("the page does not say why it stands")
	}
	if code, _, _ := operator.form("/targets/benefits/resume", url.Values{"reason": {""}}); code != http.StatusUnprocessableEntity {
		t.Errorf("without a reason: %d", code)
	}
	if code, _, _ := operator.form("/targets/benefits/resume", url.Values{"reason": {"密码已更新"}}); code != http.StatusSeeOther {
		t.Errorf("%d", code)
	}
	if target, err := w.store.Target(t.Context(), "benefits"); err != nil || target.State == store.TargetStopped {
		t.Errorf("%s (%v)", target.State, err)
	}
}

func TestARunIsCancelledByAnOperatorOnly(t *testing.T) {
	w := newSite(t)
	s := w.seed(li, "review")
	path := "/runs/" + s.Run.ID + "/cancel"
	if code, _, _ := w.as("clerk").form(path, url.Values{"reason": {"申请人撤回"}}); code != http.StatusForbidden {
		t.Errorf("a clerk cancels: %d", code)
	}
	if code, _, _ := w.as("operator").form(path, url.Values{"reason": {"申请人撤回"}}); code != http.StatusSeeOther {
		t.Errorf("%d", code)
	}
	if run, err := w.store.Run(t.Context(), s.Run.ID); err != nil || run.State != casework.RunWithdrawn {
		t.Errorf("%s (%v)", run.State, err)
	}
}
