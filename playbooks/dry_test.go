package playbooks_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/playbooks/pagetest"
)

// rehearsed gives a bench whose system declares locks_on_open as given.
func rehearsed(t *testing.T, switches pagetest.Switches, locks string) (*pagetest.Bench, *pagetest.Legacy) {
	t.Helper()
	legacy := &pagetest.Legacy{Switches: switches}
	b := pagetest.NewBench(t, legacy)
	if locks == "" {
		return b, legacy
	}
	file := "system: benefits\ntitle: {zh: 甲, en: x}\nbase: a\naccount: b\nsign_in: {open: /, fill: {甲: account}, click: {button: 登录}, done: 好}\n" +
		"codes: {leave_reason: {E01: 11-劳动合同期满}}\nlocks_on_open:" + locks
	system, problems := playbooks.ParseSystem("benefits.yaml", []byte(file))
	if problems.Broken() {
		t.Fatal(problems)
	}
	b.Systems["benefits"] = system
	return b, legacy
}

// untouched proves that a dry run has changed nothing.
func untouched(t *testing.T, b *pagetest.Bench, legacy *pagetest.Legacy) {
	t.Helper()
	posted(t, legacy, 0)
	if n := len(b.Book.Effects()) + len(b.Book.Entries("dry")); n != 0 || legacy.Open() != 0 || len(b.Made) != 0 {
		t.Errorf("journal lines and effects %d, open pages %d, papers %v", n, legacy.Open(), b.Made)
	}
}

func TestDryRunFillsTheFormAndLeavesIt(t *testing.T) {
	b, legacy := rehearsed(t, pagetest.Switches{}, "")
	report, shots, err := b.Dry(t)
	if err != nil {
		t.Fatal(err)
	}
	untouched(t, b, legacy)
	if legacy.Fills() == 0 || report.Step != "submit" || report.Answer != "absent" || !report.Agrees() {
		t.Errorf("filled %d, report %+v", legacy.Fills(), report)
	}
	i := slices.IndexFunc(report.Fields, func(f casework.DryField) bool { return f.Label == "姓名" })
	if i < 0 || report.Fields[i].Written != "张明" || report.Fields[i].There != "张明" {
		t.Errorf("fields %+v", report.Fields)
	}
	if len(report.Notes) != 1 || report.Notes[0] != (casework.DryNote{Step: "confirm", Code: "answer_assumed", What: "submit"}) {
		t.Errorf("notes %+v", report.Notes)
	}
	if len(shots) == 0 || shots[0].Name != "before_commit.png" {
		t.Errorf("evidence %v", shots)
	}
}

func TestDryRunShowsWhatIsThereAlready(t *testing.T) {
	b, legacy := rehearsed(t, pagetest.Switches{Alter: playbooks.Row{"银行账号": "6222020000000000099"}}, "")
	legacy.EnterByHand()
	report, _, err := b.Dry(t)
	if err != nil || report.Answer != "record_differs" || len(report.Found) != 2 {
		t.Fatalf("got %+v, %v", report, err)
	}
	for _, f := range report.Found {
		if f.Same != (f.Label == "姓名") {
			t.Errorf("found %+v", f)
		}
	}
	untouched(t, b, legacy)
}

func TestDryRunFollowsThePathToItsEnd(t *testing.T) {
	b, legacy := rehearsed(t, pagetest.Switches{}, "")
	b.Snapshot.Assessment.Verdict = casework.ReturnForCorrection
	report, _, err := b.Dry(t)
	if err != nil || report.Step != "" || report.End != "returned" || report.Notes[0].Code != "paper_left_out" {
		t.Fatalf("got %+v, %v", report, err)
	}
	untouched(t, b, legacy)
}

func TestDryRunKeepsOffPagesThatLock(t *testing.T) {
	const wayOut = "\n  - open: 失业待遇 / 申领登记\n    leave: [{click: {button: 取消}}]\n    proof: 已解除锁定\n"
	for _, c := range []struct {
		name, locks, code string
		switches          pagetest.Switches
		fills             bool
		locked            int
	}{
		{"whole system", " all\n", "locks_on_open", pagetest.Switches{}, false, 0},
		{"no way out", "\n  - open: 失业待遇/申领登记\n", "locks_on_open", pagetest.Switches{LockOnOpen: true}, false, 0},
		{"another page", "\n  - open: 失业待遇 / 别的\n", "", pagetest.Switches{}, true, 0},
		{"way out proven", wayOut, "", pagetest.Switches{LockOnOpen: true}, true, 0},
		{"way out not proven", wayOut, "leave_unverified", pagetest.Switches{LockOnOpen: true, StuckLock: true}, false, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, legacy := rehearsed(t, c.switches, c.locks)
			_, _, err := b.Dry(t)
			if f, _ := errors.AsType[*casework.Fault](err); (f == nil) != (c.code == "") || f != nil && f.Code != c.code {
				t.Fatalf("got %v, want %q", err, c.code)
			}
			if (legacy.Fills() > 0) != c.fills || legacy.Locked() != c.locked {
				t.Errorf("filled %d, locked %d", legacy.Fills(), legacy.Locked())
			}
			untouched(t, b, legacy)
		})
	}
}

func TestDryRunStopsAtWhatWouldAskAPerson(t *testing.T) {
	b, legacy := rehearsed(t, pagetest.Switches{Fallback: "姓名"}, "")
	_, _, err := b.Dry(t)
	if f, ok := errors.AsType[*casework.Fault](err); !ok || f.Code != "locator_fallback" {
		t.Errorf("got %v", err)
	}
	untouched(t, b, legacy)
}

func TestLocksAreRead(t *testing.T) {
	head := "system: s\ntitle: {zh: 甲, en: x}\nbase: a\naccount: b\nsign_in: {open: /, fill: {甲: account}, click: {button: 登录}, done: 好}\nlocks_on_open:"
	for text, code := range map[string]string{
		" some\n": "bad_locks",
		"\n  - leave: [{click: {button: 取消}}]\n    proof: 好\n":             "missing_key",
		"\n  - open: 甲\n    leave: [{click: {button: 取消}}]\n":              "missing_key",
		"\n  - open: 甲\n    leave: [{fill: {甲: '\"x\"'}}]\n    proof: 好\n": "leave_enters",
	} {
		_, problems := playbooks.ParseSystem("s.yaml", []byte(head+text))
		if !slices.ContainsFunc(problems, func(p playbooks.Problem) bool { return p.Code == code }) {
			t.Errorf("%s: want %s, got %v", strings.TrimSpace(text), code, problems)
		}
	}
}
