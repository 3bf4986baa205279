package web

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/jingban/jingban/casework"
)

// changed is a page of the benefits system that is not as it was approved, with both
// pictures.
func (w *site) changed(page string) {
	w.t.Helper()
	ctx := w.t.Context()
	w.must(w.store.EnsureTarget(ctx, "benefits", "systems.benefits.account", casework.Limits{Seats: 1}))
	for i, marks := range []string{
		`{"fields":["text 证件号码"],"buttons":["查询"],"tables":["受理编号 | 姓名"],"frames":3,"boxes":{"field text 证件号码":{"x":200,"y":60,"w":180,"h":20}}}`,
		`{"fields":["text 公民身份号码"],"buttons":["查询"],"tables":["流水号 | 姓名"],"frames":3,"boxes":{"field text 公民身份号码":{"x":220,"y":70,"w":180,"h":20}}}`} {
		picture := image.NewGray(image.Rect(0, 0, 800, 300))
		picture.SetGray(0, 0, color.Gray{Y: uint8(100 * i)})
		var data bytes.Buffer
		w.must(png.Encode(&data, picture))
		sum, err := w.store.PutFile(ctx, data.Bytes())
		w.must(err)
		w.must(w.store.SeePage(ctx, "benefits", page, marks, sum))
	}
}

func TestAChangedPageIsShownSideBySideAndApprovedByTwoPeople(t *testing.T) {
	w := newSite(t)
	ctx, page := t.Context(), "失业待遇 / 申领查询"
	w.changed(page)
	href := pageHref("benefits", page)
	if _, body, _ := w.as("operator").get("/targets/benefits"); !strings.Contains(body, href) {
		t.Error("the system's page does not lead to the repair")
	}
	_, body, _ := w.as("operator").get(href)
	for _, want := range []string{page, "证件号码（文本框）", "公民身份号码（文本框）", "label: 证件号码", "label: 公民身份号码", "今后也叫", "失业保险金申领", "录入业务系统",
		`viewBox="50 24 366 92"`, `x="220" y="70" width="180" height="20"`, `href="/files` + href + `/approved"`, `href="/files` + href + `/now"`} {
		if !strings.Contains(body, want) {
			t.Errorf("the page does not show %s", want)
		}
	}
	if _, body, _ := w.as("manager").get(href); strings.Contains(body, "/files/") || !strings.Contains(body, "label: 证件号码") {
		t.Error("a manager sees the pictures, or no names")
	}
	if status, _, _ := w.as("manager").get("/files" + href + "/now"); status != http.StatusForbidden {
		t.Errorf("a manager gets a picture: status %d", status)
	}
	if status, _, header := w.as("operator").get("/files" + href + "/now"); status != http.StatusOK || header.Get("Content-Type") != "image/png" {
		t.Errorf("the picture: status %d, %s", status, header.Get("Content-Type"))
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
