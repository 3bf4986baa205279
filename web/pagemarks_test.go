package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/jingban/jingban/casework"
)

func TestAChangedPageIsShownSideBySideAndApprovedByTwoPeople(t *testing.T) {
	w := newSite(t)
	ctx, page := t.Context(), "失业待遇 / 申领查询"
	w.must(w.store.EnsureTarget(ctx, "benefits", "systems.benefits.account", casework.Limits{Seats: 1}))
	w.must(w.store.SeePage(ctx, "benefits", page, `{"fields":["text 证件号码"],"buttons":["查询"],"frames":3}`))
	w.must(w.store.SeePage(ctx, "benefits", page, `{"fields":["text 公民身份号码"],"buttons":["查询"],"frames":3}`))
	w.must(w.store.StopTarget(ctx, "benefits", "page_changed"))
	_, body, _ := w.as("operator").get("/targets/benefits")
	for _, want := range []string{page, "text 证件号码", "text 公民身份号码", "今后也叫"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page does not show %s", want)
		}
	}
	form := url.Values{"page": {page}, "found": {between(t, body, `name="found" value="`, `"`)}}
	stale := url.Values{"page": {page}, "found": {"0000"}}
	if status, _, _ := w.as("operator").form("/targets/benefits/pages", stale); status != http.StatusConflict {
		t.Errorf("approving what was not shown: status %d", status)
	}
	if status, _, _ := w.as("manager").form("/targets/benefits/pages", form); status != http.StatusForbidden {
		t.Errorf("a manager approves pages: status %d", status)
	}
	for i, login := range []string{"operator", "operator", "admin"} {
		w.as(login).form("/targets/benefits/pages", form)
		all, err := w.store.PageMarks(ctx, "benefits")
		w.must(err)
		if approved := all[0].Found == ""; approved != (i == 2) {
			t.Errorf("after %s (%d) the page is approved: %v", login, i, approved)
		}
	}
	aliases, err := w.store.PageAliases(ctx, "benefits")
	w.must(err)
	if len(aliases["证件号码"]) != 1 || aliases["证件号码"][0] != "公民身份号码" {
		t.Errorf("aliases %v", aliases)
	}
}

// between is what stands between two texts.
func between(t *testing.T, body, from, to string) string {
	t.Helper()
	_, rest, ok := strings.Cut(body, from)
	found, _, end := strings.Cut(rest, to)
	if !ok || !end {
		t.Fatalf("the page has no %s", from)
	}
	return found
}
