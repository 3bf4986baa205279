package browser

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/jingban/jingban/playbooks"
)

// display gives a display of its own to a test: a person's desk.
func display(t *testing.T) {
	t.Helper()
	path, err := exec.LookPath("Xvfb")
	if err != nil {
		if os.Getenv("REQUIRE_REAL") == "1" {
			t.Fatal("Xvfb is not installed")
		}
		t.Skip("Xvfb is not installed")
	}
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	x := exec.CommandContext(t.Context(), path, "-displayfd", "3", "-screen", "0", "1366x900x24", "-nolisten", "tcp")
	x.ExtraFiles = []*os.File{write}
	if err := x.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = x.Process.Kill(); _ = x.Wait() })
	write.Close()
	number := make([]byte, 16)
	n, err := read.Read(number)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("DISPLAY", ":"+strings.TrimSpace(string(number[:n])))
}

// A person works in a window: signs in, walks the menu of a frameset, fills a form in a
// frame, takes a value from a pop-up, saves and says yes. The draft finds all of it by
// what a person sees, holds nothing that was typed, and lints.
func TestWhatAPersonDoesBecomesADraft(t *testing.T) {
	display(t)
	const form = `<!doctype html><meta charset="utf-8"><h3>申领登记</h3>
<form method=post action="/save" onsubmit="return confirm('确定提交吗？')"><table>
<tr><td>证件号码：</td><td><input name=a1 id=x_83774></td></tr><tr><td>申领类型：</td><td><select name=a2><option>请选择<option>首次申领</select></td></tr>
<tr><td>开户银行：</td><td><input name=a3><input type=button value="?" onclick="window.open('/banks','b','width=300,height=200')"></td></tr>
<tr><td>婚姻状况：</td><td><input type=radio name=a4 value=0>未婚 <input type=radio name=a4 value=1>已婚</td></tr></table>
<fieldset><legend>联系人甲</legend>姓名 <input name=n1></fieldset><fieldset><legend>联系人乙</legend>姓名 <input name=n2></fieldset>
<input type=submit value="提交[S]"></form>`
	site := newSite(t, map[string]string{
		"/page":  `<frameset cols="150,*"><frame src="/menu" name=menu><frame src="/welcome" name=work></frameset>`,
		"/menu":  `<meta charset="utf-8"><a href="/form" target=work>申领登记</a><br><a href="/welcome" target=work>首页</a>`,
		"/form":  form,
		"/banks": `<meta charset="utf-8"><a href="#" onclick="opener.document.forms[0].a3.value='海州银行';window.close()">海州银行</a>`,
		"/saved": `<meta charset="utf-8">保存成功`, "/welcome": `<meta charset="utf-8">欢迎`,
	})
	profile := t.TempDir()
	r, err := Record(context.WithoutCancel(t.Context()), RecorderConfig{Profile: profile, Headed: true}, site.URL+"/")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	ctx, cancel := context.WithTimeout(r.ctx, 3*time.Minute)
	defer cancel()
	p := &worker{t, ctx, r}
	p.says(ctx)
	p.enters("input[name=u]")
	p.types("pruefer", "input[name=p]", "secret")
	p.does("input[type=submit]", "", 3)
	p.does("a", "功能", 4)
	p.does("a", "申领登记", 5)
	p.enters("input[name=a1]")
	p.types("379901198503120017", "select[name=a2]", kb.ArrowDown)
	p.does("input[type=button]", "?", 8)
	p.popUp(site.URL+"/banks", "a", "海州银行", 9)
	p.does("input[value='1'][name=a4]", "", 10)
	p.enters("input[name=n2]")
	p.types("欧阳测试", "input[type=submit]", "")
	p.does("input[type=submit]", "", 12)
	for ticker := time.NewTicker(20 * time.Millisecond); r.Deeds()[11].Confirm == ""; <-ticker.C {
		if ctx.Err() != nil {
			t.Fatal("the question was not noted")
		}
	}
	system := playbooks.System{Name: "benefits", Title: playbooks.Title{Zh: "失业待遇", En: "Benefits"}, Commits: []string{"提交"}, Seats: 1}
	draft := playbooks.Draft("recorded", system, r.Deeds())
	for _, want := range []string{"open: [功能, 申领登记]", "label: 证件号码, value: \"case.id_number\"", `label: 申领类型, value: "shared[\"申领类型\"]"`, `click: {button: "?"}`, "click: {link: 海州银行}",
		"label: 婚姻状况", "label: 姓名, near: 联系人乙", `commit: {button: 提交, confirm: "确定提交吗？"}`, "verify: person"} {
		if !strings.Contains(string(draft), want) {
			t.Errorf("the draft lacks %s", want)
		}
	}
	for _, never := range []string{"379901", "欧阳", "secret", "pruefer", "用户名", "x_83774"} {
		if strings.Contains(string(draft), never) {
			t.Errorf("the draft holds %s", never)
		}
	}
	for _, problem := range playbooks.Lint("draft.yaml", draft, playbooks.Schema{}, map[string]playbooks.System{"benefits": system}) {
		if problem.Severity == playbooks.Error {
			t.Error(problem)
		}
	}
	if t.Failed() {
		t.Logf("%s\n%+v", draft, r.Deeds())
	}
}

