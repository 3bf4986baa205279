package playbooks_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/playbooks/pagetest"
)

// counter is a page with a list of attachments; what is clicked in a row is the file
// of that row. The application "broken" has a row whose link gives nothing.
type counter struct {
	number string
	taken  []string
}

func (c *counter) Do(_ context.Context, act playbooks.Act) (playbooks.Seen, error) {
	switch act.Verb {
	case playbooks.Fill:
		c.number = act.Value
	case playbooks.Read:
		return playbooks.Seen{Columns: []string{"序号", "材料名称"}, Rows: []playbooks.Row{{"序号": "1", "材料名称": "身份证" + c.number}, {"序号": "2", "材料名称": "申领表" + c.number}}}, nil
	case playbooks.Download:
		c.taken = append(c.taken, act.At.Row)
		if c.number == "broken" && strings.HasPrefix(act.At.Row, "2") {
			return playbooks.Seen{}, casework.AskPerson("no_download", "nothing came")
		}
		return playbooks.Seen{Files: []playbooks.File{{Name: "IMG.png", Data: []byte(act.At.Row)}}}, nil
	}
	return playbooks.Seen{}, nil
}

func (c *counter) Page(context.Context, playbooks.System) (playbooks.Page, error) { return c, nil }
func (c *counter) Commit(context.Context, playbooks.Commit, playbooks.Guard) (playbooks.Seen, error) {
	return playbooks.Seen{}, casework.Fail("commit_outside", "nothing here commits")
}
func (c *counter) Shoot(context.Context, string) ([]playbooks.Shot, error) { return nil, nil }
func (c *counter) Close() error                                            { return nil }

const takeFlow = `playbook: taking
title: {zh: 取件, en: Taking}
key: shared.day
steps:
  - id: form
    page: benefits
    each: '[{"编号": "A"}, {"编号": "broken"}, {"编号": "B"}]'
    by: row.编号
    stuck: leave
    do:
      - open: 失业待遇 / 申领查询
      - fill: {申请编号: row.编号}
      - read: {附件: {table: 附件清单}}
      - download: {文件: {link: 下载, each: 附件, row_of: item.序号 + item.材料名称}}
    keep:
      number: {or: row.编号}
      files: {rows: 文件}
  - id: settled
    check: [{that: 'len(form.files) > 0', else: nothing}]
    end: taken
`

func taking(t *testing.T, page *counter, flow string) (playbooks.Result, map[string]any) {
	t.Helper()
	pb, problems := playbooks.Parse("taking.yaml", []byte(flow))
	if problems.Broken() {
		t.Fatal(problems)
	}
	var told map[string]any
	runner := playbooks.Runner{Journal: pagetest.NewBook().Hold("r1"), Pages: page, Systems: systems(t), Now: time.Now, EffectID: func(system, action, key string) string { return system + action + key },
		Told: func(step playbooks.Step, values map[string]any) {
			if step.ID == "form" {
				told = values
			}
		}}
	result, err := runner.Run(t.Context(), casework.Run{ID: "r1", Attempt: 1}, pb, casework.Snapshot{Shared: map[string]string{"day": "1"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return result, told
}

func TestTheFileOfEachRowIsTakenAndStandsWithTheKeyOfItsRow(t *testing.T) {
	page := &counter{}
	result, told := taking(t, page, takeFlow)
	files, _ := told["files"].([]map[string]string)
	if result.End != "taken" || len(files) != 4 || files[3]["key"] != "B" || files[3]["材料名称"] != "申领表B" || files[3]["name"] != "IMG.png" || files[3]["sha256"] == files[0]["sha256"] || files[0]["key"] != "A" {
		t.Errorf("%+v, files %v", result, files)
	}
	if left, _ := told["left"].([]map[string]string); len(left) != 1 || left[0]["key"] != "broken" || left[0]["code"] != "no_download" || told["count"] != 2 {
		t.Errorf("left %v of %v", told["left"], told["count"])
	}
}

func TestARowThatIsNotToBeLeftAsksAPerson(t *testing.T) {
	page := &counter{}
	result, _ := taking(t, page, strings.Replace(takeFlow, "    stuck: leave\n", "", 1))
	if result.State != casework.RunParked || result.Review.Reason != "no_download" || page.number != "broken" {
		t.Errorf("%+v at %s", result, page.number)
	}
}

func TestMistakesInTakingFilesAreFound(t *testing.T) {
	if problems := playbooks.Lint("taking.yaml", []byte(takeFlow), schema(), systems(t)); problems.Broken() {
		t.Fatal(problems)
	}
	for with, code := range map[[2]string]string{
		{"each: 附件,", "each: 清单,"}:                                      "unknown_rows",
		{"row_of: item.序号 + item.材料名称", "row_of: row.编号"}:               "row_not_asked",
		{"files: {rows: 文件}", "count: {rows: 文件}"}:                      "name_taken",
		{"stuck: leave", "stuck: skip"}:                                 "bad_stuck",
		{"files: {rows: 文件}", "files: {rows: 附件}\n      x: {rows: 别的}"}: "unknown_rows",
	} {
		problems := playbooks.Lint("taking.yaml", []byte(strings.Replace(takeFlow, with[0], with[1], 1)), schema(), systems(t))
		if !strings.Contains(problems.Error(), code) {
			t.Errorf("%s: %v", with[1], problems)
		}
	}
}
