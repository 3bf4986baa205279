package browser

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
)

// reach is how a page of each era is written, what a person asks for, and what
// must stand in the field then.
func TestFieldsOfManyErasAreFilled(t *testing.T) {
	const html = `<!doctype html><meta charset="utf-8">
<label for=f1>Full name <em>*</em></label><input id=f1>
<label>电子邮箱 <input id=f2 type=email></label>
<input id=f3 aria-label="移动电话"><span id=lb>居住地址</span><input id=f4 aria-labelledby=lb>
<input id=f5 placeholder="请输入关键字"><input id=f6 title="邮政编码" maxlength=6>
<table><tr><td><table><tr><td>开户名</td></tr></table></td><td><table><tr><td><input id=f7></td></tr></table></td></tr></table>
<table><tr><td>身高</td><td>体重</td></tr><tr><td><input id=f8></td><td><input id=f9></td></tr></table>
<dl><dt>职务：</dt><dd><input id=f10></dd></dl>
<div class=row><div class=col><b>Company</b></div><div class=col><input id=f11></div></div>
<p>出生日期 <input type=date id=f12></p><p>参保月份 <input type=month id=f13></p><p>人数 <input type=number id=f14></p>
<p>发证日期：<select id=y><option>2025<option>2026</select>年<select id=m><option>1<option>2</select>月<select id=d><option>01<option>02</select>日</p>
<p>语言 <select id=f15 multiple><option>中文<option>English<option>其他</select></p>
<fieldset><legend>婚姻状况</legend><label><input type=radio name=r value=0>未婚</label><label><input type=radio name=r value=1>已婚</label></fieldset>
<fieldset><legend>险种</legend><label><input type=checkbox name=k value=1>养老</label><label><input type=checkbox name=k value=2>医疗</label><label><input type=checkbox name=k value=3>失业</label></fieldset>
<label><input type=checkbox id=f16 style="position:absolute;opacity:0;width:0;height:0"><i></i> I agree</label>
<fieldset><legend>联系人甲</legend>姓名 <input id=n1></fieldset><fieldset><legend>联系人乙</legend>姓名 <input id=n2></fieldset>
<div><label for=note>情况说明</label><textarea id=note style="display:none"></textarea><iframe id=ed width=300 height=80></iframe></div>
<div>备注栏 <div id=ce contenteditable=true style="border:1px solid;min-height:20px"></div></div>
<p>起始日 <input id=f17 readonly class=Wdate onclick="WdatePicker()"></p>
<x-field label="卡号"></x-field>
<div>同意公告 <span role=checkbox aria-checked=false id=rc tabindex=0 onclick="this.setAttribute('aria-checked','true')">□</span></div>
<script>
ed.contentDocument.designMode='on';
customElements.define('x-field', class extends HTMLElement{constructor(){super();this.attachShadow({mode:'open'}).innerHTML='<input id=s1>'}});
</script>`
	tab := seatAt(t, newSite(t, map[string]string{"/page": html}).URL)
	for _, c := range []struct {
		at    playbooks.Locator
		value string
	}{
		{playbooks.Locator{Label: "full name"}, "Zhang Ming"}, {playbooks.Locator{Label: "电子邮箱"}, "a@example.com"},
		{playbooks.Locator{Label: "移动电话"}, "1"}, {playbooks.Locator{Label: "居住地址"}, "海州"}, {playbooks.Locator{Label: "请输入关键字"}, "字"},
		{playbooks.Locator{Label: "邮政编码"}, "222000"}, {playbooks.Locator{Label: "开户名"}, "张明"}, {playbooks.Locator{Label: "身高"}, "170"}, {playbooks.Locator{Label: "体重"}, "60"},
		{playbooks.Locator{Label: "职务"}, "科员"}, {playbooks.Locator{Label: "Company"}, "海州机械"}, {playbooks.Locator{Label: "出生日期"}, "19900307"},
		{playbooks.Locator{Label: "参保月份"}, "202601"}, {playbooks.Locator{Label: "人数"}, "12"}, {playbooks.Locator{Label: "发证日期"}, "2026-02-01"},
		{playbooks.Locator{Label: "语言"}, "中文,其他"}, {playbooks.Locator{Label: "婚姻状况"}, "已婚"}, {playbooks.Locator{Label: "险种"}, "养老、失业"},
		{playbooks.Locator{Label: "I agree"}, "yes"}, {playbooks.Locator{Label: "姓名", Near: "联系人乙"}, "李华"},
		{playbooks.Locator{Label: "情况说明"}, "第一行"}, {playbooks.Locator{Label: "备注栏"}, "富文本"}, {playbooks.Locator{Label: "起始日"}, "2026-01-02"},
		{playbooks.Locator{Label: "卡号"}, "6222"}, {playbooks.Locator{Label: "同意公告"}, "是"},
	} {
		seen, err := tab.Do(t.Context(), playbooks.Act{Verb: playbooks.Fill, At: c.at, Value: c.value})
		if err != nil || !sameValue(seen.Text, c.value) || seen.Fallback {
			t.Errorf("%s: read back %q, fallback %v, %v", describe(c.at), seen.Text, seen.Fallback, err)
		}
	}
	wantFault(t, tab, fillAct("姓名", "x"), "element_ambiguous")
}

