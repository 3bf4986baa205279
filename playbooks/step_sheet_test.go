package playbooks_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/playbooks/pagetest"
)

const sheetFlow = `playbook: listed
title: {zh: 清单办理, en: A list}
key: shared.file
steps:
  - id: list
    sheet.read: shared.file
    columns: [身份证号, 姓名]
  - id: back
    sheet.write: shared.file
    columns: [身份证号, 姓名]
    rows: list.rows
    line: row.行
    outcome: 'row.姓名 == "张明" ? "成功" : "失败"'
    serial: '"L" + row.行'
    why: 'row.姓名 == "张明" ? "" : "待遇已停发"'
  - id: all
    check: [{that: list.count == 2 and back.count == 2, else: sheet_line}]
    end: answered
`

const pensioners = "停发清单,,\r\n姓 名,身份证号,备注\r\n张明,379901198503120015,=\r\n李娜,379901199001010023,0007\r\n,,合计\r\n"

func listedRun(t *testing.T, list string) (playbooks.Result, []playbooks.Shot) {
	t.Helper()
	pb, problems := playbooks.Parse("listed.yaml", []byte(sheetFlow))
	if problems.Broken() {
		t.Fatal(problems)
	}
	sum := sha256.Sum256([]byte(list))
	name, book := hex.EncodeToString(sum[:]), pagetest.NewBook()
	runner := playbooks.Runner{Journal: book.Hold("r1"), Now: func() time.Time { return time.Date(2026, 3, 5, 10, 0, 0, 0, casework.China) },
		Archive: func(_ context.Context, sum string) ([]byte, error) {
			if sum != name {
				return nil, casework.AskPerson("sheet_missing", "no file")
			}
			return []byte(list), nil
		}}
	result, err := runner.Run(t.Context(), casework.Run{ID: "r1", Attempt: 1}, pb, casework.Snapshot{Shared: map[string]string{"file": "sha256:" + name}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return result, book.Shots("r1")
}

func TestSheetGoesBackWithWhatBecameOfItsRows(t *testing.T) {
	result, shots := listedRun(t, pensioners)
	if result.End != "answered" || len(shots) != 1 {
		t.Fatalf("%+v, %d files", result, len(shots))
	}
	lines := strings.Split(string(shots[0].Data), "\r\n")
	for i, want := range []string{"停发清单,,", "姓 名,身份证号,备注,结果,业务流水号,失败原因,时间", "张明,379901198503120015,=,成功,L3,,2026-03-05 10:00:00", "李娜,379901199001010023,0007,失败,L4,待遇已停发,2026-03-05 10:00:00", ",,合计"} {
		if !strings.HasPrefix(lines[i], want) {
			t.Errorf("line %d is %q, want %q", i+1, lines[i], want)
		}
	}
	if shots[0].Name != "清单-结果.csv" {
		t.Errorf("its name is %q", shots[0].Name)
	}
}

func TestSheetThatIsNoListAsksAPerson(t *testing.T) {
	for name, c := range map[string]struct{ list, reason string }{
		"a column is missing": {"姓名,号码\n张明,379901198503120015\n", "sheet_heading"},
		"a number was cut":    {"姓名,身份证号\n张明,3.79901E+17\n", "sheet_number"},
		"nobody is listed":    {"姓名,身份证号\n,\n", "sheet_empty"},
		"it is a picture":     {"\x89PNG\r\n\x1a\n\x00\x00", "sheet_unreadable"},
	} {
		result, shots := listedRun(t, c.list)
		if result.State != casework.RunParked || result.Review.Reason != c.reason || len(shots) > 0 {
			t.Errorf("%s: %+v", name, result)
		}
	}
}

func TestTwoResultsOfOneLineAskAPerson(t *testing.T) {
	text := strings.Replace(sheetFlow, "line: row.行", `line: '"3"'`, 1)
	pb, problems := playbooks.Parse("listed.yaml", []byte(text))
	if problems.Broken() {
		t.Fatal(problems)
	}
	runner := playbooks.Runner{Journal: pagetest.NewBook().Hold("r1"), Now: time.Now, Archive: func(context.Context, string) ([]byte, error) { return []byte(pensioners), nil }}
	result, err := runner.Run(t.Context(), casework.Run{ID: "r1", Attempt: 1}, pb, casework.Snapshot{Shared: map[string]string{"file": "sha256:ab"}}, nil)
	if err != nil || result.State != casework.RunParked || result.Review.Reason != "sheet_line" {
		t.Errorf("%+v, %v", result, err)
	}
}
