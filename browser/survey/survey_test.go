package survey

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// target is a system that remembers what it was asked.
type target struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string // "GET /a.jsp?x=1"
}

// serve starts a target with fixed pages; "/" is where a walk begins.
func serve(t *testing.T, pages map[string]string) *target {
	t.Helper()
	return handle(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, ok := pages[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		kind := "text/html; charset=utf-8"
		if strings.HasSuffix(r.URL.Path, ".js") {
			kind = "application/javascript"
		}
		w.Header().Set("Content-Type", kind)
		fmt.Fprint(w, text)
	}))
}

func handle(t *testing.T, h http.Handler) *target {
	t.Helper()
	s := &target{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked = append(s.asked, r.Method+" "+r.URL.RequestURI())
		s.mu.Unlock()
		h.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *target) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

func survey(t *testing.T, url string, config Config) Report {
	t.Helper()
	report, err := Walk(t.Context(), url, config)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func finding(r Report, code string) (Finding, bool) {
	i := slices.IndexFunc(r.Findings, func(f Finding) bool { return f.Code == code })
	if i < 0 {
		return Finding{}, false
	}
	return r.Findings[i], true
}

// One page of each kind: what is found, with what detail, and the verdict when it
// is the way in.
func TestEachKindOfPageIsTold(t *testing.T) {
	const body = "<!doctype html><html><body>失业待遇业务系统，欢迎使用，请选择左侧菜单进入相应的功能，每日开放八时至十八时，节假日不开放，谢谢配合。"
	for name, tt := range map[string]struct {
		page, code, detail string
		verdict            Verdict
	}{
		"plain":              {body + `<a href="/list.jsp">查询</a>`, "", "", Ready},
		"IE mode":            {`<meta http-equiv="X-UA-Compatible" content="IE=EmulateIE7">` + body, "ie_mode", "IE=EmulateIE7", WithHelp},
		"today's mode":       {`<meta http-equiv="X-UA-Compatible" content="IE=edge">` + body, "-ie_mode", "", Ready},
		"conditional":        {`<!--[if lt IE 9]><p>old</p><![endif]-->` + body, "ie_mode", "<!--[if IE]>", WithHelp},
		"IE only":            {body + `请使用IE8浏览器访问`, "ie_only", "IE8", WithHelp},
		"ActiveX class":      {body + `<object classid="clsid:2105C259-1E0C-4534-8141-A753534CB4CA" codebase="x.cab"></object>`, "activex", "2105C259-1E0C-4534-8141-A753534CB4CA Lodop", ByHand},
		"unknown class":      {body + `<OBJECT CLASSID="CLSID:12345678-0000-0000-0000-000000000001"></OBJECT>`, "activex", "12345678-0000-0000-0000-000000000001", ByHand},
		"ActiveX in comment": {body + `<!-- <object classid="clsid:12345678-0000-0000-0000-000000000001"></object> -->`, "-activex", "", Ready},
		"local program":      {body + `<script>var x = new ActiveXObject("Excel.Application");</script>`, "activex_local", "Excel.Application", ByHand},
		"XMLHTTP":            {body + `<script>var x = new ActiveXObject("Microsoft.XMLHTTP");</script>`, "activex_xhr", "Microsoft.XMLHTTP", WithHelp},
		"showModalDialog":    {body + `<input type=button onclick="var r = window.showModalDialog('sel.jsp')" value="选择">`, "modal_dialog", "showModalDialog", WithHelp},
		"commented out":      {body + "<script>// window.showModalDialog('a')\n/* showModalDialog */ var a = 1;</script>", "-modal_dialog", "", Ready},
		"VBScript":           {body + `<script language="VBScript">Sub a_onclick: MsgBox "x": End Sub</script>`, "vbscript", "<script>", ByHand},
		"applet":             {body + `<applet code="Sign.class" archive="a.jar"></applet>`, "applet", "Sign.class", ByHand},
		"Flash":              {body + `<embed src="a.swf" type="application/x-shockwave-flash">`, "plugin", "application/x-shockwave-flash", ByHand},
		"UKey words":         {body + `<a href="#">证书登录</a>`, "ukey", "证书登录", WithHelp},
		"UKey middleware":    {body + `<script>var s = new WebSocket("wss://127.0.0.1:21061/xtxapp"); SOF_GetUserList();</script>`, "middleware", ":21061", WithHelp},
		"CAPTCHA picture":    {body + `<img src="/kaptcha.jpg?1"><input type=password name=p>`, "captcha", "<img>", WithHelp},
		"CAPTCHA field":      {body + `<input name="verifyCode"><input type=password name=p>`, "captcha", "<input>", WithHelp},
		"SMS":                {body + `<button>获取验证码</button>`, "sms_code", "获取验证码", WithHelp},
		"QR code":            {body + `<a>扫码登录</a>`, "qr_code", "扫码登录", WithHelp},
		"old script":         {body + `<script>el.attachEvent("onclick", f)</script>`, "attach_event", "attachEvent", WithHelp},
		"behaviour":          {body + `<style>.grid { behavior: url(grid.htc) }</style>`, "htc", "", ByHand},
		"locks by words":     {body + `该业务正在被其他人员办理`, "locks", "", WithHelp},
		"locks by script":    {body + `<script>lockRecord(17)</script>`, "locks", "lockRecord", WithHelp},
		"leaving":            {body + `<div onunload="unl()">`, "leaving", "", Ready},
		"picture button":     {body + `<form><input type=image src=save.gif></form>`, "pictures", "<input type=image>", WithHelp},
		"frameset":           {`<frameset cols="200,*"><frame src="/menu.jsp"><frame src="/main.jsp"></frameset>`, "frames", "2", Ready},
		"pop-up":             {body + `<script>window.open("x.jsp")</script>`, "popup", "window.open", Ready},
		"made by script":     {`<div id=app></div><script src="/app.js"></script>`, "by_script", "", WithHelp},
		"password control":   {body + `<p>登录前请下载安装密码控件</p>`, "password_control", "", ByHand},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := survey(t, serve(t, map[string]string{"/": tt.page, "/app.js": "var a = 1;"}).URL, Config{})
			f, ok := finding(r, strings.TrimPrefix(tt.code, "-"))
			if absent := strings.HasPrefix(tt.code, "-") || tt.code == ""; ok == absent {
				t.Fatalf("finding %q: %v in %+v", tt.code, ok, r.Findings)
			}
			if tt.detail != "" && !slices.Contains(f.Details, tt.detail) {
				t.Errorf("details %q, want %q", f.Details, tt.detail)
			}
			if r.Verdict != tt.verdict {
				t.Errorf("verdict %s, want %s: %+v", r.Verdict, tt.verdict, r.Findings)
			}
		})
	}
}

