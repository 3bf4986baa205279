package web

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/materials"
	"github.com/jingban/jingban/papers"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/store"
)

// site is a server on a real SQLite store, with one account per role.
type site struct {
	t      *testing.T
	store  *store.Store
	server *Server
	http   *httptest.Server
	portal string // token
	flow   *playbooks.Playbook
	clock  *time.Time
}

const password = "Jingban2026"

var ( // fixed values of the tests
	hashOnce = sync.OnceValues(func() (string, error) { return HashPassword(password) })

	cook = casework.Actor{Kind: casework.Human, ID: "seed", Name: "seed", Role: "admin"}
	li   = casework.Person{Name: "李秀英", IDNumber: "379901198806150024", Mobile: "13900000024", Account: "6217000000000000024", Address: "临江市云山县青石街 8 号"}
)

func newSite(t *testing.T, change ...func(*Config)) *site {
	t.Helper()
	now := time.Date(2026, 3, 6, 2, 30, 0, 0, time.UTC)
	w := &site{t: t, clock: &now}
	tick := func() time.Time { return *w.clock }
	var err error
	w.store, err = store.Open(t.Context(), store.Config{
		Database: "sqlite:" + filepath.Join(t.TempDir(), "test.db"), Files: t.TempDir(), MasterKey: bytes.Repeat([]byte{7}, 32), Now: tick,
	})
	w.must(err)
	t.Cleanup(func() { _ = w.store.Close() })
	hash, err := hashOnce()
	w.must(err)
	for login, name := range map[string]string{"clerk": "王敏", "operator": "赵强", "manager": "周岚", "admin": "管理员"} {
		_, err := w.store.AddUser(t.Context(), cook, store.User{Login: login, Name: name, Role: login, PasswordHash: hash})
		w.must(err)
	}
	w.portal, err = w.store.NewToken(t.Context(), cook, "portal", "portal")
	w.must(err)
	library, err := playbooks.Builtin()
	w.must(err)
	w.flow, _ = library.Playbook("unemployment_claim")
	_, err = w.store.ImportVersion(t.Context(), store.Version{Playbook: w.flow.Name, Text: w.flow.Source}, casework.StageFull)
	w.must(err)
	catalog, err := materials.Load()
	w.must(err)
	cfg := Config{Store: w.store, Catalog: catalog, Library: library, Schema: w.schema(), Now: tick, Version: "test", Matters: matters(), MaxUpload: 1 << 20,
		DueDays: func(_ string, d casework.Date) casework.Date { return d.AddDays(14) }}
	for _, c := range change {
		c(&cfg)
	}
	w.server, err = New(cfg)
	w.must(err)
	w.http = httptest.NewServer(w.server.Handler())
	t.Cleanup(w.http.Close)
	return w
}

func (w *site) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func matters() []Matter {
	return []Matter{{Name: "unemployment_claim", TitleZh: "失业保险金申领", TitleEn: "Unemployment benefit claim", Materials: []Slot{
		{Type: "id_card_front", Zh: "居民身份证（人像面）", En: "ID card, portrait side", Required: true, Note: "四角完整、无反光", Fields: []FieldTitle{
			{"name", "name", "姓名", "Name"}, {"sex", "sex", "性别", "Sex"}, {"birth", "date", "出生日期", "Born"}, {"number", "id_number", "公民身份号码", "ID number"}}},
		{Type: "termination_notice", Zh: "解除（终止）劳动合同证明", En: "Certificate of ended employment", Note: "已共享离职原因的免交", Fields: []FieldTitle{
			{"name", "name", "姓名", "Name"}, {"id_number", "id_number", "公民身份号码", "ID number"}, {"employer", "text", "单位名称", "Employer"}, {"end_date", "date", "解除日期", "End date"}}},
		{Type: "bank_card", Zh: "银行卡", En: "Bank card", Required: true, Fields: []FieldTitle{
			{"bank", "text", "开户银行", "Bank"}, {"number", "account", "卡号", "Card number"}, {"holder", "name", "持卡人", "Holder"}}},
		{Type: "claim_form", Zh: "失业保险金申领表", En: "Claim form", Required: true},
	}}}
}

// visitor is one browser or API client.
type visitor struct {
	*site
	client *http.Client
	token  string
	lang   string
}

