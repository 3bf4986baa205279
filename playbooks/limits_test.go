package playbooks_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
)

const limited = `system: pensions
title: {zh: 养老, en: Pensions}
base: systems.pensions.url
account: systems.pensions.account
sign_in: {open: /login, fill: {用户名: account}, click: {button: 登录}, done: 欢迎}
looks: {elsewhere: [账号已在别处登录]}
seats: 3
limits:
  per_minute: 120
  per_day: 800
  hours: [工作日 8:30-17:00]
  last_start: 10m
  canary: 综合查询 / 人员查询
`

func TestSystemFileSaysHowTheSystemMayBeUsed(t *testing.T) {
	system, problems := playbooks.ParseSystem("pensions.yaml", []byte(limited))
	if problems.Broken() {
		t.Fatal(problems)
	}
	got := system.Limits
	want := casework.Limits{Seats: 3, PerMinute: 120, PerDay: 800, LastStart: 10, Canary: true, Hours: []string{"工作日 8:30-17:00"}}
	if got.Seats != want.Seats || got.PerMinute != want.PerMinute || got.PerDay != want.PerDay || got.LastStart != want.LastStart ||
		got.Canary != want.Canary || !slices.Equal(got.Hours, want.Hours) {
		t.Errorf("limits = %+v; want %+v", got, want)
	}
	if !slices.Equal(system.Canary, []string{"综合查询", "人员查询"}) || !slices.Equal(system.Looks.Elsewhere, []string{"账号已在别处登录"}) {
		t.Errorf("canary %q, elsewhere %q", system.Canary, system.Looks.Elsewhere)
	}
}

func TestSystemFileRefusesLimitsThatMeanNothing(t *testing.T) {
	for old, bad := range map[string]string{"per_day: 800": "per_day: 0", "工作日 8:30-17:00": "早上", "per_minute": "per_hour"} {
		_, problems := playbooks.ParseSystem("pensions.yaml", []byte(strings.Replace(limited, old, bad, 1)))
		if !problems.Broken() {
			t.Errorf("%q was taken", bad)
		}
	}
}
