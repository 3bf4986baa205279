package browser

import (
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
)

const claimForm = `<meta charset="utf-8"><form action="/save" method="post"><table border=1>
<tr><td><font color=red>*</font>证件号码　：</td><td><input name="a"></td><td>姓　　名</td><td><input name="b"></td></tr>
<tr><td>性别：</td><td><input type=radio name=sex value=1>男 <input type=radio name=sex value=2>女</td>
    <td>银行＊</td><td><select name=bank><option>请选择</option><option value=1>工商　银行</option><option value=2>农业银行</option></select></td></tr>
<tr><td>已核对</td><td><input type=checkbox name=ok></td><td>备注</td><td><textarea name=memo></textarea></td></tr>
<tr style="display:none"><td>备注</td><td><input name=hidden_twin></td></tr>
<tr><td>金额</td><td><input name=money onblur="this.value=this.value.replace(/(\d)(?=(\d{3})+\.)/g,'$1,')"></td><td>状态</td><td><input name=ro readonly value="正常"></td></tr>
</table>
<input type=button value="保存[S]" onclick="document.title='saved'"><input type=submit value="提交" style="display:none"></form>`

func TestFillFindsFieldsByTheWordsBesideThem(t *testing.T) {
	tab := seatAt(t, newSite(t, map[string]string{"/page": claimForm}).URL)
	for _, c := range []struct{ label, value string }{
		{"证件号码", "379901199001011234"}, {"姓名", "张明"}, {"性别", "女"}, {"银行", "工商银行"}, {"已核对", "是"}, {"备注", "第二次"},
		{"金额", "1234567.00"}, {"状态", "正常"},
	} {
		seen := must(t, tab, fillAct(c.label, c.value))
		if !sameValue(seen.Text, c.value) || seen.Fallback {
			t.Errorf("%s: read back %q, fallback %v", c.label, seen.Text, seen.Fallback)
		}
	}
	shots, err := tab.Shoot(t.Context(), "filled")
	if err != nil {
		t.Fatal(err)
	}
	dom := string(shots[1].Data)
	for _, want := range []string{`value="379901199001011234"`, `value="1,234,567.00"`, `name="sex" value="2" checked=""`, "第二次</textarea>"} {
		if !strings.Contains(dom, want) {
			t.Errorf("the DOM kept as evidence lacks %s", want)
		}
	}
	if !strings.Contains(dom, `name="hidden_twin" value=""`) {
		t.Error("the hidden twin was filled")
	}
}

func TestFillAndClickStopUnlessExactlyOneMatches(t *testing.T) {
	const html = `<meta charset="utf-8"><table><tr><td>姓名</td><td><input></td><td>姓名</td><td><input></td></tr>
<tr><td>单位</td><td><input disabled></td><td>日期</td><td><input readonly></td><td>编码</td><td><input maxlength=3></td></tr>
<tr><td>开户行</td><td><select><option>甲<option>乙</select></td><td>改写</td><td><input onchange="this.value='其他'"></td></tr></table>
<button type=button>查询</button><div><button type=button>查询</button></div>
<div style="position:relative"><button type=button id=under>盖住</button><div style="position:absolute;inset:0;background:#ccc"></div></div>
<button type=button disabled>灰的</button>`
	tab := seatAt(t, newSite(t, map[string]string{"/page": html}).URL)
	for _, c := range []struct {
		act  playbooks.Act
		code string
	}{
		{fillAct("姓名", "张明"), "element_ambiguous"},
		{fillAct("单位", "甲"), "element_disabled"},
		{fillAct("日期", "20260101"), "element_disabled"},
		{fillAct("编码", "1234"), "value_not_kept"},
		{fillAct("开户行", "丙"), "value_not_kept"},
		{fillAct("改写", "原文"), "value_not_kept"},
		{fillAct("单位名", "甲"), "element_missing"},
		{clickAct("查询"), "element_ambiguous"},
		{clickAct("盖住"), "element_covered"},
		{clickAct("灰的"), "element_disabled"},
		{clickAct("提交"), "element_missing"},
	} {
		wantFault(t, tab, c.act, c.code)
	}
	_, err := tab.Do(t.Context(), fillAct("单位名", "甲"))
	if f := casework.AsFault(err); f.Kind != casework.NeedsHuman || !strings.Contains(f.Error(), "单位") {
		t.Errorf("a missing field should name the nearest label and go to a person: %v", err)
	}
}

