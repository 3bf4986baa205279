package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"os"

	"github.com/jingban/jingban/benefits"
	"github.com/jingban/jingban/browser"
	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/fixtures/legacy/drift"
	"github.com/jingban/jingban/fixtures/legacy/old"
	"github.com/jingban/jingban/fixtures/legacy/persons"
	"github.com/jingban/jingban/fixtures/people"
	"github.com/jingban/jingban/materials"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/playbooks/pagetest"
)

// driftOffice is the fake systems, each behind a layer that changes its pages, and the
// playbooks at work on them.
type driftOffice struct {
	transfers *transferSite
	merges    *mergeSite
	layers    map[string]*drift.Layer
	closers   []func()
}

// newDriftOffice opens the systems on books of their own; the browser stays the caller's.
func newDriftOffice(dir string, b *browser.Browser) (*driftOffice, error) {
	o := &driftOffice{layers: map[string]*drift.Layer{}, transfers: &transferSite{browser: b, access: map[string]playbooks.Access{}, aliases: driftNames()},
		merges: &mergeSite{browser: b, book: pagetest.NewBook()}}
	var err error
	t, m := o.transfers, o.merges
	if t.library, err = playbooks.Builtin(); err != nil {
		return o, err
	}
	if t.catalog, err = materials.Load(); err != nil {
		return o, err
	}
	rules, err := benefits.Load(t.catalog.Params())
	if err != nil {
		return o, err
	}
	t.offers = append(benefits.Calculations(rules), materials.Calculations(t.catalog.Params())...)
	if err := t.openBooks(dir); err != nil {
		return o, err
	}
	books, err := os.MkdirTemp(dir, "books")
	if err != nil {
		return o, err
	}
	if m.fake, err = persons.Open(old.Config{Dir: books, Now: m.now}); err != nil {
		return o, err
	}
	m.library, m.catalog, m.systems = t.library, t.catalog, t.systems()
	for name, one := range map[string]*old.System{"pension": t.pension.System, "exchange": t.exchange.System, "benefits": t.benefits.System, "persons": m.fake.System} {
		t.access[name] = o.front(name, one)
	}
	m.access = t.access["persons"]
	return o, nil
}

func (o *driftOffice) front(name string, system *old.System) playbooks.Access {
	layer := drift.New(system.Handler())
	server := httptest.NewServer(layer)
	o.layers[name] = layer
	o.closers = append(o.closers, func() { server.Close(); _ = system.Close() })
	return playbooks.Access{URL: server.URL, Account: old.DefaultAccount, Password: old.DefaultPassword}
}

func (o *driftOffice) close() {
	for _, c := range o.closers {
		c()
	}
}

// driftNames are the names that count beside those of the system files, as after an
// approval: what the layers call things by.
func driftNames() map[string]map[string][]string {
	all := map[string]map[string][]string{}
	for system, names := range driftCaptions() {
		all[system] = map[string][]string{}
		for name, other := range names {
			all[system][name] = []string{other}
		}
	}
	return all
}

// driftCaptions says, by system, what a caption may be called.
func driftCaptions() map[string]map[string]string {
	return map[string]map[string]string{
		"benefits": {"证件号码": "公民身份号码", "姓名": "申领人姓名", "银行账号": "收款账号", "申领月份": "申请月份", "失业原因": "离职原因", "状态": "办理状态", "受理编号": "受理号", "查询": "检索"},
		"persons":  {"个人编号": "人员编号", "主号个人编号": "主号人员编号", "副号个人编号": "副号人员编号", "状态": "办理状态", "预览": "预演", "合并后账户余额": "合并后余额", "查询": "检索"},
		"pension":  {"证件号码": "公民身份号码", "转移类型": "转移种类", "账户类别": "账户类型", "原参保地社保机构": "转出地机构", "状态": "办理状态", "带出": "提取", "查询": "检索"},
		"exchange": {"联系函编号": "函件编号", "证件号码": "社会保障号码", "对方机构": "收函机构", "银行账号": "收款账号", "发送": "寄出", "查询": "检索"},
	}
}

// flows are one change on each system.
func (o *driftOffice) flows() []driftFlow {
	names := driftCaptions()
	return []driftFlow{
		{"unemployment_claim", "benefits", "/sydy/sldj.jsp", names["benefits"], map[string]string{"银行账号": "卡折号"}, o.claim},
		{"record_merge", "persons", "/hh/grhh.jsp", names["persons"], map[string]string{"主号个人编号": "保留方"}, o.merge},
		{"transfer_in", "pension", "/zr/zysq.jsp", names["pension"], map[string]string{"转移类型": "流转方式"}, o.apply},
		{"transfer_in", "exchange", "/lxh/fs.jsp", names["exchange"], map[string]string{"银行账号": "资金去向"}, o.send},
	}
}

func (o *driftOffice) turns(ctx context.Context, c *transferCase) func(map[string]casework.Decision) (playbooks.Result, error) {
	c.book = pagetest.NewBook()
	return func(answers map[string]casework.Decision) (playbooks.Result, error) {
		result, _, err := desk{o.transfers, 1}.turn(ctx, c, answers)
		return result, err
	}
}