func TestFieldsThatOfferEntriesTakeExactlyTheirValue(t *testing.T) {
	const html = `<!doctype html><meta charset="utf-8"><style>.pop{position:absolute;background:#fff;border:1px solid}</style>
<p>城市 <input id=c class=ui-autocomplete-input autocomplete=off></p>
<div>单位类型 <div id=sel role=combobox aria-haspopup=listbox tabindex=0 style="display:inline-block;width:120px;border:1px solid">请选择</div></div>
<div class=el-select>学历 <input id=edu readonly placeholder="请选择学历"></div>
<script>
const list=(el,all)=>{document.querySelectorAll('.pop').forEach(p=>p.remove());const p=document.createElement('div');p.className='pop';p.style.top='300px';
for(const a of all){const d=document.createElement('div');d.textContent=a;d.onmousedown=()=>{if(el.value!==undefined)el.value=a;else el.textContent=a;p.remove()};p.append(d)}document.body.append(p)};
c.addEventListener('input',()=>setTimeout(()=>list(c,['海州','海州区','灌南'].filter(x=>x.startsWith(c.value))),80));
c.addEventListener('change',()=>{c.dataset.left=1});
sel.onclick=()=>list(sel,['企业','机关','个体']);
edu.onclick=()=>list(edu,['大学','高中']);
</script>`
	tab := seatAt(t, newSite(t, map[string]string{"/page": html}).URL)
	for label, value := range map[string]string{"城市": "海州", "单位类型": "机关", "学历": "高中"} {
		if seen := must(t, tab, fillAct(label, value)); seen.Text != value {
			t.Errorf("%s: %q", label, seen.Text)
		}
	}
	wantFault(t, tab, fillAct("单位类型", "军队"), "value_not_kept")
	seen := must(t, tab, playbooks.Act{Verb: playbooks.Fill, At: playbooks.Locator{Label: "城市"}, Value: "灌南", Keys: true})
	if seen.Text != "灌南" {
		t.Errorf("typed: %q", seen.Text)
	}
	wantFault(t, tab, playbooks.Act{Verb: playbooks.Fill, At: playbooks.Locator{Label: "城市"}, Value: "海\r州", Keys: true}, "value_not_kept") // Enter would submit
}

// What stood over the page before the value was typed, and whatever is a button or
// leads somewhere, is no entry of a field's list.
func TestATypedValueClicksNothingButAnEntry(t *testing.T) {
	const html = `<!doctype html><meta charset="utf-8"><style>.pop{position:absolute}</style>
<p>城市 <input id=c class=ui-autocomplete-input autocomplete=off></p>
<div class=pop style="top:200px" onclick="document.title='stood'">海州</div>
<div id=late class=pop style="top:300px;display:none"><form action="/gone"><button>海州</button><input type=submit value="海州"></form><a href="/gone">海州</a></div>
<ul class=pop style="top:420px"><li role=menuitem onclick="document.title='menu'">灌南</li></ul>
<script>c.addEventListener('input',()=>{late.style.display=''})</script>`
	for _, value := range []string{"海州", "灌南"} {
		tab := seatAt(t, newSite(t, map[string]string{"/page": html}).URL)
		if seen := must(t, tab, fillAct("城市", value)); seen.Text != value {
			t.Errorf("%s: %q", value, seen.Text)
		}
		f, err := tab.ask(t.Context(), order{Do: "where"})
		if err != nil || strings.Contains(string(f.OK), "gone") {
			t.Errorf("%s: something was pressed: %s, %v", value, f.OK, err)
		}
		shots, err := tab.Shoot(t.Context(), "after")
		if err != nil || strings.Contains(string(shots[1].Data), "<title>") {
			t.Errorf("%s: something was pressed: %v", value, err)
		}
	}
}

