package playbooks_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/playbooks/pagetest"
)

// openCases is a store of cases that remembers what makes them the same; fails is
// the order at which it is out of reach once.
type openCases struct {
	all   map[string]playbooks.CaseOrder
	asked int
	fails int
}

func (o *openCases) Open(_ context.Context, order playbooks.CaseOrder) (string, bool, error) {
	if o.asked++; o.asked == o.fails {
		return "", false, errors.New("the database is away")
	}
	key := order.Matter + "/" + order.Key
	_, known := o.all[key]
	o.all[key] = order
	return "YW-" + order.Key, !known, nil
}

const openFlow = `playbook: opening
title: {zh: 开件, en: Opening}
key: shared.day
steps:
  - id: cases
    case.open: unemployment_stop
    each: '[{"编号": "1", "姓名": "张明"}, {"编号": shared.second, "姓名": "李娜"}]'
    by: row.编号
    with: {name: row.姓名, month: case.month, subject: shared.day}
    end: opened
`

func opening(t *testing.T, o *openCases, second string) (playbooks.Result, error) {
	t.Helper()
	pb, problems := playbooks.Parse("opening.yaml", []byte(openFlow))
	if problems.Broken() {
		t.Fatal(problems)
	}
	runner := playbooks.Runner{Journal: pagetest.NewBook().Hold("r1"), Cases: o, Now: time.Now}
	snapshot := casework.Snapshot{Month: 202603, Shared: map[string]string{"day": "2026-03-06", "second": second}}
	return runner.Run(t.Context(), casework.Run{ID: "r1", Attempt: 1}, pb, snapshot, nil)
}

func TestARollBecomesOneCaseEach(t *testing.T) {
	o := &openCases{all: map[string]playbooks.CaseOrder{}, fails: 2}
	if _, err := opening(t, o, "2"); err == nil {
		t.Fatal("the fault was swallowed")
	}
	for range 2 { // taken up again, and once more next morning
		if result, err := opening(t, o, "2"); err != nil || result.End != "opened" {
			t.Fatalf("%+v, %v", result, err)
		}
	}
	got := o.all["unemployment_stop/2"]
	if len(o.all) != 2 || got.Values["name"] != "李娜" || got.Values["month"] != "202603" || got.Values["subject"] != "2026-03-06" {
		t.Errorf("opened %+v", o.all)
	}
}

func TestTwoRowsOfOneKeyOpenNothing(t *testing.T) {
	o := &openCases{all: map[string]playbooks.CaseOrder{}}
	result, err := opening(t, o, "1")
	if err != nil || result.State != casework.RunParked || result.Review.Reason != "row_twice" || len(o.all) != 0 {
		t.Errorf("%+v, %v, opened %d", result, err, len(o.all))
	}
}

func TestCaseOpenSaysWhatItOpens(t *testing.T) {
	problems := playbooks.Lint("opening.yaml", []byte(strings.Replace(openFlow, "by: row.编号", "by: shared.day", 1)), playbooks.Schema{}, nil)
	if !strings.Contains(problems.Error(), "row_not_asked") {
		t.Errorf("problems: %v", problems)
	}
	pb, _ := playbooks.Parse("opening.yaml", []byte(openFlow))
	if parts := pb.Explain("zh", nil, playbooks.Names{}).Steps[0].Parts; len(parts) == 0 || !strings.Contains(parts[0].Text, "同一件只开一次") {
		t.Errorf("explained as %+v", parts)
	}
}
