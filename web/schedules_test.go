package web

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

// monthEnd is a schedule of the tests.
func (w *site) monthEnd() casework.Schedule {
	w.t.Helper()
	v, err := w.store.AddSchedule(w.t.Context(), cook, casework.Schedule{Name: "month_end", Title: "月末对账", Rule: "每月最后一个工作日 17:00",
		Playbook: "unemployment_claim", Subject: "2026 企业养老对账", CatchUp: casework.CatchUpOnce})
	w.must(err)
	return v
}

func TestScheduleIsMadeWithAPlainRuleAndShownInTheMonth(t *testing.T) {
	w := newSite(t)
	operator := w.as("operator")
	form := url.Values{"name": {"daily_check"}, "title": {"每日核对"}, "rule": {"每个工作日 8:30"}, "playbook": {"unemployment_claim"}, "catch_up": {"run_once"}}
	code, body, header := operator.form("/schedules", form)
	if code != http.StatusSeeOther {
		t.Fatalf("%d\n%s", code, body)
	}
	_, body, _ = operator.get(header.Get("Location"))
	for _, want := range []string{"每日核对", "之后十次", "03-09 周一 08:30", "03-19 周四 08:30", `href="?"`} {
		if !strings.Contains(body, want) {
			t.Errorf("the page does not say %s", want)
		}
	}
	_, body, _ = operator.get("/schedules?month=2026-02")
	for _, want := range []string{"2026 年 2 月", "春节", "休", "班"} {
		if !strings.Contains(body, want) {
			t.Errorf("February does not show %s", want)
		}
	}
	if strings.Contains(body, "08:30 每日核对") {
		t.Error("the calendar plans into the past")
	}
	if _, body, _ := operator.get("/schedules?month=2026-04"); strings.Count(body, "08:30 每日核对") != 21 { // 清明 4–6 off, no make-up day
		t.Errorf("April has %d working days with a tick", strings.Count(body, "08:30 每日核对"))
	}
	if _, body, _ := operator.get("/schedules?month=2031-01"); !strings.Contains(body, "2031 年的放假安排还没有导入") || strings.Contains(body, "个工作日</span>") {
		t.Error("a year without a calendar is guessed")
	}
}

func TestEveryMistakeOfAScheduleIsSaidAtOnce(t *testing.T) {
	w := newSite(t)
	operator := w.as("operator")
	code, body, _ := operator.form("/schedules", url.Values{"name": {"Month End"}, "rule": {"每个月的某一天"}, "hours": {"白天"}, "playbook": {"nothing"}, "catch_up": {"later"}})
	if code != http.StatusUnprocessableEntity {
		t.Fatalf("%d", code)
	}
	for _, want := range []string{"小写字母开头", "请填写名称", "规则“每个月的某一天”", "每个工作日 8:30", "没有这个流程", "请从列表中选择", `value="白天"`} {
		if !strings.Contains(body, want) {
			t.Errorf("the form does not say %s", want)
		}
	}
	// While typing, the same form tells it at once.
	if _, body, _ := operator.get("/schedules/new?rule=" + url.QueryEscape("99 8 * * *")); !strings.Contains(body, "cron") || !strings.Contains(body, `role="alert"`) {
		t.Error("the preview does not explain a wrong cron expression")
	}
	if _, body, _ := operator.get("/schedules/new?rule=" + url.QueryEscape("每周一 9:00") + "&hours=" + url.QueryEscape("10:00-11:00")); !strings.Contains(body, "不会到时间") {
		t.Error("the preview ignores the open hours")
	}
	token := w.token("operator")
	if code, out := token.post("/api/v1/schedules", "k", map[string]string{"name": "x", "title": "x", "rule": "bogus", "playbook": "unemployment_claim", "catch_up": "skip"}); code != http.StatusUnprocessableEntity || out["code"] != "input_invalid" || out["fields"] == nil {
		t.Errorf("%d %v", code, out)
	}
	if code, text, _ := token.get("/api/v1/schedules/preview?rule=" + url.QueryEscape("每天 7:00")); code != http.StatusOK || strings.Count(text, "T07:00:00+08:00") != 10 {
		t.Errorf("%d %s", code, text)
	}
}

func TestScheduleIsChangedPausedAndResumedButNotByTwoAtOnce(t *testing.T) {
	w := newSite(t)
	v := w.monthEnd()
	token, path := w.token("operator"), "/api/v1/schedules/"+v.ID
	change := map[string]any{"name": v.Name, "title": "月末对账（新）", "rule": "每月最后一个工作日 16:00", "playbook": v.Playbook, "catch_up": "skip", "rev": v.Rev}
	if code, out := token.post(path, "a", change); code != http.StatusOK || out["rule"] != "每月最后一个工作日 16:00" {
		t.Errorf("%d %v", code, out)
	}
	if code, out := token.post(path, "b", change); code != http.StatusConflict || out["code"] != "changed_meanwhile" {
		t.Errorf("an old revision: %d %v", code, out)
	}
	if code, out := token.post("/api/v1/schedules", "c", change); code != http.StatusConflict || out["code"] != "exists_already" {
		t.Errorf("the same name: %d %v", code, out)
	}
	operator := w.as("operator")
	if code, _, _ := operator.form("/schedules/"+v.ID+"/pause", url.Values{}); code != http.StatusUnprocessableEntity {
		t.Errorf("paused without a reason: %d", code)
	}
	if code, _, _ := operator.form("/schedules/"+v.ID+"/pause", url.Values{"reason": {"年末封账"}}); code != http.StatusSeeOther {
		t.Errorf("%d", code)
	}
	if _, body, _ := operator.get("/schedules/" + v.ID); !strings.Contains(body, "年末封账") || strings.Contains(body, "16:00 月末") {
		t.Error("a paused schedule plans on, or does not say why it is paused")
	}
	if code, _, _ := operator.form("/schedules/"+v.ID+"/resume", url.Values{}); code != http.StatusSeeOther {
		t.Errorf("%d", code)
	}
	if code, _, _ := w.as("manager").form("/schedules/"+v.ID+"/pause", url.Values{"reason": {"x"}}); code != http.StatusForbidden {
		t.Errorf("a manager pauses: %d", code)
	}
}