func TestTablesOfManyEras(t *testing.T) {
	const html = `<!doctype html><meta charset="utf-8">
<h3>人员名单</h3><div class=head><table><tr><th><input type=checkbox></th><th>姓名</th><th>金额</th></tr></table></div>
<div class=body><table><tr><td><input type=checkbox></td><td>张明</td><td>10.00</td></tr><tr><td><input type=checkbox></td><td>李华</td><td>20.00</td></tr></table></div>
<table><tr><td colspan=3>明细表</td></tr><tr><td>序号</td><td>项目</td><td>数量</td><td>操作</td></tr>
<tr><td>1</td><td>甲</td><td><input value=1></td><td><a href=# onclick="document.title='甲';return false">删除</a></td></tr>
<tr><td>2</td><td>乙</td><td><input value=2></td><td><a href=# onclick="document.body.append('删了乙');return false">删除</a></td></tr></table>
<div role=grid aria-label="Orders"><div role=row><span role=columnheader>Number</span><span role=columnheader>Unit Price</span></div>
<div role=row><span role=gridcell>A1</span><span role=gridcell>9</span></div></div>`
	tab := seatAt(t, newSite(t, map[string]string{"/page": html}).URL)
	rows := func(table string) []playbooks.Row {
		return must(t, tab, playbooks.Act{Verb: playbooks.Read, At: playbooks.Locator{Table: table}, Want: "rows"}).Rows
	}
	if got := rows("人员名单"); len(got) != 2 || got[1]["金额"] != "20.00" {
		t.Errorf("a head apart from its body: %v", got)
	}
	if got := rows("orders"); len(got) != 1 || got[0]["Unit Price"] != "9" {
		t.Errorf("a grid of roles: %v", got)
	}
	must(t, tab, playbooks.Act{Verb: playbooks.Fill, At: playbooks.Locator{Table: "明细表", Row: "乙", Column: "数量"}, Value: "7"})
	if got := rows("明细表"); len(got) != 2 || got[1]["数量"] != "7" || got[0]["数量"] != "1" {
		t.Errorf("the cell: %v", got)
	}
	must(t, tab, playbooks.Act{Verb: playbooks.Click, At: playbooks.Locator{Link: "删除", Row: "乙"}})
	if text := tab.glance(t.Context()); !strings.Contains(text, "删了乙") {
		t.Error("the link of another row was pressed")
	}
}

func TestFramesOfOtherOriginsAndShadowTreesAreReached(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		serve(w, `<meta charset="utf-8"><p>外站编号 <input></p><button onclick="document.body.append('按到了')">外站按钮</button>`)
	}))
	defer other.Close()
	site := newSite(t, map[string]string{"/page": `<meta charset="utf-8"><p>本站编号 <input></p><div style="height:1500px"></div>
<iframe src="` + other.URL + `/in" width=400 height=150 style="border:5px solid;padding:3px"></iframe>
<iframe sandbox="allow-scripts" src="/boxed" width=400 height=100></iframe>`,
		"/boxed": `<meta charset="utf-8"><p>沙箱编号 <input></p>`})
	sys := system()
	sys.Hosts = []string{other.Listener.Addr().String()}
	tab := seatFor(t, sys, site.URL)
	for _, label := range []string{"外站编号", "本站编号", "沙箱编号"} {
		if seen := must(t, tab, fillAct(label, "7")); seen.Text != "7" {
			t.Errorf("%s: %q", label, seen.Text)
		}
	}
	must(t, tab, clickAct("外站按钮"))
	if text := tab.glance(t.Context()); !strings.Contains(text, "按到了") {
		t.Errorf("the button in the frame of another site was not pressed: %s", text)
	}
	if shots, err := tab.Shoot(t.Context(), "x"); err != nil || !strings.Contains(string(shots[1].Data), "外站编号") {
		t.Errorf("evidence lacks the frame of another site: %v", err)
	}
	wantFault(t, tab, clickAct("没有"), "element_missing")
}

func TestWhyAnElementCanNotBeUsed(t *testing.T) {
	const html = `<!doctype html><meta charset="utf-8"><style>@keyframes m{to{transform:translateX(900px)}} #mv{animation:m 3s linear infinite alternate}</style>
<button id=mv>走动</button><div style="position:fixed;left:-500px;top:400px"><button id=off>界外</button></div>
<div style="position:relative;width:80px"><button>盖住</button><div style="position:absolute;inset:0;background:#ccc">请稍候</div></div><button disabled>灰的</button>`
	tab := seatAt(t, newSite(t, map[string]string{"/page": html}).URL)
	for name, code := range map[string]string{"走动": "element_moving", "盖住": "element_covered", "灰的": "element_disabled"} {
		wantFault(t, tab, clickAct(name), code)
	}
	if _, err := tab.Do(t.Context(), clickAct("盖住")); err == nil || !strings.Contains(casework.AsFault(err).Error(), "请稍候") {
		t.Errorf("what covers it is not named: %v", err)
	}
	if _, err := tab.Do(t.Context(), clickAct("界外")); err == nil {
		t.Error("a button outside the window was pressed")
	}
}

