package web

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/jingban/jingban/casework"
)

// everyPage gives an address for each page route that answers with a page.
func everyPage(w *site) map[string]string {
	ready := w.seed(person(1), "review")
	sent := w.seed(person(2), "submitted")
	open := w.seed(person(3), "created")
	w.seed(person(4), "returned")
	dry := w.dryRun(sent.Run.ID, casework.DryReport{Step: "submit", Answer: "absent", Fields: []casework.DryField{
		{Step: "submit", Label: "姓名", Written: "李秀英", There: "李秀英", Same: true}, {Step: "submit", Label: "银行账号", Written: "62170001", There: "6217", Same: false}}})
	w.target(w.t.Context())
	if err := w.store.EnsureSignIn(w.t.Context(), "benefits", true); err != nil {
		w.t.Fatal(err)
	}
	schedule := w.monthEnd()
	sample := w.sampled()
	day := w.fund()
	pair := w.pair("T-1", "T-2")
	_, _, sheet := w.as("operator").sendSheet("unemployment_stop", "三月.csv", stopList)
	w.award(202603)
	_, _, params := w.as("operator").form("/params", wages("2026-02-01", "2300.00"))
	w.must(w.store.StopTarget(w.t.Context(), "benefits", "sign_in_refused"))
	w.changed("失业待遇 / 申领查询")
	return map[string]string{
		"/params": "/params", "/params/new": "/params/new?kind=unemployment", "/params/{id}": params.Get("Location"),
		"/persons": "/persons", "/persons/{key}": "/persons/" + pair.Key + "?reveal=1",
		"/sheets": "/sheets", "/sheets/{id}": sheet,
		"/fund": "/fund", "/fund/{account}": "/fund/expense?month=2026-03", "/fund/{account}/books": "/fund/expense/books", "/fund/{account}/days/{day}": "/fund/expense/days/" + day.Day.String(),
		"/rules": "/rules?all=1", "/samples": "/samples", "/samples/{id}": "/samples/" + sample.ID, "/samples/{id}/{place}": "/samples/" + sample.ID + "/1",
		"/sign-ins/{name}": "/sign-ins/benefits", "/targets": "/targets", "/targets/{name}": "/targets/benefits", "/targets/{name}/pages/{page}": pageHref("benefits", "失业待遇 / 申领查询"), "/calendar": "/calendar", "/alerts": "/alerts?cleared=1",
		"/schedules": "/schedules", "/schedules/new": "/schedules/new?rule=" + url.QueryEscape("每天 7:00"), "/schedules/{id}": "/schedules/" + schedule.ID, "/schedules/{id}/edit": "/schedules/" + schedule.ID + "/edit",
		"/signin": "/signin", "/dashboard": "/dashboard", "/cases": "/cases", "/cases/new": "/cases/new",
		"/cases/{id}": "/cases/" + ready.Case.ID, "/cases/{id}/upload": "/cases/" + open.Case.ID + "/upload", "/inbox": "/inbox?role=",
		"/reviews/{id}": "/reviews/" + ready.Review, "/runs": "/runs", "/runs/{id}": "/runs/" + sent.Run.ID,
		"/playbooks": "/playbooks", "/playbooks/edit": "/playbooks/edit?from=" + digest(w.flow.Version), "/versions/{hash}": "/versions/" + digest(w.draft("operator", "due: 16h", "due: 8h").Hash),
		"/runs/{id}/dry/{dry}": "/runs/" + sent.Run.ID + "/dry/" + dry.ID,
	}
}

func TestEveryPageRendersInChineseAndEnglish(t *testing.T) {
	w := newSite(t, withParams(&Tried{Passed: 1}))
	pages := everyPage(w)
	visitors := []*visitor{w.as("operator")}
	key := regexp.MustCompile(`>\s*[a-z]+(\.[a-z_0-9]+)+\s*<`)
	for _, r := range w.server.pageRoutes() {
		path, ok := pages[r.Path]
		if r.Method != get || strings.HasPrefix(r.Path, "/files/") || strings.HasSuffix(r.Path, "/papers/{name}") || strings.HasSuffix(r.Path, "/file") || strings.HasSuffix(r.Path, "/look") || strings.HasPrefix(r.Path, "/sheet-templates") || r.Path == "/{$}" {
			continue
		}
		if !ok {
			t.Errorf("%s: no address in this test", r.Path)
			continue
		}
		for _, lang := range []string{"zh", "en"} {
			v := visitors[0]
			v.lang = lang
			code, body, _ := v.get(path)
			if code != http.StatusOK || !strings.Contains(body, "</html>") {
				t.Errorf("%s in %s: %d", path, lang, code)
			}
			if found := key.FindString(body); found != "" && !strings.Contains(found, ".html") {
				t.Errorf("%s in %s shows a bare key: %s", path, lang, found)
			}
			if bad := regexp.MustCompile(`<script>|<style|\sstyle=|\son[a-z]+=|https?://`).FindString(strings.ReplaceAll(body, "http://www.w3.org", "")); bad != "" {
				t.Errorf("%s in %s breaks the content policy: %s", path, lang, bad)
			}
			switch hasEnglish := strings.Contains(body, "Sign out") || strings.Contains(body, "Sign in"); {
			case lang == "en" && !hasEnglish, lang == "zh" && hasEnglish:
				t.Errorf("%s: not in %s", path, lang)
			}
		}
	}
}

