package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"text/tabwriter"
	"time"

	"github.com/alecthomas/kong"
	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/ledger"
)

// reconcileCommand compares bank statements with the finance journal, without
// server or database.
type reconcileCommand struct {
	Bank         paths  `required:"" help:"Bank statements, one or several." placeholder:"FILE..."`
	Ledger       paths  `required:"" help:"Bank journals of our own books." placeholder:"FILE..."`
	Batch        paths  `help:"Payment batches, sent or come back." placeholder:"FILE..."`
	Business     paths  `help:"Comparison A: notices of the business side, against the journals by document, insurance and period." placeholder:"FILE..."`
	Fiscal       paths  `help:"Comparison D: the finance bureau's statement, against the journals by month." placeholder:"FILE..."`
	Treasury     paths  `help:"Comparison E: receipts of tax or treasury, against the journals by day, nothing open at the end of a month." placeholder:"FILE..."`
	Out          string `help:"Folder for rows.csv, summary.json and the reports." placeholder:"DIR"`
	Until        string `help:"Day of the result (YYYY-MM-DD); later lines are left out." placeholder:"DAY"`
	Force        bool   `help:"Go on with files that do not add up; says so on top of each result."`
	BankLayout   string `help:"YAML file that names the columns of the statements." placeholder:"FILE"`
	LedgerLayout string `help:"YAML file that names the columns of the journals." placeholder:"FILE"`
	Unit         string `help:"Name of the agency, for the reports." placeholder:"NAME"`
	Account      string `help:"Account, for the reports." placeholder:"NUMBER"`
	BankOf       string `help:"Name of the branch that holds the account, for the reports." placeholder:"NAME"`
	BankKey      string `help:"Public key of the bank (PEM): each statement needs its detached signature FILE.sig." placeholder:"FILE"`
	PDF          bool   `name:"pdf" default:"true" negatable:"" help:"Print the reports as PDF as well, with Chromium."`
	JSON         bool   `help:"Print the summary as JSON."`
}

// tightHeap is how much the heap may grow between two collections, in per cent:
// rows are few large blocks without pointers, so that looking at them costs nothing.
const tightHeap = 10

// paths are files of one flag: --bank A B and --bank A --bank B say the same.
type paths []string

// Decode takes every value up to the next flag.
func (p *paths) Decode(from *kong.DecodeContext) error {
	for from.Scan.Len() > 0 {
		value := from.Scan.Peek().String()
		if strings.HasPrefix(value, "-") {
			break
		}
		from.Scan.Pop()
		*p = append(*p, value)
	}
	if len(*p) == 0 {
		return errors.New("want a file")
	}
	return nil
}

// Run prints the summary. The exit status is 0 balanced, 1 with differences, 2
// for unusable input.
func (c reconcileCommand) Run(ctx context.Context, t console, cfg *Config) error {
	job, closeAll, err := c.job()
	if err != nil {
		return err
	}
	defer closeAll()
	debug.SetGCPercent(tightHeap)
	started := time.Now()
	bar, rows := rowBar(t), new(atomic.Int64)
	job.Tick = func(n int) { rows.Add(int64(n)); _ = bar.Add(n) }
	var result *ledger.Result
	if err = authentic(c.BankKey, c.Bank, job.Bank); err == nil {
		result, err = ledger.Reconcile(ctx, job)
	}
	_ = bar.Finish()
	if unusable, ok := errors.AsType[*ledger.Unusable](err); ok {
		c.refuse(t, unusable)
		return status(2)
	}
	if err != nil {
		return err
	}
	result.Adjustment.Unit, result.Adjustment.Account, result.Adjustment.BankOf = c.Unit, c.Account, c.BankOf
	if err := errors.Join(c.write(result), c.printPapers(ctx, t, cfg, result)); err != nil {
		return err
	}
	if err := c.print(t, result, int(rows.Load()), time.Since(started)); err != nil {
		return err
	}
	if !result.Balanced() {
		return status(1)
	}
	return nil
}

func (c reconcileCommand) job() (ledger.Job, func(), error) {
	job := ledger.Job{Force: c.Force, Scratch: scratch, InMemory: rowsInMemory}
	calendar, err := casework.LoadCalendar(nil)
	if err != nil {
		return job, nil, fmt.Errorf("calendar: %w", err)
	}
	job.Calendar = calendar
	if c.Until != "" {
		day, err := casework.ParseDate(c.Until)
		if err != nil {
			return job, nil, fmt.Errorf("--until: %w", err)
		}
		job.Until = ledger.DayOf(day)
	}
	if job.BankLayout, err = readLayout(c.BankLayout); err != nil {
		return job, nil, err
	}
	if job.BookLayout, err = readLayout(c.LedgerLayout); err != nil {
		return job, nil, err
	}
	var closers []func()
	closeAll := func() {
		for _, each := range closers {
			each()
		}
	}
	var business, fiscal, treasury []ledger.Input
	for paths, into := range map[*paths]*[]ledger.Input{&c.Bank: &job.Bank, &c.Ledger: &job.Book, &c.Batch: &job.Payments,
		&c.Business: &business, &c.Fiscal: &fiscal, &c.Treasury: &treasury} {
		inputs, closer, err := openInputs(*paths)
		if err != nil {
			closeAll()
			return job, nil, err
		}
		*into = inputs
		closers = append(closers, closer)
	}
	job.Totals = map[string][]ledger.Input{}
	for name, inputs := range map[string][]ledger.Input{"A": business, "D": fiscal, "E": treasury} {
		if len(inputs) > 0 {
			job.Totals[name] = inputs
		}
	}
	return job, closeAll, nil
}

