package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"net"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/jingban/jingban/fixtures/legacy/bank"
	"github.com/jingban/jingban/fixtures/legacy/benefits"
	"github.com/jingban/jingban/fixtures/legacy/finance"
	"github.com/jingban/jingban/fixtures/legacy/old"
	"github.com/jingban/jingban/fixtures/legacy/persons"
	"github.com/jingban/jingban/fixtures/legacy/portal"
)

// legacyCommand starts the fake legacy systems for a person to look at, and for trying
// playbooks on.
type legacyCommand struct {
	Port int    `default:"0" help:"Of the first system, the others follow; 0 takes free ones."`
	Keep string `help:"Folder for the systems' own books; without it they are forgotten at the end." placeholder:"DIR" type:"path"`

	Slow        time.Duration `help:"Every answer takes this much longer." placeholder:"3s"`
	Renamed     bool          `help:"Fields are called otherwise."`
	Moved       bool          `help:"Tables have their columns in another order."`
	IDs         bool          `name:"ids" help:"Fields have other technical names."`
	Late        time.Duration `help:"What was saved shows in queries only after this long." placeholder:"90s"`
	LoseReply   int           `help:"So many saves are written and never answered." placeholder:"N"`
	SignOut     int           `help:"So many saves find their session ended." placeholder:"N"`
	ExtraDialog bool          `help:"A second question follows the first."`
	Fail        bool          `help:"Every page answers with status 500."`
	Captcha     bool          `help:"The sign-in pages ask for four drawn digits."`
	Maintenance bool          `help:"Every page says that the system is closed."`
}

// fake is one system that stands ready.
type fake struct {
	name, title string
	serve       func(context.Context, net.Listener) error
	close       func() error
}

// Run serves them on loopback until it is interrupted, and prints where they are.
func (c legacyCommand) Run(ctx context.Context, t console) error {
	dir := c.Keep
	if dir == "" {
		var err error
		if dir, err = os.MkdirTemp("", "jingban-legacy-"); err != nil {
			return fmt.Errorf("fake legacy systems: %w", err)
		}
		defer os.RemoveAll(dir)
	}
	fakes, err := c.open(ctx, dir)
	defer func() {
		for _, f := range fakes {
			_ = f.close() // their books are written line by line
		}
	}()
	if err != nil {
		return fmt.Errorf("fake legacy systems: %w", err)
	}
	return c.serve(ctx, t, fakes)
}

func (c legacyCommand) serve(ctx context.Context, t console, fakes []fake) error {
	group, ctx := errgroup.WithContext(ctx)
	for i, f := range fakes {
		port := 0
		if c.Port > 0 {
			port = c.Port + i
		}
		listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			return fmt.Errorf("fake legacy system %s: %w", f.name, err)
		}
		fmt.Fprintf(t.out, "%-9s http://%s/   %s\n", f.name, listener.Addr(), f.title)
		group.Go(func() error { return f.serve(ctx, listener) })
	}
	fmt.Fprintf(t.out, t.say("登录：%s / %s。按 Ctrl-C 结束。\n", "Sign in: %s / %s. Ctrl-C ends them.\n"), old.DefaultAccount, old.DefaultPassword)
	if err := group.Wait(); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// open opens the systems, each with something to look at.
func (c legacyCommand) open(ctx context.Context, dir string) ([]fake, error) {
	config := func(name string) old.Config {
		return old.Config{Dir: filepath.Join(dir, name), Switches: old.Switches{
			Slow: c.Slow, RenameLabels: c.Renamed, MoveColumns: c.Moved, ChangeIDs: c.IDs, LateRecord: c.Late, LoseReply: old.Times(c.LoseReply),
			SignOutMidForm: old.Times(c.SignOut), ExtraDialog: c.ExtraDialog, Fail500: c.Fail, Captcha: c.Captcha, Maintenance: c.Maintenance}}
	}
	var all []fake
	b, err := benefits.Open(config("benefits"))
	if err != nil {
		return all, err
	}
	all = append(all, fake{"benefits", "失业待遇（框架集、GBK、左侧单元格为标签）", func(ctx context.Context, l net.Listener) error { return benefits.Serve(ctx, l, b) }, b.Close})
	p, err := persons.Open(config("persons"))
	if err != nil {
		return all, err
	}
	all = append(all, fake{"persons", "参保信息（Ajax 表格、“?”弹窗、复核）", func(ctx context.Context, l net.Listener) error { return persons.Serve(ctx, l, p) }, p.Close})
	k, err := bank.Open(config("bank"))
	if err != nil {
		return all, err
	}
	all = append(all, fake{"bank", "企业网银（明细查询、对账单下载）", func(ctx context.Context, l net.Listener) error { return bank.Serve(ctx, l, k) }, k.Close})
	f, err := finance.Open(config("finance"))
	if err != nil {
		return all, err
	}
	all = append(all, fake{"finance", "基金财务（日记账、拨付通知单）", func(ctx context.Context, l net.Listener) error { return finance.Serve(ctx, l, f) }, f.Close})
	o, err := portal.Open(config("portal"), 0)
	if err != nil {
		return all, err
	}
	all = append(all, fake{"portal", "网上办事大厅审核后台（单页 JSON、待办列表、附件窗口）", func(ctx context.Context, l net.Listener) error { return portal.Serve(ctx, l, o) }, o.Close})
	return all, errors.Join(furnishFakes(ctx, b, p, k), furnishHall(ctx, o))
}

