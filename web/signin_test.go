package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestFiveWrongPasswordsLockTheAccount(t *testing.T) {
	w := newSite(t)
	v := w.as("")
	for range 5 {
		if code, body, _ := v.form("/signin", url.Values{"login": {"clerk"}, "password": {"wrong"}}); code != http.StatusUnauthorized || !strings.Contains(body, "登录未成功") {
			t.Fatalf("a wrong password: %d", code)
		}
	}
	right := url.Values{"login": {"clerk"}, "password": {password}}
	if code, _, header := v.form("/signin", right); code != http.StatusUnauthorized || header.Get("Set-Cookie") != "" {
		t.Fatalf("a locked account was let in: %d", code)
	}
	*w.clock = w.clock.Add(16 * time.Minute)
	if code, _, _ := v.form("/signin", right); code != http.StatusSeeOther {
		t.Errorf("still locked after 16 minutes: %d", code)
	}
}

func TestSignInTellsNothingAboutAccounts(t *testing.T) {
	v := newSite(t).as("")
	_, known, _ := v.form("/signin", url.Values{"login": {"clerk"}, "password": {"x"}})
	_, unknown, _ := v.form("/signin", url.Values{"login": {"nobody"}, "password": {"x"}})
	if strings.ReplaceAll(known, `value="clerk"`, "") != strings.ReplaceAll(unknown, `value="nobody"`, "") {
		t.Error("a wrong password and an unknown account read differently")
	}
}

func TestSessionCookieIsOutOfReachOfScripts(t *testing.T) {
	v := newSite(t).as("")
	_, _, header := v.form("/signin", url.Values{"login": {"clerk"}, "password": {password}})
	cookie := header.Get("Set-Cookie")
	for _, want := range []string{"jb_session=", "HttpOnly", "SameSite=Lax"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("%q lacks %s", cookie, want)
		}
	}
}

func TestSignOutEndsTheSession(t *testing.T) {
	w := newSite(t)
	clerk := w.as("clerk")
	u, _ := url.Parse(w.http.URL)
	token := clerk.client.Jar.Cookies(u)[0].Value
	clerk.form("/signout", nil)
	if code, _, _ := w.bearer(token).get("/api/v1/cases"); code != http.StatusUnauthorized {
		t.Errorf("the token still works: %d", code)
	}
}

func TestStrangersAreSentToSignInAndBack(t *testing.T) {
	v := newSite(t).as("")
	code, _, header := v.get("/cases")
	if code != http.StatusSeeOther || header.Get("Location") != "/signin?to=/cases" {
		t.Errorf("%d %s", code, header.Get("Location"))
	}
	code, _, header = v.form("/signin", url.Values{"login": {"clerk"}, "password": {password}, "to": {"//evil.example/x"}})
	if code != http.StatusSeeOther || header.Get("Location") != "/" {
		t.Errorf("an open redirect: %d %s", code, header.Get("Location"))
	}
}

func TestChangesFromOtherSitesAreRefused(t *testing.T) {
	w := newSite(t)
	clerk := w.as("clerk")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.http.URL+"/signout", nil)
	w.must(err)
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	if code, _, _ := clerk.do(req); code != http.StatusForbidden {
		t.Errorf("%d", code)
	}
	if code, _, _ := clerk.get("/inbox"); code != http.StatusOK {
		t.Errorf("signed out all the same: %d", code)
	}
}

func TestEveryRoleIsKeptToItsPages(t *testing.T) {
	w := newSite(t)
	for role, pages := range map[string]map[string]int{
		"clerk":   {"/dashboard": 403, "/inbox": 200, "/cases/new": 200},
		"manager": {"/dashboard": 200, "/cases": 200, "/cases/new": 403},
	} {
		v := w.as(role)
		for path, want := range pages {
			if code, _, _ := v.get(path); code != want {
				t.Errorf("%s at %s: %d, want %d", role, path, code, want)
			}
		}
	}
}

func TestPasswordHashFitsOnlyItsPassword(t *testing.T) {
	hash, err := HashPassword("Sheyang2026")
	if err != nil || !samePassword(hash, "Sheyang2026") || samePassword(hash, "sheyang2026") {
		t.Errorf("%s %v", hash, err)
	}
	for _, weak := range []string{"short1", "onlyletters", "12345678"} {
		if _, err := HashPassword(weak); !errors.Is(err, ErrWeakPassword) {
			t.Errorf("%s was taken", weak)
		}
	}
	for _, broken := range []string{"", "plain", "$argon2id$v=19$m=99999999,t=1,p=1$AAAA$AAAA", "$argon2id$v=19$m=64,t=1,p=1$AAAA$"} {
		if samePassword(broken, "") {
			t.Errorf("%q matches", broken)
		}
	}
}

func TestPagesCarryAStrictPolicy(t *testing.T) {
	_, _, header := newSite(t).as("").get("/signin")
	policy := header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
		t.Errorf("%s", policy)
	}
}
