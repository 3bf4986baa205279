package playbooks_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/playbooks/pagetest"
)

// months is a calculation: the months from one on, as rows, and how many.
func months() casework.Calculation {
	return casework.Calculation{Name: "test.months", Zh: "补缴月份", En: "months to pay", Inputs: []casework.Quantity{
		{Name: "first", Zh: "起始月份", En: "first month", Kind: casework.TextQuantity}, {Name: "known", Zh: "已有记录", En: "records", Kind: casework.RowsQuantity, Optional: true}},
		Outputs: []casework.Quantity{{Name: "list", Zh: "月份清单", En: "list", Kind: casework.RowsQuantity}, {Name: "count", Zh: "月数", En: "months", Kind: casework.WholeQuantity},
			{Name: "amount", Zh: "金额", En: "amount", Kind: casework.MoneyQuantity}},
		Do: func(given casework.Given) (casework.Computed, error) {
			if given.Text("first") == "" {
				return casework.Computed{}, errors.New("no first month")
			}
			rows := []map[string]string{}
			for i := range 3 {
				rows = append(rows, map[string]string{"月份": fmt.Sprintf("%s%d", given.Text("first")[:5], i+1)})
			}
			return casework.Computed{Values: map[string]any{"list": rows, "count": 3, "amount": 528000 + len(given.Rows("known"))}, Lines: []string{"自起始月份起连续三个月"}}, nil
		}}
}

const eachMonth = `playbook: each_month
title: {zh: 逐月录入, en: month by month}
key: case.id_number
steps:
  - id: months
    compute: test.months
    with: {first: case.month}
  - id: enter
    page: benefits
    when: months.count > 0
    each: months.list
    by: row.月份
    effect: claim
    do:
      - open: 失业待遇 / 申领登记
      - fill: {证件号码: case.id_number, 申领月份: row.月份}
      - commit: {button: 提交, saved: 保存成功}
    verify:
      do:
        - open: 失业待遇 / 申领查询
        - fill: {证件号码: case.id_number}
        - click: {button: 查询}
        - read: {rows: {table: 申领记录}}
      complete: page.total == len(rows)
      happened: any(rows, .申领月份 == row.月份)
      absent: none(rows, .申领月份 == row.月份)
      same: {申领月份: row.月份}
    keep:
      受理编号: {label: 受理编号, or: 'rows[0].受理编号'}
  - id: right
    check:
      - {that: 'enter.count == months.count and yuan(months.amount) == "5280.00" and enter.rows[2].key == "202603"', else: wrong}
    end: submitted
`

func benchOf(t *testing.T, text string, switches pagetest.Switches) (*pagetest.Bench, *pagetest.Legacy) {
	t.Helper()
	for _, p := range playbooks.Lint("x.yaml", []byte(text), offered(), systems(t)) {
		if p.Severity == playbooks.Error {
			t.Fatal(p)
		}
	}
	pb, _ := playbooks.Parse("x.yaml", []byte(text))
	legacy := &pagetest.Legacy{Switches: switches}
	b := pagetest.NewBench(t, legacy)
	b.Playbook, b.Offers = pb, []casework.Calculation{months()}
	return b, legacy
}

func offered() playbooks.Schema {
	s := schema()
	s.Calculations = []casework.Calculation{months()}
	return s
}

func entered(legacy *pagetest.Legacy) []string {
	var all []string
	for _, row := range legacy.Records() {
		all = append(all, row["申领月份"])
	}
	return all
}

func TestEachRowIsCommittedOnceWhereverTheWorkerDies(t *testing.T) {
	want := []string{"202601", "202602", "202603"}
	for _, lost := range []bool{false, true} {
		for _, seam := range append(pagetest.Seams(), "") {
			for row := 1; row <= 3; row++ {
				t.Run(fmt.Sprintf("%s_%d_%v", seam, row, lost), func(t *testing.T) {
					b, legacy := benchOf(t, eachMonth, pagetest.Switches{LoseReply: lost})
					guard := seam == "before_sent" || seam == "after_sent" // there the worker freezes, and another takes the run
					reached := 0
					b.At = func(name string) {
						if name != seam {
							return
						}
						if reached++; reached == row && guard {
							b.Freeze = seam
						} else if reached == row {
							b.Crash = seam
						}
					}
					if _, err, died := b.Turn(t, "run"); died != (seam != "" && !guard) || guard && !errors.Is(err, playbooks.ErrNotHolder) {
						t.Fatalf("died %v at %q, %v", died, seam, err)
					}
					b.At = nil
					result, err, _ := b.Turn(t, "run")
					if err != nil || result.End != "submitted" || !slices.Equal(entered(legacy), want) || legacy.Posts() != 3 {
						t.Fatalf("%+v, %v, entered %v in %d posts", result, err, entered(legacy), legacy.Posts())
					}
					if n := len(b.Book.Effects()); n != 3 {
						t.Errorf("%d effects, want one for each row", n)
					}
				})
			}
		}
	}
}

