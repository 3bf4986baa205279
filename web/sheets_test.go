package web

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/jingban/jingban/store"
)

// sendSheet uploads a list for a playbook and gives the answer with its address.
func (v *visitor) sendSheet(flow, name, text string) (code int, body, to string) {
	v.t.Helper()
	var out bytes.Buffer
	parts := multipart.NewWriter(&out)
	v.must(parts.WriteField("playbook", flow))
	file, err := parts.CreateFormFile("file", name)
	v.must(err)
	_, err = file.Write([]byte(text))
	v.must(err)
	v.must(parts.Close())
	req, err := http.NewRequestWithContext(v.t.Context(), http.MethodPost, v.http.URL+"/sheets", &out)
	v.must(err)
	req.Header.Set("Content-Type", parts.FormDataContentType())
	code, body, head := v.do(req)
	return code, body, head.Get("Location")
}

const stopList = "姓名,身份证号,待遇月份\n张明,379901198503120017,202603\n李娜,379902199007154527,202603\n王五,379901198806150029,202603\n"

func TestAListIsTakenOnceStoppedContinuedAndComesBack(t *testing.T) {
	w := newSite(t)
	operator := w.as("operator")
	code, _, to := operator.sendSheet("unemployment_stop", "三月 379901198503120017.csv", stopList)
	if code != http.StatusSeeOther {
		t.Fatalf("upload: %d", code)
	}
	if _, body, _ := operator.get(to); !strings.Contains(body, "第 3 行 B 列『身份证号』：校验码不对") || strings.Contains(body, "379901198503120017") {
		t.Error("the page names the mistake by its cell, and nobody's number")
	}
	if _, _, again := operator.sendSheet("unemployment_stop", "other.csv", stopList); again != to {
		t.Errorf("the same file leads to %s, not to %s", again, to)
	}
	for range 2 {
		_, err := w.store.FeedSheets(t.Context(), cook)
		w.must(err)
	}
	cases, _, err := w.store.Cases(t.Context(), store.CaseFilter{})
	w.must(err)
	if len(cases) != 2 || cases[0].Matter != "unemployment_stop" || cases[0].State != "materials_checking" {
		t.Fatalf("cases %+v", cases)
	}
	if code, _, _ := operator.form(to+"/stop", url.Values{"reason": {"下班"}}); code != http.StatusSeeOther {
		t.Errorf("stop: %d", code)
	}
	if code, _, _ := operator.form(to+"/stop", url.Values{"reason": {"下班"}}); code != http.StatusConflict {
		t.Errorf("stopped twice: %d", code)
	}
	if code, _, _ := operator.form(to+"/continue", url.Values{"reason": {"上班"}}); code != http.StatusSeeOther {
		t.Errorf("continue: %d", code)
	}
	code, body, head := operator.get(to + "/file")
	if want := "王五,379901198806150029,202603,办理中,,,2026-03-06 10:30:00\n"; code != http.StatusOK || !strings.HasSuffix(body, want) || !strings.Contains(head.Get("Content-Disposition"), ".csv") {
		t.Errorf("it came back as %d %q", code, body)
	}
	if code, _, _ := w.as("clerk").get(to); code != http.StatusForbidden {
		t.Errorf("a clerk sees lists: %d", code)
	}
}

func TestAFileThatIsNoListSaysWhatToDo(t *testing.T) {
	w := newSite(t)
	code, body, _ := w.as("operator").sendSheet("unemployment_stop", "a.csv", "甲,乙\n1,2\n")
	if code != http.StatusUnprocessableEntity || !strings.Contains(body, "请下载该流程的模板") {
		t.Errorf("%d %s", code, body)
	}
}

func TestATemplateNamesTheColumnsOfItsPlaybook(t *testing.T) {
	w := newSite(t)
	code, body, _ := w.as("operator").get("/sheet-templates/record_merge")
	if code != http.StatusOK {
		t.Fatal(code)
	}
	f, err := excelize.OpenReader(strings.NewReader(body))
	w.must(err)
	defer f.Close()
	heads, err := f.GetRows("清单")
	w.must(err)
	help, err := f.GetRows("填写说明")
	w.must(err)
	if got := strings.Join(heads[0], " "); got != "姓名 身份证号 两个个人编号 甲号 乙号 匹配等级" {
		t.Errorf("columns %s", got)
	}
	if len(help) < 10 || help[4][1] != "选填" || help[5][1] != "必填" {
		t.Errorf("help %v", help)
	}
}