func TestListsAndPagesMaskPersonalData(t *testing.T) {
	w := newSite(t)
	s := w.seed(li, "returned")
	manager := w.as("manager")
	for _, path := range []string{"/cases", "/cases/" + s.Case.ID, "/runs/" + s.Run.ID, "/api/v1/cases", "/api/v1/cases/" + s.Case.ID, "/api/v1/cases/" + s.Case.ID + "/assessment", "/api/v1/runs/" + s.Run.ID} {
		code, body, _ := manager.get(path)
		if code != http.StatusOK {
			t.Errorf("%s: %d", path, code)
		}
		for _, clear := range []string{li.IDNumber, li.Name, li.Mobile, li.Account, "青石街", "周志强"} {
			if strings.Contains(body, clear) {
				t.Errorf("%s shows %s in full", path, clear)
			}
		}
	}
	if _, body, _ := manager.get("/cases"); !strings.Contains(body, "3799**********0024") {
		t.Error("the list does not show the masked number")
	}
}

func TestRevealNeedsPermissionAndReasonAndIsAudited(t *testing.T) {
	w := newSite(t)
	s := w.seed(li, "review")
	path := "/cases/" + s.Case.ID + "/reveal"
	if code, _, _ := w.as("manager").form(path, url.Values{"reason": {"review"}}); code != http.StatusForbidden {
		t.Errorf("a manager may reveal: %d", code)
	}
	clerk := w.as("clerk")
	if code, body, _ := clerk.form(path, url.Values{"reason": {"curiosity"}}); code != http.StatusBadRequest || strings.Contains(body, li.IDNumber) {
		t.Errorf("without a reason: %d", code)
	}
	if rows, err := w.store.Audit(t.Context(), s.Case.ID, 50); err != nil || has(rows, "personal_data.reveal") {
		t.Fatalf("audited although nothing was shown (%v)", err)
	}
	code, body, _ := clerk.form(path, url.Values{"reason": {"complaint"}})
	if code != http.StatusOK || !strings.Contains(body, li.IDNumber) {
		t.Fatalf("a clerk with a reason does not see it: %d", code)
	}
	rows, err := w.store.Audit(t.Context(), s.Case.ID, 50)
	if err != nil || !has(rows, "personal_data.reveal") {
		t.Errorf("not audited (%v): %v", err, rows)
	}
}

func TestReviewPageShowsFullValuesToAClerkAndIsAudited(t *testing.T) {
	w := newSite(t)
	s := w.seed(li, "review")
	if _, body, _ := w.as("manager").get("/reviews/" + s.Review); strings.Contains(body, li.IDNumber) {
		t.Error("a manager sees full values")
	}
	_, body, _ := w.as("clerk").get("/reviews/" + s.Review)
	if !strings.Contains(body, li.IDNumber) || !strings.Contains(body, `data-hotkey="1"`) {
		t.Error("the clerk sees no full values or no buttons")
	}
	rows, err := w.store.Audit(t.Context(), s.Case.ID, 50)
	if err != nil || !has(rows, "personal_data.reveal") {
		t.Errorf("not audited (%v)", err)
	}
}

func TestClerkDecidesWithEditsThroughThePage(t *testing.T) {
	w := newSite(t)
	s := w.seed(li, "review")
	form := url.Values{
		"choice": {"submit"}, "note": {"已电话核实"}, "once": {"k1"},
		"field:termination_notice.end_date": {"2026-02-27"}, "was:termination_notice.end_date": {"2026-02-28"},
		"field:bank_card.bank": {"临江银行"}, "was:bank_card.bank": {"临江银行"},
	}
	code, _, header := w.as("clerk").form("/reviews/"+s.Review+"/decision", form)
	if code != http.StatusSeeOther || header.Get("Location") != "/inbox" {
		t.Fatalf("%d to %s", code, header.Get("Location"))
	}
	made, err := w.store.Decisions(t.Context(), s.Run.ID)
	w.must(err)
	if got := made["confirm"]; got.Choice != "submit" || len(got.Edits) != 1 || got.Edits["termination_notice.end_date"] != "2026-02-27" {
		t.Errorf("decision %+v", got)
	}
	form.Set("once", "k2")
	if code, body, _ := w.as("clerk").form("/reviews/"+s.Review+"/decision", form); code != http.StatusConflict || !strings.Contains(body, "已有人答复") {
		t.Errorf("the second answer: %d", code)
	}
}

