package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/ledger"
)

// FundKind says what a file is to the comparison.
type FundKind string

// The kinds of files.
const (
	FundBank     FundKind = "bank"     // bank statement
	FundBook     FundKind = "book"     // our journal
	FundBatch    FundKind = "batch"    // 报盘 or 回盘
	FundBusiness FundKind = "business" // 拨付通知单 or 征集单, comparison A
	FundFiscal   FundKind = "fiscal"   // the finance bureau's statement, comparison D
	FundTreasury FundKind = "treasury" // receipts of tax or treasury, comparison E
)

// FundKinds lists them.
func FundKinds() []FundKind {
	return []FundKind{FundBank, FundBook, FundBatch, FundBusiness, FundFiscal, FundTreasury}
}

// FundFileState is what became of a file.
type FundFileState string

// The states of a file.
const (
	FundFileKept      FundFileState = "kept"
	FundFileRefused   FundFileState = "refused"   // archived, and never compared
	FundFileWithdrawn FundFileState = "withdrawn" // a person took it back
)

// FundFile is a file that came for an account. The bytes are sealed under their
// hash before anything is compared.
type FundFile struct {
	ID         string
	AccountID  string
	Kind       FundKind
	SHA256     string
	Name       string // as it came; sealed
	Bytes      int64
	First      casework.Date // of the period it covers; zero for none
	Last       casework.Date
	Entries    int
	Opening    casework.Fen
	Closing    casework.Fen
	HasBalance bool
	State      FundFileState
	Problems   []ledger.Problem // sealed: they quote the file
	Source     string           // upload, folder or playbook
	By         string
	At         time.Time
}

// Before says that all a file covers lies before a day, as in closed books.
func (f FundFile) Before(day casework.Date) bool { return !f.Last.IsZero() && f.Last.Before(day) }

const fundFileColumns = `id, account_id, kind, sha256, name, bytes, first_day, last_day, entries, opening, closing, balances, state, problems, source, brought_by, at`

func fundFileName(id string) string     { return "fund_files/name/" + id }
func fundFileProblems(id string) string { return "fund_files/problems/" + id }

func (s *Store) scanFundFile(r row) (f FundFile, err error) {
	var name, problems, first, last string
	var balances, at int64
	err = r.Scan(&f.ID, &f.AccountID, &f.Kind, &f.SHA256, &name, &f.Bytes, &first, &last, &f.Entries, &f.Opening, &f.Closing,
		&balances, &f.State, &problems, &f.Source, &f.By, &at)
	if err != nil {
		return f, err
	}
	f.HasBalance, f.At = balances == 1, moment(at)
	if f.Name, err = s.keys.openText(fundFileName(f.ID), name); err != nil {
		return f, err
	}
	if err = s.keys.openJSON(fundFileProblems(f.ID), problems, &f.Problems); err != nil {
		return f, err
	}
	if f.First, err = someDay(first); err != nil {
		return f, err
	}
	f.Last, err = someDay(last)
	return f, err
}

// someDay reads a day that may be missing.
func someDay(text string) (casework.Date, error) {
	if text == "" {
		return casework.Date{}, nil
	}
	return casework.ParseDate(text)
}

