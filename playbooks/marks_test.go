package playbooks_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/jingban/jingban/playbooks"
)

func TestMarksTellWhatChangedAndProposeWhatStandsInItsPlace(t *testing.T) {
	old := playbooks.Marks{Fields: []string{"text 证件号码", "text 姓名", "select 开户银行"}, Buttons: []string{"查询", "提交"}, Tables: []string{"受理编号 | 姓名"}, Frames: 3}
	same := playbooks.Marks{Fields: []string{"text 姓名", "text 证件号码", "select 开户银行"}, Buttons: []string{"提交", "查询"}, Tables: old.Tables, Frames: 3}
	if got := old.Changes(same); len(got) != 0 {
		t.Errorf("another order is no change: %v", got)
	}
	today := playbooks.Marks{Buttons: []string{"待办(3)"}, Tables: []string{"操作员 | 2026年11月23日", "受理编号 | 姓名"}}
	tomorrow := playbooks.Marks{Buttons: []string{"待办（12）"}, Tables: []string{"操作员 | 2026年11月24日"}}
	if got := append(today.Changes(tomorrow), tomorrow.Changes(today)...); len(got) != 0 {
		t.Errorf("another day is no change: %v", got)
	}
	now := playbooks.Marks{Fields: []string{"text 公民身份号码", "text 姓名", "text 开户行"}, Buttons: []string{"查询"}, Tables: []string{"受理编号 | 姓名 | 状态"}, Frames: 2}
	want := []string{`field "text 证件号码" is now "text 公民身份号码"`, `field "select 开户银行" is gone`, `field "text 开户行" is new`, `button "提交" is gone`,
		`table "受理编号 | 姓名" is now "受理编号 | 姓名 | 状态"`, `frames "3" is now "2"`}
	var got []string
	for _, c := range old.Changes(now) {
		got = append(got, c.String())
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestRenamedMarksBecomeAliasesAndNothingElseDoes(t *testing.T) {
	old := playbooks.Marks{Fields: []string{"text 证件号码", "text 姓名"}, Buttons: []string{"查询"}, Tables: []string{"受理编号 | 姓名 | 状态", "甲 | 乙"}, Frames: 3}
	now := playbooks.Marks{Fields: []string{"text 公民身份号码", "text 姓名"}, Buttons: []string{"检索"}, Tables: []string{"流水号 | 姓名 | 状态", "乙 | 甲"}, Frames: 2}
	want := map[string]string{"证件号码": "公民身份号码", "查询": "检索", "受理编号": "流水号"}
	if got := old.Aliases(now); !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := (playbooks.System{}).Also(map[string][]string{"证件号码": {"公民身份号码"}}); len(got.Aliases) != 1 {
		t.Errorf("a system without aliases of its own: %v", got.Aliases)
	}
	system := playbooks.System{Aliases: map[string][]string{"证件号码": {"身份证号"}}}
	if got := system.Also(map[string][]string{"证件号码": {"公民身份号码"}}); len(got.Aliases["证件号码"]) != 2 || len(system.Aliases["证件号码"]) != 1 {
		t.Errorf("%v, and the file's own %v", got.Aliases, system.Aliases)
	}
}

func TestTheLibraryKnowsWhichPagesAreOnlyLookedAt(t *testing.T) {
	library, err := playbooks.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	var menus []string
	for _, menu := range library.LookedAt("benefits") {
		menus = append(menus, strings.Join(menu, " / "))
	}
	if !slices.Contains(menus, "失业待遇 / 申领查询") || !slices.IsSorted(menus) {
		t.Errorf("%v", menus)
	}
	uses := library.Uses("benefits", "失业待遇 / 申领查询") // only verify opens it
	if len(uses) != 1 || uses[0].Playbook != "unemployment_claim" || !slices.Equal(uses[0].Steps, []string{"submit"}) {
		t.Errorf("a change of the page stops %v", uses)
	}
	if got := library.LookedAt("nowhere"); len(got) != 0 {
		t.Errorf("a system nobody drives has pages: %v", got)
	}
}
