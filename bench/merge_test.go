package bench

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/fixtures/legacy/old"
	legacy "github.com/jingban/jingban/fixtures/legacy/persons"
	"github.com/jingban/jingban/persons"
)

// TestProposalBooksAndOracleAgreeOnEveryBranch lets three programs that share no
// code work out the same merges: ours, the fake system's and the oracle.
func TestProposalBooksAndOracleAgreeOnEveryBranch(t *testing.T) {
	fake, err := legacy.Open(old.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { fake.Close() })
	s := &mergeSite{fake: fake}
	rnd := rand.New(rand.NewPCG(9, 9))
	merged := 0
	for i := range 3 * len(branches()) {
		c := newMergeCase(rnd, i)
		for _, side := range []mergeSide{c.a, c.b} {
			if err := fake.Add(t.Context(), side.person, side.rows); err != nil {
				t.Fatal(err)
			}
		}
		want, out := c.expected(), proposed(t, c)
		if out["refused"] != (want.end == "suspended") {
			t.Errorf("%s: refused %v (%v); want %s", c.branch, out["refused"], out["refusal"], want.end)
		}
		if want.end != "merged" {
			continue
		}
		merged++
		if out["main"] != want.main || out["balance"] != int(want.balance) {
			t.Errorf("%s: main %v with %v; want %s with %d", c.branch, out["main"], out["balance"], want.main, want.balance)
		}
		undoRestores(t, s, c, want)
	}
	if merged < len(branches()) {
		t.Errorf("only %d merges", merged)
	}
}

// undoRestores merges in the fake's books, judges them, takes the merge back and
// wants them as they were.
func undoRestores(t *testing.T, s *mergeSite, c *mergeCase, want expectation) {
	t.Helper()
	before, err := s.fake.Dump(t.Context(), want.main, want.sub)
	if err != nil {
		t.Fatal(err)
	}
	serial, err := s.fake.Enter(t.Context(), want.main, want.sub, "robot01")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.fake.Approve(t.Context(), serial, "robot01"); err == nil {
		t.Fatal("the account that entered a merge reviewed it")
	}
	if err := s.fake.Approve(t.Context(), serial, "clerk02"); err != nil {
		t.Fatal(err)
	}
	if wrong, err := s.compareBooks(t.Context(), want); err != nil || wrong != "" {
		t.Errorf("%s: %s %v", c.branch, wrong, err)
	}
	if err := s.fake.TakeBack(t.Context(), serial); err != nil {
		t.Errorf("%s: %v", c.branch, err)
	}
	after, err := s.fake.Dump(t.Context(), want.main, want.sub)
	if err != nil || after != before {
		t.Errorf("%s: the books are not as they were", c.branch)
	}
}

// proposed computes what the playbook would, from the tables as the pages show them.
func proposed(t *testing.T, c *mergeCase) map[string]any {
	t.Helper()
	given := casework.Given{"level": c.level}
	for name, side := range map[string]mergeSide{"a": c.a, "b": c.b} {
		given[name], given[name+"_months"], given[name+"_benefits"] = basicShown(side.person), monthsShown(side.rows), []map[string]string{}
		for _, month := range side.person.Benefits {
			given[name+"_benefits"] = append(given.Rows(name+"_benefits"), map[string]string{"待遇月份": month})
		}
	}
	calculation := persons.Calculations()[0]
	out, err := calculation.Do(given)
	if err != nil {
		t.Fatalf("%s: %v", c.branch, err)
	}
	if err := calculation.Check(out.Values); err != nil {
		t.Fatal(err)
	}
	return out.Values
}

// TestMergesGoThroughChromium drives three branches through the playbooks, each on
// a bad day, and takes the merges back.
func TestMergesGoThroughChromium(t *testing.T) {
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("REQUIRE_REAL") == "1" {
			t.Fatal("chromium is missing; run make setup")
		}
		t.Skip("chromium is missing; run make setup")
	}
	dir, err := os.MkdirTemp("", "jingban-merge-") // where another user may walk
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	r, err := Merge(t.Context(), MergeOptions{Merges: 3, Seed: 5, Chromium: chromium, Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if r.Right != 3 || r.Wrong+r.Twice != 0 || r.Exact != 3 || r.Papers["merge_confirmation.pdf"] != 3 || r.Papers["refund_form.pdf"] != 2 {
		t.Errorf("right %d, wrong %d, twice %d, undone exactly %d, papers %v: %v", r.Right, r.Wrong, r.Twice, r.Exact, r.Papers, r.Mistakes)
	}
}

func shownYes(b bool) string {
	if b {
		return "是"
	}
	return "否"
}

func shownYuan(fen int64) string { return fmt.Sprintf("%d.%02d", fen/100, fen%100) }

func basicShown(p legacy.Person) []map[string]string {
	active := "中断"
	if p.Active {
		active = "正常参保"
	}
	return []map[string]string{{"编号": p.No, "姓名": p.Name, "证件号码": p.IDNumber, "核验": shownYes(p.Verified), "性别": p.Sex, "出生日期": p.Birth, "户籍": p.Province,
		"合并至": p.Into, "社保卡": shownYes(p.Card), "待遇": shownYes(p.Drawing), "死亡": shownYes(p.Dead), "参保状态": active, "首次参保": p.First,
		"视同月数": strconv.Itoa(p.Deemed), "特殊工种": strconv.Itoa(p.Special), "冻结": shownYes(p.Frozen), "异议": shownYes(p.Objected), "在途业务": shownYes(p.Open),
		"账户余额": shownYuan(p.Balance)}}
}

func monthsShown(rows []legacy.Month) []map[string]string {
	shown := []map[string]string{}
	for _, m := range rows {
		state := m.State
		if state == "" {
			state = "正常"
		}
		shown = append(shown, map[string]string{"险种": m.Insurance, "参保关系": m.Relation, "费款所属期": m.Month, "到账年月": m.Received, "单位缴费": shownYes(m.Employer),
			"缴费基数": shownYuan(m.Base), "个人缴费": shownYuan(m.Personal), "利息": shownYuan(m.Interest), "状态": state})
	}
	return shown
}