func TestRowInDoubtParksAloneAndTheOthersGoOnAfterIt(t *testing.T) {
	b, legacy := benchOf(t, eachMonth, pagetest.Switches{})
	n := 0
	b.At = func(name string) {
		if name == "before_sent" {
			n++
			legacy.LoseRequest = n == 2 // the second row never arrives
		}
	}
	review := parked(t, b, "run", "absent_after_sent")
	if got := entered(legacy); !slices.Equal(got, []string{"202601"}) || !offers(review, "absent") {
		t.Fatalf("entered %v, review %+v", got, review)
	}
	if again := parked(t, b, "run", "absent_after_sent"); again.ID != review.ID {
		t.Error("asked the same twice")
	}
	b.At, legacy.LoseRequest = nil, false
	b.Answer(review, "absent")
	result, err, _ := b.Turn(t, "run")
	if err != nil || result.End != "submitted" || !slices.Equal(entered(legacy), []string{"202601", "202602", "202603"}) {
		t.Fatalf("%+v, %v, %v", result, err, entered(legacy))
	}
}

func TestRowThatARunBeforeEnteredIsNotEnteredAgain(t *testing.T) {
	b, legacy := benchOf(t, eachMonth, pagetest.Switches{})
	for _, run := range []string{"one", "two"} {
		if result, err, _ := b.Turn(t, run); err != nil || result.End != "submitted" {
			t.Fatal(result, err)
		}
	}
	posted(t, legacy, 3)
}

func TestTwoRowsOfOneKeyAskAPersonBeforeAnyClick(t *testing.T) {
	b, legacy := benchOf(t, strings.Replace(eachMonth, "by: row.月份", "by: row.月份[0:4]", 1), pagetest.Switches{})
	parked(t, b, "run", "row_twice")
	posted(t, legacy, 0)
}

func TestMoreRowsThanTheStepTakesAskAPerson(t *testing.T) {
	b, legacy := benchOf(t, strings.Replace(eachMonth, "by: row.月份", "by: row.月份\n    most: 2", 1), pagetest.Switches{})
	parked(t, b, "run", "too_many_rows")
	posted(t, legacy, 0)
}

func TestDryRunFillsTheFirstRowAndSaysHowManyThereAre(t *testing.T) {
	b, legacy := benchOf(t, eachMonth, pagetest.Switches{})
	report, _, err := b.Dry(t)
	if err != nil || report.Answer != "absent" || !slices.Contains(report.Notes, casework.DryNote{Step: "enter", Code: "first_row_of", What: "3"}) {
		t.Fatalf("%+v, %v", report, err)
	}
	posted(t, legacy, 0)
}

func TestComputationIsJournalledWithItsLinesAndNotDoneTwice(t *testing.T) {
	b, _ := benchOf(t, eachMonth, pagetest.Switches{})
	times := 0
	calc := months()
	do := calc.Do
	calc.Do = func(g casework.Given) (casework.Computed, error) { times++; return do(g) }
	b.Offers, b.Crash = []casework.Calculation{calc}, "before_intent"
	b.Turn(t, "run")
	if result, err, _ := b.Turn(t, "run"); err != nil || result.End != "submitted" || times != 1 {
		t.Fatalf("%+v, %v, computed %d times", result, err, times)
	}
	shots := b.Book.Shots("run")
	if shots[0].Name != "calculation.txt" || string(shots[0].Data) != "自起始月份起连续三个月\n" {
		t.Errorf("kept %+v", shots[0])
	}
}

func TestCalculationThatCannotComputeAsksAPerson(t *testing.T) {
	b, _ := benchOf(t, strings.Replace(eachMonth, "first: case.month", "first: case.mobile", 1), pagetest.Switches{})
	b.Snapshot.Applicant.Mobile = ""
	parked(t, b, "run", "calculation")
}

