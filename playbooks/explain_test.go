package playbooks_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jingban/jingban/playbooks"
)

// explained gives every sentence about a playbook.
func explained(pb *playbooks.Playbook, lang string, systems map[string]playbooks.System) (lines []string) {
	x := pb.Explain(lang, systems, playbooks.Names{})
	lines = append(lines, x.Title)
	lines = append(lines, x.Summary...)
	for _, step := range x.Steps {
		lines = append(lines, step.Title, step.When, step.Ends)
		for _, part := range step.Parts {
			lines = append(append(lines, part.Kind+" "+part.Text), part.More...)
		}
	}
	return lines
}

func TestBuiltInPlaybooksAreExplainedWithoutALineOfCode(t *testing.T) {
	library, err := playbooks.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, pb := range library.Playbooks() {
		for _, lang := range []string{"zh", "en"} {
			text := strings.Join(explained(pb, lang, library.Systems()), "\n")
			if strings.ContainsAny(text, "`{}") || strings.Contains(text, "%!") {
				t.Errorf("%s in %s shows code:\n%s", pb.Name, lang, text)
			}
		}
	}
}

func TestExplanationNamesTheOneChangeAndItsProof(t *testing.T) {
	library, err := playbooks.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	pb, _ := library.Playbook("unemployment_claim")
	lines := explained(pb, "zh", library.Systems())
	for _, want := range []string{"change 不可撤回：点击「提交」，系统里从此有这条记录", "只确认「确定提交吗？」这一个弹窗，出现别的弹窗就停下", "仅当「人工核对」时选的是「退回补正」",
		"同一件业务按申请人证件号码＋待遇月份认定，只办一次", "看全了才算数：页面所示的总数等于读到的「申领记录」的条数，并且页面文字含有申请人证件号码"} {
		if !slices.Contains(lines, want) {
			t.Errorf("not said: %s\nsaid: %s", want, strings.Join(lines, "\n"))
		}
	}
	changes := 0
	for _, line := range lines {
		if strings.HasPrefix(line, "change ") {
			changes++
		}
	}
	if changes != 1 {
		t.Errorf("%d changes are named, want the one commit", changes)
	}
}

func TestValuesAreExplained(t *testing.T) {
	for source, want := range map[string][2]string{
		`docs.id_card.name == case.name`:                       {"id_card上的name等于申请人姓名", "the name on id_card is the applicant's name"},
		`docs.id_card.confidence >= 0.85`:                      {"id_card的识读把握不小于0.85", "how sure the reading of id_card is is at least 0.85"},
		`case.account != "" ? case.account : docs.card.number`: {"申请人账号，没有时用card上的number", "the applicant's account, or else the number on card"},
		`case.mobile == ""`:                                    {"申请人手机号没有", "the applicant's mobile is missing"},
		`"bad_name" in first.failed`:                           {"「第一步」发现的问题中有「bad_name」", "what “First” found has “bad_name”"},
		`not (first.passed)`:                                   {"「第一步」没有全部通过", "“First” did not pass"},
		`case.name matches "^张"`:                               {"`case.name matches \"^张\"`", "`case.name matches \"^张\"`"}, // no words for it: the source
	} {
		text := fmt.Sprintf("playbook: p\ntitle: {zh: 试, en: Try}\nkey: case.number\nsteps:\n  - id: first\n    title: {zh: 第一步, en: First}\n    check: [{that: 'true', else: x}]\n  - id: second\n    when: '%s'\n    check: [{that: 'true', else: y}]\n    end: done\n", source)
		pb, problems := playbooks.Parse("p.yaml", []byte(text))
		if problems.Broken() {
			t.Fatal(problems)
		}
		for i, lang := range []string{"zh", "en"} {
			got := pb.Explain(lang, nil, playbooks.Names{}).Steps[1].When
			if prefix := []string{"仅当", "Only if "}[i]; got != prefix+want[i] {
				t.Errorf("%s in %s: %q, want %q", source, lang, got, prefix+want[i])
			}
		}
	}
}

func TestExplanationOfTheGeneralSteps(t *testing.T) {
	for text, want := range map[string][]string{
		eachMonth: {"计算「补缴月份」，不打开任何系统：", "起始月份：待遇月份", "得出月份清单、月数、金额；计算过程逐行存入本次办理的证据",
			"对「months」得出的月份清单的每一行各做一遍，按本行的「月份」区分，一行只办一次，最多 1000 行；中断后从停下的那一行继续", "填写「申领月份」：本行的「月份」"},
		answer:   {"等候 15 个工作日，期间不占用系统和人员", "每 6 小时看一次，读到的「found」等于「yes」就继续；每次：", "满 5 个工作日仍未等到，生成「correction_notice」", "「等候信息表」的期限已满", "「等候信息表」的期限未满；不成立记为 late"},
		decision: {"按下表判定，从上往下，第一条成立的算数：", "材料核验结论是「MANUAL_REVIEW」：「MANUAL_REVIEW」（DOUBT）", "其余：「AUTO_PASS」"},
	} {
		pb, problems := playbooks.Parse("x.yaml", []byte(text))
		if problems.Broken() {
			t.Fatal(problems)
		}
		got := told(pb.Explain("zh", systems(t), playbooks.Names{Calculations: offered().Calculations}))
		for _, line := range want {
			if !strings.Contains(got, line) {
				t.Errorf("lacks %q:\n%s", line, got)
			}
		}
	}
}

// told is an explanation as one text.
func told(x playbooks.Explanation) string {
	var b strings.Builder
	for _, step := range x.Steps {
		fmt.Fprintln(&b, step.Title, step.When)
		for _, part := range step.Parts {
			fmt.Fprintln(&b, part.Text, strings.Join(part.More, "\n"))
		}
	}
	return b.String()
}
