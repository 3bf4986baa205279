package workers

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/jingban/jingban/browser"
	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/fixtures/legacy/benefits"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/playbooks/pagetest"
	"github.com/jingban/jingban/store"
)

// chromium is a Browser of a real Chromium.
type chromium struct{ *browser.Browser }

func (c chromium) Seat(ctx context.Context, system playbooks.System, access playbooks.Access, seat int) (playbooks.Page, error) {
	return c.Browser.Seat(ctx, system, access, seat)
}

func startChromium(t *testing.T) chromium {
	t.Helper()
	dir, err := os.MkdirTemp("", "jingban-watch-") // another user must be able to enter it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	user, ok := browser.Unprivileged()
	b, err := browser.Start(t.Context(), browser.Config{Profile: dir + "/profile", User: user, NoSandbox: !ok})
	if casework.AsFault(err).Code == "chromium_missing" && os.Getenv("REQUIRE_REAL") != "1" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return chromium{b}
}

// renamed is the fake benefits system with one caption of one page called otherwise
// while on says so.
func renamed(fake *benefits.System, on *atomic.Bool, path, old, fresh string) http.Handler {
	encode := simplifiedchinese.GBK.NewEncoder()
	was, _ := encode.Bytes([]byte(old))
	is, _ := encode.Bytes([]byte(fresh))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !on.Load() || r.URL.Path != path {
			fake.Handler().ServeHTTP(w, r)
			return
		}
		got := httptest.NewRecorder()
		fake.Handler().ServeHTTP(got, r)
		body := bytes.ReplaceAll(got.Body.Bytes(), was, is)
		for key, values := range got.Header() {
			w.Header()[key] = values
		}
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(got.Code)
		_, _ = w.Write(body)
	})
}

// approve lets two people take the page as it is.
func (c *Crew) approve(t *testing.T, page, found string, aliases map[string]string) {
	t.Helper()
	for i, by := range []casework.Actor{operator, {Kind: casework.Human, ID: "another", Name: "zhao", Role: "operator"}} {
		approved, err := c.Store.AcceptPage(t.Context(), by, "benefits", page, found, aliases)
		if err != nil || approved != (i == 1) {
			t.Fatalf("person %d: %v, %v", i, approved, err)
		}
	}
}

// somebodyElse starts a run of the same claim for another person.
func (c *Crew) somebodyElse(t *testing.T, flow, number string) string {
	t.Helper()
	s := pagetest.Claim()
	notice := s.Assessment.Documents["termination_notice"]
	notice.FileID = ""
	s.Assessment.Documents["termination_notice"] = notice
	s.Applicant.IDNumber, s.Number, s.Matter = number, "N"+number, flow
	kase, err := c.Store.NewCase(t.Context(), operator, casework.Case{Matter: flow, Applicant: s.Applicant, Month: s.Month})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Store.SubmitCase(t.Context(), operator, kase.ID); err != nil {
		t.Fatal(err)
	}
	run, err := c.newRun(t.Context(), kase, s)
	if err == nil {
		run, err = c.Store.StartRun(t.Context(), operator, run, s)
	}
	if err != nil {
		t.Fatal(err)
	}
	return run.ID
}

