package web

import (
	"bytes"
	"image/color"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jingban/jingban/benefits"
	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

// withParams gives a site the parameters of the program; examples come out as told.
func withParams(tried *Tried) func(*Config) {
	return func(cfg *Config) {
		cfg.Editions = cfg.Store.Editions(cfg.Catalog.Params())
		cfg.Examples = func(rules benefits.Rules, region string, on casework.Date, _ []byte) (Tried, error) {
			terms, err := rules.In(region, on).Standard()
			tried.Report = "月标准 " + terms.Standard().Monthly.String()
			return *tried, err
		}
	}
}

// wages is the form of a draft that sets the minimum wage.
func wages(from, wage string) url.Values {
	return url.Values{"kind": {"wages"}, "region": {"379900"}, "from": {from}, "document": {"海人社发〔2026〕18号"}, "note": {"最低工资调整"},
		"was:wage.minimum": {"2200.00"}, "value:wage.minimum": {wage}, "was:subsistence.urban": {"950.00"}, "value:subsistence.urban": {"950.00"}}
}

// multi posts a form as a browser does that may send a file.
func (v *visitor) multi(path string, values url.Values, name string, file []byte) (int, string, http.Header) {
	v.t.Helper()
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	for key, all := range values {
		for _, value := range all {
			v.must(parts.WriteField(key, value))
		}
	}
	part, err := parts.CreateFormFile("file", name)
	v.must(err)
	_, err = part.Write(file)
	v.must(err)
	v.must(parts.Close())
	req, err := http.NewRequestWithContext(v.t.Context(), http.MethodPost, v.http.URL+path, &body)
	v.must(err)
	req.Header.Set("Content-Type", parts.FormDataContentType())
	return v.do(req)
}

// award notes the award UE-1 of a case that was granted.
func (w *site) award(first casework.Month) store.Award {
	w.t.Helper()
	s := w.seed(li, "submitted")
	a := store.Award{Award: benefits.Award{Region: "379900", Received: casework.Date{Year: 2026, Month: 3, Day: 6}, Paid: 84, First: first},
		RunID: s.Run.ID, CaseID: s.Case.ID, Number: s.Case.Number, Last: first.Add(15), Monthly: 176000, Total: 2816000}
	w.must(w.store.NoteAward(w.t.Context(), cook, a))
	return a
}

func TestSetIsDraftedTriedAndReleasedByASecondPerson(t *testing.T) {
	tried := &Tried{Passed: 9}
	w := newSite(t, withParams(tried))
	a := w.award(202603)
	operator, manager := w.as("operator"), w.as("manager")
	_, form, _ := operator.get("/params/new?kind=wages&region=379900&from=2026-07-01")
	for _, want := range []string{`name="value:wage.minimum" value="2200.00"`, `name="was:subsistence.urban" value="950.00"`, "月最低工资标准", "以元为单位的金额"} {
		if !strings.Contains(form, want) {
			t.Errorf("the form lacks %s", want)
		}
	}
	code, body, header := operator.multi("/params", wages("2026-07-01", "2300.00"), "通知.png", card(t, color.White))
	path := header.Get("Location")
	if code != http.StatusSeeOther || !strings.HasPrefix(path, "/params/") {
		t.Fatalf("%d to %s\n%s", code, path, body)
	}
	_, body, _ = manager.get(path)
	for _, want := range []string{"待发布", "海人社发〔2026〕18号", "1760.00 → 1840.00", a.Number, "▲ &#43;80.00", "/scan", "发布前还缺：在现行版本上运行算例", "data-chart"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if strings.Contains(body, "低保标准") || strings.Contains(body, path+`/release"`) {
		t.Error("an unchanged value is part of the set, or an untried one is offered for release")
	}
	if code, _, _ := operator.form(path+"/release", url.Values{"reason": {"自己发布"}}); code != http.StatusForbidden {
		t.Errorf("the operator releases: %d", code)
	}
	if code, body, _ := manager.form(path+"/release", url.Values{"reason": {"核对无误"}}); code != http.StatusConflict || !strings.Contains(body, "算例") {
		t.Errorf("released untried: %d", code)
	}
	if code, _, _ := operator.multi(path+"/try", nil, "", nil); code != http.StatusSeeOther {
		t.Fatalf("examples: %d", code)
	}
	if _, body, _ = manager.get(path); !strings.Contains(body, "一致 9，不一致 0") || !strings.Contains(body, "月标准 1840.00") || !strings.Contains(body, path+`/release"`) {
		t.Error("the examples are not shown, or the release is not offered")
	}
	if code, body, _ := manager.form(path+"/release", url.Values{"reason": {"核对无误"}}); code != http.StatusSeeOther {
		t.Fatalf("%d\n%s", code, body)
	}
	if _, body, _ = manager.get("/params?on=2026-07-02"); !strings.Contains(body, "2300.00") || !strings.Contains(body, "第 1 版") || !strings.Contains(body, "已发布") {
		t.Error("the list does not show what is in force")
	}
	if _, body, _ = manager.get("/params?on=2026-06-30"); !strings.Contains(body, "2026-07-01 起有新值") {
		t.Error("the list does not say that another value begins")
	}
	if code, body, _ := operator.get("/files" + path + "/scan"); code != http.StatusOK || !strings.HasPrefix(body, "\x89PNG") {
		t.Errorf("scan: %d", code)
	}
}

func TestAuthorOfASetIsToldThatASecondPersonIsNeeded(t *testing.T) {
	w := newSite(t, withParams(&Tried{Passed: 1}))
	user, err := w.store.UserByLogin(t.Context(), "manager")
	w.must(err)
	v, err := w.store.SaveParams(t.Context(), casework.Actor{Kind: casework.Human, ID: user.ID, Name: user.Login, Role: "manager"}, store.ParamSet{ParamSet: casework.ParamSet{Region: "379900", Kind: casework.WageParams,
		From: casework.Date{Year: 2026, Month: 7, Day: 1}, Document: "x", Values: map[string]string{"wage.minimum": "2300.00"}}})
	w.must(err)
	w.must(w.store.AttachScan(t.Context(), cook, v.ID, "a.png", "image/png", []byte("x")))
	w.must(w.store.NoteTrial(t.Context(), cook, v.ID, store.ParamTrial{Passed: 1}))
	manager := w.as("manager")
	if _, body, _ := manager.get("/params/" + v.ID); !strings.Contains(body, "须由另一人发布") || strings.Contains(body, "/release\"") {
		t.Error("the author is offered the release")
	}
	for _, move := range []string{"release", "refuse"} {
		if code, body, _ := manager.form("/params/"+v.ID+"/"+move, url.Values{"reason": {"试试"}}); code != http.StatusConflict || !strings.Contains(body, "岗位分离") {
			t.Errorf("%s: %d", move, code)
		}
	}
	if n, err := w.store.Edition(t.Context()); err != nil || n != 0 {
		t.Errorf("edition %d, %v", n, err)
	}
}

func TestMistakesOfASetAreToldByField(t *testing.T) {
	w := newSite(t, withParams(&Tried{}))
	operator := w.as("operator")
	bad := func(kind string, values map[string]string) url.Values {
		form := url.Values{"kind": {kind}, "region": {"379900"}, "from": {"2026-07-01"}, "document": {"海人社发〔2026〕18号"}}
		for name, value := range values {
			form.Set(name, value)
		}
		return form
	}
	for name, c := range map[string]struct {
		form url.Values
		want string
	}{
		"above the ceiling":  {bad("unemployment", map[string]string{"value:unemployment_benefit.scheme.CQ-2011": "12: 3; 24: 13"}), "超过全国上限12个月"},
		"a new one above it": {bad("unemployment", map[string]string{"scheme_name": "HZ-2026", "scheme_bands": "12: 25", "value:unemployment_benefit.scheme": "HZ-2026"}), "缴费12个月给24个月，超过全国上限12个月"},
		"no such scheme":     {bad("unemployment", map[string]string{"value:unemployment_benefit.scheme": "XX"}), "没有名为“XX”的期限办法"},
		"share of 1":         {bad("unemployment", map[string]string{"value:unemployment_benefit.ratio": "1"}), "必须低于最低工资标准"},
		"not a number":       {bad("wages", map[string]string{"value:wage.minimum": "二千三"}), "应为：以元为单位的金额"},
		"emptied":            {bad("wages", map[string]string{"was:wage.minimum": "2200.00", "value:wage.minimum": ""}), "不能清空"},
		"nothing changed":    {bad("wages", nil), "没有改动任何值"},
		"another kind":       {bad("wages", map[string]string{"value:reading.confidence": "0.1"}), "没有此参数"},
		"no day":             {bad("wages", map[string]string{"value:wage.minimum": "2300.00", "from": "七月一日"}), "年-月-日"},
		"no document":        {bad("wages", map[string]string{"value:wage.minimum": "2300.00", "document": " "}), "请填写文号"},
		"no region":          {bad("wages", map[string]string{"value:wage.minimum": "2300.00", "region": "海州"}), "六位数字"},
		"ends before":        {bad("wages", map[string]string{"value:wage.minimum": "2300.00", "to": "2026-06-01"}), "早于生效日期"},
		"standard too high":  {bad("wages", map[string]string{"value:subsistence.urban": "2500.00"}), "不低于最低工资"},
	} {
		code, body, _ := operator.form("/params", c.form)
		if code != http.StatusUnprocessableEntity || !strings.Contains(body, c.want) {
			t.Errorf("%s: %d, no %q in %v", name, code, c.want, regexp.MustCompile(`role="alert">[^<]*(<p>[^<]*)?`).FindAllString(body, -1))
		}
	}
	if sets, err := w.store.ParamSets(t.Context(), store.ParamFilter{}); err != nil || len(sets) != 0 {
		t.Errorf("kept %d, %v", len(sets), err)
	}
	if code, out := w.token("operator").post("/api/v1/params", "k", map[string]any{"region": "379900", "kind": "unemployment", "from": "2026-07-01", "document": "x", "values": map[string]string{"unemployment_benefit.ratio": "1"}}); code != http.StatusUnprocessableEntity || out["code"] != "params_invalid" {
		t.Errorf("%d %v", code, out)
	}
}

func TestDifferingExamplesAreTakenOnKnowingly(t *testing.T) {
	w := newSite(t, withParams(&Tried{Passed: 3, Failed: 2}))
	w.award(202603)
	operator, manager := w.as("operator"), w.as("manager")
	_, _, header := operator.multi("/params", wages("2026-02-01", "2300.00"), "通知.png", card(t, color.White))
	path := header.Get("Location")
	if code, body, _ := manager.multi(path+"/try", nil, "本单位.json", []byte(`{}`)); code != http.StatusSeeOther {
		t.Fatalf("%d\n%s", code, body)
	}
	_, body, _ := manager.get(path)
	if !strings.Contains(body, "已看过 2 个不一致的算例") || !strings.Contains(body, "本单位.json") {
		t.Error("the person is not asked to take it on")
	}
	if code, body, _ := manager.form(path+"/release", url.Values{"reason": {"核对无误"}}); code != http.StatusConflict || !strings.Contains(body, "没有确认") {
		t.Errorf("%d", code)
	}
	if code, body, _ := manager.form(path+"/release", url.Values{"reason": {"算例按旧标准编写"}, "knowingly": {"1"}}); code != http.StatusSeeOther {
		t.Fatalf("%d\n%s", code, body)
	}
	set, err := w.store.ParamSet(t.Context(), strings.TrimPrefix(path, "/params/"))
	if err != nil || !set.Retro {
		t.Fatalf("%+v, %v", set, err)
	}
	if _, body, _ = manager.get(path); !strings.Contains(body, "追溯生效") || !strings.Contains(body, "正在开立") || !strings.Contains(body, "算例按旧标准编写") {
		t.Error("the page does not tell of the recalculation")
	}
	if code, _, _ := manager.form(path+"/withdraw", url.Values{"reason": {"改期"}}); code != http.StatusConflict {
		t.Errorf("taken back in force: %d", code)
	}
}

func TestDraftIsSentBackOrTakenBack(t *testing.T) {
	w := newSite(t, withParams(&Tried{Passed: 1}))
	operator, manager := w.as("operator"), w.as("manager")
	for _, c := range []struct {
		who  *visitor
		move string
		want string
	}{{manager, "refuse", "已退回"}, {operator, "withdraw", "已撤回"}} {
		_, _, header := operator.form("/params", wages("2026-07-01", "2300.00"))
		path := header.Get("Location")
		if code, body, _ := c.who.form(path+"/"+c.move, url.Values{"reason": {"数字不符"}}); code != http.StatusSeeOther {
			t.Fatalf("%s: %d\n%s", c.move, code, body)
		}
		if _, body, _ := operator.get(path); !strings.Contains(body, c.want) || !strings.Contains(body, "数字不符") {
			t.Errorf("%s: not told", c.move)
		}
		if _, body, _ := operator.get("/params/new?start=" + strings.TrimPrefix(path, "/params/")); !strings.Contains(body, `value="2300.00"`) || !strings.Contains(body, "海人社发〔2026〕18号") {
			t.Errorf("%s: it cannot be begun anew", c.move)
		}
	}
	if code, _, _ := w.as("clerk").get("/params"); code != http.StatusForbidden {
		t.Errorf("a clerk reads parameters: %d", code)
	}
}

func TestQuestionAboutARecalculationShowsTheDifference(t *testing.T) {
	w := newSite(t, withParams(&Tried{}))
	ctx := t.Context()
	recount, _ := w.server.cfg.Library.Playbook(recountMatter)
	_, err := w.store.ImportVersion(ctx, store.Version{Playbook: recountMatter, Text: recount.Source}, casework.StageFull)
	w.must(err)
	shared := map[string]string{"set": "s1", "award": "r1", "award_number": "SY-20260306-0001", "document": "海人社发〔2026〕18号", "plan": "202602 1760.00 1840.00", "until": "202603"}
	number, _, err := w.store.Bring(ctx, cook, store.Brought{Key: "key", Case: casework.Case{Matter: recountMatter, Region: "379900", Applicant: li, Month: 202602, Shared: shared, ReceivedAt: w.clock.UTC()}})
	w.must(err)
	cases, _, err := w.store.Cases(ctx, store.CaseFilter{Text: number})
	w.must(err)
	run, err := w.store.StartRun(ctx, cook, casework.Run{CaseID: cases[0].ID, Playbook: recountMatter, Version: recount.Version, Key: "k"}, casework.Snapshot{Number: number, Shared: shared, Applicant: li})
	w.must(err)
	lease := w.claim(ctx, run.ID)
	w.must(w.store.Journal(lease).Append(ctx, casework.Entry{Step: "difference", Attempt: 1, Kind: casework.Happened,
		Data: []byte(`{"values":{"table":[{"月份":"202602","原金额":"1760.00","新金额":"1840.00","差额":"80.00"}],"owed":16000,"overpaid":0}}`)}))
	w.must(w.store.Settle(ctx, lease, casework.Result{State: casework.RunParked, Step: "propose", Review: &casework.Review{Role: "clerk", Due: w.clock.Add(16 * time.Hour), Choices: []casework.Choice{{Name: "adjust", Zh: "差额无误，转待遇调整"}}}}))
	open, _, err := w.store.Reviews(ctx, store.ReviewFilter{CaseID: cases[0].ID})
	w.must(err)
	_, body, _ := w.as("clerk").get("/reviews/" + open[0].ID)
	for _, want := range []string{"重算差额表", "1760.00", "1840.00", "80.00", "应补发 160.00 元", "SY-20260306-0001", "系统不自动补发或追回"} {
		if !strings.Contains(body, want) {
			t.Errorf("the question lacks %s", want)
		}
	}
}