// rowsInMemory is how many rows of a side stay in memory: 120 MB for both sides.
const rowsInMemory = 1_500_000

// scratch is a file without a name: it goes when the process goes.
func scratch() (ledger.Scratch, error) {
	f, err := os.CreateTemp("", "jingban-rows-")
	if err != nil {
		return nil, err
	}
	return f, os.Remove(f.Name())
}

// rowBar shows rows and rows/s on a terminal and nothing elsewhere.
func rowBar(t console) *progressbar.ProgressBar {
	file, ok := t.err.(*os.File)
	return progressbar.NewOptions64(-1,
		progressbar.OptionSetWriter(t.err), progressbar.OptionSetVisibility(ok && term.IsTerminal(int(file.Fd()))),
		progressbar.OptionSetDescription(t.say("读取", "reading")), progressbar.OptionShowCount(), progressbar.OptionShowIts(),
		progressbar.OptionSetItsString("rows"), progressbar.OptionClearOnFinish())
}

func (c reconcileCommand) refuse(t console, unusable *ledger.Unusable) {
	for _, refusal := range unusable.Refusals {
		for _, p := range refusal.Problems {
			fmt.Fprintln(t.err, p.Text(t.chinese))
		}
		if refusal.More > 0 {
			fmt.Fprintf(t.err, "%s: %d %s\n", refusal.File, refusal.More, t.say("个其他问题", "more problems"))
		}
	}
	fmt.Fprintln(t.err, t.say("文件不可用，未做任何对账。确需继续请加 --force。", "unusable input: nothing was reconciled. --force goes on all the same."))
}

// write puts the papers of the result into the folder.
func (c reconcileCommand) write(result *ledger.Result) error {
	if c.Out == "" {
		return nil
	}
	if err := os.MkdirAll(c.Out, 0o700); err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	for name, write := range map[string]func(io.Writer) error{
		"rows.csv": result.WriteRows, "summary.json": result.WriteSummary,
		"对账日报.xlsx": result.WriteDailyXLSX, "银行存款余额调节表.xlsx": result.WriteAdjustmentXLSX, "对账结果.html": result.WriteHTML,
	} {
		if err := writeFile(filepath.Join(c.Out, name), write); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	return nil
}

func writeFile(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}

func (c reconcileCommand) print(t console, result *ledger.Result, rows int, took time.Duration) error {
	if c.JSON {
		return result.WriteSummary(t.out)
	}
	for _, p := range result.Forced {
		fmt.Fprintf(t.out, "%s %s\n", t.say("【强制】", "FORCED:"), p.Text(t.chinese))
	}
	table := tabwriter.NewWriter(t.out, 0, 8, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t\n", t.say("状态", "state"), t.say("银行笔数", "bank rows"), t.say("银行金额", "bank sum"), t.say("账面笔数", "ledger rows"), t.say("账面金额", "ledger sum"))
	bank, book := result.Sides[0], result.Sides[1]
	for state := range bank.Count {
		if bank.Count[state]+book.Count[state] > 0 {
			fmt.Fprintf(table, "%s\t%d\t%s\t%d\t%s\t\n", ledger.State(state).Title(t.chinese), bank.Count[state], bank.Fen[state], book.Count[state], book.Fen[state])
		}
	}
	fmt.Fprintf(table, "%s\t%d\t%s\t%d\t%s\t\n", t.say("合计", "total"), bank.Rows, bank.Total, book.Rows, book.Total)
	if err := table.Flush(); err != nil {
		return err
	}
	if a := result.Adjustment; result.HasBalance {
		fmt.Fprintf(t.out, "%s %s, %s %s, %s %s\n", t.say("调节后银行", "adjusted bank"), a.AdjustedBank(), t.say("调节后账面", "adjusted ledger"), a.AdjustedBook(), t.say("差额", "difference"), a.Difference())
	}
	for _, c := range result.Comparisons {
		fmt.Fprintf(t.out, "%s %s: %d / %d %s\n", t.say("总额核对", "totals"), c.Name, len(c.Differ), c.Compared, t.say("项不符", "differ"))
	}
	for _, back := range result.Returns {
		fmt.Fprintf(t.out, "%s: %s %s\n", t.say("支付失败重新支付", "pay again after the payee confirms"), back.Batch, back.Item)
	}
	_, err := fmt.Fprintf(t.out, "%s: %d %s, %.2f s\n", pickText(result.Balanced(), t.say("已对平", "balanced"), t.say("有差异", "differences")), rows, t.say("行", "rows"), took.Seconds())
	return err
}

func pickText(yes bool, a, b string) string {
	if yes {
		return a
	}
	return b
}
