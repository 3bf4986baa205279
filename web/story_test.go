package web

import (
	"strings"
	"testing"
)

func TestRunPageNamesStepsPapersAndPicturesForPeople(t *testing.T) {
	w := newSite(t)
	sent, returned := w.seed(person(1), "submitted"), w.seed(person(2), "returned")
	operator := w.as("operator")
	_, body, _ := operator.get("/runs/" + sent.Run.ID)
	for _, want := range []string{"核验材料", "一次性告知补正", ">跳过<", "录入业务系统", "提交前", "提交后", "页面源码"} {
		if !strings.Contains(body, want) {
			t.Errorf("the run does not say %s", want)
		}
	}
	for _, raw := range []string{"before_commit", ">complete<", ">submit<", ">未到<"} {
		if strings.Contains(body, raw) {
			t.Errorf("the run shows %s", raw)
		}
	}
	for _, path := range []string{"/runs/" + returned.Run.ID, "/cases/" + returned.Case.ID} {
		if _, body, _ := operator.get(path); !strings.Contains(body, "一次性补正告知书（PDF）") || strings.Contains(body, "correction_notice") {
			t.Errorf("%s does not name the paper", path)
		}
	}
}

func TestRunPageShowsTheStepsStillAhead(t *testing.T) {
	w := newSite(t)
	s := w.seed(li, "review")
	if _, body, _ := w.as("operator").get("/runs/" + s.Run.ID); !strings.Contains(body, "录入业务系统") || !strings.Contains(body, ">未到<") {
		t.Error("a parked run does not show what is ahead of it")
	}
}