func TestTableOverPagesIsReadWhole(t *testing.T) {
	text := `playbook: list
title: {zh: 读表, en: list}
key: case.id_number
steps:
  - id: list
    page: benefits
    do:
      - open: 失业待遇 / 申领查询
      - fill: {证件号码: case.id_number}
      - read: {rows: {table: 申领记录, pages: 下一页}}
    keep:
      records: {rows: rows}
  - id: counted
    compute: test.months
    with: {first: case.month, known: 'filter(list.records, .状态 == "已受理")'}
  - id: right
    check: [{that: len(list.records) == 7 and counted.amount == 528007, else: wrong}]
    end: done
`
	claims := func(t *testing.T, switches pagetest.Switches) (*pagetest.Bench, *pagetest.Legacy) {
		b, legacy := benchOf(t, text, switches)
		for i := range 7 {
			legacy.Add(playbooks.Row{"证件号码": b.Snapshot.Applicant.IDNumber, "申领月份": fmt.Sprint(202601 + i)})
		}
		return b, legacy
	}
	b, _ := claims(t, pagetest.Switches{PageRows: 3})
	values := map[string]map[string]any{}
	b.Told = func(step playbooks.Step, v map[string]any) { values[step.ID] = maps.Clone(v) }
	if result, err, _ := b.Turn(t, "run"); err != nil || result.End != "done" || values["right"]["passed"] != true {
		t.Fatalf("%+v, %v, %v", result, err, values)
	}
	b, _ = claims(t, pagetest.Switches{PageRows: 3, StuckPage: true})
	parked(t, b, "run", "page_stuck")
	b, _ = claims(t, pagetest.Switches{PageRows: 3, Vanishing: true})
	waits(t, b, "run", "rows_moved") // 3 + 3 of 6 that were 7: the fourth was never seen
	if result, err, _ := b.Turn(t, "run"); err != nil || result.State == "" {
		t.Fatalf("once the list is still: %+v, %v", result, err)
	}
	b, _ = claims(t, pagetest.Switches{PageRows: 3, NoTotal: true})
	parked(t, b, "run", "total_missing")
}

const answer = `playbook: answer
title: {zh: 等回函, en: answer}
key: case.id_number
steps:
  - id: letter
    title: {zh: 等候信息表, en: Wait for the form}
    wait: 15 working days
    look:
      page: benefits
      do:
        - open: 失业待遇 / 申领查询
        - fill: {证件号码: case.id_number}
        - read: {rows: {table: 申领记录}}
      keep:
        found: {or: 'len(rows) > 0 ? "yes" : "no"'}
    found: found == "yes"
    every: 6h
    event: material
    remind: [{after: 5 working days, paper: correction_notice}]
  - id: late
    check: [{that: not letter.passed, else: late}]
  - {id: in_time, when: late.passed, check: [{that: letter.found != "never", else: x}], end: in_time}
  - {id: too_late, check: [{that: letter.passed, else: x}], end: too_late}
`

// waitBench stands on Friday 2026-03-06, 9:00, with a plain calendar.
func waitBench(t *testing.T) (*pagetest.Bench, *pagetest.Legacy, *time.Time) {
	t.Helper()
	b, legacy := benchOf(t, answer, pagetest.Switches{})
	clock := time.Date(2026, 3, 6, 9, 0, 0, 0, casework.China)
	b.Now = func() time.Time { return clock }
	b.Calendar = func(context.Context) (casework.Calendar, error) {
		return casework.NewCalendar(casework.CalendarYear{Year: 2026})
	}
	return b, legacy, &clock
}

func TestWaitLooksNowAndThenAndGoesOnWhenItIsThere(t *testing.T) {
	b, legacy, clock := waitBench(t)
	if f := waits(t, b, "run", "waiting_material"); f.After != 6*time.Hour {
		t.Errorf("waits %s, want 6h", f.After)
	}
	*clock = clock.Add(6 * time.Hour)
	waits(t, b, "run", "waiting_material")
	legacy.Add(playbooks.Row{"证件号码": b.Snapshot.Applicant.IDNumber})
	*clock = clock.Add(6 * time.Hour)
	if result, err, _ := b.Turn(t, "run"); err != nil || result.End != "in_time" {
		t.Fatalf("%+v, %v", result, err)
	}
	if legacy.Open() != 0 {
		t.Error("a page was held")
	}
}