func dayOrNothing(d casework.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

// TakeFundFile archives a file, reads it and keeps what it says. First and Last
// of f widen the period it covers, for statements without a line. A file that
// does not add up is archived as refused, with its problems. The same bytes twice
// give the file there is, with ErrDuplicate.
func (s *Store) TakeFundFile(ctx context.Context, by casework.Actor, f FundFile, data []byte) (FundFile, error) {
	if !slices.Contains(FundKinds(), f.Kind) {
		return f, fmt.Errorf("take a fund file: kind %q: %w", f.Kind, ErrInvalid)
	}
	if err := f.inspect(data); err != nil {
		return f, fmt.Errorf("take a fund file: %w", err)
	}
	sum, err := s.PutFile(ctx, data)
	if err != nil {
		return f, err
	}
	f.ID, f.SHA256, f.Bytes, f.By = casework.NewID(), sum, int64(len(data)), by.Name
	err = s.change(ctx, "take a fund file", func(t *tx) error { return t.insertFundFile(ctx, by, &f) })
	if errors.Is(err, ErrDuplicate) {
		known, findErr := one(ctx, s.reader, s.scanFundFile, "SELECT "+fundFileColumns+` FROM fund_files
			WHERE account_id = $1 AND kind = $2 AND sha256 = $3 AND state <> 'withdrawn'`, f.AccountID, string(f.Kind), sum)
		if findErr != nil {
			return f, explain("fund file", findErr)
		}
		return known, err
	}
	return f, err
}

// inspect reads the file as its kind and notes what it says.
func (f *FundFile) inspect(data []byte) error {
	in := ledger.Input{Name: f.Name, Size: int64(len(data)), Data: bytes.NewReader(data)}
	f.State = FundFileKept
	var err error
	if f.Kind == FundBatch {
		err = f.inspectBatch(in)
	} else {
		var st *ledger.Statement
		side := map[FundKind]ledger.Side{FundBank: ledger.Bank, FundBook: ledger.Book}
		use, known := side[f.Kind]
		if !known {
			use = ledger.Batch
		}
		st, err = ledger.Read(in, ledger.Options{Side: use}, nil)
		f.said(st)
	}
	if refusal, ok := errors.AsType[*ledger.Refusal](err); ok {
		f.State, f.Problems = FundFileRefused, refusal.Problems
		return nil
	}
	return err
}

func (f *FundFile) inspectBatch(in ledger.Input) error {
	payment, err := ledger.ReadPayment(in, false)
	if payment != nil {
		f.Entries, f.Closing, f.Problems = len(payment.Items), payment.Total, payment.Problems
	}
	return err
}

func (f *FundFile) said(st *ledger.Statement) {
	if st == nil {
		return
	}
	f.Entries, f.Opening, f.Closing, f.HasBalance, f.Problems = st.Entries, st.Opening, st.Closing, st.HasBalance, st.Problems
	if first := st.First.Date(); !first.IsZero() && (f.First.IsZero() || first.Before(f.First)) {
		f.First = first
	}
	if last := st.Last.Date(); f.Last.IsZero() || f.Last.Before(last) {
		f.Last = last
	}
}

func (t *tx) insertFundFile(ctx context.Context, by casework.Actor, f *FundFile) error {
	problems, err := t.store.keys.sealJSON(fundFileProblems(f.ID), f.Problems)
	if err != nil {
		return err
	}
	f.At = t.now
	balances := 0
	if f.HasBalance {
		balances = 1
	}
	err = t.must(ctx, ErrDuplicate, `INSERT INTO fund_files (id, account_id, kind, sha256, name, bytes, first_day, last_day, entries, opening, closing,
		balances, state, problems, source, brought_by, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
		ON CONFLICT (account_id, kind, sha256) WHERE state <> 'withdrawn' DO NOTHING`,
		f.ID, f.AccountID, string(f.Kind), f.SHA256, t.store.keys.sealText(fundFileName(f.ID), f.Name), f.Bytes, dayOrNothing(f.First), dayOrNothing(f.Last),
		f.Entries, int64(f.Opening), int64(f.Closing), balances, string(f.State), problems, f.Source, f.By, micros(t.now))
	if err != nil {
		return err
	}
	account, err := one(ctx, t, scalar[string], "SELECT name FROM fund_accounts WHERE id = $1", f.AccountID)
	if err != nil {
		return err
	}
	if f.State == FundFileRefused {
		if err := t.raise(ctx, "fund", account, "file_refused", map[string]string{"kind": string(f.Kind), "account": account}); err != nil {
			return err
		}
	}
	return t.audit(ctx, by, "fund.file", account, map[string]any{"file": f.ID, "kind": f.Kind, "sha256": f.SHA256, "bytes": f.Bytes, "state": f.State, "source": f.Source})
}

// WithdrawFundFile takes a file out of all further comparisons; it stays in the
// archive. ErrConflict when it was withdrawn before.
func (s *Store) WithdrawFundFile(ctx context.Context, by casework.Actor, id, reason string) error {
	if err := wantReason("withdraw the file", reason); err != nil {
		return err
	}
	return s.change(ctx, "withdraw the file", func(t *tx) error {
		if err := t.must(ctx, ErrConflict, "UPDATE fund_files SET state = 'withdrawn' WHERE id = $1 AND state <> 'withdrawn'", id); err != nil {
			return err
		}
		return t.audit(ctx, by, "fund.withdraw", id, map[string]string{"reason": reason})
	})
}

// FundFiles gives the files of an account in the order they came, without those
// that were withdrawn.
func (s *Store) FundFiles(ctx context.Context, accountID string) ([]FundFile, error) {
	files, err := list(ctx, s.reader, s.scanFundFile, "SELECT "+fundFileColumns+" FROM fund_files WHERE account_id = $1 AND state <> 'withdrawn' ORDER BY id", accountID)
	return files, explain("list fund files", err)
}