func TestPagesBehindMenusAndFramesAreRead(t *testing.T) {
	s := serve(t, map[string]string{
		"/":          `<frameset><frame src="menu.jsp"><frame src="main.jsp"></frameset>`,
		"/menu.jsp":  `<script>add("查询", 'query.do?page=1'); </script><a href="deep/list.jsp">列表</a>`,
		"/main.jsp":  `<iframe src="inner.jsp"></iframe>`,
		"/inner.jsp": `欢迎`,
		"/query.do":  `<script src="common.js"></script>结果`, "/common.js": `function pick() { showModalDialog("p.jsp") }`,
		"/deep/list.jsp": `<object classid="clsid:12345678-0000-0000-0000-000000000001"></object>`,
	})
	r := survey(t, s.URL, Config{})
	if r.Pages != 6 || r.Depth != 2 || r.Verdict != InPart {
		t.Errorf("pages %d, depth %d, verdict %s", r.Pages, r.Depth, r.Verdict)
	}
	if f, _ := finding(r, "activex"); !slices.Equal(f.Where, []string{"/deep/list.jsp"}) {
		t.Errorf("the control was found at %v", f.Where)
	}
	if f, _ := finding(r, "modal_dialog"); !slices.Equal(f.Where, []string{"/common.js"}) {
		t.Errorf("the dialog was found at %v", f.Where)
	}
}

