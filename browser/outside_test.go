package browser

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
)

// committing is a system whose 提交 changes it for good, by whatever name.
func committing(commits ...string) playbooks.System {
	sys := system()
	sys.Commits, sys.Aliases = commits, map[string][]string{"提交": {"报送"}}
	return sys
}

// What a system names as committing is not pressed outside a commit, however a
// playbook gets at it.
func TestCommittingButtonsArePressedByCommitAlone(t *testing.T) {
	const html = `<!doctype html><meta charset="utf-8"><form method=post action=/save>
<p>姓名：<input name=n value=a></p><p>关键字：<input id=k></p>
<input type=submit id=go value="提 交[S]"></form>
<form method=post action=/save><input type=hidden name=n value=b><button><b id=inner>报送</b></button></form>
<button type=button onclick="go.click()">保存并转交</button>
<div id=cover style="height:40px"><span onclick="fetch('/save',{method:'POST',body:'n=c'})">提交</span></div>
<a href="/page?menu">提交</a>`
	site := commitSite(t, html, false, saved)
	acts := map[string]playbooks.Act{
		"by name":        clickAct("提交"),
		"by alias":       clickAct("报送"),
		"by css":         {Verb: playbooks.Click, At: playbooks.Locator{CSS: "#go"}},
		"by its inside":  {Verb: playbooks.Click, At: playbooks.Locator{CSS: "#inner"}},
		"by what it is":  {Verb: playbooks.Click, At: playbooks.Locator{Button: "提 交[S]"}},
		"by a script":    clickAct("保存并转交"),
		"under a box":    {Verb: playbooks.Click, At: playbooks.Locator{CSS: "#cover span"}},
		"by Enter":       {Verb: playbooks.Press, At: playbooks.Locator{Label: "姓名"}, Value: "Enter"},
		"by typed Enter": {Verb: playbooks.Fill, At: playbooks.Locator{Label: "姓名"}, Value: "a\nb", Keys: true},
		"as a download":  {Verb: playbooks.Download, At: playbooks.Locator{Button: "提交"}},
	}
	for name, act := range acts {
		t.Run(name, func(t *testing.T) {
			tab := seatFor(t, committing("提交"), site.URL)
			wantFault(t, tab, act, "commit_outside")
		})
	}
	if n := len(site.posted()); n != 0 {
		t.Errorf("%d requests left", n)
	}
	tab := seatFor(t, committing("提交"), site.URL)
	guard, asked := guardCount(nil)
	if _, err := tab.Commit(t.Context(), playbooks.Commit{Button: "提 交[S]", Saved: "保存成功"}, guard); err != nil || asked.Load() != 1 || len(site.posted()) != 1 {
		t.Errorf("the commit itself: %v; guard %d, %d POSTs", err, asked.Load(), len(site.posted()))
	}
	tab = seatFor(t, committing("提交"), site.URL)
	if _, err := tab.visit(t.Context(), site.URL+"/page"); err != nil {
		t.Fatal(err)
	}
	if _, err := tab.enterMenu(t.Context(), []string{"提交"}, 0, 0); casework.AsFault(err).Code == "commit_outside" {
		t.Errorf("a menu entry may bear the name: %v", err)
	}
}

// An address that the system's file names is closed outside a commit, whoever asks.
func TestCommittingAddressesAreClosedOutsideACommit(t *testing.T) {
	const html = `<!doctype html><meta charset="utf-8">
<form method=post action="/main.do;jsessionid=7"><input type=hidden name=method value=save><input type=submit value="确定"></form>
<form method=post action="/main.do"><input type=hidden name=method value=find><input type=submit value="查询"></form>
<form method=post action="/main.do" enctype="multipart/form-data"><input type=file name=f><input type=hidden name=method value=save><input type=submit value="上传"></form>
<button onclick="fetch('/take?id=1').then(r=>r.text()).then(x=>document.body.append(x))">领取</button>`
	var sent []string
	site := newSite(t, map[string]string{"/page": html})
	site.mux.HandleFunc("/main.do", func(w http.ResponseWriter, r *http.Request) { site.note(r.FormValue("method")); serve(w, "好") })
	site.mux.HandleFunc("/main.do;jsessionid=7", func(w http.ResponseWriter, r *http.Request) { site.note(r.FormValue("method")); serve(w, "好") })
	site.mux.HandleFunc("GET /take", func(w http.ResponseWriter, r *http.Request) { site.note("take"); serve(w, "领取成功") })
	sys := committing("/main.do?method=save", "/take")
	tab := seatFor(t, sys, site.URL)
	wantFault(t, tab, clickAct("确定"), "commit_outside")
	if _, err := tab.visit(t.Context(), site.URL+"/page"); err != nil {
		t.Fatal(err)
	}
	wantFault(t, tab, clickAct("上传"), "commit_outside")
	if _, err := tab.visit(t.Context(), site.URL+"/page"); err != nil {
		t.Fatal(err)
	}
	wantFault(t, tab, clickAct("领取"), "commit_outside")
	must(t, tab, clickAct("查询"))
	if sent = site.posted(); len(sent) != 1 || sent[0] != "find" {
		t.Errorf("sent %q", sent)
	}
	if _, err := tab.visit(t.Context(), site.URL+"/page"); err != nil {
		t.Fatal(err)
	}
	guard, asked := guardCount(nil)
	seen, err := tab.Commit(t.Context(), playbooks.Commit{Button: "领取", Saved: "领取成功"}, guard)
	if err != nil || !seen.Saved || asked.Load() != 1 || len(site.posted()) != 2 {
		t.Errorf("a GET that saves is guarded where its address is known: %v; guard %d, sent %q", err, asked.Load(), site.posted())
	}
}

