package playbooks_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jingban/jingban/benefits"
	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/ledger"
	"github.com/jingban/jingban/materials"
	"github.com/jingban/jingban/papers"
	"github.com/jingban/jingban/persons"
	"github.com/jingban/jingban/playbooks"
)

var update = flag.Bool("update", false, "write the golden files anew")

// schema is what the tests' playbooks may use.
func schema() playbooks.Schema {
	return playbooks.Schema{
		Documents: map[string][]string{
			"id_card_front":      {"name", "sex", "ethnicity", "birth", "address", "number"},
			"id_card_back":       {"authority", "valid_from", "valid_to"},
			"bank_card":          {"bank", "number", "holder"},
			"termination_notice": {"name", "id_number", "employer", "contract_start", "contract_end", "end_date", "post", "years", "reason", "issue_date"},
			"claim_form":         {"name", "id_number", "mobile", "account", "bank", "employer", "reason", "leave_date", "claim_date"},
		},
		Papers: []string{"correction_notice"},
	}
}

// everything is what the built-in playbooks may use.
func everything(t *testing.T) playbooks.Schema {
	t.Helper()
	catalog, err := materials.Load()
	if err != nil {
		t.Fatal(err)
	}
	rules, err := benefits.Load(catalog.Params())
	if err != nil {
		t.Fatal(err)
	}
	calendar, err := casework.LoadCalendar(nil)
	if err != nil {
		t.Fatal(err)
	}
	offers := slices.Concat(benefits.Calculations(rules), ledger.Calculations(calendar), persons.Calculations(), materials.Calculations(catalog.Params()))
	return playbooks.Schema{Documents: catalog.Schema(), Papers: papers.Names(), Calculations: offers}
}

func systems(t *testing.T) map[string]playbooks.System {
	t.Helper()
	library, err := playbooks.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return library.Systems()
}

func TestBuiltinPlaybooksLintClean(t *testing.T) {
	library, err := playbooks.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	if len(library.Playbooks()) == 0 {
		t.Fatal("no built-in playbooks")
	}
	for _, pb := range library.Playbooks() {
		for _, p := range playbooks.Lint(pb.Name, []byte(pb.Source), everything(t), library.Systems()) {
			t.Error(p)
		}
	}
}

// TestLintReports holds each file of testdata/lint against its report.
func TestLintReports(t *testing.T) {
	files, err := filepath.Glob("testdata/lint/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no lint cases: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, strings.TrimSuffix(file, ".yaml")+".golden", report(playbooks.Lint(filepath.Base(file), text, schema(), systems(t))))
		})
	}
}

// TestSystemReports does the same for system files.
func TestSystemReports(t *testing.T) {
	files, err := filepath.Glob("testdata/systems/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no system cases: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, problems := playbooks.ParseSystem(filepath.Base(file), text)
		golden(t, strings.TrimSuffix(file, ".yaml")+".golden", report(problems))
	}
}

func report(problems playbooks.Problems) string {
	var b strings.Builder
	for _, p := range problems {
		fmt.Fprintln(&b, p)
	}
	return b.String()
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("report differs from %s:\n%s", file, got)
	}
}

// change gives the built-in playbook with one text replaced by another.
func change(t *testing.T, old, with string) []byte {
	t.Helper()
	library, err := playbooks.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	pb, _ := library.Playbook("unemployment_claim")
	if strings.Count(pb.Source, old) == 0 {
		t.Fatalf("the playbook has no %q", old)
	}
	return []byte(strings.Replace(pb.Source, old, with, 1))
}

