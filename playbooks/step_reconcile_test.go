package playbooks_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/playbooks/pagetest"
)

const fundFlow = `playbook: fund
title: {zh: 对账, en: Fund}
key: shared.subject
steps:
  - id: compared
    reconcile: shared.subject
    day: shared.day
    files: {bank: shared.bank, batch: shared.none}
  - id: over
    when: compared.questions > 0
    check: [{that: compared.state == "balanced", else: fund_differences}]
    end: differences
  - id: quiet
    check: [{that: compared.result != "", else: fund_differences}]
    end: balanced
`

// oneFund answers every order alike and remembers it.
type oneFund struct {
	answer playbooks.FundAnswer
	err    error
	asked  []playbooks.FundOrder
}

func (f *oneFund) Reconcile(_ context.Context, order playbooks.FundOrder) (playbooks.FundAnswer, error) {
	f.asked = append(f.asked, order)
	return f.answer, f.err
}

func fundRun(t *testing.T, funds playbooks.Funds, shared map[string]string) playbooks.Result {
	t.Helper()
	pb, problems := playbooks.Parse("fund.yaml", []byte(fundFlow))
	if problems.Broken() {
		t.Fatal(problems)
	}
	runner := playbooks.Runner{Journal: pagetest.NewBook().Hold("r1"), Funds: funds, Now: time.Now}
	result, err := runner.Run(t.Context(), casework.Run{ID: "r1", Attempt: 1}, pb, casework.Snapshot{Shared: shared}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func TestReconcileStepHandsOnFilesAndGivesTheState(t *testing.T) {
	fund := &oneFund{answer: playbooks.FundAnswer{Result: "x1", State: "differences", Questions: 2}}
	shared := map[string]string{"subject": "expense", "day": "2026-03-31", "bank": "sha256:ab", "none": ""}
	if result := fundRun(t, fund, shared); result.End != "differences" || result.Kept["对账结果"] != "x1" {
		t.Errorf("result %+v", result)
	}
	order := fund.asked[0]
	if order.Account != "expense" || order.RunID != "r1" || order.Until.String() != "2026-03-31" || !slices.Equal(order.Files, []playbooks.FundFile{{Kind: "bank", SHA256: "sha256:ab"}}) {
		t.Errorf("order %+v", order)
	}
	fund.answer = playbooks.FundAnswer{Result: "x2", State: "balanced"}
	if result := fundRun(t, fund, shared); result.End != "balanced" {
		t.Errorf("result %+v", result)
	}
}

func TestReconcileStepAsksAPersonWhenNothingCanBeCompared(t *testing.T) {
	good := map[string]string{"subject": "expense", "day": "2026-03-31", "bank": "", "none": ""}
	for name, c := range map[string]struct {
		funds  playbooks.Funds
		shared map[string]string
	}{
		"refused": {&oneFund{err: casework.AskPerson("fund_refused", "does not add up")}, good},
		"no day":  {&oneFund{}, map[string]string{"subject": "expense", "day": "gestern", "bank": "", "none": ""}},
		"no fund": {nil, good},
	} {
		result := fundRun(t, c.funds, c.shared)
		if result.State != casework.RunParked || !strings.HasPrefix(result.Review.Reason, "fund_") {
			t.Errorf("%s: %+v", name, result)
		}
	}
}

func TestReconcileStepNamesAnUnknownKindOfFile(t *testing.T) {
	text := strings.Replace(fundFlow, "batch: shared.none", "gold: shared.none", 1)
	if problems := playbooks.Lint("fund.yaml", []byte(text), schema(), nil); !problems.Broken() {
		t.Error("a file of an unknown kind passed")
	}
}