func TestDialogsAreAnsweredAsTheStepSays(t *testing.T) {
	const html = `<meta charset="utf-8"><button onclick="r.textContent=prompt('请输入原因')">原因</button><button onclick="r.textContent=confirm('数据量大，是否继续？')?'继续':'不继续'">大查询</button><p id=r></p>`
	tab := seatAt(t, newSite(t, map[string]string{"/page": html}).URL)
	answer := clickAct("原因")
	answer.Confirm, answer.Answer = "请输入原因", "测试"
	yes, no := clickAct("大查询"), clickAct("大查询")
	yes.Confirm, no.Dismiss = "是否继续", "是否继续"
	for _, c := range []struct {
		act  playbooks.Act
		want string
	}{{answer, "测试"}, {yes, "继续"}, {no, "不继续"}} {
		must(t, tab, c.act)
		if text := tab.glance(t.Context()); !strings.Contains(text, c.want) {
			t.Errorf("%q lacks %q", text, c.want)
		}
	}
	wantFault(t, tab, clickAct("大查询"), "dialog_unexpected")
}

func TestKeysHoverAndWaiting(t *testing.T) {
	const html = `<!doctype html><meta charset="utf-8"><style>ul ul{display:none} li:hover>ul{display:block}</style>
<ul><li>系统管理<ul><li><a href="#" onclick="r.textContent='进了日志'">日志</a></li></ul></li></ul>
<p>关键字 <input onkeydown="if(event.key==='Enter')setTimeout(()=>r.textContent='找到：'+this.value,700)"></p><p id=r></p>`
	tab := seatAt(t, newSite(t, map[string]string{"/page": html}).URL)
	must(t, tab, playbooks.Act{Verb: playbooks.Hover, At: playbooks.Locator{Text: "系统管理"}})
	must(t, tab, playbooks.Act{Verb: playbooks.Click, At: playbooks.Locator{Link: "日志"}})
	must(t, tab, playbooks.Act{Verb: playbooks.Wait, Value: "进了日志"})
	must(t, tab, fillAct("关键字", "海州"))
	must(t, tab, playbooks.Act{Verb: playbooks.Press, At: playbooks.Locator{Label: "关键字"}, Value: "Enter"})
	must(t, tab, playbooks.Act{Verb: playbooks.Wait, Value: "找到：海州"})
	must(t, tab, playbooks.Act{Verb: playbooks.Wait, Value: "进了日志", Want: "gone"})
	usual := tab.browser.config.Verb
	defer func() { tab.browser.config.Verb = usual }()
	tab.browser.config.Verb = 600 * time.Millisecond
	for _, within := range []time.Duration{0, time.Second} { // a person is asked: the page is there, the text is not
		wantFault(t, tab, playbooks.Act{Verb: playbooks.Wait, Value: "永远没有", Within: within}, "element_missing")
	}
	wantFault(t, tab, playbooks.Act{Verb: playbooks.Wait, Value: "永不", Within: 1}, "element_missing")
}

func TestOldPagesAreGivenBackWhatTheyExpect(t *testing.T) {
	site := newSite(t, map[string]string{
		"/page": `<meta charset="utf-8"><p>单位 <input id=u></p><button id=b>选择</button><button id=q>旧式</button><p id=r></p><script>
b.attachEvent('onclick', function(){ var v = showModalDialog('/pick', window, 'dialogWidth:300px;dialogHeight:200px'); if (v) document.getElementById('u').value = v; });
q.attachEvent('onclick', function(){ var x = new ActiveXObject('Microsoft.XMLHTTP'); x.open('GET','/data',false); x.send(); r.innerText = x.responseText + window.event.srcElement.id; });
</script>`,
		"/pick": `<meta charset="utf-8"><button onclick="window.returnValue='海州'+(window.dialogArguments.document.title||'机械');window.close()">确定</button>`,
		"/data": `数据`,
	})
	sys := system()
	sys.Shims = playbooks.ShimNames()
	tab := seatFor(t, sys, site.URL)
	must(t, tab, clickAct("选择"))
	must(t, tab, clickAct("确定"))
	must(t, tab, clickAct("旧式"))
	if seen := must(t, tab, playbooks.Act{Verb: playbooks.Read, At: playbooks.Locator{Label: "单位"}, Want: "text"}); seen.Text != "海州机械" {
		t.Errorf("the dialog's answer: %q", seen.Text)
	}
	if text := tab.glance(t.Context()); !strings.Contains(text, "数据q") {
		t.Errorf("old objects: %q", text)
	}
	for _, name := range playbooks.ShimNames() {
		if shimScript([]string{name}) == "" {
			t.Errorf("shim %s has no script", name)
		}
	}
}