// worker is the person at the window.
type worker struct {
	t   *testing.T
	ctx context.Context
	r   *Recorder
}

// says answers every question with yes.
func (p *worker) says(ctx context.Context) {
	err := chromedp.Listen(ctx, func(ev any) {
		if _, ok := ev.(*page.EventJavascriptDialogOpening); ok {
			go func() { // a failure shows: the page does not go on
				_, _ = cdp.Call(ctx, chromedp.FromContext(ctx).Target, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: true})
			}()
		}
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

// presses clicks, with the mouse, what a person sees in any frame of a window.
func (p *worker) presses(ctx context.Context, css, text string) {
	p.t.Helper()
	script := fmt.Sprintf(`((css, text) => { const find = (w, x, y) => {
		for (const e of w.document.querySelectorAll(css)) { const r = e.getBoundingClientRect(); if (r.width && (!text || (e.value || e.textContent).trim() === text)) return [x + r.left + r.width / 2, y + r.top + r.height / 2]; }
		for (const f of w.document.querySelectorAll("frame,iframe")) { const r = f.getBoundingClientRect(), got = f.contentWindow.document.readyState === "complete" ? find(f.contentWindow, x + r.left, y + r.top) : []; if (got.length) return got; }
		return []; }; return find(window, 0, 0); })(%q, %q)`, css, text)
	for ticker := time.NewTicker(50 * time.Millisecond); ; <-ticker.C {
		at, err := chromedp.Run(ctx, chromedp.Evaluate[[]float64](script))
		if err == nil && len(at) == 2 {
			if err := chromedp.Do(ctx, chromedp.MouseClickXY(at[0], at[1])); err != nil {
				p.t.Fatal(err)
			}
			return
		}
		if ctx.Err() != nil {
			p.t.Fatalf("%s %s is not there: %v, %+v", css, text, err, p.r.Deeds())
		}
	}
}

// does presses until so many deeds are noted: a window drops what comes before it has
// painted a new page for the first time.
func (p *worker) does(css, text string, count int) {
	p.t.Helper()
	for len(p.r.Deeds()) < count {
		p.presses(p.ctx, css, text)
		for until := time.Now().Add(5 * time.Second); len(p.r.Deeds()) < count && time.Now().Before(until); {
			time.Sleep(20 * time.Millisecond) // until deadline, not for a time
		}
	}
}

// enters presses a field until the cursor stands in it.
func (p *worker) enters(css string) {
	p.t.Helper()
	inside := fmt.Sprintf(`((css) => { let d = document; while (d.activeElement && /FRAME$/.test(d.activeElement.tagName)) d = d.activeElement.contentDocument; return d.activeElement !== null && d.activeElement.matches(css) })(%q)`, css)
	for {
		p.presses(p.ctx, css, "")
		if there, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool](inside)); err == nil && there {
			return
		}
	}
}

func (p *worker) noted(count int) {
	p.t.Helper()
	for ticker := time.NewTicker(20 * time.Millisecond); len(p.r.Deeds()) < count; <-ticker.C {
		if p.ctx.Err() != nil {
			p.t.Fatalf("no %d deeds: %+v", count, p.r.Deeds())
		}
	}
}

// types writes where the cursor stands, goes on to a field with the Tab key, and writes there.
func (p *worker) types(first, next, second string) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, chromedp.KeyEvent(first), chromedp.KeyEvent("\t"), chromedp.KeyEvent(second)); err != nil {
		p.t.Fatalf("%s: %v", next, err)
	}
}

// windows is how many are watched.
func (r *Recorder) windows() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.left
}

// popUp presses something in the window of an address.
func (p *worker) popUp(url, css, text string, count int) {
	p.t.Helper()
	for ticker := time.NewTicker(50 * time.Millisecond); ; <-ticker.C {
		all, err := chromedp.Targets(p.ctx)
		if err != nil {
			p.t.Fatal(err)
		}
		for _, info := range all {
			if info.URL == url && p.r.windows() == 2 {
				ctx, cancel := chromedp.NewContext(p.ctx, chromedp.WithTargetID(info.TargetID))
				defer cancel()
				p.presses(ctx, css, text)
				p.noted(count)
				return
			}
		}
		if p.ctx.Err() != nil {
			p.t.Fatalf("no window of %s", url)
		}
	}
}
