package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/jingban/jingban/store"
)

// sampled draws every case there is.
func (w *site) sampled() store.Sample {
	w.t.Helper()
	sample, err := w.store.DrawSample(w.t.Context(), cook, store.SampleOrder{Size: 100, Since: w.clock.AddDate(0, 0, -1), Until: w.clock.AddDate(0, 0, 1), Seed: 1})
	w.must(err)
	return sample
}

// colleague is one more person of a role.
func (w *site) colleague(login string) *visitor {
	w.t.Helper()
	hash, err := hashOnce()
	w.must(err)
	_, err = w.store.AddUser(w.t.Context(), cook, store.User{Login: login, Name: "同事" + login, Role: "clerk", PasswordHash: hash})
	w.must(err)
	return w.as(login)
}

func TestDrawnCasesAreJudgedBlindAndAThirdSettles(t *testing.T) {
	w := newSite(t)
	w.seed(li, "review")
	sample := w.sampled()
	place := fmt.Sprintf("/samples/%s/1", sample.ID)
	_, body, _ := w.as("clerk").get(place)
	if !strings.Contains(body, li.Name) || !strings.Contains(body, "/files/materials/") {
		t.Error("who judges must see what was stated and the papers")
	}
	for _, told := range []string{"解除日期识读把握不足", `<rect class="mark`, "核验通过</span>", "data-crop"} {
		if strings.Contains(body, told) {
			t.Errorf("the page tells %q of the machine's", told)
		}
	}
	if code, _, _ := w.as("manager").get(place); code != http.StatusForbidden {
		t.Errorf("a manager, who may not see papers: %d", code)
	}
	judge := func(v *visitor, verdict string, faults ...string) int {
		code, _, _ := v.form(place, url.Values{"verdict": {verdict}, "fault": faults})
		return code
	}
	clerk := w.as("clerk")
	if code := judge(clerk, "AUTO_PASS", "no_such_rule"); code != http.StatusUnprocessableEntity {
		t.Errorf("a rule nobody knows: %d", code)
	}
	if code := judge(clerk, "AUTO_PASS"); code != http.StatusSeeOther {
		t.Errorf("the first: %d", code)
	}
	if code := judge(clerk, "AUTO_PASS"); code != http.StatusConflict {
		t.Errorf("the same person twice: %d", code)
	}
	_, body, _ = w.as("manager").get("/samples/" + sample.ID)
	if strings.Contains(body, "需补正") || strings.Contains(body, "核验通过") {
		t.Error("the list tells the verdict before the case is settled")
	}
	if code := judge(w.colleague("gao"), "RETURN_FOR_CORRECTION", "seal_missing"); code != http.StatusSeeOther {
		t.Errorf("the second: %d", code)
	}
	third := w.colleague("he")
	if _, body, _ = third.get(place); !strings.Contains(body, "两人意见不一致") || strings.Contains(body, "王敏") || strings.Contains(body, "gao") {
		t.Error("the third must see both opinions, and nobody's name")
	}
	if code := judge(third, "RETURN_FOR_CORRECTION", "seal_missing"); code != http.StatusSeeOther {
		t.Errorf("the third: %d", code)
	}
	_, body, _ = w.as("manager").get("/samples/" + sample.ID)
	for _, want := range []string{"漏判率", "100.0%", "1 / 1", "seal_missing"} {
		if !strings.Contains(body, want) {
			t.Errorf("the report does not say %q", want)
		}
	}
	_, body, _ = w.as("manager").get("/api/v1/samples/" + sample.ID)
	for _, want := range []string{`"settled":1`, `"missed_faults":{"part":1,"of":1`, `"high_95":1`} {
		if !strings.Contains(body, want) {
			t.Errorf("programs are not told %s: %s", want, body)
		}
	}
	if _, body, _ = w.as("manager").get("/api/v1/samples"); !strings.Contains(body, sample.ID) || strings.Contains(body, `"report"`) {
		t.Errorf("the list for programs: %s", body)
	}
}

func TestRulesPageCountsWhatPeopleMadeOfThem(t *testing.T) {
	w := newSite(t)
	s := w.seed(li, "review")
	if code, _, _ := w.as("clerk").form("/reviews/"+s.Review+"/decision", url.Values{"choice": {"submit"}}); code != http.StatusSeeOther {
		t.Fatalf("decision: %d", code)
	}
	_, body, _ := w.as("operator").get("/rules?days=7")
	for _, want := range []string{"fields_confident", "100.0%", "reading.confidence_number"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	for _, clear := range []string{li.Name, li.IDNumber, li.Account} {
		if strings.Contains(body, clear) {
			t.Errorf("the page shows %q", clear)
		}
	}
	if _, body, _ = w.as("operator").get("/api/v1/rules?days=7"); !strings.Contains(body, `"rule":"fields_confident"`) || !strings.Contains(body, `"overridden":1`) {
		t.Errorf("programs are told %s", body)
	}
	if _, body, _ = w.as("operator").get("/rules?all=1"); !strings.Contains(body, "injury_too_late") {
		t.Error("the whole catalogue is not listed")
	}
	if code, _, _ := w.as("clerk").get("/rules"); code != http.StatusForbidden {
		t.Errorf("a clerk: %d", code)
	}
}
