package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// register is a small foreign application: a sign-in, a page with a hidden hint,
// a file and a pop-up, a form and its query page.
type register struct {
	*httptest.Server
	mu    sync.Mutex
	names []string // of the records, in order
}

func openRegister(t *testing.T) *register {
	t.Helper()
	r := &register{}
	mux := http.NewServeMux()
	page := func(body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprintf(w, `<!doctype html><meta charset="utf-8">%s`, body)
		}
	}
	mux.HandleFunc("GET /{$}", page(`<form method="post" action="/in"><label>账号 <input name="u"></label> <label>口令 <input type="password" name="p"></label> <button>进入</button></form>`))
	mux.HandleFunc("POST /in", func(w http.ResponseWriter, req *http.Request) {
		if req.FormValue("u") != "robot" || req.FormValue("p") != "tried" {
			page("账号或口令不对")(w, req)
			return
		}
		page("欢迎使用")(w, req)
	})
	mux.HandleFunc("GET /look", page(`<p><a href="#" onmouseover="setTimeout(function(){document.getElementById('hint').textContent='窗口周六不开'},200)">提示</a></p><p id="hint"></p>
		<p><a href="/list.txt" download>导出名单</a> <a href="/notice" target="_blank">公告</a></p>`))
	mux.HandleFunc("GET /list.txt", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Disposition", `attachment; filename="list.txt"`)
		fmt.Fprint(w, "两行")
	})
	mux.HandleFunc("GET /notice", page(`<table><tr><th>文号</th><td>甲字7号</td></tr></table>`))
	mux.HandleFunc("GET /form", page(`<form method="post" action="/save"><label>姓名 <input name="n" onkeydown="if(event.key==='F2'){document.getElementById('k').textContent='已核对'}"></label>
		<label>城市 <select name="c"><option>甲市</option><option>乙市</option></select></label> <span id="k"></span> <button>保存登记</button></form>`))
	mux.HandleFunc("POST /save", func(w http.ResponseWriter, req *http.Request) {
		r.mu.Lock()
		r.names = append(r.names, req.FormValue("n"))
		r.mu.Unlock()
		page("登记成功")(w, req)
	})
	mux.HandleFunc("GET /records", func(w http.ResponseWriter, req *http.Request) {
		names := r.records()
		rows := ""
		for i, name := range names {
			rows += fmt.Sprintf("<tr><td>R%d</td><td>%s</td></tr>", i+1, html.EscapeString(name))
		}
		page(fmt.Sprintf(`<table><caption>登记簿</caption><tr><th>编号</th><th>姓名</th></tr>%s</table><p>共 %d 条记录</p>`, rows, len(names)))(w, req)
	})
	r.Server = httptest.NewServer(mux)
	t.Cleanup(r.Close)
	return r
}

func (r *register) records() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.names...)
}

const registerSystem = `system: register
title: {zh: 登记簿, en: Register}
base: systems.register.url
account: systems.register.account
sign_in:
  open: /
  fill: {账号: account, 口令: password}
  click: {button: 进入}
  done: 欢迎使用
  refused: [账号或口令不对]
commits: [保存登记]
`

const registerPlaybook = `playbook: register
title: {zh: 登记, en: Register}
key: shared.name
steps:
  - id: notice
    page: register
    do:
      - open: /look
      - hover: {link: 提示}
      - wait: {text: 窗口周六不开, within: 5s}
      - download: {list: {link: 导出名单}}
      - click: {link: 公告}
      - read: {number: {label: 文号}}
      - close: window
      - wait: 导出名单
    keep:
      文号: {or: number}
      名单: {or: list.text}
  - id: enter
    page: register
    effect: entry
    do:
      - open: /form
      - fill: {姓名: shared.name, 城市: '"乙市"'}
      - press: {label: 姓名, key: F2}
      - wait: 已核对
      - commit: {button: 保存登记, saved: 登记成功}
    verify:
      do:
        - open: /records
        - read: {rows: {table: 登记簿}}
      complete: page.total == len(rows)
      happened: any(rows, .姓名 == shared.name)
      absent: none(rows, .姓名 == shared.name)
      same: {姓名: shared.name}
    keep:
      编号: {or: 'rows[0].编号'}
    end: entered
`

