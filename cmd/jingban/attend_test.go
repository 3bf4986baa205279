package main

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/fixtures/legacy/bank"
	"github.com/jingban/jingban/fixtures/legacy/old"
	"github.com/jingban/jingban/store"
)

// attendedBank is the bank as an agency describes it whose bank asks for a picture code.
const attendedBank = `
system: bank
title: {zh: 企业网上银行, en: Corporate e-banking}
base: systems.bank.url
account: systems.bank.account
sign_in:
  open: /login.jsp
  fill: {用户名: account, 密码: password}
  click: {button: 登录}
  done: 当前操作员
  refused: [用户名或密码错误]
  attended: {for: [captcha], keep: /welcome.jsp, every: 2s, lasts: 9h, ask: "08:00"}
looks:
  signed_out: [页面失效, 请重新登陆]
seats: 1
commits: [转账, 提交]
aliases:
  账号: [账户号码, 付款账号]
`

// person is somebody at a screen of ours, in a browser of their own.
type person struct {
	t    *testing.T
	ctx  context.Context
	base string
}

func newPerson(t *testing.T, ctx context.Context, base string) *person {
	t.Helper()
	path := "/usr/lib/chromium/chromium-headless-shell"
	if _, err := os.Stat(path); err != nil {
		path = "chromium"
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.WindowSize(1360, 1000))
	chromium, end := chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(end)
	tab, closeTab := chromedp.NewContext(chromium)
	t.Cleanup(closeTab)
	return &person{t, tab, base}
}

func (p *person) does(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, actions...); err != nil {
		p.t.Fatal(err)
	}
}

// sees waits until an expression is true in the page, whatever page stands there by then.
func (p *person) sees(expression string) {
	p.t.Helper()
	for ticker := time.NewTicker(100 * time.Millisecond); ; <-ticker.C {
		if yes, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool](expression)); err == nil && yes {
			return
		}
		if p.ctx.Err() != nil {
			p.t.Fatalf("%s: %v", expression, p.ctx.Err())
		}
	}
}

// toTheCode clicks the sign-in page near its corner and goes on with the keyboard to the
// third field.
func (p *person) toTheCode() {
	p.t.Helper()
	_, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool](`(() => { const i = document.querySelector("[data-picture]"), r = i.getBoundingClientRect();
		i.dispatchEvent(new MouseEvent("click", {clientX: r.left + r.width / 100, clientY: r.top + r.height / 100, bubbles: true})); return true })()`))
	if err != nil {
		p.t.Fatal(err)
	}
	p.does(chromedp.KeyEvent("\t"), chromedp.KeyEvent("\t"), chromedp.KeyEvent("\t"))
}

// keeps writes a picture of the screen where KEEP_SHOTS says.
func (p *person) keeps(name string) {
	p.t.Helper()
	folder := os.Getenv("KEEP_SHOTS")
	if folder == "" {
		return
	}
	for _, lang := range []string{"zh", "en"} {
		_, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool](`(document.cookie = "jb_lang=`+lang+`; path=/", true)`))
		if err != nil {
			p.t.Fatal(err)
		}
		p.does(chromedp.Reload(), chromedp.Sleep(3*time.Second)) // for people who look, not for the test
		picture, err := chromedp.Run(p.ctx, chromedp.FullScreenshot(90))
		if err != nil {
			p.t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name+"-"+lang+".jpg"), picture, 0o600); err != nil {
			p.t.Fatal(err)
		}
	}
}

