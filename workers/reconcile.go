package workers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/ledger"
	"github.com/jingban/jingban/store"
)

// reconcile carries out an ordered comparison. Doing it twice does no harm: the
// first to end it has written it.
func (c *Crew) reconcile(ctx context.Context, id string) error {
	v, err := c.Store.FundResult(ctx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && v.State != store.FundOrdered {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reconciliation %s: %w", id, err)
	}
	_, err = c.compareFund(ctx, v)
	return err
}

// compareFund compares all that has come for the account up to the day, and keeps
// what was found. The archived files are read again each night, so that a night
// ends where one run over everything would; a late file changes what it must.
func (c *Crew) compareFund(ctx context.Context, v store.FundResult) (store.FundResult, error) {
	account, err := c.Store.FundAccount(ctx, v.AccountID)
	if err != nil {
		return v, fmt.Errorf("reconciliation %s: %w", v.ID, err)
	}
	job, err := c.fundJob(ctx, account, &v)
	if err != nil {
		return v, fmt.Errorf("reconciliation %s: %w", v.ID, err)
	}
	found := &ledger.Result{}
	if v.State, v.Code = store.FundRefused, cannotCompare(account, job, v.Day); v.Code == "" {
		found, err = ledger.Reconcile(ctx, job)
		if _, bad := errors.AsType[*ledger.Unusable](err); bad {
			v.Code, found = "files_contradict", &ledger.Result{}
		} else if err != nil {
			return v, fmt.Errorf("reconciliation %s: %w", v.ID, err)
		} else if !opensAsClosed(account.Opens, found) {
			v.Code, found = "opening_differs", &ledger.Result{}
		} else if err := c.concludeFund(ctx, account, found, &v); err != nil {
			return v, fmt.Errorf("reconciliation %s: %w", v.ID, err)
		}
	}
	if err := c.Store.EndFundResult(ctx, v, found.Questions, fundCarry(found)); err != nil && !errors.Is(err, store.ErrConflict) {
		return v, err
	}
	return c.Store.FundResult(ctx, v.ID)
}

// cannotCompare says why there is nothing to compare, "" when there is.
func cannotCompare(account store.FundAccount, job ledger.Job, day casework.Date) string {
	switch {
	case day.Before(account.Begins):
		return "books_closed"
	case len(job.Bank) == 0 || len(job.Book) == 0:
		return "file_missing"
	}
	return ""
}

// opensAsClosed says that the books begin with the balances the last ones ended
// with, as far as both sides state balances.
func opensAsClosed(opens store.FundOpening, found *ledger.Result) bool {
	return !opens.Known || !found.HasBalance || found.Sides[ledger.Bank].Opening == opens.Bank && found.Sides[ledger.Book].Opening == opens.Book
}

func fundCarry(found *ledger.Result) store.FundCarry {
	return store.FundCarry{Items: found.Open(), Paid: found.Paid(), Complete: found.MoreDiffer == 0, PayAgain: found.PayAgain(), HasBalance: found.HasBalance, Bank: found.Adjustment.Bank, Book: found.Adjustment.Book}
}

// concludeFund notes what a comparison found and seals its papers.
func (c *Crew) concludeFund(ctx context.Context, account store.FundAccount, found *ledger.Result, v *store.FundResult) (err error) {
	found.Adjustment.Unit, found.Adjustment.Title, found.Adjustment.BankOf, found.Adjustment.Account = account.Unit, account.Title, account.BankOf, account.Number
	v.Numbers = fundNumbers(found)
	if v.State = store.FundDifferences; found.Balanced() {
		v.State = store.FundBalanced
	}
	v.Papers, err = c.fundPapers(ctx, found)
	return err
}

// fundJob opens the archived files of an account that are not refused.
func (c *Crew) fundJob(ctx context.Context, account store.FundAccount, v *store.FundResult) (ledger.Job, error) {
	job := ledger.Job{From: ledger.DayOf(account.Begins), Until: ledger.DayOf(v.Day), Carried: account.Carried, Paid: account.Opens.Paid, Totals: map[string][]ledger.Input{}}
	var err error
	if job.Calendar, err = c.Store.Calendar(ctx); err != nil {
		return job, err
	}
	if job.Answers, err = c.Store.FundAnswers(ctx, account.ID); err != nil {
		return job, err
	}
	files, err := c.Store.FundFiles(ctx, account.ID)
	if err != nil {
		return job, err
	}
	v.Files = []string{}
	for i, f := range files {
		if f.State != store.FundFileKept || !f.First.IsZero() && v.Day.Before(f.First) || closedAway(f, files, account.Begins) || superseded(f, files[i+1:]) {
			continue
		}
		data, err := c.Store.File(ctx, f.SHA256)
		if err != nil {
			return job, err
		}
		v.Files = append(v.Files, f.ID)
		in := ledger.Input{Name: fmt.Sprintf("%03d_%s", len(v.Files), f.Name), Size: int64(len(data)), Data: bytes.NewReader(data)}
		switch f.Kind {
		case store.FundBank:
			job.Bank = append(job.Bank, in)
		case store.FundBook:
			job.Book = append(job.Book, in)
		case store.FundBatch:
			job.Payments = append(job.Payments, in)
		default:
			name := map[store.FundKind]string{store.FundBusiness: "A", store.FundFiscal: "D", store.FundTreasury: "E"}[f.Kind]
			job.Totals[name] = append(job.Totals[name], in)
		}
	}
	return job, nil
}

// closedAway says that a file belongs to closed books. The last statement and the
// last journal still say the balance while nothing newer has come.
func closedAway(f store.FundFile, files []store.FundFile, begins casework.Date) bool {
	if !f.Before(begins) {
		return false
	}
	balance := f.Kind == store.FundBank || f.Kind == store.FundBook
	return !balance || slices.ContainsFunc(files, func(n store.FundFile) bool {
		return n.Kind == f.Kind && n.State == store.FundFileKept && (f.Last.Before(n.Last) || f.Last == n.Last && f.ID < n.ID)
	})
}

// superseded says that a newer export of our own books, or of another house's
// totals, covers all that this one does: they may have been put right. Statements
// of the bank are never replaced; two of one day must agree.
func superseded(f store.FundFile, later []store.FundFile) bool {
	if f.Kind == store.FundBank || f.Kind == store.FundBatch || f.First.IsZero() {
		return false
	}
	return slices.ContainsFunc(later, func(n store.FundFile) bool {
		return n.Kind == f.Kind && n.State == store.FundFileKept && !n.First.IsZero() && !f.First.Before(n.First) && !n.Last.Before(f.Last)
	})
}

// maxVouchers bounds the proposed vouchers of a page; the workbook has all.
const maxVouchers = 200

func fundNumbers(found *ledger.Result) store.FundNumbers {
	n := store.FundNumbers{States: map[string]map[string]store.FundSum{}, HasBalance: found.HasBalance, Returned: len(found.PayAgain()),
		Bank: found.Adjustment.Bank, Book: found.Adjustment.Book, Comparisons: found.Comparisons, Invariants: found.Invariants, Rules: found.Rules}
	for side, sums := range found.Sides {
		states := map[string]store.FundSum{}
		for state, rows := range sums.Count {
			if rows > 0 {
				states[ledger.State(state).String()] = store.FundSum{Rows: rows, Fen: sums.Fen[state]}
			}
		}
		n.States[ledger.Side(side).String()] = states
	}
	a := found.Adjustment
	for i, lines := range [][]ledger.AdjustmentLine{a.K1, a.K2, a.K3, a.K4} {
		for _, line := range lines {
			n.Kinds[i].Rows++
			n.Kinds[i].Fen += line.Fen
		}
	}
	n.Vouchers = found.Vouchers()
	for i := range n.Vouchers {
		n.Vouchers[i].Summary = "" // may name a person
	}
	n.Vouchers = n.Vouchers[:min(len(n.Vouchers), maxVouchers)]
	for _, q := range found.Questions {
		if q.Waits() {
			n.Questions++
		}
	}
	for _, p := range found.Payments {
		n.Payments = append(n.Payments, p.PaymentResult)
	}
	return n
}

// fundPapers seals the papers of a result. What can't be printed is there in its
// other forms.
func (c *Crew) fundPapers(ctx context.Context, found *ledger.Result) (map[string]string, error) {
	papers := map[string]string{}
	keep := func(name string, data []byte) error {
		sum, err := c.Store.PutFile(ctx, data)
		papers[name] = sum
		return err
	}
	for name, write := range map[string]func(io.Writer) error{
		"rows.csv": found.WriteRows, "summary.json": found.WriteSummary, "对账日报.xlsx": found.WriteDailyXLSX, "银行存款余额调节表.xlsx": found.WriteAdjustmentXLSX,
	} {
		var out bytes.Buffer
		if err := write(&out); err != nil {
			return nil, fmt.Errorf("paper %s: %w", name, err)
		}
		if err := keep(name, out.Bytes()); err != nil {
			return nil, err
		}
	}
	if c.Browser == nil {
		return papers, nil
	}
	printed := map[string]func(io.Writer) error{"对账日报.pdf": found.WriteDailyHTML, "银行存款余额调节表.pdf": found.WriteAdjustmentHTML}
	for _, name := range slices.Sorted(maps.Keys(printed)) {
		var html bytes.Buffer
		if err := printed[name](&html); err != nil {
			return nil, fmt.Errorf("paper %s: %w", name, err)
		}
		pdf, err := c.Browser.PDF(ctx, html.Bytes())
		if err != nil {
			c.Log.Warn("fund paper not printed", "paper", name, "error", err)
			return papers, nil
		}
		if err := keep(name, pdf); err != nil {
			return nil, err
		}
	}
	return papers, nil
}

// fundRobot is who brings files from folders and playbooks.
func fundRobot(name string) casework.Actor {
	return casework.Actor{Kind: casework.Robot, ID: name, Name: name, Role: "robot"}
}
