package web

import (
	"image/color"
	"net/http"
	"strings"
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

func has(rows []store.AuditRow, action string) bool {
	for _, r := range rows {
		if r.Action == action {
			return true
		}
	}
	return false
}

func claim() map[string]any {
	return map[string]any{"matter": "unemployment_claim", "region": "379900", "month": 202603,
		"applicant": map[string]string{"name": li.Name, "id_number": li.IDNumber, "mobile": li.Mobile, "account": li.Account, "address": li.Address}}
}

func TestPortalBringsAClaimInAndSubmitsIt(t *testing.T) {
	w := newSite(t)
	portal := w.bearer(w.portal)
	code, made := portal.post("/api/v1/cases", "k-1", claim())
	id, _ := made["id"].(string)
	if code != http.StatusCreated || id == "" || made["due"] != "2026-03-20" {
		t.Fatalf("%d %v", code, made)
	}
	if name := made["applicant"].(map[string]any)["name"]; name != "李*英" {
		t.Errorf("name %v", name)
	}
	code, text := portal.upload("/api/v1/cases/"+id+"/materials", "k-2", "id_card_front", "身份证379901198806150024.png", card(t, color.White))
	if code != http.StatusCreated || strings.Contains(text, li.IDNumber) {
		t.Fatalf("%d %s", code, text)
	}
	if code, sent := portal.post("/api/v1/cases/"+id+"/submit", "k-3", ""); code != http.StatusAccepted || sent["state"] != string(casework.CaseMaterialsChecking) {
		t.Fatalf("%d %v", code, sent)
	}
	if code, text := portal.upload("/api/v1/cases/"+id+"/materials", "k-4", "", "late.png", card(t, color.White)); code != http.StatusConflict || !strings.Contains(text, "case_closed") {
		t.Errorf("an upload after submission: %d %s", code, text)
	}
}

func TestSameKeyGivesTheSameCaseAndAnotherBodyIsRefused(t *testing.T) {
	w := newSite(t)
	portal := w.bearer(w.portal)
	_, first := portal.post("/api/v1/cases", "key", claim())
	code, second := portal.post("/api/v1/cases", "key", claim())
	if code != http.StatusCreated || first["id"] != second["id"] {
		t.Errorf("%d, %v and %v", code, first["id"], second["id"])
	}
	other := claim()
	other["month"] = 202604
	if code, problem := portal.post("/api/v1/cases", "key", other); code != http.StatusConflict || problem["code"] != "idempotency_conflict" {
		t.Errorf("%d %v", code, problem)
	}
	id := first["id"].(string)
	// Two tries of one upload differ in their boundary, and still count as one.
	_, a := portal.upload("/api/v1/cases/"+id+"/materials", "up", "", "a.png", card(t, color.White))
	_, b := portal.upload("/api/v1/cases/"+id+"/materials", "up", "", "a.png", card(t, color.White))
	if a != b {
		t.Errorf("%s\n%s", a, b)
	}
	all, err := w.store.Materials(t.Context(), id)
	w.must(err)
	if len(all) != 1 {
		t.Errorf("%d materials", len(all))
	}
}

func TestARefusedRequestMayUseItsKeyAgain(t *testing.T) {
	w := newSite(t)
	portal := w.bearer(w.portal)
	wrong := claim()
	wrong["matter"] = "no_such_matter"
	if code, problem := portal.post("/api/v1/cases", "key", wrong); code != http.StatusUnprocessableEntity || problem["code"] != "matter_unknown" {
		t.Fatalf("%d %v", code, problem)
	}
	if code, _ := portal.post("/api/v1/cases", "key", claim()); code != http.StatusCreated {
		t.Errorf("%d", code)
	}
}

func TestBadInputGetsOneClearProblem(t *testing.T) {
	w := newSite(t)
	portal := w.bearer(w.portal)
	_, made := portal.post("/api/v1/cases", "k", claim())
	uploads := "/api/v1/cases/" + made["id"].(string) + "/materials"
	send := func(slot string, data []byte) func() (int, map[string]any) {
		return func() (int, map[string]any) {
			code, text := portal.upload(uploads, casework.NewID(), slot, "x.jpg", data)
			return code, portal.object(text)
		}
	}
	post := func(v *visitor, path, key string, in any) func() (int, map[string]any) {
		return func() (int, map[string]any) { return v.post(path, key, in) }
	}
	badPerson := claim()
	badPerson["applicant"] = map[string]string{"name": "", "id_number": "1"}
	for _, c := range []struct {
		name   string
		do     func() (int, map[string]any)
		status int
		code   string
	}{
		{"empty file", send("", nil), 422, "file_empty"},
		{"text named .jpg", send("", []byte("hello, this is no picture")), 415, "file_type"},
		{"RAR", send("", []byte("Rar!\x1a and more")), 415, "file_type"},
		{"video of a phone", send("", []byte("\x00\x00\x00\x18ftypmp42 and more")), 415, "file_type"},
		{"too large", send("", make([]byte, 2<<20)), 413, "file_too_large"},
		{"unknown slot", send("passport", card(t, color.White)), 422, "slot_unknown"},
		{"bad JSON", post(portal, "/api/v1/cases", "b1", `{"matter":`), 400, "bad_json"},
		{"unknown field", post(portal, "/api/v1/cases", "b2", `{"mater":"x"}`), 400, "bad_json"},
		{"bad person", post(portal, "/api/v1/cases", "b3", badPerson), 422, "input_invalid"},
		{"no key", post(portal, "/api/v1/cases", "", claim()), 400, "idempotency_key_missing"},
		{"no token", post(w.bearer(""), "/api/v1/cases", "b4", claim()), 401, "not_signed_in"},
		{"wrong token", post(w.bearer("nonsense"), "/api/v1/cases", "b5", claim()), 401, "not_signed_in"},
		{"not allowed", post(portal, "/api/v1/vault/benefits.password", "b6", map[string]string{"value": "x"}), 403, "not_allowed"},
		{"no such case", post(portal, "/api/v1/cases/none/submit", "b7", ""), 404, "not_found"},
		{"no such address", post(portal, "/api/v1/nothing", "b8", ""), 404, "not_found"},
		{"wrong method", post(portal, "/api/v1/health", "b9", ""), 405, "method_not_allowed"},
		{"wrong password", post(w.bearer(""), "/api/v1/sessions", "", map[string]string{"login": "clerk", "password": "nope"}), 401, "wrong_password"},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, problem := c.do()
			if status != c.status || problem["code"] != c.code {
				t.Fatalf("%d %v, want %d %s", status, problem, c.status, c.code)
			}
			for _, key := range []string{"title", "title_zh", "detail", "fix_zh", "fix_en"} {
				if text, _ := problem[key].(string); text == "" || strings.Contains(text, "{") {
					t.Errorf("%s is %q", key, problem[key])
				}
			}
		})
	}
}

