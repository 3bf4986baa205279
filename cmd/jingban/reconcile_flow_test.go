package main

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/fixtures/legacy/bank"
	"github.com/jingban/jingban/fixtures/legacy/finance"
	"github.com/jingban/jingban/store"
)

// fundBank is where the fund's account is, and its books: scenario FE-1.
type fundScenario struct {
	t       *testing.T
	cfg     *Config
	bank    *bank.System
	finance *finance.System
	urls    map[string]string
}

const fundNumber = "43679999000000000001"

func openScenario(t *testing.T) *fundScenario {
	t.Helper()
	needParts(t)
	s := &fundScenario{t: t, cfg: &Config{Data: t.TempDir(), Log: "error", FirstStage: "full"}, urls: map[string]string{}}
	var err error
	if s.bank, err = bank.Open(bank.Config{Dir: t.TempDir()}); err != nil {
		t.Fatal(err)
	}
	if s.finance, err = finance.Open(finance.Config{Dir: t.TempDir()}); err != nil {
		t.Fatal(err)
	}
	vouchers, notice := finance.Example()
	if err := errors.Join(s.finance.Post(t.Context(), vouchers...), s.finance.Issue(t.Context(), notice)); err != nil {
		t.Fatal(err)
	}
	s.urls["bank"] = serveFake(t, func(ctx context.Context, l net.Listener) error { return bank.Serve(ctx, l, s.bank) }, s.bank.Close)
	s.urls["finance"] = serveFake(t, func(ctx context.Context, l net.Listener) error { return finance.Serve(ctx, l, s.finance) }, s.finance.Close)
	return s
}

// morning lets a whole process live from shortly before 8:30 of a day on, until
// look says that it has seen enough.
func (s *fundScenario) morning(day casework.Date, look func(context.Context, *house) bool) {
	s.t.Helper()
	liveFrom(s.t, s.cfg, day.Time().Add(8*time.Hour+30*time.Minute-3*time.Second), s.furnish, look)
}

// liveFrom lets a whole process live from a moment on, until look says that it has
// seen enough.
func liveFrom(t *testing.T, cfg *Config, at time.Time, furnish func(*house), look func(context.Context, *house) bool) {
	t.Helper()
	shift := time.Until(at)
	if err := cfg.settle(); err != nil {
		t.Fatal(err)
	}
	h := &house{cfg: cfg, log: cfg.logger(io.Discard), now: func() time.Time { return time.Now().Add(shift) }}
	defer func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	}()
	if err := h.open(t.Context()); err != nil {
		t.Fatal(err)
	}
	furnish(h)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	err := h.run(ctx, h.work, func(ctx context.Context) error {
		for ticker := time.NewTicker(100 * time.Millisecond); ; {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-ticker.C:
				if look(ctx, h) {
					ticker.Stop()
					return errDone
				}
			}
		}
	})
	if !errors.Is(err, errDone) {
		t.Fatal(err)
	}
}

// furnish sets up the account, its schedule and the robot's passwords once.
func (s *fundScenario) furnish(h *house) {
	s.t.Helper()
	ctx := s.t.Context()
	if known, err := h.store.Schedules(ctx); err != nil || len(known) > 0 {
		return
	}
	_, err := h.store.SetFundAccount(ctx, atTerminal(), store.FundAccount{Name: "expense", Title: "失业保险支出户", Unit: "海州市社会保险事业中心", BankOf: "示例银行海州支行",
		Number: fundNumber, Cashier: "chuna", Begins: casework.Date{Year: 2026, Month: 3, Day: 30}, DueBy: "09:30"})
	errs := []error{err}
	for name, url := range s.urls {
		errs = append(errs, h.store.SetSecret(ctx, atTerminal(), "systems."+name+".url", url),
			h.store.SetSecret(ctx, atTerminal(), "systems."+name+".account.login", bank.DefaultAccount), h.store.SetSecret(ctx, atTerminal(), "systems."+name+".account.password", bank.DefaultPassword))
	}
	_, err = h.store.AddSchedule(ctx, atTerminal(), casework.Schedule{Name: "fund_expense", Title: "支出户对账", Rule: "每个工作日 8:30", Playbook: "fund_reconciliation", Subject: "expense", CatchUp: casework.CatchUpSkip})
	if err := errors.Join(append(errs, err)...); err != nil {
		s.t.Fatal(err)
	}
}