func TestNothingThatMayChangeIsAskedFor(t *testing.T) {
	s := serve(t, map[string]string{"/": `<p>一个普通的页面，上面有很多不该点的链接，逐个列在下面，测试时一个也不能被请求。</p>
		<a href="/delete.jsp?id=1">1</a><a href="/user.do?method=deleteUser">2</a><a href="/person/remove/17">3</a><a href="/x.jsp">删除</a><a href="/y.jsp"><b>退出</b>系统</a>
		<a href="/logout">4</a><a href="/a.do?action=save">5</a><a href="/claim!doSubmit.action">6</a><a href="/lock.do">7</a><a href="/exportAll.do">8</a><a href="/toAudit.do">9</a>
		<form method=post action="/post.do"><input name=a><input type=submit></form><form action="/get.do"><input type=submit></form>
		<script>location.href = 'quit.jsp'; $.post("/ajax.do"); var u = "saveClaim.action";</script>
		<a href="/list.jsp">列表</a><a href="/address.jsp">地址</a>`, "/list.jsp": "列表", "/address.jsp": "地址", "/ajax.do": "数据"})
	r := survey(t, s.URL, Config{})
	allowed := []string{"GET /", "GET /list.jsp", "GET /address.jsp", "GET /ajax.do"}
	for _, asked := range s.requests() {
		if !slices.Contains(allowed, asked) {
			t.Errorf("it asked for %s", asked)
		}
	}
	if r.Avoided < 11 || len(s.requests()) != len(allowed) {
		t.Errorf("%d links avoided, requests %v", r.Avoided, s.requests())
	}
}

func TestGuardRefusesWhatIsNoLook(t *testing.T) {
	s := serve(t, map[string]string{"/": "x"})
	w := newWalk(mustURL(t, s.URL), Config{}.withDefaults())
	for _, r := range []*http.Request{
		request(t, http.MethodPost, s.URL), request(t, http.MethodHead, s.URL), request(t, http.MethodDelete, s.URL),
		request(t, http.MethodGet, "http://127.0.0.1:1/"), request(t, http.MethodGet, "https://example.com/"),
	} {
		if _, err := w.client.Do(r); err == nil || !strings.Contains(err.Error(), "only reads") {
			t.Errorf("%s %s: %v", r.Method, r.URL.Host, err)
		}
	}
	if asked := s.requests(); len(asked) != 0 {
		t.Errorf("the target was asked: %v", asked)
	}
}

func TestOtherHostsAreNamedAndNeverAsked(t *testing.T) {
	other := serve(t, map[string]string{"/": "x"})
	s := handle(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/away.jsp" {
			http.Redirect(w, r, other.URL+"/sso", http.StatusFound)
			return
		}
		fmt.Fprintf(w, `<p>门户</p><a href="/away.jsp">进入</a><iframe src="%s/frame"></iframe><script src="%s/x.js"></script><a href="%s/link">链接</a>`, other.URL, other.URL, other.URL)
	}))
	r := survey(t, s.URL, Config{})
	if f, ok := finding(r, "elsewhere"); !ok || !slices.Equal(f.Details, []string{other.URL}) || f.Pages != 2 {
		t.Errorf("have %+v", f)
	}
	if asked := other.requests(); len(asked) != 0 {
		t.Errorf("the other host was asked: %v", asked)
	}
}

func TestEncodingsAreTold(t *testing.T) {
	gbk, err := simplifiedchinese.GBK.NewEncoder().String(`<meta http-equiv="Content-Type" content="text/html; charset=gb2312"><p>业务已被其他人员锁定</p>`)
	if err != nil {
		t.Fatal(err)
	}
	for kind, clash := range map[string]bool{"text/html": false, "text/html; charset=GBK": false, "text/html; charset=iso-8859-1": true} {
		s := handle(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			fmt.Fprint(w, gbk)
		}))
		r := survey(t, s.URL, Config{})
		_, told := finding(r, "encoding_clash")
		if told != clash {
			t.Errorf("%s: clash %v", kind, told)
		}
		if clash {
			continue
		}
		if f, ok := finding(r, "encoding"); !ok || f.Details[0] != "gbk" {
			t.Errorf("%s: encoding %+v", kind, f)
		}
		if _, ok := finding(r, "locks"); !ok {
			t.Errorf("%s: words in GBK were not understood", kind)
		}
	}
}

func TestTheLineIsLookedAt(t *testing.T) {
	page := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<p>一个普通的页面</p>") })
	for name, tt := range map[string]struct {
		tls  *tls.Config
		want []string
	}{
		"TLS 1.0":            {&tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS10}, []string{"old_tls", "certificate"}},
		"weak cipher":        {&tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_RSA_WITH_AES_128_CBC_SHA256}}, []string{"old_tls"}},
		"client certificate": {&tls.Config{ClientAuth: tls.RequestClientCert}, []string{"client_certificate", "certificate"}},
		"today's":            {&tls.Config{}, []string{"certificate"}},
	} {
		s := httptest.NewUnstartedServer(page)
		s.TLS = tt.tls
		s.StartTLS()
		r := survey(t, s.URL, Config{})
		s.Close()
		for _, want := range tt.want {
			if _, ok := finding(r, want); !ok {
				t.Errorf("%s: %s is not told: %+v", name, want, r.Findings)
			}
		}
		if _, ok := finding(r, "old_tls"); ok != slices.Contains(tt.want, "old_tls") {
			t.Errorf("%s: old TLS %v", name, ok)
		}
	}
}