// The whole way of a sign-in that needs a person: the run of the morning waits, the
// person signs in from the inbox, the run goes on, the session is kept, and nothing that
// was typed is found anywhere.
func TestARunWaitsForThePersonWhoSignsIn(t *testing.T) {
	s := openScenario(t)
	s.cfg.Playbooks, s.cfg.Listen = t.TempDir(), "127.0.0.1:0"
	if err := errors.Join(os.Mkdir(filepath.Join(s.cfg.Playbooks, "systems"), 0o700),
		os.WriteFile(filepath.Join(s.cfg.Playbooks, "systems", "bank.yaml"), []byte(attendedBank), 0o600)); err != nil {
		t.Fatal(err)
	}
	if err := s.bank.Book(t.Context(), bank.Example(fundNumber)[:3]...); err != nil {
		t.Fatal(err)
	}
	s.bank.Switch(func(w *old.Switches) { w.Captcha = true })
	march := casework.Date{Year: 2026, Month: 3, Day: 31}
	shift := time.Until(march.AddDays(1).Time().Add(8*time.Hour + 30*time.Minute - 3*time.Second))
	if err := s.cfg.settle(); err != nil {
		t.Fatal(err)
	}
	h := &house{cfg: s.cfg, log: s.cfg.logger(io.Discard), now: func() time.Time { return time.Now().Add(shift) }}
	defer func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	}()
	if err := h.open(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.furnish(h)
	if err := h.addUser(t.Context(), "op", "周宁", "operator", "Look#2026-spring"); err != nil {
		t.Fatal(err)
	}
	listener, err := h.listen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	const typed = "qzxv-0918-2277-tippt"
	err = h.run(ctx, h.work, func(ctx context.Context) error { return h.serve(ctx, listener) }, func(ctx context.Context) error {
		over := make(chan struct{}) // a failure ends only the goroutine it is in
		go func() { defer close(over); s.signsIn(ctx, h, listener, typed) }()
		<-over
		return errDone
	})
	if !errors.Is(err, errDone) {
		t.Fatal(err)
	}
	found := 0
	err = filepath.WalkDir(s.cfg.Data, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if strings.Contains(string(data), typed) || strings.Contains(string(data), typed[:4]) {
			found++
			t.Errorf("what was typed stands in %s", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func (s *fundScenario) signsIn(ctx context.Context, h *house, listener net.Listener, typed string) {
	t := s.t
	waits := func(what string, look func() bool) {
		t.Helper()
		for ticker := time.NewTicker(100 * time.Millisecond); !look(); <-ticker.C {
			if ctx.Err() != nil {
				t.Fatalf("%s: %v", what, ctx.Err())
			}
		}
	}
	var got store.Target
	waits("the run of the morning waits", func() bool {
		var err error
		got, err = h.store.Target(ctx, "bank") // which is known once the worker has begun
		return err == nil && got.Waiting == 1
	})
	if got.Why != "sign_in_due" || got.State != store.TargetOpen {
		t.Errorf("the bank is %s, %s", got.State, got.Why)
	}
	waits("people are asked", func() bool {
		alerts, _, err := h.store.Alerts(ctx, store.AlertFilter{Kind: "target", Subject: "bank"})
		return err == nil && len(alerts) == 1 && alerts[0].Code == "sign_in_due"
	})
	p := newPerson(t, ctx, "http://"+listener.Addr().String())
	p.does(chromedp.Navigate(p.base+"/signin"), chromedp.SendKeys(chromedp.CSS("input[name=login]"), "op"), chromedp.SendKeys(chromedp.CSS("input[name=password]"), "Look#2026-spring\r"),
		chromedp.WaitVisible(chromedp.CSS(".side nav")), chromedp.Navigate(p.base+"/inbox"))
	p.sees(`document.querySelector(".signin a.main") !== null`)
	p.keeps("inbox")
	p.does(chromedp.Click(chromedp.CSS(".signin a.main")), chromedp.WaitVisible(chromedp.CSS("form button.main")))
	p.keeps("due")
	p.does(chromedp.Click(chromedp.CSS("form button.main")))
	const shown = `(i => i !== null && i.naturalWidth > 100)(document.querySelector("[data-picture]"))`
	p.sees(shown)
	p.toTheCode()
	p.does(chromedp.SendKeys(chromedp.CSS("[data-keys]"), typed), chromedp.KeyEvent("\r"))
	waits("the bank refuses the wrong code", func() bool { n, err := s.bank.Posts(ctx, "/logon.do"); return err == nil && n == 1 })
	p.keeps("open")
	before := s.bank.Captcha()
	p.does(chromedp.Click(chromedp.CSS("[data-reload]")))
	waits("another code is drawn", func() bool { return s.bank.Captcha() != before && s.bank.Captcha() != "" })
	p.sees(shown)
	waits("account and password stand there again", func() bool {
		p.toTheCode()
		p.does(chromedp.SendKeys(chromedp.CSS("[data-keys]"), s.bank.Captcha()), chromedp.KeyEvent("\r"))
		for range 30 {
			if n, err := h.store.SignIn(ctx, "bank"); err == nil && n.State == store.SignInLive {
				return true
			}
			time.Sleep(100 * time.Millisecond) // a person waits a moment, too
		}
		return false
	})
	p.sees(`document.querySelector(".notice.ok") !== null`)
	p.keeps("live")
	waits("the run goes on and ends with the clerk", func() bool {
		_, over := settledOn(t, ctx, h, casework.Date{Year: 2026, Month: 3, Day: 31})
		return over
	})
	waits("the session is kept", func() bool {
		var n int
		err := s.bank.DB().QueryRowContext(ctx, "SELECT COUNT(*) FROM requests WHERE path = '/welcome.jsp'").Scan(&n)
		return err == nil && n >= 4
	})
	if alerts, _, err := h.store.Alerts(ctx, store.AlertFilter{Kind: "target", Subject: "bank"}); err != nil || len(alerts) != 0 {
		t.Errorf("people are still asked: %+v, %v", alerts, err)
	}
}