func TestTicksOfThePastStandInTheMonthWithTheirRun(t *testing.T) {
	w := newSite(t)
	w.monthEnd()
	*w.clock = time.Date(2026, 3, 31, 9, 1, 0, 0, time.UTC) // 17:01 in China, past the last working day's moment
	_, err := w.store.Tick(t.Context(), func(_ context.Context, s casework.Schedule, _ time.Time) (casework.Run, casework.Snapshot, error) {
		return casework.Run{Playbook: s.Playbook, Version: w.flow.Version, Key: "k"}, casework.Snapshot{}, nil
	})
	w.must(err)
	schedule, err := w.store.Schedule(t.Context(), "month_end")
	w.must(err)
	_, body, _ := w.as("operator").get("/schedules/" + schedule.ID)
	run := regexp.MustCompile(`/runs/[0-9a-f-]{36}`).FindString(body)
	if !strings.Contains(body, `class="tick ok"`) || !strings.Contains(body, "已开始") || run == "" {
		t.Fatal("the tick that was started is not shown")
	}
	// A run of a schedule has no case: its page and the list say so and link to none.
	for _, path := range []string{run, "/runs"} {
		code, body, _ := w.as("operator").get(path)
		if code != http.StatusOK || strings.Contains(body, `href="/cases/"`) {
			t.Errorf("%s: %d", path, code)
		}
	}
}

func TestAYearIsImportedAndItsMistakesAreToldWithTheirLine(t *testing.T) {
	w := newSite(t)
	operator := w.as("operator")
	if code, _, _ := w.as("manager").form("/calendar", url.Values{"text": {"x"}}); code != http.StatusForbidden {
		t.Errorf("a manager imports: %d", code)
	}
	bad := "years:\n  2031:\n    document: 国办发明电〔2030〕1 号\n    holidays:\n      - {name: 元旦, from: 2031-01-03, to: 2031-01-01}\n"
	code, body, _ := operator.form("/calendar", url.Values{"text": {bad}})
	if code != http.StatusUnprocessableEntity || !strings.Contains(body, "calendar.yaml:") || !strings.Contains(body, "2031-01-03") {
		t.Errorf("%d", code)
	}
	good := strings.Replace(strings.Replace(bad, "2031-01-03", "2031-01-00", 1), "2031-01-01", "2031-01-03", 1)
	good = strings.Replace(good, "2031-01-00", "2031-01-01", 1)
	if code, body, _ := operator.form("/calendar", url.Values{"text": {strings.ReplaceAll(good, "\n", "\r\n")}}); code != http.StatusOK || !strings.Contains(body, "已导入 1 年") {
		t.Errorf("%d", code)
	}
	if _, text, _ := w.token("clerk").get("/api/v1/calendar"); !strings.Contains(text, `"year":2031`) {
		t.Error("the API does not know the imported year")
	}
}

func TestAlertsStandInTheMenuUntilSomebodySawThem(t *testing.T) {
	w := newSite(t)
	w.target(t.Context())
	s := w.seed(li, "review")
	w.must(w.store.Raise(t.Context(), "clock", s.Case.ID, "due_in_1", map[string]string{"number": s.Case.Number, "due": "2026-03-20"}))
	w.must(w.store.StopTarget(t.Context(), "benefits", "sign_in_refused"))
	clerk := w.as("clerk")
	_, body, _ := clerk.get("/alerts")
	badge := regexp.MustCompile(`class="badge num">(\d+)<`)
	for _, want := range []string{s.Case.Number + " 明天到期", "业务系统拒绝登录", `href="/targets/benefits"`, `href="/cases/` + s.Case.ID + `"`} {
		if !strings.Contains(body, want) {
			t.Errorf("the page does not say %s", want)
		}
	}
	before := badge.FindStringSubmatch(body)
	alerts, _, err := w.store.Alerts(t.Context(), store.AlertFilter{Kind: "clock"})
	w.must(err)
	if code, _, _ := clerk.form("/alerts/"+alerts[0].ID+"/acknowledge", nil); code != http.StatusSeeOther {
		t.Fatalf("%d", code)
	}
	_, body, _ = clerk.get("/cases")
	if after := badge.FindStringSubmatch(body); len(before) != 2 || len(after) != 2 || before[1] == after[1] {
		t.Errorf("badge %v, then %v", before, after)
	}
	token := w.token("clerk")
	if code, out := token.post("/api/v1/alerts/"+alerts[0].ID+"/acknowledge", "k", ""); code != http.StatusConflict {
		t.Errorf("acknowledged twice: %d %v", code, out)
	}
	if _, text, _ := token.get("/api/v1/alerts?kind=clock"); !strings.Contains(text, `"acknowledged_by":"clerk"`) {
		t.Errorf("%s", text)
	}
}
