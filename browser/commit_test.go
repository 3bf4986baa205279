package browser

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
)

const (
	formPage = `<meta charset="utf-8"><form method="post" action="/save">姓名：<input name=n value=a>
<input type=submit value="提交[S]" onclick="return confirm('确定提交该申领吗？')"></form>`
	fetchPage = `<meta charset="utf-8"><script>
function send() { if (confirm('确定提交该申领吗？')) fetch('/save', {method: 'POST', body: 'n=a', headers: {'Content-Type': 'application/x-www-form-urlencoded'}})
  .then((r) => r.text().then((x) => document.body.append(r.status + x)), () => document.body.append('无应答')); }
</script><button type=button onclick="send()">提交</button>`
)

var submit = playbooks.Commit{Button: "提交", Confirm: "确定提交", Saved: "保存成功", Within: 8 * time.Second}

// commitSite serves a page and answers POST /save as given, counting.
func commitSite(t *testing.T, html string, secure bool, save http.HandlerFunc) *site {
	t.Helper()
	s := bareSite()
	s.pages(map[string]string{"/page": html})
	s.mux.HandleFunc("POST /save", func(w http.ResponseWriter, r *http.Request) {
		s.note(r.FormValue("n"))
		save(w, r)
	})
	s.Server = httptest.NewUnstartedServer(s.mux)
	if secure {
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	return s
}

func saved(w http.ResponseWriter, _ *http.Request) {
	serve(w, `<meta charset="utf-8"><body onload="alert('保存成功！业务流水号：SY001')">完成`)
}

// guardCount counts how often the guard was asked.
func guardCount(answer error) (playbooks.Guard, *atomic.Int32) {
	var n atomic.Int32
	return func(context.Context, playbooks.Request) error { n.Add(1); return answer }, &n
}

func TestCommitSubmitsOnceAndSeesThatItWasSaved(t *testing.T) {
	site := commitSite(t, formPage, false, saved)
	tab := seatAt(t, site.URL)
	guard, asked := guardCount(nil)
	seen, err := tab.Commit(t.Context(), submit, guard)
	if err != nil {
		t.Fatal(err)
	}
	if !seen.Saved || asked.Load() != 1 || len(site.posted()) != 1 {
		t.Errorf("saved %v, guard asked %d times, %d POSTs", seen.Saved, asked.Load(), len(site.posted()))
	}
	if want := []string{"确定提交该申领吗？", "保存成功！业务流水号：SY001"}; !reflect.DeepEqual(seen.Dialogs, want) {
		t.Errorf("dialogs %q", seen.Dialogs)
	}
	shots, err := tab.Shoot(t.Context(), "after_commit")
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, s := range shots {
		kinds = append(kinds, string(s.Kind))
	}
	if want := []string{"screenshot", "dom", "requests", "dialog"}; !reflect.DeepEqual(kinds, want) {
		t.Errorf("evidence %v, want %v", kinds, want)
	}
}

func TestCommitSendsNothingWhenTheGuardRefuses(t *testing.T) {
	for name, html := range map[string]string{"form": formPage, "fetch": fetchPage} {
		t.Run(name, func(t *testing.T) {
			site := commitSite(t, html, false, saved)
			guard, asked := guardCount(playbooks.ErrNotHolder)
			_, err := seatAt(t, site.URL).Commit(t.Context(), submit, guard)
			if !errors.Is(err, playbooks.ErrNotHolder) || asked.Load() != 1 || len(site.posted()) != 0 {
				t.Errorf("%v; guard asked %d times, %d POSTs", err, asked.Load(), len(site.posted()))
			}
		})
	}
}

func TestCommitDeniesADialogItWasNotToldOf(t *testing.T) {
	site := commitSite(t, strings.ReplaceAll(formPage, "确定提交", "该人员已有申领，确定覆盖"), false, saved)
	guard, asked := guardCount(nil)
	seen, err := seatAt(t, site.URL).Commit(t.Context(), submit, guard)
	f := casework.AsFault(err)
	if f.Code != "dialog_unexpected" || f.Kind != casework.NeedsHuman || asked.Load() != 0 || len(site.posted()) != 0 {
		t.Errorf("%v; guard asked %d times, %d POSTs", err, asked.Load(), len(site.posted()))
	}
	if len(seen.Dialogs) != 1 || strings.Contains(err.Error(), "覆盖") {
		t.Errorf("the text belongs into the evidence, not into the error: %q, %v", seen.Dialogs, err)
	}
}

func TestCommitStopsAtThePagesOwnCheck(t *testing.T) {
	html := strings.ReplaceAll(formPage, "return confirm('确定提交该申领吗？')", "alert('请填写银行账号'); return false")
	site := commitSite(t, html, false, saved)
	guard, _ := guardCount(nil)
	seen, err := seatAt(t, site.URL).Commit(t.Context(), submit, guard)
	if casework.AsFault(err).Code != "dialog_unexpected" || len(seen.Dialogs) != 1 || len(site.posted()) != 0 {
		t.Errorf("%v; dialogs %q, %d POSTs", err, seen.Dialogs, len(site.posted()))
	}
}

func TestCommitSentButDeniedAfterwardsIsDoubt(t *testing.T) {
	site := commitSite(t, formPage, false, func(w http.ResponseWriter, _ *http.Request) {
		serve(w, `<meta charset="utf-8"><body onload="confirm('已存在，是否重复办理？')">完成`)
	})
	guard, _ := guardCount(nil)
	_, err := seatAt(t, site.URL).Commit(t.Context(), submit, guard)
	if _, isFault := errors.AsType[*casework.Fault](err); err == nil || isFault || len(site.posted()) != 1 {
		t.Errorf("want a plain error, got %v; %d POSTs", err, len(site.posted()))
	}
}

func TestCommitLetsThePageSendNoSecondRequest(t *testing.T) {
	html := strings.Replace(fetchPage, "function send() {", "function send() { setTimeout(() => fetch('/save', {method: 'POST', body: 'n=b'}).then((r) => document.title = r.status), 50); ", 1)
	site := commitSite(t, html, false, func(w http.ResponseWriter, _ *http.Request) { serve(w, "保存成功") })
	guard, asked := guardCount(nil)
	seen, err := seatAt(t, site.URL).Commit(t.Context(), submit, guard)
	if err != nil || !seen.Saved || asked.Load() != 1 || len(site.posted()) != 1 {
		t.Errorf("%v; saved %v, guard asked %d times, POSTs %q", err, seen.Saved, asked.Load(), site.posted())
	}
}

func TestCommitEndsWhenTheLeaseIsLost(t *testing.T) {
	site := commitSite(t, formPage, false, saved)
	ctx, cancel := context.WithCancel(t.Context())
	_, err := seatAt(t, site.URL).Commit(ctx, submit, func(ctx context.Context, _ playbooks.Request) error {
		cancel()
		return ctx.Err()
	})
	if err == nil || len(site.posted()) != 0 {
		t.Errorf("%v; %d POSTs", err, len(site.posted()))
	}
}

// A server that closes the kept connection without answering gets one POST
// through the gate, and more than one from Chromium alone.
func TestLostReplyOnAKeptConnectionIsOnePOST(t *testing.T) {
	for _, c := range []struct {
		name, html string
		secure     bool
	}{{"http form", formPage, false}, {"http fetch", fetchPage, false}, {"https form", formPage, true}, {"https fetch", fetchPage, true}} {
		t.Run(c.name, func(t *testing.T) {
			site := commitSite(t, c.html, c.secure, hangUp)
			guard, asked := guardCount(nil)
			_, err := seatAt(t, site.URL).Commit(t.Context(), submit, guard)
			if _, isFault := errors.AsType[*casework.Fault](err); err == nil || isFault {
				t.Errorf("a lost reply is doubt, a plain error; got %v", err)
			}
			if asked.Load() != 1 || len(site.posted()) != 1 {
				t.Errorf("guard asked %d times, %d POSTs arrived, want 1", asked.Load(), len(site.posted()))
			}
		})
	}
}

func TestChromiumAloneSendsALostPOSTAgain(t *testing.T) {
	for _, c := range []struct {
		name, html string
		secure     bool
	}{{"http form", formPage, false}, {"http fetch", fetchPage, false}, {"https form", formPage, true}, {"https fetch", fetchPage, true}} {
		t.Run(c.name, func(t *testing.T) {
			b := start(t)
			site := bareSite()
			site.pages(map[string]string{"/page": c.html})
			site.mux.HandleFunc("POST /save", func(w http.ResponseWriter, r *http.Request) { site.note(r.FormValue("n")); hangUp(w, r) })
			site.Server = httptest.NewUnstartedServer(site.mux)
			if c.secure {
				cert, err := b.key.certificate("127.0.0.1") // the key this Chromium trusts
				if err != nil {
					t.Fatal(err)
				}
				site.TLS = &tls.Config{Certificates: []tls.Certificate{*cert}}
				site.StartTLS()
			} else {
				site.Start()
			}
			t.Cleanup(site.Close)
			tab := withoutGate(t, b, site.URL)
			if _, err := tab.visit(t.Context(), site.URL+"/page"); err != nil {
				t.Fatal(err)
			}
			tab.seat.dialogs.arm(policy{confirm: "确定提交"})
			if err := tab.press(t.Context(), playbooks.Locator{Button: "提交"}); err != nil {
				t.Fatal(err)
			}
			for deadline := time.Now().Add(5 * time.Second); len(site.posted()) < 2 && time.Now().Before(deadline); {
				if _, err := tab.ask(t.Context(), order{Do: "pause"}); err != nil && !errors.Is(err, errMoved) {
					t.Fatal(err)
				}
			}
			t.Logf("one click, %d POSTs", len(site.posted()))
			if len(site.posted()) < 2 {
				t.Errorf("Chromium alone sent %d POSTs; the gate's test proves less than it seems", len(site.posted()))
			}
		})
	}
}

// withoutGate is a tab that reaches the system directly, for comparison.
func withoutGate(t *testing.T, b *Browser, url string) *Tab {
	t.Helper()
	s := &seat{access: playbooks.Access{URL: url}, browser: b, dialogs: newDialogs(), panes: newPanes(), prints: newPrints(), gate: openTestGate(t, "", nil, time.Now)}
	p, life, err := b.openPane(t.Context(), b.ctx, s, chromedp.WithNewBrowserContext(func(p *target.CreateBrowserContextParams) {
		p.ProxyServer = "direct://"
	}))
	if err != nil {
		t.Fatal(err)
	}
	s.life, s.cancel = life, p.cancel
	s.panes.add(p)
	t.Cleanup(s.cancel)
	return &Tab{browser: b, seat: s, system: system()}
}