func TestClickMatchesAButtonWithItsKeyboardHint(t *testing.T) {
	html := strings.Replace(claimForm, "document.title='saved'", "this.insertAdjacentText('afterend','按下了')", 1)
	tab := seatAt(t, newSite(t, map[string]string{"/page": html}).URL)
	must(t, tab, clickAct("保存"))
	if seen := must(t, tab, fillAct("姓名", "张明")); !strings.Contains(seen.Page, "按下了") {
		t.Error("the button was not pressed")
	}
}

func TestAliasesAreEqualAndCSSIsAFallback(t *testing.T) {
	tab := seatAt(t, newSite(t, map[string]string{"/page": claimForm}).URL)
	at := playbooks.Locator{Label: "公民身份号码", Alias: []string{"证件号码"}}
	if seen := must(t, tab, playbooks.Act{Verb: playbooks.Fill, At: at, Value: "1"}); seen.Fallback {
		t.Error("an alias is no fallback")
	}
	at = playbooks.Locator{Label: "不存在", CSS: "input[name=b]"}
	if seen := must(t, tab, playbooks.Act{Verb: playbooks.Fill, At: at, Value: "1"}); !seen.Fallback {
		t.Error("CSS must count as a fallback")
	}
}

func TestMenuAndFieldsAreFoundAcrossFramesOfAGBKFrameset(t *testing.T) {
	site := newSite(t, map[string]string{
		"/page": `<html><head><meta charset="gbk"></head><frameset cols="200,*"><frame src="/menu"><frame name="main" src="/empty"></frameset></html>`,
		"/menu": `<meta charset="gbk"><div class=head onclick="sub1.style.display='block'">失业待遇</div><div id=sub1 style="display:none"><a href="/entry" target=main>登记</a></div>
<div class=head onclick="sub2.style.display='none'">工伤待遇</div><div id=sub2><a href="/empty" target=main>登记</a></div>`,
		"/empty": `<meta charset="gbk">空`,
		"/entry": `<meta charset="gbk"><iframe src="/form" width=600 height=300></iframe>`,
		"/form":  `<meta charset="gbk"><table><tr><td>姓　名：</td><td><input name=n></td></tr></table><button type=button onclick="alert('请填写：'+document.querySelector('input').value)">检查</button>`,
	})
	tab := signedInAt(t, site.URL)
	// Open goes home first, so the menu is clicked from here as one path.
	must(t, tab, playbooks.Act{Verb: playbooks.Open, Menu: []string{"功能", "失业待遇", "登记"}})
	seen := must(t, tab, fillAct("姓名", "张明"))
	if seen.Text != "张明" {
		t.Errorf("read back %q", seen.Text)
	}
	if seen = must(t, tab, clickAct("检查")); !reflect.DeepEqual(seen.Dialogs, []string{"请填写：张明"}) {
		t.Errorf("dialogs: %q", seen.Dialogs)
	}
}

func TestFillStopsAtACharacterThePageCanNotEncode(t *testing.T) {
	site := newSite(t, map[string]string{"/page": `<meta charset="gbk"><form>姓名：<input name=n></form>`})
	tab := seatAt(t, site.URL)
	must(t, tab, fillAct("姓名", "张明"))
	wantFault(t, tab, fillAct("姓名", "张𬱖"), "value_not_encodable")

	utf8 := seatAt(t, newSite(t, map[string]string{"/page": `<meta charset="utf-8"><form>姓名：<input name=n></form>`}).URL)
	must(t, utf8, fillAct("姓名", "张𬱖"))
}