func TestClerkAnswersThroughTheAPI(t *testing.T) {
	w := newSite(t)
	s := w.seed(li, "review")
	code, session := w.bearer("").post("/api/v1/sessions", "", map[string]string{"login": "clerk", "password": password})
	if code != http.StatusOK {
		t.Fatalf("%d %v", code, session)
	}
	clerk := w.bearer(session["token"].(string))
	_, text, _ := clerk.get("/api/v1/reviews?state=open&role=clerk")
	if items := clerk.object(text)["items"].([]any); len(items) != 1 || items[0].(map[string]any)["id"] != s.Review {
		t.Fatalf("inbox %s", text)
	}
	path := "/api/v1/reviews/" + s.Review + "/decision"
	if code, problem := clerk.post(path, "d0", map[string]any{"choice": "burn"}); code != http.StatusUnprocessableEntity || problem["code"] != "choice_unknown" {
		t.Errorf("%d %v", code, problem)
	}
	if code, done := clerk.post(path, "d1", map[string]any{"choice": "submit", "edits": map[string]string{"id_card_front.name": "李秀英"}}); code != http.StatusOK || done["state"] != "decided" {
		t.Errorf("%d %v", code, done)
	}
	if code, problem := clerk.post(path, "d2", map[string]any{"choice": "return"}); code != http.StatusConflict || problem["code"] != "review_decided" {
		t.Errorf("%d %v", code, problem)
	}
}

func TestOperatorRetriesAndWithdraws(t *testing.T) {
	w := newSite(t)
	s := w.seed(li, "failed")
	_, session := w.bearer("").post("/api/v1/sessions", "", map[string]string{"login": "operator", "password": password})
	operator := w.bearer(session["token"].(string))
	if code, run := operator.post("/api/v1/runs/"+s.Run.ID+"/retry", "r1", ""); code != http.StatusOK || run["state"] != "waiting" {
		t.Fatalf("%d %v", code, run)
	}
	if code, problem := operator.post("/api/v1/runs/"+s.Run.ID+"/retry", "r2", ""); code != http.StatusConflict {
		t.Errorf("a waiting run retried: %d %v", code, problem)
	}
	if code, problem := operator.post("/api/v1/runs/"+s.Run.ID+"/withdraw", "w0", map[string]string{"reason": " "}); code != http.StatusUnprocessableEntity {
		t.Errorf("without a reason: %d %v", code, problem)
	}
	if code, run := operator.post("/api/v1/runs/"+s.Run.ID+"/withdraw", "w1", map[string]string{"reason": "转人工"}); code != http.StatusOK || run["state"] != "withdrawn" {
		t.Errorf("%d %v", code, run)
	}
}