func TestDoorsOfTheBrowserAreTold(t *testing.T) {
	for challenge, want := range map[string]string{`Basic realm="x"`: "basic_auth", "NTLM": "ntlm", "Negotiate": "ntlm"} {
		s := handle(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("WWW-Authenticate", challenge)
			w.WriteHeader(http.StatusUnauthorized)
		}))
		if _, ok := finding(survey(t, s.URL, Config{}), want); !ok {
			t.Errorf("%s: %s is not told", challenge, want)
		}
	}
}

func TestHostilePagesEndWithinLimits(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"endless links": func(w http.ResponseWriter, r *http.Request) {
			for i := range 5000 {
				fmt.Fprintf(w, `<a href="/p%d/x%s.jsp">下一页</a>`, i, strings.Repeat("a", len(r.URL.Path)%50))
			}
		},
		"endless calendar": func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, `<a href="/cal.jsp?day=%sx">下一天</a>`, r.URL.Query().Get("day"))
		},
		"endless redirects": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.Path+"a", http.StatusFound)
		},
		"endless frames": func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, `<iframe src="%sf.jsp"></iframe>`, strings.TrimSuffix(r.URL.Path, ".jsp"))
		},
		"a page without end": func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := fmt.Fprint(w, strings.Repeat("<b>无尽", 10_000)); err != nil {
					return
				}
			}
		},
		"one word without end": func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "<a href='"+strings.Repeat("x", 3<<20)) },
		"an answer that never comes": func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/" {
				fmt.Fprint(w, `<p>入口</p><a href="/slow.jsp">慢</a>`)
				return
			}
			<-r.Context().Done()
		},
		"drop by drop": func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, `<p>入口</p>`)
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		},
		"a link to itself with another session": func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, `<a href="/a.jsp;jsessionid=%d">回</a>`, time.Now().UnixNano())
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := handle(t, h)
			const pages = 15
			began := time.Now()
			r, err := Walk(t.Context(), s.URL, Config{Pages: pages, Bytes: 100_000, Each: 500 * time.Millisecond, Within: 20 * time.Second})
			if err != nil {
				t.Fatal(err)
			}
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("it took %s", took)
			}
			if n := len(s.requests()); r.Pages > pages || n > pages+20 {
				t.Errorf("%d pages, %d requests", r.Pages, n)
			}
		})
	}
}

func TestTimeThatIsOverGivesWhatWasSeen(t *testing.T) {
	s := handle(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			fmt.Fprint(w, `<p>入口</p><a href="/slow.jsp">慢</a>`)
			return
		}
		<-r.Context().Done()
	}))
	r := survey(t, s.URL, Config{Within: 300 * time.Millisecond})
	if r.Cut != "time" || r.Pages != 1 {
		t.Errorf("cut %q after %d pages", r.Cut, r.Pages)
	}
}

func TestReportNamesNobody(t *testing.T) {
	s := serve(t, map[string]string{"/": `<p>正在被张明办理，证件号码379901198503120017</p><a href="/q.jsp?id=379901198503120017">查</a>`, "/q.jsp": `<script>showModalDialog('x')</script>`})
	r := survey(t, s.URL, Config{})
	if _, ok := finding(r, "locks"); !ok {
		t.Error("the lock is not told")
	}
	if text := fmt.Sprintf("%+v", r); strings.Contains(text, "379901198503120017") || strings.Contains(text, "张明") {
		t.Errorf("the report names a person: %s", text)
	}
}

func TestAddressesThatAreNoneAreRefused(t *testing.T) {
	for _, address := range []string{"", "benefits", "ftp://x/", "file:///etc/passwd", "javascript:alert(1)", "http://127.0.0.1:1/"} {
		if _, err := Walk(t.Context(), address, Config{}); err == nil {
			t.Errorf("%q was taken", address)
		}
	}
}
func mustURL(t *testing.T, address string) *url.URL {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func request(t *testing.T, method, address string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
