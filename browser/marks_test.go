package browser

import (
	"slices"
	"strings"
	"testing"

	"github.com/jingban/jingban/playbooks"
)

func TestMarksNameWhatThePageIsToldByAndNoValue(t *testing.T) {
	const inner = `<meta charset="utf-8"><table><tr><td>证件号码：</td><td><input value="379901198503120017"></td><td>性别</td><td><input type=radio name=s>男<input type=radio name=s>女</td></tr></table>
<table><tr><td>操作员甲</td><td>今天是2026年11月23日</td></tr></table>
<table border=1><tr><th>受理编号</th><th>姓　名*</th></tr><tr><td>SL2026030600017</td><td>张明<button>办理</button></td></tr></table><input type=button value="查询[Q]">`
	tab := seatAt(t, newSite(t, map[string]string{"/page": `<meta charset="utf-8"><button>返回</button><p style="display:none"><input placeholder="隐藏"></p><iframe src="/inner" width=900 height=300></iframe>`, "/inner": inner}).URL)
	seen := must(t, tab, playbooks.Act{Verb: playbooks.Read, Want: "marks"})
	want := playbooks.Marks{Fields: []string{"text 证件号码", "radios 性别"}, Buttons: []string{"返回", "查询[Q]"}, Tables: []string{"受理编号 | 姓名"}, Frames: 2}
	got := seen.Marks
	if !slices.Equal(got.Fields, want.Fields) || !slices.Equal(got.Buttons, want.Buttons) || !slices.Equal(got.Tables, want.Tables) || got.Frames != want.Frames {
		t.Errorf("got %+v, want %+v", got, want)
	}
	all := strings.Join(slices.Concat(got.Fields, got.Buttons, got.Tables), " ")
	if strings.Contains(all, "张明") || strings.Contains(all, "379901") || strings.Contains(all, "SL2026") {
		t.Errorf("the marks hold values: %s", all)
	}
}