// tryRegister runs the command with what is typed and gives its exit status and both outputs.
func tryRegister(t *testing.T, keys, url, system, playbook string, more ...string) (int, string, string) {
	t.Helper()
	folder := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	t.Setenv("REGISTER_LOGIN", "robot")
	t.Setenv("REGISTER_PASSWORD", "tried")
	args := append([]string{"playbook", "try", write("p.yaml", playbook), "--system", write("s.yaml", system), "--url", url,
		"--login-env", "REGISTER_LOGIN", "--password-env", "REGISTER_PASSWORD", "--input", "name=测试一"}, more...)
	var out, errOut bytes.Buffer
	code := run(t.Context(), args, []string{"LANG=C.UTF-8"}, strings.NewReader(keys), &out, &errOut)
	if strings.Contains(errOut.String(), "chromium_missing") && os.Getenv("REQUIRE_REAL") != "1" {
		t.Skip(errOut.String())
	}
	return code, out.String(), errOut.String()
}

func TestTryFillsTheFormAndCommitsOnlyWhenTold(t *testing.T) {
	site := openRegister(t)
	code, out, errOut := tryRegister(t, "", site.URL, registerSystem, registerPlaybook)
	if code != 0 || len(site.records()) != 0 {
		t.Fatalf("without --commit: status %d, records %v\n%s%s", code, site.records(), out, errOut)
	}
	for _, want := range []string{"姓名  测试一  =  测试一", "城市  乙市   =  乙市", "verify: absent", "nothing was committed", "notice.文号 = 甲字7号", "list.txt (6 bytes)"} {
		if !strings.Contains(strings.Join(strings.Fields(out), " "), strings.Join(strings.Fields(want), " ")) {
			t.Errorf("the report lacks %q:\n%s", want, out)
		}
	}
	code, out, errOut = tryRegister(t, "", site.URL, registerSystem, registerPlaybook, "--commit", "--json")
	var report tryReport
	if err := json.Unmarshal([]byte(out), &report); err != nil {
		t.Fatalf("%v\n%s%s", err, out, errOut)
	}
	if got := site.records(); code != 0 || len(got) != 1 || got[0] != "测试一" {
		t.Fatalf("with --commit: status %d, records %v\n%s%s", code, got, out, errOut)
	}
	if report.End != "entered" || report.Sent != 1 || report.Verify != "happened" || report.Kept["编号"] != "R1" || report.Kept["名单"] != "两行" {
		t.Errorf("report = %+v", report)
	}
	if strings.Contains(out+errOut, "tried\"") {
		t.Error("the password stands in the output")
	}
}

func TestTryNamesTheNearestFieldAndPressesNothing(t *testing.T) {
	site := openRegister(t)
	wrong := strings.ReplaceAll(registerPlaybook, "城市:", "城镇:")
	code, out, errOut := tryRegister(t, "", site.URL, registerSystem, wrong, "--commit")
	if code != 1 || len(site.records()) != 0 {
		t.Fatalf("status %d, records %v\n%s%s", code, site.records(), out, errOut)
	}
	for _, want := range []string{"element_missing", "nearest:", "城市", "retry, done, stop", "0 commits sent"} {
		if !strings.Contains(out, want) {
			t.Errorf("the report lacks %q:\n%s", want, out)
		}
	}
}

func TestTryStoppedBeforeTheButtonSendsNothing(t *testing.T) {
	site := openRegister(t)
	const acts = 13 // all before the button
	code, out, errOut := tryRegister(t, strings.Repeat("\n", acts)+"q\n", site.URL, registerSystem, registerPlaybook, "--commit", "--step")
	if code != 1 || len(site.records()) != 0 || !strings.Contains(out, "0 commits sent") || !strings.Contains(errOut, "click 保存登记") {
		t.Errorf("status %d, records %v\n%s%s", code, site.records(), out, errOut)
	}
}

func TestTrySaysWhatIsUnusable(t *testing.T) {
	closed := httptest.NewServer(nil)
	closed.Close()
	site := openRegister(t)
	for name, c := range map[string]struct{ url, system, want string }{
		"system file": {site.URL, "system: register\nbasee: x\n", "s.yaml:2:"},
		"address":     {"register.example", registerSystem, "--url"},
		"unreachable": {closed.URL, registerSystem, "nothing answers at 127.0.0.1:"},
	} {
		if code, _, errOut := tryRegister(t, "", c.url, c.system, registerPlaybook); code != 2 || !strings.Contains(errOut, c.want) {
			t.Errorf("%s: status %d, said %q; want 2 and %q", name, code, errOut, c.want)
		}
	}
	if code, _, errOut := tryRegister(t, "", closed.URL, registerSystem, registerPlaybook, "--login-env", "REGISTER_NOBODY"); code != 2 || !strings.Contains(errOut, "--login-env") {
		t.Errorf("no account: status %d, said %q", code, errOut)
	}
}