func TestReviewIsAnsweredOnlyByItsRole(t *testing.T) {
	w := newSite(t)
	s := w.seed(li, "review")
	if code, _, _ := w.as("operator").form("/reviews/"+s.Review+"/decision", url.Values{"choice": {"submit"}}); code != http.StatusForbidden {
		t.Errorf("an operator answered a clerk's question: %d", code)
	}
	if code, _, _ := w.as("manager").form("/reviews/"+s.Review+"/decision", url.Values{"choice": {"submit"}}); code != http.StatusForbidden {
		t.Errorf("a manager answered: %d", code)
	}
}

func TestNewCaseFormKeepsWhatWasTypedAndNamesTheMistakes(t *testing.T) {
	w := newSite(t)
	clerk := w.as("clerk")
	form := url.Values{"matter": {"unemployment_claim"}, "month": {"2026-03"}, "region": {"379900"}, "name": {"李秀英"}, "id_number": {"12345"}, "once": {"a"}}
	code, body, _ := clerk.form("/cases", form)
	if code != http.StatusUnprocessableEntity || !strings.Contains(body, "应为 18 位") || !strings.Contains(body, "李秀英") {
		t.Errorf("%d\n%s", code, body)
	}
	form.Set("id_number", li.IDNumber)
	code, _, first := clerk.form("/cases", form)
	if code != http.StatusSeeOther || !strings.HasSuffix(first.Get("Location"), "/upload") {
		t.Fatalf("%d %s", code, first.Get("Location"))
	}
	if _, _, second := clerk.form("/cases", form); second.Get("Location") != first.Get("Location") {
		t.Error("the form sent twice made two cases")
	}
}

func TestSearchFindsByFullNumberOnlyAndNeverPutsItInAnAddress(t *testing.T) {
	w := newSite(t)
	s := w.seed(li, "created")
	clerk := w.as("clerk")
	code, _, header := clerk.form("/cases/search", url.Values{"text": {li.IDNumber}})
	if code != http.StatusSeeOther || header.Get("Location") != "/cases/"+s.Case.ID {
		t.Errorf("%d %s", code, header.Get("Location"))
	}
	if code, body, _ := clerk.form("/cases/search", url.Values{"text": {"3799"}}); code != http.StatusOK || !strings.Contains(body, "没有找到") {
		t.Errorf("part of a number: %d", code)
	}
}

func TestForeignPageSourceIsNeverDisplayed(t *testing.T) {
	w := newSite(t)
	s := w.seed(li, "submitted")
	evidence, err := w.store.Evidence(t.Context(), s.Run.ID)
	w.must(err)
	for _, e := range evidence {
		_, _, header := w.as("operator").get("/files/runs/" + s.Run.ID + "/" + e.ID)
		if sandbox := header.Get("Content-Security-Policy"); !strings.Contains(sandbox, "sandbox") {
			t.Errorf("%s is not sandboxed: %s", e.Name, sandbox)
		}
		saved := strings.HasPrefix(header.Get("Content-Disposition"), "attachment")
		if html := e.MIME == "text/html"; saved != html {
			t.Errorf("%s: offered for saving %v", e.Name, saved)
		}
	}
	if len(evidence) != 3 {
		t.Errorf("%d files of evidence", len(evidence))
	}
}

// A picture shows everything in full: it is for those who may reveal, and each
// look is written down.
func TestPicturesAreOnlyForThoseWhoMayRevealAndAreAudited(t *testing.T) {
	w := newSite(t)
	s := w.seed(li, "submitted")
	materials, err := w.store.Materials(t.Context(), s.Case.ID)
	w.must(err)
	manager, path := w.as("manager"), "/files/materials/"+materials[0].ID+"/1"
	if code, _, _ := manager.get(path); code != http.StatusForbidden {
		t.Errorf("a manager sees the original: %d", code)
	}
	for _, page := range []string{"/cases/" + s.Case.ID, "/runs/" + s.Run.ID} {
		if _, body, _ := manager.get(page); strings.Contains(body, "<img") || !strings.Contains(body, "只显示位置") {
			t.Errorf("%s shows pictures to a manager", page)
		}
	}
	code, _, header := w.as("clerk").get(path)
	if code != http.StatusOK || header.Get("Content-Type") != "image/png" || header.Get("Cache-Control") != "no-store" {
		t.Errorf("the clerk: %d %v", code, header)
	}
	rows, err := w.store.Audit(t.Context(), materials[0].ID, 10)
	if err != nil || !has(rows, "personal_data.picture") {
		t.Errorf("not audited (%v)", err)
	}
}
