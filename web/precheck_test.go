package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/store"
)

// judge gives one finding, once it may.
type judge struct {
	may  chan struct{}
	err  error
	seen chan casework.Case
}

func (judge) Knows(matter string) bool { return matter == "unemployment_claim" }

func (j judge) Check(ctx context.Context, c casework.Case, files []Upload) (casework.Assessment, error) {
	select {
	case <-j.may:
	case <-ctx.Done():
		return casework.Assessment{}, ctx.Err()
	}
	j.seen <- c
	return casework.Assessment{Verdict: casework.ReturnForCorrection, Findings: []casework.Finding{
		{Rule: "id_expired", Severity: casework.Block, Material: files[0].Slot, Zh: "身份证已过期。", Basis: "《居民身份证法》"}}}, j.err
}

// check posts materials to be checked and gives the answer unread.
func (v *visitor) check(about string, slots ...string) *http.Response {
	v.t.Helper()
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	v.must(parts.WriteField("about", about))
	for _, slot := range slots {
		file, err := parts.CreateFormFile("file:"+slot, slot+".png")
		v.must(err)
		_, err = file.Write([]byte("\x89PNG\r\n\x1a\n"))
		v.must(err)
	}
	v.must(parts.Close())
	req, err := http.NewRequestWithContext(v.t.Context(), http.MethodPost, v.http.URL+"/api/v1/checks", &body)
	v.must(err)
	req.Header.Set("Content-Type", parts.FormDataContentType())
	req.Header.Set("Authorization", "Bearer "+v.token)
	res, err := v.client.Do(req)
	v.must(err)
	return res
}

func TestACheckBeforeApplyingTellsThePicturesAtOnceAndTheVerdictLater(t *testing.T) {
	j := judge{may: make(chan struct{}), seen: make(chan casework.Case, 1)}
	w := newSite(t, func(c *Config) {
		c.Checker, c.Door = j, doorman{looks: []casework.Look{{Page: 1, Findings: []casework.Quality{{Code: "blurred", Retake: true}}}}}
	})
	r := w.bearer(w.portal).check(`{"case":"P-7","matter":"unemployment_claim","applicant":{"name":" 张明 "},"month":202603}`, "id_card_front", "bank_card")
	defer r.Body.Close()
	lines := json.NewDecoder(r.Body)
	var door checkDoor
	if err := lines.Decode(&door); err != nil || len(door.Door) != 2 || !door.Door[0].Looked || door.Door[1].Slot != "bank_card" || door.Door[0].Seen[0].Code != "blurred" {
		t.Fatalf("first line %+v, %v", door, err) // while the judge still waits
	}
	close(j.may)
	var checked casework.Checked
	if err := lines.Decode(&checked); err != nil || checked.Case != "P-7" || checked.Verdict != casework.ReturnForCorrection || checked.Findings[0].Rule != "id_expired" {
		t.Errorf("second line %+v, %v", checked, err)
	}
	if c := <-j.seen; c.Applicant.Name != "张明" || c.Month != 202603 || c.Region != "379900" {
		t.Errorf("judged %+v", c)
	}
	if _, err := lines.Token(); !errors.Is(err, io.EOF) {
		t.Errorf("more lines: %v", err)
	}
	if cases, _, err := w.store.Cases(t.Context(), store.CaseFilter{}); err != nil || len(cases) != 0 {
		t.Errorf("a check left cases behind: %v, %v", cases, err)
	}
}

func TestAFileNobodyCanOpenIsNamedAtOnce(t *testing.T) {
	j := judge{may: make(chan struct{}), seen: make(chan casework.Case, 1)}
	close(j.may)
	w := newSite(t, func(c *Config) {
		c.Checker, c.Door = j, doorman{err: casework.Fail("file_type", "no picture")}
	})
	r := w.bearer(w.portal).check(`{"matter":"unemployment_claim"}`, "bank_card")
	defer r.Body.Close()
	if text, _ := io.ReadAll(r.Body); !strings.Contains(string(text), `"code":"file_type"`) || !strings.Contains(string(text), string(casework.ReturnForCorrection)) {
		t.Errorf("%d %s", r.StatusCode, text)
	}
}

func TestACheckThatCannotBeMadeSaysWhy(t *testing.T) {
	j := judge{may: make(chan struct{}), seen: make(chan casework.Case, 9), err: casework.Retry("ocr_missing", "no reader")}
	w := newSite(t, func(c *Config) { c.Checker = j })
	portal, good := w.bearer(w.portal), `{"matter":"unemployment_claim"}`
	for name, c := range map[string]struct {
		about string
		slots []string
		code  int
		says  string
	}{
		"unknown matter": {`{"matter":"bus_pass"}`, []string{"id_card_front"}, 422, "matter_unknown"},
		"no file":        {good, nil, 422, "nothing_to_check"},
		"too many files": {good, make([]string, checkMost+1), 422, "too_many_files"},
		"unknown key":    {`{"matter":"unemployment_claim","colour":1}`, []string{"x"}, 400, "bad_json"},
	} {
		r := portal.check(c.about, c.slots...)
		text, _ := io.ReadAll(r.Body)
		if r.Body.Close(); r.StatusCode != c.code || !strings.Contains(string(text), c.says) {
			t.Errorf("%s: %d %s", name, r.StatusCode, text)
		}
	}
	var waiting []*http.Response
	for range checksAtOnce {
		waiting = append(waiting, portal.check(good, "id_card_front"))
	}
	r := portal.check(good, "id_card_front")
	if text, _ := io.ReadAll(r.Body); r.StatusCode != 503 || r.Header.Get("Retry-After") == "" || !strings.Contains(string(text), "checks_busy") {
		t.Errorf("one too many: %d %s", r.StatusCode, text)
	}
	r.Body.Close()
	close(j.may)
	for _, r := range waiting {
		if text, _ := io.ReadAll(r.Body); r.StatusCode != 200 || !strings.Contains(string(text), `{"problem":{`) || !strings.Contains(string(text), "ocr_missing") {
			t.Errorf("the reader is gone: %d %s", r.StatusCode, text)
		}
		r.Body.Close()
	}
	r = portal.check(good, "id_card_front") // there is room again
	if r.Body.Close(); r.StatusCode != 200 {
		t.Errorf("afterwards: %d", r.StatusCode)
	}
}
