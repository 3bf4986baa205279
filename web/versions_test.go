package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/store"
)

// draft saves the built-in playbook with one change, as somebody would.
func (w *site) draft(login, old, fresh string) store.Version {
	w.t.Helper()
	user, err := w.store.UserByLogin(w.t.Context(), login)
	w.must(err)
	text := strings.Replace(w.flow.Source, old, fresh, 1)
	if text == w.flow.Source {
		w.t.Fatalf("the playbook has no %q", old)
	}
	d := w.server.lint(text)
	v, err := w.store.SaveVersion(w.t.Context(), casework.Actor{Kind: casework.Human, ID: user.ID, Name: user.Name, Role: user.Role},
		store.Version{Playbook: w.flow.Name, Text: text, Note: "缩短答复期限", Errors: d.Errors, Warnings: d.Warnings})
	w.must(err)
	return v
}

func TestOperatorWritesADraftAndOnlyAnotherPersonReleasesIt(t *testing.T) {
	w := newSite(t)
	operator, manager := w.as("operator"), w.as("manager")
	text := strings.Replace(w.flow.Source, "due: 16h", "due: 8h", 1)
	code, _, header := operator.form("/playbooks/edit", url.Values{"do": {"save"}, "text": {strings.ReplaceAll(text, "\n", "\r\n")}, "note": {"缩短期限"}})
	path := header.Get("Location")
	if code != http.StatusSeeOther || !strings.HasPrefix(path, "/versions/") {
		t.Fatalf("%d to %s", code, path)
	}
	saved, err := w.store.Version(t.Context(), strings.TrimPrefix(path, "/versions/"))
	w.must(err)
	if saved.Text != text || saved.Stage != casework.StageDraft || saved.Errors != 0 {
		t.Errorf("saved as %s with %d errors; the browser's line ends were kept: %v", saved.Stage, saved.Errors, strings.Contains(saved.Text, "\r"))
	}
	if code, _, _ := operator.form(path+"/release", url.Values{"reason": {"自己发布"}}); code != http.StatusForbidden {
		t.Errorf("the operator releases: %d", code)
	}
	if code, body, _ := manager.form(path+"/release", url.Values{"reason": {"核对无误"}}); code != http.StatusConflict || !strings.Contains(body, "试运行") {
		t.Errorf("released without a dry run: %d", code)
	}
	s := w.seed(li, "submitted")
	w.dryRunOf(s.Run.ID, saved.Hash, casework.DryReport{Fields: []casework.DryField{{Label: "姓名", Written: "a", There: "a", Same: true}}})
	if code, body, _ := manager.form(path+"/release", url.Values{"reason": {"核对无误"}}); code != http.StatusSeeOther {
		t.Fatalf("%d\n%s", code, body)
	}
	for _, want := range []struct {
		move  string
		stage casework.Stage
	}{{"promote", casework.StageSupervised}, {"promote", casework.StageLimited}, {"demote", casework.StageSupervised}} {
		if code, body, _ := manager.form(path+"/"+want.move, url.Values{"reason": {"按方案"}}); code != http.StatusSeeOther {
			t.Fatalf("%s: %d\n%s", want.move, code, body)
		}
		if v, err := w.store.Version(t.Context(), saved.Hash); err != nil || v.Stage != want.stage {
			t.Errorf("after %s it is %s (%v)", want.move, v.Stage, err)
		}
	}
	_, body, _ := manager.get(path)
	for _, want := range []string{"due: 16h", "due: 8h", "影子 → 监督", "按方案", `aria-current="step">监督`} {
		if !strings.Contains(body, want) {
			t.Errorf("the page does not say %s", want)
		}
	}
}

func TestAuthorWhoMayReleaseIsToldThatASecondPersonIsNeeded(t *testing.T) {
	w := newSite(t)
	v := w.draft("manager", "due: 16h", "due: 4h")
	manager := w.as("manager")
	if _, body, _ := manager.get("/versions/" + digest(v.Hash)); !strings.Contains(body, "须由另一人发布") || strings.Contains(body, "/release\"") {
		t.Error("the author is offered the release")
	}
	if code, body, _ := manager.form("/versions/"+digest(v.Hash)+"/release", url.Values{"reason": {"试试"}}); code != http.StatusConflict || !strings.Contains(body, "岗位分离") {
		t.Errorf("%d", code)
	}
}

func TestMistakesAreShownWithTheirPlaceAndNothingNamelessIsKept(t *testing.T) {
	w := newSite(t)
	operator := w.as("operator")
	wrong := strings.Replace(w.flow.Source, "confirm.choice == \"return\"", "confirm.chioce == \"return\"", 1)
	_, body, _ := operator.form("/playbooks/edit", url.Values{"do": {"check"}, "text": {wrong}})
	if !strings.Contains(body, "处错误") || !strings.Contains(body, "chioce") || !strings.Contains(body, "problems") {
		t.Error("the check does not show the mistake")
	}
	code, body, _ := operator.form("/playbooks/edit", url.Values{"do": {"save"}, "text": {"not: [a playbook"}})
	if code != http.StatusUnprocessableEntity || !strings.Contains(body, "流程文本无法读取") || !strings.Contains(body, "not: [a playbook") {
		t.Errorf("%d: the text is lost, or the reason not given", code)
	}
	token := w.token("operator")
	code, out := token.post("/api/v1/versions/check", "", map[string]string{"text": wrong})
	if problems, _ := out["problems"].([]any); code != http.StatusOK || len(problems) == 0 {
		t.Errorf("%d %v", code, out)
	}
	if code, out := token.post("/api/v1/versions", "k", map[string]string{"text": wrong, "note": "错字"}); code != http.StatusCreated || out["stage"] != "draft" || out["errors"].(float64) == 0 {
		t.Errorf("%d %v", code, out)
	}
	if code, out := token.post("/api/v1/versions", "l", map[string]string{"text": "x"}); code != http.StatusUnprocessableEntity || out["code"] != "playbook_unreadable" {
		t.Errorf("%d %v", code, out)
	}
}

func TestSideBySidePairsChangesAndFoldsWhatIsEqual(t *testing.T) {
	p := Page{Lang: "en", words: readWords(t)}
	old := "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\n"
	fresh := strings.Replace(strings.Replace(old, "f\n", "F\nF2\n", 1), "k\n", "", 1)
	rows := sideBySide(p, playbooks.Diff(old, fresh))
	kinds := func(kind string) int {
		return len(slices.DeleteFunc(slices.Clone(rows), func(r diffRow) bool { return r.Kind != kind }))
	}
	if kinds("changed") != 1 || kinds("new") != 1 || kinds("gone") != 1 || kinds("fold") != 1 {
		t.Errorf("%+v", rows)
	}
	for _, r := range rows {
		if r.Kind == "changed" && (r.Left != "f" || r.Right != "F" || r.LeftNo != "6" || r.RightNo != "6") {
			t.Errorf("%+v", r)
		}
	}
}
