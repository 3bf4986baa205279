package browser

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/fixtures/legacy/benefits"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/playbooks/pagetest"
)

// world is the fake benefits system seen through a real Chromium: the contract of
// package pagetest runs over it as over the scripted page.
type world struct {
	t       *testing.T
	browser *Browser
	system  *benefits.System
	url     string
	seat    int
}

// patient starts a Chromium for one test that waits longer than the shared one
// does: a whole system is signed in to and worked on, perhaps beside other tests.
func patient(t *testing.T) *Browser {
	t.Helper()
	start(t) // skips or fails where there is none
	dir, err := os.MkdirTemp("", "jingban-browser-")
	if err != nil {
		t.Fatal(err)
	}
	user, ok := Unprivileged()
	b, err := Start(context.WithoutCancel(t.Context()), Config{Profile: dir, User: user, NoSandbox: !ok, Verb: 30 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(b.Close(), os.RemoveAll(dir)); err != nil {
			t.Error(err)
		}
	})
	return b
}

func newWorld(t *testing.T, b *Browser) *world {
	t.Helper()
	system, err := benefits.Open(benefits.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(system.Handler())
	w := &world{t: t, browser: b, system: system, url: server.URL, seat: int(chromium.seats.Add(1))}
	t.Cleanup(func() {
		w.leave()
		server.Close()
		if err := system.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// leave ends the seat, so that tests don't fill the browser with tabs.
func (w *world) leave() {
	w.browser.mu.Lock()
	defer w.browser.mu.Unlock()
	name := fmt.Sprintf("benefits/%d", w.seat)
	if s := w.browser.seats[name]; s != nil {
		s.end()
		delete(w.browser.seats, name)
	}
}

// Page implements playbooks.Pages.
func (w *world) Page(ctx context.Context, system playbooks.System) (playbooks.Page, error) {
	access := playbooks.Access{URL: w.url, Account: benefits.DefaultAccount, Password: benefits.DefaultPassword}
	return w.browser.Seat(ctx, system, access, w.seat)
}

// Claims counts the rows of the system's own table.
func (w *world) Claims() int {
	claims, err := w.system.Claims(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return len(claims)
}

// LoseReplies writes claims and closes the connection.
func (w *world) LoseReplies(on bool) {
	times := benefits.Times(0)
	if on {
		times = benefits.Always
	}
	w.system.Switch(func(s *benefits.Switches) { s.LoseReply = times })
}

// EnterByHand enters the claim at another desk.
func (w *world) EnterByHand() {
	c := pagetest.Claim()
	_, err := w.system.Enter(w.t.Context(), benefits.Claim{IDNumber: c.Applicant.IDNumber, Name: c.Applicant.Name,
		Account: c.Applicant.Account, Mobile: c.Applicant.Mobile, Month: c.Month.String(), Reason: "11", Clerk: "0002"})
	if err != nil {
		w.t.Fatal(err)
	}
}

func TestContractHoldsOnChromium(t *testing.T) {
	b := patient(t)
	pagetest.Contract(t, func(t *testing.T) pagetest.World { return newWorld(t, b) })
}

// rehearse takes a dry run of the shipped claim, with locks_on_open as given.
func (w *world) rehearse(locks string) (casework.DryReport, []playbooks.Shot, error) {
	w.t.Helper()
	bench := pagetest.NewBench(w.t, w)
	if locks != "" {
		system, problems := playbooks.ParseSystem("benefits.yaml", []byte("system: benefits\ntitle: {zh: 甲, en: x}\nbase: a\naccount: b\n"+
			"sign_in: {open: /, fill: {甲: account}, click: {button: 登录}, done: 好}\nlocks_on_open:"+locks))
		if problems.Broken() {
			w.t.Fatal(problems)
		}
		real := bench.Systems["benefits"]
		real.Locks = system.Locks
		bench.Systems["benefits"] = real
	}
	return bench.Dry(w.t)
}

// untouched proves by the system's own books and request log that nothing was
// written, and that its queries and the sign-in were the only forms sent.
func (w *world) untouched() {
	w.t.Helper()
	if n := w.Claims(); n != 0 {
		w.t.Errorf("the legacy books hold %d claims", n)
	}
	requests, err := w.system.Requests(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	for _, r := range requests {
		if r.Method == "POST" && r.Path != "/logon.do" && r.Path != "/sydy/slcx_list.do" {
			w.t.Errorf("the dry run sent %s %s", r.Method, r.Path)
		}
	}
}

func TestDryRunOfTheShippedClaimFillsTheLivePageAndWritesNothing(t *testing.T) {
	w := newWorld(t, patient(t))
	report, shots, err := w.rehearse("")
	if err != nil {
		t.Fatal(err)
	}
	w.untouched()
	if report.Step != "submit" || report.Answer != "absent" || !report.Agrees() || len(report.Fields) < 5 {
		t.Errorf("report %+v", report)
	}
	applicant := pagetest.Claim().Applicant
	for label, want := range map[string]string{"证件号码": applicant.IDNumber, "姓名": applicant.Name, "银行账号": applicant.Account} {
		i := slices.IndexFunc(report.Fields, func(f casework.DryField) bool { return f.Label == label })
		if i < 0 || report.Fields[i].Written != want || report.Fields[i].There != want || !report.Fields[i].Same {
			t.Errorf("%s: %+v", label, report.Fields)
		}
	}
	if len(shots) == 0 || shots[0].Name != "before_commit.png" || len(shots[0].Data) < 1000 {
		t.Errorf("%d pictures", len(shots))
	}
}

func TestDryRunKeepsOffALivePageThatLocks(t *testing.T) {
	b := patient(t)
	const wayOut = "\n  - open: 失业待遇 / 申领登记\n    leave: [{open: 失业待遇 / 申领查询}]\n    proof: "
	for name, c := range map[string]struct{ locks, code string }{
		"no way out":         {"\n  - open: 失业待遇 / 申领登记\n", "locks_on_open"},
		"way out proven":     {wayOut + "查询条件\n", ""},
		"way out not proven": {wayOut + "已解除锁定\n", "leave_unverified"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, b)
			report, _, err := w.rehearse(c.locks)
			fault, _ := errors.AsType[*casework.Fault](err)
			if (fault == nil) != (c.code == "") || fault != nil && fault.Code != c.code {
				t.Fatalf("got %v, want %q", err, c.code)
			}
			if filled := len(report.Fields) > 0; filled != (c.code == "") {
				t.Errorf("filled %v: %+v", filled, report.Fields)
			}
			w.untouched()
		})
	}
}
