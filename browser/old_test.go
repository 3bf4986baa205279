package browser

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
)

// A character of a private-use area has no meaning that two systems share: it goes
// to a person, whatever the page's encoding takes.
func TestPrivateUseCharactersGoToAPerson(t *testing.T) {
	for _, charset := range []string{"utf-8", "gbk", "gb18030"} {
		for _, value := range []string{"张\ue000明", "张\ue815明", "张\U000f0001明"} {
			if encodable(value, charset) {
				t.Errorf("%q passes in %s", value, charset)
			}
		}
		if !encodable("张明", charset) {
			t.Errorf("an ordinary name does not pass in %s", charset)
		}
	}
	tab := seatAt(t, newSite(t, map[string]string{"/page": `<meta charset="utf-8"><p>姓名：<input></p>`}).URL)
	wantFault(t, tab, fillAct("姓名", "张\ue000明"), "value_not_encodable")
}

// Framesets stand in framesets in old systems: menu and page lie two deep.
func TestFramesetsInFramesetsAreReached(t *testing.T) {
	site := newSite(t, map[string]string{
		"/page":  `<meta charset="utf-8"><frameset rows="60,*"><frame src="/top"><frame src="/below"></frameset>`,
		"/top":   `<meta charset="utf-8">标题`,
		"/below": `<meta charset="utf-8"><frameset cols="200,*"><frame src="/menu"><frame name=main src="/empty"></frameset>`,
		"/menu":  `<meta charset="utf-8"><a href="/form" target=main>申领登记</a>`,
		"/empty": `<meta charset="utf-8">空`,
		"/form":  `<meta charset="utf-8"><form method=post action=/save><table><tr><td>姓名：</td><td><input name=n></td></tr></table><input type=submit value=提交></form>`,
	})
	site.mux.HandleFunc("POST /save", func(w http.ResponseWriter, r *http.Request) {
		site.note(r.FormValue("n"))
		serve(w, `<meta charset="utf-8">保存成功`)
	})
	tab := seatAt(t, site.URL)
	must(t, tab, playbooks.Act{Verb: playbooks.Click, At: playbooks.Locator{Link: "申领登记"}})
	must(t, tab, fillAct("姓名", "张明"))
	guard, asked := guardCount(nil)
	seen, err := tab.Commit(t.Context(), playbooks.Commit{Button: "提交", Saved: "保存成功"}, guard)
	if err != nil || !seen.Saved || asked.Load() != 1 || strings.Join(site.posted(), ",") != "张明" {
		t.Errorf("%v; saved %v, guard %d, sent %q", err, seen.Saved, asked.Load(), site.posted())
	}
}

// A grid whose every change posts the page back is filled cell by cell: each cell
// is looked up again, and what stood in the others stays.
func TestAGridThatPostsBackIsFilledRowByRow(t *testing.T) {
	site := bareSite()
	rows := map[string][2]string{}
	page := func(w http.ResponseWriter, r *http.Request) {
		var b strings.Builder
		for i, name := range []string{"张明", "李华", "王芳"} {
			if r.Method == http.MethodPost {
				rows[name] = [2]string{r.FormValue(fmt.Sprint("amount", i)), r.FormValue(fmt.Sprint("kind", i))}
			}
			kinds := ""
			for _, k := range []string{"", "养老", "失业"} {
				selected := ""
				if k == rows[name][1] {
					selected = " selected"
				}
				kinds += "<option" + selected + ">" + k + "</option>"
			}
			fmt.Fprintf(&b, `<tr><td>%d</td><td>%s</td><td><input name=amount%d value="%s" onchange="form.submit()"></td><td><select name=kind%d onchange="form.submit()">%s</select></td></tr>`, i+1, name, i, rows[name][0], i, kinds)
		}
		serve(w, `<meta charset="utf-8"><form method=post action=/page><table><tr><th>序号</th><th>姓名</th><th>金额</th><th>险种</th></tr>`+b.String()+`</table></form>`)
	}
	site.mux.HandleFunc("GET /page", page)
	site.mux.HandleFunc("POST /page", page)
	site.listen(t)
	tab := seatAt(t, site.URL)
	want := map[string][2]string{"李华": {"20.00", "失业"}, "张明": {"10.00", "养老"}, "王芳": {"30.00", "失业"}}
	for name, values := range want {
		for i, column := range []string{"金额", "险种"} {
			must(t, tab, playbooks.Act{Verb: playbooks.Fill, At: playbooks.Locator{Table: "姓名", Row: name, Column: column}, Value: values[i]})
		}
	}
	for name, values := range want {
		if rows[name] != values {
			t.Errorf("%s: %q, want %q", name, rows[name], values)
		}
	}
}

