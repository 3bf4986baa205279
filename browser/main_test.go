package browser

import (
	"context"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
)

// shared is the one Chromium of all tests; each test has its own seats.
type shared struct {
	once    sync.Once
	browser *Browser
	profile string
	err     error
	seats   atomic.Int32

	reader    sync.Once // of pictures, for the tests that need one
	readerDir string
	readerErr error
}

var chromium shared

func TestMain(m *testing.M) {
	code := m.Run()
	if chromium.browser != nil {
		if err := chromium.browser.Close(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	if chromium.profile != "" {
		os.RemoveAll(chromium.profile)
	}
	if chromium.readerDir != "" {
		os.RemoveAll(chromium.readerDir)
	}
	os.Exit(code)
}

// start gives the shared Chromium, which runs sandboxed as an unprivileged user.
func start(t *testing.T) *Browser {
	t.Helper()
	chromium.once.Do(func() { chromium.browser, chromium.err = startFresh(t, &chromium.profile) })
	if chromium.err != nil {
		if casework.AsFault(chromium.err).Code == "chromium_missing" && os.Getenv("REQUIRE_REAL") != "1" {
			t.Skip(chromium.err)
		}
		t.Fatal(chromium.err)
	}
	return chromium.browser
}

func startFresh(t *testing.T, profile *string) (*Browser, error) {
	t.Helper()
	dir, err := os.MkdirTemp("", "jingban-browser-")
	if err != nil {
		return nil, err
	}
	*profile = dir
	user, ok := Unprivileged()
	return Start(context.Background(), Config{Profile: dir, User: user, NoSandbox: !ok, RootCAs: testRoots(), Verb: 6 * time.Second})
}

// testRoots trusts the certificate that all of httptest's servers share.
func testRoots() *x509.CertPool {
	s := httptest.NewTLSServer(nil)
	defer s.Close()
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	return roots
}

// system is a system whose pages need no real sign-in.
func system() playbooks.System {
	return playbooks.System{
		Name:   "test",
		SignIn: playbooks.SignIn{Open: "/", Fill: map[string]string{"用户名": "account", "密码": "password"}, Click: playbooks.Locator{Button: "登录"}, Done: "当前操作员", Refused: []string{"用户名或密码错误"}},
		Looks:  playbooks.Looks{SignedOut: []string{"请重新登陆"}, Maintenance: []string{"系统维护中"}, Error: []string{"错误编号"}},
	}
}

const signInPage = `<meta charset="utf-8"><form method="post" action="/in"><table>
<tr><td>用 户 名：</td><td><input name="u"></td></tr><tr><td>密　码：</td><td><input type="password" name="p"></td></tr></table>
<input type="submit" value=" 登 录 "></form>`

// site serves the pages behind a sign-in that always works. The page "/" has
// the name of the operator and a menu to every page.
type site struct {
	*httptest.Server
	mux *http.ServeMux

	mu    sync.Mutex
	posts []string // bodies of every POST but the sign-in, in order
}

func newSite(t *testing.T, pages map[string]string) *site {
	t.Helper()
	s := bareSite()
	s.pages(pages)
	s.Server = httptest.NewServer(s.mux)
	t.Cleanup(s.Close)
	return s
}

// listen starts the server of a bare site.
func (s *site) listen(t *testing.T) {
	t.Helper()
	s.Server = httptest.NewServer(s.mux)
	t.Cleanup(s.Close)
}

func bareSite() *site {
	s := &site{mux: http.NewServeMux()}
	s.mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		if _, err := r.Cookie("in"); err != nil {
			serve(w, signInPage)
			return
		}
		serve(w, `<meta charset="utf-8"><p>当前操作员：测试</p><a href="/page">功能</a>`)
	})
	s.mux.HandleFunc("POST /in", func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("p") != "secret" {
			serve(w, `<meta charset="utf-8">用户名或密码错误`)
			return
		}
		http.SetCookie(w, &http.Cookie{Name: "in", Value: "1", Path: "/"})
		http.Redirect(w, r, "/", http.StatusSeeOther)
	})
	return s
}

