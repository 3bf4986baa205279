package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
)

func TestClockIsPausedAndResumedOnThePageOfTheCase(t *testing.T) {
	w := newSite(t)
	s := w.seed(li, "review")
	path, clerk := "/cases/"+s.Case.ID, w.as("clerk")
	pause := url.Values{"reason": {"other_office"}, "note": {"等待工伤认定结论"}}
	if code, _, _ := w.as("manager").form(path+"/clock/pause", pause); code != http.StatusForbidden {
		t.Errorf("a manager pauses the clock: %d", code)
	}
	if _, body, _ := w.as("manager").get(path); strings.Contains(body, path+"/clock/") || !strings.Contains(body, "没有停过表") {
		t.Error("a manager is offered what he may not do, or does not see the clock")
	}
	for _, wrong := range []url.Values{{"reason": {"other_office"}, "note": {" "}}, {"reason": {"lunch"}, "note": {"午饭"}}} {
		if code, _, _ := clerk.form(path+"/clock/pause", wrong); code != http.StatusUnprocessableEntity {
			t.Errorf("paused with %v: %d", wrong, code)
		}
	}
	if code, body, _ := clerk.form(path+"/clock/pause", pause); code != http.StatusSeeOther {
		t.Fatalf("pause: %d\n%s", code, body)
	}
	if code, _, _ := clerk.form(path+"/clock/pause", pause); code != http.StatusConflict {
		t.Errorf("paused twice: %d", code)
	}
	_, body, _ := clerk.get(path)
	for _, want := range []string{"等待工伤认定结论", "其他部门的结论", ">停表中<", "2026-03-06", path + "/clock/resume"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page of a standing clock does not say %s", want)
		}
	}
	if strings.Contains(body, path+"/clock/pause") {
		t.Error("a standing clock may be paused again")
	}
	*w.clock = w.clock.Add(5 * 24 * time.Hour)
	clerk = w.as("clerk") // the first session has ended meanwhile
	if code, _, _ := clerk.form(path+"/clock/resume", url.Values{}); code != http.StatusSeeOther {
		t.Fatalf("resume: %d", code)
	}
	_, body, _ = clerk.get(path)
	if strings.Contains(body, ">停表中<") || !strings.Contains(body, "2026-03-11") {
		t.Error("the page does not show when the clock went on")
	}
	rows, err := w.store.Audit(t.Context(), s.Case.ID, 50)
	if err != nil || !has(rows, "clock.pause") || !has(rows, "clock.resume") {
		t.Errorf("not audited (%v)", err)
	}
}

func TestClockOverTheAPI(t *testing.T) {
	w := newSite(t)
	s := w.seed(li, "review")
	path, token := "/api/v1/cases/"+s.Case.ID+"/clock", w.token("clerk")
	if code, clock := token.post(path+"/pause", "a", map[string]string{"reason": "citizen", "note": "补交银行卡"}); code != http.StatusOK || clock["standing"] != true {
		t.Errorf("%d %v", code, clock)
	}
	if code, problem := token.post(path+"/pause", "b", map[string]string{"reason": "citizen", "note": "再停"}); code != http.StatusConflict {
		t.Errorf("paused twice: %d %v", code, problem)
	}
	if code, _ := w.token("manager").post(path+"/resume", "c", ""); code != http.StatusForbidden {
		t.Errorf("a manager resumes the clock: %d", code)
	}
	if code, clock := token.post(path+"/resume", "d", ""); code != http.StatusOK || clock["standing"] != false {
		t.Errorf("%d %v", code, clock)
	}
	if code, body, _ := token.get(path); code != http.StatusOK || !strings.Contains(body, `"reason":"citizen"`) || !strings.Contains(body, "补交银行卡") {
		t.Errorf("%d %s", code, body)
	}
}

func TestClockOfAFinishedCaseIsLeftAlone(t *testing.T) {
	w := newSite(t)
	s := w.seed(li, "submitted")
	path, clerk := "/cases/"+s.Case.ID, w.as("clerk")
	if _, body, _ := clerk.get(path); strings.Contains(body, path+"/clock/") {
		t.Error("the clock of a finished case may be changed")
	}
	form := url.Values{"reason": {string(casework.PauseCitizen)}, "note": {"补正"}}
	if code, _, _ := clerk.form(path+"/clock/pause", form); code != http.StatusConflict {
		t.Errorf("paused all the same: %d", code)
	}
}