// settledOn gives the newest result of a day once the run that made it waits for
// the clerk.
func settledOn(t *testing.T, ctx context.Context, h *house, day casework.Date) (store.FundResult, bool) {
	t.Helper()
	account, err := h.store.FundAccount(ctx, "expense")
	if err != nil {
		t.Error(err)
		return store.FundResult{}, true
	}
	results, err := h.store.FundDays(ctx, account.ID, day, day)
	if err != nil || len(results) == 0 || results[0].State == store.FundOrdered {
		return store.FundResult{}, false
	}
	run, err := h.store.Run(ctx, results[0].RunID)
	return results[0], err == nil && run.State == casework.RunParked && run.Step == "look"
}

func TestFundIsReconciledEveryMorningAsInFE1(t *testing.T) {
	s := openScenario(t)
	lines := bank.Example(fundNumber)
	if err := s.bank.Book(t.Context(), lines[:3]...); err != nil {
		t.Fatal(err)
	}
	march, april := casework.Date{Year: 2026, Month: 3, Day: 31}, casework.Date{Year: 2026, Month: 4, Day: 2}
	var v store.FundResult
	s.morning(march.AddDays(1), func(ctx context.Context, h *house) (over bool) {
		v, over = settledOn(t, ctx, h, march)
		return over
	})
	n := v.Numbers
	if v.State != store.FundDifferences || n.Bank != 124009750 || n.Book != 124012750 || n.AdjustedBook() != 124009750 || n.AdjustedBank() != 124009750 || n.Kinds[1] != (store.FundSum{Rows: 1, Fen: 3000}) {
		t.Errorf("at the end of March: %s %s %+v", v.State, v.Code, n)
	}
	if n.States["bank"]["matched"].Rows != 2 || !n.Payments[0].DebitMatches || n.Payments[0].NetPaid != 987250 || len(n.Comparisons) != 1 || !n.Comparisons[0].Balanced {
		t.Errorf("at the end of March: %+v", n)
	}
	if err := s.bank.Book(t.Context(), lines[3:]...); err != nil {
		t.Fatal(err)
	}
	s.morning(april.AddDays(1), func(ctx context.Context, h *house) bool {
		over := false
		if v, over = settledOn(t, ctx, h, april); !over {
			return false
		}
		account, err := h.store.FundAccount(ctx, "expense")
		if err != nil {
			t.Error(err)
		}
		items, _, err := h.store.FundItems(ctx, account.ID, "", 0)
		if err != nil || len(items) != 2 || items[0].Question.Reason != "returned" || items[0].Question.Fen != 173250 || items[1].Question.Reason != "fee" {
			t.Errorf("open: %+v, %v", items, err)
		}
		files, err := h.store.FundFiles(ctx, account.ID)
		if err != nil || !slices.ContainsFunc(files, func(f store.FundFile) bool { return f.Kind == store.FundBatch && f.Entries == 5 }) {
			t.Errorf("archived: %+v, %v", files, err)
		}
		return true
	})
	n = v.Numbers
	if n.Kinds[0] != (store.FundSum{Rows: 1, Fen: 173250}) || n.Kinds[1].Fen != 3000 || n.AdjustedBank() != 124183000 || n.AdjustedBook() != 124183000 {
		t.Errorf("after the returned payment: %+v", n)
	}
	if p := n.Payments[0]; n.Returned != 1 || p.BatchTotal != 987250 || p.NetPaid != 814000 || p.ReturnedTotal != 173250 || p.SuccessCount != 4 {
		t.Errorf("batch: %+v", p)
	}
	for _, name := range []string{"rows.csv", "summary.json", "对账日报.xlsx", "银行存款余额调节表.xlsx", "对账日报.pdf", "银行存款余额调节表.pdf"} {
		if v.Papers[name] == "" {
			t.Errorf("no %s", name)
		}
	}
}