func TestBasicAuthenticationIsSentToTheSystemOnly(t *testing.T) {
	var leaked bool
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { leaked = leaked || r.Header.Get("Authorization") != "" }))
	defer other.Close()
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if u, p, _ := r.BasicAuth(); u != "robot" || p != "secret" {
			w.Header().Set("WWW-Authenticate", "Basic")
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		serve(w, `<meta charset="utf-8">欢迎 <img src="`+other.URL+`">`)
	}))
	defer site.Close()
	sys := system()
	sys.SignIn = playbooks.SignIn{Open: "/", Basic: true, Done: "欢迎"}
	sys.Hosts = []string{other.Listener.Addr().String()}
	b := start(t)
	number := seatNumber(t, b)
	tab, err := b.sit(t.Context(), sys, playbooks.Access{URL: site.URL, Account: "robot", Password: "secret"}, number)
	if err != nil {
		t.Fatal(err)
	}
	tab.Close()
	if leaked {
		t.Error("the password went to another host")
	}
}

// A wrong password is a person's business: it is not the system that is down, and
// it is not tried again.
func TestAWrongPasswordOfBasicAuthenticationIsTriedOnce(t *testing.T) {
	var tried atomic.Int32
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, _, sent := r.BasicAuth(); sent && r.URL.Path == "/" {
			tried.Add(1)
		}
		w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
		w.WriteHeader(http.StatusUnauthorized)
	}))
	defer site.Close()
	sys := system()
	sys.SignIn = playbooks.SignIn{Open: "/", Basic: true, Done: "欢迎"}
	b := start(t)
	number := seatNumber(t, b)
	for range 2 {
		_, err := b.sit(t.Context(), sys, playbooks.Access{URL: site.URL, Account: "robot", Password: "wrong"}, number)
		if f := casework.AsFault(err); err == nil || f.Code != "sign_in_refused" || f.Kind != casework.NeedsHuman {
			t.Errorf("%v", err)
		}
	}
	if n := tried.Load(); n != 1 {
		t.Errorf("tried %d times", n)
	}
}

func TestASelfSignedCertificateIsTakenOnlyByItsHash(t *testing.T) {
	b := start(t)
	cert, err := b.key.certificate("127.0.0.1") // nobody vouches for it
	if err != nil {
		t.Fatal(err)
	}
	site := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { serve(w, `<meta charset="utf-8">当前操作员`) }))
	site.TLS = &tls.Config{Certificates: []tls.Certificate{*cert}}
	site.StartTLS()
	defer site.Close()
	sum := sha256.Sum256(cert.Certificate[0])
	for pin, good := range map[string]bool{"sha256:" + hex.EncodeToString(sum[:]): true, "sha256:" + strings.Repeat("0", 64): false, "": false} {
		sys := system()
		sys.SignIn, sys.Certificate = playbooks.SignIn{Open: "/", Done: "当前操作员"}, pin
		tab, err := b.sit(t.Context(), sys, playbooks.Access{URL: site.URL}, seatNumber(t, b))
		gate := openTestGate(t, site.URL, nil, time.Now)
		gate.pin = pin
		if gate.upstreamTLS("127.0.0.1").InsecureSkipVerify != (pin != "") || gate.upstreamTLS("elsewhere.example").InsecureSkipVerify {
			t.Error("the hash stands for the system alone")
		}
		if (err == nil) != good {
			t.Errorf("pin %q: %v", pin, err)
		}
		if err == nil {
			tab.Close()
		}
	}
}

// seatFor opens "/page" of a system in a seat of its own, without signing in.
func seatFor(t *testing.T, sys playbooks.System, url string) *Tab {
	t.Helper()
	b := start(t)
	number := int(chromium.seats.Add(1))
	access := playbooks.Access{URL: url, Account: "robot", Password: "secret"}
	s, err := b.take(t.Context(), sys, access, number, secretOf(sys, access))
	if err != nil {
		t.Fatal(err)
	}
	tab := &Tab{browser: b, seat: s, system: sys}
	leave(t, tab, number)
	if _, err := tab.visit(t.Context(), s.below("/page")); err != nil {
		t.Fatal(err)
	}
	return tab
}