func (s *site) pages(pages map[string]string) {
	for path, html := range pages {
		s.mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) { serve(w, html) })
	}
}

// note keeps a POST's body.
func (s *site) note(body string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.posts = append(s.posts, body)
}

func (s *site) posted() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.posts...)
}

// serve writes HTML in the encoding its meta tag names.
func serve(w http.ResponseWriter, html string) {
	if strings.Contains(html, "charset=gbk") || strings.Contains(html, `charset="gbk"`) {
		w.Header().Set("Content-Type", "text/html; charset=gbk")
		html, _ = simplifiedchinese.GBK.NewEncoder().String(html)
	} else {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
	}
	fmt.Fprint(w, html)
}

// seatAt opens a site's page "/page" in a seat of its own, without signing in.
func seatAt(t *testing.T, url string) *Tab {
	t.Helper()
	b := start(t)
	number := int(chromium.seats.Add(1))
	access := playbooks.Access{URL: url, Account: "robot", Password: "secret"}
	s, err := b.take(t.Context(), system(), access, number, secretOf(system(), access))
	if err != nil {
		t.Fatal(err)
	}
	tab := &Tab{browser: b, seat: s, system: system()}
	leave(t, tab, number)
	if _, err := tab.visit(t.Context(), s.below("/page")); err != nil {
		t.Fatal(err)
	}
	return tab
}

// leave gives a test's tab back, with evidence when the test failed.
func leave(t *testing.T, tab *Tab, number int) {
	t.Cleanup(func() {
		if t.Failed() {
			keepEvidence(t, tab)
		}
		tab.Close()
		tab.browser.drop(number)
	})
}

func signedInAt(t *testing.T, url string) *Tab {
	t.Helper()
	b := start(t)
	number := int(chromium.seats.Add(1))
	tab, err := b.sit(t.Context(), system(), playbooks.Access{URL: url, Account: "robot", Password: "secret"}, number)
	if err != nil {
		t.Fatal(err)
	}
	leave(t, tab, number)
	return tab
}

// keepEvidence leaves what a failed test's page looked like.
func keepEvidence(t *testing.T, tab *Tab) {
	shots, err := tab.Shoot(context.Background(), "failed")
	if err != nil {
		t.Log(err)
	}
	for _, s := range shots {
		if err := os.WriteFile(t.ArtifactDir()+"/"+s.Name, s.Data, 0o600); err != nil {
			t.Log(err)
		}
	}
}

// drop ends a seat, so that tests don't fill the browser with tabs.
func (b *Browser) drop(number int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	name := fmt.Sprintf("test/%d", number)
	if s := b.seats[name]; s != nil {
		s.end()
		delete(b.seats, name)
	}
}

func must(t *testing.T, tab *Tab, act playbooks.Act) playbooks.Seen {
	t.Helper()
	seen, err := tab.Do(t.Context(), act)
	if err != nil {
		t.Fatalf("%s %s: %v\npage: %s", act.Verb, describe(act.At), err, seen.Page)
	}
	return seen
}

// wantFault checks the code and returns what was seen.
func wantFault(t *testing.T, tab *Tab, act playbooks.Act, code string) playbooks.Seen {
	t.Helper()
	seen, err := tab.Do(t.Context(), act)
	if err == nil || casework.AsFault(err).Code != code {
		t.Fatalf("%s %s: got %v, want fault %s", act.Verb, describe(act.At), err, code)
	}
	return seen
}

func fillAct(label, value string) playbooks.Act {
	return playbooks.Act{Verb: playbooks.Fill, At: playbooks.Locator{Label: label}, Value: value}
}

func clickAct(button string) playbooks.Act {
	return playbooks.Act{Verb: playbooks.Click, At: playbooks.Locator{Button: button}}
}
