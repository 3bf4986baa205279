package browser

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/fixtures/legacy/benefits"
	"github.com/jingban/jingban/playbooks"
)

// benefitsSystem is the fake benefits system and its description.
func benefitsSystem(t *testing.T) (*benefits.System, *httptest.Server, playbooks.System) {
	t.Helper()
	s, err := benefits.Open(benefits.Config{Dir: t.TempDir(), Seats: 1})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s.Handler())
	t.Cleanup(func() { server.Close(); s.Close() })
	return s, server, playbooks.System{
		Name: "test",
		SignIn: playbooks.SignIn{Open: "/login.jsp", Fill: map[string]string{"用户名": "account", "密码": "password"},
			Click: playbooks.Locator{Button: "登录"}, Done: "当前操作员", Refused: []string{"用户名或密码错误"}},
		Looks:   playbooks.Looks{SignedOut: []string{"页面失效", "请重新登陆"}, Maintenance: []string{"系统维护中"}, Error: []string{"HTTP Status 500"}},
		Aliases: map[string][]string{"证件号码": {"公民身份号码"}},
	}
}

func seatNumber(t *testing.T, b *Browser) int {
	number := int(chromium.seats.Add(1))
	t.Cleanup(func() { b.drop(number) })
	return number
}

func TestAClaimGoesThroughTheBenefitsSystemOnce(t *testing.T) {
	b := start(t)
	legacy, server, sys := benefitsSystem(t)
	access := playbooks.Access{URL: server.URL, Account: benefits.DefaultAccount, Password: benefits.DefaultPassword}
	number := seatNumber(t, b)
	tab, err := b.sit(t.Context(), sys, access, number)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			keepEvidence(t, tab)
		}
		tab.Close()
	})
	must(t, tab, playbooks.Act{Verb: playbooks.Open, Menu: []string{"失业待遇", "申领登记"}})
	for label, value := range map[string]string{"证件号码": "379901199003071234", "姓名": "张明", "银行账号": "6222020200112233445",
		"申领月份": "202611", "失业原因": "11-劳动合同期满"} {
		must(t, tab, fillAct(label, value))
	}
	must(t, tab, playbooks.Act{Verb: playbooks.Attach, At: playbooks.Locator{Label: "离职证明"}, File: playbooks.File{Name: "离职证明 张明.pdf", Data: []byte("%PDF-1.4 fictional")}})
	guard, asked := guardCount(nil)
	seen, err := tab.Commit(t.Context(), playbooks.Commit{Button: "提交", Confirm: "确定提交吗？", Saved: "保存成功"}, guard)
	if err != nil || !seen.Saved || asked.Load() != 1 {
		t.Fatalf("%v; saved %v, guard asked %d times", err, seen.Saved, asked.Load())
	}
	receipt := must(t, tab, playbooks.Act{Verb: playbooks.Read, At: playbooks.Locator{Label: "受理编号"}, Want: "text"}).Text
	claims, err := legacy.Claims(t.Context())
	if err != nil || len(claims) != 1 {
		t.Fatalf("%v, %d claims", err, len(claims))
	}
	if c := claims[0]; c.Number != receipt || c.Name != "张明" || c.FileName != "离职证明 张明.pdf" || c.FileSize != 18 || c.Reason != "11" {
		t.Errorf("entered %+v, receipt %q", c, receipt)
	}
	must(t, tab, playbooks.Act{Verb: playbooks.Open, Menu: []string{"失业待遇", "申领查询"}})
	must(t, tab, fillAct("证件号码", "379901199003071234"))
	must(t, tab, clickAct("查询"))
	rows := must(t, tab, playbooks.Act{Verb: playbooks.Read, At: playbooks.Locator{Table: "申领记录"}, Want: "rows"}).Rows
	if len(rows) != 1 || rows[0]["受理编号"] != receipt || rows[0]["姓名"] != "张明" {
		t.Errorf("verify sees %v", rows)
	}

	// The session outlives the run; the second run needs no sign-in.
	if err := tab.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := b.sit(t.Context(), sys, access, number); err != nil {
		t.Fatal(err)
	}
	if n, err := legacy.Posts(t.Context(), "/logon.do"); err != nil || n != 1 {
		t.Errorf("%d sign-ins, %v; want 1", n, err)
	}
}

