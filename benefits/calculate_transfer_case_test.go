package benefits_test

import (
	"testing"

	"github.com/jingban/jingban/casework"
)

func TestWhetherFundsFollowIsDatedDataOfTheKind(t *testing.T) {
	for kind, want := range map[string]map[string]any{
		"CROSS_PROVINCE":         {"word": "跨省转移", "handled": true, "funds": true, "follows": "yes"},
		"INTRA_PROVINCE":         {"word": "省内转移", "handled": true, "funds": false, "follows": "no"},
		"SYSTEM_SWITCH_RESIDENT": {"handled": false, "follows": "account"},
		"MILITARY":               {"handled": false},
	} {
		equal(t, compute(t, "transfer.kind", casework.Given{"region": "379900", "on": "2026-03-06", "kind": kind}).Values, want)
	}
	if out := compute(t, "transfer.kind", casework.Given{"region": "379900", "on": "2026-03-06", "kind": "其他"}); out.Values["handled"] != nil {
		t.Errorf("an unknown kind is handled: %v", out.Values)
	}
}

func TestTheHistoryNamesWhatAPersonMustSee(t *testing.T) {
	row := func(month, received string) map[string]string {
		arrived := "no"
		if received != "" {
			arrived = "yes"
		}
		return map[string]string{"month": month, "arrived": arrived, "received": received}
	}
	list := []map[string]string{row("202401", "2024-01-15"), row("202402", ""), row("202403", "2024-03-15"), row("202403", "2024-03-16"), row("202712", "2024-03-16")}
	equal(t, compute(t, "transfer.history", casework.Given{"region": "379900", "on": "2026-03-06", "months": list}).Values,
		map[string]any{"counted": 2, "arrears": "202402", "doubled": "202403", "odd": "202712", "first": "202401", "blocked": false})
	var many []map[string]string
	for i := range 36 {
		many = append(many, row(casework.Month(201801).Add(i).String(), "2021-05-20"))
	}
	given := casework.Given{"region": "379900", "on": "2026-03-06", "months": many}
	equal(t, compute(t, "transfer.history", given).Values, map[string]any{"blocked": true, "at_once": 36, "paid_on": "2021-05-20"})
	given["undertaking"] = true // too late for one
	equal(t, compute(t, "transfer.history", given).Values, map[string]any{"blocked": true})
	given["legal"] = true
	equal(t, compute(t, "transfer.history", given).Values, map[string]any{"blocked": false})
	given["months"], given["legal"], given["undertaking"] = many[:35], false, false
	equal(t, compute(t, "transfer.history", given).Values, map[string]any{"blocked": false, "at_once": 35})
}

func TestMoneyIsALettersOwnOrNobodys(t *testing.T) {
	row := func(payer, amount, remark string) map[string]string {
		return map[string]string{"serial": "S" + amount, "day": "2026-03-06", "payer": payer, "amount": amount, "remark": remark}
	}
	for name, c := range map[string]struct {
		rows  []map[string]string
		state string
	}{
		"by the letter":                {[]map[string]string{row("甲", "100.00", "LX1 张明")}, "match"},
		"by the name from the agency":  {[]map[string]string{row("宁川", "100.00", "张明 转移")}, "match"},
		"by the name from anybody":     {[]map[string]string{row("甲", "100.00", "张明 转移")}, "none"},
		"another amount":               {[]map[string]string{row("宁川", "99.99", "LX1")}, "differs"},
		"the right amount, twice paid": {[]map[string]string{row("宁川", "100.00", "LX1"), row("宁川", "100.00", "LX1")}, "several"},
		"two that add up":              {[]map[string]string{row("宁川", "60.00", "LX1"), row("宁川", "40.00", "LX1")}, "several"},
		"somebody else's":              {[]map[string]string{row("宁川", "100.00", "LX2 李四")}, "none"},
	} {
		out := compute(t, "transfer.receipt", casework.Given{"letter": "LX1", "name": "张明", "id_number": "379901198503120017", "agency": "宁川", "total": 10000, "receipts": c.rows})
		if out.Values["state"] != c.state {
			t.Errorf("%s: %v, want %s", name, out.Values["state"], c.state)
		}
	}
}

func TestTwoSystemsAgreeRowByRow(t *testing.T) {
	one := map[string]string{"first": "202001", "last": "202012", "months": "12", "base": "5,000.00", "principal": "4800", "interest": "157.04"}
	other := map[string]string{"first": "202001", "last": "202012", "months": "12", "base": "5000.00", "principal": "4,800.00", "interest": "157.04"}
	given := casework.Given{"theirs": []map[string]string{one}, "ours": []map[string]string{other}}
	equal(t, compute(t, "transfer.same", given).Values, map[string]any{"agrees": true, "rows": 1})
	other["interest"] = "157.05"
	equal(t, compute(t, "transfer.same", given).Values, map[string]any{"agrees": false, "differences": "202001：当年记账利息信息表为157.04，业务系统为157.05"})
	given["ours"] = []map[string]string{}
	equal(t, compute(t, "transfer.same", given).Values, map[string]any{"agrees": false})
}

func TestDuplicatesPlaceAndAccountAreComputedForPlaybooks(t *testing.T) {
	ours := []map[string]string{{"month": "202202", "principal": "400.00"}, {"month": "202203", "principal": "400.00"}}
	theirs := []map[string]string{{"month": "202201", "months": "3", "principal": "1,440.01"}}
	equal(t, compute(t, "transfer.duplicate", casework.Given{"region": "379900", "on": "2026-03-06", "ours": ours, "theirs": theirs}).Values,
		map[string]any{"overlap": "202202 202203", "count": 2, "counted": 3, "refund": 96001})
	relations := []map[string]string{{"province": "江苏", "months": "130"}, {"province": "广东", "months": "121", "temporary": "yes"}}
	equal(t, compute(t, "transfer.place", casework.Given{"region": "379900", "on": "2026-03-06", "home": "河南", "current": "广东", "relations": relations}).Values, map[string]any{"province": "江苏", "rule": "R3"})
	equal(t, compute(t, "transfer.account", casework.Given{"region": "379900", "on": "2020-06-15", "sex": "男", "birth": "1970-06-15", "home": "山东", "province": "江苏"}).Values, map[string]any{"kind": "TEMPORARY", "word": "临时缴费账户", "age": 50})
}
