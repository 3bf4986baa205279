package playbooks_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
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

func (o *openCases) Open(ctx context.Context, order playbooks.CaseOrder) (string, playbooks.CaseStand, error) {
	if o.asked++; o.asked == o.fails {
		return "", "", errors.New("the database is away")
	}
	number, stand, err := o.Find(ctx, order)
	o.all[order.Matter+"/"+order.Key] = order
	return number, stand, err
}

func (o *openCases) Find(_ context.Context, order playbooks.CaseOrder) (string, playbooks.CaseStand, error) {
	before, known := o.all[order.Matter+"/"+order.Key]
	stand := playbooks.CaseNew
	if known {
		stand = playbooks.CaseKnown
	}
	if known && before.Again != order.Again {
		stand = playbooks.CaseAgain
	}
	return "YW-" + order.Key, stand, nil
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

const bringFlow = `playbook: bringing
title: {zh: 取件, en: Bringing}
key: shared.day
steps:
  - id: known
    case.find: portal_answer
    each: '[{"编号": "1", "次数": shared.times}, {"编号": "2", "次数": "1"}]'
    by: row.编号
    again: row.次数
  - id: cases
    case.open: portal_answer
    each: known.fresh
    by: row.key
    again: row.次数
    files: '[{"key": "1", "name": "身份证.jpg", "sha256": "sha256:aa"}, {"key": "2", "name": "卡.pdf", "sha256": shared.hash}, {"key": "1", "name": "表.jpg", "sha256": "sha256:bb"}]'
    with: {application: row.编号}
  - id: settled
    check: [{that: 'cases.opened + cases.again > 0', else: nothing}]
    end: opened
`

func bringing(t *testing.T, o *openCases, times, hash string) (playbooks.Result, error) {
	t.Helper()
	pb, problems := playbooks.Parse("bringing.yaml", []byte(bringFlow))
	if problems.Broken() {
		t.Fatal(problems)
	}
	runner := playbooks.Runner{Journal: pagetest.NewBook().Hold("r1"), Cases: o, Now: time.Now}
	snapshot := casework.Snapshot{Month: 202603, Shared: map[string]string{"day": "2026-03-06", "times": times, "hash": hash}}
	return runner.Run(t.Context(), casework.Run{ID: "r1", Attempt: 1}, pb, snapshot, nil)
}

func TestACaseThatComesAgainIsOpenedOnceMoreWithItsFiles(t *testing.T) {
	o := &openCases{all: map[string]playbooks.CaseOrder{}}
	for _, times := range []string{"1", "1", "2"} {
		if result, err := bringing(t, o, times, "sha256:cc"); err != nil || result.End != "opened" {
			t.Fatalf("%+v, %v", result, err)
		}
	}
	if o.asked != 3 { // two new ones, then nothing, then the one that came again
		t.Errorf("%d orders", o.asked)
	}
	want := []playbooks.CaseFile{{Name: "身份证.jpg", SHA256: "sha256:aa"}, {Name: "表.jpg", SHA256: "sha256:bb"}}
	if got := o.all["portal_answer/1"]; got.Again != "2" || !slices.Equal(got.Files, want) || len(o.all["portal_answer/2"].Files) != 1 {
		t.Errorf("opened %+v", o.all)
	}
}

func TestARowWithoutItsFileOpensNothing(t *testing.T) {
	o := &openCases{all: map[string]playbooks.CaseOrder{}}
	result, err := bringing(t, o, "1", "")
	if err != nil || result.State != casework.RunParked || result.Review.Reason != "case_file_missing" || len(o.all) != 0 {
		t.Errorf("%+v, %v, opened %d", result, err, len(o.all))
	}
}

func TestCaseFindAndFilesAreExplainedAndLinted(t *testing.T) {
	pb, _ := playbooks.Parse("bringing.yaml", []byte(bringFlow))
	for i, want := range []string{"只查看", "不另开新件"} {
		if text := fmt.Sprint(pb.Explain("zh", nil, playbooks.Names{}).Steps[i].Parts); !strings.Contains(text, want) {
			t.Errorf("explained as %s", text)
		}
	}
	wrong := strings.Replace(bringFlow, "again: row.次数", "again: shared.times", 1)
	if problems := playbooks.Lint("bringing.yaml", []byte(wrong), playbooks.Schema{}, nil); !strings.Contains(problems.Error(), "row_not_asked") {
		t.Errorf("problems: %v", problems)
	}
}
