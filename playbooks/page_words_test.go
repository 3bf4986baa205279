package playbooks

import "testing"

func TestTotalIsThePagesOwnCount(t *testing.T) {
	for page, want := range map[string]int{
		"共 7 条记录　第 1/2 页": 7,
		"查询结果 共０条":        0,
		"合计：3 笔":          3,
		"共 2 条记录 … 共2条记录": 2,
		"共 2 条 … 共 3 条":   -1,
		"没有符合条件的记录":       -1,
		"":                -1,
		"共 99999999999 条": -1,
	} {
		if got := total(page); got != want {
			t.Errorf("%q: %d, want %d", page, got, want)
		}
	}
}

func TestPlainMakesTextsComparable(t *testing.T) {
	for text, want := range map[string]string{
		"*姓　　名：": "姓名", "提交[S]": "提交", "提 交": "提交", "６２２２ 02": "622202", "a[12]": "a[12]", "[S]": "[S]", "": "",
	} {
		if got := plain(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestCodeNeverGuesses(t *testing.T) {
	s := System{Codes: map[string]map[string]string{"reason": {"E01": "11", "期满": "11", "合同到期": "11", "辞退": "41", "破产": "12"}}}
	for text, want := range map[string]string{
		"E01": "11", "劳动合同期满终止": "11", "期满，合同到期": "11", "因单位破产辞退": "", "其他": "", "": "", "U00": "",
	} {
		if got := s.code("reason", text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if got := s.code("other", "E01"); got != "" {
		t.Errorf("unknown list gives %q", got)
	}
}

func TestTextsAreComparedWithoutWhatPagesAddToThem(t *testing.T) {
	for text, want := range map[string]string{
		" 姓 名：": "姓名", "保存[S]": "保存", "１２３": "123", "6,372.00": "6372.00", "1,234,567": "1234567", "-1,000.50": "-1000.50",
		"6,37": "6,37", "1,2,3": "1,2,3", "0001": "0001", "备注[待补]": "备注[待补]",
	} {
		if got := plain(text); got != want {
			t.Errorf("%q is compared as %q, want %q", text, got, want)
		}
	}
}
