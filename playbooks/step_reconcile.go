package playbooks

import (
	"context"
	"slices"
	"strings"

	"github.com/jingban/jingban/casework"
)

// Funds compares a fund account (implemented by workers over the store).
type Funds interface {
	// Reconcile archives the files, compares all that has come for the account up
	// to the day and keeps the result. An account nobody knows, files that do not
	// add up and days that are no days are NeedsHuman.
	Reconcile(ctx context.Context, order FundOrder) (FundAnswer, error)
}

// FundOrder is what a reconcile step asks for.
type FundOrder struct {
	RunID   string
	Account string
	Until   casework.Date
	Files   []FundFile
}

// FundFile is one file that an earlier step downloaded.
type FundFile struct {
	Kind   string // "bank", "book", "batch", "business", "fiscal" or "treasury"
	SHA256 string // as download gives it
}

// FundAnswer is what later steps see.
type FundAnswer struct {
	Result    string // id of the result
	State     string // "balanced" or "differences"
	Questions int    // what people have to look at
	Returned  int    // payments to be made again
}

// reconcileStep compares bank, books and batches of an account: a step of its own
// because nothing on a page does it. Files are values of earlier downloads.
type reconcileStep struct {
	account *Expr
	until   *Expr
	files   []argument
}

// fundKinds are the names under files.
func fundKinds() []string {
	return []string{"bank", "book", "batch", "business", "fiscal", "treasury"}
}

func readReconcile(d *decoder, own field, all map[string]field) body {
	s := &reconcileStep{account: d.expr(own, aText)}
	if f, ok := d.need(all, own.at, "reconcile", "day"); ok {
		s.until = d.expr(f, aText)
	}
	if f, ok := all["files"]; ok {
		for _, p := range d.pairs(f.value, "files") {
			if !slices.Contains(fundKinds(), p.key) {
				d.errorf(p.at, "unknown_key", "files: unknown kind %q, want one of: %s", p.key, strings.Join(fundKinds(), ", "))
			}
			s.files = append(s.files, argument{name: p.key, value: d.expr(p, aValue), at: p.at})
		}
	}
	return s
}

func (s *reconcileStep) lint(l *linter, _ *Step) {
	l.check(s.account, l.env)
	l.check(s.until, l.env)
	for _, f := range s.files {
		text, rows := *f.value, *f.value
		text.want, rows.want = aText, aList
		if rows.check(l.env) != nil { // many files stand in rows; anything else is one
			l.check(&text, l.env)
		}
	}
}

func (s *reconcileStep) gives([]casework.Calculation) map[string]any {
	return map[string]any{"result": "", "state": "", "questions": 0, "returned": 0}
}

func (s *reconcileStep) run(ctx context.Context, t *turn, step *Step) (outcome, error) {
	order := FundOrder{RunID: t.run.ID}
	var err error
	if order.Account, err = s.account.text(t.env); err != nil {
		return outcome{}, err
	}
	day, err := s.until.text(t.env)
	if err != nil {
		return outcome{}, err
	}
	if order.Until, err = casework.ParseDate(day); err != nil {
		return outcome{}, casework.AskPerson("fund_day", "step %s: the day is no day", step.ID)
	}
	for _, f := range s.files {
		if err := order.take(f, t.env); err != nil {
			return outcome{}, err
		}
	}
	if t.Funds == nil {
		return outcome{}, casework.AskPerson("fund_unknown", "step %s: no fund is reconciled here", step.ID)
	}
	answer, err := t.Funds.Reconcile(ctx, order)
	if err != nil {
		return outcome{}, err
	}
	return outcome{Values: map[string]any{"result": answer.Result, "state": answer.State, "questions": answer.Questions, "returned": answer.Returned},
		Kept: map[string]string{"对账结果": answer.Result}}, nil
}

// take adds what an expression gives: one file, "" for none, or the files of rows
// that kept them as "file".
func (o *FundOrder) take(f argument, env map[string]any) error {
	text := *f.value
	text.want = aText
	if hash, err := text.text(env); err == nil {
		if hash != "" {
			o.Files = append(o.Files, FundFile{f.name, hash})
		}
		return nil
	}
	rows := *f.value
	rows.want = aList
	value, err := rows.value(env)
	if err != nil {
		return err
	}
	list, err := like([]map[string]string{}, value)
	if err != nil {
		return casework.AskPerson("expression", "expression %q does not give files", f.value.Source)
	}
	for _, row := range list.([]map[string]string) {
		if row["file"] != "" {
			o.Files = append(o.Files, FundFile{f.name, row["file"]})
		}
	}
	return nil
}

// explain says what is compared.
func (s *reconcileStep) explain(t *explainer) []ExplainedPart {
	var from []string
	for _, f := range s.files {
		from = append(from, t.say("%s：%s", "%s: %s", t.word("fundkind", f.name), t.value(f.value)))
	}
	return []ExplainedPart{{PartDoes, t.say("逐笔核对基金账户，原始文件按哈希存档，不向任何系统写入：", "Compares the fund account row by row; raw files are archived by hash; nothing is written anywhere:"), from},
		{PartKeeps, t.say("得出对账状态、待核对事项和须重新支付的笔数", "Gives the state, what people have to look at, and payments to be made again"), nil}}
}
