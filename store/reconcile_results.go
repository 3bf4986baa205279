package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/ledger"
)

// FundState is how the comparison of a day ended.
type FundState string

// The states of a result.
const (
	FundOrdered     FundState = "ordered" // a worker will do it
	FundBalanced    FundState = "balanced"
	FundDifferences FundState = "differences"
	FundRefused     FundState = "refused" // a file does not add up, or one is missing
)

// FundSum is one state of one side.
type FundSum struct {
	Rows int          `json:"rows"`
	Fen  casework.Fen `json:"fen"`
}

// FundNumbers is what a result says in figures: nothing personal.
type FundNumbers struct {
	States      map[string]map[string]FundSum `json:"states"` // side → state
	HasBalance  bool                          `json:"has_balance"`
	Bank        casework.Fen                  `json:"bank_fen"`
	Book        casework.Fen                  `json:"book_fen"`
	Kinds       [4]FundSum                    `json:"open"`      // lines of the table, K1 to K4
	Questions   int                           `json:"questions"` // that wait for an answer or a partner
	Returned    int                           `json:"pay_again"`
	Comparisons []ledger.Comparison           `json:"comparisons"`
	Payments    []ledger.PaymentResult        `json:"payments"`
	Vouchers    []ledger.Proposal             `json:"vouchers"` // proposed, without their texts; never posted
	Invariants  []ledger.Invariant            `json:"invariants"`
	Rules       []string                      `json:"rules"`
}

// AdjustedBank is bank + K3 − K4, AdjustedBook book + K1 − K2.
func (n FundNumbers) AdjustedBank() casework.Fen { return n.Bank + n.Kinds[2].Fen - n.Kinds[3].Fen }

// AdjustedBook is book + K1 − K2.
func (n FundNumbers) AdjustedBook() casework.Fen { return n.Book + n.Kinds[0].Fen - n.Kinds[1].Fen }

// FundResult is the comparison of one account up to the end of one day. The
// newest of a day counts; the others are history.
type FundResult struct {
	ID        string
	AccountID string
	Day       casework.Date
	State     FundState
	Code      string // why it was refused
	Numbers   FundNumbers
	Papers    map[string]string // file name → SHA-256 of the sealed file
	Files     []string          // ids of the files that were compared
	RunID     string            // of the playbook, "" when a person or a file asked for it
	By        string
	At        time.Time
	Done      time.Time
}

const fundResultColumns = "id, account_id, day, state, code, numbers, papers, files, run_id, ordered_by, at, done_at"

func scanFundResult(r row) (v FundResult, err error) {
	var day, numbers, papers, files string
	var at, done int64
	if err = r.Scan(&v.ID, &v.AccountID, &day, &v.State, &v.Code, &numbers, &papers, &files, &v.RunID, &v.By, &at, &done); err != nil {
		return v, err
	}
	v.At, v.Done = moment(at), moment(done)
	if v.Day, err = casework.ParseDate(day); err != nil {
		return v, err
	}
	for text, into := range map[string]any{numbers: &v.Numbers, papers: &v.Papers, files: &v.Files} {
		if err := json.Unmarshal([]byte(text), into); err != nil {
			return v, fmt.Errorf("result %s: %w", v.ID, err)
		}
	}
	return v, nil
}

// OrderFundResult asks a worker to compare an account up to the end of a day.
func (s *Store) OrderFundResult(ctx context.Context, by casework.Actor, accountID string, day casework.Date, runID string) (FundResult, error) {
	v := FundResult{ID: casework.NewID(), AccountID: accountID, Day: day, State: FundOrdered, RunID: runID, By: by.Name, Papers: map[string]string{}, Files: []string{}}
	err := s.change(ctx, "order a reconciliation", func(t *tx) error {
		v.At = t.now
		_, err := t.update(ctx, `INSERT INTO fund_results (id, account_id, day, state, code, numbers, papers, files, run_id, ordered_by, hinted_at, at, done_at)
			VALUES ($1, $2, $3, 'ordered', '', '{}', '{}', '[]', $4, $5, $6, $6, 0)`, v.ID, accountID, day.String(), runID, by.Name, micros(t.now))
		if err != nil {
			return err
		}
		if runID == "" { // a playbook does it itself, in its step
			if err := t.hint(ctx, taskReconcile, v.ID); err != nil {
				return err
			}
		}
		return t.audit(ctx, by, "fund.order", v.ID, map[string]string{"day": day.String(), "run": runID})
	})
	return v, err
}

// EndFundResult writes what an ordered comparison found. The questions of the
// account's latest day are what is open; those that are gone are cleared.
// ErrConflict when it was ended before.
func (s *Store) EndFundResult(ctx context.Context, v FundResult, questions []ledger.Question, carry FundCarry) error {
	var texts [3]string
	for i, part := range []any{v.Numbers, v.Papers, v.Files} {
		text, err := jsonText(part)
		if err != nil {
			return fmt.Errorf("result %s: %w", v.ID, err)
		}
		texts[i] = text
	}
	carried, err := s.keepCarry(ctx, v, carry)
	if err != nil {
		return err
	}
	return s.change(ctx, "end a reconciliation", func(t *tx) error {
		err := t.must(ctx, ErrConflict, `UPDATE fund_results SET state = $1, code = $2, numbers = $3, papers = $4, files = $5, done_at = $6, carry = $7
			WHERE id = $8 AND state = 'ordered'`, string(v.State), v.Code, texts[0], texts[1], texts[2], micros(t.now), carried, v.ID)
		if err != nil {
			return err
		}
		later, err := one(ctx, t, scalar[int], `SELECT COUNT(*) FROM fund_results
			WHERE account_id = $1 AND day > $2 AND state IN ('balanced', 'differences')`, v.AccountID, v.Day.String())
		if err != nil {
			return err
		}
		if later == 0 && v.State != FundRefused {
			if err := errors.Join(t.keepFundItems(ctx, v, questions), t.keepFundRepays(ctx, v, carry.PayAgain)); err != nil {
				return err
			}
		}
		if later == 0 {
			return t.alarmFund(ctx, v)
		}
		return nil
	})
}