func TestReadRowsByHeadingAndTextsByLabel(t *testing.T) {
	const html = `<meta charset="utf-8"><table><tr><td>
<p>申领记录（共 2 条）</p>
<table border=1><tr><th rowspan=2>序号</th><th colspan=2>申领</th><th rowspan=2>状态</th></tr><tr><th>月份</th><th>金额</th></tr>
<tr><td>1</td><td>202601</td><td>1,800.00</td><td>有效</td></tr><tr><td>2</td><td>202602</td><td>1,800.00</td><td>已作废 <a href=#>详情</a></td></tr>
<tr><td colspan=4>第 1 页</td></tr></table>
<p>发放记录</p><table><tr><td>月份</td><td>金额</td></tr><tr><td>202601</td><td>5</td></tr></table>
</td></tr></table>
<table><tr><td>受理编号：</td><td>SY20260001</td></tr></table><p>经办人：王芳，经办日期：2026-01-02</p>`
	tab := seatAt(t, newSite(t, map[string]string{"/page": html}).URL)
	seen := must(t, tab, playbooks.Act{Verb: playbooks.Read, At: playbooks.Locator{Table: "申领记录"}, Want: "rows"})
	if want := []string{"序号", "月份", "金额", "状态"}; !reflect.DeepEqual(seen.Columns, want) {
		t.Errorf("columns %q, want %q", seen.Columns, want)
	}
	want := []playbooks.Row{{"序号": "1", "月份": "202601", "金额": "1,800.00", "状态": "有效"}, {"序号": "2", "月份": "202602", "金额": "1,800.00", "状态": "已作废 详情"}}
	if !reflect.DeepEqual(seen.Rows, want) {
		t.Errorf("rows %v", seen.Rows)
	}
	for label, text := range map[string]string{"受理编号": "SY20260001", "经办日期": "2026-01-02"} {
		if seen := must(t, tab, playbooks.Act{Verb: playbooks.Read, At: playbooks.Locator{Label: label}, Want: "text"}); seen.Text != text {
			t.Errorf("%s: %q, want %q", label, seen.Text, text)
		}
	}
	cell := playbooks.Locator{Table: "申领记录", Row: "202602", Column: "状态"}
	if seen := must(t, tab, playbooks.Act{Verb: playbooks.Read, At: cell, Want: "text"}); seen.Text != "已作废 详情" {
		t.Errorf("cell: %q", seen.Text)
	}
	wantFault(t, tab, playbooks.Act{Verb: playbooks.Read, At: playbooks.Locator{Table: "月份"}, Want: "rows"}, "element_ambiguous")
}

func TestMenuTellsEqualEntriesOfDifferentGroupsApart(t *testing.T) {
	const fold = `onclick="const d=this.nextElementSibling; d.style.display=d.style.display?'':'none'"`
	site := newSite(t, map[string]string{
		"/page": `<meta charset="utf-8"><div class=cd ` + fold + `>失业待遇</div><div class=yz style="display:none"><a href="/right">申领查询</a></div>
<div class=cd ` + fold + `>工伤待遇</div><div class=yz><a href="/wrong">申领查询</a></div>
<div class=cd ` + fold + `>养老待遇</div><div class=yz><a href="/open">退休核定</a></div>`,
		"/right": `<meta charset="utf-8">失业的查询页`, "/wrong": `<meta charset="utf-8">工伤的查询页`, "/open": `<meta charset="utf-8">退休的核定页`,
	})
	tab := signedInAt(t, site.URL)
	for _, c := range []struct{ group, entry, page string }{
		{"失业待遇", "申领查询", "失业的查询页"}, // folded, and a twin stands open elsewhere
		{"养老待遇", "退休核定", "退休的核定页"}, // unfolded already: the heading folds it
	} {
		seen := must(t, tab, playbooks.Act{Verb: playbooks.Open, Menu: []string{"功能", c.group, c.entry}})
		if !strings.Contains(seen.Page, c.page) {
			t.Errorf("%s / %s led to %q", c.group, c.entry, seen.Page)
		}
	}
	wantFault(t, tab, playbooks.Act{Verb: playbooks.Open, Menu: []string{"功能", "失业待遇", "退休核定"}}, "element_missing")
}

func TestRowsOfCaptionsNameTheFieldsBelowThem(t *testing.T) {
	site := newSite(t, map[string]string{"/page": `<meta charset="utf-8"><table border=1><tr><td>证件号码：</td><td>姓名：</td></tr><tr><td><input id=a></td><td><input id=b></td></tr>
<tr><td>银行账号：</td><td>开户银行：</td></tr><tr><td><input id=c></td><td><input id=d></td></tr></table>
<table border=1><tr><td>主号</td><td><input id=e readonly> <input type=button value="?" onclick="e.value='主'"></td><td>副号</td><td><input id=f readonly> <input type=button value="?" onclick="f.value='副'"></td></tr></table>
<table border=1><tr><td>甲号</td><td>乙号</td></tr><tr><td><input id=g readonly> <input type=button value="…" onclick="g.value='甲'"></td><td><input id=h readonly> <input type=button value="…" onclick="h.value='乙'"></td></tr></table>`})
	tab := seatAt(t, site.URL)
	for _, label := range []string{"证件号码", "姓名", "银行账号", "开户银行"} {
		must(t, tab, playbooks.Act{Verb: playbooks.Fill, At: playbooks.Locator{Label: label}, Value: label})
	}
	for _, at := range []playbooks.Locator{{Button: "?", Near: "副号"}, {Button: "…", Near: "甲号"}} {
		must(t, tab, playbooks.Act{Verb: playbooks.Click, At: at})
	}
	got := ""
	for _, css := range []string{"#a", "#b", "#c", "#d", "#e", "#f", "#g", "#h"} {
		got += must(t, tab, playbooks.Act{Verb: playbooks.Read, At: playbooks.Locator{CSS: css}, Want: "text"}).Text + "|"
	}
	if want := "证件号码|姓名|银行账号|开户银行||副|甲||"; got != want {
		t.Errorf("the fields hold %s, want %s", got, want)
	}
}