// A calendar in a window of its own writes the day back through its opener.
func TestACalendarWindowWritesThroughItsOpener(t *testing.T) {
	site := newSite(t, map[string]string{
		"/page": `<meta charset="utf-8"><form name=f><p>离职日期 <input name=d readonly> <a href="#" onclick="window.open('/calendar','cal','width=220,height=200');return false">选择日期</a></p></form>`,
		"/calendar": `<meta charset="utf-8"><table><caption>2026年1月</caption><tr><td>一</td><td>二</td></tr><tr><td><a href="javascript:pick('05')">5</a></td><td><a href="javascript:pick('06')">6</a></td></tr></table>
<script>function pick(d){window.opener.document.f.d.value='2026-01-'+d;window.opener.document.f.d.onchange&&window.opener.document.f.d.onchange();window.close()}</script>`,
	})
	tab := seatAt(t, site.URL)
	must(t, tab, playbooks.Act{Verb: playbooks.Click, At: playbooks.Locator{Link: "选择日期"}})
	must(t, tab, playbooks.Act{Verb: playbooks.Click, At: playbooks.Locator{Link: "6"}})
	if seen := must(t, tab, playbooks.Act{Verb: playbooks.Read, At: playbooks.Locator{Label: "离职日期"}, Want: "text"}); seen.Text != "2026-01-06" {
		t.Errorf("the day that came back: %q", seen.Text)
	}
}

// A session that ends in the middle of a form is signed in again, and the form can
// be filled anew: nothing was sent meanwhile.
func TestASessionThatEndsInMidFormIsSignedInAgain(t *testing.T) {
	site := bareSite()
	var over atomic.Bool
	site.mux.HandleFunc("GET /form", func(w http.ResponseWriter, _ *http.Request) {
		serve(w, `<meta charset="utf-8"><form method=post action=/save><p>证件号码 <input name=id onchange="fetch('/person').then(r=>r.text()).then(x=>{if(x)document.body.innerHTML=x})"></p><p>姓名 <input name=n></p><input type=submit value=提交></form>`)
	})
	site.mux.HandleFunc("GET /person", func(w http.ResponseWriter, _ *http.Request) {
		if over.CompareAndSwap(false, true) {
			http.SetCookie(w, &http.Cookie{Name: "in", Path: "/", MaxAge: -1})
			serve(w, `页面失效，请重新登陆`)
		}
	})
	site.mux.HandleFunc("POST /save", func(w http.ResponseWriter, r *http.Request) {
		site.note(r.FormValue("n"))
		serve(w, `<meta charset="utf-8">保存成功`)
	})
	site.listen(t)
	b := start(t)
	number := seatNumber(t, b)
	access := playbooks.Access{URL: site.URL, Account: "robot", Password: "secret"}
	work := func() (playbooks.Seen, error) {
		tab, err := b.sit(t.Context(), system(), access, number)
		if err != nil {
			return playbooks.Seen{}, err
		}
		defer tab.Close()
		if _, err := tab.Do(t.Context(), playbooks.Act{Verb: playbooks.Open, Menu: []string{"/form"}}); err != nil {
			return playbooks.Seen{}, err
		}
		for _, act := range []playbooks.Act{fillAct("证件号码", "379901199003070018"), fillAct("姓名", "张明")} {
			if _, err := tab.Do(t.Context(), act); err != nil {
				return playbooks.Seen{}, err
			}
		}
		guard, _ := guardCount(nil)
		return tab.Commit(t.Context(), playbooks.Commit{Button: "提交", Saved: "保存成功"}, guard)
	}
	if _, err := work(); casework.AsFault(err).Code != "signed_out" || len(site.posted()) != 0 {
		t.Fatalf("want signed_out and nothing sent, got %v, %q", err, site.posted())
	}
	if seen, err := work(); err != nil || !seen.Saved || strings.Join(site.posted(), ",") != "张明" {
		t.Errorf("%v; saved %v, sent %q", err, seen.Saved, site.posted())
	}
}

// A form or a link whose page turns out to be a file leaves the page standing and
// gives the file.
func TestANavigationThatBecomesADownload(t *testing.T) {
	site := newSite(t, map[string]string{"/page": `<meta charset="utf-8"><p>月份 <input name=m></p><form method=post action=/export><input type=submit value="导出"></form><a href="/jump">对账单</a>`})
	file := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/vnd.ms-excel")
		w.Header().Set("Content-Disposition", `attachment; filename="a.xls"`)
		fmt.Fprint(w, "data")
	}
	site.mux.HandleFunc("POST /export", file)
	site.mux.HandleFunc("GET /file", file)
	site.mux.HandleFunc("GET /jump", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/file", http.StatusFound) })
	tab := seatAt(t, site.URL)
	must(t, tab, fillAct("月份", "2026-01"))
	for _, at := range []playbooks.Locator{{Button: "导出"}, {Link: "对账单"}} {
		seen := must(t, tab, playbooks.Act{Verb: playbooks.Download, At: at})
		if len(seen.Files) != 1 || string(seen.Files[0].Data) != "data" || seen.Files[0].Name != "a.xls" {
			t.Errorf("%s: %d files", describe(at), len(seen.Files))
		}
	}
	if seen := must(t, tab, playbooks.Act{Verb: playbooks.Read, At: playbooks.Locator{Label: "月份"}, Want: "text"}); seen.Text != "2026-01" {
		t.Errorf("the page did not stay: %q", seen.Text)
	}
}