// TestLintFindsOneMistake breaks one thing in a good playbook at a time.
func TestLintFindsOneMistake(t *testing.T) {
	for _, c := range []struct{ name, old, with, code, under string }{
		{"unknown field", "姓名: docs.id_card_front.name", "姓名: docs.id_card_front.nmae", "unknown_field", "nmae"},
		{"unknown document", "docs.claim_form.mobile", "docs.claim_from.mobile", "unknown_document", "claim_from"},
		{"unknown name", "申领月份: case.month", "申领月份: caze.month", "unknown_name", "caze"},
		{"unknown case field", "key: case.id_number", "key: case.idnumber", "unknown_field", "idnumber"},
		{"later step", "not complete.passed", "not submit.受理编号", "later_step", "submit"},
		{"condition is no bool", `when: confirm.choice == "return"`, "when: confirm.choice", "not_bool", "confirm.choice"},
		{"value is no text", "开户银行?: docs.bank_card.bank", "开户银行?: docs.bank_card.confidence", "not_text", "docs.bank_card.confidence"},
		{"clock", "申领月份: case.month", "申领月份: string(now())", "no_clock", "now()"},
		{"unknown choice", `confirm.choice == "return"`, `confirm.choice == "retrun"`, "unknown_choice", `"retrun"`},
		{"unknown verdict", `"RETURN_FOR_CORRECTION"`, `"RETURNED"`, "unknown_choice", `"RETURNED"`},
		{"unknown code list", `code("leave_reason"`, `code("leave_raeson"`, "unknown_list", `"leave_raeson"`},
		{"unknown paper", "paper: correction_notice", "paper: corection_notice", "unknown_paper", "corection_notice"},
		{"unknown system", "page: benefits", "page: benefit", "unknown_system", "benefit"},
		{"click on a committing button", "- click: {button: 查询}", "- click: {button: '提交[S]'}", "click_commits", "{button"},
		{"commit of an unlisted button", "commit: {button: 提交", "commit: {button: 办结", "unlisted_commit", "办结"},
		{"verify attaches", "- click: {button: 查询}", "- attach: {附件: docs.bank_card.file}", "verify_changes", "attach"},
		{"do without open", "- open: 失业待遇 / 申领登记\n      - fill", "- fill", "no_open", "benefits"},
		{"verify without open", "- open: 失业待遇 / 申领查询\n        - fill", "- fill", "no_open", "verify"},
		{"commit without effect", "effect: claim\n    ", "", "commit_without_effect", "提交"},
		{"rows unknown outside verify", "- attach: {离职证明?: docs.termination_notice.file}", "- attach: {离职证明?: 'rows[0].受理编号'}", "unknown_name", "rows"},
		{"duplicate id", "- id: notice", "- id: complete", "duplicate_id", "complete"},
		{"reserved id", "- id: notice", "- id: docs", "reserved_id", "docs"},
		{"unreachable", "when: not complete.passed\n    paper", "paper", "unreachable", "confirm"},
		{"unknown need", "bank_card?, ", "bank_card?, passport?, ", "unknown_document", "passport?"},
		{"unknown shown document", "show: [docs.id_card_front", "show: [docs.passport", "unknown_document", "docs.passport"},
		{"wrong comparison", "page.total == len(rows)", `page.total == "1"`, "expression", `== "1"`},
		{"broken expression", "happened: any(rows,", "happened: any(rows", "expression", ".申领月份"},
		{"same without any", "happened: any(rows, .证件号码 == case.id_number and .申领月份 == case.month and not (.状态 in [\"已作废\", \"退回\"]))", "happened: len(rows) > 0", "same_needs_any", "len(rows)"},
		{"unknown key", "due: 16h", "duu: 16h", "unknown_key", "duu"},
		{"key of another kind", "due: 16h", "due: 16h\n    effect: claim", "unknown_key", "effect"},
		{"two kinds", "paper: correction_notice", "paper: correction_notice\n    check: [{that: true, else: x}]", "two_kinds", "paper: correction_notice"},
		{"unknown verb", "- click: {button: 查询}", "- push: {button: 查询}", "unknown_verb", "push"},
		{"unknown key to press", "- click: {button: 查询}", "- press: Return", "unknown_key_name", "Return"},
		{"a key that may submit", "- click: {button: 查询}", "- press: Enter", "press_commits", "Enter"},
		{"a download that commits", "- click: {button: 查询}", "- download: {回执: {button: 提交}}", "click_commits", "{button"},
		{"waiting for nothing", "- click: {button: 查询}", "- wait: {within: 5s}", "bad_wait", "wait"},
		{"waiting too long", "- click: {button: 查询}", "- wait: {text: 完成, within: 10m}", "bad_wait", "10m"},
		{"closing what", "- click: {button: 查询}", "- close: tab", "bad_close", "tab"},
		{"an answer to no question", "- click: {button: 查询}", "- click: {button: 查询, answer: case.name}", "answer_without_confirm", "{button"},
		{"a row twice", "- click: {button: 查询}", "- click: {button: 查询, row: 甲, row_of: case.name}", "bad_locator", "{button"},
		{"a mistake in a row", "- click: {button: 查询}", "- click: {button: 查询, row_of: case.nme}", "unknown_field", "nme}"},
		{"a file into a button", "- click: {button: 查询}", "- fill: [{button: 查询, value: case.name}]", "bad_locator", "{button"},
		{"a field without a value", "- click: {button: 查询}", "- fill: [{label: 姓名, near: 申请人}]", "missing_key", "{label"},
		{"two locators", "- click: {button: 查询}", "- click: {button: 查询, link: 查询}", "bad_locator", "{button"},
		{"commit not last", "      - commit: {button: 提交, confirm: 确定提交吗？, saved: 保存成功}", "      - commit: {button: 提交}\n      - click: {button: 返回}", "commit_not_last", "commit"},
		{"duplicate key", "effect: claim", "effect: claim\n    effect: claim", "yaml", "effect"},
		{"no title", "title: {zh: 失业保险金申领, en: Unemployment benefit claim}\n", "", "missing_key", "playbook"},
		{"css", "- click: {button: 查询}", "- click: {css: '#q'}", "css_locator", "css"},
	} {
		t.Run(c.name, func(t *testing.T) {
			src := change(t, c.old, c.with)
			problems := playbooks.Lint("a.yaml", src, schema(), systems(t))
			if len(problems) == 0 {
				t.Fatal("nothing found")
			}
			p := problems[0]
			line := []rune(strings.Split(string(src), "\n")[p.Line-1])
			if rest := string(line[min(p.Column-1, len(line)):]); p.Code != c.code || !strings.HasPrefix(rest, c.under) {
				t.Errorf("got %s at %q, want %s at %q\n%s", p.Code, rest, c.code, c.under, report(problems))
			}
		})
	}
}

func FuzzLint(f *testing.F) {
	library, err := playbooks.Builtin()
	if err != nil {
		f.Fatal(err)
	}
	for _, pb := range library.Playbooks() {
		f.Add([]byte(pb.Source))
	}
	files, _ := filepath.Glob("testdata/lint/*.yaml")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	all := library.Systems()
	f.Fuzz(func(t *testing.T, text []byte) {
		lines := strings.Count(string(text), "\n") + 1
		for _, p := range playbooks.Lint("f.yaml", text, schema(), all) {
			if p.Line < 1 || p.Column < 1 || p.Line > lines+1 || p.Code == "" || p.Message == "" {
				t.Errorf("problem without a place: %+v", p)
			}
		}
		playbooks.ParseSystem("f.yaml", text)
	})
}