func TestWaitEndsWithItsCaseEvent(t *testing.T) {
	b, _, clock := waitBench(t)
	began := *clock
	waits(t, b, "run", "waiting_material")
	*clock = clock.Add(time.Minute)
	b.Event = func(_ context.Context, name string, since time.Time) (bool, error) {
		return name == playbooks.MaterialEvent && since.Equal(began), nil
	}
	if result, err, _ := b.Turn(t, "run"); err != nil || result.End != "in_time" {
		t.Fatalf("%+v, %v", result, err)
	}
}

func TestWaitRemindsOnceAndIsOverAfterTheLastWorkingDay(t *testing.T) {
	b, _, clock := waitBench(t)
	waits(t, b, "run", "waiting_material")
	*clock = time.Date(2026, 3, 13, 23, 59, 0, 0, casework.China) // the fifth working day has not ended
	if f := waits(t, b, "run", "waiting_material"); f.After != time.Minute || len(b.Made) != 0 {
		t.Fatalf("waits %s, made %v", f.After, b.Made)
	}
	*clock = time.Date(2026, 3, 14, 0, 0, 0, 0, casework.China)
	for range 2 {
		waits(t, b, "run", "waiting_material")
	}
	if len(b.Made) != 1 {
		t.Errorf("made %v, want one reminder", b.Made)
	}
	*clock = time.Date(2026, 3, 27, 23, 59, 59, 0, casework.China) // the fifteenth
	if f := waits(t, b, "run", "waiting_material"); f.After != time.Second {
		t.Errorf("waits %s, want to the end of the day", f.After)
	}
	*clock = clock.Add(time.Second)
	if result, err, _ := b.Turn(t, "run"); err != nil || result.End != "too_late" || len(b.Made) != 1 {
		t.Fatalf("%+v, %v, made %v", result, err, b.Made)
	}
}

func TestWaitRemindsThoughItsLooksFailAndIsOverOnlyWhenOneWorked(t *testing.T) {
	b, legacy, clock := waitBench(t)
	waits(t, b, "run", "waiting_material")
	legacy.Down = true
	*clock = time.Date(2026, 3, 14, 0, 0, 0, 0, casework.China) // after the fifth working day
	waits(t, b, "run", "system_down")
	if len(b.Made) != 1 {
		t.Errorf("made %v, want the reminder", b.Made)
	}
	*clock = time.Date(2026, 3, 28, 0, 0, 0, 0, casework.China) // after the fifteenth
	waits(t, b, "run", "system_down")                           // it may have come while nobody could see
	legacy.Down = false
	if result, err, _ := b.Turn(t, "run"); err != nil || result.End != "too_late" {
		t.Fatalf("%+v, %v", result, err)
	}
}

func TestWaitForAnUnknownEventIsAnError(t *testing.T) {
	text := strings.Replace(answer, "event: material", "event: material/claim_form", 1)
	problems := playbooks.Lint("x.yaml", []byte(text), offered(), systems(t))
	if !slices.ContainsFunc(problems, func(p playbooks.Problem) bool { return p.Code == "unknown_event" && p.Severity == playbooks.Error }) {
		t.Errorf("%v", problems)
	}
}

// unproven commits and says neither what it changes nor how to look.
const unproven = `playbook: unproven
title: {zh: 无核查, en: unproven}
key: case.id_number
steps:
  - id: submit
    page: benefits
    effect: claim
    do:
      - open: 失业待遇 / 申领登记
      - fill: {证件号码: case.id_number}
      - commit: {button: 提交}
    verify: person
    end: done
`

func TestCommitWithoutEffectOrVerifyIsNeverClicked(t *testing.T) {
	for _, line := range []string{"    effect: claim\n", "    verify: person\n"} {
		pb, _ := playbooks.Parse("x.yaml", []byte(strings.Replace(unproven, line, "", 1)))
		legacy := &pagetest.Legacy{}
		b := pagetest.NewBench(t, legacy)
		b.Playbook = pb
		parked(t, b, "run", "commit_unproven")
		if legacy.Posts() != 0 {
			t.Errorf("without %q it submitted %d times", line, legacy.Posts())
		}
	}
}

