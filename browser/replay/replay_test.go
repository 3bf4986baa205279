package replay_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jingban/jingban/browser"
	"github.com/jingban/jingban/browser/replay"
	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/fixtures/legacy/benefits"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/playbooks/pagetest"
)

func chromium(t *testing.T) *browser.Browser {
	t.Helper()
	dir, err := os.MkdirTemp("", "jingban-browser-")
	if err != nil {
		t.Fatal(err)
	}
	user, ok := browser.Unprivileged()
	b, err := browser.Start(context.WithoutCancel(t.Context()), browser.Config{Profile: dir, User: user, NoSandbox: !ok, Verb: 20 * time.Second})
	if err != nil {
		os.RemoveAll(dir)
		if casework.AsFault(err).Code == "chromium_missing" && os.Getenv("REQUIRE_REAL") != "1" {
			t.Skip(err)
		}
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(b.Close(), os.RemoveAll(dir)); err != nil {
			t.Error(err)
		}
	})
	return b
}

// live hands out pages of the fake system.
type live struct {
	browser *browser.Browser
	url     string
}

func (l live) Page(ctx context.Context, system playbooks.System) (playbooks.Page, error) {
	return l.browser.Seat(ctx, system, playbooks.Access{URL: l.url, Account: benefits.DefaultAccount, Password: benefits.DefaultPassword}, 1)
}

// recorded submits the claim of the suite to the fake system, which is gone when
// it returns, and gives the pages the run left.
func recorded(t *testing.T, b *browser.Browser) []replay.Step {
	t.Helper()
	system, err := benefits.Open(benefits.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer system.Close()
	server := httptest.NewServer(system.Handler())
	defer server.Close()
	bench := pagetest.NewBench(t, live{b, server.URL})
	bench.Confirm(t, "run")
	pagetest.Submitted(t, bench, "run")
	files := map[string][]byte{}
	var evidence []casework.Evidence
	for i, shot := range bench.Book.Shots("run") {
		sum := fmt.Sprint(i)
		files[sum] = shot.Data
		evidence = append(evidence, casework.Evidence{Step: "submit", Kind: shot.Kind, Name: shot.Name, SHA256: sum})
	}
	steps, err := replay.Steps(evidence, func(sum string) ([]byte, error) { return files[sum], nil })
	if err != nil {
		t.Fatal(err)
	}
	return steps
}

// rehearse takes a dry run of the shipped claim, changed as given, over the steps.
func rehearse(t *testing.T, b *browser.Browser, steps []replay.Step, changes ...string) (casework.DryReport, error) {
	t.Helper()
	site, err := replay.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer site.Close()
	bench := pagetest.NewBench(t, replay.NewPages(site, b.Seat, steps))
	text := strings.NewReplacer(changes...).Replace(bench.Playbook.Source)
	pb, problems := playbooks.Parse("changed.yaml", []byte(text))
	if problems.Broken() {
		t.Fatal(problems)
	}
	bench.Playbook = pb
	report, _, err := bench.Dry(t)
	return report, err
}

func TestRecordedRunIsRehearsedWithoutItsSystem(t *testing.T) {
	t.Parallel()
	b := chromium(t)
	steps := recorded(t, b)
	report, err := rehearse(t, b, steps)
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Fields) < 5 || !report.Agrees() || report.Answer != "happened" || len(report.Found) == 0 {
		t.Errorf("have %+v", report)
	}
	for what, tt := range map[string]struct {
		changes []string
		code    string
		says    string
	}{
		"a label that is not there": {[]string{"\n          姓名: docs", "\n          名字: docs"}, "element_missing", "证件号码"},
		"a table that is not there": {[]string{"{table: 申领记录}", "{table: 发放记录}"}, "element_missing", "发放记录"},
	} {
		_, err := rehearse(t, b, steps, tt.changes...)
		fault, ok := errors.AsType[*casework.Fault](err)
		if !ok || fault.Code != tt.code || !strings.Contains(fault.Error(), tt.says) {
			t.Errorf("%s: have %v, want %s about %s", what, err, tt.code, tt.says)
		}
	}
	if _, err := rehearse(t, b, nil); casework.AsFault(err).Code != "not_recorded" {
		t.Errorf("without a page: %v", err)
	}
}

func TestRecordedPagesStandStill(t *testing.T) {
	t.Parallel()
	b := chromium(t)
	moving := func(page string) []byte {
		return []byte("<!-- frame 0: /a -->\n<html><body>" + page + "</body></html>\n")
	}
	form := `<script>document.title = 'ran'; document.body.innerHTML = '被脚本改写'</script><meta http-equiv="refresh" content="0;url=/gone"><base href="http://evil.example/">
		<form action="/save.do"><table><tr><td>证件号码</td><td><input name=a onfocus="document.body.innerHTML=''"></td></tr><tr><td>申领月份</td><td><input name=m></td></tr></table><input type=submit value="查询"></form>
		<table><caption>申领记录</caption><tr><th>证件号码</th><th>状态</th></tr><tr><td>1</td><td>正常</td></tr></table>`
	site, err := replay.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer site.Close()
	library, err := playbooks.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	pages := replay.NewPages(site, b.Seat, []replay.Step{{ID: "look", Pages: map[string][]byte{"filled": moving(form), "looked": moving("<p>受理编号：SY17</p>")}}})
	system := library.Systems()["benefits"]
	system.SignIn = playbooks.SignIn{Open: "/wiki", Done: "当前操作员", Basic: true} // no form to sign in by
	system.Hosts, system.Certificate = []string{"elsewhere.example"}, "sha256:"+strings.Repeat("0", 64)
	page, err := pages.Page(t.Context(), system)
	if err != nil {
		t.Fatal(err)
	}
	defer page.Close()
	for _, act := range []playbooks.Act{{Verb: playbooks.Open, Menu: []string{"甲", "乙"}}, {Verb: playbooks.Fill, At: playbooks.Locator{Label: "证件号码"}, Value: "17"},
		{Verb: playbooks.Read, At: playbooks.Locator{Table: "申领记录"}, Want: "rows"}, {Verb: playbooks.Click, At: playbooks.Locator{Button: "查询"}}} {
		seen, err := page.Do(t.Context(), act)
		if err != nil || strings.Contains(seen.Page, "被脚本改写") {
			t.Fatalf("%s: %v, the page says %q", act.Verb, err, seen.Page)
		}
	}
	seen, err := page.Do(t.Context(), playbooks.Act{Verb: playbooks.Read, At: playbooks.Locator{Label: "受理编号"}, Want: "text"})
	if err != nil || seen.Text != "SY17" {
		t.Errorf("after the click: %q, %v", seen.Text, err)
	}
	if _, err := page.Commit(t.Context(), playbooks.Commit{Button: "查询"}, nil); casework.AsFault(err).Code != "dry_run" {
		t.Errorf("a commit in a replay: %v", err)
	}
}