func (w *site) as(login string) *visitor {
	w.t.Helper()
	jar, err := cookiejar.New(nil)
	w.must(err)
	v := &visitor{site: w, client: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	if login != "" {
		code, _, header := v.form("/signin", url.Values{"login": {login}, "password": {password}})
		if code != http.StatusSeeOther || header.Get("Location") != "/" {
			w.t.Fatalf("sign in as %s: %d to %q", login, code, header.Get("Location"))
		}
	}
	return v
}

func (w *site) bearer(token string) *visitor {
	return &visitor{site: w, client: http.DefaultClient, token: token}
}

func (v *visitor) do(req *http.Request) (int, string, http.Header) {
	v.t.Helper()
	if v.token != "" {
		req.Header.Set("Authorization", "Bearer "+v.token)
	}
	if v.lang != "" {
		req.AddCookie(&http.Cookie{Name: langCookie, Value: v.lang})
	}
	res, err := v.client.Do(req)
	v.must(err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	v.must(err)
	return res.StatusCode, string(body), res.Header
}

func (v *visitor) get(path string) (int, string, http.Header) {
	v.t.Helper()
	req, err := http.NewRequestWithContext(v.t.Context(), http.MethodGet, v.http.URL+path, nil)
	v.must(err)
	return v.do(req)
}

func (v *visitor) form(path string, values url.Values) (int, string, http.Header) {
	v.t.Helper()
	req, err := http.NewRequestWithContext(v.t.Context(), http.MethodPost, v.http.URL+path, strings.NewReader(values.Encode()))
	v.must(err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return v.do(req)
}

// post sends JSON with an idempotency key, and reads the JSON answer.
func (v *visitor) post(path, key string, in any) (int, map[string]any) {
	v.t.Helper()
	body, err := json.Marshal(in)
	v.must(err)
	if text, raw := in.(string); raw {
		body = []byte(text)
	}
	req, err := http.NewRequestWithContext(v.t.Context(), http.MethodPost, v.http.URL+path, bytes.NewReader(body))
	v.must(err)
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	code, text, _ := v.do(req)
	return code, v.object(text)
}

func (v *visitor) object(text string) map[string]any {
	v.t.Helper()
	var out map[string]any
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		v.t.Fatalf("no JSON: %v\n%s", err, text)
	}
	return out
}

func (v *visitor) upload(path, key, slot, name string, data []byte) (int, string) {
	v.t.Helper()
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	v.must(parts.WriteField("slot", slot))
	file, err := parts.CreateFormFile("file", name)
	v.must(err)
	_, err = file.Write(data)
	v.must(err)
	v.must(parts.Close())
	req, err := http.NewRequestWithContext(v.t.Context(), http.MethodPost, v.http.URL+path, &body)
	v.must(err)
	req.Header.Set("Content-Type", parts.FormDataContentType())
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	code, text, _ := v.do(req)
	return code, text
}

// card is a drawn page of 860×540 with dark bars where the fields are.
func card(t *testing.T, shade color.Color) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 860, 540))
	draw.Draw(img, img.Bounds(), image.NewUniform(shade), image.Point{}, draw.Src)
	for _, y := range []int{60, 130, 200, 440} {
		draw.Draw(img, image.Rect(60, y, 60+y+200, y+36), image.NewUniform(color.RGBA{60, 70, 90, 255}), image.Point{}, draw.Src)
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// seeded is a case that stands at a given place.
type seeded struct {
	Case   casework.Case
	Run    casework.Run
	Review string
}

// seed makes a case and brings it to the place: "created", "checking", "review",
// "written" (a review with a value written by hand),
// "submitted", "returned", "failed", "broken" (an unreadable file).
func (w *site) seed(person casework.Person, place string) seeded {
	w.t.Helper()
	ctx := w.t.Context()
	c, err := w.store.NewCase(ctx, cook, casework.Case{Matter: "unemployment_claim", Region: "379900", Applicant: person, Month: 202603,
		Shared: map[string]string{"leave_reason": "E01"}, Due: casework.Date{Year: 2026, Month: 3, Day: 20}})
	w.must(err)
	files := map[string]casework.Material{}
	for i, slot := range []string{"id_card_front", "termination_notice", "bank_card"} {
		m, err := w.store.AddMaterial(ctx, cook, casework.Material{CaseID: c.ID, Slot: slot, FileName: slot + ".png", MIME: "image/png"},
			card(w.t, color.RGBA{uint8(225 - 12*i), 232, 240, 255}))
		w.must(err)
		files[slot] = m
	}
	out := seeded{Case: c}
	if place == "created" {
		return out
	}
	w.must(w.store.SubmitCase(ctx, cook, c.ID))
	if place == "checking" {
		return out
	}
	for slot, m := range files {
		if place == "broken" && slot == "bank_card" {
			w.must(w.store.SaveUnreadable(ctx, m.ID, "pdf_encrypted"))
			continue
		}
		w.must(w.store.SaveReadings(ctx, m.ID, []casework.Reading{{Page: 1, Width: 860, Height: 540, Engine: "ppocr",
			Quality: []casework.Quality{{Code: "blurred", Score: 40, Threshold: 60}}}}))
	}
	w.work(ctx, &out, assessment(person, files, place), place)
	out.Case, err = w.store.Case(ctx, c.ID)
	w.must(err)
	return out
}

func assessment(p casework.Person, files map[string]casework.Material, place string) casework.Assessment {
	field := func(name, value string, y int, confidence float64) casework.Field {
		return casework.Field{Name: name, Value: value, Raw: value, Page: 1, Box: casework.Box{X: 60, Y: y, W: y + 200, H: 36}, Confidence: confidence, Status: casework.FieldRead}
	}
	as := func(f casework.Field, status casework.FieldStatus, second string) casework.Field {
		f.Status, f.Second = status, second
		return f
	}
	doc := func(kind string, fields ...casework.Field) casework.Document {
		d := casework.Document{Type: kind, FileID: files[kind].ID, Page: 1, Confidence: 0.96, Fields: map[string]casework.Field{}}
		for _, f := range fields {
			d.Fields[f.Name] = f
		}
		return d
	}
	a := casework.Assessment{Verdict: casework.AutoPass, Rules: "sha256:ab12cd34ef56", Documents: map[string]casework.Document{
		"id_card_front":      doc("id_card_front", field("name", p.Name, 60, 0.99), field("sex", "女", 130, 0.97), field("birth", "1988-06-15", 200, 0.98), as(field("number", p.IDNumber, 440, 0.995), casework.FieldVerified, "")),
		"termination_notice": doc("termination_notice", field("name", p.Name, 60, 0.93), field("id_number", p.IDNumber, 130, 0.96), field("employer", "临江市云山机械有限公司", 200, 0.82), as(field("end_date", "2026-02-28", 440, 0.64), casework.FieldDoubtful, "2026-02-23")),
		"bank_card":          doc("bank_card", field("bank", "临江银行", 60, 0.95), field("number", p.Account, 130, 0.99), field("holder", p.Name, 200, 0.97)),
	}}
	a.Findings = []casework.Finding{{Rule: "fields_confident", Severity: casework.Warn, Material: "termination_notice", FileID: files["termination_notice"].ID, Field: "end_date", Page: 1,
		Box: casework.Box{X: 60, Y: 440, W: 640, H: 36}, Found: "2026-02-28", Zh: "解除日期识读把握不足，请对照原件。", En: "The end date was read with little confidence; compare it with the original.", Basis: "《失业保险条例》第十六条", Fix: ""}}
	if place == "written" {
		d := a.Documents["termination_notice"].Fields
		f := d["employer"]
		f.Hand, f.Status = true, casework.FieldDoubtful
		d["employer"] = f
	}
	if place == "returned" {
		a.Verdict = casework.ReturnForCorrection
		a.Findings = append(a.Findings, casework.Finding{Rule: "account_owner", Severity: casework.Block, Material: "bank_card", FileID: files["bank_card"].ID, Field: "holder", Page: 1,
			Box: casework.Box{X: 60, Y: 200, W: 400, H: 36}, Found: "周志强", Expected: p.Name, Zh: "银行卡持卡人“周志强”与申请人“" + p.Name + "”不一致。", En: "The card holder 周志强 is not the applicant " + p.Name + ".",
			Basis: "《失业保险条例》第十六条", Fix: "请提供申请人本人名下的银行卡。"})
	}
	return a
}

// work plays the worker up to the place.
func (w *site) work(ctx context.Context, out *seeded, a casework.Assessment, place string) {
	w.t.Helper()
	c := out.Case
	run, err := w.store.StartRun(ctx, cook, casework.Run{CaseID: c.ID, Playbook: "unemployment_claim", Version: w.flow.Version, Key: w.store.Hash("key", c.ID),
		Persons: []string{w.store.Hash("person", c.Applicant.IDNumber)}, Due: c.Due}, casework.Snapshot{Number: c.Number, Matter: c.Matter, Applicant: c.Applicant, Month: c.Month, Assessment: a})
	w.must(err)
	lease := w.claim(ctx, run.ID)
	journal := w.store.Journal(lease)
	line := func(step string, kind casework.EntryKind) {
		w.must(journal.Append(ctx, casework.Entry{Step: step, Attempt: 1, Kind: kind, Data: json.RawMessage(`{"n":"` + c.Applicant.IDNumber + `"}`)}))
	}
	line("complete", casework.Begun)
	line("complete", casework.Happened)
	w.must(journal.Append(ctx, casework.Entry{Step: "correction", Attempt: 1, Kind: casework.Happened, Data: json.RawMessage(`{"skipped":true}`)}))
	switch place {
	case "review", "broken", "written":
		line("confirm", casework.Parked)
		w.must(w.store.Settle(ctx, lease, casework.Result{State: casework.RunParked, Step: "confirm", Review: &casework.Review{
			Role: "clerk", Show: []string{"id_card_front", "termination_notice", "bank_card"}, Due: w.clock.Add(16 * time.Hour),
			Choices: []casework.Choice{{Name: "submit", Zh: "核对无误，提交"}, {Name: "return", Zh: "退回补正"}}}}))
		open, _, err := w.store.Reviews(ctx, store.ReviewFilter{CaseID: c.ID})
		w.must(err)
		out.Review = open[0].ID
	case "submitted":
		line("submit", casework.Begun)
		w.must(journal.Keep(ctx, "submit", 1, []casework.Shot{{Kind: casework.Screenshot, Name: "before_commit.png", MIME: "image/png", Data: card(w.t, color.White)},
			{Kind: casework.Screenshot, Name: "after_commit.png", MIME: "image/png", Data: card(w.t, color.RGBA{230, 240, 230, 255})}, {Kind: casework.DOM, Name: "page.html", MIME: "text/html", Data: []byte("<script>alert(1)</script>")}}))
		line("submit", casework.Happened)
		w.must(w.store.Settle(ctx, lease, casework.Result{State: casework.RunDone, End: "submitted", Kept: map[string]string{"受理编号": "SL2026030600017"}}))
	case "returned":
		line("notice", casework.Begun)
		w.must(journal.Keep(ctx, "notice", 1, []casework.Shot{{Kind: casework.Paper, Name: "correction_notice.pdf", MIME: "application/pdf", Data: []byte("%PDF-1.4")}}))
		line("notice", casework.Happened)
		w.must(w.store.Settle(ctx, lease, casework.Result{State: casework.RunDone, End: "returned"}))
	case "failed":
		w.must(w.store.Settle(ctx, lease, casework.Result{State: casework.RunFailed, Step: "submit", End: "element_missing"}))
	}
	out.Run, err = w.store.Run(ctx, run.ID)
	w.must(err)
}

func (w *site) claim(ctx context.Context, runID string) store.Lease {
	w.t.Helper()
	w.must(w.store.Beat(ctx, "worker-1"))
	_, err := w.store.Admit(ctx, 100)
	w.must(err)
	lease, err := w.store.Claim(ctx, runID, "worker-1")
	w.must(err)
	return lease
}

// person makes the n-th fictional person.
func person(n int) casework.Person {
	names := []string{"李秀英", "王建国", "张敏", "欧阳明", "陈晓东", "刘芳", "赵立新", "孙丽", "周志强", "吴桂兰"}
	return casework.Person{Name: names[n%len(names)], IDNumber: fmt.Sprintf("3799011988061%04d0", n), Mobile: fmt.Sprintf("139%08d", n), Account: fmt.Sprintf("62170000000%08d", n), Address: "临江市云山县青石街 8 号"}
}

// schema is what the linter knows of materials and papers.
func (w *site) schema() playbooks.Schema {
	w.t.Helper()
	catalog, err := materials.Load()
	w.must(err)
	return playbooks.Schema{Documents: catalog.Schema(), Papers: papers.Names()}
}

// token is a person at the API.
func (w *site) token(login string) *visitor {
	w.t.Helper()
	anyone := &visitor{site: w, client: http.DefaultClient}
	_, out := anyone.post("/api/v1/sessions", "", map[string]string{"login": login, "password": password})
	token, _ := out["token"].(string)
	return w.bearer(token)
}