// furnishHall sends a few fictional applications in, more than one page of them.
func furnishHall(ctx context.Context, o *portal.System) error {
	paper, err := sampleScan()
	if err != nil {
		return err
	}
	for i, name := range []string{"张明", "王建国", "李娜", "刘洋", "陈静", "赵磊", "周敏", "吴强", "郑丽", "孙涛", "马超", "何平", "徐静", "高峰", "林芳", "罗勇"} {
		a := portal.Application{Number: fmt.Sprintf("3799002026030600%04d", i+1), Name: name, IDNumber: "379901198503120017", Mobile: "13900000000", Account: "6222020000000000017", Month: "202603"}
		err = errors.Join(err, o.Submit(ctx, a, portal.Attachment{Kind: "失业保险金申领表", Name: "申领表.png", MIME: "image/png", Data: paper}, portal.Attachment{Kind: "离职证明", Name: "离职证明.png", MIME: "image/png", Data: paper}))
	}
	const third = "37990020260306000003"
	return errors.Join(err, o.Decide(ctx, portal.Decision{Number: third, Times: 1, Result: portal.Return, Opinion: "1. 离职证明未加盖单位公章\n怎样补正：请加盖公章后重新上传", Clerk: "李审核"}),
		o.Submit(ctx, portal.Application{Number: third, Name: "李娜", IDNumber: "379901198503120017", Mobile: "13900000000", Account: "6222020000000000017", Month: "202603"},
			portal.Attachment{Kind: "离职证明", Name: "离职证明（盖章）.png", MIME: "image/png", Data: paper}),
		o.Withdraw(ctx, "37990020260306000004"), o.Take(ctx, "37990020260306000005", "李审核"))
}

// sampleScan is a sheet of paper with lines on it.
func sampleScan() ([]byte, error) {
	sheet := image.NewGray(image.Rect(0, 0, 420, 594))
	for i := range sheet.Pix {
		sheet.Pix[i] = 250
		if y := i / 420; y > 60 && y%28 < 8 && i%420 > 40 && i%420 < 380-y%90 {
			sheet.Pix[i] = 90
		}
	}
	var data bytes.Buffer
	err := png.Encode(&data, sheet)
	return data.Bytes(), err
}

// furnishFakes enters a few fictional records.
func furnishFakes(ctx context.Context, b *benefits.System, p *persons.System, k *bank.System) error {
	const zhang, wang = "379901198503120017", "379901197911230038"
	_, err := b.Enter(ctx, benefits.Claim{IDNumber: zhang, Name: "张明", Account: "6222020000000000017", Bank: "海州银行", Mobile: "13900000000", Month: "202603", Reason: "11"})
	for _, one := range []persons.Person{
		{No: "3799000101", Name: "张明", IDNumber: zhang, Verified: true, Sex: "男", Birth: "19850312", First: "201903", Balance: 1_220_000, Active: true},
		{No: "3799000102", Name: "王建国", IDNumber: wang, Verified: true, Sex: "男", Birth: "19791123", First: "201001", Balance: 3_150_000, Active: true},
	} {
		err = errors.Join(err, p.Add(ctx, one, []persons.Month{{Insurance: "企业养老", Month: "202601", Received: "202601", Employer: true, Base: 600_000, Personal: 48_000}}))
	}
	day := time.Date(2026, 3, 30, 10, 1, 2, 0, old.Beijing())
	return errors.Join(err, k.Book(ctx,
		bank.Line{Account: "37990000000000000001", At: day, Fen: 120_000_000, Balance: 125_000_000, Party: "海州市财政局社保专户", Summary: "拨入支出户用款", Serial: "S0001"},
		bank.Line{Account: "37990000000000000001", At: day.Add(30 * time.Hour), Fen: -987_250, Balance: 124_012_750, Party: "待清算代发户", Summary: "代发失业金批次2026030001", Serial: "S0002"}))
}