func never(context.Context) (bool, error) { return false, nil }

// claim enters a claim in the benefits system.
func (o *driftOffice) claim(ctx context.Context, r *rand.Rand, n int, change func()) (end driftEnd, rows, right int, err error) {
	s := pagetest.Claim()
	s.Applicant.IDNumber = people.WithIDCheck(fmt.Sprintf("3799%02d1985%02d%02d%03d", n%100, 1+r.IntN(12), 1+r.IntN(28), n))
	notice := s.Assessment.Documents["termination_notice"]
	notice.FileID = "" // nothing to upload here
	s.Assessment.Documents["termination_notice"] = notice
	change()
	c := &transferCase{number: fmt.Sprintf("PY%05d", n), playbook: "unemployment_claim", snapshot: s}
	if end, err = driftRun(ctx, o.turns(ctx, c), map[string]string{"confirm": "submit"}, never); err != nil {
		return end, 0, 0, err
	}
	all, err := o.transfers.benefits.Claims(ctx)
	for _, got := range all {
		if got.IDNumber != s.Applicant.IDNumber {
			continue
		}
		rows++
		if got.Name == "张明" && got.Account == "6222020000000000017" && got.Bank == "海州银行" && got.Mobile == "13900000000" && got.Month == "202603" && got.Reason == "11" && got.Remark == "" {
			right++
		}
	}
	return end, rows, right, err
}

// merge enters the merge of two numbers in the persons system.
func (o *driftOffice) merge(ctx context.Context, r *rand.Rand, n int, change func()) (end driftEnd, rows, right int, err error) {
	m := o.merges
	c := newMergeCase(r, n*len(branches())+1) // the higher base counts: both numbers have paid months
	for _, one := range []mergeSide{c.a, c.b} {
		if err := m.fake.Add(ctx, one.person, one.rows); err != nil {
			return end, 0, 0, err
		}
	}
	pb, ok := m.library.Playbook("record_merge")
	if !ok {
		return end, 0, 0, errors.New("there is no playbook record_merge")
	}
	change()
	snapshot, run := c.snapshot(), fmt.Sprintf("merge-%d", n)
	turn := func(answers map[string]casework.Decision) (playbooks.Result, error) {
		result, _, err := m.turn(ctx, run, pb, snapshot, answers, func(string) {})
		return result, err
	}
	if end, err = driftRun(ctx, turn, map[string]string{"confirm": "merge"}, never); err != nil {
		return end, 0, 0, err
	}
	want := c.expected()
	all, err := m.fake.Merges(ctx)
	for _, got := range all {
		if numbers := []string{c.a.person.No, c.b.person.No}; got.Main != numbers[0] && got.Main != numbers[1] && got.Sub != numbers[0] && got.Sub != numbers[1] {
			continue
		}
		rows++
		if got.Main == want.main && got.Sub == want.sub {
			right++
		}
	}
	return end, rows, right, err
}

// comer plants a plain transfer in.
func (o *driftOffice) comer(ctx context.Context, r *rand.Rand, n int) (*transferCase, error) {
	c := o.transfers.comes(r, n, inBranches()[0])
	return c, c.plant(ctx, o.transfers, c)
}

// apply enters an application in the pension system.
func (o *driftOffice) apply(ctx context.Context, r *rand.Rand, n int, change func()) (end driftEnd, rows, right int, err error) {
	c, err := o.comer(ctx, r, n)
	if err != nil {
		return end, 0, 0, err
	}
	change()
	if end, err = driftRun(ctx, o.turns(ctx, c), c.answers, never); err != nil {
		return end, 0, 0, err
	}
	all, err := o.transfers.pension.Ins(ctx)
	for _, got := range all {
		if got.IDNumber != c.snapshot.Applicant.IDNumber {
			continue
		}
		rows++
		if got.Name == c.snapshot.Applicant.Name && got.Kind == "跨省转移" && got.Account == "一般账户" && got.Agency == otherAgency {
			right++
		}
	}
	return end, rows, right, err
}

// send sends the contact letter in the exchange, once the application is reviewed.
func (o *driftOffice) send(ctx context.Context, r *rand.Rand, n int, change func()) (end driftEnd, rows, right int, err error) {
	c, err := o.comer(ctx, r, n)
	if err != nil {
		return end, 0, 0, err
	}
	change()
	waits := 0
	end, err = driftRun(ctx, o.turns(ctx, c), c.answers, func(ctx context.Context) (bool, error) {
		waits++
		return waits == 1, c.desks(ctx, o.transfers, c)
	})
	if err != nil {
		return end, 0, 0, err
	}
	all, err := o.transfers.exchange.Letters(ctx)
	who, money := c.snapshot.Applicant, c.snapshot.Shared
	for _, got := range all {
		if got.IDNumber != who.IDNumber {
			continue
		}
		rows++
		if got.Name == who.Name && got.Receiver == otherAgency && got.Kind == "跨省转移" && got.Holder == money["holder"] && got.Bank == money["bank"] && got.Account == money["bank_account"] && got.No == money["old_number"] {
			right++
		}
	}
	return end, rows, right, err
}