// A link whose script saves by a GET of its own leaves doubt: it may have been
// the change, so it is never clicked again.
func TestAClickThatAskedForSomethingIsDoubt(t *testing.T) {
	const html = `<!doctype html><meta charset="utf-8"><style>a:hover{background:url(/dot.gif)}</style>
<a href="javascript:void 0" onclick="fetch('/take?id=1')">领取</a><a href="javascript:void 0" onclick="return false">空</a>`
	site := newSite(t, map[string]string{"/page": html})
	site.mux.HandleFunc("GET /take", func(w http.ResponseWriter, r *http.Request) { site.note("take"); serve(w, "领取成功") })
	site.mux.HandleFunc("GET /dot.gif", func(w http.ResponseWriter, r *http.Request) { w.Header().Set("Content-Type", "image/gif") })
	tab := seatAt(t, site.URL)
	guard, _ := guardCount(nil)
	_, err := tab.Commit(t.Context(), playbooks.Commit{Link: "领取", Within: 2 * time.Second}, guard)
	if _, isFault := errors.AsType[*casework.Fault](err); err == nil || isFault || len(site.posted()) != 1 {
		t.Errorf("want a plain error, got %v; %q", err, site.posted())
	}
	tab = seatAt(t, site.URL)
	_, err = tab.Commit(t.Context(), playbooks.Commit{Link: "空", Within: 2 * time.Second}, guard)
	if f := casework.AsFault(err); f.Code != "timeout" || !strings.Contains(err.Error(), "sent nothing") {
		t.Errorf("nothing was asked for but a picture: %v", err)
	}
}

// A handler that waits for a modal window is run again with its answer, but never
// so that something is sent twice.
func TestAModalWindowMakesNothingBeSentTwice(t *testing.T) {
	const html = `<!doctype html><meta charset="utf-8"><p id=u></p>
<button onclick="post('save');ask()">先存后问</button>
<button onclick="new Image().src='/beacon?x=1';ask()">先报后问</button>
<button onclick="post('harmless');setTimeout(ask,200)">过后才问</button>
<button onclick="ask();post('answered')">先问后存</button>
<button onclick="if(ask()&&ask('/pick?2'))post('both')">问两次</button>
<form method=post action=/save onsubmit="return ask()=='海州'"><input type=hidden name=n value=form><input type=submit value="表单"></form>
<script>function post(n){const x=new XMLHttpRequest();x.open('POST','/save');x.setRequestHeader('Content-Type','application/x-www-form-urlencoded');x.send('n='+n)}
function ask(at){const v=showModalDialog(at||'/pick',window,'dialogWidth:300px');u.textContent=v;return v}</script>`
	sys := system()
	sys.Shims = []string{"showModalDialog"}
	for _, c := range []struct {
		button string
		picks  int
		code   string // of the fault at the button
		closed bool   // by the playbook, not by the window
		sent   string
	}{
		{button: "先问后存", picks: 1, sent: "answered"},
		{button: "问两次", picks: 2, sent: "both"},
		{button: "表单", picks: 1, sent: "form"},
		{button: "先存后问", code: "dialog_unexpected", sent: "save"},
		{button: "先报后问", code: "dialog_unexpected", sent: "beacon"},
		{button: "过后才问", code: "dialog_unexpected", sent: "harmless"},
		{button: "先问后存", closed: true},
	} {
		t.Run(c.button, func(t *testing.T) {
			site := commitSite(t, html, false, func(w http.ResponseWriter, _ *http.Request) { serve(w, `<meta charset="utf-8">好`) })
			site.pages(map[string]string{"/pick": `<meta charset="utf-8"><button onclick="window.returnValue='海州';window.close()">确定</button>`})
			site.mux.HandleFunc("GET /beacon", func(http.ResponseWriter, *http.Request) { site.note("beacon") })
			tab := seatFor(t, sys, site.URL)
			seen, err := tab.Do(t.Context(), clickAct(c.button))
			if err == nil && c.code != "" { // it came a moment later
				seen, err = tab.Do(t.Context(), playbooks.Act{Verb: playbooks.Wait, Value: "人工办理"})
			}
			if code := casework.AsFault(err); err == nil && c.code != "" || err != nil && code.Code != c.code {
				t.Fatalf("%v; dialogs %q", err, seen.Dialogs)
			}
			for range c.picks {
				must(t, tab, clickAct("确定"))
			}
			if c.closed {
				must(t, tab, playbooks.Act{Verb: playbooks.Close})
			}
			must(t, tab, playbooks.Act{Verb: playbooks.Read, At: playbooks.Locator{CSS: "body"}, Want: "text"})
			if got := strings.Join(site.posted(), ","); got != c.sent {
				t.Errorf("sent %q, want %q", got, c.sent)
			}
		})
	}
}