// keepCarry seals what a comparison would carry on and gives its hash.
func (s *Store) keepCarry(ctx context.Context, v FundResult, carry FundCarry) (string, error) {
	if v.State == FundRefused {
		return "", nil
	}
	text, err := jsonText(carry)
	if err != nil {
		return "", fmt.Errorf("result %s: %w", v.ID, err)
	}
	return s.PutFile(ctx, []byte(text))
}

// alarmFund tells people of the account's latest day.
func (t *tx) alarmFund(ctx context.Context, v FundResult) error {
	account, err := one(ctx, t, scalar[string], "SELECT name FROM fund_accounts WHERE id = $1", v.AccountID)
	if err != nil {
		return err
	}
	code := map[FundState]string{FundDifferences: "differences", FundRefused: "not_compared"}[v.State]
	if err := t.clear(ctx, "fund", account, code); err != nil || code == "" {
		return err
	}
	return t.raise(ctx, "fund", account, code, map[string]string{"account": account, "day": v.Day.String(), "code": v.Code})
}

// FundResult gives one, or ErrNotFound.
func (s *Store) FundResult(ctx context.Context, id string) (FundResult, error) {
	v, err := one(ctx, s.reader, scanFundResult, "SELECT "+fundResultColumns+" FROM fund_results WHERE id = $1", id)
	return v, explain("reconciliation", err)
}

// FundDays gives the newest ended result of each day of a period, the oldest day
// first, and one that is ordered where none has ended.
func (s *Store) FundDays(ctx context.Context, accountID string, from, to casework.Date) ([]FundResult, error) {
	all, err := list(ctx, s.reader, scanFundResult, "SELECT "+fundResultColumns+` FROM fund_results
		WHERE account_id = $1 AND day >= $2 AND day <= $3 ORDER BY day, CASE state WHEN 'ordered' THEN 0 ELSE 1 END, id`, accountID, from.String(), to.String())
	if err != nil {
		return nil, explain("list reconciliations", err)
	}
	var days []FundResult
	for _, v := range all {
		if n := len(days); n > 0 && days[n-1].Day == v.Day {
			days[n-1] = v
		} else {
			days = append(days, v)
		}
	}
	return days, nil
}

// FundStep is one signature of the chain 会计 → 复核 → 主管.
type FundStep string

// FundSteps lists the chain in its order.
func FundSteps() []FundStep { return []FundStep{"prepared", "reviewed", "approved"} }

// FundSignature is who signed a result.
type FundSignature struct {
	Step   FundStep
	Person string
	Name   string
	At     time.Time
}

// SignFundResult signs the next step of a result. Each step is signed by another
// person, and never by the account's cashier: ErrConflict.
func (s *Store) SignFundResult(ctx context.Context, by casework.Actor, id string) (FundStep, error) {
	var step FundStep
	err := s.change(ctx, "sign the reconciliation", func(t *tx) error {
		type about struct{ state, cashier string }
		result, err := one(ctx, t, func(r row) (a about, err error) { return a, r.Scan(&a.state, &a.cashier) },
			"SELECT r.state, a.cashier FROM fund_results r JOIN fund_accounts a ON a.id = r.account_id WHERE r.id = $1", id)
		if err != nil {
			return err
		}
		signed, err := list(ctx, t, scanFundSignature, "SELECT step, person, name, at FROM fund_signatures WHERE result_id = $1 ORDER BY CASE step WHEN 'prepared' THEN 0 WHEN 'reviewed' THEN 1 ELSE 2 END", id)
		if err != nil {
			return err
		}
		switch {
		case result.state != string(FundBalanced) && result.state != string(FundDifferences):
			return fmt.Errorf("nothing was compared: %w", ErrConflict)
		case by.Name == result.cashier:
			return fmt.Errorf("the cashier may not sign: %w", ErrConflict)
		case len(signed) == len(FundSteps()):
			return fmt.Errorf("it is signed: %w", ErrConflict)
		}
		for _, one := range signed {
			if one.Person == by.ID {
				return fmt.Errorf("one person signs once: %w", ErrConflict)
			}
		}
		step = FundSteps()[len(signed)]
		if _, err := t.update(ctx, "INSERT INTO fund_signatures (result_id, step, person, name, at) VALUES ($1, $2, $3, $4, $5)", id, string(step), by.ID, by.Name, micros(t.now)); err != nil {
			return err
		}
		return t.audit(ctx, by, "fund.sign", id, map[string]string{"step": string(step)})
	})
	return step, err
}

func scanFundSignature(r row) (v FundSignature, err error) {
	var at int64
	err = r.Scan(&v.Step, &v.Person, &v.Name, &at)
	v.At = moment(at)
	return v, err
}

// FundSignatures gives the signatures of a result in their order.
func (s *Store) FundSignatures(ctx context.Context, id string) ([]FundSignature, error) {
	all, err := list(ctx, s.reader, scanFundSignature, "SELECT step, person, name, at FROM fund_signatures WHERE result_id = $1 ORDER BY CASE step WHEN 'prepared' THEN 0 WHEN 'reviewed' THEN 1 ELSE 2 END", id)
	return all, explain("signatures", err)
}
