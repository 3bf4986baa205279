package web

import (
	"encoding/base64"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/jingban/jingban/casework"
)

func TestTraceStandsAloneAndTellsTheWholeRun(t *testing.T) {
	w := newSite(t)
	s := w.seed(li, "review")
	ctx := t.Context()
	w.must(w.store.RetryFrom(ctx, cook, s.Run.ID, "", "再办"))
	lease := w.claim(ctx, s.Run.ID)
	j := w.store.Journal(lease)
	w.must(j.Append(ctx, casework.Entry{Step: "submit", Attempt: 1, Kind: casework.Begun, Data: []byte(`{}`)},
		casework.Entry{Step: "submit", Attempt: 1, Kind: casework.Verified, Data: []byte(`{"answer":"absent","rows":0,"before":true}`)}))
	w.must(j.Keep(ctx, "submit", 1, []casework.Shot{
		{Kind: casework.Screenshot, Class: casework.KeepArchive, Name: "before_commit.png", MIME: "image/png", Data: []byte("\x89PNG picture")},
		{Kind: casework.DOM, Name: "before_commit.html", MIME: "text/html", Data: []byte(`<script>alert(1)</script><img src="http://evil.example/x">`)},
		{Kind: casework.Values, Name: "values.json", MIME: "application/json", Data: []byte(`[{"label":"证件号码","written":"` + li.IDNumber + `","read_back":"` + li.IDNumber + `"},{"label":"姓名","written":"李秀英","read_back":"李秀"}]`)},
		{Kind: casework.Requests, Name: "before_commit.requests.json", MIME: "application/json", Data: []byte(`[{"at":"2026-03-06T09:30:00Z","method":"GET","host":"old.example","path":"/a.do","status":502,"ms":12,"note":"reply lost"}]`)},
		{Kind: casework.Dialog, Name: "before_commit.dialogs.json", MIME: "application/json", Data: []byte(`[{"kind":"confirm","text":"确定提交吗？","accepted":true}]`)}}))
	code, body, _ := w.as("operator").get("/files/runs/" + s.Run.ID + "/trace")
	if code != http.StatusOK {
		t.Fatalf("status %d: %s", code, body)
	}
	for _, want := range []string{"失业保险金申领", "Unemployment benefit claim", "录入业务系统", "Enter into the benefits system", "证据链完整", li.IDNumber, "不一致", "其中失败 1 次",
		"确定提交吗？", "没有记录", "no record", "业务档案", "data:image/png;base64," + base64.StdEncoding.EncodeToString([]byte("\x89PNG picture")), "&lt;script&gt;alert(1)"} {
		if !strings.Contains(body, want) {
			t.Errorf("the trace does not show %s", want)
		}
	}
	if bad := regexp.MustCompile(`<script|\son[a-z]+=|(src|href)="?(https?:|//|/)`).FindString(body); bad != "" {
		t.Errorf("the trace is not self-contained: %s", bad)
	}
	if key := regexp.MustCompile(`>\s*(trace|flaw|keep|entry)\.[a-z_]+\s*<`).FindString(body); key != "" {
		t.Errorf("the trace shows a bare key: %s", key)
	}
	if trail, err := w.store.Audit(ctx, "trace", 10); err != nil || len(trail) != 1 {
		t.Errorf("%d lines in the audit trail about the trace (%v)", len(trail), err)
	}
	if code, _, _ := w.as("manager").get("/files/runs/" + s.Run.ID + "/trace"); code != http.StatusForbidden {
		t.Errorf("a manager gets the trace: %d", code)
	}
}