func TestOtherSpellingsHoldForMenusAndForWhatNarrowsDown(t *testing.T) {
	site := newSite(t, map[string]string{
		"/page": `<meta charset="utf-8"><div class=cd>失业保险</div><div class=yz><a href="/form">申领录入</a></div>`,
		"/form": `<meta charset="utf-8"><table><tr><td>主号人员编号：</td><td><input id=a> <input type=button value="?" onclick="a.value=1"></td></tr>
<tr><td>副号人员编号：</td><td><input id=b> <input type=button value="?" onclick="b.value=2"></td></tr></table>
<table border=1><caption>记录</caption><tr><th>流水号</th><th>办理状态</th></tr><tr><td>77</td><td>已受理</td></tr></table>`,
	})
	tab := signedInAt(t, site.URL)
	tab.system = tab.system.Also(map[string][]string{"失业待遇": {"失业保险"}, "申领登记": {"申领录入"}})
	must(t, tab, playbooks.Act{Verb: playbooks.Open, Menu: []string{"功能", "失业待遇", "申领登记"}})
	must(t, tab, playbooks.Act{Verb: playbooks.Click, At: playbooks.Locator{Button: "?", Near: "副号个人编号", AliasOf: map[string][]string{"副号个人编号": {"副号人员编号"}}}})
	if seen := must(t, tab, playbooks.Act{Verb: playbooks.Read, At: playbooks.Locator{Label: "副号人员编号"}, Want: "text"}); seen.Text != "2" {
		t.Errorf("the button near another field was pressed: %q", seen.Text)
	}
	state := playbooks.Locator{Table: "记录", Row: "77", Column: "状态", AliasOf: map[string][]string{"状态": {"办理状态"}}}
	if seen := must(t, tab, playbooks.Act{Verb: playbooks.Read, At: state, Want: "text"}); seen.Text != "已受理" {
		t.Errorf("the column reads %q", seen.Text)
	}
}

func TestDialogsAreDeniedAndRecorded(t *testing.T) {
	const html = `<meta charset="utf-8"><button type=button onclick="document.body.append(confirm('删除张明的记录？') ? '删了' : '没删')">删除</button>
<button type=button onclick="alert('没有符合条件的记录')">查询</button><input onchange="prompt('密码？')" aria-label=口令>`
	tab := seatAt(t, newSite(t, map[string]string{"/page": html}).URL)
	seen := wantFault(t, tab, clickAct("删除"), "dialog_unexpected")
	if !strings.Contains(seen.Page, "没删") || !reflect.DeepEqual(seen.Dialogs, []string{"删除张明的记录？"}) {
		t.Errorf("page %q, dialogs %q", seen.Page, seen.Dialogs)
	}
	if seen = must(t, tab, clickAct("查询")); !reflect.DeepEqual(seen.Dialogs, []string{"没有符合条件的记录"}) {
		t.Errorf("dialogs %q", seen.Dialogs)
	}
	wantFault(t, tab, fillAct("口令", "a"), "dialog_unexpected")
}

func TestAFormThatReloadsItselfKeepsItsValue(t *testing.T) {
	site := newSite(t, nil)
	site.mux.HandleFunc("GET /page", func(w http.ResponseWriter, r *http.Request) {
		kind := r.FormValue("kind")
		serve(w, `<meta charset="utf-8"><form><table><tr><td>类型</td><td><input name=kind value="`+kind+`" onchange="this.form.submit()"></td></tr></table></form>`)
	})
	tab := seatAt(t, site.URL)
	if seen := must(t, tab, fillAct("类型", "甲")); seen.Text != "甲" {
		t.Errorf("read back %q", seen.Text)
	}
}

func TestClickWaitsForTheNextPage(t *testing.T) {
	site := newSite(t, map[string]string{"/page": `<meta charset="utf-8"><form action="/list">月份：<input name=m><input type=submit value="查询[Q]"></form>`})
	site.mux.HandleFunc("GET /list", func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(300 * time.Millisecond) // a slow system
		serve(w, `<meta charset="utf-8">共 0 条`)
	})
	tab := seatAt(t, site.URL)
	must(t, tab, clickAct("查询"))
	if text := tab.glance(t.Context()); !strings.Contains(text, "共 0 条") {
		t.Errorf("the click came back on %q", text)
	}
}