func TestVaultIsWriteOnly(t *testing.T) {
	w := newSite(t)
	_, session := w.bearer("").post("/api/v1/sessions", "", map[string]string{"login": "admin", "password": password})
	admin := w.bearer(session["token"].(string))
	code, out := admin.post("/api/v1/vault/benefits.password", "v1", map[string]string{"value": "s3cret-value"})
	if code != http.StatusOK || strings.Contains(out["name"].(string), "s3cret") || len(out) != 1 {
		t.Fatalf("%d %v", code, out)
	}
	if kept, err := w.store.Secret(t.Context(), "benefits.password"); err != nil || kept != "s3cret-value" {
		t.Errorf("%q %v", kept, err)
	}
	if code, body, _ := admin.get("/api/v1/vault/benefits.password"); code != http.StatusMethodNotAllowed || strings.Contains(body, "s3cret") {
		t.Errorf("the secret can be read: %d %s", code, body)
	}
}

func TestEveryAPIRouteIsDescribed(t *testing.T) {
	w := newSite(t)
	code, text, _ := w.bearer("").get("/api/v1/openapi.json")
	if code != http.StatusOK {
		t.Fatal(code)
	}
	doc := w.bearer("").object(text)
	paths := doc["paths"].(map[string]any)
	for _, r := range w.server.apiRoutes() {
		operations, _ := paths[r.Path].(map[string]any)
		op, _ := operations[strings.ToLower(r.Method)].(map[string]any)
		if op == nil || op["summary"] == "" || op["responses"] == nil {
			t.Errorf("%s %s is not described", r.Method, r.Path)
		}
	}
	if doc["openapi"] != "3.1.0" || len(paths) < 15 {
		t.Errorf("version %v, %d paths", doc["openapi"], len(paths))
	}
	for path := range paths {
		if !strings.HasPrefix(path, apiPrefix) {
			t.Errorf("%s is no API address", path)
		}
	}
}

func TestHealthTellsStrangersOnlyWhetherItIsUp(t *testing.T) {
	w := newSite(t)
	if code, text, _ := w.bearer("").get("/api/v1/health"); code != http.StatusOK || strings.Contains(text, "version") {
		t.Errorf("%d %s", code, text)
	}
	if _, text, _ := w.as("operator").get("/api/v1/health"); !strings.Contains(text, "version") {
		t.Errorf("%s", text)
	}
	w.must(w.store.Close())
	if code, _, _ := w.bearer("").get("/api/v1/health"); code != http.StatusServiceUnavailable {
		t.Errorf("with the database closed: %d", code)
	}
}

func TestAPIRevealsOnlyWithPermissionAndReason(t *testing.T) {
	w := newSite(t)
	s := w.seed(li, "review")
	for _, path := range []string{"/api/v1/cases/" + s.Case.ID, "/api/v1/cases/" + s.Case.ID + "/assessment"} {
		if code, body, _ := w.as("manager").get(path + "?reveal=1&reason=review"); code != http.StatusForbidden || strings.Contains(body, li.IDNumber) {
			t.Errorf("%s: a manager: %d", path, code)
		}
		clerk := w.as("clerk")
		if code, body, _ := clerk.get(path + "?reveal=1"); code != http.StatusBadRequest || strings.Contains(body, li.IDNumber) {
			t.Errorf("%s: without a reason: %d", path, code)
		}
		if code, body, _ := clerk.get(path + "?reveal=1&reason=correction"); code != http.StatusOK || !strings.Contains(body, li.IDNumber) || !strings.Contains(body, `"masked":false`) {
			t.Errorf("%s: a clerk with a reason: %d", path, code)
		}
	}
	rows, err := w.store.Audit(t.Context(), s.Case.ID, 50)
	w.must(err)
	looks := 0
	for _, r := range rows {
		if r.Action == "personal_data.reveal" {
			looks++
		}
	}
	if looks != 2 {
		t.Errorf("%d looks audited, want 2", looks)
	}
}