// A page changes while the system works: the run that comes to it stops before its
// commit, new runs park at the door of that step, a flow that does not use the page goes
// on, and with the second person's approval all that was parked is done, each once.
func TestAChangedPageStopsItsFlowsOnTheRealSystemAndNothingElse(t *testing.T) {
	b := startChromium(t)
	fake, err := benefits.Open(benefits.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = fake.Close() })
	var on atomic.Bool
	server := httptest.NewServer(renamed(fake, &on, "/sydy/sldj.jsp", "银行账号", "收款账号"))
	t.Cleanup(server.Close)
	c, _, first := atWork(t, casework.StageFull)
	c.Browser = b
	for name, value := range map[string]string{"url": server.URL, "account.login": benefits.DefaultAccount, "account.password": benefits.DefaultPassword} {
		if err := c.Store.SetSecret(t.Context(), operator, "systems.benefits."+name, value); err != nil {
			t.Fatal(err)
		}
	}
	c.turned(t, first)
	if run := c.answered(t, first, "", "submit"); run.End != "submitted" { // the first look approves
		t.Fatalf("%+v", run)
	}

	on.Store(true)
	var parked []string
	for i := range 2 {
		id := c.somebodyElse(t, "unemployment_claim", fmt.Sprintf("37990119850312%03dX", 10+i))
		c.turned(t, id)
		open := c.openOf(t, id)
		if err := c.Store.Decide(t.Context(), casework.Decision{ReviewID: open.ID, Choice: "submit", By: operator}); err != nil {
			t.Fatal(err)
		}
		if run := c.turned(t, id); run.State != casework.RunParked || run.Step != "submit" {
			t.Fatalf("run %d: %+v", i, run)
		}
		parked = append(parked, id)
	}
	for _, id := range parked {
		c.showsTheChange(t, id)
	}
	if target := c.target(t); target.State != store.TargetOpen {
		t.Errorf("the whole system stands: %+v", target)
	}
	if _, err := c.Store.ImportVersion(t.Context(), store.Version{Playbook: "award_look", Text: awardLook}, casework.StageFull); err != nil {
		t.Fatal(err)
	}
	if run := c.turned(t, c.somebodyElse(t, "award_look", "37990119850312123X")); run.End != "looked" {
		t.Errorf("a flow that does not use the page: %+v", run)
	}

	page, found := changedPage(t, c)
	var old, now playbooks.Marks
	c.decodeMarks(t, page, &old, &now)
	if box, ok := now.Box("field", "text 收款账号"); !ok || box.Width < 50 || box.X < 170 {
		t.Errorf("the place of the changed field: %+v, %v", box, ok)
	}
	if got := old.Aliases(now); len(got) != 1 || got["银行账号"] != "收款账号" {
		t.Errorf("proposed: %v", got)
	}
	c.approve(t, page, found, old.Aliases(now))
	for _, id := range parked {
		if run := c.turned(t, id); run.End != "submitted" {
			t.Errorf("approved, and the run is %+v", run)
		}
	}
	claims, err := fake.Claims(t.Context())
	if err != nil || len(claims) != 3 || claims[1].Account != claims[0].Account {
		t.Errorf("the books: %+v, %v", claims, err)
	}
	if twice, err := fake.Doubles(t.Context()); err != nil || twice != 0 {
		t.Errorf("%d twice, %v", twice, err)
	}
}

// awardLook is a flow that looks at another page of the same system.
const awardLook = `playbook: award_look
title: {zh: 看核定, en: Look at awards}
key: case.id_number
steps:
  - id: running
    page: benefits
    do:
      - open: 失业待遇 / 核定查询
      - fill: {证件号码: case.id_number}
      - click: {button: 查询}
      - read: {list: {table: 核定记录}}
    end: looked
`

// openOf is the open question of a run.
func (c *Crew) openOf(t *testing.T, id string) casework.Review {
	t.Helper()
	open, _, err := c.Store.Reviews(t.Context(), store.ReviewFilter{States: []casework.ReviewState{casework.ReviewOpen}})
	i := slices.IndexFunc(open, func(r casework.Review) bool { return r.RunID == id })
	if err != nil || i < 0 {
		t.Fatalf("run %s asks nothing: %v", id, err)
	}
	return open[i]
}

func (c *Crew) decodeMarks(t *testing.T, page string, old, now *playbooks.Marks) {
	t.Helper()
	all, err := c.Store.PageMarks(t.Context(), "benefits")
	i := slices.IndexFunc(all, func(p store.PageMarks) bool { return p.Page == page })
	if err != nil || i < 0 {
		t.Fatalf("page %s: %v", page, err)
	}
	for text, into := range map[string]*playbooks.Marks{all[i].Marks: old, all[i].Found: now} {
		if err := json.Unmarshal([]byte(text), into); err != nil {
			t.Fatal(err)
		}
	}
}

// showsTheChange wants the question and the evidence of a run that a changed page has
// parked.
func (c *Crew) showsTheChange(t *testing.T, id string) {
	t.Helper()
	review := c.openOf(t, id)
	want := []string{"evidence:page_approved.png", "evidence:page_now.png", casework.PageShow("benefits", "失业待遇 / 申领登记")}
	if review.Reason != casework.PageChanged || !slices.Equal(review.Show, want) {
		t.Errorf("the question is %+v", review)
	}
	evidence, err := c.Store.Evidence(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, e := range evidence {
		seen[e.Name] = true
	}
	if !seen["page_approved.png"] || !seen["page_now.png"] || !seen["page_changes.json"] {
		t.Errorf("the evidence lacks a picture or the changes: %v", seen)
	}
}