func TestWaitWithoutACalendarAsksAPerson(t *testing.T) {
	b, _, _ := waitBench(t)
	b.Calendar = nil
	parked(t, b, "run", "no_calendar")
}

func TestDryRunDoesNotWait(t *testing.T) {
	b, _, _ := waitBench(t)
	report, _, err := b.Dry(t)
	if err != nil || report.End != "in_time" || !slices.Contains(report.Notes, casework.DryNote{Step: "letter", Code: "wait_left_out"}) {
		t.Fatalf("%+v, %v", report, err)
	}
}

const decision = `playbook: decision
title: {zh: 判定, en: decision}
key: case.id_number
steps:
  - id: result
    decide:
      - {when: verdict == "MANUAL_REVIEW", outcome: MANUAL_REVIEW, ground: DOUBT}
      - {when: case.month < "202604", outcome: PROPOSE_REJECT, ground: EARLY}
      - {outcome: AUTO_PASS}
  - {id: early, when: result.outcome == "PROPOSE_REJECT" and result.ground == "EARLY", check: [{that: 'true', else: x}], end: early}
  - {id: fine, check: [{that: result.outcome == "AUTO_PASS", else: x}], end: fine}
`

func TestFirstRowOfADecisionTableWins(t *testing.T) {
	for month, want := range map[casework.Month]string{202603: "early", 202604: "fine"} {
		b, _ := benchOf(t, decision, pagetest.Switches{})
		b.Snapshot.Month = month
		if result, err, _ := b.Turn(t, "run"); err != nil || result.End != want {
			t.Errorf("%s: %+v, %v", month, result, err)
		}
	}
}

func TestRowsWithoutTheirColumnAskAPersonWhoCannotCallThemDone(t *testing.T) {
	b, legacy := benchOf(t, strings.Replace(eachMonth, "by: row.月份", "by: 'row.年月 + \"/\" + row.月份'", 1), pagetest.Switches{})
	review := parked(t, b, "run", "column_missing")
	if offers(review, "done") || !offers(review, "retry") || legacy.Posts() != 0 {
		t.Errorf("choices %v, %d posts", review.Choices, legacy.Posts())
	}
}

func TestAListWhoseHeadingHasAnotherSpellingIsReadAllTheSame(t *testing.T) {
	b, legacy := clicking(t, pagetest.Switches{LoseReply: true, Renamed: map[string]string{"证件号码": "公民身份号码"}})
	if result, err, _ := b.Turn(t, "run"); err != nil || result.End != "submitted" {
		t.Fatalf("%+v, %v", result, err)
	}
	posted(t, legacy, 1)
}

func TestMistakesInTheGeneralStepsAreFound(t *testing.T) {
	for _, c := range [][3]string{
		{eachMonth, "compute: test.months", "compute: test.years"},
		{eachMonth, "with: {first: case.month}", "with: {last: case.month}"},
		{eachMonth, "with: {first: case.month}", "with: {first: len(findings)}"},
		{eachMonth, "    by: row.月份\n", ""},
		{eachMonth, "each: months.list", "each: months.count"},
		{eachMonth, "    each: months.list\n", ""},
		{eachMonth, "by: row.月份", "by: case.month"},
		{eachMonth, "happened: any(rows, .申领月份 == row.月份)", "happened: any(rows, .证件号码 == case.id_number)"},
		{eachMonth, "absent: none(rows, .申领月份 == row.月份)", "absent: none(rows, .证件号码 == case.id_number)"},
		{answer, "wait: 15 working days", "wait: some time"},
		{answer, "    found: found == \"yes\"\n", ""},
		{answer, "found == \"yes\"", "lost == \"yes\""},
		{answer, "paper: correction_notice", "paper: love_letter"},
		{decision, "      - {outcome: AUTO_PASS}\n", ""},
		{decision, "result.outcome == \"AUTO_PASS\"", "result.outcome == \"PASS\""},
		{strings.Replace(decision, "    decide", "    page: benefits\n    do: [{open: 失业待遇 / 申领查询}]\n    keep: {x: {rows: y}}\n    decide", 1), "", ""},
	} {
		text := strings.Replace(c[0], c[1], c[2], 1)
		problems := playbooks.Lint("x.yaml", []byte(text), offered(), systems(t))
		if !problems.Broken() {
			t.Errorf("%q for %q: no error found", c[2], c[1])
		}
	}
}