func TestAnEndedSessionIsToldAndSignedInAgain(t *testing.T) {
	b := start(t)
	legacy, server, sys := benefitsSystem(t)
	access := playbooks.Access{URL: server.URL, Account: benefits.DefaultAccount, Password: benefits.DefaultPassword}
	number := seatNumber(t, b)
	tab, err := b.sit(t.Context(), sys, access, number)
	if err != nil {
		t.Fatal(err)
	}
	legacy.SignOutAll()
	wantFault(t, tab, playbooks.Act{Verb: playbooks.Open, Menu: []string{"失业待遇", "申领登记"}}, "signed_out")
	if err := tab.Close(); err != nil {
		t.Fatal(err)
	}
	if tab, err = b.sit(t.Context(), sys, access, number); err != nil {
		t.Fatal(err)
	}
	must(t, tab, playbooks.Act{Verb: playbooks.Open, Menu: []string{"失业待遇", "申领登记"}})
}

func TestARefusedSignInIsNeverTriedAgain(t *testing.T) {
	b := start(t)
	legacy, server, sys := benefitsSystem(t)
	number := seatNumber(t, b)
	wrong := playbooks.Access{URL: server.URL, Account: benefits.DefaultAccount, Password: "wrong"}
	for range 2 {
		page, err := b.Seat(t.Context(), sys, wrong, number)
		if f := casework.AsFault(err); page != nil || f.Code != "sign_in_refused" || f.Kind != casework.NeedsHuman {
			t.Fatalf("got %v, %v", page, err)
		}
	}
	if n, err := legacy.Posts(t.Context(), "/logon.do"); err != nil || n != 1 {
		t.Errorf("%d attempts, %v; want 1", n, err)
	}
	right := wrong
	right.Password = benefits.DefaultPassword
	if _, err := b.Seat(t.Context(), sys, right, number); err != nil {
		t.Errorf("a changed password must be tried: %v", err)
	}
	if _, err := b.Seat(t.Context(), sys, right, number); casework.AsFault(err).Code != "seat_busy" {
		t.Errorf("a taken seat was handed out again: %v", err)
	}
}

func TestASystemThatIsDownIsTransient(t *testing.T) {
	b := start(t)
	legacy, server, sys := benefitsSystem(t)
	access := playbooks.Access{URL: server.URL, Account: benefits.DefaultAccount, Password: benefits.DefaultPassword}
	for name, broken := range map[string]func(*benefits.Switches){
		"maintenance": func(w *benefits.Switches) { w.Maintenance = true },
		"error page":  func(w *benefits.Switches) { w.Fail500 = true },
	} {
		t.Run(name, func(t *testing.T) {
			legacy.Switch(broken)
			defer legacy.Switch(func(w *benefits.Switches) { *w = benefits.Switches{} })
			_, err := b.Seat(t.Context(), sys, access, seatNumber(t, b))
			if f := casework.AsFault(err); f.Code != "system_down" || f.Kind != casework.Transient {
				t.Errorf("got %v", err)
			}
		})
	}
	t.Run("nobody listens", func(t *testing.T) {
		gone := httptest.NewServer(http.NotFoundHandler())
		gone.Close()
		_, err := b.Seat(t.Context(), sys, playbooks.Access{URL: gone.URL, Account: "a", Password: "b"}, seatNumber(t, b))
		if f := casework.AsFault(err); f.Code != "system_down" || f.Kind != casework.Transient || strings.Contains(f.Error(), gone.URL) {
			t.Errorf("got %v", err)
		}
	})
}

func TestASeatWhoseTurnsRunOutOfTimeIsMadeAnew(t *testing.T) {
	site := newSite(t, map[string]string{"/page": "<p>功能</p>"})
	b := start(t)
	number := seatNumber(t, b)
	access := playbooks.Access{URL: site.URL, Account: "robot", Password: "secret"}
	turn := func(late bool) *seat {
		t.Helper()
		tab, err := b.sit(t.Context(), system(), access, number)
		if err != nil {
			t.Fatal(err)
		}
		defer tab.Close()
		if late {
			ended, cancel := context.WithDeadline(t.Context(), time.Now())
			defer cancel()
			if f := casework.AsFault(tab.classify(t.Context(), ended.Err())); f.Code != "timeout" {
				t.Fatalf("%+v", f)
			}
		}
		return tab.seat
	}
	first := turn(true)
	if turn(false) != first || turn(true) != first || turn(true) != first {
		t.Error("one slow turn, or two apart, cost the seat")
	}
	if turn(false) == first {
		t.Error("two slow turns in a row, and the seat is used again")
	}
}
